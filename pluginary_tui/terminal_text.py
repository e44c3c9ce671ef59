"""The gate of all text on its way to a terminal, a table or a document: nothing in it controls what shows it.

Names, paths and messages come from plugins, files and other programs. `model.clean` makes them short where they arrive;
here nothing is lost but the characters that a terminal acts on.
"""

from __future__ import annotations

import re

UNPRINTABLE = "\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
"""Controls (C0, C1), separators of lines and paragraphs, marks of direction, zero-width and tag characters: the inside
of a character class."""

_ANY = re.compile(f"[{UNPRINTABLE}\ud800-\udfff]")
_ANY_BUT_NEWLINE = re.compile(f"(?!\n)[{UNPRINTABLE}\ud800-\udfff]")


def printable(text: str, instead: str = "?") -> str:
    """The text in one line, with `instead` for each character that a terminal might act on or that is no text.

    >>> printable("Verb\\x1b[2J\\nb")
    'Verb?[2J?b'
    """
    return text if text.isprintable() else _ANY.sub(instead, text)


def printable_lines(text: str, instead: str = "?") -> str:
    """The same for several lines, which stay lines."""
    return text if text.isprintable() else _ANY_BUT_NEWLINE.sub(instead, text)


def escaped(text: str) -> str:
    """A JSON document with escapes for such characters, which its readers turn into the characters again.

    >>> escaped('["a\\x9bb"]')
    '["a\\\\u009bb"]'
    """
    return text if text.isprintable() else _ANY_BUT_NEWLINE.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
