"""The loop under everything that works through a durable list, job by job, in a pool's workers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from pluginary_tui.isolation import jobs
from pluginary_tui.isolation.pool import Pool
from pluginary_tui.model import clean

TICK_S = 0.1
"""Seconds until a control (pause, skip, stop) takes effect while nothing else happens."""

Announce = Callable[[], object]
"""Emits the event of something that has begun."""

LAUNCH_FAILURES = 3
"""Launches that fail in a row before a run gives up: it is the machine then, not the jobs."""


class LaunchGuard:
    """Counts the launches that fail in a row."""

    def __init__(self, what: str, then: str, innocent: str = "plugins") -> None:
        """`what` could not be started, `then` is what to do, `innocent` are not the cause."""
        self._what, self._then, self._innocent = what, then, innocent
        self._failed = 0
        self.message = ""
        """Why the run has to end, one or two sentences; empty while it can go on."""

    def launched(self) -> None:
        """A process could be started."""
        self._failed = 0

    def failed(self, error: str) -> None:
        """A process could not be started, for this reason."""
        self._failed += 1
        if self._failed >= LAUNCH_FAILURES:
            why = clean(error, 400).removeprefix("could not be started: ").rstrip(".")
            self.message = (
                f"{LAUNCH_FAILURES} {self._what} in a row could not be started ({why}), so the trouble is with this "
                f"machine, not with the {self._innocent}; {self._then}"
            )


class JobQueue(Protocol):
    """What is to be done, and what becomes of it."""

    def control(self, pool: Pool) -> bool:
        """Follow the controls. False where the loop is to end: all is done, or it was stopped."""

    def fill(self, pool: Pool) -> Iterable[Announce]:
        """Give free workers something to do."""

    def handle(self, event: jobs.Event) -> None:
        """Take in what happened to a job."""

    def put_back(self) -> None:
        """Note that what was in flight is still to be done; the pool is closed by now."""


def work(pool: Pool, queue: JobQueue) -> None:
    """Work until the queue is done with; closes the pool. What `queue` raises ends it, and nothing is left running."""
    try:
        with pool:
            while queue.control(pool):
                _announce(queue.fill(pool))
                events = pool.events(TICK_S)
                # Before what has ended is kept: a worker that is free does not wait for the catalogue.
                begun = queue.fill(pool) if events else ()
                for event in events:
                    queue.handle(event)
                _announce(begun)
    finally:
        queue.put_back()


def _announce(begun: Iterable[Announce]) -> None:
    for announce in begun:
        announce()
