"""What a pool needs from a way to run jobs. Not imported by workers, which it would cost time to start."""

from __future__ import annotations

import subprocess
from typing import Protocol

from pluginary_tui.isolation.backends import WorkerConfig
from pluginary_tui.isolation.wire import Wire


class Waiter(Protocol):
    """Waits until workers have sent something."""

    def add(self, line: Wire, worker: object) -> None:
        """Wait for this one, too."""

    def remove(self, line: Wire) -> None:
        """Do not wait for it any more."""

    def wait(self, timeout_s: float) -> list[object]:
        """The workers that have sent something or are gone, waiting up to `timeout_s` seconds for the first."""


class Backend(Protocol):
    """What a pool needs from a way to run jobs. Modules: `linux.backend`, `portable.backend`."""

    def prepare(self, config: WorkerConfig) -> None:
        """Take away what programs left behind that were killed."""

    def start(self, config: WorkerConfig) -> tuple[subprocess.Popen[bytes], Wire]:
        """Start a worker, and the pool's end of the connection to it. OSError where the system cannot."""

    def waiter(self) -> Waiter:
        """A new one."""

    def resume(self, pid: int) -> None:
        """Continue a worker that a job may have stopped."""

    def kill(self, pid: int) -> None:
        """Kill the process of a job whose worker is gone."""

    def clean_up(self, mark: str, *, killed: bool) -> None:
        """Take away what a worker left that has ended; `killed`: it could not end what it had started."""
