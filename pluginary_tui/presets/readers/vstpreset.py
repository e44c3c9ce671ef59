"""`.vstpreset`: the class id of a VST3, its state, and in some files what the preset is like, as XML."""

from __future__ import annotations

import struct
from typing import BinaryIO

from pluginary_tui.bounded_reading import Attributes, UnreadableFileError, parse_xml
from pluginary_tui.plugin_uid import vst3_uid
from pluginary_tui.presets.facts import PresetFacts

HEADER = 48
"""Bytes of the header: `VST3`, version, class id as text, offset of the list of chunks."""
_MOST_CHUNKS = 128
_LARGEST_INFO = 1 << 20

# Steinberg's vstpresetkeys.h and what hosts write; the first that is there counts.
_NAMES = ("Name",)
_PLUGINS = ("PlugInName", "PluginName")
_VENDORS = ("PlugInVendor", "PluginVendor", "VendorName")
_CATEGORIES = ("MusicalCategory", "MusicalInstrument", "PlugInCategory", "MusicalStyle", "MusicalCharacter")
_AUTHORS = ("MediaAuthor", "Author")


def class_id_of(data: bytes) -> str:
    """The class id, 32 digits in canonical order; empty where these are not the first bytes of such a file."""
    if len(data) < HEADER or not data.startswith(b"VST3"):
        return ""
    return vst3_uid(data[8:40].decode("ascii", "replace"))


def read(stream: BinaryIO) -> PresetFacts:
    """Read a preset."""
    header = stream.read(HEADER)
    uid = class_id_of(header)
    if not uid:
        raise UnreadableFileError("it is not a .vstpreset file")
    facts = PresetFacts("vst3", uid)
    try:
        info = _info(stream, struct.unpack_from("<q", header, 40)[0])
    except (struct.error, OSError, ValueError, OverflowError, UnreadableFileError):
        return facts  # the class id is what counts
    facts.name, facts.wanted, facts.vendor, facts.category, facts.author = (
        next((info[key] for key in keys if info.get(key)), "")
        for keys in (_NAMES, _PLUGINS, _VENDORS, _CATEGORIES, _AUTHORS)
    )
    return facts


def _info(stream: BinaryIO, at: int) -> dict[str, str]:
    """What the chunk `Info` says; empty where there is none."""
    stream.seek(at)
    if stream.read(4) != b"List":
        return {}
    (count,) = struct.unpack("<i", stream.read(4))
    entries = stream.read(20 * max(0, min(count, _MOST_CHUNKS)))
    for entry in range(len(entries) // 20):
        kind, offset, size = struct.unpack_from("<4sqq", entries, 20 * entry)
        if kind == b"Info" and 0 < size <= _LARGEST_INFO:
            stream.seek(offset)
            return _attributes(stream.read(size))
    return {}


def _attributes(data: bytes) -> dict[str, str]:
    found: dict[str, str] = {}

    def start(name: str, attributes: Attributes) -> None:
        if name == "Attribute" and len(found) < 256:
            found.setdefault(attributes.get("id", ""), attributes.get("value", ""))

    parse_xml(iter((data.rstrip(b"\0"),)), start, lambda name: None)
    return found
