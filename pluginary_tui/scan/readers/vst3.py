"""Read the plugins of a VST3 module through their own interfaces. Runs only in a process of its own.

Nothing that a plugin answers is trusted: counts are bounded, what it refuses to answer is left out, and texts stay raw
until `scan.report` cleans them. What it does to the process is for the process that watches over this one.
"""

from __future__ import annotations

import ctypes
import math
import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from pluginary_tui.model import CHOICE_LIMIT
from pluginary_tui.scan.readers import vst3_interfaces as vst3
from pluginary_tui.scan.readers.module import Library, ModuleError
from pluginary_tui.scan.readers.sequence import (
    BUS_LIMIT,
    PARAMETER_LIMIT,
    PROGRAM_LIMIT,
    Message,
    RefusedError,
    Request,
    counted,
    read_each,
)
from pluginary_tui.scan.readers.vst3_factory import REFUSALS, Module
from pluginary_tui.scan.readers.vst3_host import CONTEXT, HANDLER, Stream

if TYPE_CHECKING:
    from pluginary_tui.isolation.jobs import Send

UNIT_LIMIT = 4_096

MIDI_CHANNELS = 16
MIDI_CONTROLLERS = 130
"""Controllers 0 to 127, aftertouch and pitch bend (ControllerNumbers of ivstmidicontrollers.h)."""
MIDI_BUSES = 4

MAPPED = 1 << 30
"""Set by this module among a parameter's flags where MIDI mapping names it; VST3 uses no such flag."""


def read(request: Request, send: Send) -> None:
    """Read the bundle and send what is found. Raises ModuleError for a bundle that cannot be opened."""
    if os.path.isfile(request.path):
        Library(request.path)  # says first what is wrong with the file itself
        raise ModuleError("It is a single file, and a VST3 for Linux is a folder")
    module = Module(request.path, lazy=request.lazy)
    described = [each.described(at) for at, each in enumerate(module.classes)]
    read_each(request, described, lambda at: Instance(module, module.classes[at].cid), send)


