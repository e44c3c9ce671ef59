"""Writing files: each is written whole under another name, then moved into place."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO

from pluginary_tui.safe_open import refuse_foreign_link

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


@contextmanager
def replacing_bytes(path: Path) -> Iterator[BinaryIO]:
    """A stream that replaces the file at `path` when the block succeeds; as `replacement` otherwise."""
    with replacement(path) as (_, stream):
        yield stream


@contextmanager
def replacement(path: Path, mode: int = FILE_MODE) -> Iterator[tuple[Path, BinaryIO]]:
    """An empty file beside `path`, and a stream to it, that replaces the one at `path` when the block succeeds.

    Where the block fails nothing changes. Another process may write to the new file by its path. The user's own links
    are followed, and the mode of a file that is there is kept; a new one gets `mode`. Raises OSError, also where `path`
    is a device or a FIFO, which would be replaced by a file, or another user's link.
    """
    refuse_foreign_link(path)
    real = Path(os.path.realpath(path))
    with contextlib.suppress(FileNotFoundError):
        found = real.stat().st_mode
        if stat.S_ISDIR(found):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not stat.S_ISREG(found):
            raise OSError(errno.EINVAL, "it is no regular file", str(path))
        mode = stat.S_IMODE(found)
    temporary = real.with_name(f".{real.name[:200]}.{secrets.token_hex(8)}")
    try:
        with new_file(temporary) as stream:
            yield temporary, stream
            stream.flush()
            os.fsync(stream.fileno())
        if mode != FILE_MODE:
            temporary.chmod(mode)
        temporary.replace(real)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


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
