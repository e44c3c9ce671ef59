"""Where a scan stands: turns its events into the figures and rows that are shown."""

from __future__ import annotations

import time
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pluginary_tui.formatting import counted
from pluginary_tui.model import UNREAD, Outcome

if TYPE_CHECKING:
    from pluginary_tui.scan.events import BundleEnded, Event, Summary

KEEP_ENDED = 2000
"""Ended bundles kept for the table; older ones are in the catalogue anyway."""

SURE_DONE = 10
SURE_S = 2.0
"""Before this many are done, and this many seconds have gone, no time left is estimated."""

KEEP_LOG = 4000
"""Characters of a running bundle's output kept for the screen."""


@dataclass(slots=True)
class Running:
    """One bundle being probed now."""

    path: str
    name: str
    vendor: str
    timeout_s: float
    since: float
    """Monotonic seconds when the probe began."""
    rearmed: float
    """Monotonic seconds when the deadline last started anew."""
    stage: str = "launch"
    plugin: str = ""
    """Of a bundle that holds several: the one in hand."""
    done: int = 0
    expected: int = 0
    attempt: int = 1
    log: str = ""
    check: str = ""
    """Key of a load check, of which several may run for one bundle; empty while the bundle is read."""

    @property
    def row(self) -> str:
        """Its key in `Progress.running`."""
        return self.check or self.path

    @property
    def elapsed_s(self) -> float:
        return time.monotonic() - self.since

    @property
    def silent(self) -> float:
        """How much of the deadline is used up without a word from the probe, 0 to 1."""
        return min(1.0, (time.monotonic() - self.rearmed) / self.timeout_s) if self.timeout_s else 0.0


@dataclass(slots=True)
class Ended:
    """One bundle that is done; what a row of the table needs."""

    path: str
    name: str
    vendor: str
    outcome: Outcome
    plugins: int
    parameters: int
    elapsed_s: float
    error: str
    log: str
    change: str
    quarantined: bool
    summary: str = ""
    """What came of it, where that is something else than parameters."""


