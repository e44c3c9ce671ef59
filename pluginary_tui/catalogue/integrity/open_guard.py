"""Keeps checksum and user export of an open catalogue current: removed before a write, written at the last close."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
from collections import Counter
from pathlib import Path

from pluginary_tui.catalogue import database
from pluginary_tui.catalogue.integrity import checksum, user_export
from pluginary_tui.errors import CatalogueError

EXPORT_S = 2.0
"""Least seconds between two exports of the user data; a pending one is made when closing."""

EXPORT_SHARE = 20
"""An export that takes long is made again after this many times its duration: the user waits for each."""

_OPEN: Counter[Path] = Counter()
_LOCK = threading.Lock()


def check_before_open(path: Path) -> str:
    """Check the catalogue before it is opened, and repair it where it is damaged.

    Compares size and time for a file unchanged since it was closed, computes the checksum for one that was copied, and
    runs SQLite's own check after a kill. Returns a sentence for the user about what was done, or an empty text. Raises
    CatalogueError where it cannot be repaired.
    """
    with _LOCK:
        if _OPEN[path]:
            return ""
    if checksum.verify(path) is checksum.State.SOUND or (path.exists() and not os.access(path, os.W_OK)):
        return ""

    from pluginary_tui.catalogue.integrity import check, repair  # needed after a kill only

    try:
        damaged = check.damage(path)
    except CatalogueError as error:
        if isinstance(error.__cause__, sqlite3.OperationalError):  # it cannot be checked: opening it says why
            return ""
        raise
    repaired = repair.repair(path) if damaged else None
    return repaired.sentence() if repaired else ""


class OpenGuard:
    """Belongs to one open connection."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._closed = self._pending = False
        self._exported_at = -EXPORT_S
        self._export_took_s = 0.0
        with _LOCK:
            _OPEN[path] += 1

    def before_write(self) -> None:
        """Has to be called inside every writing transaction, before its commit."""
        self._pending = True
        checksum.invalidate(self.path)

    def user_wrote(self, db: sqlite3.Connection) -> None:
        """Has to be called after every commit of user data, so that they survive a kill and a damaged catalogue."""
        if time.monotonic() - self._exported_at >= max(EXPORT_S, EXPORT_SHARE * self._export_took_s):
            self._export(db)

    def close(self, db: sqlite3.Connection) -> None:
        """Write a pending export and close `db`; the last connection writes the checksum."""
        if self._closed:
            return
        self._closed = True
        written = self._can_write(db)
        if written and (self._pending or not self._exports.exists()):
            self._export(db)
        db.close()
        with _LOCK:
            _OPEN[self.path] -= 1
            last = _OPEN[self.path] <= 0
        if last and written:
            checksum.refresh(self.path)

    def _can_write(self, db: sqlite3.Connection) -> bool:
        try:
            return not database.is_read_only(db)
        except sqlite3.Error:
            return False

    @property
    def _exports(self) -> Path:
        return self.path.with_name(user_export.FILE_NAME)

    def _export(self, db: sqlite3.Connection) -> None:
        """Failures are ignored: the data are in the catalogue, and the export is tried again."""
        with contextlib.suppress(OSError, sqlite3.Error):
            began = time.monotonic()
            user_export.save(db, self._exports)
            self._pending = False
            self._exported_at = time.monotonic()
            self._export_took_s = self._exported_at - began
