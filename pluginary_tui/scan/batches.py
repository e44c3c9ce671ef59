"""Several bundles read by one process: its events, as if each bundle had a process of its own.

Only for formats of which nothing is loaded (`formats.DATA_ONLY`): there a process of its own for each bundle protects
nothing, and costs more than the reading. What ends the process costs the bundle in hand; those behind it are read by
another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pluginary_tui.isolation import jobs
from pluginary_tui.isolation.pool import Pool
from pluginary_tui.model import Outcome

LEAST, MOST = 4, 32
"""Bundles for one process, where there are so many."""

LOG_LIMIT = 64 << 10


@dataclass(slots=True)
class _Batch:
    keys: tuple[str, ...]
    pid: int = 0
    at: int = -1
    """The bundle in hand, or the last one."""
    in_hand: bool = False
    unwanted: set[str] = field(default_factory=set)
    """Of which the reading is to be ended."""
    ended: list[jobs.JobEnded] = field(default_factory=list)
    """What has ended before it is known how the process is confined."""


class Batches:
    """The processes that read several bundles. A bundle goes by the key of the job that it would have alone."""

    def __init__(self) -> None:
        self._open: dict[str, _Batch] = {}
        self._of: dict[str, str] = {}
        self._sandbox = ""
        """How the jobs of this scan are confined; empty until the first has ended."""

    def job(self, single: Sequence[jobs.Job]) -> jobs.Job:
        """One job that does what these would do, one after the other."""
        first = single[0]
        key = f"{first.key}\0and {len(single) - 1} more"
        self._open[key] = _Batch(tuple(job.key for job in single))
        self._of.update((job.key, key) for job in single)
        bundles = tuple(dict.fromkeys(path for job in single for path in job.bundles))
        return replace(
            first,
            key=key,
            entry="pluginary_tui.scan.probe:run_several",
            payload={"bundles": [job.payload for job in single]},
            bundles=bundles,
            vendor="",
        )

    def skip(self, pool: Pool, key: str) -> None:
        """End the reading of a bundle, and with it its process."""
        if (together := self._of.get(key)) is not None:
            self._open[together].unwanted.add(key)
        pool.skip(together or key)

    def clear(self) -> None:
        """Forget what was in flight: its pool is closed."""
        self._open.clear()
        self._of.clear()

    def translated(self, event: jobs.Event) -> list[jobs.Event]:
        """The event as those of single bundles."""
        batch = self._open.get(event.key)
        if batch is None:
            if isinstance(event, jobs.JobEnded) and event.outcome is not None:
                self._sandbox = event.sandbox
            return [event]
        match event:
            case jobs.JobStarted(_, pid):
                batch.pid = pid
                return []
            case jobs.MessageReceived(_, {"stage": "bundle"}) if batch.at + 1 < len(batch.keys) and not batch.in_hand:
                batch.at, batch.in_hand = batch.at + 1, True
                return [jobs.JobStarted(batch.keys[batch.at], batch.pid)]
            case jobs.MessageReceived(_, {"stage": "end"} as message) if batch.in_hand:
                batch.in_hand = False
                return self._done(batch, message)
            case jobs.JobEnded():
                return self._all_over(batch, event)
        return [replace(event, key=batch.keys[max(batch.at, 0)])]

    def _done(self, batch: _Batch, message: jobs.Message) -> list[jobs.Event]:
        """The reading of a bundle has ended, and its process goes on."""
        error = str(message.get("error") or "")
        ended = jobs.JobEnded(
            batch.keys[batch.at],
            Outcome.FAILED if error else Outcome.OK,
            elapsed_s=_number(message.get("elapsed_s")),
            log=str(message.get("log") or "")[:LOG_LIMIT],
            peak_mb=_number(message.get("peak_mb")),
            sandbox=self._sandbox,
            error=error,
        )
        if not self._sandbox:
            batch.ended.append(ended)
            return []
        self._of.pop(ended.key, None)
        return [ended]

    def _all_over(self, batch: _Batch, event: jobs.JobEnded) -> list[jobs.Event]:
        del self._open[event.key]
        for key in batch.keys:
            self._of.pop(key, None)
        if event.outcome is not None:
            self._sandbox = event.sandbox
        found: list[jobs.Event] = [replace(each, sandbox=event.sandbox) for each in batch.ended]
        to_blame = batch.at if batch.in_hand else batch.at + 1
        if event.outcome is Outcome.OK and to_blame < len(batch.keys):
            event = replace(event, outcome=Outcome.FAILED, error="sent a report that makes no sense")
        for key in batch.keys[to_blame:]:
            other_was_meant = event.reason == "skipped" and key not in batch.unwanted
            if key == batch.keys[to_blame] and event.reason != "returned" and not other_was_meant:
                found.append(replace(event, key=key))
            else:
                found.append(jobs.JobEnded(key, None, reason="returned"))
        return found


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) and 0 <= value < 1e9 else 0.0
