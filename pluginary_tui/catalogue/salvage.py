"""Reading what can still be read of a damaged catalogue, row by row, and believing only what looks right."""

from __future__ import annotations

import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pluginary_tui.catalogue import userdata
from pluginary_tui.model import MISSING, Outcome, clean

_SMALLEST_ROW = 64
"""Bytes: no fewer of the file stand behind each row number that is tried."""

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_STATUSES = {*Outcome, MISSING}
_FREE = {"log", "note", "error"}
"""Texts that may hold anything printable, and lines."""

Row = dict[str, Any]


class Damaged:
    """A damaged file, opened for reading. `path` is changed by that, so it has to be a copy.

    Values are held against the columns of `sound`, a whole catalogue of this version.
    """

    def __init__(self, path: Path, sound: sqlite3.Connection) -> None:
        self._rows_at_most = path.stat().st_size // _SMALLEST_ROW
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.text_factory = lambda raw: raw.decode("utf-8", "replace")
        self._sound = sound
        for pragma in ("writable_schema = ON", "cell_size_check = ON", "query_only = ON", "trusted_schema = OFF"):
            try:
                self._db.execute(f"PRAGMA {pragma}")
            except sqlite3.Error:  # what cannot be opened at all gives no rows below
                break

    def close(self) -> None:
        self._db.close()

    def bundles(self) -> Iterator[tuple[Row, str, list[tuple[Row, list[Row]]]]]:
        """Every readable bundle with its log and its plugins, each with its parameters (names and units as texts)."""
        plugins = defaultdict(list)
        for plugin in self._numbered("plugin"):
            if plugin["status"] in _STATUSES and _TIME.fullmatch(plugin["added_at"]):
                plugins[plugin["bundle"]].append(plugin)
        words = {row["key"]: row["text"] for row in self._numbered("word")}
        for bundle in self._numbered("bundle"):
            right = bundle["outcome"] in set(Outcome) and bundle["path"] and bundle["name"]
            if right and all(_TIME.fullmatch(bundle[key]) for key in ("scanned_at", "added_at")):
                log = next((row["log"] for row in self._some("probe_log", "bundle = ?", bundle["key"])), "")
                mine = [(plugin, self._parameters(plugin["key"], words)) for plugin in plugins[bundle["key"]]]
                yield bundle, log, mine

    def user(self) -> userdata.Tables:
        """What the user wrote, as far as it can be read, with the identities of plugins."""
        return {table: self._both_ways(table) for table in (*userdata.user_tables(self._sound), "identity")}

    def _parameters(self, plugin: int, words: dict[int, str]) -> list[Row]:
        rows = self._some("parameter", "plugin = ?", plugin)
        return [
            row | {"name": words[row["name"]], "unit": words[row["unit"]]}
            for row in rows
            if row["name"] in words and row["unit"] in words
        ]

    def _numbered(self, table: str) -> Iterator[Row]:
        """The rows of a table with numbers, asked for one by one: one that cannot be read hides no other."""
        if not self._names(table):
            return
        top = self._rows_at_most
        for (highest,) in self._read(f"SELECT max(key) FROM {table}"):
            top = min(top, highest) if isinstance(highest, int) else top
        columns = self._columns(table)
        for key in range(1, top + 1):
            yield from self._rows(table, columns, "WHERE key = ?", key)

    def _names(self, table: str) -> bool:
        """Whether the file still knows of this table."""
        try:
            self._db.execute(f"SELECT * FROM {table} LIMIT 0")
        except sqlite3.Error:
            return False
        return True

    def _some(self, table: str, where: str, value: object) -> list[Row]:
        return list(self._rows(table, self._columns(table), f"WHERE {where}", value))

    def _both_ways(self, table: str) -> list[Row]:
        """The rows of a table without numbers: from its front and from its back, up to what cannot be read."""
        columns = self._columns(table)
        key = columns[0][0]
        rows = [*self._rows(table, columns, f"ORDER BY {key}"), *self._rows(table, columns, f"ORDER BY {key} DESC")]
        return list({tuple(row.values()): row for row in rows}.values())

    def _rows(self, table: str, columns: Sequence[tuple[str, str, bool]], rest: str, *values: object) -> Iterator[Row]:
        names = ", ".join(f'"{name}"' for name, _, _ in columns)
        for values_ in self._read(f"SELECT {names} FROM {table} {rest}", *values):
            if all(_fits(value, *column) for value, column in zip(values_, columns, strict=True)):
                yield dict(zip((name for name, _, _ in columns), values_, strict=True))

    def _read(self, sql: str, *values: object) -> Iterator[tuple[Any, ...]]:
        try:
            yield from self._db.execute(sql, values)
        except (sqlite3.Error, OverflowError):
            return

    def _columns(self, table: str) -> list[tuple[str, str, bool]]:
        """Name, declared type, and whether it must not be empty, of each column."""
        info = self._sound.execute(f"PRAGMA table_info({table})")
        return [(name, type_, bool(needed or part_of_key)) for _, name, type_, needed, _, part_of_key in info]


def _fits(value: object, name: str, type_: str, needed: bool) -> bool:
    """Whether a value may stand in this column; texts must be as this program would have cleaned them."""
    if value is None:
        return not needed
    if type_ == "TEXT":
        if not isinstance(value, str) or "\ufffd" in value:
            return False
        lines = value.split("\n") if name in _FREE else [value]
        return all(clean(line, len(line) + 1) == " ".join(line.split()) for line in lines)
    return isinstance(value, int if type_ == "INTEGER" else int | float)
