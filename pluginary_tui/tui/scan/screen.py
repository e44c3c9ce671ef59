"""Scan: the progress of a scan or a measuring, with its controls, logs and changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Middle, Vertical

from pluginary_tui.scan.discover import BUILTIN_PATH
from pluginary_tui.scan.progress import Ended, Running
from pluginary_tui.scan.run import Options
from pluginary_tui.tui.core.actions import GROUPS, bindings
from pluginary_tui.tui.scan import empty_states as cards
from pluginary_tui.tui.scan.empty_states import ScanCard
from pluginary_tui.tui.scan.header import ScanChanges, ScanHeader
from pluginary_tui.tui.scan.live_table import ScanTable
from pluginary_tui.tui.scan.log_view import LogPanel, LogScreen
from pluginary_tui.tui.widgets.base_screen import BaseScreen
from pluginary_tui.tui.widgets.chrome import KeyFooter, TopBar

if TYPE_CHECKING:
    from pluginary_tui.scan.run import Scan
    from pluginary_tui.sound.run import Measuring
    from pluginary_tui.tui.core.action_contexts import ScanContext


HEIGHTS: list[tuple[int, str]] | None = [(0, "-tiny"), (16, "-short"), (28, "-tall")]
"""Classes of the screen by the lines of the terminal's height."""


