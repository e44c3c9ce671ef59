"""What watches over a catalogue while it is open: the seal goes before a write, and comes back with the last close."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections import Counter
from pathlib import Path

from pluginary_tui.catalogue.integrity import checksum, user_export

EXPORT_S = 2.0
"""Least seconds between two exports of what the user wrote; the last one is made at the latest when closing."""

_OPEN: Counter[Path] = Counter()
_LOCK = threading.Lock()


def check_before_open(path: Path) -> str:
    """Look at the catalogue before it is opened, and mend it where it is damaged.

    Costs two small reads for a file that nobody touched since it was closed, one sum of its bytes for one that was
    moved here, and SQLite's own check after a program was killed while writing to it. Returns what was done, a
    sentence for the user, or an empty text. Raises CatalogueError where it cannot be mended.
    """
    with _LOCK:
        if _OPEN[path]:
            return ""
    if checksum.verify(path) is checksum.State.SOUND:
        return ""

    from pluginary_tui.catalogue.integrity import check, repair  # only ever wanted after an accident

    mended = repair.repair(path) if check.damage(path) else None
    return mended.sentence() if mended else ""


class OpenGuard:
    """Goes with one open connection."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._closed = self._pending = False
        self._exported_at = -EXPORT_S
        with _LOCK:
            _OPEN[path] += 1

    def before_write(self) -> None:
        """To be called inside every transaction that writes, before its commit."""
        self._pending = True
        checksum.invalidate(self.path)

    def user_wrote(self, db: sqlite3.Connection) -> None:
        """To be called after every commit of what the user wrote, so that not even a kill costs any of it."""
        if time.monotonic() - self._exported_at >= EXPORT_S:
            self._export(db)

    def close(self, db: sqlite3.Connection) -> None:
        """Close `db`: the export is brought up to date, and the last connection seals the file."""
        if self._closed:
            return
        self._closed = True
        if self._pending or not self._exports.exists():
            self._export(db)
        db.close()
        with _LOCK:
            _OPEN[self.path] -= 1
            last = _OPEN[self.path] <= 0
        if last:
            checksum.refresh(self.path)

    @property
    def _exports(self) -> Path:
        return self.path.with_name(user_export.FILE_NAME)

    def _export(self, db: sqlite3.Connection) -> None:
        """A failure is no reason to refuse what the user does: it is kept in the catalogue, and tried again."""
        with contextlib.suppress(OSError, sqlite3.Error):
            user_export.save(db, self._exports)
            self._pending = False
            self._exported_at = time.monotonic()
