"""Projects in the catalogue: which files were read, and which plugins each uses."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import NamedTuple

from pluginary_tui.catalogue.database import now, readable_errors
from pluginary_tui.catalogue.store import Store
from pluginary_tui.model import clean

PROJECT_COLUMNS = "key, path, size, modified, program, outcome, error, plugins, read_at"
"""The columns of a `ProjectRow`."""

READING = 2
"""The version of the way projects are read; a project read in another way is read again."""


class UsedPlugin(NamedTuple):
    """A plugin as projects name it."""

    key: int
    """Its row."""
    format: str
    """As in `projects.facts.Use`; `native` for what is part of the DAW."""
    uid: str
    name: str
    vendor: str
    file: str


class KnownFile(NamedTuple):
    """What tells whether a file has changed since it was read."""

    size: int
    modified: int
    """Nanoseconds since the epoch."""
    reading: int


class ProjectRow(NamedTuple):
    """One project file."""

    key: int
    path: str
    size: int
    modified: int
    """Nanoseconds since the epoch."""
    program: str
    outcome: str
    error: str
    plugins: int
    """Places where it uses a plugin, those of the DAW itself not counted."""
    read_at: str


class UseRow(NamedTuple):
    """One place in a project where a plugin is used."""

    used: int
    """Row of the plugin's `UsedPlugin`."""
    track: str
    active: bool | None


@dataclass(slots=True)
class ReadProject:
    """A project to keep. `uses` are format, uid, name, vendor, track, active and file of each place."""

    path: str
    size: int
    modified: int
    program: str
    outcome: str
    error: str
    uses: Sequence[tuple[str, str, str, str, str, bool | None, str]]


class Projects:
    """Typed access to the tables of projects. Raises CatalogueError."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def known(self) -> dict[str, KnownFile]:
        """What is known of every project, by path."""
        with readable_errors(self._store.path):
            rows = self._store.db.execute("SELECT path, size, modified, reading FROM project")
            return {path: KnownFile(*rest) for path, *rest in rows}

    def put(self, projects: Iterable[ReadProject]) -> None:
        """Keep what was read of some projects, in place of what was known of them."""
        with self._store.writing(lazy=True) as db:
            for each in projects:
                db.execute("DELETE FROM project WHERE path = ?", (each.path,))
                plugins = sum(use[0] != "native" for use in each.uses)
                key = db.execute(
                    "INSERT INTO project (path, size, modified, reading, program, outcome, error, plugins, read_at)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        *(each.path, each.size, each.modified, READING, each.program, each.outcome, each.error),
                        *(plugins, now()),
                    ),
                ).lastrowid
                rows = []
                for position, (format_, uid, name, vendor, track, active, file) in enumerate(each.uses):
                    identity = (format_, uid, name, vendor, file)
                    db.execute(
                        "INSERT OR IGNORE INTO used_plugin (format, uid, name, vendor, file) VALUES (?, ?, ?, ?, ?)",
                        identity,
                    )
                    (used,) = db.execute(
                        "SELECT key FROM used_plugin"
                        " WHERE format = ? AND uid = ? AND name = ? AND vendor = ? AND file = ?",
                        identity,
                    ).fetchone()
                    rows.append((key, position, used, track, active))
                db.executemany("INSERT INTO project_use VALUES (?, ?, ?, ?, ?)", rows)

    def forget(self, paths: Iterable[str]) -> int:
        """Drop these projects. Returns how many there were."""
        with self._store.writing() as db:
            count = db.executemany("DELETE FROM project WHERE path = ?", ((path,) for path in paths)).rowcount
            _drop_unused(db)
            return max(count, 0)

    def all(self) -> list[ProjectRow]:
        """All projects, by path."""
        return list(self._rows("ORDER BY path"))

    def find(self, path: str) -> ProjectRow | None:
        """The project at this path."""
        return next(self._rows("WHERE path = ?", (path,)), None)

    def named(self, name: str) -> list[ProjectRow]:
        """The projects whose file has this name as it is shown, with or without its ending, ignoring case."""
        wanted = name.casefold()
        return [
            row
            for row in self._rows("ORDER BY path")
            if wanted in (clean(PurePath(row.path).name).casefold(), clean(PurePath(row.path).stem).casefold())
        ]

    def _rows(self, where: str, values: Sequence[object] = ()) -> Iterator[ProjectRow]:
        with readable_errors(self._store.path):
            rows = self._store.db.execute(
                f"SELECT {PROJECT_COLUMNS} FROM project {where}",
                values,
            ).fetchall()
        return map(ProjectRow._make, rows)

    def used_plugins(self, keys: Iterable[int] | None = None) -> list[UsedPlugin]:
        """The plugins that projects use, or those in these rows; what is part of a DAW is among them."""
        where, values = ("", ()) if keys is None else (" WHERE key IN (SELECT value FROM json_each(?))", (_list(keys),))
        with readable_errors(self._store.path):
            rows = self._store.db.execute(
                f"SELECT key, format, uid, name, vendor, file FROM used_plugin{where}", values
            )
            return [UsedPlugin(*row) for row in rows]

    def uses(self, project: int) -> list[UseRow]:
        """The places where the project in this row uses plugins, in the file's order."""
        with readable_errors(self._store.path):
            rows = self._store.db.execute(
                "SELECT used, track, active FROM project_use WHERE project = ? ORDER BY position", (project,)
            )
            return [UseRow(used, track, None if active is None else bool(active)) for used, track, active in rows]

    def users(self) -> dict[int, set[int]]:
        """For each row of a used plugin, the rows of the projects that use it."""
        found: dict[int, set[int]] = {}
        with readable_errors(self._store.path):
            for used, project in self._store.db.execute("SELECT DISTINCT used, project FROM project_use"):
                found.setdefault(used, set()).add(project)
        return found


def _list(keys: Iterable[int]) -> str:
    return json.dumps(list(keys))


def _drop_unused(db: sqlite3.Connection) -> None:
    """Drop plugins that no project uses any more, which no rule of the tables does."""
    db.execute("DELETE FROM used_plugin WHERE key NOT IN (SELECT used FROM project_use)")
