"""Runs the query: at once where that is quick, else in a worker thread."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING

from textual.worker import get_current_worker

# The search modules are imported by the thread that reads the catalogue, while the first plugins are shown.
if TYPE_CHECKING:
    from pluginary_tui.tui.browse.host import BrowseHost
    from pluginary_tui.tui.browse.search_answer import BrowseResult

AT_ONCE_S = 0.03
"""Searches that take no longer run between two keys; slower ones in a thread."""

GROUP = "search"
"""The group of the workers that search."""


class SearchController:
    """Searches for what the query line says. An older result never replaces a newer one."""

    def __init__(
        self,
        host: BrowseHost,
        show: Callable[[BrowseResult], None],
        post: Callable[[BrowseResult], object],
        wait: Callable[[], None],
    ) -> None:
        """`show` shows the result of the newest search; `post` brings a result from a thread to `take`; `wait` shows
        that a thread searches, while an older result is in sight.
        """
        self.host, self._show, self._post, self._wait = host, show, post, wait
        self._number = 0
        self._took = 0.0

    def search(self, order: str, *, keep: bool = True, products: bool = False) -> None:
        """Search for plugins or products, ordered by `order` where the query names no order.

        `keep`: the cursor stays on its plugin.
        """
        self._number += 1
        host = self.host
        if not host.session.loaded:
            return
        from pluginary_tui.search.result import SearchCancelledError
        from pluginary_tui.tui.browse.search_answer import is_quick, run_query

        catalogue, text = host.session.catalogue, host.query_text
        run = partial(run_query, self._number, text, catalogue, order, keep=keep, products=products)
        host.cancel_workers(GROUP)
        if self._took < AT_ONCE_S and is_quick(catalogue.index.parse(text), len(catalogue.plugins)):
            late = perf_counter() + AT_ONCE_S
            try:
                found = run(lambda: perf_counter() > late)
            except SearchCancelledError:
                pass  # slower than expected: again, in a thread
            else:
                self.take(found)
                return
        self._wait()
        host.run_worker(partial(self._search_in_thread, run), thread=True, group=GROUP)

    def _search_in_thread(self, run: Callable[[Callable[[], bool]], BrowseResult]) -> None:
        from pluginary_tui.search.result import SearchCancelledError

        worker = get_current_worker()
        try:
            found = run(lambda: worker.is_cancelled)
        except SearchCancelledError:
            return
        except Exception:
            if not worker.is_cancelled:
                raise
            return
        if not worker.is_cancelled:
            self._post(found)

    def take(self, result: BrowseResult) -> None:
        """Show a result, unless a newer search has begun."""
        if result.number == self._number:
            self._took = result.result.elapsed_ms / 1000
            self._show(result)
