"""Two catalogues compared: machines, and dates of one machine."""

from __future__ import annotations

import json
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from pluginary_tui.catalogue import revisions
from pluginary_tui.catalogue.exchange.export import export
from pluginary_tui.catalogue.journal import Journal
from pluginary_tui.catalogue.passports import Passports
from pluginary_tui.catalogue.store import Store
from pluginary_tui.cli.commands import main
from pluginary_tui.diff import difference, from_export
from pluginary_tui.model import Bundle, Outcome, Parameter, ProbedPlugin, Report

DRIVE = Parameter("Drive", "dB", "0", "-12", "24", id=1)
TONE = Parameter("Tone", "Hz", "1000", "20", "20000", id=2)
HIDDEN = Parameter("MIDI CC 1", id=9, kind="host")


def report(name: str, version: str, parameters: list[Parameter], *, latency: int = 0, stamp: str = "1") -> Report:
    plugin = ProbedPlugin(name, "Acme", version, uid=f"{sum(name.encode()):032X}", latency_samples=latency)
    plugin.parameters = parameters
    return Report(Bundle(f"/x/{name}.vst3", "vst3", name, f"{version}{stamp}"), Outcome.OK, [plugin])


def scan(store: Store, *reports: Report, gone: tuple[str, ...] = ()) -> None:
    journal = Journal(store)
    journal.begin([each.bundle for each in reports])
    for each in reports:
        journal.finish(each, [()] * len(each.plugins), quarantine=False)
    journal.mark_missing([f"/x/{name}.vst3" for name in gone])
    journal.end({})


def run(data_dir: Path, *words: str | Path) -> Result:
    return CliRunner().invoke(main, ["diff", *map(str, words)], env={"PLUGINARY_TUI_DATA_DIR": str(data_dir)})


def test_two_machines_are_compared_exactly(tmp_path: Path) -> None:
    with Store.in_folder(tmp_path / "other") as store:
        scan(
            store,
            report("Verb", "1.0", [DRIVE, TONE, HIDDEN], latency=64),
            report("Old", "3", []),
            report("Gate", "1", [DRIVE]),
        )
        export(store, store.plugins(), tmp_path / "other.json")
        export(store, store.plugins(), tmp_path / "other.toml")
    with Store.in_folder(tmp_path / "here") as store:
        mix = Parameter("Mix", "%", id=3)
        scan(
            store,
            report("Verb", "1.1", [replace(DRIVE, maximum="30", default="3"), mix, replace(HIDDEN, name="x")]),
            report("New", "1", []),
            report("Gate", "1", [DRIVE]),
        )
    for file in ("other.json", "other.toml"):
        done = run(tmp_path / "here", tmp_path / file, "--json")
        assert done.exit_code == 0, done.output
        found: dict[str, Any] = json.loads(done.stdout)
        assert [each["id"] for each in found["only_there"]] == ["vst3/acme/old"]
        assert [each["id"] for each in found["only_here"]] == ["vst3/acme/new"]
        assert found["same"] == 1
        (change,) = found["changed"]
        assert change == {
            "id": "vst3/acme/verb",
            "name": "Verb",
            "version": ["1.0", "1.1"],
            "latency_samples": [64, 0],
            "parameters_added": ["Mix"],
            "parameters_removed": ["Tone"],
            "parameters_changed": [
                {"name": "Drive", "what": "maximum", "before": "24", "after": "30"},
                {"name": "Drive", "what": "default", "before": "0", "after": "3"},
            ],
            "sound": None,
        }
    text = run(tmp_path / "here", tmp_path / "other.json").stdout
    for line in (
        "Only there: 1 plugin",
        "Old 3 by Acme",
        "version 1.0 -> 1.1",
        "Drive: maximum 24 -> 30",
        "The same: 1 plugin",
    ):
        assert line in text


def test_a_machine_is_the_same_as_its_own_export(tmp_path: Path) -> None:
    with Store.in_folder(tmp_path / "here") as store:
        scan(store, report("Verb", "1.0", [DRIVE, TONE]), report("Gate", "1", [DRIVE]))
        export(store, store.plugins(), tmp_path / "own.json")
        assert difference(from_export(tmp_path / "own.json"), revisions.present(store)).same == 2


