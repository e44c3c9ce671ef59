"""The pool's side of a worker: spawning it, assigning and cancelling its jobs, and their results if it dies."""

from __future__ import annotations

import codecs
import contextlib
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field

from pluginary_tui.isolation import wire
from pluginary_tui.isolation.backends import WorkerConfig
from pluginary_tui.isolation.interface import Backend
from pluginary_tui.isolation.jobs import Job, JobEnded
from pluginary_tui.isolation.output_log import BoundedLog
from pluginary_tui.isolation.verdict import fault, was_killed
from pluginary_tui.model import Outcome

REQUESTED = ("skipped", "stopped", "returned")
"""Reasons for which a job ends on request."""


@dataclass(slots=True, eq=False)
class Task:
    """A job that was assigned to a worker."""

    job: Job
    serial: int
    """Unique for each assignment, so that messages about an earlier one are recognised as stale."""
    log: BoundedLog
    attempt: int = 1
    pid: int = 0
    """Process id of the job; 0 before it has started."""
    since: float = field(default_factory=time.monotonic)
    end_reason: str = ""
    """Why the pool ends it: `skipped`, `stopped`, `returned` (unless it has begun), `damaged` (it sent a message that
    cannot be read), or `silent` where the worker did not enforce the deadline."""
    text: codecs.IncrementalDecoder = field(default_factory=lambda: codecs.getincrementaldecoder("utf-8")("replace"))

    def cancelled_result(self) -> JobEnded:
        """The result of a job that was ended, or kept from beginning, on request."""
        reason = self.end_reason or "returned"
        return JobEnded(self.job.key, None, reason, error=f"was {reason}")

    def crashed_result(self, code: int) -> JobEnded:
        """The result of a job whose worker ended with this exit code."""
        key = self.job.key
        if self.end_reason in REQUESTED:
            result = self.cancelled_result()
        elif not was_killed(code, sys.platform):  # a job can kill its worker, but not make it exit
            result = JobEnded(key, None, "launch", error="could not be watched: its worker ended")
        elif self.end_reason:
            result = JobEnded(key, Outcome.TIMEOUT, error=f"did not answer within {self.job.timeout_s:g} s")
        else:
            result = JobEnded(key, Outcome.CRASHED, error="killed the process that watched it")
            result.signal = fault(code)
        result.elapsed_s = time.monotonic() - self.since
        result.log = self.log.contents().decode("utf-8", "replace")
        return result


@dataclass(slots=True, eq=False)
class WorkerHandle:
    """A worker's process and its tasks."""

    backend: Backend
    process: subprocess.Popen[bytes]
    line: wire.Wire
    mark: str
    ready: bool = False
    broken: str = ""
    """Why its preloading failed; empty where it did not."""
    task: Task | None = None
    following: Task | None = None
    """The task that it begins by itself when `task` has ended."""
    used: bool = False
    """Whether it was ever assigned a job."""
    silent_at: float = float("inf")
    """Time (monotonic) from which its silence counts as a fault."""
    resumed: bool = False
    """Whether it was continued since then."""

    @property
    def tasks(self) -> list[Task]:
        """The tasks assigned to it, the running one first."""
        return [task for task in (self.task, self.following) if task]

    @property
    def since(self) -> float:
        """When its running task began (monotonic)."""
        return self.task.since if self.task else 0.0

    def assign(self, task: Task) -> None:
        """Send it a job. Raises OSError when it is gone."""
        job = task.job
        message = {
            "serial": task.serial,
            "entry": job.entry,
            "payload": job.payload,
            "timeout_s": job.timeout_s,
            "memory_limit_mb": job.memory_limit_mb,
            "fresh": job.fresh,
            "bundles": job.bundles,
            "vendor": job.vendor,
            "reads": job.reads,
            "writes": job.writes,
            "imports": job.imports,
        }
        self.line.send(wire.JOB, json.dumps(message).encode())
        self.used = True

    def cancel(self, task: Task, reason: str) -> None:
        """Make it end a job, or not begin it."""
        task.end_reason = reason
        with contextlib.suppress(OSError):  # it is gone, which the pool sees by itself
            self.line.send(wire.END, json.dumps([task.serial, reason]).encode())

    def resume(self) -> None:
        """Continue it: a job may have stopped it."""
        if self.process.poll() is None:
            self.backend.resume(self.process.pid)

    def wait(self, timeout_s: float) -> None:
        """Wait for its end, at most `timeout_s` seconds."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout_s)

    def finish(self) -> int:
        """Make sure that it and all its descendants are gone. Returns its exit code."""
        if self.process.poll() is None:
            self.process.kill()
        code = self.process.wait()
        # With another code it ended without cleaning up after its jobs.
        self.backend.clean_up(self.mark, killed=bool(code and self.used))
        return code


def spawn_worker(backend: Backend, config: WorkerConfig) -> WorkerHandle:
    """Start a worker, with a mark in its environment by which its descendants are found.

    Raises OSError where the system cannot start it.
    """
    mark = f"{os.getpid()}-{os.urandom(16).hex()}"
    process, line = backend.start(config._replace(mark=mark))
    return WorkerHandle(backend, process, line, mark)
