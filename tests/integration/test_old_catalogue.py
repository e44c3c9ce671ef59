"""A catalogue of the program's first version: opened, migrated, taken up where it was left, and read again once."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import pytest

from pluginary_tui.catalogue.database import APPLICATION_ID, FILE_NAME, VERSION, statements
from pluginary_tui.catalogue.journal import Journal
from pluginary_tui.catalogue.store import Store
from pluginary_tui.model import Bundle
from pluginary_tui.scan.discover import discover
from pluginary_tui.scan.events import BundleEnded, Event, ScanEnded
from pluginary_tui.scan.run import Options, Scan
from tests.plugins.build import build, compiler, good
from tests.support.scans import begun, settings

pytestmark = pytest.mark.skipif(compiler() is None, reason="needs Linux and a C compiler")

SCHEMA = Path(__file__).parents[1] / "data" / "catalogue-1.sql"
TIME = "2024-05-06T07:08:09Z"


WITH_ID = "ABC"
"""Those that were read at the first try. The second one did not look at the factory, so their class ids are unknown."""


def class_id(name: str) -> str:
    """As the zoo makes it: of the title, with the number of the class behind it."""
    return (hashlib.blake2b(name.encode(), digest_size=12).digest() + (0).to_bytes(4, "little")).hex().upper()


def insert(db: sqlite3.Connection, table: str, **values: object) -> None:
    marks = ", ".join("?" * len(values))
    db.execute(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", tuple(values.values()))


def write_old(data_dir: Path, bundles: list[Bundle], unread: set[str], running: set[str]) -> None:
    """The file as version 1 wrote it: a scan in the middle, with all but `unread` read through pedalboard."""
    data_dir.mkdir(parents=True)
    with closing(sqlite3.connect(data_dir / FILE_NAME, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        for statement in statements(SCHEMA.read_text("utf-8")):
            db.execute(statement)
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute("PRAGMA user_version = 1")
        db.execute(
            "INSERT INTO scan (key, started_at, finished_at, summary) VALUES (1, ?, ?, '{\"ok\": 9}')", (TIME, TIME)
        )
        db.execute("INSERT INTO scan (key, started_at, resumed) VALUES (2, ?, 1)", (TIME,))
        db.executemany("INSERT INTO word VALUES (?, ?)", enumerate(("Level", "dB"), 1))
        for key, bundle in enumerate(bundles, 1):
            bad = bundle.name == "Bad"
            outcome = "crashed" if bad else "ok"
            state = "running" if bundle.name in running else "pending" if bundle.name in unread else outcome
            db.execute(
                "INSERT INTO journal (scan, path, bundle, state) VALUES (2, ?, ?, ?)",
                (bundle.path, json.dumps(asdict(bundle)), state),
            )
            if bundle.name in unread:
                continue
            error, quarantined_at = ("It crashed.", TIME) if bad else ("", "")
            insert(
                db, "bundle", key=key, path=bundle.path, format="vst3", name=bundle.name, vendor="Zoo Works",
                fingerprint=bundle.fingerprint, outcome=outcome, stage="done", scanned_at=TIME, added_at=TIME,
                quarantined_at=quarantined_at, error=error,
            )  # fmt: skip
            insert(db, "probe_log", bundle=key, log="hello")
            insert(
                db, "plugin", key=key, bundle=key, id=f"vst3/zoo-works/{bundle.name.lower()}", name=bundle.name,
                vendor="Zoo Works", version="0.9", categories="Dynamics", parameter_count=1, status=outcome,
                error=error, added_at=TIME, uid=class_id(bundle.name) if bundle.name in WITH_ID else "",
            )  # fmt: skip
            insert(db, "parameter", plugin=key, position=0, name=1, unit=2, minimum="-60")
        db.execute(
            "INSERT INTO user_plugin VALUES ('vst3/zoo-works/a', 1, 0, 4, 'keep me', 3, ?),"
            " ('vst3/zoo-works/bad', 0, 1, 0, '', 0, '')",
            (TIME,),
        )
        db.execute("INSERT INTO user_tag VALUES ('vst3/zoo-works/a', 'loud')")
        db.execute(
            "INSERT INTO passport (path, uid, name, fingerprint, method, outcome, measured_at)"
            " VALUES ('/x', '', 'X', 'f', 1, 'ok', ?)",
            (TIME,),
        )


@pytest.fixture
def old(folder: Path, data_dir: Path) -> Path:
    """Plugins A to F, of which E and F were not read yet, and one in quarantine; the app was killed at E."""
    for name in "ABCDEF":
        good(folder, name, parameters=3)
    build("segfault_create", folder, name="Bad")
    bundles = discover([folder], system="Linux", builtin=False).bundles
    write_old(data_dir, bundles, {"E", "F"}, {"E"})
    (data_dir / "scan.running").touch()
    return data_dir


def scan(data_dir: Path, folder: Path) -> tuple[Scan, list[Event]]:
    events: list[Event] = []
    made = Scan(settings(), data_dir, Options(only=(folder,)))
    made.run(events.append)
    assert isinstance(events[-1], ScanEnded) and events[-1].how == "done"
    return made, events


def test_it_is_migrated_with_everything_in_it(old: Path, folder: Path) -> None:
    before = dump(old / FILE_NAME)
    with Store.in_folder(old) as store:
        assert store.notice == ""
        assert store.db.execute("PRAGMA user_version").fetchone() == (VERSION,)
        found = {plugin.name: plugin for plugin in store.plugins()}
        assert set(found) == {"A", "B", "C", "D", "Bad"}
        one = found["A"]
        assert (one.favourite, one.rating, one.note, one.tags, one.uses) == (True, 4, "keep me", ("loud",), 3)
        assert (one.version, one.categories, one.added_at, one.loads) == ("0.9", ("Dynamics",), TIME, None)
        assert (found["Bad"].hidden, found["Bad"].status, found["Bad"].quarantined) == (True, "crashed", True)
        (parameter,) = store.parameters(one.key)
        assert (parameter.name, parameter.unit, parameter.minimum, parameter.id) == ("Level", "dB", "-60", None)
        assert store.log(one.path) == "hello" and store.programs(one.key) == []
        interrupted = Journal(store).interrupted()
        assert interrupted and (interrupted.pending, interrupted.total, interrupted.checks) == (2, 7, 0)
        assert interrupted.in_flight == [str(folder / "E.vst3")]
        assert store.db.execute("SELECT count(*) FROM passport").fetchone() == (1,)
        assert store.db.execute("PRAGMA foreign_key_check").fetchall() == []
        assert store.db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert dump(old / f"{FILE_NAME}.v1.bak") == before, "the old file is kept beside it"


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as db:
        return [*db.iterdump(), str(db.execute("PRAGMA user_version").fetchone())]


def test_its_columns_are_those_of_a_new_one(old: Path, tmp_path: Path) -> None:
    def shape(store: Store) -> dict[str, list[object]]:
        tables = store.db.execute("SELECT name FROM sqlite_schema WHERE type IN ('table', 'index')").fetchall()
        return {name: sorted(row[1:] for row in store.db.execute(f"PRAGMA table_info({name})")) for (name,) in tables}

    with Store.in_folder(old) as store, Store.in_folder(tmp_path / "new") as new:
        assert shape(store) == shape(new)


def test_the_interrupted_scan_goes_on_and_all_is_read_once_in_the_new_way(old: Path, folder: Path) -> None:
    made, events = scan(old, folder)
    assert sorted(begun(events)) == list("ABCDEF"), "what is in quarantine is left alone"
    ended = [event.report.bundle.name for event in events if isinstance(event, BundleEnded)]
    assert ended[-1] == "E", "the app died at it, so it is tried alone, last of all"
    assert (made.summary.resumed, made.summary.scanned, made.summary.quarantined) == (2, 6, 1)
    with Store.in_folder(old) as store:
        found = {plugin.name: plugin for plugin in store.plugins()}
        for name in "ABCDEF":
            plugin = found[name]
            assert (plugin.status, plugin.parameter_count, plugin.audio_inputs, len(plugin.uid)) == ("ok", 3, 2, 32)
            assert plugin.version == "1.2.3" and all(p.id is not None for p in store.parameters(plugin.key))
            assert (plugin.added_at == TIME) is (name not in "EF")
            assert name not in WITH_ID or plugin.uid == class_id(name)
        assert (found["A"].favourite, found["A"].tags, found["A"].note) == (True, ("loud",), "keep me")
        assert (found["Bad"].status, found["Bad"].parameter_count) == ("crashed", 1)
        assert Journal(store).interrupted() is None
    again, events = scan(old, folder)
    assert (begun(events), again.summary.scanned, again.summary.unchanged) == ([], 0, 6)


def test_what_fails_in_the_new_way_keeps_what_the_old_one_knew(old: Path, folder: Path) -> None:
    build("refuse_create", folder, name="A")
    scan(old, folder)
    with Store.in_folder(old) as store:
        (plugin,) = [plugin for plugin in store.plugins() if plugin.name == "A"]
        assert (plugin.status, plugin.parameter_count, plugin.favourite) == ("failed", 1, True)
    _, events = scan(old, folder)
    assert begun(events) == []
