"""Entry point of a job's process: drop everything inherited but the report's pipe, run the job, report, exit."""

from __future__ import annotations

import contextlib
import fcntl
import importlib
import json
import os
import resource
import signal
import sys
from _thread import allocate_lock  # `threading` would run code in every forked process
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple, NoReturn

from pluginary_tui.isolation import frames, system
from pluginary_tui.isolation.sandbox.enter import Entrance, enter

# Each fresh interpreter imports this module: heavy imports here slow down every job.
_MIB = 1 << 20
_SIGKILL = int(signal.SIGKILL)
_REPORT_FD = 200
"""Least number of the report's descriptor, so that code which closes or writes to low numbers misses it."""
_REPORT_SPARE = 8
"""Descriptors that stay free above the report's where the limit lies below _REPORT_FD."""
_DESCRIPTOR_MARGIN = 64
"""More descriptors than a worker opens for one job."""


class JobSpec(NamedTuple):
    """What the process of a job is started with."""

    entry: str
    payload: Any
    """Argument of the entry point."""
    token: str
    """Hexadecimal; marks the frames of this report."""
    parent: int
    """Process id of the worker."""
    memory_limit_mb: int = 0
    paths: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    """Files that are opened for the job before it is confined (`jobs.Job`)."""
    writes: tuple[str, ...] = ()
    sandbox: Entrance | None = None
    """What it needs to enter the sandbox; None where it is not confined."""

    def text(self) -> bytes:
        return json.dumps(self._asdict()).encode()


class Channel:
    """Sends frames on the report's descriptor. May be called from any thread."""

    __slots__ = ("_fd", "_identity", "_lock", "_number", "_token", "reads", "writes")

    def __init__(self, fd: int, token: bytes, reads: Sequence[int] = (), writes: Sequence[int] = ()) -> None:
        self.reads, self.writes = reads, writes
        self._fd = fd
        self._identity = _identity(fd)
        self._token = token
        self._number = 0
        self._lock = allocate_lock()

    def __call__(self, message: dict[str, Any], /) -> None:
        if not isinstance(message, dict):
            raise TypeError(f"a message is an object, not {type(message).__name__}")
        self.frame(frames.MESSAGE, json.dumps(message).encode())

    def done(self) -> None:
        self.frame(frames.DONE)

    def frame(self, kind: int, body: bytes = b"") -> None:
        """Send one frame; exits the process if the descriptor no longer refers to the report's pipe."""
        with self._lock:
            data = memoryview(frames.pack(self._token, kind, self._number, body))
            self._number += 1
            try:
                while data:
                    if _identity(self._fd) != self._identity:
                        os._exit(frames.LOST)
                    data = data[os.write(self._fd, data) :]
            except OSError:
                os._exit(frames.LOST)


def _identity(fd: int) -> tuple[int, int]:
    status = os.fstat(fd)
    return status.st_dev, status.st_ino


def run_job_process(spec: JobSpec, report: int, log: int) -> NoReturn:
    """Run one job in this process: confined, reporting on `report`, with all output going to `log`. Never returns."""
    status = 1
    try:
        report, *files = confine(spec, report, log)
        reads, writes = files[: len(spec.reads)], files[len(spec.reads) :]
        channel = Channel(report, bytes.fromhex(spec.token), reads, writes)
        function = _load_entry(spec.entry, channel)
        if function is not None:
            channel.frame(frames.BEGIN)
            _run_entry(function, spec.payload, channel)
        status = 0
    except BaseException as error:
        os.write(2, _describe(error) + b"\n")  # goes to the log, unless confine() failed before connecting it
    finally:
        os._exit(status)


def _load_entry(entry: str, channel: Channel) -> Callable[[Any, Channel], None] | None:
    try:
        return resolve(entry)
    except BaseException as error:
        channel.frame(frames.LAUNCH, _describe(error))
        return None


