"""The two ways to run jobs in processes of their own, and which one works here."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NamedTuple, Protocol

from pluginary_tui.isolation.wire import Wire

if TYPE_CHECKING:
    import subprocess  # imports threading, which would run code in every forked process

MARK = "PLUGINARY_ISOLATION"
"""Environment variable that every descendant of a worker inherits; its value names the worker."""

FORK = "fork"
"""Linux: a job's process is a fork of a warm worker."""
FRESH = "fresh"
"""Linux: it is a fresh interpreter, confined in the same way."""
PORTABLE = "portable"
"""Any system: a fresh interpreter, unconfined, watched with nothing but what Python has everywhere, and psutil."""


class WorkerConfig(NamedTuple):
    """Start-up configuration shared by a pool's workers."""

    method: str
    """How the processes of jobs are started: `fork`, `fresh` or `portable`."""
    memory_limit_mb: int = 0
    file_limit_mb: int = 256
    """Not enforced by the portable way."""
    log_limit: int = 65536
    preload: str = ""
    """Function (`package.module:function`) that a worker calls once before it forks."""
    sandbox: str = "off"
    """How jobs are confined: `off`, `guarded` or `sealed` (`linux.sandbox.policy`). The portable way confines none."""
    folder: str = ""
    """Where its throw-away folder is to be (`linux.sandbox.folder`)."""
    private: tuple[str, ...] = ()
    """Folders that no bundle's or vendor's name opens to a confined job."""
    mark: str = ""
    """The value of MARK in its environment."""


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


def default_method() -> str:
    """`fork` where it is safe (Linux). macOS frameworks do not work after a fork; Windows has none."""
    return FORK if sys.platform == "linux" and hasattr(os, "fork") else PORTABLE
