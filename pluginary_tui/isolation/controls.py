"""Thread-safe controls (pause, resume, stop, skip) of a run over a list of jobs."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

_Target = TypeVar("_Target")
"""What a job works on: the path of a bundle, or the key of a plugin."""


class RunControls(Generic[_Target]):
    """The controls of whatever works through a list; every method may be called from any thread, and at once."""

    def __init__(self) -> None:
        self._lock = threading.RLock()  # a signal handler may wish in the middle of another wish
        self._state = "running"
        self._skips: list[_Target | None] = []

    def pause(self) -> None:
        """Begin nothing more; what runs goes on to its end."""
        self._request("paused")

    def resume(self) -> None:
        """Go on after a pause."""
        self._request("running")

    def stop(self) -> None:
        """End now: what runs is killed and stays to be done, what is done stays done."""
        self._request("stopping")

    def skip(self, target: _Target | None = None) -> None:
        """End the work on this one, or on the one that runs longest, and count it as not answering."""
        with self._lock:
            self._skips.append(target)

    def poll(self) -> tuple[str, list[_Target | None]]:
        """`running`, `paused` or `stopping`, and what is to be skipped, which is forgotten here."""
        with self._lock:
            skips, self._skips = self._skips, []
            return self._state, skips

    def _request(self, state: str) -> None:
        with self._lock:
            if self._state != "stopping":
                self._state = state
