"""The presets of one plugin, with a search: programs that it holds, and files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from pluginary_tui.catalogue.presets import Preset, Presets
from pluginary_tui.formats import LABELS
from pluginary_tui.formatting import counted
from pluginary_tui.model import Plugin
from pluginary_tui.scan.snippet import preset_line, snippet
from pluginary_tui.tui.core.actions import bindings
from pluginary_tui.tui.core.glyphs import Glyphs
from pluginary_tui.tui.core.session import Session
from pluginary_tui.tui.dialogs.prompt import Prompt
from pluginary_tui.tui.widgets.base_screen import BaseDialog
from pluginary_tui.tui.widgets.line_input import LineInput
from pluginary_tui.tui.widgets.styled_line import StyledText
from pluginary_tui.tui.widgets.virtual_list import VirtualList, fit

if TYPE_CHECKING:
    from pluginary_tui.tui.core.action_contexts import PresetsContext
    from pluginary_tui.tui.core.background import Background


class PresetList(VirtualList):
    """The lines of the dialog."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"menu--key", "menu--label", "menu--note", "menu--cursor"}

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__()
        self.glyphs = glyphs
        self.presets: Sequence[Preset] = ()
        self.formats: Mapping[str, str] | None = None
        """By the id of the plugin, where presets of several formats are shown."""

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
        kind = "in the plugin" if preset.source == "program" else "file"
        parts = [
            preset.category,
            preset.author,
            kind if self.formats is None else f"{self.formats[preset.plugin]} {kind}",
        ]
        parts += ["cannot be loaded"] if preset.loads is False else ["loads"] if preset.loads else []
        parts += [" ".join(f"#{tag}" for tag in preset.tags)]
        room = max(0, width - 3 - name)
        yield fit("  " + ", ".join(filter(None, parts)), room, ellipsis), self.style_of("menu--note", under)


class PresetDialog(BaseDialog[None]):
    """Shows the presets of a plugin, in all its formats; copies the Python that loads one."""

    CSS = """
    PresetDialog {
        .dialog { width: 90; max-width: 100%; height: 80%; }
        PresetList { height: 1fr; background: $surface; }
    }
    """
    ACTION_GROUP = "presets"
    BINDINGS: ClassVar[list[BindingType]] = bindings("presets")

    def __init__(self, plugins: Sequence[Plugin]) -> None:
        """`plugins`: the formats of one product; the first gives the name."""
        super().__init__()
        self.plugins = {plugin.id: plugin for plugin in plugins}
        self.plugin = plugins[0]
        self._all: Sequence[Preset] = ()
        self.list = PresetList(self.session.glyphs)
        if len(self.plugins) > 1:
            self.list.formats = {plugin.id: LABELS.get(plugin.format, plugin.format) for plugin in plugins}
        self.filter = LineInput(placeholder="name, category, maker or #tag", id="preset-filter", compact=True)
        self.count = Static("", markup=False, classes="dialog-hint")

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog menu -broad") as box:
            box.border_title = Content(f"Presets of {self.plugin.name}")
            yield self.filter
            yield self.list
            yield self.count

    def on_mount(self) -> None:
        self.services.catalogue_changed.subscribe(self, self._changed)
        self.services.scan_changed.subscribe(self, self._progressed)
        self._read()
        self.list.focus()
        self._try_new()

    def _try_new(self) -> None:
        """Try the files that were not tried yet, so that the list says which of them load, and snippets do.

        Nothing where the settings leave load checks out, or other work goes on in the background.
        """
        due = {id_ for _, id_ in Presets(self.session.store).untried(self.plugins)}
        if due and self.session.settings.scan.load_check and self.background is None:
            self.services.check_presets(sorted(due), quiet=True)
            self._show_count()

    def _read(self) -> None:
        """Read the presets anew; the cursor stays where it is."""
        at = self.list.cursor
        self._all = Presets(self.session.store).of_plugins(list(self.plugins))
        self._show()
        self.list.cursor = min(at, max(0, len(self.list.presets) - 1))

    def _changed(self, session: Session) -> None:
        self._read()

    def _progressed(self, session: Session) -> None:
        self._show_count()

    def _show(self) -> None:
        words = self.filter.value.casefold().split()
        self.list.show([preset for preset in self._all if all(word in _text_of(preset) for word in words)])
        self._show_count()

    def _show_count(self) -> None:
        key_of, shown = self.session.key_of, len(self.list.presets)
        number = f"{shown:,} of {counted(len(self._all), 'preset')}" if self.filter.value else counted(shown, "preset")
        if work := self.background:
            message = f"{work.doing}: {work.done:,} of {work.total:,}; {key_of('preset_stop')} stops"
        else:
            keys = (("preset_copy", "copies its Python"), ("preset_tag", "tags"), ("preset_read", "reads new files"))
            message = ", ".join(f"{key_of(id_)} {does}" for id_, does in keys)
        self.count.update(f"{number}   {message}")
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

    @property
    def background(self) -> Background | None:
        return self.session.background

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
            self._read()

    def action_tag(self) -> None:
        """Ask for the tags of the preset: what is in the line afterwards is what it has."""
        preset = self.preset
        if preset is None:
            return

        def keep(line: str | None) -> None:
            if line is not None:
                Presets(self.session.store).set_tags([preset.id], line.split())
                self._read()

        hint = "Words, as many as you like. Enter keeps them"
        title = f"Tags of {preset.name or 'this preset'}"
        prompt = Prompt(title, hint, "".join(f"{tag} " for tag in preset.tags), ellipsis=self.session.glyphs.ellipsis)
        self.services.ask(prompt, keep)

    def action_read(self) -> None:
        """Read preset files that are new or have changed."""
        self.services.read_presets()
        self._show_count()

    def action_check(self) -> None:
        """Try whether pedalboard loads the files that were not tried yet."""
        self.services.check_presets(list(self.plugins))
        self._show_count()

    def action_stop(self) -> None:
        if work := self.background:
            work.stop()

    def action_copy(self) -> None:
        """Copy the Python that loads the plugin with the preset."""
        if preset := self.preset:
            store, plugin = self.session.store, self.plugins[preset.plugin]
            code = snippet(plugin, store.parameters(plugin.key), store.attributes(plugin.key))
            self.app.copy_to_clipboard(f"{code}{preset_line(preset.path, preset.loads)}")
            store.used(plugin.id)
            self.notify(f"Copied the Python that loads {plugin.name} with {preset.name}.")


def _text_of(preset: Preset) -> str:
    """What words are searched in."""
    tags = " ".join(f"#{tag}" for tag in preset.tags)
    return f"{preset.name} {preset.category} {preset.author} {tags}".casefold()
