"""Opening files that anybody may have made: regular ones only, within a size, and through no link of another user."""

from __future__ import annotations

import errno
import os
import stat
from typing import BinaryIO

CHUNK = 1 << 20

AnyPath = str | os.PathLike[str]


def open_regular(path: AnyPath, *, foreign_links: bool = False, writable: bool = False) -> BinaryIO:
    """The regular file at `path`, for reading. Raises OSError, also for a FIFO or a device, which could wait for ever.

    A link counts if this user or root has made it: where others may write, as in /tmp, theirs could lead anywhere.
    `foreign_links` follows theirs as well: for plugins, which others may install. `writable` is for changing it in
    place, which only SQLite's own files need.
    """
    try:
        if not foreign_links:
            refuse_foreign_link(path)
        flags = os.O_RDWR if writable else os.O_RDONLY
        for flag in ("O_NONBLOCK", "O_CLOEXEC", "O_BINARY"):
            flags |= getattr(os, flag, 0)
        fd = os.open(path, flags)
    except ValueError as error:  # a NUL, or what the system's encoding lacks
        raise OSError(errno.EINVAL, "no file can have this name") from error
    try:
        mode = os.fstat(fd).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, "it is no regular file", str(path))
        return os.fdopen(fd, "r+b" if writable else "rb")
    except BaseException:
        os.close(fd)
        raise


def read_bytes(path: AnyPath, limit: int) -> bytes:
    """All bytes of a regular file. Raises OSError, also where there are more than `limit`."""
    with open_regular(path) as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise OSError(errno.EFBIG, f"it is larger than {limit // 1_000_000 or 1} MB", str(path))
    return data


def read_end(path: AnyPath, limit: int) -> bytes:
    """The last bytes of a regular file, at most `limit`. Raises OSError."""
    with open_regular(path) as file:
        file.seek(max(0, os.fstat(file.fileno()).st_size - limit))
        return file.read(limit)


def refuse_foreign_link(path: AnyPath) -> None:
    """Raise PermissionError where `path` is a link that another user than this one or root has made."""
    if not hasattr(os, "getuid"):
        return
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return
    if stat.S_ISLNK(found.st_mode) and found.st_uid not in (0, os.getuid()):
        raise PermissionError(errno.EACCES, "it is a link that another user has made", str(path))
