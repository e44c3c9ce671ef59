"""Dialogs that ask one thing: yes or no, or a choice from a menu."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from pluginary_tui.tui.core.actions import bindings
from pluginary_tui.tui.core.key_names import KeyOf
from pluginary_tui.tui.widgets.base_screen import BaseDialog
from pluginary_tui.tui.widgets.styled_line import StyledText
from pluginary_tui.tui.widgets.virtual_list import VirtualList, fit


class Confirm(BaseDialog[bool]):
    """A question that is answered with yes or no."""

    ACTION_GROUP = "confirm"
    BINDINGS: ClassVar[list[BindingType]] = bindings("confirm")

    def __init__(self, title: str, text: str, yes: str, no: str, key_of: KeyOf, *, enter: bool = False) -> None:
        """`enter`: whether Enter says yes; not where the answer cannot be taken back, as it may be pressed twice."""
        super().__init__()
        self.key_of, self.enter = key_of, enter
        self.title_text, self.text, self.yes, self.no = title, text, yes, no

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = Content(self.title_text)
            yield Static(self.text, markup=False)
            yield Static(
                f"{self.key_of('yes')}  {self.yes}\n{self.key_of('no')}  {self.no}", markup=False, classes="dialog-keys"
            )

    def action_answer(self, yes: bool) -> None:
        self.dismiss(yes)

    def action_default(self) -> None:
        if self.enter:
            self.dismiss(True)
            return
        self.notify(f"{self.key_of('yes')} to {self.yes}, {self.key_of('no')} to {self.no}.", markup=False)


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of a menu. A choice with `why_not`, the reason, cannot be made."""

    key: str
    label: str
    value: str
    note: str = ""
    why_not: str = ""
    keys: tuple[str, ...] = ()
    """The keys that choose it, where these are not just the character `key`."""


class ChoiceList(VirtualList):
    """The lines of a menu."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"menu--key", "menu--label", "menu--note", "menu--cursor"}

    def __init__(self, choices: Sequence[Choice], ellipsis: str) -> None:
        super().__init__()
        self.choices, self.ellipsis = choices, ellipsis

    def on_mount(self) -> None:
        self.rows_changed()

    def row_count(self) -> int:
        return len(self.choices)

    def draw_row(self, row: int, width: int) -> Iterable[StyledText]:
        choice = self.choices[row]
        under = "menu--cursor" if row == self.drawn_cursor else ""
        quiet = self.style_of("menu--note", under)
        keys = max(cell_len(each.key) for each in self.choices)
        yield f" {fit(choice.key, keys)}  ", self.style_of("menu--key", under)
        labels = max(cell_len(each.label) for each in self.choices)
        label = fit(choice.label, min(labels, width - keys - 4), self.ellipsis)
        yield label, quiet if choice.why_not else self.style_of("menu--label", under)
        room = max(0, width - keys - 3 - cell_len(label))
        note = choice.why_not or choice.note
        yield fit(f"  {note}" if note else "", room, self.ellipsis), quiet


class Menu(BaseDialog[str | None]):
    """A choice by its key, or by arrows and Enter; escape chooses nothing."""

    ACTION_GROUP = "menu"
    BINDINGS: ClassVar[list[BindingType]] = bindings("menu")

    def __init__(
        self,
        title: str,
        choices: Sequence[Choice],
        ellipsis: str = "…",
        at: str = "",
        preview: Callable[[str], None] | None = None,
        *,
        broad: bool = False,
    ) -> None:
        """`at`: the value under the cursor at first. `preview` is called with each value the cursor comes to.

        `broad` leaves room for long notes.
        """
        super().__init__()
        self.broad = broad
        self.title_text, self.choices, self.at = title, choices, at
        self.list = ChoiceList(choices, ellipsis)
        self.preview = preview

    def compose(self) -> ComposeResult:
        with Vertical(classes=f"dialog menu{' -broad' * self.broad}") as box:
            box.border_title = Content(self.title_text)
            yield self.list

    def on_mount(self) -> None:
        self._fit_height()
        self.list.cursor = next((row for row, each in enumerate(self.choices) if each.value == self.at), 0)
        self.list.focus()
        if self.preview:
            self.watch(self.list, "cursor", self._preview, init=False)

    def on_resize(self) -> None:
        self._fit_height()

    def _fit_height(self) -> None:
        """As many lines as there are choices, if the screen has so many; not by CSS, which leaves a gap below."""
        self.list.styles.height = max(1, min(len(self.choices), self.app.size.height - 4))

    def _preview(self, row: int) -> None:
        if self.preview:
            self.preview(self.choices[row].value)

    def on_key(self, event: events.Key) -> None:
        for choice in self.choices:
            keys = choice.keys or (choice.key,)
            if event.key in keys or (event.character and event.character in keys):
                event.stop()
                event.prevent_default()
                self._choose(choice)
                return

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:
            self.dismiss(None)
        elif event.widget is self.list and self.list.row_at(event.y) is not None:
            self.action_choose()

    def action_choose(self) -> None:
        self._choose(self.choices[self.list.cursor])

    def _choose(self, choice: Choice) -> None:
        if choice.why_not:
            self.notify(choice.why_not, severity="warning")
        else:
            self.dismiss(choice.value)

    def action_cancel(self) -> None:
        self.dismiss(None)
