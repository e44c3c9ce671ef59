"""Checks of a catalogue that somebody else may have made: its schema object by object, then what its rows hold."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from pluginary_tui.catalogue import database
from pluginary_tui.catalogue.integrity.salvage import UNREADABLE, find_invalid_value
from pluginary_tui.catalogue.sqlite_file import open_in_memory, open_to_read
from pluginary_tui.model import MISSING, PARAMETER_KINDS, Outcome, clean

SIZE_LIMIT = 8_000_000_000
"""Most bytes of a catalogue: ten times what 100,000 plugins come to."""

TAG_LIMIT, PARAMETER_LIMIT = 1_000, 200_000
"""Most tags and parameters of one plugin: the app would hang over more."""

TEXT_LIMIT, NAME_LIMIT = 4_000_000, 64_000
"""Most characters of a text, and of one that is shown in one line."""

_LONG = {
    "log",
    "load_log",
    "attributes",
    "needs",
    "places",
    "note",
    "error",
    "load_error",
    "data",
    "message",
    "bundle",
    "summary",
}
"""Columns with texts of many lines."""

_OUTCOMES = tuple(map(str, Outcome))
_ONE_OF = {
    ("bundle", "outcome"): _OUTCOMES,
    ("plugin", "status"): (*_OUTCOMES, MISSING),
    ("plugin", "load_outcome"): ("", *_OUTCOMES),
    ("passport", "outcome"): _OUTCOMES,
    ("parameter", "kind"): PARAMETER_KINDS,
}
"""Columns with one of a few words."""

_TIMES = {"scanned_at", "added_at", "quarantined_at", "measured_at", "read_at", "used_at", "started_at", "finished_at"}
_TIMES |= {"until", "last_used"}
_TIME = "[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]Z"

_JSON = {("passport", "figures"), ("passport", "data"), ("scan", "summary")}

_LARGEST = 1 << 53
"""Largest whole number that means the same to every program."""

_STORED_AS = {"TEXT": "'text'", "INTEGER": "'integer'", "REAL": "'real', 'integer'", "BLOB": "'blob'"}

_CHECKS = re.compile(r"\b(?:CHECK|COLLATE|GENERATED|CONFLICT|VIRTUAL)\b", re.IGNORECASE)
_NO_CODE = re.compile(r"--[^\n]*|/\*.*?\*/|'[^']*'|\"[^\"]*\"", re.DOTALL)


def alien(db: sqlite3.Connection) -> str:
    """What the schema of a file has that this program never makes, in any version; empty where nothing.

    Its own schema is nothing but tables and indexes of columns. Triggers and views would change later edits or never
    come to an end; constraints, computed columns and indexes of expressions are code as well.
    """
    for kind, name, sql in db.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_schema"):
        shown = clean(str(name), 60)
        if kind not in ("table", "index"):
            return f"its {clean(str(kind), 60)} {shown!r} is none of a catalogue"
        if kind == "table" and _CHECKS.search(_NO_CODE.sub(" ", str(sql))):
            return f"its table {shown!r} is none of a catalogue"
    for table in _tables(db):
        if any(row[6] for row in db.execute("SELECT * FROM pragma_table_xinfo(?)", (table,))):
            return f"its table {clean(table, 60)!r} is none of a catalogue"
        for _, index, _, _, partial in db.execute("SELECT * FROM pragma_index_list(?)", (table,)).fetchall():
            columns = db.execute("SELECT cid FROM pragma_index_info(?)", (index,)).fetchall()
            if partial or any(column < 0 for (column,) in columns):
                return f"its index {clean(index, 60)!r} is none of a catalogue"
    return ""


def has_code(path: Path) -> str:
    """As `alien`, of the file at `path`, which is opened for reading; empty also where it cannot be read at all."""
    try:
        with closing(open_to_read(path, immutable=True)) as db:
            return alien(db)
    except (*UNREADABLE, OSError):
        return ""


def strange(db: sqlite3.Connection) -> str:
    """What an open catalogue of the present version holds that this program never writes; empty where nothing."""
    with closing(open_in_memory()) as fresh:
        database.create_tables(fresh)
        return alien(db) or _other_tables(db, fresh) or next(_odd_values(db, fresh), "") or find_invalid_value(db)


def _tables(db: sqlite3.Connection) -> list[str]:
    """The names of the tables, without SQLite's own."""
    found = db.execute(r"SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\'")
    return sorted(name for (name,) in found)


