"""Derives how a job ended from what its worker observed."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from typing import Any

from pluginary_tui.isolation.frames import LOST
from pluginary_tui.outcome import Outcome

_NEAR_LIMIT = 0.9
"""A process that ended_by_itself with this fraction of its memory limit in use is counted as over the limit."""


@dataclass(slots=True)
class Findings:
    """What a worker observed of one job."""

    timeout_s: float
    memory_limit_mb: int
    cause: str = ""
    """Why the watch ended: `gone` (it exited), `deadline`, `lost`, `memory`, `flood`, `skipped`, `stopped` or `damaged`
    (the pool could not read a message)."""
    begun: bool = False
    whole: bool = False
    damaged: bool = False
    lost: bool = False
    """No process holds the report's pipe open any more."""
    error: str = ""
    error_type: str = ""
    exit_code: int | None = None
    """Negative: the number of the signal that ended it."""
    elapsed_s: float = 0.0
    peak_mb: float = 0.0
    sandbox: str = "off"

    @property
    def answered(self) -> bool:
        """Whether the job's report has come to an end."""
        return self.whole or self.damaged or bool(self.error)


def judge(findings: Findings) -> dict[str, Any]:
    """The fields of `JobEnded` that a worker determines."""
    outcome, reason, error = _judge(findings)
    code = findings.exit_code if findings.cause == "gone" else None
    return {
        "outcome": outcome,
        "reason": reason,
        "error": error,
        "signal": signal_name(-code) if code is not None and code < 0 else "",
        "exit_code": code if code is not None and code >= 0 else None,
        "elapsed_s": findings.elapsed_s,
        "peak_mb": findings.peak_mb,
        "sandbox": findings.sandbox,
    }


def _judge(findings: Findings) -> tuple[Outcome | None, str, str]:
    limit = findings.memory_limit_mb
    over_limit = f"used more than {limit} MB of memory"
    if findings.whole:
        return Outcome.OK, "", ""
    if findings.cause in ("skipped", "stopped"):
        return None, findings.cause, f"was {findings.cause}"
    if findings.cause == "memory" or (limit and findings.error_type == "MemoryError"):
        return Outcome.MEMORY, "", over_limit
    if not findings.begun:
        return None, "launch", f"could not be started: {findings.error or _launch_error(findings)}"
    if findings.error:
        return Outcome.FAILED, "", findings.error
    if findings.damaged or findings.cause == "damaged":
        return Outcome.FAILED, "", "sent a report that arrived damaged"
    if findings.cause == "flood":
        return Outcome.FAILED, "", "sent a report that is too large"
    if findings.cause == "deadline":
        return Outcome.TIMEOUT, "", f"did not answer within {findings.timeout_s:g} s"
    if limit and findings.exit_code and findings.peak_mb >= _NEAR_LIMIT * limit:
        return Outcome.MEMORY, "", over_limit
    if findings.cause == "lost" or findings.exit_code == LOST:
        return Outcome.FAILED, "", "closed the channel that it reports on"
    return Outcome.CRASHED, "", _death(findings)


def _launch_error(findings: Findings) -> str:
    return _death(findings) if findings.cause == "gone" else f"was not ready within {findings.timeout_s:g} s"


def _death(findings: Findings) -> str:
    code = findings.exit_code or 0
    if code >= 0:
        return f"exited with status {code} before reporting"
    name = signal_name(-code)
    return f"{'was killed' if name == 'SIGKILL' else 'crashed'} ({name})"


def signal_name(number: int) -> str:
    """The name of a signal (`SIGSEGV`); real-time signals by number."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
