"""The pool: the side of the isolation room that the program sees. Jobs go in, events come out."""

from __future__ import annotations

import atexit
import codecs
import contextlib
import json
import multiprocessing
import os
import selectors
import signal
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing import resource_tracker
from multiprocessing.context import SpawnProcess
from typing import Any

from pluginary_tui.isolation import launch, system, wire
from pluginary_tui.isolation.jobs import Ended, Event, Job, Printed, Said, Started
from pluginary_tui.isolation.log import Log
from pluginary_tui.isolation.rules import Rules
from pluginary_tui.isolation.verdict import signal_name
from pluginary_tui.isolation.worker import serve
from pluginary_tui.model import Outcome, clean

GRACE_S = 3.0
"""How long after a job's deadline its worker may stay silent before it is woken, and once more before it is killed."""
BOOT_S = 60.0
"""How long a worker may take to take its first job."""
ATTEMPTS = 3
"""Workers that may fail under one job before they took it."""
_CLOSE_S = 2.0
_ERROR_LIMIT = 1000

_hiring = threading.Lock()


def prepare() -> None:
    """Start what multiprocessing needs. Call before a full-screen app takes the terminal: inside it is too late."""
    resource_tracker.ensure_running()


@dataclass(slots=True, eq=False)
class _Worker:
    """A worker as the pool knows it, with the job that it holds."""

    process: SpawnProcess
    line: wire.Wire
    mark: str
    ready: bool = False
    broken: str = ""
    """Why it cannot work, in its own words."""
    job: Job | None = None
    serial: int = 0
    attempt: int = 0
    pid: int = 0
    """Of the job's process; 0 before there is one."""
    since: float = 0.0
    due: float = float("inf")
    """When to become suspicious of its silence."""
    woken: bool = False
    fate: str = ""
    """What its job was ended for: `skipped`, `stopped`, or `silent` where the worker did not keep the deadline."""
    log: Log = field(default_factory=lambda: Log(0))
    text: codecs.IncrementalDecoder = field(default_factory=codecs.getincrementaldecoder("utf-8"))


