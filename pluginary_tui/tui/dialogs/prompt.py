"""A dialog for one line of text, with completion."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from functools import partial
from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from pluginary_tui.tui.core.actions import bindings
from pluginary_tui.tui.widgets.base_screen import BaseDialog
from pluginary_tui.tui.widgets.line_input import LineInput

Complete = Callable[[str], list[str]]
"""The whole lines that a begun line may become, the likeliest first."""


class PromptInput(LineInput):
    """The line. The completion key puts the first completion in; pressed again, the next one."""

    ACTION_GROUP = "prompt_line"
    BINDINGS: ClassVar[list[BindingType]] = bindings("prompt_line")

    def action_complete(self) -> None:
        """Put the next completion in."""
        if isinstance(self.screen, Prompt):
            self.screen.take_completion()


class Prompt(BaseDialog[str | None]):
    """One line of text; None where it is left. `complete`, which may read the disk, runs in a thread."""

    ACTION_GROUP = "prompt"
    BINDINGS: ClassVar[list[BindingType]] = bindings("prompt")

    def __init__(
        self,
        title: str,
        hint: str,
        value: str = "",
        complete: Complete | None = None,
        ellipsis: str = "…",
        *,
        check: Callable[[str], str] | None = None,
        problem: str = "",
    ) -> None:
        """`hint` ends with what Enter does; the key that leaves is added to it.

        `check` says what is wrong with a line, or nothing: then the dialog stays open and shows it. `problem` is shown
        at the beginning.
        """
        super().__init__()
        self.check, self.problem = check, problem
        self.title_text, self.hint, self.value, self.ellipsis = title, hint, value, ellipsis
        self.complete = complete
        self.completions: list[str] = []
        """Whole lines that the line may become."""
        self._taken = -1
        """Index of the completion that stands in the line; -1 for none."""

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = Content(self.title_text)
            yield PromptInput(self.value, select_on_focus=False, id="answer")
            if self.complete:
                yield Static("", markup=False, id="offers")
            if self.check:
                yield Static(self.problem, markup=False, id="problem")
            hint = f"{self.hint}, {self.session.key_of('cancel')} leaves."
            yield Static(hint, markup=False, classes="dialog-hint")

    def on_input_changed(self, event: Input.Changed) -> None:
        if self.check and event.value != self.value:
            self._say("")
        if self.complete is None or (self._taken >= 0 and self.completions[self._taken] == event.value):
            return
        self._start_completion(self.complete, event.value)

    def _start_completion(self, complete: Complete, line: str) -> None:
        self.run_worker(partial(self._complete, complete, line), exclusive=True)

    async def _complete(self, complete: Complete, line: str) -> None:
        completions = await asyncio.to_thread(complete, line)
        self.completions, self._taken = completions, -1
        self._show_completions()

    def take_completion(self) -> None:
        """Put the next completion into the line."""
        if not self.completions:
            return
        line = self.query_one(PromptInput)
        self._taken = (self._taken + 1) % len(self.completions)
        line.value = self.completions[self._taken]
        line.cursor_position = len(line.value)
        if len(self.completions) == 1 and self.complete:  # with nothing to choose from, complete further
            self._taken = -1
            self._start_completion(self.complete, line.value)
        self._show_completions()

    def _show_completions(self) -> None:
        place = self.query_one("#offers", Static)
        key = self.session.key_of("ask_complete")
        room = place.size.width - len(f"{key}  ")
        offers = in_a_row(self.completions, self._taken, room, self.ellipsis)
        place.update(Content.assemble((key, "bold $text-accent"), f"  {offers}") if offers else Content(""))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if self.check and (problem := self.check(event.value)):
            self._say(problem)
        else:
            self.dismiss(event.value)

    def _say(self, problem: str) -> None:
        self.query_one("#problem", Static).update(Content(problem))

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
