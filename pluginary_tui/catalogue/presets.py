"""Presets in the catalogue: the files that were read, the programs of plugins, and what the user wrote about both."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import NamedTuple

from pluginary_tui.catalogue.database import readable_errors
from pluginary_tui.catalogue.store import Store
from pluginary_tui.model import tag_name

READING = 1
"""The version of the way preset files are read; one read in another way is read again."""

_COLUMNS = (
    "path, item, source, size, modified, reading, outcome, error, name, format, uid, wanted, vendor, category, author"
)
_ID = "path || CASE item WHEN '' THEN '' ELSE '#' || item END"
_CONTENT = "format || ' ' || uid || ' ' || CASE source WHEN '' THEN size || ' ' || modified ELSE name END"
"""What stays of a preset when its file is moved or renamed: moving keeps the time of the last change."""
_INSERT = f"INSERT OR REPLACE INTO preset ({_COLUMNS}) VALUES ({', '.join('?' * 15)})"


class KnownFile(NamedTuple):
    """What tells whether a file has changed since it was read."""

    size: int
    modified: int
    """Nanoseconds since the epoch."""
    reading: int


class ReadBundle(NamedTuple):
    """A bundle that tells of presets in files: an LV2 bundle, or a CLAP."""

    path: str
    size: int
    modified: int
    reading: int
    outcome: str
    error: str
    places: str
    """Folders and files of which a CLAP says that presets are there, joined by line ends."""


class ReadPreset(NamedTuple):
    """A preset in a file to keep; texts are safe to show."""

    path: str
    item: str
    """Which one it is where a file holds several: the URI of an LV2's preset, the load key of a CLAP's."""
    source: str
    """Path of the bundle that tells of it; empty where it was read from the file itself."""
    size: int
    modified: int
    reading: int
    outcome: str
    error: str
    name: str
    format: str
    uid: str
    wanted: str
    vendor: str
    category: str
    author: str


class Preset(NamedTuple):
    """A preset file, or a program that a plugin holds."""

    id: str
    """The file's path, with a # and which one it is where the file holds several; of a program the plugin's id, a # and
    its name. What the user writes is kept by it.
    """
    name: str
    plugin: str
    """Id of the plugin of the catalogue; empty where none has the identity that the file names."""
    path: str = ""
    """Empty for a program."""
    category: str = ""
    author: str = ""
    format: str = ""
    """Format of the plugin that the file is for; empty for a program."""
    uid: str = ""
    wanted: str = ""
    """Name of the plugin that the file is for, where the file has it."""
    vendor: str = ""
    loads: bool | None = None
    """Whether pedalboard's plugin takes it; None where that was not tried."""
    load_error: str = ""
    favourite: bool = False
    tags: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """`file` or `program`."""
        return "file" if self.path else "program"


