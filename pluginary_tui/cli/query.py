"""Queries on the command line: their results, or one message with a caret and exit code 2."""

from __future__ import annotations

from textwrap import indent
from typing import TYPE_CHECKING

from pluginary_tui.cli.errors import fail, one_line, say
from pluginary_tui.errors import QueryError
from pluginary_tui.lookup import by_name, search

if TYPE_CHECKING:
    from pluginary_tui.catalogue.store import Store
    from pluginary_tui.model import Plugin


def matching(store: Store, text: str) -> list[Plugin]:
    """The plugins that match a query, each copy a row, best first. An invalid query exits with code 2.

    Hints, and the term to which an empty result is due, are lines on standard error.
    """
    if not text.strip():
        return by_name(p for p in store.plugins() if not p.hidden)
    try:
        index, result = search(store, text)
    except QueryError as error:
        shown, _, message = str(error).rpartition("\n")
        fail(message, 2, below=indent(shown, "  "))
    for hint in result.messages:
        say(one_line(hint.text))
    for word, other, count in result.also:
        say(f"the last {count:,} by another word for {one_line(word)}: {other}.")
    if index.plugins and not result.total and (cause := index.blame(result.query)):
        plugins = "1 plugin" if cause.total == 1 else f"{cause.total} plugins"
        say(f"nothing matches; without {one_line(cause.term)} there would be {plugins}.")
    return [index.plugins[row] for row in result.rows]
