"""The pool: the side of the isolation room that the program sees. Jobs go in, events come out."""

from __future__ import annotations

import atexit
import contextlib
import json
import selectors
import threading
import time
from collections.abc import Container
from multiprocessing import resource_tracker
from typing import Any

from pluginary_tui.isolation import launch, system, wire
from pluginary_tui.isolation.jobs import Event, Job, JobEnded, JobStarted, MessageReceived, OutputReceived
from pluginary_tui.isolation.launch import WorkerConfig
from pluginary_tui.isolation.output_log import BoundedLog
from pluginary_tui.isolation.worker_handle import REQUESTED, Task, WorkerHandle, spawn_worker
from pluginary_tui.model import Outcome, clean

GRACE_S = 3.0
"""How long after a job's deadline its worker may stay silent before it is woken, and once more before it is killed."""
BOOT_S = 60.0
"""How long a worker may take to take its first job."""
ATTEMPTS = 3
"""Workers that may fail under one job before they took it."""
_CLOSE_S = 2.0
_ERROR_LIMIT = 1000


def prepare() -> None:
    """Start what multiprocessing needs. Call before a full-screen app takes the terminal: inside it is too late."""
    resource_tracker.ensure_running()


class Pool:
    """Workers, each running one job at a time in a process of its own.

    `submit`, `submit_behind`, `events` and `close` belong to one thread, whichever; the other methods may be called
    from any. There is no queue: a job is submitted when `free` says that a worker is there for it. Whoever has many
    short ones may tell a worker its next one as well (`room`, `submit_behind`): it goes on with that by itself, without
    waiting for this process.
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
        self._config = WorkerConfig(
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
        self._leaving: list[WorkerHandle] = []
        self._workers: list[WorkerHandle] = []
        self._selector = selectors.PollSelector()
        atexit.register(self.close)
        for _ in range(workers):
            self._spawn()

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
    def prefetch_slots(self) -> int:
        """How many jobs can be submitted now to wait behind another: one for each worker whose job has `Started`."""
        with self._lock:
            return len(self._followable())

    @property
    def running(self) -> list[str]:
        """Keys of the jobs that are out, oldest first, without those that wait behind another."""
        with self._lock:
            tasks = [worker.task for worker in self._workers if worker.task]
            return [task.job.key for task in sorted(tasks, key=lambda task: task.serial)]

    def submit(self, job: Job) -> None:
        """Give a job to a free worker. ValueError when there is none, or when its key is running."""
        with self._lock:
            if not self.free:
                raise ValueError("no worker is free")
            self._check(job)
            self._assign(job)

    def submit_ahead(self, job: Job) -> None:
        """Give a job to a busy worker, which begins it as soon as that which it runs has ended; `Started` tells.

        Where that does not come to pass (see `recall`, `resize`, or the worker is lost), it has an `Ended` that says
        `returned`. ValueError when there is no `room`, or when its key is running.
        """
        with self._lock:
            followable = self._followable()
            if not followable:
                raise ValueError("no worker has room")
            self._check(job)
            worker = max(followable, key=lambda worker: worker.since)  # what has run for long may go on for long
            self._serial += 1
            worker.following = Task(job, self._serial, BoundedLog(self._config.log_limit))
            with contextlib.suppress(OSError):  # it died: `events` will see, and give the job back
                worker.assign(worker.following)

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
                    events += self._read_messages(worker)
                elif worker.due <= time.monotonic():
                    self._on_worker_silent(worker)
            events += self._backlog
            self._backlog = []
        return events

    def skip(self, key: str) -> None:
        """End one running job at once. Its `Ended` follows; nothing happens if it has ended already."""
        with self._lock:
            self._cut("skipped", [key])

    def stop(self) -> None:
        """End every running job at once, and begin none that waits. Their `Ended` follow."""
        with self._lock:
            self._cut("stopped", {task.job.key for worker in self._workers for task in worker.tasks})

    def withdraw(self, most: int | None = None) -> None:
        """Have jobs back that wait behind another: `most` of them, those behind what runs longest first, or all.

        `most` includes those that were asked for before and have not come yet. Each has an `Ended` that says
        `returned`; but one that its worker has begun by then goes on, as its `Started` tells.
        """
        with self._lock:
            waiting = [worker for worker in self._workers if worker.following]
            for worker in sorted(waiting, key=lambda worker: worker.since)[:most]:
                if worker.following and not worker.following.end_reason:
                    worker.cancel(worker.following, "returned")

    def resize(self, workers: int) -> None:
        """Have that many workers from now on. Surplus ones leave when they are done with what they run; where there are
        to be fewer, what waits behind another is recalled.
        """
        with self._lock:
            if workers < self._target:
                self.withdraw()
            self._target = workers

    def close(self) -> None:
        """Kill what runs, end the workers and wait: nothing is left afterwards. No events follow."""
        atexit.unregister(self.close)
        with self._lock:
            workers, self._workers, self._target = self._workers, [], 0
            for worker in workers:
                self._retire(worker)
            deadline = time.monotonic() + _CLOSE_S
            for worker in self._leaving:
                worker.wait(max(deadline - time.monotonic(), 0))
                self._finish(worker)
            self._leaving = []

    # Below: the lock is held.

    def _busy(self) -> list[WorkerHandle]:
        return [worker for worker in self._workers if worker.task]

    def _followable(self) -> list[WorkerHandle]:
        """The workers that may be told what to do next. Not those that have not begun what they have been told: they
        may be broken. None while there are too many: then some have to leave.
        """
        busy = self._busy()
        if len(busy) > self._target:
            return []
        return [worker for worker in busy if worker.task and worker.task.pid and not worker.following]

    def _check(self, job: Job) -> None:
        if any(task.job.key == job.key for worker in self._workers for task in worker.tasks):
            raise ValueError(f"{job.key} is running")

    def _spawn(self) -> WorkerHandle:
        worker = spawn_worker(self._config)
        self._workers.append(worker)
        self._selector.register(worker.line, selectors.EVENT_READ, worker)
        return worker

    def _assign(self, job: Job, attempt: int = 1, error: str = "") -> None:
        """Hand a job to an idle worker, hiring one where there is none. An `Ended` follows if that fails."""
        while attempt <= ATTEMPTS:
            idle = sorted((w for w in self._workers if not w.task), key=lambda w: not w.ready)
            self._serial += 1
            try:
                worker = idle[0] if idle else self._spawn()
            except OSError as problem:
                error = problem.strerror or str(problem)
                break
            task = Task(job, self._serial, BoundedLog(self._config.log_limit), attempt)
            try:
                worker.assign(task)
            except OSError:  # it died while idle
                self._workers.remove(worker)
                self._finish(worker)
                attempt += 1
                continue
            self._set_task(worker, task)
            return
        error = clean(error or "its worker ended", _ERROR_LIMIT)
        self._backlog.append(JobEnded(job.key, None, "launch", error=f"could not be started: {error}"))

    def _set_task(self, worker: WorkerHandle, task: Task | None) -> None:
        """Have it down that the worker is at this from now on."""
        worker.task, worker.woken, worker.due = task, False, float("inf")
        if task:
            worker.due = time.monotonic() + (GRACE_S + task.job.timeout_s if worker.ready else BOOT_S)

    def _read_messages(self, worker: WorkerHandle) -> list[Event]:
        try:
            records = worker.line.read()
        except EOFError:
            return self._on_worker_exit(worker)
        return [event for record in records if (event := self._handle_message(worker, *record))]

    def _handle_message(self, worker: WorkerHandle, tag: int, body: bytes) -> Event | None:
        if tag == wire.READY:
            worker.ready = True
        elif tag == wire.BROKEN:
            worker.broken = body.decode()
        elif tag == wire.RETURNED:
            return self._returned(worker, int(body))
        task = worker.task
        if task is None:
            return None
        key = task.job.key
        if tag == wire.STARTED:
            task.pid, task.since = int(body), time.monotonic()
            if task.end_reason == "returned":  # too late
                task.end_reason = ""
        if not task.end_reason:
            worker.due = time.monotonic() + task.job.timeout_s + GRACE_S
        if tag == wire.STARTED:
            return JobStarted(key, task.pid)
        if tag == wire.SAID:
            return MessageReceived(key, json.loads(body))
        if tag == wire.PRINTED:
            task.log.add(body)
            text = task.text.decode(body)
            return OutputReceived(key, text) if text else None
        if tag == wire.ENDED:
            following, worker.following = worker.following, None
            self._set_task(worker, following)
            return _ended(key, body)
        return None

    def _returned(self, worker: WorkerHandle, serial: int) -> Event | None:
        """A worker has not begun a job, and will not: one that waited, also if what was before it has ended since."""
        for task in worker.tasks:
            if task.serial == serial:
                if task is worker.task:
                    self._set_task(worker, None)
                else:
                    worker.following = None
                return task.cancelled_result()
        return None

    def _on_worker_exit(self, worker: WorkerHandle) -> list[Event]:
        """A worker is gone: see that what it ran goes too, and say what became of its jobs."""
        self._workers.remove(worker)
        worker.wait(GRACE_S)
        task = worker.task
        if task and task.pid:
            system.kill(task.pid)
        code = self._finish(worker)
        told: list[Event] = [worker.following.cancelled_result()] if worker.following else []
        if task is None:
            return told
        if not task.pid and task.end_reason not in REQUESTED:
            self._assign(task.job, task.attempt + 1, worker.broken)
            return told
        told.insert(0, task.crashed_result(code))
        if len(self._workers) < self._target:
            with contextlib.suppress(OSError):  # tried again, and told, when there is a job for it
                self._spawn()
        return told

    def _finish(self, worker: WorkerHandle) -> int:
        """Make sure that a worker and all below it are gone; gives its exit code."""
        code = worker.finish()
        self._close_connection(worker)
        return code

    def _on_worker_silent(self, worker: WorkerHandle) -> None:
        """A worker is silent for too long. A job may have stopped it, so wake it once; then kill it."""
        if not worker.woken:
            worker.woken, worker.due = True, time.monotonic() + GRACE_S
            worker.resume()
        elif worker.task:
            worker.task.end_reason, worker.due = worker.task.end_reason or "silent", float("inf")
            worker.process.kill()

    def _cut(self, fate: str, keys: Container[str]) -> None:
        for worker in self._busy():
            for task in reversed(worker.tasks):  # what waits first, or it would begin before its turn to be cut came
                if task.job.key in keys and task.end_reason in ("", "returned"):
                    worker.cancel(task, fate)
                    if task is worker.task:
                        worker.due = time.monotonic() + GRACE_S

    def _settle_size(self) -> None:
        """Let idle workers go that are too many, and forget those that have gone."""
        idle = [worker for worker in self._workers if not worker.task]
        for worker in idle[: max(len(self._workers) - self._target, 0)]:
            self._workers.remove(worker)
            self._retire(worker)
        for worker in [worker for worker in self._leaving if worker.process.exitcode is not None]:
            self._leaving.remove(worker)
            self._finish(worker)

    def _close_connection(self, worker: WorkerHandle) -> None:
        """Close a worker's line, where that is not done yet."""
        if worker.line.open:
            self._selector.unregister(worker.line)
            worker.line.close()

    def _retire(self, worker: WorkerHandle) -> None:
        """Have a worker end what it runs and leave: it does so when its line is closed."""
        self._close_connection(worker)
        self._leaving.append(worker)
        if not worker.ready and not worker.task:
            worker.process.kill()  # still starting, and nothing is below it
        else:
            worker.resume()


def _ended(key: str, body: bytes) -> JobEnded:
    head, _, log = body.partition(b"\n")
    verdict: dict[str, Any] = json.loads(head)
    outcome = verdict.pop("outcome")
    verdict["error"] = clean(verdict["error"], _ERROR_LIMIT)
    return JobEnded(key, Outcome(outcome) if outcome else None, log=log.decode("utf-8", "replace"), **verdict)
