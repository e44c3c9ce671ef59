"""A scrollbar that costs nothing while it looks the same."""

from __future__ import annotations

from math import ceil

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.strip import Strip

from pluginary_tui.tui.widgets.styled_line import filtered


class CachedScrollBar(ScrollBar):
    """Draws again only where it looks different: with every letter of a query the list has another length."""

    _drawn: tuple[tuple[object, ...], list[Strip]] = ((), [])
    """How it looked last, and its lines."""

    def render_lines(self, crop: Region) -> list[Strip]:
        look = (self.size, self._thumb(), self.grabbed, self.mouse_over)
        if look != self._drawn[0]:
            self._drawn = look, self._lines()
        strips = self._drawn[1][slice(*crop.line_span)]
        left, right = crop.column_span
        return strips if (left, right) == (0, self.size.width) else [strip.crop(left, right) for strip in strips]

    def _lines(self) -> list[Strip]:
        """All its lines, which are made of a few different cells."""
        bar, (width, height), base = self.render(), self.size, self.rich_style
        if not isinstance(bar, ScrollBarRender) or not isinstance(bar.style, Style):
            return super().render_lines(Region(0, 0, width, height))
        back, color = bar.style.bgcolor or Color.default(), bar.style.color or Color.default()
        cells = bar.render_bar(
            height, bar.virtual_size, bar.window_size, bar.position, width, back_color=back, bar_color=color
        ).segments
        strips = {cell: Strip([Segment(cell.text, filtered(base + cell.style, self))], width) for cell in {*cells}}
        return [strips[cell] for cell in cells]

    def _thumb(self) -> tuple[int, int]:
        """Its top and its length in eighths of a cell, the finest that is drawn; as ScrollBarRender has them."""
        rows, page, room = self.window_virtual_size, self.window_size, 8 * self.size.height
        if page >= rows:
            return 0, 0
        thumb = max(8, page * room / rows)
        return int((room - thumb) * self.position / (rows - page)), ceil(thumb)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._drawn = (), []
