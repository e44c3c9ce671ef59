"""Bundles of several plugins: interrupted in the middle, gone on with, tried again in part, changed, skipped."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pluginary_tui.catalogue.journal import LIST, Entry, Interrupted, Journal, Part
from pluginary_tui.catalogue.store import Store
from pluginary_tui.config import Settings
from pluginary_tui.model import Bundle, Plugin
from pluginary_tui.scan.bundle_reading import BundleReading
from pluginary_tui.scan.events import BundleProgress, Event, ScanEnded, Summary
from pluginary_tui.scan.run import Options, Scan
from tests.plugins.build import KINDS, build, compiler, good
from tests.support.leak_check import nothing_left
from tests.support.scans import begun, settings

pytestmark = pytest.mark.skipif(compiler() is None, reason="needs Linux and a C compiler")

ROOT = Path(__file__).parents[2]


def scan(data_dir: Path, folder: Path, chosen: Settings | None = None, **flags: bool) -> tuple[Summary, list[Event]]:
    events: list[Event] = []
    summary = Scan(chosen or settings(), data_dir, Options(only=(folder,), **flags)).run(events.append)
    ended = events[-1]
    assert isinstance(ended, ScanEnded) and ended.how == "done", ended
    return summary, events


def stopped(data_dir: Path, folder: Path, at: Callable[[Event], bool], chosen: Settings | None = None) -> list[Event]:
    """A scan that is stopped as soon as `at` an event."""
    events: list[Event] = []
    made = Scan(chosen or settings(), data_dir, Options(only=(folder,)))

    def listen(event: Event) -> None:
        events.append(event)
        if at(event):
            made.stop()

    made.run(listen)
    assert isinstance(events[-1], ScanEnded) and events[-1].how == "stopped"
    return events


def plugins(data_dir: Path) -> list[Plugin]:
    with Store.in_folder(data_dir) as store:
        return sorted(store.plugins(), key=lambda plugin: (plugin.path, plugin.uid))


def parts(data_dir: Path) -> list[Part]:
    """What the journal keeps of the one bundle that is being read."""
    with Store.in_folder(data_dir) as store:
        rows = store.db.execute("SELECT position, message, kills FROM journal_part ORDER BY position")
        return [Part(*row) for row in rows]


def interrupted(data_dir: Path) -> Interrupted | None:
    with Store.in_folder(data_dir) as store:
        return Journal(store).interrupted()


def read(events: list[Event]) -> set[str]:
    """Names of the plugins whose reading began in this scan."""
    return set(in_order(events))


def in_order(events: list[Event]) -> list[str]:
    """The same in the order of their beginning. The event behind a plugin that is read has its name once more."""
    loads = [event.name for event in events if isinstance(event, BundleProgress) and event.stage == "load"]
    return list(dict.fromkeys(name for name in loads if re.search(r" \d{3}$", name)))


def done(at: int) -> Callable[[Event], bool]:
    return lambda event: isinstance(event, BundleProgress) and event.done >= at


def progress_of_load(name: str) -> Callable[[Event], bool]:
    return lambda event: isinstance(event, BundleProgress) and event.stage == "load" and event.name == name


# Interruptions

SCAN = """
import sys
from pathlib import Path
from pluginary_tui.scan.events import BundleProgress
from pluginary_tui.scan.run import Options, Scan
from tests.support.scans import settings

if __name__ == "__main__":
    def say(event):
        if isinstance(event, BundleProgress):
            print(event.stage, event.done, event.name, flush=True)
    chosen = settings(timeout_s=60.0, workers=int(sys.argv[3]))
    Scan(chosen, Path(sys.argv[1]), Options(only=(Path(sys.argv[2]),))).run(say)
