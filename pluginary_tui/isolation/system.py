"""What the operating system offers to watch over processes and to leave none behind."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import os
import signal
import sys
import time

MARK = "PLUGINARY_ISOLATION"
"""Environment variable that every descendant of a worker inherits; its value names the worker."""

HELD_OFF = (
    signal.SIGINT,
    signal.SIGTERM,
    signal.SIGHUP,
    signal.SIGQUIT,
    signal.SIGUSR1,
    signal.SIGUSR2,
    signal.SIGPIPE,
)
"""Signals that are blocked in a worker. A process of a job begins by opening up to them: one call, and all of them do
there what they do by default."""

_LINUX = sys.platform == "linux"
_MIB = 1 << 20

# <linux/prctl.h>
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38


@functools.cache
def libc() -> ctypes.CDLL:
    """The C library of this process."""
    return ctypes.CDLL(None)


def _prctl(option: int, value: int) -> None:
    if _LINUX:
        libc().prctl(option, ctypes.c_ulong(value), 0, 0, 0)


def adopt_orphans() -> None:
    """Make this process the parent of every descendant whose own parent ends (Linux; prctl(2))."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def signal_when_parent_ends(number: int) -> None:
    """Have the kernel send this process a signal when its parent is gone (Linux; prctl(2))."""
    _prctl(_PR_SET_PDEATHSIG, number)


def give_up_privileges() -> None:
    """No program started from here gains rights by set-user-id, so that all of them can be killed (Linux)."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def settle_signals() -> None:
    """Let every signal do what it does by default, as far as that can be set; but where a file grows too large, the
    write fails instead.
    """
    for number in signal.valid_signals():
        with contextlib.suppress(OSError, ValueError):
            signal.signal(number, signal.SIG_IGN if number == signal.SIGXFSZ else signal.SIG_DFL)


def null_streams() -> None:
    """Connect descriptors 0, 1 and 2 to nowhere."""
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    if null > 2:
        os.close(null)


def open_descriptors() -> list[int]:
    """The descriptors of this process from 3 on (one of them may be closed by now: that of the look itself)."""
    return [fd for fd in map(int, os.listdir("/dev/fd")) if fd > 2]  # noqa: PTH208 (as light as it can be)


@functools.cache
def highest_descriptor() -> int:
    """The highest descriptor that this process had open when this was first asked; 2 where it had none but those."""
    return max(open_descriptors(), default=2)


def kill(pid: int) -> None:
    """SIGKILL to a process and, where it leads one, to its whole group. Nothing if they are gone."""
    for end in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            end(pid, signal.SIGKILL)


def end_children() -> None:
    """Kill and reap every descendant of this process that is left, also those that daemonised (Linux).

    Ends because each one killed hands its children to this process (`adopt_orphans`). Elsewhere there is no way to
    find them, and what left its process group stays.
    """
    while True:
        try:
            reaped, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if reaped:
            continue
        found = children(os.getpid())
        for child in found:
            kill(child)
        if found:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(-1, 0)
        elif not _LINUX:
            return
        else:
            time.sleep(0.001)  # it is about to appear in the list


def children(pid: int) -> list[int]:
    """The processes that `pid` is the parent of, as far as they can be seen; none but on Linux (proc(5))."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208
            found += map(int, _read(f"/proc/{pid}/task/{thread}/children").split())
    return found


def resident_mb(pid: int) -> float:
    """MiB of memory that the descendants of `pid` hold at this moment (Linux; proc(5))."""
    pages = 0
    queue = children(pid)
    while queue:
        each = queue.pop()
        with contextlib.suppress(OSError, IndexError):
            pages += int(_read(f"/proc/{each}/statm").split()[1])
        queue += children(each)
    return pages * os.sysconf("SC_PAGE_SIZE") / _MIB


def _read(path: str) -> bytes:
    fd = os.open(path, os.O_RDONLY)
    try:
        return os.read(fd, 1 << 16)
    finally:
        os.close(fd)


def sweep(mark: str, patience_s: float = 1.0) -> None:
    """Kill every process that carries a worker's mark in its environment, and wait until they are gone (Linux).

    For what is left of a worker that was itself killed: nobody is the parent of these any more.
    """
    if not _LINUX:
        return
    sought = f"{MARK}={mark}".encode()
    deadline = time.monotonic() + patience_s
    while marked := _marked(sought):
        for pid in marked:
            kill(pid)
        if time.monotonic() > deadline:
            return
        time.sleep(0.002)


def _marked(sought: bytes) -> list[int]:
    found = []
    for entry in os.listdir("/proc"):  # noqa: PTH208
        if entry.isdigit() and int(entry) != os.getpid():
            path = f"/proc/{entry}/environ"
            with contextlib.suppress(OSError), open(path, "rb") as file:  # noqa: PTH123 (pathlib is slow to import)
                if sought in file.read().split(b"\0"):
                    found.append(int(entry))
    return found
