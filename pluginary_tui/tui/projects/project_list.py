"""The list of projects on the Projects screen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import BindingType

from pluginary_tui.formatting import counted
from pluginary_tui.tui.core.actions import bindings
from pluginary_tui.tui.projects.project_text import ListedProject
from pluginary_tui.tui.widgets.styled_line import StyledText
from pluginary_tui.tui.widgets.titled_list import TitledList
from pluginary_tui.tui.widgets.virtual_list import fit

PROGRAM = 16
MISSING = 12
PLUGINS = 12
"""Cells of the columns, with the gap before each."""


class ProjectList(TitledList[ListedProject]):
    """Projects, those with something missing first."""

    ACTION_GROUP = "project_list"
    BINDINGS: ClassVar[list[BindingType]] = bindings("project_list")

    projects: Sequence[ListedProject] = ()

    def show(self, projects: Sequence[ListedProject]) -> None:
        """Show these; the cursor stays on its project."""
        before = self.chosen
        self.rows = self.projects = projects
        rows = {project.row.path: row for row, project in enumerate(projects)}
        self.rows_changed(rows.get(before.row.path) if before else None)
        self.post_message(self.Moved())

    def draw_item(self, item: ListedProject, width: int, under: str) -> Iterable[StyledText]:
        ellipsis = self.glyphs.ellipsis
        quiet = self.style_of("facets--count", under)
        bad = item.row.outcome != "ok"
        sign = self.glyphs.failed if bad else self.glyphs.missing if item.absent else " "
        yield f"{sign} ", self.style_of("sheet--bad", under)
        space = max(0, width - 2)
        program = PROGRAM if space >= 60 else 0
        plugins = PLUGINS if space >= 48 else 0
        missing = MISSING if space >= 30 else 0
        yield (
            fit(item.name, space - program - plugins - missing, ellipsis),
            self.style_of("facets--value", under),
        )
        yield fit(f"  {item.row.program}", program, ellipsis), quiet
        yield fit(counted(item.plugins, "plugin"), plugins, ellipsis, "right"), quiet
        absent = f"{item.absent:,} missing" if item.absent else ""
        yield fit(absent, missing, ellipsis, "right"), self.style_of("sheet--bad", under)
