"""Settings: each with its documentation, its value and where that comes from, changed in place."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical

from pluginary_tui.config import Setting, config_path, from_text
from pluginary_tui.config.files import tidy
from pluginary_tui.tui.core.actions import bindings
from pluginary_tui.tui.dialogs.menu import Choice, Menu
from pluginary_tui.tui.settings.editors import EditItems, EditValue
from pluginary_tui.tui.settings.setting_details import format_value, render
from pluginary_tui.tui.settings.setting_list import SettingsList
from pluginary_tui.tui.widgets.base_screen import BaseScreen
from pluginary_tui.tui.widgets.chrome import KeyFooter, TopBar
from pluginary_tui.tui.widgets.header import HeaderLines
from pluginary_tui.tui.widgets.rich_lines import Line
from pluginary_tui.tui.widgets.text_view import TextView


class SettingsScreen(BaseScreen):
    """The settings on the left, the one under the cursor on the right, or below where it is narrow."""

    CSS = """
    SettingsScreen {
        #settings-head { margin: 1 0; }
        #settings-body { height: 1fr; }
        #settings-list { width: 3fr; min-width: 20; }
        #settings-side { width: 2fr; padding: 0 1; border-left: solid $foreground 18%; }
        #settings-text { height: 1fr; }
        #settings-list:focus, #settings-text:focus { background-tint: transparent 0%; }
        &.-narrow #settings-body { layout: vertical; }
        &.-narrow #settings-list { width: 1fr; height: 1fr; min-width: 0; }
        &.-narrow #settings-side { width: 1fr; height: 9; border-left: none; border-top: solid $foreground 18%; }
        &.-narrow #settings-head { margin: 0 0 1 0; }
        &.-low #settings-head { margin: 0; max-height: 1; }
        &.-low #settings-side { display: none; }
        &.-ascii #settings-side { border-left: ascii $foreground 18%; }
        &.-ascii.-narrow #settings-side { border-left: none; border-top: ascii $foreground 18%; }
    }
    """
    ACTION_GROUP = "settings"
    BINDINGS: ClassVar[list[BindingType]] = bindings("settings")

    def compose(self) -> ComposeResult:
        yield TopBar()
        yield HeaderLines(id="settings-head")
        with Horizontal(id="settings-body"):
            yield SettingsList(self.session.settings, self.session.glyphs, id="settings-list")
            with Vertical(id="settings-side"):
                yield TextView(id="settings-text")
        yield KeyFooter()

    @property
    def list(self) -> SettingsList:
        return self.query_one(SettingsList)

    def on_mount(self) -> None:
        self.list.focus()

    def on_screen_resume(self) -> None:
        self.services.reread_settings()
        self.show_values()

    # Showing

    def show_values(self) -> None:
        """Show the settings as they hold now."""
        self.set_class(self.session.settings.app.ascii, "-ascii")
        self.query_one(TopBar).refresh()
        self.query_one(HeaderLines).show([self._head()], self.session.glyphs)
        self.list.show(self.session.settings, self.session.glyphs)
        self.refresh_bindings()

    def _head(self) -> Line:
        path, broken = config_path(), self.services.preferences.broken
        if broken:
            return [(f"{self.session.glyphs.warning} {broken}", "keyword")]
        there = "" if path.exists() else ", which is written with the first change"
        return [("What you change is kept in ", "quiet"), (tidy(path), "text"), (there, "quiet")]

    @on(SettingsList.Moved)
    def _on_moved(self) -> None:
        session, setting = self.session, self.list.setting
        over = self.services.preferences.overridden(setting.name)
        key_of, scanning = session.key_of, session.scanning
        lines = render(setting, session.settings, over, session.glyphs, key_of, scanning=scanning)
        self.query_one(TextView).show(lines)

    # Changing

    def on_settings_list_changing(self, message: SettingsList.Changing) -> None:
        setting = message.setting
        value = self.session.settings[setting.name]
        done = partial(self._chosen, setting)
        if setting.kind == "bool":
            done(not value)
        elif setting.kind == "text":
            self._choose(setting, value)
        elif setting.kind in ("int", "float"):
            expects = f"{setting.expects[:1].upper()}{setting.expects[1:]}"
            hint = f"{expects}; the default is {format_value(setting.default)}. Enter keeps"
            self.services.ask(EditValue(setting.name, hint, format_value(value), partial(from_text, setting)), done)
        else:
            self.services.ask(EditItems(setting, value, self.session.glyphs), done)

    def _choose(self, setting: Setting, value: str) -> None:
        if setting.name == "app.theme":
            from pluginary_tui.tui.dialogs.theme_choices import ask_theme

            ask_theme(
                self.services,
                self.app,
                setting.name,
                value,
                lambda name: self._chosen(setting, name),
                default=setting.default,
            )
            return
        names = setting.choices
        choices = [Choice("", name, name, "the default" if name == setting.default else "") for name in names]
        menu = Menu(setting.name, choices, self.session.glyphs.ellipsis, value)
        self.services.ask(menu, lambda name: self._chosen(setting, name))

    def _chosen(self, setting: Setting, value: Any) -> None:
        """Keep what was chosen; None where nothing was. Raises SettingsError."""
        if value is not None and value != self.session.settings[setting.name]:
            self._change(setting, value, f"now {format_value(value)}")

    def on_settings_list_resetting(self, message: SettingsList.Resetting) -> None:
        setting, preferences = message.setting, self.services.preferences
        if preferences.written(setting.name) is None:
            over = preferences.overridden(setting.name)
            why = f"{over} sets it" if over else f"it is {format_value(setting.default)} by default"
            self.notify(f"Your file does not set {setting.name}; {why}.")
        else:
            self._change(setting, None, "back to its default")

    def _change(self, setting: Setting, value: Any, words: str) -> None:
        self.services.change_setting(setting.name, value, f"{setting.name}: {words}")
        self.show_values()

    def undone(self) -> None:
        self.show_values()

    def action_back(self) -> None:
        """One step back: from the text to the list, from there to Browse."""
        if self.query_one(TextView).has_focus:
            self.list.focus()
        else:
            self.services.show("browse")