@dataclass(slots=True)
class Progress:
    """The state of one scan. Feed it every event with `take`; it never blocks and keeps little."""

    kind: str = "scanning"
    """What is being done, for who shows other work on the same board."""
    state: str = "discovering"
    """`discovering`, `running`, `paused`, `stopping`, `done`, `stopped` or `broken`."""
    total: int = 0
    done: int = 0
    plugins: int = 0
    """Plugins read so far, those of bundles that are being read included."""
    unchanged: int = 0
    resumed: int = 0
    quarantined: int = 0
    """Bundles passed over because they are in quarantine."""
    removed: int = 0
    workers: int = 0
    notes: tuple[str, ...] = ()
    """What could not be looked at on the disk, each a sentence."""
    running: dict[str, Running] = field(default_factory=dict)
    """By path, or by key of the load check."""
    ended: deque[Ended] = field(default_factory=lambda: deque(maxlen=KEEP_ENDED))
    """Newest first."""
    counts: Counter[str] = field(default_factory=Counter)
    """By outcome, and by change (`new`, `updated`)."""
    checking: bool = False
    """Whether all is read, and pedalboard's loading is being tried, plugin by plugin."""
    checks_total: int = 0
    checks_done: int = 0
    loads: int = 0
    """Plugins of which pedalboard was found to load them."""
    summary: Summary | None = None
    message: str = ""
    revision: int = 0
    """Grows with every event: a screen compares it to see whether anything is new."""
    began: float = field(default_factory=time.monotonic)
    finished: float = 0.0
    _beyond: int = 0
    """Plugins of the bundles that are done, less one for each: what `step` counts beside the bundles."""
    _partly: dict[str, int] = field(default_factory=dict)
    """Plugins read so far of the bundles that are being read, by path."""
    _work_s: float = 0.0
    _work_since: float = 0.0

    @property
    def over(self) -> bool:
        return self.state in ("done", "stopped", "broken")

    @property
    def elapsed_s(self) -> float:
        return (self.finished or time.monotonic()) - self.began

    @property
    def doing(self) -> str:
        """`scanning`, `checking` or `measuring`."""
        return "checking" if self.checking else self.kind

    @property
    def step(self) -> tuple[int, int]:
        """Done and total of what is being done, in plugins; when all is read and over, in bundles.

        A bundle counts as one plugin until it is known how many it holds.
        """
        if self.checking:
            return self.checks_done, self.checks_total
        if self.over:
            return self.done, self.total
        open_ = [run for run in self.running.values() if not run.check]
        done = self.done + self._beyond + sum(min(run.done, run.expected) for run in open_)
        return done, self.total + self._beyond + sum(max(0, run.expected - 1) for run in open_)

    @property
    def part(self) -> float:
        """How much of what is being done is done, 0 to 1."""
        done, total = self.step
        return min(1.0, done / total) if total else float(self.over)

    @property
    def steps_word(self) -> str:
        """What `step` counts, where a word is needed to tell."""
        return "" if self.over or self.checking else "plugins"

    @property
    def left(self) -> str:
        """What a scan has still to do, in words: bundles, load checks, or both."""
        bundles, checks = self.total - self.done, self.checks_total - self.checks_done
        parts = [counted(bundles, "bundle")] if bundles or not checks else []
        return " and ".join([*parts, counted(checks, "load check")] if checks else parts)

    @property
    def rate(self) -> float:
        """Plugins done per second of work (pauses do not count); 0 while unknown."""
        done, work = self.step[0], self._worked_s()
        return done / work if done and work > 0 else 0.0

    @property
    def more_follows(self) -> bool:
        """Whether work of another kind comes behind what `step` counts, so that the end cannot be known."""
        return False

    @property
    def left_s(self) -> float | None:
        """Seconds left at the rate so far; None while that cannot be known: at the beginning, and while only bundles
        with many plugins are left, whose duration is not known.
        """
        done, total = self.step
        if (
            self.more_follows
            or done < SURE_DONE
            or self._worked_s() < SURE_S
            or any(r.expected > 1 for r in self.running.values())
        ):
            return None
        return (total - done) / self.rate if self.rate else None

    def _worked_s(self) -> float:
        return self._work_s + (time.monotonic() - self._work_since if self._work_since else 0.0)

    def changes(self) -> list[tuple[int, str, str]]:
        """What came of it: how many bundles, or plugins where something was carried over, what they are, and the query
        that shows them.
        """
        n = self.counts
        return [
            (n["new"], "new", "is:new"),
            (n["updated"], "updated", "is:updated"),
            (self.removed, "gone", "status:missing"),
            (self.summary.carried_over if self.summary else 0, "carried over", "is:new,updated"),
            (sum(n[o] for o in Outcome if o.bad), "failed", "is:failed"),
        ]

    def take(self, event: Event) -> None:
        """Fold one event in."""
        # Here, for the app holds an empty board from its first frame on: what happens to it can wait.
        from pluginary_tui.scan.events import (
            BundleEnded,
            BundlePrinted,
            BundleProgress,
            BundleRequeued,
            BundleStarted,
            CheckEnded,
            ChecksPassedOver,
            CheckStarted,
            PassedOver,
            ReadingEnded,
            ScanEnded,
            ScanStarted,
            StateChanged,
            TriedAgain,
        )

        self.revision += 1
        match event:
            case ScanStarted():
                self.state, self.total, self.unchanged = "running", event.total, event.unchanged
                self.resumed, self.quarantined, self.removed = event.resumed, event.quarantined, event.removed
                self.workers, self.notes = event.workers, event.notes
                self._clock(running=True)
            case BundleStarted(path, name, vendor, timeout_s, attempt):
                now = time.monotonic()
                self.running[path] = Running(path, name, vendor, timeout_s, now, now, attempt=attempt)
            case BundleProgress():
                if run := self.running.get(event.path):
                    run.rearmed, run.stage = time.monotonic(), event.stage
                    run.vendor, run.plugin = event.vendor or run.vendor, event.name
                    if event.expected == 1:
                        run.name = event.name or run.name
                    run.done, run.expected = event.done, event.expected
                    self.plugins += event.done - self._partly.get(event.path, 0)
                    self._partly[event.path] = event.done
            case BundlePrinted(path, text):
                if run := self.running.get(path):
                    run.log = (run.log + text)[-KEEP_LOG:]
            case BundleRequeued(path):
                self.running.pop(path, None)
            case BundleEnded():
                self._end(event)
            case TriedAgain(paths):
                self._try_again(paths)
                self.checking = False
            case ReadingEnded(checks):
                self.checking, self.checks_total = checks > 0, self.checks_done + checks
                self._work_s, self._work_since = 0.0, time.monotonic()
            case CheckStarted(path, key, name, vendor, timeout_s):
                now = time.monotonic()
                self.running[key] = Running(path, name, vendor, timeout_s, now, now, stage="check", check=key)
            case CheckEnded():
                self.checks_done, self.checks_total = event.done, event.total
                self.loads += event.loads
                self.running.pop(event.key, None)
            case ChecksPassedOver(keys, count):
                self.checks_total -= count
                for key in keys:
                    self.running.pop(key, None)
            case PassedOver(paths):
                self.total -= len(paths)
                for path in paths:
                    self.running.pop(path, None)
            case StateChanged(state, workers):
                self._clock(running=state == "running")
                self.state, self.workers = state, workers
            case ScanEnded(summary, how, message):
                self._clock(running=False)
                self.state, self.summary, self.message = how, summary, message
                self.notes = tuple(dict.fromkeys((*self.notes, *summary.notes)))
                if how == "done":  # what is shown from now on is what it was about: bundles
                    self.checking = False
                self.finished = time.monotonic()
                self.running.clear()

    def _clock(self, *, running: bool) -> None:
        now = time.monotonic()
        if self._work_since:
            self._work_s += now - self._work_since
        self._work_since = now if running else 0.0

    def _try_again(self, paths: frozenset[str]) -> None:
        """What had ended in this scan has not; what was passed over is one more to do."""
        undone = [item for item in self.ended if item.path in paths]
        for item in undone:
            self.ended.remove(item)
            self._beyond -= max(0, item.plugins - 1)
            self.counts[item.outcome] -= 1
            self.plugins -= item.plugins
        passed_over = len(paths) - len(undone)
        self.done -= len(undone)
        self.total += passed_over
        self.quarantined -= passed_over

    def _end(self, event: BundleEnded) -> None:
        report = event.report
        self.running.pop(report.bundle.path, None)
        tried = sum(plugin.status != UNREAD for plugin in report.plugins)
        self.plugins += tried - self._partly.pop(report.bundle.path, 0)
        self._beyond += max(0, tried - 1)
        self.done += 1
        self.counts[report.outcome] += 1
        if event.change in ("new", "updated"):
            self.counts[event.change] += 1
        first = report.plugins[0] if report.plugins else None
        single = first is not None and len(report.plugins) == 1
        self.ended.appendleft(
            Ended(
                path=report.bundle.path,
                name=first.name if first and single else report.bundle.name,
                vendor=first.vendor if first else report.bundle.vendor,
                outcome=report.outcome,
                plugins=tried,
                parameters=sum(p.kind != "host" for found in report.plugins for p in found.parameters),
                elapsed_s=report.elapsed_s,
                error=report.error,
                log=report.log,
                change=event.change,
                quarantined=event.quarantined,
            )
        )
