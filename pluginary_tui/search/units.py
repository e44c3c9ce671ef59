"""Numbers as typed: with thousands separators, multipliers and the unit of their field."""

from __future__ import annotations

import re
from collections.abc import Mapping

_TIME = {"s": 1.0, "sec": 1.0, "secs": 1.0, "second": 1.0, "seconds": 1.0, "ms": 0.001, "msec": 0.001}
_DECIBEL = {"db": 1.0, "dbfs": 1.0}
_STARS = {"*": 1.0, "★": 1.0, "star": 1.0, "stars": 1.0}

_SCALES: Mapping[str, Mapping[str, float]] = {
    "%": {"%": 1, "percent": 1},
    "s": _TIME,
    "ms": {name: factor * 1000 for name, factor in _TIME.items()},
    "MiB": {"mib": 1, "mb": 1, "m": 1, "kib": 1 / 1024, "kb": 1 / 1024, "gib": 1024, "gb": 1024, "g": 1024},
    "Hz": {"hz": 1, "khz": 1000},
    "dB": _DECIBEL,
    "dBFS": _DECIBEL,
    "dB/octave": {**_DECIBEL, "db/octave": 1, "db/oct": 1},
    "cents": {"cents": 1, "cent": 1, "ct": 1},
    ":1": {":1": 1},
    "samples": {"samples": 1, "sample": 1, "smp": 1, "spl": 1, "spls": 1},
    "channels": {"channels": 1, "channel": 1, "ch": 1},
    "bytes": {
        **dict.fromkeys(("b", "byte", "bytes"), 1),
        **dict.fromkeys(("kb", "k"), 1e3),
        **dict.fromkeys(("mb", "m"), 1e6),
        **dict.fromkeys(("gb", "g"), 1e9),
        "kib": 1 << 10,
        "mib": 1 << 20,
        "gib": 1 << 30,
    },
    "stars": _STARS,
}
"""Unit of a field -> the units that may follow a number (lower case) -> what the number is multiplied by."""

_RATE_KHZ = 48
_NUMBER = re.compile(r"([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))([kKM]?)")
_MULTIPLIERS = {"": 1, "k": 1000, "K": 1000, "M": 1_000_000}
_MINUS = str.maketrans(dict.fromkeys("−‐‑‒–—", "-"))

GROUPED = re.compile("[+-]?[0-9]{1,3}(?:([,'’_ \u00a0\u2009\u202f])[0-9]{3})(?:\\1[0-9]{3})*(?![0-9])")
"""A number with thousands separators; ordinary spaces count only within a pasted number."""


def ungrouped(text: str, compared: bool) -> str:
    """A text that `GROUPED` matches without its separators; empty where it stands for several values.

    `1,200` is two values after `:`, but one number where it is `compared` (`>1,200`); `1,000` is always one.
    """
    first, *rest = re.split("[^0-9+-]", text)
    if "," in text and not compared and not any(part.startswith("0") for part in rest):
        return ""
    return "".join((first, *rest))


def number(text: str, unit: str) -> float | None:
    """The number that a text means in a field's unit (`5%`, `1.5kHz`, `2k`); None where it is no number in it."""
    text = text.translate(_MINUS).strip()
    if found := _NUMBER.fullmatch(text):
        return float(found[1]) * _MULTIPLIERS[found[2]]
    found = _NUMBER.match(text)
    if not found:
        return None
    for end in (found.end(), found.end(1)):
        factor = _SCALES.get(unit, {}).get(text[end:].strip().casefold())
        if factor is not None:
            return float(text[:end][: len(found[1])]) * (_MULTIPLIERS[found[2]] if end == found.end() else 1) * factor
    return None


def is_unit(text: str, unit: str) -> bool:
    """Whether a word after a number is a unit that `number` or `advice` has for a field of this unit."""
    word = text.casefold()
    return word in _SCALES.get(unit, ()) or (unit == "samples" and word in _TIME)


def advice(name: str, op: str, text: str, unit: str) -> str:
    """What to write instead of a text that is not a number of a field."""
    text = text.translate(_MINUS).strip()
    op = op if op != ":" else "="
    found = _NUMBER.match(text)
    if found and unit == "samples" and (seconds := _TIME.get(text[found.end(1) :].strip().casefold())):
        samples = round(float(found[1]) * seconds * 1000 * _RATE_KHZ)
        return f"{name} is in samples: at {_RATE_KHZ} kHz write {name}{op}{samples}"
    if found and found[0] and found.end() < len(text) and ".." not in text and unit:
        return f"{name} is in {unit}: write {name}{op}{found[0]}"
    if text in ("*", "none"):
        return f"write {name}>0" if text == "*" else f"write {name}=0"
    return f"{name} wants a number or a range such as 10..20, not {text}"
