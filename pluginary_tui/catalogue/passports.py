"""Passports in the catalogue, and the journal of measuring: the parts still to be measured, written at every step."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pluginary_tui.catalogue.database import now, readable_errors
from pluginary_tui.catalogue.store import Store
from pluginary_tui.model import Outcome, Plugin
from pluginary_tui.products import format_order

SOUND, COST = "sound", "cost"
"""The two parts of a measurement. Costs are measured while no sound is: other jobs would falsify them."""

Key = tuple[str, str, str]
"""Path, class id and name of a plugin, which stay the same when its bundle is probed again."""

_HERE = (
    " FROM passport m JOIN bundle b ON b.path = m.path"
    " JOIN plugin p ON p.bundle = b.key AND p.uid = m.uid AND p.name = m.name"
)


def key_of(plugin: Plugin) -> Key:
    """The key of this copy of a plugin."""
    return plugin.path, plugin.uid, plugin.name


@dataclass(slots=True)
class StoredPassport:
    """A measurement as stored in the catalogue."""

    outcome: str
    """`ok`, or how the measuring process ended; then it is not measured again automatically."""
    method: int
    current: bool
    """Whether the bundle is unchanged since the measurement."""
    error: str = ""
    log: str = ""
    elapsed_ms: int = 0
    measured_at: str = ""
    figures: dict[str, float] = field(default_factory=dict)
    verdicts: tuple[str, ...] = ()
    data: dict[str, Any] = field(default_factory=dict)
    """The passport as JSON; empty where it was not read or where there is none."""
    format: str = ""
    """The format that was measured, where that is another one of the same product."""


class Entry(NamedTuple):
    """One part of one plugin in the journal."""

    key: Key
    part: str
    kills: int = 0
    """Times in a row that the program was killed while this part was being measured."""


class MeasuredFormat(NamedTuple):
    """A measured plugin, whose passport counts for its whole product."""

    id: str
    format: str
    key: Key


class Passports:
    """Passports by plugin, and the journal of measuring. Every method that writes is one transaction.

    Raises CatalogueError, one sentence, for anything the file or the disk refuses.
    """

    def __init__(self, store: Store) -> None:
        self.store = store

    # Reading

    def get(self, plugin: Plugin) -> StoredPassport | None:
        """The measurement of this copy of a plugin; None where there is none."""
        return self._stored("m.data", "WHERE m.path = ? AND m.uid = ? AND m.name = ?", key_of(plugin)).get(
            key_of(plugin)
        )

    def of_product(self, plugin: Plugin) -> StoredPassport | None:
        """The measurement of this copy of a plugin, or of the format of its product that was measured instead."""
        stored = self.get(plugin)
        if stored is not None and stored.outcome == Outcome.OK:
            return stored
        if (other := self.measured_instead().get(plugin.id)) is None:
            return stored
        key, format_ = other.key, other.format
        found = self._stored("m.data", "WHERE m.path = ? AND m.uid = ? AND m.name = ?", key).get(key)
        if found is not None:
            found.format = format_
        return found or stored

    def measured_instead(self) -> dict[str, MeasuredFormat]:
        """Plugin id -> the measured plugin of the same product, for plugins that were not measured with success."""
        with readable_errors(self.store.path):
            rows = self.store.db.execute(
                f"SELECT p.product, p.id, b.format, m.path, m.uid, m.name{_HERE}"
                " WHERE m.outcome = 'ok' AND p.product <> '' ORDER BY m.measured_at DESC"
            )
            measured: dict[str, MeasuredFormat] = {}
            well = set()
            for product, id_, format_, *key in rows:
                well.add(id_)
                known = measured.get(product)
                if known is None or format_order(format_) < format_order(known.format):
                    measured[product] = MeasuredFormat(id_, format_, (key[0], key[1], key[2]))
            others = self.store.db.execute("SELECT id, product FROM plugin") if measured else ()
            return {id_: measured[product] for id_, product in others if product in measured and id_ not in well}

    def overview(self) -> dict[Key, StoredPassport]:
        """All measurements without the passports themselves."""
        return self._stored("'{}'")

    def _stored(self, data: str, where: str = "", values: Sequence[object] = ()) -> dict[Key, StoredPassport]:
        with readable_errors(self.store.path):
            rows = self.store.db.execute(
                "SELECT m.path, m.uid, m.name, m.outcome, m.method, coalesce(b.fingerprint = m.fingerprint, 0),"
                f" m.error, m.log, m.elapsed_ms, m.measured_at, m.figures, m.verdicts, {data}"
                f" FROM passport m LEFT JOIN bundle b ON b.path = m.path {where}",
                values,
            )
            return {
                (row[0], row[1], row[2]): StoredPassport(
                    row[3],
                    row[4],
                    bool(row[5]),
                    row[6],
                    row[7],
                    row[8],
                    row[9],
                    json.loads(row[10]),
                    tuple(filter(None, row[11].split("|"))),
                    json.loads(row[12]),
                )
                for row in rows
            }

    def figures(self) -> dict[str, dict[str, float]]:
        """Figure -> plugin id -> number. Of several copies the one measured last counts.

        Passports of earlier versions have no `tail` among their figures; it is taken from their settings.
        """
        found: dict[str, dict[str, float]] = {}
        with readable_errors(self.store.path):
            for id_, tail in self.store.db.execute(
                "SELECT p.id, (SELECT max(json_extract(s.value, '$.figures.decay.value'))"
                f" FROM json_each(m.data, '$.settings') s) AS tail{_HERE} WHERE m.outcome = 'ok'"
                " AND json_extract(m.figures, '$.tail') IS NULL AND tail IS NOT NULL ORDER BY m.measured_at"
            ):
                found.setdefault("tail", {})[id_] = tail
            rows = self.store.db.execute(
                f"SELECT p.id, m.figures{_HERE} WHERE m.outcome = 'ok' AND m.figures <> '{{}}' ORDER BY m.measured_at"
            )
            for id_, figures in rows:
                for name, value in json.loads(figures).items():
                    found.setdefault(name, {})[id_] = value
        return found

    def verdicts(self) -> dict[str, set[str]]:
        """Verdict -> ids of the plugins that have it."""
        found: dict[str, set[str]] = {}
        with readable_errors(self.store.path):
            for id_, names in self.store.db.execute(f"SELECT p.id, m.verdicts{_HERE} WHERE m.verdicts <> ''"):
                for name in names.split("|"):
                    found.setdefault(name, set()).add(id_)
        return found

    def outcomes(self) -> tuple[set[str], set[str]]:
        """Ids of the plugins with a measurement that succeeded, and of those with one that failed."""
        succeeded: set[str] = set()
        failed: set[str] = set()
        with readable_errors(self.store.path):
            for id_, outcome in self.store.db.execute(f"SELECT p.id, m.outcome{_HERE}"):
                (succeeded if outcome == Outcome.OK else failed).add(id_)
        return succeeded, failed

    def behaviours(self) -> dict[str, str]:
        """Plugin id -> what it behaves like, where known. Of several copies the one measured last counts."""
        with readable_errors(self.store.path):
            rows = self.store.db.execute(
                f"SELECT p.id, json_extract(m.data, '$.behaves') AS does{_HERE} WHERE does <> '' ORDER BY m.measured_at"
            )
            return {id_: str(does) for id_, does in rows}

    def words(self) -> dict[str, dict[str, tuple[str, ...]]]:
        """Query field (`sounds`, `knob`) -> plugin id -> its words. Of several copies the one measured last counts."""
        found: dict[str, dict[str, tuple[str, ...]]] = {"sounds": {}, "knob": {}}
        with readable_errors(self.store.path):
            rows = self.store.db.execute(
                "SELECT p.id, json_extract(m.data, '$.sounds'), json_extract(m.data, '$.knob_words')"
                f"{_HERE} WHERE m.outcome = 'ok' ORDER BY m.measured_at"
            )
            for id_, sounds, knobs in rows:
                for name, raw in (("sounds", sounds), ("knob", knobs)):
                    words = json.loads(raw) if isinstance(raw, str) else ()
                    if words:
                        found[name][id_] = tuple(map(str, words))
        return found

    def documents(self) -> dict[str, dict[str, Any]]:
        """Plugin id -> passport as JSON. Of several copies the one measured last counts."""
        with readable_errors(self.store.path):
            rows = self.store.db.execute(f"SELECT p.id, m.data{_HERE} WHERE m.outcome = 'ok' ORDER BY m.measured_at")
            return {id_: json.loads(data) for id_, data in rows}

    def parameter_names(self) -> dict[int, set[str]]:
        """The names of each plugin's own parameters, by row number (`Plugin.key`)."""
        found: dict[int, set[str]] = {}
        with readable_errors(self.store.path):
            rows = self.store.db.execute(
                "SELECT r.plugin, n.text FROM parameter r JOIN word n ON n.key = r.name WHERE r.kind <> 'host'"
            )
            for key, name in rows:
                found.setdefault(key, set()).add(name)
        return found

    # The journal

    def pending(self) -> list[Entry]:
        """The parts that an interrupted session has left."""
        with readable_errors(self.store.path):
            rows = self.store.db.execute("SELECT path, uid, name, part, kills FROM measure_journal ORDER BY 1, 2, 3, 4")
            return [Entry((path, uid, name), part, kills) for path, uid, name, part, kills in rows]

    def begin(self, entries: Iterable[tuple[Key, str]]) -> None:
        """Add parts to the journal.

        Parts that were running when the program was last killed become pending again, with the kill counted. Parts of
        plugins that are no longer catalogued are removed.
        """
        with self.store.writing() as db:
            db.execute(
                "DELETE FROM measure_journal WHERE NOT EXISTS (SELECT 1 FROM plugin p JOIN bundle b ON b.key = p.bundle"
                " WHERE b.path = measure_journal.path AND p.uid = measure_journal.uid"
                " AND p.name = measure_journal.name)"
            )
            db.execute("UPDATE measure_journal SET state = 'pending', kills = kills + 1 WHERE state = 'running'")
            db.executemany(
                "INSERT OR IGNORE INTO measure_journal (path, uid, name, part) VALUES (?, ?, ?, ?)",
                ((*key, part) for key, part in entries),
            )

    def started(self, entry: Entry) -> None:
        """Record that a part is running; has to be called before its process is launched."""
        self._set(entry, "running")

    def reset_to_pending(self, entry: Entry) -> None:
        """Make a part pending again whose end is not its own fault."""
        self._set(entry, "pending")

    def _set(self, entry: Entry, state: str) -> None:
        with self.store.writing() as db:
            db.execute(
                "UPDATE measure_journal SET state = ? WHERE path = ? AND uid = ? AND name = ? AND part = ?",
                (state, *entry.key, entry.part),
            )

    def finish(
        self,
        entry: Entry,
        *,
        method: int,
        outcome: Outcome,
        error: str = "",
        log: str = "",
        elapsed_ms: int = 0,
        figures: Mapping[str, float] | None = None,
        verdicts: Sequence[str] = (),
        data: Mapping[str, Any] | None = None,
    ) -> None:
        """Store the result of one part and remove it from the journal, after a failure with the other part.

        A failed cost measurement keeps the rest of the passport and adds the error.
        """
        with self.store.writing() as db:
            db.execute(
                "DELETE FROM measure_journal WHERE path = ? AND uid = ? AND name = ? AND part IN (?, ?)",
                (*entry.key, entry.part, COST if outcome.bad else entry.part),
            )
            if entry.part == COST and outcome.bad:
                db.execute(
                    "UPDATE passport SET error = ?, log = ? WHERE path = ? AND uid = ? AND name = ?",
                    (error, log, *entry.key),
                )
                return
            db.execute(
                "INSERT OR REPLACE INTO passport (path, uid, name, fingerprint, method, outcome, error, log,"
                " elapsed_ms, measured_at, figures, verdicts, data) VALUES (?, ?, ?,"
                " coalesce((SELECT fingerprint FROM bundle WHERE path = ?), ''), ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *entry.key,
                    entry.key[0],
                    method,
                    outcome,
                    error,
                    log,
                    elapsed_ms,
                    now(),
                    json.dumps(figures or {}),
                    "|".join(verdicts),
                    json.dumps(data or {}),
                ),
            )
