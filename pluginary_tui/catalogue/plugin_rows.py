"""Reading plugins: the requested columns, and the rows as plain data."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable
from typing import Any

from pluginary_tui.model import MISSING, Plugin

# What the user wrote, copies and what the last scan changed are looked up in Python: few plugins have any of it, and to
# join them row by row costs as much as all the rest.
PLUGINS = """
SELECT p.id, p.name, p.vendor, b.format, p.categories, p.raw_category, p.version, b.path, p.name_in_file,
       p.kind, p.uid, p.latency_samples, p.parameter_count, p.audio_inputs, p.audio_outputs, p.sidechain_inputs,
       p.midi_input, p.midi_output, p.program_count, p.loads, p.load_error,
       CASE WHEN b.missing THEN 'missing' ELSE p.status END, CASE WHEN b.missing THEN '' ELSE p.error END,
       b.scanned_at, p.added_at, p.probe_ms, b.quarantined_at <> '' OR p.quarantined_at <> '', p.key,
       b.size, p.product, b.stage = 'imported', p.label
FROM plugin p JOIN bundle b ON b.key = p.bundle
"""
IN_ORDER = "ORDER BY p.name COLLATE NOCASE, p.vendor COLLATE NOCASE, b.path, p.key"
OUTLINE = f"""
SELECT p.id, p.name, p.vendor, b.format, p.categories, p.raw_category, p.parameter_count,
       CASE WHEN b.missing THEN 'missing' ELSE p.status END
FROM plugin p JOIN bundle b ON b.key = p.bundle
WHERE p.id NOT IN (SELECT id FROM user_plugin WHERE hidden) {IN_ORDER}
"""
PARAMETERS = """
SELECT n.text, u.text, r."default", r.minimum, r.maximum, r.default_raw, r.steps, r.kind, r.automatable, r.id, s.text,
       g.text, coalesce(r.initial, r."default"), coalesce(r.initial_raw, r.default_raw), c.text, r.read_only
FROM parameter r JOIN word n ON n.key = r.name JOIN word u ON u.key = r.unit LEFT JOIN word s ON s.key = r.short_name
     LEFT JOIN word g ON g.key = r."group" LEFT JOIN word c ON c.key = r.choices
WHERE r.plugin = ? ORDER BY r.position
"""
_CHANGES = "SELECT path, change FROM journal WHERE scan = (SELECT max(key) FROM scan) AND change <> ''"
_WRITTEN = "favourite, hidden, rating, note, uses, used_at"
_NOT_USED = (0, "", 0)
_NO_ATTEMPTS: frozenset[str] = frozenset()
"""Shared by all: each call of `frozenset()` makes another of 216 bytes."""
_NOTHING_WRITTEN = (False, False, 0, "", 0, "")


def fill(db: sqlite3.Connection, rows: Iterable[tuple[Any, ...]]) -> list[Plugin]:
    """The rows of `PLUGINS`, all copies of a plugin among them, as plugins."""
    written = {row[0]: row[1:] for row in db.execute(f"SELECT id, {_WRITTEN} FROM user_plugin")}
    tags: dict[str, tuple[str, ...]] = {}
    for id_, tag in db.execute("SELECT id, tag FROM user_tag ORDER BY tag"):
        tags[id_] = (*tags.get(id_, ()), tag)
    usage: dict[str, tuple[int, str, int]] = {
        row[0]: row[1:] for row in db.execute("SELECT id, projects, last_used, presets FROM plugin_usage")
    }
    changes: dict[str, str] = dict(db.execute(_CHANGES))
    plugins = []
    copies: Counter[str] = Counter()
    # Equal texts are kept once: at ten thousand plugins that halves the memory.
    keep = Interned().__getitem__
    split = CategoryCache().__getitem__
    for row in rows:
        (
            id_,
            name,
            vendor,
            format_,
            categories,
            raw_category,
            version,
            path,
            name_in_file,
            kind,
            uid,
            latency,
            parameters,
            inputs,
            outputs,
            sidechain,
            midi_in,
            midi_out,
            programs,
            loads,
            load_error,
            status,
            error,
            scanned_at,
            added_at,
            probe_ms,
            quarantined,
            key,
            size,
            product,
            imported,
            label,
        ) = row
        used_in, project_used_at, presets = usage.get(id_, _NOT_USED)
        favourite, hidden, rating, note, uses, used_at = written.get(id_, _NOTHING_WRITTEN)
        if status != MISSING:
            copies[id_] += 1
        plugins.append(
            Plugin(
                id_,
                name,
                keep(vendor),
                keep(format_),
                split(categories),
                keep(raw_category),
                keep(version),
                path,
                name_in_file,
                keep(kind),
                uid,
                latency,
                parameters,
                inputs,
                outputs,
                sidechain,
                bool(midi_in),
                bool(midi_out),
                programs,
                None if loads is None else bool(loads),
                keep(load_error),
                keep(status),
                error,
                bool(favourite),
                bool(hidden),
                tags.get(id_, ()),
                rating,
                note,
                uses,
                used_at,
                used_in,
                project_used_at,
                presets,
                keep(scanned_at),
                keep(added_at),
                probe_ms,
                bool(quarantined),
                changes.get(path, ""),
                1,
                _NO_ATTEMPTS,
                key,
                size,
                keep(product),
                False,
                bool(imported),
                label,
            )
        )
    tried: dict[int, set[str]] = {}
    for key, kind in db.execute("SELECT DISTINCT plugin, kind FROM attempt"):
        tried.setdefault(key, set()).add(kind)
    if tried:
        for plugin in plugins:
            if plugin.key in tried:
                plugin.attempts = frozenset(tried[plugin.key])
    if len(copies) < len(plugins):
        for plugin in plugins:
            plugin.copies = max(1, copies[plugin.id])
    return plugins


class CategoryCache(dict[str, tuple[str, ...]]):
    """Lists of categories by their text in the catalogue, each once."""

    def __missing__(self, text: str) -> tuple[str, ...]:
        self[text] = categories = tuple(text.split("|")) if text else ()
        return categories


class Interned(dict[str, str]):
    """Texts that are equal, each once."""

    def __missing__(self, text: str) -> str:
        self[text] = text
        return text
