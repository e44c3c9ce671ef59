"""A worker that is told its next job while it runs one: real processes, real kills."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from pluginary_tui.isolation.jobs import Event, Job, JobEnded, JobStarted
from pluginary_tui.isolation.pool import Pool
from pluginary_tui.model import Outcome
from tests.support.pool_jobs import METHODS, PATIENCE_S, Story, follow, gone, job, marked, nothing_left

pytestmark = [
    pytest.mark.short,
    pytest.mark.skipif(sys.platform == "win32", reason="workers need POSIX processes"),
    pytest.mark.usefixtures("nothing_left"),
]
__all__ = ["nothing_left"]


def ends(count: int) -> Callable[[Story], bool]:
    return lambda story: sum(isinstance(event, JobEnded) for event in story) == count


def begun(story: Story) -> list[str]:
    return [event.key for event in story if isinstance(event, JobStarted)]


def held(key: str, until: Path) -> Job:
    """One that runs until this file is there."""
    return job("keeps_time", key, until=str(until))


def appears(path: Path) -> None:
    """Wait for a file: what a job is at is known without having the pool listen."""
    deadline = time.monotonic() + PATIENCE_S
    while not path.exists():
        assert time.monotonic() < deadline, path
        time.sleep(0.005)


def begin(pool: Pool, *jobs: Job) -> Story:
    """Have these running."""
    for each in jobs:
        pool.submit(each)
    return follow(pool, Story(), lambda story: len(begun(story)) == len(jobs))


@pytest.mark.parametrize("method", METHODS)
def test_a_job_that_waits_begins_by_itself_when_the_one_before_has_ended(method: str, tmp_path: Path) -> None:
    go, over = tmp_path / "go", tmp_path / "over"
    with Pool(1, method=method) as pool:
        pool.submit(held("first", go))
        assert (pool.free, pool.prefetch_slots) == (0, 0), "its worker may never get up"
        story = follow(pool, Story(), lambda story: bool(begun(story)))
        assert (pool.free, pool.prefetch_slots) == (0, 1)
        with pytest.raises(ValueError, match="first is running"):
            pool.submit_ahead(job("keeps_time", "first"))
        pool.submit_ahead(job("keeps_time", "second", over=str(over)))
        assert (pool.free, pool.prefetch_slots, pool.running) == (0, 0, ["first"])
        with pytest.raises(ValueError, match="no worker has a prefetch slot"):
            pool.submit_ahead(job("fine", "third"))
        go.touch()
        appears(over)
        listened_at = time.monotonic()
        follow(pool, story, ends(2))
        [first], [second] = story.messages("first"), story.messages("second")
        assert first["worker"] == second["worker"]
        assert first["ended"] <= second["began"] <= second["ended"] < listened_at
        order = [(type(event), event.key) for event in story if isinstance(event, JobStarted | JobEnded)]
        assert order == [(JobStarted, "first"), (JobEnded, "first"), (JobStarted, "second"), (JobEnded, "second")]
        assert story.pid("first") != story.pid("second")
        assert (pool.free, pool.prefetch_slots) == (1, 0)


def test_the_deadline_of_a_job_that_waits_begins_with_it() -> None:
    with Pool(1) as pool:
        story = begin(pool, job("sleeps", "first", for_s=2.0))
        pool.submit_ahead(job("sleeps", "second", timeout_s=0.5))
        follow(pool, story, ends(2))
        assert (story.ended("first").outcome, story.ended("second").outcome) == (Outcome.OK, Outcome.TIMEOUT)
        assert 0.4 < story.ended("second").elapsed_s < 2.0


def test_there_are_never_more_processes_than_workers() -> None:
    with Pool(2) as pool:
        story, waiting = Story(), [job("keeps_time", f"{n}", for_s=n % 5 / 50) for n in range(30)]
        behind = 0

        def over(story: Story) -> bool:
            nonlocal behind
            while waiting and pool.free:
                pool.submit(waiting.pop(0))
            while waiting and pool.prefetch_slots:
                pool.submit_ahead(waiting.pop(0))
                behind += 1
            return ends(30)(story)

        follow(pool, story, over)
    assert behind > 10
    answer = [story.messages(f"{n}")[0] for n in range(30)]
    at_once = [sum(other["began"] <= each["began"] < other["ended"] for other in answer) for each in answer]
    assert max(at_once) <= 2


# Having it back.


def test_what_waits_can_be_had_back_and_is_not_begun(tmp_path: Path) -> None:
    go = tmp_path / "go"
    with Pool(1) as pool:
        story = begin(pool, held("first", go))
        pool.submit_ahead(job("keeps_time", "second", path=str(tmp_path / "begun")))
        pool.withdraw()
        follow(pool, story, ends(1))
        back = story.ended("second")
        assert (back.outcome, back.reason, back.elapsed_s) == (None, "returned", 0)
        assert pool.prefetch_slots == 1, "at once, not when the first has ended"
        go.touch()
        follow(pool, story, ends(2))
        assert story.ended("first").outcome is Outcome.OK
        assert begun(story) == ["first"]
        begin(pool, job("fine", "third"))
    assert not (tmp_path / "begun").exists()


def test_what_has_begun_is_not_given_back(tmp_path: Path) -> None:
    go, ran = tmp_path / "go", tmp_path / "ran"
    with Pool(1) as pool:
        story = begin(pool, held("first", go))
        pool.submit_ahead(job("keeps_time", "second", path=str(ran), for_s=0.5))
        go.touch()
        appears(ran)  # the pool has not heard of it yet
        pool.withdraw()
        follow(pool, story, ends(2))
        assert story.ended("second").outcome is Outcome.OK
        assert (begun(story), pool.free) == (["first", "second"], 1)


def test_what_has_begun_is_to_blame_also_where_it_was_wanted_back(tmp_path: Path) -> None:
    go, ran = tmp_path / "go", tmp_path / "ran"
    with Pool(1) as pool:
        story = begin(pool, held("first", go))
        pool.submit_ahead(job("signals_its_parent", "second", path=str(ran), signal=int(signal.SIGSTOP)))
        go.touch()
        appears(ran)
        pool.withdraw()
        follow(pool, story, lambda story: len(begun(story)) == 2)
        os.kill(psutil.Process(story.pid("second")).ppid(), signal.SIGKILL)
        follow(pool, story, ends(2))
        assert story.ended("second").outcome is Outcome.CRASHED


def test_one_that_is_wanted_back_while_its_worker_is_between_two_jobs_is_done_once_or_given_back() -> None:
    with Pool(1) as pool:
        outcomes: list[str] = []
        for number in range(300):
            story = begin(pool, job("sleeps", "first", for_s=0.01))
            pool.submit_ahead(job("keeps_time", "second"))
            time.sleep(number / 1000)
            pool.withdraw()
            follow(pool, story, ends(2))
            ended = story.ended("second")
            assert (ended.outcome, ended.reason) in ((Outcome.OK, ""), (None, "returned"))
            assert len(story.messages("second")) == (ended.outcome is Outcome.OK) == len(begun(story)) - 1
            assert pool.free == 1
            outcomes.append(ended.reason)
            if outcomes.count("") == 10:
                break
    assert {*outcomes} == {"", "returned"}


def test_as_many_come_back_as_are_asked_for_those_behind_the_longest_first() -> None:
    with Pool(3) as pool:
        story = begin(pool, job("sleeps", "one"))
        for number, name in enumerate(("two", "three")):
            pool.submit(job("sleeps", name))
            follow(pool, story, lambda story, n=number + 2: len(begun(story)) == n)
        for name in ("behind three", "behind two", "behind one"):
            pool.submit_ahead(job("fine", name))  # the youngest has the first
        for _ in range(3):
            pool.withdraw(1)  # the same one: it is not on its way twice
        follow(pool, story, ends(1))
        assert story.ended("behind one").reason == "returned"
        pool.withdraw(1)
        follow(pool, story, ends(2))
        assert story.ended("behind two").reason == "returned"
        pool.stop()
        follow(pool, story, ends(6))


# What else may happen while one waits.


def test_one_that_waits_is_skipped_and_only_it(tmp_path: Path) -> None:
    go = tmp_path / "go"
    with Pool(1) as pool:
        story = begin(pool, held("first", go))
        pool.submit_ahead(job("sleeps", "second"))
        pool.withdraw()
        pool.skip("second")  # whichever comes first, it is not to be tried again
        follow(pool, story, ends(1))
        go.touch()
        follow(pool, story, ends(2))
        assert (story.ended("second").outcome, story.ended("second").reason) == (None, "skipped")
        assert story.ended("first").outcome is Outcome.OK
        assert begun(story) == ["first"]


def test_one_that_has_begun_unheard_is_skipped_all_the_same(tmp_path: Path) -> None:
    go, ran = tmp_path / "go", tmp_path / "ran"
    with Pool(1) as pool:
        story = begin(pool, held("first", go))
        pool.submit_ahead(job("keeps_time", "second", path=str(ran), for_s=600))
        go.touch()
        appears(ran)
        pool.skip("second")
        follow(pool, story, ends(2))
        assert (story.ended("first").outcome, story.ended("second").reason) == (Outcome.OK, "skipped")
        assert gone(story.pid("second"))


def test_an_order_about_one_that_has_ended_unheard_is_stale(tmp_path: Path) -> None:
    go, ran = tmp_path / "go", tmp_path / "ran"
    with Pool(1) as pool:
        story = begin(pool, held("first", go))
        pool.submit_ahead(job("keeps_time", "second", path=str(ran), for_s=0.5))
        go.touch()
        appears(ran)
        pool.skip("first")
        follow(pool, story, ends(2))
        assert story.ended("first").outcome is story.ended("second").outcome is Outcome.OK


def test_one_that_is_skipped_before_its_worker_is_up_never_begins(tmp_path: Path) -> None:
    with Pool(1) as pool:
        workers = marked()
        pool.submit(job("keeps_time", path=str(tmp_path / "begun")))
        pool.skip("job")
        story = follow(pool, Story(), ends(1))
        assert (story.ended().reason, begun(story), pool.free) == ("skipped", [], 1)
        assert not (tmp_path / "begun").exists()
        assert marked() == workers, "it did not take the life of its worker"


def test_stopping_begins_nothing_that_waits(tmp_path: Path) -> None:
    with Pool(2) as pool:
        story = begin(pool, job("sleeps", "one"), job("spins_deaf", "two"))
        for name in ("three", "four"):
            pool.submit_ahead(job("keeps_time", name, path=str(tmp_path / name)))
        pool.stop()
        follow(pool, story, ends(4))
        assert {story.ended(key).reason for key in ("one", "two", "three", "four")} == {"stopped"}
        assert (sorted(begun(story)), pool.free) == (["one", "two"], 2)
    assert list(tmp_path.iterdir()) == []


def test_fewer_workers_give_back_what_waits(tmp_path: Path) -> None:
    others, go = len(marked()), tmp_path / "go"
    with Pool(2) as pool:
        story = begin(pool, held("one", go), held("two", go))
        for name in ("three", "four"):
            pool.submit_ahead(job("fine", name))
        pool.resize(1)
        follow(pool, story, ends(2))
        assert {story.ended(key).reason for key in ("three", "four")} == {"returned"}
        assert (pool.free, pool.prefetch_slots) == (0, 0), "one has to leave"
        go.touch()
        follow(pool, story, ends(4))
        assert pool.free == 1
        follow(pool, story, lambda _: len(marked()) == others + 1)
        begin(pool, job("fine", "five"))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "stopped"])
def test_a_worker_that_is_lost_gives_back_what_waits_without_blame(
    number: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pluginary_tui.isolation.pool.GRACE_S", 0.5)
    with Pool(1) as pool:
        story = begin(pool, job("sleeps", "bad", timeout_s=1.0))
        pool.submit_ahead(job("fine", "good"))
        worker = psutil.Process(story.pid("bad")).ppid()
        os.kill(worker, number)
        if number == signal.SIGSTOP:  # woken once, it would go on
            monkeypatch.setattr("pluginary_tui.isolation.worker_handle.WorkerHandle.resume", lambda worker: None)
        follow(pool, story, ends(2))
        expected = Outcome.CRASHED if number == signal.SIGKILL else Outcome.TIMEOUT
        assert story.ended("bad").outcome is expected
        assert (story.ended("good").outcome, story.ended("good").reason) == (None, "returned")
        assert begun(story) == ["bad"]
        story = begin(pool, job("fine", "good"))
        assert follow(pool, story, ends(1)).ended("good").outcome is Outcome.OK


@pytest.mark.parametrize("method", METHODS)
def test_closing_begins_nothing_that_waits(method: str, tmp_path: Path) -> None:
    pool = Pool(1, method=method)
    story = begin(pool, job("spins_deaf", "one"))
    pool.submit_ahead(job("keeps_time", "two", path=str(tmp_path / "begun")))
    pool.close()
    assert gone(story.pid("one"), within_s=0)
    assert not (tmp_path / "begun").exists()


OWNER = """
import sys, time
sys.path.insert(0, {folder!r})
from pluginary_tui.isolation.jobs import Job, MessageReceived
from pluginary_tui.isolation.pool import Pool