class Presets:
    """Typed access to presets. Raises CatalogueError."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def known(self) -> dict[str, KnownFile]:
        """What is known of every file that was read by itself, and of every bundle, by path."""
        with readable_errors(self._store.path):
            rows = self._store.db.execute(
                "SELECT path, size, modified, reading FROM preset WHERE source = ''"
                " UNION ALL SELECT path, size, modified, reading FROM preset_bundle"
            )
            return {row[0]: KnownFile(row[1], row[2], row[3]) for row in rows}

    def places(self) -> dict[str, list[str]]:
        """Where CLAPs say that presets are, by the path of their bundle."""
        with readable_errors(self._store.path):
            rows = self._store.db.execute("SELECT path, places FROM preset_bundle WHERE places <> ''")
            return {path: places.split("\n") for path, places in rows}

    def put(self, presets: Sequence[ReadPreset]) -> None:
        """Keep what was read of some files, in place of what was known of them."""
        with self._store.writing(lazy=True) as db:
            db.executemany("DELETE FROM preset WHERE path = ? AND +source = ''", ((each.path,) for each in presets))
            db.executemany(_INSERT, presets)

    def put_bundle(self, bundle: ReadBundle, presets: Iterable[ReadPreset]) -> None:
        """Keep what a bundle tells of presets, in place of what it told before."""
        with self._store.writing(lazy=True) as db:
            _remember(db, [bundle.path])
            db.execute("DELETE FROM preset WHERE source = ?", (bundle.path,))
            db.execute(f"INSERT OR REPLACE INTO preset_bundle VALUES ({', '.join('?' * 7)})", bundle)
            db.executemany(_INSERT, presets)

    def forget(self, paths: Sequence[str]) -> int:
        """Drop these files and bundles; what the user wrote about presets stays. Returns how many there were."""
        with self._store.writing() as db:
            rows = [(path,) for path in paths]
            _remember(db, paths)
            files = db.executemany("DELETE FROM preset WHERE path = ? AND +source = ''", rows).rowcount
            db.executemany("DELETE FROM preset WHERE source = ?", rows)
            return max(0, files) + max(0, db.executemany("DELETE FROM preset_bundle WHERE path = ?", rows).rowcount)

    def follow(self, absent: Collection[str] = ()) -> int:
        """Let what the user wrote about files that are gone follow them to where they were moved, or to a new name.

        `absent`: paths of files and bundles in the catalogue that are not on the disk now, with the disk that they are
        on, perhaps. Where several files could be the one, the one of the same name is, or none. Returns how many were
        found.
        """
        with self._store.writing() as db:
            _remember(db, absent)
            gone: dict[str, str] = dict(db.execute("SELECT id, content FROM user_preset WHERE content <> ''"))
            if not gone:
                return 0
            rows = db.execute(
                f"SELECT {_ID}, {_CONTENT}, coalesce(nullif(source, ''), path) FROM preset"
                f" WHERE {_ID} IN (SELECT id FROM user_preset) OR {_CONTENT} IN (SELECT value FROM json_each(?))",
                (json.dumps([*gone.values()]),),
            )
            away = set(absent)
            there = {id_: content for id_, content, place in rows if place not in away}
            gone = {id_: content for id_, content in gone.items() if id_ not in there}
            written = {id_ for (id_,) in db.execute("SELECT id FROM user_preset")}
            free: dict[str, set[str]] = {content: set() for content in gone.values()}
            for id_, content in there.items():
                if id_ not in written and content in free:
                    free[content].add(id_)
            moved = dict(_of_same_names(gone, free))
            left = Counter(content for id_, content in gone.items() if id_ not in moved)
            for id_, content in gone.items():
                if id_ not in moved and left[content] == len(free[content]) == 1:
                    moved[id_] = free[content].pop()
            db.executemany(
                "UPDATE user_preset SET id = ?, content = '' WHERE id = ?", ((n, o) for o, n in moved.items())
            )
        if moved:
            self._store.user_data_changed()
        return len(moved)

    def of_plugin(self, id_: str) -> list[Preset]:
        """The programs that a plugin holds, in its order, then the files for it, by name."""
        return self.of_plugins([id_])

    def of_plugins(self, ids: Sequence[str]) -> list[Preset]:
        """The same of some plugins, in their order."""
        return self._found(list(dict.fromkeys(ids)))

    def unmatched(self) -> list[Preset]:
        """The files whose plugin is not in the catalogue, by the plugin that they ask for and by name."""
        return self._files(
            "plugin = '' AND outcome = 'ok'", (), "wanted COLLATE NOCASE, uid, name COLLATE NOCASE, path"
        )

    def untried(self, ids: Collection[str] | None = None) -> list[tuple[str, str]]:
        """Path and plugin's id of the files for VST3 plugins that load, of which it is not known whether they load.

        `ids` of plugins: only files for these.
        """
        with readable_errors(self._store.path):
            return self._store.db.execute(
                "SELECT path, plugin FROM preset WHERE loads IS NULL AND format = 'vst3' AND plugin IN"
                " (SELECT id FROM plugin WHERE loads = 1 AND status = 'ok'"
                " AND (?1 IS NULL OR id IN (SELECT value FROM json_each(?1)))) ORDER BY plugin, path",
                (None if ids is None else json.dumps([*ids]),),
            ).fetchall()

    def tried(self, results: Iterable[tuple[str, bool, str]]) -> None:
        """Keep whether the files at these paths could be loaded, and why not."""
        with self._store.writing(lazy=True) as db:
            db.executemany(
                "UPDATE preset SET loads = ?, load_error = ? WHERE path = ?",
                ((int(ok), error, path) for path, ok, error in results),
            )

    def set_favourite(self, ids: Iterable[str], on: bool) -> None:
        with self._store.writing_for_user() as db:
            db.executemany(
                "INSERT INTO user_preset (id, favourite) VALUES (?, ?)"
                " ON CONFLICT (id) DO UPDATE SET favourite = excluded.favourite",
                ((id_, int(on)) for id_ in ids),
            )

    def set_tags(self, ids: Iterable[str], tags: Iterable[str]) -> None:
        """Give these exactly these tags."""
        wanted = {tag_name(tag) for tag in tags}
        self._change_tags(ids, lambda before: wanted)

    def add_tag(self, ids: Iterable[str], tag: str) -> None:
        """Tags are single words, as those of plugins."""
        self._change_tags(ids, lambda tags: {*tags, tag_name(tag)})

    def remove_tag(self, ids: Iterable[str], tag: str) -> None:
        self._change_tags(ids, lambda tags: tags - {tag_name(tag)})

    def _change_tags(self, ids: Iterable[str], change: Callable[[set[str]], set[str]]) -> None:
        with self._store.writing_for_user() as db:
            for id_ in ids:
                row = db.execute("SELECT tags FROM user_preset WHERE id = ?", (id_,)).fetchone()
                tags = " ".join(sorted(change(set(row[0].split()) if row else set()) - {""}))
                db.execute(
                    "INSERT INTO user_preset (id, tags) VALUES (?, ?)"
                    " ON CONFLICT (id) DO UPDATE SET tags = excluded.tags",
                    (id_, tags),
                )

    def _found(self, ids: list[str]) -> list[Preset]:
        written = self._written()
        with readable_errors(self._store.path):
            programs = self._store.db.execute(
                "SELECT p.id, w.text FROM program r JOIN word w ON w.key = r.name JOIN plugin p ON p.key = r.plugin"
                " WHERE r.plugin IN (SELECT min(key) FROM plugin WHERE id IN (SELECT value FROM json_each(?))"
                " GROUP BY id) ORDER BY r.plugin, r.position",
                (json.dumps(ids),),
            ).fetchall()
        found: dict[str, list[Preset]] = {id_: [] for id_ in ids}
        for id_, name in programs:
            key = f"{id_}#{name}"
            favourite, tags = written.get(key, (False, ()))
            found[id_].append(Preset(key, name, id_, favourite=favourite, tags=tags))
        where = "plugin IN (SELECT value FROM json_each(?))"
        for preset in self._files(where, (json.dumps(ids),), "name COLLATE NOCASE, path"):
            found[preset.plugin].append(preset)
        return [preset for presets in found.values() for preset in presets]

    def _files(self, where: str, values: Sequence[object], order: str) -> list[Preset]:
        written = self._written()
        with readable_errors(self._store.path):
            rows = self._store.db.execute(
                "SELECT path, item, name, plugin, category, author, format, uid, wanted, vendor, loads, load_error"
                f" FROM preset WHERE {where} ORDER BY {order}",
                values,
            )
            found = []
            for path, item, name, plugin, category, author, format_, uid, wanted, vendor, loads, error in rows:
                key = f"{path}#{item}" if item else path
                favourite, tags = written.get(key, (False, ()))
                loaded = None if loads is None else bool(loads)
                found.append(
                    Preset(
                        key,
                        name,
                        plugin,
                        path,
                        category,
                        author,
                        format_,
                        uid,
                        wanted,
                        vendor,
                        loaded,
                        error,
                        favourite,
                        tags,
                    )
                )
            return found

    def _written(self) -> dict[str, tuple[bool, tuple[str, ...]]]:
        with readable_errors(self._store.path):
            rows = self._store.db.execute("SELECT id, favourite, tags FROM user_preset")
            return {id_: (bool(favourite), tuple(tags.split())) for id_, favourite, tags in rows}


def _remember(db: sqlite3.Connection, paths: Iterable[str]) -> None:
    """Keep what presets may be recognised by elsewhere, of those in these files and bundles that the user wrote about.

    To be called before their rows go.
    """
    if not db.execute("SELECT 1 FROM user_preset LIMIT 1").fetchone():
        return
    rows = [(path,) for path in paths]
    for where in ("path = ? AND source = ''", "source = ?"):
        db.executemany(
            f"UPDATE user_preset SET content = found.content FROM (SELECT {_ID} AS id, {_CONTENT} AS content"
            f" FROM preset WHERE uid <> '' AND {where}) AS found WHERE user_preset.id = found.id",
            rows,
        )


def _of_same_names(gone: Mapping[str, str], free: Mapping[str, set[str]]) -> Iterator[tuple[str, str]]:
    """For ids of files that are gone, by content, the only free one with the same file name, which is taken."""
    for id_, content in gone.items():
        named = [each for each in free[content] if PurePath(each).name == PurePath(id_).name]
        if len(named) == 1:
            free[content].discard(named[0])
            yield id_, named[0]
