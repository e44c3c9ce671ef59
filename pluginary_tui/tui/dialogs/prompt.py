"""The dialog that asks for one line of text, and shows while it is typed how it may go on."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from functools import partial
from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from pluginary_tui.tui.widgets.line_input import LineInput

Complete = Callable[[str], list[str]]
"""The whole lines that a begun line may become, the likeliest first."""


class PromptInput(LineInput):
    """The line. Tab takes the first way to go on; pressed again, the next one."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("tab", "complete", "Complete", show=False, id="ask_complete")]

    def action_complete(self) -> None:
        """Put in the next way to go on."""
        if isinstance(self.screen, Prompt):
            self.screen.take_offer()


class Prompt(ModalScreen[str | None]):
    """One line of text; escape gives none. `complete`, which may look at the disk, says how it may go on."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Cancel", id="cancel")]

    def __init__(
        self, title: str, hint: str, value: str = "", complete: Complete | None = None, ellipsis: str = "…"
    ) -> None:
        super().__init__()
        self.title_text, self.hint, self.value, self.ellipsis = title, hint, value, ellipsis
        self.complete = complete
        self.offers: list[str] = []
        """How the line may go on."""
        self._taken = -1
        """Which of the offers stands in the line, put there by Tab."""

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = Content(self.title_text)
            yield PromptInput(self.value, select_on_focus=False, id="answer")
            if self.complete:
                yield Static("", markup=False, id="offers")
            yield Static(self.hint, markup=False, classes="dialog-hint")

    def on_input_changed(self, event: Input.Changed) -> None:
        if self.complete is None or (self._taken >= 0 and self.offers[self._taken] == event.value):
            return
        self.run_worker(partial(self._offer, self.complete, event.value), exclusive=True)  # type: ignore[arg-type]

    async def _offer(self, complete: Complete, line: str) -> None:
        offers = await asyncio.to_thread(complete, line)
        self.offers, self._taken = offers, -1
        self._show_offers()

    def take_offer(self) -> None:
        """Put the next way to go on into the line."""
        if not self.offers:
            return
        line = self.query_one(PromptInput)
        self._taken = (self._taken + 1) % len(self.offers)
        line.value = self.offers[self._taken]
        line.cursor_position = len(line.value)
        if len(self.offers) == 1 and self.complete:  # nothing to choose from: on to what comes behind it
            self._taken = -1
            self.run_worker(partial(self._offer, self.complete, line.value), exclusive=True)  # type: ignore[arg-type]
        self._show_offers()

    def _show_offers(self) -> None:
        place = self.query_one("#offers", Static)
        room = place.size.width - len("tab  ")
        offers = in_a_row(self.offers, self._taken, room, self.ellipsis)
        place.update(Content.assemble(("tab", "bold $text-accent"), f"  {offers}") if offers else Content(""))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value)

    def action_cancel(self) -> None:
        self.dismiss(None)


def in_a_row(lines: Sequence[str], at: int, room: int, ellipsis: str) -> str:
    """The last words of these lines side by side, from the one after `at` on, as many as `room` cells hold."""
    shown = ""
    for line in [*lines[at + 1 :], *lines[: at + 1]]:
        longer = f"{shown}  {_last(line)}" if shown else _last(line)
        if cell_len(longer) > room - 2:
            return f"{shown} {ellipsis}"
        shown = longer
    return shown


def _last(line: str) -> str:
    bare = line.rstrip(os.sep)
    return bare.rpartition(os.sep)[2] if os.sep in bare else line.split(" ")[-1]
