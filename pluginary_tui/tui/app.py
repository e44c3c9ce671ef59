"""The shell: modes, the clock that brings the session's news, and what is the same on every screen."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import App
from textual.binding import Binding, BindingType
from textual.command import CommandPalette, Provider
from textual.screen import Screen
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.signal import Signal

from pluginary_tui.config import THEMES, config_path
from pluginary_tui.errors import PluginaryError
from pluginary_tui.tui.core import desktop
from pluginary_tui.tui.core.session import TICK_S, Session
from pluginary_tui.tui.core.user_data import UserDataEditor, plugin_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pluginary_tui.model import Plugin
    from pluginary_tui.scan.run import Options
    from pluginary_tui.tui.browse.screen import BrowseScreen


def _browse() -> Screen[None]:
    from pluginary_tui.tui.browse.screen import BrowseScreen

    return BrowseScreen()


def _scan() -> Screen[None]:
    from pluginary_tui.tui.scan.screen import ScanScreen

    return ScanScreen()


def _health() -> Screen[None]:
    from pluginary_tui.tui.health.screen import HealthScreen

    return HealthScreen()


def _settings() -> Screen[None]:
    from pluginary_tui.tui.settings.screen import SettingsScreen

    return SettingsScreen()


def _everything() -> type[Provider]:
    from pluginary_tui.tui.command_palette import AppCommands

    return AppCommands


BINDING_GROUP_TITLES = {
    "QueryInput": "Query line",
    "PluginList": "List",
    "Facets": "Facets",
    "Detail": "Detail",
    "Sheet": "Detail",
    "BrowseScreen": "Browse",
    "ScanScreen": "Scan",
    "HealthList": "Failures",
    "HealthScreen": "Health",
    "TextView": "Text",
    "SettingsList": "List",
    "SettingsScreen": "Settings",
    "PluginaryApp": "Everywhere",
}
"""Titles in the help of keys, by the class whose keys they are."""


class PlainScrollBar(ScrollBarRender):
    """A bar without the signs that round its ends."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "] * 8
    HORIZONTAL_BARS: ClassVar[list[str]] = [" "] * 8


