"""A worker: a long-lived process that runs one job at a time in a process of its own and watches over it."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import resource
import select
import signal
import sys
import time
from collections import deque
from socket import socket

from pluginary_tui.isolation import child, frames, launch, system, wire
from pluginary_tui.isolation.launch import WorkerConfig
from pluginary_tui.isolation.output_log import BoundedLog
from pluginary_tui.isolation.verdict import Findings, judge

REPORT_LIMIT = 64 << 20
"""Bytes of one report, junk included."""
EXIT_GRACE_S = 1.0
"""How long a process may go on after its report is whole, or after it lost the channel to report on."""
_WEIGH_EVERY_S = 0.05
_HEAR_EVERY_S = 0.02
"""How often the report is looked at while it comes in: waking for each frame would cost as much as a small job, and
most are over before the first look. One that is silent is looked at ever more seldom, down to every _WEIGH_EVERY_S."""
_HEAR_SOON_S = 0.001
"""When again after a look that found more than _MUCH bytes: the pipe holds little more, and who fills it waits."""
_MUCH = 1 << 14
_POLL_S = 0.01


def serve(connection: socket, rules: WorkerConfig) -> None:
    """Take orders from the pool until it is gone, then leave nothing behind. The target of a worker's process."""
    _settle(rules)
    line = wire.Wire(connection)
    with contextlib.suppress(EOFError, OSError):
        if not _warm_up(line, rules.preload):
            return
        if rules.method == launch.FORK and system.threads() > 1:  # what they hold at a fork, nobody would let go of
            rules = rules._replace(method=launch.FRESH)
        line.send(wire.READY)
        orders = _Orders(line)
        while True:
            _Watch(line, orders, rules, orders.next_job()).run()
    system.end_children()
    os._exit(0)  # the pool waits for this, and to take the interpreter apart would take as long as a probe


def _settle(rules: WorkerConfig) -> None:
    """Make this process one that a terminal, a careless plugin or the end of the pool leaves in good order, and that
    hands down what every process of a job has to have: no core dumps, no large files, no privileges, a folder that is
    nobody's.
    """
    os.setsid()
    signal.pthread_sigmask(signal.SIG_SETMASK, system.HELD_OFF)
    system.settle_signals()
    system.adopt_orphans()
    system.signal_when_parent_ends(signal.SIGCONT)  # a job may have stopped this process: wake and clean up
    for fd in system.open_descriptors():
        with contextlib.suppress(OSError):
            os.set_inheritable(fd, False)
    system.highest_descriptor()  # remembered for all that is forked from here
    system.null_streams(0, 1, 2)
    sys.path[:] = map(os.path.abspath, sys.path)  # pathlib takes a tenth of a worker's start to import
    os.chdir("/")
    system.lower(resource.RLIMIT_CORE, 0)
    if rules.file_limit_mb:
        system.lower(resource.RLIMIT_FSIZE, rules.file_limit_mb << 20)
    system.give_up_privileges()
    system.print_by_line()
    system.keep_memory()


def _warm_up(line: wire.Wire, preload: str) -> bool:
    """Do once what every job forked from here would have to do."""
    try:
        if preload:
            child.resolve(preload)()
    except Exception as error:
        line.send(wire.BROKEN, f"{type(error).__name__}: {error}".encode("utf-8", "replace"))
        return False
    gc.freeze()  # garbage and all: each fork's first collection would copy it, and to look for it here takes 3 ms
    return True


class _Orders:
    """What the pool wants."""

    def __init__(self, line: wire.Wire) -> None:
        self._line = line
        self._jobs: deque[dict[str, object]] = deque()
        self._serial: object = 0
        self.end = ""
        """Why the job that was begun last is to be ended; empty while it is not."""

    def next_job(self) -> dict[str, object]:
        """The job to begin now; waits for one. EOFError when the pool is gone: then nothing begins, whatever waits."""
        self.read(wait=not self._jobs)
        while not self._jobs:
            self.read()
        job = self._jobs.popleft()
        self._serial, self.end = job["serial"], ""
        return job

    def read(self, *, wait: bool = True) -> None:
        """Take in what the pool has said. An order about a job that has ended is stale; one that has begun is not given
        back.
        """
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


