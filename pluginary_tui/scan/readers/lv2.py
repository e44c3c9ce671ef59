"""Read the plugins of an LV2 bundle from its Turtle files. Runs only in a process of its own; nothing is loaded.

Source: the LV2 specification (lv2core, port-groups, port-props, units, presets, atom). What is read of a plugin is its
subject in `manifest.ttl` and in the files that `rdfs:seeAlso` names there, as in lilv; these are not followed further.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from pluginary_tui.scan.readers.control_ports import SAMPLE_RATE_UNIT, audio_bus, parameter
from pluginary_tui.scan.readers.lv2_presets import LABEL, MANIFEST, PRESET_LIMIT, SEE_ALSO, presets
from pluginary_tui.scan.readers.module import ModuleError
from pluginary_tui.scan.readers.sequence import (
    BUS_LIMIT,
    PARAMETER_LIMIT,
    Message,
    RefusedError,
    Request,
    counted_aloud,
    read_each,
)
from pluginary_tui.scan.readers.turtle import RDF_TYPE, BundleFiles, Graph, Properties, iris, number, tail, text

if TYPE_CHECKING:
    from pluginary_tui.isolation.jobs import Send

PLUGIN_LIMIT = 4_096

LV2 = "http://lv2plug.in/ns/lv2core#"
GROUPS = "http://lv2plug.in/ns/ext/port-groups#"
PROPS = "http://lv2plug.in/ns/ext/port-props#"
UNITS = "http://lv2plug.in/ns/extensions/units#"
ATOM = "http://lv2plug.in/ns/ext/atom#"
EVENT = "http://lv2plug.in/ns/ext/event#"
MIDI = "http://lv2plug.in/ns/ext/midi#MidiEvent"
DOAP = "http://usefulinc.com/ns/doap#"
NAME = "http://xmlns.com/foaf/0.1/name"
VALUE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#value"
NOT_AUTOMATIC = {f"{PROPS}notAutomatic", f"{PROPS}expensive", "http://kxstudio.sf.net/ns/lv2ext/props#NonAutomable"}

_UNITS = {
    "bar": "bars",
    "beat": "beats",
    "bpm": "BPM",
    "cent": "cents",
    "cm": "cm",
    "coef": "",
    "db": "dB",
    "degree": "°",
    "frame": "frames",
    "hz": "Hz",
    "inch": "in",
    "khz": "kHz",
    "km": "km",
    "m": "m",
    "mhz": "MHz",
    "midiNote": "MIDI note",
    "mile": "mi",
    "min": "min",
    "mm": "mm",
    "ms": "ms",
    "oct": "octaves",
    "pc": "%",
    "s": "s",
    "semitone12TET": "semitones",
    "volts": "V",
}
_MIDI_CHANNELS = 16


def read(request: Request, send: Send) -> None:
    """Read the bundle and send what is found.

    Raises ModuleError for a manifest that is missing or broken, or names no plugin.
    """
    files = BundleFiles(request.path)
    files.shared = {MANIFEST}
    manifest = files.graph(MANIFEST)
    uris = list(dict.fromkeys(manifest.subjects(f"{LV2}Plugin")))
    if not uris:
        raise ModuleError(f"{MANIFEST} names no plugin")
    uris = [uris[at] for at in counted_aloud(len(uris), PLUGIN_LIMIT, "plugins", request.path)]
    described = [
        {
            "position": at,
            "name": text(manifest.of(uri), f"{DOAP}name") or tail(uri),
            "vendor": "",
            "category": "",
            "uid": uri,
            "kind": "effect",
        }
        for at, uri in enumerate(uris)
    ]
    names = {uri: files.names(iris(manifest.of(uri), SEE_ALSO)) for uri in uris}
    files.shared |= {name for name, count in Counter(chain(*names.values())).items() if count > 1}
    programs = _programs(files, manifest, uris)
    read_each(request, described, lambda at: _Plugin(files, uris[at], names[uris[at]], programs[uris[at]]), send)


class _Port(NamedTuple):
    """What is common to ports of all kinds."""

    at: int
    stated: Properties
    kinds: set[str]
    name: str
    symbol: str
    properties: set[str]
    group: str

    @property
    def direction(self) -> str:
        return "output" if f"{LV2}OutputPort" in self.kinds else "input"


class _Plugin:
    """One plugin of a bundle."""

    def __init__(self, files: BundleFiles, uri: str, names: list[str], presets: list[str]) -> None:
        self._files, self._uri, self._names, self._presets = files, uri, names, presets

    def start(self) -> None:
        """Read the files about this plugin. Raises RefusedError for a broken one."""
        try:
            self._graph = self._files.graph(MANIFEST, *self._names)
        except ModuleError as error:
            raise RefusedError(str(error)) from error

    def end(self) -> None:
        """There is nothing to take apart."""

    def facts(self) -> Message:
        """All that the files state of it."""
        graph, own = self._graph, self._graph.of(self._uri)
        ports = self._ports(own)
        kinds = [kind for kind in iris(own, RDF_TYPE) if kind.endswith("Plugin") and kind != f"{LV2}Plugin"]
        minor, micro = (number(own, f"{LV2}{each}Version") for each in ("minor", "micro"))
        controls = [port for port in ports if f"{LV2}ControlPort" in port.kinds]
        main = {way: {*iris(own, f"{GROUPS}main{way.title()}")} for way in ("input", "output")}
        groups = {group: graph.of(group) for group in {port.group for port in ports} if group}
        return {
            "name": text(own, f"{DOAP}name") or tail(self._uri),
            "vendor": _maker(graph, own),
            "version": "" if minor is None and micro is None else f"{minor or 0:.0f}.{micro or 0:.0f}",
            "category": "|".join(tail(kind).removesuffix("Plugin") for kind in kinds),
            "kind": "instrument" if f"{LV2}InstrumentPlugin" in kinds else "effect",
            "latency_samples": 0,
            "buses": [*_audio(ports, groups, main), *_others(ports)][:BUS_LIMIT],
            "parameters": [_parameter(graph, port, groups, main) for port in controls],
            "programs": self._presets[:PRESET_LIMIT],
            "needs": sorted(iris(own, f"{LV2}requiredFeature")),
        }

    def _ports(self, own: Properties) -> list[_Port]:
        found = []
        subjects = iris(own, f"{LV2}port")
        for at in counted_aloud(len(subjects), PARAMETER_LIMIT, "ports", self._uri):
            stated = self._graph.of(subjects[at])
            index = number(stated, f"{LV2}index")
            at = at if index is None or not 0 <= index < 2**31 else int(index)
            symbol = text(stated, f"{LV2}symbol")
            found.append(
                _Port(
                    at,
                    stated,
                    set(iris(stated, RDF_TYPE)),
                    text(stated, f"{LV2}name") or symbol,
                    symbol,
                    set(iris(stated, f"{LV2}portProperty")),
                    next(iter(iris(stated, f"{GROUPS}group")), ""),
                )
            )
        return sorted(found, key=lambda port: port.at)


def _programs(files: BundleFiles, manifest: Graph, uris: Iterable[str]) -> dict[str, list[str]]:
    """Names of the presets that a bundle has for its own plugins, by their URI."""
    found: dict[str, list[str]] = {uri: [] for uri in uris}
    for preset in presets(files, manifest):
        if (names := found.get(preset.plugin)) is not None and len(names) < PRESET_LIMIT:
            names.append(preset.name)
    return found


def _maker(graph: Graph, own: Properties) -> str:
    """The name of who maintains the plugin or its project, else of who made it."""
    projects = [own, *map(graph.of, iris(own, f"{LV2}project"))]
    for role in ("maintainer", "developer"):
        for project in projects:
            for person in iris(project, f"{DOAP}{role}"):
                if name := text(graph.of(person), NAME):
                    return name
    return ""


def _audio(ports: list[_Port], groups: Mapping[str, Properties], main: Mapping[str, set[str]]) -> list[list[Any]]:
    """The audio connections: main ones first, then sidechains and others, one for each group."""
    buses = []
    for direction in ("input", "output"):
        here = [port for port in ports if f"{LV2}AudioPort" in port.kinds and port.direction == direction]
        declared = main[direction] & {port.group for port in here}
        first, others = [], dict[str, list[str]]()
        for port in here:
            group = groups.get(port.group, {})
            aside = f"{LV2}isSideChain" in port.properties or f"{GROUPS}sideChainOf" in group
            if not aside and (not declared or port.group in declared):
                first.append(port.name)
            else:
                others.setdefault(port.group or port.name, []).append(port.name)
        if first:
            buses.append(audio_bus(direction, first))
        buses += [audio_bus(direction, names, main=False) for names in others.values()]
    return buses


def _others(ports: list[_Port]) -> Iterator[list[Any]]:
    """Connections that carry control voltages, MIDI or other messages."""
    for port in ports:
        if f"{LV2}CVPort" in port.kinds:
            yield ["cv", port.direction, port.name, 1, f"{LV2}isSideChain" not in port.properties]
        elif port.kinds & {f"{ATOM}AtomPort", f"{EVENT}EventPort"}:
            carried = {*iris(port.stated, f"{ATOM}supports"), *iris(port.stated, f"{EVENT}supportsEvent")}
            media, channels = ("event", _MIDI_CHANNELS) if MIDI in carried else ("message", 1)
            yield [media, port.direction, port.name, channels, True]


def _parameter(graph: Graph, port: _Port, groups: Mapping[str, Properties], main: Mapping[str, set[str]]) -> list[Any]:
    stated, properties = port.stated, port.properties
    points: dict[float, str] = {}
    for point in map(graph.of, iris(stated, f"{LV2}scalePoint")):
        value = number(point, VALUE)
        if value is not None:
            points.setdefault(value, text(point, LABEL))
    grouped = port.group and port.group not in main["input"] | main["output"]
    group = groups[port.group] if grouped else {}
    return parameter(
        port.at,
        port.name,
        short=text(stated, f"{LV2}shortName") or port.symbol,
        unit=SAMPLE_RATE_UNIT if f"{LV2}sampleRate" in properties else _unit(graph, stated),
        group=text(group, LABEL) or text(group, f"{LV2}name"),
        low=number(stated, f"{LV2}minimum"),
        high=number(stated, f"{LV2}maximum"),
        default=number(stated, f"{LV2}default"),
        toggled=f"{LV2}toggled" in properties,
        integer=f"{LV2}integer" in properties,
        points=points,
        enumerated=f"{LV2}enumeration" in properties,
        bypass=f"{LV2}enabled" in iris(stated, f"{LV2}designation"),
        output=port.direction == "output",
        automatable=not properties & NOT_AUTOMATIC,
    )


def _unit(graph: Graph, stated: Properties) -> str:
    """A port's unit as a person writes it: one of the specification's, or the plugin's own."""
    for unit in iris(stated, f"{UNITS}unit"):
        if unit.startswith(UNITS):
            return _UNITS.get(unit.removeprefix(UNITS), unit.removeprefix(UNITS))
        own = graph.of(unit)
        symbol = text(own, f"{UNITS}symbol") or text(own, LABEL)
        return symbol or re.sub(r"%[-+ 0-9.]*[a-zA-Z]|%%", "", text(own, f"{UNITS}render")).strip()
    return ""
