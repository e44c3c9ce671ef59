"""Imports plugins from a file: stages them, compares them with the catalogue, then merges all or nothing."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import resources
from itertools import islice
from pathlib import Path, PureWindowsPath

from pluginary_tui.catalogue.carry_over import settle
from pluginary_tui.catalogue.database import now, readable_errors, statements
from pluginary_tui.catalogue.exchange import file_formats, pedalboard_pluginary
from pluginary_tui.catalogue.exchange.import_record import Incoming, RecordError, check
from pluginary_tui.catalogue.exchange.left_out import LeftOut
from pluginary_tui.catalogue.exchange.row_match import place_all
from pluginary_tui.catalogue.exchange.table import ENDINGS
from pluginary_tui.catalogue.identity import identity
from pluginary_tui.catalogue.journal import IMPORTED
from pluginary_tui.catalogue.lock import scan_lock
from pluginary_tui.catalogue.store import Store
from pluginary_tui.errors import CatalogueError
from pluginary_tui.model import MISSING, Outcome
from pluginary_tui.safe_open import open_regular

CHUNK = 1000
"""Plugins staged at a time."""

# Plugins that get no row: known from a probe of this machine, from an import at least as new, or at another path.
_KNOWN = f"""
EXISTS (SELECT 1 FROM bundle b WHERE b.path = incoming.path
        AND (b.stage <> '{IMPORTED}' OR b.scanned_at >= incoming.scanned_at))
OR EXISTS (SELECT 1 FROM plugin p JOIN bundle b ON b.key = p.bundle
           WHERE p.id = incoming.id AND b.path <> incoming.path)
OR n NOT IN (SELECT min(n) FROM incoming WHERE taken GROUP BY path, uid, name)
"""

# Columns whose texts are stored once, in the table `word`.
_WORDS = (
    *(("incoming_parameter", column) for column in ("name", "unit", "short_name", "group", "choices")),
    ("incoming_program", "name"),
)

# Classes without an id in this catalogue. Beside the id of a plugin that is here, a class id that belongs to other
# names or is none is no other class of that name: a column was sorted, filled or written over without the others.
_UNKNOWN_CLASS = """uid <> '' AND base <> ''
AND NOT (EXISTS (SELECT 1 FROM plugin p WHERE p.id = incoming.id)
         AND (incoming.format = 'vst3' AND length(incoming.uid) <> 32
              OR EXISTS (SELECT 1 FROM identity i WHERE i.uid = incoming.uid)))
AND NOT EXISTS (SELECT 1 FROM identity i WHERE i.base = incoming.base AND i.uid = incoming.uid)"""

# Ids that the file says something about, which is now on no plugin of the catalogue.
_ORPHANS = """
SELECT count(*) FROM (SELECT id FROM wanted UNION SELECT i.id FROM incoming i JOIN incoming_tag USING (n)) w
WHERE id NOT IN (SELECT id FROM plugin) AND (EXISTS (SELECT 1 FROM user_tag t WHERE t.id = w.id)
      OR EXISTS (SELECT 1 FROM user_plugin u WHERE u.id = w.id AND (favourite OR hidden OR rating OR note <> '')))
"""

# New favourite, hidden, rating and note of each plugin, and whether the user's own value is kept instead.
_USER_CHANGES = """
SELECT w.id, w.favourite AND NOT coalesce(u.favourite, 0), w.hidden AND NOT coalesce(u.hidden, 0),
       w.rating AND NOT coalesce(u.rating, 0), w.note <> '' AND coalesce(u.note, '') = '',
       (w.rating AND u.rating AND w.rating <> u.rating) OR (w.note <> '' AND u.note <> '' AND w.note <> u.note)
