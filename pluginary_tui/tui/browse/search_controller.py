"""From the query line to its answer: between two keys where that is quick, in a thread where it is not."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING

from textual.message import Message
from textual.worker import get_current_worker

from pluginary_tui.errors import PluginaryError
from pluginary_tui.tui.browse.layout_controller import ArrangingScreen

# What searches is imported by the thread that reads the catalogue, while the first plugins are on the screen.
if TYPE_CHECKING:
    from pluginary_tui.tui.browse.search_answer import BrowseResult

AT_ONCE_S = 0.03
"""Searches that take no longer run between two keys; slower ones in a thread."""


class SearchingScreen(ArrangingScreen):
    """Asks what the query line says. An older answer never replaces a newer one."""

    class Answered(Message):
        """A search in a thread is done."""

        def __init__(self, answer: BrowseResult) -> None:
            super().__init__()
            self.answer = answer

    def __init__(self, *, classes: str | None = None) -> None:
        super().__init__(classes=classes)
        self._number = 0
        self._took = 0.0

    def show_answer(self, answer: BrowseResult) -> None:
        """Show the answer to the newest question."""
        raise NotImplementedError

    def search(self, *, keep: bool = True) -> None:
        """Answer the query line as it stands. `keep`: the cursor stays on its plugin."""
        self._number += 1
        if not self.session.loaded:
            return
        from pluginary_tui.search.index import SearchCancelledError
        from pluginary_tui.tui.browse.search_answer import is_quick, run_query

        catalogue, text = self.session.catalogue, self.query_text
        ask = partial(run_query, self._number, text, catalogue, self.order, keep=keep)
        self.workers.cancel_group(self, "search")
        if self._took < AT_ONCE_S and is_quick(catalogue.index.parse(text), len(catalogue.plugins)):
            late = perf_counter() + AT_ONCE_S
            try:
                found = ask(lambda: perf_counter() > late)
            except SearchCancelledError:
                pass  # in a thread, then
            else:
                self._take(found)
                return
        self.run_worker(partial(self._search_aside, ask), thread=True, group="search")

    def _search_aside(self, ask: Callable[[Callable[[], bool]], BrowseResult]) -> None:
        from pluginary_tui.search.index import SearchCancelledError

        worker = get_current_worker()
        try:
            found = ask(lambda: worker.is_cancelled)
        except SearchCancelledError:
            return
        except PluginaryError as error:
            if not worker.is_cancelled:
                self.app.call_from_thread(self.notify, str(error), severity="error", markup=False)
            return
        if not worker.is_cancelled:
            self.post_message(self.Answered(found))

    def on_searching_screen_answered(self, message: Answered) -> None:
        self._take(message.answer)

    def _take(self, answer: BrowseResult) -> None:
        if answer.number == self._number:
            self._took = answer.result.elapsed_ms / 1000
            self.show_answer(answer)
