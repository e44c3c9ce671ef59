"""The detail pane: all that is known of one plugin, with a filter for its parameters."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Input

from pluginary_tui.tui.browse.plugin_details import PluginDetails, all_lines
from pluginary_tui.tui.core.actions import bindings
from pluginary_tui.tui.core.glyphs import UNICODE, Glyphs
from pluginary_tui.tui.widgets.guard import Guarded
from pluginary_tui.tui.widgets.line_input import LineInput
from pluginary_tui.tui.widgets.pane import Pane
from pluginary_tui.tui.widgets.rich_lines import Line
from pluginary_tui.tui.widgets.text_view import TextView


class DetailText(TextView):
    """The lines of the detail pane; curves are drawn for its width."""

    ACTION_GROUP = "detail_text"

    def __init__(self, glyphs: Glyphs = UNICODE, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.glyphs = glyphs
        self.facts: PluginDetails | None = None
        self.wanted = ""

    def update_text(self, facts: PluginDetails | None, wanted: str = "", *, keep: bool = False) -> None:
        """Show this plugin's facts; only parameters that hold `wanted`. `keep` stays where it was scrolled to."""
        self.facts, self.wanted = facts, wanted
        self.rerender(keep=keep)

    def lines(self, width: int) -> Iterable[Line]:
        return all_lines(self.facts, self.wanted, width, self.glyphs) if self.facts else ()


class Detail(Pane, Guarded):
    """The text, and the line that filters its parameters."""

    ACTION_GROUP = "detail"
    BINDINGS: ClassVar[list[BindingType]] = bindings("detail")

    def __init__(self, glyphs: Glyphs = UNICODE, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.text = DetailText(glyphs, id="sheet")
        self.filter = LineInput(placeholder="filter the parameters", id="parameter-filter", compact=True)
        self.filter.display = False

    def compose(self) -> ComposeResult:
        yield self.text

    def on_mount(self) -> None:
        self.call_after_refresh(self.mount, self.filter, before=self.text)  # not needed by the first frame

    def show(self, facts: PluginDetails | None) -> None:
        """Show this plugin, or nothing. The filter stays while the plugin does."""
        before = self.text.facts
        same = facts is not None and before is not None and facts.plugin.key == before.plugin.key
        if not same and self.filter.value and not self.filter.has_focus:
            self.close_filter()
        self.text.update_text(facts, self.filter.value, keep=same)

    @property
    def filtering(self) -> bool:
        """Whether the filter is open or holds back parameters."""
        return bool(self.filter.display)

    def close_filter(self) -> None:
        """Show all parameters again."""
        if self.filter.has_focus:
            self.text.focus()
        with self.prevent(Input.Changed):
            self.filter.value = ""
        self.filter.display = False
        self.text.update_text(self.text.facts, keep=True)

    def action_filter(self) -> None:
        self.filter.display = True
        self.filter.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.text.update_text(self.text.facts, event.value, keep=True)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.text.focus()