class Instance:
    """One instance of a plugin: its component, its controller, and what is read from both."""

    def __init__(self, module: Module, cid: bytes) -> None:
        self._module, self._cid = module, cid
        self._component = 0
        self._controller = 0
        self._separate = False
        """Whether the controller is an object of its own."""
        self._connected: tuple[int, int] | None = None
        self._held: list[int] = []
        """Addresses of further interfaces, each to be released once."""

    def _interface(self, address: int, wanted: bytes) -> int:
        """Another interface of component or controller, held until the end; 0 where there is none."""
        found = vst3.query(address, wanted) if address else 0
        if found:
            self._held.append(found)
        return found

    def start(self) -> None:
        """Make component and controller, initialize them, connect them and hand on the component's state.

        The order is the one that the VST3 documentation prescribes and that hosts keep. Raises RefusedError.
        """
        component = self._module.create(self._cid, vst3.COMPONENT)
        if not component:
            raise RefusedError("Its factory makes no instance of it")
        self._component = component
        if vst3.method(component, vst3.INITIALIZE)(CONTEXT.address) != vst3.OK:
            raise RefusedError("It refuses to be initialized")
        self._controller = self._find_controller()
        if not self._controller:
            return
        vst3.method(self._controller, vst3.SET_COMPONENT_HANDLER)(HANDLER.address)
        if self._separate:
            self._connect()
        stream = Stream()
        if vst3.method(component, vst3.GET_STATE)(stream.address) == vst3.OK and stream.data:
            stream.position = 0
            vst3.method(self._controller, vst3.SET_COMPONENT_STATE)(stream.address)

    def _find_controller(self) -> int:
        """The address of the edit controller; 0 where the plugin has none that can be made."""
        if own := vst3.query(self._component, vst3.EDIT_CONTROLLER):
            return own
        cid = vst3.ClassId()
        if vst3.method(self._component, vst3.GET_CONTROLLER_CLASS)(ctypes.addressof(cid)) != vst3.OK:
            return 0
        controller = self._module.create(cid.raw, vst3.EDIT_CONTROLLER)
        if not controller:
            return 0
        self._separate = True
        if vst3.method(controller, vst3.INITIALIZE)(CONTEXT.address) != vst3.OK:
            return 0
        return controller

    def _connect(self) -> None:
        ends = tuple(self._interface(each, vst3.CONNECTION_POINT) for each in (self._component, self._controller))
        if all(ends):
            self._connected = (ends[0], ends[1])
            vst3.method(ends[0], vst3.CONNECT)(ends[1])
            vst3.method(ends[1], vst3.CONNECT)(ends[0])

    def facts(self) -> Message:
        """Buses, latency, parameters and programs, as a report's message has them."""
        buses = list(self._buses())
        groups, programs = self._units()
        mapped = self._mapped(sum(bus[0] == "event" and bus[1] == "input" for bus in buses))
        return {
            "buses": buses,
            "latency_samples": self._latency(),
            "programs": programs,
            "parameters": list(self._parameters(groups, mapped)),
        }

    def _buses(self) -> Iterator[list[Any]]:
        """Each bus as media, direction, name, channels and whether it is a main one."""
        count_of = vst3.method(self._component, vst3.COUNT_BUSES)
        describe = vst3.method(self._component, vst3.GET_BUS_INFO)
        buffer = vst3.BusInfo()
        for media, media_name in enumerate(vst3.MEDIA):
            for direction, direction_name in enumerate(vst3.DIRECTIONS):
                for index in counted(count_of(media, direction), BUS_LIMIT):
                    if describe(media, direction, index, ctypes.addressof(buffer)) != vst3.OK:
                        break
                    _, _, channels, name, kind, _ = vst3.BUS_INFO.unpack_from(buffer)
                    yield [media_name, direction_name, vst3.text_16(name), channels, kind == 0]

    def _latency(self) -> int:
        processor = self._interface(self._component, vst3.AUDIO_PROCESSOR)
        return int(vst3.method(processor, vst3.GET_LATENCY)()) if processor else 0

    def _units(self) -> tuple[dict[int, str], list[str]]:
        """Names of groups by unit id, and the names of all programs."""
        info = self._interface(self._controller, vst3.UNIT_INFO)
        if not info:
            return {}, []
        units: dict[int, tuple[int, str]] = {}
        buffer = vst3.Unit()
        describe = vst3.method(info, vst3.GET_UNIT)
        for index in counted(vst3.method(info, vst3.COUNT_UNITS)(), UNIT_LIMIT):
            if describe(index, ctypes.addressof(buffer)) != vst3.OK:
                break
            id_, parent, name, _ = vst3.UNIT.unpack_from(buffer)
            units[id_] = (parent, vst3.text_16(name))
        return {id_: _group(id_, units) for id_ in units}, list(_programs(info))

    def _mapped(self, event_inputs: int) -> set[int]:
        """Ids of the parameters that stand for MIDI controllers."""
        mapping = self._interface(self._controller, vst3.MIDI_MAPPING) if event_inputs else 0
        if not mapping:
            return set()
        assignment = vst3.method(mapping, vst3.GET_MIDI_ASSIGNMENT)
        id_ = ctypes.c_uint32()
        found = set()
        pointer = ctypes.byref(id_)
        for bus in range(min(event_inputs, MIDI_BUSES)):
            for channel in range(MIDI_CHANNELS):
                for controller in range(MIDI_CONTROLLERS):
                    if assignment(bus, channel, controller, pointer) == vst3.OK:
                        found.add(id_.value)
        return found

    def _parameters(self, groups: dict[int, str], mapped: set[int]) -> Iterator[list[Any]]:
        """Each parameter as the values that `scan.report.PARAMETER_FIELDS` names."""
        if not self._controller:
            return
        describe = vst3.method(self._controller, vst3.GET_PARAMETER_INFO)
        value_of = vst3.method(self._controller, vst3.GET_PARAMETER_VALUE)
        word = _wording(vst3.method(self._controller, vst3.GET_PARAMETER_TEXT))
        buffer = vst3.ParameterInfo()
        address = ctypes.addressof(buffer)
        refused = 0
        for index in counted(vst3.method(self._controller, vst3.COUNT_PARAMETERS)(), PARAMETER_LIMIT):
            if describe(index, address) != vst3.OK:
                refused += 1
                if refused > REFUSALS:
                    return
                continue
            refused = 0
            id_, title, short, units, steps, default, unit, flags = vst3.PARAMETER_INFO.unpack_from(buffer)
            start = _normalized(value_of(id_))
            default = _normalized(default)
            if id_ in mapped:
                flags |= MAPPED
            count = steps + 1 if 0 < steps <= CHOICE_LIMIT - 1 else 0
            choices = [word(id_, step / steps) for step in range(count)] if not flags & MAPPED else []
            yield [
                id_,
                vst3.text_16(title),
                vst3.text_16(short),
                vst3.text_16(units),
                groups.get(unit, ""),
                default,
                start,
                "" if default is None else word(id_, default),
                choices[0] if choices else word(id_, 0.0),
                choices[-1] if choices else word(id_, 1.0),
                "" if start is None else word(id_, start),
                max(steps, 0),
                flags,
                choices if all(choices) else [],
            ]

    def end(self) -> None:
        """Take the plugin apart in the order of the VST3 documentation: disconnect, controller, component."""
        if self._connected:
            near, far = self._connected
            vst3.method(near, vst3.DISCONNECT)(far)
            vst3.method(far, vst3.DISCONNECT)(near)
        for held in reversed(self._held):
            vst3.method(held, vst3.RELEASE)()
        if self._controller:
            vst3.method(self._controller, vst3.SET_COMPONENT_HANDLER)(None)
            if self._separate:
                vst3.method(self._controller, vst3.TERMINATE)()
            vst3.method(self._controller, vst3.RELEASE)()
        if self._component:
            vst3.method(self._component, vst3.TERMINATE)()
            vst3.method(self._component, vst3.RELEASE)()


