"""What the process of a job does alike on every system: run the job, report, exit."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import sys
from _thread import allocate_lock  # `threading` would run code in every forked process
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, NoReturn

from pluginary_tui.isolation import c_library, frames

# Each fresh interpreter imports this module: heavy imports here slow down every job.


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
    sandbox: tuple[Any, ...] | None = None
    """What it needs to enter the sandbox (`linux.sandbox.enter.Entrance`); None where it is not confined."""

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


def run_job_process(spec: JobSpec, isolate: Callable[[], list[int]]) -> NoReturn:
    """Run one job in this process. Never returns.

    `isolate` cuts this process off from everything but its report, its log and its files, and returns the descriptors
    of the report, of what the job reads and of what it writes.
    """
    status = 1
    try:
        report, *files = isolate()
        reads, writes = files[: len(spec.reads)], files[len(spec.reads) :]
        channel = Channel(report, bytes.fromhex(spec.token), reads, writes)
        function = _load_entry(spec.entry, channel)
        if function is not None:
            channel.frame(frames.BEGIN)
            _run_entry(function, spec.payload, channel)
        status = 0
    except BaseException as error:
        os.write(2, _describe(error) + b"\n")  # goes to the log, unless `isolate` failed before connecting it
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
    c_library.flush()


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


def null_streams(*fds: int) -> None:
    """Connect these of the descriptors 0, 1 and 2 to the null device."""
    null = os.open(os.devnull, os.O_RDWR)
    for fd in fds:
        os.dup2(null, fd)
    if null > 2:
        os.close(null)
