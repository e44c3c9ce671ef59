"""Isolation, with jobs that misbehave: real processes, real kills."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from pluginary_tui.isolation.frames import ERROR, MESSAGE
from pluginary_tui.isolation.jobs import Job, JobEnded, JobStarted
from pluginary_tui.isolation.linux import system
from pluginary_tui.isolation.pool import Pool
from pluginary_tui.model import Outcome
from tests.support.pool_jobs import (
    LINUX_ONLY,
    METHODS,
    OF_LINUX,
    Story,
    follow,
    gone,
    job,
    marked,
    run,
)

pytestmark = [
    pytest.mark.short,
    pytest.mark.skipif(sys.platform == "win32", reason="workers need POSIX processes"),
]


@pytest.fixture(params=METHODS, scope="module")
def pool(request: pytest.FixtureRequest) -> Iterator[Pool]:
    with Pool(1, method=request.param, log_limit=4000, memory_limit_mb=300) as pool:
        yield pool


@pytest.fixture(params=OF_LINUX, scope="module")
def linux_pool(request: pytest.FixtureRequest) -> Iterator[Pool]:
    """One that can do what only Linux's way can."""
    with Pool(1, method=request.param, log_limit=4000, memory_limit_mb=300) as pool:
        yield pool


# What goes well.


def test_a_job_reports_and_ends_well(pool: Pool) -> None:
    story = run(pool, job("fine", number=1, text="ä\ud800"))
    ended = story.ended()
    assert story.messages() == [{"got": {"number": 1, "text": "ä\ud800"}}]
    assert (ended.outcome, ended.reason, ended.error, ended.signal, ended.exit_code) == (Outcome.OK, "", "", "", 0)
    assert ended.elapsed_s > 0
    assert ended.peak_mb > 1
    assert isinstance(story[0], JobStarted)
    assert story[-1] is ended


def test_a_worker_runs_one_job_after_another_each_in_a_process_of_its_own(pool: Pool) -> None:
    story = run(pool, *[job("surroundings", f"job {n}") for n in range(5)])
    answer = [story.messages(f"job {n}")[0] for n in range(5)]
    assert len({each["pid"] for each in answer}) == 5
    assert len({each["parent"] for each in answer}) == 1
    assert os.getpid() not in {each["parent"] for each in answer}


def test_a_job_is_cut_off_from_everything_but_its_report(linux_pool: Pool) -> None:
    story = run(linux_pool, job("surroundings"))
    [answer] = story.messages()
    assert answer["session"] == answer["pid"] == story.pid()
    assert not answer["terminal"]
    assert answer["stdin"] == ""
    assert answer["folder"] == "/"
    assert answer["descriptors"] == 4
    assert answer["mask"] == []
    assert answer["ignored"] == [signal.SIGXFSZ]
    assert answer["core"] == 1
    if sys.platform == "linux":
        assert answer["no_new_privileges"] is True


def test_large_reports_and_many_messages_arrive_whole(pool: Pool) -> None:
    big, many = job("says_much", "big", messages=1, size=2_500_000), job("says_much", "many", messages=2000, size=20)
    story = run(pool, big, many)
    assert story.messages("big") == [{"number": 0, "text": "ä" * 2_500_000}]
    assert [message["number"] for message in story.messages("many")] == list(range(2000))
    assert story.ended("big").outcome == story.ended("many").outcome == Outcome.OK


def test_each_message_starts_the_deadline_anew(pool: Pool) -> None:
    story = run(pool, job("is_slow_but_steady", timeout_s=3.0, messages=6, pause_s=0.8))
    assert story.ended().outcome == Outcome.OK
    assert story.ended().elapsed_s > 3.0


@pytest.mark.parametrize("how", [{"signal": int(signal.SIGSEGV)}, {}], ids=["crash", "hang"])
def test_what_happens_after_the_report_is_whole_does_not_count(pool: Pool, how: dict) -> None:
    story = run(pool, job("ends_badly_after_all_is_said", **how))
    assert story.messages() == [{"good": "all the same"}]
    assert story.ended().outcome == Outcome.OK


