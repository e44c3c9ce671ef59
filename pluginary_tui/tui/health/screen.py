"""Health: what could not be read or loaded, why, and what to do; and the state of catalogue and scans."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import BindingType
from textual.message import Message
from textual.worker import get_current_worker

from pluginary_tui.catalogue.integrity import backups
from pluginary_tui.formatting import counted
from pluginary_tui.model import Outcome
from pluginary_tui.scan.diagnosis import diagnose, diagnose_load
from pluginary_tui.scan.discover import BUILTIN_PATH
from pluginary_tui.scan.run import Options
from pluginary_tui.tui.core.actions import bindings
from pluginary_tui.tui.core.session import Session
from pluginary_tui.tui.dialogs.menu import Confirm
from pluginary_tui.tui.health.failure_list import FailureList
from pluginary_tui.tui.health.failures import LOADING, Failure, Health, load_health, plain_text, render
from pluginary_tui.tui.health.header import NoFailuresCard, health_lines
from pluginary_tui.tui.widgets.header import HeaderLines
from pluginary_tui.tui.widgets.list_screen import ListScreen
from pluginary_tui.tui.widgets.text_view import TextView

if TYPE_CHECKING:
    from pluginary_tui.tui.core.action_contexts import HealthContext

BAD = ("quarantine", "again")
"""The groups of what a retry is of use for."""


class HealthScreen(ListScreen):
    """The failures, and the one under the cursor."""

    PREFIX = "health"
    ACTION_GROUP = "health"
    BINDINGS: ClassVar[list[BindingType]] = bindings("health")

    class Loaded(Message):
        """The failures were read again."""

        def __init__(self, health: Health) -> None:
            super().__init__()
            self.health = health

    class BackedUp(Message):
        """The catalogue was copied to a file."""

        def __init__(self, path: Path) -> None:
            super().__init__()
            self.path = path

    def __init__(self) -> None:
        super().__init__()
        self.health: Health | None = None
        self._trying: dict[tuple[str, int], Failure] = {}
        """By its key, what is being tried again."""

    def make_list(self) -> FailureList:
        return FailureList(self.session.glyphs, id="health-list")

    def make_card(self) -> NoFailuresCard:
        return NoFailuresCard(id="health-well", classes="card")

    @property
    def list(self) -> FailureList:
        return self.query_one(FailureList)

    @property
    def failure(self) -> Failure | None:
        """The one under the cursor."""
        return self.list.chosen

    def on_mount(self) -> None:
        self.services.scan_changed.subscribe(self, self.services.guarded(self._scan_changed))

    # Reading

    def load(self) -> None:
        worker, session = get_current_worker(), self.session
        health = load_health(session.data_dir, session.settings.scan.ignore)
        if not worker.is_cancelled:
            self.post_message(self.Loaded(health))

    def on_health_screen_loaded(self, message: Loaded) -> None:
        self.health = health = message.health
        glyphs, key_of = self.session.glyphs, self.session.key_of
        self.query_one(HeaderLines).show(health_lines(health, glyphs, key_of), glyphs)
        self.query_one(NoFailuresCard).show(bool(health.figures), glyphs, key_of)
        self.list.show(health.failures)
        self.show_there(bool(health.failures))

    def on_health_screen_backed_up(self, message: BackedUp) -> None:
        self.notify(f"Backed up to {message.path}.")
        self.reload()

    @on(FailureList.Moved)
    def _on_moved(self) -> None:
        failure = self.failure
        self.query_one(TextView).show(render(failure, self.session.glyphs) if failure else ())
        self.refresh_bindings()

    # The context of the actions

    def action_context(self) -> HealthContext:
        return self

    @property
    def chosen_group(self) -> str:
        return self.failure.group if self.failure else ""

    @property
    def chosen_built_in(self) -> bool:
        return self.failure is not None and self.failure.path == BUILTIN_PATH

    @property
    def chosen_single(self) -> bool:
        return self.failure is not None and self.failure.plugin is not None

    @property
    def scanning(self) -> bool:
        return self.session.scanning

    @property
    def state(self) -> str:
        return self.session.progress.state

    @property
    def bad_count(self) -> int:
        return len(self._bad())

    @property
    def gone_count(self) -> int:
        return self.health.count("gone") if self.health else 0

    def undone(self) -> None:
        self.reload()

    # Actions

    def _bad(self) -> Sequence[Failure]:
        return [each for each in self.health.failures if each.group in BAD] if self.health else []

    def action_scan(self) -> None:
        self.services.start_scan()

    def action_retry(self) -> None:
        """Probe the one under the cursor once more."""
        failure = self.failure
        if failure is None:
            return
        if failure.group == "ignored":
            key = self.session.key_of("health_ignore")
            self.notify(f"It is ignored, so no scan may touch it; {key} takes that back.", severity="warning")
        else:
            self._retry([failure])

    def action_retry_free(self) -> None:
        """Ask, and probe the one under the cursor with the sandbox off."""
        failure = self.failure
        if failure is None or failure.group == "ignored":
            self.action_retry()
            return
        text = (
            f"{failure.info.name} runs once with all that you may do yourself: it can reach the network, start "
            "programs, and read and change your files. Do so only if you trust its maker."
        )

        def done(yes: bool | None) -> None:
            if yes:
                self._retry([failure], sandbox="off")

        self.services.ask(Confirm("Sandbox off", text, "try it", "leave it", self.session.key_of), done)

    def action_retry_all(self) -> None:
        if self.session.scan is not None:
            self.session.scan.retry()
            self.notify("The scan that runs tries them again.")
        else:
            self._retry(self._bad())

    def _retry(self, failures: Sequence[Failure], sandbox: str = "") -> None:
        paths = dict.fromkeys(failure.path for failure in failures)
        only = tuple(Path(path) for path in paths if path != BUILTIN_PATH)
        whole = any(failure.plugin is None for failure in failures)
        if self.session.busy:
            self.notify(self.session.busy, severity="warning")
            return
        self._release([failure for failure in failures if failure.plugin])
        self.session.start_scan(Options(only=only, retry=whole, builtin_only=not only, sandbox=sandbox))
        self._trying = {failure.key: failure for failure in failures}
        self.list.trying = set(self._trying)
        self.list.looks_changed()
        self.refresh_bindings()

    def _release(self, failures: Sequence[Failure]) -> None:
        """Let the next scan try these single plugins, and none of the others of their bundles."""
        store = self.session.store
        keys = {loading: [f.key[1] for f in failures if (f.group == LOADING) == loading] for loading in (False, True)}
        store.take_plugins_out_of_quarantine(keys[False])
        store.forget_load_results(keys[True])

    def _scan_changed(self, session: Session) -> None:
        if not self._trying:
            return
        if session.scanning:
            done = {item.path for item in session.progress.ended}
            left = {key for key in self._trying if key[1] or key[0] not in done}
            if left != self.list.trying:
                self.list.trying = left
                self.list.looks_changed()
            return
        tried, self._trying, self.list.trying = self._trying, {}, frozenset()
        ended = [item for item in session.progress.ended if (item.path, 0) in tried]
        good = [item for item in ended if item.outcome is Outcome.OK]
        alone = next(iter(tried.values())) if len(tried) == 1 else None
        if alone and alone.plugin:
            self._plugin_tried(alone)
        elif alone and ended:
            item, name = ended[0], alone.name
            if good:
                self.notify(f"{name} can be read now: {counted(item.plugins, 'plugin')}.")
            else:
                why = diagnose(item.outcome, item.error, log=item.log).short
                self.notify(f"{name} still fails: {why}.", severity="warning")
        elif ended:
            self.notify(f"{len(good):,} of {counted(len(ended), 'bundle')} can be read now.")
        self.reload()

    def _plugin_tried(self, failure: Failure) -> None:
        """Show the result of trying a single plugin again."""
        plugin = self.session.store.plugin(failure.key[1])
        how = self.session.store.plugin_failure(failure.key[1])
        if plugin is None or (failure.group == LOADING and plugin.loads is None):
            return  # the scan ended before it was tried
        if failure.group == LOADING:
            good, still = plugin.loads, diagnose_load(plugin.load_error).why
            sentence = f"pedalboard loads {plugin.name} now." if good else f"{plugin.name}: {still}"
        else:
            good, still = plugin.status == Outcome.OK, diagnose(plugin.status, plugin.error, how.stage).short
            sentence = f"{plugin.name} can be read now." if good else f"{plugin.name} still fails: {still}."
        self.notify(sentence, severity="information" if good else "warning")

    def action_ignore(self) -> None:
        """Add the bundle to the patterns that no scan touches, or take it out again."""
        failure = self.failure
        if failure is None:
            return
        name = "scan.ignore"
        if over := self.services.preferences.overridden(name):
            sentence = f"{name} is set by {over}, which wins over your settings file; change it there."
            self.notify(sentence, severity="warning")
            return
        patterns = self.session.settings.scan.ignore
        ignored = failure.group == "ignored"
        if ignored and failure.path not in patterns:
            where = f"change it in the settings ({self.session.key_of('settings')})"
            self.notify(f"A wider pattern of {name} ignores it ({', '.join(patterns)}); {where}.", severity="warning")
            return
        rest = tuple(pattern for pattern in patterns if pattern != failure.path)
        value = (rest or None) if ignored else (*patterns, failure.path)
        words = "not ignored any more" if ignored else "ignored by every scan from now on"
        self.services.change_setting(name, value, f"{failure.info.name}: {words}")
        self.reload()

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

        def done(yes: bool | None) -> None:
            if yes:
                self.session.store.forget([failure.path for failure in failures])
                self.session.reload()
                self.notify(f"{what}: forgotten.")
                self.reload()

        self.services.ask(Confirm(f"Forget {what}", text, "forget", "keep", self.session.key_of), done)

    def action_copy(self) -> None:
        """Copy all that is known of it, with its log."""
        if failure := self.failure:
            self.app.copy_to_clipboard(plain_text(failure, self.session.glyphs))
            self.notify(f"Copied what is known of {failure.name} to the clipboard.")

    def action_browse(self) -> None:
        if failure := self.failure:
            plugin = failure.plugin
            self.services.open_query(f'id="{plugin.id}"' if plugin else f'path:"{failure.path}"')

    def action_compare(self) -> None:
        self.services.compare_catalogue()

    def action_tidy(self) -> None:
        self.services.tidy()

    def action_back_up(self) -> None:
        """Copy the catalogue aside, as it is done by itself once in a while."""
        self.run_worker(self._back_up, thread=True, group="backup", exclusive=True)

    def _back_up(self) -> None:
        session = self.session
        self.post_message(self.BackedUp(backups.rotate_backups(session.store.path, session.settings.backup.keep)))
