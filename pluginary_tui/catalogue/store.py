"""The catalogue as plain data: plugins, parameters, logs, and what the user wrote about them."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from pluginary_tui.catalogue.carry_over import present_ids
from pluginary_tui.catalogue.database import FILE_NAME, connect, now, readable_errors, transaction
from pluginary_tui.catalogue.integrity.open_guard import OpenGuard, check_before_open
from pluginary_tui.catalogue.plugin_rows import IN_ORDER, OUTLINE, PARAMETERS, PLUGINS, CategoryCache, Interned, fill
from pluginary_tui.catalogue.results import put_attempts
from pluginary_tui.model import MISSING, Attempt, Bus, Parameter, Plugin, tag_name

LAZY_S = 0.5
"""Seconds after which what was written lazily is on the disk, as long as more is written."""

NOTHING_WRITTEN = "NOT (favourite OR hidden OR rating OR uses OR note <> '' OR used_at <> '')"
"""An SQL condition: the row of a plugin of which nothing that was written is left."""


class BundleInfo(NamedTuple):
    """The facts of one bundle, without its plugins. `size` in bytes, `modified` in epoch seconds."""

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
    sandbox: str = ""
    """How it was confined when it was last read; empty where that is not known."""


class PluginFailure(NamedTuple):
    """How reading one plugin and trying it with pedalboard ended, beside the fields of Plugin about both."""

    stage: str
    """What was being done when reading it failed; empty where it was read."""
    signal: str
    load_outcome: str
    """An outcome; empty where pedalboard was not tried."""


class Store:
    """Typed access to the file. One per thread that writes; reading from another thread is fine.

    Raises CatalogueError, one sentence, for anything the file or the disk refuses.
    """

    def __init__(self, path: Path, *, durable: bool = False) -> None:
        self.path = path
        self.notice = ""
        """What had to be done before it could be opened (a damaged file was mended): a sentence for the user."""
        self.db = connect(path, durable=durable)
        self._durable = durable
        """Whether a commit that is not lazy waits for the disk."""
        self._waits = durable
        """Whether the next one would, by the setting that SQLite was given last."""
        self._synced = 0.0
        self._guard = OpenGuard(path)

    @classmethod
    def in_folder(cls, data_dir: Path, *, durable: bool = False) -> Self:
        """The catalogue of this data folder, made where there is none yet, and mended where it is damaged."""
        notice = check_before_open(data_dir / FILE_NAME)
        store = cls(data_dir / FILE_NAME, durable=durable)
        store.notice = notice
        return store

    def close(self) -> None:
        self._guard.close(self.db)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def writing(self, *, lazy: bool = False) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it or nothing.

        A `lazy` one does not wait for the disk more often than every LAZY_S, even where the store is durable. A kill of
        this program loses nothing by that; a power cut loses such transactions of the last LAZY_S, and no others.
        """
        lazy = lazy and self._durable and time.monotonic() - self._synced < LAZY_S
        waits = self._durable and not lazy
        with readable_errors(self.path):
            if waits != self._waits:
                self.db.execute(f"PRAGMA synchronous = {'FULL' if waits else 'NORMAL'}")
                self._waits = waits
            with transaction(self.db) as db:
                self._guard.before_write()
                yield db
        if not lazy:
            self._synced = time.monotonic()

    @contextmanager
    def writing_for_user(self) -> Iterator[sqlite3.Connection]:
        """The same for what the user writes, which is exported as well."""
        with self.writing() as db:
            yield db
        self.user_data_changed()

    def user_data_changed(self) -> None:
        """Has to be called after a transaction that moved what the user wrote, so that it is exported as well."""
        self._guard.user_wrote(self.db)

    # Reading

    def size(self) -> int:
        """Bytes of the catalogue, what has not reached its own file yet included."""
        pages, page = (self.db.execute(f"PRAGMA {what}").fetchone()[0] for what in ("page_count", "page_size"))
        return int(pages * page)

    def plugins(self, id_: str | None = None) -> list[Plugin]:
        """Every plugin, or every copy of the one with this id, each copy a row of its own, in the order of name, vendor
        and path.
        """
        where, values = ("WHERE p.id = ?", (id_,)) if id_ is not None else ("", ())
        with readable_errors(self.path):
            rows = self.db.execute(f"{PLUGINS} {where} {IN_ORDER}", values)
            return fill(self.db, rows)

    def first_plugins(self, limit: int, *, whole_products: bool = False) -> list[Plugin]:
        """The first plugins that are not hidden, in the order of `plugins`, without reading the others.

        With `whole_products`, also the other plugins of their products. How many copies there are is not known by then.
        """
        shown = "id NOT IN (SELECT id FROM user_plugin WHERE hidden)"
        first = f"FROM plugin WHERE {shown} ORDER BY name COLLATE NOCASE LIMIT ?"
        keys = f"SELECT key {first}"
        if whole_products:
            keys = f"SELECT key FROM plugin WHERE {shown} AND product IN (SELECT product {first})"
        with readable_errors(self.path):
            return fill(self.db, self.db.execute(f"{PLUGINS} WHERE p.key IN ({keys}) {IN_ORDER}", (limit,)))

    def outline(self) -> list[Plugin]:
        """The plugins that are not hidden, with the columns of a table and nothing else: id, name, vendor, format,
        categories, number of parameters and status. In the order of `plugins`, and read in a third of its time.
        """
        keep, split = Interned().__getitem__, CategoryCache().__getitem__
        plugins = []
        with readable_errors(self.path):
            for id_, name, vendor, format_, categories, raw_category, parameters, status in self.db.execute(OUTLINE):
                plugin = Plugin(id_, name, keep(vendor), keep(format_), split(categories), keep(raw_category))
                plugin.parameter_count, plugin.status = parameters, keep(status)
                plugins.append(plugin)
        return plugins

    def copies(self, id_: str) -> list[Plugin]:
        """All copies of the plugin with this id, those that are there and in order first; empty for an unknown id.

        An id that the plugin had before, and that no plugin on the disk has, finds it as well.
        """
        found = self.plugins(id_)
        if all(plugin.status == MISSING for plugin in found):
            with readable_errors(self.path):
                row = self.db.execute("SELECT target FROM alias WHERE id = ?", (id_,)).fetchone()
            found = (self.plugins(row[0]) if row else []) or found
        return sorted(found, key=lambda p: (p.status == MISSING, p.status != "ok", p.path))

    def plugin(self, key: int) -> Plugin | None:
        """The plugin in this row; None where it is gone."""
        with readable_errors(self.path):
            row = self.db.execute("SELECT id FROM plugin WHERE key = ?", (key,)).fetchone()
        return next((plugin for plugin in self.plugins(row[0]) if plugin.key == key), None) if row else None

    def parameters(self, key: int) -> list[Parameter]:
        """The parameters of the plugin in this row, in the plugin's own order."""
        with readable_errors(self.path):
            parameters = [Parameter(*row) for row in self.db.execute(PARAMETERS, (key,))]
        for parameter in parameters:
            parameter.automatable, parameter.read_only = bool(parameter.automatable), bool(parameter.read_only)
            parameter.short_name, parameter.group = parameter.short_name or "", parameter.group or ""
            parameter.choices = tuple(str(parameter.choices).split("\n")) if parameter.choices else ()
        return parameters

    def buses(self, key: int) -> list[Bus]:
        """The connections of the plugin in this row, in the plugin's own order."""
        with readable_errors(self.path):
            rows = self.db.execute(
                "SELECT name, media, direction, channels, main FROM bus WHERE plugin = ? ORDER BY position", (key,)
            )
            return [
                Bus(name, media, direction, channels, bool(main)) for name, media, direction, channels, main in rows
            ]

    def attempts(self, key: int) -> list[Attempt]:
        """What the plugin in this row tried and the sandbox refused, by what was being done."""
        order = "CASE during WHEN 'read' THEN 0 WHEN 'load' THEN 1 ELSE 2 END, kind, what"
        with readable_errors(self.path):
            rows = self.db.execute(f"SELECT kind, what, during FROM attempt WHERE plugin = ? ORDER BY {order}", (key,))
            return [Attempt(*row) for row in rows]

    def bundle_attempts(self, path: str) -> list[Attempt]:
        """What the plugins of a bundle tried together while they were read."""
        with readable_errors(self.path):
            rows = self.db.execute(
                "SELECT DISTINCT a.kind, a.what, a.during FROM attempt a JOIN plugin p ON p.key = a.plugin"
                " JOIN bundle b ON b.key = p.bundle WHERE b.path = ? AND a.during = 'read' ORDER BY 1, 2",
                (path,),
            )
            return [Attempt(*row) for row in rows]

    def put_attempts(self, key: int, during: str, attempts: Iterable[Attempt]) -> None:
        """Replace what the plugin in this row tried while it was read, loaded or measured (`during`)."""
        with self.writing() as db:
            put_attempts(db, key, during, attempts)

    def programs(self, key: int) -> list[str]:
        """The names of the programs of the plugin in this row, in the plugin's own order."""
        with readable_errors(self.path):
            rows = self.db.execute(
                "SELECT w.text FROM program r JOIN word w ON w.key = r.name WHERE r.plugin = ? ORDER BY r.position",
                (key,),
            )
            return [name for (name,) in rows]

    def attributes(self, key: int) -> frozenset[str]:
        """Names of the parameters that pedalboard offers of the plugin in this row; empty where they are unknown."""
        with readable_errors(self.path):
            row = self.db.execute("SELECT attributes FROM plugin_text WHERE plugin = ?", (key,)).fetchone()
            return frozenset(row[0].splitlines()) if row else frozenset()

    def needs(self, key: int) -> list[str]:
        """URIs of the features that the host of the plugin in this row must have."""
        with readable_errors(self.path):
            row = self.db.execute("SELECT needs FROM plugin_text WHERE plugin = ?", (key,)).fetchone()
            return row[0].splitlines() if row else []

    def plugin_log(self, key: int) -> tuple[str, str]:
        """What the plugin in this row printed while reading it failed, and while pedalboard did not load it."""
        with readable_errors(self.path):
            row = self.db.execute("SELECT log, load_log FROM plugin_text WHERE plugin = ?", (key,)).fetchone()
            return (row[0], row[1]) if row else ("", "")

    def plugin_failure(self, key: int) -> PluginFailure:
        """How reading and loading the plugin in this row ended; empty texts where it is gone."""
        with readable_errors(self.path):
            row = self.db.execute("SELECT stage, signal, load_outcome FROM plugin WHERE key = ?", (key,)).fetchone()
            return PluginFailure(*row) if row else PluginFailure("", "", "")

    def bundle(self, path: str) -> BundleInfo | None:
        """What is known of the bundle at this path."""
        return next(iter(self._bundles("WHERE path = ?", (path,))), None)

    def bundles(self) -> list[BundleInfo]:
        """Every bundle there is or was, by path."""
        return self._bundles("")

    def failed_bundles(self) -> list[BundleInfo]:
        """The bundles on the disk that could not be read, by path."""
        return self._bundles("WHERE outcome <> 'ok' AND NOT missing")

    def missing_bundles(self) -> list[BundleInfo]:
        """The bundles that are no longer on the disk, by path."""
        return self._bundles("WHERE missing")

    def slowest_bundles(self, limit: int) -> list[BundleInfo]:
        """The bundles on the disk whose last probes took longest, the slowest first."""
        return self._bundles("WHERE NOT missing", (limit,), "elapsed_ms DESC, path LIMIT ?")

    def quarantine(self) -> list[BundleInfo]:
        """The bundles that are not probed by themselves any more."""
        return self._bundles("WHERE quarantined_at <> '' AND NOT missing")

    def _bundles(self, where: str, values: Sequence[object] = (), order: str = "path") -> list[BundleInfo]:
        with readable_errors(self.path):
            rows = self.db.execute(
                "SELECT path, format, name, vendor, fingerprint, size, modified, outcome, error, stage,"
                " signal, elapsed_ms, peak_mb, scanned_at, added_at, quarantined_at, missing, sandbox"
                f" FROM bundle {where} ORDER BY {order}",
                values,
            )
            return [BundleInfo(*row)._replace(missing=bool(row[16])) for row in rows]

    def failed_plugins(self) -> list[Plugin]:
        """The plugins that could not be read although their bundles could, in the order of `plugins`."""
        return self._some_plugins("p.status <> 'ok' AND b.outcome = 'ok'")

    def unloadable_plugins(self) -> list[Plugin]:
        """The plugins that were read and that pedalboard does not load, in the order of `plugins`."""
        return self._some_plugins("p.loads = 0 AND p.status = 'ok'")

    def quarantined_plugins(self) -> list[Plugin]:
        """The single plugins that are not read by themselves any more, in the order of `plugins`."""
        return self._some_plugins("p.quarantined_at <> ''")

    def _some_plugins(self, condition: str) -> list[Plugin]:
        """The plugins on the disk that meet a condition. How many copies there are is not known by then."""
        with readable_errors(self.path):
            return fill(self.db, self.db.execute(f"{PLUGINS} WHERE {condition} AND NOT b.missing {IN_ORDER}"))

    def put_into_quarantine(self, paths: Iterable[str], reason: str) -> None:
        """Scans pass these bundles over from now on, until they change; `reason`, one line, is shown with them."""
        with self.writing() as db:
            db.executemany(
                "UPDATE bundle SET quarantined_at = ?, error = ? WHERE path = ? AND quarantined_at = ''",
                ((now(), reason, path) for path in paths),
            )

    def take_out_of_quarantine(self, paths: Iterable[str]) -> None:
        """The next scan probes those of these bundles that could not be read; the others are as they were."""
        with self.writing() as db:
            db.executemany(
                "UPDATE bundle SET quarantined_at = '', error = CASE outcome WHEN 'ok' THEN '' ELSE error END"
                " WHERE path = ?",
                ((path,) for path in paths),
            )

    def put_plugins_into_quarantine(self, keys: Iterable[int], reason: str) -> None:
        """Scans pass over the plugins in these rows from now on, until their bundles change.

        `reason`, one line, is shown with those that could be read; the others keep their own.
        """
        with self.writing() as db:
            db.executemany(
                "UPDATE plugin SET quarantined_at = ?, error = CASE status WHEN 'ok' THEN ? ELSE error END"
                " WHERE key = ? AND quarantined_at = ''",
                ((now(), reason, key) for key in keys),
            )

    def take_plugins_out_of_quarantine(self, keys: Iterable[int]) -> None:
        """Scans no longer pass over the plugins in these rows."""
        with self.writing() as db:
            db.executemany(
                "UPDATE plugin SET quarantined_at = '', error = CASE status WHEN 'ok' THEN '' ELSE error END"
                " WHERE key = ?",
                ((key,) for key in keys),
            )

    def forget_load_results(self, keys: Iterable[int]) -> None:
        """Let the next scan check again whether pedalboard loads the plugins in these rows."""
        with self.writing() as db:
            db.executemany(
                "UPDATE plugin SET loads = NULL, load_outcome = '', load_error = '' WHERE key = ?",
                ((key,) for key in keys),
            )

    def log(self, path: str) -> str:
        """What the bundle at this path printed when it was last probed."""
        with readable_errors(self.path):
            row = self.db.execute(
                "SELECT log FROM probe_log WHERE bundle = (SELECT key FROM bundle WHERE path = ?)", (path,)
            ).fetchone()
            return row[0] if row else ""

    def forget(self, paths: Iterable[str]) -> int:
        """Drop these bundles and all that was read from them; what the user wrote stays. Returns how many there were.

        One that is still on the disk is new to the next scan.
        """
        with self.writing() as db:
            gone = [(path,) for path in paths]
            db.executemany("DELETE FROM journal WHERE path = ? AND state NOT IN ('pending', 'running')", gone)
            return db.executemany("DELETE FROM bundle WHERE path = ?", gone).rowcount

    def changes(self) -> tuple[int, int]:
        """Changes when anything was written, by this connection or by another one."""
        with readable_errors(self.path):
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
            with self.writing_for_user() as db:
                db.executemany(
                    "INSERT OR IGNORE INTO user_tag VALUES (?, ?)", [(id_, name) for id_ in present_ids(db, ids)]
                )

    def remove_tag(self, ids: Iterable[str], tag: str) -> None:
        with self.writing_for_user() as db:
            name = tag_name(tag)
            db.executemany(
                "DELETE FROM user_tag WHERE id = ? AND tag = ?", [(id_, name) for id_ in present_ids(db, ids)]
            )

    def tags_of(self, ids: Iterable[str]) -> dict[str, set[str]]:
        """The tags of these plugins, by id; those without any are left out."""
        wanted, found = set(ids), dict[str, set[str]]()
        for id_, tag in self.db.execute("SELECT id, tag FROM user_tag"):
            if id_ in wanted:
                found.setdefault(id_, set()).add(tag)
        return found

    def used(self, id_: str) -> None:
        """Remember that this plugin was opened or copied, for the order among equals."""
        with self.writing_for_user() as db:
            db.execute(
                "INSERT INTO user_plugin (id, uses, used_at) VALUES (?, 1, ?)"
                " ON CONFLICT (id) DO UPDATE SET uses = uses + 1, used_at = excluded.used_at",
                (*present_ids(db, [id_]), now()),
            )

    def _set_user(self, column: str, ids: Iterable[str], value: object) -> None:
        with self.writing_for_user() as db:
            changed = present_ids(db, ids)
            db.executemany(
                f"INSERT INTO user_plugin (id, {column}) VALUES (?, ?)"
                f" ON CONFLICT (id) DO UPDATE SET {column} = excluded.{column}",
                [(id_, value) for id_ in changed],
            )
            if not value:
                db.executemany(f"DELETE FROM user_plugin WHERE id = ? AND {NOTHING_WRITTEN}", ((i,) for i in changed))
