"""Health of the catalogue's file: what is wrong with it, backups that turn over, and going back to one."""

from __future__ import annotations

import contextlib
import sqlite3
from contextlib import closing
from pathlib import Path

from pluginary_tui.catalogue.database import APPLICATION_ID, VERSION, readable_errors
from pluginary_tui.catalogue.integrity import checksum, user_export
from pluginary_tui.catalogue.integrity.salvage import UNREADABLE, strange
from pluginary_tui.model import clean

BACKUPS = "backups"
"""The folder of the backups that are made by themselves: one a day, named by it."""


def damage(path: Path, *, thorough: bool = False) -> str:
    """What is wrong with the catalogue at `path`, as the end of a sentence; an empty text where nothing is.

    `thorough` sums all bytes, and holds indexes and references against their tables as well (some 15 s for 10,000
    plugins on a busy machine; without it 0.1 s at most where the seal is there, some seconds where it is not).
    Not to be called while this process has it open. Raises CatalogueError where the disk refuses to be read.
    """
    with readable_errors(path):
        if not path.exists() or not path.stat().st_size:
            data_dir = path.parent
            return "it is gone" if user_export.load(data_dir / user_export.FILE_NAME) or list_backups(data_dir) else ""
    state = checksum.verify(path, thorough=thorough)
    if state is checksum.State.DAMAGED:
        return "its bytes are not those that were written"
    if (state is checksum.State.SOUND or checksum.in_use(path)) and not thorough:
        return ""
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            if found := flaws(db, thorough=thorough) or (dangling(db) if thorough else ""):
                return found
            if not _is_ours(db):
                return ""  # and no place of ours to mend: opening it says so
            if found := strange(db):
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
    """Whether SQLite says so of the bytes, rather than of a lock, a permission or a full disk."""
    primary: int = error.sqlite_errorcode & 0xFF
    return primary in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)


def flaws(db: sqlite3.Connection, *, thorough: bool = False) -> str:
    """What SQLite's own check says first."""
    (said,) = db.execute(f"PRAGMA {'integrity' if thorough else 'quick'}_check(1)").fetchone()
    return "" if said == "ok" else " ".join(str(said).split())


def dangling(db: sqlite3.Connection) -> str:
    """Rows that refer to nothing."""
    row = db.execute("PRAGMA foreign_key_check").fetchone()
    return f"rows of {row[0]} refer to rows of {row[2]} that are not there" if row else ""


def _is_ours(db: sqlite3.Connection) -> bool:
    (mark,) = db.execute("PRAGMA application_id").fetchone()
    (version,) = db.execute("PRAGMA user_version").fetchone()
    return bool(mark == APPLICATION_ID) and 1 <= version <= VERSION


def list_backups(data_dir: Path) -> list[Path]:
    """The backups that were made by themselves, newest first."""
    return sorted((data_dir / BACKUPS).glob("catalogue-*.db"), reverse=True)