class Pool:
    """Workers, each running one job at a time in a process of its own.

    `submit`, `events` and `close` belong to one thread, whichever; `skip`, `stop` and `resize` may come from any.
    There is no queue: a job is submitted when `free` says that a worker is there for it.
    """

    def __init__(
        self,
        workers: int,
        *,
        memory_limit_mb: int = 0,
        file_limit_mb: int = 256,
        log_limit: int = 65536,
        method: str | None = None,
        preload: str = "",
    ) -> None:
        """Start `workers` workers; does not wait for them.

        `memory_limit_mb` is each job's unless it says otherwise, MiB, 0 for none. `file_limit_mb` is the largest
        file a job may write, MiB, 0 for any. `log_limit` is in bytes. `method` is `fork` or `fresh`, None for what
        suits the platform. `preload` names a function (`package.module:function`) that each worker calls once, for
        what is worth having in memory before forking; it must start no thread.
        """
        prepare()
        method = method or launch.default_method()
        self._rules = Rules(
            method=method,
            memory_limit_mb=memory_limit_mb,
            file_limit_mb=file_limit_mb,
            log_limit=log_limit,
            preload=preload if method == launch.FORK else "",
        )
        self._lock = threading.RLock()
        self._target = workers
        self._serial = 0
        self._backlog: list[Event] = []
        self._leaving: list[_Worker] = []
        self._workers: list[_Worker] = []
        self._selector = selectors.PollSelector()
        atexit.register(self.close)
        for _ in range(workers):
            self._hire()

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def free(self) -> int:
        """How many jobs can be submitted now."""
        with self._lock:
            return max(self._target - len(self._busy()), 0)

    @property
    def running(self) -> list[str]:
        """Keys of the jobs that are out, oldest first."""
        with self._lock:
            return [worker.job.key for worker in sorted(self._busy(), key=lambda w: w.serial) if worker.job]

    def submit(self, job: Job) -> None:
        """Give a job to a free worker. ValueError when there is none, or when its key is running."""
        with self._lock:
            if not self.free:
                raise ValueError("no worker is free")
            if job.key in self.running:
                raise ValueError(f"{job.key} is running")
            self._assign(job)

    def events(self, timeout_s: float) -> list[Event]:
        """What happened, waiting up to `timeout_s` seconds for the first of it."""
        with self._lock:
            self._settle_size()
            events, self._backlog = self._backlog, []
            workers = list(self._workers)
            due = min((worker.due for worker in workers), default=float("inf"))
        wait = 0.0 if events else max(min(timeout_s, due - time.monotonic()), 0.0)
        ready = [key.data for key, _ in self._selector.select(wait)]
        with self._lock:
            for worker in workers:
                if worker not in self._workers:
                    continue  # found dead while another one's job was handed on
                if worker in ready:
                    events += self._hear(worker)
                elif worker.due <= time.monotonic():
                    self._suspect(worker)
            events += self._backlog
            self._backlog = []
        return events

    def skip(self, key: str) -> None:
        """End one running job at once. Its `Ended` follows; nothing happens if it has ended already."""
        self._cut("skipped", [key])

    def stop(self) -> None:
        """End every running job at once. Their `Ended` follow."""
        self._cut("stopped", self.running)

    def resize(self, workers: int) -> None:
        """Have that many workers from now on. Surplus ones leave when they are done with what they hold."""
        with self._lock:
            self._target = workers

    def close(self) -> None:
        """Kill what runs, end the workers and wait: nothing is left afterwards. No events follow."""
        atexit.unregister(self.close)
        with self._lock:
            workers, self._workers, self._target = self._workers, [], 0
            for worker in workers:
                self._dismiss(worker)
            deadline = time.monotonic() + _CLOSE_S
            for worker in self._leaving:
                worker.process.join(max(deadline - time.monotonic(), 0))
                self._finish(worker)
            self._leaving = []

    # Below: the lock is held.

    def _busy(self) -> list[_Worker]:
        return [worker for worker in self._workers if worker.job]

    def _hire(self) -> _Worker:
        """Start a worker, with the mark that its descendants can be found by.

        It inherits a blocked SIGINT: until it has a session of its own, Ctrl+C in the terminal would reach it too.
        """
        mark = f"{os.getpid()}-{os.urandom(16).hex()}"
        ours, theirs = socket.socketpair()
        process = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs, self._rules))
        with _hiring, _environment(system.MARK, mark), _blocked(signal.SIGINT):
            process.start()
        theirs.close()
        worker = _Worker(process, wire.Wire(ours), mark)
        self._workers.append(worker)
        self._selector.register(worker.line, selectors.EVENT_READ, worker)
        return worker

    def _assign(self, job: Job, attempt: int = 1, error: str = "") -> None:
        """Hand a job to an idle worker, hiring one where there is none. An `Ended` follows if that fails."""
        body = {
            "entry": job.entry,
            "payload": job.payload,
            "timeout_s": job.timeout_s,
            "memory_limit_mb": job.memory_limit_mb,
        }
        while attempt <= ATTEMPTS:
            idle = sorted((w for w in self._workers if not w.job), key=lambda w: not w.ready)
            self._serial += 1
            try:
                worker = idle[0] if idle else self._hire()
            except OSError as problem:
                error = problem.strerror or str(problem)
                break
            try:
                worker.line.send(wire.JOB, json.dumps(body | {"serial": self._serial}).encode())
            except OSError:  # it died while idle
                self._workers.remove(worker)
                self._finish(worker)
                attempt += 1
                continue
            worker.job, worker.serial, worker.attempt = job, self._serial, attempt
            worker.pid, worker.woken, worker.fate = 0, False, ""
            worker.since = time.monotonic()
            worker.due = worker.since + (GRACE_S + job.timeout_s if worker.ready else BOOT_S)
            worker.log = Log(self._rules.log_limit)
            worker.text = codecs.getincrementaldecoder("utf-8")("replace")
            return
        error = clean(error or "its worker ended", _ERROR_LIMIT)
        self._backlog.append(Ended(job.key, None, "launch", error=f"could not be started: {error}"))

    def _hear(self, worker: _Worker) -> list[Event]:
        try:
            records = worker.line.read()
        except EOFError:
            return self._bury(worker)
        return [event for record in records if (event := self._understand(worker, *record))]

    def _understand(self, worker: _Worker, tag: int, body: bytes) -> Event | None:
        if tag == wire.READY:
            worker.ready = True
        elif tag == wire.BROKEN:
            worker.broken = body.decode()
        job = worker.job
        if job is None:
            return None
        if not worker.fate:
            worker.due = time.monotonic() + job.timeout_s + GRACE_S
        if tag == wire.STARTED:
            worker.pid = int(body)
            return Started(job.key, worker.pid)
        if tag == wire.SAID:
            return Said(job.key, json.loads(body))
        if tag == wire.PRINTED:
            worker.log.add(body)
            text = worker.text.decode(body)
            return Printed(job.key, text) if text else None
        if tag == wire.ENDED:
            worker.job, worker.due = None, float("inf")
            return _ended(job.key, body)
        return None

    def _bury(self, worker: _Worker) -> list[Event]:
        """A worker is gone: see that what it ran goes too, and say what became of its job."""
        self._workers.remove(worker)
        worker.process.join(GRACE_S)
        if worker.pid and worker.job:
            system.kill(worker.pid)
        code = self._finish(worker)
        job = worker.job
        if job is None:
            return []
        if worker.fate in ("skipped", "stopped"):
            verdict = Ended(job.key, None, worker.fate, error=f"was {worker.fate}")
        elif not worker.pid:
            self._assign(job, worker.attempt + 1, worker.broken)
            return []
        elif code >= 0:  # a job can kill its worker, but not make it exit
            verdict = Ended(job.key, None, "launch", error="could not be watched: its worker ended")
        elif worker.fate:
            verdict = Ended(job.key, Outcome.TIMEOUT, error=f"did not answer within {job.timeout_s:g} s")
        else:
            verdict = Ended(job.key, Outcome.CRASHED, error="killed the process that watched it")
            verdict.signal = signal_name(-code)
        verdict.elapsed_s = time.monotonic() - worker.since
        verdict.log = worker.log.whole().decode("utf-8", "replace")
        if len(self._workers) < self._target:
            with contextlib.suppress(OSError):  # tried again, and told, when there is a job for it
                self._hire()
        return [verdict]

    def _finish(self, worker: _Worker) -> int:
        """Make sure that a worker and all below it are gone; gives its exit code."""
        process = worker.process
        if process.exitcode is None:
            process.kill()
            process.join()
        code = process.exitcode or 0
        if code and worker.serial:  # it had work, and did not clean up itself
            system.sweep(worker.mark)
        self._hang_up(worker)
        process.close()
        return code

    def _suspect(self, worker: _Worker) -> None:
        """A worker is silent for too long. A job may have stopped it, so wake it once; then kill it."""
        if worker.process.pid is None:
            return
        if not worker.woken:
            worker.woken, worker.due = True, time.monotonic() + GRACE_S
            os.kill(worker.process.pid, signal.SIGCONT)
        else:
            worker.fate, worker.due = worker.fate or "silent", float("inf")
            worker.process.kill()

    def _cut(self, reason: str, keys: Iterable[str]) -> None:
        with self._lock:
            for worker in self._busy():
                if worker.job and worker.job.key in keys and not worker.fate:
                    worker.fate = reason
                    worker.due = time.monotonic() + GRACE_S
                    with contextlib.suppress(OSError):  # gone; `events` will see
                        worker.line.send(wire.END, json.dumps([worker.serial, reason]).encode())

    def _settle_size(self) -> None:
        """Let idle workers go that are too many, and forget those that have gone."""
        idle = [worker for worker in self._workers if not worker.job]
        for worker in idle[: max(len(self._workers) - self._target, 0)]:
            self._workers.remove(worker)
            self._dismiss(worker)
        for worker in [worker for worker in self._leaving if worker.process.exitcode is not None]:
            self._leaving.remove(worker)
            self._finish(worker)

    def _hang_up(self, worker: _Worker) -> None:
        """Close a worker's line, where that is not done yet."""
        if worker.line.open:
            self._selector.unregister(worker.line)
            worker.line.close()

    def _dismiss(self, worker: _Worker) -> None:
        """Have a worker end what it runs and leave: it does so when its line is closed."""
        self._hang_up(worker)
        self._leaving.append(worker)
        if not worker.ready and not worker.job:
            worker.process.kill()  # still starting, and nothing is below it
        elif worker.process.pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker.process.pid, signal.SIGCONT)


def _ended(key: str, body: bytes) -> Ended:
    head, _, log = body.partition(b"\n")
    verdict: dict[str, Any] = json.loads(head)
    outcome = verdict.pop("outcome")
    verdict["error"] = clean(verdict["error"], _ERROR_LIMIT)
    return Ended(key, Outcome(outcome) if outcome else None, log=log.decode("utf-8", "replace"), **verdict)


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
