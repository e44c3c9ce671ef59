"""A worker: runs and watches one job at a time, each in a fresh interpreter, with a thread for each pipe."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import threading
import time
from typing import Any

import psutil

from pluginary_tui.isolation import child, wire
from pluginary_tui.isolation.backends import WorkerConfig
from pluginary_tui.isolation.portable import launch, processes
from pluginary_tui.isolation.portable.streams import AHEAD, Bell, PipeWire, Stream
from pluginary_tui.isolation.watch import REPORT_LIMIT, Inbox, Watching

_MEMORY_CHECK_S = 0.02
_FAMILY_CHECK_S = 0.2
"""Seconds between looks for what a job has started: psutil goes through all processes for that."""
_DRAIN_S = 1.0
"""Seconds in which pipes are read after the end of a job: what has left its tree may hold them open for ever."""

_ROOT = __file__.rsplit(os.sep, 4)[0]
_CODE = "import sys; sys.path.append(sys.argv[1]); from pluginary_tui.isolation.portable.job_main import main; main()"


def main(config: str) -> None:
    """Be a worker: stdin and stdout are the connection to the pool, `config` a WorkerConfig as JSON. Never returns."""
    line = PipeWire(os.fdopen(os.dup(0), "rb", buffering=0), os.fdopen(os.dup(1), "wb", buffering=0))
    child.null_streams(0, 1, 2)
    for number in (signal.SIGINT, signal.SIGTERM):  # a job is not to end it politely, and ctrl+c is the pool's
        signal.signal(number, signal.SIG_IGN)
    os.chdir(os.sep)
    bell = Bell()
    line.begin(bell)
    serve(line, bell, WorkerConfig(**json.loads(config)))


def serve(line: PipeWire, bell: Bell, config: WorkerConfig) -> None:
    """Run the jobs that the pool sends until it is gone. Never returns."""
    with contextlib.suppress(EOFError, OSError):
        line.send(wire.READY)
        inbox = Inbox(line)
        while True:
            _Watch(line, bell, inbox, config, inbox.next_job()).run()
    os._exit(0)  # without finalisation: threads may still wait for pipes


class _Watch(Watching):
    def __init__(self, line: PipeWire, bell: Bell, inbox: Inbox, config: WorkerConfig, job: dict[str, Any]) -> None:
        super().__init__(line, inbox, config, job)
        self._bell, self._mark = bell, config.mark

    def run(self) -> None:
        """Launch, watch, end and report. Raises EOFError or OSError, with the process ended, when the pool is gone."""
        try:
            process, group = launch.start(["-I", "-S", "-c", _CODE, _ROOT], os.environ, log=True)
        except OSError as error:
            self._send_failed_launch(error)
            return
        assert process.stdin and process.stdout and process.stderr
        self._report, self._output = Stream(process.stdout, self._bell), Stream(process.stderr, self._bell)
        try:
            data = memoryview(self._spec.text() + b"\n")
            with contextlib.suppress(OSError):  # it ended at once, which is seen below
                while data:
                    data = data[process.stdin.write(data) :]
            self._line.send(wire.STARTED, str(process.pid).encode())
            self._watch(process)
        finally:
            self._end(process, group)
        self._drain()
        self._send_result()

    def _watch(self, process: subprocess.Popen[bytes]) -> None:
        found = self._findings
        threading.Thread(target=self._wait, args=(process,), daemon=True).start()
        family_check_at = memory_check_at = self._started_at
        family: list[psutil.Process] = []
        self._deadline = self._started_at + self._timeout_s
        try:
            while not found.cause:
                self._bell.clear()
                gone = process.returncode is not None
                self._read()
                self._inbox.read(wait=False)
                self._line.flush()
                now = time.monotonic()
                if now >= family_check_at:
                    family, family_check_at = processes.family(process.pid), now + _FAMILY_CHECK_S
                if now >= memory_check_at:
                    self._take_memory(processes.resident_mb(family))
                    memory_check_at = now + _MEMORY_CHECK_S
                if gone or self._inbox.end:
                    found.cause = "gone" if gone else self._inbox.end
                elif now >= self._deadline and not found.cause:
                    found.cause = "lost" if found.lost else "deadline"
                if not found.cause:
                    self._bell.wait(max(min(self._deadline, memory_check_at) - time.monotonic(), 0))
        finally:
            found.elapsed_s = time.monotonic() - self._started_at

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        process.wait()
        self._bell.set()

    def _read(self) -> None:
        """Take in what has arrived."""
        while (data := self._report.take()) and not self._findings.cause:
            self._take_report(data)
        if data == b"" and not self._findings.lost:
            self._lose_report()
        for _ in range(AHEAD):  # no more: one that floods its output is not to keep its worker from all else
            if data := self._output.take():
                self._take_output(data)

    def _end(self, process: subprocess.Popen[bytes], group: launch.Group | None) -> None:
        """End the job's process and its descendants."""
        descendants = processes.family(process.pid)
        process.kill()
        if group:
            group.close()
        else:
            processes.kill(descendants)
            processes.sweep(self._mark)
        process.wait()
        if process.stdin:
            process.stdin.close()
        self._findings.exit_code = process.returncode

    def _drain(self) -> None:
        """Read what is left in the pipes."""
        deadline = time.monotonic() + _DRAIN_S
        taken, report, output = 0, None, None
        while (report != b"" or output != b"") and taken < 2 * REPORT_LIMIT and time.monotonic() < deadline:
            self._bell.clear()
            report, output = self._report.take(), self._output.take()
            if report:
                self._handle_frames(self._reader.feed(report))
            if output:
                self._take_output(output)
            taken += len(report or b"") + len(output or b"")
            if not report and not output:
                self._bell.wait(0.01)
        self._handle_frames(self._reader.feed(b"", last=True))
        self._report.leave()
        self._output.leave()
