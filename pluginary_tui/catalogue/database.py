"""Opening the catalogue's file: pragmas, migrations, transactions, and errors a person can read."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from pluginary_tui.atomic_file import make_folder, new_file
from pluginary_tui.catalogue.integrity import checksum
from pluginary_tui.catalogue.sqlite_file import open_file, open_to_read
from pluginary_tui.errors import CatalogueError
from pluginary_tui.products import product_id

FILE_NAME = "catalogue.db"

VERSION = 11
"""The `user_version` this program writes."""

APPLICATION_ID = 0x504C5549
"""Marks an SQLite file as a catalogue of ours ("PLUI")."""


BUSY_MS = 5000

_NOT_WRITABLE = (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
_LEAST_ROOM = 1 << 16
"""Bytes: with less than these SQLite can open no file for writing."""


def now() -> str:
    """The time as the catalogue keeps it: ISO 8601, UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@contextmanager
def readable_errors(path: Path) -> Iterator[None]:
    """Turn the errors of SQLite and the disk about `path` into one sentence with what to do next."""
    try:
        yield
    except sqlite3.Error as error:
        raise CatalogueError(_sentence(path, error)) from error
    except OSError as error:
        raise CatalogueError(f"Cannot use the catalogue at {path}: {error.strerror or error}.") from error


def _sentence(path: Path, error: sqlite3.Error) -> str:
    message = str(error)
    if "locked" in message or "busy" in message:
        return f"Another program is writing to {path}; wait until it is done and try again."
    if "full" in message or ("locked" not in message and _is_full(path)):
        return f"The disk of {path} is full; make room and go on, nothing that was there is lost."
    if "readonly" in message or "read-only" in message:
        return (
            f"Cannot write to {path}: it or its folder is read-only; change its permissions or PLUGINARY_TUI_DATA_DIR."
        )
    if "unable to open" in message:
        return f"Cannot open {path}: check that its folder exists and may be written, or set PLUGINARY_TUI_DATA_DIR."
    if "not a database" in message or "malformed" in message or "corrupt" in message:
        return f"{path} is damaged ({message}); run 'pluginary-tui repair'."
    return f"The catalogue at {path} cannot be used: {message}; run 'pluginary-tui doctor'."


def _is_full(path: Path) -> bool:
    """Whether the disk has no room: SQLite says so only of some of the errors that this leads to."""
    try:
        found = shutil.disk_usage(path.parent)
    except OSError:
        return False
    return found.total > 0 and found.free < _LEAST_ROOM


def connect(path: Path, *, durable: bool = False, timeout_ms: int = BUSY_MS) -> sqlite3.Connection:
    """Open the file at `path`, making or migrating it where needed.

    `durable` waits for the disk at every commit (for scans: a result that was emitted is on the disk). Without it, a
    file that cannot be written, as another user's or on a full disk, is opened for reading, and no file is made beside
    it. Raises CatalogueError where the file cannot be used, is newer than this program, or is something else.
    """
    with readable_errors(path):
        make_folder(path.parent)
        _make_private(path)
        if path.stat().st_size and not os.access(path, os.W_OK):
            if durable:
                raise sqlite3.OperationalError("attempt to write a readonly database")
            return _connect_to_read(path)
        try:
            return _connect_to_write(path, durable, timeout_ms)
        except sqlite3.OperationalError as error:
            if durable or error.sqlite_errorcode & 0xFF not in _NOT_WRITABLE or not path.stat().st_size:
                raise
            try:
                return _connect_to_read(path)
            except (sqlite3.Error, CatalogueError):
                raise error from None


def is_read_only(db: sqlite3.Connection) -> bool:
    """Whether a catalogue could be opened for reading only."""
    return bool(db.execute("PRAGMA query_only").fetchone()[0])


def _connect_to_write(path: Path, durable: bool, timeout_ms: int) -> sqlite3.Connection:
    db = open_file(path, timeout=timeout_ms / 1000, check_same_thread=False)
    try:
        db.execute("PRAGMA foreign_keys = ON")
        db.create_function("product_id", 2, product_id, deterministic=True)
        db.execute(f"PRAGMA cache_size = {-512 if durable else -128}")  # KiB; the system's own does as well
        db.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
        _prepare(db, path)
    except BaseException:
        db.close()
        raise
    return db


def _connect_to_read(path: Path) -> sqlite3.Connection:
    wal = checksum.wal_path(path)
    alone = not wal.exists() or not wal.stat().st_size
    db = open_to_read(path, immutable=alone, check_same_thread=False)
    try:
        db.execute("PRAGMA query_only = ON")
        version = _version(db)
        if 0 < version < VERSION:
            raise CatalogueError(
                f"{path} is of an older version, and cannot be brought up to date: it cannot be written."
            )
        _prepare(db, path)
    except BaseException:
        db.close()
        raise
    return db


def _make_private(path: Path) -> None:
    """Make the file, empty, where there is none: SQLite would let everybody read it, and its -wal takes its rights."""
    with contextlib.suppress(FileExistsError):
        new_file(path).close()


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """All or nothing; takes the writer's place at once, so that two writers queue instead of failing midway."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield db
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def _foreign(path: Path) -> CatalogueError:
    return CatalogueError(f"{path} is not a catalogue of this program; set PLUGINARY_TUI_DATA_DIR to another folder.")


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def _prepare(db: sqlite3.Connection, path: Path) -> None:
    version = _version(db)
    if version == 0:
        _create(db, path)
    elif db.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise _foreign(path)
    elif version > VERSION:
        raise CatalogueError(
            f"{path} was written by a newer version of this program (its format is {version}, this one reads "
            f"up to {VERSION}); update pluginary-tui."
        )
    elif db.execute("SELECT 1 FROM sqlite_schema WHERE type IN ('trigger', 'view')").fetchone():
        raise CatalogueError(
            f"{path} has triggers or views, which this program never makes and which change what it writes; "
            "run 'pluginary-tui repair'."
        )
    elif version < VERSION:
        steps = {step: _script(f"migrations/{step}.sql") for step in range(version + 1, VERSION + 1)}
        migrate(db, path, steps, VERSION)


def _create(db: sqlite3.Connection, path: Path) -> None:
    if db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] and not _version(db):
        raise _foreign(path)
    db.execute("PRAGMA journal_mode = WAL")
    with transaction(db):
        if _version(db):  # another process was faster
            return
        create_tables(db)
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute(f"PRAGMA user_version = {VERSION}")


def create_tables(db: sqlite3.Connection) -> None:
    """Make the tables of an empty catalogue of the present version."""
    for statement in statements(_script("schema.sql")):
        db.execute(statement)


def _script(name: str) -> str:
    from importlib import resources  # wanted only where a catalogue is made or migrated

    return (resources.files("pluginary_tui.catalogue") / name).read_text("utf-8")


def statements(script: str) -> Iterator[str]:
    """The statements of an SQL script one by one (`executescript` would commit the transaction it runs in)."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def migrate(db: sqlite3.Connection, path: Path, migrations: Mapping[int, str], to: int) -> None:
    """Take the file up to version `to`, each step one transaction, after a copy of the file was put beside it."""
    before = _version(db)
    checksum.invalidate(path)
    kept = path.with_name(f"{path.name}.v{before}.bak")
    if not kept.exists():
        _make_private(kept)
        with closing(open_file(kept)) as copy:
            db.backup(copy)
    for version in range(before + 1, to + 1):
        with transaction(db):
            if _version(db) >= version:  # another process was faster
                continue
            for statement in statements(migrations[version]):
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {version}")
