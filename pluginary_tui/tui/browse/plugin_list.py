"""The list of plugins, of which only the visible rows are drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import ClassVar, overload

from textual import events
from textual.binding import BindingType
from textual.message import Message

from pluginary_tui.formats import LABELS
from pluginary_tui.model import Outcome, Plugin
from pluginary_tui.products import formats_of, product_of
from pluginary_tui.sound.overview import Measurements
from pluginary_tui.tui.core import name_fit
from pluginary_tui.tui.core.actions import bindings
from pluginary_tui.tui.core.columns import COLUMNS, Column, gap, layout, product_cell, product_widths, widths
from pluginary_tui.tui.core.glyphs import UNICODE, Glyphs
from pluginary_tui.tui.widgets.styled_line import StyledText
from pluginary_tui.tui.widgets.virtual_list import Align, VirtualList, fit, highlighted

MARGIN = 3
"""Cells before the first column: the cursor's bar, the mark, and the sign of what could not be read."""

RIGHT_BUTTON = 3

JUMP_LETTERS = "asdfghjklqwertyuiopzxcvbnmASDFGHJKLQWERTYUIOPZXCVBNM0123456789"
"""Letters of the visible rows, from the top, while one is chosen to jump to."""

FIXED = ("favourite", "name")
"""Columns that stay when the others are scrolled sideways."""

Highlights = Callable[[Plugin], Mapping[str, Sequence[int]]]


class Listing(Sequence[Plugin]):
    """Plugins by their positions in the catalogue, each looked up on access; or those that stand for products."""

    def __init__(
        self,
        plugins: Sequence[Plugin],
        places: Sequence[int],
        members: Callable[[int], Sequence[Plugin]] | None = None,
    ) -> None:
        """`members`: gives the plugins of the product at a position, the one at the position first."""
        self._plugins, self._places, self._members = plugins, places, members

    def members(self, at: int) -> Sequence[Plugin]:
        """All plugins that a row stands for."""
        place = self._places[at]
        return self._members(place) if self._members else [self._plugins[place]]

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, at: int) -> Plugin: ...
    @overload
    def __getitem__(self, at: slice) -> list[Plugin]: ...
    def __getitem__(self, at: int | slice) -> Plugin | list[Plugin]:
        if isinstance(at, slice):
            return [self._plugins[place] for place in self._places[at]]
        return self._plugins[self._places[at]]


_Placed = tuple[str, Column, int, str, Align]
"""A visible column: its name, itself, its cells, the space behind it, its alignment."""


