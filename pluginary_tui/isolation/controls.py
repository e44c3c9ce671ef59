"""Thread-safe controls (pause, resume, stop, skip) of a run over a list of jobs."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

_Target = TypeVar("_Target")
"""What a job works on: the path of a bundle, or the key of a plugin."""


class RunControls(Generic[_Target]):
    """Controls of a run; every method may be called from any thread, and from a signal handler."""

    def __init__(self) -> None:
        self._lock = threading.RLock()  # reentrant: a signal handler may interrupt another call
        self._state = "running"
        self._skips: list[_Target | None] = []

    def pause(self) -> None:
        """Begin no further job; running ones go on to their end."""
        self._request("paused")

    def resume(self) -> None:
        """Continue after a pause."""
        self._request("running")

    def stop(self) -> None:
        """End now: running jobs are killed and stay pending, results are kept."""
        self._request("stopping")

    def skip(self, target: _Target | None = None) -> None:
        """End the job of `target`, or the one that runs longest, and count it as a timeout."""
        with self._lock:
            self._skips.append(target)

    def poll(self) -> tuple[str, list[_Target | None]]:
        """`running`, `paused` or `stopping`, and the targets to skip since the last call."""
        with self._lock:
            skips, self._skips = self._skips, []
            return self._state, skips

    def _request(self, state: str) -> None:
        with self._lock:
            if self._state != "stopping":
                self._state = state
