"""Trigram index of parameter names and probe logs, in a file of its own that is rebuilt when it does not fit."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

from pluginary_tui.catalogue.database import BUSY_MS, is_read_only, transaction
from pluginary_tui.catalogue.sqlite_file import open_file

FILE_NAME = "texts.db"

LEAST = 3
"""Least length of a text that a trigram index can find."""

_FORMAT = 1
# The row number of a word is its own, that of a log the negated one of its bundle. Trigrams need SQLite 3.34.
_SCHEMA = (
    "CREATE VIRTUAL TABLE text USING fts5(form, tokenize = 'trigram')",
    "CREATE TABLE words (count INTEGER NOT NULL, last INTEGER NOT NULL, last_text TEXT NOT NULL)",
    "CREATE TABLE logs (bundle INTEGER PRIMARY KEY, scanned_at TEXT NOT NULL)",
    "INSERT INTO words VALUES (0, 0, '')",
    f"PRAGMA user_version = {_FORMAT}",
)


class TextIndex:
    """Finds the rows that may contain a text. `form` folds texts before they are compared."""

    def __init__(self, catalogue: sqlite3.Connection, path: Path, form: Callable[[str], str]) -> None:
        self._catalogue = catalogue
        self._path = path
        self._form = form

    def candidates(self, needles: Sequence[str]) -> tuple[list[int], list[int]] | None:
        """Row numbers of words, and of bundles by their logs, that contain one of `needles`, and possibly of some more.

        None where the index is of no use: a needle is too short, or its file can neither be used nor rebuilt,
        or the catalogue is another user's.
        """
        if not needles or min(map(len, needles)) < LEAST or is_read_only(self._catalogue):
            return None
        for _ in range(2):
            try:
                return self._query(needles)
            except sqlite3.Error:  # damaged, or of another format or catalogue
                with contextlib.suppress(OSError):
                    for ending in ("", "-journal"):
                        self._path.with_name(self._path.name + ending).unlink(missing_ok=True)
        return None

    def _query(self, needles: Sequence[str]) -> tuple[list[int], list[int]]:
        with contextlib.closing(open_file(self._path, timeout=BUSY_MS / 1000)) as db:
            db.execute("PRAGMA synchronous = OFF")  # after a power cut it is rebuilt
            with transaction(db):
                self._update(db)
            quoted = " OR ".join('"{}"'.format(needle.replace('"', '""')) for needle in needles)
            found = [row for (row,) in db.execute("SELECT rowid FROM text WHERE text MATCH ?", (quoted,))]
        return [row for row in found if row > 0], [-row for row in found if row < 0]

    def _update(self, db: sqlite3.Connection) -> None:
        """Check the index against itself and the catalogue, and add what is new there."""
        if db.execute("PRAGMA user_version").fetchone()[0] != _FORMAT:
            for statement in _SCHEMA:
                db.execute(statement)
        db.execute("INSERT INTO text (text) VALUES ('integrity-check')")
        count, last, last_text = db.execute("SELECT count, last, last_text FROM words").fetchone()
        there = self._catalogue.execute(
            "SELECT count(*), coalesce(max(text) FILTER (WHERE key = :last), '') FROM word WHERE key <= :last",
            {"last": last},
        ).fetchone()
        if there != (count, last_text):
            raise sqlite3.DatabaseError("the index belongs to another catalogue")
        new = self._catalogue.execute("SELECT key, text FROM word WHERE key > ? ORDER BY key", (last,)).fetchall()
        if new:
            db.executemany("INSERT INTO text (rowid, form) VALUES (?, ?)", ((key, self._form(t)) for key, t in new))
            db.execute("UPDATE words SET count = count + ?, last = ?, last_text = ?", (len(new), *new[-1]))
        self._update_logs(db)

    def _update_logs(self, db: sqlite3.Connection) -> None:
        known = dict(db.execute("SELECT bundle, scanned_at FROM logs"))
        now = dict(self._catalogue.execute("SELECT key, scanned_at FROM probe_log JOIN bundle ON key = bundle"))
        stale = [bundle for bundle, at in known.items() if now.get(bundle) != at]
        db.executemany("DELETE FROM text WHERE rowid = ?", ((-bundle,) for bundle in stale))
        db.executemany("DELETE FROM logs WHERE bundle = ?", ((bundle,) for bundle in stale))
        for bundle, at in now.items():
            if known.get(bundle) != at:
                (log,) = self._catalogue.execute("SELECT log FROM probe_log WHERE bundle = ?", (bundle,)).fetchone()
                db.execute("INSERT INTO text (rowid, form) VALUES (?, ?)", (-bundle, self._form(log)))
                db.execute("INSERT INTO logs VALUES (?, ?)", (bundle, at))
