"""What every screen may start or change: scans, measurements, settings, dialogs, undo."""

from __future__ import annotations

import os
import re
from collections.abc import Awaitable, Callable, Collection, Sequence
from functools import wraps
from inspect import isawaitable
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, runtime_checkable

from textual.signal import Signal
from textual.worker import WorkerFailed

from pluginary_tui.errors import PluginaryError, SettingsError
from pluginary_tui.formatting import counted
from pluginary_tui.home import typed_path
from pluginary_tui.logs import log_path, logger
from pluginary_tui.model import Plugin
from pluginary_tui.tui.core import actions
from pluginary_tui.tui.core.session import Session
from pluginary_tui.tui.core.settings_file import Preferences
from pluginary_tui.tui.core.undo import FILE_NAME as UNDO_FILE
from pluginary_tui.tui.core.undo import UndoHistory, UndoStep, Values
from pluginary_tui.tui.core.user_data import UserDataEditor, plugin_label
from pluginary_tui.tui.widgets.guard import is_closing

if TYPE_CHECKING:
    from textual.app import App
    from textual.screen import Screen

    from pluginary_tui.presets.scan import PresetSummary
    from pluginary_tui.scan.run import Options
    from pluginary_tui.tui.core.background import Progressed
    from pluginary_tui.tui.core.services import Services

Result = TypeVar("Result")

ERROR_S = 10
"""Seconds that an error stays on the screen."""

REPEAT_S = 10.0
"""The same unexpected error, as of a timer, is reported once in so many seconds."""


@runtime_checkable
class _TakesProject(Protocol):
    """The Projects screen, for `show_project`."""

    def go_to(self, path: str) -> None: ...


@runtime_checkable
class _TakesQuery(Protocol):
    query_text: str


@runtime_checkable
class _GoesTo(Protocol):
    def go_to(self, plugin: Plugin) -> None: ...


