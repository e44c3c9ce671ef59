"""Theme files beside the settings: read, checked, and never in the way of a start."""

from __future__ import annotations

from pathlib import Path

import pytest

from pluginary_tui.config import THEMES, load, problems
from pluginary_tui.config.themes import COLOURS, theme_files, theme_names
from pluginary_tui.errors import SettingsError

pytestmark = pytest.mark.short

GOOD = 'primary = "#ffb000"\nbackground = "#101010"\naccent = "#f0f"\ndark = true\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PLUGINARY_TUI_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "themes"
    folder.mkdir()
    return folder


def test_a_file_is_a_theme(folder: Path) -> None:
    (folder / "amber.toml").write_text(GOOD)
    (folder / ".hidden.toml").write_text("x")
    (folder / "notes.txt").write_text("x")
    (theme,) = theme_files()
    assert (theme.name, theme.dark, theme.problem) == ("amber", True, "")
    assert theme.colours == {"primary": "#ffb000", "background": "#101010", "accent": "#f0f"}
    (folder.parent / "config.toml").write_text('[app]\ntheme = "amber"\n')
    assert load().app.theme == "amber" and problems() == ([], [])
    with pytest.raises(SettingsError, match=r"app\.theme must be one of"):
        load({"app.theme": "ambr"})


def test_without_a_folder_there_are_the_apps_own(folder: Path) -> None:
    folder.rmdir()
    assert theme_files() == [] and theme_names() == THEMES


@pytest.mark.parametrize(
    ("name", "text", "part"),
    [
        ("a", "primary = 3", 'primary must be a colour such as "#0178d4", not 3'),
        ("a", 'primary = "red; }"', "primary must be a colour"),
        ("a", 'background = "#000000"', "it needs a colour primary"),
        ("a", 'primary = "#000"\nprimry = "#000"', f"there is no colour primry; there are {COLOURS[0]}"),
        ("a", 'primary = "#000"\ndark = "yes"', "dark must be true or false"),
        ("a", "primary =", "a.toml:1: not valid TOML"),
        ("nord", 'primary = "#000"', "the app has a theme of this name"),
        ("a b", 'primary = "#000"', "letters, digits, - and _ only"),
        ("a", b"\xff\xfe", "is not UTF-8"),
        ("a", "#" * 300_000, "is over 256 KB"),
    ],
)
def test_a_wrong_file_gets_one_line_and_the_app_starts(folder: Path, name: str, text: str | bytes, part: str) -> None:
    (folder / f"{name}.toml").write_bytes(text.encode() if isinstance(text, str) else text)
    (folder / "amber.toml").write_text(GOOD)
    wrong, _ = problems()
    assert len(wrong) == 1 and part in wrong[0] and "\n" not in wrong[0] and "themes" in wrong[0]
    assert [each.name for each in theme_files() if not each.problem] == ["amber"]
    if name not in THEMES:
        assert load({"app.theme": name}).app.theme == name, "it starts all the same"


def test_a_folder_or_a_pipe_called_like_a_theme_is_no_harm(folder: Path) -> None:
    import os

    (folder / "dir.toml").mkdir()
    os.mkfifo(folder / "pipe.toml")
    assert [bool(each.problem) for each in theme_files()] == [True, True]
