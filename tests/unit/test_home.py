from __future__ import annotations

import os
from pathlib import Path

import pytest

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
