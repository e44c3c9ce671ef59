"""What the user wrote, once more in a small file of its own (`user.json`), so that it outlives the catalogue."""

from __future__ import annotations

import json
import sqlite3
import zlib
from pathlib import Path
from typing import Any

from pluginary_tui.catalogue.database import now
from pluginary_tui.catalogue.integrity.checksum import write_whole

FILE_NAME = "user.json"

Tables = dict[str, list[dict[str, Any]]]
"""By table, each row by column."""

# Which class an id stands for is decided by the order of scans, so it belongs to what was written about that id.
_IDENTITIES = (
    "SELECT * FROM identity WHERE base IN (SELECT base FROM identity JOIN ({written}) AS w ON w.id = identity.id)"
)


def user_tables(db: sqlite3.Connection) -> list[str]:
    """The tables that hold what the user wrote: those whose names begin with `user_`."""
    names = db.execute(r"SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'user\_%' ESCAPE '\'")
    return sorted(name for (name,) in names)


def collect(db: sqlite3.Connection) -> Tables:
    """All that the user wrote, in one picture."""
    tables = user_tables(db)
    written = " UNION ".join(f"SELECT id FROM {table}" for table in tables)
    found = {table: _rows(db.execute(f"SELECT * FROM {table} ORDER BY 1, 2")) for table in tables}
    found["identity"] = _rows(db.execute(_IDENTITIES.format(written=written)))
    return found


def save(db: sqlite3.Connection, path: Path) -> None:
    """Write the export to `path`, whole or not at all. sqlite3.Error and OSError where that cannot be done.

    The place of the writer is held meanwhile, so that of two programs the later one writes the later state.
    """
    db.execute("BEGIN IMMEDIATE")
    try:
        tables = collect(db)
        document = {"format": 1, "saved_at": now(), "sum": _sum(tables), "tables": tables}
        write_whole(path, json.dumps(document, ensure_ascii=False, indent=1).encode("utf-8", "replace"))
    finally:
        db.execute("ROLLBACK")


def load(path: Path) -> Tables | None:
    """What the export at `path` holds; None where there is none, or where it is damaged itself."""
    try:
        document = json.loads(path.read_bytes())
        tables: Tables = document["tables"]
        if document["sum"] != _sum(tables) or not all(_is_row(row) for rows in tables.values() for row in rows):
            return None
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    return tables


def put(db: sqlite3.Connection, tables: Tables, *, over: bool = False) -> int:
    """Put rows of an export into the catalogue; `over` lets them win over rows that are there.

    Tables and columns that this version does not know are left out. Returns how many plugins it is about.
    """
    ids: set[str] = set()
    for table in [*user_tables(db), "identity"]:
        columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
        for row in tables.get(table, []):
            known = [column for column in columns if column in row]
            db.execute(
                f"INSERT OR {'REPLACE' if over else 'IGNORE'} INTO {table} ({', '.join(known)})"
                f" VALUES ({', '.join('?' * len(known))})",
                [row[column] for column in known],
            )
            if table != "identity":
                ids.add(row["id"])
    return len(ids)


def _rows(cursor: sqlite3.Cursor) -> list[dict[str, Any]]:
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def _is_row(row: Any) -> bool:
    return isinstance(row.get("id"), str) and all(isinstance(value, str | int | float) for value in row.values())


def _sum(tables: Tables) -> int:
    return zlib.crc32(json.dumps(tables, sort_keys=True).encode())
