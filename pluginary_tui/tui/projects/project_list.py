"""The list of projects on the Projects screen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message

from pluginary_tui.formatting import counted
from pluginary_tui.tui.core.actions import bindings
from pluginary_tui.tui.core.glyphs import UNICODE, Glyphs
from pluginary_tui.tui.projects.project_text import ListedProject
from pluginary_tui.tui.widgets.styled_line import StyledText
from pluginary_tui.tui.widgets.virtual_list import VirtualList, fit

PROGRAM = 16
MISSING = 12
PLUGINS = 12
"""Cells of the columns, with the gap before each."""


class ProjectList(VirtualList):
    """Projects, those with something missing first."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "facets--value",
        "facets--count",
        "facets--bar",
        "facets--cursor",
        "sheet--bad",
    }
    ACTION_GROUP = "project_list"
    BINDINGS: ClassVar[list[BindingType]] = bindings("project_list")

    class Moved(Message):
        """Another project is under the cursor, or none."""

    class Opened(Message):
        """Read the project under the cursor."""

    def __init__(self, glyphs: Glyphs = UNICODE, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.glyphs = glyphs
        self.projects: Sequence[ListedProject] = ()

    @property
    def project(self) -> ListedProject | None:
        """The one under the cursor."""
        return self.projects[self.cursor] if self.cursor < len(self.projects) else None

    def show(self, projects: Sequence[ListedProject]) -> None:
        """Show these; the cursor stays on its project."""
        before = self.project
        self.projects = projects
        rows = {project.row.path: row for row, project in enumerate(projects)}
        self.rows_changed(rows.get(before.row.path) if before else None)
        self.post_message(self.Moved())

    def row_count(self) -> int:
        return len(self.projects)

    def draw_row(self, row: int, width: int) -> Iterable[StyledText]:
        project, ellipsis = self.projects[row], self.glyphs.ellipsis
        under = "facets--cursor" if row == self.drawn_cursor else ""
        quiet = self.style_of("facets--count", under)
        yield (
            self.glyphs.cursor if row == self.drawn_cursor and self.has_focus else " ",
            self.style_of("facets--bar", under),
        )
        bad = project.row.outcome != "ok"
        sign = self.glyphs.failed if bad else self.glyphs.missing if project.absent else " "
        yield f"{sign} ", self.style_of("sheet--bad", under)
        room = max(0, width - 3)
        program = PROGRAM if room >= 60 else 0
        plugins = PLUGINS if room >= 48 else 0
        missing = MISSING if room >= 30 else 0
        yield (
            fit(project.name, room - program - plugins - missing, ellipsis),
            self.style_of("facets--value", under),
        )
        yield fit(f"  {project.row.program}", program, ellipsis), quiet
        yield fit(counted(project.plugins, "plugin"), plugins, ellipsis, "right"), quiet
        absent = f"{project.absent:,} missing" if project.absent else ""
        yield fit(absent, missing, ellipsis, "right"), self.style_of("sheet--bad", under)

    def watch_cursor(self, old: int, new: int) -> None:
        super().watch_cursor(old, new)
        self.post_message(self.Moved())

    def action_open(self) -> None:
        if self.project is not None:
            self.post_message(self.Opened())

    def on_click(self, event: events.Click) -> None:
        again = self.row_at(event.y) == self.cursor
        super().on_click(event)
        if again:
            self.action_open()
