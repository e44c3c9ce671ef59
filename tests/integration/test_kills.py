"""Kills at the worst moments: of a worker, of the app, in the middle of a commit, and in a storm of them."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from pluginary_tui.catalogue.journal import Journal
from pluginary_tui.catalogue.store import Store
from pluginary_tui.config import Settings, load
from pluginary_tui.scan.events import BundleEnded, BundleProgress, BundleRequeued, BundleStarted, Event
from pluginary_tui.scan.run import Options, Scan
from tests.benchmarks import kill_storm
from tests.plugins.build import build, compiler, good
from tests.plugins.commit import report
from tests.support.leak_check import nothing_left

pytestmark = pytest.mark.skipif(compiler() is None, reason="needs Linux and a C compiler")


@pytest.fixture
def settings() -> Settings:
    return load({"scan.workers": 2, "scan.builtin": False})


def whole(data_dir: Path) -> bool:
    with Store.in_folder(data_dir) as store:
        return store.db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_worker_killed_while_it_probes(folder: Path, data_dir: Path, settings: Settings) -> None:
    for name in "ABCD":
        good(folder, name, delay_ms=1000)  # so long that it is still at it when we hear of it
    events: list[Event] = []
    killed: list[int] = []

    def listen(event: Event) -> None:
        events.append(event)
        if isinstance(event, BundleProgress) and event.stage == "load" and not killed:
            workers = psutil.Process().children()
            probing = [worker.pid for worker in workers if worker.children()]
            if probing:
                killed.append(probing[0])
                os.kill(probing[0], signal.SIGKILL)

    with nothing_left():
        summary = Scan(settings, data_dir, Options(only=(folder,))).run(listen)
    assert killed
    requeued = [event.path for event in events if isinstance(event, BundleRequeued)]
    assert len(requeued) == 1, "only what that worker held"
    assert (summary.ok, summary.quarantined) == (4, 0), "and it is well at its second try"
    assert whole(data_dir)


SCAN = """
import sys
from pathlib import Path
from pluginary_tui.config import load
from pluginary_tui.scan.events import BundleEnded, BundleStarted
from pluginary_tui.scan.run import Options, Scan

if __name__ == "__main__":
    def say(event):
        if isinstance(event, BundleStarted):
            print("started", event.path, flush=True)
        if isinstance(event, BundleEnded):
            print("ended", event.report.bundle.path, flush=True)
    settings = load({"scan.workers": 2, "scan.builtin": False})
    Scan(settings, Path(sys.argv[1]), Options(only=(Path(sys.argv[2]),))).run(say)
