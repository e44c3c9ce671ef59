"""A scan: discovery, journal, pool, catalogue, told as events."""

from __future__ import annotations

import contextlib
import os
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from pluginary_tui import logs
from pluginary_tui.catalogue.database import FILE_NAME
from pluginary_tui.catalogue.journal import Entry, Journal
from pluginary_tui.catalogue.lock import scan_lock
from pluginary_tui.catalogue.store import Store
from pluginary_tui.config import Settings
from pluginary_tui.errors import CatalogueError
from pluginary_tui.isolation import jobs
from pluginary_tui.isolation.pool import Pool
from pluginary_tui.isolation.pool import prepare as prepare
from pluginary_tui.model import Bundle, Outcome, ProbedPlugin, Report, clean, clean_log
from pluginary_tui.scan import plan, resources
from pluginary_tui.scan.controls import ScanControls
from pluginary_tui.scan.discover import expanded, ignored
from pluginary_tui.scan.events import (
    BundleEnded,
    BundlePrinted,
    BundleRequeued,
    BundleStarted,
    Event,
    PassedOver,
    ScanEnded,
    ScanStarted,
    StateChanged,
    Summary,
    TriedAgain,
)
from pluginary_tui.scan.job import pool_options, probe_job
from pluginary_tui.scan.launch_log import AHEAD, LaunchLog
from pluginary_tui.scan.plan import Options as Options
from pluginary_tui.scan.report import ReportBuilder, categories

_log = logs.logger(__name__)

LAUNCH_FAILURES = 3
"""Launches that fail in a row before the scan gives up: it is the machine then, not the plugins."""

SUSPECT_KILLS = 2
"""Times in a row that the app dies with a bundle in flight before that bundle is held to be the cause."""

SHORT_S = 0.2
"""Seconds that a short probe takes at most."""

SHORT_RUN = 8
"""So many short probes in a row, and each worker is told its next bundle ahead: what it would wait for this process is
a tenth of such a probe. Where they take long, none has to wait behind another, and a kill of the app puts none under
suspicion that was not being probed."""

TICK_S = 0.1
"""How soon a wish (pause, skip, stop) is heard while nothing else happens."""

LOOK_S = 1.0
"""How often the machine is looked at, for the number of workers."""


@dataclass(slots=True)
class _Flight:
    """A probe that is running, or that a worker begins when it is done with another."""

    entry: Entry
    collector: ReportBuilder
    alone: bool
    waits: BundleStarted | None
    """What is to be told when it begins; None once it has."""
    memory_kills: int
    """What the machine had killed for the want of memory when the probe began."""
    unwanted: bool = False
    """Whether it is being ended because its bundle is to be passed over."""


