"""The throw-away folder is emptied whatever a plugin left in it, and nothing outside is touched."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pluginary_tui.isolation.linux.sandbox import folder


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    path = Path(folder.make(folder.path_of(f"{os.getpid()}-test")))
    yield path
    folder.remove(str(path))
    assert not path.exists()


def test_what_was_not_touched_stays_as_it_is(made: Path) -> None:
    assert not folder.clean(str(made), {})
    (made / "home" / "file").write_text("x")
    assert folder.clean(str(made), {})
    assert not folder.clean(str(made), {})
    assert list((made / "home").iterdir()) and not (made / "home" / "file").exists()


def test_links_that_belong_there_are_no_change(made: Path, tmp_path: Path) -> None:
    (made / "home" / ".fonts").symlink_to(tmp_path)
    assert not folder.clean(str(made), {"home/.fonts": str(tmp_path)})
    assert folder.clean(str(made), {"home/.fonts": "/elsewhere"})


@pytest.mark.parametrize("place", ["home", "home/.config", "home/.local", "tmp", "run"])
def test_a_place_replaced_by_a_link_does_not_lead_outside(made: Path, tmp_path: Path, place: str) -> None:
    outside = tmp_path / "outside"
    (outside / ".config").mkdir(parents=True)
    (outside / "precious").write_text("x")
    (outside / ".config" / "precious").write_text("x")
    folder.remove(str(made / place))
    (made / place).symlink_to(outside)
    assert folder.clean(str(made), {})
    assert (made / place).is_dir() and not (made / place).is_symlink()
    assert (outside / "precious").exists() and (outside / ".config" / "precious").exists()


def test_links_to_folders_are_deleted_and_not_followed(made: Path, tmp_path: Path) -> None:
    (tmp_path / "outside" / "deep").mkdir(parents=True)
    (tmp_path / "outside" / "deep" / "precious").write_text("x")
    (made / "tmp" / "a" / "b").mkdir(parents=True)
    for place in (made, made / "tmp", made / "tmp" / "a", made / "tmp" / "a" / "b"):
        (place / "link").symlink_to(tmp_path / "outside")
    folder.clean(str(made), {})
    assert (tmp_path / "outside" / "deep" / "precious").exists()
    assert list((made / "tmp").iterdir()) == []


def test_thousands_of_folders_in_each_other_are_deleted(made: Path) -> None:
    before = Path.cwd()
    try:
        os.chdir(made / "tmp")
        for _ in range(3000):
            Path("deeper").mkdir()
            os.chdir("deeper")
        Path("file").write_text("x")
    finally:
        os.chdir(before)
    folder.clean(str(made), {})
    assert list((made / "tmp").iterdir()) == []


def test_closed_folders_are_deleted(made: Path) -> None:
    (made / "tmp" / "closed" / "inner").mkdir(parents=True)
    (made / "tmp" / "closed" / "inner").chmod(0)
    (made / "tmp" / "closed").chmod(0)
    (made / "home").chmod(0)
    folder.clean(str(made), {})
    assert list((made / "tmp").iterdir()) == []


def test_folders_of_programs_that_are_gone_are_taken_away(made: Path, tmp_path: Path) -> None:
    gone = tmp_path / f"{folder.PREFIX}999999999-x"
    gone.mkdir()
    (gone / "file").write_text("x")
    folder.sweep()
    assert not gone.exists() and made.exists()
