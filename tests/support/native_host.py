"""Loads LADSPA and LV2 plugins by ctypes, so that the measuring can be tried on plugins that pedalboard does not load.

For benchmarks only, each plugin in a process of its own. Sources: ladspa.h, and lv2core, urid, options, buf-size,
atom and worker of the LV2 specification.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator, Mapping
from ctypes import CFUNCTYPE, Structure, c_char_p, c_double, c_float, c_int, c_ulong, c_void_p
from ctypes import c_uint32 as u32
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyoxigraph as rdf

from pluginary_tui.scan.readers import ladspa
from pluginary_tui.sound.dsp.test_signals import BLOCK, RATE
from pluginary_tui.sound.parameter_settings import is_knob, is_sound_parameter, opened, seeded_position
from pluginary_tui.sound.probe.output_monitor import Audio

LV2 = "http://lv2plug.in/ns/lv2core#"
ATOM = "http://lv2plug.in/ns/ext/atom#"
EXT = "http://lv2plug.in/ns/ext/"
PROPS = EXT + "port-props#"


@dataclass(slots=True)
class Port:
    index: int
    name: str
    kind: str
    """audio, control or atom."""
    output: bool
    low: float = 0.0
    high: float = 1.0
    default: float = 0.0
    steps: int = 0
    log: bool = False
    aside: bool = False
    """A side chain."""
    latency: bool = False

    @property
    def geometric(self) -> bool:
        """Whether positions are spread geometrically: so stated, or a gain or a frequency over two decades."""
        return self.low > 0 and (self.log or self.high > 100 * self.low) and not self.steps

    def at(self, place: float) -> float:
        if self.geometric:
            value = self.low * (self.high / self.low) ** place
        else:
            value = self.low + place * (self.high - self.low)
        return float(round(value)) if self.steps else value

    @property
    def initial(self) -> float:
        if not self.high > self.low:
            return 0.0
        default = min(max(self.default, self.low), self.high)
        if self.geometric:
            return math.log(default / self.low) / math.log(self.high / self.low)
        return (default - self.low) / (self.high - self.low)


@dataclass(slots=True)
class Found:
    """A plugin that can be loaded."""

    id: str
    name: str
    vendor: str
    binary: str
    label: str
    """The LADSPA label or the LV2 URI."""
    ports: list[Port] = field(default_factory=list)
    category: str = ""

    def audio(self, *, output: bool) -> list[Port]:
        return [p for p in self.ports if p.kind == "audio" and p.output == output and not p.aside]


def _steps(low: float, high: float, *, toggled: bool, whole: bool) -> int:
    return 2 if toggled else int(high - low) + 1 if whole and high - low < 4096 else 0


def _ladspa_port(index: int, name: str, kind: int, hint: Any) -> Port:
    hints = hint.hints
    scale = RATE if hints & ladspa.SAMPLE_RATE else 1
    low = hint.lower * scale if hints & ladspa.BELOW else 0.0
    high = hint.upper * scale if hints & ladspa.ABOVE else (1.0 if hints & ladspa.TOGGLED else low + 1)
    default = ladspa._default(hint)
    fixed = hints & ladspa.DEFAULT_MASK in ladspa.FIXED
    default = low if default is None else default * (1 if fixed else scale)
    steps = _steps(low, high, toggled=bool(hints & ladspa.TOGGLED), whole=bool(hints & ladspa.INTEGER))
    return Port(
        *(index, name, "audio" if kind & ladspa.AUDIO else "control", bool(kind & ladspa.OUTPUT)),
        *(low, high, default, steps, bool(hints & ladspa.LOGARITHMIC)),
        latency="latency" in name.lower(),
    )


def ladspa_plugins(path: Path) -> list[Found]:
    """The plugins of one LADSPA library."""
    get = ctypes.CDLL(str(path)).ladspa_descriptor
    get.restype, get.argtypes = c_void_p, [c_ulong]
    found = []
    for index in range(4096):
        if not (address := get(index)):
            break
        each = ladspa.Descriptor.from_address(address)
        label = each.label.decode("latin-1")
        ports = [
            _ladspa_port(n, each.port_names[n].decode("latin-1"), each.port_kinds[n], each.port_hints[n])
            for n in range(each.port_count)
        ]
        id_ = f"ladspa/{path.stem}/{label}"
        found.append(Found(id_, each.name.decode("latin-1"), "", str(path), label, ports))
    return found


def lv2_plugins(bundle: Path) -> Iterator[Found]:
    """The plugins of one LV2 bundle."""
    store = rdf.Store()
    base = bundle.resolve().as_uri() + "/"
    for file in bundle.glob("*.ttl"):
        try:
            store.load(path=str(file), format=rdf.RdfFormat.TURTLE, base_iri=base + file.name)
        except Exception:
            continue

    def values(subject: Any, predicate: str) -> list[Any]:
        return [q.object for q in store.quads_for_pattern(subject, rdf.NamedNode(predicate), None)]

    def first(subject: Any, predicate: str, otherwise: str = "") -> str:
        return next((v.value for v in values(subject, predicate)), otherwise)

    kind = rdf.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    for quad in list(store.quads_for_pattern(None, kind, rdf.NamedNode(LV2 + "Plugin"))):
        subject = quad.subject
        ports = []
        for port in {p.value: p for p in values(subject, LV2 + "port")}.values():
            kinds = {v.value for v in values(port, kind.value)}
            props = {v.value for v in values(port, LV2 + "portProperty")}
            name = "audio" if LV2 + "AudioPort" in kinds else "control" if LV2 + "ControlPort" in kinds else "atom"
            name = "cv" if LV2 + "CVPort" in kinds else name
            ends = (("minimum", "0"), ("maximum", "1"), ("default", "0"))
            low, high, default = (float(first(port, LV2 + word, otherwise)) for word, otherwise in ends)
            scale = RATE if LV2 + "sampleRate" in props else 1
            low, high = low * scale, high * scale
            whole = bool(props & {LV2 + "integer", LV2 + "enumeration"})
            steps = _steps(low, high, toggled=LV2 + "toggled" in props, whole=whole)
            at, shown = int(first(port, LV2 + "index", "0")), first(port, LV2 + "name")
            ports.append(
                Port(
                    *(at, shown, name, LV2 + "OutputPort" in kinds),
                    *(low, high, default * scale, steps, PROPS + "logarithmic" in props),
                    aside=LV2 + "isSideChain" in props or "sidechain" in first(port, LV2 + "symbol").lower(),
                    latency=LV2 + "reportsLatency" in props or first(port, LV2 + "designation").endswith("latency"),
                )
            )
        classes = sorted(v.value.rpartition("#")[2] for v in values(subject, kind.value))
        binary = first(subject, LV2 + "binary").removeprefix("file://")
        if binary:
            name = first(subject, "http://usefulinc.com/ns/doap#name")
            id_ = f"lv2/{bundle.stem}/{subject.value.rpartition('/')[2].rpartition('#')[2]}"
            ports.sort(key=lambda each: each.index)
            yield Found(id_, name, "", binary, subject.value, ports, "|".join(classes))


class _Functions(Structure):
    """LADSPA_Descriptor whole."""

    _fields_ = (
        *ladspa.Descriptor._fields_,
        ("implementation", c_void_p),
        ("instantiate", CFUNCTYPE(c_void_p, c_void_p, c_ulong)),
        ("connect_port", CFUNCTYPE(None, c_void_p, c_ulong, c_void_p)),
        ("activate", c_void_p),
        ("run", CFUNCTYPE(None, c_void_p, c_ulong)),
        ("run_adding", c_void_p),
        ("set_run_adding_gain", c_void_p),
        ("deactivate", c_void_p),
        ("cleanup", CFUNCTYPE(None, c_void_p)),
    )


class _Feature(Structure):
    _fields_ = (("uri", c_char_p), ("data", c_void_p))


class _Lv2(Structure):
    _fields_ = (
        ("uri", c_char_p),
        ("instantiate", CFUNCTYPE(c_void_p, c_void_p, c_double, c_char_p, c_void_p)),
        ("connect_port", CFUNCTYPE(None, c_void_p, u32, c_void_p)),
        ("activate", c_void_p),
        ("run", CFUNCTYPE(None, c_void_p, u32)),
        ("deactivate", c_void_p),
        ("cleanup", CFUNCTYPE(None, c_void_p)),
        ("extension_data", CFUNCTYPE(c_void_p, c_char_p)),
    )


class _Option(Structure):
    _fields_ = (("context", c_int), ("subject", u32), ("key", u32), ("size", u32), ("type", u32), ("value", c_void_p))


_MAP = CFUNCTYPE(u32, c_void_p, c_char_p)
_UNMAP = CFUNCTYPE(c_char_p, c_void_p, u32)
_SCHEDULE = CFUNCTYPE(c_int, c_void_p, u32, c_void_p)
_RESPOND = CFUNCTYPE(c_int, c_void_p, u32, c_void_p)


class _Pair(Structure):
    _fields_ = (("handle", c_void_p), ("function", c_void_p))


class _Work(Structure):
    _fields_ = (
        ("work", CFUNCTYPE(c_int, c_void_p, _RESPOND, c_void_p, u32, c_void_p)),
        ("work_response", CFUNCTYPE(c_int, c_void_p, u32, c_void_p)),
        ("end_run", c_void_p),
    )


_VOID = CFUNCTYPE(None, c_void_p)


class Native:
    """A subject of `passport_builder.measure`: one LADSPA or LV2 effect."""

    instrument = False

    def __init__(self, found: Found) -> None:
        self.found = found
        self.lv2 = found.id.startswith("lv2/")
        ins, outs = (found.audio(output=output) for output in (False, True))
        if not outs or len(outs) > 2 or len(ins) > 2:
            raise ValueError(f"{len(ins)} in, {len(outs)} out")
        self.inputs, self.outputs = ins, outs
        self.channels = len(outs)
        self.layouts = ("stereo",) if self.channels == 2 else ("mono",)
        self.controls = {p.index: p for p in found.ports if p.kind == "control" and not p.output}
        self.values = {index: port.default for index, port in self.controls.items()}
        self.reported: int | None = None
        self._library = ctypes.CDLL(found.binary)
        self._kept: list[Any] = []
        self._descriptor = self._lv2_descriptor() if self.lv2 else self._ladspa_descriptor()
        self.process(np.zeros((self.channels, BLOCK), np.float32))

    @property
    def latency(self) -> int | None:
        return self.reported

    def _ladspa_descriptor(self) -> Any:
        get = self._library.ladspa_descriptor
        get.restype, get.argtypes = c_void_p, [c_ulong]
        for index in range(4096):
            each = _Functions.from_address(get(index))
            if each.label.decode("latin-1") == self.found.label:
                return each
        raise ValueError("gone")

    def _lv2_descriptor(self) -> Any:
        get = self._library.lv2_descriptor
        get.restype, get.argtypes = c_void_p, [u32]
        for index in range(4096):
            address = get(index)
            if not address:
                raise ValueError("gone")
            each = _Lv2.from_address(address)
            if each.uri.decode() == self.found.label:
                self._features = self._make_features()
                return each
        raise ValueError("gone")

    def _make_features(self) -> Any:
        uris: dict[bytes, int] = {}

        def number(_: object, uri: bytes) -> int:
            return uris.setdefault(uri, len(uris) + 1)

        def name(_: object, number_: int) -> Any:
            return next((uri for uri, n in uris.items() if n == number_), None)

        def schedule(_: object, size: int, data: int) -> int:
            self._jobs.append(ctypes.string_at(data, size) if size else b"")
            return 0

        self._map = number
        self._jobs: list[bytes] = []
        map_, unmap, work = _MAP(number), _UNMAP(name), _SCHEDULE(schedule)
        pairs = [_Pair(None, ctypes.cast(f, c_void_p)) for f in (map_, unmap, work)]
        sizes = [ctypes.c_int32(BLOCK) for _ in range(4)]
        rate = c_float(RATE)
        rate_uri, float_uri = (EXT + "parameters#sampleRate").encode(), (ATOM + "Float").encode()
        keys = ("minBlockLength", "maxBlockLength", "nominalBlockLength", "sequenceSize")
        sizes[0].value, sizes[3].value = 1, 8192
        integer = number(None, (ATOM + "Int").encode())
        options = (_Option * 6)(
            *(
                _Option(0, 0, number(None, (EXT + "buf-size#" + key).encode()), 4, integer, ctypes.addressof(size))
                for key, size in zip(keys, sizes, strict=True)
            ),
            _Option(0, 0, number(None, rate_uri), 4, number(None, float_uri), ctypes.addressof(rate)),
        )
        given = {
            "urid#map": ctypes.addressof(pairs[0]),
            "urid#unmap": ctypes.addressof(pairs[1]),
            "worker#schedule": ctypes.addressof(pairs[2]),
            "options#options": ctypes.addressof(options),
            "buf-size#boundedBlockLength": None,
            "buf-size#powerOf2BlockLength": None,
        }
        features = [_Feature((EXT + key).encode(), data) for key, data in given.items()]
        array = (c_void_p * (len(features) + 1))(*(ctypes.addressof(f) for f in features), None)
        self._kept += [map_, unmap, work, pairs, sizes, rate, options, features, array]
        return ctypes.addressof(array)

    def process(self, audio: Audio, block: int = BLOCK) -> Audio:
        """Render after a new start; what has one input gets the mean, what has no other one too the first."""
        d, ports = self._descriptor, self.found.ports
        if self.lv2:
            folder = str(Path(self.found.binary).parent) + "/"
            handle = d.instantiate(ctypes.addressof(d), RATE, folder.encode(), self._features)
        else:
            handle = d.instantiate(ctypes.addressof(d), RATE)
        if not handle:
            raise ValueError("cannot be instantiated")
        length = audio.shape[1]
        blocks = -(-length // block)
        buffers: dict[int, Any] = {}
        cells: dict[int, Any] = {}
        for port in ports:
            if port.kind == "control":
                buffers[port.index] = cells[port.index] = c_float(self.values.get(port.index, 0.0))
            elif port.kind in ("audio", "cv"):
                buffers[port.index] = np.zeros(block, np.float32)
            else:
                buffers[port.index] = ctypes.create_string_buffer(8192 + 16)
        for index, buffer in buffers.items():
            address = buffer.ctypes.data if isinstance(buffer, np.ndarray) else ctypes.addressof(buffer)
            d.connect_port(handle, index, address)
        if d.activate:
            _VOID(d.activate)(handle)
        given = np.zeros((len(self.inputs), blocks * block), np.float32)
        if len(self.inputs) == 1:
            given[0, :length] = audio.mean(axis=0) if len(audio) > 1 else audio[0]
        elif self.inputs:
            given[:, :length] = audio if len(audio) == 2 else np.tile(audio, (2, 1))
        out = np.zeros((len(self.outputs), blocks * block), np.float32)
        worker = None
        if self.lv2 and d.extension_data and (address := d.extension_data((EXT + "worker#interface").encode())):
            worker = _Work.from_address(address)
        for at in range(blocks):
            here = slice(at * block, (at + 1) * block)
            for n, port in enumerate(self.inputs):
                buffers[port.index][:] = given[n, here]
            for port in ports:
                if port.aside and port.kind == "audio" and not port.output:
                    buffers[port.index][:] = given[0, here] if len(given) else 0
                if port.kind == "atom":
                    size = 8192 if port.output else 8
                    kind = self._map(None, (ATOM + ("Chunk" if port.output else "Sequence")).encode())
                    ctypes.memmove(buffers[port.index], np.array([size, kind, 0, 0], np.uint32).tobytes(), 16)
            d.run(handle, block)
            if worker is not None:
                self._work(worker, handle)
            for n, port in enumerate(self.outputs):
                out[n, here] = buffers[port.index]
        result = [cells[p.index].value for p in ports if p.latency and p.kind == "control" and p.output]
        late = int(result[0]) if result and math.isfinite(result[0]) and 0 <= result[0] < RATE * 4 else 0
        self.reported = late if result else None
        if d.deactivate:
            _VOID(d.deactivate)(handle)
        d.cleanup(handle)
        return out[:, late : late + length] if not late else np.pad(out[:, late:], ((0, 0), (0, late)))[:, :length]

    def _work(self, worker: Any, handle: int) -> None:
        jobs, self._jobs = self._jobs, []
        for job in jobs:
            answers: list[bytes] = []

            def respond(_: object, size: int, data: int, answers: list[bytes] = answers) -> int:
                answers.append(ctypes.string_at(data, size) if size else b"")
                return 0

            call = _RESPOND(respond)
            worker.work(handle, call, None, len(job), ctypes.cast(ctypes.c_char_p(job), c_void_p))
            for answer in answers:
                if worker.work_response:
                    worker.work_response(handle, len(answer), ctypes.cast(ctypes.c_char_p(answer), c_void_p))

    def play(self, note: int, held_s: float, left_s: float) -> Audio:
        raise AssertionError("nobody plays an effect")

    def apply_setting(self, seed: int, setting: int) -> dict[str, str]:
        turned = {}
        for index, port in self.controls.items():
            self.values[index] = port.default
            if setting and is_sound_parameter(port.name, automatable=True):
                self.values[index] = port.at(seeded_position(seed, setting, port.name, port.steps))
                turned[port.name] = f"{self.values[index]:.5g}"
        for index, port in self.controls.items():
            place = opened(port.name, port.initial)
            if turned and place is not None:
                self.values[index] = port.at(place)
                turned[port.name] = f"{self.values[index]:.5g}"
        return turned

    @property
    def knobs(self) -> list[tuple[str, float, int]]:
        return [(p.name, p.initial, p.steps) for p in self._turnable()]

    def _turnable(self) -> list[Port]:
        return [p for p in self.controls.values() if is_knob(p.name, automatable=True)]

    def turn(self, positions: Mapping[int, float]) -> dict[str, str]:
        turned = {}
        for index, port in self.controls.items():
            self.values[index] = port.default
        for number, place in positions.items():
            port = self._turnable()[number]
            self.values[port.index] = port.at(place)
            turned[port.name] = f"{self.values[port.index]:.5g}"
        return turned
