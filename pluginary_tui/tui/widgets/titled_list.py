"""A list of items, in groups under titles or without: one item is under the cursor, which opens it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, Generic, TypeVar

from textual import events
from textual.message import Message

from pluginary_tui.tui.core.glyphs import UNICODE, Glyphs
from pluginary_tui.tui.widgets.styled_line import StyledText
from pluginary_tui.tui.widgets.virtual_list import VirtualList, fit

Item = TypeVar("Item")


class TitledList(VirtualList, Generic[Item]):
    """Items and the titles above them. Subclasses draw an item."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *("facets--title", "facets--value", "facets--count", "facets--bar", "facets--cursor", "sheet--bad"),
    }

    class Moved(Message):
        """Another item is under the cursor, or none."""

    class Opened(Message):
        """The item under the cursor is to be opened."""

    def __init__(self, glyphs: Glyphs = UNICODE, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.glyphs = glyphs
        self.rows: Sequence[Item | str] = ()
        """Items, and titles and empty lines as texts."""

    def draw_item(self, item: Item, width: int, under: str) -> Iterable[StyledText]:
        """An item in exactly `width` cells; `under` is the style below those of its parts."""
        raise NotImplementedError

    @property
    def chosen(self) -> Item | None:
        """The item under the cursor."""
        row = self.rows[self.cursor] if self.cursor < len(self.rows) else None
        return None if isinstance(row, str) else row

    def row_count(self) -> int:
        return len(self.rows)

    def selectable(self, row: int) -> bool:
        return not isinstance(self.rows[row], str)

    def draw_row(self, row: int, width: int) -> Iterable[StyledText]:
        what, ellipsis = self.rows[row], self.glyphs.ellipsis
        if isinstance(what, str):
            yield fit(f" {what}", width, ellipsis), self.style_of("facets--title")
            return
        here = row == self.drawn_cursor
        under = "facets--cursor" if here else ""
        yield self.glyphs.cursor if here and self.has_focus else " ", self.style_of("facets--bar", under)
        yield from self.draw_item(what, width - 1, under)

    def watch_cursor(self, old: int, new: int) -> None:
        super().watch_cursor(old, new)
        self.post_message(self.Moved())

    def action_open(self) -> None:
        if self.chosen is not None:
            self.post_message(self.Opened())

    def on_click(self, event: events.Click) -> None:
        again = self.row_at(event.y) == self.cursor
        super().on_click(event)
        if again:
            self.action_open()


def titled(groups: Iterable[tuple[str, Sequence[Item]]]) -> list[Item | str]:
    """The rows of groups: title and items of each, with an empty line between two."""
    rows: list[Item | str] = []
    for title, items in groups:
        rows += ["" for _ in rows[:1]]
        rows += [title, *items]
    return rows
