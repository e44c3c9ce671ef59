"""FL Studio (`.flp`, `.fst`): a list of numbered events. What they mean was read off files of FL Studio 20."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from enum import IntEnum
from typing import BinaryIO

from pluginary_tui.bounded_reading import UnreadableFileError
from pluginary_tui.plugin_uid import four_characters, vst3_uid_from_windows
from pluginary_tui.projects.facts import NATIVE, ProjectFacts, Use


class Event(IntEnum):
    """Numbers of events."""

    CHANNEL_ON = 0
    NEW_CHANNEL = 64
    SLOT_END = 98
    INSERT_END = 147
    VERSION = 199
    INTERNAL_NAME = 201
    NAME = 203
    INSERT_NAME = 204
    PLUGIN_DATA = 213
    MIXER = 225
    INSERT = 236


_WRAPPER = "Fruity Wrapper"
"""Internal name of the device that holds a plugin of another maker."""

_LARGEST_EVENT = 256 << 20
_MOST_EVENTS = 20_000_000
_EFFECTS_ON = 4
"""The bit of an insert's flags that switches its effects."""
_VST3_KINDS = frozenset({7, 8})
_CLAP_KINDS = frozenset({11, 12})
_FIRST_UTF16 = (11, 5)
"""The version from which texts are UTF-16."""


def read(stream: BinaryIO, facts: ProjectFacts) -> None:
    """Read a project or a preset."""
    header = stream.read(8)
    if len(header) < 8 or not header.startswith(b"FLhd"):
        raise UnreadableFileError("it is not a file of FL Studio")
    stream.read(struct.unpack("<I", header[4:])[0] & 0xFFFF)
    if stream.read(4) != b"FLdt":
        raise UnreadableFileError("it is damaged: it has no list of events")
    stream.read(4)
    facts.program = "FL Studio"
    reading = _Reading(facts)
    try:
        for number, data in _events(stream):
            reading.event(number, data)
    finally:  # also what a damaged file held before the damage
        reading.finish()


def _events(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    for _ in range(_MOST_EVENTS):
        first = stream.read(1)
        if not first:
            return
        number = first[0]
        length = 1 if number < 64 else 2 if number < 128 else 4 if number < 192 else _length(stream)
        if length > _LARGEST_EVENT:
            raise UnreadableFileError("it is damaged: an event is too long")
        data = stream.read(length)
        if len(data) < length:
            raise UnreadableFileError("it ends too early")
        yield number, data
    raise UnreadableFileError("it has too many events")


def _length(stream: BinaryIO) -> int:
    length = 0
    for shift in range(0, 70, 7):
        byte = stream.read(1)
        if not byte:
            raise UnreadableFileError("it ends too early")
        length |= (byte[0] & 0x7F) << shift
        if byte[0] < 0x80:
            return length
    raise UnreadableFileError("it is damaged: an event is too long")


class _Reading:
    """The state between the events of one file."""

    def __init__(self, facts: ProjectFacts) -> None:
        self._facts = facts
        self._wide = True
        self._uses: list[tuple[Use, tuple[int, int] | None]] = []
        """With each, the number of its insert and slot in the mixer."""
        self._insert, self._insert_name, self._in_mixer = 0, "", False
        self._effects_on = True
        """Whether the effects of the insert are on, all together."""
        self._internal = self._name = ""
        self._use: Use | None = None
        self._on: bool | None = None
        self._off: set[tuple[int, int]] = set()
        """Slots that are switched off."""
        self._mixer_known = False

    def event(self, number: int, data: bytes) -> None:
        match number:
            case Event.VERSION:
                version = data.rstrip(b"\0").decode("ascii", "replace")
                self._facts.program = f"FL Studio {version}"
                parts = [int(part) if part.isdigit() else 0 for part in version.split(".")]
                self._wide = tuple(parts[:2]) >= _FIRST_UTF16
            case Event.CHANNEL_ON:
                self._on = data != b"\0"
            case Event.NEW_CHANNEL:
                self._end_channel()
            case Event.INTERNAL_NAME:
                self._internal = self._text(data)
            case Event.NAME:
                self._name = self._text(data)
            case Event.PLUGIN_DATA:
                self._use = _wrapped(data) if self._internal == _WRAPPER else None
                if self._use is None and self._internal:
                    self._use = Use(NATIVE, self._internal, self._internal)
            case Event.INSERT_NAME:
                self._begin_mixer()
                self._insert_name = self._text(data)
            case Event.INSERT:
                self._begin_mixer()
                self._effects_on = bool(int.from_bytes(data[4:8], "little") & _EFFECTS_ON)
            case Event.SLOT_END:
                if self._use is not None:
                    self._use.track = self._insert_name or ("Master" if not self._insert else f"Insert {self._insert}")
                    slot = self._insert, int.from_bytes(data, "little")
                    if not self._effects_on:
                        self._off.add(slot)
                    self._uses.append((self._use, slot))
                self._forget()
            case Event.INSERT_END:
                self._insert, self._insert_name = self._insert + 1, ""
            case Event.MIXER:
                self._mixer(data)

    def finish(self) -> None:
        """Hand over what was found."""
        self._end_channel()
        for use, slot in self._uses:
            if slot is not None and (self._mixer_known or slot in self._off):
                use.active = slot not in self._off
            self._facts.add(use)

    def _begin_mixer(self) -> None:
        if not self._in_mixer:
            self._end_channel()
            self._in_mixer = True

    def _end_channel(self) -> None:
        if self._use is not None and not self._in_mixer:
            self._use.track, self._use.active = self._name, self._on
            self._uses.append((self._use, None))
        self._forget()

    def _forget(self) -> None:
        self._internal, self._name, self._use, self._on = "", "", None, None

    def _text(self, data: bytes) -> str:
        data = data[:4096]
        text = data.decode("utf-16-le", "replace") if self._wide else data.decode("cp1252", "replace")
        return text.partition("\0")[0]

    def _mixer(self, data: bytes) -> None:
        """The values of the mixer, twelve bytes each; number 0 is a slot's switch."""
        self._mixer_known = True
        for at in range(0, len(data) - 11, 12):
            _, value_id, _, channel, value = struct.unpack_from("<IBBHi", data, at)
            if value_id == 0 and not value:
                self._off.add((channel >> 6 & 0x7F, channel & 0x3F))


def _wrapped(data: bytes) -> Use | None:
    """The plugin of another maker that the data of the wrapper describe; None where there is none."""
    records: dict[int, bytes] = {}
    at = 4
    while at + 12 <= len(data):
        kind, length = struct.unpack_from("<IQ", data, at)
        at += 12
        if length > len(data) - at:
            break
        records.setdefault(kind, data[at : at + min(length, 4096)])
        at += length
    kind = int.from_bytes(records.get(50, b"\xff\xff\xff\xff")[:4], "little")
    use = Use("vst2", name=_plain(records, 54), vendor=_plain(records, 56), file=_plain(records, 55))
    if kind in _VST3_KINDS:
        use.format, use.uid = "vst3", vst3_uid_from_windows(records.get(52, b""))
    elif kind in _CLAP_KINDS:
        use.format, use.uid = "clap", _plain(records, 58)
    else:
        use.uid = four_characters(int.from_bytes(records.get(51, b"")[:4], "little"))
    return use if use.uid or use.name or use.file else None


def _plain(records: dict[int, bytes], kind: int) -> str:
    return records.get(kind, b"").rstrip(b"\0").decode("utf-8", "replace")
