"""Looks for a parameter of the name of a word that no plugin has in its own."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pluginary_tui.search.result import EmptyResultCause
    from pluginary_tui.tui.browse.host import BrowseHost

GROUP = "parameter-hint"
"""The group of its workers."""

LEAST = 3
"""Letters of a word that is looked for."""


class ParameterHint:
    """The query with its failing word as `param:`. It is counted in a thread, as that asks the catalogue's file."""

    def __init__(self, host: BrowseHost, show: Callable[[str, int], None]) -> None:
        """`show` gets that query and the number of plugins it finds, in the thread of the app."""
        self.host, self._show = host, show

    def look(self, text: str, cause: EmptyResultCause | None) -> None:
        """Look for plugins that the word to blame finds as a parameter; a look that still runs is dropped."""
        self.host.cancel_workers(GROUP)
        if cause is None or len(cause.term) < LEAST or not cause.is_word:
            return
        from pluginary_tui.search.query_edit import quoted

        start, end = cause.span
        query = f"{text[:start]}param:{quoted(cause.term)}{text[end:]}"
        self.host.run_worker(partial(self._count, query), thread=True, group=GROUP)

    def _count(self, query: str) -> None:
        total = self.host.session.catalogue.index.search(query, limit=0, products=self.host.products).total
        if total:
            self.host.app.call_from_thread(self._show, query, total)
