"""The bundles that are to be read: which is next, on which worker, and what becomes of each."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

from pluginary_tui.catalogue.journal import LIST, Entry, Journal
from pluginary_tui.formats import DATA_ONLY
from pluginary_tui.isolation import jobs
from pluginary_tui.isolation.job_queue import Announce
from pluginary_tui.isolation.pool import Pool
from pluginary_tui.model import Bundle, Outcome, Report, clean_log
from pluginary_tui.scan import resources
from pluginary_tui.scan.batches import LEAST, MOST, Batches
from pluginary_tui.scan.bundle_reading import SHARES_EACH, SUSPECT_KILLS, BundleReading, ReadTask, skipped, unreadable
from pluginary_tui.scan.discover import BUILTIN_PATH, ignored
from pluginary_tui.scan.events import BundlePrinted, BundleRequeued, BundleStarted
from pluginary_tui.scan.launch_log import AHEAD, LaunchLog
from pluginary_tui.scan.report import categories
from pluginary_tui.scan.services import ScanServices

NO_DISPLAY_INSIDE = " No display is reachable in the sandbox."

SHORT_S = 0.2
"""Seconds that a short probe takes at most."""

SHORT_RUN = 8
"""After this many short probes in a row workers get their next bundle in advance; waiting for this process would cost a
tenth of each. Where probes take long, none has to wait behind another, and a kill of the app puts none under suspicion
that was not being probed."""


@dataclass(slots=True)
class _InFlight:
    """A probe that is running, or that a worker begins when it is done with another."""

    task: ReadTask
    waits: BundleStarted | None
    """What is to be emitted when it begins; None once it has."""
    memory_kills: int
    """What the machine had killed for the want of memory when the probe began."""
    unwanted: bool = False
    """Whether it is being ended because its bundle is to be passed over."""


class ReadingQueue:
    """What is left to read and what is being read; `handle` and `fill` belong to the thread of the scan."""

    def __init__(
        self,
        services: ScanServices,
        journal: Journal,
        launch_log: LaunchLog,
        vendors: dict[str, str],
        *,
        resumed: bool,
    ) -> None:
        self._services = services
        self._resumed = resumed
        """Whether the journal may hold parts of bundles from before an interruption."""
        self._journal = journal
        self._launch_log = launch_log
        self._vendors = vendors
        """By path, as known from earlier scans."""
        self._entries: deque[Entry] = deque()
        """Bundles of which no job has been submitted."""
        self._tasks: deque[ReadTask] = deque()
        """Jobs of bundles that have been opened; they come first."""
        self._alone: deque[Entry | ReadTask] = deque()
        """What is tried by itself when all else is done: it crashed before, or the app did beside it."""
        self._in_flight: dict[str, _InFlight] = {}
        self._started: set[str] = set()
        """Paths that the journal has as started."""
        self._announced: set[str] = set()
        """Paths of which a `BundleStarted` was the last event that a list of what is running follows."""
        self._short_run = 0
        self._batches = Batches()

    @property
    def left(self) -> bool:
        """Whether anything is still to be begun."""
        return bool(self._entries or self._tasks or self._alone)

    @property
    def busy(self) -> bool:
        return bool(self._in_flight)

    @property
    def running(self) -> int:
        """Probes that are running."""
        return sum(not flight.waits for flight in self._in_flight.values())

    def add(self, entries: Iterable[Entry]) -> None:
        """Put bundles on the list; one at which the app was killed again and again is not tried."""
        for entry in entries:
            if entry.kills >= SUSPECT_KILLS and not self._journal.parts(entry.bundle.path):
                error = f"This program was killed {entry.kills} times in a row while it was being probed."
                self._finish(Report(entry.bundle, Outcome.CRASHED, error=error, stage="launch"))
            elif entry.attempts or entry.kills:
                self._alone.append(entry)
            else:
                self._entries.append(entry)

    # The pool

    def fill(self, pool: Pool) -> list[Announce]:
        """Give every free worker something to do, and those that run short probes their next."""
        begun: list[Announce] = []
        for key, flight in self._in_flight.items():
            if flight.task.faulty:
                self._batches.skip(pool, key)
        if any(flight.task.alone for flight in self._in_flight.values()):
            return begun
        while (self._tasks or self._entries) and pool.free:
            begun += self._next(pool)
        while self._entries and not self._tasks and self._short_run >= SHORT_RUN and pool.prefetch_slots:
            begun += self._next(pool, ahead=True)
        if not self._entries and not self._tasks and pool.free:
            pool.withdraw(pool.free)  # nothing waits behind a slow one while there is someone to do it
        if self._alone and not (self._entries or self._tasks or self._in_flight) and pool.free:
            begun += self._begin_alone(pool)
        return begun

    def _next(self, pool: Pool, *, ahead: bool = False) -> list[Announce]:
        if self._tasks:
            return self._start(pool, self._tasks.popleft())
        if several := self._several():
            return self._open_several(pool, several, ahead=ahead)
        return self._open(pool, self._entries.popleft(), ahead=ahead)

    def _several(self) -> list[Entry]:
        """The next bundles, off the list, that one process can read; none where the next needs one of its own."""
        share = max(LEAST, min(MOST, len(self._entries) // (SHARES_EACH * self._services.workers)))
        found: list[Entry] = []
        while len(found) < share and self._entries and _is_data(self._entries[0]) and not self._resumed:
            found.append(self._entries.popleft())
        if len(found) == 1:
            self._entries.appendleft(found.pop())
        return found

    def _open_several(self, pool: Pool, entries: Sequence[Entry], *, ahead: bool) -> list[Announce]:
        """Begin the reading of bundles by one process. Each begins where its process says so."""
        scan = self._services.settings.scan
        single, memory_kills = [], resources.memory_kills()
        for entry in entries:
            reading = BundleReading(entry, scan.timeout_s, retry_crashed=scan.retry_crashed)
            (task,) = reading.begin((), self._services.workers)
            single.append(reading.job(task))
            bundle = entry.bundle
            started = BundleStarted(bundle.path, bundle.name, bundle.vendor, scan.timeout_s, task.attempt)
            self._in_flight[task.key] = _InFlight(task, started, memory_kills)
        self._launch_log.record([entry.bundle.path for entry in entries])
        (pool.submit_ahead if ahead else pool.submit)(self._batches.job(single))
        return []

    def _begin_alone(self, pool: Pool) -> list[Announce]:
        first = self._alone.popleft()
        if isinstance(first, ReadTask):
            return self._start(pool, first)
        return self._open(pool, first, alone=True)

    def _open(self, pool: Pool, entry: Entry, *, ahead: bool = False, alone: bool = False) -> list[Announce]:
        """Begin the reading of a bundle."""
        if entry.bundle.error:
            self._finish(unreadable(entry, entry.bundle.error))
            return []
        scan = self._services.settings.scan
        reading = BundleReading(entry, scan.timeout_s, retry_crashed=scan.retry_crashed)
        parts = self._journal.parts(entry.bundle.path) if self._resumed else ()
        tasks = reading.begin(parts, self._services.workers)
        if reading.report:
            self._finish(reading.report)
            return []
        first, *more = tasks
        first.alone = first.alone or alone
        self._put(more)
        return self._start(pool, first, ahead=ahead)

    def _start(self, pool: Pool, task: ReadTask, *, ahead: bool = False) -> list[Announce]:
        reading = task.reading
        path = reading.path
        if not self._launch_log.contains(path):
            following = () if task.alone else islice(self._entries, AHEAD - 1)
            self._launch_log.record([path, *(each.bundle.path for each in following)])
        if path not in self._started:
            # Also of one that is to wait: a kill of the app until it begins counts as one in flight, and at worst it is
            # tried alone next time.
            self._journal.started(path)
            self._started.add(path)
        if task.alone and reading.kept and task.positions:
            self._journal.part(path, task.positions[0], None)
        bundle = reading.entry.bundle
        vendor = bundle.vendor or self._vendors.get(path, "")
        started = BundleStarted(path, bundle.name, vendor, self._services.settings.scan.timeout_s, task.attempt)
        self._in_flight[task.key] = _InFlight(task, started if ahead else None, resources.memory_kills())
        (pool.submit_ahead if ahead else pool.submit)(reading.job(task, vendor))
        return [] if ahead else [partial(self._announce, started)]

    def _announce(self, started: BundleStarted) -> None:
        """A bundle of several plugins begins once, however many processes read it."""
        if started.path not in self._announced:
            self._announced.add(started.path)
            self._services.emit(started)

    def _put(self, tasks: Iterable[ReadTask], *, first: bool = False) -> None:
        for task in tasks:
            if task.alone:
                self._alone.append(task)
            elif first:
                self._tasks.appendleft(task)
            else:
                self._tasks.append(task)

    # What happened

    def handle(self, event: jobs.Event) -> None:
        for each in self._batches.translated(event):
            self._handle(each)

    def _handle(self, event: jobs.Event) -> None:
        flight = self._in_flight.get(event.key)
        if flight is None:
            return
        match event:
            case jobs.JobStarted() if flight.waits:
                if (path := flight.task.reading.path) not in self._started:  # of several for one process
                    self._journal.started(path)
                    self._started.add(path)
                self._announce(flight.waits)
                flight.waits = None
                self._in_flight[event.key] = self._in_flight.pop(event.key)  # what runs longest is the first
            case jobs.MessageReceived(_, message):
                self._take(flight.task, message)
            case jobs.AttemptRefused():
                flight.task.reading.refused(flight.task, event)
            case jobs.OutputReceived(_, text):
                self._services.emit(BundlePrinted(flight.task.reading.path, clean_log(text) + "\n"))
            case jobs.JobEnded():
                self._ended(event, flight)
                del self._in_flight[event.key]  # only now: where its result cannot be kept it is still to be done

    def _take(self, task: ReadTask, message: jobs.Message) -> None:
        reading = task.reading
        if not reading.take(task, message):
            return
        stage = message.get("stage")
        if reading.kept:
            if stage == "factory":
                self._journal.part(reading.path, LIST, message)
            elif stage == "load" and task.cursor.position is not None:
                self._journal.part(reading.path, task.cursor.position, None)
            elif stage in ("plugin", "failed"):
                self._journal.part(reading.path, message["position"], reading.builder.with_attempts(message))
        if stage != "parameters":
            self._services.emit(reading.builder.progress(task.cursor))

    def _ended(self, event: jobs.JobEnded, flight: _InFlight) -> None:
        """Keep a verdict; put a first crash, and what is not the plugin's doing, back on the list."""
        task = flight.task
        reading = task.reading
        if flight.unwanted and not (event.outcome is Outcome.OK and reading.complete):
            reading.give_up(task)
            if not self._shared(flight):
                self._drop([reading.path])
            return
        if event.reason == "returned":
            if reading.path in self._started:
                self._journal.requeue(reading.path, crashed=False)
                self._started.discard(reading.path)
                self._announced.discard(reading.path)
            if _is_data(reading.entry) and not reading.builder.classes:
                self._entries.appendleft(reading.entry)  # to be read with others again
            else:
                self._put([reading.put_back(task)], first=True)
            return
        short = event.outcome is Outcome.OK and event.elapsed_s < SHORT_S
        self._short_run = self._short_run + 1 if short else 0
        if event.reason == "launch":
            self._requeue(flight, reading.put_back(task), event.error)
            self._services.launch_failed(event.error)
            return
        self._services.launched()
        if task.faulty:
            self._go_on(task, event)
        elif event.reason == "skipped":
            self._go_on(task, skipped(event))
        elif event.outcome is None:
            self._requeue(flight, reading.put_back(task), "stopped; it is still to be done")
        elif event.signal == "SIGKILL" and resources.memory_kills() > flight.memory_kills:
            self._memory_ran_out(event, flight)
        else:
            self._go_on(task, event)

    def _go_on(self, task: ReadTask, event: jobs.JobEnded, *, blame: bool = True) -> None:
        """What follows from the end of a job: more jobs of its bundle, or the bundle's result."""
        reading = task.reading
        before = set(reading.builder.plugins)
        tasks = reading.ended(task, event, self._services.workers)
        if reading.kept and not reading.report:
            for position in reading.builder.plugins.keys() - before:
                kept = reading.builder.with_attempts(reading.builder.kept(position))
                self._journal.part(reading.path, position, kept)
        for each in tasks:
            if each.attempt > task.attempt:
                self._journal.requeue(reading.path, crashed=True)
                self._started.discard(reading.path)
                if not reading.builder.plugins:
                    self._announced.discard(reading.path)
                    self._services.emit(BundleRequeued(reading.path, each.why))
        self._put(tasks)
        if reading.report:
            self._finish(reading.report, blame=blame)

    def _shared(self, flight: _InFlight) -> bool:
        """Whether another probe reads the same bundle now."""
        return any(f is not flight and f.task.reading is flight.task.reading for f in self._in_flight.values())

    def _requeue(self, flight: _InFlight, task: ReadTask, why: str) -> None:
        path = task.reading.path
        self._put([task])
        if not self._shared(flight):
            self._journal.requeue(path, crashed=False)
            self._started.discard(path)
            self._announced.discard(path)
            self._services.emit(BundleRequeued(path, why))

    def _memory_ran_out(self, event: jobs.JobEnded, flight: _InFlight) -> None:
        """The system killed the probe because the machine's memory ran out, which another program may have caused."""
        task = flight.task
        if not task.alone:
            again = task.reading.put_back(task)
            again.alone = True
            self._requeue(flight, again, "memory ran out; it will be tried alone")
            return
        event.outcome, event.error, event.signal = Outcome.MEMORY, "The machine ran out of memory", ""
        self._go_on(task, event, blame=False)

    def _finish(self, report: Report, *, blame: bool = True) -> None:
        """Keep a result. What is bad goes into quarantine, unless the machine is to blame for that."""
        confined = report.sandbox not in ("", "off")
        if report.outcome.bad and resources.misses_display(f"{report.error}\n{report.log}", os.environ, confined):
            blame = False
            there = resources.has_display(os.environ)
            report.error += NO_DISPLAY_INSIDE if there else " There is no display here; scan where there is one."
        if report.outcome.bad and _is_gone(report.bundle):
            blame = False
            report.error += " It is not there any more."
        change = self._journal.finish(report, [categories(plugin) for plugin in report.plugins], quarantine=blame)
        self._started.discard(report.bundle.path)
        self._announced.discard(report.bundle.path)
        self._services.bundle_read(report, change, quarantined=blame and report.outcome.bad)

    # Controls

    def skip(self, pool: Pool, path: str | None) -> None:
        """End what is being read of this bundle, or what runs longest."""
        for key, flight in self._in_flight.items():
            if not flight.waits and path in (None, flight.task.reading.path):
                self._batches.skip(pool, key)
                return

    def leave_out(self, pool: Pool, patterns: Sequence[str]) -> None:
        """Take off the list what these patterns mean, and end what is being read of it."""
        ending = set()
        for key, flight in self._in_flight.items():
            if ignored(Path(flight.task.reading.path), patterns):
                flight.unwanted = True
                ending.add(flight.task.reading.path)
                self._batches.skip(pool, key)
        waiting = {_path(each) for each in (*self._entries, *self._tasks, *self._alone)}
        unwanted = {path for path in waiting if ignored(Path(path), patterns)}
        self._take_off(unwanted)
        if unwanted - ending:
            self._drop(unwanted - ending)

    def _take_off(self, paths: Collection[str]) -> None:
        """Begin nothing more of these bundles."""
        self._entries = deque(entry for entry in self._entries if entry.bundle.path not in paths)
        self._tasks = deque(task for task in self._tasks if task.reading.path not in paths)
        self._alone = deque(each for each in self._alone if _path(each) not in paths)

    def _drop(self, paths: Collection[str]) -> None:
        """These bundles are off the list, and nothing of them is being read."""
        gone = frozenset(paths)
        self._journal.drop(gone)
        self._started -= gone
        self._announced -= gone
        self._services.passed_over(gone)

    def put_back(self) -> None:
        """What was killed with the pool is still to be done, and is no failure."""
        flights, self._in_flight = self._in_flight, {}
        self._batches.clear()
        self._put([flight.task.reading.put_back(flight.task) for flight in flights.values()])
        paths = {flight.task.reading.path for flight in flights.values()}
        self._started -= paths
        if paths:
            self._services.try_to(lambda: self._journal.put_back(paths))


def _is_gone(bundle: Bundle) -> bool:
    """Whether a bundle that was there when the scan began is not there any more."""
    # Where discovery found an error the path may be a cleaned one, at which nothing ever was.
    return not bundle.error and bundle.path != BUILTIN_PATH and not os.path.lexists(bundle.path)


def _is_data(entry: Entry) -> bool:
    """Whether one process may read it together with others."""
    return entry.bundle.format in DATA_ONLY and not entry.bundle.error


def _path(each: Entry | ReadTask) -> str:
    return each.reading.path if isinstance(each, ReadTask) else each.bundle.path
