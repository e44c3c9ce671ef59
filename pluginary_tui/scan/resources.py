"""What the machine can bear, and which failures are its own and not a plugin's."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass

MOST_WORKERS = 16
"""Probes at a time where the settings leave it open; beyond that the disk is what is waited for."""

LEAST_WORKERS = 2
"""Even on a busy machine, if there is memory for them: with one alone, one that hangs would hold up all others."""

RESERVE_MB = 512
"""Memory that must be free for one probe more. What a probe may take at most is another matter, and its limit's."""

_MEMINFO = re.compile(rb"^MemAvailable:\s+(\d+) kB", re.MULTILINE)
_NO_DISPLAY = re.compile(
    r"(cannot|can't|could not|couldn't|unable to|failed to)\s+(open|connect to|find)\b.{0,40}\b(display|x server)"
    r"|no display|\bdisplay (is )?not set",
    re.IGNORECASE,
)


@dataclass(slots=True, frozen=True)
class Machine:
    """One look at it."""

    processors: int
    """That this process may use."""
    load: float = 0.0
    """How many processes wanted a processor, on average over the last minute, those of the scan among them."""
    available_mb: int | None = None
    """MiB that can be taken without swapping; None where that is not known."""


def read_machine() -> Machine:
    """The machine as it is now (proc(5), getloadavg(3))."""
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    free = _MEMINFO.search(_read("/proc/meminfo"))
    return Machine(available or 1, load, int(free[1]) >> 10 if free else None)


def workers_wanted(machine: Machine, running: int, memory_limit_mb: int = 0) -> int:
    """How many bundles to probe at a time, `running` of them being probed already; 1 to MOST_WORKERS.

    One for each processor that nothing else keeps busy (this process may, with what it writes and draws), and no more
    than there is memory for. `memory_limit_mb`: what one probe may take, MiB, 0 for no limit.
    """
    others = int(max(0.0, machine.load - running - 1))
    wanted = max(LEAST_WORKERS, machine.processors - others)
    if machine.available_mb is not None:
        reserve = min(memory_limit_mb or RESERVE_MB, RESERVE_MB)
        wanted = min(wanted, running + machine.available_mb // reserve)
    return max(1, min(MOST_WORKERS, wanted))


def own_peak_mb() -> float:
    """Peak resident memory of this process in MiB; 0 where only its worker can tell."""
    if sys.platform != "linux":
        return 0.0
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def memory_kills() -> int:
    """How many processes the system has killed since it started because memory ran out (Linux; 0 elsewhere)."""
    _, _, count = _read("/proc/vmstat").partition(b"\noom_kill ")  # read for each probe
    return int(count.split(maxsplit=1)[0]) if count else 0


def has_display(env: Mapping[str, str]) -> bool:
    """Whether there is a display that a program started here could use."""
    return bool(env.get("DISPLAY") or env.get("WAYLAND_DISPLAY"))


def misses_display(error: str, env: Mapping[str, str], confined: bool = False) -> bool:
    """Whether a plugin with this error failed because there is no display: no fault of the plugin.

    `confined`: whether it was read in the sandbox, where none is reachable.
    """
    missing = confined or not has_display(env)
    return sys.platform == "linux" and missing and _NO_DISPLAY.search(error) is not None


def layers_lacking(wanted: str, sandbox: str) -> str:
    """A sentence where plugins were to be confined and this system could not, or not wholly; empty elsewhere.

    `wanted`: the mode of the settings; `sandbox`: how a report says that it was made (`Confinement.described`).
    """
    if sys.platform != "linux" or wanted == "off" or not sandbox:
        return ""
    if sandbox == "off":
        return "There is no sandbox on this system: plugins ran with your rights. 'pluginary-tui doctor' says why."
    lacking = sandbox.partition(" without ")[2]
    if not lacking:
        return ""
    return f"The sandbox was without {lacking} on this system; 'pluginary-tui doctor' says what follows."


def _read(path: str) -> bytes:
    try:
        fd = os.open(path, os.O_RDONLY)
    except OSError:
        return b""
    try:
        return os.read(fd, 1 << 16)
    finally:
        os.close(fd)
