"""What the app remembers, how it completes, and what it asks of the desktop: the parts that need no screen."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from pluginary_tui.errors import PluginaryError
from pluginary_tui.tui.core import desktop
from pluginary_tui.tui.core.ui_state import COLUMN_WIDTHS, FILE_NAME, WIDTHS, State, within
from pluginary_tui.tui.dialogs import completion
from pluginary_tui.tui.dialogs.prompt import in_a_row

pytestmark = pytest.mark.short


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    state = State(query='"dry wet" #bus', widths={"detail": 60}, away={"facets": True})
    state.choose("browse.sort", "name", "-params")
    state.choose("browse.columns", ("name",), ("vendor", "name"))
    state.save(tmp_path)
    again = State.load(tmp_path)
    assert again == state
    assert again.chosen("browse.sort", "name") == "-params"
    assert again.chosen("browse.columns", ("name",)) == ("vendor", "name")
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


def test_a_setting_that_was_changed_goes_before_the_choice_made_before() -> None:
    state = State()
    state.choose("browse.sort", "name", "-params")
    assert state.chosen("browse.sort", "vendor") == "vendor"
    assert state.chosen("browse.columns", ("name",)) == ("name",)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "\xff",
        '{"query": 7, "widths": [], "away": 3, "choices": "x"}',
        '{"query": "a\\u001b[2J", "widths": {"detail": "wide", "x": 1}, "away": {"detail": 1}}',
        '{"choices": {"browse.sort": ["name"], "browse.columns": 3}}',
        "[" * 100_000,
    ],
)
def test_a_damaged_memory_is_an_empty_one(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE_NAME).write_text(text, "latin-1")
    assert State.load(tmp_path) == State()


@pytest.mark.parametrize("value", ["loudness", 3, None, ["name"], {"a": 1}])
def test_a_choice_that_is_none_is_not_taken(tmp_path: Path, value: object) -> None:
    kept = {"choices": {"browse.sort": ["name", value], "no.such": ["", "x"]}}
    (tmp_path / FILE_NAME).write_text(json.dumps(kept))
    state = State.load(tmp_path)
    assert state.chosen("browse.sort", "name") == "name"
    assert state.chosen("no.such", "") == ""


def test_widths_stay_within_reason(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text('{"widths": {"detail": 100000, "facets": -3}}')
    assert State.load(tmp_path).widths == {"detail": WIDTHS[1], "facets": WIDTHS[0]}
    assert within(44) == 44
    (tmp_path / FILE_NAME).write_text('{"column_widths": {"name": 40, "vendor": 9999, "no such": 9, "params": "x"}}')
    assert State.load(tmp_path).column_widths == {"name": 40, "vendor": COLUMN_WIDTHS[1]}


def test_a_memory_that_cannot_be_written_is_no_matter(tmp_path: Path) -> None:
    State(query="x").save(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_paths_are_completed_as_they_were_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("Plugins", "plug-ins", "music", ".hidden"):
        (tmp_path / name).mkdir()
    (tmp_path / "plan.json").write_text("")
    assert completion.paths(f"{tmp_path}/pl") == [f"{tmp_path}/plug-ins/", f"{tmp_path}/Plugins/"]
    assert completion.paths("~/PL") == ["~/plug-ins/", "~/Plugins/"]
    assert completion.paths("~/.h") == ["~/.hidden/"]
    assert completion.paths("~") == ["~/"]
    assert completion.paths("~/pl", folders_only=False) == ["~/plan.json", "~/plug-ins/", "~/Plugins/"]
    for nothing in ("", "plug", "/nowhere/at/all", f"{tmp_path}/plan.json/x", "\0/"):
        assert completion.paths(nothing) == []


def test_words_are_completed_one_by_one() -> None:
    known = ["bass", "bus", "drums"]
    assert completion.words("b", known) == ["bass", "bus"]
    assert completion.words("bass b", known) == ["bass bus"]
    assert completion.words("drums -b", known) == ["drums -bass", "drums -bus"]
    assert completion.words("#dr", known) == ["#drums"]
    assert completion.words("bus ", known) == completion.words("drums", known) == []


def test_offers_stand_in_a_row_as_far_as_there_is_room() -> None:
    offers = ["~/vst/", "~/vst3/", "~/plugins/"]
    assert in_a_row(offers, -1, 40, "…") == "vst  vst3  plugins"
    assert in_a_row(offers, 0, 40, "…") == "vst3  plugins  vst"
    assert in_a_row(offers, -1, 14, "…") == "vst  vst3 …"
    assert in_a_row(["a bass", "a bus"], -1, 40, "…") == "bass  bus"
    assert in_a_row([], -1, 40, "…") == ""


def program(folder: Path, name: str, text: str) -> None:
    """An executable of this name that runs this Python."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!{sys.executable}\n{text}")
    (folder / name).chmod(0o755)


