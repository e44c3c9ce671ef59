"""The one place that opens SQLite files. What a file's own schema says is never trusted."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path

from pluginary_tui.safe_open import refuse_foreign_link

LENGTH_LIMIT = 256_000_000
"""Most bytes of one value."""

DEPTH_LIMIT = 10
"""Most deletions that follow from one another; of a bundle, its plugins, and their parameters."""


def open_file(
    path: Path, *, timeout: float = 5.0, check_same_thread: bool = True, defensive: bool = True
) -> sqlite3.Connection:
    """A connection to a file of this user's, which is made where there is none.

    `defensive` is off for damaged files whose schema has to be readable as well. Raises sqlite3.Error and OSError.
    """
    refuse_foreign_link(path)
    return _defended(
        sqlite3.connect(path, timeout=timeout, isolation_level=None, check_same_thread=check_same_thread), defensive
    )


def open_to_read(path: Path, *, immutable: bool, check_same_thread: bool = True) -> sqlite3.Connection:
    """A connection for reading only. With `immutable` no file is made beside it, and none of its -wal is read."""
    refuse_foreign_link(path)
    alone = "&immutable=1" if immutable else ""
    uri = f"{path.absolute().as_uri()}?mode=ro{alone}"
    return _defended(sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=check_same_thread))


def open_in_memory() -> sqlite3.Connection:
    """An empty database that no file keeps."""
    return sqlite3.connect(":memory:", isolation_level=None)


def _defended(db: sqlite3.Connection, defensive: bool = True) -> sqlite3.Connection:
    """Take from a file's schema what it could do: SQLite's defensive mode, as far as it is there, and limits."""
    try:
        db.execute("PRAGMA trusted_schema = OFF")
        db.execute("PRAGMA cell_size_check = ON")
        db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LENGTH_LIMIT)
        db.setlimit(sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH, DEPTH_LIMIT)
        if sys.version_info >= (3, 12):  # before, Python cannot
            db.setconfig(sqlite3.SQLITE_DBCONFIG_DEFENSIVE, defensive)
            db.setconfig(sqlite3.SQLITE_DBCONFIG_ENABLE_TRIGGER, False)
            db.setconfig(sqlite3.SQLITE_DBCONFIG_ENABLE_VIEW, False)
    except BaseException:
        db.close()
        raise
    return db
