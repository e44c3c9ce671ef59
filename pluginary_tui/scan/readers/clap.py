"""Read the plugins of a CLAP through their own interfaces. Runs only in a process of its own.

Nothing that a plugin answers is trusted: counts are bounded, what it refuses to answer is left out, and texts stay raw
until `scan.report` cleans them.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pluginary_tui.model import CHOICE_LIMIT
from pluginary_tui.scan.readers import clap_interfaces as clap
from pluginary_tui.scan.readers.clap_host import HOST, callback_wanted
from pluginary_tui.scan.readers.clap_presets import FilePreset, in_files, programs
from pluginary_tui.scan.readers.control_ports import number
from pluginary_tui.scan.readers.module import Library, ModuleError, module_path, this_machine
from pluginary_tui.scan.readers.sequence import (
    BUS_LIMIT,
    PARAMETER_LIMIT,
    Message,
    RefusedError,
    Request,
    counted,
    counted_aloud,
    read_each,
)
from pluginary_tui.scan.readers.vst3_interfaces import CAN_AUTOMATE, IS_BYPASS, IS_HIDDEN, READ_ONLY

if TYPE_CHECKING:
    from pluginary_tui.isolation.jobs import Send

PLUGIN_LIMIT = 4_096
FEATURE_LIMIT = 64
REFUSALS = 64
"""Parameters in a row that a plugin may refuse before its count is taken for wrong."""
SAMPLE_RATE, FRAMES = 48_000.0, 1_024
_TEXT_BYTES = 256
_MIDI_CHANNELS = 16


def read(request: Request, send: Send) -> None:
    """Read the bundle and send what is found.

    Raises ModuleError for a bundle that cannot be opened or is no CLAP.
    """
    module = _Module(request.path, lazy=request.lazy)
    described = [_described(at, each) for at, each in enumerate(module.descriptors)]
    read_each(request, described, lambda at: _Instance(module, at), send)


def file_presets(path: str) -> tuple[list[FilePreset], list[str]]:
    """The presets in files that a bundle tells of, and where it says that some are.

    Raises ModuleError for a bundle that cannot be opened or is no CLAP.
    """
    return in_files(_Module(path, lazy=False)._get_factory)


class _Module:
    """A CLAP's library, entered for good."""

    def __init__(self, path: str, *, lazy: bool) -> None:
        library = Library(module_path(path, *this_machine()), lazy=lazy)
        try:
            entry = clap.Entry.in_dll(library, "clap_entry")  # type: ignore[arg-type]
        except ValueError as error:
            raise ModuleError("It has no clap_entry, so it is not a CLAP") from error
        if not entry.init or not entry.get_factory:
            raise ModuleError("Its clap_entry is empty")
        if not entry.init(path.encode()):
            raise ModuleError("Its clap_entry refused")
        self._get_factory = entry.get_factory
        self._address = entry.get_factory(clap.PLUGIN_FACTORY)
        if not self._address:
            raise ModuleError("It has no factory of plugins")
        self._factory = clap.Factory.from_address(self._address)
        count = counted_aloud(self._factory.count(self._address), PLUGIN_LIMIT, "plugins", path)
        addresses = (self._factory.descriptor(self._address, at) for at in count)
        self.descriptors = [clap.Descriptor.from_address(each) for each in addresses if each]

    @cached_property
    def programs(self) -> dict[bytes, list[str]]:
        """Names of the presets inside it, by the id of their plugin."""
        return programs(self._get_factory)

    def create(self, id_: bytes) -> int:
        """The address of a new instance; 0 where the factory makes none."""
        return self._factory.create(self._address, ctypes.addressof(HOST), id_) or 0


def _described(at: int, each: clap.Descriptor) -> Message:
    features = []
    for index in range(FEATURE_LIMIT if each.features else 0):
        feature = each.features[index]
        if feature is None:
            break
        features.append(_text(feature))
    return {
        "position": at,
        "name": _text(each.name) or _text(each.id),
        "vendor": _text(each.vendor),
        "version": _text(each.plugin_version),
        "category": "|".join(features),
        "uid": _text(each.id),
        "kind": "instrument" if "instrument" in features else "effect",
    }


