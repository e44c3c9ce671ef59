"""Entry point of a job's process: take the job from stdin, run it, and end with the worker.

Each job's interpreter imports this module: heavy imports here slow down every job.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
from _thread import start_new_thread
from typing import NoReturn

from pluginary_tui.isolation import c_library
from pluginary_tui.isolation.child import JobSpec, run_job_process

if sys.platform == "win32":
    import msvcrt

    from pluginary_tui.isolation.portable.job_object import without_dialogs

    _READ, _CHANGE = os.O_RDONLY | os.O_BINARY, os.O_RDWR | os.O_BINARY
else:
    _READ, _CHANGE = os.O_RDONLY | os.O_NONBLOCK, os.O_RDWR | os.O_NONBLOCK | os.O_NOFOLLOW

_REPORT_FD = 200
"""Number of the report's descriptor, so that code which closes or writes to low numbers misses it."""


def main() -> NoReturn:
    """Run a job: a line on stdin says which, stdout is the report's pipe and stderr the log's."""
    if sys.platform == "win32":
        without_dialogs()
        for fd in (0, 1, 2):
            msvcrt.setmode(fd, os.O_BINARY)
    with os.fdopen(0, "rb", closefd=False) as stream:
        line = stream.readline()
    if not line:  # the worker has ended
        os._exit(1)
    spec = JobSpec(**json.loads(line))
    for number in (signal.SIGINT, signal.SIGTERM):  # a worker ignores them
        signal.signal(number, signal.SIG_DFL)
    sys.path[:] = spec.paths
    c_library.print_by_line()
    run_job_process(spec, lambda: _isolate(spec))


def _isolate(spec: JobSpec) -> list[int]:
    """Move the descriptors that matter out of the way, and watch the worker. See `child.run_job_process`."""
    report, lifeline = _moved(1, _REPORT_FD), _moved(0, _REPORT_FD + 1)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(2, 1)
    os.close(null)
    start_new_thread(_end_with_worker, (lifeline,))
    files = [os.open(path, _READ) for path in spec.reads]
    return [report, *files, *(os.open(path, _CHANGE) for path in spec.writes)]


def _moved(fd: int, number: int) -> int:
    with contextlib.suppress(OSError):  # where fewer descriptors are allowed
        return os.dup2(fd, number, inheritable=False)
    return os.dup(fd)


def _end_with_worker(lifeline: int) -> None:
    """End this process when its worker has ended: nothing is ever sent on this pipe."""
    with contextlib.suppress(OSError):
        os.read(lifeline, 1)
    os._exit(1)
