"""What a worker does alike on every system: take requests, read a job's report, and send its result."""

from __future__ import annotations

import json
import os
import sys
import time
from collections import deque
from typing import Any

from pluginary_tui.isolation import child, frames, wire
from pluginary_tui.isolation.backends import WorkerConfig
from pluginary_tui.isolation.output_log import BoundedLog
from pluginary_tui.isolation.verdict import Findings, judge

REPORT_LIMIT = 64 << 20
"""Bytes of one report, junk included."""
EXIT_GRACE_S = 1.0
"""Seconds a process may go on after its report is complete, or after it lost the pipe it reports on."""


class Inbox:
    """Requests from the pool: jobs to run, and jobs to end or to give back."""

    def __init__(self, line: wire.Wire) -> None:
        self._line = line
        self._jobs: deque[dict[str, Any]] = deque()
        self._serial: object = 0
        self.end = ""
        """Why the running job is to be ended; empty while it is not."""

    def next_job(self) -> dict[str, Any]:
        """The next job, waiting for one. Raises EOFError when the pool is gone, also where jobs are left."""
        self.read(wait=not self._jobs)
        while not self._jobs:
            self.read()
        job = self._jobs.popleft()
        self._serial, self.end = job["serial"], ""
        return job

    def read(self, *, wait: bool = True) -> None:
        """Read the pool's requests. Those about a job that has ended are ignored; a running job is not given back."""
        for tag, body in self._line.read(wait=wait):
            if tag == wire.JOB:
                self._jobs.append(json.loads(body))
                continue
            serial, reason = json.loads(body)
            if serial == self._serial:
                self.end = self.end if reason == "returned" else reason
            for job in [job for job in self._jobs if job["serial"] == serial]:
                self._jobs.remove(job)
                self._line.send(wire.RETURNED, str(serial).encode())


class Watching:
    """One job, from its launch to its result: what does not depend on how its process is started and watched."""

    def __init__(self, line: wire.Wire, inbox: Inbox, config: WorkerConfig, job: dict[str, Any]) -> None:
        self._line = line
        self._inbox = inbox
        self._timeout_s = float(str(job["timeout_s"]))
        limit = job["memory_limit_mb"]
        token = os.urandom(frames.TOKEN_SIZE)
        self._spec = child.JobSpec(
            entry=str(job["entry"]),
            payload=job["payload"],
            token=token.hex(),
            parent=os.getpid(),
            memory_limit_mb=config.memory_limit_mb if limit is None else int(str(limit)),
            paths=tuple(sys.path),
            reads=tuple(job["reads"]),
            writes=tuple(job["writes"]),
        )
        self._reader = frames.Reader(token, REPORT_LIMIT)
        self._log = BoundedLog(config.log_limit)
        self._findings = Findings(timeout_s=self._timeout_s, memory_limit_mb=self._spec.memory_limit_mb)
        self._started_at = self._deadline = time.monotonic()

    def _take_report(self, data: bytes) -> None:
        """Take in a part of the report."""
        self._handle_frames(self._reader.feed(data))
        if self._reader.total > REPORT_LIMIT:
            self._findings.cause = "flood"

    def _lose_report(self) -> None:
        """No process holds the write end of the report's pipe any more."""
        self._findings.lost = True
        self._deadline = min(self._deadline, time.monotonic() + EXIT_GRACE_S)

    def _handle_frames(self, frames_read: list[tuple[int, bytes]]) -> None:
        found = self._findings
        for kind, body in frames_read:
            if found.answered:
                return
            if kind == frames.BEGIN and not found.begun:
                found.begun = True
                self._line.buffer(wire.BEGUN)
            elif kind == frames.MESSAGE:
                self._line.buffer(wire.MESSAGE_SENT, body)
            elif kind == frames.DONE:
                found.whole = not self._reader.damaged
                found.damaged = self._reader.damaged
            elif kind in (frames.ERROR, frames.LAUNCH):
                try:
                    found.error_type, found.error = map(str, json.loads(body))
                except (ValueError, TypeError, RecursionError):  # not what `child` sends
                    found.damaged = True
            else:  # nor is this: it must not put off the deadline, or a plugin could go on for ever
                continue
            # Set after sending, which blocks while the pool is busy: that time does not count against the job.
            self._deadline = time.monotonic() + (EXIT_GRACE_S if found.answered else self._timeout_s)

    def _take_output(self, data: bytes) -> None:
        """Take in what the process printed."""
        if within_limit := self._log.add(data):
            self._line.send(wire.OUTPUT_SENT, within_limit)

    def _take_memory(self, resident_mb: float) -> None:
        """Take in how much memory the processes of the job use now."""
        self._findings.peak_mb = max(self._findings.peak_mb, resident_mb)
        limit = self._spec.memory_limit_mb
        if limit and resident_mb > limit:
            self._findings.cause = "memory"

    def _send_failed_launch(self, error: OSError) -> None:
        self._findings.error = error.strerror or str(error)
        self._send_result()

    def _send_result(self) -> None:
        verdict = json.dumps(judge(self._findings))
        self._line.send(wire.ENDED, verdict.encode() + b"\n" + self._log.contents())