FROM wanted w LEFT JOIN user_plugin u ON u.id = w.id ORDER BY w.id
"""


@dataclass(slots=True)
class Imported:
    """Result of an import or a dry run: counts of plugins, except for `tags`, `ignores` and `changes`."""

    read: int = 0
    new: int = 0
    """Plugins that got a row in the catalogue."""
    missing: int = 0
    """New plugins whose path does not exist on this machine."""
    favourites: int = 0
    hidden: int = 0
    ratings: int = 0
    notes: int = 0
    tags: int = 0
    kept: int = 0
    """Plugins whose different rating or note in the catalogue is kept."""
    left: LeftOut = field(default_factory=LeftOut)
    """What of the file was not taken."""
    orphans: int = 0
    """Ids with user data that no plugin of the catalogue has."""
    ignores: list[str] = field(default_factory=list)
    """Patterns for the setting `scan.ignore`; the caller saves them."""
    changes: list[tuple[str, str]] = field(default_factory=list)
    """Ids and what happens to each: `new`, `missing`, `favourite`, `hidden`, `rating`, `note`, `#tag`, `kept`."""


ENTRY_LIMIT = 500_000
"""Most plugins of one file, five times what the app is made for: more would take hours and fill the disk."""

SIZE_LIMIT = 4_000_000_000
"""Most bytes of a file; an export of 100,000 plugins with their parameters has a quarter of that."""


class _DryRunError(Exception):
    """Rolls the transaction back."""


def import_file(store: Store, path: Path, *, user_data_only: bool = False, dry_run: bool = False) -> Imported:
    """Merge the file at `path` into the catalogue.

    User data are merged by plugin id: favourites and tags are added, a rating or note is taken where there is none.
    Results of this machine's probes never change; other plugins get a row (not with `user_data_only`), marked missing
    where their path does not exist. `dry_run` does all of it and rolls it back.

    Raises CatalogueError or ScanError for an invalid file, and while a scan runs.
    """
    done = Imported()
    items = place_all(_incoming(path, done), store, done.left)
    with scan_lock(store.path), _staged(store, items) as read:
        done.read = read
        if not read and len(done.left):
            raise CatalogueError(f"Nothing in {path} can be taken: {next(done.left.sentences())}.")
        try:
            with store.writing_for_user() as db:
                _resolve(db)
                _merge_user_data(db, done)
                if not user_data_only:
                    _merge_plugins(db, done)
                settle(db, ())
                done.orphans = db.execute(_ORPHANS).fetchone()[0]
                if dry_run:
                    raise _DryRunError
        except _DryRunError:
            pass
    return done


# Reading


def _incoming(path: Path, done: Imported) -> Iterator[Incoming]:
    others, plugins = False, False
    table = path.suffix.lower() in ENDINGS
    for number, (label, key, value) in enumerate(_read(path, done.left)):
        if number >= ENTRY_LIMIT:
            raise CatalogueError(f"{path} holds more than {ENTRY_LIMIT:,} plugins; no more can be imported at a time.")
        if key == "plugins" and value is None:
            plugins = True
        elif pedalboard_pluginary.is_entry(value):
            try:
                value = pedalboard_pluginary.entry(value)
            except CatalogueError as error:
                raise RecordError(f"{path}: {label}: {error}.") from None
            plugins = True
            try:
                yield check(value, label)
            except RecordError as error:
                raise RecordError(f"{path}: {error}") from None
        elif key:
            others = True  # metadata of a document
        elif isinstance(value, str) and (pattern := pedalboard_pluginary.ignore_pattern(value)):
            done.ignores.append(pattern)
        else:
            try:
                yield check(value, label)
            except RecordError as error:
                if not table:
                    raise RecordError(f"{path}: {error}") from None
                done.left.add(label, "", "", str(error).removeprefix(label).strip(" :."))
    if others and not plugins:
        raise CatalogueError(f"{path} holds no plugins; import takes what 'export' and 'list --json' write.")


def _read(path: Path, left: LeftOut) -> Iterator[tuple[str, str, object]]:
    try:
        with open_regular(path) as file:
            is_database = file.read(len(pedalboard_pluginary.SQLITE_HEADER)) == pedalboard_pluginary.SQLITE_HEADER
            size = os.fstat(file.fileno()).st_size
    except OSError as error:
        raise CatalogueError(f"Cannot read {path}: {error.strerror or error}.") from None
    if size > SIZE_LIMIT:
        raise CatalogueError(f"{path} is larger than {SIZE_LIMIT // 10**9} GB; import it in parts.")
    ending = path.suffix.lower()
    if is_database:
        return pedalboard_pluginary.read_database(path)
    if ending not in {*file_formats.WRITERS, *ENDINGS}:
        raise CatalogueError(
            f"{path} is of no kind that can be imported: .json, .csv, .tsv, .toml, or a plugins.db of"
            " pedalboard-pluginary; spreadsheets can save a table as CSV."
        )
    return file_formats.read(path, ending, left)


# Staging


@contextmanager
def _staged(store: Store, items: Iterator[Incoming]) -> Iterator[int]:
    """Read and check all items into temporary tables, without blocking other writers. Yields their number."""
    db = store.db
    script = (resources.files("pluginary_tui.catalogue.exchange") / "staging.sql").read_text("utf-8")
    with readable_errors(store.path):
        _drop(db)
        for statement in statements(script):
            db.execute(statement)
        try:
            db.execute("BEGIN")
            try:
                read = 0
                while chunk := list(islice(items, CHUNK)):
                    _stage(db, read, chunk)
                    read += len(chunk)
            finally:
                db.execute("COMMIT")  # temporary tables only, which are dropped in any case
            yield read
        finally:
            _drop(db)


def _drop(db: sqlite3.Connection) -> None:
    for table in ("incoming", "incoming_tag", "incoming_parameter", "incoming_bus", "incoming_program", "wanted"):
        db.execute(f"DROP TABLE IF EXISTS temp.{table}")


def _stage(db: sqlite3.Connection, first: int, chunk: list[Incoming]) -> None:
    numbered = list(enumerate(chunk, first + 1))
    db.executemany(f"INSERT INTO incoming VALUES ({', '.join('?' * 43)})", (_row(n, item) for n, item in numbered))
    db.executemany("INSERT INTO incoming_tag VALUES (?, ?)", ((n, t) for n, item in numbered for t in item.plugin.tags))
    described = [(n, item) for n, item in numbered if item.described]
    db.executemany(
        f"INSERT INTO incoming_parameter VALUES ({', '.join('?' * 18)})",
        (
            (
                n,
                at,
                p.name,
                p.unit,
                p.default,
                p.minimum,
                p.maximum,
                p.default_raw,
                p.steps,
                p.kind,
                p.automatable,
                p.id,
                p.short_name or None,
                p.group or None,
                None if p.initial == p.default else p.initial,
                None if p.initial_raw == p.default_raw else p.initial_raw,
                "\n".join(p.choices) or None,
                p.read_only,
            )
            for n, item in described
            for at, p in enumerate(item.parameters)
        ),
    )
    db.executemany(
        "INSERT INTO incoming_bus VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            (n, at, bus.name, bus.media, bus.direction, bus.channels, bus.main)
            for n, item in described
            for at, bus in enumerate(item.buses)
        ),
    )
    db.executemany(
        "INSERT INTO incoming_program VALUES (?, ?, ?)",
        ((n, at, name) for n, item in described for at, name in enumerate(item.programs)),
    )


def _row(n: int, item: Incoming) -> tuple[object, ...]:
    p = item.plugin
    return (
        n,
        p.id,
        item.base,
        p.uid,
        p.path,
        PureWindowsPath(p.path).stem,
        p.format,
        p.name,
        p.vendor,
        p.version,
        p.raw_category,
        "|".join(p.categories),
        p.kind,
        p.name_in_file,
        p.latency_samples,
        p.parameter_count,
        p.audio_inputs,
        p.audio_outputs,
        p.sidechain_inputs,
        p.midi_input,
        p.midi_output,
        p.program_count,
        p.loads,
        p.load_error,
        Outcome.OK if p.status == MISSING else p.status,
        p.error,
        p.probe_ms,
        p.scanned_at,
        p.added_at or now(),
        p.favourite,
        p.hidden,
        p.rating,
        p.note,
        p.uses,
        p.used_at,
        item.log,
        item.plugin_log,
        item.load_log,
        "\n".join(item.attributes),
        "\n".join(item.needs),
        item.described and not os.path.exists(p.path),
        item.described,
        item.own_id,
    )


# Merging


def _resolve(db: sqlite3.Connection) -> None:
    """Set every plugin's id in this catalogue. New ones keep the document's, so that ids agree between machines."""
    db.execute(
        "INSERT OR IGNORE INTO identity SELECT id, base, uid FROM (SELECT id, base, uid, min(n) AS first FROM incoming"
        f" WHERE own AND {_UNKNOWN_CLASS} GROUP BY base, uid) ORDER BY first"
    )
    # The others: their ids are in use here, or are not derived from their names.
    left = db.execute(f"SELECT base, uid FROM incoming WHERE {_UNKNOWN_CLASS} GROUP BY base, uid ORDER BY min(n)")
    for base, uid in left.fetchall():
        identity(db, base, uid)
    db.execute(
        "UPDATE incoming SET id = i.id FROM identity i"
        " WHERE incoming.uid <> '' AND i.base = incoming.base AND i.uid = incoming.uid AND i.id <> incoming.id"
    )
    # Ids that plugins had before.
    db.execute(
        "UPDATE incoming SET id = a.target FROM alias a"
        " WHERE a.id = incoming.id AND NOT EXISTS (SELECT 1 FROM plugin p WHERE p.id = incoming.id)"
    )


def _merge_user_data(db: sqlite3.Connection, done: Imported) -> None:
    db.execute(
        # The first rating and note of each counts: the least number of an entry with one, with the value behind it.
        "CREATE TEMP TABLE wanted AS SELECT id, max(favourite) AS favourite, max(hidden) AS hidden,"
        " coalesce(min(CASE WHEN rating THEN n * 8 + rating END) % 8, 0) AS rating,"
        " coalesce(substr(min(CASE WHEN note <> '' THEN printf('%012d', n) || note END), 13), '') AS note,"
        " max(uses) AS uses, max(used_at) AS used_at,"
        " count(DISTINCT nullif(rating, 0)) > 1 OR count(DISTINCT nullif(note, '')) > 1 AS disagree FROM incoming"
        " GROUP BY id HAVING max(favourite) OR max(hidden) OR max(rating) OR max(note) <> '' OR max(uses)"
    )
    for (id_,) in db.execute("SELECT id FROM wanted WHERE disagree ORDER BY id"):
        why = "is there more than once with different ratings or notes; the first of each counts"
        done.left.add("", "", id_, why)
    for id_, favourite, hidden, rating, note, kept in db.execute(_USER_CHANGES):
        changes = {"favourite": favourite, "hidden": hidden, "rating": rating, "note": note, "kept": kept}
        done.changes += [(id_, what) for what, happens in changes.items() if happens]
        done.favourites += bool(favourite)
        done.hidden += bool(hidden)
        done.ratings += bool(rating)
        done.notes += bool(note)
        done.kept += bool(kept)
    db.execute(
        "INSERT INTO user_plugin (id, favourite, hidden, rating, note, uses, used_at)"
        " SELECT id, favourite, hidden, rating, note, uses, used_at FROM wanted WHERE true"
        " ON CONFLICT (id) DO UPDATE SET favourite = max(favourite, excluded.favourite),"
        " hidden = max(hidden, excluded.hidden), rating = CASE rating WHEN 0 THEN excluded.rating ELSE rating END,"
        " note = CASE note WHEN '' THEN excluded.note ELSE note END,"
        " uses = max(uses, excluded.uses), used_at = max(used_at, excluded.used_at)"
    )
    tags = db.execute(
        "SELECT DISTINCT i.id, t.tag FROM incoming_tag t JOIN incoming i USING (n)"
        " WHERE NOT EXISTS (SELECT 1 FROM user_tag u WHERE u.id = i.id AND u.tag = t.tag) ORDER BY i.id, t.tag"
    ).fetchall()
    db.executemany("INSERT INTO user_tag (id, tag) VALUES (?, ?)", tags)
    done.tags = len(tags)
    done.changes += [(id_, f"#{tag}") for id_, tag in tags]


def _merge_plugins(db: sqlite3.Connection, done: Imported) -> None:
    db.execute(f"UPDATE incoming SET taken = 0 WHERE taken AND ({_KNOWN})")
    for id_, missing in db.execute("SELECT id, missing FROM incoming WHERE taken ORDER BY n"):
        done.changes.append((id_, "missing" if missing else "new"))
        done.new += 1
        done.missing += missing
    db.execute(f"DELETE FROM bundle WHERE stage = '{IMPORTED}' AND path IN (SELECT path FROM incoming WHERE taken)")
    db.execute(
        "INSERT INTO bundle (path, format, name, vendor, outcome, error, stage, scanned_at, added_at, missing)"
        f" SELECT path, format, stem, max(vendor), CASE WHEN max(status = 'ok') THEN 'ok' ELSE min(status) END,"
        f" max(error), '{IMPORTED}', max(scanned_at), min(added_at), min(missing) FROM incoming WHERE taken"
        " GROUP BY path"
    )
    (last,) = db.execute("SELECT coalesce(max(key), 0) FROM plugin").fetchone()
    db.execute(
        "INSERT INTO plugin (key, bundle, id, name, vendor, version, raw_category, categories, uid, kind,"
        " name_in_file, latency_samples, parameter_count, status, error, probe_ms, added_at, audio_inputs,"
        " audio_outputs, sidechain_inputs, midi_input, midi_output, program_count, loads, load_error, product)"
        " SELECT ? + n, b.key, i.id, i.name, i.vendor, i.version, i.raw_category, i.categories, i.uid, i.kind,"
        " i.name_in_file, i.latency_samples, i.parameter_count, i.status, i.error, i.probe_ms, i.added_at,"
        " i.audio_inputs, i.audio_outputs, i.sidechain_inputs, i.midi_input, i.midi_output, i.program_count, i.loads,"
        " i.load_error,"
        " coalesce((SELECT c.product FROM product_choice c WHERE c.id = i.id), product_id(i.vendor, i.name))"
        " FROM incoming i JOIN bundle b ON b.path = i.path WHERE i.taken",
        (last,),
    )
    for table, column in _WORDS:
        db.execute(
            f'INSERT OR IGNORE INTO word (text) SELECT DISTINCT r."{column}" FROM {table} r JOIN incoming i USING (n)'
            f' WHERE i.taken AND r."{column}" IS NOT NULL'
        )
    db.execute(
        'INSERT INTO parameter (plugin, position, name, unit, "default", minimum, maximum, default_raw, steps, kind,'
        ' automatable, id, short_name, "group", initial, initial_raw, choices, read_only)'
        ' SELECT ? + r.n, r.position, a.key, u.key, r."default", r.minimum, r.maximum, r.default_raw, r.steps, r.kind,'
        " r.automatable, r.id, s.key, g.key, r.initial, r.initial_raw, c.key, r.read_only"
        # In this join order the rows arrive sorted by key.
        " FROM incoming_parameter r CROSS JOIN incoming i USING (n)"
        " CROSS JOIN word a ON a.text = r.name CROSS JOIN word u ON u.text = r.unit"
        ' LEFT JOIN word s ON s.text = r.short_name LEFT JOIN word g ON g.text = r."group"'
        " LEFT JOIN word c ON c.text = r.choices WHERE i.taken",
        (last,),
    )
    db.execute(
        "INSERT INTO bus SELECT ? + r.n, r.position, r.name, r.media, r.direction, r.channels, r.main"
        " FROM incoming_bus r CROSS JOIN incoming i USING (n) WHERE i.taken",
        (last,),
    )
    db.execute(
        "INSERT INTO program SELECT ? + r.n, r.position, w.key"
        " FROM incoming_program r CROSS JOIN incoming i USING (n) CROSS JOIN word w ON w.text = r.name WHERE i.taken",
        (last,),
    )
    db.execute(
        "INSERT INTO plugin_text (plugin, log, load_log, attributes, needs)"
        " SELECT ? + n, plugin_log, load_log, attributes, needs FROM incoming"
        " WHERE taken AND (plugin_log <> '' OR load_log <> '' OR attributes <> '' OR needs <> '')",
        (last,),
    )
    db.execute(
        "INSERT INTO probe_log (bundle, log) SELECT b.key, max(i.log) FROM incoming i JOIN bundle b ON b.path = i.path"
        " WHERE i.taken AND i.log <> '' GROUP BY b.key"
    )
