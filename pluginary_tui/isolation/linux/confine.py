"""Entry point of a job's process on Linux: drop everything inherited but the report's pipe, and enter the sandbox."""

from __future__ import annotations

import sys

if sys.platform != "linux":
    raise ImportError("This is for Linux.")

import fcntl
import json
import os
import resource
import signal
from collections.abc import Sequence
from itertools import pairwise
from typing import NoReturn

from pluginary_tui.isolation import c_library
from pluginary_tui.isolation.child import JobSpec, null_streams, run_job_process
from pluginary_tui.isolation.linux import system
from pluginary_tui.isolation.linux.sandbox.enter import Entrance, enter

# Each fresh interpreter imports this module: heavy imports here slow down every job.
_MIB = 1 << 20
_SIGKILL = int(signal.SIGKILL)
_REPORT_FD = 200
"""Least number of the report's descriptor, so that code which closes or writes to low numbers misses it."""
_REPORT_SPARE = 8
"""Descriptors that stay free above the report's where the limit lies below _REPORT_FD."""
_DESCRIPTOR_MARGIN = 64
"""More descriptors than a worker opens for one job."""


def run(spec: JobSpec, report: int, log: int) -> NoReturn:
    """Run one job in this process: confined, reporting on `report`, with all output going to `log`. Never returns."""
    run_job_process(spec, lambda: confine(spec, report, log))


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
        enter(Entrance(*spec.sandbox))
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
    system.reset_signals()  # Python changes some at start-up
    sys.path[:] = spec.paths
    null_streams(0)
    c_library.print_by_line()
    run(spec, report=1, log=2)
