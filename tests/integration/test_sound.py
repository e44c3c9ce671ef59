"""Measuring with real processes, real plugins and real kills."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from pluginary_tui.catalogue.integrity import check
from pluginary_tui.catalogue.passports import COST, SOUND, Entry, Passports, key_of
from pluginary_tui.catalogue.store import Store
from pluginary_tui.config import Settings
from pluginary_tui.model import Outcome, Plugin
from pluginary_tui.scan.run import Options, Scan
from pluginary_tui.sound import run as sound_run
from pluginary_tui.sound.events import Event, PartEnded, PartStarted, Summary
from pluginary_tui.sound.null_test import compare
from pluginary_tui.sound.passport import from_json
from pluginary_tui.sound.run import Measuring
from tests.plugins.build import compiler, good

COMMAND = "import sys; from pluginary_tui.cli.measure import {0}; {0}(sys.argv[1:], prog_name='pluginary-tui {0}')"


def command(name: str, *words: str) -> list[str]:
    return [sys.executable, "-c", COMMAND.format(name), *words]


def run(name: str, *words: str, code: int = 0) -> str:
    done = subprocess.run(command(name, *words), capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    return done.stdout


def scanned(data_dir: Path, settings: Settings, folder: Path | None = None) -> list[Plugin]:
    options = Options(only=(folder or data_dir / "nothing",))
    settings = dataclasses.replace(settings, scan=dataclasses.replace(settings.scan, builtin=folder is None))
    (data_dir / "nothing").mkdir(parents=True, exist_ok=True)
    Scan(settings, data_dir, options).run(lambda event: None)
    with Store.in_folder(data_dir) as store:
        return store.plugins()


def measure(data_dir: Path, settings: Settings, plugins: list[Plugin], **how: bool) -> tuple[Summary, list[Event]]:
    events: list[Event] = []
    return Measuring(settings, data_dir, plugins, **how).run(events.append), events


def named(plugins: list[Plugin], *names: str) -> list[Plugin]:
    return [plugin for plugin in plugins if plugin.name in names]


def test_a_passport_is_kept_and_can_be_searched(data_dir: Path, settings: Settings) -> None:
    plugins = named(scanned(data_dir, settings), "Invert", "Distortion", "Convolution")
    summary, events = measure(data_dir, settings, plugins)
    assert (summary.matched, summary.measured, summary.ok, summary.failed) == (3, 3, 2, 1)
    parts = [(e.plugin.name, e.part) for e in events if isinstance(e, PartEnded)]
    assert [part for _, part in parts] == [SOUND] * 3 + [COST] * 2, "costs are measured when no sound is"
    with Store.in_folder(data_dir) as store:
        kept = Passports(store)
        figures = kept.figures()
        distortion = "builtin/pedalboard/distortion"
        assert 0 < figures["cpu"][distortion] < 100
        assert figures["thd"][distortion] > 1
        assert set(figures["null"]) == {distortion, "builtin/pedalboard/invert"}
        one = kept.get(named(plugins, "Distortion")[0])
        assert one and one.current and one.outcome == "ok"
        assert from_json(one.data).behaves == "distortion"
        no = kept.get(named(plugins, "Convolution")[0])
        assert no and no.outcome == "failed" and "nothing to measure" in no.error
        assert kept.pending() == []
    backup, *_ = check.list_backups(data_dir)
    with closing(sqlite3.connect(backup)) as db:
        assert db.execute("SELECT count(*) FROM passport WHERE outcome = 'ok'").fetchone() == (2,), (
            "passports are backed up"
        )

    again, _ = measure(data_dir, settings, plugins)
    assert (again.measured, again.current, again.quarantined) == (0, 2, 1)
    full, _ = measure(data_dir, settings, named(plugins, "Invert"), full=True)
    assert full.measured == 1


needs_compiler = pytest.mark.skipif(compiler() is None, reason="needs a C compiler")


@needs_compiler
def test_a_crash_or_a_hang_costs_that_measurement_only(
    data_dir: Path, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sound_run, "LEAST_TIMEOUT_S", 3.0)
    settings = dataclasses.replace(settings, scan=dataclasses.replace(settings.scan, timeout_s=3.0))
    folder = tmp_path / "vst3"
    for name in ("Crashes", "Hangs", "Works"):
        good(folder, name)
    plugins = scanned(data_dir, settings, folder)
    assert len(plugins) == 3
    good(folder, "Crashes", behaviour="segfault", stage="process")
    good(folder, "Hangs", behaviour="sleep", stage="process")
    summary, _ = measure(data_dir, settings, plugins)
    assert (summary.ok, summary.crashed, summary.timeout) == (1, 1, 1)
    with Store.in_folder(data_dir) as store:
        assert {p.status for p in store.plugins()} == {"ok"}, "the catalogue holds nothing against them"
        assert store.quarantine() == []
        kept = {p.name: Passports(store).get(p) for p in plugins}
        assert (crashed := kept["Crashes"]) and "SIGSEGV" in crashed.error and crashed.data == {}
        assert (hung := kept["Hangs"]) and hung.outcome == "timeout" and "load" in hung.error
        assert (works := kept["Works"]) and works.figures["cpu"] > 0
    assert measure(data_dir, settings, plugins)[0].quarantined == 2
    good(folder, "Crashes")
    retried, _ = measure(data_dir, settings, named(plugins, "Crashes"), retry=True)
    assert retried.ok == 1


@needs_compiler
def test_what_hangs_can_be_skipped(data_dir: Path, settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "vst3"
    good(folder, "Hangs")
    plugins = scanned(data_dir, settings, folder)
    good(folder, "Hangs", behaviour="sleep", stage="process")
    measuring = Measuring(settings, data_dir, plugins)

    def emit(event: Event) -> None:
        if isinstance(event, PartStarted):
            measuring.skip(key_of(event.plugin))

    assert measuring.run(emit).timeout == 1
    with Store.in_folder(data_dir) as store:
        kept = Passports(store).get(plugins[0])
        assert kept and "Skipped by you" in kept.error and Passports(store).pending() == []


@needs_compiler
def test_real_modules_keep_or_break_their_word(data_dir: Path, settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "vst3"
    good(folder, "Late", latency=300)
    good(folder, "Sine", instrument="sine", category="Instrument|Synth")
    plugins = scanned(data_dir, settings, folder)
    measure(data_dir, settings, plugins)
    with Store.in_folder(data_dir) as store:
        late = from_json((Passports(store).get(named(plugins, "Late")[0]) or pytest.fail()).data)
        sine = from_json((Passports(store).get(named(plugins, "Sine")[0]) or pytest.fail()).data)
    assert late.figures["latency_measured"].value == late.figures["latency_reported"].value == 300
    assert "latency" not in {verdict.name for verdict in late.verdicts}
    assert sine.kind == "instrument"
    assert sine.figures["tuning"].value == pytest.approx(0, abs=2)


def test_an_interrupted_measuring_goes_on(data_dir: Path, settings: Settings) -> None:
    scanned(data_dir, settings)
    query = ["invert", "|", "gain", "|", "clipping", "|", "delay"]
    with subprocess.Popen(
        command("measure", *query), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as going:
        assert going.stdout and going.stderr
        assert "4 plugins to measure" in going.stdout.readline()
        going.stdout.readline()  # the first is done
        going.send_signal(signal.SIGINT)
        output = going.stderr.read()
        assert going.wait(30) == 3, output
    assert "measure again to go on" in output
    with Store.in_folder(data_dir) as store:
        left = Passports(store).pending()
    assert 0 < len(left) < 8
    done = json.loads(run("measure", *query, "--json"))
    words = run("measure", "name:clipping")
    assert "behaves like" in words and "1 had a passport already" in words and "% " in words
    assert done["resumed"] is True and done["measured"] < 4
    with Store.in_folder(data_dir) as store:
        assert len(Passports(store).figures()["cpu"]) == 4 and Passports(store).pending() == []


def test_what_was_in_flight_when_the_app_died_twice_is_held_to_be_the_cause(data_dir: Path, settings: Settings) -> None:
    (invert,) = named(scanned(data_dir, settings), "Invert")
    with Store.in_folder(data_dir) as store:
        passports = Passports(store)
        entry = Entry(key_of(invert), SOUND)
        passports.begin([(entry.key, SOUND)])
        for kills in (1, 2):
            passports.started(entry)
            passports.begin([])
            assert [e.kills for e in passports.pending()] == [kills]
    summary, _ = measure(data_dir, settings, [invert])
    assert summary.crashed == 1
    with Store.in_folder(data_dir) as store:
        kept = Passports(store).get(invert)
        assert kept and "killed 2 times" in kept.error


def test_a_changed_bundle_is_measured_again(some_zam: Path, data_dir: Path, settings: Settings) -> None:
    for bundle in some_zam.iterdir():
        if bundle.stem not in ("ZamEQ2", "ZamPhono"):
            shutil.rmtree(bundle)
    plugins = scanned(data_dir, settings, some_zam)
    assert measure(data_dir, settings, plugins)[0].ok == 2
    os.utime(some_zam / "ZamEQ2.vst3" / "Contents", (1, 2_000_000_000))
    next((some_zam / "ZamEQ2.vst3").rglob("*.so")).touch()
    plugins = scanned(data_dir, settings, some_zam)
    summary, _ = measure(data_dir, settings, plugins)
    assert (summary.measured, summary.current) == (1, 1)

    with Store.in_folder(data_dir) as store:
        curve = from_json((Passports(store).get(named(plugins, "ZamPhono")[0]) or pytest.fail()).data).curves[
            "response"
        ]
    at = dict(zip(curve.x, curve.y, strict=True))
    assert at[100.0] - at[1000.0] == pytest.approx(13, abs=1)
    assert at[10000.0] - at[1000.0] == pytest.approx(-15, abs=1.5)


def test_copies_null_against_each_other(some_zam: Path, data_dir: Path, settings: Settings) -> None:
    plugins = scanned(data_dir, settings, some_zam)
    (eq,), (comp,) = named(plugins, "ZamEQ2"), named(plugins, "ZamComp")
    other = some_zam.parent / "copy" / "ZamEQ2.vst3"
    shutil.copytree(eq.path, other)
    nulls = compare(eq, dataclasses.replace(eq, path=str(other)), settings)
    assert [null.verdict for null in nulls] == ["same"] * 5
    strangers = compare(eq, dataclasses.replace(comp, name="ZamComp"), settings)
    assert [null.verdict for null in strangers] == ["same"] + ["unknown"] * 4, "both do nothing as they are"


def test_similar_on_the_command_line(data_dir: Path, settings: Settings) -> None:
    plugins = scanned(data_dir, settings)
    before = json.loads(run("similar", "builtin/pedalboard/lowpassfilter", "--json"))
    assert before["id"] == "builtin/pedalboard/lowpassfilter"
    assert all(each["distance"] >= 10 and each["because"] for each in before["plugins"]), "same job, not same sound"
    near = {each["id"].rpartition("/")[2] for each in before["plugins"][:4]}
    assert near & {"highpassfilter", "lowshelffilter", "highshelffilter", "peakfilter", "ladderfilter"}

    measure(data_dir, settings, named(plugins, "LowpassFilter", "HighpassFilter", "Clipping", "Distortion", "Invert"))
    after = json.loads(run("similar", "builtin/pedalboard/clipping", "--json"))["plugins"]
    assert after[0]["id"] == "builtin/pedalboard/distortion"
    assert "both behave like: distortion" in after[0]["because"]
    distances: list[Any] = [each["distance"] for each in after]
    assert distances == sorted(distances) and distances[0] < 1
    assert (
        "There is no plugin"
        in subprocess.run(command("similar", "no/such/one"), capture_output=True, text=True, check=False).stderr
    )


def test_the_app_needs_no_numpy(data_dir: Path, settings: Settings) -> None:
    code = "import sys, pluginary_tui.sound.run, pluginary_tui.sound.similar, pluginary_tui.cli.measure; "
    code += "print([m for m in ('numpy', 'pedalboard', 'pedalboard_native', 'textual') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert Outcome.OK == "ok"
