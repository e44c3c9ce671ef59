"""The layout of Browse: order and columns of the list, and the panes at its sides. All of it is kept."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual.geometry import Size

from pluginary_tui.formatting import counted
from pluginary_tui.search.fields import SORT_KEYS
from pluginary_tui.sound.metrics import METRICS
from pluginary_tui.tui.core.columns import COLUMNS, about
from pluginary_tui.tui.core.ui_state import COLUMN_WIDTHS, PANES, within

if TYPE_CHECKING:
    from pluginary_tui.tui.browse.host import BrowseHost, Handlers

SIDE_BY_SIDE = 100
"""Cells of the terminal from which on the panes stand side by side."""

STEP = 4
"""Cells by which a pane grows or shrinks."""

SORTABLE = tuple(name for name in COLUMNS if name in SORT_KEYS or name in METRICS)
"""Columns that a query can order by."""


class LayoutController:
    """Order, columns and panes."""

    def __init__(self, host: BrowseHost) -> None:
        self.host = host
        self.handlers: Handlers = {
            "sort": self.choose_order,
            "columns": self.choose_columns,
            "facets_pane": partial(self.toggle_pane, "facets"),
            "detail_pane": partial(self.toggle_pane, "detail"),
            "narrower": partial(self.widen, -1),
            "wider": partial(self.widen, 1),
            "zoom": self.zoom,
            "products": self.toggle_products,
        }

    # Order

    @property
    def order(self) -> str:
        """The order of the list while nothing is searched for, as `sort:` words it."""
        session = self.host.session
        return str(session.state.chosen("browse.sort", session.settings.browse.sort))

    def choose_order(self) -> None:
        """Ask for the order of the list; the present one again reverses it."""
        from pluginary_tui.tui.dialogs.menu import Choice, Menu

        glyphs, now = self.host.session.glyphs, self.host.list.sorted_by
        figures = self.host.session.catalogue.measured.figures
        known = [name for name in SORTABLE if name not in METRICS or figures[name]]
        at, choices = "", []
        for name in sorted(known, key=lambda name: name not in self.columns):
            key = COLUMNS[name].next_order(name, now)
            sign = glyphs.down if key.startswith("-") else glyphs.up
            is_now = now.lstrip("-") == name
            at = key if is_now else at
            note = "the order now" if is_now else about(name)
            choices.append(Choice("", f"{COLUMNS[name].title.lower()} {sign}", key, note))

        def done(key: str | None) -> None:
            if key:
                self.order_by(key)

        self.host.services.ask(Menu("Order by", choices, glyphs.ellipsis, at, broad=True), done)

    def order_by(self, key: str) -> None:
        """Order by this column from now on: this query, and whenever nothing is searched for."""
        from pluginary_tui.search.query_edit import ordered_by

        session = self.host.session
        session.state.choose("browse.sort", session.settings.browse.sort, key)
        self.host.query_text = ordered_by(self.host.query_text, key)

    def order_by_column(self, column: str) -> None:
        """Order by a column whose title was clicked, where a query can."""
        if column in SORTABLE:
            self.order_by(COLUMNS[column].next_order(column, self.host.list.sorted_by))

    # Products or plugins

    @property
    def products(self) -> bool:
        """Whether a row of the list is a product."""
        session = self.host.session
        return bool(session.state.chosen("browse.products", session.settings.browse.products))

    def toggle_products(self) -> None:
        """Show a row for each product, or for each plugin, from now on. The cursor stays on the product."""
        host, session = self.host, self.host.session
        session.state.choose("browse.products", session.settings.browse.products, not self.products)
        host.search()
        each = "product, with the formats it is here in" if self.products else "plugin, whatever its format"
        host.notify(f"One row for each {each}.")
        host.plugins_changed()

    # Columns

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the list, from left to right."""
        session = self.host.session
        return tuple(session.state.chosen("browse.columns", session.settings.browse.columns))

    def choose_columns(self) -> None:
        """Ask for the columns of the list, and their order."""
        from pluginary_tui.tui.browse.column_picker import ColumnPicker

        host, session = self.host, self.host.session

        def done(columns: tuple[str, ...] | None) -> None:
            if columns:
                session.state.choose("browse.columns", session.settings.browse.columns, columns)
                host.list.set_columns(columns, session.state.column_widths)
                self._say_what_does_not_fit()

        host.services.ask(ColumnPicker(self.columns, session.glyphs), done)

    def widen_column(self, name: str, cells: int | None) -> None:
        """Make a column this wide from now on; None: as wide as it would be by itself."""
        widths = self.host.session.state.column_widths
        widths.pop(name, None)
        if cells is not None:
            widths[name] = within(cells, COLUMN_WIDTHS)
        self.host.list.set_columns(self.columns, widths)

    def _say_what_does_not_fit(self) -> None:
        host, key_of = self.host, self.host.session.key_of
        if out := host.list.left_out():
            titles = ", ".join(COLUMNS[name].title.lower() for name in out)
            how = f"{key_of('columns_right')} scrolls to them, {key_of('zoom')} gives the list the whole screen"
            host.notify(f"{counted(len(out), 'column')} of the list do not fit: {titles}. {how}.")

    # Panes

    def zoom(self) -> None:
        """Give the focused pane the whole screen, or take it back."""
        host = self.host
        host.set_class(not host.has_class("-zoom"), "-zoom")
        self.apply(host.size)

    def is_closed(self, pane: str) -> bool:
        """Whether a pane at the side is closed."""
        session = self.host.session
        if pane == "facets" and not session.settings.browse.facets:
            return True
        return session.state.away.get(pane, pane == "detail" and not session.settings.browse.detail)

    def apply(self, size: Size) -> None:
        """Show columns and panes as they were chosen, on a terminal of this size."""
        self.host.list.set_columns(self.columns, self.host.session.state.column_widths)
        self.close_panes()
        for pane in PANES:
            width = self.host.session.state.widths.get(pane)
            # The list keeps a width to read in, however wide the panes were on a wider terminal.
            fits = width is not None and size.width >= SIDE_BY_SIDE and not self.host.has_class("-zoom")
            self.host.side_widget(pane).styles.width = min(width or 0, size.width // 2 - 14) if fits else None

    def close_panes(self) -> None:
        """Give the screen the classes that hide the closed panes."""
        for pane in PANES:
            self.host.set_class(self.is_closed(pane), f"-no-{pane}")

    def toggle_pane(self, pane: str) -> None:
        """Close a pane, or open it again."""
        host = self.host
        host.session.state.away[pane] = not self.is_closed(pane)
        if self.is_closed(pane) and host.pane == pane:
            host.list.focus()
        self.apply(host.size)
        host.refresh_bindings()

    def widen(self, by: int) -> None:
        """Make the focused pane at the side wider or narrower; from the list it is the detail."""
        if pane := self.side_pane():
            width = self.host.side_widget(pane).outer_size.width
            self.host.session.state.widths[pane] = within(width + by * STEP)
            self.apply(self.host.size)

    def put_border(self, pane: str, x: int) -> None:
        """Put the left border of a pane at a cell of the screen; that of the list is the right one of the facets."""
        host = self.host
        if host.size.width < SIDE_BY_SIDE or host.has_class("-zoom"):
            return
        side, width = ("detail", host.size.width - x) if pane == "detail" else ("facets", x)
        if not self.is_closed(side):
            host.session.state.widths[side] = within(width)
            self.apply(host.size)

    def side_pane(self) -> str:
        """The pane that `widen` changes; empty where there is none."""
        host = self.host
        if host.size.width < SIDE_BY_SIDE:
            return ""
        wanted = [host.pane, "detail", "facets"] if host.pane in PANES else ["detail", "facets"]
        return next((pane for pane in wanted if not self.is_closed(pane)), "")