def test_two_dates_of_a_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def at(moment: str) -> None:
        for module in ("catalogue.results", "catalogue.journal", "catalogue.revisions"):
            monkeypatch.setattr(f"pluginary_tui.{module}.now", lambda: moment)

    with Store.in_folder(tmp_path) as store:
        at("2026-01-10T00:00:00Z")
        scan(store, report("Verb", "1.0", [DRIVE, TONE]), report("Old", "1", [DRIVE]), report("Gate", "1", []))
        at("2026-03-10T00:00:00Z")
        scan(store, report("Verb", "1.1", [DRIVE]), gone=("Old",))
        at("2026-05-10T00:00:00Z")
        scan(store, report("Verb", "1.2", [DRIVE, TONE]), report("New", "1", []))
        # Read again without a change: nothing is kept of that.
        scan(store, report("Gate", "1", [], stamp="2"))
        assert store.db.execute("SELECT count(*) FROM revision").fetchone() == (3,)
        january = revisions.at(store, "2026-02-01T00:00:00Z")
        april = revisions.at(store, "2026-04-01T00:00:00Z")
        assert {id_: facts.version for id_, facts in january.items()} == {
            "vst3/acme/verb": "1.0",
            "vst3/acme/old": "1",
            "vst3/acme/gate": "1",
        }
        assert january["vst3/acme/verb"].parameters.keys() == {"1", "2"}
        assert {id_: facts.version for id_, facts in april.items()} == {"vst3/acme/verb": "1.1", "vst3/acme/gate": "1"}
        assert revisions.at(store, "2025-01-01T00:00:00Z") == {}
    found = json.loads(run(tmp_path, "--since", "2026-02-01", "--until", "2026-04-01", "--json").stdout)
    assert [each["name"] for each in found["gone"]] == ["Old"] and found["new"] == []
    assert [(each["version"], each["parameters_removed"]) for each in found["changed"]] == [(["1.0", "1.1"], ["Tone"])]
    assert "New: 1 plugin" in run(tmp_path, "--since", "2026-04-01").stdout


def test_a_plugin_that_came_and_went_was_not_there_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def at(moment: str) -> None:
        for module in ("catalogue.results", "catalogue.journal", "catalogue.revisions"):
            monkeypatch.setattr(f"pluginary_tui.{module}.now", lambda: moment)

    def shell(*names: str) -> Report:
        plugins = [report(name, "1", [DRIVE]).plugins[0] for name in names]
        return Report(Bundle("/x/Shell.vst3", "vst3", "Shell", "-".join(names)), Outcome.OK, plugins)

    with Store.in_folder(tmp_path) as store:
        at("2026-01-10T00:00:00Z")
        scan(store, shell("One"))
        at("2026-03-10T00:00:00Z")
        scan(store, shell("One", "Two"))
        at("2026-05-10T00:00:00Z")
        scan(store, shell("One"))
        seen = {month: set(revisions.at(store, f"2026-{month}-01T00:00:00Z")) for month in ("02", "04", "06")}
    assert seen == {"02": {"vst3/acme/one"}, "04": {"vst3/acme/one", "vst3/acme/two"}, "06": {"vst3/acme/one"}}


