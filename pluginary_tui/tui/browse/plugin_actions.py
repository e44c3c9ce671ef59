"""Actions on plugins: the user's words about them, probing again, quarantine, and the menu of all actions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported

from pluginary_tui.model import MISSING, Plugin, clean_log
from pluginary_tui.products import noted
from pluginary_tui.tui.core import desktop
from pluginary_tui.tui.core.actions import ACTION_MENU, action
from pluginary_tui.tui.core.user_data import UserDataEditor, plugin_label
from pluginary_tui.tui.dialogs import completion

if TYPE_CHECKING:
    from pluginary_tui.tui.browse.host import BrowseHost, Handlers
    from pluginary_tui.tui.dialogs.menu import Choice


class PluginActions:
    """Changes the marked plugins, or the one under the cursor."""

    def __init__(self, host: BrowseHost) -> None:
        self.host = host
        self.handlers: Handlers = {
            "favourite": lambda: self.edit(lambda: self.editor.favourite(host.targets(), products=host.products)),
            "hide": self.hide,
            "quarantine": lambda: self.edit(lambda: self.editor.quarantine(host.targets())),
            "tag": self.tag,
            "note": self.note,
            "edit_note": self.edit_note,
            "rate": self.rate,
            "rescan": self.rescan,
            "actions": self.open_menu,
        }

    @property
    def editor(self) -> UserDataEditor:
        return self.host.services.user_data

    def edit(self, edit: Callable[[], str]) -> None:
        """Run an edit, show what was done, and the plugins as they are now. Raises CatalogueError."""
        if message := edit():
            self.host.services.notify_change(message)
            self.host.session.reload()
            self.host.plugins_changed()

    # The user's words

    def hide(self) -> None:
        """Hide the plugins or show them again. Hidden ones lose their marks, which nobody would see any more."""
        plugins = self.host.targets()
        self.edit(lambda: self.editor.hide(plugins))
        if gone := {plugin.key for plugin in plugins if plugin.hidden} & self.host.list.marked:
            self.host.list.set_marks(self.host.list.marked - gone)

    def tag(self) -> None:
        """Ask for tags to add or take off."""
        plugins = self.host.targets()
        known = sorted({tag for plugin in self.host.session.catalogue.plugins for tag in plugin.tags})

        def done(text: str | None) -> None:
            if text:
                self.edit(lambda: self.editor.tag(plugins, text))

        hint = "Tags, separated by spaces; -tag takes one off. Enter keeps"
        complete = partial(completion.words, known=known)
        self._ask(f"Tag {plugin_label(plugins)}", hint, "", complete, done)

    def note(self) -> None:
        """Write a line about a plugin; a note of several lines opens in the person's editor."""
        plugins = self.host.here()
        if not plugins:
            return
        if "\n" in noted(plugins) and desktop.editor_command():
            self.edit_note()
        else:
            self._note_on_one_line(plugins)

    def edit_note(self) -> None:
        """Write about a plugin in the editor that $VISUAL or $EDITOR names; without one, on one line.

        Raises PluginaryError where the editor fails.
        """
        host, plugins, command = self.host, self.host.here(), desktop.editor_command()
        if not plugins:
            return
        if command is None:
            host.notify("Set EDITOR to write in an editor of yours; one line goes without.")
            self._note_on_one_line(plugins)
            return
        try:
            with host.app.suspend():
                text = desktop.edited(noted(plugins), command)
        except SuspendNotSupported:
            self._note_on_one_line(plugins)
            return
        finally:
            host.redraw()
        if (text := clean_log(text).strip()) != noted(plugins):
            self.edit(lambda: self.editor.note_product(plugins, text))

    def _note_on_one_line(self, plugins: Sequence[Plugin]) -> None:
        def done(text: str | None) -> None:
            if text is not None and text.strip() != noted(plugins):
                self.edit(lambda: self.editor.note_product(plugins, text))

        hint = "One line; empty takes the note away. Enter keeps"
        self._ask(f"Note on {plugins[0].name}", hint, " ".join(noted(plugins).split()), None, done)

    def _ask(
        self,
        title: str,
        hint: str,
        value: str,
        complete: Callable[[str], list[str]] | None,
        done: Callable[[str | None], None],
    ) -> None:
        from pluginary_tui.tui.dialogs.prompt import Prompt

        self.host.services.ask(Prompt(title, hint, value, complete, self.host.session.glyphs.ellipsis), done)

    def rate(self) -> None:
        """Ask for a number of stars."""
        from pluginary_tui.tui.dialogs.menu import Choice, Menu

        plugins, glyphs = self.host.targets(), self.host.session.glyphs
        choices = [Choice(str(n), glyphs.star * n or "no rating", str(n)) for n in range(5, -1, -1)]

        def done(stars: str | None) -> None:
            if stars is not None:
                self.edit(lambda: self.editor.rate(plugins, int(stars)))

        menu = Menu(
            f"Rate {plugin_label(plugins)}",
            choices,
            glyphs.ellipsis,
            str(max(each.rating for each in plugins) if self.host.products else plugins[0].rating),
        )
        self.host.services.ask(menu, done)

    # Probing again

    def rescan(self) -> None:
        """Probe the bundles again, quarantined or not."""
        host = self.host
        plugins = [plugin for plugin in host.targets() if plugin.status != MISSING]
        if not host.session.rescan({plugin.path for plugin in plugins}):
            host.notify(host.busy, severity="warning")
            return
        host.notify(f"Reading {plugin_label(plugins)} again; {host.session.key_of('scan')} shows how it goes.")
        host.refresh_bindings()

    # The menu

    def open_menu(self) -> None:
        """Offer every action on these plugins, with the reason for each that is not possible."""
        from pluginary_tui.tui.dialogs.menu import Menu

        host = self.host

        async def done(what: str | None) -> None:
            if what:
                await host.run_action(what)

        menu = Menu(plugin_label(host.targets()), [*map(self._choice, ACTION_MENU)], host.session.glyphs.ellipsis)
        host.services.ask(menu, done)

    def _choice(self, id_: str) -> Choice:
        from pluginary_tui.tui.dialogs.menu import Choice

        row, key_of = action(id_)[0], self.host.session.key_of
        label, note = row.words(self.host) if row.words else (row.label, row.about)
        if row.single and self.host.plugin and self.host.marked():
            note = self.host.plugin.name
        elif id_ == "edit_note" and desktop.editor_command() is None:
            note = "EDITOR is not set, so on one line"
        return Choice(key_of(id_), label, row.do, note, row.rule(self.host), key_of.keys(id_))
