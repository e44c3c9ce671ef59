"""The two ways to run jobs in processes of their own, and which one works here."""

from __future__ import annotations

import os
import sys
from typing import NamedTuple

MARK = "PLUGINARY_ISOLATION"
"""Environment variable that every descendant of a worker inherits; its value names the worker."""

FORK = "fork"
"""Linux: a job's process is a fork of a warm worker."""
FRESH = "fresh"
"""Linux: it is a fresh interpreter, confined in the same way."""
PORTABLE = "portable"
"""Any system: a fresh interpreter, unconfined, watched with nothing but what Python has everywhere, and psutil."""


class WorkerConfig(NamedTuple):
    """Start-up configuration shared by a pool's workers."""

    method: str
    """How the processes of jobs are started: `fork`, `fresh` or `portable`."""
    memory_limit_mb: int = 0
    file_limit_mb: int = 256
    """Not enforced by the portable way."""
    log_limit: int = 65536
    preload: str = ""
    """Function (`package.module:function`) that a worker calls once before it forks."""
    sandbox: str = "off"
    """How jobs are confined: `off`, `guarded` or `sealed` (`linux.sandbox.policy`). The portable way confines none."""
    folder: str = ""
    """Where its throw-away folder is to be (`linux.sandbox.folder`)."""
    private: tuple[str, ...] = ()
    """Folders that no bundle's or vendor's name opens to a confined job."""
    mark: str = ""
    """The value of MARK in its environment."""


def default_method() -> str:
    """`fork` where it is safe (Linux). macOS frameworks do not work after a fork; Windows has none."""
    return FORK if sys.platform == "linux" and hasattr(os, "fork") else PORTABLE
