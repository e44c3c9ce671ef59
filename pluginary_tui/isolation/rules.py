"""What a worker is told when it starts."""

from __future__ import annotations

from typing import NamedTuple


class WorkerConfig(NamedTuple):
    """What all workers of a pool have in common."""

    method: str
    """How a process of its own is made: `fork` or `fresh`."""
    memory_limit_mb: int = 0
    file_limit_mb: int = 256
    log_limit: int = 65536
    preload: str = ""
