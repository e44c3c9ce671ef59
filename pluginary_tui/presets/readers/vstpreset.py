"""The header of a `.vstpreset` file, which some projects also keep the state of a VST3 in."""

from __future__ import annotations

from pluginary_tui.plugin_uid import vst3_uid

HEADER = 48
"""Bytes of the header: `VST3`, version, class id as text, offset of the list of chunks."""


def class_id_of(data: bytes) -> str:
    """The class id, 32 digits in canonical order; empty where these are not the first bytes of such a file."""
    if len(data) < HEADER or not data.startswith(b"VST3"):
        return ""
    return vst3_uid(data[8:40].decode("ascii", "replace"))
