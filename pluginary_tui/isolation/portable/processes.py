"""Finding, measuring and ending processes on any system, through psutil."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterable

import psutil

from pluginary_tui.isolation.backends import MARK

_MIB = 1 << 20


def family(pid: int) -> list[psutil.Process]:
    """A process and all that descends from it now, those without a parent excepted; empty where it is gone."""
    try:
        first = psutil.Process(pid)
        return [first, *first.children(recursive=True)]
    except psutil.Error:
        return []


def resident_mb(processes: Iterable[psutil.Process]) -> float:
    """Resident memory of these processes together, in MiB."""
    total = 0
    for process in processes:
        with contextlib.suppress(psutil.Error):
            total += process.memory_info().rss
    return total / _MIB


def kill(processes: Iterable[psutil.Process]) -> None:
    """Kill them. Does nothing where they are gone."""
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.kill()


def resume(pid: int) -> None:
    """Continue a process that was stopped."""
    with contextlib.suppress(psutil.Error):
        psutil.Process(pid).resume()


def sweep(mark: str, timeout_s: float = 1.0) -> None:
    """Kill every other process with a worker's mark in its environment, and wait until they are gone.

    Finds what has left the tree of its job, as daemons do, but for programs that changed their environment, and on
    macOS those of the system.
    """
    deadline = time.monotonic() + timeout_s
    while marked := _marked(mark):
        kill(marked)
        if time.monotonic() > deadline:
            return
        time.sleep(0.002)


def _marked(mark: str) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        if process.pid != os.getpid():
            with contextlib.suppress(psutil.Error, OSError):
                if process.environ().get(MARK) == mark:
                    found.append(process)
    return found