class PluginList(VirtualList):
    """Plugins under a cursor, which can be marked."""

    COUNTS = True
    HEAD = 1
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "list--head",
        "list--name",
        "list--quiet",
        "list--hit",
        "list--star",
        "list--mark",
        "list--failed",
        "list--sign",
        "list--cursor",
        "list--bar",
    }
    ACTION_GROUP = "list"
    BINDINGS: ClassVar[list[BindingType]] = bindings("list")

    class Moved(Message):
        """Another plugin is under the cursor, or none."""

        def __init__(self, plugin: Plugin | None) -> None:
            super().__init__()
            self.plugin = plugin

    class Opened(Message):
        """Show the plugin under the cursor in detail."""

    class Marked(Message):
        """Other plugins are marked."""

    class MenuWanted(Message):
        """The plugin under the cursor was clicked with the right button."""

    class HeadClicked(Message):
        """A column's title was clicked."""

        def __init__(self, column: str) -> None:
            super().__init__()
            self.column = column

    def __init__(self, columns: Sequence[str], glyphs: Glyphs = UNICODE, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.plugins: Sequence[Plugin] = ()
        self.columns = tuple(columns)
        self.need: Mapping[str, int] = {name: column.least for name, column in COLUMNS.items()}
        self.measured = Measurements()
        """The values of the columns of measured figures."""
        self.glyphs = glyphs
        self.marked: set[int] = set()
        """Keys of the marked plugins, whether they are in sight or not."""
        self.products = False
        """Whether a row stands for all plugins of a product."""
        self.several_formats = False
        """Whether any product is here in several formats; the formats of products are shown then, chosen or not."""
        self.sorted_by = ""
        """A column's name, with a `-` in front where the order is turned round."""
        self._jumping = False
        """Whether every visible row shows the letter that goes to it."""
        self._skipped = 0
        """Columns that are scrolled out of sight to the left."""
        self._highlights: Highlights = lambda plugin: {}
        self._range_from = 0
        self._laid_out: tuple[object, list[_Placed]] = (None, [])

    @property
    def plugin(self) -> Plugin | None:
        """The one under the cursor."""
        return self.plugins[self.cursor] if self.cursor < len(self.plugins) else None

    def members(self, row: int) -> Sequence[Plugin]:
        """The plugins of a row: one, or all of a product, the one that stands for it first."""
        return self.plugins.members(row) if isinstance(self.plugins, Listing) else [self.plugins[row]]

    def found(self) -> Sequence[Plugin]:
        """The plugins of all rows."""
        rows = range(self.row_count())
        return [each for row in rows for each in self.members(row)] if self.products else self.plugins

    def here(self) -> Sequence[Plugin]:
        """The plugins of the row under the cursor, or none."""
        return self.members(self.cursor) if self.cursor < len(self.plugins) else []

    def show(self, plugins: Sequence[Plugin], highlights: Highlights, *, keep: bool, products: bool = False) -> None:
        """Show these rows, plugins or products. `keep` leaves the cursor on its plugin, or on one of its product, where
        that is still among them.
        """
        before = self.plugin
        self.plugins, self.products = plugins, products
        self._highlights = highlights
        cursor = 0
        if keep and before is not None:
            row = self._row_of(before)
            cursor = self.cursor if row is None else row
        self.rows_changed(cursor)
        self.post_message(self.Moved(self.plugin))

    def show_first(self, plugins: Sequence[Plugin]) -> None:
        """Show these plugins by name until all are known."""
        self.need, self.sorted_by = widths(plugins), "name"
        self.show(plugins, lambda plugin: {}, keep=False)

    def show_first_products(self, products: Sequence[Sequence[Plugin]]) -> None:
        """Show these products, each its plugins, by name until all are known."""
        firsts = [plugins[0] for plugins in products]
        self.several_formats = any(len(formats_of(plugins)) > 1 for plugins in products)
        self.need, self.sorted_by = product_widths(widths(firsts), products), "name"
        listing = Listing(firsts, range(len(firsts)), products.__getitem__)
        self.show(listing, lambda plugin: {}, keep=False, products=True)

    def _row_of(self, plugin: Plugin) -> int | None:
        """The row of a plugin, or else the first one of its product."""
        product, of_product = product_of(plugin), None
        for row, each in enumerate(self.plugins):
            if each.key == plugin.key:
                return row
            if of_product is None and product_of(each) == product:
                of_product = row
        return of_product

    def stand_on(self, plugin: Plugin) -> bool:
        """Put the cursor on this plugin, or on its product; False where it is not in the list."""
        row = self._row_of(plugin)
        if row is not None and not self.products and self.plugins[row].key != plugin.key:
            row = None
        if row is not None:
            self.cursor = row
        return row is not None

    def set_columns(self, columns: Sequence[str]) -> None:
        """Show these columns, from left to right."""
        if tuple(columns) != self.columns:
            self.columns = tuple(columns)
            self._skipped = 0
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
        there = {name for name, *_ in self._layout(self.scrollable_content_region.width)}
        return [name for name in self.wanted if name not in there]

    def action_sideways(self, by: int) -> None:
        """Scroll the columns behind the name, as long as there are more."""
        if by < 0 or self.left_out():
            self._skipped = max(0, self._skipped + by)
            self.looks_changed()

    def row_count(self) -> int:
        return len(self.plugins)

    # Drawing

    def _layout(self, width: int) -> list[_Placed]:
        """The visible columns, calculated once for a width."""
        key = width, self.need, self.columns, self._skipped, self.sorted_by, self.products
        if self._laid_out[0] != key:
            keep = self.sorted_by.lstrip("-") or "name"
            columns = layout(self.wanted, self.need, width - MARGIN + 1, keep, products=self.products)
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
        out = len(self.wanted) - len(self._layout(width))
        more = f"+{out}" if out else ""
        if self.count:
            more = self.count
        yield f"{self.glyphs.before if self._skipped else ''}{more}".ljust(MARGIN)[:MARGIN], style
        for name, column, cells, space, align in self._layout(width):
            title = "FORMATS" if name == "format" and self.products else column.title
            if self.sorted_by.lstrip("-") == name and title:
                sign = self.glyphs.down if self.sorted_by.startswith("-") else self.glyphs.up
                title = f"{title} {sign}" if len(title) + 2 <= cells else f"{title[: cells - 1]}{sign}"
            yield fit(title, cells, self.glyphs.ellipsis, align), style
            yield space, style

    def draw_row(self, row: int, width: int) -> Iterable[StyledText]:
        plugins = self.members(row)
        plugin = plugins[0]
        here = row == self.drawn_cursor
        under = "list--cursor" if here and self.has_focus else ""
        read = plugin.status == Outcome.OK
        quiet = self.style_of("list--quiet" if read else "list--failed", under)
        strong = self.style_of("list--name", under) if read else quiet
        hit = self.style_of("list--hit", under)
        marked = any(each.key in self.marked for each in plugins)
        at = row - round(self.scroll_y)
        drawn = [
            (JUMP_LETTERS[at], hit)
            if self._jumping and at < len(JUMP_LETTERS)
            else (self.glyphs.cursor, self.style_of("list--bar", under))
            if here
            else (" ", quiet),
            (self.glyphs.mark, self.style_of("list--mark", under)) if marked else (" ", quiet),
            (" ", quiet) if read else (self.glyphs.outcome(plugin.status), self.style_of("list--sign", under)),
        ]
        highlights = self._highlights(plugin)
        columns, ellipsis = self._layout(width), self.glyphs.ellipsis
        for name, column, cells, space, align in columns:
            style = strong if name == "name" else quiet
            if name == "favourite":
                star = (self.glyphs.star, self.style_of("list--star", under))
                drawn += [star if any(each.favourite for each in plugins) else (" ", quiet), (space, quiet)]
                continue
            text = product_cell(name, column, plugins, self.measured)
            hits = highlights.get(name, ())
            if name == "name":
                ending = self._format_of(row, cells)
                cells -= len(ending)
                space = ending + space
                if not (text.isascii() and len(text) <= cells):
                    kept = name_fit.cut(text, cells)
                    text, hits = name_fit.shown(text, kept, ellipsis), hits and name_fit.positions(kept, hits)
            shown = fit(text, cells, ellipsis, align)
            if hits and not column.right:
                drawn += highlighted(text, shown, hits, style, hit)
                drawn.append((space, quiet))
            else:
                drawn += [(shown, style), (space, quiet)]
        return drawn

    def _format_of(self, row: int, cells: int) -> str:
        """What follows a name of `cells` cells that stands above or below another one like it: its format.

        Where a column has the formats, or is too narrow, nothing follows.
        """
        shown = any(name == "format" for name, *_ in self._layout(self.scrollable_content_region.width))
        if shown or cells < COLUMNS["name"].least:
            return ""
        name = self.plugins[row].name
        near = (other for other in (row - 1, row + 1) if 0 <= other < len(self.plugins))
        if not any(self.plugins[other].name == name for other in near):
            return ""
        return f" {LABELS.get(self.plugins[row].format, self.plugins[row].format)}"

    # Keys and mouse

    def watch_cursor(self, old: int, new: int) -> None:
        super().watch_cursor(old, new)
        self.post_message(self.Moved(self.plugin))

    def action_open(self) -> None:
        if self.plugin:
            self.post_message(self.Opened())

    def action_mark(self) -> None:
        """Mark the plugin or take its mark away, and go on; with a count mark so many."""
        times = self.take_times()
        if self.plugin and times > 1:
            self.set_marks(self.marked | self._keys(range(self.cursor, self.cursor + times)))
            self._go(self.cursor + times, 1)
        elif self.plugin:
            self._range_from = self.cursor
            keys = self._keys(range(self.cursor, self.cursor + 1))
            self.set_marks(self.marked - keys if keys & self.marked else self.marked | keys)
            self.action_move(1)

    def _keys(self, rows: range) -> set[int]:
        """Keys of the plugins of these rows, as far as there are so many."""
        return {each.key for row in rows[: len(self.plugins) - rows.start] for each in self.members(row)}

    def action_jump(self) -> None:
        """Show a letter on every visible row; the next key goes to the row of that letter."""
        self._jumping = bool(self.plugins)
        self.looks_changed()

    def on_key(self, event: events.Key) -> None:
        if not self._jumping:  # Textual calls the handler of the base class behind this one
            return
        self._jumping = False
        event.stop()
        event.prevent_default()
        at = JUMP_LETTERS.find(event.character) if event.character else -1
        if 0 <= at < min(self.page_rows, self.row_count() - round(self.scroll_y)):
            self.cursor = round(self.scroll_y) + at
        self.looks_changed()

    def on_blur(self) -> None:
        super().on_blur()
        self._jumping = False
        self.looks_changed()

    def action_mark_range(self) -> None:
        if self.plugin:
            low, high = sorted((min(self._range_from, len(self.plugins) - 1), self.cursor))
            self.set_marks(self.marked | self._keys(range(low, high + 1)))

    def action_mark_all(self) -> None:
        """Mark every plugin of the list; where all are marked already, none."""
        found = self._keys(range(len(self.plugins)))
        self.set_marks(self.marked - found if found <= self.marked else self.marked | found)

    def set_marks(self, keys: set[int]) -> None:
        """Mark these plugins and no others."""
        self.marked = keys
        self.looks_changed()
        self.post_message(self.Marked())

    def on_click(self, event: events.Click) -> None:
        super().on_click(event)
        if event.y < self.HEAD and event.x < MARGIN:
            self.action_sideways(1 if self.left_out() else -1)
        elif event.y < self.HEAD:
            x = MARGIN
            for name, _, cells, space, _ in self._layout(self.scrollable_content_region.width):
                if x <= event.x < x + cells:
                    self.post_message(self.HeadClicked(name))
                x += cells + len(space)
        elif event.button == RIGHT_BUTTON:
            if self.row_at(event.y) is not None:
                self.post_message(self.MenuWanted())
        elif event.chain == 2 and self.row_at(event.y) == self.cursor:
            self.action_open()