class Scan(ScanControls):
    """One scan. `run` blocks and belongs into a thread; everything else may be called from any thread meanwhile."""

    def __init__(self, settings: Settings, data_dir: Path, options: Options | None = None) -> None:
        super().__init__(settings.scan.workers)
        self.settings = settings
        self.path = data_dir / FILE_NAME
        self.options = options or Options()
        self.summary = Summary()
        self._passed_over: list[Bundle] = []
        self._unwanted: list[str] = []
        """Patterns of what is to be left out, as told while the scan runs."""
        self._workers = 0
        self._look_at = 0.0
        self._emit: Callable[[Event], None] = lambda event: None
        self._queue: deque[Entry] = deque()
        self._alone: deque[Entry] = deque()
        """What is to be tried by itself, when all else is done: it fell over before, or the app did beside it."""
        self._ahead = LaunchLog(self.path)
        self._pool: Pool | None = None
        self._flight: dict[str, _Flight] = {}
        self._vendors: dict[str, str] = {}
        self._classes: dict[str, list[ProbedPlugin]] = {}
        """What the factory of a bundle that crashed had told, for its second try, which leaves the factory alone."""
        self._failed_launches = 0
        self._short_run = 0
        """Short probes in a row."""
        self._message = ""

    def run(self, emit: Callable[[Event], None]) -> Summary:
        """Scan to the end, or until it is stopped; `emit` gets every event, in this thread.

        Raises CatalogueError or ScanError where it cannot begin or cannot go on: one sentence, nothing lost.
        """
        began = time.monotonic()
        self._emit = emit
        data_dir = self.path.parent
        with (
            Store.in_folder(data_dir, durable=True) as store,
            scan_lock(self.path),
            self._ahead,
            contextlib.ExitStack() as hired,
        ):
            journal = Journal(store)
            self._plan(store, journal, lambda: self._hire(hired))
            if self._left:
                self._work(self._hire(hired), journal)
            self.summary.elapsed_s = round(time.monotonic() - began, 3)
            how = "broken" if self._message else "stopped" if self._left else "done"
            if how == "done" and not journal.pending():
                journal.end(self.summary.as_dict())
        if how == "done" and (self.summary.scanned or self.summary.removed):
            from pluginary_tui.catalogue.integrity import backups  # not before the workers are at work

            backups.backup_after_run(self.path, self.settings.backup.keep)
        _log.info("scan ended", extra={"how": how, **self.summary.as_dict()})
        emit(ScanEnded(self.summary, how, self._message))
        return self.summary

    @property
    def _left(self) -> bool:
        return bool(self._queue or self._alone)

    def _hire(self, hired: contextlib.ExitStack) -> Pool:
        """Have workers, which take as long to start as it takes to look through the folders: a fourteenth of a scan of
        300 bundles.
        """
        if self._pool is None:
            self._workers = self._workers_now()
            self._pool = hired.enter_context(Pool(self._workers, **pool_options(self.settings)))
        return self._pool

    def _plan(self, store: Store, journal: Journal, expect: Callable[[], object]) -> None:
        made = plan.make_plan(store, journal, self.settings, self.options, self._ahead, expect)
        self._vendors, self._passed_over = made.vendors, made.passed_over
        self.summary.found, self.summary.unchanged = made.found, made.unchanged
        self.summary.quarantined, self.summary.removed = made.quarantined, made.removed
        self.summary.resumed = made.resumed
        if self._pool is None:
            self._workers = self._workers_now()
        self._emit(
            ScanStarted(
                total=len(made.todo),
                unchanged=made.unchanged,
                resumed=made.resumed,
                quarantined=made.quarantined,
                removed=made.removed,
                workers=self._workers,
            )
        )
        for entry in made.todo:
            if entry.kills < SUSPECT_KILLS:
                self._put(entry)
                continue
            error = f"This program was killed {entry.kills} times in a row while it was being probed."
            self._finish(journal, Report(entry.bundle, Outcome.CRASHED, error=error, stage="launch"))

    def _put(self, entry: Entry) -> None:
        (self._alone if entry.attempts or entry.kills else self._queue).append(entry)

    def _workers_now(self) -> int:
        """As many as are wished for or as the machine can bear; looked at every LOOK_S at most."""
        if self.fixed:
            return self.fixed
        if time.monotonic() < self._look_at:
            return self._workers
        self._look_at = time.monotonic() + LOOK_S
        running = sum(not flight.waits for flight in self._flight.values())
        return resources.workers_wanted(resources.read_machine(), running, self.settings.scan.memory_limit_mb)

    def _work(self, pool: Pool, journal: Journal) -> None:
        state, workers = "running", self._workers
        try:
            with pool:
                while True:
                    wish = self.poll_all()
                    if wish.state == "running":
                        self._workers = self._workers_now()
                    if (wish.state, self._workers) != (state, workers):
                        state, workers = wish.state, self._workers
                        pool.resize(workers)
                        if state != "running":
                            pool.withdraw()
                        self._emit(StateChanged(state, workers))
                    if state == "stopping" or self._message:
                        break
                    for path in wish.skips:
                        self._skip(pool, path)
                    if wish.again:
                        self._try_again(journal)
                    if wish.again or wish.unwanted:
                        self._leave_out(pool, journal, wish.unwanted)
                    if not self._left and not self._flight:  # only now: what was wished for last may be more to do
                        break
                    if state == "running":
                        self._tell(self._fill(pool, journal))
                    events = pool.events(TICK_S)
                    # Before what has ended is kept: a worker that is free does not wait for the catalogue.
                    started = self._fill(pool, journal) if events and state == "running" else []
                    for event in events:
                        self._heard(event, journal)
                    self._tell(started)
        finally:
            self._give_back(journal)

    def _give_back(self, journal: Journal) -> None:
        """What was killed with the pool is nobody's fault, and still to be done."""
        flights, self._flight = self._flight, {}
        for flight in flights.values():
            self._put(flight.entry)
        if flights:
            with contextlib.suppress(CatalogueError):  # the error that is on its way already counts more
                journal.give_back(flights)

    def _tell(self, events: Iterable[Event]) -> None:
        for event in events:
            self._emit(event)

    def _fill(self, pool: Pool, journal: Journal) -> list[BundleStarted]:
        """Give every free worker something to do, and those that run short probes their next; the events of it are
        still to be told.
        """
        started: list[BundleStarted] = []
        if any(flight.alone for flight in self._flight.values()):
            return started
        while self._queue and pool.free:
            started += self._start(pool, journal, self._queue.popleft())
        while self._queue and self._short_run >= SHORT_RUN and pool.prefetch_slots:
            started += self._start(pool, journal, self._queue.popleft(), behind=True)
        if not self._queue and pool.free:
            pool.withdraw(pool.free)  # nothing waits behind a slow one while there is someone to do it
        if self._alone and not self._queue and not self._flight and pool.free:
            started += self._start(pool, journal, self._alone.popleft(), alone=True)
        return started

    def _start(
        self, pool: Pool, journal: Journal, entry: Entry, *, alone: bool = False, behind: bool = False
    ) -> list[BundleStarted]:
        bundle = entry.bundle
        if bundle.error:
            self._finish(journal, Report(bundle, Outcome.FAILED, error=bundle.error, stage="factory"))
            return []
        if not self._ahead.contains(bundle.path):
            ahead = () if alone else islice(self._queue, AHEAD - 1)
            self._ahead.record(each.bundle.path for each in (entry, *ahead))
        # Also of one that is to wait, for nobody asks here before it begins: a kill of the app until then counts as one
        # in flight, and at worst it is tried alone next time.
        journal.started(bundle.path)
        walk = bundle.path not in self._classes
        collector = ReportBuilder(bundle, classes=self._classes.pop(bundle.path, []), walks=walk)
        vendor = bundle.vendor or self._vendors.get(bundle.path, "")
        started = BundleStarted(bundle.path, bundle.name, vendor, self.settings.scan.timeout_s, entry.attempts + 1)
        waits = started if behind else None
        self._flight[bundle.path] = _Flight(entry, collector, alone, waits, resources.memory_kills())
        submit = pool.submit_ahead if behind else pool.submit
        submit(probe_job(bundle, self.settings, walk=walk))
        return [] if behind else [started]

    def _try_again(self, journal: Journal) -> None:
        passed_over, self._passed_over = self._passed_over, []
        again = journal.try_again(passed_over)
        for entry, outcome in again:
            self.summary.quarantined -= 1
            if outcome:
                self.summary.scanned -= 1
                setattr(self.summary, outcome, getattr(self.summary, outcome) - 1)
            self._put(entry)
        if again:
            self._emit(TriedAgain(frozenset(entry.bundle.path for entry, _ in again)))

    def _leave_out(self, pool: Pool, journal: Journal, patterns: Iterable[str]) -> None:
        self._unwanted += expanded(patterns)
        for path, flight in self._flight.items():
            if ignored(Path(path), self._unwanted):
                flight.unwanted = True
                pool.skip(path)
        unwanted = [e.bundle.path for e in (*self._queue, *self._alone) if ignored(Path(e.bundle.path), self._unwanted)]
        if unwanted:
            self._drop(journal, unwanted)

    def _drop(self, journal: Journal, paths: Iterable[str]) -> None:
        unwanted = frozenset(paths)
        journal.drop(unwanted)
        self._queue = deque(entry for entry in self._queue if entry.bundle.path not in unwanted)
        self._alone = deque(entry for entry in self._alone if entry.bundle.path not in unwanted)
        self.summary.found -= len(unwanted)
        self._emit(PassedOver(unwanted))

    def _skip(self, pool: Pool, path: str | None) -> None:
        running = (path for path, flight in self._flight.items() if not flight.waits)
        target = path if path is not None else next(running, None)
        if target in self._flight:
            pool.skip(target)

    def _heard(self, event: jobs.Event, journal: Journal) -> None:
        flight = self._flight.get(event.key)
        if flight is None:
            return
        match event:
            case jobs.JobStarted() if flight.waits:
                self._emit(flight.waits)
                flight.waits = None
                self._flight[event.key] = self._flight.pop(event.key)  # the one that runs longest is the first
            case jobs.MessageReceived(_, message):
                flight.collector.take(message)
                if message.get("stage") != "parameters":
                    self._emit(flight.collector.progress())
            case jobs.OutputReceived(_, text):
                self._emit(BundlePrinted(event.key, clean_log(text) + "\n"))
            case jobs.JobEnded():
                self._ended(event, flight, journal)
                del self._flight[event.key]  # only now: where its result cannot be kept it is still to be done

    def _ended(self, event: jobs.JobEnded, flight: _Flight, journal: Journal) -> None:
        """A verdict is kept; a first crash, and what is not the plugin's doing, goes back on the list."""
        entry, collector = flight.entry, flight.collector
        if event.reason == "returned":
            journal.requeue(entry.bundle.path, crashed=False)
            self._queue.appendleft(entry)
            return
        self._short_run = self._short_run + 1 if event.outcome is Outcome.OK and event.elapsed_s < SHORT_S else 0
        if event.reason == "launch":
            self._launch_failed(event, entry, journal)
            return
        self._failed_launches = 0
        if flight.unwanted and event.outcome is not Outcome.OK:
            self._drop(journal, [event.key])
        elif event.reason == "skipped":
            event.error = f"Skipped by you after {event.elapsed_s:.1f} s"
            self._finish(journal, collector.finish(event, Outcome.TIMEOUT))
        elif event.outcome is None:  # stopped
            self._requeue(journal, entry, "stopped; it is still to be done")
        elif event.signal == "SIGKILL" and resources.memory_kills() > flight.memory_kills:
            self._memory_ran_out(event, flight, journal)
        elif event.outcome is Outcome.CRASHED and entry.attempts == 0 and self.settings.scan.retry_crashed:
            if event.signal != "SIGKILL":  # that one came from outside, and the look at the factory is not to blame
                self._classes[entry.bundle.path] = collector.classes
            entry.attempts += 1
            self._requeue(journal, entry, "crashed; it will be tried once more, alone", crashed=True)
        else:
            self._finish(journal, collector.finish(event, event.outcome))

    def _requeue(self, journal: Journal, entry: Entry, why: str, *, crashed: bool = False) -> None:
        journal.requeue(entry.bundle.path, crashed=crashed)
        self._put(entry)
        self._emit(BundleRequeued(entry.bundle.path, why))

    def _launch_failed(self, event: jobs.JobEnded, entry: Entry, journal: Journal) -> None:
        self._failed_launches += 1
        self._requeue(journal, entry, event.error)
        if self._failed_launches >= LAUNCH_FAILURES:
            why = clean(event.error, 400).removeprefix("could not be started: ").rstrip(".")
            self._message = (
                f"{LAUNCH_FAILURES} probes in a row could not be started ({why}), so the trouble is with this "
                "machine, not with the plugins; nothing was held against them. Mend it and scan again."
            )

    def _memory_ran_out(self, event: jobs.JobEnded, flight: _Flight, journal: Journal) -> None:
        """The system killed the probe because the machine's memory ran out, by whoever's doing."""
        if not flight.alone:
            journal.requeue(flight.entry.bundle.path, crashed=False)
            self._alone.append(flight.entry)
            self._emit(BundleRequeued(flight.entry.bundle.path, "memory ran out; it will be tried alone"))
            return
        event.error, event.signal = "The machine ran out of memory", ""
        self._finish(journal, flight.collector.finish(event, Outcome.MEMORY), blame=False)

    def _finish(self, journal: Journal, report: Report, *, blame: bool = True) -> None:
        """Keep a result. It goes into quarantine where it is bad, unless the machine is to blame for that."""
        bad = report.outcome.bad
        if bad and resources.misses_display(f"{report.error}\n{report.log}", os.environ):
            blame = False
            report.error += " There is no display here; scan where there is one."
        quarantine = bad and blame
        change = journal.finish(report, [categories(plugin) for plugin in report.plugins], quarantine=quarantine)
        self.summary.scanned += 1
        self.summary.quarantined += quarantine
        self.summary.new += change == "new"
        self.summary.updated += change == "updated"
        setattr(self.summary, report.outcome, getattr(self.summary, report.outcome) + 1)
        self._emit(BundleEnded(report, change, quarantine))
