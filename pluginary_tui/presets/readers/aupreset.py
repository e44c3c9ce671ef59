"""`.aupreset`: a property list with the three codes of an Audio Unit."""

from __future__ import annotations

import plistlib
from typing import BinaryIO

from pluginary_tui.bounded_reading import UnreadableFileError
from pluginary_tui.plugin_uid import au_uid
from pluginary_tui.presets.facts import PresetFacts

_LARGEST = 64 << 20
"""Bytes; presets that hold samples are the largest."""


def read(stream: BinaryIO) -> PresetFacts:
    """Read a preset."""
    data = stream.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise UnreadableFileError(f"it is larger than {_LARGEST >> 20} MB")
    try:
        content = plistlib.loads(data)
    except Exception as error:  # plistlib raises what its parsers raise
        raise UnreadableFileError("it is not a property list, or damaged") from error
    if not isinstance(content, dict):
        raise UnreadableFileError("it is not a preset of an Audio Unit")
    codes = [content.get(key) for key in ("type", "subtype", "manufacturer")]
    uid = au_uid(*(str(code) for code in codes if isinstance(code, int | str)))
    if not uid:
        raise UnreadableFileError("it does not say which Audio Unit it is for")
    name = content.get("name")
    return PresetFacts("au", uid, name if isinstance(name, str) else "")