class ScanScreen(BaseScreen):
    """Draws the session's progress and controls what runs."""

    VERTICAL_BREAKPOINTS = HEIGHTS
    CSS = """
    ScanScreen {
        #scan-body { padding: 1 2 0 2; height: 1fr; }
        #scan-table { margin-top: 1; }
        #scan-middle { align: center middle; width: 1fr; height: 1fr; }
        &.-short LogPanel { height: 4; }
        &.-tiny LogPanel { height: 0; border: none; }
        &.-tiny #scan-body { padding: 0 1; }
        &.-tiny #scan-table { margin-top: 0; }
        &.-tiny ScanCard { border: none; padding: 0 1; }
        &.-short ScanCard { padding: 0 2; }
    }
    """
    ACTION_GROUP = "scan"
    BINDINGS: ClassVar[list[BindingType]] = bindings("scan")

    def __init__(self) -> None:
        super().__init__()
        self._reasons: list[str] = []

    def compose(self) -> ComposeResult:
        yield TopBar()
        with Vertical(id="scan-body"):
            yield ScanHeader(id="scan-head")
            yield ScanChanges(id="scan-news")
            yield ScanTable(id="scan-table", plain=self.session.settings.app.ascii)
            with Middle(id="scan-middle"):
                yield ScanCard(id="scan-card")
            yield LogPanel(id="scan-log")
        yield KeyFooter()

    def on_mount(self) -> None:
        services = self.services
        update = services.guarded(lambda _: self.show_progress())
        services.scan_changed.subscribe(self, update)
        services.catalogue_changed.subscribe(self, update)  # with the first plugins there is something to measure
        self.show_progress()

    def on_screen_resume(self) -> None:
        self.show_progress()

    def on_resize(self) -> None:
        self.call_after_refresh(self.show_progress)

    # Drawing

    def show_progress(self) -> None:
        """Update every part of the screen; cheap where nothing has changed."""
        if not self.is_current:
            return
        session, progress = self.session, self.session.progress
        live = self.query_one(ScanTable)
        look = live.look
        begun = bool(session.busy or session.summary or progress.kind == "measuring")
        rows = bool(begun and (progress.running or progress.ended))
        self.query_one(ScanHeader).display = begun
        live.display = rows
        self.query_one("#scan-middle").display = not rows
        if begun:
            self.query_one(ScanHeader).show(progress, look)
        self.query_one(ScanChanges).show(progress, look)
        if rows:
            live.show(progress)
            if not live.has_focus:
                live.focus()
        else:
            self.query_one(ScanCard).show(self._card(begun))
        self.query_one(LogPanel).show(self._reported() if rows else None, look)
        self._update_keys()

    def _update_keys(self) -> None:
        """Draw the footer again where other actions are possible than before."""
        reasons = [row.rule(self) for row in GROUPS["scan"].rows]
        if reasons != self._reasons:
            self._reasons = reasons
            self.refresh_bindings()

    def _reported(self) -> Running | Ended | None:
        """The bundle that the log panel shows: the one under the cursor, or the newest failure."""
        live = self.query_one(ScanTable)
        return live.chosen or next((item for item in self.session.progress.ended if item.outcome.bad), None)

    def _card(self, begun: bool) -> cards.Lines:
        session, look, key_of = self.session, self.query_one(ScanTable).look, self.session.key_of
        if session.progress.kind == "measuring":
            return cards.nothing_to_measure(session.progress, look, key_of)
        if session.scanning:
            return cards.discovering(session.settings, look)
        if begun:
            return cards.nothing_to_do(session.progress, look, key_of)
        if session.interrupted:
            return cards.interrupted(session.interrupted, look, key_of)
        if session.last_scan:
            return cards.scanned(session.last_scan, session.settings, look, key_of)
        return cards.never_scanned(session.settings, look, key_of)

    def on_scan_table_chosen(self) -> None:
        self.query_one(LogPanel).show(self._reported(), self.query_one(ScanTable).look)
        self._update_keys()

    # The context of the actions

    def action_context(self) -> ScanContext:
        return self

    @property
    def scanning(self) -> bool:
        return self.session.scanning

    @property
    def state(self) -> str:
        return self.session.progress.state

    @property
    def kind(self) -> str:
        return self.session.progress.kind

    @property
    def running(self) -> int:
        return len(self.session.progress.running)

    @property
    def retryable(self) -> int:
        progress = self.session.progress
        if progress.kind == "measuring":
            return len(progress.ended)
        return sum(item.outcome.bad for item in progress.ended) + progress.quarantined

    @property
    def has_plugins(self) -> bool:
        return bool(self.session.catalogue.plugins)

    @property
    def has_scanned(self) -> bool:
        return self.session.last_scan is not None or self.session.summary is not None

    @property
    def has_rest(self) -> bool:
        return self.session.interrupted is not None

    @property
    def can_ignore(self) -> bool:
        return self._unwanted() is not None

    @property
    def has_log(self) -> bool:
        return self.query_one(ScanTable).display and self._reported() is not None

    def has_change(self, key: str) -> bool:
        return self.query_one(ScanChanges).change(key) is not None

    # Actions

    def action_start(self) -> None:
        if work := self._work:
            work.resume()
        else:
            self._begin(Options())

    def action_retry(self) -> None:
        if self.session.scan is not None:
            self.session.scan.retry()
            self.notify("What could not be read is tried again.")
        else:
            self._retry()

    def action_full(self) -> None:
        self._begin(Options(full=True))

    def _begin(self, options: Options) -> None:
        self.session.start_scan(options)
        self.show_progress()

    def _retry(self) -> None:
        """Try failures again: probing, or measuring where that was done last."""
        if self.session.progress.kind != "measuring":
            self._begin(Options(retry=True))
            return
        from pluginary_tui.tui.core.measure_progress import bad_ones

        self.services.measure(bad_ones(self.session.progress, self.session.catalogue.plugins), retry=True)
        self.show_progress()

    def action_measure(self) -> None:
        """Go on with a measuring that was interrupted, or measure all that has no passport."""
        self.services.measure(self.session.unmeasured())
        self.show_progress()

    @property
    def _work(self) -> Scan | Measuring | None:
        """The scan or measuring that runs."""
        return self.session.scan or self.session.measuring

    def action_pause(self) -> None:
        work = self._work
        if work is None:
            return
        if self.session.progress.state == "paused":
            work.resume()
        else:
            work.pause()

    def _unwanted(self) -> Running | Ended | None:
        """The bundle to ignore: the one under the cursor, what runs longest, or the newest failure."""
        if self.session.progress.kind == "measuring":
            return None
        chosen = self.query_one(ScanTable).chosen
        about = chosen or next(iter(self.session.progress.running.values()), None) or self._reported()
        return about if about and about.path != BUILTIN_PATH else None

    def action_ignore(self) -> None:
        """Ask for the pattern to pass over; the bundle itself is offered, and the folders above it."""
        if (about := self._unwanted()) is not None:
            self.services.ask_ignore(about.path)

    def action_skip(self) -> None:
        progress, chosen = self.session.progress, self.query_one(ScanTable).chosen
        target = chosen if isinstance(chosen, Running) else next(iter(progress.running.values()), None)
        if target is None:
            return
        if self.session.scan is not None:
            self.session.scan.skip(target.path)
        elif self.session.measuring is not None:
            from pluginary_tui.tui.core.measure_progress import key_in

            self.session.measuring.skip(key_in(target.path, self.session.catalogue.plugins))
        self.notify(f"Skipping {target.name}.")

    def action_stop(self) -> None:
        if work := self._work:
            work.stop()

    def action_workers(self, by: int) -> None:
        if self.session.scan is not None:
            count = max(1, min(64, self.session.progress.workers + by))
            self.session.scan.set_workers(count)

    def action_discard(self) -> None:
        self.services.discard_interrupted()
        self.show_progress()

    def action_add_folder(self) -> None:
        self.services.ask_folder()

    def action_show_change(self, key: str) -> None:
        if change := self.query_one(ScanChanges).change(key):
            self.services.open_query(change.query)
        elif key == "u":
            self.action_undo()

    def on_scan_changes_chosen(self, event: ScanChanges.Chosen) -> None:
        self.services.open_query(event.query)

    def action_log(self) -> None:
        item = self._reported()
        if item is None:
            return
        progress, path = self.session.progress, item.path

        def find() -> Running | Ended | None:
            return progress.running.get(path) or next((each for each in progress.ended if each.path == path), None)

        self.services.ask(LogScreen(find, self.query_one(ScanTable).look))

    def action_back(self) -> None:
        """One step back: from the cursor to the newest, from there to Browse."""
        live = self.query_one(ScanTable)
        if live.display and live.cursor is not None:
            live.action_follow()
        else:
            self.services.show("browse")
