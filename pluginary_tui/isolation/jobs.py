"""Jobs, and the events that report on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pluginary_tui.model import Outcome

Message = dict[str, Any]
"""A JSON object."""


class Send(Protocol):
    """Passed to a job: each call sends one message to the program and restarts the job's deadline."""

    def __call__(self, message: Message, /) -> None: ...

    def done(self) -> None:
        """Declare the report complete: what happens afterwards (a crash while unloading) no longer counts.

        Called automatically when the job's function returns. The process then has about a second to exit.
        """

    @property
    def reads(self) -> Sequence[int]:
        """Descriptors of the job's `reads`, in their order."""

    @property
    def writes(self) -> Sequence[int]:
        """Descriptors of the job's `writes`, in their order."""


@dataclass(slots=True, frozen=True)
class Job:
    """One piece of work for a process of its own."""

    key: str
    """Identifies the job in its events; two jobs with one key cannot run at the same time."""
    entry: str
    """`package.module:function`, called there as `function(payload, send)`."""
    payload: Message
    timeout_s: float
    """Longest time without a message, in seconds, counted from the start and again from each message."""
    memory_limit_mb: int | None = None
    """Limit in MiB for the process and its descendants; 0 for none, None for the pool's default."""
    bundles: tuple[str, ...] = ()
    """Paths of the bundles that a confined job opens: it may read nothing else of a home or a project."""
    vendor: str = ""
    """Of these bundles, as far as it is known: a guarded job may read the folders of that name."""
    reads: tuple[str, ...] = ()
    """Absolute paths of files that are opened before the process is confined: the job gets their descriptors
    (`send.reads`), whatever it may open itself."""
    writes: tuple[str, ...] = ()
    """The same for files that it may change (`send.writes`); they have to be there."""
    imports: tuple[str, ...] = ()
    """Modules that a worker which forks imports before it begins its first job that needs them."""
    fresh: bool = False
    """Run in a new interpreter that has imported nothing but what starts a job, also where the pool forks."""


@dataclass(slots=True)
class JobStarted:
    """The job's process was started."""

    key: str
    pid: int


@dataclass(slots=True)
class MessageReceived:
    """The job sent a message."""

    key: str
    message: Message


@dataclass(slots=True)
class OutputReceived:
    """The process printed text: untrusted, not yet safe to show. At most the pool's `log_limit` bytes in all."""

    key: str
    text: str


@dataclass(slots=True)
class AttemptRefused:
    """A confined job tried something that the sandbox does not let it do. Comes in order with its messages."""

    key: str
    kind: str
    """`network`, `writes`, `executes`, `programs` or `other` (`sandbox.attempts`)."""
    what: str
    """What it wanted to do, after "wanted to": untrusted, not yet safe to show."""


@dataclass(slots=True)
class JobEnded:
    """The last event of a job: none of its processes is running any more."""

    key: str
    outcome: Outcome | None
    """None where the end says nothing about the job; `reason` then says why it ended."""
    reason: str = ""
    """`launch` (it could not be started, which is never the job's fault), `skipped`, `stopped` or `returned` (it was
    prefetched and did not begin); otherwise empty."""
    signal: str = ""
    """Name of the signal that ended the process (`SIGSEGV`)."""
    exit_code: int | None = None
    elapsed_s: float = 0.0
    log: str = ""
    """What it printed: the beginning and the end, with a line between them that counts the bytes left out."""
    peak_mb: float = 0.0
    """Peak resident memory, MiB."""
    sandbox: str = "off"
    """How it was confined: the mode, and which layers were missing."""
    error: str = ""
    """What went wrong, as a predicate ("did not answer within 10 s"); empty where nothing did."""


Event = JobStarted | MessageReceived | OutputReceived | AttemptRefused | JobEnded