"""


def killed(data_dir: Path, folder: Path, at: Callable[[str], bool], workers: int = 2) -> None:
    """A scan in a process of its own, which is killed as soon as `at` a line: stage, plugins done, name."""
    app = subprocess.Popen(
        [sys.executable, "-c", SCAN, data_dir, folder, str(workers)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert app.stdout
    for line in app.stdout:
        if at(line.strip()):
            break
    else:
        pytest.fail("it ended by itself")
    app.kill()
    app.stdout.read()
    app.wait()


def test_a_kill_in_the_middle_of_a_shell_goes_on_behind_it(folder: Path, data_dir: Path) -> None:
    build("slow_50", folder)
    killed(data_dir, folder, lambda line: int(line.split()[1]) >= 12)
    kept = {part.position for part in parts(data_dir) if part.message and part.position != LIST}
    assert 12 <= len(kept) < 50
    left = interrupted(data_dir)
    assert left and (left.pending, left.in_flight) == (1, [str(folder / "slow_50.vst3")])
    summary, events = scan(data_dir, folder)
    assert read(events) == {f"slow_50 {at + 1:03}" for at in range(50) if at not in kept}
    assert (summary.resumed, summary.ok, summary.plugins) == (1, 1, 50)
    found = plugins(data_dir)
    assert [plugin.name for plugin in found] == [f"slow_50 {at:03}" for at in range(1, 51)]
    assert {(plugin.status, plugin.parameter_count, plugin.audio_inputs) for plugin in found} == {("ok", 4, 2)}
    assert parts(data_dir) == [] and interrupted(data_dir) is None


def test_a_shell_read_in_two_goes_is_as_one_read_at_once(folder: Path, data_dir: Path, tmp_path: Path) -> None:
    build("shell_of_40", folder)
    chosen = settings(timeout_s=2.0)
    stopped(data_dir, folder, done(15), chosen)
    scan(data_dir, folder, chosen)
    scan(tmp_path / "at once", folder, chosen)
    assert facts(data_dir) == facts(tmp_path / "at once")
    kind = KINDS["shell_of_40"]
    with Store.in_folder(data_dir) as store:
        rows = store.db.execute("SELECT status, stage, signal FROM plugin ORDER BY uid").fetchall()
    assert {at: row for at, row in enumerate(rows) if row[0] != "ok"} == {at: tuple(e) for at, e in kind.each.items()}


def facts(data_dir: Path) -> list[object]:
    """All that is known of every plugin, but times."""
    with Store.in_folder(data_dir) as store:
        return [
            (
                p.name, p.uid, p.status, p.error, p.version, p.kind, p.name_in_file, p.audio_outputs,
                store.parameters(p.key), store.programs(p.key),
            )
            for p in sorted(store.plugins(), key=lambda plugin: plugin.uid)
        ]  # fmt: skip


def test_a_stop_in_the_middle_of_a_shell_goes_on_behind_it(folder: Path, data_dir: Path) -> None:
    build("slow_50", folder)
    with nothing_left():
        first = stopped(data_dir, folder, done(10))
    kept = {part.position for part in parts(data_dir) if part.message and part.position != LIST}
    assert len(kept) >= 10 and all(part.kills == 0 for part in parts(data_dir))
    left = interrupted(data_dir)
    assert left and (left.pending, left.in_flight) == (1, []) and plugins(data_dir) == []
    summary, events = scan(data_dir, folder)
    assert read(events) == {f"slow_50 {at + 1:03}" for at in range(50) if at not in kept}
    assert read(first) >= {f"slow_50 {at + 1:03}" for at in kept}
    assert (summary.ok, summary.plugins, summary.plugins_failed) == (1, 50, 0)


def test_a_plugin_at_which_the_app_dies_twice_is_crashed_and_the_others_are_read(folder: Path, data_dir: Path) -> None:
    good(folder, "Shell", classes=30, behaviour="sleep", stage="create", which=17)
    killed(data_dir, folder, lambda line: line.endswith("Shell 018"), workers=1)
    assert [(part.position, part.kills) for part in parts(data_dir) if not part.message] == [(17, 0)]
    killed(data_dir, folder, "load 29 Shell 018".__eq__)
    assert [(part.position, part.kills) for part in parts(data_dir) if not part.message] == [(17, 1)]
    summary, events = scan(data_dir, folder)
    assert read(events) == set(), "it is answered without trying, and all else was read"
    assert (summary.ok, summary.plugins, summary.plugins_failed) == (1, 29, 1)
    (bad,) = [plugin for plugin in plugins(data_dir) if plugin.status != "ok"]
    assert (bad.name, bad.status, bad.quarantined) == ("Shell 018", "crashed", True)
    assert bad.error == "This program was killed 2 times in a row while it was being read."


def test_what_was_in_flight_in_a_shell_when_the_app_died_is_tried_alone(folder: Path, data_dir: Path) -> None:
    build("slow_50", folder)
    good(folder, "Other", delay_ms=50)
    killed(data_dir, folder, lambda line: "slow_50" in line and int(line.split()[1]) >= 12)
    suspects = {part.position for part in parts(data_dir) if not part.message}
    assert 1 <= len(suspects) <= 2, "one for each worker"
    _, events = scan(data_dir, folder)
    order = in_order(events)
    assert set(order[-len(suspects) :]) == {f"slow_50 {at + 1:03}" for at in suspects}
    assert {plugin.status for plugin in plugins(data_dir)} == {"ok"}


def test_where_the_app_dies_before_it_hears_of_a_plugin_each_is_tried_alone(folder: Path, data_dir: Path) -> None:
    """Which one it was shows at the next death: it is in the journal before it begins."""
    path = str(good(folder, "Shell", classes=6, behaviour="sleep", stage="create", which=1))
    stopped(data_dir, folder, progress_of_load("Shell 002"))
    with Store.in_folder(data_dir) as store, store.writing() as db:
        db.execute("DELETE FROM journal_part WHERE position > 0")
        db.execute("UPDATE journal SET kills = 2 WHERE path = ?", (path,))
    made = Scan(settings(timeout_s=60.0), data_dir, Options(only=(folder,)))
    events: list[Event] = []

    def listen(event: Event) -> None:
        events.append(event)
        if progress_of_load("Shell 002")(event):
            made.stop()

    made.run(listen)
    assert in_order(events) == ["Shell 002"], "nothing runs beside it, though there are two workers"
    with Store.in_folder(data_dir) as store:
        reading = BundleReading(Entry(Bundle(path, "vst3", "Shell"), kills=2), 1.0)
        tasks = reading.begin(parts(data_dir), 2)
    assert [(task.positions, task.alone) for task in tasks] == [((at,), True) for at in range(1, 6)]


def test_a_shell_that_changed_since_it_was_interrupted_is_read_anew(folder: Path, data_dir: Path) -> None:
    good(folder, "Shell", classes=30, delay_ms=50)
    stopped(data_dir, folder, done(10))
    good(folder, "Shell", classes=28, version="2.0", parameters=3)
    summary, _ = scan(data_dir, folder)
    assert (summary.ok, summary.plugins) == (1, 28)
    assert {(plugin.version, plugin.parameter_count) for plugin in plugins(data_dir)} == {("2.0", 3)}
    assert len(plugins(data_dir)) == 28


# Single plugins


def test_retry_reads_only_the_failed_plugins_of_a_shell(folder: Path, data_dir: Path) -> None:
    options = {"classes": 8, "behaviour": "segfault", "stage": "create"}
    path = good(folder, "Shell", **options, which=2, more=(("refuse", "create", 5),))
    scan(data_dir, folder)
    assert [at for at, plugin in enumerate(plugins(data_dir)) if plugin.status != "ok"] == [2, 5]
    before = facts(data_dir)
    summary, events = scan(data_dir, folder)
    assert (summary.scanned, summary.unchanged, begun(events)) == (0, 1, [])
    mended = good(folder / "mended", "Shell", **options, which=5)
    put_in_place(mended, path)
    summary, events = scan(data_dir, folder / "Shell.vst3", retry=True)
    assert read(events) == {"Shell 003", "Shell 006"} and (summary.plugins, summary.plugins_failed) == (1, 1)
    found = plugins(data_dir)
    assert [(p.status, p.quarantined, bool(p.error)) for p in found] == [
        ("ok", False, False) if at != 5 else ("crashed", True, True) for at in range(8)
    ]
    assert [each for at, each in enumerate(facts(data_dir)) if at not in (2, 5)] == [
        each for at, each in enumerate(before) if at not in (2, 5)
    ]
    put_in_place(good(folder / "mended", "Shell", classes=8), path)
    summary, events = scan(data_dir, folder / "Shell.vst3", retry=True)
    assert read(events) == {"Shell 006"}
    assert {(p.status, p.quarantined, p.error, p.parameter_count) for p in plugins(data_dir)} == {("ok", False, "", 4)}
    summary, events = scan(data_dir, folder / "Shell.vst3", retry=True)
    assert begun(events) == [], "nothing is left to try again"


def put_in_place(source: Path, target: Path) -> None:
    """Replace a bundle by another one whose files say that they are the old ones, as a mended system library would."""
    for file in source.rglob("*.so"):
        old = next(target.rglob("*.so"))
        shutil.copystat(old, file)
        old.write_bytes(file.read_bytes())
        shutil.copystat(file, old)
    shutil.rmtree(source.parent)


def test_a_retry_of_single_plugins_that_is_interrupted_stays_one(folder: Path, data_dir: Path) -> None:
    good(folder, "Shell", classes=6, behaviour="sleep", stage="create", which=3)
    scan(data_dir, folder, settings(timeout_s=1.0))
    events: list[Event] = []
    made = Scan(settings(timeout_s=60.0), data_dir, Options(only=(folder,), retry=True))

    def listen(event: Event) -> None:
        events.append(event)
        if progress_of_load("Shell 004")(event):
            made.stop()

    made.run(listen)
    assert interrupted(data_dir)
    summary, events = scan(data_dir, folder, settings(timeout_s=1.0))
    assert read(events) == {"Shell 004"}
    assert (summary.resumed, summary.plugins, summary.plugins_failed) == (1, 0, 1)
    assert [plugin.status for plugin in plugins(data_dir)] == ["ok"] * 3 + ["timeout"] + ["ok"] * 2


# What is known


@pytest.mark.parametrize("kind", ["segfault", "refuse_entry", "sleep", "segfault_create", "empty_binary"])
def test_a_bundle_that_fails_by_now_keeps_what_is_known(kind: str, folder: Path, data_dir: Path) -> None:
    path = good(folder, "Changed")
    scan(data_dir, folder)
    (before,) = facts(data_dir)
    shutil.rmtree(path)
    build(kind, folder, name="Changed")
    summary, _ = scan(data_dir, folder, settings(timeout_s=2.0))
    outcome = KINDS[kind].outcome
    assert (summary.scanned, getattr(summary, outcome)) == (1, 1)
    (plugin,) = plugins(data_dir)
    assert (plugin.name, plugin.status, plugin.parameter_count) == ("Changed", outcome, 4)
    (after,) = facts(data_dir)
    assert plugin.error and after[4:] == before[4:]  # type: ignore[index]
    shutil.rmtree(path)
    good(folder, "Changed")
    scan(data_dir, folder)
    (again,) = plugins(data_dir)
    assert (again.status, again.error, again.added_at) == ("ok", "", plugin.added_at)


def test_plugins_of_a_shell_that_fail_by_now_keep_what_is_known(folder: Path, data_dir: Path) -> None:
    path = good(folder, "Shell", classes=5)
    scan(data_dir, folder)
    shutil.rmtree(path)
    good(folder, "Shell", classes=5, behaviour="segfault", stage="create", which=1, parameters=2)
    scan(data_dir, folder)
    found = plugins(data_dir)
    assert [plugin.status for plugin in found] == ["ok", "crashed", "ok", "ok", "ok"]
    assert [plugin.parameter_count for plugin in found] == [2, 4, 2, 2, 2]


def test_what_is_gone_from_a_shell_is_gone(folder: Path, data_dir: Path) -> None:
    path = good(folder, "Shell", classes=5)
    scan(data_dir, folder)
    shutil.rmtree(path)
    good(folder, "Shell", classes=3)
    scan(data_dir, folder)
    assert [plugin.name for plugin in plugins(data_dir)] == ["Shell 001", "Shell 002", "Shell 003"]


def skip_at(name: str, data_dir: Path, folder: Path, **flags: bool) -> Summary:
    made = Scan(settings(timeout_s=60.0), data_dir, Options(only=(folder,), **flags))

    def listen(event: Event) -> None:
        if isinstance(event, BundleProgress) and event.stage == "load" and event.name == name:
            made.skip(event.path)

    with nothing_left():
        return made.run(listen)


def test_a_skipped_bundle_that_was_known_to_be_good_stays_so(folder: Path, data_dir: Path) -> None:
    path = good(folder, "Known")
    scan(data_dir, folder)
    before = facts(data_dir)
    shutil.rmtree(path)
    build("sleep_create", folder, name="Known")
    summary = skip_at("Known", data_dir, folder)
    assert (summary.skipped, summary.quarantined) == (1, 1)
    assert facts(data_dir) == before
    with Store.in_folder(data_dir) as store:
        assert [(info.outcome, info.quarantined_at) for info in store.bundles()] == [("ok", "")]


def test_a_skipped_bundle_that_was_not_known_is_skipped(folder: Path, data_dir: Path) -> None:
    build("sleep_create", folder, name="Unknown")
    summary = skip_at("Unknown", data_dir, folder)
    assert summary.skipped == 1
    (plugin,) = plugins(data_dir)
    assert (plugin.name, plugin.status, plugin.vendor) == ("Unknown", "skipped", "Zoo Works")


def test_a_skip_in_a_shell_leaves_the_others_read(folder: Path, data_dir: Path) -> None:
    good(folder, "Shell", classes=5, behaviour="sleep", stage="create", which=2)
    summary = skip_at("Shell 003", data_dir, folder)
    assert (summary.ok, summary.skipped, summary.plugins, summary.plugins_failed) == (1, 0, 4, 1)
    assert [plugin.status for plugin in plugins(data_dir)] == ["ok", "ok", "skipped", "ok", "ok"]


def test_a_skipped_plugin_of_a_shell_that_was_known_to_be_good_stays_so(folder: Path, data_dir: Path) -> None:
    path = good(folder, "Shell", classes=5)
    scan(data_dir, folder)
    shutil.rmtree(path)
    good(folder, "Shell", classes=5, behaviour="sleep", stage="create", which=2, version="2.0")
    skip_at("Shell 003", data_dir, folder)
    found = plugins(data_dir)
    assert [(plugin.status, plugin.version) for plugin in found] == [
        ("ok", "1.2.3" if at == 2 else "2.0") for at in range(5)
    ]
    assert not any(plugin.quarantined or plugin.error for plugin in found)
