"""Checks the catalogue's file for damage."""

from __future__ import annotations

import contextlib
import sqlite3
from contextlib import closing
from pathlib import Path

from pluginary_tui.catalogue.database import APPLICATION_ID, VERSION, readable_errors
from pluginary_tui.catalogue.integrity import checksum, user_export
from pluginary_tui.catalogue.integrity.foreign import has_code
from pluginary_tui.catalogue.integrity.salvage import UNREADABLE, find_invalid_value
from pluginary_tui.catalogue.sqlite_file import open_file
from pluginary_tui.model import clean

BACKUPS = "backups"
"""Folder of the automatic backups, one for each day, named by the day."""


def damage(path: Path, *, thorough: bool = False) -> str:
    """What is wrong with the catalogue at `path`, as the end of a sentence; empty where nothing is.

    `thorough` computes the checksum of all bytes, and compares indexes and references with their tables as well.
    Must not be called while this process has the file open. Raises CatalogueError where it cannot be read.
    """
    with readable_errors(path):
        if not path.exists() or not path.stat().st_size:
            data_dir = path.parent
            return "it is gone" if user_export.load(data_dir / user_export.FILE_NAME) or list_backups(data_dir) else ""
    state = checksum.verify(path, thorough=thorough)
    if state is checksum.State.DAMAGED:
        return "its bytes are not those that were written"
    if checksum.in_use(path) and not thorough:
        return ""
    if found := has_code(path):
        return found
    if state is checksum.State.SOUND and not thorough:
        return ""
    try:
        with closing(open_file(path)) as db:
            if found := flaws(db, thorough=thorough) or (dangling(db) if thorough else ""):
                return found
            if not _is_ours(db):
                return ""  # another program's file, which opening it reports
            if found := find_invalid_value(db):
                return found
            if state is checksum.State.UNSEALED:  # a program may have been killed before its last export
                with contextlib.suppress(sqlite3.Error, OSError):
                    user_export.save(db, path.with_name(user_export.FILE_NAME))
    except UNREADABLE as error:
        if isinstance(error, sqlite3.OperationalError) and not _is_damage(error):
            with readable_errors(path):
                raise
        return clean(error)
    return ""


def _is_damage(error: sqlite3.OperationalError) -> bool:
    """Whether the error is about the file's content, not about a lock, a permission or a full disk."""
    primary: int = error.sqlite_errorcode & 0xFF
    return primary in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)


def flaws(db: sqlite3.Connection, *, thorough: bool = False) -> str:
    """The first finding of SQLite's own check; empty where there is none."""
    (finding,) = db.execute(f"PRAGMA {'integrity' if thorough else 'quick'}_check(1)").fetchone()
    return "" if finding == "ok" else " ".join(str(finding).split())


def dangling(db: sqlite3.Connection) -> str:
    """Rows that refer to missing rows, in words; empty where there are none."""
    row = db.execute("PRAGMA foreign_key_check").fetchone()
    return f"rows of {row[0]} refer to rows of {row[2]} that are not there" if row else ""


def _is_ours(db: sqlite3.Connection) -> bool:
    (mark,) = db.execute("PRAGMA application_id").fetchone()
    (version,) = db.execute("PRAGMA user_version").fetchone()
    return bool(mark == APPLICATION_ID) and 1 <= version <= VERSION


def list_backups(data_dir: Path) -> list[Path]:
    """The automatic backups, newest first."""
    return sorted((data_dir / BACKUPS).glob("catalogue-*.db"), reverse=True)
