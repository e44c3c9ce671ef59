"""Repairs a damaged catalogue from the newest good backup, what is still readable, and the user data."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from pluginary_tui import logs
from pluginary_tui.atomic_file import copy_private
from pluginary_tui.catalogue import database
from pluginary_tui.catalogue.database import VERSION, readable_errors, transaction
from pluginary_tui.catalogue.integrity import checksum, user_export
from pluginary_tui.catalogue.integrity.backups import (
    SIDE_FILES,
    copy_backup,
    exclusive_access,
    install,
    link_aside,
    shared_file,
)
from pluginary_tui.catalogue.integrity.check import damage, flaws, list_backups
from pluginary_tui.catalogue.integrity.salvage import WORDS, Damaged
from pluginary_tui.errors import CatalogueError

_log = logs.logger(__name__)


@dataclass(slots=True)
class RepairResult:
    """What a repair did."""

    why: str
    aside: Path | None
    """Where the damaged file is kept; None where there was none."""
    backup: Path | None
    """The backup that it is based on."""
    salvaged: int
    """Bundles read from the damaged file, newer than the backup; the next scan probes them again."""
    user_from: str
    """Source of the user data: `user.json`, `the damaged file`, `the backup` or empty."""
    user_count: int
    """Plugins with user data."""

    def sentence(self) -> str:
        """The result as one sentence for the user."""
        parts = [f"the backup of {self.backup.stem.removeprefix('catalogue-')}"] if self.backup else []
        if self.salvaged:
            parts.append(f"{_count(self.salvaged, 'bundle')} read from the damaged file")
        ground = f"it was put together from {' and '.join(parts)}" if parts else "a new one was begun"
        user = f", with what you wrote about {_count(self.user_count, 'plugin')} (from {self.user_from})"
        user *= self.user_count > 0
        aside = f"; the damaged file is kept as {self.aside}" if self.aside else ""
        return f"The catalogue was damaged ({self.why}): {ground}{user}{aside}. 'pluginary-tui scan' completes it."


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'s' * (number != 1)}"


def repair(path: Path, *, thorough: bool = False) -> RepairResult | None:
    """Replace a damaged catalogue by the newest good backup, with newer readable results and the user data added.

    The damaged file is kept aside. Returns None where nothing is wrong (`thorough` as for `damage`). Raises
    CatalogueError where a program has it open, a newer version wrote it, or the disk refuses.
    """
    with exclusive_access(path), readable_errors(path):
        why = damage(path, thorough=thorough)
        if not why:
            return None
        if checksum.version(path) > VERSION:
            raise CatalogueError(
                f"{path} is damaged, and a newer version of this program wrote it; update pluginary-tui."
            )
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".mending-") as name:
            folder = Path(name)
            new, written = folder / "new.db", folder / user_export.FILE_NAME
            backup = next((each for each in list_backups(path.parent) if _whole_copy(each, new)), None)
            with closing(database.connect(new)) as db:
                result = RepairResult(why, None, backup, 0, "", 0)
                old = _copy(path, folder) if path.exists() else None
                with transaction(db):
                    db.execute("DELETE FROM scan WHERE finished_at = ''")
                    for table in ("journal", "journal_part", "load_journal"):
                        db.execute(f"DELETE FROM {table}")
                    _refill(db, old, path.with_name(user_export.FILE_NAME), result)
                if found := flaws(db):
                    raise CatalogueError(f"The catalogue at {path} could not be mended ({found}); restore a backup.")
                user_export.save(db, written)
                shared_file(db)
            # A kill from here on leaves the damaged file or the whole new one, and the old or the new export.
            result.aside = link_aside(path)
            install(new, path)
            written.replace(path.with_name(user_export.FILE_NAME))
    _log.warning(
        "catalogue repaired", extra={"why": result.why, "salvaged": result.salvaged, "aside": str(result.aside)}
    )
    return result


def _refill(db: sqlite3.Connection, old: Path | None, export: Path, result: RepairResult) -> None:
    """Add newer results to `db`, which holds the backup, and the user data from the best source."""
    result.user_from = "the backup"
    damaged = Damaged(old, db) if old else None
    try:
        written = user_export.load(export)
        if damaged is not None:
            salvaged = damaged.user()
            user_export.put(db, {table: salvaged.pop(table) for table in user_export.BESIDE})
            result.salvaged = _take_newer(db, damaged)
            _take_passports(db, damaged)
            if written is None and any(salvaged.values()):
                user_export.put(db, salvaged, over=True)
                result.user_from = "the damaged file"
    finally:
        if damaged is not None:
            damaged.close()
    if written is not None:
        for table in (*user_export.user_tables(db), "alias"):
            db.execute(f"DELETE FROM {table}")
        user_export.put(db, written, over=True)
        result.user_from = user_export.FILE_NAME
    union = " UNION ".join(f"SELECT id FROM {table}" for table in user_export.user_tables(db))
    (result.user_count,) = db.execute(f"SELECT count(*) FROM ({union})").fetchone()


def _take_newer(db: sqlite3.Connection, damaged: Damaged) -> int:
    """Insert bundles that are newer than in the backup, without fingerprints, so that the next scan probes them."""
    known = dict(db.execute("SELECT path, scanned_at FROM bundle"))
    count = 0
    for bundle, log, plugins in damaged.bundles(known):
        db.execute("DELETE FROM bundle WHERE path = ?", (bundle["path"],))
        key = _insert(db, "bundle", bundle | {"key": None, "fingerprint": ""})
        if log:
            _insert(db, "probe_log", {"bundle": key, "log": log})
        for plugin in plugins:
            number = _insert(db, "plugin", plugin.row | {"key": None, "bundle": key})
            for table, rows in (("parameter", plugin.parameters), ("program", plugin.programs)):
                for row in rows:
                    words = {name: _word(db, row[name]) for name in WORDS[table] if row[name] is not None}
                    _insert(db, table, row | words | {"plugin": number})
            for table, rows in (("bus", plugin.buses), ("plugin_text", plugin.texts)):
                for row in rows:
                    _insert(db, table, row | {"plugin": number})
        count += 1
    return count


def _take_passports(db: sqlite3.Connection, damaged: Damaged) -> None:
    """Insert newer passports, with an invalid fingerprint, so that they are measured again."""
    known = {row[:3]: row[3] for row in db.execute("SELECT path, uid, name, measured_at FROM passport")}
    bundles = {path for (path,) in db.execute("SELECT path FROM bundle")}
    for row in damaged.passports():
        key = (row["path"], row["uid"], row["name"])
        if row["path"] in bundles and row["measured_at"] > known.get(key, ""):
            db.execute("DELETE FROM passport WHERE path = ? AND uid = ? AND name = ?", key)
            _insert(db, "passport", row | {"fingerprint": "salvaged"})


def _insert(db: sqlite3.Connection, table: str, row: dict[str, object]) -> int:
    names = ", ".join(f'"{name}"' for name in row)
    marks = ", ".join("?" * len(row))
    cursor = db.execute(f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({marks})", tuple(row.values()))
    return cursor.lastrowid or 0


def _word(db: sqlite3.Connection, text: str) -> int:
    db.execute("INSERT OR IGNORE INTO word (text) VALUES (?)", (text,))
    (key,) = db.execute("SELECT key FROM word WHERE text = ?", (text,)).fetchone()
    return int(key)


def _whole_copy(backup: Path, target: Path) -> bool:
    """Copy a backup to `target` if it is undamaged and usable."""
    try:
        copy_backup(backup, target)
    except (CatalogueError, OSError):
        for end in ("", *SIDE_FILES):
            target.with_name(target.name + end).unlink(missing_ok=True)
        return False
    return True


def _copy(path: Path, folder: Path) -> Path:
    """Copy the file and its write-ahead log to where reading may change them."""
    target = folder / "old.db"
    for source, copy in ((path, target), (checksum.wal_path(path), checksum.wal_path(target))):
        if source.exists():
            copy_private(source, copy)
    return target