class _Instance:
    """One instance of a plugin, and what is read from it."""

    def __init__(self, module: _Module, at: int) -> None:
        self._module = module
        self._id = module.descriptors[at].id or b""
        self._address = 0

    def start(self) -> None:
        """Make and initialize it. Raises RefusedError."""
        self._address = self._module.create(self._id)
        if not self._address:
            raise RefusedError("Its factory makes no instance of it")
        self._plugin = clap.Plugin.from_address(self._address)
        if not self._plugin.init(self._address):
            raise RefusedError("It refuses to be initialized")
        if callback_wanted():
            self._plugin.on_main_thread(self._address)

    def end(self) -> None:
        if self._address:
            clap.Plugin.from_address(self._address).destroy(self._address)

    def facts(self) -> Message:
        """Ports, latency, parameters and presets."""
        return {
            "buses": [*self._audio(), *self._notes()][:BUS_LIMIT],
            "parameters": list(self._parameters()),
            "latency_samples": self._latency(),
            "programs": self._module.programs.get(self._id, []),
        }

    def _extension(self, name: bytes, kind: Any) -> Any:
        address = self._plugin.get_extension(self._address, name)
        return kind.from_address(address) if address else None

    def _latency(self) -> int:
        """The latency, which a plugin need only know while it is active (ext/latency.h)."""
        latency = self._extension(clap.LATENCY, clap.Latency)
        if latency is None or not self._plugin.activate(self._address, SAMPLE_RATE, 1, FRAMES):
            return 0
        samples = int(latency.get(self._address))
        self._plugin.deactivate(self._address)
        return samples

    def _ports(self, name: bytes, kind: Any) -> Iterator[tuple[str, Any]]:
        ports = self._extension(name, clap.Ports)
        if ports is None:
            return
        for direction in ("input", "output"):
            for index in counted(ports.count(self._address, direction == "input"), BUS_LIMIT):
                info = kind()
                if not ports.get(self._address, index, direction == "input", ctypes.addressof(info)):
                    break
                yield direction, info

    def _audio(self) -> Iterator[list[Any]]:
        for direction, info in self._ports(clap.AUDIO_PORTS, clap.AudioPortInfo):
            yield ["audio", direction, _text(info.name), info.channels, bool(info.flags & clap.MAIN_PORT)]

    def _notes(self) -> Iterator[list[Any]]:
        for direction, info in self._ports(clap.NOTE_PORTS, clap.NotePortInfo):
            yield ["event", direction, _text(info.name), _MIDI_CHANNELS, True]

    def _parameters(self) -> Iterator[list[Any]]:
        """Each parameter as the values that `scan.report.PARAMETER_FIELDS` names."""
        params = self._extension(clap.PARAMS, clap.Params)
        if params is None:
            return
        word, info, value = self._wording(params), clap.ParamInfo(), ctypes.c_double()
        refused = 0
        for index in counted_aloud(params.count(self._address), PARAMETER_LIMIT, "parameters", _text(self._id)):
            ctypes.memset(ctypes.addressof(info), 0, ctypes.sizeof(info))
            if not params.get_info(self._address, index, ctypes.addressof(info)):
                refused += 1
                if refused > REFUSALS:
                    return
                continue
            refused = 0
            known = params.get_value(self._address, info.id, ctypes.byref(value))
            yield _parameter(info, value.value if known else info.default, word)

    def _wording(self, params: clap.Params) -> Callable[[int, float], str]:
        """A function that gives a value as the plugin words it, or as a number where it does not."""
        buffer = ctypes.create_string_buffer(_TEXT_BYTES)
        address = ctypes.addressof(buffer)

        def word(id_: int, value: float) -> str:
            if not math.isfinite(value):
                return ""
            ctypes.memset(address, 0, _TEXT_BYTES)
            if params.value_to_text and params.value_to_text(self._address, id_, value, address, _TEXT_BYTES):
                return _text(buffer.raw.partition(b"\0")[0])
            return number(value)

        return word


def _parameter(info: clap.ParamInfo, start: float, word: Callable[[int, float], str]) -> list[Any]:
    low, high, id_ = info.minimum, info.maximum, info.id
    span = high - low
    stepped = bool(info.flags & (clap.STEPPED | clap.ENUM)) and math.isfinite(span) and 0 < span < 1 << 31
    steps = int(span) if stepped else 0
    choices = [word(id_, low + step) for step in range(steps + 1)] if 0 < steps < CHOICE_LIMIT else []
    flags = 0
    for theirs, ours in (
        (clap.AUTOMATABLE, CAN_AUTOMATE),
        (clap.READ_ONLY, READ_ONLY),
        (clap.HIDDEN, IS_HIDDEN),
        (clap.BYPASS, IS_BYPASS),
    ):
        flags |= ours if info.flags & theirs else 0
    group = " / ".join(part for part in _text(info.module).split("/") if part)
    return [
        id_,
        _text(info.name),
        "",
        "",
        group,
        _normalized(info.default, low, span),
        _normalized(start, low, span),
        word(id_, info.default),
        word(id_, low),
        word(id_, high),
        word(id_, start),
        steps,
        flags,
        choices if all(choices) else [],
    ]


def _normalized(value: float, low: float, span: float) -> float | None:
    """Where a value lies between the ends, 0 to 1; None where that is not known."""
    if not (math.isfinite(value) and math.isfinite(span) and span > 0):
        return None
    return min(1.0, max(0.0, (value - low) / span))


def _text(raw: bytes | None) -> str:
    return (raw or b"").decode("utf-8", "replace")
