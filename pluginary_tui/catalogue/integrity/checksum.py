"""The seal: a sum of the catalogue's bytes, taken when the last program lets go of it, so that damage is noticed."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import zlib
from enum import Enum
from pathlib import Path
from typing import Any

# SQLite itself keeps no sums: a byte that flips inside a name goes unnoticed by all of its checks, and for 50 MB its
# `quick_check` takes 25 times as long as this sum (`integrity_check` 120 times). Where size and time of the file are
# those of the seal, not even the sum is needed.

_CHUNK = 1 << 20
_KEYS = ("size", "modified_ns", "sum", "version")

if sys.platform == "win32":

    def in_use(path: Path) -> bool:
        """Whether another process has the catalogue open. Not told on Windows, where an open file stays in place."""
        return False
else:
    import fcntl

    # The bytes that every connection of SQLite locks while it is open (https://sqlite.org/src/file/src/os.h).
    _SHARED_FIRST, _SHARED_SIZE = 0x40000002, 510

    def in_use(path: Path) -> bool:
        """Whether another process has the catalogue open. Only to be asked while this one has not:
        closing any descriptor of a file drops all locks that the process holds on it.
        """
        try:
            with path.open("r+b") as file:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, _SHARED_SIZE, _SHARED_FIRST)
        except BlockingIOError:
            return True
        except OSError:  # not there, or not to be written by us
            return False
        return False


class State(Enum):
    """What the seal says of its file."""

    SOUND = "sound"
    UNSEALED = "unsealed"
    """Nobody knows: it was being written when its last program ended, or it was never sealed."""
    DAMAGED = "damaged"


def seal_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.seal")


def wal_path(path: Path) -> Path:
    """The file beside it that SQLite keeps while a connection is open, or leaves after a kill."""
    return path.with_name(f"{path.name}-wal")


def verify(path: Path, *, thorough: bool = False) -> State:
    """Hold the file against its seal. `thorough` sums it even where size and time say that nobody wrote to it.

    Not to be called while this process has the file open (see `in_use`).
    """
    seal = _read(path)
    try:
        if seal is None:
            return State.UNSEALED
        status = path.stat()
        if not thorough and (status.st_size, status.st_mtime_ns) == (seal["size"], seal["modified_ns"]):
            return State.SOUND
        if status.st_size == seal["size"] and _sum(path) == seal["sum"]:
            return State.SOUND
    except OSError:
        return State.DAMAGED
    return State.DAMAGED if _read(path) == seal else State.UNSEALED  # another program began to write meanwhile


def write(path: Path) -> bool:
    """Seal the file as it is now. False, and no seal, where a program has it open, or the seal cannot be written."""
    try:
        if wal_path(path).exists():
            return False
        before = path.stat()
        seal = {"size": before.st_size, "modified_ns": before.st_mtime_ns, "sum": _sum(path), "version": _version(path)}
        write_whole(seal_path(path), json.dumps(seal).encode())
        after = path.stat()
    except OSError:
        return False
    if wal_path(path).exists() or (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
        invalidate(path)
        return False
    return True


def refresh(path: Path) -> None:
    """Seal the file unless it is sealed as it is; to be called when a connection was closed."""
    try:
        status, seal = path.stat(), _read(path)
    except OSError:
        return
    if seal is None or (status.st_size, status.st_mtime_ns) != (seal["size"], seal["modified_ns"]):
        write(path)


def version(path: Path) -> int:
    """The `user_version` that the file had when it was sealed; 0 where there is no seal."""
    seal = _read(path)
    return seal["version"] if seal else 0


def invalidate(path: Path) -> None:
    """Take the seal off: from now on the file may change. Costs some microseconds where there is none."""
    with contextlib.suppress(OSError):
        os.unlink(f"{path}.seal")  # noqa: PTH108 - called at every transaction


def write_whole(path: Path, data: bytes) -> None:
    """Put `data` at `path`, all of it or nothing. OSError where the disk says no; what was there stays then."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _read(path: Path) -> dict[str, int] | None:
    try:
        seal: Any = json.loads(seal_path(path).read_bytes())
    except (OSError, ValueError):
        return None
    whole = isinstance(seal, dict) and all(isinstance(seal.get(key), int) for key in _KEYS)
    return seal if whole else None


def _sum(path: Path) -> int:
    total = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            total = zlib.crc32(chunk, total)
    return total


def _version(path: Path) -> int:
    """SQLite's `user_version`, from bytes 60 to 63 of the file (https://sqlite.org/fileformat2.html)."""
    with path.open("rb") as file:
        return int.from_bytes(file.read(64)[60:], "big")
