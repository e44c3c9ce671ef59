"""The plugins that pedalboard has still to be tried with: divided among the workers, and continued after a crash."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from pathlib import Path

from pluginary_tui.catalogue.load_checks import LoadChecks, LoadResult, PendingCheck
from pluginary_tui.isolation import jobs
from pluginary_tui.isolation.job_queue import Announce
from pluginary_tui.isolation.pool import Pool
from pluginary_tui.model import Attempt, Outcome, attempt, clean, clean_log
from pluginary_tui.scan.bundle_reading import SUSPECT_KILLS
from pluginary_tui.scan.discover import ignored
from pluginary_tui.scan.events import CheckEnded, ChecksPassedOver, CheckStarted
from pluginary_tui.scan.services import ScanServices

SHARE_FROM = 8
"""Plugins of one bundle that one process is given at least before another is given some of them."""

PATIENCE_S = 8.0
"""Seconds that a forked process may take for one plugin, which is then tried in a process of its own."""

LOG_LIMIT = 16 << 10
"""Characters kept of what a plugin printed while pedalboard did not load it."""


ATTRIBUTE_LIMIT = 16_384
"""Names of parameters kept of one plugin."""


@dataclass(slots=True, eq=False)
class CheckTask:
    """One job: some plugins of one bundle, tried one after another."""

    key: str
    path: str
    format: str
    left: list[PendingCheck]
    """What has not been answered yet, in the order of trying."""
    current: PendingCheck | None = None
    """The first of `left` while it is being tried."""
    single: bool = field(init=False)
    """Whether it was given one plugin only, which then is tried in the job's own process."""
    waits: bool = False
    """Whether a worker begins it when it is done with another."""
    holds: bool = True
    """Whether an instance of the first may be kept while the others are tried."""
    alone: bool = False
    """Whether nothing else may run beside it: the app died while it was in flight."""
    unwanted: bool = False
    """Whether it is being ended because its bundle is to be passed over."""
    faulty: bool = False
    """Whether it sent a message that does not belong there: nothing more of it is taken."""

    def __post_init__(self) -> None:
        self.single = len(self.left) == 1


