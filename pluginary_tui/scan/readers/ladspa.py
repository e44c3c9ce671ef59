"""Read the plugins of a LADSPA library from their descriptors. Runs only in a process of its own.

Source: ladspa.h of the LADSPA SDK. Nothing is instantiated: a descriptor says all that there is.
"""

from __future__ import annotations

import ctypes
import math
import os
import re
from collections import Counter
from ctypes import POINTER, c_char_p, c_float, c_int, c_ulong, c_void_p
from typing import TYPE_CHECKING

from pluginary_tui.formats import DESCRIPTIONS
from pluginary_tui.safe_open import open_regular
from pluginary_tui.scan.readers.control_ports import SAMPLE_RATE_UNIT, audio_bus, parameter
from pluginary_tui.scan.readers.module import Library, ModuleError
from pluginary_tui.scan.readers.sequence import PARAMETER_LIMIT, Message, Request, counted_aloud, read_each

if TYPE_CHECKING:
    from pluginary_tui.isolation.jobs import Send

PLUGIN_LIMIT = 4_096
"""The largest libraries known hold some hundreds; one that never says that it has no more would be read for ever."""

INPUT, OUTPUT, CONTROL, AUDIO = 1, 2, 4, 8
BELOW, ABOVE, TOGGLED, SAMPLE_RATE, LOGARITHMIC, INTEGER = 0x1, 0x2, 0x4, 0x8, 0x10, 0x20
DEFAULT_MASK = 0x3C0
AT_LOW, AT_HIGH = 0x40, 0x140
BETWEEN = {0x80: 0.25, 0xC0: 0.5, 0x100: 0.75}
"""Part of the way from the lower to the upper end."""
FIXED = {0x200: 0.0, 0x240: 1.0, 0x280: 100.0, 0x2C0: 440.0}

RDF_FOLDERS = ("/usr/local/share/ladspa/rdf", "/usr/share/ladspa/rdf")
RDF_LIMIT = 16 << 20
"""Bytes read of all descriptions together."""

# RDF parsers refuse these files, for their encoding or their entities. A plugin is the last part of its address: its
# number in most, its label in CAPS.
_ABOUT = r"""rdf:about\s*=\s*["'][^"'<>]*[;#:/]([\w.+-]+)["']"""
_CLASSES = re.compile(rf"<ladspa:(\w+)Plugin\s+{_ABOUT}")


class RangeHint(ctypes.Structure):
    _fields_ = (("hints", c_int), ("lower", c_float), ("upper", c_float))


class Descriptor(ctypes.Structure):
    """The beginning of LADSPA_Descriptor, up to the functions."""

    _fields_ = (
        ("unique_id", c_ulong),
        ("label", c_char_p),
        ("properties", c_int),
        ("name", c_char_p),
        ("maker", c_char_p),
        ("copyright", c_char_p),
        ("port_count", c_ulong),
        ("port_kinds", POINTER(c_int)),
        ("port_names", POINTER(c_char_p)),
        ("port_hints", POINTER(RangeHint)),
    )


_GET = ctypes.CFUNCTYPE(c_void_p, c_ulong)


def read(request: Request, send: Send) -> None:
    """Read the library and send what is found.

    Raises ModuleError for a library that cannot be opened or is no LADSPA.
    """
    get = Library(request.path, lazy=request.lazy).function(_GET, "ladspa_descriptor")
    if get is None:
        raise ModuleError("It has no ladspa_descriptor, so it is not a LADSPA library")
    found: list[Descriptor] = []
    for index in range(PLUGIN_LIMIT):
        address = get(index)
        if not address:
            break
        found.append(Descriptor.from_address(address))
    classes = _rdf_classes(os.environ.get(DESCRIPTIONS["ladspa"], ""))
    numbers = Counter(each.unique_id for each in found)
    described = [
        {
            "position": at,
            "name": _text(each.name) or _text(each.label),
            "vendor": maker(_text(each.maker)),
            "category": classes.get(str(each.unique_id)) or classes.get(_text(each.label), ""),
            # Numbers are handed out centrally, but not every maker has asked for one.
            "uid": str(each.unique_id) if numbers[each.unique_id] == 1 else _text(each.label),
            "label": _text(each.label),
            "kind": "effect",
        }
        for at, each in enumerate(found)
    ]
    read_each(request, described, lambda at: _Plugin(found[at]), send, most=PLUGIN_LIMIT)


