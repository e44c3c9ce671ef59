"""Reads the readable rows of a damaged catalogue and checks their values."""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from math import isfinite
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

from pluginary_tui.catalogue.integrity import user_export
from pluginary_tui.catalogue.sqlite_file import open_file
from pluginary_tui.model import MISSING, Outcome, clean

_SMALLEST_ROW = 64
"""Least size of a row in bytes; limits the row numbers that are tried."""

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_BROKEN = re.compile("[\ud800-\udfff]")
"""Code points that `surrogateescape` makes of invalid UTF-8."""

_STATUSES = {*Outcome, MISSING}
_TYPES = {"TEXT": str, "INTEGER": int, "REAL": float}
_EMPTY = {"TEXT": "''", "INTEGER": "0", "REAL": "0.0"}
_FREE = {"log", "note", "error", "path", "fingerprint", "load_error", "load_log", "attributes", "needs"}
"""Columns whose texts are stored unchanged; all others are cleaned before they are stored."""

UNREADABLE = (sqlite3.Error, UnicodeError, OverflowError, MemoryError)
"""Exceptions of reading a damaged file: column names are decoded too, and sizes may have any value."""

WORDS = {"parameter": ("name", "unit", "short_name", "group", "choices"), "program": ("name",)}
"""Table -> the columns that refer to rows of `word`."""

Row = dict[str, Any]
Column = tuple[str, str, bool]


class SalvagedPlugin(NamedTuple):
    """A plugin's row with the rows that belong to it, words as texts; None is an unused word."""

    row: Row
    parameters: list[Row]
    buses: list[Row]
    programs: list[Row]
    texts: list[Row]
    """At most one row."""


class Damaged:
    """A damaged file, opened for reading. Reading may change it, so `path` has to be a copy.

    Values are checked against the columns of `sound`, an undamaged catalogue of this version.
    """

    def __init__(self, path: Path, sound: sqlite3.Connection) -> None:
        self._rows_at_most = path.stat().st_size // _SMALLEST_ROW
        self._db = open_file(path, defensive=False)
        self._db.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
        self._sound = sound
        self._tables: dict[str, Sequence[Column]] = {}
        self._selections: dict[str, str] = {}
        self._words: dict[int, str | None] = {}
        self._there: dict[str, bool] = {}
        for pragma in ("writable_schema = ON", "query_only = ON"):
            try:
                self._db.execute(f"PRAGMA {pragma}")
            except UNREADABLE:  # a file that cannot be opened gives no rows
                break

    def close(self) -> None:
        self._db.close()

    def bundles(self, known: Mapping[str, str]) -> Iterator[tuple[Row, str, list[SalvagedPlugin]]]:
        """The readable bundles that exist on disk and were scanned later than `known` (path -> time) says.

        Each with its log and its plugins.
        """
        plugins = defaultdict(list)
        for plugin in self._numbered("plugin"):
            if plugin["status"] in _STATUSES and _TIME.fullmatch(plugin["added_at"]):
                plugins[plugin["bundle"]].append(plugin)
        for bundle in self._numbered("bundle"):
            # A damaged path would be a bundle that no scan finds.
            right = bundle["outcome"] in set(Outcome) and bundle["name"] and os.path.lexists(bundle["path"])
            times = all(_TIME.fullmatch(bundle[key]) for key in ("scanned_at", "added_at"))
            # Every bundle has at least one row in the table of plugins.
            if right and times and plugins[bundle["key"]] and bundle["scanned_at"] > known.get(bundle["path"], ""):
                log = next((row["log"] for row in self._matching("probe_log", "bundle", bundle["key"])), "")
                yield bundle, log, [self._whole(plugin) for plugin in plugins[bundle["key"]]]

    def passports(self) -> Iterator[Row]:
        """The readable passports; the caller checks whether their plugins exist and whether they are newer."""
        for row in self._both_ways("passport"):
            figures = _json(row["figures"])
            right = isinstance(figures, dict) and all(type(n) in (int, float) and isfinite(n) for n in figures.values())
            times = _TIME.fullmatch(row["measured_at"]) and row["outcome"] in set(Outcome)
            if right and times and isinstance(_json(row["data"]), dict):
                yield row

    def user(self) -> user_export.Tables:
        """The readable user data, with the tables that say which plugins the ids stand for."""
        tables = (*user_export.user_tables(self._sound), *user_export.BESIDE)
        return {table: self._both_ways(table) for table in tables}

    def _whole(self, plugin: Row) -> SalvagedPlugin:
        key = plugin["key"]
        return SalvagedPlugin(
            plugin,
            self._with_words("parameter", key),
            self._matching("bus", "plugin", key),
            self._with_words("program", key),
            self._matching("plugin_text", "plugin", key),
        )

    def _with_words(self, table: str, plugin: int) -> list[Row]:
        """The rows of a plugin with words as texts; rows with unreadable words are left out."""
        found = []
        for row in self._matching(table, "plugin", plugin):
            words = {column: self._word(row[column]) for column in WORDS[table] if row[column] is not None}
            if None not in words.values():
                found.append(row | words)
        return found

    def _word(self, key: int) -> str | None:
        if key not in self._words:
            self._words[key] = next((row["text"] for row in self._matching("word", "key", key)), None)
        return self._words[key]

    def _numbered(self, table: str) -> Sequence[Row]:
        """The rows of a table with row numbers; read one by one where unreadable ones have to be skipped."""
        if not self._has_table(table):
            return []
        try:
            return list(self._rows(table, "ORDER BY key"))
        except UNREADABLE:
            top = self._rows_at_most
        with suppress(*UNREADABLE):
            (highest,) = self._db.execute(f"SELECT max(key) FROM {table}").fetchone()
            top = min(top, highest) if isinstance(highest, int) else top
        return [row for key in range(1, top + 1) for row in self._matching(table, "key", key)]

    def _has_table(self, table: str) -> bool:
        """Whether it is a table that can be queried: a view, which somebody else has made, could be without an end."""
        if table not in self._there:
            try:
                kind = self._db.execute("SELECT type FROM sqlite_schema WHERE name = ?", (table,)).fetchone()
                self._db.execute(f"SELECT * FROM {table} LIMIT 0")
            except UNREADABLE:
                kind = None
            self._there[table] = kind == ("table",)
        return self._there[table]

    def _matching(self, table: str, column: str, value: object) -> list[Row]:
        return self._readable_rows(table, f"WHERE {column} = ?", value)

    def _both_ways(self, table: str) -> list[Row]:
        """The rows of a table without row numbers, read from both ends up to an unreadable one."""
        key = self._columns(table)[0][0]
        rows = [*self._readable_rows(table, f"ORDER BY {key}"), *self._readable_rows(table, f"ORDER BY {key} DESC")]
        return list({tuple(row.values()): row for row in rows}.values())

    def _readable_rows(self, table: str, rest: str, *values: object) -> list[Row]:
        rows: list[Row] = []
        if not self._has_table(table):
            return rows
        with suppress(*UNREADABLE):
            for row in self._rows(table, rest, *values):
                rows.append(row)  # rows before the error are kept
        return rows

    def _rows(self, table: str, rest: str, *values: object) -> Iterator[Row]:
        columns, names = self._columns(table), self._selected(table)
        for found in self._db.execute(f"SELECT {names} FROM {table} {rest}", values):
            if all(_fits(value, *column) for value, column in zip(found, columns, strict=True)):
                yield dict(zip((name for name, _, _ in columns), found, strict=True))

    def _selected(self, table: str) -> str:
        """What to select for the columns of `sound`: the default where a file of an older version has no such column.

        SQLite would take the name of a column that is not there for a text.
        """
        if table not in self._selections:
            try:
                there = {row[1] for row in self._db.execute(f"PRAGMA table_info({table})")}
            except UNREADABLE:
                there = set()
            selected = []
            for _, name, _, needed, default, _ in self._sound.execute(f"PRAGMA table_info({table})"):
                known = name in there or (needed and default is None) or not there
                selected.append(f'"{name}"' if known else f"{default or 'NULL'}")
            self._selections[table] = ", ".join(selected)
        return self._selections[table]

    def _columns(self, table: str) -> Sequence[Column]:
        if table not in self._tables:
            self._tables[table] = _columns(self._sound, table)
        return self._tables[table]


