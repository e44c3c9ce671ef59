"""A worker as the pool knows it: how it is hired, told what to do, seen gone, and what became of its jobs."""

from __future__ import annotations

import codecs
import contextlib
import json
import multiprocessing
import os
import select
import signal
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.context import SpawnProcess

from pluginary_tui.isolation import system, wire
from pluginary_tui.isolation.jobs import Job, JobEnded
from pluginary_tui.isolation.launch import WorkerConfig
from pluginary_tui.isolation.output_log import BoundedLog
from pluginary_tui.isolation.verdict import signal_name
from pluginary_tui.isolation.worker import serve
from pluginary_tui.model import Outcome

REQUESTED = ("skipped", "stopped", "returned")
"""Why a job ends because somebody wants it to."""

_spawning = threading.Lock()


@dataclass(slots=True, eq=False)
class Task:
    """A job in the hands of a worker."""

    job: Job
    serial: int
    """Another one each time that a job is given: what is said about an earlier one is stale."""
    log: BoundedLog
    attempt: int = 1
    pid: int = 0
    """Of the job's process; 0 before there is one."""
    since: float = field(default_factory=time.monotonic)
    end_reason: str = ""
    """What the pool does to it: `skipped`, `stopped`, `returned` (unless it has begun by then), or `silent` where the
    worker did not keep the deadline."""
    text: codecs.IncrementalDecoder = field(default_factory=lambda: codecs.getincrementaldecoder("utf-8")("replace"))

    def cancelled_result(self) -> JobEnded:
        """What is told of it where somebody wanted it to end, or not to begin."""
        fate = self.end_reason or "returned"
        return JobEnded(self.job.key, None, fate, error=f"was {fate}")

    def crashed_result(self, code: int) -> JobEnded:
        """What became of it where its worker ended, with this exit code."""
        key = self.job.key
        if self.end_reason in REQUESTED:
            verdict = self.cancelled_result()
        elif code >= 0:  # a job can kill its worker, but not make it exit
            verdict = JobEnded(key, None, "launch", error="could not be watched: its worker ended")
        elif self.end_reason:
            verdict = JobEnded(key, Outcome.TIMEOUT, error=f"did not answer within {self.job.timeout_s:g} s")
        else:
            verdict = JobEnded(key, Outcome.CRASHED, error="killed the process that watched it")
            verdict.signal = signal_name(-code)
        verdict.elapsed_s = time.monotonic() - self.since
        verdict.log = self.log.contents().decode("utf-8", "replace")
        return verdict


@dataclass(slots=True, eq=False)
class WorkerHandle:
    """A worker's process, with what it holds."""

    process: SpawnProcess
    line: wire.Wire
    mark: str
    ready: bool = False
    broken: str = ""
    """Why it cannot work, in its own words."""
    task: Task | None = None
    following: Task | None = None
    """What it goes on with by itself when `task` has ended."""
    used: bool = False
    """Whether it was ever given a job."""
    due: float = float("inf")
    """When to become suspicious of its silence."""
    woken: bool = False

    @property
    def tasks(self) -> list[Task]:
        """What it holds."""
        return [task for task in (self.task, self.following) if task]

    @property
    def since(self) -> float:
        """When what it runs began."""
        return self.task.since if self.task else 0.0

    def assign(self, task: Task) -> None:
        """Tell it a job. OSError when it is gone."""
        job = task.job
        order = {
            "serial": task.serial,
            "entry": job.entry,
            "payload": job.payload,
            "timeout_s": job.timeout_s,
            "memory_limit_mb": job.memory_limit_mb,
            "fresh": job.fresh,
        }
        self.line.send(wire.JOB, json.dumps(order).encode())
        self.used = True

    def cancel(self, task: Task, fate: str) -> None:
        """Have it end a job, or not begin it."""
        task.end_reason = fate
        with contextlib.suppress(OSError):  # gone; the pool will see
            self.line.send(wire.END, json.dumps([task.serial, fate]).encode())

    def resume(self) -> None:
        """Have it go on: a job may have stopped it."""
        if self.process.pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.process.pid, signal.SIGCONT)

    def wait(self, timeout_s: float) -> None:
        """Wait for its end, so long at most. As `join` does, without what that imports to wait for several."""
        poll = select.poll()
        poll.register(self.process.sentinel, select.POLLIN)
        if poll.poll(1000 * timeout_s):
            self.process.join()

    def finish(self) -> int:
        """Make sure that it and all below it are gone; gives its exit code."""
        process = self.process
        if process.exitcode is None:
            process.kill()
            process.join()
        code = process.exitcode or 0
        if code and self.used:  # it had work, and did not clean up itself
            system.sweep(self.mark)
        process.close()
        return code


def spawn_worker(rules: WorkerConfig) -> WorkerHandle:
    """Start a worker, with the mark that its descendants can be found by. OSError where the machine cannot.

    It inherits a blocked SIGINT: until it has a session of its own, Ctrl+C in the terminal would reach it too.
    """
    mark = f"{os.getpid()}-{os.urandom(16).hex()}"
    ours, theirs = socket.socketpair()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs, rules))
    with _spawning, _environment(system.MARK, mark), _blocked(signal.SIGINT):
        process.start()
    theirs.close()
    return WorkerHandle(process, wire.Wire(ours), mark)


@contextlib.contextmanager
def _environment(name: str, value: str) -> Iterator[None]:
    """Set a variable for a moment."""
    os.environ[name] = value
    try:
        yield
    finally:
        del os.environ[name]


@contextlib.contextmanager
def _blocked(number: int) -> Iterator[None]:
    """Keep a signal from this thread, and from what it starts, for a moment."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {number})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
