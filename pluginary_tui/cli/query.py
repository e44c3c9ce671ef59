"""Queries on the command line: their results, or one message with a caret and exit code 2."""

from __future__ import annotations

from textwrap import indent
from typing import TYPE_CHECKING

from pluginary_tui.cli.errors import fail, one_line, say
from pluginary_tui.errors import QueryError
from pluginary_tui.formatting import counted
from pluginary_tui.lookup import by_name, search

if TYPE_CHECKING:
    from pluginary_tui.catalogue.store import Store
    from pluginary_tui.model import Plugin
    from pluginary_tui.search.index import Index
    from pluginary_tui.search.result import Result


def matching(store: Store, text: str) -> list[Plugin]:
    """The plugins that match a query, each copy a row, best first. An invalid query exits with code 2.

    Hints, and the term to which an empty result is due, are lines on standard error.
    """
    if not text.strip():
        return by_name(p for p in store.plugins() if not p.hidden)
    index, result = _found(store, text, products=False)
    return [index.plugins[row] for row in result.rows]


def matching_products(store: Store, text: str) -> list[list[Plugin]]:
    """The products that have a plugin which matches a query: all plugins of each, the one that stands for it first.

    Otherwise as `matching`; with an empty query all of them, by name.
    """
    index, result = _found(store, text, products=True)
    return [index.members(row, hidden=result.shows_hidden) for row in result.rows]


def _found(store: Store, text: str, *, products: bool) -> tuple[Index, Result]:
    try:
        index, result = search(store, text, products=products)
    except QueryError as error:
        shown, _, message = str(error).rpartition("\n")
        fail(message, 2, below=indent(shown, "  "))
    for hint in result.messages:
        say(one_line(hint.text))
    for word, other, count in result.also:
        say(f"the last {count:,} by another word for {one_line(word)}: {other}.")
    if index.plugins and not result.total and (cause := index.blame(result.query, products=products)):
        there = counted(cause.total, "product" if products else "plugin")
        say(f"nothing matches; without {one_line(cause.term)} there would be {there}.")
    return index, result