def _normalized(value: float) -> float | None:
    """A value between 0 and 1; None for what is no number."""
    return min(1.0, max(0.0, value)) if math.isfinite(value) else None


def _group(id_: int, units: dict[int, tuple[int, str]]) -> str:
    """The names of a unit and of those around it, without the root, which stands for the plugin."""
    names: list[str] = []
    seen = set()
    while id_ in units and id_ != 0 and id_ not in seen:
        seen.add(id_)
        id_, name = units[id_]
        if name:
            names.append(name)
    return " / ".join(reversed(names))


def _programs(info: int) -> Iterator[str]:
    describe = vst3.method(info, vst3.GET_PROGRAM_LIST)
    name_of = vst3.method(info, vst3.GET_PROGRAM_NAME)
    buffer, name = vst3.ProgramList(), vst3.Name()
    left = PROGRAM_LIMIT
    for index in counted(vst3.method(info, vst3.COUNT_PROGRAM_LISTS)(), PROGRAM_LIMIT):
        if describe(index, ctypes.addressof(buffer)) != vst3.OK:
            return
        id_, _, count = vst3.PROGRAM_LIST.unpack_from(buffer)
        for program in counted(count, left):
            if name_of(id_, program, ctypes.addressof(name)) != vst3.OK:
                break
            left -= 1
            yield vst3.text_16(name.raw)


def _wording(function: Callable[..., int]) -> Callable[[int, float], str]:
    """A function that gives a parameter's value as text; empty where the plugin refuses."""
    buffer = vst3.Name()
    address = ctypes.addressof(buffer)

    def word(id_: int, value: float) -> str:
        ctypes.memset(address, 0, 2)  # some return OK and write nothing
        return vst3.text_16(buffer.raw) if function(id_, value, address) == vst3.OK else ""

    return word
