"""The dialog that chooses the columns of the list and their order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from pluginary_tui.sound.overview import ABOUT
from pluginary_tui.tui.core.columns import COLUMNS
from pluginary_tui.tui.core.glyphs import Glyphs
from pluginary_tui.tui.widgets.styled_line import StyledText
from pluginary_tui.tui.widgets.virtual_list import VirtualList, fit

TITLES = {"favourite": "favourite (the star)"}
"""Words for columns whose titles say too little."""

TITLE = 14
"""Cells of a title that has a note behind it."""


class ColumnList(VirtualList):
    """All columns, those that are shown first and in their order."""

    DEFAULT_CSS = """
    ColumnList { background: $surface; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"menu--key", "menu--label", "menu--note", "menu--cursor"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "turn", "Show or leave out", id="column_turn"),
        Binding("J,shift+down", "carry(1)", "Further right", id="column_right"),
        Binding("K,shift+up", "carry(-1)", "Further left", id="column_left"),
    ]

    def __init__(self, chosen: Sequence[str], glyphs: Glyphs) -> None:
        super().__init__()
        self.glyphs = glyphs
        self.names = [*chosen, *(name for name in COLUMNS if name not in chosen)]
        self.shown = set(chosen)

    def on_mount(self) -> None:
        self.rows_changed()

    def row_count(self) -> int:
        return len(self.names)

    def draw_row(self, row: int, width: int) -> Iterable[StyledText]:
        name = self.names[row]
        under = "menu--cursor" if row == self.drawn_cursor else ""
        shown = name in self.shown
        mark = self.glyphs.ok if shown else " "
        yield f" {mark}  ", self.style_of("menu--key", under)
        title = TITLES.get(name) or COLUMNS[name].title.lower()
        note = ABOUT.get(name, "as measured") if COLUMNS[name].measured else ""
        room = width - 4 if not note else min(TITLE, width - 4)
        look = "menu--label" if shown else "menu--note"
        yield fit(title, room, self.glyphs.ellipsis), self.style_of(look, under)
        yield fit(note, width - 4 - room, self.glyphs.ellipsis), self.style_of("menu--note", under)

    def action_turn(self) -> None:
        self.shown ^= {self.names[self.cursor]}
        if not self.shown:
            self.shown = {self.names[self.cursor]}
            self.notify("One column has to stay.", severity="warning", markup=False)
        self.looks_changed()

    def action_carry(self, by: int) -> None:
        """Take the column along, up or down."""
        to = self.cursor + by
        if 0 <= to < len(self.names):
            self.names.insert(to, self.names.pop(self.cursor))
            self.rows_changed(to)


class ColumnChoice(ModalScreen[tuple[str, ...] | None]):
    """Which columns, and in which order; escape changes nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "keep", "Keep", id="columns_keep"),
        Binding("escape", "cancel", "Cancel", id="columns_cancel"),
    ]

    def __init__(self, chosen: Sequence[str], glyphs: Glyphs) -> None:
        super().__init__()
        self.list = ColumnList(chosen, glyphs)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog menu") as box:
            box.border_title = Content("Columns")
            yield self.list
            yield Static(
                "space shows or leaves out, J and K move, enter keeps, esc leaves.",
                markup=False,
                classes="dialog-hint",
            )

    def on_mount(self) -> None:
        self.list.styles.height = min(len(self.list.names), max(4, self.app.size.height - 12))
        self.list.focus()

    def action_keep(self) -> None:
        self.dismiss(tuple(name for name in self.list.names if name in self.list.shown))

    def action_cancel(self) -> None:
        self.dismiss(None)
