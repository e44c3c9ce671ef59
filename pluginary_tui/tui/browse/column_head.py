"""The columns of the list of plugins: which of them are visible, how wide they are, and the head with their titles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from textual import events
from textual.message import Message

from pluginary_tui.tui.core.columns import COLUMNS, Column, gap, layout
from pluginary_tui.tui.core.glyphs import UNICODE, Glyphs
from pluginary_tui.tui.widgets.styled_line import StyledText
from pluginary_tui.tui.widgets.virtual_list import Align, VirtualList, fit

MARGIN = 3
"""Cells before the first column: the cursor's bar, the mark, and the sign of what could not be read."""

FIXED = ("favourite", "name")
"""Columns that stay when the others are scrolled sideways."""

Placed = tuple[str, Column, int, str, Align]
"""A visible column: its name, itself, its cells, the space behind it, its alignment."""


class ColumnHead(VirtualList):
    """A list with columns. A click on a title orders by it; the border behind one can be dragged."""

    HEAD = 1

    class Clicked(Message):
        """A column's title was clicked."""

        def __init__(self, column: str) -> None:
            super().__init__()
            self.column = column

    class Widened(Message):
        """A column's border was dragged to `cells`, or clicked twice (None: as wide as it would be by itself)."""

        def __init__(self, column: str, cells: int | None) -> None:
            super().__init__()
            self.column, self.cells = column, cells

    def __init__(self, columns: Sequence[str], glyphs: Glyphs = UNICODE, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.columns = tuple(columns)
        self.glyphs = glyphs
        self.need: Mapping[str, int] = {name: column.least for name, column in COLUMNS.items()}
        self.widths: Mapping[str, int] = {}
        """Cells of the columns whose border was dragged."""
        self.products = False
        """Whether a row stands for all plugins of a product."""
        self.several_formats = False
        """Whether any product is here in several formats; the formats of products are shown then, chosen or not."""
        self.sorted_by = ""
        """A column's name, with a `-` in front where the order is turned round."""
        self._skipped = 0
        """Columns that are scrolled out of sight to the left."""
        self._laid_out: tuple[object, list[Placed]] = (None, [])
        self._dragged: tuple[str, int] | None = None
        """The column whose border is being dragged, and the cell where it begins."""
        self._was_dragged = False
        """Whether the click that follows ends a drag."""

    def set_columns(self, columns: Sequence[str], widths: Mapping[str, int] | None = None) -> None:
        """Show these columns, from left to right, as wide as `widths` says where it does; None: as before."""
        widths = self.widths if widths is None else dict(widths)
        if (tuple(columns), widths) != (self.columns, self.widths):
            self._skipped = self._skipped if tuple(columns) == self.columns else 0
            self.columns, self.widths = tuple(columns), widths
            self.looks_changed()

    @property
    def wanted(self) -> list[str]:
        """The columns that there are room or not: those chosen, the one the list is ordered by, less those skipped."""
        by = self.sorted_by.lstrip("-")
        names = [*self.columns, *([by] if by in COLUMNS and by not in self.columns else [])]
        if self.products and self.several_formats and "format" not in names:
            names.insert(names.index("vendor" if "vendor" in names else "name") + 1 if "name" in names else 0, "format")
        loose = [name for name in names if name not in FIXED][self._skipped :]
        return [name for name in names if name in FIXED or name in loose]

    def left_out(self) -> list[str]:
        """The columns for which there is no room."""
        there = {name for name, *_ in self.placed(self.scrollable_content_region.width)}
        return [name for name in self.wanted if name not in there]

    def action_sideways(self, by: int) -> None:
        """Scroll the columns behind the name, as long as there are more."""
        if by < 0 or self.left_out():
            self._skipped = max(0, self._skipped + by)
            self.looks_changed()

    def placed(self, width: int) -> list[Placed]:
        """The visible columns, calculated once for a width."""
        key = width, self.need, self.columns, self.widths, self._skipped, self.sorted_by, self.products
        if self._laid_out[0] != key:
            keep = self.sorted_by.lstrip("-") or "name"
            room = width - MARGIN + 1
            columns = layout(self.wanted, self.need, room, keep, products=self.products, chosen=self.widths)
            spaced = []
            for name, cells in columns:
                # The scrollbar's column is space enough behind the last one.
                space = " " * (gap(name) - (name == columns[-1][0]))
                align: Align = "middle" if name == "path" else "right" if COLUMNS[name].right else "left"
                spaced.append((name, COLUMNS[name], cells, space, align))
            self._laid_out = key, spaced
        return self._laid_out[1]

    def draw_head(self, width: int) -> Iterable[StyledText]:
        style = self.style_of("list--head")
        out = len(self.wanted) - len(self.placed(width))
        more = f"+{out}" if out else ""
        if self.count:
            more = self.count
        yield f"{self.glyphs.before if self._skipped else ''}{more}".ljust(MARGIN)[:MARGIN], style
        for name, column, cells, space, align in self.placed(width):
            title = "FORMATS" if name == "format" and self.products else column.title
            if self.sorted_by.lstrip("-") == name and title:
                sign = self.glyphs.down if self.sorted_by.startswith("-") else self.glyphs.up
                title = f"{title} {sign}" if len(title) + 2 <= cells else f"{title[: cells - 1]}{sign}"
            yield fit(title, cells, self.glyphs.ellipsis, align), style
            yield space, style

    # The mouse

    def _column_at(self, x: int) -> tuple[str, int, bool]:
        """The column at a cell of the head, where it begins, and whether the cell is its border; empty for none."""
        at = MARGIN
        for name, _, cells, space, _ in self.placed(self.scrollable_content_region.width):
            if at <= x < at + cells + len(space):
                return name, at, x >= at + cells
            at += cells + len(space)
        return "", 0, False

    def on_mouse_down(self, event: events.MouseDown) -> None:
        name, at, is_border = self._column_at(event.x)
        self._was_dragged = False
        if event.y < self.HEAD and is_border and COLUMNS[name].title:
            event.stop()
            self._dragged = name, at
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._dragged:
            event.stop()
            self._was_dragged = True
            name, at = self._dragged
            if (cells := max(1, event.x - at)) != self.widths.get(name):
                self.post_message(self.Widened(name, cells))

    def on_mouse_up(self, event: events.MouseUp) -> None:
        if self._dragged:
            event.stop()
            self._dragged = None
            self.release_mouse()

    def on_click(self, event: events.Click) -> None:
        name, _, is_border = self._column_at(event.x)
        if event.y >= self.HEAD or self._was_dragged:
            return
        if event.x < MARGIN:
            self.action_sideways(1 if self.left_out() else -1)
        elif is_border and event.chain == 2:
            self.post_message(self.Widened(name, None))
        elif name and not is_border:
            self.post_message(self.Clicked(name))