class AppServices:
    """Implements core.services.Services."""

    def __init__(
        self, app: App[None], session: Session, show: Callable[[str], object], settings_changed: Callable[[str], object]
    ) -> None:
        """`show` switches to a screen by its mode; `settings_changed` makes the app use the settings as they are."""
        self.app, self.session = app, session
        self._show, self._settings_changed = show, settings_changed
        self.history = UndoHistory(session.store.path.with_name(UNDO_FILE))
        self.history.on("setting", self._put_settings)
        self.user_data = UserDataEditor(session.store, self.history)
        self.preferences = Preferences(session)
        self.catalogue_changed: Signal[Session] = Signal(app, "catalogue-changed")
        self.scan_changed: Signal[Session] = Signal(app, "scan-changed")
        self._last_report = ("", 0.0)

    @property
    def breakpoints(self) -> dict[str, bool]:
        """The classes that the terminal's size gives a screen. Textual sets them after the first frame is styled."""
        classes: dict[str, bool] = {}
        size = self.app.size
        for amount, points in (
            (size.width, self.app.HORIZONTAL_BREAKPOINTS or ()),
            (size.height, self.app.VERTICAL_BREAKPOINTS or ()),
        ):
            reached = [name for least, name in points if amount >= least]
            classes |= {name: name == reached[-1] for _, name in points}
        return classes

    # Errors and dialogs

    def report(self, error: BaseException) -> None:
        """Show an error in one line; one that is not a PluginaryError is logged with its traceback."""
        if isinstance(error, WorkerFailed):
            error = error.error
        if isinstance(error, PluginaryError):
            self.app.notify(str(error), severity="error", timeout=ERROR_S)
            return
        message = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        before, when = self._last_report
        if message == before and monotonic() - when < REPEAT_S:
            return
        self._last_report = message, monotonic()
        logger(__name__).error("unexpected error in the app", exc_info=error)
        log = log_path(self.session.store.path.parent)
        self.app.notify(f"Something went wrong; {log} has the details.", severity="error", timeout=ERROR_S)

    def guarded(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """`call` with its exceptions reported, so that it can be a callback of Textual."""

        async def finished(result: Awaitable[Any]) -> Any:
            try:
                return await result
            except Exception as error:
                self.report(error)

        @wraps(call)
        def run(*arguments: Any) -> Any:
            try:
                result = call(*arguments)
            except Exception as error:
                if is_closing(self.app):  # a dialog's answer that comes when what it is about has been taken down
                    logger(__name__).debug("while the app was being closed", exc_info=error)
                else:
                    self.report(error)
                return None
            return finished(result) if isawaitable(result) else result

        return run

    def ask(self, dialog: Screen[Result], done: Callable[[Result | None], object] | None = None) -> None:
        """Show a dialog; `done` gets its result."""
        self.app.push_screen(dialog, self.guarded(done) if done else None)

    # Screens

    def show(self, mode: str) -> None:
        """Switch to a screen: `browse`, `scan`, `health`, `settings`, `projects`."""
        self._show(mode)

    def open_query(self, query: str) -> None:
        """Show Browse with this query."""
        self.show("browse")

        def put() -> None:
            if isinstance(screen := self.app.screen, _TakesQuery):
                screen.query_text = query

        self.app.call_after_refresh(put)

    def open_plugin(self, plugin: Plugin) -> None:
        """Show Browse with the cursor on this plugin."""
        self.show("browse")

        def go() -> None:
            if isinstance(screen := self.app.screen, _GoesTo):
                screen.go_to(plugin)

        self.app.call_after_refresh(go)

    # Scans and measurements

    def show_project(self, path: str) -> None:
        """Show the Projects screen with the cursor on this project."""
        self.show("projects")

        def go() -> None:
            if isinstance(screen := self.app.screen, _TakesProject):
                screen.go_to(path)

        self.app.call_after_refresh(go)

    def start_scan(self, options: Options | None = None, *, watch: bool = True) -> None:
        """Start or resume a scan; `watch` shows the Scan screen."""
        if not self.session.start_scan(options):
            self.app.notify(self.session.busy, severity="warning")
        if watch:
            self.show("scan")

    def measure(self, plugins: Sequence[Plugin], *, full: bool = False, retry: bool = False) -> None:
        """Measure the sound of these plugins, as `Session.start_measuring` does."""
        if self.session.start_measuring(plugins, full=full, retry=retry):
            self.app.notify(f"Measuring {plugin_label(plugins)}; {self.session.key_of('scan')} shows how it goes.")
        else:
            self.app.notify(self.session.busy, severity="warning")

    # Work in the background

    def in_background(
        self,
        doing: str,
        run: Callable[[Progressed], Any],
        stop: Callable[[], None],
        ended: Callable[[Any, BaseException | None], None],
    ) -> bool:
        """Do something in the background. False, and it is said, where something is done there already."""
        from pluginary_tui.tui.core.background import Background

        if self.session.background is not None:
            self.app.notify(f"{self.session.background.doing.capitalize()} goes on; wait for it.", severity="warning")
            return False
        self.session.background = Background(doing, run, stop, ended)
        self.scan_changed.publish(self.session)
        return True

    def tick_background(self) -> None:
        """Show how far the work in the background is, and hand over what came of it."""
        work = self.session.background
        if work is None:
            return
        finished = work.finished
        if finished:
            self.session.background = None
            self.guarded(work.deliver)()
        self.scan_changed.publish(self.session)

    def read_presets(self, *, quiet: bool = False) -> None:
        """Read preset files that are new or have changed, in the background."""
        from pluginary_tui.presets.scan import PresetScan

        if quiet and self.session.background is not None:
            return
        scan = PresetScan(self.session.settings, self.session.data_dir)

        def ended(summary: PresetSummary | None, error: BaseException | None) -> None:
            self.session.reload()
            if error is not None:
                self.report(error)
            elif summary is not None and (not quiet or summary.read or summary.removed):
                self.app.notify(presets_read(summary), severity="warning" if summary.failed else "information")

        self.in_background("reading presets", scan.run, scan.stop, ended)

    def check_presets(self, plugins: Collection[str], *, quiet: bool = False) -> None:
        """Try in the background whether pedalboard loads the preset files for these plugins, by their ids.

        `quiet`: without a word about what came of it.
        """
        from pluginary_tui.catalogue.store import Store
        from pluginary_tui.presets.load_check import PresetCheck

        check, data_dir = PresetCheck(self.session.settings, plugins), self.session.data_dir

        def run(progressed: Progressed) -> tuple[int, int]:
            with Store.in_folder(data_dir) as store:
                return check.run(store, progressed)

        def ended(counts: tuple[int, int] | None, error: BaseException | None) -> None:
            self.session.reload()
            if error is not None:
                self.report(error)
            elif counts is not None and not quiet:
                taken, refused = counts
                sentence = (
                    f"{counted(taken, 'preset')} can be loaded, {refused} cannot."
                    if any(counts)
                    else ("Every preset file that pedalboard may load was tried before.")
                )
                self.app.notify(sentence, severity="warning" if refused else "information")

        self.in_background("trying presets", run, check.stop, ended)

    def discard_interrupted(self) -> None:
        """Forget what an interrupted scan had still to do. Raises CatalogueError."""
        self.session.discard_interrupted()
        self.app.notify("Discarded: what was read stays, the rest waits for the next scan.")
        self.scan_changed.publish(self.session)

    def ask_folder(self) -> None:
        """Ask for one more folder to search, keep it, and scan."""
        from pluginary_tui.tui.dialogs.completion import paths
        from pluginary_tui.tui.dialogs.file_prompt import wrong_folder
        from pluginary_tui.tui.dialogs.prompt import Prompt

        hint = "It is searched with all folders in it, from now on. Enter scans"
        ellipsis = self.session.glyphs.ellipsis
        dialog = Prompt("Add a folder", hint, f"~{os.sep}", paths, ellipsis, check=wrong_folder)
        self.ask(dialog, self._add_folder)

    def _add_folder(self, text: str | None) -> None:
        if not text:
            return
        folder = typed_path(text.strip()).absolute()
        folders = self.session.settings.scan.folders
        if str(folder) not in folders:
            self.change_setting(
                "scan.folders", (*folders, str(folder)), f"folder {folder} added", hold=True, quiet=True
            )
        self.start_scan()

    def ask_ignore(self, path: str) -> None:
        """Ask for a pattern that scans pass over from now on, the one that runs too; the dialog begins with `path`."""
        from pluginary_tui.tui.dialogs.completion import above
        from pluginary_tui.tui.dialogs.prompt import Prompt

        hint = "A bundle, a folder with all in it, or a pattern (*Demo*). Enter passes it over for good"
        ellipsis = self.session.glyphs.ellipsis
        self.ask(Prompt("Ignore", hint, path, lambda line: above(line, path), ellipsis), self._ignore)

    def _ignore(self, text: str | None) -> None:
        pattern = (text or "").strip()
        if not pattern:
            return
        if self.session.scan is not None:
            self.session.scan.pass_over(pattern)
        if over := self.preferences.overridden("scan.ignore"):
            message = (
                f"scan.ignore is set by {over}, which wins over your settings file; {pattern} is ignored just once."
            )
            self.app.notify(message, severity="warning")
            return
        patterns = self.session.settings.scan.ignore
        key = self.session.key_of("settings")
        message = f"{pattern} is ignored from now on; scan.ignore in the settings ({key}) lists it"
        if pattern in patterns:
            self.app.notify(f"{message}.")
        else:
            self.change_setting("scan.ignore", (*patterns, pattern), message)

    # Settings and undo

    def change_setting(
        self, name: str, value: object, message: str, *, hold: bool = False, quiet: bool = False
    ) -> None:
        """Write a setting (None: its default), use it everywhere, remember how to undo it, and show `message`.

        `name` may be an entry of a table (`browse.queries.loud`). `hold` uses the value until the app ends where the
        file cannot be written; SettingsError otherwise, and nothing is changed. `quiet` shows warnings only.
        """
        preferences = self.preferences
        try:
            before = preferences.written(name)
            preferences.set(name, value)
        except SettingsError as error:
            if not hold:
                raise
            preferences.hold(name, value)
            self.app.notify(f"It lasts until you quit: {error}", severity="warning")
        else:
            self.history.push(UndoStep(message, "setting", {name: before}, {name: value}))
            self._show_changed(name, "" if quiet else message)
        self._settings_changed(name)

    def _put_settings(self, values: Values) -> None:
        for name, written in values.items():
            self.preferences.set(name, written)
            self._settings_changed(name)

    def _show_changed(self, name: str, message: str) -> None:
        over, broken = self.preferences.overridden(name), self.preferences.broken
        if broken:
            text = f"Kept, but the settings hold a mistake: {broken}"
            self.app.notify(text, severity="warning", timeout=ERROR_S)
        elif over:
            text = f"{name}: kept in your file, but {over} wins over it for now."
            self.app.notify(text, severity="warning")
        elif message:
            self.notify_change(message)

    def notify_change(self, message: str) -> None:
        """Show what was changed, with the key of this screen that undoes it."""
        key = self._key_of("undo")
        self.app.notify(f"{message}.  {key} undoes" if key else f"{message}.")

    def _key_of(self, do: str) -> str:
        """The key of this screen that does something; empty where it has none."""
        group = getattr(self.app.screen_stack[0], "ACTION_GROUP", "")
        rows = actions.GROUPS[group].rows if group else ()
        return next((self.session.key_of(row.id) for row in rows if row.do == do), "")

    def reread_settings(self) -> None:
        """Read the settings again where somebody else has changed the user's file."""
        if self.preferences.reread_changed():
            self._settings_changed("")

    def tidy(self) -> None:
        from pluginary_tui.tui.tidy.screen import TidyScreen

        def done(query: str | None) -> None:
            if query:
                # Copies of one product are told apart only where each has a row of its own.
                self.session.state.choose("browse.products", self.session.settings.browse.products, False)
                self.open_query(query)

        self.ask(TidyScreen(), done)

    def compare_catalogue(self) -> None:
        """Ask what to compare the catalogue with, and show what differs."""
        from pluginary_tui.tui.difference.ask import ask_comparison

        ask_comparison(self, self.session)

    def choose_theme(self) -> None:
        """Let the person choose a theme, seeing each while moving through the list, and keep it."""
        from pluginary_tui.tui.dialogs.theme_choices import ask_theme

        before = self.app.theme

        def done(name: str | None) -> None:
            if name and name != before:
                self.change_setting("app.theme", name, f"app.theme: now {name}", hold=True, quiet=True)

        ask_theme(self, self.app, "Theme", before, done)

    def undo(self) -> None:
        """Take the last change back, wherever it was made. Raises what taking it back raises."""
        if message := self.history.undo():
            key = self._key_of("redo")
            self.app.notify(f'Undone: "{_bare(message)}".' + (f"  {key} does it again" if key else ""))
            self.session.reload()

    def redo(self) -> None:
        """Make the change again that was undone last. Raises what making it raises."""
        if message := self.history.redo():
            self.notify_change(f'Done again: "{_bare(message)}"')
            self.session.reload()


def presets_read(summary: PresetSummary) -> str:
    """What reading presets came to, as a sentence."""
    parts = [f"{counted(summary.read, 'preset file')} read", f"{summary.unchanged:,} unchanged"]
    parts += [f"{summary.failed:,} could not be read"] if summary.failed else []
    parts += [f"{summary.removed:,} no longer there"] if summary.removed else []
    return f"{', '.join(parts)}{'; stopped, the rest is read next time' if summary.stopped else ''}."


def _bare(message: str) -> str:
    """The words of a change without what they add about finding it."""
    return re.sub(r" \([^)]*\)$|;.*$", "", message)


if TYPE_CHECKING:

    def _implements(services: AppServices) -> Services:
        return services
