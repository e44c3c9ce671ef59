"""What could be left behind on this machine: processes, descriptors, temporary files."""

from __future__ import annotations

import contextlib
import gc
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from pluginary_tui.isolation.backends import MARK

PATIENCE_S = 3.0


@dataclass(slots=True, frozen=True)
class Traces:
    """One count of them, of this process and of all that came from it."""

    processes: frozenset[int]
    descriptors: int
    temporary: frozenset[str]


def traces() -> Traces:
    """Count the children of this process, and whatever else carries the mark of one of its workers."""
    ours = psutil.Process()
    processes = {child.pid for child in ours.children(recursive=True)} | descendants(os.getpid())
    return Traces(
        frozenset(processes), ours.num_fds(), frozenset(path.name for path in Path(tempfile.gettempdir()).iterdir())
    )


def descendants(pid: int) -> set[int]:
    """What descends from any worker of the process `pid`, also where that is gone."""
    found = set()
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if _environment(process).get(MARK, "").startswith(f"{pid}-"):
                found.add(process.pid)
    return found


def _environment(process: psutil.Process) -> dict[str, str]:
    """A child of ours that is just being started has none yet: wait for it."""
    deadline = time.monotonic() + PATIENCE_S
    while not (environment := process.environ()) and _being_started(process) and time.monotonic() < deadline:
        time.sleep(0.001)
    return environment


def _being_started(process: psutil.Process) -> bool:
    return process.ppid() == os.getpid() and process.status() != psutil.STATUS_ZOMBIE


@contextmanager
def nothing_left() -> Iterator[None]:
    """See that what runs in here leaves nothing behind. It gets a folder of its own for temporary files."""
    gc.collect()  # what earlier tests left to it is not this one's
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", folder)
        patch.setattr(tempfile, "tempdir", folder)
        before = traces()
        yield
        deadline = time.monotonic() + PATIENCE_S
        while (after := traces()) != before and time.monotonic() < deadline:
            time.sleep(0.02)
        assert after == before
