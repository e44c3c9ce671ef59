"""Reading many small files in processes of their own: some per process, and one that ends a process costs itself."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pluginary_tui.isolation import jobs
from pluginary_tui.isolation.controls import RunControls
from pluginary_tui.isolation.job_queue import Announce, LaunchGuard
from pluginary_tui.isolation.pool import Pool
from pluginary_tui.model import Outcome, clean

MOST_FILES = 64
"""Files of one process. A fork takes about as long as reading twenty small files."""
MOST_BYTES = 32 << 20
"""Bytes of one process's files, where it has more than one."""


class File(NamedTuple):
    """One file to read."""

    path: str
    size: int


class Answer(NamedTuple):
    """What became of one file."""

    path: str
    outcome: Outcome
    error: str
    """A sentence that begins with "it" or "its", or the end of one about reading it; empty where it was read."""
    message: jobs.Message
    """What its process sent of it; empty where the process ended before."""

    @property
    def sentence(self) -> str:
        """What went wrong, for a person; empty where it was read."""
        if not self.outcome.bad:
            return ""
        error = self.error.rstrip(".")
        return f"{error[:1].upper()}{error[1:]}." if error.startswith(("it ", "its ")) else f"Reading it {error}."


@dataclass(slots=True)
class _Batch:
    files: list[File]
    done: int = 0
    faulty: bool = False


class FileBatches(RunControls[str]):
    """A queue for `job_queue.work`. Its controls may be used from any thread.

    The entry point is called with `{"paths": [...]}` and sends one message for each path, in that order, with
    `"file"` (its position) and `"error"`. `take` gets the answers in the thread that works, some at a time.
    """

    def __init__(
        self,
        files: Iterable[File],
        entry: str,
        take: Callable[[list[Answer]], None],
        *,
        what: str,
        timeout_s: float,
        memory_limit_mb: int,
        most_files: int = MOST_FILES,
        payload: jobs.Message | None = None,
        opens: Callable[[Sequence[str]], tuple[str, ...]] = lambda paths: (),
        vendor: Callable[[str], str] = lambda path: "",
    ) -> None:
        """`what` is the plural of what is read, for a sentence. `timeout_s` counts for each file. `most_files` is how
        many one process reads; `payload` is passed to each, beside the paths. Where the pool confines its jobs, `opens`
        gives what one that gets these paths may open (`Job.bundles`), and `vendor` whose it is, by its first path.
        """
        super().__init__()
        self._entry, self._take = entry, take
        self._payload = payload or {}
        self._opens, self._vendor = opens, vendor
        self._timeout_s, self._memory_limit_mb = timeout_s, memory_limit_mb
        self._waiting = deque(_batches(files, most_files))
        self._in_flight: dict[str, _Batch] = {}
        self._answers: list[Answer] = []
        self._serial = 0
        self.launches = LaunchGuard(f"processes that read {what}", "mend it and try again.", "files")
        self.stopped = False
        """Whether it ended before everything was read."""

    def control(self, pool: Pool) -> bool:
        state, _ = self.poll()
        self.stopped = state == "stopping" or bool(self.launches.message)
        if self._answers:
            answers, self._answers = self._answers, []
            self._take(answers)
        return not self.stopped and bool(self._waiting or self._in_flight)

    def fill(self, pool: Pool) -> list[Announce]:
        while self._waiting and pool.free:
            self._start(pool, ahead=False)
        while self._waiting and pool.prefetch_slots:
            self._start(pool, ahead=True)
        return []

    def _start(self, pool: Pool, *, ahead: bool) -> None:
        batch = self._waiting.popleft()
        self._serial += 1
        key = f"files {self._serial}"
        self._in_flight[key] = batch
        paths = [file.path for file in batch.files]
        payload = {**self._payload, "paths": paths}
        job = jobs.Job(
            key,
            self._entry,
            payload,
            self._timeout_s,
            self._memory_limit_mb,
            bundles=self._opens(paths),
            vendor=self._vendor(paths[0]),
        )
        (pool.submit_ahead if ahead else pool.submit)(job)

    def handle(self, event: jobs.Event) -> None:
        batch = self._in_flight.get(event.key)
        if batch is None:
            return
        match event:
            case jobs.MessageReceived(_, message) if not batch.faulty:
                if message.get("file") != batch.done or batch.done >= len(batch.files):
                    batch.faulty = True
                    return
                error = clean(message.get("error", ""), 400)
                outcome = Outcome.FAILED if error else Outcome.OK
                self._answers.append(Answer(batch.files[batch.done].path, outcome, error, message))
                batch.done += 1
            case jobs.JobEnded():
                del self._in_flight[event.key]
                self._ended(batch, event)

    def _ended(self, batch: _Batch, event: jobs.JobEnded) -> None:
        left = batch.files[batch.done :]
        if event.reason == "launch":
            self.launches.failed(event.error)
        elif event.outcome is not None:
            self.launches.launched()
            if left:  # the one in hand ended it, or sent nothing
                error = clean(event.error, 400) or "was given no answer about"
                outcome = event.outcome if event.outcome.bad else Outcome.FAILED
                self._answers.append(Answer(left[0].path, outcome, error, {}))
                left = left[1:]
        if left:
            self._waiting.appendleft(_Batch(left))

    def put_back(self) -> None:
        """Hand over what was answered last. Files that were in flight are read by the next run."""
        self._in_flight.clear()
        if self._answers:
            answers, self._answers = self._answers, []
            self._take(answers)


def _batches(files: Iterable[File], most_files: int) -> Iterable[_Batch]:
    """The files in batches of about equal work, the largest files first: the last batch decides when all is done."""
    batch: list[File] = []
    size = 0
    for file in sorted(files, key=lambda file: -file.size):
        if batch and (len(batch) >= most_files or size + file.size > MOST_BYTES):
            yield _Batch(batch)
            batch, size = [], 0
        batch.append(file)
        size += file.size
    if batch:
        yield _Batch(batch)
