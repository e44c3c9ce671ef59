"""Opening files that anybody may have made: regular ones only, within a size, and through no link of another user."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

CHUNK = 1 << 20


def open_regular(path: Path) -> BinaryIO:
    """The regular file at `path`, for reading. Raises OSError, also for a FIFO or a device, which could wait for ever.

    A link counts if this user or root has made it: where others may write, as in /tmp, theirs could lead anywhere.
    """
    refuse_foreign_link(path)
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    fd = os.open(path, flags)
    try:
        mode = os.fstat(fd).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, "it is no regular file", str(path))
        return os.fdopen(fd, "rb")
    except BaseException:
        os.close(fd)
        raise


def read_bytes(path: Path, limit: int) -> bytes:
    """All bytes of a regular file. Raises OSError, also where there are more than `limit`."""
    with open_regular(path) as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise OSError(errno.EFBIG, f"it is larger than {limit // 1_000_000 or 1} MB", str(path))
    return data


def refuse_foreign_link(path: Path) -> None:
    """Raise PermissionError where `path` is a link that another user than this one or root has made."""
    if not hasattr(os, "getuid"):
        return
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return
    if stat.S_ISLNK(found.st_mode) and found.st_uid not in (0, os.getuid()):
        raise PermissionError(errno.EACCES, "it is a link that another user has made", str(path))
