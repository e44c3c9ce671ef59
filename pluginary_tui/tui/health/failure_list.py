"""The list of failures, in groups, on the Health screen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from itertools import groupby
from typing import ClassVar

from rich.cells import cell_len
from textual.binding import BindingType

from pluginary_tui.formatting import ago
from pluginary_tui.tui.core.actions import bindings
from pluginary_tui.tui.core.glyphs import UNICODE, Glyphs
from pluginary_tui.tui.health.failures import GROUPS, Failure
from pluginary_tui.tui.widgets.styled_line import StyledText
from pluginary_tui.tui.widgets.titled_list import TitledList, titled
from pluginary_tui.tui.widgets.virtual_list import fit, fit_name

AGE = 12
"""Cells of the column that says how long ago, with the gap before it."""


class FailureList(TitledList[Failure]):
    """Failures under the titles of their groups."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"sheet--keyword"}
    ACTION_GROUP = "failures"
    BINDINGS: ClassVar[list[BindingType]] = bindings("failures")

    def __init__(self, glyphs: Glyphs = UNICODE, *, id: str | None = None) -> None:
        super().__init__(glyphs, id=id)
        self.failures: Sequence[Failure] = ()
        self.trying: AbstractSet[tuple[str, int]] = frozenset()
        """Keys of the failures that are being tried again."""
        self._longest = 0
        """Cells of the longest name."""

    def show(self, failures: Sequence[Failure]) -> None:
        """Show these, in the order of their groups. The cursor stays on its failure, or on its line where that
        went to another group: that is done with, and the next one comes.
        """
        before = self.chosen
        self.failures = failures
        self._longest = max((cell_len(each.name) for each in failures), default=0)
        groups = [(group, list(members)) for group, members in groupby(failures, key=lambda each: each.group)]
        self.rows = titled((f"{GROUPS[group].upper()}  {len(members):,}", members) for group, members in groups)
        places = {(each.group, each.key): row for row, each in enumerate(self.rows) if isinstance(each, Failure)}
        self.rows_changed(places.get((before.group, before.key)) if before else None)
        self.post_message(self.Moved())

    def draw_item(self, item: Failure, width: int, under: str) -> Iterable[StyledText]:
        ellipsis = self.glyphs.ellipsis
        quiet = self.style_of("facets--count", under)
        trying = item.key in self.trying
        sign = self.glyphs.scanning if trying else self.glyphs.outcome(item.status)
        bad = "sheet--bad" if item.group in ("quarantine", "again") else "facets--count"
        yield f"{sign} ", self.style_of("sheet--keyword" if trying else bad, under)
        space = max(0, width - 2)
        age = AGE if space >= 56 else 0
        space -= age
        name = max(space - 28, space // 2) if space >= 24 else space
        name = min(name, self._longest)
        yield fit_name(item.name, name, ellipsis), self.style_of("facets--value", under)
        short = "being tried again" if trying else item.reason.short.partition(" (")[0]
        yield fit(f"  {short}" if space > name + 2 else "", space - name, ellipsis), quiet
        yield fit(ago(item.info.scanned_at), age, ellipsis, "right"), quiet
