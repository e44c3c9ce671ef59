"""Actions that take plugins out of the app: to the clipboard, into a file, to the file manager."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pluginary_tui.catalogue.store import Store
from pluginary_tui.errors import CatalogueError, PluginaryError
from pluginary_tui.formats import LOADABLE
from pluginary_tui.formatting import counted
from pluginary_tui.model import Outcome, Plugin, slug
from pluginary_tui.tui.core import desktop
from pluginary_tui.tui.core.user_data import plugin_label

if TYPE_CHECKING:
    from pluginary_tui.tui.browse.host import BrowseHost, Handlers


class ExportActions:
    """Copying, exporting and opening of the marked plugins, or of the one under the cursor."""

    def __init__(self, host: BrowseHost) -> None:
        self.host = host
        self.handlers: Handlers = {
            "copy": self.choose_copy,
            "copy_snippet": partial(self.copy, "snippet"),
            "copy_path": partial(self.copy, "path"),
            "export": self.export,
            "share": self.share,
            "open_folder": self.open_folder,
        }

    def choose_copy(self) -> None:
        """Ask what to copy."""
        from pluginary_tui.tui.dialogs.menu import Choice, Menu

        choices = [
            Choice("s", "snippet", "snippet", "Python that loads it"),
            Choice("p", "path", "path"),
            Choice("n", "name", "name"),
            Choice("i", "id", "id", "the same on every machine"),
        ]

        def done(what: str | None) -> None:
            if what:
                self.copy(what)

        title = f"Copy of {plugin_label(self.host.targets())}"
        self.host.services.ask(Menu(title, choices, self.host.session.glyphs.ellipsis), done)

    def copy(self, what: str) -> None:
        """Copy the `snippet`, `path`, `name` or `id`. Raises CatalogueError."""
        host, plugins = self.host, self.host.targets()
        if what == "snippet":
            plugins = host.one_each(plugins, lambda each: each.status == Outcome.OK and each.format in LOADABLE)
            text = "\n".join(map(self._snippet, plugins))
        else:
            text = "\n".join(dict.fromkeys(str(getattr(plugin, what)) for plugin in plugins))
        if not plugins:
            self._explain_no_snippet()
            return
        host.app.copy_to_clipboard(text)
        if len(plugins) == 1 or (host.products and not host.marked()):
            self.used(plugins[0])
        shown = text if what != "snippet" and "\n" not in text else ""
        message = f"Copied the {what} of {plugin_label(plugins)} to the clipboard"
        host.notify(f"{message}: {shown}" if shown else f"{message}.")

    def _explain_no_snippet(self) -> None:
        from pluginary_tui.scan.snippet import not_for_pedalboard

        plugins = self.host.targets()
        name, key = plugin_label(plugins), self.host.session.key_of("actions")
        why = f"{name} cannot be loaded, so there is no snippet to copy. Press {key} for what can be done."
        if message := next(filter(None, map(not_for_pedalboard, plugins)), ""):
            why = f"There is no snippet for {name}: {message}"
        self.host.notify(why, severity="warning")

    def _snippet(self, plugin: Plugin) -> str:
        from pluginary_tui.scan.snippet import snippet

        store = self.host.session.store
        return snippet(plugin, store.parameters(plugin.key), store.attributes(plugin.key))

    def used(self, plugin: Plugin) -> None:
        """Remember that this plugin was opened or copied, which decides the order among equals."""
        self.host.session.store.used(plugin.id)

    def export(self) -> None:
        """Ask what to write where several were found and none is marked, then for a file."""
        from pluginary_tui.tui.dialogs.menu import Choice, Menu

        host = self.host
        plugins, found = host.targets(), host.found()
        if host.marked() or len(host.list.plugins) < 2:
            self._ask_file(plugins)
            return
        many = f"{counted(len(found), 'plugin')}, " if host.products else ""
        choices = [
            Choice("e", plugin_label(plugins), "one"),
            Choice("a", f"All {len(host.list.plugins):,} found", "found", f"{many}in the order of the list"),
        ]

        def done(what: str | None) -> None:
            if what:
                self._ask_file(plugins if what == "one" else found)

        host.services.ask(Menu("Export", choices, host.session.glyphs.ellipsis), done)

    def _ask_file(self, plugins: Sequence[Plugin]) -> None:
        from pluginary_tui.catalogue.exchange.file_formats import WRITERS
        from pluginary_tui.tui.dialogs.file_prompt import Again, ask_file

        def write(path: Path, again: Again) -> None:
            self._export(plugins, path, again)

        hint = "The ending says what it becomes: .json, .csv or .toml. Enter writes"
        start, title = f"~{os.sep}plugins.json", f"Export {plugin_label(plugins)}"
        host = self.host
        ask_file(host.services, host.session, title, hint, write, start=start, endings=tuple(WRITERS))

    def _export(self, plugins: Sequence[Plugin], path: Path, again: Callable[[str], None]) -> None:
        app, source = self.host.app, self.host.session.store.path

        def write() -> None:
            from pluginary_tui.catalogue.exchange.export import export

            try:
                with Store(source) as store:
                    count = export(store, plugins, path)
            except CatalogueError as error:
                app.call_from_thread(again, str(error))
            else:
                app.call_from_thread(app.notify, f"Wrote {counted(count, 'plugin')} to {path}.")

        self.host.run_worker(write, thread=True, group="export")

    def share(self) -> None:
        """Ask for a file, and write what was measured of the plugin under the cursor. Raises CatalogueError."""
        from pluginary_tui.catalogue.passports import Passports
        from pluginary_tui.sound.share.facts import Shared
        from pluginary_tui.sound.share.write import FORMS, write
        from pluginary_tui.tui.dialogs.file_prompt import Again, ask_file

        host, plugin = self.host, self.host.plugin
        if plugin is None:
            return
        stored = Passports(host.session.store).of_product(plugin)
        if stored is None or stored.outcome != Outcome.OK:
            host.notify(f"{plugin.name} was not measured yet; {host.session.key_of('measure')} measures it.")
            return
        shared = Shared.of(plugin, stored)

        def put(path: Path, again: Again) -> None:
            try:
                write(shared, path, path.suffix.lower())
            except PluginaryError as error:
                again(str(error))
            else:
                host.notify(f"Wrote {path}.")

        hint = "The ending says what it becomes: .svg a picture, .html a page, .md a report. Enter writes"
        start = f"~{os.sep}{slug(plugin.name) or 'passport'}.svg"
        title = f"Share what was measured of {plugin_label([plugin])}"
        ask_file(host.services, host.session, title, hint, put, start=start, endings=tuple(FORMS))

    def open_folder(self) -> None:
        """Show the bundle in the desktop's file manager. Raises PluginaryError where that is not possible."""
        host, plugin = self.host, self.host.plugin
        if plugin is None:
            return
        desktop.show_in_folder(Path(plugin.path), f"{host.session.key_of('copy')} p copies the path")
        host.notify(f"Opened {Path(plugin.path).parent}.")
