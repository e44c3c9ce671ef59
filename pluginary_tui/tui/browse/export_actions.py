"""Handing plugins on: to the clipboard, into a file, to the file manager; the base of all that acts on plugins."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

from textual.binding import Binding, BindingType

from pluginary_tui.catalogue.store import Store
from pluginary_tui.errors import PluginaryError
from pluginary_tui.model import Outcome, Plugin
from pluginary_tui.tui.core import desktop
from pluginary_tui.tui.core.user_data import plugin_label
from pluginary_tui.tui.dialogs import completion
from pluginary_tui.tui.widgets.compositor import IncrementalScreen

if TYPE_CHECKING:
    from pluginary_tui.tui.app import PluginaryApp
    from pluginary_tui.tui.core.session import Session


class HandingScreen(IncrementalScreen):
    """Copying, exporting and opening of plugins. A subclass says which plugins are meant."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy('snippet')", "Copy snippet", id="copy_snippet"),
        Binding("c", "copy_menu", "Copy", id="copy"),
        Binding("e", "export", "Export", show=False, id="export"),
        Binding("O", "open_folder", "Open its folder", show=False, id="open_folder"),
    ]

    @property
    def shell(self) -> PluginaryApp:
        return cast("PluginaryApp", self.app)

    @property
    def session(self) -> Session:
        return self.shell.session

    # What a subclass says

    def targets(self) -> Sequence[Plugin]:
        """The marked plugins, or the one under the cursor, or none."""
        raise NotImplementedError

    @property
    def plugin(self) -> Plugin | None:
        """The one under the cursor."""
        raise NotImplementedError

    # Copying

    def action_copy_menu(self) -> None:
        from pluginary_tui.tui.dialogs.menu import Choice, Menu

        choices = [
            Choice("s", "snippet", "snippet", "Python that loads it"),
            Choice("p", "path", "path"),
            Choice("n", "name", "name"),
            Choice("i", "id", "id", "the same on every machine"),
        ]
        title = f"Copy of {plugin_label(self.targets())}"
        self.app.push_screen(Menu(title, choices, self.session.glyphs.ellipsis), self._copied)

    def _copied(self, what: str | None) -> None:
        if what:
            self.action_copy(what)

    def action_copy(self, what: str) -> None:
        """Copy the `snippet`, `path`, `name` or `id` of the marked plugins, or of the one under the cursor."""
        plugins = self.targets()
        if not plugins:
            return
        if what == "snippet":
            good = [plugin for plugin in plugins if plugin.status == Outcome.OK]
            if not good:
                name = plugin_label(plugins)
                why = f"{name} cannot be loaded, so there is no snippet to copy. Press a for what can be done."
                self.notify(why, severity="warning", markup=False)
                return
            plugins, text = good, "\n".join(map(self._snippet, good))
        else:
            text = "\n".join(str(getattr(plugin, what)) for plugin in plugins)
        self.app.copy_to_clipboard(text)
        if len(plugins) == 1:
            self.used(plugins[0])
        shown = text if what != "snippet" and "\n" not in text else ""
        said = f"Copied the {what} of {plugin_label(plugins)} to the clipboard"
        self.notify(f"{said}: {shown}" if shown else f"{said}.", markup=False)

    def _snippet(self, plugin: Plugin) -> str:
        from pluginary_tui.scan.snippet import snippet

        store = self.session.store
        return snippet(plugin, store.parameters(plugin.key), store.attributes(plugin.key))

    def used(self, plugin: Plugin) -> None:
        """Remember that this plugin was opened or copied, for the order among equals."""
        try:
            self.session.store.used(plugin.id)
        except PluginaryError as error:
            self.notify(str(error), severity="error", markup=False)

    # A file of them

    def action_export(self) -> None:
        """Ask for a file, and write the marked plugins into it, or all that are in the list."""
        from pluginary_tui.tui.dialogs.prompt import Prompt

        plugins = self.export_targets()
        hint = "The ending says what it becomes: .json, .csv or .toml. Enter writes, escape leaves."
        complete = partial(completion.paths, folders_only=False)
        ask = Prompt(
            f"Export {plugin_label(plugins)}", hint, f"~{os.sep}plugins.json", complete, self.session.glyphs.ellipsis
        )
        self.app.push_screen(ask, lambda text: self._ask_over(plugins, text))

    def export_targets(self) -> Sequence[Plugin]:
        """What an export takes."""
        return self.targets()

    def _ask_over(self, plugins: Sequence[Plugin], text: str | None) -> None:
        if not text or not text.strip():
            return
        path = Path(text.strip()).expanduser().absolute()
        if not path.exists():
            self._export(plugins, path)
            return
        from pluginary_tui.tui.dialogs.menu import Confirm

        def done(yes: bool | None) -> None:
            if yes:
                self._export(plugins, path)

        self.app.push_screen(Confirm("Export", f"{path} is there already.", "write over it", "leave it"), done)

    def _export(self, plugins: Sequence[Plugin], path: Path) -> None:
        app, source = self.app, self.session.store.path

        def write() -> None:
            from pluginary_tui.catalogue.exchange.export import export

            try:
                with Store(source) as store:
                    count = export(store, plugins, path)
            except PluginaryError as error:
                app.call_from_thread(app.notify, str(error), severity="error", markup=False)
                return
            said = f"Wrote {count:,} plugin{'s' * (count != 1)} to {path}."
            app.call_from_thread(app.notify, said, markup=False)

        self.run_worker(write, thread=True, group="export")

    def action_open_folder(self) -> None:
        """Show the bundle in the desktop's file manager."""
        plugin = self.plugin
        if plugin is None:
            return
        try:
            if plugin.format == "builtin":
                raise PluginaryError(f"{plugin.name} comes with pedalboard; it has no folder of its own.")
            desktop.show_in_folder(Path(plugin.path))
        except PluginaryError as error:
            self.notify(str(error), severity="warning", markup=False)
            return
        self.notify(f"Opened {Path(plugin.path).parent}.", markup=False)