class _Watch:
    """One job, from its launch to its verdict."""

    def __init__(self, line: wire.Wire, orders: _Orders, rules: WorkerConfig, job: dict[str, object]) -> None:
        self._line = line
        self._orders = orders
        self._method = launch.FRESH if job["fresh"] else rules.method
        self._timeout_s = float(str(job["timeout_s"]))
        limit = job["memory_limit_mb"]
        token = os.urandom(frames.TOKEN_SIZE)  # as secrets does, without the time that takes to import
        self._order = child.Order(
            entry=str(job["entry"]),
            payload=job["payload"],
            token=token.hex(),
            parent=os.getpid(),
            memory_limit_mb=rules.memory_limit_mb if limit is None else int(str(limit)),
            paths=tuple(sys.path),
        )
        self._reader = frames.Reader(token, REPORT_LIMIT)
        self._log = BoundedLog(rules.log_limit)
        self._found = Findings(timeout_s=self._timeout_s, memory_limit_mb=self._order.memory_limit_mb)
        self._born = self._deadline = time.monotonic()

    def run(self) -> None:
        """Launch, watch, end, judge, tell. EOFError or OSError when the pool is gone; nothing is left then either."""
        try:
            process = launch.launcher(self._method)(self._order)
        except OSError as error:
            self._found.error = error.strerror or str(error)
            self._send_result()
            return
        try:
            self._line.send(wire.STARTED, str(process.pid).encode())
            self._watch(process)
        finally:
            self._end(process)
        self._drain(process)
        self._send_result()

    def _watch(self, process: launch.Process) -> None:
        line, log, exit_fd = self._line.fileno(), process.log, _exit_descriptor(process.pid)
        poll = select.poll()  # as it is: `selectors` keep books, in memory that each fork has made dear to write to
        for fd in (line, log, exit_fd) if exit_fd >= 0 else (line, log):
            poll.register(fd, select.POLLIN)
        limit = self._order.memory_limit_mb
        weigh_at = self._born + _WEIGH_EVERY_S if limit else float("inf")
        patience = _HEAR_EVERY_S
        hear_at = self._born + patience
        self._deadline = self._born + self._timeout_s
        try:
            while not self._found.cause:
                now = time.monotonic()
                if now >= hear_at:
                    heard = self._read_report(process.report)
                    self._line.flush()
                    now = time.monotonic()
                    patience = _HEAR_EVERY_S if heard else min(2 * patience, _WEIGH_EVERY_S)
                    pause = _HEAR_SOON_S if heard > _MUCH else patience
                    hear_at = float("inf") if self._found.lost else now + pause
                if now >= weigh_at:
                    self._check_memory(limit)
                    weigh_at = now + _WEIGH_EVERY_S
                if now >= self._deadline:
                    self._found.cause = "lost" if self._found.lost else "deadline"
                    break
                wait = max(min(self._deadline, weigh_at, hear_at) - now, 0)
                for fd, _ in poll.poll(1000 * (wait if exit_fd >= 0 else min(wait, _POLL_S))):
                    if fd == line:
                        self._orders.read()
                        self._found.cause = self._orders.end or self._found.cause
                    elif fd == exit_fd:
                        self._found.cause = "gone"
                    elif not self._read_output(fd):
                        poll.unregister(fd)
                if exit_fd < 0 and self._reap(process, os.WNOHANG):
                    self._found.cause = "gone"
        finally:
            self._found.elapsed_s = time.monotonic() - self._born
            if exit_fd >= 0:
                os.close(exit_fd)

    def _read_report(self, fd: int) -> int:
        """Take in what has come of the report. Returns how many bytes that were."""
        heard = 0
        while data := _read(fd):
            heard += len(data)
            self._take(self._reader.feed(data))
            if self._reader.total > REPORT_LIMIT:
                self._found.cause = "flood"
                break
        if data == b"":  # every copy of the other end is closed
            self._found.lost = True
            self._deadline = min(self._deadline, time.monotonic() + EXIT_GRACE_S)
        return heard

    def _take(self, arrived: list[tuple[int, bytes]]) -> None:
        found = self._found
        for kind, body in arrived:
            if found.answered:
                return
            if kind == frames.BEGIN:
                found.begun = True
                self._line.keep(wire.BEGUN)
            elif kind == frames.MESSAGE:
                self._line.keep(wire.SAID, body)
            elif kind == frames.DONE:
                found.whole = not self._reader.damaged
                found.damaged = self._reader.damaged
            elif kind in (frames.ERROR, frames.LAUNCH):
                found.error_type, found.error = json.loads(body)
            # After the sending, which waits where the pool is slow to take it: that is not the job's time.
            self._deadline = time.monotonic() + (EXIT_GRACE_S if found.answered else self._timeout_s)

    def _read_output(self, fd: int) -> bool:
        """Take in what was printed. False where nothing will follow."""
        data = _read(fd)
        if data and (live := self._log.add(data)):
            self._line.send(wire.PRINTED, live)
        return data != b""

    def _check_memory(self, limit: int) -> None:
        weight = system.resident_mb(os.getpid())
        self._found.peak_mb = max(self._found.peak_mb, weight)
        if weight > limit:
            self._found.cause = "memory"

    def _end(self, process: launch.Process) -> None:
        """Leave nothing of the job running."""
        system.kill(process.pid)
        self._reap(process, 0)
        system.end_children()

    def _reap(self, process: launch.Process, flags: int) -> bool:
        """Take the process's status, once."""
        try:
            pid, status, usage = os.wait4(process.pid, flags)
        except ChildProcessError:
            return True
        if not pid:
            return False
        found = self._found
        found.exit_code = os.waitstatus_to_exitcode(status)
        unit = 1 << 20 if sys.platform == "darwin" else 1 << 10  # getrusage(2): bytes there, KiB on Linux
        found.peak_mb = max(found.peak_mb, usage.ru_maxrss / unit)
        return True

    def _drain(self, process: launch.Process) -> None:
        """Read what is still in the pipes. Never to their end: something that got away may hold them open."""
        taken = 0
        while (data := _read(process.report)) and taken < REPORT_LIMIT:
            taken += len(data)
            self._take(self._reader.feed(data))
        self._take(self._reader.feed(b"", last=True))
        taken = 0
        while (data := _read(process.log)) and taken < REPORT_LIMIT:
            taken += len(data)
            self._log.add(data)
        process.close()

    def _send_result(self) -> None:
        verdict = json.dumps(judge(self._found))
        self._line.send(wire.ENDED, verdict.encode() + b"\n" + self._log.contents())


def _exit_descriptor(pid: int) -> int:
    """A descriptor that can be read once the process has ended; -1 where there is none and asking has to do."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):  # Linux before 5.3
            return os.pidfd_open(pid)
    return -1


def _read(fd: int) -> bytes | None:
    """What is there; empty at the end, None where there is nothing at the moment."""
    try:
        return os.read(fd, wire.CHUNK)
    except BlockingIOError:
        return None
