"""A scan whose workers know their next bundle ahead: with real plugins that are slow, crash or hang, and real kills."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from pluginary_tui.catalogue.journal import Interrupted, Journal
from pluginary_tui.catalogue.store import Store
from pluginary_tui.isolation.jobs import Job
from pluginary_tui.isolation.pool import Pool
from pluginary_tui.isolation.worker_handle import WorkerHandle
from pluginary_tui.scan import reading_queue, resources, run
from pluginary_tui.scan.events import (
    BundleEnded,
    BundleRequeued,
    BundleStarted,
    Event,
    PassedOver,
    ScanEnded,
    StateChanged,
)
from pluginary_tui.scan.progress import Progress
from pluginary_tui.scan.run import Options, Scan
from tests.plugins.build import build, compiler, good
from tests.support.leak_check import nothing_left
from tests.support.scans import begun, settings

pytestmark = pytest.mark.skipif(compiler() is None, reason="needs Linux and a C compiler")


class Ahead(list[str]):
    """Names of the bundles that wait or have waited behind another. `then` happens when there are two."""

    def __init__(self) -> None:
        super().__init__()
        self.then: Callable[[], object] = lambda: None


@pytest.fixture
def ahead(monkeypatch: pytest.MonkeyPatch) -> Ahead:
    """Every worker is told its next bundle from the beginning, as after many short probes."""
    answer = Ahead()
    submit_ahead = Pool.submit_ahead

    def listen(pool: Pool, job: Job) -> None:
        submit_ahead(pool, job)
        answer.append(Path(job.key).stem)
        if len(answer) == 2:
            answer.then()

    monkeypatch.setattr(reading_queue, "SHORT_RUN", 0)
    monkeypatch.setattr(Pool, "submit_ahead", listen)
    return answer


class Story(list[Event]):
    """The events of a scan, with what a screen would have shown."""

    def __init__(self) -> None:
        super().__init__()
        self.progress = Progress()

    def __call__(self, event: Event) -> None:
        self.append(event)
        self.progress.take(event)

    def ended(self) -> list[str]:
        return [event.report.bundle.name for event in self if isinstance(event, BundleEnded)]


def left(data_dir: Path) -> Interrupted:
    with Store.in_folder(data_dir) as store:
        interrupted = Journal(store).interrupted()
    assert interrupted
    return interrupted


def blamed(data_dir: Path) -> set[tuple[int, int]]:
    """Attempts and kills of what is still to be done, after the next start."""
    with Store.in_folder(data_dir) as store:
        journal = Journal(store)
        journal.resume()
        return {(entry.attempts, entry.kills) for entry in journal.pending()}


def test_only_after_many_short_probes_is_a_worker_told_its_next(
    folder: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer: list[str] = []
    monkeypatch.setattr(Pool, "prefetch_slots", property(lambda pool: answer.append("asked") or 0))
    for number in range(reading_queue.SHORT_RUN):
        good(folder, f"Short {number}")
    assert Scan(settings(), data_dir, Options(only=(folder,))).run(Story()).ok == reading_queue.SHORT_RUN
    assert not answer
    monkeypatch.setattr(reading_queue, "SHORT_S", 5.0)  # whatever else this machine does
    for number in range(reading_queue.SHORT_RUN + 4):
        good(folder, f"Short as well {number}")
    Scan(settings(), data_dir, Options(only=(folder,))).run(Story())
    assert answer
    answer.clear()
    for number in range(reading_queue.SHORT_RUN + 4):
        good(folder, f"Taking its time {number}", delay_ms=50)
    monkeypatch.setattr(reading_queue, "SHORT_S", 0.05)
    Scan(settings(), data_dir, Options(only=(folder,))).run(Story())
    assert not answer


def test_what_waits_looks_and_counts_as_waiting(
    folder: Path, data_dir: Path, ahead: Ahead, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(12):
        good(folder, f"{number:02}", delay_ms=20 * (number % 4))
    looks: list[int] = []
    monkeypatch.setattr(resources, "workers_wanted", lambda resources, running, limit: looks.append(running) or 2)
    monkeypatch.setattr(run, "MACHINE_CHECK_S", 0.0)
    story = Story()
    most = 0

    def listen(event: Event) -> None:
        nonlocal most
        story(event)
        most = max(most, len(story.progress.running))

    with nothing_left():
        summary = Scan(settings(workers=0), data_dir, Options(only=(folder,))).run(listen)
    assert (summary.ok, len(ahead) > 3) == (12, True)
    assert most == max(looks) == 2
    assert sorted(begun(story)) == sorted(story.ended()) == [f"{number:02}" for number in range(12)]
    order = [(event.path, 0) if isinstance(event, BundleStarted) else (event.report.bundle.path, 1)
             for event in story if isinstance(event, BundleStarted | BundleEnded)]  # fmt: skip
    assert all(order.index((path, 0)) < order.index((path, 1)) for path, _ in order)


def test_nothing_waits_behind_a_slow_one_while_a_worker_is_free(folder: Path, data_dir: Path, ahead: Ahead) -> None:
    for name in "AB":
        good(folder, name, delay_ms=300)
    good(folder, "C slow", delay_ms=4000)
    for name in "DEF":
        good(folder, name, delay_ms=300)
    story = Story()
    assert Scan(settings(), data_dir, Options(only=(folder,))).run(story).ok == 6
    assert ahead
    assert story.ended()[-1] == "C slow"
    assert sorted(begun(story)) == ["A", "B", "C slow", "D", "E", "F"]
    assert all(event.report.elapsed_s < 3 for event in story if isinstance(event, BundleEnded)
               and event.report.bundle.name != "C slow")  # fmt: skip


@pytest.fixture
def four(folder: Path) -> Path:
    """Two that take their time, and two that will wait behind them."""
    for name in "ABCD":
        good(folder, name, delay_ms=1000)
    return folder


def test_a_pause_begins_nothing_that_waits_and_holds_nothing_against_it(
    four: Path, data_dir: Path, ahead: Ahead
) -> None:
    made = Scan(settings(), data_dir, Options(only=(four,)))
    story = Story()
    waiting: list[Interrupted] = []

    def go_on() -> None:
        waiting.append(left(data_dir))
        made.resume()

    def listen(event: Event) -> None:
        story(event)
        if isinstance(event, BundleEnded) and len(story.ended()) == 2:
            threading.Timer(1.0, go_on).start()

    ahead.then = made.pause
    with nothing_left():
        summary = made.run(listen)
    assert waiting and (waiting[0].pending, waiting[0].in_flight) == (2, [])
    assert (summary.ok, summary.scanned) == (4, 4)
    assert sorted(begun(story)) == sorted(story.ended()) == list("ABCD")
    states = [
        event.state if isinstance(event, StateChanged) else type(event).__name__
        for event in story
        if isinstance(event, StateChanged | BundleStarted | BundleEnded)
    ]
    paused, resumed = states.index("paused"), states.index("running")
    assert states[paused:resumed] == ["paused", "BundleEnded", "BundleEnded"]


def test_a_stop_begins_nothing_that_waits_and_the_next_scan_does_it(four: Path, data_dir: Path, ahead: Ahead) -> None:
    made = Scan(settings(), data_dir, Options(only=(four,)))
    ahead.then = made.stop
    story = Story()
    with nothing_left():
        made.run(story)
    assert isinstance(story[-1], ScanEnded) and story[-1].how == "stopped"
    assert sorted(begun(story)) == ["A", "B"]
    assert (left(data_dir).pending, left(data_dir).in_flight) == (4, [])
    assert blamed(data_dir) == {(0, 0)}
    assert Scan(settings(), data_dir, Options(only=(four,))).run(Story()).ok == 4


def test_one_that_waits_can_be_left_out(four: Path, data_dir: Path, ahead: Ahead) -> None:
    made = Scan(settings(), data_dir, Options(only=(four,)))
    ahead.then = lambda: made.pass_over("C*")
    story = Story()
    summary = made.run(story)
    assert (summary.found, summary.ok, summary.quarantined) == (3, 3, 0)
    assert sorted(begun(story)) == ["A", "B", "D"]
    assert [event.paths for event in story if isinstance(event, PassedOver)] == [{str(four / "C.vst3")}]
    assert (story.progress.done, story.progress.total) == (3, 3)


def test_the_one_that_runs_longest_is_skipped_not_the_one_that_was_given_first(
    folder: Path, data_dir: Path, ahead: Ahead, monkeypatch: pytest.MonkeyPatch
) -> None:
    """C waits behind B, D behind A; E, behind C, begins before D does; F waits behind E."""
    room = Pool.prefetch_slots.fget
    assert room
    monkeypatch.setattr(Pool, "prefetch_slots", property(lambda pool: room(pool) if ahead or room(pool) == 2 else 0))
    monkeypatch.setattr(WorkerHandle, "since", property(lambda worker: worker.task.serial))
    good(folder, "A", delay_ms=1500)
    for name in "BC":
        good(folder, name, delay_ms=100)
    for name in "DE":
        build("sleep", folder, name=name)
    good(folder, "F")
    made = Scan(settings(timeout_s=60.0), data_dir, Options(only=(folder,)))
    story = Story()

    def listen(event: Event) -> None:
        story(event)
        if begun(story)[-2:] == ["E", "D"] and len(story.progress.running) == 2:
            made.skip()
        if isinstance(event, BundleEnded) and event.report.bundle.name == "E":
            made.skip()

    summary = made.run(listen)
    assert (summary.ok, summary.skipped) == (4, 2)
    assert [name for name in begun(story) if name in "DE"] == ["E", "D"]
    assert [name for name in story.ended() if name in "DE"] == ["E", "D"]


def test_fewer_workers_while_some_wait(four: Path, data_dir: Path, ahead: Ahead) -> None:
    made = Scan(settings(), data_dir, Options(only=(four,)))
    ahead.then = lambda: made.set_workers(1)
    story = Story()
    running: list[tuple[int, int]] = []

    def listen(event: Event) -> None:
        story(event)
        if isinstance(event, BundleStarted):
            running.append((len(story.ended()), len(story.progress.running)))

    assert made.run(listen).ok == 4
    assert sorted(begun(story)) == sorted(story.ended()) == list("ABCD")
    assert [at_once for ended, at_once in running if ended] == [1, 1], "one after the other when the first two are done"


def test_what_waits_behind_one_whose_worker_is_killed_is_done_without_blame(
    four: Path, data_dir: Path, ahead: Ahead
) -> None:
    def kill() -> None:
        probing = next(worker for worker in psutil.Process().children() if worker.children())
        os.kill(probing.pid, signal.SIGKILL)

    ahead.then = kill
    story = Story()
    with nothing_left():
        summary = Scan(settings(), data_dir, Options(only=(four,))).run(story)
    assert (summary.ok, summary.quarantined) == (4, 0)
    requeued = [event for event in story if isinstance(event, BundleRequeued)]
    assert [Path(event.path).stem in "AB" for event in requeued] == [True], "only what that worker ran"
    assert sorted(begun(story)) == sorted(["A", "B", "C", "D", Path(requeued[0].path).stem])


def test_what_is_tried_alone_is_alone(folder: Path, data_dir: Path, ahead: Ahead) -> None:
    """Also when more comes onto the list meanwhile."""
    build("refuse_entry", folder, name="A fails")
    for name in "BCD":
        good(folder, name, delay_ms=500)
    killed: list[str] = []
    made = Scan(settings(), data_dir, Options(only=(folder,)))
    story = Story()
    beside: list[set[str]] = []

    def kill() -> None:
        probing = next(worker for worker in psutil.Process().children() if worker.children())
        os.kill(probing.pid, signal.SIGKILL)

    def listen(event: Event) -> None:
        story(event)
        if isinstance(event, BundleStarted) and event.attempt == 2:
            killed.append(event.path)
            made.retry()
        if killed and isinstance(event, BundleStarted):
            beside.append({*story.progress.running})

    ahead.then = kill
    summary = made.run(listen)
    assert (summary.ok, summary.failed) == (3, 1)
    assert len(killed) == 1
    assert all(len(paths) == 1 for paths in beside), "neither beside it nor behind it"
    assert begun(story).count("A fails") >= 2


SCAN = """
import sys
from pathlib import Path
from pluginary_tui.config import load
from pluginary_tui.isolation.pool import Pool
from pluginary_tui.scan import reading_queue, run

