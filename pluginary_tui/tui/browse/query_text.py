"""Edits the text of a query: drops words, excludes values, orders."""

from __future__ import annotations

from pluginary_tui.search import query_edit
from pluginary_tui.search.column_store import FACETS
from pluginary_tui.search.query import Filter, Query, Sort, TextMatch, Word, parse


def without_words(text: str, understood: Query | None = None) -> str:
    """The query, which was `understood` so, without its plain words: filters and order stay."""
    spans = [term.span for term in (understood or parse(text)).terms if isinstance(term, Word)]
    for span in sorted(spans, reverse=True):
        text = query_edit.cut(text, span)
    return text


def excluding(text: str, facet: str, value: str) -> str:
    """The query without this value of a facet; with it again where it was left out already."""
    term = _exclusion(facet, value)
    if term in text:
        at = text.index(term)
        return query_edit.cut(text, (at, at + len(term)))
    return f"{query_edit.without_filter(text, facet, value)} {term}".strip()


def left_out(query: Query) -> list[tuple[str, str]]:
    """The values of facets that the query leaves out, as `excluding` writes them: facet and value."""
    found = []
    for term in query.terms:
        if isinstance(term, Filter) and term.negated and len(term.values) == 1:
            facet = "kind" if term.field == "is" else term.field
            value = term.values[0]
            text = value.text if isinstance(value, TextMatch) else str(value)
            if facet in FACETS and _exclusion(facet, text) in query.text:
                found.append((facet, text))
    return found


def _exclusion(facet: str, value: str) -> str:
    return f"-is:{value}" if facet == "kind" else f"-{facet}={query_edit.quoted(value)}"


def order_of(query: Query) -> str:
    """The order that the query names, as `sort:` words it; empty where it names none."""
    return f"{'-' if query.sort[0].descending else ''}{query.sort[0].field}" if query.sort else ""


def order(key: str) -> Sort:
    """What `sort:` words as `-name`."""
    return Sort(key.lstrip("-"), key.startswith("-"))


def ordered_by(text: str, key: str) -> str:
    """The query with this order and no other."""
    words = [word for word in text.split(" ") if not word.startswith("sort:")]
    return " ".join([*words, f"sort:{key}"]).strip()
