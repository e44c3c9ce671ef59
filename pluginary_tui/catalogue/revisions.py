"""What plugins were before they changed or went: the past of this machine, for comparing two dates."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from pluginary_tui.catalogue.database import now, readable_errors
from pluginary_tui.catalogue.store import Store
from pluginary_tui.model import HOST, MISSING, Parameter, clean

KEPT_SHARE = 10
"""Revisions take at most the 10th part of the catalogue; the oldest go first."""

_SIZE = "(length(facts) + length(CAST(id || path AS BLOB)) + 80)"
"""Bytes that a revision takes, with its two moments, in the table and in the index, and what SQLite adds."""

FACTS_LIMIT = 16 << 20
"""Bytes that a revision may have when it is unpacked."""

PARAMETER_FIELDS = ("name", "unit", "minimum", "maximum", "default", "steps")
"""What is compared of a parameter."""


@dataclass(slots=True)
class Facts:
    """What is compared of a plugin."""

    id: str
    name: str = ""
    vendor: str = ""
    format: str = ""
    version: str = ""
    latency_samples: int = 0
    parameters: dict[str, list[Any]] = field(default_factory=dict)
    """By the parameter's own number, or its name where it has none: the values of PARAMETER_FIELDS."""
    passport: dict[str, Any] | None = None
    """What measuring found, where that is known; never part of a revision."""
    added_at: str = field(default="", compare=False)
    """When the plugin came, of one that changed or went; empty in revisions of older versions."""


def parameter_facts(parameters: Iterable[Parameter]) -> dict[str, list[Any]]:
    """What is compared of the parameters that are a plugin's own. Of several with one number the first counts."""
    found: dict[str, list[Any]] = {}
    for each in parameters:
        if each.kind != HOST:
            key = str(each.id) if each.id is not None else each.name
            found.setdefault(key, [getattr(each, name) for name in PARAMETER_FIELDS])
    return found


def facts_of(db: sqlite3.Connection, bundle: int) -> dict[str, Facts]:
    """The plugins of a bundle that were read, by id."""
    rows = db.execute(
        "SELECT p.key, p.added_at, p.id, p.name, p.vendor, b.format, p.version, p.latency_samples"
        " FROM plugin p JOIN bundle b ON b.key = p.bundle WHERE p.bundle = ? AND p.status = 'ok' ORDER BY p.key DESC",
        (bundle,),
    ).fetchall()
    found = {}
    for key, added_at, *values in rows:
        parameters = db.execute(
            'SELECT q.id, n.text, u.text, q.minimum, q.maximum, q."default", q.steps FROM parameter q'
            " JOIN word n ON n.key = q.name JOIN word u ON u.key = q.unit WHERE q.plugin = ? AND q.kind <> ?"
            " ORDER BY q.position",
            (key, HOST),
        )
        facts = Facts(*values)
        facts.added_at = added_at
        for number, *each in parameters:
            facts.parameters.setdefault(str(number) if number is not None else each[0], each)
        found[facts.id] = facts
    return found


def keep(db: sqlite3.Connection, path: str, before: dict[str, Facts], after: dict[str, Facts]) -> None:
    """Keep what has changed, or is gone, of the plugins of the bundle at `path`."""
    db.executemany(
        "INSERT OR REPLACE INTO revision (id, path, until, facts) VALUES (?, ?, ?, ?)",
        [(id_, path, now(), _packed(facts)) for id_, facts in before.items() if after.get(id_) != facts],
    )


def keep_absence(db: sqlite3.Connection, path: str, bundle: int) -> None:
    """Keep that the plugins of the bundle at `path`, which is back, were gone until now; not of those with a copy."""
    db.execute(
        "INSERT OR REPLACE INTO revision (id, path, until, facts) SELECT p.id, ?, ?, x'' FROM plugin p"
        " WHERE p.bundle = ? AND p.status = 'ok' AND NOT EXISTS (SELECT 1 FROM plugin o JOIN bundle b"
        " ON b.key = o.bundle WHERE o.id = p.id AND o.bundle <> p.bundle AND NOT b.missing)",
        (path, now(), bundle),
    )


