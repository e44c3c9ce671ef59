"""The detail pane: all that is known of one plugin, its parameters filtered by a line of their own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from pluginary_tui.tui.browse.plugin_details import PluginDetails, all_lines
from pluginary_tui.tui.core.glyphs import UNICODE, Glyphs
from pluginary_tui.tui.widgets.line_input import LineInput
from pluginary_tui.tui.widgets.pane import Pane
from pluginary_tui.tui.widgets.rich_lines import Line
from pluginary_tui.tui.widgets.text_view import TextView


class Sheet(TextView):
    """The lines of the detail pane; some are drawings, made for the width they have."""

    def __init__(self, glyphs: Glyphs = UNICODE, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.glyphs = glyphs
        self.facts: PluginDetails | None = None
        self.wanted = ""

    def update_text(self, facts: PluginDetails | None, wanted: str = "", *, keep: bool = False) -> None:
        """Show this plugin's facts; only parameters that hold `wanted`. `keep` stays where it was scrolled to."""
        self.facts, self.wanted = facts, wanted
        self.turn(keep=keep)

    def lines(self, width: int) -> Iterable[Line]:
        return all_lines(self.facts, self.wanted, width, self.glyphs) if self.facts else ()


class Detail(Pane):
    """The sheet, and the line that filters its parameters."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter parameters", id="filter_parameters"),
    ]

    def __init__(self, glyphs: Glyphs = UNICODE, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.sheet = Sheet(glyphs, id="sheet")
        self.filter = LineInput(placeholder="filter the parameters", id="parameter-filter", compact=True)
        self.filter.display = False

    def compose(self) -> ComposeResult:
        yield self.sheet

    def on_mount(self) -> None:
        self.call_after_refresh(self.mount, self.filter, before=self.sheet)  # the first frame does without

    def show(self, facts: PluginDetails | None) -> None:
        """Show this plugin, or nothing. The filter stays while the plugin does."""
        before = self.sheet.facts
        same = facts is not None and before is not None and facts.plugin.key == before.plugin.key
        if not same and self.filter.value and not self.filter.has_focus:
            self.close_filter()
        self.sheet.update_text(facts, self.filter.value, keep=same)

    @property
    def filtering(self) -> bool:
        """Whether the filter is open or holds back parameters."""
        return bool(self.filter.display)

    def close_filter(self) -> None:
        """Show all parameters again."""
        if self.filter.has_focus:
            self.sheet.focus()
        with self.prevent(Input.Changed):
            self.filter.value = ""
        self.filter.display = False
        self.sheet.update_text(self.sheet.facts, keep=True)

    def action_filter(self) -> None:
        self.filter.display = True
        self.filter.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.sheet.update_text(self.sheet.facts, event.value, keep=True)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.sheet.focus()
