"""The pane of facets: values of the found plugins with counts, to put into the query."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import ClassVar, NamedTuple

from textual import events
from textual.binding import BindingType
from textual.message import Message

from pluginary_tui.tui.core.actions import bindings
from pluginary_tui.tui.core.glyphs import UNICODE, Glyphs
from pluginary_tui.tui.widgets.styled_line import StyledText
from pluginary_tui.tui.widgets.virtual_list import VirtualList, fit

SHORT = 8
"""Values of a facet shown before it is opened."""


class FacetRow(NamedTuple):
    """One line of the pane. `kind`: `title`, `value`, `more` or `gap`."""

    kind: str
    facet: str = ""
    value: str = ""
    number: int = 0
    active: bool = False
    left_out: bool = False


class Facets(VirtualList):
    """Facets with live counts; Enter or space puts one into the query, or takes it out again."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "facets--title",
        "facets--value",
        "facets--count",
        "facets--active",
        "facets--cursor",
        "facets--bar",
    }
    ACTION_GROUP = "facets"
    BINDINGS: ClassVar[list[BindingType]] = bindings("facets")

    class Chosen(Message):
        """Put a value into the query, or take it out; `exclude` asks for everything without it."""

        def __init__(self, facet: str, value: str, exclude: bool) -> None:
            super().__init__()
            self.facet, self.value, self.exclude = facet, value, exclude

    def __init__(self, glyphs: Glyphs = UNICODE, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.glyphs = glyphs
        self.entries: list[FacetRow] = []
        self._groups: Mapping[str, Sequence[tuple[str, int]]] = {}
        self._active: Callable[[str, str], bool] = lambda facet, value: False
        self._left_out: Collection[tuple[str, str]] = ()
        self._opened: set[str] = set()

    def show(
        self,
        groups: Mapping[str, Sequence[tuple[str, int]]],
        active: Callable[[str, str], bool],
        left_out: Collection[tuple[str, str]] = (),
    ) -> None:
        """Show these counts; the cursor stays on its value.

        `active(facet, value)` says whether the query asks for a value; `left_out` are those it asks to be without.
        """
        self._groups, self._active, self._left_out = groups, active, left_out
        before = self.entries[self.cursor] if self.cursor < len(self.entries) else None
        entries = list(self._layout())
        if entries == self.entries:
            return
        self.entries = entries
        place = (before.kind, before.facet, before.value) if before else None
        rows = (row for row, e in enumerate(self.entries) if (e.kind, e.facet, e.value) == place)
        self.rows_changed(next(rows, None))

    def _layout(self) -> Iterable[FacetRow]:
        first = True
        for facet, values in self._groups.items():
            out = [value for group, value in self._left_out if group == facet]
            if not values and not out:
                continue
            if not first:
                yield FacetRow("gap")
            first = False
            yield FacetRow("title", facet)
            for value in out:
                yield FacetRow("value", facet, value, left_out=True)
            shown = values if facet in self._opened or len(values) <= SHORT + 1 else values[:SHORT]
            for value, count in shown:
                yield FacetRow("value", facet, value, count, self._active(facet, value))
            if len(shown) < len(values):
                yield FacetRow("more", facet, number=len(values) - len(shown))

    def row_count(self) -> int:
        return len(self.entries)

    def selectable(self, row: int) -> bool:
        return self.entries[row].kind in ("value", "more")

    def draw_row(self, row: int, width: int) -> Iterable[StyledText]:
        entry = self.entries[row]
        here = row == self.drawn_cursor and self.has_focus
        under = "facets--cursor" if here else ""
        ellipsis = self.glyphs.ellipsis
        if entry.kind == "gap":
            return
        if entry.kind == "title":
            yield fit(f" {entry.facet.upper()}", width, ellipsis), self.style_of("facets--title")
            return
        bar = self.style_of("facets--bar", under)
        yield self.glyphs.cursor if here else self.glyphs.here if entry.active else " ", bar
        if entry.kind == "more":
            more = f" {ellipsis} {entry.number:,} more"
            yield fit(more, width - 1, ellipsis), self.style_of("facets--count", under)
            return
        look = "facets--active" if entry.active else "facets--count" if entry.left_out else "facets--value"
        count = " without " if entry.left_out else f" {entry.number:,} "
        yield fit(f" {entry.value}", width - 1 - len(count), ellipsis), self.style_of(look, under)
        yield count, self.style_of(look if entry.active else "facets--count", under)

    # Keys and mouse

    def action_choose(self, exclude: bool = False) -> None:
        entry = self.entries[self.cursor] if self.cursor < len(self.entries) else None
        if entry is None:
            return
        if entry.kind == "more":
            self._opened.add(entry.facet)
            at = self.cursor
            self.show(self._groups, self._active, self._left_out)
            self.cursor = at
        elif entry.kind == "value":
            self.post_message(self.Chosen(entry.facet, entry.value, exclude or entry.left_out))

    def action_group(self, by: int) -> None:
        titles = [row for row, entry in enumerate(self.entries) if entry.kind == "title"]
        if not titles:
            return
        now = max((n for n, row in enumerate(titles) if row <= self.cursor), default=0)
        self._go(titles[max(0, min(now + by, len(titles) - 1))] + 1, 1)

    def on_click(self, event: events.Click) -> None:
        super().on_click(event)
        if self.row_at(event.y) == self.cursor:
            self.action_choose()