def prune(db: sqlite3.Connection) -> None:
    """Drop the oldest revisions of those that take more than their share of the catalogue."""
    (held,) = db.execute(f"SELECT coalesce(sum({_SIZE}), 0) FROM revision").fetchone()
    pages, page = (db.execute(f"PRAGMA {what}").fetchone()[0] for what in ("page_count", "page_size"))
    excess = held - (pages * page - held) // KEPT_SHARE
    if excess > 0:
        rows = db.execute(f"SELECT id, path, until, {_SIZE} FROM revision ORDER BY until").fetchall()
        for id_, path, until, size in rows:
            if excess <= 0:
                return
            db.execute("DELETE FROM revision WHERE id = ? AND path = ? AND until = ?", (id_, path, until))
            excess -= size


def present(store: Store, *, parameters: bool = True) -> dict[str, Facts]:
    """The plugins of the catalogue that are on this machine and were read, by id."""
    from pluginary_tui.catalogue.passports import Passports

    documents = Passports(store).documents()
    found: dict[str, Facts] = {}
    for plugin in store.plugins():
        if plugin.status != "ok" or plugin.id in found:
            continue
        facts = Facts(plugin.id, plugin.name, plugin.vendor, plugin.format, plugin.version, plugin.latency_samples)
        facts.parameters = parameter_facts(store.parameters(plugin.key)) if parameters else {}
        facts.passport = documents.get(plugin.id)
        found[plugin.id] = facts
    return found


def at(store: Store, moment: str) -> dict[str, Facts]:
    """The plugins that this machine had at a moment (ISO 8601, UTC), by id, as far as it is known."""
    found = {}
    added = {p.id: p.added_at for p in reversed(store.plugins()) if p.status != MISSING}
    for id_, facts in present(store).items():
        if added.get(id_, "") <= moment:
            facts.passport = None  # measured at another time
            found[id_] = facts
    with readable_errors(store.path):
        rows = store.db.execute("SELECT id, facts FROM revision WHERE until > ? ORDER BY until DESC", (moment,))
        for id_, packed in rows:  # the one that ended first is the last
            if not packed:
                found.pop(id_, None)
                continue
            facts_then = _unpacked(packed)
            if facts_then and (facts_then.added_at <= moment if facts_then.added_at else _known_by(store, id_, moment)):
                found[id_] = facts_then
    return found


def _known_by(store: Store, id_: str, moment: str) -> bool:
    """Whether a plugin was known at a moment; of one that is gone with its bundle nothing else is known."""
    row = store.db.execute("SELECT min(added_at) FROM plugin WHERE id = ?", (id_,)).fetchone()
    return row[0] is None or row[0] <= moment


def _packed(facts: Facts) -> bytes:
    values = asdict(facts)
    del values["passport"]
    return zlib.compress(json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode(), 9)


def _unpacked(packed: bytes) -> Facts | None:
    """A revision; None where the file holds something else."""
    try:
        return from_json(json.loads(zlib.decompressobj().decompress(packed, FACTS_LIMIT)))
    except (ValueError, zlib.error, TypeError, RecursionError):
        return None


def from_json(values: object) -> Facts:
    """Facts from JSON that this program wrote, maybe elsewhere; every text is made safe to show.

    Raises ValueError or TypeError for what is nothing of the kind.
    """
    if not isinstance(values, dict):
        raise TypeError("the facts are no object")
    parameters = values.get("parameters") or {}
    if not isinstance(parameters, dict):
        raise TypeError("parameters are no object")
    id_, name, vendor, format_, version, added_at = (
        clean(values.get(name, "")) for name in ("id", "name", "vendor", "format", "version", "added_at")
    )
    return Facts(
        id_,
        name,
        vendor,
        format_,
        version,
        int(values.get("latency_samples") or 0),
        {
            clean(key): [clean(each) if isinstance(each, str) else each for each in row[: len(PARAMETER_FIELDS)]]
            for key, row in parameters.items()
            if isinstance(row, list) and len(row) >= len(PARAMETER_FIELDS)
        },
        added_at=added_at,
    )
