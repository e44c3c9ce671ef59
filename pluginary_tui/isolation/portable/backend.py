"""The portable way to run jobs: workers on pipes, and a fresh interpreter for each job."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from pluginary_tui.isolation.backends import MARK, WorkerConfig
from pluginary_tui.isolation.interface import Waiter
from pluginary_tui.isolation.portable import launch, processes
from pluginary_tui.isolation.portable.streams import Bell, PipeWire
from pluginary_tui.isolation.wire import Wire

_CODE = (
    "import sys; config, *sys.path[:] = sys.argv[1:]; "
    "from pluginary_tui.isolation.portable.worker import main; main(config)"
)

_groups: dict[str, launch.Group] = {}
"""What holds each worker and all below it (Windows), by its mark: closed with this process at the latest."""


class _Bell:
    """A `interface.Waiter`. The wires that are added ring its bell."""

    def __init__(self) -> None:
        self._workers: dict[Wire, object] = {}
        self._bell = Bell()

    def add(self, line: Wire, worker: object) -> None:
        assert isinstance(line, PipeWire)
        line.begin(self._bell)
        self._workers[line] = worker

    def remove(self, line: Wire) -> None:
        del self._workers[line]

    def wait(self, timeout_s: float) -> list[object]:
        if not (ready := self._ready()):
            self._bell.wait(timeout_s)
            self._bell.clear()
            ready = self._ready()
        return ready

    def _ready(self) -> list[object]:
        return [worker for line, worker in list(self._workers.items()) if isinstance(line, PipeWire) and line.ready]


def prepare(config: WorkerConfig) -> None:
    """See `interface.Backend`, as for all functions below."""


def start(config: WorkerConfig) -> tuple[subprocess.Popen[bytes], Wire]:
    """An interpreter of its own that imports nothing from the working folder, with the paths of this one."""
    settings = json.dumps(config._asdict())
    arguments = ["-P", "-c", _CODE, settings, *map(os.path.abspath, sys.path)]
    process, group = launch.start(arguments, {**os.environ, MARK: config.mark}, log=False)
    if group:
        _groups[config.mark] = group
    return process, PipeWire(*launch.pipes(process))


def waiter() -> Waiter:
    return _Bell()


def resume(pid: int) -> None:
    processes.resume(pid)


def kill(pid: int) -> None:
    processes.kill(processes.family(pid))


def clean_up(mark: str, *, killed: bool) -> None:
    if group := _groups.pop(mark, None):
        group.close()
    elif killed:
        processes.sweep(mark)
