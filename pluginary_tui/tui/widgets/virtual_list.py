"""A scrolling list that draws only the visible lines; the base of every long list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import ClassVar, Literal

from rich.cells import cell_len, set_cell_size
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.reactive import var
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar
from textual.strip import Strip

from pluginary_tui.tui.core import name_fit
from pluginary_tui.tui.core.actions import bindings
from pluginary_tui.tui.widgets.guard import Guarded
from pluginary_tui.tui.widgets.scrollbar import CachedScrollBar
from pluginary_tui.tui.widgets.styled_line import ComponentStyles, StyledText, build_strip

CACHE = 1024
"""Drawn lines kept, so that scrolling back costs nothing, and fitted texts."""

COUNT_DIGITS = 4
"""Digits of a number typed before a key."""

SCREEN_KEYS = "1234"
"""Digits that show the screens, unless others stand before them; a count that begins so is typed with a 0 before it."""

Align = Literal["left", "right", "middle"]


class VirtualList(ScrollView, ComponentStyles, Guarded, can_focus=True, inherit_bindings=False):
    """Rows under a cursor, below a head that stays. Subclasses give the number of rows and draw one.

    With `CURSOR` off the same keys scroll.
    """

    CURSOR: ClassVar[bool] = True
    COUNTS: ClassVar[bool] = False
    """Whether a number typed before a key repeats it."""
    HEAD: ClassVar[int] = 0
    """Lines at the top that stay while the rest scrolls."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("rows")

    DEFAULT_CSS = """
    VirtualList { overflow-x: hidden; overflow-y: auto; scrollbar-size-vertical: 1; }
    """

    cursor: var[int] = var(0, init=False)

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._drawn: dict[tuple[object, ...], Strip] = {}
        self.count = ""
        """The number that is being typed before a key."""
        self._times = 1
        self._width = 0
        """Cells of the rows as they were last drawn or wrapped."""
        self.drawn_cursor = 0
        """The cursor's row for `draw_row`; reading the reactive `cursor` for each row is slow."""

    @property
    def vertical_scrollbar(self) -> ScrollBar:
        """Textual's, turned into a CachedScrollBar: the class of the bar cannot be chosen."""
        bar = super().vertical_scrollbar
        bar.__class__ = CachedScrollBar
        return bar

    # For subclasses to override

    def row_count(self) -> int:
        """How many rows there are."""
        raise NotImplementedError

    def draw_row(self, row: int, width: int) -> Iterable[StyledText]:
        """The row in exactly `width` cells; the cursor is on it where `row == self.drawn_cursor`."""
        raise NotImplementedError

    def draw_head(self, width: int) -> Iterable[StyledText]:
        """The head, where HEAD is 1."""
        return ()

    def selectable(self, row: int) -> bool:
        """Whether the cursor may stand on this row."""
        return True

    def wrap(self) -> None:
        """Make the rows again for a new width, where they depend on it."""

    # For subclasses to call

    def rows_changed(self, cursor: int | None = None) -> None:
        """Show other rows; the cursor goes to `cursor`, or stays as near as it can."""
        self._drawn.clear()
        self._set_height(self.row_count() + self.HEAD)
        wanted = self.cursor if cursor is None else cursor
        self.set_reactive(VirtualList.cursor, self._nearest(wanted, 1))
        self.show_cursor()
        self.refresh()

    def looks_changed(self) -> None:
        """Draw the same rows again, which look different now."""
        self._drawn.clear()
        self.refresh()

    @property
    def page_rows(self) -> int:
        """Rows that fit on the screen."""
        return max(1, self.scrollable_content_region.height - self.HEAD)

    def show_cursor(self) -> None:
        """Scroll as little as is needed to see the cursor."""
        if not self.CURSOR:
            return
        top, page = round(self.scroll_target_y), self.page_rows
        # What stands right above the first row that can be chosen is a title: show it too.
        first = self.cursor - 1 if self.cursor and not self.selectable(self.cursor - 1) else self.cursor
        if first < top:
            self.scroll_to(y=first, animate=False, immediate=True)
        elif self.cursor >= top + page:
            self.scroll_to(y=self.cursor - page + 1, animate=False, immediate=True)

    def _set_height(self, height: int) -> None:
        """Set how far it scrolls. The screen's layout is calculated again only where the scrollbar comes or goes."""
        needed = height > self.container_size.height or self.styles.overflow_y == "scroll"
        if needed != self.show_vertical_scrollbar:
            self.virtual_size = Size(0, height)
            return
        self.set_reactive(VirtualList.virtual_size, Size(0, height))
        if self.show_vertical_scrollbar:
            self.vertical_scrollbar.window_virtual_size = height
        self.scroll_target_y = self.validate_scroll_target_y(self.scroll_target_y)
        self.scroll_y = self.validate_scroll_y(self.scroll_y)

    # Drawing

    def render_lines(self, crop: Region) -> list[Strip]:
        if not self.plain:
            return super().render_lines(crop)
        strips = self._strips(crop.line_range)
        left, right = crop.column_span
        if self.show_vertical_scrollbar and not self.vertical_scrollbar.size:
            # Room is left for it, but it is not there yet; a line that is too short would not be drawn at all.
            return [strip.crop_extend(left, right, self.style_of("")) for strip in strips]
        return [strip if not left and right >= strip.cell_length else strip.crop(left, right) for strip in strips]

    def render_line(self, y: int) -> Strip:
        return self._strips((y,))[0]

    def _strips(self, ys: Iterable[int]) -> list[Strip]:
        """These lines of the widget, counted from its top, without what the scrollbar covers."""
        width = self.scrollable_content_region.width
        whole = width if self.show_vertical_scrollbar else self.content_region.width
        if width != self._width:
            self._width = width
            self.call_after_refresh(self.wrap)
        top, count, focus = round(self.scroll_y) - self.HEAD, self.row_count(), self.has_focus
        cursor = self.drawn_cursor = self.cursor if self.CURSOR else -1
        base = self.style_of("")
        strips = []
        for y in ys:
            if y < self.HEAD:
                strips.append(build_strip(self.draw_head(width), whole, base))
                continue
            row = top + y
            key = (min(row, count), width, whole, row == cursor, focus)  # all lines below the last row are one
            strip = self._drawn.get(key)
            if strip is None:
                if len(self._drawn) == CACHE:
                    self._drawn.clear()
                strip = self._drawn[key] = build_strip(self.draw_row(row, width) if row < count else (), whole, base)
            strips.append(strip)
        return strips

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._drawn.clear()

    # Moving

    def watch_cursor(self, old: int, new: int) -> None:
        top = self.scroll_target_y
        self.show_cursor()
        if self.scroll_target_y == top:  # what scrolls is drawn whole anyway
            self.refresh(*(Region(0, row - round(top) + self.HEAD, self.size.width, 1) for row in (old, new)))

    def on_key(self, event: events.Key) -> None:
        """Take the digits of a count."""
        digit = event.character or ""
        before = self.count
        if self.COUNTS and digit.isascii() and digit.isdecimal() and (self.count or digit not in SCREEN_KEYS):
            self.count = (self.count + digit)[-COUNT_DIGITS:]
            event.stop()
            event.prevent_default()
        else:
            self.count, self._times = "", max(1, int(self.count or 1))
        if self.count != before:
            self.refresh(Region(0, 0, self.size.width, self.HEAD))

    def take_times(self) -> int:
        """How often to do what the key means; once without a count."""
        times, self._times = self._times, 1
        return times

    def action_move(self, by: int) -> None:
        by *= self.take_times()
        if self.CURSOR:
            self._go(self.cursor + by, by)
        else:
            self.scroll_relative(y=by, animate=False, immediate=True)

    def action_page(self, pages: float) -> None:
        by = (round(self.page_rows * pages) or (1 if pages > 0 else -1)) * self.take_times()
        if self.CURSOR:
            self._go(self.cursor + by, 1 if by > 0 else -1)
        else:
            self.scroll_relative(y=by, animate=False, immediate=True)

    def action_edge(self, end: int) -> None:
        if self.CURSOR and (row := self.take_times()) > 1:
            self._go(row - 1, 1)
        elif self.CURSOR:
            self._go(self.row_count() - 1 if end > 0 else 0, end)
        elif end > 0:
            self.scroll_end(animate=False, immediate=True)
        else:
            self.scroll_home(animate=False, immediate=True)

    def _go(self, row: int, towards: int) -> None:
        self.cursor = self._nearest(row, towards)

    def _nearest(self, row: int, towards: int) -> int:
        """The selectable row at `row` or behind it in this direction, else before it."""
        last = self.row_count() - 1
        row = max(0, min(row, last))
        step = 1 if towards > 0 else -1
        for direction in (step, -step):
            at = row
            while 0 <= at <= last:
                if self.selectable(at):
                    return at
                at += direction
        return 0

    def row_at(self, y: int) -> int | None:
        """The row drawn at this line of the widget; None for the head and below the last row."""
        row = round(self.scroll_y) + y - self.HEAD
        return row if y >= self.HEAD and row < self.row_count() else None

    def on_click(self, event: events.Click) -> None:
        row = self.row_at(event.y)
        if self.CURSOR and row is not None and self.selectable(row):
            self.cursor = row

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.count, self._times = "", 1
        self.refresh()

    def on_resize(self) -> None:
        self._drawn.clear()
        self.call_after_refresh(self.show_cursor)


