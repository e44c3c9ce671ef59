"""Chains of plugins as text: `zamcomp[ratio=4, "threshold"=-20] + builtin/pedalboard/reverb`."""

from __future__ import annotations

import re

from pluginary_tui.errors import ExpressionError

_PART = re.compile(
    r"""\s* (?P<name> "[^"]+" | [^"\[\]]+? ) \s*
        (?: \[ (?P<settings> (?: "[^"]*" | [^"\[\]] )* ) \] )? \s* (?: \+(?=\s) | $ )""",
    re.VERBOSE,
)
_SETTING = re.compile(r"""\s*(?P<name>"[^"]+"|[^"=,]+?)\s*=\s*(?P<value>"[^"]*"|[^",]*?)\s*(?:,|$)""")


def parse(expression: str) -> list[tuple[str, dict[str, str]]]:
    """The names in an expression, each with its settings. Raises ExpressionError with the place that cannot be read.

    A plus between two names has a blank behind it, so that names may hold one.

    >>> parse('zamcomp[ratio=4, "hold, release"=20] + zamverb')
    [('zamcomp', {'ratio': '4', 'hold, release': '20'}), ('zamverb', {})]
    """
    found: list[tuple[str, dict[str, str]]] = []
    at = 0
    while at < len(expression) or not found:
        match = _PART.match(expression, at)
        name = match["name"].strip() if match else ""
        if match is None or not name or name[0] == "+" or name[-1] == "+":
            raise ExpressionError(f"Cannot read {expression[at : at + 40]!r}; write NAME[PARAMETER=VALUE, ...] + NAME.")
        found.append((_unquoted(name), settings(match["settings"] or "")))
        at = match.end()
    return found


def settings(text: str) -> dict[str, str]:
    """`name=value` pairs that commas separate, either quoted where it holds one. Raises ExpressionError."""
    found = {}
    at = 0
    while at < len(text):
        match = _SETTING.match(text, at)
        if match is None:
            raise ExpressionError(f"Cannot read {text[at : at + 40]!r}; write PARAMETER=VALUE.")
        found[_unquoted(match["name"])] = _unquoted(match["value"])
        at = match.end()
    return found


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text
