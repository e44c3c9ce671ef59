"""Skipping, retrying, quarantine, failures of the machine, patterns to ignore, and the number of workers."""

from __future__ import annotations

import os
import re
import shutil
import time
from pathlib import Path

import pytest

from pluginary_tui.catalogue.journal import Journal
from pluginary_tui.catalogue.store import BundleInfo, Store
from pluginary_tui.config import Settings
from pluginary_tui.model import Bundle
from pluginary_tui.scan import resources, run
from pluginary_tui.scan.discover import discover
from pluginary_tui.scan.events import (
    BundleEnded,
    BundleProgress,
    BundleRequeued,
    BundleStarted,
    Event,
    ScanEnded,
    ScanStarted,
    StateChanged,
)
from pluginary_tui.scan.progress import Progress
from pluginary_tui.scan.resources import Machine
from pluginary_tui.scan.run import Options, Scan
from tests.plugins.build import build, compiler, good
from tests.support.leak_check import nothing_left
from tests.support.scans import begun, settings

pytestmark = pytest.mark.skipif(compiler() is None, reason="needs Linux and a C compiler")


def scan(data_dir: Path, folder: Path, chosen: Settings | None = None, **options: bool) -> tuple[Scan, list[Event]]:
    events: list[Event] = []
    made = Scan(chosen or settings(), data_dir, Options(only=(folder,), **options))
    made.run(events.append)
    return made, events


def bundles(data_dir: Path) -> dict[str, BundleInfo]:
    with Store.in_folder(data_dir) as store:
        return {info.name: info for info in store.bundles()}


# Limits and skipping


def test_one_that_hangs_is_skipped_at_once_and_only_it(folder: Path, data_dir: Path) -> None:
    build("sleep_create", folder, name="A hangs")
    build("sleep_create", folder, name="B hangs too")
    good(folder, "C good")
    made = Scan(settings(timeout_s=60.0), data_dir, Options(only=(folder,)))
    skipped_at: list[float] = []
    ended: dict[str, float] = {}
    loading: set[str] = set()

    def listen(event: Event) -> None:
        if isinstance(event, BundleStarted) and event.name == "B hangs too":
            made.skip(event.path)
            skipped_at.append(time.monotonic())
        if isinstance(event, BundleProgress) and event.stage == "load":
            loading.add(event.name)
        if isinstance(event, BundleEnded):
            ended[event.report.bundle.name] = time.monotonic()
        if "A hangs" in loading and "C good" in ended:
            made.skip()  # the one that runs longest

    with nothing_left():
        summary = made.run(listen)
    assert list(ended) == ["B hangs too", "C good", "A hangs"]
    assert (summary.ok, summary.skipped, summary.timeout, summary.quarantined) == (1, 2, 0, 2)
    found = bundles(data_dir)
    assert re.fullmatch(r"Skipped by you after \d+\.\d s while the plugin was being created\.", found["A hangs"].error)
    assert found["A hangs"].vendor == "Zoo Works", "what its factory told is kept"
    assert ended["B hangs too"] - skipped_at[0] < 20, "long before its deadline"


def test_no_limits_where_the_settings_say_so(folder: Path, data_dir: Path) -> None:
    build("fill_file", folder)
    scan(data_dir, folder, settings(file_limit_mb=0, memory_limit_mb=0))
    (info,) = bundles(data_dir).values()
    with Store.in_folder(data_dir) as store:
        assert (info.outcome, store.log(info.path)) == ("ok", "zoo: a file of 64 MB")


