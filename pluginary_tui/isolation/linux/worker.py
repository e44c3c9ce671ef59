"""A worker: a long-lived process that runs and watches one job at a time, each in a process of its own."""

from __future__ import annotations

import sys

if sys.platform != "linux":
    raise ImportError("This is for Linux.")

import contextlib
import errno
import gc
import importlib
import json
import os
import resource
import select
import signal
import time
from collections.abc import Iterable
from socket import socket
from typing import Any

from pluginary_tui.isolation import c_library, child, wire
from pluginary_tui.isolation.backends import FORK, FRESH, WorkerConfig
from pluginary_tui.isolation.linux import launch, system
from pluginary_tui.isolation.linux.sandbox.attempts import Watch
from pluginary_tui.isolation.linux.sandbox.confinement import Confinement
from pluginary_tui.isolation.linux.wire import SocketWire
from pluginary_tui.isolation.watch import REPORT_LIMIT, Inbox, Watching

_MEMORY_CHECK_S = 0.05
_REPORT_POLL_S = 0.02
"""Seconds between reads of the report: waking for each frame would slow small jobs. While a job sends nothing the
interval doubles, up to _MEMORY_CHECK_S."""
_REPORT_BUSY_S = 0.001
"""The interval after a read of more than _REPORT_BUSY_BYTES: a full pipe blocks the job."""
_REPORT_BUSY_BYTES = 1 << 14
_POLL_S = 0.01


def main(config: str) -> None:
    """Be a worker: stdin is the connection to the pool, `config` a WorkerConfig as JSON. Never returns."""
    connection = socket(fileno=os.dup(0))
    serve(connection, WorkerConfig(**json.loads(config)))


def serve(connection: socket, config: WorkerConfig) -> None:
    """Run the jobs that the pool sends until it is gone, then end all descendants. Never returns."""
    confinement = _set_up_process(config)
    line = SocketWire(connection)
    with contextlib.suppress(EOFError, OSError):
        if _preload(line, config.preload):
            config = _with_method(config)
            line.send(wire.READY)
            inbox = Inbox(line)
            while True:
                job = inbox.next_job()
                if config.method == FORK and _import(job["imports"]):
                    config = _with_method(config)
                _Watch(line, inbox, config, confinement, job).run()
    system.end_children()
    confinement.close()
    os._exit(0)  # without finalisation: the pool waits for this exit


def _set_up_process(config: WorkerConfig) -> Confinement:
    """Protect this process from the terminal and from jobs, and set what the processes of jobs inherit.

    They inherit the limits (no core dumps, no large files, no priority over others), no way to gain privileges, and /
    as working folder.
    """
    os.setsid()
    signal.pthread_sigmask(signal.SIG_SETMASK, system.BLOCKED_SIGNALS)
    system.reset_signals()
    system.adopt_orphans()
    system.signal_when_parent_ends(signal.SIGCONT)  # continues where a job stopped this process, to clean up
    for fd in system.open_descriptors():
        with contextlib.suppress(OSError):
            os.set_inheritable(fd, False)
    child.null_streams(0, 1, 2)
    sys.path[:] = map(os.path.abspath, sys.path)  # the working folder changes below
    os.chdir("/")
    system.lower(resource.RLIMIT_CORE, 1)  # with 0 the kernel still starts a program that reports crashes (core(5))
    system.lower(resource.RLIMIT_RTPRIO, 0)  # musicians may let programs take the processor from all others
    system.lower(resource.RLIMIT_NICE, 0)
    if config.file_limit_mb:
        system.lower(resource.RLIMIT_FSIZE, config.file_limit_mb << 20)
    system.give_up_privileges()
    confinement = Confinement(config.sandbox, config.folder, config.private)
    system.highest_descriptor()  # cached for the forked processes
    c_library.print_by_line()
    c_library.keep_memory()
    return confinement


def _preload(line: SocketWire, preload: str) -> bool:
    """Import once what every forked job would have to import. False where that fails; the pool is sent the reason."""
    try:
        if preload:
            child.resolve(preload)()
    except Exception as error:
        line.send(wire.BROKEN, f"{type(error).__name__}: {error}".encode("utf-8", "replace"))
        return False
    gc.freeze()  # so that collections in forked processes do not touch, and thereby copy, these objects
    return True


def _import(modules: Iterable[str]) -> bool:
    """Import what is not here yet, for the forks to come; whether there was any. An error here is an error of the job,
    too, which reports it.
    """
    missing = [name for name in modules if name not in sys.modules]
    for name in missing:
        with contextlib.suppress(Exception):
            importlib.import_module(name)
        gc.freeze()
    return bool(missing)


def _with_method(config: WorkerConfig) -> WorkerConfig:
    """How jobs are started from here on: without forks where a library has started a thread. Locks that it holds would
    stay locked in a forked process.
    """
    if config.method == FORK and system.threads() > 1:
        return config._replace(method=FRESH)
    return config