def _run_entry(function: Callable[[Any, Channel], None], payload: Any, channel: Channel) -> None:
    try:
        function(payload, channel)
    except BaseException as error:
        channel.frame(frames.ERROR, _describe(error))
    else:
        channel.done()
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
    system.libc().fflush(None)


def resolve(entry: str) -> Callable[..., Any]:
    """The function that `package.module:function` names. Raises what its import raises, or TypeError."""
    module, _, name = entry.partition(":")
    function = getattr(sys.modules.get(module) or importlib.import_module(module), name)
    if not callable(function):
        raise TypeError(f"{entry} is not a function")
    entry_point: Callable[..., Any] = function
    return entry_point


def _describe(error: BaseException) -> bytes:
    """Type and text of an exception, as JSON."""
    return json.dumps([type(error).__name__, in_words(error)]).encode()


def in_words(error: BaseException) -> str:
    """The text of an exception; it begins with the type where it is unclear alone ("KeyError: 'x'")."""
    text, kind = str(error), type(error).__name__
    plain = isinstance(error, OSError | RuntimeError | ValueError | ImportError)
    return text if text and plain else f"{kind}: {text}" if text else kind


def confine(spec: JobSpec, report: int, log: int) -> list[int]:
    """Isolate this process; returns the new descriptors of the report, of what the job reads and of what it writes.

    It gets a session without a controlling terminal, sends its output to the log, keeps no other descriptor, has
    default signals and limits, is killed when its worker ends, and enters the sandbox. OSError where a file of the job
    cannot be opened.

    What a child inherits is set up once by the worker
    (`worker.serve`); what is done here is repeated for every job.
    """
    os.setsid()
    system.signal_when_parent_ends(_SIGKILL)
    if os.getppid() != spec.parent:  # the worker ended before the line above
        os._exit(1)
    _set_limits(spec)
    files = [os.open(path, os.O_RDONLY | os.O_NONBLOCK) for path in spec.reads]
    files += [os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_NOFOLLOW) for path in spec.writes]
    if spec.sandbox:
        enter(spec.sandbox)
    kept = _close_descriptors([report, *files], log)  # those of the sandbox, too: they must not outlive this call
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    return kept


def _close_descriptors(kept: Sequence[int], log: int) -> list[int]:
    """Send all output to the log and close every descriptor but those `kept`, which get other numbers: returned."""
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)  # no descriptor may have a number from it on
    lowest = _REPORT_FD if limit == resource.RLIM_INFINITY else min(_REPORT_FD, max(3, limit - _REPORT_SPARE))
    new = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, lowest) for fd in kept]  # first: a fresh interpreter has one as 1
    os.dup2(log, 1)
    os.dup2(log, 2)
    highest = max(*new, system.highest_descriptor()) + _DESCRIPTOR_MARGIN
    for before, following in pairwise([2, *sorted(new), highest]):
        os.closerange(before + 1, following)
    return new


def _set_limits(spec: JobSpec) -> None:
    if sys.platform != "linux":
        return
    if spec.memory_limit_mb:
        # RLIMIT_DATA counts what is allocated, not what is used, so it lies well above the limit that the worker
        # enforces: a backstop for memory that is taken faster than the worker measures.
        system.lower(resource.RLIMIT_DATA, (2 * spec.memory_limit_mb + 512) * _MIB)
    try:  # where the machine runs out of memory, the kernel kills this process first
        fd = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
        os.write(fd, b"1000")
        os.close(fd)
    except OSError:
        pass


def main() -> NoReturn:
    """Run a job in a fresh interpreter: the spec comes on stdin, stdout is the report's pipe and stderr the log's."""
    with os.fdopen(0, "rb", closefd=False) as stream:
        spec = JobSpec(**json.load(stream))
    if spec.sandbox:
        spec = spec._replace(sandbox=Entrance(*spec.sandbox))
    system.reset_signals()  # Python changes some at start-up
    sys.path[:] = spec.paths
    system.null_streams(0)
    system.print_by_line()
    run_job_process(spec, report=1, log=2)
