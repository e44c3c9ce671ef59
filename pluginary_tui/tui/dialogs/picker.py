"""A dialog to find one of many by typing a part of it: the palette, and earlier queries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar, NamedTuple

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input

from pluginary_tui.tui.core.actions import bindings
from pluginary_tui.tui.widgets.base_screen import BaseDialog
from pluginary_tui.tui.widgets.line_input import LineInput
from pluginary_tui.tui.widgets.styled_line import StyledText
from pluginary_tui.tui.widgets.virtual_list import VirtualList, fit

LINES = 24
"""Lines of the list at most."""


class Entry(NamedTuple):
    """One line: what it is, more about it, its key, and what is done when it is chosen."""

    label: str
    note: str
    key: str
    run: Callable[[], object]


class EntryList(VirtualList):
    """The lines, one for each entry."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"menu--key", "menu--label", "menu--note", "menu--cursor"}

    def __init__(self, ellipsis: str) -> None:
        super().__init__(id="entries")
        self.entries: Sequence[Entry] = ()
        self.ellipsis = ellipsis

    def show(self, entries: Sequence[Entry]) -> None:
        """Show these; the cursor goes to the first."""
        self.entries = entries
        self.rows_changed(0)

    def row_count(self) -> int:
        return len(self.entries)

    def draw_row(self, row: int, width: int) -> Iterable[StyledText]:
        entry = self.entries[row]
        under = "menu--cursor" if row == self.drawn_cursor else ""
        label = fit(f" {entry.label}", min(cell_len(entry.label) + 1, width - cell_len(entry.key) - 2), self.ellipsis)
        yield label, self.style_of("menu--label", under)
        room = width - cell_len(label) - cell_len(entry.key) - 2
        yield fit(f"  {entry.note}" if entry.note else "", room, self.ellipsis), self.style_of("menu--note", under)
        yield f" {entry.key} ", self.style_of("menu--key", under)


class PickerInput(LineInput):
    """The line that filters."""


class Picker(BaseDialog[Entry | None]):
    """A line to type into, and below it what fits. Gives the chosen entry; None where it is left."""

    ACTION_GROUP = "picker"
    BINDINGS: ClassVar[list[BindingType]] = bindings("picker")

    def __init__(
        self, title: str, placeholder: str, find: Callable[[str], Sequence[Entry]], ellipsis: str = "…"
    ) -> None:
        """`find` gives the entries for what is typed, the best first; those for an empty text at once."""
        super().__init__()
        self.title_text, self.placeholder, self.find = title, placeholder, find
        self.list = EntryList(ellipsis)
        self.list.can_focus = False

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog picker") as box:
            box.border_title = Content(self.title_text)
            yield PickerInput(placeholder=self.placeholder, compact=True, id="pick")
            yield self.list

    def on_mount(self) -> None:
        self.list.styles.height = min(LINES, max(3, self.app.size.height - 8))
        self.list.show(self.find(""))

    def on_input_changed(self, event: Input.Changed) -> None:
        self.list.show(self.find(event.value))

    def on_input_submitted(self) -> None:
        self.action_choose()

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:
            self.dismiss(None)
        elif event.widget is self.list and (row := self.list.row_at(event.y)) is not None:
            self.list.cursor = row
            self.action_choose()

    def action_choose(self) -> None:
        if self.list.entries:
            self.dismiss(self.list.entries[self.list.cursor])

    def action_move(self, by: int) -> None:
        self.list.action_move(by)

    def action_page(self, by: int) -> None:
        self.list.action_page(by)

    def action_cancel(self) -> None:
        self.dismiss(None)


def matching(entries: Iterable[Entry], text: str) -> list[Entry]:
    """The entries with every word of a text in label or note, those that begin with it first."""
    from pluginary_tui.search.match import compact, fold, groups, score

    words = [term for word in text.split() if (term := compact(word))]
    scored = []
    for entry in entries:
        parts = groups(f"{entry.label} {entry.note}")
        each = [score(word, parts) for word in words]
        if all(each):
            scored.append((not fold(entry.label).startswith(fold(text.strip())), -sum(each), entry))
    return [entry for *_, entry in sorted(scored, key=lambda item: item[:2])]
