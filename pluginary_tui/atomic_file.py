"""Writing files: each is written whole under another name, then moved into place."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO

from pluginary_tui.safe_open import CHUNK, open_regular, refuse_foreign_link

BUSY_WAITS_S = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
"""Seconds to wait, one after another, while a file cannot be replaced on Windows."""

FILE_MODE, FOLDER_MODE = 0o600, 0o700
"""Rights of what is new: what is written here is personal."""


def make_folder(path: Path) -> None:
    """Make a folder, and those above it, for this user only. Those that are there stay as they are. Raises OSError."""
    for folder in (*reversed(path.parents), path):
        if not folder.is_dir():
            folder.mkdir(mode=FOLDER_MODE, exist_ok=True)


def new_file(path: Path, mode: int = FILE_MODE) -> BinaryIO:
    """A stream to a new file, for what nobody else reads before it is whole. Raises OSError where something is there.

    A link at `path` is not followed.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    return os.fdopen(os.open(path, flags | getattr(os, "O_CLOEXEC", 0), mode), "wb")


def own_file(path: Path, flags: int) -> int:
    """A descriptor for a file in the data folder that is made where there is none, for this user only.

    Raises OSError, also where a link or no regular file is there.
    """
    for flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"):
        flags |= getattr(os, flag, 0)
    fd = os.open(path, flags | os.O_CREAT, FILE_MODE)
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise OSError(errno.EINVAL, "it is no regular file", str(path))
    return fd


def copy_private(source: Path, target: Path) -> None:
    """Copy what a file holds to where none is, for this user only. Raises OSError, FileExistsError where one is."""
    with open_regular(source) as old, new_file(target) as new:
        shutil.copyfileobj(old, new, CHUNK)


def copy_new(source: Path, target: Path) -> None:
    """Copy a file, with its rights and times, to where none is. Raises OSError, FileExistsError where one is."""
    with open_regular(source) as old:
        status = os.fstat(old.fileno())
        with new_file(target, stat.S_IMODE(status.st_mode)) as new:
            shutil.copyfileobj(old, new, CHUNK)
    os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns))


def sync_folder(path: Path) -> None:
    """Have the names in a folder on the disk, where the system can."""
    with contextlib.suppress(OSError):
        fd = os.open(path, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


@contextmanager
def replacing_bytes(path: Path) -> Iterator[BinaryIO]:
    """A stream that replaces the file at `path` when the block succeeds; as `replacement` otherwise."""
    with replacement(path) as (_, stream):
        yield stream


@contextmanager
def replacement(path: Path, mode: int = FILE_MODE) -> Iterator[tuple[Path, BinaryIO]]:
    """An empty file beside `path`, and a stream to it, that replaces the one at `path` when the block succeeds.

    Where the block fails nothing changes. Another process may write to the new file by its path. The user's own links
    are followed, and mode and owner of a file that is there are kept; a new one gets `mode`. Raises OSError, also where
    `path` is a device or a FIFO, which would be replaced by a file, or another user's link.
    """
    refuse_foreign_link(path)
    real = Path(os.path.realpath(path))
    old = None
    with contextlib.suppress(FileNotFoundError):
        old = real.stat()
        if stat.S_ISDIR(old.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not stat.S_ISREG(old.st_mode):
            raise OSError(errno.EINVAL, "it is no regular file", str(path))
        mode = stat.S_IMODE(old.st_mode)
    temporary = real.with_name(f"{_beginning(real)}{os.urandom(8).hex()}")
    try:
        with new_file(temporary) as stream:
            yield temporary, stream
            stream.flush()
            os.fsync(stream.fileno())
        if mode != FILE_MODE:
            temporary.chmod(mode)
        if old is not None and sys.platform != "win32":
            with contextlib.suppress(OSError):  # only root may change owners
                os.chown(temporary, old.st_uid, old.st_gid)
        _move(temporary, real)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def drop_leftovers(path: Path, age_s: float) -> None:
    """Drop what a killed process has left of a `replacement` of `path`, where nothing wrote to it for this long.

    What cannot be dropped stays.
    """
    from glob import escape

    real = Path(os.path.realpath(path))
    with contextlib.suppress(OSError):
        for left in real.parent.glob(f"{escape(_beginning(real))}{'[0-9a-f]' * 16}"):
            status = left.lstat()
            if stat.S_ISREG(status.st_mode) and time.time() - status.st_mtime > age_s:
                left.unlink()


def _beginning(real: Path) -> str:
    return f".{real.name[:200]}."


def _move(source: Path, target: Path) -> None:
    """Put a file in the place of another. On Windows that fails as long as another program has it open, as scanners of
    viruses and search indexes do for a moment after each change: it is tried again then.
    """
    for wait_s in BUSY_WAITS_S if sys.platform == "win32" else ():
        try:
            source.replace(target)
        except PermissionError:
            time.sleep(wait_s)
        else:
            return
    source.replace(target)


@contextmanager
def replacing(path: Path) -> Iterator[IO[str]]:
    """As `replacing_bytes`, for text: UTF-8, surrogates as the bytes that they stand for, line ends as written."""
    import io

    with replacing_bytes(path) as raw:
        stream = io.TextIOWrapper(raw, encoding="utf-8", errors="surrogateescape", newline="")
        yield stream
        stream.flush()
        stream.detach()


def write_whole(path: Path, data: bytes) -> None:
    """Replace the file at `path` by `data`. Raises OSError, with the file unchanged."""
    with replacing_bytes(path) as stream:
        stream.write(data)
