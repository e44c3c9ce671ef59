"""What macOS says about a bundle: its `Info.plist`, and whether it holds it back because it was downloaded."""

from __future__ import annotations

import os
import plistlib
import sys
from collections.abc import Mapping
from typing import Any, NamedTuple

# The four-letter types of Audio Units that make sound from notes (Apple, AUComponent.h).
_INSTRUMENTS = {"aumu", "augn"}

_ATTRIBUTE = b"com.apple.quarantine"
_LET_THROUGH = 0x0040
"""The flag that a person has opened it once in spite of the warning (QTN_FLAG_USER_APPROVED)."""
_VALUE_LIMIT = 1024


def read_plist(data: bytes) -> Mapping[str, Any]:
    """The contents of an `Info.plist`, as XML or binary; empty where it is damaged, or no dictionary."""
    try:
        found = plistlib.loads(data)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, plistlib.InvalidFileException):
        return {}
    except Exception as error:  # expat's own error class is not public in plistlib; a deep list ends in RecursionError
        if type(error).__name__ not in ("ExpatError", "RecursionError"):
            raise
        return {}
    return found if isinstance(found, dict) else {}


def executable(plist: Mapping[str, Any]) -> str:
    """The name of the binary in `Contents/MacOS` (CFBundleExecutable); empty where it does not say, or names a path."""
    name = plist.get("CFBundleExecutable")
    return name if isinstance(name, str) and "/" not in name else ""


class AudioUnit(NamedTuple):
    """What the list of a component says about its first Audio Unit. Untrusted texts."""

    vendor: str
    name: str
    kind: str


def audio_unit(plist: Mapping[str, Any]) -> AudioUnit | None:
    """Vendor, name and kind of the first of AudioComponents, whose name is `Vendor: Name`; None where there is none."""
    try:
        component = plist["AudioComponents"][0]
        vendor, colon, name = str(component["name"]).partition(":")
        kind = "instrument" if component.get("type") in _INSTRUMENTS else "effect"
    except (LookupError, TypeError, AttributeError):
        return None
    return AudioUnit(vendor, name, kind) if colon else AudioUnit("", vendor, kind)


class HeldBack(NamedTuple):
    """The attribute of a download that nobody has let through yet."""

    by: str
    """The program that downloaded it; may be empty. Untrusted text."""


def held_back(value: bytes) -> HeldBack | None:
    """What the attribute com.apple.quarantine of a bundle says; None where the bundle may be opened.

    The value is four parts between semicolons: flags in hexadecimal, time, program, id.

    >>> held_back(b"0081;5f3a2b1c;Safari;0C5F"), held_back(b"00c1;5f3a2b1c;Safari;0C5F")
    (HeldBack(by='Safari'), None)
    """
    flags, _, rest = value.decode("utf-8", "replace").partition(";")
    try:
        let_through = bool(int(flags, 16) & _LET_THROUGH)
    except ValueError:
        return None
    parts = rest.split(";")
    return None if let_through else HeldBack(parts[1].strip() if len(parts) > 1 else "")


def attribute(path: str) -> bytes:
    """The value of that attribute; empty where there is none, and on other systems (getxattr(2) of macOS)."""
    if sys.platform != "darwin":
        return b""
    import ctypes

    call = ctypes.CDLL(None).getxattr
    call.restype = ctypes.c_ssize_t
    call.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_uint32, ctypes.c_int]
    buffer = ctypes.create_string_buffer(_VALUE_LIMIT)
    size = call(os.fsencode(path), _ATTRIBUTE, buffer, _VALUE_LIMIT, 0, 0)
    return buffer.raw[: max(size, 0)]
