"""The part of the journal that says which plugins pedalboard has still to be tried with, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pluginary_tui.catalogue.database import readable_errors
from pluginary_tui.catalogue.results import put_attempts
from pluginary_tui.catalogue.store import Store
from pluginary_tui.model import Attempt, Outcome


@dataclass(slots=True)
class PendingCheck:
    """One plugin that pedalboard has still to be tried with."""

    key: int
    """The plugin's row."""
    path: str
    format: str
    name: str
    vendor: str
    name_in_file: str
    """What pedalboard's `plugin_name` takes; empty where the bundle holds one plugin only."""
    uid: str = ""
    kills: int = 0
    """Times in a row the app died while this was in flight."""
    ambiguous: bool | int = False
    """Whether an earlier plugin of the bundle has the same name, so that pedalboard would load that one."""


@dataclass(slots=True)
class LoadResult:
    """How pedalboard's loading of one plugin ended."""

    key: int
    outcome: Outcome
    error: str = ""
    log: str = ""
    attributes: tuple[str, ...] = ()
    """Names of the parameters that the loaded object has."""
    attempts: tuple[Attempt, ...] = ()
    """What it tried meanwhile, and the sandbox refused."""


class LoadChecks:
    """The durable list of load checks. Every method is one transaction."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, formats: Iterable[str], paths: Iterable[str], *, retry: bool = False) -> None:
        """Put the plugins on the list that could be read and were never tried, of these formats in the bundles at these
        paths. `retry`: also those that pedalboard did not load. What is in quarantine is passed over, and what was put
        there and cannot be read by now is taken off it.
        """
        marks = list(formats)
        with self._store.writing(lazy=True) as db:
            db.execute("DELETE FROM load_journal WHERE plugin IN (SELECT key FROM plugin WHERE status <> 'ok')")
            db.executemany(
                "INSERT OR IGNORE INTO load_journal (plugin)"
                " SELECT p.key FROM plugin p JOIN bundle b ON b.key = p.bundle"
                " WHERE b.path = ? AND (p.loads IS NULL OR (? AND p.loads = 0)) AND p.status = 'ok' AND NOT b.missing"
                f" AND p.quarantined_at = '' AND b.quarantined_at = '' AND b.format IN ({_marks(marks)})",
                ((path, retry, *marks) for path in paths),
            )

    def resume(self, *, killed: bool) -> None:
        """What was in flight is pending again; if the app was `killed` meanwhile, that is counted."""
        with self._store.writing() as db:
            if killed:
                db.execute("UPDATE load_journal SET kills = CASE state WHEN 'running' THEN kills + 1 ELSE 0 END")
            db.execute("UPDATE load_journal SET state = 'pending' WHERE state = 'running'")

    def pending(self) -> list[PendingCheck]:
        """What is left to do, in the order of bundles and of plugins in them."""
        with readable_errors(self._store.path):
            rows = self._store.db.execute(
                "SELECT p.key, b.path, b.format, p.name, p.vendor, p.name_in_file, p.uid, j.kills,"
                " p.name_in_file <> ''"
                " AND EXISTS (SELECT 1 FROM plugin o WHERE o.bundle = p.bundle AND o.name_in_file = p.name_in_file"
                " AND o.key < p.key)"
                " FROM load_journal j JOIN plugin p ON p.key = j.plugin JOIN bundle b ON b.key = p.bundle"
                " WHERE NOT b.missing ORDER BY b.path, p.key"
            )
            return [PendingCheck(*row) for row in rows]

    def started(self, keys: Iterable[int]) -> None:
        """To be called before these may be tried: a row still in this state after a kill of the app was in flight."""
        with self._store.writing(lazy=True) as db:
            db.executemany("UPDATE load_journal SET state = 'running' WHERE plugin = ?", ((key,) for key in keys))

    def put_back(self, keys: Iterable[int]) -> None:
        """Pending again: these were not tried after all, or not to the end, and that is not their doing."""
        with self._store.writing() as db:
            db.executemany(
                "UPDATE load_journal SET state = 'pending', kills = 0 WHERE plugin = ?", ((key,) for key in keys)
            )

    def finish(self, results: Iterable[LoadResult]) -> None:
        """Keep what came of some of them."""
        with self._store.writing(lazy=True) as db:
            for result in results:
                loads = result.outcome is Outcome.OK
                db.execute(
                    "UPDATE plugin SET loads = ?, load_outcome = ?, load_error = ? WHERE key = ?",
                    (loads, result.outcome, result.error, result.key),
                )
                if db.execute("SELECT 1 FROM plugin WHERE key = ?", (result.key,)).fetchone():
                    db.execute(
                        "INSERT INTO plugin_text (plugin, load_log, attributes) VALUES (?, ?, ?) ON CONFLICT (plugin)"
                        " DO UPDATE SET load_log = excluded.load_log, attributes = excluded.attributes",
                        (result.key, result.log, "\n".join(result.attributes)),
                    )
                put_attempts(db, result.key, "load", result.attempts)
                db.execute("DELETE FROM load_journal WHERE plugin = ?", (result.key,))

    def drop(self, keys: Iterable[int] | None = None) -> None:
        """Take these off the list, or all; the next scan that checks them puts them on it again."""
        with self._store.writing() as db:
            if keys is None:
                db.execute("DELETE FROM load_journal")
            else:
                db.executemany("DELETE FROM load_journal WHERE plugin = ?", ((key,) for key in keys))


def _marks(values: list[str]) -> str:
    return ", ".join("?" * len(values))
