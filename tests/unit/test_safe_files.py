"""Files that others may have made are read within bounds, and what is written is whole and private."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from pluginary_tui.atomic_file import make_folder, replacing, write_whole
from pluginary_tui.catalogue.database import FILE_NAME
from pluginary_tui.catalogue.store import Store
from pluginary_tui.safe_open import open_regular, read_bytes

root = pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root makes other users' links")


def foreign_link(path: Path, target: Path) -> Path:
    path.symlink_to(target)
    os.chown(path, 12345, 12345, follow_symlinks=False)
    return path


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_is_no_regular_file_is_not_read_and_not_replaced(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    link = tmp_path / "link"
    link.symlink_to("/dev/null")
    for path in (fifo, link, Path("/dev/zero"), tmp_path):
        with pytest.raises(OSError, match=r"no regular file|[Dd]irectory"):
            open_regular(path)
        with pytest.raises(OSError, match=r"no regular file|[Dd]irectory"):
            write_whole(path, b"x")
    assert stat.S_ISFIFO(fifo.stat().st_mode) and link.is_symlink()
    assert sorted(tmp_path.iterdir()) == [fifo, link]


def test_reading_is_bounded(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b"x" * 101)
    assert read_bytes(tmp_path / "large", 101) == b"x" * 101
    with pytest.raises(OSError, match="larger"):
        read_bytes(tmp_path / "large", 100)


@root
def test_only_own_links_are_followed(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_bytes(b"old")
    own = tmp_path / "own"
    own.symlink_to(target)
    write_whole(own, b"new")
    assert own.is_symlink() and read_bytes(own, 10) == b"new"
    theirs = foreign_link(tmp_path / "theirs", target)
    with pytest.raises(PermissionError, match="another user"):
        read_bytes(theirs, 10)
    with pytest.raises(PermissionError, match="another user"):
        write_whole(theirs, b"bad")
    assert target.read_bytes() == b"new"


def test_what_is_new_is_private_and_what_was_there_keeps_its_rights(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        make_folder(tmp_path / "a" / "b")
        with replacing(tmp_path / "a" / "b" / "new") as stream:
            stream.write("ä\r\n")
        with Store.in_folder(tmp_path / "data" / "here") as store:
            store.set_favourite(["vst3/a/b"], True)
            files = [path for path in (tmp_path / "data").rglob("*") if path.is_file()]
            assert {FILE_NAME, f"{FILE_NAME}-wal", f"{FILE_NAME}-shm"} <= {path.name for path in files}
        files += [path for path in tmp_path.rglob("*") if path.is_file()]
        assert {mode(path) for path in files if path.exists()} == {0o600}
        assert {mode(path) for path in tmp_path.rglob("*") if path.is_dir()} == {0o700}
        shared = tmp_path / "shared"
        shared.write_bytes(b"")
        shared.chmod(0o664)
        write_whole(shared, b"x")
        assert mode(shared) == 0o664
    finally:
        os.umask(old)
    assert (tmp_path / "a" / "b" / "new").read_bytes() == "ä\r\n".encode()


def test_a_failure_leaves_the_file_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with pytest.raises(KeyError), replacing(path) as stream:
        stream.write("half")
        raise KeyError
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]