def test_the_clipboard_program_is_the_one_that_is_there(tmp_path: Path) -> None:
    for name in ("wl-copy", "xclip", "xsel", "pbcopy", "clip"):
        program(tmp_path, name, "")
    path = str(tmp_path)
    here = {"PATH": path, "DISPLAY": ":0"}
    assert desktop.clipboard_command({**here, "WAYLAND_DISPLAY": "w"}, "linux") == ["wl-copy"]
    assert desktop.clipboard_command(here, "linux") == ["xclip", "-selection", "clipboard"]
    (tmp_path / "xclip").unlink()
    assert desktop.clipboard_command(here, "linux") == ["xsel", "--clipboard", "--input"]
    assert desktop.clipboard_command({"PATH": path}, "linux") is None
    assert desktop.clipboard_command({"PATH": path}, "darwin") == ["pbcopy"]
    assert desktop.clipboard_command({"PATH": path}, "win32") == ["clip"]
    assert desktop.clipboard_command({"PATH": ""}, "darwin") is None


def test_a_text_reaches_the_clipboard_program_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copied = tmp_path / "copied"
    program(tmp_path / "bin", "xclip", f"import sys; open({str(copied)!r}, 'wb').write(sys.stdin.buffer.read())")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    thread = desktop.copy("plugin = load('Überzerrer')\n" * 1000)
    assert thread is not None
    thread.join(20)
    assert copied.read_text("utf-8") == "plugin = load('Überzerrer')\n" * 1000
    monkeypatch.delenv("DISPLAY")
    assert desktop.copy("x") is None


def test_a_folder_opens_in_the_file_manager_or_says_why_not(tmp_path: Path) -> None:
    bundle = tmp_path / "X.vst3"
    bundle.mkdir()
    with pytest.raises(PluginaryError, match="gone from the disk"):
        desktop.show_in_folder(tmp_path / "Y.vst3", "copy it")
    with pytest.raises(PluginaryError, match=r"no desktop .*; copy it"):
        desktop.show_in_folder(bundle, "copy it", {"PATH": os.environ["PATH"]}, "linux")
    with pytest.raises(PluginaryError, match=r"no desktop .*; copy it"):
        desktop.show_in_folder(bundle, "copy it", {"PATH": str(tmp_path), "DISPLAY": ":0"}, "linux")


def test_the_editor_is_the_one_that_is_set_and_there(tmp_path: Path) -> None:
    program(tmp_path, "ed1", "")
    path = str(tmp_path)
    assert desktop.editor_command({"PATH": path, "EDITOR": "ed1 --wait"}) == ["ed1", "--wait"]
    assert desktop.editor_command({"PATH": path, "VISUAL": "nowhere", "EDITOR": "ed1"}) == ["ed1"]
    for bad in ("", "'", "nowhere"):
        assert desktop.editor_command({"PATH": path, "EDITOR": bad}) is None


def test_a_text_is_edited_and_a_failed_editor_leaves_it(tmp_path: Path) -> None:
    program(tmp_path, "good", "import sys; open(sys.argv[1], 'a', encoding='utf-8').write(' and ünder')")
    program(tmp_path, "bad", "raise SystemExit(3)")
    program(tmp_path, "thief", "import os, sys; os.unlink(sys.argv[1])")
    assert desktop.edited("over", [str(tmp_path / "good")]) == "over and ünder"
    for name, why in (("bad", "ended with code 3"), ("thief", "No such file"), ("nowhere", "No such file")):
        with pytest.raises(PluginaryError, match=why):
            desktop.edited("over", [str(tmp_path / name)])
