"""What lilv's own tools say of LV2 plugins, for comparing."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from pluginary_tui.model import Bus, Parameter, Plugin

needs_lilv = pytest.mark.skipif(not shutil.which("lv2info"), reason="needs Debian's lilv-utils")

_PORT = re.compile(r"^\tPort (\d+):$", re.MULTILINE)
_FIELD = re.compile(r"^\t\t([A-Z][\w ]*): +(.*(?:\n\t\t {6,}.*)*)", re.MULTILINE)
_POINT = re.compile(r'^\t\t\t(\S+) = "(.*)"$', re.MULTILINE)


@dataclass(slots=True)
class PeerPort:
    """A port as `lv2info` prints it."""

    index: int
    kinds: list[str]
    name: str
    properties: list[str]
    low: str = ""
    high: str = ""
    default: str = ""
    points: dict[float, set[str]] = field(default_factory=dict)

    def is_a(self, kind: str) -> bool:
        return any(each.endswith(f"#{kind}") for each in self.kinds)


@dataclass(slots=True)
class PeerPlugin:
    """A plugin as `lv2info` prints it."""

    uri: str
    name: str
    maker: str
    presets: list[str]
    ports: list[PeerPort]
    needs: list[str]


def listed() -> list[str]:
    """URIs of all plugins that `lv2ls` finds."""
    return subprocess.run(["lv2ls"], capture_output=True, text=True, check=True).stdout.split()


def described(uris: Iterable[str]) -> Iterator[PeerPlugin]:
    """What `lv2info` says of each, two at a time."""
    with ThreadPoolExecutor(2) as pool:
        yield from pool.map(_told, uris)


def _told(uri: str) -> PeerPlugin:
    done = subprocess.run(["lv2info", uri], capture_output=True, check=True)
    head, *rest = _PORT.split(done.stdout.decode("utf-8", "replace"))

    def of(name: str) -> str:
        found = re.search(rf"^\t{name}: +(.+)$", head, re.MULTILINE)
        return found[1] if found else ""

    presets = head.partition("\n\tPresets: \n")[2].splitlines()
    needs = re.search(r"^\tRequired Features: (.*(?:\n\t {6,}.*)*)", head, re.MULTILINE)
    return PeerPlugin(
        uri,
        of("Name"),
        of("Author"),
        [" ".join(line.split()) for line in presets if line.startswith("\t  ")],
        [_port(int(index), text) for index, text in zip(rest[::2], rest[1::2], strict=True)],
        sorted(needs[1].split()) if needs else [],
    )


def _port(index: int, text: str) -> PeerPort:
    fields = dict(_FIELD.findall(text))
    points: dict[float, set[str]] = {}
    for value, label in _POINT.findall(text):
        points.setdefault(float(value), set()).add(" ".join(label.split()))
    return PeerPort(
        index,
        fields.get("Type", "").split(),
        " ".join(fields.get("Name", "").split()),
        fields.get("Properties", "").split(),
        *(fields.get(name, "").strip() for name in ("Minimum", "Maximum", "Default")),
        points,
    )


def differences(peer: PeerPlugin, plugin: Plugin, parameters: list[Parameter], buses: list[Bus]) -> Iterator[str]:
    """Each difference between the peer's words and the catalogue's."""
    if (" ".join(peer.name.split()), " ".join(peer.maker.split())) != (plugin.name, plugin.vendor):
        yield f"{plugin.name} of {plugin.vendor!r} instead of {peer.name} of {peer.maker!r}"
    for media, kind in (("audio", "AudioPort"), ("cv", "CVPort")):
        for direction in ("input", "output"):
            expected = sum(port.is_a(kind) and port.is_a(f"{direction.title()}Port") for port in peer.ports)
            found = sum(bus.channels for bus in buses if (bus.media, bus.direction) == (media, direction))
            if found != expected:
                yield f"{plugin.uid}: {found} {media} {direction}s instead of {expected}"
    atoms = sum(port.is_a("AtomPort") or port.is_a("EventPort") for port in peer.ports)
    if atoms != sum(bus.media in ("event", "message") for bus in buses):
        yield f"{plugin.uid}: not {atoms} ports for events and messages"
    controls = [port for port in peer.ports if port.is_a("ControlPort")]
    if [port.index for port in controls] != [parameter.id for parameter in parameters]:
        yield f"{plugin.uid}: other parameters than {[port.name for port in controls]}"
        return
    for port, parameter in zip(controls, parameters, strict=True):
        where = f"{plugin.uid}, {parameter.name}"
        if port.name != parameter.name:
            yield f"{where}: instead of {port.name}"
        if port.is_a("OutputPort") is not parameter.read_only:
            yield f"{where}: read only is {parameter.read_only}"
        ends = (("minimum", port.low), ("maximum", port.high), ("default", port.default))
        for what, stated in ends:
            text = getattr(parameter, what)
            if not alike(text, stated):
                yield f"{where}: {what} {text!r} instead of {stated!r}"
        if any(name.endswith("#enumeration") for name in port.properties) and 1 < len(port.points) <= 64:
            labels = [labels for _, labels in sorted(port.points.items())]  # a value may have two, in no order
            given = parameter.choices
            if len(labels) != len(given) or any(one not in of for one, of in zip(given, labels, strict=True)):
                yield f"{where}: {given} instead of {labels}"
        if any(name.endswith("#toggled") for name in port.properties) and parameter.kind not in ("switch", "bypass"):
            yield f"{where}: {parameter.kind} instead of a switch"


def alike(text: str, stated: str) -> bool:
    """Whether a catalogued number is the one that the peer prints with six places."""
    if not text or not stated:
        return text == stated or stated in ("nan", "")
    return abs(float(text) - float(stated)) <= 1e-5 * max(1.0, abs(float(stated)))
