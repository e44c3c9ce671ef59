"""Ableton Live: sets, racks and presets (`.als`, `.adg`, `.adv`). XML, packed with gzip."""

from __future__ import annotations

import html
import re
from itertools import chain
from typing import BinaryIO
from urllib.parse import unquote

from pluginary_tui.bounded_reading import Attributes, UnreadableFileError, chunks, inflated, parse_xml
from pluginary_tui.plugin_uid import au_uid, four_characters_or, vst3_uid, vst3_uid_from_words, whole_number
from pluginary_tui.projects.facts import ProjectFacts, Use

_TRACKS = frozenset(
    {"MidiTrack", "AudioTrack", "GroupTrack", "ReturnTrack", "MasterTrack", "MainTrack", "PreHearTrack"}
)
_DEVICES = frozenset({"PluginDevice", "AuPluginDevice"})
_RACKS = frozenset({"InstrumentGroupDevice", "DrumGroupDevice", "AudioEffectGroupDevice", "MidiEffectGroupDevice"})
_INFOS = {"VstPluginInfo": "vst2", "Vst3PluginInfo": "vst3", "AuPluginInfo": "au"}
_BRANCH = re.compile(r"device:(vst3?|au):(?:instr|audiofx|midifx):([^?]*)(?:\?n=(.*))?")


_QUICK = re.compile(
    rb"<(?:(?P<track>" + "|".join(sorted(_TRACKS)).encode() + rb')[ >]|EffectiveName Value="(?P<name>[^"]*)"'
    rb"|(?P<device>PluginDevice|AuPluginDevice)[ >]|(?P<end>/?)(?:" + "|".join(sorted(_RACKS)).encode() + rb")[ >])"
)
_SWITCH = re.compile(rb'<On>(?:(?!</On>).)*?<Manual Value="([^"]*)"', re.DOTALL)
_SWITCH_WITHIN = 1 << 14
"""Bytes from the beginning of a rack in which its switch is; only its name and what is shown of it come before."""
_CREATOR = re.compile(rb'<Ableton\s[^>]*?Creator="([^"]*)"')
_WHOLE = 128 << 20
"""Bytes of XML that are searched as one text; what is larger is parsed as it comes, which takes ten times as long."""


def read(stream: BinaryIO, facts: ProjectFacts) -> None:
    """Read a set, rack or preset."""
    first = stream.read(4)
    stream.seek(0)
    pieces = inflated(stream, gzip=True) if first.startswith(b"\x1f\x8b") else chunks(stream)
    text = bytearray()
    damage = None
    try:
        for piece in pieces:
            text += piece
            if len(text) > _WHOLE:
                break
    except UnreadableFileError as error:  # what was unpacked before the damage is read all the same
        damage = error
    if b"<Ableton" not in text[:4096]:
        raise damage or UnreadableFileError("it is not a file of Ableton Live")
    reading = _Reading(facts)
    if len(text) > _WHOLE or b"<!" in text:  # a comment could hold what looks like an element
        parse_xml(chain([bytes(text)], pieces), reading.start, reading.end)
    else:
        reading.quickly(bytes(text))
    if damage is not None:
        raise damage


