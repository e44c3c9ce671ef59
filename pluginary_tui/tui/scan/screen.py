"""The scan screen: watch a scan, steer it, read what went wrong, see what it changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Middle, Vertical

from pluginary_tui.errors import PluginaryError
from pluginary_tui.scan.discover import BUILTIN_PATH
from pluginary_tui.scan.progress import Ended, Running
from pluginary_tui.scan.run import Options
from pluginary_tui.tui.scan import empty_states as cards
from pluginary_tui.tui.scan.empty_states import ScanCard
from pluginary_tui.tui.scan.header import NEWS_KEYS, ScanHead, ScanNews
from pluginary_tui.tui.scan.live_table import ScanTable
from pluginary_tui.tui.scan.log_view import LogPanel, LogScreen
from pluginary_tui.tui.widgets.chrome import KeyFooter, TopBar
from pluginary_tui.tui.widgets.compositor import IncrementalScreen

if TYPE_CHECKING:
    from pluginary_tui.scan.run import Scan
    from pluginary_tui.sound.run import Measuring
    from pluginary_tui.tui.app import PluginaryApp
    from pluginary_tui.tui.core.session import Session


_CHANGING = [
    *((action, "") for action in ("start", "pause", "skip", "stop", "workers", "retry", "full", "discard")),
    *((action, "") for action in ("measure", "add_folder", "log", "ignore")),
    *(("news", key) for key in NEWS_KEYS.values()),
]
"""The actions that are of use at some times only, with their parameter."""


class ScanScreen(IncrementalScreen):
    """Draws the session's progress; every key that steers a scan lives here."""

    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (16, "-short"), (28, "-tall")]  # noqa: RUF012 - declared as an instance variable there
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
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "start", "Start", id="scan_start", tooltip="Scan for what is new or changed, or resume"),
        Binding("space", "pause", "Pause / go on", id="scan_pause", tooltip="Begin no more probes, or go on"),
        Binding("x", "skip", "Skip", id="scan_skip", tooltip="End the probe under the cursor, or the longest running"),
        Binding("i", "ignore", "Ignore", id="scan_ignore", tooltip="Never probe the bundle, or its folder, any more"),
        Binding("S", "stop", "Stop", id="scan_stop", tooltip="End the scan now; s takes it up again"),
        Binding("d", "discard", "Discard rest", id="scan_discard", tooltip="Forget what a scan had still to do"),
        Binding("M", "measure", "Measure", id="scan_measure", tooltip="Measure what has no passport, or go on with it"),
        Binding("r", "retry", "Retry failed", id="scan_retry", tooltip="Probe what is in quarantine once more"),
        Binding("enter", "log", "Log", id="scan_log", tooltip="All that the bundle printed"),
        Binding("escape", "back", "Back", key_display="esc", id="scan_back"),
        Binding("plus,equals_sign", "workers(1)", "Workers", key_display="+/-", id="scan_more_workers"),
        Binding("minus", "workers(-1)", "Fewer workers", show=False, id="scan_fewer_workers"),
        Binding("F", "full", "Scan all again", id="scan_full", tooltip="Probe what has not changed, too"),
        Binding("a", "add_folder", "Add folder", id="scan_add_folder", tooltip="Search one more folder from now on"),
        Binding("n", "news('n')", "Show the new ones", show=False, id="scan_show_new"),
        Binding("u", "news('u')", "Show the updated ones", show=False, id="scan_show_updated"),
        Binding("m", "news('m')", "Show the ones that are gone", show=False, id="scan_show_gone"),
        Binding("f", "news('f')", "Show the failed ones", show=False, id="scan_show_failed"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._of_use: list[bool | None] = []

    def compose(self) -> ComposeResult:
        yield TopBar()
        with Vertical(id="scan-body"):
            yield ScanHead(id="scan-head")
            yield ScanNews(id="scan-news")
            yield ScanTable(id="scan-table", plain=self.session.settings.app.ascii)
            with Middle(id="scan-middle"):
                yield ScanCard(id="scan-card")
            yield LogPanel(id="scan-log")
        yield KeyFooter()

    @property
    def shell(self) -> PluginaryApp:
        return cast("PluginaryApp", self.app)

    @property
    def session(self) -> Session:
        return self.shell.session

    def on_mount(self) -> None:
        self.shell.scan_changed.subscribe(self, lambda _: self.show_progress())
        self.shell.catalogue_changed.subscribe(self, lambda _: self.show_progress())  # there is something to measure
        self.show_progress()

    def on_screen_resume(self) -> None:
        self.show_progress()

    def on_resize(self) -> None:
        self.call_after_refresh(self.show_progress)

    # Drawing

    def show_progress(self) -> None:
        """Bring every part of the screen up to date; cheap where nothing moved."""
        if not self.is_current:
            return
        session, progress = self.session, self.session.progress
        live = self.query_one(ScanTable)
        look = live.look
        begun = bool(session.busy or session.summary or progress.kind == "measuring")
        rows = bool(begun and (progress.running or progress.ended))
        self.query_one(ScanHead).display = begun
        live.display = rows
        self.query_one("#scan-middle").display = not rows
        if begun:
            self.query_one(ScanHead).show(progress, look)
        self.query_one(ScanNews).show(progress, look)
        if rows:
            live.show(progress)
            if not live.has_focus:
                live.focus()
        else:
            self.query_one(ScanCard).show(self._card(begun))
        self.query_one(LogPanel).show(self._told() if rows else None, look)
        self._offer_keys()

    def _offer_keys(self) -> None:
        """Drawing the footer anew is not free, so only when other keys are of use than before."""
        of_use = [self.check_action(action, (key,)) for action, key in _CHANGING]
        if of_use != self._of_use:
            self._of_use = of_use
            self.refresh_bindings()

    def _told(self) -> Running | Ended | None:
        """What the log panel is about: the bundle under the cursor, or the newest failure."""
        live = self.query_one(ScanTable)
        return live.chosen or next((item for item in self.session.progress.ended if item.outcome.bad), None)

    def _card(self, begun: bool) -> cards.Lines:
        session, look = self.session, self.query_one(ScanTable).look
        if session.progress.kind == "measuring":
            return cards.nothing_to_measure(session.progress, look)
        if session.scanning:
            return cards.discovering(session.settings, look)
        if begun:
            return cards.nothing_to_do(session.progress, look)
        if session.interrupted:
            return cards.interrupted(session.interrupted, look)
        if session.last_scan:
            return cards.scanned(session.last_scan, session.settings, look)
        return cards.never_scanned(session.settings, look)

    def on_scan_table_chosen(self) -> None:
        self.query_one(LogPanel).show(self._told(), self.query_one(ScanTable).look)
        self._offer_keys()

    # What the keys do

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that would do nothing are not there."""
        session = self.session
        progress, scanning = session.progress, session.scanning
        match action:
            case "start":
                return not session.busy or progress.state == "paused"
            case "pause":
                return bool(session.busy) and progress.state in ("discovering", "running", "paused")
            case "skip":
                return bool(session.busy and progress.running)
            case "ignore":
                return self._unwanted() is not None
            case "stop":
                return bool(session.busy) and progress.state != "stopping"
            case "measure":
                return not session.busy and bool(session.catalogue.plugins)
            case "workers":
                return scanning and progress.state == "running"
            case "retry" if scanning:
                bad = sum(item.outcome.bad for item in progress.ended)
                return progress.state in ("running", "paused") and bad + progress.quarantined > 0
            case "retry" if progress.kind == "measuring":
                return not session.busy and bool(progress.ended)
            case "retry" | "full":
                return not session.busy and (session.last_scan is not None or session.summary is not None)
            case "add_folder":
                return not session.busy
            case "discard":
                return not session.busy and session.interrupted is not None
            case "news":
                return self.query_one(ScanNews).change(str(parameters[0])) is not None
            case "log":
                return self.query_one(ScanTable).display and self._told() is not None
        return True

    def action_start(self) -> None:
        if work := self._work:
            work.resume()
        else:
            self._begin(Options())

    def action_retry(self) -> None:
        if self.session.scan is not None:
            self.session.scan.retry()
            self.notify("What could not be read is tried again.", markup=False)
        else:
            self._retry()

    def action_full(self) -> None:
        self._begin(Options(full=True))

    def _begin(self, options: Options) -> None:
        self.session.start_scan(options)
        self.show_progress()

    def _retry(self) -> None:
        """Once more what went wrong: probing, or measuring where that was done last."""
        if self.session.progress.kind != "measuring":
            self._begin(Options(retry=True))
            return
        from pluginary_tui.tui.core.measure_progress import bad_ones

        self.shell.measure(bad_ones(self.session.progress, self.session.catalogue.plugins), retry=True)
        self.show_progress()

    def action_measure(self) -> None:
        """Go on with a measuring that was interrupted, or measure all that has no passport."""
        try:
            plugins = self.session.unmeasured()
        except PluginaryError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        self.shell.measure(plugins)
        self.show_progress()

    @property
    def _work(self) -> Scan | Measuring | None:
        """What runs."""
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
        """What `ignore` is about: the bundle under the cursor, what runs longest, or the newest failure."""
        if self.session.progress.kind == "measuring":
            return None
        chosen = self.query_one(ScanTable).chosen
        about = chosen or next(iter(self.session.progress.running.values()), None) or self._told()
        return about if about and about.path != BUILTIN_PATH else None

    def action_ignore(self) -> None:
        """Ask for the pattern to pass over; the bundle itself is offered, and the folders above it."""
        if (about := self._unwanted()) is not None:
            self.shell.ask_ignore(about.path)

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
        self.notify(f"Skipping {target.name}.", markup=False)

    def action_stop(self) -> None:
        if work := self._work:
            work.stop()

    def action_workers(self, by: int) -> None:
        if self.session.scan is not None:
            count = max(1, min(64, self.session.progress.workers + by))
            self.session.scan.set_workers(count)

    def action_discard(self) -> None:
        self.session.discard_interrupted()
        self.notify("What was still to do is forgotten; what was read stays.", markup=False)
        self.show_progress()

    def action_add_folder(self) -> None:
        self.shell.ask_folder()

    def action_news(self, key: str) -> None:
        if change := self.query_one(ScanNews).change(key):
            self.shell.open_query(change.query)

    def on_scan_news_asked(self, event: ScanNews.Asked) -> None:
        self.shell.open_query(event.query)

    def action_log(self) -> None:
        item = self._told()
        if item is None:
            return
        progress, path = self.session.progress, item.path

        def find() -> Running | Ended | None:
            return progress.running.get(path) or next((each for each in progress.ended if each.path == path), None)

        self.app.push_screen(LogScreen(find, self.query_one(ScanTable).look))

    def action_back(self) -> None:
        """One step back: from the cursor to the newest, from there to Browse."""
        live = self.query_one(ScanTable)
        if live.display and live.cursor is not None:
            live.action_follow()
        else:
            self.shell.action_show("browse")
