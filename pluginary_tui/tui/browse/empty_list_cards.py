"""The cards that stand in Browse instead of an empty list: which of them is shown, and its focus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widget import Widget

from pluginary_tui.tui.browse.empty_states import FirstRun, NothingFound
from pluginary_tui.tui.browse.host import BrowseHost
from pluginary_tui.tui.browse.parameter_hint import ParameterHint

if TYPE_CHECKING:  # the modules of searching are imported later
    from pluginary_tui.tui.browse.search_answer import BrowseResult


class EmptyListCards:
    """One card for an empty catalogue, and one for a query that finds nothing."""

    def __init__(self, host: BrowseHost) -> None:
        self.host = host
        self._first_run = FirstRun(id="first-run", classes="card")
        self._nothing_found = NothingFound(id="nothing", classes="card")
        self.widgets = self._nothing_found, self._first_run
        for widget in self.widgets:
            widget.display = False
        self._parameter_hint = ParameterHint(host, self._offer_parameter)

    @property
    def shown(self) -> Widget | None:
        """The card that is shown; None where the list has rows."""
        return next((card for card in self.widgets if card.display), None)

    def show(self, answer: BrowseResult) -> None:
        """Show the reason instead of an empty list."""
        host = self.host
        had_focus = host.focused in (host.list, *self.widgets)
        empty = not answer.catalogue.plugins
        nothing = not answer.result.rows and not empty
        self._first_run.display, self._nothing_found.display = empty, nothing
        host.list.display = not empty and not nothing
        host.set_class(empty, "-empty")
        if nothing:
            self._nothing_found.show(answer.text, answer.cause, answer.noun)
            self._parameter_hint.look(answer.text, answer.cause)
        if had_focus:
            host.set_focus(self.shown or host.list)  # at once, for a key pressed now

    def _offer_parameter(self, query: str, total: int) -> None:
        if self._nothing_found.display:
            self._nothing_found.offer_parameter(query, total)
