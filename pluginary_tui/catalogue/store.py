"""The catalogue as plain data: plugins, parameters, logs, and what the user wrote about them."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pluginary_tui.catalogue.database import FILE_NAME, connect, now, told_plainly, transaction
from pluginary_tui.model import MISSING, Parameter, Plugin, clean

TAG_LIMIT = 64
"""Characters kept of a tag."""

# In the order of Plugin's fields; tags and copies are filled in afterwards.
_PLUGINS = """
SELECT p.id, p.name, p.vendor, b.format, p.categories, p.raw_category, p.version, b.path, p.name_in_file,
       p.kind, p.uid, p.latency_samples, p.parameter_count,
       CASE WHEN b.missing THEN 'missing' ELSE p.status END, CASE WHEN b.missing THEN '' ELSE p.error END,
       coalesce(u.favourite, 0), coalesce(u.hidden, 0), '', coalesce(u.rating, 0), coalesce(u.note, ''),
       coalesce(u.uses, 0), coalesce(u.used_at, ''), b.scanned_at, p.added_at, p.probe_ms, b.quarantined_at <> '',
       coalesce(j.change, ''), 1, p.key
FROM plugin p JOIN bundle b ON b.key = p.bundle LEFT JOIN user_plugin u ON u.id = p.id
LEFT JOIN journal j ON j.scan = (SELECT max(key) FROM scan) AND j.path = b.path
"""


@dataclass(slots=True)
class BundleInfo:
    """What the catalogue knows of one bundle beside its plugins. `size` in bytes, `modified` in epoch seconds."""

    path: str
    format: str
    name: str
    vendor: str
    fingerprint: str
    size: int
    modified: float
    outcome: str
    error: str
    stage: str
    signal: str
    elapsed_ms: int
    peak_mb: float
    scanned_at: str
    added_at: str
    quarantined_at: str
    missing: bool


class Store:
    """A typed face over the file. One per thread that writes; reading from another thread is fine.

    Raises CatalogueError, one sentence, for anything the file or the disk refuses.
    """

    def __init__(self, path: Path, *, durable: bool = False) -> None:
        self.path = path
        self.db = connect(path, durable=durable)

    @classmethod
    def in_folder(cls, data_dir: Path, *, durable: bool = False) -> Self:
        """The catalogue of this data folder, made where there is none yet."""
        return cls(data_dir / FILE_NAME, durable=durable)

    def close(self) -> None:
        self.db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it or nothing."""
        with told_plainly(self.path), transaction(self.db) as db:
            yield db

    # Reading

    def plugins(self, where: str = "", values: Sequence[object] = ()) -> list[Plugin]:
        """Every plugin, each copy a row of its own, in the order of name, vendor and path."""
        with told_plainly(self.path):
            tags: dict[str, list[str]] = defaultdict(list)
            for id_, tag in self.db.execute("SELECT id, tag FROM user_tag ORDER BY tag"):
                tags[id_].append(tag)
            copies = dict(
                self.db.execute(
                    "SELECT p.id, count(*) FROM plugin p JOIN bundle b ON b.key = p.bundle"
                    " WHERE NOT b.missing GROUP BY p.id HAVING count(*) > 1"
                )
            )
            rows = self.db.execute(
                f"{_PLUGINS} {where} ORDER BY p.name COLLATE NOCASE, p.vendor COLLATE NOCASE, b.path, p.key", values
            )
            return [_plugin(row, tags, copies) for row in rows]

    def copies(self, id_: str) -> list[Plugin]:
        """All copies of the plugin with this id, those that are there and in order first; empty for an unknown id."""
        found = self.plugins("WHERE p.id = ?", (id_,))
        return sorted(found, key=lambda p: (p.status == MISSING, p.status != "ok", p.path))

    def plugin(self, key: int) -> Plugin | None:
        """The plugin in this row; None where it is gone."""
        return next(iter(self.plugins("WHERE p.key = ?", (key,))), None)

    def parameters(self, key: int) -> list[Parameter]:
        """The parameters of the plugin in this row, in the plugin's own order."""
        with told_plainly(self.path):
            rows = self.db.execute(
                'SELECT n.text, u.text, r."default", r.minimum, r.maximum, r.default_raw, r.steps, r.kind,'
                " r.automatable"
                " FROM parameter r JOIN word n ON n.key = r.name JOIN word u ON u.key = r.unit"
                " WHERE r.plugin = ? ORDER BY r.position",
                (key,),
            )
            parameters = [Parameter(*row) for row in rows]
        for parameter in parameters:
            parameter.automatable = bool(parameter.automatable)
        return parameters

    def bundle(self, path: str) -> BundleInfo | None:
        """What is known of the bundle at this path."""
        return next(iter(self.bundles("WHERE path = ?", (path,))), None)

    def bundles(self, where: str = "", values: Sequence[object] = ()) -> list[BundleInfo]:
        """Every bundle there is or was, by path."""
        with told_plainly(self.path):
            rows = self.db.execute(
                "SELECT path, format, name, vendor, fingerprint, size, modified, outcome, error, stage,"
                " signal, elapsed_ms, peak_mb, scanned_at, added_at, quarantined_at, missing"
                f" FROM bundle {where} ORDER BY path",
                values,
            )
            infos = [BundleInfo(*row) for row in rows]
        for info in infos:
            info.missing = bool(info.missing)
        return infos

    def quarantine(self) -> list[BundleInfo]:
        """The bundles that are not probed by themselves any more."""
        return self.bundles("WHERE quarantined_at <> '' AND NOT missing")

    def log(self, path: str) -> str:
        """What the bundle at this path printed when it was last probed."""
        with told_plainly(self.path):
            row = self.db.execute(
                "SELECT log FROM probe_log WHERE bundle = (SELECT key FROM bundle WHERE path = ?)", (path,)
            ).fetchone()
            return row[0] if row else ""

    def changes(self) -> tuple[int, int]:
        """Changes when anything was written, by this connection or by another one."""
        with told_plainly(self.path):
            return self.db.execute("PRAGMA data_version").fetchone()[0], self.db.total_changes

    # What the user wrote

    def set_favourite(self, ids: Iterable[str], on: bool) -> None:
        self._set_user("favourite", ids, int(on))

    def set_hidden(self, ids: Iterable[str], on: bool) -> None:
        self._set_user("hidden", ids, int(on))

    def set_rating(self, ids: Iterable[str], stars: int) -> None:
        """0 takes the rating away; 5 is the best."""
        self._set_user("rating", ids, max(0, min(5, stars)))

    def set_note(self, ids: Iterable[str], note: str) -> None:
        self._set_user("note", ids, note)

    def add_tag(self, ids: Iterable[str], tag: str) -> None:
        """Tags are single words: white space becomes a hyphen."""
        name = tag_name(tag)
        if name:
            with self.writing() as db:
                db.executemany("INSERT OR IGNORE INTO user_tag VALUES (?, ?)", [(id_, name) for id_ in ids])

    def remove_tag(self, ids: Iterable[str], tag: str) -> None:
        with self.writing() as db:
            db.executemany("DELETE FROM user_tag WHERE id = ? AND tag = ?", [(id_, tag_name(tag)) for id_ in ids])

    def used(self, id_: str) -> None:
        """Remember that this plugin was opened or copied, for the order among equals."""
        with self.writing() as db:
            db.execute(
                "INSERT INTO user_plugin (id, uses, used_at) VALUES (?, 1, ?)"
                " ON CONFLICT (id) DO UPDATE SET uses = uses + 1, used_at = excluded.used_at",
                (id_, now()),
            )

    def _set_user(self, column: str, ids: Iterable[str], value: object) -> None:
        with self.writing() as db:
            db.executemany(
                f"INSERT INTO user_plugin (id, {column}) VALUES (?, ?)"
                f" ON CONFLICT (id) DO UPDATE SET {column} = excluded.{column}",
                [(id_, value) for id_ in ids],
            )


def tag_name(text: str) -> str:
    """A tag as it is kept: one word, no leading `#`.

    >>> tag_name("#drum bus ")
    'drum-bus'
    """
    return "-".join(clean(text, TAG_LIMIT).lstrip("#").replace('"', "").replace(",", " ").split())


def _plugin(row: tuple[Any, ...], tags: dict[str, list[str]], copies: dict[str, int]) -> Plugin:
    plugin = Plugin(*row)
    plugin.categories = tuple(row[4].split("|")) if row[4] else ()
    plugin.tags = tuple(tags.get(plugin.id, ()))
    plugin.copies = copies.get(plugin.id, 1)
    plugin.favourite, plugin.hidden = bool(plugin.favourite), bool(plugin.hidden)
    plugin.quarantined = bool(plugin.quarantined)
    return plugin
