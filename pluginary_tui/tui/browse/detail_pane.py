"""The detail pane: all that is known of one plugin, with a filter for its parameters."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Input

from pluginary_tui.tui.browse.detail_text import DetailText
from pluginary_tui.tui.browse.plugin_details import PluginDetails
from pluginary_tui.tui.core.actions import bindings
from pluginary_tui.tui.core.glyphs import UNICODE, Glyphs
from pluginary_tui.tui.widgets.guard import Guarded
from pluginary_tui.tui.widgets.line_input import LineInput
from pluginary_tui.tui.widgets.pane import Pane


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
        self.text.stand_on_first()
