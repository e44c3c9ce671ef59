"""The reading of one bundle, job by job: divided among the workers where it holds many plugins, and continued after a
plugin that ended its process.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from pluginary_tui.catalogue.journal import LIST, NOT_ENDED, Entry, Part
from pluginary_tui.formats import DATA_ONLY, DESCRIPTIONS, READERS
from pluginary_tui.isolation import jobs
from pluginary_tui.model import Outcome, Report, attempt
from pluginary_tui.scan.report import Cursor, ReportBuilder, sentence

SUSPECT_KILLS = 2
"""Times in a row that the app dies with a bundle or plugin in flight before that one is held to be the cause."""

MESSAGES_PER_PLUGIN = 8
"""Messages that a reader sends at most until a plugin is read: of the factory, of the plugin's stages, its report."""

SHARES_EACH = 3
"""Shares of a large bundle for each worker."""
SHARE = 12
"""Plugins of a share at least, where each worker has one: every share opens the bundle again."""

_LOADED_BEFORE = re.compile(r"undefined symbol|symbol not found|version [`'][^']+' not found|static TLS block")
"""In the loader's message where a library that this program has loaded may stand in the way of the plugin's own."""


@dataclass(slots=True, eq=False)
class ReadTask:
    """One job of a bundle's reading."""

    reading: BundleReading
    key: str
    """Names the job; the bundle's path for the first."""
    positions: tuple[int, ...] | None = None
    """Of the plugins to read; None for those that the first process to open the bundle reads."""
    attempt: int = 1
    """2 for the second try of what crashed."""
    alone: bool = False
    """Whether nothing else may run beside it: it crashed before, or the app died beside it."""
    fresh: bool = False
    """Whether it needs an interpreter that has loaded nothing before."""
    why: str = ""
    """Why it is to be tried once more, for a person."""
    cursor: Cursor = field(default_factory=Cursor)
    delivered: int = 0
    """Plugins whose reading has ended in this job."""
    messages: int = 0
    """Messages received since the last one of these."""
    faulty: bool = False
    """Whether it sent a message that no reader sends at that point: nothing more of it is taken."""


