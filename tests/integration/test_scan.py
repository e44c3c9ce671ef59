"""Scans of real plugins into a real catalogue."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from pluginary_tui.catalogue.store import Store
from pluginary_tui.config import Settings
from pluginary_tui.errors import NotFoundError
from pluginary_tui.model import Outcome
from pluginary_tui.scan.events import BundleEnded, BundleStarted, Event, ScanEnded, ScanStarted, StateChanged
from pluginary_tui.scan.probe_job import probe_once
from pluginary_tui.scan.progress import Progress
from pluginary_tui.scan.run import Options, Scan


def scan(data_dir: Path, *only: Path, settings: Settings | None = None, **options: bool) -> tuple[Scan, list[Event]]:
    events: list[Event] = []
    made = Scan(settings or Settings(), data_dir, Options(only=only, **options))
    made.run(events.append)
    return made, events


def test_all_of_zam_plugins_and_the_built_ins(zam: Path, data_dir: Path) -> None:
    made, events = scan(data_dir, zam)
    summary = made.summary
    assert (summary.found, summary.scanned, summary.ok, summary.new) == (18, 18, 18, 18)
    assert isinstance(events[0], ScanStarted) and isinstance(events[-1], ScanEnded) and events[-1].how == "done"
    with Store.in_folder(data_dir) as store:
        plugins = store.plugins()
        verb = store.copies("vst3/damien-zammit/zamverb")[0]
        level = {p.name: p for p in store.parameters(verb.key)}["Master level"]
        assert (level.unit, level.default, level.minimum, level.maximum) == ("dB", "0", "-30", "30")
        assert "convolution" in store.log(verb.path)
    assert (verb.name, verb.vendor, verb.version, verb.raw_category) == (
        "ZamVerb",
        "Damien Zammit",
        "4.1.0",
        "Fx|Reverb|Stereo",
    )
    assert verb.categories == ("Reverb",)
    assert verb.uid == "2046504473616C634252565A00000000"
    zams = [p for p in plugins if p.format == "vst3"]
    assert len(zams) == 17 and all(p.vendor == "Damien Zammit" and p.status == "ok" for p in zams)
    builtins = {p.name: p for p in plugins if p.format == "builtin"}
    assert {"Reverb", "Compressor", "Chorus", "Gain"} <= set(builtins)
    assert builtins["Reverb"].id == "builtin/pedalboard/reverb"


def test_only_what_changed_is_probed_again(some_zam: Path, data_dir: Path) -> None:
    first, _ = scan(data_dir, some_zam)
    assert (first.summary.scanned, first.summary.unchanged) == (7, 0)
    second, _ = scan(data_dir, some_zam)
    assert (second.summary.scanned, second.summary.unchanged, second.summary.found) == (0, 7, 7)
    binary = next((some_zam / "ZamGate.vst3").rglob("*.so"))
    os.utime(binary)
    third, events = scan(data_dir, some_zam)
    assert [event.name for event in events if isinstance(event, BundleStarted)] == ["ZamGate"]
    assert (third.summary.scanned, third.summary.updated, third.summary.new) == (1, 0, 0), "it reads as before"
    shutil.rmtree(some_zam / "ZamDelay.vst3")
    fourth, _ = scan(data_dir, some_zam)
    assert (fourth.summary.scanned, fourth.summary.removed) == (0, 1)
    with Store.in_folder(data_dir) as store:
        assert {p.name for p in store.plugins() if p.status == "missing"} == {"ZamDelay"}
    full, _ = scan(data_dir, some_zam, full=True)
    assert (full.summary.scanned, full.summary.new, full.summary.updated) == (6, 0, 0)


def test_a_scan_of_one_folder_leaves_the_others_alone(some_zam: Path, tmp_path: Path, data_dir: Path) -> None:
    scan(data_dir, some_zam)
    made, _ = scan(data_dir, tmp_path / "vst3" / "ZamComp.vst3")
    assert (made.summary.found, made.summary.removed) == (2, 0)


def test_a_broken_link_and_an_empty_bundle_are_results(some_zam: Path, data_dir: Path) -> None:
    (some_zam / "Gone.vst3").symlink_to(some_zam / "nothing")
    (some_zam / "Empty.vst3").mkdir()
    made, _ = scan(data_dir, some_zam)
    assert (made.summary.ok, made.summary.failed) == (7, 2)
    with Store.in_folder(data_dir) as store:
        failed = {p.name: p for p in store.plugins() if p.status == "failed"}
    assert "dangling link" in failed["Gone"].error
    assert "no binary inside" in failed["Empty"].error
    again, _ = scan(data_dir, some_zam)
    assert (again.summary.scanned, again.summary.quarantined) == (0, 2)
    retried, _ = scan(data_dir, some_zam, retry=True)
    assert (retried.summary.scanned, retried.summary.failed) == (2, 2)


def test_pause_stop_and_resume(zam: Path, data_dir: Path) -> None:
    progress = Progress()
    made = Scan(Settings(), data_dir, Options(only=(zam,)))

    def listen(event: Event) -> None:
        progress.take(event)
        if isinstance(event, BundleEnded) and progress.done == 3:
            made.pause()
            threading.Timer(0.3, made.resume).start()
        if isinstance(event, BundleEnded) and progress.done == 8:
            made.stop()

    made.run(listen)
    assert progress.state == "stopped"
    with Store.in_folder(data_dir) as store:
        done = {p.path for p in store.plugins()}
    events: list[Event] = []
    second = Scan(Settings(), data_dir, Options(only=(zam,)))
    second.run(events.append)
    begun = {event.path for event in events if isinstance(event, BundleStarted)}
    assert begun.isdisjoint(done), "what was done is done"
    assert second.summary.resumed == second.summary.scanned == 18 - made.summary.scanned
    with Store.in_folder(data_dir) as store:
        assert {p.status for p in store.plugins()} == {"ok"}
        assert len({p.path for p in store.plugins()}) == 18


def test_workers_can_be_changed_while_it_runs(some_zam: Path, data_dir: Path) -> None:
    made = Scan(Settings(), data_dir, Options(only=(some_zam,)))
    seen: list[int] = []

    def listen(event: Event) -> None:
        if isinstance(event, BundleEnded) and not seen:
            made.set_workers(3)
        if isinstance(event, StateChanged):
            seen.append(event.workers)

    made.run(listen)
    assert (made.summary.ok, seen) == (7, [3])


def test_what_failed_is_retried_while_the_scan_runs(zam: Path, some_zam: Path, data_dir: Path) -> None:
    """One bundle fails in this scan, one is in quarantine from before; both are mended before they are retried."""
    for name in ("Before", "Now"):
        (some_zam / f"{name}.vst3").mkdir()
    scan(data_dir, some_zam / "Before.vst3")
    made = Scan(Settings(), data_dir, Options(only=(some_zam,)))
    progress = Progress()

    def mend(name: str, like: str) -> None:
        folder = some_zam / f"{name}.vst3" / "Contents" / "x86_64-linux"
        folder.mkdir(parents=True)
        shutil.copy(next((zam / f"{like}.vst3").rglob("*.so")), folder / f"{name}.so")

    def listen(event: Event) -> None:
        progress.take(event)
        if isinstance(event, BundleEnded) and event.report.bundle.name == "Now" and event.report.outcome.bad:
            mend("Before", "ZamTube")
            mend("Now", "ZamTube")
            made.retry()

    made.run(listen)
    assert (made.summary.ok, made.summary.failed, made.summary.quarantined) == (8, 0, 0)
    assert (progress.done, progress.total, progress.counts["failed"], progress.quarantined) == (8, 8, 0, 0)
    with Store.in_folder(data_dir) as store:
        assert {p.status for p in store.plugins()} == {"ok"}
        assert store.quarantine() == []


def test_what_fails_last_of_all_can_still_be_retried(zam: Path, tmp_path: Path, data_dir: Path) -> None:
    """Told when nothing else is left to do: the scan goes on."""
    bundle = tmp_path / "Last.vst3"
    bundle.mkdir()
    settings = replace(Settings(), scan=replace(Settings().scan, builtin=False))
    made = Scan(settings, data_dir, Options(only=(bundle,)))

    def listen(event: Event) -> None:
        if isinstance(event, BundleEnded) and event.report.outcome.bad:
            shutil.copytree(zam / "ZamTube.vst3" / "Contents", bundle / "Contents")
            (library,) = bundle.rglob("ZamTube.so")
            library.rename(library.with_name("Last.so"))
            made.retry()

    made.run(listen)
    assert (made.summary.ok, made.summary.failed, made.summary.quarantined) == (1, 0, 0)


KILLED = """
import sys
from pathlib import Path
from pluginary_tui.config import Settings
from pluginary_tui.scan.events import BundleEnded
from pluginary_tui.scan.run import Options, Scan

