"""The journal: what a scan still has to do and what it has done, durable at every step."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

from pluginary_tui.catalogue import revisions
from pluginary_tui.catalogue.carry_over import give_back, settle
from pluginary_tui.catalogue.database import now, readable_errors
from pluginary_tui.catalogue.results import READING, ResultWriter, what_was_read
from pluginary_tui.catalogue.store import Store
from pluginary_tui.model import Bundle, Outcome, Report

IMPORTED = "imported"
"""The `stage` of a bundle that was imported from a file and that no probe of this machine has read yet."""


@dataclass(slots=True)
class Entry:
    """One bundle on the to-do list."""

    bundle: Bundle
    attempts: int = 0
    """Probes that ended in a crash since this scan was begun or last taken up."""
    kills: int = 0
    """Times in a row the app died while this bundle was in flight."""
    only: tuple[str, ...] = ()
    """Class ids of the plugins that are to be read; empty for all of them."""


class Part(NamedTuple):
    """What is kept of a bundle with several plugins while its probes run."""

    position: int
    """Of the plugin among the bundle's classes; LIST for the message that names them all."""
    message: str
    """JSON, as the probe sent it; empty for a plugin whose reading has begun and not ended, NOT_ENDED where that was
    before an interruption."""
    kills: int
    """Times the app died while this plugin was in flight."""


LIST = -1

NOT_ENDED = "null"


class Interrupted(NamedTuple):
    """A scan that did not end: `pending` bundles are left of `total`."""

    started_at: str
    pending: int
    total: int
    in_flight: list[str]
    """Paths of the bundles whose probes were running when it was interrupted, or could have begun at any moment."""
    checks: int = 0
    """Plugins that pedalboard has still to be tried with."""

    @property
    def left(self) -> str:
        """What is left, in words."""
        bundles = f"{self.pending:,} of {self.total:,} bundles" if self.pending else ""
        checks = f"{self.checks:,} load check{'s' * (self.checks != 1)}" if self.checks else ""
        return " and ".join(filter(None, (bundles, checks))) or "nothing"