def test_what_is_to_be_passed_over_is_left_alone_while_the_scan_runs(folder: Path, data_dir: Path) -> None:
    hanging = build("sleep", folder, name="A hangs")
    build("sleep", folder / "demos", name="B hangs too")
    good(folder / "demos", "C in the same folder")
    build("segfault", folder, name="D crashes, and would be tried again")
    good(folder, "E good")
    made = Scan(settings(timeout_s=60.0), data_dir, Options(only=(folder,)))
    events: list[Event] = []

    def listen(event: Event) -> None:
        events.append(event)
        match event:
            case BundleStarted(name="B hangs too"):
                made.pass_over(f"{folder / 'demos'}{os.sep}")
            case BundleRequeued():
                made.pass_over("D crashes*")
            case BundleEnded():
                made.pass_over(str(hanging))

    progress = Progress()
    with nothing_left():
        summary = made.run(listen)
    for event in events:
        progress.take(event)
    assert (summary.found, summary.scanned, summary.ok, summary.quarantined) == (1, 1, 1, 0)
    assert (progress.done, progress.total, progress.running, progress.state) == (1, 1, {}, "done")
    assert list(bundles(data_dir)) == ["E good"]
    with Store.in_folder(data_dir) as store:
        assert Journal(store).interrupted() is None, "nothing of it is left to resume"


# Retry and quarantine


def test_a_crash_is_tried_once_more_alone_and_then_left_alone(folder: Path, data_dir: Path) -> None:
    build("segfault_create", folder, name="A crashes")
    for number in range(4):
        build("slow", folder, name=f"B slow {number}")
    flying: set[str] = set()
    alone: list[bool] = []

    def listen(event: Event) -> None:
        if isinstance(event, BundleStarted):
            flying.add(event.path)
            if event.attempt == 2:
                alone.append(len(flying) == 1)
        if isinstance(event, BundleEnded):
            flying.discard(event.report.bundle.path)
        if isinstance(event, BundleRequeued):
            flying.discard(event.path)
            assert event.reason == "crashed; it will be tried once more, alone"

    summary = Scan(settings(), data_dir, Options(only=(folder,))).run(listen)
    assert (alone, summary.ok, summary.crashed, summary.quarantined) == ([True], 4, 1, 1)
    info = bundles(data_dir)["A crashes"]
    assert info.error == "Crashed (SIGSEGV) while the plugin was being created."
    assert info.quarantined_at and info.vendor == "Zoo Works"
    again, events = scan(data_dir, folder)
    assert (begun(events), again.summary.quarantined, again.summary.unchanged) == ([], 1, 4)
    _, events = scan(data_dir, folder, full=True)
    assert "A crashes" not in begun(events), "a full scan probes what has not changed, not what is in quarantine"


def test_what_is_in_quarantine_is_tried_again_when_it_changes_or_the_user_says_so(folder: Path, data_dir: Path) -> None:
    build("print", folder, name="Mended")
    shutil.rmtree(build("abort", folder, name="Mended"))
    build("abort", folder, name="Mended")
    scan(data_dir, folder)
    assert bundles(data_dir)["Mended"].quarantined_at
    _, events = scan(data_dir, folder, retry=True)
    assert begun(events) == ["Mended", "Mended"]
    with Store.in_folder(data_dir) as store:
        store.take_out_of_quarantine([str(folder / "Mended.vst3")])
    _, events = scan(data_dir, folder)
    assert begun(events) == ["Mended", "Mended"]
    good(folder, "Mended")
    summary = scan(data_dir, folder)[0].summary
    info = bundles(data_dir)["Mended"]
    assert (summary.ok, summary.updated, info.outcome, info.quarantined_at, info.error) == (1, 1, "ok", "", "")


def test_crashes_are_tried_once_only_where_the_settings_say_so(folder: Path, data_dir: Path) -> None:
    build("abort", folder)
    made, events = scan(data_dir, folder, settings(retry_crashed=False))
    assert (begun(events), made.summary.crashed) == (["abort"], 1)


# Failures of the machine