if __name__ == "__main__":
    reading_queue.SHORT_RUN = 0
    submit_ahead = Pool.submit_ahead

    def listen(pool, job):
        submit_ahead(pool, job)
        print("waits", job.key, flush=True)

    Pool.submit_ahead = listen
    settings = load({"scan.workers": 2, "scan.builtin": False})
    run.Scan(settings, Path(sys.argv[1]), run.Options(only=(Path(sys.argv[2]),))).run(lambda event: None)
"""


def test_the_app_killed_while_some_wait_loses_nothing(four: Path, data_dir: Path, tmp_path: Path) -> None:
    script = tmp_path / "scan.py"
    script.write_text(SCAN)
    app = subprocess.Popen([sys.executable, script, data_dir, four], stdout=subprocess.PIPE, text=True)
    assert app.stdout
    waiting = {app.stdout.readline().strip().removeprefix("waits ") for _ in range(2)}
    family = psutil.Process(app.pid).children(recursive=True)
    app.kill()
    app.wait()
    app.stdout.close()
    _, alive = psutil.wait_procs(family, timeout=3)
    assert not alive
    assert waiting == {str(four / "C.vst3"), str(four / "D.vst3")}
    interrupted = left(data_dir)
    assert interrupted.pending == 4
    assert waiting <= set(interrupted.in_flight), "it is told before any of them can be launched"
    story = Story()
    summary = Scan(settings(), data_dir, Options(only=(four,))).run(story)
    assert (summary.ok, summary.resumed, summary.quarantined) == (4, 4, 0)
    assert sorted(begun(story)) == list("ABCD")