class CheckQueue:
    """What is left to check and what is being checked."""

    def __init__(self, services: ScanServices, checks: LoadChecks, *, forks: bool = True) -> None:
        """`forks`: whether a job can try each of its plugins in a process that it forks; else each is a job."""
        self._services = services
        self._forks = forks
        self._checks = checks
        self._tasks: deque[CheckTask] = deque()
        self._alone: deque[CheckTask] = deque()
        """What is tried when all else is done."""
        self._in_flight: dict[str, CheckTask] = {}
        self._attempts: dict[int, list[Attempt]] = {}
        """What was refused, by the plugin's row, until its answer is kept."""
        self._serial = 0
        self._killed: set[int] = set()
        """Rows of plugins whose process was killed by SIGKILL, which no fault of a plugin raises."""
        self.total = self.done = 0

    @property
    def left(self) -> bool:
        return bool(self._tasks or self._alone)

    @property
    def busy(self) -> bool:
        return bool(self._in_flight)

    def add(self, pending: Iterable[PendingCheck], shares: int) -> None:
        """Put plugins on the list that are not on it, those of a large bundle in `shares` parts."""
        waiting = {check.key for task in self._waiting() for check in task.left}
        pending = [check for check in pending if check.key not in waiting]
        for _, group in groupby(pending, lambda check: check.path):
            plugins = list(group)
            self.total += len(plugins)
            known = [check for check in plugins if check.kills >= SUSPECT_KILLS or check.ambiguous]
            self._answer([_without_trying(check) for check in known], {check.key: check for check in known})
            plugins = [check for check in plugins if check not in known]
            suspects = [check for check in plugins if check.kills]
            plugins = [check for check in plugins if not check.kills]
            count = max(1, min(shares, len(plugins) // SHARE_FROM)) if self._forks else len(plugins)
            self._tasks.extend(self._task(plugins[first::count]) for first in range(count) if plugins)
            self._alone.extend(self._task([check], alone=True) for check in suspects)

    def _waiting(self) -> list[CheckTask]:
        return [*self._tasks, *self._alone]

    def _task(self, plugins: list[PendingCheck], *, holds: bool = True, alone: bool = False) -> CheckTask:
        self._serial += 1
        key = f"check\0{self._serial}"
        return CheckTask(key, plugins[0].path, plugins[0].format, plugins, holds=holds, alone=alone)

    # The pool

    def fill(self, pool: Pool) -> list[Announce]:
        begun: list[Announce] = []
        for key, task in self._in_flight.items():
            if task.faulty:
                pool.skip(key)
        if any(task.alone for task in self._in_flight.values()):
            return begun
        while self._tasks and pool.free:
            begun.append(self._start(pool, self._tasks.popleft()))
        while self._tasks and len(self._tasks[0].left) == 1 and pool.prefetch_slots:
            self._start(pool, self._tasks.popleft(), ahead=True)
        if not self._tasks and pool.free:
            pool.withdraw(pool.free)
        if self._alone and not self._tasks and not self._in_flight and pool.free:
            begun.append(self._start(pool, self._alone.popleft()))
        return begun

    def _start(self, pool: Pool, task: CheckTask, *, ahead: bool = False) -> Announce:
        self._checks.started([task.left[0].key])
        self._in_flight[task.key] = task
        task.waits = ahead
        payload = {
            "path": task.path,
            "format": task.format,
            "plugins": [[check.key, check.name_in_file or None] for check in task.left],
            "hold": task.left[0].uid if len(task.left) > 1 and task.holds and task.format == "vst3" else "",
            "patience_s": min(0.8 * self._services.settings.scan.timeout_s, PATIENCE_S),
        }
        entry = "pluginary_tui.scan.load_check:run"
        timeout_s, vendor = self._services.settings.scan.timeout_s, task.left[0].vendor
        job = jobs.Job(task.key, entry, payload, timeout_s, bundles=(task.path,), vendor=vendor)
        (pool.submit_ahead if ahead else pool.submit)(job)
        return partial(self._emit_started, task)

    def _emit_started(self, task: CheckTask) -> None:
        first = task.current or task.left[0]
        self._services.emit(
            CheckStarted(task.path, task.key, first.name, first.vendor, self._services.settings.scan.timeout_s)
        )

    # What happened

    def handle(self, event: jobs.Event) -> None:
        task = self._in_flight.get(event.key)
        if task is None:
            return
        match event:
            case jobs.JobStarted() if task.waits:
                task.waits = False
                self._emit_started(task)
            case jobs.MessageReceived(_, message):
                self._take(task, message)
            case jobs.AttemptRefused(_, kind, what):
                self._refused(task, attempt(kind, what, "load"))
            case jobs.JobEnded():
                self._ended(task, event)
                del self._in_flight[event.key]

    def _take(self, task: CheckTask, message: jobs.Message) -> None:
        """Take a message. A plugin shares its process with what sends them, so each must be the one that is due."""
        check = task.left[0] if task.left else None
        stage = message.get("stage") if check and message.get("key") == check.key else None
        again = message.get("outcome") == "again"
        if task.faulty or check is None:
            task.faulty = True
        elif stage == "check" and task.current is None:
            task.current = check
            self._emit_started(task)
        elif stage == "loaded" and task.current is check and not (again and task.single):
            task.current = None
            task.left.remove(check)
            if again:
                self._tasks.append(self._task([check]))
                self._checks.put_back([check.key])
            elif not self._tries_again(check, message.get("outcome"), message.get("signal")):
                self._answer([_result(check, message)], {check.key: check}, task.key)
            if task.left:  # its process does not wait before it goes on
                self._checks.started([task.left[0].key])
        else:
            task.faulty = True

    def _refused(self, task: CheckTask, tried: Attempt) -> None:
        """Note what the plugin in hand tried and the sandbox refused."""
        check = task.current or (task.left[0] if task.left else None)
        if check is not None and tried not in (known := self._attempts.setdefault(check.key, [])):
            known.append(tried)

    def _ended(self, task: CheckTask, event: jobs.JobEnded) -> None:
        if task.unwanted:
            self._drop([task])
        elif event.reason == "returned":
            self._put_back(task, first=True)
        elif event.reason == "launch":
            self._put_back(task)
            self._services.launch_failed(event.error)
        elif event.outcome is None and event.reason != "skipped" and not task.faulty:
            self._put_back(task)
        else:
            self._services.launched()
            if task.faulty:
                event.outcome, event.error = Outcome.FAILED, "It sent an answer that makes no sense"
            elif event.reason == "skipped":
                event.outcome, event.error = Outcome.SKIPPED, f"Skipped by you after {event.elapsed_s:.1f} s"
            self._go_on(task, event)

    def _go_on(self, task: CheckTask, event: jobs.JobEnded) -> None:
        """The verdict on the plugin in hand; the others are tried by the next process."""
        outcome = event.outcome or Outcome.FAILED
        if not task.left:
            return
        if outcome.bad and task.current is None and task.holds and len(task.left) > 1:
            task.holds = False
            self._put_back(task)
            return
        if outcome is Outcome.OK:  # it ended in good order and left some out
            outcome, event.error = Outcome.FAILED, event.error or "pedalboard gave no answer"
        check = task.current or task.left[0]
        task.left.remove(check)
        if not self._tries_again(check, outcome, event.signal):
            error = load_sentence(outcome, clean(event.error, 1000), event.signal)
            result = LoadResult(check.key, outcome, error, clean_log(event.log)[:LOG_LIMIT])
            self._answer([result], {check.key: check}, task.key)
        if task.left:
            self._tasks.appendleft(self._task(task.left))

    def _tries_again(self, check: PendingCheck, outcome: object, signal: object) -> bool:
        """Whether a plugin is tried again, alone: the system may have killed it for memory used by others."""
        if outcome != Outcome.CRASHED or signal != "SIGKILL" or check.key in self._killed:
            return False
        self._killed.add(check.key)
        self._alone.append(self._task([check], alone=True))
        self._checks.put_back([check.key])
        return True

    def _answer(self, results: list[LoadResult], checks: dict[int, PendingCheck], key: str = "") -> None:
        if not results:
            return
        for result in results:
            result.attempts = tuple(self._attempts.pop(result.key, ()))
        self._checks.finish(results)
        for result in results:
            self.done += 1
            check = checks[result.key]
            ended = CheckEnded(check.path, key, check.name, check.vendor, not result.outcome.bad, result.error)
            ended.done, ended.total = self.done, self.total
            self._services.plugin_checked(ended)

    def _put_back(self, task: CheckTask, *, first: bool = False) -> None:
        self._checks.put_back(check.key for check in task.left)
        if task.left:
            tasks = self._alone if task.alone else self._tasks
            (tasks.appendleft if first else tasks.append)(self._task(task.left, holds=task.holds, alone=task.alone))

    # Controls

    def skip(self, pool: Pool, path: str | None) -> None:
        for key, task in self._in_flight.items():
            if not task.waits and path in (None, task.path):
                pool.skip(key)
                return

    def leave_out(self, pool: Pool, patterns: Sequence[str]) -> None:
        """Take off the list what these patterns mean, and end what is being tried of it."""
        for key, task in self._in_flight.items():
            if ignored(Path(task.path), patterns):
                task.unwanted = True
                pool.skip(key)
        unwanted = [task for task in self._waiting() if ignored(Path(task.path), patterns)]
        if unwanted:
            self._drop(unwanted)

    def _drop(self, tasks: Collection[CheckTask]) -> None:
        keys = [check.key for task in tasks for check in task.left]
        self._checks.drop(keys)
        self._tasks = deque(task for task in self._tasks if task not in tasks)
        self._alone = deque(task for task in self._alone if task not in tasks)
        self.total -= len(keys)
        self._services.emit(ChecksPassedOver(frozenset(task.key for task in tasks), len(keys)))

    def put_back(self) -> None:
        flights, self._in_flight = self._in_flight, {}
        keys = [check.key for task in flights.values() for check in task.left]
        for task in flights.values():
            if task.left:
                tasks = self._alone if task.alone else self._tasks
                tasks.appendleft(self._task(task.left, holds=task.holds, alone=task.alone))
        if keys:
            self._services.try_to(lambda: self._checks.put_back(keys))


def _without_trying(check: PendingCheck) -> LoadResult:
    if check.ambiguous:
        error = "pedalboard finds plugins of a bundle by name, and an earlier one of this bundle has the same"
        return LoadResult(check.key, Outcome.FAILED, f"{error}.")
    error = f"This program was killed {check.kills} times in a row while pedalboard was loading it."
    return LoadResult(check.key, Outcome.CRASHED, error)


def _result(check: PendingCheck, message: jobs.Message) -> LoadResult:
    """A probe's answer about one plugin, with nothing in it trusted."""
    given = message.get("outcome")
    outcome = next((each for each in Outcome if each == given), Outcome.FAILED)
    names = message.get("attributes")
    names = names[:ATTRIBUTE_LIMIT] if isinstance(names, list) else []
    attributes = tuple(clean(name) for name in names if isinstance(name, str))
    error = ""
    if outcome.bad:
        signal = clean(message.get("signal", ""), 32)
        error = load_sentence(outcome, clean(message.get("error", ""), 1000), signal)
    log = str(message.get("log", ""))[:LOG_LIMIT].encode("utf-8", "replace").decode()
    log = clean_log(log) if outcome.bad else ""
    return LoadResult(check.key, outcome, error, log, attributes)


def load_sentence(outcome: Outcome, words: str, signal: str) -> str:
    """One line: how pedalboard's loading ended."""
    words = words.rstrip(".")
    match outcome:
        case Outcome.CRASHED:
            return f"It crashed in pedalboard{f' ({signal})' if signal else ''}."
        case Outcome.TIMEOUT:
            return f"pedalboard did not finish loading it: {words or 'no answer'}."
        case Outcome.MEMORY:
            return f"pedalboard did not finish loading it: {words or 'it took too much memory'}."
        case Outcome.SKIPPED:
            return f"{words}, while pedalboard was loading it."
    return f"{words or 'pedalboard refuses it, without a reason'}."
