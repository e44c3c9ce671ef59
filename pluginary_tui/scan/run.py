"""A scan: discovery, journal, pool, catalogue, and its events."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from pluginary_tui import logs
from pluginary_tui.catalogue.database import FILE_NAME
from pluginary_tui.catalogue.journal import Journal
from pluginary_tui.catalogue.load_checks import LoadChecks
from pluginary_tui.catalogue.lock import scan_lock
from pluginary_tui.catalogue.store import Store
from pluginary_tui.catalogue.usage import refresh_usage
from pluginary_tui.config import Settings
from pluginary_tui.errors import CatalogueError
from pluginary_tui.formats import CHECKED
from pluginary_tui.isolation.backends import FORK, default_method
from pluginary_tui.isolation.job_queue import LaunchGuard, work
from pluginary_tui.isolation.pool import Pool
from pluginary_tui.model import UNREAD, Outcome, Report
from pluginary_tui.scan import plan, resources
from pluginary_tui.scan.check_queue import CheckQueue
from pluginary_tui.scan.controls import ScanControls
from pluginary_tui.scan.discover import expanded, ignored
from pluginary_tui.scan.events import (
    BundleEnded,
    CheckEnded,
    Event,
    PassedOver,
    ReadingEnded,
    ScanEnded,
    ScanStarted,
    StateChanged,
    Summary,
    TriedAgain,
)
from pluginary_tui.scan.launch_log import LaunchLog
from pluginary_tui.scan.plan import Options as Options
from pluginary_tui.scan.probe_job import CHECKING, READING, pool_options
from pluginary_tui.scan.reading_queue import ReadingQueue

_log = logs.logger(__name__)

MACHINE_CHECK_S = 1.0
"""How often the machine's load is read, for the number of workers."""


class _Counted(NamedTuple):
    """What the summary counts of one bundle."""

    outcome: Outcome
    quarantined: bool
    plugins: int
    plugins_failed: int


