"""What can be done with the plugin under the cursor, or with all that are marked; the base of Browse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from textual.binding import Binding, BindingType
from textual.screen import Screen

from pluginary_tui.errors import PluginaryError
from pluginary_tui.model import MISSING, Outcome, Plugin
from pluginary_tui.scan.snippet import snippet
from pluginary_tui.tui.organise import Organiser, named
from pluginary_tui.tui.screens.dialogs import Ask, Choice, Menu
from pluginary_tui.tui.session import Session

if TYPE_CHECKING:
    from pluginary_tui.tui.app import PluginaryApp


class ActingScreen(Screen[None]):
    """Actions on plugins. A subclass says which plugins are meant."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy('snippet')", "Copy snippet", id="copy_snippet"),
        Binding("f", "favourite", "Favourite", id="favourite"),
        Binding("t", "tag", "Tag", id="tag"),
        Binding("c", "copy_menu", "Copy", id="copy"),
        Binding("a", "act", "Actions", id="actions"),
        Binding("H", "hide", "Hide", show=False, id="hide"),
        Binding("n", "note", "Note", show=False, id="note"),
        Binding("asterisk", "rate", "Rate", show=False, id="rate"),
        Binding("u", "undo", "Undo", show=False, id="undo"),
    ]

    @property
    def session(self) -> Session:
        return cast("PluginaryApp", self.app).session

    @property
    def organiser(self) -> Organiser:
        return cast("PluginaryApp", self.app).organiser

    # What a subclass says

    def targets(self) -> Sequence[Plugin]:
        """The marked plugins, or the one under the cursor, or none."""
        raise NotImplementedError

    @property
    def plugin(self) -> Plugin | None:
        """The one under the cursor."""
        raise NotImplementedError

    def plugins_changed(self) -> None:
        """What the user wrote has changed; show it."""
        raise NotImplementedError

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Without a plugin there is nothing to do with it."""
        if action in ("favourite", "tag", "copy", "copy_menu", "act", "hide", "note", "rate", "sort"):
            return self.plugin is not None
        if action == "undo":
            return bool(self.organiser.steps)
        return True

    # Organising

    def action_favourite(self) -> None:
        self._edit(lambda: self.organiser.favourite(self.targets()))

    def action_hide(self) -> None:
        self._edit(lambda: self.organiser.hide(self.targets()))

    def action_undo(self) -> None:
        self._edit(self.organiser.undo)

    def action_tag(self) -> None:
        plugins = self.targets()
        known = sorted({tag for plugin in self.session.catalogue.plugins for tag in plugin.tags})

        def done(text: str | None) -> None:
            if text:
                self._edit(lambda: self.organiser.tag(plugins, text))

        hint = "Tags, separated by spaces; -tag takes one off. Enter keeps, escape leaves."
        self.app.push_screen(Ask(f"Tag {named(plugins)}", hint, known=known), done)

    def action_note(self) -> None:
        plugin = self.plugin
        if plugin is None:
            return

        def done(text: str | None) -> None:
            if text is not None and text.strip() != plugin.note:
                self._edit(lambda: self.organiser.note(plugin, text))

        hint = "One line; empty takes the note away. Enter keeps, escape leaves."
        self.app.push_screen(Ask(f"Note on {plugin.name}", hint, plugin.note), done)

    def action_rate(self) -> None:
        plugins = self.targets()
        star = self.session.glyphs.star
        choices = [Choice(str(n), star * n or "no rating", str(n)) for n in range(5, -1, -1)]

        def done(stars: str | None) -> None:
            if stars is not None:
                self._edit(lambda: self.organiser.rate(plugins, int(stars)))

        at = str(plugins[0].rating) if plugins else "0"
        self.app.push_screen(Menu(f"Rate {named(plugins)}", choices, self.session.glyphs.ellipsis, at), done)

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

    # Copying

    def action_copy_menu(self) -> None:
        choices = [
            Choice("s", "snippet", "snippet", "Python that loads it"),
            Choice("p", "path", "path"),
            Choice("n", "name", "name"),
            Choice("i", "id", "id", "the same on every machine"),
        ]
        title = f"Copy of {named(self.targets())}"
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
                why = (
                    f"{named(plugins)} cannot be loaded, so there is no snippet to copy. Press a for what can be done."
                )
                self.notify(why, severity="warning", markup=False)
                return
            plugins, text = good, "\n".join(snippet(plugin) for plugin in good)
        else:
            text = "\n".join(str(getattr(plugin, what)) for plugin in plugins)
        self.app.copy_to_clipboard(text)
        try:
            for plugin in plugins:
                self.session.store.used(plugin.id)
        except PluginaryError as error:
            self.notify(str(error), severity="error", markup=False)
        shown = text if what != "snippet" and "\n" not in text else ""
        said = f"Copied the {what} of {named(plugins)} to the clipboard"
        self.notify(f"{said}: {shown}" if shown else f"{said}.", markup=False)

    # Everything that can be done, with what cannot and why

    def action_act(self) -> None:
        plugin, plugins = self.plugin, self.targets()
        if plugin is None:
            return
        busy = "a scan runs" if self.session.scanning else ""
        built_in = plugin.format == "builtin"
        bad = plugin.status not in (Outcome.OK, MISSING)
        all_favourite = all(each.favourite for each in plugins)
        all_hidden = all(each.hidden for each in plugins)
        choices = [
            Choice("f", "No favourite" if all_favourite else "Favourite", "favourite"),
            Choice("t", "Tag", "tag", " ".join(f"#{tag}" for tag in plugin.tags) if len(plugins) == 1 else ""),
            Choice("*", "Rate", "rate"),
            Choice("n", "Note", "note", why_not="one plugin at a time" if len(plugins) > 1 else ""),
            Choice("H", "Show again" if all_hidden else "Hide", "hide"),
            Choice("y", "Copy the snippet", "copy('snippet')", why_not="it cannot be loaded" if bad else ""),
            Choice("p", "Copy the path", "copy('path')", why_not="it comes with pedalboard" if built_in else ""),
            Choice(
                "s",
                "Probe again" if not bad else "Try again",
                "rescan",
                why_not=busy or ("it is gone from the disk" if plugin.status == MISSING else ""),
            ),
            Choice("u", "Undo", "undo", why_not="" if self.organiser.steps else "nothing was done yet"),
        ]

        async def done(action: str | None) -> None:
            if action:
                await self.run_action(action)

        title = named(plugins) if len(plugins) > 1 else plugin.name
        self.app.push_screen(Menu(title, choices, self.session.glyphs.ellipsis), done)

    def action_rescan(self) -> None:
        """Probe the bundles of the marked plugins again, quarantined or not."""
        plugins = [plugin for plugin in self.targets() if plugin.status != MISSING]
        self.session.rescan({plugin.path for plugin in plugins})
        self.notify(f"Probing {named(plugins)} again; 2 shows how it goes.", markup=False)
