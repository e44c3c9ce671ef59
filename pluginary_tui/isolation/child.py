"""What runs in the process of a job's own: shut every door but the report's, call the entry, report, end."""

from __future__ import annotations

import contextlib
import fcntl
import importlib
import json
import os
import resource
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any, NamedTuple, NoReturn

from pluginary_tui.isolation import frames, system

# Every import here is paid for by each fresh interpreter: nothing that is heavy.
_MIB = 1 << 20
_SIGKILL = int(signal.SIGKILL)
_HIGH = 200
"""The report's descriptor is at least this: out of the way of code that closes or writes to the first few."""
_FEW = 64
"""More descriptors than a worker ever opens for one job."""


class Order(NamedTuple):
    """All that the process needs to know."""

    entry: str
    payload: Any
    """What the entry is called with."""
    token: str
    """Hexadecimal; marks the frames of this report."""
    parent: int
    memory_limit_mb: int = 0
    paths: tuple[str, ...] = ()

    def text(self) -> bytes:
        return json.dumps(self._asdict()).encode()


class Channel:
    """Sends frames on the report's descriptor. Any thread may send."""

    __slots__ = ("_fd", "_identity", "_lock", "_number", "_token")

    def __init__(self, fd: int, token: bytes) -> None:
        self._fd = fd
        self._identity = _identity(fd)
        self._token = token
        self._number = 0
        self._lock = threading.Lock()

    def __call__(self, message: dict[str, Any], /) -> None:
        if not isinstance(message, dict):
            raise TypeError(f"a message is an object, not {type(message).__name__}")
        self.frame(frames.MESSAGE, json.dumps(message).encode())

    def done(self) -> None:
        self.frame(frames.DONE)

    def frame(self, kind: int, body: bytes = b"") -> None:
        """Send one frame; ends the process if the descriptor is no longer the report's."""
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


def run_job_process(order: Order, report: int, log: int) -> NoReturn:
    """Be the process of one job: confined, reporting on `report`, with all output going to `log`. Never returns."""
    status = 1
    try:
        channel = Channel(confine(order, report, log), bytes.fromhex(order.token))
        function = _find(order.entry, channel)
        if function is not None:
            channel.frame(frames.BEGIN)
            _call(function, order.payload, channel)
        status = 0
    except BaseException as error:
        os.write(2, _words(error) + b"\n")  # the log, unless it could not even be connected
    finally:
        os._exit(status)


def _find(entry: str, channel: Channel) -> Callable[[Any, Channel], None] | None:
    try:
        return resolve(entry)
    except BaseException as error:
        channel.frame(frames.LAUNCH, _words(error))
        return None


def _call(function: Callable[[Any, Channel], None], payload: Any, channel: Channel) -> None:
    try:
        function(payload, channel)
    except BaseException as error:
        channel.frame(frames.ERROR, _words(error))
    else:
        channel.done()
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
    system.libc().fflush(None)


def resolve(entry: str) -> Callable[..., Any]:
    """The function that `package.module:function` names."""
    module, _, name = entry.partition(":")
    function = getattr(sys.modules.get(module) or importlib.import_module(module), name)
    if not callable(function):
        raise TypeError(f"{entry} is not a function")
    return function  # type: ignore[no-any-return]


def _words(error: BaseException) -> bytes:
    """What an exception says, with its type where the text alone would not make sense ("KeyError: 'x'")."""
    text, kind = str(error), type(error).__name__
    plain = isinstance(error, OSError | RuntimeError | ValueError | ImportError)
    words = text if text and plain else f"{kind}: {text}" if text else kind
    return json.dumps([kind, words]).encode()


def confine(order: Order, report: int, log: int) -> int:
    """Shut this process off from all that is not its own; gives the report's new descriptor.

    A session of its own, without a controlling terminal; output to the log; no other descriptor; default signals;
    limits; dies with its worker. What can be handed down, the worker sees to once (`worker.serve`): whatever is done
    here is done for every probe, on memory that is copied when it is touched.
    """
    os.setsid()
    system.signal_when_parent_ends(_SIGKILL)
    if os.getppid() != order.parent:  # gone before the line above
        os._exit(1)
    report = _shut_descriptors(report, log)
    system.block_no_signal()
    _limit(order)
    return report


def _shut_descriptors(report: int, log: int) -> int:
    report = fcntl.fcntl(report, fcntl.F_DUPFD_CLOEXEC, _HIGH)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.closerange(3, report)
    os.closerange(report + 1, max(report, system.highest_descriptor()) + _FEW)
    return report


def _limit(order: Order) -> None:
    if sys.platform != "linux":
        return
    if order.memory_limit_mb:
        # What is asked for, not what is used, so well above the limit that the worker enforces: a backstop for
        # memory that is taken faster than it can be measured.
        system.lower(resource.RLIMIT_DATA, (2 * order.memory_limit_mb + 512) * _MIB)
    try:  # where the whole machine runs out, this is what has to go
        fd = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
        os.write(fd, b"1000")
        os.close(fd)
    except OSError:
        pass


def main() -> NoReturn:
    """Live in a fresh interpreter: the order comes on stdin, stdout is the report's channel and stderr the log's."""
    with os.fdopen(0, "rb", closefd=False) as stream:
        order = Order(**json.load(stream))
    system.settle_signals()  # what Python has made of them when it started
    sys.path[:] = order.paths
    system.null_streams(0)
    system.print_by_line()
    run_job_process(order, report=1, log=2)
