from __future__ import annotations

import os
from pathlib import Path

import pytest

from pluginary_tui.config import config_path, data_dir, load
from pluginary_tui.errors import SettingsError
from pluginary_tui.home import home_folder, shortened, without_home

pytestmark = pytest.mark.short


def test_only_a_whole_leading_folder_is_shortened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    assert home_folder() == Path("/home/me")
    for path, expected in (
        ("/home/me/.vst3/A.vst3", "~/.vst3/A.vst3"), ("/home/me", "~"), ("/home/me2/A.vst3", "/home/me2/A.vst3"),
        ("/mnt/home/me/A.vst3", "/mnt/home/me/A.vst3"),
    ):  # fmt: skip
        assert shortened(path) == expected


@pytest.mark.parametrize("home", ["/", "//", "relative", ""])
def test_the_root_is_no_home(monkeypatch: pytest.MonkeyPatch, home: str) -> None:
    monkeypatch.setenv("HOME", home)
    assert home_folder() is None
    assert shortened("/usr/lib/vst3/A.vst3") == "/usr/lib/vst3/A.vst3"
    assert without_home("path /usr/lib/vst3/A.vst3, id vst3/x/y", home_folder()) == (
        "path /usr/lib/vst3/A.vst3, id vst3/x/y"
    )


def test_a_user_that_the_password_file_does_not_know(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    assert home_folder() is None


def test_a_text_loses_the_home_folder_at_the_front_of_paths_only() -> None:
    text = without_home("/home/ann/x /home/annabel/x /srv/home/ann/x", Path("/home/ann"))
    assert text == "~/x /home/annabel/x /srv/home/<user>/x"


def test_settings_of_a_user_without_a_home_folder_lie_beside_the_catalogue(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def no_home(*_: object, **__: object) -> Path:
        raise RuntimeError("could not determine the home directory")

    monkeypatch.setattr("platformdirs.user_config_path", no_home)
    monkeypatch.setattr("platformdirs.user_data_path", no_home)
    environ = {"PLUGINARY_TUI_DATA_DIR": str(tmp_path)}
    assert config_path(environ) == tmp_path / "config.toml"
    with pytest.raises(SettingsError, match="no home folder; name one with HOME"):
        data_dir({})


def test_settings_are_read_where_the_working_folder_is_gone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert load(environ={"PLUGINARY_TUI_CONFIG": str(tmp_path / "none.toml")}).scan.builtin


def test_a_path_that_is_typed_never_raises() -> None:
    from pluginary_tui.home import typed_path
    from pluginary_tui.tui.dialogs.completion import paths

    assert typed_path("~nobody-of-that-name/x") == Path("~nobody-of-that-name/x")
    assert paths("~nobody-of-that-name/") == [] and paths("/\0/") == []
