"""The list of failures, in groups, on the Health screen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from itertools import groupby
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.binding import BindingType
from textual.message import Message

from pluginary_tui.formatting import ago
from pluginary_tui.tui.core.actions import bindings
from pluginary_tui.tui.core.glyphs import UNICODE, Glyphs
from pluginary_tui.tui.health.failures import GROUPS, Failure
from pluginary_tui.tui.widgets.styled_line import StyledText
from pluginary_tui.tui.widgets.virtual_list import VirtualList, fit

AGE = 12
"""Cells of the column that says how long ago, with the gap before it."""


class FailureList(VirtualList):
    """Failures under the titles of their groups."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "facets--title",
        "facets--value",
        "facets--count",
        "facets--bar",
        "facets--cursor",
        "sheet--bad",
        "sheet--keyword",
    }
    ACTION_GROUP = "failures"
    BINDINGS: ClassVar[list[BindingType]] = bindings("failures")

    class Moved(Message):
        """Another failure is under the cursor, or none."""

    class Opened(Message):
        """Read the failure under the cursor."""

    def __init__(self, glyphs: Glyphs = UNICODE, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.glyphs = glyphs
        self.failures: Sequence[Failure] = ()
        self.trying: AbstractSet[tuple[str, int]] = frozenset()
        """Keys of the failures that are being tried again."""
        self._rows: list[Failure | str] = []
        self._longest = 0
        """Cells of the longest name."""

    @property
    def failure(self) -> Failure | None:
        """The one under the cursor."""
        row = self._rows[self.cursor] if self.cursor < len(self._rows) else None
        return row if isinstance(row, Failure) else None

    def show(self, failures: Sequence[Failure]) -> None:
        """Show these, in the order of their groups. The cursor stays on its failure, or on its line where that
        went to another group: that is done with, and the next one comes.
        """
        before = self.failure
        self.failures = failures
        self._longest = max((cell_len(each.name) for each in failures), default=0)
        self._rows = []
        for group, members in groupby(failures, key=lambda each: each.group):
            of_group = list(members)
            self._rows += ["" for _ in self._rows[:1]]
            self._rows += [f"{GROUPS[group].upper()}  {len(of_group):,}", *of_group]
        places = {(each.group, each.key): row for row, each in enumerate(self._rows) if isinstance(each, Failure)}
        self.rows_changed(places.get((before.group, before.key)) if before else None)
        self.post_message(self.Moved())

    def row_count(self) -> int:
        return len(self._rows)

    def selectable(self, row: int) -> bool:
        return isinstance(self._rows[row], Failure)

    def draw_row(self, row: int, width: int) -> Iterable[StyledText]:
        what, ellipsis = self._rows[row], self.glyphs.ellipsis
        if isinstance(what, str):
            yield fit(f" {what}", width, ellipsis), self.style_of("facets--title")
            return
        under = "facets--cursor" if row == self.drawn_cursor else ""
        quiet = self.style_of("facets--count", under)
        bar = self.glyphs.cursor if row == self.drawn_cursor and self.has_focus else " "
        yield bar, self.style_of("facets--bar", under)
        trying = what.key in self.trying
        sign = self.glyphs.scanning if trying else self.glyphs.outcome(what.status)
        bad = "sheet--bad" if what.group in ("quarantine", "again") else "facets--count"
        yield f"{sign} ", self.style_of("sheet--keyword" if trying else bad, under)
        room = max(0, width - 3)
        age = AGE if room >= 56 else 0
        room -= age
        name = max(room - 28, room // 2) if room >= 24 else room
        name = min(name, self._longest)
        yield fit(what.name, name, ellipsis), self.style_of("facets--value", under)
        short = "being tried again" if trying else what.reason.short
        yield fit(f"  {short}" if room > name + 2 else "", room - name, ellipsis), quiet
        yield fit(ago(what.info.scanned_at), age, ellipsis, "right"), quiet

    def watch_cursor(self, old: int, new: int) -> None:
        super().watch_cursor(old, new)
        self.post_message(self.Moved())

    def action_open(self) -> None:
        if self.failure is not None:
            self.post_message(self.Opened())

    def on_click(self, event: events.Click) -> None:
        again = self.row_at(event.y) == self.cursor
        super().on_click(event)
        if again:
            self.action_open()
