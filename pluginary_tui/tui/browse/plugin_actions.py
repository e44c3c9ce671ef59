"""What can be done with the plugin under the cursor, or with all that are marked; the base of Browse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import SuspendNotSupported
from textual.binding import Binding, BindingType

from pluginary_tui.errors import PluginaryError
from pluginary_tui.model import MISSING, Outcome, Plugin, clean_log
from pluginary_tui.tui.browse.sound_actions import ListeningScreen
from pluginary_tui.tui.core import desktop
from pluginary_tui.tui.core.user_data import UserDataEditor, plugin_label
from pluginary_tui.tui.dialogs import completion

if TYPE_CHECKING:
    from pluginary_tui.tui.dialogs.menu import Choice

ON_ONE = ("favourite", "tag", "copy", "copy_menu", "act", "hide", "note", "edit_note", "rate", "export", "open_folder")
"""Actions that need a plugin."""


class ActingScreen(ListeningScreen):
    """Organising, probing again, quarantine."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "favourite", "Favourite", id="favourite"),
        Binding("t", "tag", "Tag", id="tag"),
        Binding("a", "act", "Actions", id="actions"),
        Binding("H", "hide", "Hide", show=False, id="hide"),
        Binding("n", "note", "Note", show=False, id="note"),
        Binding("N", "edit_note", "Note in your editor", show=False, id="edit_note"),
        Binding("asterisk", "rate", "Rate", show=False, id="rate"),
        Binding("R", "rescan", "Probe again", show=False, id="rescan"),
        Binding("Q", "quarantine", "Quarantine", show=False, id="quarantine"),
        Binding("u", "undo", "Undo", show=False, id="undo"),
    ]

    @property
    def organiser(self) -> UserDataEditor:
        return self.shell.organiser

    # What a subclass says

    def plugins_changed(self) -> None:
        """What the user wrote has changed; show it."""
        raise NotImplementedError

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that would do nothing are not there."""
        if action in ON_ONE:
            return self.plugin is not None
        if action in ("rescan", "quarantine"):
            return self.plugin is not None and not self.session.scanning
        if action == "undo":
            return bool(self.organiser.steps)
        return super().check_action(action, parameters)

    # Organising

    def action_favourite(self) -> None:
        self._edit(lambda: self.organiser.favourite(self.targets()))

    def action_hide(self) -> None:
        self._edit(lambda: self.organiser.hide(self.targets()))

    def action_quarantine(self) -> None:
        """Put the bundles of the marked plugins into quarantine, or take them out again."""
        if all(plugin.format == "builtin" for plugin in self.targets()):
            self.notify("What comes with pedalboard is always scanned.", severity="warning", markup=False)
            return
        self._edit(lambda: self.organiser.quarantine(self.targets()))

    def action_undo(self) -> None:
        self._edit(self.organiser.undo)

    def action_tag(self) -> None:
        plugins = self.targets()
        known = sorted({tag for plugin in self.session.catalogue.plugins for tag in plugin.tags})

        def done(text: str | None) -> None:
            if text:
                self._edit(lambda: self.organiser.tag(plugins, text))

        hint = "Tags, separated by spaces; -tag takes one off. Enter keeps, escape leaves."
        self._ask(f"Tag {plugin_label(plugins)}", hint, "", partial(completion.words, known=known), done)

    def action_note(self) -> None:
        """Write a line about the plugin; a note of several lines opens in the person's editor."""
        plugin = self.plugin
        if plugin is None:
            return
        if "\n" in plugin.note and desktop.editor_command():
            self.action_edit_note()
        else:
            self._note_on_one_line(plugin)

    def action_edit_note(self) -> None:
        """Write about the plugin in the editor that $VISUAL or $EDITOR names; without one, on one line."""
        plugin, command = self.plugin, desktop.editor_command()
        if plugin is None:
            return
        if command is None:
            self.notify("Set EDITOR to write in an editor of yours; one line goes without.", markup=False)
            self._note_on_one_line(plugin)
            return
        try:
            with self.app.suspend():
                text = desktop.edited(plugin.note, command)
        except SuspendNotSupported:
            self._note_on_one_line(plugin)
        except PluginaryError as error:
            self.notify(str(error), severity="error", markup=False)
        else:
            self.refresh(layout=True)
            if (text := clean_log(text).strip()) != plugin.note:
                self._edit(lambda: self.organiser.note(plugin, text))

    def _note_on_one_line(self, plugin: Plugin) -> None:
        def done(text: str | None) -> None:
            if text is not None and text.strip() != plugin.note:
                self._edit(lambda: self.organiser.note(plugin, text))

        hint = "One line; empty takes the note away. Enter keeps, escape leaves."
        self._ask(f"Note on {plugin.name}", hint, " ".join(plugin.note.split()), None, done)

    def _ask(
        self,
        title: str,
        hint: str,
        value: str,
        complete: Callable[[str], list[str]] | None,
        done: Callable[[str | None], None],
    ) -> None:
        from pluginary_tui.tui.dialogs.prompt import Prompt

        self.app.push_screen(Prompt(title, hint, value, complete, self.session.glyphs.ellipsis), done)

    def action_rate(self) -> None:
        from pluginary_tui.tui.dialogs.menu import Choice, Menu

        plugins = self.targets()
        star = self.session.glyphs.star
        choices = [Choice(str(n), star * n or "no rating", str(n)) for n in range(5, -1, -1)]

        def done(stars: str | None) -> None:
            if stars is not None:
                self._edit(lambda: self.organiser.rate(plugins, int(stars)))

        at = str(plugins[0].rating) if plugins else "0"
        self.app.push_screen(Menu(f"Rate {plugin_label(plugins)}", choices, self.session.glyphs.ellipsis, at), done)

    def _edit(self, edit: Callable[[], str]) -> None:
        """Do it, say what was done, and show it."""
        try:
            said = edit()
        except PluginaryError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        if said:
            undo = "" if said.startswith("Undone") else "  u undoes"
            self.notify(f"{said}.{undo}", markup=False)
            self.session.reload()
            self.plugins_changed()
            self.refresh_bindings()

    # Everything that can be done, with what cannot and why

    def action_act(self) -> None:
        from pluginary_tui.tui.dialogs.menu import Menu

        plugin, plugins = self.plugin, self.targets()
        if plugin is None:
            return

        async def done(action: str | None) -> None:
            if action:
                await self.run_action(action)

        title = plugin_label(plugins) if len(plugins) > 1 else plugin.name
        self.app.push_screen(Menu(title, self._choices(plugins), self.session.glyphs.ellipsis), done)

    def _choices(self, plugins: Sequence[Plugin]) -> list[Choice]:
        """Everything that can be done with these plugins; what cannot be done says why."""
        from pluginary_tui.tui.dialogs.menu import Choice

        many, one = len(plugins) > 1, plugins[0]
        busy = "a scan runs" if self.session.scanning else "plugins are being measured" if self.session.busy else ""
        alone = "one plugin at a time" if many else ""
        built_in = "it comes with pedalboard" if all(each.format == "builtin" for each in plugins) else ""
        gone = "it is gone from the disk" if all(each.status == MISSING for each in plugins) else ""
        unread = "it cannot be loaded" if not any(each.status == Outcome.OK for each in plugins) else ""
        refused = "pedalboard cannot load it" if all(each.loads is False for each in plugins) else ""
        bad = all(each.status not in (Outcome.OK, MISSING) for each in plugins)
        favourite, hidden = all(each.favourite for each in plugins), all(each.hidden for each in plugins)
        kept_away = all(each.quarantined for each in plugins)
        editor = alone or ("" if desktop.editor_command() else "EDITOR is not set")
        return [
            Choice("f", "No favourite" if favourite else "Favourite", "favourite"),
            Choice("t", "Tag", "tag", "" if many else " ".join(f"#{tag}" for tag in one.tags)),
            Choice("*", "Rate", "rate"),
            Choice("n", "Note", "note", why_not=alone),
            Choice("N", "Note in your editor", "edit_note", why_not=editor),
            Choice("H", "Show again" if hidden else "Hide", "hide"),
            Choice("y", "Copy the snippet", "copy('snippet')", why_not=unread),
            Choice("p", "Copy the path", "copy('path')", why_not=built_in),
            Choice("e", "Export", "export", "as JSON, CSV or TOML"),
            Choice("O", "Open its folder", "open_folder", why_not=alone or built_in or gone),
            Choice("m", "Like this", "alike", "what sounds like it, and what is better", why_not=alone or unread),
            Choice("=", "Compare", "compare", "with the marked one", why_not=unread or refused),
            Choice("M", "Measure", "measure", "its sound and its cost", why_not=busy or unread or refused),
            Choice("R", "Try again" if bad else "Probe again", "rescan", why_not=busy or gone),
            Choice(
                "Q",
                "Out of quarantine" if kept_away else "Into quarantine",
                "quarantine",
                "" if kept_away else "scans pass it over",
                why_not=busy or built_in,
            ),
            Choice("u", "Undo", "undo", why_not="" if self.organiser.steps else "nothing was done yet"),
        ]

    def action_rescan(self) -> None:
        """Probe the bundles of the marked plugins again, quarantined or not."""
        plugins = [plugin for plugin in self.targets() if plugin.status != MISSING]
        if not plugins:
            self.notify("It is gone from the disk; there is nothing to probe.", severity="warning", markup=False)
            return
        if not self.session.rescan({plugin.path for plugin in plugins}):
            self.notify(self.session.busy, severity="warning", markup=False)
            return
        self.notify(f"Probing {plugin_label(plugins)} again; 2 shows how it goes.", markup=False)
        self.refresh_bindings()
