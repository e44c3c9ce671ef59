"""The app: its screens, the timer that takes in what the threads bring, and the actions of every screen."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, ClassVar

from textual import actions as textual_actions
from textual import events, on
from textual.actions import ActionParseResult
from textual.app import App
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.dom import DOMNode
from textual.driver import Driver
from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.widgets import Input

from pluginary_tui.tui.app_services import AppServices
from pluginary_tui.tui.core import actions, desktop
from pluginary_tui.tui.core.key_names import key_display
from pluginary_tui.tui.core.memory import Memory
from pluginary_tui.tui.core.session import TICK_S, CatalogueSnapshot, Session
from pluginary_tui.tui.widgets import terminal_gate
from pluginary_tui.tui.widgets.guard import Guarded

if TYPE_CHECKING:
    from rich.console import RenderableType

WIDTHS: list[tuple[int, str]] | None = [(0, "-narrow"), (100, "-wide"), (130, "-wider"), (170, "-widest")]
"""Classes of a screen by the cells of the terminal's width."""

HEIGHTS: list[tuple[int, str]] | None = [(0, "-low"), (16, "-high")]
"""The same by the lines of its height."""


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


def _projects() -> Screen[None]:
    from pluginary_tui.tui.projects.screen import ProjectsScreen

    return ProjectsScreen()