def test_a_changed_surrounding_stays_the_jobs_own(pool: Pool) -> None:
    story = run(pool, job("changes_its_surroundings", "wild"), job("surroundings", "next"))
    assert story.ended("wild").outcome == Outcome.OK
    assert story.messages("next")[0]["folder"] == "/"


# How a job fails, told apart.


@pytest.mark.parametrize(
    ("kind", "text", "error"),
    [
        ("ValueError", "no such thing\n\x1b[31m", "no such thing [31m"),
        ("KeyError", "x", "KeyError: 'x'"),
        ("SystemExit", "", "SystemExit"),
    ],
)
def test_an_exception_is_a_failure_with_its_text(pool: Pool, kind: str, text: str, error: str) -> None:
    ended = run(pool, job("raises", type=kind, text=text)).ended()
    assert (ended.outcome, ended.error) == (Outcome.FAILED, error)


def test_a_message_that_is_no_object_is_a_failure(pool: Pool) -> None:
    ended = run(pool, job("sends_nonsense")).ended()
    assert (ended.outcome, ended.error) == (Outcome.FAILED, "TypeError: a message is an object, not list")


@pytest.mark.parametrize("body", ["[1]", "{", "1" * 5000, "[" * 100_000, "\udc80"])
def test_a_message_that_cannot_be_read_ends_its_job(pool: Pool, body: str) -> None:
    body = body.encode("utf-8", "replace").decode()
    story = run(pool, job("send_frame", kind=MESSAGE, body=body, waits=True), job("fine", key="next"))
    assert (story.ended().outcome, story.ended().error) == (Outcome.FAILED, "sent a report that arrived damaged")
    assert story.ended("next").outcome is Outcome.OK


@pytest.mark.parametrize("body", ["{", "[1]", "[" * 100_000])
def test_an_error_that_cannot_be_read_does_not_end_the_worker(pool: Pool, body: str) -> None:
    ended = run(pool, job("send_frame", kind=ERROR, body=body, waits=False)).ended()
    assert (ended.outcome, ended.error) == (Outcome.FAILED, "sent a report that arrived damaged")


@pytest.mark.parametrize("function", ["ends", "ends_through_c"])
@pytest.mark.parametrize("status", [0, 3])
def test_ending_before_the_report_is_whole_is_a_crash(pool: Pool, function: str, status: int) -> None:
    ended = run(pool, job(function, status=status)).ended()
    assert (ended.outcome, ended.exit_code, ended.signal) == (Outcome.CRASHED, status, "")
    assert ended.error == f"exited with status {status} before reporting"


@pytest.mark.parametrize("name", ["SIGSEGV", "SIGABRT", "SIGFPE", "SIGILL", "SIGBUS", "SIGTERM", "SIGINT", "SIGKILL"])
def test_a_crash_has_its_signal_and_its_last_words(pool: Pool, name: str) -> None:
    ended = run(pool, job("signals_itself", signal=int(signal.Signals[name]))).ended()
    assert (ended.outcome, ended.signal, ended.exit_code) == (Outcome.CRASHED, name, None)
    assert name in ended.error
    assert ended.log == "last words\n"


@LINUX_ONLY
def test_a_signal_without_a_name_is_told_by_number(pool: Pool) -> None:
    assert run(pool, job("signals_itself", signal=signal.SIGRTMIN + 3)).ended().signal == "signal 37"


@pytest.mark.parametrize("function", ["reads_nowhere", "overflows_the_stack"])
def test_faults_are_crashes(pool: Pool, function: str) -> None:
    ended = run(pool, job(function)).ended()
    assert (ended.outcome, ended.signal) == (Outcome.CRASHED, "SIGSEGV")


