"""Edits a query's text: toggles and excludes facet values, removes terms, sets the order."""

from __future__ import annotations

import math
import re

from pluginary_tui.figures import FACET_RANGES
from pluginary_tui.search import query as queries
from pluginary_tui.search.column_store import FACETS
from pluginary_tui.search.query import Filter, NumberRange, Query, Sort, Span, Term, TextMatch, Word
from pluginary_tui.search.spellings import APOSTROPHES, MINUS, QUOTES, ascii_signs

_FIELD_OF = {"kind": "is"}
_LISTED = ("vendor", "category", "tag")
_KINDS = ("effect", "instrument")
_BARE = re.compile(r"[^\s\",^$|'*!…<>=:≥≤≠⩾⩽-][^\s\",|$*…]*")


def parse(text: str) -> Query:
    """A query in which figures that are facets are fields."""
    return queries.parse(text, tuple(FACET_RANGES))


def quoted(value: str) -> str:
    """A value as it is written after a field, quoted where necessary."""
    bare = _BARE.fullmatch(value) and ascii_signs(value) == value and value[0] not in MINUS + QUOTES + APOSTROPHES
    return value if bare else '"' + value.replace('"', '""') + '"'


def belongs(clause: tuple[Term, ...], facet: str) -> bool:
    """Whether a clause of a query only selects values of a facet."""
    field = _FIELD_OF.get(facet, facet)
    return all(
        isinstance(term, Filter)
        and term.field == field
        and not term.negated
        and (field != "is" or all(value in _KINDS for value in term.values))
        for term in clause
    )


def has_filter(text: str, facet: str, value: str) -> bool:
    """Whether a query selects a value of a facet."""
    return any(_holds(term, value) for term in _choices(text, facet))


def with_filter(text: str, facet: str, value: str) -> str:
    """The query with a value of a facet selected: added to an existing selection, or as a new term."""
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
    return f"{term_text} {text.lstrip(' |')}"  # put first, where an open quote or a | at the end would swallow it


def without_filter(text: str, facet: str, value: str) -> str:
    """The query without the selection of a value of a facet."""
    for term in reversed(_choices(text, facet)):
        if _holds(term, value):
            left = [v for v in map(_value, term.values) if v.casefold() != value.casefold()]
            start, end = term.span
            text = text[:start] + _written(term, left) + text[end:] if left else cut(text, term.span)
    return text


def toggled(text: str, facet: str, value: str) -> str:
    """The query with the selection of a facet's value toggled."""
    return (without_filter if has_filter(text, facet, value) else with_filter)(text, facet, value)


def cut(text: str, span: Span) -> str:
    """The query without the term at a span and without the space around it."""
    before, after = text[: span[0]].rstrip(), text[span[1] :].lstrip()
    return f"{before} {after}" if before and after else before or after


def without_last(text: str, parsed: Query) -> str:
    """The query without what was written last: a term, else a sort key or a text that is no term."""
    spans = sorted(term.span for term in parsed.terms)
    words = list(re.finditer(r"\S+", text))
    if spans and not text[spans[-1][1] :].strip(" |"):
        rest = cut(text, spans[-1])
    else:
        rest = text[: words[-1].start()].rstrip() if words else ""
    return re.sub(r"\s*(\||\b(?:AND|OR|NOT))$", "", rest.rstrip()).rstrip()


def without_words(text: str, parsed: Query | None = None) -> str:
    """The query without its plain words; filters and order stay. `parsed` is the query if it was parsed already."""
    spans = [term.span for term in (parsed or parse(text)).terms if isinstance(term, Word)]
    for span in sorted(spans, reverse=True):
        text = cut(text, span)
    return text


def excluding(text: str, facet: str, value: str) -> str:
    """The query with the exclusion of a facet's value toggled."""
    term = _exclusion(facet, value)
    if term in text:
        at = text.index(term)
        return cut(text, (at, at + len(term)))
    return f"{without_filter(text, facet, value)} {term}".strip()


def left_out(query: Query) -> list[tuple[str, str]]:
    """Facet and value of the exclusions that `excluding` wrote."""
    found = []
    for term in query.terms:
        if isinstance(term, Filter) and term.negated and len(term.values) == 1:
            facet = "kind" if term.field == "is" else term.field
            value = term.values[0]
            text = _value(value)
            if facet == "kind" and text not in _KINDS:  # another state, such as -is:tagged
                continue
            if facet in FACETS and _exclusion(facet, text) in query.text:
                found.append((facet, text))
    return found


def _exclusion(facet: str, value: str) -> str:
    if facet == "kind":
        return f"-is:{value}"
    return f"-{facet}{':' if facet in FACET_RANGES else '='}{quoted(value)}"


def order_of(query: Query) -> str:
    """The first sort key of the query as `sort:` writes it (`-name`); empty where there is none."""
    return f"{'-' if query.sort[0].descending else ''}{query.sort[0].field}" if query.sort else ""


def order(key: str) -> Sort:
    """The sort key that `sort:` writes as `-name`."""
    return Sort(key.lstrip("-"), key.startswith("-"))


def ordered_by(text: str, key: str) -> str:
    """The query with this sort key instead of its own."""
    words = [word for word in text.split(" ") if not word.startswith("sort:")]
    return " ".join([*words, f"sort:{key}"]).strip()


def _choices(text: str, facet: str) -> list[Filter]:
    clauses = parse(text).clauses
    found = [clause[0] for clause in clauses if len(clause) == 1 and belongs(clause, facet)]
    return [term for term in found if isinstance(term, Filter)]


def _holds(term: Filter, value: str) -> bool:
    return any(_value(held).casefold() == value.casefold() for held in term.values)


def _value(value: object) -> str:
    if isinstance(value, NumberRange):
        return "..".join("" if math.isinf(end) else f"{end:g}" for end in (value.low, value.high))
    return value.text if isinstance(value, TextMatch) else str(value)


def _written(term: Filter, values: list[str]) -> str:
    exact = any(isinstance(value, TextMatch) and value.how == "whole" for value in term.values)
    return f"{term.field}{'=' if exact else ':'}{','.join(map(quoted, values))}"
