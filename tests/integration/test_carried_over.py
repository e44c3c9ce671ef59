"""What a person wrote follows real plugins through updates, and what cannot be tied to one is listed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pluginary_tui.catalogue.store import Store
from pluginary_tui.scan.run import Options, Scan
from tests.plugins.build import compiler, good
from tests.support.scans import settings

pytestmark = pytest.mark.skipif(compiler() is None, reason="needs Linux and a C compiler")

OLD = "vst3/zoo-works/valhalla-verb"
NOTE = "for the\nlast chorus"


def run(*words: str | Path, code: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "pluginary_tui", *map(str, words)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == code, (done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    return done.stdout if not code else done.stderr


def scan(folder: Path) -> dict[str, Any]:
    figures: dict[str, Any] = json.loads(run("scan", "--only", folder, "--no-builtin", "--no-load-check", "--json"))
    return figures


def replaced(folder: Path, **options: Any) -> None:
    """Put another plugin in the place of the one that is there, at the same path."""
    shutil.rmtree(folder / "Verb.vst3")
    good(folder, "Verb", **options)


@pytest.fixture
def favourite(folder: Path, data_dir: Path) -> Path:
    """A folder with one plugin about which everything is written that can be."""
    good(folder, "Verb", title="Valhalla Verb", id_from="K1")
    Scan(settings(), data_dir, Options(only=(folder,))).run(lambda event: None)
    with Store.in_folder(data_dir) as store:
        assert [plugin.id for plugin in store.plugins()] == [OLD]
        store.set_favourite([OLD], True)
        store.add_tag([OLD], "hall")
        store.set_rating([OLD], 4)
        store.set_note([OLD], NOTE)
    return folder


@pytest.mark.parametrize(
    "after",
    [{"title": "ValhallaVintageVerb", "id_from": "K1"}, {"title": "Valhalla Verb", "id_from": "K2"}],
    ids=["another name", "another class id"],
)
def test_an_update_keeps_what_is_written(favourite: Path, after: dict[str, str]) -> None:
    replaced(favourite, **after)
    figures = scan(favourite)
    assert (figures["updated"], figures["carried_over"]) == (1, 1)
    (found,) = json.loads(run("list", "--json", "is:fav"))["plugins"]
    assert found["name"] == after["title"] and found["id"] != OLD
    assert (found["tags"], found["rating"], found["note"]) == (["hall"], 4, NOTE)
    assert json.loads(run("show", OLD, "--json"))["id"] == found["id"], "scripts know the id of before"
    assert json.loads(run("orphans", "--json")) == {"orphans": []}
    assert scan(favourite)["carried_over"] == 0


def test_the_last_line_of_a_scan_says_what_was_carried_over(favourite: Path) -> None:
    replaced(favourite, title="ValhallaVintageVerb", id_from="K1")
    out = run("scan", "--only", favourite, "--no-builtin", "--no-load-check")
    assert "what you wrote about 1 plugin carried over" in out.splitlines()[-1]


def test_what_belongs_to_no_plugin_is_listed_given_and_dropped(favourite: Path) -> None:
    replaced(favourite, title="Gate", vendor="Acme", id_from="K9")
    assert scan(favourite)["carried_over"] == 0
    (orphan,) = json.loads(run("orphans", "--json"))["orphans"]
    assert orphan == {
        "id": OLD, "favourite": True, "hidden": False, "rating": 4, "note": NOTE, "tags": ["hall"],
    }  # fmt: skip
    assert f'{OLD}  favourite  rating 4  #hall  "for the last chorus"' in run("orphans")
    doctor = json.loads(run("doctor", "--json"))["findings"]
    (notice,) = [each for each in doctor if each["name"] == "user data" and each["state"] == "notice"]
    assert "1 plugin " in notice["said"] and "pluginary-tui orphans" in notice["advice"]
    assert "did you mean vst3/acme/gate" in run("orphans", "give", OLD, "vst3/acme/gat", code=1)
    run("orphans", "give", OLD, "vst3/acme/gate")
    assert json.loads(run("list", "--json", "#hall is:fav"))["total"] == 1
    assert "no orphan" in run("orphans", "drop", OLD, code=1)
    with Store.in_folder(favourite.parent / "data") as store:
        store.add_tag(["vst3/acme/nowhere"], "lost")
    run("orphans", "drop", "vst3/acme/nowhere")
    assert json.loads(run("orphans", "--json")) == {"orphans": []}


def test_an_import_says_what_waits_for_its_plugin(
    favourite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("export", tmp_path / "theirs.json")
    monkeypatch.setenv("PLUGINARY_TUI_DATA_DIR", str(tmp_path / "here"))
    output = "1 of them is for a plugin that is not here"
    assert output in run("import", tmp_path / "theirs.json", "--user-data", "--dry-run")
    assert json.loads(run("orphans", "--json")) == {"orphans": []}
    assert output in run("import", tmp_path / "theirs.json", "--user-data")
    assert run("orphans").count(OLD) == 1
    replaced(favourite, title="ValhallaVintageVerb", id_from="K1")
    assert scan(favourite)["carried_over"] == 1
    assert json.loads(run("list", "--json", "#hall is:fav"))["total"] == 1
