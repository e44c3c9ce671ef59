"""The lines of the detail pane, which scroll, with a cursor on parameters."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import events
from textual.binding import BindingType

from pluginary_tui.model import Parameter
from pluginary_tui.tui.browse import parameter_menu
from pluginary_tui.tui.browse.plugin_details import CURSOR_WIDTH, ParameterLine, PluginDetails, all_lines
from pluginary_tui.tui.core.actions import bindings
from pluginary_tui.tui.core.glyphs import UNICODE, Glyphs
from pluginary_tui.tui.widgets.rich_lines import Line, wrapped
from pluginary_tui.tui.widgets.styled_line import StyledText
from pluginary_tui.tui.widgets.text_view import TextView


class DetailText(TextView):
    """Scrolls like a text; where parameters are in sight, the same keys move a cursor from one to the next.

    Curves are drawn for its width.
    """

    ACTION_GROUP = "detail_text"
    BINDINGS: ClassVar[list[BindingType]] = bindings("detail_text")
    COMPONENT_CLASSES: ClassVar[set[str]] = {"sheet--cursor", "sheet--bar"}

    def __init__(self, glyphs: Glyphs = UNICODE, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.glyphs = glyphs
        self.facts: PluginDetails | None = None
        self.wanted = ""
        self._parameters: dict[int, Parameter] = {}
        """By the rows on which the cursor can stand."""
        self._ends: dict[int, int] = {}
        """Last row of what belongs to the parameter in each of these rows: its values, what else there is to say."""
        self._sections: list[int] = []
        """Rows of headings."""
        self._at = -1
        """The cursor's row; -1 where it is on no parameter."""

    def update_text(self, facts: PluginDetails | None, wanted: str = "", *, keep: bool = False) -> None:
        """Show this plugin's facts; only parameters that hold `wanted`. `keep` stays where it was scrolled to."""
        self.facts, self.wanted = facts, wanted
        if not keep:
            self._at = -1
        self.rerender(keep=keep)

    def lines(self, width: int) -> Iterable[Line]:
        return all_lines(self.facts, self.wanted, width, self.glyphs) if self.facts else ()

    def wrap(self) -> None:
        width = self._width = self.scrollable_content_region.width
        before = self._parameters.get(self._at)
        self._rows, self._parameters, self._ends, self._sections, self._at = [], {}, {}, [], -1
        last = -1
        for line in self.lines(width) if width > 0 else ():
            row = len(self._rows)
            if isinstance(line, ParameterLine):
                self._parameters[row] = line.parameter
                last = row
                if before is not None and (line.parameter.id, line.parameter.name) == (before.id, before.name):
                    self._at = row
            elif line and line[0][1] in ("title", "head"):
                self._sections.append(row)
            elif not line:
                last = -1
            self._rows += wrapped(line, width)
            if last >= 0 and line and (last == row or line[0][1] == "label"):
                self._ends[last] = len(self._rows) - 1
        self.rows_changed()

    # The cursor

    @property
    def parameter(self) -> Parameter | None:
        """The one under the cursor, where that is in sight and this pane has the focus."""
        return self._parameters.get(self._at) if self.has_focus and self._in_sight(self._at) else None

    def _in_sight(self, row: int, beyond: int = 0) -> bool:
        """Whether a row is on the screen, or would be after scrolling by `beyond` rows."""
        top = round(self.scroll_target_y) + beyond
        return top <= row < top + self.page_rows

    def _stand(self, row: int) -> None:
        before, self._at = self.parameter, row
        end = min(self._ends.get(row, row), row + self.page_rows - 1)
        if row >= 0 and not (self._in_sight(row) and self._in_sight(end)):
            top = round(self.scroll_target_y)
            self.scroll_to(y=row if row < top else end - self.page_rows + 1, animate=False, immediate=True)
        self.looks_changed()
        if (before is None) != (self.parameter is None):
            self.screen.refresh_bindings()

    def stand_on_first(self) -> None:
        """Put the cursor on the first parameter, wherever that is."""
        if self._parameters:
            self._stand(min(self._parameters))

    def _stand_in_sight(self) -> None:
        """After the text was scrolled: put the cursor on the first parameter on the screen, if any."""
        if not self._in_sight(self._at):
            self._stand(next(filter(self._in_sight, self._parameters), -1))
        else:
            self.looks_changed()

    def action_move(self, by: int) -> None:
        step = 1 if by > 0 else -1
        for _ in range(abs(by)):
            self._step(step)

    def _step(self, by: int) -> None:
        """To the next parameter, where that is in sight or the next row; otherwise scroll by a row."""
        top = round(self.scroll_target_y)
        here = self._at if self._in_sight(self._at) else top - 1 if by > 0 else top + self.page_rows
        rows = self._parameters if by > 0 else reversed(self._parameters)
        target = next((row for row in rows if (row - here) * by > 0), -1)
        if target >= 0 and (self._in_sight(target) or self._in_sight(target, by)):
            self._stand(target)
        else:
            super().action_move(by)
            self.looks_changed()

    def action_page(self, pages: float) -> None:
        super().action_page(pages)
        self._stand_in_sight()

    def action_edge(self, end: int) -> None:
        super().action_edge(end)
        self._stand(max(filter(self._in_sight, self._parameters), default=-1) if end > 0 else -1)

    def action_section(self, by: int) -> None:
        """Scroll to the next heading, or to the one before."""
        top = round(self.scroll_target_y)
        rows = self._sections if by > 0 else self._sections[::-1]
        target = next((row for row in rows if (row - top) * by > 0), None)
        if target is None:
            self.action_edge(by)
            return
        self.scroll_to(y=target, animate=False, immediate=True)
        self._at = -1
        self._stand_in_sight()

    def on_click(self, event: events.Click) -> None:
        row = self.row_at(event.y)
        if row in self._parameters:
            self._stand(row)
            if event.chain == 2:
                self.action_values()

    def on_focus(self) -> None:
        self.looks_changed()

    def on_blur(self) -> None:
        self.looks_changed()

    def draw_row(self, row: int, width: int) -> Iterable[StyledText]:
        drawn = self._rows[row]
        if row != self._at or not self.has_focus:
            return super().draw_row(row, width)
        under = "sheet--cursor"
        bar = (self.glyphs.cursor.ljust(CURSOR_WIDTH), self.style_of("sheet--bar", under))
        pieces = [(text, self.style_of(f"sheet--{look}", under)) for text, look in drawn[1:]]
        used = CURSOR_WIDTH + sum(len(text) for text, _ in pieces)
        return [bar, *pieces, (" " * max(0, width - used), self.style_of("sheet--text", under))]

    # What can be done with a parameter

    def action_copy(self) -> None:
        """Copy the line of Python that sets the parameter under the cursor."""
        if self.facts and self.parameter:
            parameter_menu.copy_line(self, self.facts, self.parameter)

    def action_values(self) -> None:
        """Ask which of its values to set, and copy the line for it."""
        if self.facts and self.parameter:
            parameter_menu.ask(self, self.facts, self.parameter)