class _Watch(Watching):
    """One job, from its launch to its result."""

    def __init__(
        self, line: SocketWire, inbox: Inbox, config: WorkerConfig, confinement: Confinement, job: dict[str, Any]
    ) -> None:
        super().__init__(line, inbox, config, job)
        self._socket = line
        self._method = FRESH if job["fresh"] else config.method
        self._findings.sandbox = confinement.described()
        self._confinement = confinement
        self._questions: Watch | None = None
        self._job = job

    def run(self) -> None:
        """Launch, watch, end and report. Raises EOFError or OSError, with the process ended, when the pool is gone."""
        try:
            process = self._launch()
        except OSError as error:
            self._send_failed_launch(error)
            return
        try:
            self._line.send(wire.STARTED, str(process.pid).encode())
            self._watch(process)
        finally:
            self._end(process)
            if self._questions:
                self._questions.close()
            self._confinement.clean()
        self._drain(process)
        self._send_result()

    def _launch(self) -> launch.Process:
        """Start the process, with what it needs to enter the sandbox. OSError where the system cannot."""
        confinement = self._confinement
        if not confinement.layers.any:
            return launch.launcher(self._method)(self._spec)
        confinement.forget()
        entrance = confinement.entrance(self._job["bundles"], self._job["vendor"])
        try:
            return launch.launcher(self._method)(self._spec._replace(sandbox=entrance))
        finally:
            confinement.leave(entrance)

    def _watch(self, process: launch.Process) -> None:
        entered = self._confinement.fileno()
        line, log, exit_fd = self._socket.fileno(), process.log, _exit_descriptor(process.pid)
        poll = select.poll()
        for fd in (line, log, exit_fd, entered):
            if fd >= 0:
                poll.register(fd, select.POLLIN)
        limit = self._spec.memory_limit_mb
        memory_check_at = self._started_at + _MEMORY_CHECK_S if limit else float("inf")
        interval = _REPORT_POLL_S
        report_check_at = self._started_at + interval
        self._deadline = self._started_at + self._timeout_s
        try:
            while not self._findings.cause:
                now = time.monotonic()
                if now >= report_check_at:
                    received = self._read_report(process.report)
                    self._line.flush()
                    now = time.monotonic()
                    interval = _REPORT_POLL_S if received else min(2 * interval, _MEMORY_CHECK_S)
                    pause = _REPORT_BUSY_S if received > _REPORT_BUSY_BYTES else interval
                    report_check_at = float("inf") if self._findings.lost else now + pause
                if now >= memory_check_at:
                    self._take_memory(system.resident_mb(os.getpid()))
                    memory_check_at = now + _MEMORY_CHECK_S
                if now >= self._deadline:
                    self._findings.cause = "lost" if self._findings.lost else "deadline"
                    break
                wait = max(min(self._deadline, memory_check_at, report_check_at) - now, 0)
                for fd, event in poll.poll(1000 * (wait if exit_fd >= 0 else min(wait, _POLL_S))):
                    if fd == line:
                        self._inbox.read()
                        self._findings.cause = self._inbox.end or self._findings.cause
                    elif fd == exit_fd:
                        self._findings.cause = "gone"
                    elif fd == entered:
                        self._questions = self._questions or self._confinement.watch(process.pid)
                        if self._questions:
                            poll.unregister(entered)
                            poll.register(self._questions.listener, select.POLLIN)
                    elif self._questions and fd == self._questions.listener:
                        if event & select.POLLHUP or not self._answer(process.report):  # POLLHUP: nobody is left
                            poll.unregister(fd)
                    elif not self._read_output(fd):
                        poll.unregister(fd)
                if exit_fd < 0 and self._reap(process, os.WNOHANG):
                    self._findings.cause = "gone"
        finally:
            self._findings.elapsed_s = time.monotonic() - self._started_at
            if exit_fd >= 0:
                os.close(exit_fd)

    def _answer(self, report: int) -> bool:
        """Answer what the kernel asks about the job. False where nobody is left that it could ask about.

        The report is read first: so that an attempt comes after what the job sent before it.
        """
        assert self._questions is not None
        try:
            attempt = self._questions.answer(lambda: self._read_report(report))
        except OSError as error:
            return error.errno in (errno.EINTR, errno.ENOENT) and not self._questions.over
        if attempt:
            self._line.buffer(wire.REFUSED, json.dumps(attempt).encode())
        return True

    def _read_report(self, fd: int) -> int:
        """Read the available part of the report. Returns the number of bytes."""
        received = 0
        while data := _read(fd):
            received += len(data)
            self._take_report(data)
            if self._findings.cause == "flood":
                break
        if data == b"":
            self._lose_report()
        return received

    def _read_output(self, fd: int) -> bool:
        """Read the available output. False at its end."""
        data = _read(fd)
        if data:
            self._take_output(data)
        return data != b""

    def _end(self, process: launch.Process) -> None:
        """End the job's process and its descendants."""
        system.kill(process.pid)
        self._reap(process, 0)
        system.end_children()

    def _reap(self, process: launch.Process, flags: int) -> bool:
        """Reap the process and keep its status. False while it is running."""
        try:
            pid, status, usage = os.wait4(process.pid, flags)
        except ChildProcessError:
            return True
        if not pid:
            return False
        found = self._findings
        found.exit_code = os.waitstatus_to_exitcode(status)
        found.peak_mb = max(found.peak_mb, usage.ru_maxrss / 1024)
        return True

    def _drain(self, process: launch.Process) -> None:
        """Read what is left in the pipes. Not to their end: an escaped descendant may hold them open."""
        taken = 0
        while (data := _read(process.report)) and taken < REPORT_LIMIT:
            taken += len(data)
            self._handle_frames(self._reader.feed(data))
        self._handle_frames(self._reader.feed(b"", last=True))
        taken = 0
        while (data := _read(process.log)) and taken < REPORT_LIMIT:
            taken += len(data)
            self._log.add(data)
        process.close()


def _exit_descriptor(pid: int) -> int:
    """A descriptor that becomes readable when the process ends; -1 where the kernel has none."""
    with contextlib.suppress(OSError):  # before Linux 5.3
        return os.pidfd_open(pid)
    return -1


def _read(fd: int) -> bytes | None:
    """The available bytes: empty at the end, None where there are none at the moment."""
    try:
        return os.read(fd, wire.CHUNK)
    except BlockingIOError:
        return None
