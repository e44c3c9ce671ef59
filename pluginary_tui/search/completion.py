"""Completions of a query: field names, and values of the catalogue."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pluginary_tui.search import dates, fields, match
from pluginary_tui.search.index import Index
from pluginary_tui.search.query_edit import quoted

_VALUE = re.compile(r'([-!]?)(\w+)(:|!=|>=|<=|=|>|<)((?:"[^"]*"|[^",])*,)*("?)([^",]*)')


@dataclass(frozen=True, slots=True)
class Completion:
    """A completion: `text` replaces the columns `start` to `end`."""

    text: str
    start: int
    end: int
    about: str = ""
    """Description of the field, or the number of plugins with the value."""


def complete(index: Index, text: str, cursor: int, limit: int = 20) -> list[Completion]:
    """The completions of the term before the cursor, most likely first; none between terms."""
    start = _term_start(text, cursor)
    typed = text[start:cursor]
    if not typed:
        return []
    found = _VALUE.fullmatch(typed)
    field = fields.find(found[2], index.figures) if found else None
    if found and field:
        at = start + found.start(5)
        return [
            Completion(value if field.kind == "sort" else quoted(value), at, cursor, about)
            for value, about in _values(index, field, found[6])
            if value.casefold() != found[6].casefold()
        ][:limit]
    sign = typed[:1] if typed[:1] in "-!" else ""
    word = typed[len(sign) :]
    if word.startswith("#"):
        tags = _starting(index.values("tag"), word[1:])
        return [Completion(f"{sign}#{tag}", start, cursor, about) for tag, about in tags if " " not in tag][:limit]
    names = [field for field in fields.FIELDS if word and field.name.startswith(word.casefold())]
    figures = [name for name in index.figures if word and name.startswith(word.casefold())]
    return [
        *(Completion(f"{sign}{field.name}:", start, cursor, field.about) for field in names),
        *(Completion(f"{sign}{name}:", start, cursor, index.about.get(name, "a measured figure")) for name in figures),
    ][:limit]


def _term_start(text: str, cursor: int) -> int:
    """Start of the term at the cursor: after the last space outside quotes."""
    start, inside = 0, False
    for at, letter in enumerate(text[:cursor]):
        if letter == '"' and (inside or at == start or text[at - 1] in ":=<>,-!"):
            inside = not inside
        elif letter.isspace() and not inside:
            start = at + 1
    return start


def _values(index: Index, field: fields.Field, typed: str) -> list[tuple[str, str]]:
    if field.kind == "state":
        names = fields.state_names(index.states)
        return [(name, index.about.get(name, "")) for name in names if name.startswith(typed.casefold())]
    if field.kind == "date":
        return [(name, "") for name in (*dates.EXAMPLES, dates.NEVER) if name.startswith(typed.casefold())]
    if field.kind == "sort":
        sign, typed = ("-", typed[1:]) if typed.startswith("-") else ("", typed)
        keys = (*fields.SORT_KEYS, *index.figures)
        return [(sign + key, "") for key in keys if key.startswith(typed.casefold())]
    if field.kind == "words":
        return _starting(index.values(field.name), typed)
    return []


def _starting(values: list[tuple[str, int]], typed: str) -> list[tuple[str, str]]:
    """The values with a word that starts as typed; those that start so themselves first."""
    term = match.compact(typed)
    scored = [(match.score(term, match.groups(value)) if term else match.SURE, value, n) for value, n in values]
    good = [(value, n) for score, value, n in scored if score >= match.SURE]
    first = [v for v in good if match.fold(v[0]).startswith(match.fold(typed))]
    return [(value, f"{n} plugin{'s' * (n != 1)}") for value, n in (*first, *(v for v in good if v not in first))]
