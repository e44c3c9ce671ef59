"""What could be tidied, as findings, as a list and as a script that is really run."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from pluginary_tui.catalogue.journal import Journal
from pluginary_tui.catalogue.projects import Projects, ReadProject
from pluginary_tui.catalogue.store import Store
from pluginary_tui.cli.commands import main
from pluginary_tui.errors import PluginaryError
from pluginary_tui.model import Bundle, Outcome, ProbedPlugin, Report
from pluginary_tui.tidy import findings, output
from pluginary_tui.tidy.findings import Finding, find, version_key

Probed = tuple[str, str, str]
"""Name, vendor and version."""


def put(store: Store, path: Path | str, *plugins: Probed, format_: str = "vst3", size: int = 1000) -> None:
    """One bundle with these plugins, read as a scan reads it."""
    found = [
        ProbedPlugin(name, vendor, version, uid=f"{abs(hash((format_, name, vendor))):032X}"[:32])
        for name, vendor, version in plugins
    ]
    bundle = Bundle(str(path), format_, Path(path).stem, "1", size)
    outcome = Outcome.OK if plugins else Outcome.FAILED
    error = "" if plugins else "libfoo.so: cannot open shared object file."
    Journal(store).finish(Report(bundle, outcome, found, error), [() for _ in found], quarantine=False)


def kinds(found: list[Finding]) -> dict[str, list[str]]:
    """Paths by kind."""
    return {kind: [each.path for each in found if each.kind == kind] for kind in findings.KINDS}


@pytest.fixture
def store(data_dir: Path) -> Any:
    with Store.in_folder(data_dir) as opened:
        yield opened


def test_of_two_copies_the_older_one_may_go(store: Store) -> None:
    put(store, "/a/Verb.vst3", ("Verb", "Acme", "1.9.0"))
    put(store, "/b/Verb.vst3", ("Verb", "Acme", "1.10"))
    put(store, "/c/Other.vst3", ("Other", "Acme", "1"))
    copies = [each for each in find(store) if each.kind == "copy"]
    assert [(each.path, each.stays) for each in copies] == [("/a/Verb.vst3", ("/b/Verb.vst3",))]
    assert copies[0].why == "Version 1.9.0; version 1.10 is installed too."


def test_of_three_equal_copies_one_stays(store: Store) -> None:
    for folder in "abc":
        put(store, f"/{folder}/Verb.vst3", ("Verb", "Acme", "2"))
    copies = [each for each in find(store) if each.kind == "copy"]
    gone = {each.path for each in copies}
    assert len(gone) == 2 and any(set(each.stays).isdisjoint(gone) for each in copies)
    assert "a second time" in copies[0].why


def test_a_shell_stays_as_long_as_one_of_its_plugins_is_nowhere_else(store: Store) -> None:
    put(store, "/a/Shell.vst3", ("One", "Acme", "1"), ("Two", "Acme", "1"))
    put(store, "/b/One.vst3", ("One", "Acme", "2"))
    assert kinds(find(store))["copy"] == []
    put(store, "/b/Two.vst3", ("Two", "Acme", "1"))
    (copy,) = [each for each in find(store) if each.kind == "copy"]
    assert copy.path in ("/a/Shell.vst3", "/b/Two.vst3") and len(copy.plugins) in (1, 2)


def test_a_newer_copy_that_does_not_work_replaces_nothing(store: Store) -> None:
    put(store, "/a/Verb.vst3", ("Verb", "Acme", "1"))
    put(store, "/b/Verb.vst3")
    found = kinds(find(store))
    assert (found["copy"], found["broken"]) == ([], ["/b/Verb.vst3"])


def test_one_product_in_several_formats(store: Store) -> None:
    put(store, "/a/Zam Verb.vst3", ("Zam Verb", "Zam VST3", "1"), size=10)
    put(store, "/b/zamverb.so", ("Zam Verb", "Zam", "1"), format_="ladspa", size=5)
    put(store, "/c/Verb.so", ("Zam Verb", "Someone Else", "1"), format_="ladspa")
    found = [each for each in find(store) if each.kind == "format"]
    assert [each.path for each in found] == ["/a/Zam Verb.vst3", "/b/zamverb.so"], "the largest first"
    assert found[0].why == "VST3; installed as LADSPA too."


def test_what_was_used_or_marked_is_not_unused(store: Store) -> None:
    for name in ("Used", "Tagged", "Starred", "Noted", "Rated", "Idle"):
        put(store, f"/a/{name}.vst3", (name, "Acme", "1"))
    ids = {plugin.name: plugin.id for plugin in store.plugins()}
    store.used(ids["Used"])
    store.add_tag([ids["Tagged"]], "x")
    store.set_favourite([ids["Starred"]], True)
    store.set_note([ids["Noted"]], "mine")
    store.set_rating([ids["Rated"]], 3)
    assert kinds(find(store))["unused"] == ["/a/Idle.vst3"]
    use = ("vst3", "", "Idle", "Acme", "Track 1", True, "Idle.vst3")
    Projects(store).put([ReadProject("/songs/a.rpp", 1, 1, "REAPER", "ok", "", [use])])
    assert kinds(find(store))["unused"] == []
    put(store, "/b/Idle.vst3", ("Idle", "Acme", "1"))
    assert find(store)[0].why.endswith("second time. 1 project uses it, last changed 1970-01-01.")
    Projects(store).put([ReadProject("/songs/b.rpp", 1, 10**18, "REAPER", "ok", "", [use])])
    assert find(store)[0].why.endswith("2 projects use it, last changed 2001-09-09.")
    Projects(store).put([ReadProject("/songs/b.rpp", 1, 2**62, "REAPER", "ok", "", [use])])
    assert "2 projects use it, last changed" in find(store)[0].why, "by a clock that is far off"


@pytest.mark.parametrize(
    ("older", "newer"),
    [("1.9", "1.10"), ("1", "1.0.1"), ("2.0", "3"), ("", "1"), ("v1.2 beta", "v1.3"), ("9" * 5000, "1" + "9" * 5000)],
)
def test_versions_are_compared_as_numbers(older: str, newer: str) -> None:
    assert version_key(older) <= version_key(newer)
    assert version_key("1.2.0") == version_key("1.2")


def test_room_counts_each_bundle_once(store: Store) -> None:
    put(store, "/a/Verb.vst3", ("Verb", "Acme", "1"), size=10)
    put(store, "/b/Verb.vst3", ("Verb", "Acme", "1"), size=10)
    found = find(store)
    assert len(found) == 3, "one of them is a copy, both were never used"
    assert findings.room(found) == 20


NAMES = ["Plain", "With space", "Quote's", 'Double"', "$HOME `x`", "-dash", "#hash", "ünï", "a;touch owned"]


def test_the_script_moves_copies_aside_and_nothing_else(store: Store, tmp_path: Path) -> None:
    plugins = tmp_path / "plugins"
    for name in NAMES:
        for folder in ("old", "new"):
            place = plugins / folder / f"{name}.vst3"
            (place / "Contents").mkdir(parents=True)
            (place / "Contents" / "x.so").write_text(folder)
            put(store, place, (name, "Acme", "1" if folder == "old" else "2"))
    put(store, plugins / "old" / "Alone.vst3", ("Alone", "Acme", "1"))
    (plugins / "old" / "Alone.vst3").mkdir()
    target = tmp_path / "tidy.sh"
    output.write(find(store), target)
    assert target.stat().st_mode & 0o100
    aside = tmp_path / "aside here"
    for _ in range(2):  # a second time it has nothing left to do, and says so
        done = subprocess.run([target, aside], capture_output=True, text=True, check=True)
    assert done.stdout.count("not there any more: ") == len(NAMES)
    left = {path.name for path in (plugins / "old").iterdir()}
    assert left == {"Alone.vst3"}, "what was only never used is a comment"
    assert {path.name for path in (plugins / "new").iterdir()} == {f"{name}.vst3" for name in NAMES}
    moved = aside / str(plugins / "old").lstrip("/")
    assert {path.name for path in moved.iterdir()} == {f"{name}.vst3" for name in NAMES}
    assert (moved / "Plain.vst3" / "Contents" / "x.so").read_text() == "old"


def test_names_cannot_break_out_of_a_comment(store: Store, tmp_path: Path) -> None:
    put(store, "/a/x\ntouch owned\n.vst3", ("Evil\nrm -rf /", "Acme", "1\nexit"))
    put(store, "/b/x.vst3", ("Evil\nrm -rf /", "Acme", "2"))
    text = output.script(find(store))
    body = text.partition("}\n")[2]
    assert all(line.startswith(("#", "move ")) or not line for line in body.splitlines())
    assert subprocess.run(["sh", "-n"], input=text, text=True).returncode == 0


def test_a_list_is_for_a_person(store: Store, tmp_path: Path) -> None:
    put(store, "/a/Verb.vst3", ("Verb", "Acme", "1"), size=2_400_000)
    target = tmp_path / "tidy.txt"
    output.write(find(store), target)
    text = target.read_text()
    assert text.startswith("Never opened or copied here: 1 bundle, 2.4 MB\n") and "/a/Verb.vst3" in text
    with pytest.raises(PluginaryError, match="Cannot write"):
        output.write([], tmp_path / "no folder" / "x.txt")


def run(*words: str) -> Any:
    return CliRunner().invoke(main, ["tidy", *words], catch_exceptions=False)


def test_the_command(store: Store, tmp_path: Path) -> None:
    assert run().exit_code == 0 and "There is nothing to tidy." in run().stderr
    put(store, "/a/Verb.vst3", ("Verb", "Acme", "1"), size=10)
    put(store, "/b/Verb.vst3", ("Verb", "Acme", "1"), size=10)
    document = json.loads(run("--json").stdout)
    assert document["size"] == 20 and document["kinds"]["copy"] == {"count": 1, "size": 10}
    assert list(document["findings"][0]) == ["kind", "path", "size", "plugins", "why", "stays"]
    assert [each["kind"] for each in json.loads(run("--kind", "unused", "--json").stdout)["findings"]] == ["unused"] * 2
    assert "All together: 20 bytes." in run().stdout
    assert run("--kind", "nonsense").exit_code == 2
    written = run("--write", str(tmp_path / "x.sh"))
    assert written.exit_code == 0 and (tmp_path / "x.sh").read_text().startswith("#!/bin/sh")