class _Plugin:
    """One descriptor."""

    def __init__(self, descriptor: Descriptor) -> None:
        self._descriptor = descriptor

    def start(self) -> None:
        pass

    def end(self) -> None:
        pass

    def facts(self) -> Message:
        """Audio ports as one bus for each direction, control ports as parameters."""
        each = self._descriptor
        audio: dict[str, list[str]] = {"input": [], "output": []}
        parameters = []
        for at in counted_aloud(each.port_count if each.port_kinds else 0, PARAMETER_LIMIT, "ports", _text(each.name)):
            kind = each.port_kinds[at]
            name = _text(each.port_names[at]) if each.port_names else ""
            direction = "output" if kind & OUTPUT else "input"
            if kind & AUDIO:
                audio[direction].append(name)
            elif kind & CONTROL:
                hint = each.port_hints[at] if each.port_hints else RangeHint()
                parameters.append(_parameter(at, name, hint, output=bool(kind & OUTPUT)))
        buses = [audio_bus(direction, names) for direction, names in audio.items() if names]
        return {"buses": buses, "latency_samples": 0, "programs": [], "parameters": parameters}


def _parameter(index: int, name: str, hint: RangeHint, *, output: bool) -> list[object]:
    hints = hint.hints
    low = float(hint.lower) if hints & BELOW else None
    high = float(hint.upper) if hints & ABOVE else None
    return parameter(
        index,
        name,
        unit=SAMPLE_RATE_UNIT if hints & SAMPLE_RATE else "",
        low=low,
        high=high,
        default=None if output else _default(hint),
        toggled=bool(hints & TOGGLED),
        integer=bool(hints & INTEGER),
        output=output,
    )


def _default(hint: RangeHint) -> float | None:
    """The default that a port's hints mean (ladspa.h, LADSPA_HINT_DEFAULT_*); None where they name none.

    The ends count whether or not the hints say that the range ends there, as in the SDK's own tools.
    """
    low, high, kind = float(hint.lower), float(hint.upper), hint.hints & DEFAULT_MASK
    if kind in FIXED:
        return FIXED[kind]
    if kind in (AT_LOW, AT_HIGH):
        return low if kind == AT_LOW else high
    if kind not in BETWEEN or not math.isfinite(low + high):
        return None
    part = BETWEEN[kind]
    if not hint.hints & LOGARITHMIC or low < 0 or high < 0:
        value = low * (1 - part) + high * part
    else:
        value = math.exp(math.log(low) * (1 - part) + math.log(high) * part) if low and high else 0.0
    return float(round(value)) if hint.hints & INTEGER else value


def maker(text: str) -> str:
    """A maker without address and e-mail.

    >>> maker("Steve Harris <steve@plugin.org.uk>")
    'Steve Harris'
    """
    return re.sub(r"\s*[<(\[][^<>()\[\]]*(?:@|://)[^<>()\[\]]*[>)\]]", "", text).strip() or text


def _rdf_classes(folders: str) -> dict[str, str]:
    """Categories by unique id or label, as the descriptions in `folders` (joined by `os.pathsep`; the usual ones where
    empty) have them.
    """
    found: dict[str, str] = {}
    left = RDF_LIMIT
    for folder in folders.split(os.pathsep) if folders else RDF_FOLDERS:
        try:
            names = sorted(name for name in os.listdir(folder) if name.endswith((".rdf", ".rdfs")))
        except OSError:
            continue
        for name in names:
            text = _file_text(os.path.join(folder, name), left)
            left -= len(text)
            for kind, plugin in _CLASSES.findall(text):
                found.setdefault(plugin, kind)
    return found


def _file_text(path: str, most: int) -> str:
    try:
        with open_regular(path, foreign_links=True) as file:
            return file.read(most).decode("latin-1")
    except OSError:
        return ""


def _text(raw: bytes | None) -> str:
    """A text of a descriptor: ASCII by the standard, Latin-1 or UTF-8 in fact."""
    if not raw:
        return ""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