def _other_tables(db: sqlite3.Connection, ours: sqlite3.Connection) -> str:
    theirs, known = _tables(db), _tables(ours)
    if more := set(theirs) - set(known):
        return f"its table {clean(min(more), 60)!r} is none of a catalogue"
    if missing := set(known) - set(theirs):
        return f"its table {min(missing)!r} is missing"
    for table in known:
        if _shape(db, table) != _shape(ours, table):
            return f"its table {table!r} is none of a catalogue"
        indexes = _indexes(ours, table)
        for name, index in _indexes(db, table).items():
            if indexes.get(name) != index:
                return f"its index {clean(name, 60)!r} is none of a catalogue"
    return ""


def _shape(db: sqlite3.Connection, table: str) -> tuple[object, ...]:
    """Columns, foreign keys and kind of a table; migrations put new columns at another place than `schema.sql`."""
    columns = {row[1:] for row in db.execute("SELECT * FROM pragma_table_xinfo(?)", (table,))}
    references = {row[2:] for row in db.execute("SELECT * FROM pragma_foreign_key_list(?)", (table,))}
    (rowid,) = db.execute("SELECT sql LIKE '%WITHOUT ROWID' FROM sqlite_schema WHERE name = ?", (table,)).fetchone()
    return columns, references, rowid


def _indexes(db: sqlite3.Connection, table: str) -> dict[str, tuple[object, ...]]:
    """The indexes of a table by name, those that SQLite makes by itself among them."""
    found: dict[str, tuple[object, ...]] = {}
    for _, name, unique, origin, _ in db.execute("SELECT * FROM pragma_index_list(?)", (table,)).fetchall():
        columns = tuple(row[0] for row in db.execute("SELECT name FROM pragma_index_info(?)", (name,)))
        found[name] = (unique, origin, columns)
    return found


def _odd_values(db: sqlite3.Connection, ours: sqlite3.Connection) -> Iterator[str]:
    """Values of another type, size or kind than their columns have; each as the end of a sentence."""
    for table in _tables(ours):
        for _, column, type_, needed, _, key in ours.execute("SELECT * FROM pragma_table_info(?)", (table,)):
            wrong = _wrong(table, column, type_, nullable=not needed and not key)
            if db.execute(f"SELECT 1 FROM {table} WHERE {wrong} LIMIT 1").fetchone():
                long = type_ == "TEXT" and db.execute(
                    f'SELECT 1 FROM {table} WHERE length("{column}") > {_most(column)} LIMIT 1'
                )
                if long and long.fetchone():
                    yield f"a text in its table {table!r} has more than {_most(column):,} characters"
                yield f"the {column} of a {table} is none"
    for table, noun, most in (("user_tag", "tags", TAG_LIMIT), ("parameter", "parameters", PARAMETER_LIMIT)):
        key = "id" if table == "user_tag" else "plugin"
        (found,) = db.execute(f"SELECT max(n) FROM (SELECT count(*) n FROM {table} GROUP BY {key})").fetchone()
        if found and found > most:
            yield f"it has {found:,} {noun} of one plugin"
    if db.execute("SELECT 1 FROM user_plugin WHERE rating NOT BETWEEN 0 AND 5").fetchone():
        yield "the rating of a plugin is none"
    for table, column in sorted(_JSON):
        for (text,) in db.execute(f"SELECT {column} FROM {table}"):
            if not _is_object(text):
                yield f"the {column} of a {table} is none"


def _wrong(table: str, column: str, type_: str, *, nullable: bool) -> str:
    """An SQL condition that is true for values that do not belong into a column."""
    name = f'"{column}"'
    stored = _STORED_AS[type_] + (", 'null'" if nullable else "")
    wrong = [f"typeof({name}) NOT IN ({stored})"]
    if type_ == "TEXT":
        wrong += [f"length({name}) > {_most(column)}", f"instr({name}, char(0))"]
    if type_ == "INTEGER" and column not in ("modified", "key", "id"):  # nanoseconds, and what plugins number so
        wrong.append(f"abs(coalesce({name}, 0) / 2) > {_LARGEST // 2}")
    if words := _ONE_OF.get((table, column)):
        wrong.append(f"{name} NOT IN ({', '.join(repr(word) for word in words)})")
    if column in _TIMES:
        wrong.append(f"({name} <> '' AND {name} NOT GLOB '{_TIME}')")
    return " OR ".join(wrong)


def _most(column: str) -> int:
    return TEXT_LIMIT if column in _LONG else NAME_LIMIT


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False
