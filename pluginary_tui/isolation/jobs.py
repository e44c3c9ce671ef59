"""What goes into the isolation room and what comes out: jobs and the events that tell of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from pluginary_tui.model import Outcome

Message = dict[str, Any]
"""What a job sends: anything that JSON can say, with an object at the top."""


class Send(Protocol):
    """How a job tells what it found: every call delivers one message and starts its deadline anew."""

    def __call__(self, message: Message, /) -> None: ...

    def done(self) -> None:
        """Say that the report is whole: whatever happens afterwards (a crash while unloading) no longer counts.

        Said by itself when the job's function returns. The process has about a second from here to end.
        """


@dataclass(slots=True, frozen=True)
class Job:
    """One piece of work for a process of its own."""

    key: str
    """Names the job in every event; one key runs once at a time."""
    entry: str
    """`package.module:function`, called there as `function(payload, send)`."""
    payload: Message
    timeout_s: float
    """Seconds it may stay silent: from its start, and again from each message it sends."""
    memory_limit_mb: int | None = None
    """MiB for the process and all it starts; 0 for no limit, None for the pool's own."""
    fresh: bool = False
    """Run in a new interpreter that has imported nothing but what starts a job, also where the pool forks."""


@dataclass(slots=True)
class JobStarted:
    """The process exists."""

    key: str
    pid: int


@dataclass(slots=True)
class MessageReceived:
    """The job sent a message."""

    key: str
    message: Message


@dataclass(slots=True)
class OutputReceived:
    """The process printed something. Text from outside: not yet safe to show. At most the pool's `log_limit`."""

    key: str
    text: str


@dataclass(slots=True)
class JobEnded:
    """The last event of a job: nothing of it is running any more."""

    key: str
    outcome: Outcome | None
    """None where there is no verdict on the job; `reason` then says why."""
    reason: str = ""
    """`launch` (it could not be started, never the job's fault), `skipped`, `stopped` or `returned` (it waited behind
    another and has not begun); else empty."""
    signal: str = ""
    """Name of the signal that ended the process (`SIGSEGV`)."""
    exit_code: int | None = None
    elapsed_s: float = 0.0
    log: str = ""
    """What it printed: the beginning and the end, with a line between that says how much was left out."""
    peak_mb: float = 0.0
    """The most memory that was resident at once, MiB."""
    error: str = ""
    """What went wrong, without a subject ("did not answer within 10 s"); empty where nothing did."""


Event = JobStarted | MessageReceived | OutputReceived | JobEnded