"""


def test_the_app_killed_while_it_scans_probes_only_what_was_pending(
    folder: Path, data_dir: Path, tmp_path: Path, settings: Settings
) -> None:
    for name in ("A", "B", "C"):
        good(folder, name)
    for name in ("D", "E", "F", "G"):
        build("slow", folder, name=name)
    script = tmp_path / "scan.py"
    script.write_text(SCAN)
    app = subprocess.Popen([sys.executable, script, data_dir, folder], stdout=subprocess.PIPE, text=True)
    assert app.stdout
    output = []
    while f"started {folder / 'E.vst3'}" not in output:
        line = app.stdout.readline()
        assert line, "it ended by itself"
        output.append(line.strip())
    family = psutil.Process(app.pid).children(recursive=True)
    assert len(family) >= 3
    app.kill()
    output += [line.strip() for line in app.stdout.readlines()]
    app.wait()
    _, alive = psutil.wait_procs(family, timeout=3)
    assert not alive, "workers and probes notice that the app is gone"
    done = {line.removeprefix("ended ") for line in output if line.startswith("ended ")}
    with Store.in_folder(data_dir) as store:
        kept = {info.path for info in store.bundles()}
        interrupted = Journal(store).interrupted()
    assert done <= kept, "what was told is kept"
    assert interrupted and interrupted.pending == 7 - len(kept)
    assert set(interrupted.in_flight) <= {line.removeprefix("started ") for line in output} - kept
    events: list[Event] = []
    summary = Scan(settings, data_dir, Options(only=(folder,))).run(events.append)
    begun = [event.path for event in events if isinstance(event, BundleStarted)]
    assert len(begun) == len(set(begun)) == summary.resumed and set(begun).isdisjoint(kept)
    assert begun[-len(interrupted.in_flight) :] == interrupted.in_flight, "what was in flight comes last, alone"
    with Store.in_folder(data_dir) as store:
        assert {plugin.name: plugin.status for plugin in store.plugins()} == dict.fromkeys("ABCDEFG", "ok")
    assert whole(data_dir)


def test_killed_at_every_write_of_a_commit(tmp_path: Path) -> None:
    """The catalogue is as it was, or as it should be; never between. And the journal can commit again."""
    cc = compiler()
    assert cc
    library = tmp_path / "killer.so"
    source = Path(__file__).parents[1] / "plugins" / "killer.c"
    subprocess.run([cc, "-shared", "-fPIC", "-O1", "-Wall", "-Werror", source, "-o", library, "-ldl"], check=True)
    original = tmp_path / "original"
    with Store.in_folder(original) as store:
        journal = Journal(store)
        journal.begin([report("old").bundle])
        journal.started("/x/Shell.vst3")
        journal.finish(report("old"), [()] * 3, quarantine=False)
        journal.begin([report("new").bundle])
        before = contents(store)

    def commit(data_dir: Path, kill_at: int) -> subprocess.CompletedProcess[str]:
        shutil.copytree(original, data_dir)
        environment = os.environ | {"LD_PRELOAD": str(library), "KILL_AT": str(kill_at)}
        command = [sys.executable, "-m", "tests.plugins.commit", str(data_dir)]
        return subprocess.run(command, env=environment, cwd=Path(__file__).parents[2], capture_output=True, text=True)

    calm = commit(tmp_path / "calm", 0)
    assert calm.returncode == 0, calm.stderr
    writes = int(calm.stdout)
    print("W", writes)
    assert writes >= 10
    with Store.in_folder(tmp_path / "calm") as store:
        after = contents(store)
    assert after != before
    seen = []
    for number in range(1, writes + 1):
        data_dir = tmp_path / str(number)
        assert commit(data_dir, number).returncode == -signal.SIGKILL
        assert whole(data_dir)
        with Store.in_folder(data_dir) as store:
            found = contents(store)
            assert found in (before, after), "never between"
            seen.append(found == after)
            journal = Journal(store)
            interrupted = journal.interrupted()
            assert interrupted and interrupted.pending == (found == before)
            journal.resume()
            journal.finish(report("new"), [("Reverb",)] * 3, quarantine=False)
            assert contents(store) == after
    assert seen == sorted(seen) and not seen[0], "once it is there it stays there"


def contents(store: Store) -> list[object]:
    """What the catalogue says, but times."""
    return [
        [
            (p.name, p.version, p.categories, p.status, [q.name for q in store.parameters(p.key)])
            for p in store.plugins()
        ],
        [(info.path, info.fingerprint, info.outcome) for info in store.bundles()],
    ]


# Edge cases


def test_an_empty_journal_is_resumed_to_its_end(folder: Path, data_dir: Path, settings: Settings) -> None:
    folder.mkdir()
    with Store.in_folder(data_dir) as store:
        Journal(store).begin([])  # killed here
    events: list[Event] = []
    summary = Scan(settings, data_dir, Options(only=(folder,))).run(events.append)
    assert (summary.found, summary.scanned, summary.resumed) == (0, 0, 0)
    with Store.in_folder(data_dir) as store:
        journal = Journal(store)
        last = journal.last_scan()
        assert journal.interrupted() is None
        assert last and last["found"] == 0


def test_a_journal_of_failures_only(folder: Path, data_dir: Path, settings: Settings) -> None:
    for name in ("empty_binary", "refuse_entry", "no_binary"):
        build(name, folder)
    made = Scan(settings, data_dir, Options(only=(folder,)))
    made.run(lambda event: made.stop() if isinstance(event, BundleEnded) else None)
    assert 1 <= made.summary.failed < 3
    rest = Scan(settings, data_dir, Options(only=(folder,))).run(lambda event: None)
    assert rest.failed == rest.resumed == 3 - made.summary.failed
    with Store.in_folder(data_dir) as store:
        assert Journal(store).interrupted() is None
        assert len(store.quarantine()) == 3
        assert {plugin.status for plugin in store.plugins()} == {"failed"}


def test_all_done_but_the_scan_not_ended(folder: Path, data_dir: Path, settings: Settings) -> None:
    good(folder, "A")
    Scan(settings, data_dir, Options(only=(folder,))).run(lambda event: None)
    with Store.in_folder(data_dir) as store, store.writing() as db:  # killed before its last commit
        db.execute("UPDATE scan SET finished_at = '', summary = '{}'")
    with Store.in_folder(data_dir) as store:
        interrupted = Journal(store).interrupted()
        assert interrupted and (interrupted.pending, interrupted.total) == (0, 1)
    events: list[Event] = []
    summary = Scan(settings, data_dir, Options(only=(folder,))).run(events.append)
    assert (summary.scanned, summary.unchanged, summary.resumed) == (0, 1, 0)
    with Store.in_folder(data_dir) as store:
        assert Journal(store).interrupted() is None
        assert [plugin.name for plugin in store.plugins()] == ["A"]


# The storm; its long form is python -m tests.benchmarks.kill_storm


@pytest.mark.slow
def test_a_storm_of_kills_loses_nothing(zam: Path, tmp_path: Path) -> None:
    kill_storm.furnish(tmp_path / "vst3", copies=2, heavy=False)
    figures = kill_storm.storm(tmp_path / "vst3", tmp_path, kills=10, seed=int(time.time()))
    assert figures.kills == 10
