"""The list of plugins, of which only the visible rows are drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, overload

from textual import events
from textual.binding import BindingType
from textual.message import Message

from pluginary_tui.formats import LABELS
from pluginary_tui.model import Outcome, Plugin
from pluginary_tui.products import formats_of, product_of
from pluginary_tui.sound.overview import Measurements
from pluginary_tui.tui.browse.column_head import ColumnHead
from pluginary_tui.tui.core import name_fit
from pluginary_tui.tui.core.actions import bindings
from pluginary_tui.tui.core.columns import COLUMNS, product_cell, product_widths, widths
from pluginary_tui.tui.core.glyphs import UNICODE, Glyphs
from pluginary_tui.tui.widgets.styled_line import StyledText
from pluginary_tui.tui.widgets.virtual_list import VirtualList, fit, highlighted

# The search modules are imported by the thread that reads the catalogue, while the first plugins are shown.
if TYPE_CHECKING:
    from pluginary_tui.tui.browse.search_answer import BrowseResult

RIGHT_BUTTON = 3

JUMP_LETTERS = "asdfghjklqwertyuiopzxcvbnmASDFGHJKLQWERTYUIOPZXCVBNM0123456789"
"""Letters of the visible rows, from the top, while one is chosen to jump to."""

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


class PluginList(ColumnHead):
    """Plugins under a cursor, which can be marked."""

    COUNTS = True
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

    def __init__(self, columns: Sequence[str], glyphs: Glyphs = UNICODE, *, id: str | None = None) -> None:
        super().__init__(columns, glyphs, id=id)
        self.plugins: Sequence[Plugin] = ()
        self.measured = Measurements()
        """The values of the columns of measured figures."""
        self.marked: set[int] = set()
        """Keys of the marked plugins, whether they are in sight or not."""
        self._jumping = False
        """Whether every visible row shows the letter that goes to it."""
        self._highlights: Highlights = lambda plugin: {}
        self._range_from = 0

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

    def show_answer(self, answer: BrowseResult, *, keep: bool) -> None:
        """Show what a search found."""
        catalogue = answer.catalogue
        self.sorted_by, self.several_formats = answer.sorted_by, catalogue.several_formats
        self.need = catalogue.product_widths if answer.products else catalogue.widths
        listing = Listing(catalogue.index.plugins, answer.result.rows, answer.members if answer.products else None)
        self.show(listing, answer.highlights, keep=keep, products=answer.products)

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

    def row_count(self) -> int:
        return len(self.plugins)

    # Drawing

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
        columns, ellipsis = self.placed(width), self.glyphs.ellipsis
        for name, column, cells, space, align in columns:
            style = strong if name == "name" else quiet
            if name == "favourite":
                star = (self.glyphs.star, self.style_of("list--star", under))
                drawn += [star if any(each.favourite for each in plugins) else (" ", quiet), (space, quiet)]
                continue
            text = product_cell(name, column, plugins, self.measured, cells)
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
        shown = any(name == "format" for name, *_ in self.placed(self.scrollable_content_region.width))
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
        # Not that of the head as well, which Textual calls behind this one.
        VirtualList.on_click(self, event)
        if event.y < self.HEAD:
            return
        if event.button == RIGHT_BUTTON:
            if self.row_at(event.y) is not None:
                self.post_message(self.MenuWanted())
        elif event.chain == 2 and self.row_at(event.y) == self.cursor:
            self.action_open()
