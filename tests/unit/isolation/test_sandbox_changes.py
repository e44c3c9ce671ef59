"""Whatever is made, deleted or renamed in the throw-away folder is known."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pluginary_tui.isolation.linux.sandbox.changes import Changes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux's")


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[tuple[Path, Changes]]:
    (tmp_path / "home" / ".config").mkdir(parents=True)
    (tmp_path / "home" / "file").write_text("x")
    changes = Changes(str(tmp_path))
    yield tmp_path, changes
    changes.close()


def test_reading_and_listing_is_no_change(watched: tuple[Path, Changes]) -> None:
    folder, changes = watched
    assert (folder / "home" / "file").read_text() == "x" and list(folder.iterdir())
    assert not changes.possible()


@pytest.mark.parametrize("place", [".", "home", "home/.config"])
@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "new").write_text("x"),
        lambda folder: (folder / "new").mkdir(),
        lambda folder: (folder / "new").symlink_to("/etc"),
        lambda folder: os.mkfifo(folder / "new"),
    ],
    ids=["file", "folder", "link", "fifo"],
)
def test_what_is_made_in_any_folder_is_a_change(
    watched: tuple[Path, Changes], place: str, change: Callable[[Path], object]
) -> None:
    folder, changes = watched
    change(folder / place)
    assert changes.possible()


def test_what_is_deleted_or_renamed_is_a_change(watched: tuple[Path, Changes]) -> None:
    folder, changes = watched
    (folder / "home" / "file").rename(folder / "home" / "other")
    assert changes.possible()
    (folder / "home" / "other").unlink()
    assert changes.possible()
    (folder / "home" / ".config").rmdir()
    assert changes.possible()


def test_more_changes_than_the_kernel_notes_are_a_change(watched: tuple[Path, Changes]) -> None:
    folder, changes = watched
    most = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    for _ in range(min(most, 20_000) // 2 + 1):
        (folder / "home" / "new").touch()
        (folder / "home" / "new").unlink()
    assert changes.possible()


def test_where_nothing_can_be_watched_anything_is_possible(tmp_path: Path) -> None:
    changes = Changes(str(tmp_path))
    changes.close()
    assert changes.possible()
