"""`.fxp` and `.fxb`: a preset or a bank of a VST2, by its four characters."""

from __future__ import annotations

import struct
from typing import BinaryIO

from pluginary_tui.bounded_reading import UnreadableFileError
from pluginary_tui.plugin_uid import four_characters
from pluginary_tui.presets.facts import PresetFacts

_PRESETS = (b"FxCk", b"FPCh")
_BANKS = (b"FxBk", b"FBCh")


def read(stream: BinaryIO) -> PresetFacts:
    """Read a preset or a bank: what it is says the file itself, since endings are mixed up."""
    data = stream.read(56)
    if len(data) < 28 or data[:4] != b"CcnK" or data[8:12] not in (*_PRESETS, *_BANKS):
        raise UnreadableFileError("it is not a preset of a VST2")
    uid = four_characters(struct.unpack_from(">I", data, 16)[0])
    if not uid:
        raise UnreadableFileError("it does not say which plugin it is for")
    name = data[28:56].partition(b"\0")[0].decode("latin-1") if data[8:12] in _PRESETS else ""
    return PresetFacts("vst2", uid, name.strip())
