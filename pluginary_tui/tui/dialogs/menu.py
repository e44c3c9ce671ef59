"""The small screens that ask one thing and are gone: confirm, choose from a menu."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from pluginary_tui.tui.widgets.styled_line import StyledText
from pluginary_tui.tui.widgets.virtual_list import VirtualList, fit


class Confirm(ModalScreen[bool]):
    """A question that is answered with yes or no."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Yes", id="yes"),
        Binding("n,escape", "answer(False)", "No", id="no"),
    ]

    def __init__(self, title: str, text: str, yes: str, no: str) -> None:
        super().__init__()
        self.title_text, self.text, self.yes, self.no = title, text, yes, no

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = Content(self.title_text)
            yield Static(self.text, markup=False)
            yield Static(f"y  {self.yes}\nn  {self.no}", markup=False, classes="dialog-keys")

    def action_answer(self, yes: bool) -> None:
        self.dismiss(yes)


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of a menu. Where `why_not` is given, it cannot be chosen, and that is the reason."""

    key: str
    label: str
    value: str
    note: str = ""
    why_not: str = ""


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


class Menu(ModalScreen[str | None]):
    """A choice by its key, or by arrows and Enter; escape chooses nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Choose", id="menu_choose"),
        Binding("escape", "cancel", "Cancel", id="menu_cancel"),
    ]

    def __init__(
        self,
        title: str,
        choices: Sequence[Choice],
        ellipsis: str = "…",
        at: str = "",
        preview: Callable[[str], None] | None = None,
    ) -> None:
        """`at` is the value under the cursor at first; `preview` hears of every value the cursor comes to."""
        super().__init__()
        self.title_text, self.choices, self.at = title, choices, at
        self.list = ChoiceList(choices, ellipsis)
        self.preview = preview

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog menu") as box:
            box.border_title = Content(self.title_text)
            yield self.list

    def on_mount(self) -> None:
        self.list.styles.height = len(self.choices)
        self.list.cursor = next((row for row, each in enumerate(self.choices) if each.value == self.at), 0)
        self.list.focus()
        if self.preview:
            self.watch(self.list, "cursor", self._preview, init=False)

    def _preview(self, row: int) -> None:
        if self.preview:
            self.preview(self.choices[row].value)

    def on_key(self, event: events.Key) -> None:
        for choice in self.choices:
            if choice.key and event.character == choice.key:
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
            self.notify(choice.why_not, severity="warning", markup=False)
        else:
            self.dismiss(choice.value)

    def action_cancel(self) -> None:
        self.dismiss(None)
