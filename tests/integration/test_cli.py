"""The commands as real processes on real plugins."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from pluginary_tui.catalogue.store import Store
from tests.support.sample_catalogue import fill

pytestmark = pytest.mark.usefixtures("only_vst3")

PROGRAM = [sys.executable, "-m", "pluginary_tui"]


def run(*words: str | Path, code: int = 0, **env: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [*PROGRAM, *map(str, words)], capture_output=True, text=True, env=os.environ | env, timeout=120, check=False
    )
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    return done


def read(*words: str | Path) -> Any:
    return json.loads(run(*words, "--json").stdout)


SCAN_KEYS = [
    "found", "scanned", "unchanged", "ok", "failed", "crashed", "timeout", "memory", "quarantined", "removed", "new",
    "resumed", "elapsed_s",
]  # fmt: skip
PLUGIN_KEYS = [
    "id", "name", "vendor", "format", "categories", "version", "path", "name_in_file", "kind", "uid",
    "latency_samples", "parameter_count", "status", "error", "favourite", "tags", "scanned_at", "probe_ms",
]  # fmt: skip


def test_the_whole_way_on_the_command_line(zam: Path) -> None:
    done = read("scan", "--only", zam)
    assert set(SCAN_KEYS) <= set(done)
    assert (done["found"], done["ok"], done["failed"], done["crashed"]) == (18, 18, 0, 0)

    listed = read("list", "verb")
    assert listed["query"] == "verb" and listed["total"] == len(listed["plugins"])
    assert listed["plugins"][0]["name"] == "ZamVerb"
    assert set(PLUGIN_KEYS) <= set(listed["plugins"][0])
    everything = read("list")
    assert everything["total"] > 35
    assert len(read("list", "--limit", "3")["plugins"]) == 3
    assert {p["format"] for p in read("list", "format:builtin")["plugins"]} == {"builtin"}

    verb = read("show", "vst3/damien-zammit/zamverb")
    level = next(p for p in verb["parameters"] if p["name"] == "Master level")
    assert (level["min"], level["max"], level["unit"], level["default"]) == ("-30", "30", "dB", "0")
    assert len(verb["parameters"]) == verb["parameter_count"]
    assert verb["host_parameters"] == 3, "buffer size, sample rate and program, all hidden"
    assert (verb["audio_inputs"], verb["audio_outputs"], verb["loads"]) == (2, 2, True)
    assert "convolution" in verb["log"]
    assert run("snippet", verb["id"]).stdout == verb["snippet"]

    text = run("show", verb["id"]).stdout
    assert "Master level" in text and "load_plugin" in text
    table = run("list", "vendor:zammit").stdout
    assert table.count("Damien Zammit") == 17

    again = read("scan", "--only", zam)
    assert (again["scanned"], again["unchanged"]) == (0, 18)


def test_a_snippet_runs_as_it_is(some_zam: Path) -> None:
    run("scan", "--only", some_zam, "--no-builtin")
    code = run("snippet", "vst3/damien-zammit/zamdelay").stdout
    done = subprocess.run(
        [sys.executable, "-c", code + "print(plugin.name)"], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "ZamDelay"


def test_scanning_into_a_pipe_prints_a_line_a_bundle(some_zam: Path) -> None:
    lines = run("scan", "--only", some_zam, "--no-builtin").stdout.splitlines()
    assert sum(line.startswith("ok") for line in lines) == 6
    assert any("ZamGate" in line and "Damien Zammit" in line for line in lines)


def test_probe_prints_its_report(zam: Path, tmp_path: Path) -> None:
    report = read("probe", zam / "ZamTube.vst3")
    assert (report["outcome"], report["plugins"][0]["name"]) == ("ok", "ZamTube")
    assert "ZamTube" in run("probe", zam / "ZamTube.vst3").stdout
    (tmp_path / "Empty.vst3").mkdir()
    failed = run("probe", tmp_path / "Empty.vst3", code=1)
    assert "no binary inside" in failed.stdout
    assert run("probe", tmp_path / "nothing", code=1).stderr.count("\n") == 1


def test_without_a_terminal_the_app_names_its_commands() -> None:
    done = run(code=1)
    assert "scan" in done.stderr and "list" in done.stderr and done.stderr.count("\n") == 1


def test_an_unknown_id_names_the_nearest(some_zam: Path) -> None:
    run("scan", "--only", some_zam, "--no-builtin")
    assert "vst3/damien-zammit/zamdelay" in run("show", "vst3/damien-zammit/zamdelays", code=1).stderr
    assert "vst3/damien-zammit/zamdelay" in run("snippet", "vst3/damien-zammit/zamdelai", code=1).stderr


def test_a_query_that_is_not_understood_is_wrong_usage() -> None:
    done = run("list", "params>many", code=2)
    assert "params>many" in done.stderr and "^" in done.stderr


def test_an_empty_catalogue_says_what_to_do() -> None:
    assert "pluginary-tui scan" in run("list").stderr
    assert read("list") == {"query": "", "total": 0, "plugins": []}


def test_a_catalogue_of_hidden_plugins_is_not_called_empty(some_zam: Path, data_dir: Path) -> None:
    run("scan", "--only", str(some_zam), "--no-builtin")
    with Store.in_folder(data_dir) as store:
        store.set_hidden([plugin.id for plugin in store.plugins()], True)
    assert "is:hidden" in run("list").stderr


def test_all_plugins_come_in_the_order_of_a_query(data_dir: Path) -> None:
    names = [("Q 10", "A"), ("Q 2", "A"), ("Übel", "B"), ("ubel 2", "B"), ("", "C"), ("Hidden", "C"), ("Q 2", "D")]
    with Store.in_folder(data_dir) as store:
        fill(store, [(name, vendor, "vst3", "") for name, vendor in names])
        store.set_hidden(["vst3/c/hidden"], True)
    listed = [(p["name"], p["vendor"]) for p in read("list")["plugins"]]
    printed = [line.split()[-1] for line in run("list").stdout.splitlines()[1:]]
    assert printed == [p["id"] for p in read("list")["plugins"]]
    assert listed == [(p["name"], p["vendor"]) for p in read("list", "sort:name")["plugins"]]
    assert ("Hidden", "C") not in listed and listed.index(("Q 2", "D")) < listed.index(("Q 10", "A"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_a_scan_that_can_be_resumed(zam: Path, number: signal.Signals) -> None:
    running = subprocess.Popen(
        [*PROGRAM, "scan", "--only", zam, "--workers", "1"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert running.stdout
    for _ in range(4):
        running.stdout.readline()
    running.send_signal(number)
    _, errors = running.communicate(timeout=30)
    assert running.returncode == 3, errors
    assert "Traceback" not in errors
    rest = read("scan", "--only", zam)
    assert rest["resumed"] == rest["scanned"] > 0
    assert read("list", "is:failed")["total"] == 0


def test_a_kill_in_the_middle_loses_only_what_was_in_flight(zam: Path) -> None:
    running = subprocess.Popen([*PROGRAM, "scan", "--only", zam], stdout=subprocess.PIPE, text=True)
    assert running.stdout
    for _ in range(6):
        running.stdout.readline()
    running.kill()
    running.wait()
    kept = read("list", "format:vst3")["total"]
    time.sleep(0.5)
    rest = read("scan", "--only", zam)
    assert rest["resumed"] == rest["scanned"] and rest["scanned"] + kept in (17, 18)
    assert read("list", "format:vst3")["total"] == 17
