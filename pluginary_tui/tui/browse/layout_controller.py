"""How Browse is arranged: order and columns of the list, the panes at its sides, saved queries. All of it is kept."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.geometry import Size

from pluginary_tui.model import clean
from pluginary_tui.search.fields import SORT_KEYS
from pluginary_tui.sound.metrics import METRICS
from pluginary_tui.tui.browse.plugin_actions import ActingScreen
from pluginary_tui.tui.browse.plugin_list import PluginList
from pluginary_tui.tui.core.columns import COLUMNS
from pluginary_tui.tui.core.ui_state import PANES, widened

SIDE_BY_SIDE = 100
"""Cells from which on the panes stand side by side."""

STEP = 4
"""Cells by which a pane grows or shrinks."""

SORTABLE = tuple(name for name in COLUMNS if name in SORT_KEYS or name in METRICS)
"""Columns that a query can order by."""


class ArrangingScreen(ActingScreen):
    """Order, columns, panes and saved queries."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "sort", "Order", id="sort"),
        Binding("s", "queries", "Saved queries", id="queries"),
        Binding("S,ctrl+s", "save_query", "Save this query", show=False, id="save_query"),
        Binding("C", "columns", "Columns", show=False, id="columns"),
        Binding("F", "put_away('facets')", "Facets on or off", show=False, id="facets_pane"),
        Binding("D", "put_away('detail')", "Detail on or off", show=False, id="detail_pane"),
        Binding("less_than_sign", "widen(-1)", "Make the pane narrower", show=False, id="narrower"),
        Binding("greater_than_sign", "widen(1)", "Make the pane wider", show=False, id="wider"),
    ]

    # What a subclass says

    @property
    def list(self) -> PluginList:
        return self.query_one(PluginList)

    query_text: str
    """The query as it stands; setting it searches."""

    pane: str
    """The pane that has the focus."""

    def search(self) -> None:
        """Ask the same query again, in the order that holds now."""
        raise NotImplementedError

    # Order

    @property
    def order(self) -> str:
        """The order of the list while nothing is searched for, as `sort:` words it."""
        return str(self.session.state.chosen("browse.sort", self.session.settings.browse.sort))

    def action_sort(self) -> None:
        """Choose the order of the list; the same again turns it round."""
        from pluginary_tui.tui.dialogs.menu import Choice, Menu

        glyphs, now = self.session.glyphs, self.list.sorted_by
        choices = []
        for name in SORTABLE:
            key = COLUMNS[name].next_order(name, now)
            sign = glyphs.down if key.startswith("-") else glyphs.up
            choices.append(Choice("", f"{COLUMNS[name].title.lower()} {sign}", key))

        def done(key: str | None) -> None:
            if key:
                self.order_by(key)

        self.app.push_screen(Menu("Order by", choices, glyphs.ellipsis), done)

    def order_by(self, key: str) -> None:
        """Order by this column from now on: this query, and whenever nothing is searched for."""
        from pluginary_tui.tui.browse.query_text import ordered_by

        self.session.state.choose("browse.sort", self.session.settings.browse.sort, key)
        self.query_text = ordered_by(self.query_text, key)

    def on_plugin_list_head_clicked(self, message: PluginList.HeadClicked) -> None:
        if message.column in SORTABLE:
            self.order_by(COLUMNS[message.column].next_order(message.column, self.list.sorted_by))

    # Columns

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the list, from left to right."""
        return tuple(self.session.state.chosen("browse.columns", self.session.settings.browse.columns))

    def action_columns(self) -> None:
        """Choose the columns of the list, and their order."""
        from pluginary_tui.tui.browse.column_picker import ColumnChoice

        def done(columns: tuple[str, ...] | None) -> None:
            if columns:
                self.session.state.choose("browse.columns", self.session.settings.browse.columns, columns)
                self.list.set_columns(columns)

        self.app.push_screen(ColumnChoice(self.columns, self.session.glyphs), done)

    # Panes

    def is_away(self, pane: str) -> bool:
        """Whether a pane at the side was put away."""
        browse = self.session.settings.browse
        if pane == "facets" and not browse.facets:
            return True
        return self.session.state.away.get(pane, pane == "detail" and not browse.detail)

    def lay_out(self, size: Size) -> None:
        """Show columns and panes as they were chosen."""
        self.list.set_columns(self.columns)
        self.put_panes_away()
        for pane in PANES:
            width = self.session.state.widths.get(pane)
            # The list keeps its room, however wide the panes were on a wider terminal.
            fits = width is not None and size.width >= SIDE_BY_SIDE
            self.query_one(f"#{pane}").styles.width = min(width or 0, size.width // 2 - 14) if fits else None

    def put_panes_away(self) -> None:
        """Show the panes that were not put away."""
        for pane in PANES:
            self.set_class(self.is_away(pane), f"-no-{pane}")

    def action_put_away(self, pane: str) -> None:
        """Put a pane away, or take it out again."""
        self.session.state.away[pane] = not self.is_away(pane)
        if self.is_away(pane) and self.pane == pane:
            self.list.focus()
        self.lay_out(self.size)
        self.refresh_bindings()

    def action_widen(self, by: int) -> None:
        """Make the focused pane at the side wider or narrower; from the list it is the detail."""
        pane = self._side_pane()
        if pane:
            width = self.query_one(f"#{pane}").outer_size.width
            self.session.state.widths[pane] = widened(width, by * STEP)
            self.lay_out(self.size)

    def _side_pane(self) -> str:
        """The pane that `<` and `>` are about; empty where there is none."""
        if self.size.width < SIDE_BY_SIDE:
            return ""
        wanted = [self.pane, "detail", "facets"] if self.pane in PANES else ["detail", "facets"]
        return next((pane for pane in wanted if not self.is_away(pane)), "")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that would do nothing are not there."""
        if action == "widen":
            return bool(self._side_pane())
        if action == "put_away":
            return parameters != ("facets",) or bool(self.session.settings.browse.facets)
        if action in ("sort", "columns"):
            return self.plugin is not None
        if action == "save_query":
            return bool(self.query_text.strip())
        return super().check_action(action, parameters)

    # Saved queries

    def action_queries(self) -> None:
        """Go to a saved query, save this one, or forget one."""
        from pluginary_tui.tui.dialogs.menu import Choice, Menu

        saved = self.session.settings.browse.queries
        empty = "" if self.query_text.strip() else "nothing is searched for"
        choices = [
            Choice("+", "Save this query", "+", self.query_text, why_not=empty),
            Choice("-", "Forget one", "-", why_not="" if saved else "none is saved yet"),
        ]
        choices += [Choice(str(n) if n < 10 else "", name, f"={name}", saved[name]) for n, name in enumerate(saved, 1)]

        def done(value: str | None) -> None:
            if value == "+":
                self.action_save_query()
            elif value == "-":
                self._forget_query()
            elif value:
                self.query_text = saved[value[1:]]

        first = next((choice.value for choice in choices[2:]), "+")
        self.app.push_screen(Menu("Saved queries", choices, self.session.glyphs.ellipsis, first), done)

    def action_save_query(self) -> None:
        """Keep the query under a name."""
        from pluginary_tui.tui.dialogs.prompt import Prompt

        query = self.query_text.strip()
        if not query:
            return

        def done(text: str | None) -> None:
            name = clean(text or "", 60)
            if not name:
                return
            saved = dict(self.session.settings.browse.queries)
            before = saved.get(name)
            self._keep_query(name, query)
            self.organiser.push_undo(f"saved query {name}", lambda: self._keep_query(name, before))
            self.notify(f"Saved as '{name}'; s lists it.  u undoes", markup=False)
            self.refresh_bindings()

        hint = f"{clean(query, 200)}\n\nIts name, for s and the palette. Enter keeps, escape leaves."
        self.app.push_screen(Prompt("Save this query", hint, ellipsis=self.session.glyphs.ellipsis), done)

    def _forget_query(self) -> None:
        from pluginary_tui.tui.dialogs.menu import Choice, Menu

        saved = self.session.settings.browse.queries
        choices = [Choice("", name, name, query) for name, query in saved.items()]

        def done(name: str | None) -> None:
            if name is not None:
                query = saved[name]
                self._keep_query(name, None)
                self.organiser.push_undo(f"forgot the query {name}", lambda: self._keep_query(name, query))
                self.notify(f"Forgot '{name}'.  u undoes", markup=False)
                self.refresh_bindings()

        self.app.push_screen(Menu("Forget which query?", choices, self.session.glyphs.ellipsis), done)

    def _keep_query(self, name: str, query: str | None) -> None:
        """Save a query in the settings under this name; None takes it away."""
        settings = self.session.settings
        queries = {**settings.browse.queries, name: query or ""}
        if query is None:
            del queries[name]
        self.session.settings = replace(settings, browse=replace(settings.browse, queries=queries))
        self.shell.keep(f"browse.queries.{name}", query)
