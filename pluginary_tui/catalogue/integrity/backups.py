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
from pluginary_tui.atomic_file import copy_private, make_folder, replacing_bytes
from pluginary_tui.catalogue import database
from pluginary_tui.catalogue.database import APPLICATION_ID, VERSION, readable_errors
from pluginary_tui.catalogue.integrity import checksum, user_export
from pluginary_tui.catalogue.integrity.check import BACKUPS, dangling, flaws, list_backups
from pluginary_tui.catalogue.integrity.foreign import SIZE_LIMIT, alien, strange
from pluginary_tui.catalogue.integrity.salvage import UNREADABLE
from pluginary_tui.catalogue.lock import scan_lock
from pluginary_tui.catalogue.sqlite_file import open_file, open_to_read
from pluginary_tui.errors import CatalogueError, ScanError
from pluginary_tui.model import clean
from pluginary_tui.safe_open import CHUNK, open_regular

ASIDE = "aside"
"""Folder of replaced catalogue files, damaged ones above all. The newest ASIDE_KEEP are kept."""

ASIDE_KEEP = 5

SIDE_FILES = ("-wal", "-shm")

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
            with closing(database.connect(path)) as db, closing(open_file(copied)) as copy:
                db.backup(copy)
                _single_file(copy)
            with open_regular(copied) as source, replacing_bytes(target) as stream:
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
    _check_head(source)
    with (
        exclusive_access(path),
        readable_errors(path),
        tempfile.TemporaryDirectory(dir=path.parent, prefix=".mending-") as name,
    ):
        new, export = Path(name) / "new.db", Path(name) / user_export.FILE_NAME
        copy_backup(source, new)
        with closing(database.connect(new)) as db:
            user_export.save(db, export)
            shared_file(db)
        # Whatever happens from here on, there is a whole catalogue: the old one until the one rename, then the new one.
        kept = keep_aside(path)
        # Where it is missing, the next program that closes the catalogue writes it; one of the other would be wrong.
        path.with_name(user_export.FILE_NAME).unlink(missing_ok=True)
        install(new, path)
        export.replace(path.with_name(user_export.FILE_NAME))
    _log.info("backup restored", extra={"file": str(source)})
    return kept


def copy_backup(source: Path, target: Path) -> None:
    """Make `target` a catalogue of the present version that holds what the backup `source` does.

    Somebody else may have made the backup: its schema is compared with this program's and what it holds is checked,
    before anything runs that it could change, and in the copy, which nobody else can. Raises CatalogueError where it is
    no undamaged catalogue of this program, and OSError where it cannot be copied.
    """
    _check_head(source)
    if checksum.verify(source, thorough=True) is checksum.State.DAMAGED:
        raise CatalogueError(f"{source} is damaged: its bytes are not those that were written; choose another backup.")
    copy_private(source, target)
    try:
        with closing(open_to_read(target, immutable=True)) as db:
            (version,) = db.execute("PRAGMA user_version").fetchone()
            (mark,) = db.execute("PRAGMA application_id").fetchone()
            if mark != APPLICATION_ID or version < 1:
                raise _not_ours(source)
            if version > VERSION:
                raise CatalogueError(f"{source} was written by a newer version of this program; update pluginary-tui.")
            if found := flaws(db) or dangling(db):
                raise CatalogueError(f"{source} is damaged ({found}); choose another backup.")
            if found := alien(db):
                raise _unusable(source, found)
        with closing(_migrated(source, target)) as db:
            if found := strange(db):
                raise _unusable(source, found)
    except UNREADABLE as error:
        raise CatalogueError(f"{source} is damaged ({clean(error)}); choose another backup.") from None


def _check_head(source: Path) -> None:
    """Raise CatalogueError where the file is no SQLite file, or cannot be read."""
    try:
        with open_regular(source) as file:
            head, size = file.read(16), os.fstat(file.fileno()).st_size
    except OSError as error:
        raise CatalogueError(f"Cannot read {source}: {error.strerror}.") from None
    if head != b"SQLite format 3\0":
        raise _not_ours(source)
    if size > SIZE_LIMIT:
        raise _unusable(source, f"it is larger than {SIZE_LIMIT // 10**9} GB")


def _migrated(source: Path, copy: Path) -> sqlite3.Connection:
    """The copy of a backup as a catalogue of the present version."""
    try:
        return database.connect(copy)
    except CatalogueError as error:
        if error.__cause__ is None:
            raise
        raise _unusable(source, clean(error.__cause__)) from None


def _not_ours(source: Path) -> CatalogueError:
    return CatalogueError(
        f"{source} is not a catalogue of this program; name a file that 'pluginary-tui backup' wrote."
    )


def _unusable(source: Path, found: str) -> CatalogueError:
    return CatalogueError(f"{source} is no backup that can be used: {found}; choose another one.")


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
    for end in ("", *SIDE_FILES):
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
            for end in ("", *SIDE_FILES):
                old.with_name(old.name + end).unlink(missing_ok=True)


def keep_aside(path: Path) -> Path | None:
    """As `set_aside`, but the catalogue stays in its place as well, in one file where that can be done.

    So there is a whole catalogue, or the damaged one, until `install` replaces it: a kill in between loses nothing.
    """
    if not path.exists():
        return None
    checksum.invalidate(path)
    with contextlib.suppress(*UNREADABLE), closing(open_file(path)) as db:  # it may be damaged
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return link_aside(path)


def link_aside(path: Path) -> Path | None:
    """As `keep_aside`, for a file that SQLite is not to touch. Where there is no room for a copy it is moved."""
    if not path.exists():
        return None
    target = _free_place(path)
    try:
        for end in ("", *SIDE_FILES):
            part, copy = path.with_name(path.name + end), target.with_name(target.name + end)
            if not part.exists():
                continue
            try:
                os.link(part, copy)  # needs no room
            except OSError:
                copy_private(part, copy)
                _durable(copy)
    except OSError as error:
        _log.warning("the catalogue is moved aside", extra={"why": str(error)})
        for end in ("", *SIDE_FILES):
            target.with_name(target.name + end).unlink(missing_ok=True)
        return set_aside(path)
    _drop_old(target)
    return target


def install(new: Path, path: Path) -> None:
    """Replace the catalogue by the file `new`, durably, and write its checksum."""
    _durable(new)
    for end in SIDE_FILES:  # left from another file, SQLite would apply them to this one
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
    with open_regular(path, writable=True) as file:
        os.fsync(file.fileno())
