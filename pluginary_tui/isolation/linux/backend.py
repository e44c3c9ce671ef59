"""Linux's way to run jobs: workers on socket pairs, which fork."""

from __future__ import annotations

import sys

if sys.platform != "linux":
    raise ImportError("This is for Linux.")

import contextlib
import json
import os
import selectors
import signal
import socket
import subprocess
from collections.abc import Iterator

from pluginary_tui.isolation.backends import MARK, WorkerConfig
from pluginary_tui.isolation.interface import Waiter
from pluginary_tui.isolation.linux import system
from pluginary_tui.isolation.linux.sandbox import folder
from pluginary_tui.isolation.linux.wire import SocketWire
from pluginary_tui.isolation.wire import Wire

_CODE = (
    "import sys; config, *sys.path[:] = sys.argv[1:]; "
    "from pluginary_tui.isolation.linux.worker import main; main(config)"
)


class _Poll:
    """A `interface.Waiter`."""

    def __init__(self) -> None:
        self._selector = selectors.PollSelector()

    def add(self, line: Wire, worker: object) -> None:
        assert isinstance(line, SocketWire)
        self._selector.register(line, selectors.EVENT_READ, worker)

    def remove(self, line: Wire) -> None:
        assert isinstance(line, SocketWire)
        self._selector.unregister(line)

    def wait(self, timeout_s: float) -> list[object]:
        return [key.data for key, _ in self._selector.select(timeout_s)]


def prepare(config: WorkerConfig) -> None:
    """See `interface.Backend`, as for all functions below."""
    if config.sandbox != "off":
        folder.sweep()


def start(config: WorkerConfig) -> tuple[subprocess.Popen[bytes], Wire]:
    """An interpreter of its own that imports nothing from the working folder (`-P`): otherwise a downloaded folder with
    a `json.py` in it would run code when somebody scans from there. What it imports it finds where this process does.

    It inherits a blocked SIGINT: until it has a session of its own, Ctrl+C in the terminal would reach it too.
    """
    settings = json.dumps(config._replace(folder=folder.path_of(config.mark))._asdict())
    environ = os.environ if config.sandbox == "off" else folder.without_secrets(os.environ)
    pool_end, worker_end = socket.socketpair()
    with worker_end, _blocked(signal.SIGINT):
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", _CODE, settings, *map(os.path.abspath, sys.path)],
            stdin=worker_end.fileno(),
            env={**environ, MARK: config.mark},
        )
    return process, SocketWire(pool_end)


@contextlib.contextmanager
def _blocked(number: int) -> Iterator[None]:
    """Block a signal in this thread, and in the processes it starts, within the block."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {number})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def waiter() -> Waiter:
    return _Poll()


def resume(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)


def kill(pid: int) -> None:
    system.kill(pid)


def clean_up(mark: str, *, killed: bool) -> None:
    if killed:
        system.sweep(mark)
    folder.remove(folder.path_of(mark))  # it is there where the worker was killed
