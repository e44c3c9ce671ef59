"""Backups of the catalogue: making them, rotating them, restoring one, and replacing the catalogue's file."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from pluginary_tui import logs
from pluginary_tui.atomic_file import make_folder, replacing_bytes
from pluginary_tui.catalogue import database
from pluginary_tui.catalogue.database import APPLICATION_ID, VERSION, readable_errors
from pluginary_tui.catalogue.integrity import checksum, user_export
from pluginary_tui.catalogue.integrity.check import BACKUPS, dangling, flaws, list_backups, strange
from pluginary_tui.catalogue.lock import scan_lock
from pluginary_tui.errors import CatalogueError, ScanError
from pluginary_tui.safe_open import CHUNK, open_regular

ASIDE = "aside"
"""Folder of replaced catalogue files, damaged ones above all. The newest ASIDE_KEEP are kept."""

ASIDE_KEEP = 5

_SIDE_FILES = ("-wal", "-shm")

_log = logs.logger(__name__)


def back_up(path: Path, target: Path) -> None:
    """Copy the catalogue to `target`, consistent even while it is written to. An existing file is replaced atomically.

    Raises CatalogueError.
    """
    if target.resolve() == path.resolve():
        raise CatalogueError(f"{target} is the catalogue itself; name another file.")
    with readable_errors(target):
        make_folder(target.parent)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".backup-") as name:
            copied = Path(name) / "copy.db"
            with closing(database.connect(path)) as db, closing(sqlite3.connect(copied)) as copy:
                db.backup(copy)
                _single_file(copy)
            with copied.open("rb") as source, replacing_bytes(target) as stream:
                checksum.invalidate(target)
                shutil.copyfileobj(source, stream, CHUNK)


def rotate_backups(path: Path, keep: int) -> Path:
    """Make today's backup, replacing an earlier one of the day, and delete all but the newest `keep`.

    Returns its path. Raises CatalogueError.
    """
    target = path.parent / BACKUPS / f"catalogue-{datetime.now(UTC):%Y-%m-%d}.db"
    back_up(path, target)
    checksum.write(target)
    for old in [each for each in list_backups(path.parent) if each != target][max(keep - 1, 0) :]:
        checksum.invalidate(old)
        with contextlib.suppress(OSError):
            old.unlink()
    _log.info("backup made", extra={"file": str(target)})
    return target


def backup_after_run(path: Path, keep: int) -> None:
    """Make the backup at the end of a scan or a measuring session.

    A failure (a full disk, for example) is only logged: the results are stored already.
    """
    try:
        rotate_backups(path, keep)
    except CatalogueError as error:
        _log.warning("no backup", extra={"why": str(error)})


def restore(path: Path, source: Path) -> Path | None:
    """Replace the catalogue at `path` by the backup `source`. Returns where the previous one is kept, if there was one.

    Raises CatalogueError, and changes nothing, where `source` is not a whole catalogue of this program.
    """
    check_backup(source)
    with (
        exclusive_access(path),
        readable_errors(path),
        tempfile.TemporaryDirectory(dir=path.parent, prefix=".mending-") as name,
    ):
        new, export = Path(name) / "new.db", Path(name) / user_export.FILE_NAME
        with open_regular(source) as theirs, new.open("xb") as ours:
            shutil.copyfileobj(theirs, ours, CHUNK)
        with closing(database.connect(new)) as db:  # migrates an older backup
            if found := strange(db):
                raise CatalogueError(f"{source} is no backup that can be used: {found}; choose another one.")
            user_export.save(db, export)
            shared_file(db)
        # Whatever happens from here on, there is a whole catalogue: the old one until the one rename, then the new one.
        kept = keep_aside(path)
        install(new, path)
        export.replace(path.with_name(user_export.FILE_NAME))
    _log.info("backup restored", extra={"file": str(source)})
    return kept


def check_backup(source: Path) -> None:
    """Raise CatalogueError where the file is not an undamaged catalogue of this program."""
    no = f"{source} is not a catalogue of this program"
    try:
        with open_regular(source) as file:
            head = file.read(16)
    except OSError as error:
        raise CatalogueError(f"Cannot read {source}: {error.strerror}.") from None
    if head != b"SQLite format 3\0":
        raise CatalogueError(f"{no}; name a file that 'pluginary-tui backup' wrote.")
    state = checksum.verify(source, thorough=True)
    if state is checksum.State.DAMAGED:
        raise CatalogueError(f"{source} is damaged: its bytes are not those that were written; choose another backup.")
    try:
        with closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as db:
            (version,) = db.execute("PRAGMA user_version").fetchone()
            (mark,) = db.execute("PRAGMA application_id").fetchone()
            if mark != APPLICATION_ID or version < 1:
                raise CatalogueError(f"{no}; name a file that 'pluginary-tui backup' wrote.")
            if version > VERSION:
                raise CatalogueError(f"{source} was written by a newer version of this program; update pluginary-tui.")
            if found := (flaws(db) or dangling(db)) if state is not checksum.State.SOUND else "":
                raise CatalogueError(f"{source} is damaged ({found}); choose another backup.")
    except sqlite3.Error as error:
        raise CatalogueError(f"{source} is damaged ({error}); choose another backup.") from None


def renew_export(path: Path) -> None:
    """Write the export of the user data again. Raises CatalogueError."""
    if path.exists():
        with readable_errors(path), closing(database.connect(path)) as db:
            user_export.save(db, path.with_name(user_export.FILE_NAME))


@contextmanager
def exclusive_access(path: Path) -> Iterator[None]:
    """Hold the scan lock. Raises CatalogueError while another program has the catalogue open."""
    with readable_errors(path):
        make_folder(path.parent)
    try:
        with scan_lock(path):
            if checksum.in_use(path):
                raise CatalogueError(
                    f"Another program has {path} open; close it, then run 'pluginary-tui repair' (or what you ran now)."
                )
            yield
    except ScanError as error:
        raise CatalogueError(str(error)) from None


def set_aside(path: Path) -> Path | None:
    """Move the catalogue with its -wal and -shm files to ASIDE. Returns its new path; None where there is none."""
    checksum.invalidate(path)
    if not path.exists():
        return None
    target = _free_place(path)
    for end in ("", *_SIDE_FILES):
        part = path.with_name(path.name + end)
        if part.exists():
            part.replace(target.with_name(target.name + end))
    _drop_old(target)
    return target


def _free_place(path: Path) -> Path:
    """An unused path in ASIDE, made where there is none."""
    folder = path.parent / ASIDE
    make_folder(folder)
    stamp = f"{datetime.now(UTC):%Y-%m-%dT%H%M%SZ}"
    target = folder / f"catalogue-{stamp}.db"
    number = 1
    while target.exists():
        number += 1
        target = folder / f"catalogue-{stamp}-{number}.db"
    return target


def _drop_old(target: Path) -> None:
    """Delete all but the newest ASIDE_KEEP of what was set aside, and never `target`."""
    folder = target.parent
    for old in sorted(folder.glob("catalogue-*.db"), key=lambda each: each.stat().st_mtime_ns)[:-ASIDE_KEEP]:
        if old != target:
            for end in ("", *_SIDE_FILES):
                old.with_name(old.name + end).unlink(missing_ok=True)


def keep_aside(path: Path) -> Path | None:
    """As `set_aside`, but the catalogue stays in its place as well, in one file, where that can be done."""
    if not path.exists():
        return None
    checksum.invalidate(path)
    try:
        with closing(sqlite3.connect(path)) as db:
            busy, *_ = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        wal = path.with_name(f"{path.name}-wal")
        if not busy and not wal.exists():
            target = _free_place(path)
            try:
                os.link(path, target)  # needs no room
            except OSError:
                shutil.copyfile(path, target)
                _durable(target)
            _drop_old(target)
            return target
    except sqlite3.Error as error:  # damaged
        _log.warning("the catalogue is moved aside", extra={"why": str(error)})
    return set_aside(path)


def install(new: Path, path: Path) -> None:
    """Replace the catalogue by the file `new`, durably, and write its checksum."""
    _durable(new)
    for end in _SIDE_FILES:  # left from another file, SQLite would apply them to this one
        path.with_name(path.name + end).unlink(missing_ok=True)
    new.replace(path)
    checksum.write(path)


def _single_file(db: sqlite3.Connection) -> None:
    """Leave write-ahead mode, so that the file is complete by itself."""
    db.execute("PRAGMA journal_mode = DELETE").fetchone()


def shared_file(db: sqlite3.Connection) -> None:
    """Return to write-ahead mode, in which readers do not wait for a writer."""
    db.execute("PRAGMA journal_mode = WAL").fetchone()


def _durable(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
