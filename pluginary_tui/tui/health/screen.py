"""Health: every bundle that could not be read, why, and what to do; and how catalogue and scans stand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.worker import get_current_worker

from pluginary_tui.catalogue.integrity import check
from pluginary_tui.errors import PluginaryError
from pluginary_tui.formatting import counted
from pluginary_tui.model import Outcome
from pluginary_tui.scan.diagnosis import diagnose
from pluginary_tui.scan.discover import BUILTIN_PATH
from pluginary_tui.scan.run import Options
from pluginary_tui.tui.core.session import Session
from pluginary_tui.tui.core.settings_file import Preferences
from pluginary_tui.tui.core.user_data import UndoStep
from pluginary_tui.tui.dialogs.menu import Confirm
from pluginary_tui.tui.health.failure_list import HealthList
from pluginary_tui.tui.health.failures import Failure, Health, look, plain, told
from pluginary_tui.tui.health.header import NoFailuresCard, health_lines
from pluginary_tui.tui.widgets.chrome import KeyFooter, TopBar
from pluginary_tui.tui.widgets.compositor import IncrementalScreen
from pluginary_tui.tui.widgets.header import HeaderLines
from pluginary_tui.tui.widgets.text_view import TextView

if TYPE_CHECKING:
    from pluginary_tui.tui.app import PluginaryApp

BAD = ("quarantine", "again")
"""The groups of what a retry is of use for."""


class HealthScreen(IncrementalScreen):
    """The failures on the left, the one under the cursor on the right; below each other where it is narrow."""

    CSS = """
    HealthScreen {
        #health-head { margin: 1 0; }
        #health-body { height: 1fr; }
        #health-list { width: 1fr; min-width: 20; }
        #health-side { width: 1fr; padding: 0 1; border-left: solid $foreground 18%; }
        #health-list:focus, #health-told:focus { background-tint: transparent 0%; }
        #health-told { height: 1fr; }
        &.-narrow #health-body { layout: vertical; }
        &.-narrow #health-list { width: 1fr; height: 2fr; min-width: 0; }
        &.-narrow #health-side { width: 1fr; height: 3fr; border-left: none; border-top: solid $foreground 18%; }
        &.-narrow.-reading #health-list, &.-low #health-side, &.-low.-reading #health-list { display: none; }
        &.-narrow.-reading #health-side { border-top: none; }
        &.-low.-reading #health-side { display: block; }
        &.-low #health-head { margin: 0; max-height: 1; }
        &.-ascii #health-side { border-left: ascii $foreground 18%; }
        &.-ascii.-narrow #health-side { border-left: none; border-top: ascii $foreground 18%; }
        &.-ascii.-narrow.-reading #health-side { border-top: none; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "retry", "Try again", id="health_retry", tooltip="Probe this bundle once more, and no other"),
        Binding("R", "retry_all", "Try all again", id="health_retry_all", tooltip="Probe all of them once more"),
        Binding("i", "ignore", "Ignore", id="health_ignore", tooltip="Never touch it; a second time takes it back"),
        Binding("d", "forget", "Forget", id="health_forget", tooltip="Drop what is known of it from the catalogue"),
        Binding("D", "forget_gone", "Forget all that are gone", show=False, id="health_forget_gone"),
        Binding("u", "undo", "Undo", id="health_undo", tooltip="Take back what was ignored last"),
        Binding("y", "copy", "Copy", id="health_copy", tooltip="Copy reason and log, to send to somebody"),
        Binding("o", "browse", "Show in Browse", show=False, id="health_browse"),
        Binding("b", "back_up", "Back up", show=False, id="health_back_up", tooltip="Copy the catalogue aside now"),
        Binding("s", "scan", "Scan", show=False, id="health_scan"),
        Binding("tab", "app.focus_next", "Next pane", show=False, id="next_pane"),
        Binding("shift+tab", "app.focus_previous", "Pane before", show=False, id="previous_pane"),
        Binding("h,left", "back", "To the list", show=False, id="health_list"),
        Binding("escape", "back", "Back", show=False, id="back", key_display="esc"),
    ]

    class Looked(Message):
        """A newer picture of how things stand."""

        def __init__(self, health: Health) -> None:
            super().__init__()
            self.health = health

    class Done(Message):
        """Something was done in a thread, or could not be; `said` is for the person."""

        def __init__(self, said: str, *, failed: bool = False) -> None:
            super().__init__()
            self.said, self.failed = said, failed

    def __init__(self) -> None:
        super().__init__()
        self.health: Health | None = None
        self._steps: list[UndoStep] = []
        self._trying: dict[str, str] = {}
        """Names by path of what is being tried again."""

    def compose(self) -> ComposeResult:
        glyphs = self.session.glyphs
        yield TopBar()
        yield HeaderLines(id="health-head")
        with Horizontal(id="health-body"):
            yield HealthList(glyphs, id="health-list")
            with Vertical(id="health-side"):
                yield TextView(id="health-told")
        yield NoFailuresCard(id="health-well", classes="card")
        yield KeyFooter()

    @property
    def shell(self) -> PluginaryApp:
        return cast("PluginaryApp", self.app)

    @property
    def session(self) -> Session:
        return self.shell.session

    @property
    def list(self) -> HealthList:
        return self.query_one(HealthList)

    @property
    def failure(self) -> Failure | None:
        """The one under the cursor."""
        return self.list.failure

    def on_mount(self) -> None:
        self.shell.catalogue_changed.subscribe(self, lambda _: self.look_again())
        self.shell.scan_changed.subscribe(self, self._scan_changed)
        self.set_class(self.session.settings.app.ascii, "-ascii")
        self.query_one("#health-well").display = False
        self.list.focus()

    def on_screen_resume(self) -> None:
        self.look_again()

    # Looking

    def look_again(self) -> None:
        """Read how things stand, in a thread; shown as soon as it is there."""
        if self.is_current:
            self.run_worker(self._look, thread=True, group="look", exclusive=True)

    def _look(self) -> None:
        worker, session = get_current_worker(), self.session
        try:
            health = look(session.data_dir, session.settings.scan.ignore)
        except PluginaryError as error:
            self.post_message(self.Done(str(error), failed=True))
            return
        if not worker.is_cancelled:
            self.post_message(self.Looked(health))

    def on_health_screen_looked(self, message: Looked) -> None:
        self.health = health = message.health
        self.query_one(HeaderLines).show(health_lines(health, self.session.glyphs), self.session.glyphs)
        there = bool(health.failures)
        had_focus = self.focused is not None
        self.query_one("#health-body").display = there
        card = self.query_one(NoFailuresCard)
        card.display = not there
        card.show(bool(health.figures), self.session.glyphs)
        self.list.show(health.failures)
        if there and not had_focus:
            self.list.focus()
        self.refresh_bindings()

    def on_health_screen_done(self, message: Done) -> None:
        if message.failed:
            self.notify(message.said, severity="error", timeout=10, markup=False)
        else:
            self.notify(message.said, markup=False)
            self.look_again()

    def on_health_list_moved(self) -> None:
        failure = self.failure
        self.query_one(TextView).show(told(failure, self.session.glyphs) if failure else ())
        self.refresh_bindings()

    def on_health_list_opened(self) -> None:
        self.add_class("-reading")
        self.query_one(TextView).focus()

    def action_back(self) -> None:
        """One step back: from the text to the list, from there to Browse."""
        if self.query_one(TextView).has_focus:
            self.remove_class("-reading")
            self.list.focus()
        else:
            self.shell.action_show("browse")

    # What the keys do

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that would do nothing are not there."""
        match action:
            case "retry":
                return self.failure is not None and self.failure.group != "gone" and not self.session.scanning
            case "retry_all":
                return bool(self._bad()) and self.session.progress.state not in ("discovering", "stopping")
            case "ignore":
                return self.failure is not None and self.failure.path != BUILTIN_PATH
            case "forget" | "copy" | "browse":
                return self.failure is not None
            case "forget_gone":
                return self.health is not None and self.health.count("gone") > 0
            case "undo":
                return bool(self._steps)
            case "scan":
                return not self.session.scanning
        return True

    def _bad(self) -> Sequence[Failure]:
        return [each for each in self.health.failures if each.group in BAD] if self.health else []

    def action_scan(self) -> None:
        self.shell.start_scan()

    def action_retry(self) -> None:
        """Probe the one under the cursor once more."""
        failure = self.failure
        if failure is None:
            return
        if failure.group == "ignored":
            self.notify("It is ignored, so no scan may touch it; i takes that back.", severity="warning", markup=False)
        else:
            self._retry([failure])

    def action_retry_all(self) -> None:
        if self.session.scan is not None:
            self.session.scan.retry()
            self.notify("The scan that runs tries them again.", markup=False)
        else:
            self._retry(self._bad())

    def _retry(self, failures: Sequence[Failure]) -> None:
        paths = [failure.path for failure in failures]
        only = tuple(Path(path) for path in paths if path != BUILTIN_PATH)
        if not self.session.start_scan(Options(only=only, retry=True, builtin_only=not only)):
            self.notify(self.session.busy, severity="warning", markup=False)
            return
        self._trying = {failure.path: failure.info.name for failure in failures}
        self.list.trying = set(paths)
        self.list.looks_changed()
        self.refresh_bindings()

    def _scan_changed(self, session: Session) -> None:
        if not self._trying:
            return
        if session.scanning:
            left = self._trying.keys() - {item.path for item in session.progress.ended}
            if left != self.list.trying:
                self.list.trying = left
                self.list.looks_changed()
            return
        tried, self._trying, self.list.trying = self._trying, {}, frozenset()
        ended = [item for item in session.progress.ended if item.path in tried]
        good = [item for item in ended if item.outcome is Outcome.OK]
        if len(tried) == 1 and ended:
            item, name = ended[0], tried[ended[0].path]
            if good:
                self.notify(f"{name} can be read now: {counted(item.plugins, 'plugin')}.", markup=False)
            else:
                why = diagnose(item.outcome, item.error, log=item.log).short
                self.notify(f"{name} still fails: {why}.", severity="warning", markup=False)
        elif ended:
            self.notify(f"{len(good):,} of {counted(len(ended), 'bundle')} can be read now.", markup=False)
        self.look_again()

    def action_ignore(self) -> None:
        """Add the bundle to the patterns that no scan touches, or take it out again."""
        failure = self.failure
        if failure is None:
            return
        preferences, name = Preferences(self.session), "scan.ignore"
        if over := preferences.overridden(name):
            said = f"{name} is set by {over}, which wins over your settings file; change it there."
            self.notify(said, severity="warning", markup=False)
            return
        patterns = self.session.settings.scan.ignore
        ignored = failure.group == "ignored"
        if ignored and failure.path not in patterns:
            said = f"A wider pattern of {name} ignores it ({', '.join(patterns)}); change it in the settings (4)."
            self.notify(said, severity="warning", markup=False)
            return
        rest = tuple(pattern for pattern in patterns if pattern != failure.path)

        def edit() -> str:
            before = preferences.written(name)
            if ignored and not rest:
                preferences.reset(name)
            else:
                preferences.set(name, rest if ignored else (*patterns, failure.path))
            said = f"{failure.info.name}: {'not ignored any more' if ignored else 'ignored by every scan from now on'}"
            self._steps.append(UndoStep(said, lambda: preferences.put_back(name, before)))
            return f"{said}.  u undoes"

        self._edit(edit)

    def action_undo(self) -> None:
        if self._steps:
            step = self._steps.pop()

            def undo() -> str:
                step.undo()
                return f"Undone: {step.said}."

            self._edit(undo)

    def action_forget(self) -> None:
        """Ask, and drop the bundle from the catalogue."""
        if self.failure is not None:
            self._forget([self.failure])

    def action_forget_gone(self) -> None:
        if self.health is not None:
            self._forget([failure for failure in self.health.failures if failure.group == "gone"])

    def _forget(self, failures: Sequence[Failure]) -> None:
        what = failures[0].info.name if len(failures) == 1 else counted(len(failures), "bundle")
        text = f"What scans have read of {what} is dropped. What you wrote (favourites, tags, notes) is kept."
        if any(failure.group in BAD for failure in failures):
            text += " A scan finds it anew as long as it is on the disk; ignore it to be rid of it."

        def edit() -> str:
            self.session.store.forget([failure.path for failure in failures])
            self.session.reload()
            return f"{what}: forgotten."

        def done(yes: bool | None) -> None:
            if yes:
                self._edit(edit)

        self.app.push_screen(Confirm(f"Forget {what}", text, "forget", "keep"), done)

    def _edit(self, edit: Callable[[], str]) -> None:
        """Do it, say what was done, and show it."""
        try:
            said = edit()
        except PluginaryError as error:
            self.notify(str(error), severity="error", timeout=10, markup=False)
            return
        self.notify(said, markup=False)
        self.look_again()

    def action_copy(self) -> None:
        """Copy what is told of it, log and all."""
        if failure := self.failure:
            self.app.copy_to_clipboard(plain(failure, self.session.glyphs))
            self.notify(f"Copied what is known of {failure.info.name} to the clipboard.", markup=False)

    def action_browse(self) -> None:
        if failure := self.failure:
            self.shell.open_query(f'path:"{failure.path}"')

    def action_back_up(self) -> None:
        """Copy the catalogue aside, as it is done by itself once in a while."""
        self.run_worker(self._back_up, thread=True, group="backup", exclusive=True)

    def _back_up(self) -> None:
        session = self.session
        try:
            kept = check.rotate_backups(session.store.path, session.settings.backup.keep)
        except PluginaryError as error:
            self.post_message(self.Done(str(error), failed=True))
            return
        self.post_message(self.Done(f"Backed up to {kept}."))
