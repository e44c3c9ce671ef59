"""The controls of a running scan: set from any thread, read by the thread of the scan."""

from __future__ import annotations

from dataclasses import dataclass

from pluginary_tui.isolation.controls import RunControls

MOST_WORKERS = 64
"""More probes at a time than any machine is the better for."""


@dataclass(slots=True, frozen=True)
class ControlState:
    """What is wanted now; all but `state` since the last call of `poll_all`."""

    state: str
    """`running`, `paused` or `stopping`."""
    skips: list[str | None]
    """Paths of bundles; None for the one that runs longest."""
    again: bool
    unwanted: list[str]
    """Patterns."""


class ScanControls(RunControls[str]):
    """The controls of a scan."""

    def __init__(self, workers: int) -> None:
        super().__init__()
        self.fixed = workers
        """So many workers; 0 to follow the machine."""
        self._again = False
        self._patterns: list[str] = []

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

    def poll_all(self) -> ControlState:
        """What is wanted, for the scan to follow; it is forgotten here, but for the state."""
        with self._lock:
            state = ControlState(*self.poll(), self._again, self._patterns)
            self._again, self._patterns = False, []
            return state
