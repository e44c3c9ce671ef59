"""Writing what a probe found: bundle, plugins, parameters, connections, programs. Only inside another's transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from pluginary_tui.catalogue.carry_over import carry_over
from pluginary_tui.catalogue.database import now
from pluginary_tui.catalogue.identity import Sighting, identity
from pluginary_tui.model import HOST, UNREAD, Attempt, Bus, Outcome, ProbedPlugin, Report, base_id
from pluginary_tui.products import product_id

WORD_CACHE = 20_000
"""Row numbers of words kept at hand while scanning, so that memory stays bounded."""

READING = 1
"""The version of the way bundles are read. What an older version read is read again by the next scan."""

_KEPT = (Outcome.SKIPPED, UNREAD)
"""Statuses that take nothing away from what is known to be good."""


class ResultWriter:
    """Writes reports. Keeps the row numbers of words at hand; `forget` after a transaction that was rolled back."""

    def __init__(self) -> None:
        self._words: dict[str, int] = {}
        self.new: set[str] = set()
        """Ids that no plugin of the catalogue had before this wrote them."""

    def forget(self) -> None:
        """Drop the row numbers: those of a transaction that was rolled back are gone."""
        self._words.clear()

    def put_bundle(self, db: sqlite3.Connection, report: Report, quarantine: bool, *, known: bool) -> int:
        """Write the bundle's row and its log; returns the row's number. `known`: whether there was one before."""
        bundle, time = report.bundle, now()
        (key,) = db.execute(
            "INSERT INTO bundle (path, format, name, vendor, fingerprint, size, modified, outcome, error, stage,"
            " signal, elapsed_ms, peak_mb, scanned_at, added_at, quarantined_at, reading, sandbox)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (path) DO UPDATE SET format = excluded.format, name = excluded.name,"
            " vendor = CASE excluded.vendor WHEN '' THEN vendor ELSE excluded.vendor END,"
            " fingerprint = excluded.fingerprint, size = excluded.size, modified = excluded.modified,"
            " outcome = excluded.outcome, error = excluded.error, stage = excluded.stage, signal = excluded.signal,"
            " elapsed_ms = excluded.elapsed_ms, peak_mb = excluded.peak_mb, scanned_at = excluded.scanned_at,"
            " missing = 0, quarantined_at = excluded.quarantined_at, reading = excluded.reading,"
            " sandbox = excluded.sandbox RETURNING key",
            (
                bundle.path,
                bundle.format,
                bundle.name,
                report.plugins[0].vendor if report.plugins else bundle.vendor,
                bundle.fingerprint,
                bundle.size,
                bundle.modified,
                report.outcome,
                report.error,
                report.stage,
                report.signal,
                round(report.elapsed_s * 1000),
                report.peak_mb,
                time,
                time,
                time if quarantine else "",
                READING,
                report.sandbox,
            ),
        ).fetchone()
        if report.log:
            db.execute("INSERT OR REPLACE INTO probe_log VALUES (?, ?)", (key, report.log))
        elif known:
            db.execute("DELETE FROM probe_log WHERE bundle = ?", (key,))
        return int(key)

    def put_plugins(
        self,
        db: sqlite3.Connection,
        bundle: int,
        report: Report,
        categories: Sequence[tuple[str, ...]],
        *,
        quarantine: bool,
    ) -> int:
        """Replace the bundle's plugins; each one that was there before keeps its row, and with it its date.

        One that is known without a class id (its factory could not be read) is the one of its name.

        `categories`: the readable ones of each plugin of the report, in its order. `quarantine`: whether plugins that
        failed while others of the bundle did not are kept from being tried again by themselves. Returns the number of
        plugins to which what the user wrote under another id was carried over.
        """
        known: dict[tuple[str, str], list[tuple[int, str]]] = {}
        before = db.execute(
            "SELECT key, uid, name, status, id, vendor FROM plugin WHERE bundle = ? ORDER BY key", (bundle,)
        ).fetchall()
        for key, uid, name, status, _, _ in before:
            known.setdefault((uid, name), []).append((key, status))
        found = report.plugins
        if not found:
            if known:  # nothing new was learnt, so what was known stays, under its new status
                if report.outcome not in _KEPT:
                    db.execute(
                        "UPDATE plugin SET status = ?, error = ? WHERE bundle = ?",
                        (report.outcome, report.error, bundle),
                    )
                    for key, *_ in before:
                        put_attempts(db, key, "read", report.attempts)
                return 0
            found = [ProbedPlugin(name=report.bundle.name, vendor=report.bundle.vendor, status=report.outcome)]
            found[0].error, found[0].probe_ms = report.error, round(report.elapsed_s * 1000)
            categories = [()]
        for plugin, readable in zip(found, categories, strict=True):
            rows = known.get((plugin.uid, plugin.name)) or known.get(("", plugin.name))
            key, status = rows.pop(0) if rows else (None, "")
            known_before = key is not None
            quarantined = now() if quarantine and plugin.status != Outcome.OK and plugin.status != UNREAD else ""
            if key is not None and (plugin.status == UNREAD or (plugin.status in _KEPT and status == Outcome.OK)):
                continue
            if key is not None and plugin.status != Outcome.OK:
                db.execute(
                    "UPDATE plugin SET status = ?, error = ?, stage = ?, signal = ?, probe_ms = ?, quarantined_at = ?"
                    " WHERE key = ?",
                    (plugin.status, plugin.error, plugin.stage, plugin.signal, plugin.probe_ms, quarantined, key),
                )
            else:
                key = self._put_plugin(db, key, bundle, report.bundle.format, plugin, readable, quarantined)
            if known_before or plugin.attempts or report.attempts:
                put_attempts(db, key, "read", [*report.attempts, *plugin.attempts])
            if plugin.log:
                db.execute(
                    "INSERT INTO plugin_text (plugin, log) VALUES (?, ?)"
                    " ON CONFLICT (plugin) DO UPDATE SET log = excluded.log",
                    (key, plugin.log),
                )
        gone = {key for rows in known.values() for key, _ in rows}
        if gone:
            db.executemany("DELETE FROM plugin WHERE key = ?", ((key,) for key in gone))
        format_, path, alone = report.bundle.format, report.bundle.path, len(before) == 1
        # Not the rows that are gone: a row is kept under another id where a vendor respells itself.
        there = {id_ for (id_,) in db.execute("SELECT id FROM plugin WHERE bundle = ?", (bundle,))}
        left = [
            Sighting(id_, base_id(format_, vendor, name), uid, path, alone)
            for _, uid, name, _, id_, vendor in before
            if id_ not in there
        ]
        return carry_over(db, bundle, left, self.new)

    def _put_plugin(
        self,
        db: sqlite3.Connection,
        key: int | None,
        bundle: int,
        format_: str,
        plugin: ProbedPlugin,
        categories: tuple[str, ...],
        quarantined_at: str,
    ) -> int:
        before = key
        id_ = identity(db, base_id(format_, plugin.vendor, plugin.name), plugin.uid)
        if not db.execute("SELECT 1 FROM plugin WHERE id = ? LIMIT 1", (id_,)).fetchone():
            self.new.add(id_)
        counts = _connections(plugin.buses)
        (key,) = db.execute(
            "INSERT OR REPLACE INTO plugin (key, bundle, id, name, vendor, version, raw_category, categories, uid,"
            " kind, name_in_file, latency_samples, parameter_count, status, error, probe_ms, added_at, audio_inputs,"
            " audio_outputs, sidechain_inputs, midi_input, midi_output, program_count, stage, signal, quarantined_at,"
            " loads, load_outcome, label, product) VALUES"
            " (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
            "  coalesce((SELECT added_at FROM plugin WHERE key = ?), ?),"
            "  ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
            "  coalesce((SELECT product FROM product_choice WHERE id = ?), ?)) RETURNING key",
            (
                key,
                bundle,
                id_,
                plugin.name,
                plugin.vendor,
                plugin.version,
                plugin.category,
                "|".join(categories),
                plugin.uid,
                plugin.kind,
                plugin.name_in_file,
                plugin.latency_samples,
                sum(p.kind != HOST for p in plugin.parameters),
                plugin.status,
                plugin.error,
                plugin.probe_ms,
                key,
                now(),
                *counts,
                len(plugin.programs),
                plugin.stage,
                plugin.signal,
                quarantined_at,
                plugin.loads,
                Outcome.OK if plugin.loads else "",
                plugin.label,
                id_,
                product_id(plugin.vendor, plugin.name),
            ),
        ).fetchone()
        if before is not None:
            for table in ("parameter", "bus", "program", "plugin_text"):  # an upgrade may have taken some away
                db.execute(f"DELETE FROM {table} WHERE plugin = ?", (key,))
        word = self._word
        db.executemany(
            "INSERT INTO parameter VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (
                    key,
                    position,
                    word(db, p.name),
                    word(db, p.unit),
                    p.default,
                    p.minimum,
                    p.maximum,
                    p.default_raw,
                    p.steps,
                    p.kind,
                    p.automatable,
                    p.id,
                    word(db, p.short_name) if p.short_name else None,
                    word(db, p.group) if p.group else None,
                    p.initial if p.initial != p.default else None,
                    p.initial_raw if p.initial_raw != p.default_raw else None,
                    word(db, "\n".join(p.choices)) if p.choices else None,
                    p.read_only,
                )
                for position, p in enumerate(plugin.parameters)
            ),
        )
        if plugin.buses:
            db.executemany(
                "INSERT INTO bus VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    (key, position, bus.name, bus.media, bus.direction, bus.channels, bus.main)
                    for position, bus in enumerate(plugin.buses)
                ),
            )
        if plugin.needs:
            db.execute("INSERT INTO plugin_text (plugin, needs) VALUES (?, ?)", (key, "\n".join(plugin.needs)))
        if plugin.programs:
            db.executemany(
                "INSERT INTO program VALUES (?, ?, ?)",
                ((key, position, word(db, name)) for position, name in enumerate(plugin.programs)),
            )
        return int(key)

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


def put_attempts(db: sqlite3.Connection, key: int, during: str, attempts: Iterable[Attempt]) -> None:
    """Replace what the plugin in this row tried while it was read, loaded or measured."""
    db.execute("DELETE FROM attempt WHERE plugin = ? AND during = ?", (key, during))
    db.executemany(
        "INSERT OR IGNORE INTO attempt (plugin, during, kind, what) SELECT key, ?, ?, ? FROM plugin WHERE key = ?",
        ((during, each.kind, each.what, key) for each in attempts),
    )


def what_was_read(db: sqlite3.Connection, bundle: int) -> list[tuple[object, ...]]:
    """All that is known of a bundle's plugins from reading them, for comparing before and after; no dates, no keys."""
    rows: list[tuple[object, ...]] = []
    plugins = db.execute(
        "SELECT key, name, vendor, version, raw_category, categories, uid, kind, name_in_file, latency_samples,"
        " parameter_count, audio_inputs, audio_outputs, sidechain_inputs, midi_input, midi_output, program_count,"
        " status FROM plugin WHERE bundle = ? ORDER BY uid, name, key",
        (bundle,),
    ).fetchall()
    for key, *plugin in plugins:
        rows.append(tuple(plugin))
        for table in ("parameter", "bus", "program"):
            found = db.execute(f"SELECT * FROM {table} WHERE plugin = ? ORDER BY position", (key,))
            rows += [(table, *row[1:]) for row in found]
    return rows


def _connections(buses: Sequence[Bus]) -> tuple[int, int, int, bool, bool]:
    """Channels of the main audio inputs, of the main outputs, of all other inputs; MIDI in, MIDI out."""
    audio = [bus for bus in buses if bus.media == "audio"]
    return (
        sum(bus.channels for bus in audio if bus.direction == "input" and bus.main),
        sum(bus.channels for bus in audio if bus.direction == "output" and bus.main),
        sum(bus.channels for bus in audio if bus.direction == "input" and not bus.main),
        any(bus.media == "event" and bus.direction == "input" for bus in buses),
        any(bus.media == "event" and bus.direction == "output" for bus in buses),
    )