def test_three_probes_that_cannot_start_end_the_scan_and_count_against_nobody(
    folder: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        good(folder, f"Good {number}")
    options = run.pool_options(settings())
    with monkeypatch.context() as broken, nothing_left():  # as with an installation that is not whole
        broken.setattr(run, "pool_options", lambda *_: options | {"preload": "pluginary_tui.no_such_module:warm"})
        made, events = scan(data_dir, folder)
    ended = events[-1]
    assert isinstance(ended, ScanEnded) and ended.how == "broken"
    assert "3 probes in a row could not be started" in ended.message and "no_such_module" in ended.message
    assert "\n" not in ended.message
    assert (made.summary.scanned, made.summary.quarantined, bundles(data_dir)) == (0, 0, {})
    with Store.in_folder(data_dir) as store:
        interrupted = Journal(store).interrupted()
        assert interrupted and (interrupted.pending, interrupted.in_flight) == (5, [])
    mended, _ = scan(data_dir, folder)
    assert (mended.summary.ok, mended.summary.resumed) == (5, 5)


def test_the_want_of_a_display_is_not_the_plugins_fault(
    folder: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    build("no_display", folder)
    made, _ = scan(data_dir, folder)
    (info,) = bundles(data_dir).values()
    assert (made.summary.crashed, made.summary.quarantined, info.quarantined_at) == (1, 0, "")
    assert info.error.endswith("There is no display here; scan where there is one.")
    monkeypatch.setenv("DISPLAY", ":99")
    made, _ = scan(data_dir, folder, settings(sandbox="off"))  # in the sandbox no plugin reaches a display
    assert made.summary.ok == 1, "it is tried again by itself"


def test_a_machine_out_of_memory_is_not_the_plugins_fault(
    folder: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real SIGKILL out of nowhere; that the system counts one more such kill is all that is made up here."""
    build("kill_group", folder, name="A killed")
    good(folder, "B good")
    kills = iter(range(1000))
    monkeypatch.setattr(resources, "memory_kills", lambda: next(kills))
    made, events = scan(data_dir, folder)
    assert begun(events).count("A killed") == 2
    assert (made.summary.ok, made.summary.memory, made.summary.crashed, made.summary.quarantined) == (1, 1, 0, 0)
    info = bundles(data_dir)["A killed"]
    assert (info.outcome, info.quarantined_at) == ("memory", "")
    assert info.error == "The machine ran out of memory while it was being opened."


# Ignoring


def test_what_is_to_be_ignored_is_never_touched(folder: Path, data_dir: Path) -> None:
    good(folder, "Good")
    build("sleep", folder, name="Old Hanger")
    build("segfault", folder / "broken" / "deep", name="Deep")
    chosen = settings(ignore=["Old*", str(folder / "broken")])
    made, events = scan(data_dir, folder, chosen)
    assert (begun(events), made.summary.found) == (["Good"], 1)
    assert set(bundles(data_dir)) == {"Good"}


def test_what_is_to_be_ignored_by_now_is_not_resumed(folder: Path, data_dir: Path) -> None:
    good(folder, "Good")
    build("sleep", folder, name="Old Hanger")
    made = Scan(settings(timeout_s=60.0), data_dir, Options(only=(folder,)))
    made.run(lambda event: made.stop() if isinstance(event, BundleEnded) else None)
    with Store.in_folder(data_dir) as store:
        interrupted = Journal(store).interrupted()
    assert interrupted and (interrupted.pending, interrupted.in_flight) == (1, [])
    made, events = scan(data_dir, folder, settings(ignore=["Old*"]))
    assert (begun(events), made.summary.resumed) == ([], 0)
    with Store.in_folder(data_dir) as store:
        assert Journal(store).interrupted() is None


# Resuming


def test_a_stop_ends_what_runs_and_counts_against_nobody(folder: Path, data_dir: Path) -> None:
    for name in ("A", "B", "C"):
        build("deaf", folder, name=name)
    made = Scan(settings(timeout_s=60.0), data_dir, Options(only=(folder,)))
    events: list[Event] = []

    def listen(event: Event) -> None:
        events.append(event)
        if isinstance(event, BundleStarted) and event.name == "B":
            made.stop()

    with nothing_left():
        made.run(listen)
    ended = events[-1]
    assert isinstance(ended, ScanEnded) and ended.how == "stopped"
    with Store.in_folder(data_dir) as store:
        journal = Journal(store)
        interrupted = journal.interrupted()
        assert interrupted and (interrupted.pending, interrupted.in_flight) == (3, [])
        journal.resume()
        assert {(entry.attempts, entry.kills) for entry in journal.pending()} == {(0, 0)}


def test_what_was_in_flight_when_the_app_died_is_tried_alone_when_all_else_is_done(
    folder: Path, data_dir: Path
) -> None:
    for name in ("A suspect", "B", "C", "D suspect"):
        good(folder, name, delay_ms=50)
    suspects = [str(folder / "A suspect.vst3"), str(folder / "D suspect.vst3")]
    with Store.in_folder(data_dir) as store:
        journal = Journal(store)
        journal.begin(discover([folder], system="Linux", builtin=False).bundles)
        for path in suspects:
            journal.started(path)
    (data_dir / "scan.running").touch()  # as an app leaves it that is killed
    flying: set[str] = set()
    alone: dict[str, bool] = {}

    def listen(event: Event) -> None:
        if isinstance(event, BundleStarted):
            flying.add(event.path)
            alone[event.name] = len(flying) == 1
        if isinstance(event, BundleEnded):
            flying.discard(event.report.bundle.path)

    summary = Scan(settings(), data_dir, Options(only=(folder,))).run(listen)
    assert list(alone) == ["B", "C", "A suspect", "D suspect"]
    assert alone["A suspect"] and alone["D suspect"] and not alone["C"]
    assert (summary.ok, summary.resumed, summary.quarantined) == (4, 4, 0)


def test_a_scan_of_one_folder_leaves_what_is_pending_elsewhere(folder: Path, data_dir: Path) -> None:
    good(folder / "here", "Here")
    good(folder / "there", "There")
    with Store.in_folder(data_dir) as store:
        Journal(store).begin([Bundle(str(folder / "there" / "There.vst3"), "vst3", "There")])
    made, events = scan(data_dir, folder / "here")
    assert (begun(events), made.summary.resumed, made.summary.found) == (["Here"], 0, 1)
    made, events = scan(data_dir, folder)
    assert (begun(events), made.summary.resumed, made.summary.unchanged) == (["There"], 1, 1)
    with Store.in_folder(data_dir) as store:
        assert Journal(store).interrupted() is None


# The number of workers


def test_workers_follow_the_machine_within_what_was_asked_for(
    folder: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(12):
        build("slow", folder, name=f"Slow {number:02}")
    looks = iter([Machine(4), Machine(2)])
    last = Machine(3)
    monkeypatch.setattr(resources, "read_machine", lambda: next(looks, last))
    monkeypatch.setattr(run, "MACHINE_CHECK_S", 0.3)
    flying: set[str] = set()
    most: list[tuple[int, int]] = []
    workers = 0

    def listen(event: Event) -> None:
        nonlocal workers
        if isinstance(event, ScanStarted | StateChanged):
            workers = event.workers
            most.append((workers, 0))
        if isinstance(event, BundleStarted):
            flying.add(event.path)
            assert len(flying) <= workers
            most[-1] = (workers, max(most[-1][1], len(flying)))
        if isinstance(event, BundleEnded):
            flying.discard(event.report.bundle.path)

    summary = Scan(settings(workers=0), data_dir, Options(only=(folder,))).run(listen)
    assert summary.ok == 12
    assert [count for count, _ in most] == [4, 2, 3]
    assert most[0][1] == 4 and most[-1][1] == 3


def test_a_number_of_workers_that_was_asked_for_is_kept(
    folder: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good(folder, "Good")
    monkeypatch.setattr(os, "getloadavg", lambda: (99.0, 99.0, 99.0))
    _, events = scan(data_dir, folder, settings(workers=3))
    assert isinstance(events[0], ScanStarted) and events[0].workers == 3
    assert not any(isinstance(event, StateChanged) for event in events)