class PluginaryApp(App[None]):
    """Pluginary TUI. Screens find what they share in `session` and hear of news through the two signals."""

    TITLE = "Pluginary"
    CSS_PATH = "pluginary.tcss"
    MODES: ClassVar = {"scan": _scan, "health": _health, "settings": _settings}
    DEFAULT_MODE = "browse"
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {_everything}
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide"), (130, "-wider"), (170, "-widest")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-low"), (16, "-high")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("1", "show('browse')", "Browse", show=False, id="browse"),
        Binding("2", "show('scan')", "Scan", show=False, id="scan"),
        Binding("3", "show('health')", "Health", show=False, id="health"),
        Binding("4", "show('settings')", "Settings", show=False, id="settings"),
        Binding("question_mark,f1", "keys", "Keys", id="keys", key_display="?"),
        Binding("ctrl+p,colon", "command_palette", "Everything", id="palette", key_display="^p"),
        Binding("q,ctrl+q", "quit", "Quit", show=False, id="quit"),
    ]

    tabs = (("1", "browse", "Browse"), ("2", "scan", "Scan"), ("3", "health", "Health"), ("4", "settings", "Settings"))
    """Key, mode and title of each screen, in the order of the top line."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.organiser = UserDataEditor(session.store)
        self.catalogue_changed: Signal[Session] = Signal(self, "catalogue-changed")
        """Published when `session.catalogue` is a newer one."""
        self.scan_changed: Signal[Session] = Signal(self, "scan-changed")
        """Published eight times a second while a scan runs, and once more when it has ended."""
        self._leaving = False
        self._title = ""

    def breakpoints(self) -> dict[str, bool]:
        """Which classes the terminal's size gives a screen. Textual does so itself, behind the first frame's styles."""
        classes: dict[str, bool] = {}
        for amount, points in (
            (self.size.width, self.HORIZONTAL_BREAKPOINTS),
            (self.size.height, self.VERTICAL_BREAKPOINTS),
        ):
            reached = [name for least, name in points if amount >= least]
            classes |= {name: name == reached[-1] for _, name in points}
        return classes

    def get_default_screen(self) -> Screen[None]:
        """Browse. As one of MODES it would have all styles read twice before the first frame."""
        return _browse()

    def on_mount(self) -> None:
        self.add_mode("browse", _browse)
        self._take_settings_in()
        self.call_after_refresh(self.set_interval, TICK_S, self._tick)  # it reads the catalogue, and the frame is first
        self.call_after_refresh(gc.enable)  # `run` did without for the start
        if notice := self.session.store.notice:
            self.notify(notice, severity="warning", timeout=15, markup=False)

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key):
            self.session.used_at = monotonic()
        await super().on_event(event)

    def _take_settings_in(self) -> None:
        if self.session.settings.app.theme in self.available_themes:
            self.theme = self.session.settings.app.theme
        plain = self.session.settings.app.ascii
        self.set_class(plain, "-ascii")
        ScrollBar.renderer = PlainScrollBar if plain else ScrollBarRender
        self.set_keymap(dict(self.session.settings.app.keys))

    async def settings_changed(self, name: str = "") -> None:
        """Look and answer as `session.settings` says, now that the setting `name`, or any, is another one."""
        self._take_settings_in()
        if name in ("", "app.ascii") or name.startswith("browse."):  # screens take these in when they are made
            for mode in {"browse", *self.MODES} - {self.current_mode}:
                with suppress(KeyError):  # one that was not made yet
                    await self._make_anew(mode)

    async def _make_anew(self, mode: str) -> None:
        """Drop the screen of another mode than the present one; it is made again when it is shown."""
        make = self.MODES.get(mode, _browse)
        self.get_screen_stack(mode)
        gone = self.remove_mode(mode)
        self.add_mode(mode, make)
        await gone

    def get_key_display(self, binding: Binding) -> str:
        """How a key is written; without arrows where only plain letters are wanted."""
        shown = super().get_key_display(binding)
        return shown if not self.session.settings.app.ascii or shown.isascii() else binding.key

    def _tick(self) -> None:
        ticked = self.session.tick()
        if ticked.catalogue:
            self.catalogue_changed.publish(self.session)
        if ticked.scan or ticked.ended:
            self.scan_changed.publish(self.session)
        if ticked.measured and ticked.measured.how != "broken":
            from pluginary_tui.tui.core.measure_progress import told

            summary = ticked.measured.summary
            bad = summary.measured > summary.ok
            self.notify(told(summary, ticked.measured.how), severity="warning" if bad else "information", markup=False)
        if ticked.error:
            self.notify(ticked.error, severity="error", timeout=10, markup=False)
        if self._leaving and not self.session.busy:
            self.exit()
        self._name_terminal()

    def _name_terminal(self) -> None:
        progress = self.session.progress
        doing = f" {progress.done} of {progress.total}" if self.session.busy and progress.total else ""
        title = f"Pluginary: {progress.kind}{doing}" if self.session.busy else "Pluginary"
        if title != self._title and self._driver is not None and not self.is_headless:
            self._title = title
            self._driver.write(f"\x1b]2;{title}\x07")

    # What every screen may ask for

    def action_show(self, mode: str) -> None:
        """Switch to one of the screens."""
        if mode != self.current_mode:
            self.switch_mode(mode)

    def open_query(self, query: str) -> None:
        """Show Browse with this query."""
        self.action_show("browse")

        def put() -> None:
            screen: BrowseScreen = self.screen  # type: ignore[assignment]
            screen.query_text = query

        self.call_after_refresh(put)

    def start_scan(self, options: Options | None = None, *, watch: bool = True) -> None:
        """Start or resume a scan; `watch` shows the Scan screen."""
        if not self.session.start_scan(options):
            self.notify(self.session.busy, severity="warning", markup=False)
        if watch:
            self.action_show("scan")

    def measure(self, plugins: Sequence[Plugin], *, full: bool = False, retry: bool = False) -> None:
        """Measure the sound of these plugins, as `Session.start_measuring` does, and say so."""
        if self.session.start_measuring(plugins, full=full, retry=retry):
            self.notify(f"Measuring {plugin_label(plugins)}; 2 shows how it goes.", markup=False)
        else:
            self.notify(self.session.busy, severity="warning", markup=False)

    def ask_folder(self) -> None:
        """Ask for one more folder to search."""
        from pluginary_tui.tui.dialogs.completion import paths
        from pluginary_tui.tui.dialogs.prompt import Prompt

        def done(folder: str | None) -> None:
            if folder:
                self.add_folder(folder)

        hint = "It is searched with all folders in it, from now on. Enter scans, escape leaves."
        self.push_screen(Prompt("Add a folder", hint, f"~{os.sep}", paths, self.session.glyphs.ellipsis), done)

    def add_folder(self, text: str) -> bool:
        """Keep one more folder to search in the settings, and scan. False, with a word why, where it is none."""
        folder = Path(text.strip()).expanduser().absolute()
        if not folder.is_dir():
            self.notify(f"There is no folder {folder}; check how it is written.", severity="error", markup=False)
            return False
        settings = self.session.settings
        if str(folder) not in settings.scan.folders:
            folders = (*settings.scan.folders, str(folder))
            self.session.settings = replace(settings, scan=replace(settings.scan, folders=folders))
            self.keep("scan.folders", folders)
        self.start_scan()
        return True

    def ask_ignore(self, path: str) -> None:
        """Ask for a pattern that scans pass over from now on, the one that runs too; begins with this bundle."""
        from pluginary_tui.tui.dialogs.completion import above
        from pluginary_tui.tui.dialogs.prompt import Prompt

        def done(pattern: str | None) -> None:
            if pattern and pattern.strip():
                self.ignore(pattern.strip())

        hint = "A bundle, a folder with all in it, or a pattern (*Demo*). Enter passes it over for good, escape leaves."
        self.push_screen(
            Prompt("Ignore", hint, path, lambda line: above(line, path), self.session.glyphs.ellipsis), done
        )

    def ignore(self, pattern: str) -> None:
        """Keep one more pattern that no scan touches in the settings; the scan that runs passes it over at once."""
        from pluginary_tui.tui.core.settings_file import Preferences

        preferences, name = Preferences(self.session), "scan.ignore"
        if self.session.scan is not None:
            self.session.scan.pass_over(pattern)
        if over := preferences.overridden(name):
            said = f"{name} is set by {over}, which wins over your settings file; {pattern} is ignored just this once."
            self.notify(said, severity="warning", markup=False)
            return
        patterns = self.session.settings.scan.ignore
        try:
            if pattern not in patterns:
                preferences.set(name, (*patterns, pattern))
        except PluginaryError as error:
            self.notify(str(error), severity="error", timeout=10, markup=False)
            return
        self.notify(f"{pattern} is ignored from now on; {name} in the settings (4) lists it.", markup=False)

    def action_command_palette(self) -> None:
        """Offer everything that can be done from here."""
        if not isinstance(self.screen, CommandPalette):
            self.push_screen(CommandPalette(placeholder="What do you want to do?"))

    def action_keys(self) -> None:
        """Show the keys that work where the focus is."""
        from pluginary_tui.tui.dialogs.key_help import Keys, rows

        if not isinstance(self.screen, Keys):
            self.push_screen(Keys(rows(self.screen, BINDING_GROUP_TITLES), self.session.glyphs.ellipsis))

    def choose_theme(self) -> None:
        """Let the person choose a theme, seeing each while moving through the list, and keep it."""
        from pluginary_tui.tui.dialogs.menu import Choice, Menu

        before = self.theme
        choices = [Choice("", name, name) for name in THEMES if name in self.available_themes]

        def preview(name: str) -> None:
            self.theme = name

        def done(name: str | None) -> None:
            self.theme = name or before
            if name:
                self.keep("app.theme", name)

        self.push_screen(Menu("Theme", choices, self.session.glyphs.ellipsis, before, preview), done)

    def copy_to_clipboard(self, text: str) -> None:
        """Copy through the terminal, and through the desktop's own program where there is one."""
        super().copy_to_clipboard(text)
        desktop.copy(text)

    def keep(self, setting: str, value: object) -> None:
        """Write a setting into the user's file; None takes it out."""
        from pluginary_tui.config.write import reset, save

        try:
            if value is None:
                reset(setting, config_path())
            else:
                save(setting, value, config_path())
        except PluginaryError as error:
            self.notify(f"It lasts until you quit: {error}", severity="warning", markup=False)

    async def action_quit(self) -> None:
        """Quit; while a scan or a measuring runs only after asking, and only once it has stopped."""
        if not self.session.busy:
            self.exit()
            return
        from pluginary_tui.tui.dialogs.menu import Confirm

        def done(yes: bool | None) -> None:
            work = self.session.scan or self.session.measuring
            if yes and work is not None:
                self._leaving = True
                work.stop()
            elif yes:
                self.exit()

        if not isinstance(self.screen, Confirm):
            what = "scan" if self.session.scanning else "measuring"
            text = f"A {what} is running. What is done is kept, and the rest can be resumed next time."
            self.push_screen(Confirm("Quit", text, f"stop the {what} and quit", "stay"), done)