class Journal:
    """The writing side of a scan. One at a time; every method is one transaction.

    Results live in the same file as the journal, so that neither can be ahead of the other.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.scan = 0
        self.carried_over = 0
        """Plugins to which what the user wrote under another id was carried over, by all calls so far."""
        self._results = ResultWriter()

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
            checks = self.store.db.execute(
                "SELECT count(*) FROM load_journal WHERE plugin IN"
                " (SELECT p.key FROM plugin p JOIN bundle b ON b.key = p.bundle WHERE NOT b.missing)"
            ).fetchone()[0]
            return Interrupted(row[1], pending, sum(counts.values()), [path for (path,) in flight], checks)

    def begin(self, bundles: Iterable[Bundle], only: Mapping[str, tuple[str, ...]] | None = None) -> None:
        """Write the to-do list of a new scan; the list of the one before goes, its figures stay.

        `only`: by path, class ids of the plugins to which the reading of a bundle is limited.
        """
        with self.store.writing() as db:
            db.execute("UPDATE scan SET finished_at = ? WHERE finished_at = ''", (now(),))
            db.execute("DELETE FROM journal")
            db.execute("DELETE FROM journal_part")
            self.scan = int(db.execute("INSERT INTO scan (started_at) VALUES (?)", (now(),)).lastrowid or 0)
            db.executemany(
                "INSERT INTO journal (scan, path, bundle) VALUES (?, ?, ?)",
                ((self.scan, bundle.path, _text(bundle, only)) for bundle in bundles),
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
                db.execute(
                    "UPDATE journal_part SET kills = CASE WHEN message = '' AND path IN"
                    " (SELECT path FROM journal WHERE scan = :scan AND state = 'running') THEN kills + 1 ELSE 0 END"
                    " WHERE scan = :scan",
                    {"scan": self.scan},
                )
            # Or a second kill would count against those, too, that still wait to be tried again.
            db.execute("UPDATE journal_part SET message = ? WHERE scan = ? AND message = ''", (NOT_ENDED, self.scan))
            db.execute("UPDATE journal SET state = 'pending' WHERE scan = ? AND state = 'running'", (self.scan,))

    def add(self, bundles: Iterable[Bundle], *, again: bool, only: Mapping[str, tuple[str, ...]] | None = None) -> None:
        """Put more bundles on the list. What is done already is only done again if it changed since, or if `again`.

        What was kept of a bundle that changed since is forgotten.
        """
        rows = [(self.scan, bundle.path, _text(bundle, only)) for bundle in bundles]
        with self.store.writing() as db:
            db.executemany(
                "DELETE FROM journal_part WHERE scan = :scan AND path = :path AND EXISTS"
                " (SELECT 1 FROM journal WHERE scan = :scan AND path = :path AND bundle <> :bundle)",
                ({"scan": scan, "path": path, "bundle": bundle} for scan, path, bundle in rows),
            )
            db.executemany(
                "INSERT INTO journal (scan, path, bundle) VALUES (?, ?, ?)"
                " ON CONFLICT (scan, path) DO UPDATE SET bundle = excluded.bundle, state = 'pending', attempts = 0,"
                " kills = 0"
                " WHERE bundle <> excluded.bundle OR (? AND state <> 'pending')",
                ((*row, again) for row in rows),
            )

    def pending(self) -> list[Entry]:
        """What is left to do: first what never failed, then what did, each with the large bundles first.

        A large bundle takes long or holds many plugins: as the last one it would keep one worker busy while the others
        have nothing to do. Bundles of the same number of MiB are in the order of their paths.
        """
        with readable_errors(self.store.path):
            rows = self.store.db.execute(
                "SELECT bundle, attempts, kills FROM journal WHERE scan = ? AND state = 'pending' ORDER BY path",
                (self.scan,),
            )
            entries = [_entry(*row) for row in rows]
        return sorted(entries, key=lambda entry: (entry.attempts + entry.kills, -(entry.bundle.size >> 20)))

    def started(self, path: str) -> None:
        """To be called before the probe can launch: a row still in this state after a kill of this program was in
        flight, or waited for the probe before it to end.
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

    def put_back(self, paths: Iterable[str]) -> None:
        """Back to pending, all of these: the scan ended in good order while they were in flight."""
        with self.store.writing() as db:
            db.executemany(
                "UPDATE journal SET state = 'pending', kills = 0 WHERE scan = ? AND path = ?",
                ((self.scan, path) for path in paths),
            )
            db.execute("UPDATE journal_part SET kills = 0 WHERE scan = ? AND message = ''", (self.scan,))

    def part(self, path: str, position: int, message: dict[str, Any] | None) -> None:
        """Keep what a probe sent of one plugin of a bundle with several; None where its reading begins."""
        with self.store.writing(lazy=True) as db:
            db.execute(
                "INSERT INTO journal_part (scan, path, position, message) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (scan, path, position) DO UPDATE SET message = excluded.message",
                (self.scan, path, position, "" if message is None else json.dumps(message)),
            )

    def parts(self, path: str) -> list[Part]:
        """What is kept of this bundle, the list of its plugins first."""
        with readable_errors(self.store.path):
            rows = self.store.db.execute(
                "SELECT position, message, kills FROM journal_part WHERE scan = ? AND path = ? ORDER BY position",
                (self.scan, path),
            )
            return [Part(*row) for row in rows]

    def outdated(self) -> frozenset[str]:
        """Paths of the bundles that were read in an older way than today's."""
        with readable_errors(self.store.path):
            rows = self.store.db.execute(
                "SELECT path FROM bundle WHERE reading < ? AND outcome = 'ok' AND NOT missing AND stage <> ?",
                (READING, IMPORTED),
            )
            return frozenset(path for (path,) in rows)

    def failed_plugins(self, *, quarantined: bool) -> dict[str, tuple[str, ...]]:
        """Class ids of the plugins that could not be read, by the path of their bundle, which could.

        `quarantined`: also those in quarantine, the ones that a person put there too.
        """
        with readable_errors(self.store.path):
            rows = self.store.db.execute(
                "SELECT b.path, p.uid FROM plugin p JOIN bundle b ON b.key = p.bundle"
                " WHERE CASE p.quarantined_at WHEN '' THEN p.status NOT IN ('ok', 'missing') ELSE ? END"
                " AND b.outcome = 'ok' AND b.quarantined_at = '' AND p.uid <> '' AND NOT b.missing",
                (quarantined,),
            )
            return _by_path(rows)

    def outside_quarantine(self) -> dict[str, tuple[str, ...]]:
        """Of the bundles with single plugins in quarantine, by path: class ids of their other plugins."""
        with readable_errors(self.store.path):
            rows = self.store.db.execute(
                "SELECT b.path, CASE p.quarantined_at WHEN '' THEN p.uid ELSE '' END"
                " FROM plugin p JOIN bundle b ON b.key = p.bundle"
                " WHERE b.quarantined_at = '' AND b.key IN (SELECT bundle FROM plugin WHERE quarantined_at <> '')",
            )
            return {path: tuple(filter(None, uids)) for path, uids in _by_path(rows).items()}

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
        rows = [(self.scan, path) for path in paths]
        with self.store.writing() as db:
            db.executemany("DELETE FROM journal WHERE scan = ? AND path = ?", rows)
            db.executemany("DELETE FROM journal_part WHERE scan = ? AND path = ?", rows)

    def settle(self) -> None:
        """All plugins on the disk are known: what the user wrote under other ids follows (`carried_over`)."""
        with self.store.writing() as db:
            carried = settle(db, self._results.new)
        self._count_carried(carried)

    def end(self, summary: Mapping[str, object]) -> None:
        """The scan is complete; nothing of it is left to resume.

        Imported plugins that are missing here are deleted where the scan found the same plugin at another path or under
        another id.
        """
        with self.store.writing() as db:
            db.execute(
                "WITH live AS (SELECT p.id FROM plugin p JOIN bundle b ON b.key = p.bundle WHERE NOT b.missing)"
                " DELETE FROM plugin WHERE bundle IN (SELECT key FROM bundle WHERE stage = ? AND missing) AND id IN"
                " (SELECT id FROM live UNION SELECT id FROM alias WHERE target IN (SELECT id FROM live))",
                (IMPORTED,),
            )
            db.execute(
                "DELETE FROM bundle WHERE stage = ? AND missing AND key NOT IN (SELECT bundle FROM plugin)", (IMPORTED,)
            )
            db.execute(
                "UPDATE scan SET finished_at = ?, summary = ? WHERE key = ?", (now(), json.dumps(summary), self.scan)
            )
            revisions.prune(db)

    def discard(self) -> None:
        """Give up the interrupted scan: what it read stays, what it had still to do is forgotten."""
        with self.store.writing() as db:
            db.execute("UPDATE scan SET finished_at = ? WHERE finished_at = ''", (now(),))
            db.execute("DELETE FROM journal WHERE state IN ('pending', 'running')")
            db.execute("DELETE FROM journal_part")
            db.execute("DELETE FROM load_journal")

    def last_scan(self) -> dict[str, Any] | None:
        """Times and figures of the last scan that was not interrupted; with `partial` where none searched everything.

        Scans of single bundles or folders count only where there is no other.
        """
        with readable_errors(self.store.path):
            row = self.store.db.execute(
                "SELECT started_at, finished_at, summary FROM scan WHERE finished_at <> '' ORDER BY"
                " CASE WHEN json_valid(summary) THEN json_extract(summary, '$.partial') END IS 1, key DESC LIMIT 1"
            ).fetchone()
            return {"started_at": row[0], "finished_at": row[1], **json.loads(row[2])} if row else None

    # Results

    def mark_missing(self, paths: Iterable[str]) -> int:
        """These bundles are gone from the disk. Returns how many were still there before."""
        with self.store.writing() as db:
            gone = 0
            for path in paths:
                row = db.execute("SELECT key FROM bundle WHERE path = ? AND NOT missing", (path,)).fetchone()
                if row:
                    revisions.keep(db, path, revisions.facts_of(db, row[0]), {})
                    db.execute("UPDATE bundle SET missing = 1 WHERE key = ?", row)
                    gone += 1
            return gone

    def unmark_missing(self, paths: Iterable[str]) -> None:
        """These bundles are back, as they were."""
        back = json.dumps(list(paths))
        here = "path IN (SELECT value FROM json_each(?))"
        with self.store.writing() as db:
            gone = db.execute(f"SELECT path, key FROM bundle WHERE {here} AND missing", (back,)).fetchall()
            for path, key in gone:
                revisions.keep_absence(db, path, key)
            db.execute(f"UPDATE bundle SET missing = 0 WHERE {here} AND missing", (back,))
            ids = db.execute(
                f"SELECT p.id FROM plugin p JOIN bundle b ON b.key = p.bundle WHERE {here} INTERSECT"
                " SELECT id FROM alias",
                (back,),
            ).fetchall()
            carried = give_back(db, [id_ for (id_,) in ids])
        self._count_carried(carried)

    def finish(self, report: Report, categories: list[tuple[str, ...]], *, quarantine: bool) -> str:
        """Keep one bundle's result: bundle, plugins, parameters, log and journal row in one transaction.

        `categories`: the readable ones of each plugin of the report, in its order.
        Returns what this changed: `new`, `updated`, `same` or `bad`.
        """
        try:
            return self._finish(report, categories, quarantine)
        except BaseException:
            self._results.forget()
            raise

    def _finish(self, report: Report, categories: list[tuple[str, ...]], quarantine: bool) -> str:
        bundle = report.bundle
        with self.store.writing(lazy=True) as db:
            carried = 0
            wanted = "SELECT fingerprint, outcome, key, missing FROM bundle WHERE path = ?"
            row = db.execute(wanted, (bundle.path,)).fetchone()
            before = tuple(row[:2]) if row else None
            # A plugin may write files into its own bundle whenever it is loaded: no update where it reads as before.
            compared = before is not None and before[0] not in ("", bundle.fingerprint) and before[1] == Outcome.OK
            read_before = what_was_read(db, row[2]) if compared and report.outcome is Outcome.OK else None
            if report.outcome.bad:
                change = "bad"
            elif before is None:
                change = "new"
            else:
                change = "same" if before == (bundle.fingerprint, Outcome.OK) else "updated"
            known_good = before is not None and before[1] == Outcome.OK
            changed = row is not None and row[0] != bundle.fingerprint and report.plugins
            facts_before = revisions.facts_of(db, row[2]) if changed and not row[3] else {}
            if row is not None and row[3]:
                revisions.keep_absence(db, bundle.path, row[2])
            if not (report.outcome is Outcome.SKIPPED and known_good):
                bad = quarantine and report.outcome.bad
                key = self._results.put_bundle(db, report, bad, known=before is not None)
                carried = self._results.put_plugins(db, key, report, categories, quarantine=quarantine and not bad)
                if facts_before:
                    revisions.keep(db, bundle.path, facts_before, revisions.facts_of(db, key))
                if read_before is not None and what_was_read(db, key) == read_before:
                    change = "same"
            db.execute(
                "UPDATE journal SET state = ?, change = ? WHERE scan = ? AND path = ?",
                (report.outcome, change, self.scan, bundle.path),
            )
            if len(report.plugins) != 1:
                db.execute("DELETE FROM journal_part WHERE scan = ? AND path = ?", (self.scan, bundle.path))
        self._count_carried(carried)
        return change

    def _count_carried(self, count: int) -> None:
        if count:
            self.carried_over += count
            self.store.user_data_changed()


def _text(bundle: Bundle, only: Mapping[str, tuple[str, ...]] | None) -> str:
    """A row of the list as JSON."""
    limited = (only or {}).get(bundle.path)
    values: dict[str, object] = {name: getattr(bundle, name) for name in _BUNDLE_FIELDS}
    return json.dumps(values | ({"only": limited} if limited else {}))


_BUNDLE_FIELDS = tuple(each.name for each in fields(Bundle))


def _by_path(rows: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for path, text in rows:
        found.setdefault(path, []).append(text)
    return {path: tuple(texts) for path, texts in found.items()}


def _entry(text: str, attempts: int, kills: int) -> Entry:
    values = json.loads(text)
    only = tuple(values.pop("only", ()))
    return Entry(Bundle(**values), attempts, kills, only)
