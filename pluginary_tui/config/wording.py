"""Values as messages show them."""

from __future__ import annotations

from collections.abc import Mapping

from pluginary_tui.model import clean


def shown(value: object) -> str:
    """A value for a message: short, cleaned, in TOML's notation."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{clean(value, 60)}"'
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, int) and value.bit_length() > 200:
        return "a number too large to show"  # Python refuses to convert very large ones to text
    return clean(value, 60)
