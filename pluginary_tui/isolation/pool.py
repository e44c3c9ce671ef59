"""The pool of workers: jobs are submitted to it, and it returns their events."""

from __future__ import annotations

import atexit
import contextlib
import json
import sys
import threading
import time
from collections.abc import Container
from typing import Any

from pluginary_tui.isolation import backends, wire
from pluginary_tui.isolation.backends import WorkerConfig
from pluginary_tui.isolation.interface import Backend
from pluginary_tui.isolation.jobs import (
    AttemptRefused,
    Event,
    Job,
    JobEnded,
    JobStarted,
    MessageReceived,
    OutputReceived,
)
from pluginary_tui.isolation.output_log import BoundedLog
from pluginary_tui.isolation.worker_handle import REQUESTED, Task, WorkerHandle, spawn_worker
from pluginary_tui.model import Outcome, clean

GRACE_S = 3.0
"""Seconds past a job's deadline after which its silent worker is continued; after as many again it is killed."""
BOOT_S = 60.0
"""Seconds a worker may take to start."""
ATTEMPTS = 3
"""Workers that may end before starting a job until the job fails with `launch`."""
_CLOSE_S = 2.0
_ERROR_LIMIT = 1000


class Pool:
    """Workers, each running one job at a time in a process of its own.

    `submit`, `submit_ahead`, `events` and `close` have to be called by one thread; the other methods may be called
    from any. There is no queue: a job is submitted when `free` is not 0. Many short jobs can be prefetched, one for
    each worker (`prefetch_slots`, `submit_ahead`): the worker begins it by itself, without waiting for this process.
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
        sandbox: str = "off",
        private: tuple[str, ...] = (),
    ) -> None:
        """Start `workers` workers without waiting for them.

        `memory_limit_mb` is the default limit of a job in MiB, 0 for none. `file_limit_mb` is the largest file that a
        job may write in MiB, 0 for any size. `log_limit` is in bytes. `method` is one of those in `backends`, None for
        what is best here. `preload` names a function (`package.module:function`) that each worker calls once before
        it forks, to import what the jobs need; it must not start a thread. `sandbox` is how jobs are confined (Linux):
        `off`, `guarded` or `sealed`; `private` are folders that no name of a bundle or vendor opens to them.
        """
        method = method or backends.default_method()
        self._config = WorkerConfig(
            method=method,
            memory_limit_mb=memory_limit_mb,
            file_limit_mb=file_limit_mb,
            log_limit=log_limit,
            preload=preload if method == backends.FORK else "",
            sandbox=sandbox,
            private=private,
        )
        self._backend = _backend(method)
        self._backend.prepare(self._config)
        self._lock = threading.RLock()
        self._target = workers
        self._serial = 0
        self._backlog: list[Event] = []
        self._leaving: list[WorkerHandle] = []
        self._workers: list[WorkerHandle] = []
        self._waiter = self._backend.waiter()
        atexit.register(self.close)
        for _ in range(workers):
            self._spawn()

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def free(self) -> int:
        """Number of jobs that can be submitted now."""
        with self._lock:
            return max(self._target - len(self._busy()), 0)

    @property
    def prefetch_slots(self) -> int:
        """Number of jobs that can be prefetched now: one for each worker whose job has started."""
        with self._lock:
            return len(self._ready_for_prefetch())

    @property
    def running(self) -> list[str]:
        """Keys of the submitted jobs, oldest first, without prefetched ones."""
        with self._lock:
            tasks = [worker.task for worker in self._workers if worker.task]
            return [task.job.key for task in sorted(tasks, key=lambda task: task.serial)]

    def submit(self, job: Job) -> None:
        """Assign a job to a free worker. Raises ValueError when there is none, or when its key is in use."""
        with self._lock:
            if not self.free:
                raise ValueError("no worker is free")
            self._check_key_is_free(job)
            self._assign(job)

    def submit_ahead(self, job: Job) -> None:
        """Assign a job to a busy worker, which begins it when its present one has ended.

        Where it does not begin (`withdraw`, `resize`, or the worker died), it ends with the reason `returned`. Raises
        ValueError when there is no prefetch slot, or when its key is in use.
        """
        with self._lock:
            ready_workers = self._ready_for_prefetch()
            if not ready_workers:
                raise ValueError("no worker has a prefetch slot")
            self._check_key_is_free(job)
            worker = max(ready_workers, key=lambda worker: worker.since)  # a job that began lately may end soonest
            self._serial += 1
            worker.following = Task(job, self._serial, BoundedLog(self._config.log_limit))
            with contextlib.suppress(OSError):  # it died: `events` returns the job
                worker.assign(worker.following)

    def events(self, timeout_s: float) -> list[Event]:
        """The events since the last call, waiting up to `timeout_s` seconds for the first one."""
        with self._lock:
            self._apply_size()
            events, self._backlog = self._backlog, []
            workers = list(self._workers)
            silent_at = min((worker.silent_at for worker in workers), default=float("inf"))
        wait = 0.0 if events else max(min(timeout_s, silent_at - time.monotonic()), 0.0)
        ready = self._waiter.wait(wait)
        with self._lock:
            for worker in workers:
                if worker not in self._workers:
                    continue  # found dead while the job of another one was reassigned
                if worker in ready:
                    events += self._read_messages(worker)
                elif worker.silent_at <= time.monotonic():
                    self._on_worker_silent(worker)
            events += self._backlog
            self._backlog = []
        return events

    def skip(self, key: str) -> None:
        """End one running job at once. Its `JobEnded` follows; nothing happens if it has ended already."""
        with self._lock:
            self._cancel_jobs("skipped", [key])

    def stop(self) -> None:
        """End every running job at once, and begin no prefetched one. A `JobEnded` follows for each."""
        with self._lock:
            self._cancel_jobs("stopped", {task.job.key for worker in self._workers for task in worker.tasks})

    def withdraw(self, most: int | None = None) -> None:
        """Take prefetched jobs back: `most` of them, those behind the longest-running jobs first, or all.

        `most` includes those that were requested before and have not come back yet. Each ends with the reason
        `returned`, unless its worker has begun it by then.
        """
        with self._lock:
            waiting = [worker for worker in self._workers if worker.following]
            for worker in sorted(waiting, key=lambda worker: worker.since)[:most]:
                if worker.following and not worker.following.end_reason:
                    worker.cancel(worker.following, "returned")

    def resize(self, workers: int) -> None:
        """Set the number of workers. Surplus ones leave when their jobs have ended; prefetched jobs are withdrawn."""
        with self._lock:
            if workers < self._target:
                self.withdraw()
            self._target = workers

    def close(self) -> None:
        """Kill what runs, end the workers and wait until all of it is gone. No events follow."""
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

    # The methods below are called with the lock held.

    def _busy(self) -> list[WorkerHandle]:
        return [worker for worker in self._workers if worker.task]

    def _ready_for_prefetch(self) -> list[WorkerHandle]:
        """The workers that can take a prefetched job.

        A worker that has not begun its present job cannot: it may be broken. While there are too many workers, none
        can.
        """
        busy = self._busy()
        if len(busy) > self._target:
            return []
        return [worker for worker in busy if worker.task and worker.task.pid and not worker.following]

    def _check_key_is_free(self, job: Job) -> None:
        if any(task.job.key == job.key for worker in self._workers for task in worker.tasks):
            raise ValueError(f"{job.key} is running")

    def _spawn(self) -> WorkerHandle:
        worker = spawn_worker(self._backend, self._config)
        self._workers.append(worker)
        self._waiter.add(worker.line, worker)
        return worker

    def _assign(self, job: Job, attempt: int = 1, error: str = "") -> None:
        """Assign a job to an idle worker, spawning one where there is none. A `JobEnded` follows if that fails."""
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
        """Set the worker's current task and its deadline."""
        worker.task, worker.resumed, worker.silent_at = task, False, float("inf")
        if task:
            worker.silent_at = time.monotonic() + (GRACE_S + task.job.timeout_s if worker.ready else BOOT_S)

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
            return self._on_job_returned(worker, int(body))
        task = worker.task
        if task is None:
            return None
        key = task.job.key
        if tag == wire.STARTED:
            task.pid, task.since = int(body), time.monotonic()
            if task.end_reason == "returned":  # it began before the request arrived
                task.end_reason = ""
        if not task.end_reason:
            worker.silent_at = time.monotonic() + task.job.timeout_s + GRACE_S
        if tag == wire.STARTED:
            return JobStarted(key, task.pid)
        if tag == wire.MESSAGE_SENT:
            message = _message(body)
            if message is None:
                self._cancel_jobs("damaged", [key])
                return None
            return MessageReceived(key, message)
        if tag == wire.OUTPUT_SENT:
            task.log.add(body)
            text = task.text.decode(body)
            return OutputReceived(key, text) if text else None
        if tag == wire.REFUSED:
            return AttemptRefused(key, *json.loads(body))
        if tag == wire.ENDED:
            following, worker.following = worker.following, None
            self._set_task(worker, following)
            return _ended(key, body)
        return None

    def _on_job_returned(self, worker: WorkerHandle, serial: int) -> Event | None:
        """A worker gave a prefetched job back, possibly after its preceding job had ended."""
        for task in worker.tasks:
            if task.serial == serial:
                if task is worker.task:
                    self._set_task(worker, None)
                else:
                    worker.following = None
                return task.cancelled_result()
        return None

    def _on_worker_exit(self, worker: WorkerHandle) -> list[Event]:
        """A worker is gone: end what it ran, and return the results of its tasks."""
        self._workers.remove(worker)
        worker.wait(GRACE_S)
        task = worker.task
        if task and task.pid:
            self._backend.kill(task.pid)
        code = self._finish(worker)
        events: list[Event] = [worker.following.cancelled_result()] if worker.following else []
        if task is None:
            return events
        if not task.pid and task.end_reason not in REQUESTED:
            self._assign(task.job, task.attempt + 1, worker.broken)
            return events
        events.insert(0, task.crashed_result(code))
        if len(self._workers) < self._target:
            with contextlib.suppress(OSError):  # the next job tries again, and fails with the reason
                self._spawn()
        return events

    def _finish(self, worker: WorkerHandle) -> int:
        """Make sure that a worker and its descendants are gone. Returns its exit code."""
        code = worker.finish()
        self._close_connection(worker)
        return code

    def _on_worker_silent(self, worker: WorkerHandle) -> None:
        """A worker is silent for too long. A job may have stopped it, so continue it once; then kill it."""
        if not worker.resumed:
            worker.resumed, worker.silent_at = True, time.monotonic() + GRACE_S
            worker.resume()
        elif worker.task:
            worker.task.end_reason, worker.silent_at = worker.task.end_reason or "silent", float("inf")
            worker.process.kill()

    def _cancel_jobs(self, reason: str, keys: Container[str]) -> None:
        for worker in self._busy():
            for task in reversed(worker.tasks):  # the prefetched one first, or it would begin when the running one ends
                if task.job.key in keys and task.end_reason in ("", "returned"):
                    worker.cancel(task, reason)
                    if task is worker.task:
                        worker.silent_at = time.monotonic() + GRACE_S

    def _apply_size(self) -> None:
        """Retire surplus idle workers, and finish those that have exited."""
        idle = [worker for worker in self._workers if not worker.task]
        for worker in idle[: max(len(self._workers) - self._target, 0)]:
            self._workers.remove(worker)
            self._retire(worker)
        for worker in [worker for worker in self._leaving if worker.process.poll() is not None]:
            self._leaving.remove(worker)
            self._finish(worker)

    def _close_connection(self, worker: WorkerHandle) -> None:
        """Close the connection to a worker, if it is still open."""
        if worker.line.open:
            self._waiter.remove(worker.line)
            worker.line.close()

    def _retire(self, worker: WorkerHandle) -> None:
        """Make a worker end its job and exit, which it does when its connection is closed."""
        self._close_connection(worker)
        self._leaving.append(worker)
        if not worker.ready and not worker.task:
            worker.process.kill()  # it is still starting and has no descendants
        else:
            worker.resume()


def _backend(method: str) -> Backend:
    """The way that one of the methods in `backends` belongs to. ImportError where this system does not have it."""
    if sys.platform == "linux" and method != backends.PORTABLE:
        from pluginary_tui.isolation.linux import backend as linux

        return linux
    from pluginary_tui.isolation.portable import backend as portable

    return portable


def _message(body: bytes) -> dict[str, Any] | None:
    """A message of a job; None where it is no JSON object: the job's process may have been made to send anything."""
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return message if isinstance(message, dict) else None


def _ended(key: str, body: bytes) -> JobEnded:
    head, _, log = body.partition(b"\n")
    verdict: dict[str, Any] = json.loads(head)
    outcome = verdict.pop("outcome")
    verdict["error"] = clean(verdict["error"], _ERROR_LIMIT)
    return JobEnded(key, Outcome(outcome) if outcome else None, log=log.decode("utf-8", "replace"), **verdict)
