"""The pane of facets: values of the found plugins with counts, to put into the query."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import ClassVar, NamedTuple

from textual import events
from textual.binding import BindingType
from textual.message import Message

from pluginary_tui.figures import FACET_RANGES, METRICS, range_text
from pluginary_tui.plugin_fields import FACETS
from pluginary_tui.tui.core.actions import bindings
from pluginary_tui.tui.core.glyphs import UNICODE, Glyphs
from pluginary_tui.tui.widgets.styled_line import StyledText
from pluginary_tui.tui.widgets.virtual_list import VirtualList, fit

FOOTER = 1
"""Lines of the screen below the panes."""

SHORT = 8
"""Values of a facet shown before it is opened, where there is no room for more."""

RIGHT_BUTTON = 3

FACET_FIELDS = {field.column: field.name for field in FACETS}
"""Fields of a query by the names in the setting browse.facets."""


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
        self._more: set[str] = set()
        """Facets that had more values than were shown when they were held."""
        self._opened: set[str] = set()
        self._held: dict[str, list[str]] | None = None
        """Values by facet that keep their lines while the mouse is over them; None where it is not."""

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
        if self._held is not None:
            yield from self._layout_held(self._held)
            return
        first, most = True, self._most()
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
            shown = values if facet in self._opened or len(values) <= most + 1 else values[:most]
            for value, count in shown:
                yield FacetRow("value", facet, value, count, self._active(facet, value))
            if len(shown) < len(values):
                yield FacetRow("more", facet, number=len(values) - len(shown))

    def _most(self) -> int:
        """Values of a facet to show: as many as fit on the screen with those of the others, at least SHORT."""
        sizes = [len(values) for values in self._groups.values() if values]
        # Not its own height: it is less while there are messages below, and values must not move by that.
        height = self.screen.size.height - self.region.y - FOOTER
        room = height - 2 * len(sizes) + 1
        most = SHORT
        while most < room and sum(min(size, most + 2) for size in sizes) < room:
            most += 1
        return most

    def _layout_held(self, held: Mapping[str, list[str]]) -> Iterable[FacetRow]:
        """The same values on the same lines as before, with the numbers of now."""
        gap = False
        for facet, shown in held.items():
            if gap:
                yield FacetRow("gap")
            gap = True
            yield FacetRow("title", facet)
            now = dict(self._groups.get(facet, ()))
            for value in shown:
                out = (facet, value) in self._left_out
                yield FacetRow("value", facet, value, now.get(value, 0), self._active(facet, value), out)
            if facet in self._more:
                yield FacetRow("more", facet, number=sum(value not in shown for value in now))

    def _hold(self) -> None:
        """Keep every value on its line from now on, so that none moves away under the pointer."""
        if self._held is None:
            self._held = {}
            for entry in self.entries:
                if entry.kind == "title":
                    self._held[entry.facet] = []
                elif entry.kind == "value":
                    self._held[entry.facet].append(entry.value)
            self._more = {entry.facet for entry in self.entries if entry.kind == "more"}

    def _let_go(self) -> None:
        if self._held is not None:
            self._held = None
            self.show(self._groups, self._active, self._left_out)

    def on_leave(self) -> None:
        self._let_go()

    def on_blur(self) -> None:
        super().on_blur()
        self._let_go()

    def on_resize(self) -> None:
        super().on_resize()
        self.show(self._groups, self._active, self._left_out)

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
            title = METRICS[entry.facet].label if entry.facet in FACET_RANGES else entry.facet
            yield fit(f" {title.upper()}", width, ellipsis), self.style_of("facets--title")
            return
        bar = self.style_of("facets--bar", under)
        yield self.glyphs.cursor if here else self.glyphs.here if entry.active else " ", bar
        if entry.kind == "more":
            more = f" {ellipsis} {entry.number:,} more"
            yield fit(more, width - 1, ellipsis), self.style_of("facets--count", under)
            return
        look = "facets--active" if entry.active else "facets--count" if entry.left_out else "facets--value"
        count = " without " if entry.left_out else f" {entry.number:,} "
        text = range_text(entry.facet, entry.value) if entry.facet in FACET_RANGES else entry.value
        yield fit(f" {text}", width - 1 - len(count), ellipsis), self.style_of(look, under)
        yield count, self.style_of(look if entry.active else "facets--count", under)

    # Keys and mouse

    def action_choose(self, exclude: bool = False) -> None:
        entry = self.entries[self.cursor] if self.cursor < len(self.entries) else None
        if entry is None:
            return
        if entry.kind == "more":
            self._opened.add(entry.facet)
            self._held = None
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
            self._hold()
            self.action_choose(event.button == RIGHT_BUTTON)
