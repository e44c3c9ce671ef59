"""Checksum file of the catalogue (`.seal`), written when the last connection closes, to detect damage."""

from __future__ import annotations

import contextlib
import json
import sys
import zlib
from enum import Enum
from pathlib import Path
from typing import Any

from pluginary_tui.atomic_file import write_whole
from pluginary_tui.safe_open import open_regular, read_bytes

# SQLite has no checksums: none of its checks notices a flipped byte inside a text, and they take far longer than this
# one. Where size and modification time of the file are the recorded ones, the checksum itself is not computed.

_CHUNK = 1 << 20
SEAL_LIMIT = 10_000

_KEYS = ("size", "modified_ns", "sum", "version")

if sys.platform == "win32":

    def in_use(path: Path) -> bool:
        """Whether another process has the catalogue open. Always False on Windows: open files cannot be replaced."""
        return False
else:
    import fcntl

    # The bytes that SQLite locks in each open database (https://sqlite.org/src/file/src/os.h).
    _SHARED_FIRST, _SHARED_SIZE = 0x40000002, 510

    def in_use(path: Path) -> bool:
        """Whether another process has the catalogue open.

        Must not be called while this process has it open: closing a descriptor of a file releases all locks that the
        process holds on it.
        """
        try:
            with open_regular(path, writable=True) as file:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, _SHARED_SIZE, _SHARED_FIRST)
        except BlockingIOError:
            return True
        except OSError:  # missing or not writable
            return False
        return False


class State(Enum):
    """State of a file according to its checksum."""

    SOUND = "sound"
    UNSEALED = "unsealed"
    """Unknown: a program was killed while writing, or the checksum was never written."""
    DAMAGED = "damaged"


def seal_path(path: Path) -> Path:
    """The checksum file of a catalogue."""
    return path.with_name(f"{path.name}.seal")


def wal_path(path: Path) -> Path:
    """SQLite's write-ahead log, which exists while a connection is open or after a kill."""
    return path.with_name(f"{path.name}-wal")


def verify(path: Path, *, thorough: bool = False) -> State:
    """Compare the file with its checksum; `thorough` computes it even where size and time are unchanged.

    Must not be called while this process has the file open (see `in_use`).
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
    return State.DAMAGED if _read(path) == seal else State.UNSEALED  # otherwise another program has begun to write


def write(path: Path) -> bool:
    """Write the checksum of the present file. False, without one, where a program has it open or writing fails."""
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
    """Write the checksum unless it is current; to be called after closing the last connection."""
    try:
        status, seal = path.stat(), _read(path)
    except OSError:
        return
    if seal is None or (status.st_size, status.st_mtime_ns) != (seal["size"], seal["modified_ns"]):
        write(path)


def version(path: Path) -> int:
    """The `user_version` that was recorded with the checksum; 0 where there is none."""
    seal = _read(path)
    return seal["version"] if seal else 0


def invalidate(path: Path) -> None:
    """Delete the checksum, before the file changes. Called in every writing transaction."""
    with contextlib.suppress(OSError):
        seal_path(path).unlink()


def _read(path: Path) -> dict[str, int] | None:
    try:
        seal: Any = json.loads(read_bytes(seal_path(path), SEAL_LIMIT))
    except (OSError, ValueError, RecursionError):
        return None
    whole = isinstance(seal, dict) and all(isinstance(seal.get(key), int) for key in _KEYS)
    return seal if whole else None


def _sum(path: Path) -> int:
    total = 0
    with open_regular(path) as file:
        while chunk := file.read(_CHUNK):
            total = zlib.crc32(chunk, total)
    return total


def _version(path: Path) -> int:
    """SQLite's `user_version`, from bytes 60 to 63 of the file (https://sqlite.org/fileformat2.html)."""
    with open_regular(path) as file:
        return int.from_bytes(file.read(64)[60:], "big")
