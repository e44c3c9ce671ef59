"""Signs, pasted texts and names that other programs use, as the query language writes them."""

from __future__ import annotations

import os
import re
from typing import NamedTuple

from pluginary_tui.formats import FORMAT_NAMES

_WIDE = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_SIGNS = {**_WIDE, ord("、"): ",", ord("،"): ","}
MINUS = "-−‐‑‒–—"
QUOTES = '"“”„‟«»'
APOSTROPHES = "'‘’‚‛"
OPERATORS = {
    "==": "=",
    "=>": ">=",
    "=<": "<=",
    "<>": "!=",
    "≥": ">=",
    "≤": "<=",
    "≠": "!=",
    "⩾": ">=",
    "⩽": "<=",
}
"""Comparisons of other languages -> ours."""

_BUNDLE = r"[^/\\]\.(?:vst3|component|vst|clap|lv2|dll|so|dylib)(?=[/\\\s\"']|$)"
_PATH = re.compile(
    rf"(?:file://|~?/|[A-Za-z]:[\\/])(?:(?:\\ |[^\n\"'])*?{_BUNDLE}|(?:\\ |[^\s|])*\w(?:\\ |[^\s|])*)", re.IGNORECASE
)
_REST = re.compile(r"[/\\][^\s|]*")
_ID = re.compile(rf"(?:{'|'.join(FORMAT_NAMES)})/[^/\s|]+/[^/\s|,]+(?=\s|$|\|)")
_UID = re.compile(r"(?:[0-9A-Fa-f]{32}|\{?[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}?)(?=\s|$|\|)")

YES_OR_NO = {"yes": True, "true": True, "1": True, "*": True, "no": False, "false": False, "0": False, "none": False}


class Pasted(NamedTuple):
    """A text of another place that was put into a query as it is."""

    field: str
    text: str
    end: int
    """The column after it."""


def ascii_signs(text: str) -> str:
    """A text of the same length whose full-width signs, letters and digits are the ASCII ones."""
    return text if text.isascii() else text.translate(_SIGNS)


def pasted(text: str, at: int) -> Pasted | None:
    """The path, id or class id that stands at a column of a query."""
    quote = text[at : at + 1] if text[at : at + 1] in ("'", '"') else ""
    if found := _PATH.match(text, at + len(quote)):
        rest = _REST.match(text, found.end())  # a file within the bundle
        end = rest.end() if rest else found.end()
        if quote:
            end = text.find(quote, end) + 1 or len(text)
        return Pasted("path", _path(found[0]), end) if any(map(str.isalnum, found[0])) else None
    for field, pattern in (("id", _ID), ("uid", _UID)):
        if not quote and (found := pattern.match(text, at)):
            return Pasted(field, found[0].strip("{}"), found.end())
    return None


def _path(text: str) -> str:
    if text.casefold().startswith("file://"):
        from pluginary_tui.file_iri import path_of

        return path_of(text)
    return text.replace("\\ ", " ")


def at_home(path: str) -> str:
    """A path with `~`, which screens write for the home folder, written out."""
    return os.path.expanduser(path) if path.startswith("~") else path  # leaves unknown users unchanged


KIND_VALUES = {
    **dict.fromkeys(("effect", "effects", "fx"), ("is", "effect")),
    **dict.fromkeys(("instrument", "instruments", "synth", "synths"), ("is", "instrument")),
    **dict.fromkeys(("vst3", "vst"), ("format", "vst3")),
    **dict.fromkeys(("au", "aufx", "audiounit", "component"), ("format", "au")),
    **{name: ("format", name) for name in FORMAT_NAMES if name not in ("vst3", "au", "builtin")},
    **dict.fromkeys(("builtin", "built-in", "internal"), ("format", "builtin")),
}
"""What other programs write after `kind:` and `type:` -> the field and its value."""
