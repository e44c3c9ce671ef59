"""What a person wants of a scan that runs: told from any thread, heard by the scan's own."""

from __future__ import annotations

import threading
from dataclasses import dataclass

MOST_WORKERS = 64
"""More probes at a time than any machine is the better for."""


@dataclass(slots=True, frozen=True)
class Wish:
    """What is wanted now; all but `state` was told since this was asked before."""

    state: str
    """`running`, `paused` or `stopping`."""
    skips: list[str | None]
    """Paths of bundles; None for the one that runs longest."""
    again: bool
    unwanted: list[str]
    """Patterns."""


class Wishes:
    """The controls of a scan; every method may be called from any thread, and at once."""

    def __init__(self, workers: int) -> None:
        self.fixed = workers
        """So many workers; 0 to follow the machine."""
        self._lock = threading.RLock()  # a signal handler may wish in the middle of another wish
        self._state = "running"
        self._skips: list[str | None] = []
        self._again = False
        self._patterns: list[str] = []

    def pause(self) -> None:
        """Begin nothing more; what runs is probed to its end."""
        self._wish("paused")

    def resume(self) -> None:
        """Go on after a pause."""
        self._wish("running")

    def stop(self) -> None:
        """End now: what runs is killed and stays to be done, what is done stays done."""
        self._wish("stopping")

    def skip(self, path: str | None = None) -> None:
        """End the probe of this bundle, or of the one that runs longest, and count it as not answering."""
        with self._lock:
            self._skips.append(path)

    def retry(self) -> None:
        """Probe once more what could not be read, now: what this scan found bad and what it passed over."""
        with self._lock:
            self._again = True

    def pass_over(self, pattern: str) -> None:
        """Leave alone what this pattern means (one as in the setting `ignore`); a probe of such a bundle ends.

        Nothing is held against what is passed over. The setting itself is for the caller to keep.
        """
        with self._lock:
            self._patterns.append(pattern)

    def set_workers(self, count: int) -> None:
        """Probe this many bundles at a time from now on (1 to MOST_WORKERS), or as many as suit the machine (0)."""
        self.fixed = max(0, min(MOST_WORKERS, count))

    def taken(self) -> Wish:
        """What is wanted, for the scan to follow; it is forgotten here, but for the state."""
        with self._lock:
            wish = Wish(self._state, self._skips, self._again, self._patterns)
            self._skips, self._again, self._patterns = [], False, []
            return wish

    def _wish(self, state: str) -> None:
        with self._lock:
            if self._state != "stopping":
                self._state = state
