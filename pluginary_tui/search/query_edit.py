"""Changing a query's text by hand of a machine: choosing facets, dropping a term."""

from __future__ import annotations

import re

from pluginary_tui.search.query import Filter, Span, Term, TextMatch, parse

_FIELD_OF = {"kind": "is"}
_LISTED = ("vendor", "category", "tag")
_KINDS = ("effect", "instrument")
_BARE = re.compile(r"[^\s\",^$|'][^\s\",|$]*")


def quoted(value: str) -> str:
    """A value as it must be written after a field."""
    return value if _BARE.fullmatch(value) else '"' + value.replace('"', '""') + '"'


def belongs(clause: tuple[Term, ...], facet: str) -> bool:
    """Whether a clause of a query is the choice of values of a facet, and nothing else."""
    field = _FIELD_OF.get(facet, facet)
    return all(
        isinstance(term, Filter)
        and term.field == field
        and not term.negated
        and (field != "is" or all(value in _KINDS for value in term.values))
        for term in clause
    )


def has_filter(text: str, facet: str, value: str) -> bool:
    """Whether a query chooses a value of a facet."""
    return any(_holds(term, value) for term in _choices(text, facet))


def with_filter(text: str, facet: str, value: str) -> str:
    """A query that chooses a value of a facet too: one more value of a choice that is there, or a new term."""
    if has_filter(text, facet, value):
        return text
    for term in _choices(text, facet):
        start, end = term.span
        grown = text[:start] + _written(term, [*map(_value, term.values), value]) + text[end:]
        if has_filter(grown, facet, value):
            return grown
    op = "=" if facet in _LISTED else ":"
    term_text = f"{_FIELD_OF.get(facet, facet)}{op}{quoted(value)}"
    longer = f"{text.rstrip()} {term_text}".lstrip()
    if has_filter(longer, facet, value) and len(parse(longer).clauses) > len(parse(text).clauses):
        return longer
    return f"{term_text} {text.lstrip(' |')}"  # an open quote or a | at the end would have taken it in


def without_filter(text: str, facet: str, value: str) -> str:
    """A query that no longer chooses a value of a facet."""
    for term in reversed(_choices(text, facet)):
        if _holds(term, value):
            left = [v for v in map(_value, term.values) if v.casefold() != value.casefold()]
            start, end = term.span
            text = text[:start] + _written(term, left) + text[end:] if left else cut(text, term.span)
    return text


def toggled(text: str, facet: str, value: str) -> str:
    """A query with a facet's value chosen where it was not, and the other way round."""
    return (without_filter if has_filter(text, facet, value) else with_filter)(text, facet, value)


def cut(text: str, span: Span) -> str:
    """A query without the term at a span, and without the space it leaves."""
    before, after = text[: span[0]].rstrip(), text[span[1] :].lstrip()
    return f"{before} {after}" if before and after else before or after


def _choices(text: str, facet: str) -> list[Filter]:
    clauses = parse(text).clauses
    found = [clause[0] for clause in clauses if len(clause) == 1 and belongs(clause, facet)]
    return [term for term in found if isinstance(term, Filter)]


def _holds(term: Filter, value: str) -> bool:
    return any(_value(held).casefold() == value.casefold() for held in term.values)


def _value(value: object) -> str:
    return value.text if isinstance(value, TextMatch) else str(value)


def _written(term: Filter, values: list[str]) -> str:
    exact = any(isinstance(value, TextMatch) and value.how == "whole" for value in term.values)
    return f"{term.field}{'=' if exact else ':'}{','.join(map(quoted, values))}"
