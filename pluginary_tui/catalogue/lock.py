"""Lock file that allows one scan at a time; the system releases it when its holder dies."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pluginary_tui.atomic_file import own_file
from pluginary_tui.errors import ScanError

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def scan_lock(catalogue: Path) -> Iterator[None]:
    """Hold the lock for scanning into `catalogue`. Raises ScanError where another process holds it."""
    path = catalogue.with_name("scan.lock")
    try:
        descriptor = own_file(path, os.O_RDWR)
    except OSError as error:
        raise ScanError(
            f"Cannot write to {path}: {error.strerror}; set PLUGINARY_TUI_DATA_DIR to another folder."
        ) from error
    try:
        try:
            _lock(descriptor)
        except OSError as error:
            raise ScanError("Another scan is writing to this catalogue; wait until it is done, or stop it.") from error
        yield
    finally:
        os.close(descriptor)
