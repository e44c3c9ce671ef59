"""What the operating system offers to watch over processes and to leave none behind."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import os
import resource
import signal
import sys
import time
from collections.abc import Callable

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

_SIG_SETMASK = int(signal.SIG_SETMASK)
_NO_SIGNAL = bytes(128)
"""An empty set of signals, as large as the largest `sigset_t`: glibc's."""

# <malloc.h>
_M_TRIM_THRESHOLD = -1
_M_MMAP_THRESHOLD = -3

# <linux/prctl.h>
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38


@functools.cache
def libc() -> ctypes.CDLL:
    """The C library of this process. What a process of a job calls of it is looked up here, in its worker."""
    library = ctypes.CDLL(None)
    library.sigprocmask.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p]
    library.fflush.argtypes = [ctypes.c_void_p]
    if _LINUX:
        library.prctl.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]
    return library


def _prctl(option: int, value: int) -> None:
    if _LINUX:
        libc().prctl(option, value, 0, 0, 0)


def fork() -> int:
    """Fork this process, which has one thread only: 0 in the new one. OSError where the machine cannot.

    os.fork makes the interpreter ready for what other threads may have left, and tells whoever registered for it:
    with one thread there is nothing to make ready, and touching all that memory anew is a tenth of a probe. Whoever
    traces this program (a debugger, coverage) wants to be told.
    """
    if sys.gettrace():
        return os.fork()
    pid = int(_c_fork()())
    if pid < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return pid


@functools.cache
def _c_fork() -> Callable[[], int]:
    return ctypes.PyDLL(None, use_errno=True).fork  # of a PyDLL: the interpreter's lock is kept, and so the child's


def print_by_line() -> None:
    """Have C's stdout written line by line as on a terminal, or the last words before a crash would be lost."""
    library = libc()
    name = "__stdoutp" if sys.platform == "darwin" else "stdout"
    line_buffered = 1  # _IOLBF of <stdio.h>, Linux and macOS alike
    library.setvbuf(ctypes.c_void_p.in_dll(library, name), None, line_buffered, 0)


def keep_memory(size: int = 32 << 20) -> None:
    """Have the C library keep up to `size` bytes that are given back to it, for the next allocation: memory fresh from
    the system costs a page fault for each page that is touched (mallopt(3), glibc).
    """
    if _LINUX and hasattr(libc(), "mallopt"):
        libc().mallopt(_M_TRIM_THRESHOLD, size)
        libc().mallopt(_M_MMAP_THRESHOLD, 32 << 20)  # glibc refuses a larger one


def lower(what: int, limit: int) -> None:
    """Set a resource limit (`resource.RLIMIT_...`), hard and soft, to at most `limit`."""
    _, hard = resource.getrlimit(what)
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    resource.setrlimit(what, (limit, limit))


def adopt_orphans() -> None:
    """Make this process the parent of every descendant whose own parent ends (Linux; prctl(2))."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def signal_when_parent_ends(number: int) -> None:
    """Have the kernel send this process a signal when its parent is gone (Linux; prctl(2))."""
    _prctl(_PR_SET_PDEATHSIG, number)


def give_up_privileges() -> None:
    """No program started from here gains rights by set-user-id, so that all of them can be killed (Linux)."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def block_no_signal() -> None:
    """Open this process, which has one thread only, up to every signal.

    `signal.pthread_sigmask` would make an enumeration's members of all that was blocked, at the cost of forty pages.
    """
    libc().sigprocmask(_SIG_SETMASK, _NO_SIGNAL, None)


def settle_signals() -> None:
    """Let every signal do what it does by default, as far as that can be set; but where a file grows too large, the
    write fails instead.
    """
    for number in signal.valid_signals():
        with contextlib.suppress(OSError, ValueError):
            signal.signal(number, signal.SIG_IGN if number == signal.SIGXFSZ else signal.SIG_DFL)


def null_streams(*fds: int) -> None:
    """Connect these of the descriptors 0, 1 and 2 to nowhere."""
    null = os.open(os.devnull, os.O_RDWR)
    for fd in fds:
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


def threads() -> int:
    """How many threads this process has, those of libraries counted (Linux; 1 elsewhere)."""
    return len(os.listdir("/proc/self/task")) if _LINUX else 1  # noqa: PTH208


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
