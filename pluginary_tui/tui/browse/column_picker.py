"""The dialog that chooses the columns of the list and their order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from pluginary_tui.tui.core.actions import bindings
from pluginary_tui.tui.core.columns import COLUMNS, about
from pluginary_tui.tui.core.glyphs import Glyphs
from pluginary_tui.tui.widgets.base_screen import BaseDialog
from pluginary_tui.tui.widgets.styled_line import StyledText
from pluginary_tui.tui.widgets.virtual_list import VirtualList, fit

TITLES = {"favourite": "favourite"}
"""Words for columns that have no title."""

TITLE = 14
"""Cells of a title that has a note behind it."""


class ColumnList(VirtualList):
    """All columns, those that are shown first and in their order."""

    DEFAULT_CSS = """
    ColumnList { background: $surface; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"menu--key", "menu--label", "menu--note", "menu--cursor"}
    ACTION_GROUP = "columns"
    BINDINGS: ClassVar[list[BindingType]] = bindings("columns")

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
        note = about(name)
        room = width - 4 if not note else min(TITLE, width - 4)
        look = "menu--label" if shown else "menu--note"
        yield fit(title, room, self.glyphs.ellipsis), self.style_of(look, under)
        yield fit(note, width - 4 - room, self.glyphs.ellipsis), self.style_of("menu--note", under)

    def action_turn(self) -> None:
        self.shown ^= {self.names[self.cursor]}
        if not self.shown:
            self.shown = {self.names[self.cursor]}
            self.notify("One column has to stay.", severity="warning")
        self.looks_changed()

    def action_carry(self, by: int) -> None:
        """Take the column along, up or down."""
        to = self.cursor + by
        if 0 <= to < len(self.names):
            self.names.insert(to, self.names.pop(self.cursor))
            self.rows_changed(to)


class ColumnPicker(BaseDialog[tuple[str, ...] | None]):
    """Which columns, and in which order; escape changes nothing."""

    ACTION_GROUP = "column_picker"
    BINDINGS: ClassVar[list[BindingType]] = bindings("column_picker")

    def __init__(self, chosen: Sequence[str], glyphs: Glyphs) -> None:
        super().__init__()
        self.list = ColumnList(chosen, glyphs)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog menu -broad") as box:
            box.border_title = Content("Columns")
            yield self.list
            yield Static(
                self._hint(),
                markup=False,
                classes="dialog-hint",
            )

    def _hint(self) -> str:
        key_of = self.session.key_of
        move = f"{key_of('column_right')} and {key_of('column_left')} move"
        leave = f"{key_of('columns_keep')} keeps, {key_of('columns_cancel')} leaves"
        return f"{key_of('column_turn')} shows or leaves out, {move}, {leave}."

    def on_mount(self) -> None:
        self.list.styles.height = min(len(self.list.names), max(4, self.app.size.height - 12))
        self.list.focus()

    def action_keep(self) -> None:
        self.dismiss(tuple(name for name in self.list.names if name in self.list.shown))

    def action_cancel(self) -> None:
        self.dismiss(None)
