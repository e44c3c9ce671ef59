"""What a screen may ask of the app, so that no screen imports it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

from pluginary_tui.model import Plugin
from pluginary_tui.tui.core.session import Session
from pluginary_tui.tui.core.settings_file import Preferences
from pluginary_tui.tui.core.undo import UndoHistory
from pluginary_tui.tui.core.user_data import UserDataEditor

if TYPE_CHECKING:
    from textual.screen import Screen
    from textual.signal import Signal

    from pluginary_tui.scan.run import Options
    from pluginary_tui.tui.core.background import Progressed

Result = TypeVar("Result")


class Services(Protocol):
    """Shared state, and what every screen may start. Called in the thread of the app."""

    session: Session
    history: UndoHistory
    """The changes of all screens that can be undone."""
    user_data: UserDataEditor
    preferences: Preferences
    catalogue_changed: Signal[Session]
    """Published when `session.catalogue` is a newer one."""
    scan_changed: Signal[Session]
    """Published eight times a second while a scan or a measurement runs, and once when it has ended."""

    @property
    def breakpoints(self) -> dict[str, bool]:
        """The classes that the terminal's size gives a screen."""
        ...

    def report(self, error: BaseException) -> None:
        """Show an error in one line; one that is not a PluginaryError is logged with its traceback."""
        ...

    def guarded(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """`call` with its exceptions reported, so that it can be a callback of Textual."""
        ...

    def ask(self, dialog: Screen[Result], done: Callable[[Result | None], object] | None = None) -> None:
        """Show a dialog; `done` gets its result."""
        ...

    def show(self, mode: str) -> None:
        """Switch to a screen: `browse`, `scan`, `health`, `settings`, `projects`."""
        ...

    def open_query(self, query: str) -> None:
        """Show Browse with this query."""
        ...

    def show_project(self, path: str) -> None:
        """Show the Projects screen with the cursor on this project."""
        ...

    def open_plugin(self, plugin: Plugin) -> None:
        """Show Browse with the cursor on this plugin."""
        ...

    def start_scan(self, options: Options | None = None, *, watch: bool = True) -> None:
        """Start or resume a scan; `watch` shows the Scan screen."""
        ...

    def measure(self, plugins: Sequence[Plugin], *, full: bool = False, retry: bool = False) -> None:
        """Measure the sound of these plugins, as `Session.start_measuring` does."""
        ...

    def read_presets(self, *, quiet: bool = False) -> None:
        """Read preset files that are new or have changed, in the background; `quiet` says only what was found."""
        ...

    def check_presets(self, plugins: Collection[str], *, quiet: bool = False) -> None:
        """Try in the background whether pedalboard loads the preset files for these plugins, by their ids."""
        ...

    def in_background(
        self,
        doing: str,
        run: Callable[[Progressed], Any],
        stop: Callable[[], None],
        ended: Callable[[Any, BaseException | None], None],
    ) -> bool:
        """Do something in the background (`core.background.Background`). False, and it is said, where something is
        done there already.
        """
        ...

    def tick_background(self) -> None:
        """Show how far the work in the background is, and hand over what came of it."""
        ...

    def discard_interrupted(self) -> None:
        """Forget what an interrupted scan had still to do."""
        ...

    def ask_folder(self) -> None:
        """Ask for one more folder to search, keep it, and scan."""
        ...

    def ask_ignore(self, path: str) -> None:
        """Ask for a pattern that scans pass over from now on; the dialog begins with `path`."""
        ...

    def change_setting(
        self, name: str, value: object, message: str, *, hold: bool = False, quiet: bool = False
    ) -> None:
        """Write a setting (None: its default), use it everywhere, remember how to undo it, and show `message`.

        `name` may be an entry of a table (`browse.queries.loud`). `hold` uses the value until the app ends where the
        file cannot be written; SettingsError otherwise, and nothing is changed. `quiet` shows warnings only.
        """
        ...

    def notify_change(self, message: str) -> None:
        """Show what was changed, with the key of this screen that undoes it."""
        ...

    def reread_settings(self) -> None:
        """Read the settings again where somebody else has changed the user's file."""
        ...

    def tidy(self) -> None:
        """Show what may not be needed."""
        ...

    def compare_catalogue(self) -> None:
        """Ask what to compare the catalogue with, and show what differs."""
        ...

    def choose_theme(self) -> None:
        """Let the person choose a theme, and keep it."""
        ...

    def undo(self) -> None:
        """Take the last change back, wherever it was made."""
        ...

    def redo(self) -> None:
        """Make the change again that was undone last."""
        ...


class _HasServices(Protocol):
    app_services: Services


def services_of(app: object) -> Services:
    """The services of the running app, which Textual types as App[object]. AttributeError for any other app."""
    return cast(_HasServices, app).app_services
