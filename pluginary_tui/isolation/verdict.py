"""From what a worker saw of a job to how the job ended."""

from __future__ import annotations

import signal
from typing import Any

from pluginary_tui.isolation.frames import LOST
from pluginary_tui.outcome import Outcome

_NEAR = 0.9
"""A process that died with this part of its memory limit in use died of the limit."""


class Findings:
    """What a worker saw of one job. No dataclass: to import those takes a worker a third of its start."""

    def __init__(self, *, timeout_s: float, memory_limit_mb: int) -> None:
        self.timeout_s = timeout_s
        self.memory_limit_mb = memory_limit_mb
        self.cause = ""
        """Why the watch ended: `gone` (by itself), `deadline`, `lost`, `memory`, `flood`, `skipped` or `stopped`."""
        self.begun = False
        self.whole = False
        self.damaged = False
        self.lost = False
        """Nobody held the report's channel open any more."""
        self.error = ""
        self.error_type = ""
        self.exit_code: int | None = None
        """Negative: the signal's number."""
        self.elapsed_s = 0.0
        self.peak_mb = 0.0

    @property
    def answered(self) -> bool:
        """Whether the job said all it has to say."""
        return self.whole or self.damaged or bool(self.error)


def judge(found: Findings) -> dict[str, Any]:
    """The fields of `Ended` that a worker knows."""
    outcome, reason, error = _judge(found)
    died = found.cause == "gone" and found.exit_code is not None
    return {
        "outcome": outcome,
        "reason": reason,
        "error": error,
        "signal": signal_name(-found.exit_code) if died and found.exit_code and found.exit_code < 0 else "",
        "exit_code": found.exit_code if died and found.exit_code is not None and found.exit_code >= 0 else None,
        "elapsed_s": found.elapsed_s,
        "peak_mb": found.peak_mb,
    }


def _judge(found: Findings) -> tuple[Outcome | None, str, str]:
    limit = found.memory_limit_mb
    too_much = f"used more than {limit} MB of memory"
    if found.whole:
        return Outcome.OK, "", ""
    if found.cause in ("skipped", "stopped"):
        return None, found.cause, f"was {found.cause}"
    if found.cause == "memory" or (limit and found.error_type == "MemoryError"):
        return Outcome.MEMORY, "", too_much
    if not found.begun:
        return None, "launch", f"could not be started: {found.error or _before_the_beginning(found)}"
    if found.error:
        return Outcome.FAILED, "", found.error
    if found.damaged:
        return Outcome.FAILED, "", "sent a report that arrived damaged"
    if found.cause == "flood":
        return Outcome.FAILED, "", "sent a report that is too large"
    if found.cause == "deadline":
        return Outcome.TIMEOUT, "", f"did not answer within {found.timeout_s:g} s"
    if limit and found.exit_code and found.peak_mb >= _NEAR * limit:
        return Outcome.MEMORY, "", too_much
    if found.cause == "lost" or found.exit_code == LOST:
        return Outcome.FAILED, "", "closed the channel that it reports on"
    return Outcome.CRASHED, "", _death(found)


def _before_the_beginning(found: Findings) -> str:
    return _death(found) if found.cause == "gone" else f"was not ready within {found.timeout_s:g} s"


def _death(found: Findings) -> str:
    code = found.exit_code or 0
    if code >= 0:
        return f"exited with status {code} before reporting"
    verb = "was killed" if -code == signal.SIGKILL else "crashed"
    return f"{verb} ({signal_name(-code)})"


def signal_name(number: int) -> str:
    """`SIGSEGV` and so on; real-time signals by number."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
