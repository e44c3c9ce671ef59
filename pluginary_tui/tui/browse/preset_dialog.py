"""The presets of one plugin, with a search: programs that it holds, and files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from pluginary_tui.catalogue.presets import Preset, Presets
from pluginary_tui.formatting import counted
from pluginary_tui.model import Plugin
from pluginary_tui.scan.snippet import snippet
from pluginary_tui.tui.core.actions import bindings
from pluginary_tui.tui.core.glyphs import Glyphs
from pluginary_tui.tui.widgets.base_screen import BaseDialog
from pluginary_tui.tui.widgets.line_input import LineInput
from pluginary_tui.tui.widgets.styled_line import StyledText
from pluginary_tui.tui.widgets.virtual_list import VirtualList, fit

if TYPE_CHECKING:
    from pluginary_tui.tui.core.action_contexts import PresetsContext


class PresetList(VirtualList):
    """The lines of the dialog."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"menu--key", "menu--label", "menu--note", "menu--cursor"}

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__()
        self.glyphs = glyphs
        self.presets: Sequence[Preset] = ()

    def show(self, presets: Sequence[Preset]) -> None:
        self.presets = presets
        self.rows_changed()

    def row_count(self) -> int:
        return len(self.presets)

    def draw_row(self, row: int, width: int) -> Iterable[StyledText]:
        preset, ellipsis = self.presets[row], self.glyphs.ellipsis
        under = "menu--cursor" if row == self.drawn_cursor else ""
        yield f" {self.glyphs.star if preset.favourite else ' '} ", self.style_of("menu--key", under)
        name = max(12, (width - 3) * 3 // 5)
        yield fit(preset.name or "(unnamed)", min(name, width - 3), ellipsis), self.style_of("menu--label", under)
        parts = [preset.category, preset.author, "in the plugin" if preset.source == "program" else "file"]
        parts += ["cannot be loaded"] if preset.loads is False else []
        room = max(0, width - 3 - name)
        yield fit("  " + ", ".join(filter(None, parts)), room, ellipsis), self.style_of("menu--note", under)


class PresetDialog(BaseDialog[None]):
    """Shows the presets of a plugin; copies the Python that loads one."""

    CSS = """
    PresetDialog {
        .dialog { width: 90; max-width: 100%; height: 80%; }
        PresetList { height: 1fr; background: $surface; }
    }
    """
    ACTION_GROUP = "presets"
    BINDINGS: ClassVar[list[BindingType]] = bindings("presets")

    def __init__(self, plugin: Plugin) -> None:
        super().__init__()
        self.plugin = plugin
        self._all: Sequence[Preset] = ()
        self.list = PresetList(self.session.glyphs)
        self.filter = LineInput(placeholder="find a preset by its name", id="preset-filter", compact=True)
        self.count = Static("", markup=False, classes="dialog-hint")

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog menu") as box:
            box.border_title = Content(f"Presets of {self.plugin.name}")
            yield self.filter
            yield self.list
            yield self.count

    def on_mount(self) -> None:
        self._read()
        self.list.focus()

    def _read(self) -> None:
        self._all = Presets(self.session.store).of_plugin(self.plugin.id)
        self._show()

    def _show(self) -> None:
        words = self.filter.value.casefold().split()
        shown = [p for p in self._all if all(w in f"{p.name} {p.category} {p.author}".casefold() for w in words)]
        self.list.show(shown)
        key_of = self.session.key_of
        number = f"{len(shown):,} of {counted(len(self._all), 'preset')}" if words else counted(len(shown), "preset")
        keys = f"{key_of('preset_copy')} copies the Python that loads it, {key_of('preset_filter')} finds"
        self.count.update(f"{number}   {keys}")
        self.refresh_bindings()

    @property
    def preset(self) -> Preset | None:
        """The one under the cursor."""
        return self.list.presets[self.list.cursor] if self.list.cursor < len(self.list.presets) else None

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._show()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.list.focus()

    # The context of the actions

    def action_context(self) -> PresetsContext:
        return self

    @property
    def preset_chosen(self) -> bool:
        return self.preset is not None

    @property
    def preset_path(self) -> str:
        return self.preset.path if self.preset else ""

    # Actions

    def action_filter(self) -> None:
        self.filter.focus()

    def action_close(self) -> None:
        """Back to all presets, then to Browse."""
        if self.filter.has_focus or self.filter.value:
            self.filter.value = ""
            self.list.focus()
        else:
            self.dismiss(None)

    def action_favourite(self) -> None:
        if preset := self.preset:
            Presets(self.session.store).set_favourite([preset.id], not preset.favourite)
            at = self.list.cursor
            self._read()
            self.list.cursor = min(at, max(0, len(self.list.presets) - 1))

    def action_copy(self) -> None:
        """Copy the Python that loads the plugin with the preset."""
        if preset := self.preset:
            store, plugin = self.session.store, self.plugin
            code = snippet(plugin, store.parameters(plugin.key), store.attributes(plugin.key))
            self.app.copy_to_clipboard(f"{code}plugin.load_preset({preset.path!r})\n")
            store.used(plugin.id)
            self.notify(f"Copied the Python that loads {plugin.name} with {preset.name}.")