@pytest.mark.parametrize(
    ("function", "payload"),
    [
        ("sleeps", {}),
        ("spins_deaf", {}),
        ("signals_itself", {"signal": int(signal.SIGSTOP)}),
        ("begins_for_ever", {}),
    ],
)
def test_silence_past_the_deadline_is_a_timeout(pool: Pool, function: str, payload: dict) -> None:
    story = run(pool, job(function, timeout_s=3.0, **payload))
    ended = story.ended()
    assert (ended.outcome, ended.error, ended.signal) == (Outcome.TIMEOUT, "did not answer within 3 s", "")
    assert gone(story.pid())


@LINUX_ONLY
@pytest.mark.parametrize("function", ["takes_all_memory", "has_a_child_take_all_memory"])
def test_too_much_memory_is_told_as_such(pool: Pool, function: str) -> None:
    ended = run(pool, job(function)).ended()
    assert (ended.outcome, ended.error) == (Outcome.MEMORY, "used more than 300 MB of memory")
    assert 270 < ended.peak_mb < 1500


@LINUX_ONLY
def test_an_allocation_far_beyond_the_limit_fails_at_once(linux_pool: Pool) -> None:
    assert run(linux_pool, job("asks_for_too_much", mb=100_000)).ended().outcome == Outcome.MEMORY


def test_a_job_may_have_a_memory_limit_of_its_own(pool: Pool) -> None:
    free = Job("job", "tests.support.isolation_jobs:asks_for_too_much", {"mb": 400}, 20.0, memory_limit_mb=0)
    assert run(pool, free).ended().outcome == Outcome.OK


def test_a_report_without_end_is_a_failure(pool: Pool) -> None:
    ended = run(pool, job("reports_without_end")).ended()
    assert (ended.outcome, ended.error) == (Outcome.FAILED, "sent a report that is too large")


def test_a_file_without_end_is_refused(linux_pool: Pool, tmp_path: Path) -> None:
    ended = run(linux_pool, job("writes_a_large_file", path=str(tmp_path / "large"), bytes=1 << 40)).ended()
    assert (ended.outcome, "File too large" in ended.error) == (Outcome.FAILED, True)


# What it prints.


def test_a_flood_is_kept_at_its_two_ends(pool: Pool) -> None:
    story = run(pool, job("floods", mb=100))
    ended = story.ended()
    assert ended.outcome == Outcome.OK
    assert ended.log.startswith("first words\nflood ")
    assert ended.log.endswith("last words\n")
    assert "bytes left out ...]" in ended.log
    assert len(ended.log) < 4100
    assert len(story.printed()) <= 4000
    assert story.printed().startswith("first words\nflood ")


def test_what_c_code_prints_is_not_lost_in_a_crash(pool: Pool) -> None:
    ended = run(pool, job("prints_through_c")).ended()
    assert (ended.signal, ended.log) == ("SIGSEGV", "half a thought\n")


def test_bytes_that_are_no_text_are_replaced(pool: Pool) -> None:
    story = run(pool, job("prints_bytes", hex="c3a4ff0a"))
    assert story.ended().log == story.printed() == "ä\ufffd\n"


# What it does to its descriptors.


def test_a_job_that_closes_all_descriptors_has_failed(pool: Pool) -> None:
    quits, stays = run(pool, job("closes_all")).ended(), run(pool, job("closes_all", stay=True)).ended()
    expected = (Outcome.FAILED, "closed the channel that it reports on")
    assert (quits.outcome, quits.error) == (stays.outcome, stays.error) == expected


def test_the_report_is_out_of_the_way_of_one_that_closes_the_first_hundred(pool: Pool) -> None:
    story = run(pool, job("closes_the_first"))
    assert (story.ended().outcome, story.messages()) == (Outcome.OK, [{"still": "here"}])


def test_junk_between_the_messages_is_passed_over(pool: Pool) -> None:
    story = run(pool, job("writes_junk_everywhere"))
    assert (story.ended().outcome, story.messages()) == (Outcome.OK, [{"number": 1}, {"number": 2}])


def test_junk_inside_a_message_is_noticed(pool: Pool) -> None:
    ended = run(pool, job("writes_junk_inside")).ended()
    assert (ended.outcome, ended.error) == (Outcome.FAILED, "sent a report that arrived damaged")


