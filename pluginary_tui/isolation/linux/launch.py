"""Two ways to start a job's process: a fork of a warm worker, or a fresh interpreter."""

from __future__ import annotations

import sys

if sys.platform != "linux":
    raise ImportError("This is for Linux.")

import os
from typing import NamedTuple, Protocol

from pluginary_tui.isolation import child
from pluginary_tui.isolation.backends import FORK, FRESH
from pluginary_tui.isolation.linux import confine

_ROOT = __file__.rsplit(os.sep, 4)[0]
_CODE = "import sys; sys.path.append(sys.argv[1]); from pluginary_tui.isolation.linux.confine import main; main()"


class Process(NamedTuple):
    """A launched process, with the read ends of its report and its log."""

    pid: int
    report: int
    log: int

    def close(self) -> None:
        os.close(self.report)
        os.close(self.log)


class Launcher(Protocol):
    """Starts the process of a job. Raises OSError where the system cannot."""

    def __call__(self, spec: child.JobSpec, /) -> Process: ...


def launcher(method: str) -> Launcher:
    """The launcher of that name."""
    return {FORK: fork, FRESH: fresh}[method]


def fork(spec: child.JobSpec, /) -> Process:
    """Fork this process, which must have a single thread. What it has imported is there at once."""
    with _Pipes(2) as pipes:
        pid = os.fork()
        if not pid:
            confine.run(spec, *pipes.inner)
        return Process(pid, *pipes.keep_outer())


def fresh(spec: child.JobSpec, /) -> Process:
    """Start an interpreter that ignores the user's environment variables and site packages."""
    with _Pipes(2) as pipes, _Pipes(1) as feed:
        report, log = pipes.inner
        source, sink = feed.outer[0], feed.inner[0]
        pid = os.posix_spawn(
            sys.executable,
            [sys.executable, "-I", "-S", "-c", _CODE, _ROOT],
            os.environ,
            file_actions=[
                (os.POSIX_SPAWN_DUP2, source, 0),
                (os.POSIX_SPAWN_DUP2, report, 1),
                (os.POSIX_SPAWN_DUP2, log, 2),
            ],
        )
        data = memoryview(spec.text())
        try:
            while data:
                data = data[os.write(sink, data) :]
        except BrokenPipeError:
            pass  # it ended at once; the worker sees that when it watches it
        return Process(pid, *pipes.keep_outer())


class _Pipes:
    """A number of pipes that are closed at the end of the block, except for outer ends that were kept."""

    def __init__(self, count: int) -> None:
        self.outer: list[int] = []
        self.inner: list[int] = []
        self._count = count
        self._kept = False

    def __enter__(self) -> _Pipes:
        try:
            for _ in range(self._count):
                outer, inner = os.pipe()
                self.outer.append(outer)
                self.inner.append(inner)
        except OSError:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for fd in self.inner if self._kept else self.inner + self.outer:
            os.close(fd)

    def keep_outer(self) -> list[int]:
        for fd in self.outer:
            os.set_blocking(fd, False)
        self._kept = True
        return self.outer
