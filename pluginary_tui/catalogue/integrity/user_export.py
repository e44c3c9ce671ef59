"""Second copy of the user data (`user.json`), which survives damage to the catalogue."""

from __future__ import annotations

import json
import sqlite3
import zlib
from pathlib import Path
from typing import Any

from pluginary_tui.atomic_file import write_whole
from pluginary_tui.catalogue.database import now
from pluginary_tui.safe_open import read_bytes

FILE_NAME = "user.json"

SIZE_LIMIT = 256_000_000
"""Most bytes that are read of an export: of what 100,000 plugins with long notes come to."""

BESIDE = ("identity", "alias")
"""Tables that say which plugins the ids of user data stand for."""

Tables = dict[str, list[dict[str, Any]]]
"""By table, each row by column."""

# The order of scans decides which class an id stands for, so the identities are needed to restore the user data.
_IDENTITIES = (
    "SELECT * FROM identity WHERE base IN (SELECT base FROM identity JOIN ({written}) AS w ON w.id = identity.id)"
)


def user_tables(db: sqlite3.Connection) -> list[str]:
    """The tables of user data: their names begin with `user_`."""
    names = db.execute(r"SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'user\_%' ESCAPE '\'")
    return sorted(name for (name,) in names)


def collect(db: sqlite3.Connection) -> Tables:
    """All user data, with the identities of their ids and the ids that plugins had before."""
    tables = user_tables(db)
    written = " UNION ".join(f"SELECT id FROM {table}" for table in tables)
    found = {table: _rows(db.execute(f"SELECT * FROM {table} ORDER BY 1, 2")) for table in tables}
    # Left out where it is empty: the file of an older version has no such table, and its export stays equal.
    if not found.get("user_preset"):
        found.pop("user_preset", None)
    found["identity"] = _rows(db.execute(_IDENTITIES.format(written=written)))
    has_aliases = db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'alias'").fetchone()
    if has_aliases and (aliases := _rows(db.execute("SELECT * FROM alias ORDER BY id"))):
        found["alias"] = aliases
    return found


def save(db: sqlite3.Connection, path: Path) -> None:
    """Write the export atomically to `path`. Raises sqlite3.Error and OSError.

    The write lock is held meanwhile, so that of two programs the later one exports the later state.
    """
    db.execute("BEGIN IMMEDIATE")
    try:
        tables = collect(db)
        write_whole(path, _text(tables).encode("utf-8", "replace"))
    finally:
        db.execute("ROLLBACK")


def load(path: Path) -> Tables | None:
    """The data of the export at `path`; None where there is none, or it is damaged."""
    try:
        document = json.loads(read_bytes(path, SIZE_LIMIT))
        tables: Tables = document["tables"]
        if document["sum"] != _sum(tables) or not all(_is_row(row) for rows in tables.values() for row in rows):
            return None
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    return tables


def put(db: sqlite3.Connection, tables: Tables, *, over: bool = False) -> int:
    """Insert the rows of an export; `over` lets them replace existing rows.

    Tables and columns that this version does not know are left out. Returns the number of plugins concerned.
    """
    ids: set[str] = set()
    written = user_tables(db)
    for table in (*written, *BESIDE):
        columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
        for row in tables.get(table, []):
            known = [column for column in columns if column in row]
            db.execute(
                f"INSERT OR {'REPLACE' if over else 'IGNORE'} INTO {table} ({', '.join(known)})"
                f" VALUES ({', '.join('?' * len(known))})",
                [row[column] for column in known],
            )
            if table in written:
                ids.add(row["id"])
    return len(ids)


def _text(tables: Tables) -> str:
    """The export: a row in each line, which takes about half the time of Python's own indentation."""
    row_text = json.JSONEncoder(ensure_ascii=False).encode
    shown = (f"{json.dumps(table)}: [\n" + ",\n".join(map(row_text, rows)) + "]" for table, rows in tables.items())
    head = json.dumps({"format": 1, "saved_at": now(), "sum": _sum(tables)})
    return head[:-1] + ', "tables": {\n' + ",\n".join(shown) + "}}\n"


def _rows(cursor: sqlite3.Cursor) -> list[dict[str, Any]]:
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def _is_row(row: Any) -> bool:
    return isinstance(row.get("id"), str) and all(isinstance(value, str | int | float) for value in row.values())


def _sum(tables: Tables) -> int:
    return zlib.crc32(json.dumps(tables, sort_keys=True).encode())