def find_invalid_value(db: sqlite3.Connection) -> str:
    """A value that this program never writes, in words, which SQLite's checks do not find; empty for none."""
    db.text_factory = partial(str, encoding="utf-8", errors="surrogateescape")
    tables = ("bundle", "plugin", "plugin_text", "bus", "probe_log", "word", *user_export.BESIDE, "passport")
    for table in (*tables, *user_export.user_tables(db)):
        columns = _columns(db, table)
        if not columns:  # a file of an older version, which is migrated after it was checked
            continue
        types = [_TYPES[type_] for _, type_, _ in columns]
        texts = itemgetter(*(at for at, type_ in enumerate(types) if type_ is str))
        # NULL is replaced where it is allowed, so that a valid row has exactly the declared types.
        names = ", ".join(
            f'"{name}"' if needed else f'coalesce("{name}", {_EMPTY[type_]})' for name, type_, needed in columns
        )
        for row in db.execute(f"SELECT {names} FROM {table}"):
            # A row of the declared types and printable ASCII is valid; nearly all are.
            if list(map(type, row)) == types and (text := "".join(texts(row))).isascii() and text.isprintable():
                continue
            for value, column in zip(row, columns, strict=True):
                if not _fits(value, *column):
                    return f"the {column[0]} of a {table} is none"
    return ""


def _json(text: str) -> object:
    """The value of a JSON text; None where it is invalid."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _columns(db: sqlite3.Connection, table: str) -> Sequence[Column]:
    """Name, declared type and whether NULL is forbidden, for each column."""
    info = db.execute(f"PRAGMA table_info({table})")
    return [(name, type_, bool(needed or part_of_key)) for _, name, type_, needed, _, part_of_key in info]


def _fits(value: object, name: str, type_: str, needed: bool) -> bool:
    """Whether a value is valid for a column; texts have to be as `clean` leaves them."""
    if value is None:
        return not needed
    if type_ == "TEXT":
        if not isinstance(value, str) or _BROKEN.search(value):
            return False
        return name in _FREE or clean(value, len(value) + 1) == " ".join(value.split())
    return isinstance(value, int if type_ == "INTEGER" else int | float)