def fit(text: str, width: int, ellipsis: str = "…", align: Align = "left") -> str:
    """`text` in exactly `width` cells: padded, or cut with an ellipsis (in the "middle" where the end matters)."""
    if text.isascii() and len(text) <= width:  # nearly always
        return text.rjust(width) if align == "right" else text.ljust(width)
    return _fit(text, width, ellipsis, align)


def fit_name(name: str, width: int, ellipsis: str = "…") -> str:
    """A name in exactly `width` cells, cut so that it can still be told from its neighbours."""
    if name.isascii() and len(name) <= width:
        return name.ljust(width)
    return _fit(name_fit.shown(name, name_fit.cut(name, width), ellipsis), width, ellipsis, "left")


@lru_cache(CACHE)
def _fit(text: str, width: int, ellipsis: str, align: Align) -> str:
    if width <= 0:
        return ""
    cells = cell_len(text)
    if cells > width:
        if align == "middle" and width > 4:
            front = (width - 1) // 3
            tail = text[-(width - 1 - front) :]
            return set_cell_size(f"{set_cell_size(text, front)}{ellipsis}{tail}", width)
        return set_cell_size(text, width - 1) + ellipsis
    space = " " * (width - cells)
    return space + text if align == "right" else text + space


def highlighted(text: str, shown: str, positions: Sequence[int], style: Style, hit: Style) -> Iterable[StyledText]:
    """`shown`, which is `text` fitted to the left, with the letters at `positions` of `text`, which rise, in `hit`."""
    end = len(shown) if shown.startswith(text) else len(shown) - 1  # the ellipsis stands for no letter
    start, stop = positions[0], positions[-1] + 1
    if stop - start == len(positions) and stop <= end:  # nearly always: one run
        return (shown[:start], style), (shown[start:stop], hit), (shown[stop:], style)
    return _in_runs(shown, positions, end, style, hit)


def _in_runs(shown: str, positions: Sequence[int], end: int, style: Style, hit: Style) -> Iterator[StyledText]:
    done = start = stop = 0
    for at in (*positions, positions[-1] + 2):
        if at == stop:
            stop += 1
            continue
        if (stop := min(stop, end)) > start:
            if start > done:
                yield shown[done:start], style
            yield shown[start:stop], hit
            done = stop
        start, stop = at, at + 1
    if done < len(shown):
        yield shown[done:], style
