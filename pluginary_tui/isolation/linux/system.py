"""Operating system calls for watching processes and for leaving none behind."""

from __future__ import annotations

import sys

if sys.platform != "linux":
    raise ImportError("This is for Linux.")

import contextlib
import ctypes
import functools
import os
import resource
import signal
import time
from typing import Any

from pluginary_tui.isolation.backends import MARK
from pluginary_tui.isolation.c_library import libc

BLOCKED_SIGNALS = (
    signal.SIGINT,
    signal.SIGTERM,
    signal.SIGHUP,
    signal.SIGQUIT,
    signal.SIGUSR1,
    signal.SIGUSR2,
    signal.SIGPIPE,
)
"""Signals that are blocked in a worker. A job's process unblocks them; they have their default action there."""

_MIB = 1 << 20

# <linux/prctl.h>
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38


@functools.cache
def _raw_call() -> Any:
    """The C library's `syscall`, for a number and five arguments: integers, addresses, bytes or None for 0.

    A type is declared for each: an undeclared int would be passed as 32 bits, with whatever stands in the register's
    upper half. It also makes a call three times as fast.
    """
    call = ctypes.CDLL(None, use_errno=True).syscall
    call.restype = ctypes.c_long
    call.argtypes = [ctypes.c_long, *[ctypes.c_void_p] * 5]
    return call


def syscall(number: int, *arguments: object) -> int:
    """Make a system call by its number, with at most five arguments; -1 where it fails (`ctypes.get_errno`)."""
    return int(_raw_call()(number, *arguments, *[None] * (5 - len(arguments))))


@functools.cache
def _prctl_call() -> Any:
    call = libc().prctl
    call.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]
    return call


def _prctl(option: int, value: int) -> None:
    _prctl_call()(option, value, 0, 0, 0)


def lower(what: int, limit: int) -> None:
    """Set the hard and the soft limit of a resource (`resource.RLIMIT_...`) to at most `limit`."""
    _, hard = resource.getrlimit(what)
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    resource.setrlimit(what, (limit, limit))


def adopt_orphans() -> None:
    """Make this process the parent of descendants whose own parent has ended (prctl(2))."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def signal_when_parent_ends(number: int) -> None:
    """Have the kernel send this process a signal when its parent ends (prctl(2))."""
    _prctl(_PR_SET_PDEATHSIG, number)


def give_up_privileges() -> None:
    """Let no program started from here gain rights by set-user-id, so that all can be killed (prctl(2))."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def reset_signals() -> None:
    """Give every signal its default action where that can be set; SIGXFSZ is ignored, so that the write fails."""
    for number in signal.valid_signals():
        with contextlib.suppress(OSError, ValueError):
            signal.signal(number, signal.SIG_IGN if number == signal.SIGXFSZ else signal.SIG_DFL)


def open_descriptors() -> list[int]:
    """The descriptors of this process from 3 on. One of them, used for listing, is closed again."""
    return [fd for fd in map(int, os.listdir("/dev/fd")) if fd > 2]


@functools.cache
def highest_descriptor() -> int:
    """The highest descriptor that was open at the first call, at least 2; forked processes inherit the answer."""
    return max(open_descriptors(), default=2)


def kill(pid: int) -> None:
    """Send SIGKILL to a process and to the process group it leads, if any. Does nothing where they are gone."""
    for end in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            end(pid, signal.SIGKILL)


def end_children() -> None:
    """Kill and reap every remaining descendant of this process, daemonised ones included.

    Terminates because the children of each killed process become children of this one (`adopt_orphans`).
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
        else:
            time.sleep(0.001)  # a child is about to appear in the list


def threads() -> int:
    """Number of threads of this process, those of libraries included."""
    return len(os.listdir("/proc/self/task"))


def children(pid: int) -> list[int]:
    """Process ids of the visible children of `pid` (proc(5))."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            try:
                listed = _read(f"/proc/{pid}/task/{thread}/children")
            except FileNotFoundError:
                if os.path.exists(f"/proc/{pid}/task/{thread}"):  # a kernel without CONFIG_PROC_CHILDREN
                    return _children_by_parent(pid)
                continue  # the thread has ended
            found += map(int, listed.split())
    return found


def _children_by_parent(pid: int) -> list[int]:
    """The same from the parents of all processes: slower, and all that kernels without lists of children offer."""
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError, IndexError, ValueError):
                # The name in parentheses may hold spaces and parentheses: state and parent follow the last one.
                if int(_read(f"/proc/{entry}/stat").rpartition(b")")[2].split()[1]) == pid:
                    found.append(int(entry))
    return found


def resident_mb(pid: int) -> float:
    """Resident memory of all descendants of `pid`, in MiB (proc(5))."""
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


def sweep(mark: str, timeout_s: float = 1.0) -> None:
    """Kill every process with a worker's mark in its environment, and wait until they are gone.

    Finds the descendants of a worker that was itself killed; they no longer have a parent that could list them.
    """
    sought = f"{MARK}={mark}".encode()
    deadline = time.monotonic() + timeout_s
    while marked := _marked(sought):
        for pid in marked:
            kill(pid)
        if time.monotonic() > deadline:
            return
        time.sleep(0.002)


def _marked(sought: bytes) -> list[int]:
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit() and int(entry) != os.getpid():
            path = f"/proc/{entry}/environ"
            with contextlib.suppress(OSError), open(path, "rb") as file:
                if sought in file.read().split(b"\0"):
                    found.append(int(entry))
    return found
