"""The journal: what a scan still has to do and what it has done, durable at every step."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from pluginary_tui.catalogue.database import now, readable_errors
from pluginary_tui.catalogue.store import Store
from pluginary_tui.model import Bundle, Outcome, ProbedPlugin, Report, base_id

IMPORTED = "imported"
"""The `stage` of a bundle that was told of by a file and that no probe of this machine has read yet."""

WORD_CACHE = 20_000
"""Row numbers of words kept at hand while scanning, so that memory stays bounded."""


@dataclass(slots=True)
class Entry:
    """One bundle on the to-do list."""

    bundle: Bundle
    attempts: int = 0
    """Probes that ended in a crash since this scan was begun or last taken up."""
    kills: int = 0
    """Times in a row the app died while this bundle was in flight."""


class Interrupted(NamedTuple):
    """A scan that did not end: `pending` bundles are left of `total`."""

    started_at: str
    pending: int
    total: int
    in_flight: list[str]
    """Paths of the bundles whose probes were running when it was interrupted, or could have begun at any moment."""


class Journal:
    """The writing side of a scan. One at a time; every method is one transaction.

    Results live in the same file as the journal, so that neither can be ahead of the other.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.scan = 0
        self._words: dict[str, int] = {}

    # The to-do list

    def interrupted(self) -> Interrupted | None:
        """The scan that can be resumed; None where the last one ended."""
        with readable_errors(self.store.path):
            row = self.store.db.execute("SELECT key, started_at FROM scan WHERE finished_at = ''").fetchone()
            if row is None:
                return None
            counts: dict[str, int] = dict(
                self.store.db.execute("SELECT state, count(*) FROM journal WHERE scan = ? GROUP BY state", (row[0],))
            )
            flight = self.store.db.execute(
                "SELECT path FROM journal WHERE scan = ? AND state = 'running' ORDER BY path", (row[0],)
            )
            pending = counts.get("pending", 0) + counts.get("running", 0)
            return Interrupted(row[1], pending, sum(counts.values()), [path for (path,) in flight])

    def begin(self, bundles: Iterable[Bundle]) -> None:
        """Write the to-do list of a new scan; the list of the one before goes, its figures stay."""
        with self.store.writing() as db:
            db.execute("UPDATE scan SET finished_at = ? WHERE finished_at = ''", (now(),))
            db.execute("DELETE FROM journal")
            self.scan = int(db.execute("INSERT INTO scan (started_at) VALUES (?)", (now(),)).lastrowid or 0)
            db.executemany(
                "INSERT INTO journal (scan, path, bundle) VALUES (?, ?, ?)",
                ((self.scan, bundle.path, json.dumps(asdict(bundle))) for bundle in bundles),
            )

    def resume(self, *, killed: bool = True, suspects: Iterable[str] = ()) -> None:
        """Take up the interrupted scan: what was in flight is pending again. If it was `killed`, that is counted.

        `suspects`: paths of bundles that may have been in flight, too, if they are not done.
        """
        with self.store.writing() as db:
            row = db.execute("SELECT key FROM scan WHERE finished_at = ''").fetchone()
            assert row is not None, "nothing to resume"
            self.scan = row[0]
            db.execute("UPDATE scan SET resumed = resumed + 1 WHERE key = ?", (self.scan,))
            # What crashed once is tried afresh: what was seen of it that time went with the app.
            db.execute("UPDATE journal SET attempts = 0 WHERE scan = ?", (self.scan,))
            db.executemany(
                "UPDATE journal SET state = 'running' WHERE scan = ? AND path = ? AND state = 'pending'",
                [(self.scan, path) for path in suspects],
            )
            if killed:  # what was not in flight this time is out of its row of kills
                db.execute(
                    "UPDATE journal SET kills = CASE state WHEN 'running' THEN kills + 1 ELSE 0 END"
                    " WHERE scan = ? AND state IN ('pending', 'running')",
                    (self.scan,),
                )
            db.execute("UPDATE journal SET state = 'pending' WHERE scan = ? AND state = 'running'", (self.scan,))

    def add(self, bundles: Iterable[Bundle], *, again: bool) -> None:
        """Put more bundles on the list. What is done already is only done again if it changed since, or if `again`."""
        with self.store.writing() as db:
            db.executemany(
                "INSERT INTO journal (scan, path, bundle) VALUES (?, ?, ?)"
                " ON CONFLICT (scan, path) DO UPDATE SET bundle = excluded.bundle, state = 'pending', attempts = 0,"
                " kills = 0"
                " WHERE bundle <> excluded.bundle OR (? AND state <> 'pending')",
                ((self.scan, bundle.path, json.dumps(asdict(bundle)), again) for bundle in bundles),
            )

    def pending(self) -> list[Entry]:
        """What is left to do: first what never failed, then what did, each in the order of paths."""
        with readable_errors(self.store.path):
            rows = self.store.db.execute(
                "SELECT bundle, attempts, kills FROM journal WHERE scan = ? AND state = 'pending'"
                " ORDER BY attempts + kills, path",
                (self.scan,),
            )
            return [Entry(Bundle(**json.loads(bundle)), attempts, kills) for bundle, attempts, kills in rows]

    def started(self, path: str) -> None:
        """To be called before the probe can launch: what still says so after a kill of this program was in flight, or
        waited for a probe before it to end.
        """
        with self.store.writing(lazy=True) as db:
            db.execute("UPDATE journal SET state = 'running' WHERE scan = ? AND path = ?", (self.scan, path))

    def requeue(self, path: str, *, crashed: bool) -> None:
        """Back to pending. `crashed` counts against the bundle; a launch that failed does not."""
        with self.store.writing() as db:
            db.execute(
                "UPDATE journal SET state = 'pending', kills = 0, attempts = attempts + ? WHERE scan = ? AND path = ?",
                (int(crashed), self.scan, path),
            )

    def give_back(self, paths: Iterable[str]) -> None:
        """Back to pending, all of these: the scan ended in good order while they were in flight."""
        with self.store.writing() as db:
            db.executemany(
                "UPDATE journal SET state = 'pending', kills = 0 WHERE scan = ? AND path = ?",
                ((self.scan, path) for path in paths),
            )

    def try_again(self, passed_over: Iterable[Bundle]) -> list[tuple[Entry, str]]:
        """Put on the list what this scan could not read, and what it passed over: each with how it had ended.

        How: an outcome, or an empty text for one that was passed over.
        """
        bad = [outcome for outcome in Outcome if outcome.bad]
        marks = ", ".join("?" * len(bad))
        with self.store.writing() as db:
            ended = dict(
                db.execute(f"SELECT path, state FROM journal WHERE scan = ? AND state IN ({marks})", (self.scan, *bad))
            )
            db.executemany(
                "UPDATE journal SET state = 'pending', attempts = 0, kills = 0 WHERE scan = ? AND path = ?",
                ((self.scan, path) for path in ended),
            )
        passed = [bundle for bundle in passed_over if bundle.path not in ended]
        self.add(passed, again=False)
        again = ended | dict.fromkeys((bundle.path for bundle in passed), "")
        return [(entry, again[entry.bundle.path]) for entry in self.pending() if entry.bundle.path in again]

    def drop(self, paths: Iterable[str]) -> None:
        """Take bundles off the list."""
        with self.store.writing() as db:
            db.executemany("DELETE FROM journal WHERE scan = ? AND path = ?", [(self.scan, path) for path in paths])

    def end(self, summary: dict[str, int | float]) -> None:
        """The scan is complete; nothing of it is left to resume.

        What an import told of and is not here goes where the scan found the same plugin at another place.
        """
        with self.store.writing() as db:
            db.execute(
                "DELETE FROM plugin WHERE bundle IN (SELECT key FROM bundle WHERE stage = ? AND missing) AND id IN"
                " (SELECT p.id FROM plugin p JOIN bundle b ON b.key = p.bundle WHERE NOT b.missing)",
                (IMPORTED,),
            )
            db.execute(
                "DELETE FROM bundle WHERE stage = ? AND missing AND key NOT IN (SELECT bundle FROM plugin)", (IMPORTED,)
            )
            db.execute(
                "UPDATE scan SET finished_at = ?, summary = ? WHERE key = ?", (now(), json.dumps(summary), self.scan)
            )

    def discard(self) -> None:
        """Give up the interrupted scan: what it read stays, what it had still to do is forgotten."""
        with self.store.writing() as db:
            db.execute("UPDATE scan SET finished_at = ? WHERE finished_at = ''", (now(),))
            db.execute("DELETE FROM journal WHERE state IN ('pending', 'running')")

    def last_scan(self) -> dict[str, Any] | None:
        """Times and figures of the last complete scan."""
        with readable_errors(self.store.path):
            row = self.store.db.execute(
                "SELECT started_at, finished_at, summary FROM scan WHERE finished_at <> '' ORDER BY key DESC LIMIT 1"
            ).fetchone()
            return {"started_at": row[0], "finished_at": row[1], **json.loads(row[2])} if row else None

    # Results

    def mark_missing(self, paths: Iterable[str]) -> int:
        """These bundles are gone from the disk. Returns how many were still there before."""
        with self.store.writing() as db:
            before = db.total_changes
            db.executemany("UPDATE bundle SET missing = 1 WHERE path = ? AND NOT missing", ((path,) for path in paths))
            return db.total_changes - before

    def unmark_missing(self, paths: Iterable[str]) -> None:
        """These bundles are back, as they were."""
        with self.store.writing() as db:
            db.executemany("UPDATE bundle SET missing = 0 WHERE path = ? AND missing", ((path,) for path in paths))

    def release(self, paths: Iterable[str]) -> None:
        """Take these bundles out of quarantine; the next scan probes them."""
        with self.store.writing() as db:
            db.executemany(
                "UPDATE bundle SET quarantined_at = '', fingerprint = '' WHERE path = ?", ((path,) for path in paths)
            )

    def finish(self, report: Report, categories: list[tuple[str, ...]], *, quarantine: bool) -> str:
        """Keep one bundle's result: bundle, plugins, parameters, log and journal row in one transaction.

        `categories`: the readable ones of each plugin of the report, in its order.
        Returns what this changed: `new`, `updated`, `same` or `bad`.
        """
        try:
            return self._finish(report, categories, quarantine)
        except BaseException:
            self._words.clear()  # what was rolled back has no row numbers
            raise

    def _finish(self, report: Report, categories: list[tuple[str, ...]], quarantine: bool) -> str:
        bundle = report.bundle
        with self.store.writing(lazy=True) as db:
            before = db.execute("SELECT fingerprint, outcome FROM bundle WHERE path = ?", (bundle.path,)).fetchone()
            if report.outcome.bad:
                change = "bad"
            elif before is None:
                change = "new"
            else:
                change = "same" if tuple(before) == (bundle.fingerprint, Outcome.OK) else "updated"
            key = self._put_bundle(db, report, quarantine)
            self._put_plugins(db, key, report, categories)
            db.execute(
                "UPDATE journal SET state = ?, change = ? WHERE scan = ? AND path = ?",
                (report.outcome, change, self.scan, bundle.path),
            )
        return change

    def _put_bundle(self, db: sqlite3.Connection, report: Report, quarantine: bool) -> int:
        bundle, time = report.bundle, now()
        (key,) = db.execute(
            "INSERT INTO bundle (path, format, name, vendor, fingerprint, size, modified, outcome, error, stage,"
            " signal, elapsed_ms, peak_mb, scanned_at, added_at, quarantined_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (path) DO UPDATE SET format = excluded.format, name = excluded.name,"
            " vendor = CASE excluded.vendor WHEN '' THEN vendor ELSE excluded.vendor END,"
            " fingerprint = excluded.fingerprint, size = excluded.size, modified = excluded.modified,"
            " outcome = excluded.outcome, error = excluded.error, stage = excluded.stage, signal = excluded.signal,"
            " elapsed_ms = excluded.elapsed_ms, peak_mb = excluded.peak_mb, scanned_at = excluded.scanned_at,"
            " missing = 0, quarantined_at = excluded.quarantined_at RETURNING key",
            (
                bundle.path, bundle.format, bundle.name, report.plugins[0].vendor if report.plugins else bundle.vendor,
                bundle.fingerprint, bundle.size, bundle.modified, report.outcome, report.error, report.stage,
                report.signal, round(report.elapsed_s * 1000), report.peak_mb, time, time, time if quarantine else "",
            ),
        ).fetchone()  # fmt: skip
        db.execute("DELETE FROM probe_log WHERE bundle = ?", (key,))
        if report.log:
            db.execute("INSERT INTO probe_log VALUES (?, ?)", (key, report.log))
        return int(key)

    def _put_plugins(
        self, db: sqlite3.Connection, bundle: int, report: Report, categories: list[tuple[str, ...]]
    ) -> None:
        """Replace the bundle's plugins; each one that was there before keeps its row, and with it its date."""
        known = {
            (uid, name): key
            for key, uid, name in db.execute("SELECT key, uid, name FROM plugin WHERE bundle = ?", (bundle,))
        }
        found = report.plugins
        if not found:
            if known:  # nothing new was learnt, so what was known stays, under its new status
                db.execute(
                    "UPDATE plugin SET status = ?, error = ? WHERE bundle = ?", (report.outcome, report.error, bundle)
                )
                return
            found = [ProbedPlugin(name=report.bundle.name, vendor=report.bundle.vendor, status=report.outcome)]
            found[0].error, found[0].probe_ms = report.error, round(report.elapsed_s * 1000)
            categories = [()]
        for plugin, readable in zip(found, categories, strict=True):
            key = known.pop((plugin.uid, plugin.name), None)
            if key is not None and plugin.status != Outcome.OK:
                db.execute(
                    "UPDATE plugin SET status = ?, error = ?, probe_ms = ? WHERE key = ?",
                    (plugin.status, plugin.error, plugin.probe_ms, key),
                )
                continue
            self._put_plugin(db, key, bundle, report.bundle.format, plugin, readable)
        db.executemany("DELETE FROM plugin WHERE key = ?", ((key,) for key in known.values()))

    def _put_plugin(
        self,
        db: sqlite3.Connection,
        key: int | None,
        bundle: int,
        format_: str,
        plugin: ProbedPlugin,
        categories: tuple[str, ...],
    ) -> None:
        id_ = _identity(db, base_id(format_, plugin.vendor, plugin.name), plugin.uid)
        (key,) = db.execute(
            "INSERT OR REPLACE INTO plugin (key, bundle, id, name, vendor, version, raw_category, categories, uid,"
            " kind, name_in_file, latency_samples, parameter_count, status, error, probe_ms, added_at) VALUES"
            " (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
            "  coalesce((SELECT added_at FROM plugin WHERE key = ?), ?)) RETURNING key",
            (
                key, bundle, id_, plugin.name, plugin.vendor, plugin.version, plugin.category, "|".join(categories),
                plugin.uid, plugin.kind, plugin.name_in_file, plugin.latency_samples,
                sum(p.kind != "host" for p in plugin.parameters), plugin.status, plugin.error, plugin.probe_ms, key,
                now(),
            ),
        ).fetchone()  # fmt: skip
        db.execute("DELETE FROM parameter WHERE plugin = ?", (key,))
        db.executemany(
            "INSERT INTO parameter VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (key, position, self._word(db, p.name), self._word(db, p.unit), p.default, p.minimum, p.maximum,
                 p.default_raw, p.steps, p.kind, p.automatable)
                for position, p in enumerate(plugin.parameters)
            ),
        )  # fmt: skip

    def _word(self, db: sqlite3.Connection, text: str) -> int:
        if len(self._words) > WORD_CACHE:
            self._words.clear()
        key = self._words.get(text)
        if key is None:
            (key,) = db.execute(
                "INSERT INTO word (text) VALUES (?) ON CONFLICT (text) DO UPDATE SET text = text RETURNING key", (text,)
            ).fetchone()
            self._words[text] = int(key)
        return int(key)


def _identity(db: sqlite3.Connection, base: str, uid: str) -> str:
    """The stable id of class `uid` under the readable id `base`, given once and kept.

    The first class of a name has the plain id. Another one gets eight digits of a checksum of its class id behind
    it: vendors fill the front of a class id alike, so no cut of the id itself tells two of theirs apart.
    A class id that is not known (its factory could not be read) takes the plain id.
    """
    if not uid:
        return base
    row = db.execute("SELECT id FROM identity WHERE base = ? AND uid = ?", (base, uid)).fetchone()
    if row:
        return str(row[0])
    taken = db.execute("SELECT 1 FROM identity WHERE base = ?", (base,)).fetchone()
    id_ = f"{base}-{zlib.crc32(uid.encode()):08x}" if taken else base
    db.execute("INSERT OR IGNORE INTO identity VALUES (?, ?, ?)", (id_, base, uid))
    return id_