class BundleReading:
    """What is known of a bundle while its jobs run, and what is still to be done. `report` is there when it is over."""

    def __init__(self, entry: Entry, timeout_s: float, *, retry_crashed: bool = True) -> None:
        self.entry = entry
        self.builder = ReportBuilder(entry.bundle)
        self.report: Report | None = None
        self._timeout_s = timeout_s
        self._retry_crashed = retry_crashed
        self._open: set[str] = set()
        """Keys of the jobs that are still to end."""
        self._serial = 0

    @property
    def path(self) -> str:
        return self.entry.bundle.path

    @property
    def kept(self) -> bool:
        """Whether what its probes send is worth keeping until the bundle is done: it holds several plugins, which take
        time to read.
        """
        return len(self.builder.classes) > 1 and self.entry.bundle.format not in ("builtin", *DATA_ONLY)

    @property
    def complete(self) -> bool:
        """Whether every plugin that is to be read has been."""
        return bool(self.builder.plugins) and not self._todo()

    def begin(self, parts: Iterable[Part] = (), shares: int = 1) -> list[ReadTask]:
        """The first jobs. `parts`: what was kept of the bundle when the scan was interrupted."""
        suspects: list[Part] = []
        for part in parts:
            if part.message not in ("", NOT_ENDED):
                self.builder.restore(json.loads(part.message))
            elif part.position != LIST:
                suspects.append(part)
        if not self.builder.classes:
            return [self._task(alone=bool(self.entry.attempts or self.entry.kills))]
        for part in suspects:
            if part.kills >= SUSPECT_KILLS:
                error = f"This program was killed {part.kills} times in a row while it was being read."
                self.builder.fail(part.position, Outcome.CRASHED, error, "launch")
        alone = [part.position for part in suspects if 0 < part.kills < SUSPECT_KILLS]
        if self.entry.kills >= SUSPECT_KILLS and not any(part.kills for part in suspects):
            # The app died before it knew which plugin had begun: in a process of its own each is noted beforehand.
            alone = self._todo()
        tasks = self._share([at for at in self._todo() if at not in alone], shares)
        tasks += [self._task((at,), alone=True) for at in alone]
        if not tasks:
            self.report = self.builder.finish()
        return tasks

    def job(self, task: ReadTask, vendor: str = "") -> jobs.Job:
        """The job as the pool takes it; `vendor` as known from earlier scans."""
        bundle = self.entry.bundle
        payload: jobs.Message = {"path": bundle.path, "format": bundle.format, "fresh": task.fresh}
        if task.positions is not None:
            payload["positions"] = task.positions
        elif self.entry.only:
            payload["only"] = self.entry.only
        return jobs.Job(
            task.key,
            "pluginary_tui.scan.probe:run",
            payload,
            self._timeout_s,
            bundles=(bundle.path, *_described_in(bundle.format)),
            vendor=bundle.vendor or vendor,
            imports=(f"pluginary_tui.scan.readers.{READERS[bundle.format]}",),
            fresh=task.fresh,
        )

    def take(self, task: ReadTask, message: jobs.Message) -> bool:
        """Add a message of the task's probe. False where it is `faulty`: its job is to be ended.

        A plugin shares its process with the reader, so it may send anything; without these checks it could go on
        sending for ever, or name plugins that are not its bundle's and be read again without end.
        """
        if task.faulty or not self._expected(task, message):
            task.faulty = True
            return False
        task.messages += 1
        before = len(self.builder.plugins)
        self.builder.take(message, task.cursor)
        if len(self.builder.plugins) > before:
            task.delivered, task.messages = task.delivered + 1, 0
        return True

    def refused(self, task: ReadTask, event: jobs.AttemptRefused) -> None:
        """Note what the task's probe tried and the sandbox refused."""
        self.builder.refused(attempt(event.kind, event.what), task.cursor)

    def _expected(self, task: ReadTask, message: jobs.Message) -> bool:
        """Whether a reader can send this message at this point of its job."""
        stage, position = message.get("stage"), message.get("position")
        if task.messages >= MESSAGES_PER_PLUGIN or not isinstance(stage, str):
            return False
        if stage == "factory":
            return task.positions is None and not task.messages and not task.delivered
        if stage not in ("load", "parameters", "plugin", "failed") or type(position) is not int:
            return False
        if task.positions is not None:
            allowed = position in task.positions
        elif self.builder.classes:
            allowed = position in self.builder.classes
        else:  # read through pedalboard, one after the other
            allowed = position == len(self.builder.plugins)
        return allowed and position not in self.builder.plugins

    def ended(self, task: ReadTask, event: jobs.JobEnded, shares: int) -> list[ReadTask]:
        """What is to be done next, `shares` at a time; nothing, and `report` is there, where the bundle is done."""
        self.builder.add(event)
        self._open.discard(task.key)
        if task.faulty and event.outcome in (None, Outcome.OK):
            event = replace(event, outcome=Outcome.FAILED, error="sent a report that makes no sense")
        outcome = event.outcome or Outcome.FAILED
        tasks: list[ReadTask] = []
        if outcome is Outcome.OK:
            if task.positions is None:
                tasks = self._share(self._todo(), shares)
        elif task.cursor.position is None and not task.delivered:
            tasks = self._not_opened(task, event, outcome)
        else:
            tasks = self._go_on(task, event, outcome)
        if not tasks and not self._open and self.report is None:
            for at in self._todo():  # nothing is left that would read these
                self.builder.fail(at, Outcome.FAILED, "It was not offered by its bundle.", "load")
            self.report = self.builder.finish()
        return tasks

    def put_back(self, task: ReadTask) -> ReadTask:
        """The task that does what this one, which ended without its doing, has not done."""
        self._open.discard(task.key)
        positions = task.positions
        if task.delivered:
            positions = tuple(at for at in self._todo() if positions is None or at in positions)
        return self._task(positions, attempt=task.attempt, alone=task.alone, fresh=task.fresh)

    def give_up(self, task: ReadTask) -> None:
        """The task ended, and what it has not done is not wanted any more."""
        self._open.discard(task.key)

    def _not_opened(self, task: ReadTask, event: jobs.JobEnded, outcome: Outcome) -> list[ReadTask]:
        """The module itself could not be opened, or its process died over that."""
        if outcome is Outcome.FAILED and not task.fresh and _LOADED_BEFORE.search(event.error):
            return [self._task(task.positions, attempt=task.attempt, alone=task.alone, fresh=True)]
        if self._tries_again(task, outcome):
            self.entry.attempts += 1
            return [self._task(task.positions, attempt=2, alone=True, why="crashed; it will be tried once more, alone")]
        if task.positions is not None and outcome is Outcome.TIMEOUT and task.attempt == 1:
            # It has been opened before, so the machine may have been slow; many plugins depend on this one opening.
            why = "did not answer; it will be tried once more, alone"
            return [self._task(task.positions, attempt=2, alone=True, why=why)]
        if task.positions is None:
            self.report = self.builder.failed(event, outcome, task.cursor)
            return []
        for at in task.positions:
            self._fail(at, task, event, outcome)
        return []

    def _go_on(self, task: ReadTask, event: jobs.JobEnded, outcome: Outcome) -> list[ReadTask]:
        """One of the plugins ended the process, or its taking apart did: the rest is read by the next."""
        tasks = []
        at = task.cursor.position
        if at is not None and self._tries_again(task, outcome):
            self.entry.attempts += 1
            tasks.append(self._task((at,), attempt=2, alone=True, why="crashed; it will be tried once more, alone"))
        elif at is not None:
            self._fail(at, task, event, outcome)
        wanted = task.positions
        rest = tuple(p for p in self._todo() if p != at and (wanted is None or p in wanted))
        if rest:
            tasks.append(self._task(rest))
        return tasks

    def _fail(self, at: int, task: ReadTask, event: jobs.JobEnded, outcome: Outcome) -> None:
        error = sentence(event, outcome, task.cursor, len(self.builder.classes))
        self.builder.fail(at, outcome, error, task.cursor.stage, event.signal, event.log)

    def _tries_again(self, task: ReadTask, outcome: Outcome) -> bool:
        return outcome is Outcome.CRASHED and task.attempt == 1 and self._retry_crashed

    def _todo(self) -> list[int]:
        """Positions of the plugins that are to be read and have not been."""
        only, classes, tried = self.entry.only, self.builder.classes, self.builder.plugins
        return [at for at in sorted(classes) if at not in tried and (not only or classes[at].uid in only)]

    def _share(self, positions: list[int], shares: int) -> list[ReadTask]:
        """Tasks that read these plugins, alike in size: several for each of the `shares` that can run at a time.

        So all end together although some plugins take longer. None has less than SHARE plugins where there are more.
        """
        count = max(min(shares, len(positions)), min(SHARES_EACH * shares, len(positions) // SHARE))
        return [self._task(tuple(positions[first::count])) for first in range(count) if positions]

    def _task(
        self,
        positions: tuple[int, ...] | None = None,
        *,
        attempt: int = 1,
        alone: bool = False,
        fresh: bool = False,
        why: str = "",
    ) -> ReadTask:
        key = f"{self.path}\0{self._serial}" if self._serial else self.path
        self._serial += 1
        self._open.add(key)
        return ReadTask(self, key, positions, attempt, alone, fresh, why)


def _described_in(format_: str) -> tuple[str, ...]:
    """Folders beside the bundle that its reader needs: where the user keeps the descriptions of plugins."""
    folders = os.environ.get(DESCRIPTIONS.get(format_, ""), "").split(os.pathsep)
    return tuple(folder for folder in folders if os.path.isabs(folder))


def unreadable(entry: Entry, error: str) -> Report:
    """The report of a bundle that discovery found unreadable."""
    return Report(entry.bundle, Outcome.FAILED, error=error, stage="factory")


def skipped(event: jobs.JobEnded) -> jobs.JobEnded:
    """The end of a job that a person wanted ended, as an outcome."""
    return replace(event, outcome=Outcome.SKIPPED, error=f"Skipped by you after {event.elapsed_s:.1f} s")