class _Reading:
    """The state between the elements of one set."""

    def __init__(self, facts: ProjectFacts) -> None:
        self._facts = facts
        self._depth = 0
        self._track, self._track_depth = "", 0
        self._device: Use | None = None
        self._device_depth = self._info_depth = 0
        self._in_switch = False
        """Whether inside the device's or rack's own `On`."""
        self._racks: list[bool] = []
        """For each open rack, whether it is on."""
        self._rack_depths: list[int] = []
        self._values: dict[str, str] = {}
        """What the device's description says, by element."""
        self._words: list[int] = []

    def quickly(self, text: bytes) -> None:
        """Read well-formed XML without comments: nothing but devices is parsed.

        Of the names after the beginning of a track the first is the track's, the others are those of chains in racks.
        """
        if found := _CREATOR.search(text):
            self._facts.program = html.unescape(found[1].decode("utf-8", "replace"))
        named, after = True, 0
        for found in _QUICK.finditer(text):
            if found.start() < after:
                continue  # inside a device
            if found["track"]:
                self._track, named, self._racks = "", False, []
            elif found["name"] is not None:
                if not named:
                    self._track, named = html.unescape(found["name"].decode("utf-8", "replace")), True
            elif found["device"] is None:
                if not found["end"]:
                    switch = _SWITCH.search(text, found.end(), found.end() + _SWITCH_WITHIN)
                    self._racks.append(switch is None or switch[1] != b"false")
                elif self._racks:
                    self._racks.pop()
            else:
                closing = b"</" + found["device"] + b">"
                end = text.find(closing, found.end())
                if end < 0:
                    raise UnreadableFileError("its XML ends too early")
                after = end + len(closing)
                self._depth, self._track_depth = 0, -1
                parse_xml(iter((text[found.start() : after],)), self.start, self.end)

    def start(self, name: str, attributes: Attributes) -> None:
        self._depth += 1
        if self._device is None:
            if name == "Ableton":
                self._facts.program = attributes.get("Creator", "Ableton Live")
            elif name in _TRACKS:
                self._track, self._track_depth = "", self._depth
            elif name == "EffectiveName" and self._depth == self._track_depth + 2:
                self._track = attributes.get("Value", "")
            elif name in _DEVICES:
                self._device, self._device_depth = Use(""), self._depth
                self._info_depth, self._values, self._words, self._in_switch = 0, {}, [], False
            elif name in _RACKS:
                self._racks.append(True)
                self._rack_depths.append(self._depth)
            elif self._rack_depths and name == "On" and self._depth == self._rack_depths[-1] + 1:
                self._in_switch = True
            elif self._rack_depths and name == "Manual" and self._depth == self._rack_depths[-1] + 2:
                self._racks[-1] = self._racks[-1] and (not self._in_switch or attributes.get("Value") != "false")
            return
        if name == "On" and self._depth == self._device_depth + 1:
            self._in_switch = True
        elif name == "Manual" and self._in_switch and self._depth == self._device_depth + 2:
            self._device.active = attributes.get("Value", "true") == "true"
        elif name in _INFOS:
            self._device.format, self._info_depth = _INFOS[name], self._depth
        elif self._info_depth and "Value" in attributes:
            if name.startswith("Fields."):
                self._words.append(whole_number(attributes["Value"]) or 0)
            elif attributes["Value"] and (self._depth == self._info_depth + 1 or name not in self._values):
                self._values[name] = attributes["Value"]
        elif name == "BranchDeviceId":
            self._values.setdefault(name, attributes.get("Value", ""))

    def end(self, name: str) -> None:
        if self._device is not None:
            if self._depth == self._device_depth:
                self._facts.add(self._described(self._device))
                self._device = None
            elif self._depth == self._device_depth + 1:
                self._in_switch = False
            elif self._depth == self._info_depth:
                self._info_depth = 0
        elif self._depth == self._track_depth:
            self._track, self._track_depth = "", 0
        elif self._rack_depths and self._depth == self._rack_depths[-1] + 1:
            self._in_switch = False
        elif self._rack_depths and self._depth == self._rack_depths[-1]:
            self._racks.pop()
            self._rack_depths.pop()
        self._depth -= 1

    def _described(self, use: Use) -> Use:
        values = self._values
        use.track = self._track
        if not all(self._racks):
            use.active = False
        match use.format:
            case "vst2":
                use.uid = four_characters_or(values.get("UniqueId", ""))
                use.name = values.get("PlugName", "")
                use.file = values.get("Path") or values.get("FileName", "")
            case "vst3":
                use.uid, use.name = vst3_uid_from_words(self._words[-4:]), values.get("Name", "")
            case "au":
                codes = (values.get(f"Component{part}", "") for part in ("Type", "SubType", "Manufacturer"))
                use.uid, use.name, use.vendor = au_uid(*codes), values.get("Name", ""), values.get("Manufacturer", "")
        if not use.uid and (found := _BRANCH.match(values.get("BranchDeviceId", ""))):
            kind, identity, name = found[1], found[2], found[3] or ""
            use.format = use.format or {"vst": "vst2"}.get(kind, kind)
            use.name = use.name or unquote(name)
            if kind == "au":
                use.uid = au_uid(*reversed(identity.split(":")))  # a reference begins with the manufacturer
            else:
                use.uid = vst3_uid(identity) if kind == "vst3" else four_characters_or(identity)
        return use