if __name__ == "__main__":
    def say(event):
        if isinstance(event, BundleEnded):
            print(event.report.bundle.path, flush=True)
    Scan(Settings(), Path(sys.argv[1]), Options(only=(Path(sys.argv[2]),))).run(say)
"""


def test_a_killed_scan_is_resumed_and_only_the_rest_is_probed(zam: Path, data_dir: Path, tmp_path: Path) -> None:
    script = tmp_path / "killed.py"
    script.write_text(KILLED)
    running = subprocess.Popen([sys.executable, script, data_dir, zam], stdout=subprocess.PIPE, text=True)
    assert running.stdout
    done = [running.stdout.readline().strip() for _ in range(5)]
    running.kill()
    done += [line.strip() for line in running.stdout.readlines()]
    running.wait()
    time.sleep(0.5)
    made, events = scan(data_dir, zam)
    begun = [event.path for event in events if isinstance(event, BundleStarted)]
    # One result may have been kept and not been told: the kill fell between the two.
    assert len(set(begun) & set(done)) == 0 and 17 <= len(begun) + len(done) <= 18
    assert made.summary.resumed == len(begun)
    with Store.in_folder(data_dir) as store:
        assert {p.status for p in store.plugins()} == {"ok"}
        assert len([p for p in store.plugins() if p.format == "vst3"]) == 17


def test_the_suspect_of_two_kills_goes_to_quarantine(some_zam: Path, data_dir: Path) -> None:
    from pluginary_tui.catalogue.journal import Journal
    from pluginary_tui.scan.discover import discover

    bundles = discover([some_zam], system="Linux", builtin=False).bundles
    with Store.in_folder(data_dir) as store:
        journal = Journal(store)
        journal.begin(bundles)
        for _ in range(2):
            journal.started(bundles[0].path)
            journal.resume()
    made, events = scan(data_dir, some_zam)
    assert bundles[0].path not in {event.path for event in events if isinstance(event, BundleStarted)}
    assert (made.summary.crashed, made.summary.ok) == (1, 6)
    with Store.in_folder(data_dir) as store:
        (info,) = store.quarantine()
        assert info.path == bundles[0].path and "2 times in a row" in info.error


def test_probing_by_hand(zam: Path, tmp_path: Path) -> None:
    report = probe_once(zam / "ZamTube.vst3", Settings())
    assert (report.outcome, report.plugins[0].name) == (Outcome.OK, "ZamTube")
    with pytest.raises(NotFoundError, match="not a plugin bundle"):
        probe_once(tmp_path / "nothing.vst3", Settings())


def test_pedalboard_still_has_the_hook_that_scanning_stands_on() -> None:
    """Its constructor calls this method for the initial values; if it moves, loading takes minutes again."""
    code = (
        "import pedalboard_native, pedalboard;"
        "from pluginary_tui.scan.readers.pedalboard_loading import SWEEP;"
        "from pedalboard._pedalboard import ExternalPlugin;"
        "assert SWEEP in dir(pedalboard_native.ExternalPlugin), dir(pedalboard_native.ExternalPlugin)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_hook_keeps_the_parameter_sweep_from_happening(zam: Path) -> None:
    code = f"""
import pedalboard_native
from pluginary_tui.scan.readers import pedalboard_loading
calls = []
pedalboard_loading.prepare()
setattr(pedalboard_native.ExternalPlugin, pedalboard_loading.SWEEP, lambda self, values: calls.append(values))
pedalboard_native.VST3Plugin({str(zam / "ZamTube.vst3")!r}, initialization_timeout=0.05)
import os
os._exit(len(calls) != 1)
"""
    assert subprocess.run([sys.executable, "-c", code], capture_output=True).returncode == 0


def test_a_scan_from_a_folder_that_was_deleted(some_zam: Path, tmp_path: Path) -> None:
    program = f"{shlex.quote(sys.executable)} -m pluginary_tui scan --no-builtin --no-load-check --json"
    done = subprocess.run(
        ["sh", "-c", f"rmdir ../gone; exec {program} --only {shlex.quote(str(some_zam))}"],
        cwd=_made(tmp_path / "gone"), env=os.environ | {"PLUGINARY_TUI_DATA_DIR": str(tmp_path / "data")},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    answer = json.loads(done.stdout)
    assert (answer["ok"], answer["notes"]) == (answer["found"], [])


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
