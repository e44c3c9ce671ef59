"""Derives how a job ended from what its worker observed."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from typing import Any

from pluginary_tui.isolation.frames import LOST
from pluginary_tui.outcome import Outcome

_NEAR_LIMIT = 0.9
"""A process that ended_by_itself with this fraction of its memory limit in use is counted as over the limit."""


_FIRST_STATUS = 0xC0000000
"""Exit codes from this on are NTSTATUS values of the severity "error" (Microsoft, [MS-ERREF] 2.3)."""
_STATUSES = {
    0xC0000005: "STATUS_ACCESS_VIOLATION",
    0xC0000006: "STATUS_IN_PAGE_ERROR",
    0xC0000017: "STATUS_NO_MEMORY",
    0xC000001D: "STATUS_ILLEGAL_INSTRUCTION",
    0xC0000025: "STATUS_NONCONTINUABLE_EXCEPTION",
    0xC000008C: "STATUS_ARRAY_BOUNDS_EXCEEDED",
    0xC000008E: "STATUS_FLOAT_DIVIDE_BY_ZERO",
    0xC0000094: "STATUS_INTEGER_DIVIDE_BY_ZERO",
    0xC0000096: "STATUS_PRIVILEGED_INSTRUCTION",
    0xC00000FD: "STATUS_STACK_OVERFLOW",
    0xC0000135: "STATUS_DLL_NOT_FOUND",
    0xC0000139: "STATUS_ENTRYPOINT_NOT_FOUND",
    0xC000013A: "STATUS_CONTROL_C_EXIT",
    0xC0000142: "STATUS_DLL_INIT_FAILED",
    0xC0000374: "STATUS_HEAP_CORRUPTION",
    0xC0000409: "STATUS_STACK_BUFFER_OVERRUN",
    0xC0000417: "STATUS_INVALID_CRUNTIME_PARAMETER",
}
"""What `abort` of the Microsoft runtime ends with is the stack buffer overrun."""


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
    """Negative: the number of the signal that ended it; on Windows from 0xC0000000 on: the fault that did."""
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
        "signal": fault(code or 0),
        "exit_code": None if code is not None and fault(code) else code,
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
    if not (name := fault(code)):
        return f"exited with status {code} before reporting"
    return f"{'was killed' if name == 'SIGKILL' else 'crashed'} ({name})"


def fault(code: int) -> str:
    """What ended a process with this exit code: the name of a signal, or Windows' name of a fault; empty text where it
    ended by itself.

    >>> fault(-11), fault(0xC0000005), fault(0xC0001234), fault(3)
    ('SIGSEGV', 'STATUS_ACCESS_VIOLATION', 'status 0xC0001234', '')
    """
    if code < 0:
        return signal_name(-code)
    return _STATUSES.get(code, f"status 0x{code:08X}") if code >= _FIRST_STATUS else ""


def was_killed(code: int, platform: str) -> bool:
    """Whether a worker with this exit code was ended by somebody: where processes have signals, none ends by itself
    with one, and on Windows none but with 0.
    """
    return code != 0 if platform == "win32" else code < 0


def signal_name(number: int) -> str:
    """The name of a signal (`SIGSEGV`); real-time signals by number."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