@pytest.mark.parametrize("version", ["1", "2"])
def test_a_plugin_that_was_away_for_a_while(version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def at(moment: str) -> None:
        for module in ("catalogue.results", "catalogue.journal", "catalogue.revisions"):
            monkeypatch.setattr(f"pluginary_tui.{module}.now", lambda: moment)

    with Store.in_folder(tmp_path) as store:
        at("2026-01-10T00:00:00Z")
        scan(store, report("Verb", "1", [DRIVE]), report("Gate", "1", []))
        at("2026-03-10T00:00:00Z")
        scan(store, gone=("Verb",))
        at("2026-05-10T00:00:00Z")
        if version == "1":
            Journal(store).unmark_missing(["/x/Verb.vst3"])
        else:
            scan(store, report("Verb", "2", [DRIVE]))
        seen = {m: revisions.at(store, f"2026-{m}-01T00:00:00Z") for m in ("02", "04", "06")}
    versions = {m: found["vst3/acme/verb"].version if "vst3/acme/verb" in found else "" for m, found in seen.items()}
    assert versions == {"02": "1", "04": "", "06": version}
    assert all("vst3/acme/gate" in found for found in seen.values())


def test_revisions_keep_to_their_share_of_the_catalogue(tmp_path: Path) -> None:
    many = [Parameter(f"Parameter {n} {n * 7919 % 1000}", "dB", str(n), id=n) for n in range(500)]
    with Store.in_folder(tmp_path) as store:
        for version in range(60):
            scan(
                store,
                report("Verb", str(version), [replace(each, default=f"{version * n}") for n, each in enumerate(many)]),
            )
        kept, oldest = store.db.execute("SELECT sum(length(facts)), min(until) FROM revision").fetchone()
        assert oldest and 0 < kept <= store.size() / revisions.KEPT_SHARE


def test_a_disk_that_comes_and_goes_does_not_fill_the_catalogue(tmp_path: Path) -> None:
    names = [f"Verb {number}" for number in range(40)]
    with Store.in_folder(tmp_path) as store:
        scan(store, *(report(name, "1", [DRIVE]) for name in names))
        for turn in range(60):
            journal = Journal(store)
            journal.begin([])
            paths = [f"/x/{name}.vst3" for name in names]
            revisions_now = f"2026-01-01T00:{turn:02}:00Z"
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("pluginary_tui.catalogue.revisions.now", lambda moment=revisions_now: moment)
                journal.mark_missing(paths)
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("pluginary_tui.catalogue.revisions.now", lambda moment=revisions_now[:-3] + "30Z": moment)
                journal.unmark_missing(paths)
            journal.end({})
        store.db.execute("VACUUM")
        whole = store.size()
        store.db.execute("DELETE FROM revision")
        store.db.execute("VACUUM")
        assert whole - store.size() <= whole / revisions.KEPT_SHARE


def test_sound_that_changed_is_said(tmp_path: Path) -> None:
    from pluginary_tui.sound.passport import to_json
    from tests.unit.sound.test_sound_similar import effect

    with Store.in_folder(tmp_path / "here") as store:
        scan(store, report("Verb", "1", []))
        quiet, loud = to_json(effect()), to_json(effect(thd=20.0, thd_loud=40.0))
        before = revisions.present(store)
        after = revisions.present(store)
        before["vst3/acme/verb"].passport, after["vst3/acme/verb"].passport = quiet, loud
        (change,) = difference(before, after).changed
        assert change.sound and change.sound > 0.15
        after["vst3/acme/verb"].passport = quiet
        assert difference(before, after).same == 1
        after["vst3/acme/verb"].passport = {"settings": 3}
        assert difference(before, after).same == 1
        assert Passports(store).documents() == {}


def test_a_damaged_revision_costs_itself(tmp_path: Path) -> None:
    with Store.in_folder(tmp_path) as store:
        scan(store, report("Verb", "1", [DRIVE]))
        scan(store, report("Verb", "2", [DRIVE]))
        for facts in (
            b"",
            b"x",
            zlib.compress(b"[]"),
            zlib.compress(b'{"parameters": 3}'),
            zlib.compress(b"[" * 10**6),
        ):
            store.db.execute("UPDATE revision SET facts = ?", (facts,))
            assert set(revisions.at(store, "2099-01-01T00:00:00Z")) == {"vst3/acme/verb"}
            revisions.at(store, "2020-01-01T00:00:00Z")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.json", "", "is not JSON"),
        ("a.json", "{}", "holds no plugins"),
        ("a.json", '{"plugins": [3, null, {"id": 3}]}', "holds no plugins"),
        ("a.csv", "id\nx", "is no .json or .toml"),
        ("a.toml", "x = ", "is not TOML"),
        ("gone.json", None, "Cannot read"),
    ],
)
def test_files_that_cannot_be_compared_are_one_line(name: str, text: str | None, message: str, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    done = run(tmp_path / "data", tmp_path / name)
    assert done.exit_code == 1 and message in done.output and done.output.count("\n") == 1


def test_an_export_that_was_changed_by_hand_is_taken_as_far_as_it_goes(tmp_path: Path) -> None:
    hostile = {
        "id": "vst3/a/b",
        "name": "B\x1b[31m[red]",
        "version": 3,
        "latency_samples": "many",
        "parameters": [3, {"name": None}, {"name": ["x"], "id": True, "steps": "7"}],
        "passport": 7,
    }
    (tmp_path / "a.json").write_text(json.dumps({"plugins": [hostile]}))
    done = run(tmp_path / "data", tmp_path / "a.json")
    assert done.exit_code == 0 and "\x1b" not in done.output and "Only there: 1 plugin" in done.output


@pytest.mark.parametrize("words", [[], ["a.json", "--since", "7d"], ["--until", "7d"], ["--since", "soon"]])
def test_wrong_usage(words: list[str], tmp_path: Path) -> None:
    assert run(tmp_path, *words).exit_code == 2