@LINUX_ONLY
@pytest.mark.parametrize("limit", [128, 40])
def test_a_session_with_few_descriptors_is_enough(limit: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(limit, 24 + max(system.open_descriptors(), default=2)), hard))
    try:
        with Pool(1) as pool:
            assert run(pool, job("fine")).ended().outcome == Outcome.OK
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@LINUX_ONLY
def test_children_are_found_where_the_kernel_keeps_no_lists_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    read = system._read

    def as_older_kernels_do(path: str) -> bytes:
        if path.endswith("/children"):
            raise FileNotFoundError(path)
        return read(path)

    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        there = system.children(os.getpid())
        monkeypatch.setattr(system, "_read", as_older_kernels_do)
        assert child.pid in there
        assert set(system.children(os.getpid())) == set(there)
        assert system.children(child.pid) == []
    finally:
        child.communicate(b"\n")


# What it does to other processes.


def test_a_job_that_kills_its_group_kills_itself_only(pool: Pool) -> None:
    story = run(pool, job("kills_its_group", "bad"), job("fine", "good"))
    assert (story.ended("bad").outcome, story.ended("bad").signal) == (Outcome.CRASHED, "SIGKILL")
    assert story.ended("good").outcome == Outcome.OK


@pytest.mark.parametrize("daemon", [False, pytest.param(True, marks=LINUX_ONLY)], ids=["alone", "with a daemon"])
def test_a_job_that_kills_its_worker_is_told_and_the_next_one_runs(pool: Pool, daemon: bool) -> None:
    story = run(pool, job("signals_its_parent", "bad", signal=int(signal.SIGKILL), daemon=daemon), job("fine", "good"))
    ended = story.ended("bad")
    assert (ended.outcome, ended.signal) == (Outcome.CRASHED, "SIGKILL")
    assert ended.error == "killed the process that watched it"
    assert ended.log == "watch this\n"
    assert gone(story.pid("bad"))
    assert story.ended("good").outcome == Outcome.OK


def test_a_worker_cannot_be_ended_politely(pool: Pool) -> None:
    ended = run(pool, job("signals_its_parent", signal=int(signal.SIGTERM), timeout_s=3.0)).ended()
    assert ended.outcome == Outcome.TIMEOUT