class PlainScrollBar(ScrollBarRender):
    """A scrollbar without the rounded ends, which need Unicode."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "] * 8
    HORIZONTAL_BARS: ClassVar[list[str]] = [" "] * 8


class PluginaryApp(App[None], Guarded):
    """Pluginary TUI. Screens reach what they share through `services`."""

    TITLE = "Pluginary"
    CSS_PATH = "pluginary.tcss"
    MODES: ClassVar = {"scan": _scan, "health": _health, "settings": _settings, "projects": _projects}
    DEFAULT_MODE = "browse"
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = set()
    HORIZONTAL_BREAKPOINTS = WIDTHS
    VERTICAL_BREAKPOINTS = HEIGHTS
    ACTION_GROUP = "app"
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings("app")

    def __init__(self, session: Session) -> None:
        super().__init__()
        terminal_gate.install()
        self.app_services = AppServices(self, session, self.action_show, self._settings_changed)
        session.after_load = _warm_plots
        self.memory: Memory | None = None
        """Gives memory back; None where the app is not alone in its process."""
        self._leaving = False
        self._title = ""

    @property
    def busy(self) -> str:
        """Why neither a scan nor a measurement can start; empty where they can."""
        return self.session.busy

    def get_default_screen(self) -> Screen[None]:
        """Browse. As one of MODES it would have all styles read twice before the first frame."""
        return _browse()

    def on_mount(self) -> None:
        self.add_mode("browse", _browse)
        self._use_settings()
        self.call_after_refresh(self.set_interval, TICK_S, self._tick)  # behind the first frame: it reads the catalogue
        self.call_after_refresh(gc.enable)  # `run` disables it for the start
        if withheld := self.session.settings.withheld:
            self.notify(f"{withheld}.", severity="warning", timeout=15)
        if notice := self.session.store.notice:
            self.notify(notice, severity="warning", timeout=15)

    def get_driver_class(self) -> type[Driver]:
        driver = super().get_driver_class()
        if driver.__name__ != "LinuxDriver":
            return driver
        from pluginary_tui.tui.widgets.terminal_driver import TerminalDriver

        return TerminalDriver

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key):
            self.session.used_at = monotonic()
            if not event.is_forwarded and event.character and not event.character.isascii():
                event = self._key_by_position(event)
        await super().on_event(event)

    def _key_by_position(self, event: events.Key) -> events.Key:
        """The key as a Latin layout has it, unless it is typed into a line or bound itself."""
        if isinstance(self.focused, Input) or event.key in self.screen.active_bindings:
            return event
        from pluginary_tui.tui.widgets.key_layouts import as_latin

        return as_latin(event)

    @on(Driver.SignalResume)
    def _draw_anew(self) -> None:
        """Draw everything: the terminal was somebody else's meanwhile."""
        for screen in self.screen_stack:
            screen.refresh(layout=True)

    # Failures. Textual prints a traceback with the values of all variables and leaves with exit code 0.

    @property
    def failure(self) -> Exception | None:
        """The error that ended the app; None where it ended as it should."""
        return self._exception if self._exception or not self.return_code else RuntimeError("the app ended by itself")

    def _print_error_renderables(self) -> None:
        self._exit_renderables.clear()

    def panic(self, *renderables: RenderableType) -> None:
        self._return_code = self._return_code or 1
        super().panic(*renderables)

    def pop_screen(self) -> AwaitComplete:
        """As Textual's; nothing where there is one screen left, as for two keys in one burst that both close it."""
        return super().pop_screen() if len(self.screen_stack) > 1 else AwaitComplete()

    # Settings

    def _use_settings(self) -> None:
        app = self.session.settings.app
        if app.theme not in self.available_themes:
            from pluginary_tui.tui.dialogs.theme_choices import why_no_theme  # not needed for the app's own themes

            if problem := why_no_theme(self, app.theme):
                self.notify(problem, severity="warning")
        if app.theme in self.available_themes:
            self.theme = app.theme
        self.set_class(app.ascii, "-ascii")
        ScrollBar.renderer = PlainScrollBar if app.ascii else ScrollBarRender
        self.set_keymap(dict(app.keys))

    def _settings_changed(self, name: str) -> None:
        self.run_worker(self.settings_changed(name), group="settings")

    async def settings_changed(self, name: str = "") -> None:
        """Use the session's settings as they are, now that the setting `name`, or any, has changed."""
        self._use_settings()
        if name in ("", "scan.prefer"):
            self.session.reload()  # what stands for a product is part of the index
        if name in ("", "app.ascii") or (name.startswith("browse.") and not name.startswith("browse.queries")):
            for mode in {"browse", *self.MODES} - {self.current_mode}:  # screens read these when they are made
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
        """How a key is written; without arrows where only ASCII is wanted."""
        shown = binding.key_display or key_display(binding.key)
        return shown if not self.session.settings.app.ascii or shown.isascii() else binding.key

    # The timer

    def _tick(self) -> None:
        ticked = self.session.tick()
        if ticked.catalogue:
            self.services.catalogue_changed.publish(self.session)
        if ticked.scan or ticked.ended:
            self.services.scan_changed.publish(self.session)
        if ticked.measured and ticked.measured.how != "broken":
            from pluginary_tui.tui.core.measure_progress import summarized

            summary = ticked.measured.summary
            bad = summary.measured > summary.ok
            text = summarized(summary, ticked.measured.how, self.session.key_of)
            self.notify(text, severity="warning" if bad else "information")
        if ticked.error:
            self.notify(ticked.error, severity="error", timeout=10)
        if ticked.failed:
            self.services.report(ticked.failed)
        self.services.tick_background()
        if ticked.ended and ticked.ended.how == "done":
            self.services.read_presets(quiet=True)  # of plugins that are new, and those of LV2s and CLAPs
        if self._leaving and not self.session.busy:
            self.exit()
        self._name_terminal()
        if self.memory is not None:
            if ticked.catalogue:
                self.memory.catalogue_read(monotonic())
            self.memory.tick(monotonic(), self.session.used_at)

    def _name_terminal(self) -> None:
        progress = self.session.progress
        done, total = progress.step
        count = f" {done} of {total}" if total else ""
        title = f"Pluginary: {progress.doing}{count}" if self.session.busy else "Pluginary"
        if title != self._title and self._driver is not None and not self.is_headless:
            self._title = title
            self._driver.write(f"\x1b]2;{title}\x07")

    # Actions

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """As Textual's, but an exception is reported, and an action that is not possible says why."""
        try:
            if await super().run_action(action, default_namespace, namespaces):
                return True
        except Exception as error:
            if not (isinstance(default_namespace, Guarded) and default_namespace.is_incomplete):
                self.services.report(error)
            return True
        return isinstance(action, str) and self._say_why_not(action, default_namespace or self)

    def _say_why_not(self, action: str, node: DOMNode) -> bool:
        """Show why an action is not possible. False where it is none of the table, or its key means other things."""
        where, name, parameters = textual_actions.parse(action)
        target = {"": node, "screen": self.screen, "app": self}.get(where)
        row = actions.find(target.ACTION_GROUP, name, parameters) if isinstance(target, Guarded) else None
        if row is None or row.silent or not isinstance(target, Guarded):
            return False
        if why := target.why_not(name, parameters):
            self.notify(f"{row.label}: {why}" if not why[0].isupper() else why, severity="warning")
        return bool(why)

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """Show a toast. Nothing in it is ever markup, whatever `markup` says: plugins and files name themselves."""
        super().notify(message, title=title, severity=severity, timeout=timeout, markup=False)

    def action_show(self, mode: str) -> None:
        """Switch to one of the screens."""
        if mode != self.current_mode:
            self.switch_mode(mode)

    def action_scan(self, kind: str) -> None:
        """Scan; `full` reads unchanged bundles too, `retry` what is in quarantine."""
        from pluginary_tui.scan.run import Options

        self.services.start_scan(Options(full=kind == "full", retry=kind == "retry"))

    def action_measure_all(self, retry: bool) -> None:
        """Measure every plugin that has no passport; `retry` those whose measurement failed, too."""
        self.services.measure(self.session.catalogue.plugins, retry=retry)

    def action_read_presets(self) -> None:
        self.services.read_presets()

    def action_stop_background(self) -> None:
        if work := self.session.background:
            work.stop()

    def action_add_folder(self) -> None:
        self.services.ask_folder()

    def action_tidy(self) -> None:
        self.services.tidy()

    def action_compare_catalogue(self) -> None:
        self.services.compare_catalogue()

    def action_theme(self) -> None:
        self.services.choose_theme()

    def action_command_palette(self) -> None:
        """Offer everything that can be done from here."""
        from pluginary_tui.tui.command_palette import palette
        from pluginary_tui.tui.dialogs.picker import Entry, Picker

        def done(entry: Entry | None) -> object:
            return entry.run() if entry else None

        if not isinstance(self.screen, Picker):
            self.services.ask(palette(self.screen), done)

    def action_keys(self) -> None:
        """Show the keys that work where the focus is."""
        from pluginary_tui.tui.dialogs.key_help import KeyHelp, rows

        if not isinstance(self.screen, KeyHelp):
            self.push_screen(KeyHelp(rows(self.screen), self.session.glyphs.ellipsis, self.session.key_of))

    def copy_to_clipboard(self, text: str) -> None:
        """Copy through the terminal, and through the desktop's own program where there is one."""
        super().copy_to_clipboard(text)
        desktop.copy(text)

    def action_how_to_quit(self) -> None:
        """Say which key quits: ctrl+c might be meant to copy, or to stop what runs."""
        self.notify(f"{self.session.key_of('quit')} quits, {self.session.key_of('suspend')} goes back to the shell.")

    async def action_quit(self) -> None:
        """Quit; while a scan or a measurement runs only after asking, and only once it has stopped."""
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
            dialog = Confirm("Quit", text, f"stop the {what} and quit", "stay", self.session.key_of, enter=True)
            self.services.ask(dialog, done)


def _warm_plots(catalogue: CatalogueSnapshot) -> None:
    """Import what draws curves, in the thread that has read the catalogue, where there is a curve to draw."""
    if catalogue.measured:
        from pluginary_tui.tui.sound import plot

        plot.warm()
