"""Wrapped lines that scroll."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import BindingType

from pluginary_tui.tui.core.actions import bindings
from pluginary_tui.tui.widgets.rich_lines import LOOKS, Line, wrapped
from pluginary_tui.tui.widgets.styled_line import StyledText
from pluginary_tui.tui.widgets.virtual_list import VirtualList


class TextView(VirtualList):
    """Shows lines of marked-up pieces, wrapped to its width."""

    CURSOR = False
    ACTION_GROUP = "text"
    BINDINGS: ClassVar[list[BindingType]] = bindings("text")
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"sheet--{look}" for look in LOOKS}

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: Sequence[Line] = ()
        self._rows: list[Line] = []

    def show(self, lines: Iterable[Line], *, keep: bool = False) -> None:
        """Show these lines, from the top; `keep` stays where it was scrolled to."""
        self._lines = list(lines)
        self.rerender(keep=keep)

    def rerender(self, *, keep: bool) -> None:
        """Draw the lines again; from the top, unless `keep` stays where it was scrolled to."""
        self.wrap()
        if not keep:
            self.scroll_home(animate=False, immediate=True)

    def lines(self, width: int) -> Iterable[Line]:
        """The lines for `width` cells, before they are wrapped."""
        return self._lines

    def wrap(self) -> None:
        width = self._width = self.scrollable_content_region.width
        self._rows = [row for line in self.lines(width) for row in wrapped(line, width)] if width > 0 else []
        self.rows_changed()

    def row_count(self) -> int:
        return len(self._rows)

    def draw_row(self, row: int, width: int) -> Iterable[StyledText]:
        return [(text, self.style_of(f"sheet--{look}")) for text, look in self._rows[row]]
