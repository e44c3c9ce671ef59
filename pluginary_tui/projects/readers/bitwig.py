"""Bitwig Studio (`.bwproject`, `.bwpreset`): a binary file whose texts have their length before them."""

from __future__ import annotations

import re
from typing import BinaryIO

from pluginary_tui.bounded_reading import UnreadableFileError
from pluginary_tui.plugin_uid import au_uid, four_characters_or, vst3_uid
from pluginary_tui.projects.facts import ProjectFacts, Use

_WINDOW = 8 << 20
_OVERLAP = 4096
_MOST_BYTES = 1 << 30
_LONGEST = 1024
_META = 1 << 16
"""Bytes in which the block about the file itself lies."""

# A text is its type (8), its length in four bytes, the first bit of which stands for UTF-16, and its bytes.
_DEVICE = re.compile(rb"\x08(\x00\x00..)((?:vst3?|clap|au):)", re.DOTALL)
_IN_LIST = re.compile(rb"(?<!\x08)\x00\x00..((?:vst3?|clap|au):)", re.DOTALL)
_VERSION = re.compile(rb"application_version_name\x08\x00\x00\x00(.)", re.DOTALL)


def read(stream: BinaryIO, facts: ProjectFacts) -> None:
    """Read a project or a preset."""
    window = stream.read(_META)
    if not re.match(rb"BtWg[0-9A-Fa-f]{8}", window):
        raise UnreadableFileError("it is not a file of Bitwig Studio")
    facts.program = "Bitwig Studio"
    if found := _VERSION.search(window):
        facts.program += " " + window[found.end() : found.end() + found[1][0]].decode("utf-8", "replace")
    listed = [use for found in _IN_LIST.finditer(window) if (use := _use(_text(window, found.start(1) - 4)))]
    total = len(window)
    while True:
        more = stream.read(_WINDOW)
        total += len(more)
        end = len(window) if not more else len(window) - _OVERLAP
        for found in _DEVICE.finditer(window):
            if found.start() < end and (use := _use(_text(window, found.start(1)))):
                use.name = _following_text(window, found.start(1) + 4 + int.from_bytes(found[1], "big"))
                facts.add(use)
        if not more:
            break
        if total > _MOST_BYTES:
            raise UnreadableFileError(f"it is larger than {_MOST_BYTES >> 20} MB")
        window = window[max(end, 0) :] + more
    if not facts.total:  # nothing but the list of what it refers to
        for use in listed:
            facts.add(use)


def _text(window: bytes, at: int) -> str:
    """The text whose length stands at this place; empty where there is none."""
    length = int.from_bytes(window[at : at + 4], "big")
    wide, length = length >> 31, length & 0x7FFFFFFF
    size = 2 * length if wide else length
    data = window[at + 4 : at + 4 + size]
    if not 0 < length <= _LONGEST or len(data) < size:
        return ""
    return data.decode("utf-16-be" if wide else "utf-8", "replace")


def _following_text(window: bytes, at: int) -> str:
    """The text that follows at once, with the four bytes of its field before it: the device's name."""
    return _text(window, at + 5) if window[at + 4 : at + 5] == b"\x08" else ""


def _use(text: str) -> Use | None:
    """The plugin that an identity like `vst3:ABCDEF...:1.2` means."""
    kind, _, rest = text.partition(":")
    first = rest.split(":")[0]
    match kind:
        case "vst3":
            return Use("vst3", uid) if (uid := vst3_uid(first)) else None
        case "vst":
            return Use("vst2", uid) if (uid := four_characters_or(first)) else None
        case "clap":
            return Use("clap", first) if re.fullmatch(r"[\w.\-+ ]+", first) else None
        case "au":
            return Use("au", uid) if (uid := au_uid(*rest.split(":"))) else None
    return None