@pytest.mark.parametrize("function", ["signals_its_parent", "stops_its_parent_while_it_listens"])
def test_a_job_that_stops_its_worker_times_out(pool: Pool, function: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pluginary_tui.isolation.pool.GRACE_S", 0.3)
    bad = job(function, "bad", timeout_s=3.0, signal=int(signal.SIGSTOP))
    follow_up = job("fine", "good")
    pool.submit(bad)
    story = follow(pool, Story(), lambda story: any(isinstance(event, JobEnded) for event in story))
    assert story.ended("bad").outcome in (Outcome.TIMEOUT, Outcome.FAILED)
    assert gone(story.pid("bad"))
    assert run(pool, follow_up).ended("good").outcome == Outcome.OK


@LINUX_ONLY
@pytest.mark.parametrize(("function", "name"), [("leaves_a_child", "child"), ("leaves_a_daemon", "daemon")])
def test_what_a_job_leaves_running_is_ended(pool: Pool, function: str, name: str) -> None:
    story = run(pool, job(function))
    assert story.ended().outcome == Outcome.OK
    assert gone(story.messages()[0][name], within_s=0)


# Launching.


@pytest.mark.parametrize(
    "entry",
    ["no_such_module:run", "tests.support.isolation_jobs:no_such_function", "tests.support.isolation_jobs:Payload.x"],
)
def test_an_entry_that_is_not_there_is_no_verdict_on_the_job(pool: Pool, entry: str) -> None:
    ended = run(pool, Job("job", entry, {}, 20.0)).ended()
    assert (ended.outcome, ended.reason) == (None, "launch")
    assert ended.error.startswith("could not be started: ")


@LINUX_ONLY
@pytest.mark.parametrize("method", METHODS)
def test_a_machine_that_cannot_launch_is_no_verdict_on_the_job(method: str) -> None:
    with Pool(1, method=method) as pool:
        worker = run(pool, job("surroundings")).messages()[0]["parent"]
        before = psutil.Process(worker).rlimit(psutil.RLIMIT_NOFILE)
        psutil.Process(worker).rlimit(psutil.RLIMIT_NOFILE, (3, before[1]))
        ended = run(pool, job("fine")).ended()
        assert (ended.outcome, ended.reason) == (None, "launch")
        assert ended.error == "could not be started: Too many open files"
        psutil.Process(worker).rlimit(psutil.RLIMIT_NOFILE, before)
        assert run(pool, job("fine")).ended().outcome == Outcome.OK


@LINUX_ONLY
def test_a_process_that_ends_before_it_begins_is_no_verdict_on_the_job() -> None:
    with Pool(1, method="fork", preload="tests.support.isolation_jobs:preload_no_interpreter") as pool:
        ended = run(pool, replace(job("fine"), fresh=True)).ended()
    assert (ended.outcome, ended.reason) == (None, "launch")
    assert ended.error == "could not be started: exited with status 1 before reporting"


@LINUX_ONLY
def test_few_descriptors_are_enough() -> None:
    with Pool(1) as pool:
        worker = run(pool, job("surroundings")).messages()[0]["parent"]
        _, hard = psutil.Process(worker).rlimit(psutil.RLIMIT_NOFILE)
        psutil.Process(worker).rlimit(psutil.RLIMIT_NOFILE, (100, hard))
        assert run(pool, job("fine")).ended().outcome == Outcome.OK


@pytest.mark.parametrize(
    ("preload", "why"), [("preload_breaks", "nothing works today"), ("preload_dies", "worker ended")]
)
@LINUX_ONLY
def test_workers_that_cannot_start_are_a_launch_failure_and_not_an_endless_loop(preload: str, why: str) -> None:
    with Pool(2, method="fork", preload=f"tests.support.isolation_jobs:{preload}") as pool:
        for _ in range(2):
            ended = run(pool, job("fine")).ended()
            assert (ended.outcome, ended.reason, why in ended.error) == (None, "launch", True)
        assert pool.free == 2


@LINUX_ONLY
def test_what_is_preloaded_is_there_in_every_forked_job() -> None:
    with Pool(1, preload="tests.support.isolation_jobs:preload") as pool:
        assert run(pool, job("surroundings")).messages()[0]["preloaded"] is True


@LINUX_ONLY
def test_a_fresh_job_has_nothing_of_what_is_preloaded_and_the_next_one_is_forked_again() -> None:
    with Pool(1, method="fork", preload="tests.support.isolation_jobs:preload") as pool:
        story = run(pool, replace(job("surroundings", "fresh"), fresh=True), job("surroundings", "forked"))
        preloaded = {key: story.messages(key)[0]["preloaded"] for key in ("fresh", "forked")}
        assert preloaded == {"fresh": False, "forked": True}


def loaded(pool: Pool, *names: str, imports: tuple[str, ...] = ()) -> list[str]:
    """Those of the modules that a job's process has."""
    asked = Job("job", "tests.support.loaded_modules:run", {"names": names}, 20.0, imports=imports)
    (output,) = run(pool, asked).messages()
    return list(output["loaded"])


@LINUX_ONLY
def test_a_worker_imports_what_a_job_names_before_it_forks_and_keeps_it() -> None:
    with Pool(1, method="fork") as pool:
        assert loaded(pool, "colorsys") == []
        assert loaded(pool, "colorsys", imports=("colorsys",)) == ["colorsys"]
        assert loaded(pool, "colorsys") == ["colorsys"]
        assert loaded(pool, "colorsys", imports=("no.such.module",)) == ["colorsys"]


@LINUX_ONLY
def test_a_worker_that_a_named_module_gave_a_thread_does_not_fork_any_more() -> None:
    with Pool(1, method="fork") as pool:
        module = "tests.support.module_with_thread"
        assert loaded(pool, "colorsys", imports=("colorsys",)) == ["colorsys"]
        assert loaded(pool, "colorsys", module, imports=(module,)) == []  # a fresh interpreter


@LINUX_ONLY
def test_a_reader_s_process_has_no_module_that_runs_code_in_every_fork() -> None:
    """`threading` and `random` do (`os.register_at_fork`): a tenth of the memory that a light probe copies."""
    with Pool(1, preload="pluginary_tui.scan.probe:warm", sandbox="guarded") as pool:
        found = loaded(
            pool,
            "threading",
            "random",
            "coverage",
            imports=("tests.support.loaded_modules", "pluginary_tui.scan.readers.vst3"),
        )
    assert found == [] or "coverage" in found


@LINUX_ONLY
def test_a_worker_with_threads_never_forks() -> None:
    with Pool(1, preload="tests.support.isolation_jobs:preload_threads") as pool:
        story = run(pool, job("surroundings"))
        assert story.ended().outcome is Outcome.OK
        assert story.messages()[0]["preloaded"] is False  # a fresh interpreter


# The pool itself.


def test_one_of_two_is_skipped_at_once_and_only_it() -> None:
    with Pool(2) as pool:
        pool.submit(job("sleeps", "slow"))
        pool.submit(job("sleeps", "other", for_s=1.5))
        story = follow(pool, Story(), lambda story: bool(story.messages("slow") and story.messages("other")))
        assert pool.running == ["slow", "other"]
        thread = threading.Thread(target=pool.skip, args=("slow",))  # as the screen does
        thread.start()
        follow(pool, story, lambda story: any(isinstance(event, JobEnded) for event in story))
        thread.join()
        assert (story.ended("slow").outcome, story.ended("slow").reason) == (None, "skipped")
        assert story.ended("slow").elapsed_s < 1.5
        assert gone(story.pid("slow"))
        follow(pool, story, lambda story: sum(isinstance(event, JobEnded) for event in story) == 2)
        assert story.ended("other").outcome == Outcome.OK
        pool.skip("slow")
        assert run(pool, job("fine")).ended().outcome == Outcome.OK


def test_a_job_can_be_skipped_before_its_worker_is_up_and_while_its_worker_is_stopped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("pluginary_tui.isolation.pool.GRACE_S", 0.3)
    with Pool(1) as pool:
        for bad in (job("sleeps"), job("signals_its_parent", signal=int(signal.SIGSTOP))):
            pool.submit(bad)
            if bad.entry.endswith("parent"):
                follow(pool, Story(), lambda story: bool(story.messages()))
                time.sleep(0.5)
            pool.skip("job")
            story = follow(pool, Story(), lambda story: any(isinstance(event, JobEnded) for event in story))
            assert (story.ended().outcome, story.ended().reason) == (None, "skipped")


def test_stopping_ends_all_that_runs() -> None:
    with Pool(2) as pool:
        pool.submit(job("sleeps", "one"))
        pool.submit(job("spins_deaf", "two"))
        follow(pool, Story(), lambda story: bool(story.messages("one")))
        pool.stop()
        story = follow(pool, Story(), lambda story: sum(isinstance(event, JobEnded) for event in story) == 2)
        assert {story.ended(key).reason for key in ("one", "two")} == {"stopped"}
        assert pool.free == 2


def test_the_number_of_workers_follows_while_jobs_run() -> None:
    others = len(marked())
    with Pool(1) as pool:
        pool.submit(job("sleeps", "first", for_s=0.5))
        assert pool.free == 0
        pool.resize(3)
        assert pool.free == 2
        pool.submit(job("sleeps", "second", for_s=0.5))
        pool.submit(job("sleeps", "third", for_s=0.5))
        pool.resize(1)
        assert pool.free == 0
        story = follow(pool, Story(), lambda story: sum(isinstance(event, JobEnded) for event in story) == 3)
        assert {story.ended(key).outcome for key in ("first", "second", "third")} == {Outcome.OK}
        assert pool.free == 1
        assert run(pool, job("fine")).ended().outcome == Outcome.OK
        follow(pool, Story(), lambda _: len(marked()) == others + 1)


def test_only_a_free_worker_takes_a_job_and_a_key_runs_once() -> None:
    with Pool(2) as pool:
        pool.submit(job("sleeps"))
        with pytest.raises(ValueError, match="job is running"):
            pool.submit(job("sleeps"))
        pool.submit(job("sleeps", "another"))
        with pytest.raises(ValueError, match="no worker is free"):
            pool.submit(job("sleeps", "third"))


def test_an_idle_worker_that_dies_is_replaced_without_blame() -> None:
    with Pool(1) as pool:
        first = run(pool, job("surroundings")).messages()[0]["parent"]
        os.kill(first, signal.SIGKILL)
        story = run(pool, job("surroundings"))
        assert story.ended().outcome == Outcome.OK
        assert story.messages()[0]["parent"] != first
        os.kill(story.messages()[0]["parent"], signal.SIGKILL)
        assert gone(story.messages()[0]["parent"])
        assert pool.events(0.1) == []
        assert run(pool, job("fine")).ended().outcome == Outcome.OK


@pytest.mark.parametrize("method", METHODS)
def test_closing_in_the_middle_leaves_nothing(method: str) -> None:
    pool = Pool(2, method=method)
    pool.submit(job("spins_deaf", "one"))
    pool.submit(job("leaves_a_daemon" if sys.platform == "linux" else "sleeps", "two"))
    story = follow(pool, Story(), lambda story: len([e for e in story if isinstance(e, JobStarted)]) == 2)
    pool.close()
    pool.close()
    assert gone(story.pid("one"), story.pid("two"), within_s=0)
    assert pool.free == 0


def test_a_pool_works_in_a_thread() -> None:
    result: list[JobEnded] = []

    def work() -> None:
        with Pool(1) as pool:
            result.append(run(pool, job("fine")).ended())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert [ended.outcome for ended in result] == [Outcome.OK]


OWNER = """
import sys, time
sys.path.insert(0, {folder!r})
from pluginary_tui.isolation.jobs import Job, MessageReceived
from pluginary_tui.isolation.pool import Pool

if __name__ == "__main__":
    pool = Pool(3, method={method!r})
    for name in {jobs!r}:
        pool.submit(Job(name, "tests.support.isolation_jobs:" + name, {{"signal": 19}}, 60.0))
    said = set()
    while len(said) < {messages}:
        said |= {{event.key for event in pool.events(1.0) if isinstance(event, MessageReceived)}}
    time.sleep(0.5)
    print("ready", flush=True)
    {then}
"""


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("then", ["time.sleep(60)", "sys.exit()"], ids=["killed", "forgets to close"])
def test_when_the_program_is_gone_all_is_gone_within_a_second(tmp_path: Path, method: str, then: str) -> None:
    # A worker that a job has stopped is continued by Linux alone when the program is gone.
    jobs = ["sleeps", "signals_its_parent" if method in OF_LINUX else "fine", "leaves_a_daemon"]
    script = tmp_path / "owner.py"
    script.write_text(
        OWNER.format(folder=str(Path(__file__).parents[3]), method=method, jobs=jobs, messages=3, then=then)
    )
    owner = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE)
    try:
        assert owner.stdout is not None
        assert owner.stdout.readline() == b"ready\n"
        below = [child.pid for child in psutil.Process(owner.pid).children(recursive=True)]
        if then == "time.sleep(60)":
            assert len(below) >= (5 if method in OF_LINUX else 4)
            owner.kill()
        assert owner.wait(10) == (-signal.SIGKILL if then == "time.sleep(60)" else 0)
        assert gone(*below, within_s=1.5)
    finally:
        owner.kill()
        owner.communicate()
