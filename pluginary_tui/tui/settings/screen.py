"""Settings: every one with its documentation, its value and where that comes from, changed in place."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical

from pluginary_tui.config import Setting, config_path, from_text
from pluginary_tui.config.files import tidy
from pluginary_tui.errors import PluginaryError
from pluginary_tui.tui.core.session import Session
from pluginary_tui.tui.core.settings_file import Preferences
from pluginary_tui.tui.core.user_data import UndoStep
from pluginary_tui.tui.dialogs.menu import Choice, Menu
from pluginary_tui.tui.settings.editors import EditItems, EditValue
from pluginary_tui.tui.settings.setting_details import told, worded
from pluginary_tui.tui.settings.setting_list import SettingsList
from pluginary_tui.tui.widgets.chrome import KeyFooter, TopBar
from pluginary_tui.tui.widgets.compositor import IncrementalScreen
from pluginary_tui.tui.widgets.header import HeaderLines
from pluginary_tui.tui.widgets.rich_lines import Line
from pluginary_tui.tui.widgets.text_view import TextView

if TYPE_CHECKING:
    from pluginary_tui.tui.app import PluginaryApp


class SettingsScreen(IncrementalScreen):
    """The settings on the left, what is known of the one under the cursor on the right, or below where it is narrow."""

    CSS = """
    SettingsScreen {
        #settings-head { margin: 1 0; }
        #settings-body { height: 1fr; }
        #settings-list { width: 3fr; min-width: 20; }
        #settings-side { width: 2fr; padding: 0 1; border-left: solid $foreground 18%; }
        #settings-told { height: 1fr; }
        #settings-list:focus, #settings-told:focus { background-tint: transparent 0%; }
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
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("u", "undo", "Undo", id="settings_undo"),
        Binding("tab", "app.focus_next", "Next pane", show=False, id="next_pane"),
        Binding("shift+tab", "app.focus_previous", "Pane before", show=False, id="previous_pane"),
        Binding("escape", "back", "Back", id="back", key_display="esc"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._steps: list[UndoStep] = []
        self._preferences: Preferences | None = None

    def compose(self) -> ComposeResult:
        yield TopBar()
        yield HeaderLines(id="settings-head")
        with Horizontal(id="settings-body"):
            yield SettingsList(self.session.settings, self.session.glyphs, id="settings-list")
            with Vertical(id="settings-side"):
                yield TextView(id="settings-told")
        yield KeyFooter()

    @property
    def shell(self) -> PluginaryApp:
        return cast("PluginaryApp", self.app)

    @property
    def session(self) -> Session:
        return self.shell.session

    @property
    def preferences(self) -> Preferences:
        if self._preferences is None:
            self._preferences = Preferences(self.session)
        return self._preferences

    @property
    def list(self) -> SettingsList:
        return self.query_one(SettingsList)

    def on_mount(self) -> None:
        self.list.focus()

    def on_screen_resume(self) -> None:
        if self.preferences.reread_changed():
            self.run_worker(self.shell.settings_changed(), group="change")
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
        path = config_path()
        if self.preferences.broken:
            return [(f"{self.session.glyphs.warning} {self.preferences.broken}", "keyword")]
        there = "" if path.exists() else ", which is written with the first change"
        return [("What you change is kept in ", "quiet"), (tidy(path), "text"), (there, "quiet")]

    def on_settings_list_moved(self) -> None:
        session, setting = self.session, self.list.setting
        over = self.preferences.overridden(setting.name)
        lines = told(setting, session.settings, over, session.glyphs, scanning=session.scanning)
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
            hint = f"{expects}; the default is {worded(setting.default)}. Enter keeps, escape leaves."
            self.app.push_screen(EditValue(setting.name, hint, worded(value), partial(from_text, setting)), done)
        else:
            self.app.push_screen(EditItems(setting, value, self.session.glyphs), done)

    def _choose(self, setting: Setting, value: str) -> None:
        themes = setting.name == "app.theme"
        names = [name for name in setting.choices if not themes or name in self.app.available_themes]
        choices = [Choice("", name, name, "the default" if name == setting.default else "") for name in names]
        before = self.app.theme

        def preview(name: str) -> None:
            self.app.theme = name

        def done(name: str | None) -> None:
            if themes:
                self.app.theme = before
            self._chosen(setting, name)

        menu = Menu(setting.name, choices, self.session.glyphs.ellipsis, value, preview if themes else None)
        self.app.push_screen(menu, done)

    def _chosen(self, setting: Setting, value: Any) -> None:
        """Keep what was chosen; None where nothing was."""
        if value is not None and value != self.session.settings[setting.name]:
            self._edit(setting, f"now {worded(value)}", lambda: self.preferences.set(setting.name, value))

    def on_settings_list_resetting(self, message: SettingsList.Resetting) -> None:
        setting = message.setting
        try:
            written = self.preferences.written(setting.name)
        except PluginaryError as error:
            self.notify(str(error), severity="error", timeout=10, markup=False)
            return
        if written is None:
            over = self.preferences.overridden(setting.name)
            why = f"{over} sets it" if over else f"it is {worded(setting.default)} by default"
            self.notify(f"Your file does not set {setting.name}; {why}.", markup=False)
        else:
            self._edit(setting, "back to its default", lambda: self.preferences.reset(setting.name))

    def _edit(self, setting: Setting, words: str, edit: Callable[[], None]) -> None:
        """Change a setting, say so, and let all of the app know."""
        preferences, name = self.preferences, setting.name
        try:
            before = preferences.written(name)
            edit()
        except PluginaryError as error:
            self.notify(str(error), severity="error", timeout=10, markup=False)
            return
        self._steps.append(UndoStep(f"{name} {words}", lambda: preferences.put_back(name, before)))
        self._tell(name, f"{name}: {words}.  u undoes")

    def action_undo(self) -> None:
        if not self._steps:
            return
        step = self._steps.pop()
        try:
            step.undo()
        except PluginaryError as error:
            self.notify(str(error), severity="error", timeout=10, markup=False)
        else:
            self._tell(step.said.partition(" ")[0], f"Undone: {step.said}.")

    def _tell(self, name: str, said: str) -> None:
        over, broken = self.preferences.overridden(name), self.preferences.broken
        if broken:
            self.notify(
                f"Kept, but the settings hold a mistake: {broken}", severity="warning", timeout=10, markup=False
            )
        elif over:
            said = f"{name}: kept in your file, but {over} wins over it for now."
            self.notify(said, severity="warning", markup=False)
        else:
            self.notify(said, markup=False)
        self.run_worker(self.shell.settings_changed(name), group="change")
        self.show_values()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that would do nothing are not there."""
        return bool(self._steps) if action == "undo" else True

    def action_back(self) -> None:
        """One step back: from the text to the list, from there to Browse."""
        if self.query_one(TextView).has_focus:
            self.list.focus()
        else:
            self.shell.action_show("browse")
