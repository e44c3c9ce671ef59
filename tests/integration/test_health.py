"""`doctor`, `repair`, `backup`, `restore`, `config`, completion and the log, as a user meets them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pluginary_tui import health, logs
from pluginary_tui.catalogue.database import FILE_NAME
from pluginary_tui.catalogue.integrity import backups, check, user_export
from pluginary_tui.catalogue.journal import Journal
from pluginary_tui.catalogue.store import Store
from pluginary_tui.config import SETTINGS
from pluginary_tui.config.example import example
from pluginary_tui.config.write import save
from pluginary_tui.model import Bundle, Outcome, ProbedPlugin, Report
from tests.support.project_files import FILES

PROGRAM = [sys.executable, "-m", "pluginary_tui"]


def run(*words: str | Path, code: int = 0, **env: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [*PROGRAM, *map(str, words)], capture_output=True, text=True, env=os.environ | env, timeout=120, check=False
    )
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    return done


def scanned(data_dir: Path, plugins: Path) -> None:
    """Two bundles, one of which crashed, and a scan that ended; a favourite and a tag."""
    with Store.in_folder(data_dir) as store:
        journal = Journal(store)
        journal.begin([])
        for name, outcome in (("Good", Outcome.OK), ("Bad", Outcome.CRASHED)):
            (plugins / f"{name}.vst3").mkdir(parents=True)
            bundle = Bundle(str(plugins / f"{name}.vst3"), "vst3", name, fingerprint="1")
            log = f"reading {Path.home()}/presets" if outcome.bad else ""
            report = Report(bundle, outcome, [ProbedPlugin(name, "Acme", status=outcome)], log=log, elapsed_s=2.0)
            journal.finish(report, [()], quarantine=outcome.bad)
        journal.end({"found": 2, "scanned": 2, "ok": 1, "crashed": 1, "elapsed_s": 4.0})
        store.set_favourite(["vst3/acme/good"], True)
        store.add_tag(["vst3/acme/good"], "loud")


def states(found: list[dict[str, Any]]) -> dict[str, str]:
    worst = {"ok": 0, "notice": 1, "problem": 2}
    result: dict[str, str] = {}
    for finding in found:
        result[finding["name"]] = max(result.get(finding["name"], "ok"), finding["state"], key=worst.__getitem__)
    return result


def test_a_healthy_machine(data_dir: Path, tmp_path: Path) -> None:
    scanned(data_dir, tmp_path / "plugins")
    run("backup")
    done = json.loads(run("doctor", "--json").stdout)
    assert done["ok"] is True
    found = states(done["findings"])
    assert {name for name, state in found.items() if state == "problem"} == set()
    assert found["quarantine"] == "notice", "a plugin that fails is a result, not an illness"
    assert all(finding["advice"] for finding in done["findings"] if finding["state"] == "problem")
    assert (done["last_scan"]["rate_per_s"], done["last_scan"]["slowest"][0]["elapsed_ms"]) == (0.5, 2000)
    text = run("doctor").stdout
    assert "hook" in text and "0.5 a second" in text and "1 crashed" in text


def test_every_illness_has_its_advice(data_dir: Path, tmp_path: Path) -> None:
    scanned(data_dir, tmp_path / "plugins")
    backup = backups.rotate_backups(data_dir / FILE_NAME, keep=3)
    with backup.open("r+b") as file:
        file.seek(5000)
        file.write(b"?????")
    (data_dir / user_export.FILE_NAME).write_text("{}")
    save("scan.folders", [str(tmp_path / "nowhere")], tmp_path / "config.toml")
    done = run("doctor", "--json", code=1, PLUGINARY_TUI_SCAN_WORKRS="1")
    found = json.loads(done.stdout)["findings"]
    named = states(found)
    assert {name for name, state in named.items() if state == "problem"} == {"backups", "user data", "folder"}
    assert named["settings"] == "notice"
    assert all(finding["advice"] for finding in found if finding["state"] == "problem")
    assert done.stderr.count("\n") == 1
    run("repair")
    backup.unlink()
    assert states(json.loads(run("doctor", "--json", code=1).stdout)["findings"])["user data"] == "ok"


def test_doctor_names_damage_and_repair_mends_it(data_dir: Path, tmp_path: Path) -> None:
    scanned(data_dir, tmp_path / "plugins")
    path = data_dir / FILE_NAME
    raw = bytearray(path.read_bytes())
    raw[9000] ^= 1
    path.write_bytes(raw)
    done = run("doctor", code=1)
    assert "damaged" in done.stdout and "pluginary-tui repair" in done.stdout
    assert path.read_bytes() == raw, "it only looks"
    output = run("repair").stdout
    assert "damaged" in output and "user.json" in output and output.count("\n") == 1
    assert "sound" in run("repair").stdout
    listed = json.loads(run("list", "--json", "is:fav").stdout)
    with Store(path) as store:
        assert [row["id"] for row in user_export.collect(store.db)["user_tag"]] == ["vst3/acme/good"]
    assert listed["total"] <= 1


def test_listing_mends_by_itself_and_says_so(data_dir: Path, tmp_path: Path) -> None:
    scanned(data_dir, tmp_path / "plugins")
    run("backup")
    with (data_dir / FILE_NAME).open("r+b") as file:
        file.truncate(20_000)
    done = run("list", "--json", "is:fav")
    assert [p["id"] for p in json.loads(done.stdout)["plugins"]] == ["vst3/acme/good"]
    assert "damaged" in done.stderr and done.stderr.count("\n") == 1
    assert run("list").stderr == ""


def test_a_scan_makes_a_backup_and_logs_what_it_came_to(some_zam: Path, data_dir: Path) -> None:
    run("scan", "--only", some_zam, "--no-builtin")
    (backup,) = check.list_backups(data_dir)
    lines = [json.loads(line) for line in logs.log_path(data_dir).read_text().splitlines()]
    assert next(line for line in lines if line["message"] == "scan ended")["ok"] == 6
    made = backup.stat().st_mtime_ns
    run("scan", "--only", some_zam, "--no-builtin")
    assert backup.stat().st_mtime_ns == made, "nothing was new"


def test_measuring_makes_a_backup_as_well(some_zam: Path, data_dir: Path) -> None:
    run("scan", "--only", some_zam, "--no-builtin")
    check.list_backups(data_dir)[0].unlink()
    run("measure", "name:zamgate")
    assert len(check.list_backups(data_dir)) == 1


def test_backup_and_restore_as_commands(data_dir: Path, tmp_path: Path) -> None:
    scanned(data_dir, tmp_path / "plugins")
    assert run("backup", tmp_path / "b.db").stdout == f"{tmp_path / 'b.db'}\n"
    run("backup", tmp_path / "b.db", code=1)
    run("backup", "--force", tmp_path / "b.db")
    with Store(data_dir / FILE_NAME) as store:
        store.set_favourite(["vst3/acme/good"], False)
    assert "kept as" in run("restore", tmp_path / "b.db").stdout
    assert json.loads(run("list", "--json", "is:fav").stdout)["total"] == 1


def test_a_report_holds_all_but_the_name_of_the_home_folder(data_dir: Path, tmp_path: Path) -> None:
    home = tmp_path / "annabel"
    home.mkdir()
    env = {"HOME": str(home), "PLUGINARY_TUI_SCAN_IGNORE": f"{home}/x/*"}
    scanned(data_dir, home / "plugins")
    with Store(data_dir / FILE_NAME) as store:
        store.db.execute("UPDATE probe_log SET log = ?", (f"opening {home}/key for annabel",))
    run("--debug", "scan", "--only", home / "plugins", "--no-builtin", **env)
    songs = home / "songs"
    songs.mkdir()
    project = FILES / "reaper" / "vst3-track-and-take-fx.RPP"
    shutil.copy(project, songs / "unreleased hit.rpp")
    (songs / "secret album.als").write_bytes(b"damaged")
    run("--debug", "projects", "scan", songs, **env)
    run("doctor", "--report", tmp_path / "report.txt", **env)
    text = (tmp_path / "report.txt").read_text()
    assert "annabel" not in text
    assert "unreleased" not in text and "secret" not in text and "projects read" in text
    assert "~/plugins/Bad.vst3" in text and "pedalboard" in text and "scan.ignore" in text and "scan ended" in text


def test_the_name_goes_from_paths_of_every_system() -> None:
    home = Path("/Users/ann lee")
    text = r'"C:\\Users\\ann lee\\x" /Users/ann lee/y /mnt/ann lee/z planned lee-way'
    assert health.without_home(text, home) == r'"C:\\Users\\<user>\\x" ~/y /mnt/<user>/z planned lee-way'


def test_settings_from_first_to_last(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    assert run("config", "path").stdout == f"{path}\n"
    assert run("config", "init").stdout == f"{path}\n"
    assert path.read_text() == example()
    assert "right" in run("config", "check").stdout
    path.write_text("[scan]\nworkers = 3\n")
    shown = json.loads(run("config", "show", "--json", PLUGINARY_TUI_APP_ASCII="yes").stdout)
    assert shown["scan.workers"] == {"value": 3, "origin": "file", "place": str(path), "line": 2}
    assert shown["app.ascii"]["origin"] == "environment" and shown["scan.builtin"]["origin"] == "default"
    assert set(shown) == set(SETTINGS)
    text = run("config", "show").stdout
    assert any(line.split()[:2] == ["scan.workers", "3"] and str(path) in line for line in text.splitlines())
    path.write_text("[scan]\nwokers = 3\n")
    done = run("config", "check", code=1)
    assert "did you mean scan.workers?" in done.stdout and done.stderr.count("\n") == 1


# Completion


@pytest.mark.parametrize(("shell", "mark"), [("bash", "complete"), ("zsh", "compdef"), ("fish", "complete")])
def test_the_script_of_every_shell(shell: str, mark: str) -> None:
    script = run("completion", shell).stdout
    assert mark in script and "_PLUGINARY_TUI_COMPLETE" in script and "pluginary-tui" in script


def complete(words: str) -> list[str]:
    env = {"_PLUGINARY_TUI_COMPLETE": "zsh_complete", "COMP_WORDS": f"pluginary-tui {words}"}
    done = run(**env | {"COMP_CWORD": str(len(words.split(" ")))})
    return [text for text in done.stdout.split("\n")[1::3] if text]


def test_what_can_be_typed_next(data_dir: Path, tmp_path: Path) -> None:
    assert complete("show vst3/") == [], "without a catalogue"
    assert not data_dir.exists(), "and none is made"
    scanned(data_dir, tmp_path / "plugins")
    assert "doctor" in complete("do") and complete("config in") == ["init"]
    assert [text.replace("\\", "") for text in complete("show vst3/acme/g")] == ["vst3/acme/good"]
    assert complete("snippet goo") == ["vst3/acme/good"]
    assert [text.replace("\\", "") for text in complete("list vendor:a")] == ["vendor:Acme"]
    assert [text.replace("\\", "") for text in complete("list ve")][:1] == ["vendor:"]
    assert complete("list #lo") == ["#loud"]
    (data_dir / FILE_NAME).write_bytes(b"rubbish")
    assert complete("show vst3/") == [], "completion never speaks of errors"


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="POSIX only")
def test_a_catalogue_that_this_user_cannot_write_to(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scanned(data_dir, tmp_path / "plugins")
    allowed = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK and allowed(path, mode))
    monkeypatch.setattr(os, "getuid", lambda: 4711)
    found = [each for each in health.findings(data_dir) if each.name == "catalogue" and each.state == "problem"]
    assert len(found) == 1
    assert "catalogue.db" in found[0].message and "cannot be written to" in found[0].message
    assert f"sudo chown -R $(id -u):$(id -g) {data_dir}" in found[0].advice


def test_folders_that_discovery_had_to_pass_over_are_named(data_dir: Path, tmp_path: Path) -> None:
    folder = tmp_path / "plug"
    folder.mkdir()
    (folder / "up").symlink_to("/")
    answer = run("doctor", VST3_PATH=str(folder), code=0).stdout
    assert f"Not followed: {folder / 'up'} is a link up to /." in answer
