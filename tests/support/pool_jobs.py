"""What tests of isolation share: jobs by name, the story that their events tell, and a check that nothing is left."""

from __future__ import annotations

import gc
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from pluginary_tui.isolation.jobs import Event, Job, JobEnded, JobStarted, MessageReceived, OutputReceived
from pluginary_tui.isolation.pool import Pool
from tests.support.leak_check import descendants

OF_LINUX = ["fork", "fresh"] if sys.platform == "linux" else []
METHODS = [*OF_LINUX, "portable"]
LINUX_ONLY = pytest.mark.skipif(sys.platform != "linux", reason="needs what only Linux offers")
PATIENCE_S = 60.0


class Story(list[Event]):
    """The events of some jobs."""

    def ended(self, key: str = "job") -> JobEnded:
        [event] = [event for event in self if isinstance(event, JobEnded) and event.key == key]
        return event

    def messages(self, key: str = "job") -> list[dict]:
        return [event.message for event in self if isinstance(event, MessageReceived) and event.key == key]

    def printed(self, key: str = "job") -> str:
        return "".join(event.text for event in self if isinstance(event, OutputReceived) and event.key == key)

    def pid(self, key: str = "job") -> int:
        [event] = [event for event in self if isinstance(event, JobStarted) and event.key == key]
        return event.pid


def job(function: str, /, key: str = "job", timeout_s: float = 20.0, **payload: object) -> Job:
    return Job(key, f"tests.support.isolation_jobs:{function}", payload, timeout_s)


def follow(pool: Pool, story: Story, until: Callable[[Story], bool]) -> Story:
    deadline = time.monotonic() + PATIENCE_S
    while not until(story):
        assert time.monotonic() < deadline, story
        story += pool.events(1.0)
    return story


def run(pool: Pool, *jobs: Job) -> Story:
    """All the jobs, each as soon as a worker is free."""
    story, waiting = Story(), list(jobs)

    def over(story: Story) -> bool:
        while waiting and pool.free:
            pool.submit(waiting.pop(0))
        return sum(isinstance(event, JobEnded) for event in story) == len(jobs)

    return follow(pool, story, over)


def gone(*pids: int, within_s: float = 3.0) -> bool:
    deadline = time.monotonic() + within_s
    while any(psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE for pid in pids):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def traces() -> tuple[int, int, int, set[str]]:
    """What could be left behind: processes, descriptors, temporary files."""
    ours = psutil.Process()
    temporary = {entry.name for entry in Path(tempfile.gettempdir()).iterdir() if entry.name.startswith("pymp-")}
    return len(ours.children(recursive=True)), len(marked()), ours.num_fds(), temporary


def marked() -> set[int]:
    """What descends from any worker of this process."""
    return descendants(os.getpid())


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    gc.collect()  # what earlier tests left to it is not this one's
    before = traces()
    yield
    deadline = time.monotonic() + 3
    while (after := traces()) != before and time.monotonic() < deadline:
        time.sleep(0.02)
    assert after == before
