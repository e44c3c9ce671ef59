"""From a plugin to its presets, and to the projects that use it."""

from __future__ import annotations

from pathlib import PurePath
from string import ascii_lowercase
from typing import TYPE_CHECKING

from pluginary_tui.model import clean

if TYPE_CHECKING:
    from pluginary_tui.tui.browse.host import BrowseHost, Handlers

_KEYS = [*"123456789", *(letter for letter in ascii_lowercase if letter not in "jk")]
"""Keys of the projects in the menu; j and k move."""


class UsageActions:
    """Presets and projects of the plugin under the cursor."""

    def __init__(self, host: BrowseHost) -> None:
        self.host = host
        self.handlers: Handlers = {"presets": self.show_presets, "projects": self.show_projects}

    def show_presets(self) -> None:
        from pluginary_tui.tui.browse.preset_dialog import PresetDialog

        with_some = [plugin for plugin in self.host.here() if plugin.program_count or plugin.preset_count]
        if with_some:
            self.host.services.ask(PresetDialog(with_some))

    def show_projects(self) -> None:
        """Let the person choose one of the projects that use the plugin, and show it."""
        from pluginary_tui.catalogue.usage import projects_of
        from pluginary_tui.tui.dialogs.menu import Choice, Menu

        host, plugins = self.host, self.host.here()
        if not plugins:
            return
        using = {row.path: row for plugin in plugins for row in projects_of(host.session.store, plugin)}
        choices = [
            Choice(key, clean(PurePath(row.path).name), row.path, row.program)
            for key, row in zip(_KEYS, using.values(), strict=False)
        ]

        def go(path: str | None) -> None:
            if path:
                host.services.show_project(path)

        host.services.ask(
            Menu(f"Projects with {plugins[0].name}", choices, host.session.glyphs.ellipsis, broad=True), go
        )