class Scan(ScanControls):
    """One scan. `run` blocks and belongs into a thread; the controls may be used from any thread meanwhile."""

    def __init__(self, settings: Settings, data_dir: Path, options: Options | None = None) -> None:
        super().__init__(settings.scan.workers)
        wanted = options.sandbox if options else ""
        self.settings = replace(settings, scan=replace(settings.scan, sandbox=wanted)) if wanted else settings
        self.path = data_dir / FILE_NAME
        self.options = options or Options()
        self.summary = Summary()
        self._launch_log = LaunchLog(self.path)
        self._unwanted: list[str] = []
        """Patterns of what is to be left out, as given while the scan runs."""
        self._workers = 0
        self._shown = ("running", 0)
        """State and number of workers, as emitted last."""
        self._machine_at = 0.0
        self._emit: Callable[[Event], None] = lambda event: None
        self._pools: dict[str, Pool] = {}
        self._launches = LaunchGuard("probes", "nothing was held against them. Mend it and scan again.")
        self._unread: dict[str, _Counted] = {}
        """What the summary holds of each bundle that this scan could not read, by path."""

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
            self._launch_log,
            contextlib.ExitStack() as pools,
        ):
            self._journal, self._checks = Journal(store), LoadChecks(store)
            planned = self._plan(store, lambda: self._pool(READING, pools))
            self._readings = ReadingQueue(
                self, self._journal, self._launch_log, planned.vendors, resumed=bool(planned.resumed)
            )
            self._passed_over = planned.passed_over
            self._check_queue = CheckQueue(self, self._checks, forks=default_method() == FORK)
            self._paths = planned.paths
            self._narrow = planned.narrow
            self._retry_checks = self.options.retry
            self._readings.add(planned.todo)
            self._read_and_check(began, pools)
            self.summary.elapsed_s = round(time.monotonic() - began, 3)
            left = self._readings.left or self._check_queue.left
            how = "broken" if self._launches.message else "stopped" if left else "done"
            if complete := how == "done" and not self._journal.pending():
                self._journal.settle()
            self.summary.carried_over = self._journal.carried_over
            if complete:
                partial = bool(self.options.only or self.options.builtin_only)
                self._journal.end({**self.summary.as_dict(), "partial": partial})
            if self.summary.scanned or self.summary.removed:
                refresh_usage(store)
        if how == "done" and (self.summary.scanned or self.summary.removed):
            from pluginary_tui.catalogue.integrity import backups  # not before the workers are at work

            backups.backup_after_run(self.path, self.settings.backup.keep)
        _log.info("scan ended", extra={"how": how, **self.summary.as_dict()})
        emit(ScanEnded(self.summary, how, self._launches.message))
        return self.summary

    def _plan(self, store: Store, on_due: Callable[[], object]) -> plan.Plan:
        made = plan.make_plan(store, self._journal, self.settings, self.options, self._launch_log, on_due)
        self._checks.resume(killed=self._launch_log.killed)
        summary = self.summary
        summary.found, summary.unchanged, summary.resumed = made.found, made.unchanged, made.resumed
        summary.quarantined, summary.removed, summary.notes = made.quarantined, made.removed, made.notes
        if not self._pools:
            self._workers = self._workers_now()
        self._shown = ("running", self._workers)
        self._emit(
            ScanStarted(
                total=len(made.todo),
                unchanged=made.unchanged,
                resumed=made.resumed,
                quarantined=made.quarantined,
                removed=made.removed,
                workers=self._workers,
                notes=tuple(made.notes),
            )
        )
        for note in made.notes:
            _log.warning("discovery", extra={"note": note})
        return made

    def _read_and_check(self, began: float, pools: contextlib.ExitStack) -> None:
        """Read what there is to read, then check what pedalboard loads. What is to be read again comes first."""
        checks = self.settings.scan.load_check and not self.options.builtin_only
        while True:
            if self._readings.left:
                work(self._pool(READING, pools), _Reading(self))
                self._pools.pop(READING, None)
            if self._stopping or self._readings.left:
                return
            self.summary.read_s = round(time.monotonic() - began, 3)
            if checks:
                self._add_checks()
            elif not self.settings.scan.load_check:
                self._checks.drop()
            self._emit(ReadingEnded(self._check_queue.total - self._check_queue.done))
            if self._check_queue.left:
                work(self._pool(CHECKING, pools), _Checking(self))
                self._pools.pop(CHECKING, None)
            if self._stopping or not self._readings.left:
                return

    def _add_checks(self) -> None:
        """Put on the list what pedalboard was never tried with, and go on with what an interrupted scan left."""
        unwanted = [*expanded(self.settings.scan.ignore), *self._unwanted]
        wanted = [path for path in self._paths if not ignored(Path(path), unwanted)]
        self._checks.add(CHECKED, wanted, retry=self._retry_checks)
        self._retry_checks = False  # not once more after a person wanted bundles tried again
        pending = self._checks.pending()
        if self._narrow:
            pending = [check for check in pending if check.path in self._paths]
        pending = [check for check in pending if not ignored(Path(check.path), unwanted)]
        self._check_queue.add(pending, self._workers)

    def _pool(self, preload: str, pools: contextlib.ExitStack) -> Pool:
        """The pool of that kind, made where there is none: its workers start while the folders are looked through."""
        if preload not in self._pools:
            self._workers = self._workers_now()
            self._pools[preload] = pools.enter_context(Pool(self._workers, **pool_options(self.settings, preload)))
        return self._pools[preload]

    def _workers_now(self) -> int:
        """The number that a person chose, or that the machine can bear; read anew every MACHINE_CHECK_S at most."""
        if self.fixed:
            return self.fixed
        if time.monotonic() < self._machine_at:
            return self._workers
        self._machine_at = time.monotonic() + MACHINE_CHECK_S
        running = self._readings.running if hasattr(self, "_readings") else 0
        return resources.workers_wanted(resources.read_machine(), running, self.settings.scan.memory_limit_mb)

    @property
    def _stopping(self) -> bool:
        return bool(self._launches.message) or self._shown[0] == "stopping"

    def follow_controls(self, pool: Pool, skip: Callable[[Pool, str | None], None]) -> str:
        """Follow the controls; returns `running`, `paused` or `stopping`."""
        control = self.poll_all()
        if control.state == "running":
            self._workers = self._workers_now()
        if (control.state, self._workers) != self._shown:
            self._shown = (control.state, self._workers)
            pool.resize(self._workers)
            if control.state != "running":
                pool.withdraw()
            self._emit(StateChanged(control.state, self._workers))
        if self._stopping:
            return "stopping"
        for path in control.skips:
            skip(pool, path)
        if control.again:
            self._try_again()
        if control.again or control.unwanted:
            self._unwanted += expanded(control.unwanted)
            self._readings.leave_out(pool, self._unwanted)
            self._check_queue.leave_out(pool, self._unwanted)
        return control.state

    def _try_again(self) -> None:
        passed_over, self._passed_over = self._passed_over, []
        again = self._journal.try_again(passed_over)
        for entry, _ in again:
            counted = self._unread.pop(entry.bundle.path, None)
            if counted:
                self._count(counted, -1)
            else:  # passed over until now, or read badly before an interruption
                self.summary.quarantined -= 1
            self._readings.add([entry])
        if again:
            self._emit(TriedAgain(frozenset(entry.bundle.path for entry, _ in again)))

    # What the queues ask for

    @property
    def workers(self) -> int:
        return self._workers

    def emit(self, event: Event) -> None:
        self._emit(event)

    def bundle_read(self, report: Report, change: str, *, quarantined: bool) -> None:
        statuses = Counter(plugin.status for plugin in report.plugins)
        well = statuses[Outcome.OK]
        counted = _Counted(report.outcome, quarantined, well, statuses.total() - well - statuses[UNREAD])
        if report.outcome.bad:
            self._unread[report.bundle.path] = counted
        self._count(counted, 1)
        lacking = resources.layers_lacking(self.settings.scan.sandbox, report.sandbox)
        if lacking and lacking not in self.summary.notes:
            self.summary.notes.append(lacking)
        self.summary.new += change == "new"
        self.summary.updated += change == "updated"
        self._emit(BundleEnded(report, change, quarantined))

    def _count(self, counted: _Counted, by: int) -> None:
        """Add a bundle to the summary, or take it out again (`by` is -1)."""
        summary = self.summary
        summary.scanned += by
        summary.quarantined += by * counted.quarantined
        summary.plugins += by * counted.plugins
        summary.plugins_failed += by * counted.plugins_failed
        setattr(summary, counted.outcome, getattr(summary, counted.outcome) + by)

    def plugin_checked(self, event: CheckEnded) -> None:
        self.summary.loads += event.loads
        self.summary.loads_not += not event.loads
        self._emit(event)

    def passed_over(self, paths: frozenset[str]) -> None:
        self.summary.found -= len(paths)
        self._emit(PassedOver(paths))

    def launched(self) -> None:
        self._launches.launched()

    def launch_failed(self, error: str) -> None:
        self._launches.failed(error)

    def try_to(self, write: Callable[[], object]) -> None:
        with contextlib.suppress(CatalogueError):  # the error that is on its way already counts more
            write()


class _Reading:
    """The reading of a scan, as the loop under it sees it."""

    def __init__(self, scan: Scan) -> None:
        self._scan, self._queue = scan, scan._readings
        self.put_back, self.handle = self._queue.put_back, self._queue.handle
        self._state = "running"

    def control(self, pool: Pool) -> bool:
        self._state = self._scan.follow_controls(pool, self._queue.skip)
        return self._state != "stopping" and (self._queue.left or self._queue.busy)

    def fill(self, pool: Pool) -> list[Callable[[], object]]:
        return self._queue.fill(pool) if self._state == "running" else []


class _Checking:
    """The load checks of a scan. They end early when there is more to read."""

    def __init__(self, scan: Scan) -> None:
        self._scan, self._queue = scan, scan._check_queue
        self.put_back, self.handle = self._queue.put_back, self._queue.handle
        self._state = "running"

    def control(self, pool: Pool) -> bool:
        self._state = self._scan.follow_controls(pool, self._queue.skip)
        return self._state != "stopping" and (self._queue.left or self._queue.busy) and not self._scan._readings.left

    def fill(self, pool: Pool) -> list[Callable[[], object]]:
        return self._queue.fill(pool) if self._state == "running" else []