if __name__ == "__main__":
    pool = Pool(1, method={method!r})
    pool.submit(Job("one", "tests.support.isolation_jobs:sleeps", {{}}, 60.0))
    while not any(isinstance(event, MessageReceived) for event in pool.events(1.0)):
        pass
    pool.submit_ahead(Job("two", "tests.support.isolation_jobs:keeps_time", {{"path": {path!r}}}, 60.0))
    print("ready", flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("method", METHODS)
def test_when_the_program_is_gone_nothing_that_waits_is_begun(tmp_path: Path, method: str) -> None:
    script, path = tmp_path / "owner.py", tmp_path / "begun"
    script.write_text(OWNER.format(folder=str(Path(__file__).parents[3]), method=method, path=str(path)))
    owner = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE)
    try:
        assert owner.stdout is not None
        assert owner.stdout.readline() == b"ready\n"
        below = [child.pid for child in psutil.Process(owner.pid).children(recursive=True)]
        owner.kill()
        assert gone(*below, within_s=3)
        assert not path.exists()
    finally:
        owner.kill()
        owner.communicate()


def test_what_is_had_back_and_given_again_many_times_is_done_once() -> None:
    with Pool(2) as pool:
        story, waiting, done = Story(), [f"{n}" for n in range(40)], []

        def work(events: list[Event]) -> None:
            for event in events:
                if isinstance(event, JobEnded):
                    (waiting if event.reason == "returned" else done).append(event.key)

        deadline = time.monotonic() + 60
        turn = 0
        while len(done) < 40 and time.monotonic() < deadline:
            while waiting and pool.free:
                pool.submit(job("keeps_time", waiting.pop(0), for_s=0.005))
            while waiting and pool.prefetch_slots:
                pool.submit_ahead(job("keeps_time", waiting.pop(0), for_s=0.005))
            turn += 1
            if turn % 3 == 0:
                pool.withdraw()
            new = pool.events(0.1)
            story += new
            work(new)
        assert sorted(done, key=int) == [f"{n}" for n in range(40)]
        assert all(len(story.messages(key)) == 1 for key in done)
