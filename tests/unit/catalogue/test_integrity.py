"""The seal, the export of what the user wrote, backups, restoring, and the log."""

from __future__ import annotations

import errno
import json
import logging
import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pluginary_tui import logs
from pluginary_tui.catalogue import database
from pluginary_tui.catalogue.integrity import backups, check, checksum, open_guard, repair, user_export
from pluginary_tui.catalogue.integrity.salvage import Damaged
from pluginary_tui.catalogue.journal import Journal
from pluginary_tui.catalogue.lock import scan_lock
from pluginary_tui.catalogue.store import Store
from pluginary_tui.errors import CatalogueError
from pluginary_tui.model import Bundle, Outcome, Parameter, ProbedPlugin, Report

pytestmark = pytest.mark.short

VERB = ["vst3/acme/verb"]


@pytest.fixture
def path(data_dir: Path) -> Path:
    """A catalogue with one plugin that the user likes, closed and sealed."""
    with Store.in_folder(data_dir) as store:
        bundle = Bundle("/x/Verb.vst3", "vst3", "Verb", fingerprint="1")
        report = Report(bundle, Outcome.OK, [ProbedPlugin("Verb", "Acme", "1.0", "Fx|Reverb", "A" * 32)])
        Journal(store).finish(report, [("Reverb",)], quarantine=False)
        store.set_favourite(VERB, True)
    return data_dir / database.FILE_NAME


def liked(path: Path) -> list[str]:
    with Store(path) as store:
        return [plugin.id for plugin in store.plugins() if plugin.favourite]


# The seal


def test_a_closed_catalogue_is_sealed_and_a_write_breaks_the_seal(path: Path) -> None:
    assert checksum.verify(path) is checksum.State.SOUND
    with Store.in_folder(path.parent) as store:
        store.plugins()
        assert checksum.verify(path) is checksum.State.SOUND, "reading leaves it"
        store.add_tag(VERB, "loud")
        assert checksum.verify(path) is checksum.State.UNSEALED
        with Store(path) as other:
            other.add_tag(VERB, "wide")
        assert checksum.verify(path) is checksum.State.UNSEALED, "only the last one out seals it"
    assert checksum.verify(path, thorough=True) is checksum.State.SOUND


def test_a_catalogue_that_was_copied_is_sound(path: Path, tmp_path: Path) -> None:
    shutil.copytree(path.parent, tmp_path / "copy")
    os.utime(tmp_path / "copy" / path.name, ns=(1, 1))
    assert open_guard.check_before_open(tmp_path / "copy" / path.name) == ""
    assert not (tmp_path / "copy" / backups.ASIDE).exists()


def test_a_byte_that_flips_without_a_new_time_is_found_by_a_thorough_look(path: Path) -> None:
    times = path.stat()
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 1
    path.write_bytes(raw)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert checksum.verify(path) is checksum.State.SOUND
    assert checksum.verify(path, thorough=True) is checksum.State.DAMAGED
    assert "bytes" in check.damage(path, thorough=True)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"size": "x"}', "\xff"])
def test_a_seal_that_is_damaged_itself_is_none(path: Path, text: str) -> None:
    checksum.seal_path(path).write_text(text, "latin-1")
    assert checksum.verify(path) is checksum.State.UNSEALED
    assert open_guard.check_before_open(path) == ""
    assert liked(path) == VERB


def test_a_folder_that_cannot_be_written_to_needs_no_seal(tmp_path: Path) -> None:
    assert not checksum.write(tmp_path / "nowhere" / "x.db")
    checksum.refresh(tmp_path / "nowhere" / "x.db")
    checksum.invalidate(tmp_path / "nowhere" / "x.db")


def test_odd_names_are_no_damage(path: Path) -> None:
    with Store(path) as store:
        bundle = Bundle("/x/\x1b[31m \u202e\n.vst3", "vst3", "Odd \ufffd", fingerprint="2 to /\t\x07")
        report = Report(bundle, Outcome.FAILED, [ProbedPlugin("Odd \ufffd é")], error="no\x1b", log="\x1b]0;x\x07")
        Journal(store).finish(report, [()], quarantine=True)
        store.set_note(VERB, "a\tb\x1b  c\n")
    checksum.seal_path(path).unlink()
    assert check.damage(path) == ""


# What the user wrote


def test_the_export_follows_every_change(path: Path) -> None:
    export = path.with_name(user_export.FILE_NAME)
    with Store(path) as store:
        store.add_tag(VERB, "loud")
        written = user_export.load(export)
        assert written and written["user_tag"] == [{"id": VERB[0], "tag": "loud"}], "at once"
        store.set_note(VERB, "wide\n日本")
    written = user_export.load(export)
    assert written and written["user_plugin"][0]["note"] == "wide\n日本", "at the latest when closing"
    assert written["identity"] == [{"id": VERB[0], "base": VERB[0], "uid": "A" * 32}]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"sum": 1, "tables": {}}', '{"tables": 3, "sum": 2}', "[" * 100_000],
)
def test_an_export_that_is_damaged_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "user.json").write_text(text)
    assert user_export.load(tmp_path / "user.json") is None


def test_an_export_of_another_version_is_taken_as_far_as_it_is_known(path: Path) -> None:
    with Store(path) as store:
        tables: user_export.Tables = {
            "user_plugin": [{"id": "a", "favourite": 1, "colour": "red"}],
            "user_colour": [{"id": "b", "colour": "red"}],
        }
        assert user_export.put(store.db, tables) == 1
        assert store.db.execute("SELECT favourite FROM user_plugin WHERE id = 'a'").fetchone() == (1,)


def test_an_export_that_cannot_be_written_does_not_stop_the_user(path: Path) -> None:
    export = path.with_name(user_export.FILE_NAME)
    export.unlink()
    export.mkdir()
    with Store(path) as store:
        store.add_tag(VERB, "loud")
    assert liked(path) == VERB


# Backups


def test_backups_turn_over_by_the_day(path: Path) -> None:
    folder = path.parent / check.BACKUPS
    folder.mkdir()
    for day in range(1, 8):
        (folder / f"catalogue-2025-01-0{day}.db").write_bytes(b"old")
    made = backups.rotate_backups(path, keep=3)
    assert made.name == f"catalogue-{datetime.now(UTC):%Y-%m-%d}.db"
    assert backups.rotate_backups(path, keep=3) == made, "one a day"
    assert [each.name[-13:] for each in check.list_backups(path.parent)[1:]] == ["2025-01-07.db", "2025-01-06.db"]
    assert checksum.verify(made, thorough=True) is checksum.State.SOUND
    assert not list(folder.glob("*-wal")) and not list(folder.glob(".*"))


def test_a_backup_is_consistent_while_another_writes(path: Path, tmp_path: Path) -> None:
    with Store(path) as store, store.writing() as db:
        db.execute("DELETE FROM plugin")
        backups.back_up(path, tmp_path / "b.db")
    assert len(sqlite3.connect(tmp_path / "b.db").execute("SELECT * FROM plugin").fetchall()) == 1


def test_a_backup_restores_what_was_and_keeps_what_is(path: Path, tmp_path: Path) -> None:
    backups.back_up(path, tmp_path / "b.db")
    with Store(path) as store:
        store.set_favourite(VERB, False)
        store.add_tag(["other"], "new")
    kept = backups.restore(path, tmp_path / "b.db")
    assert liked(path) == VERB
    written = user_export.load(path.with_name(user_export.FILE_NAME))
    assert written and written["user_tag"] == []
    assert kept and liked(kept) == []
    with Store.in_folder(path.parent) as store:
        assert store.notice == ""
        assert store.db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert (tmp_path / "b.db").exists()


def test_the_backup_just_made_is_kept(path: Path) -> None:
    for day in range(1, 6):
        (path.parent / backups.BACKUPS).mkdir(exist_ok=True)
        shutil.copy(path, path.parent / backups.BACKUPS / f"catalogue-2099-01-0{day}.db")
    made = backups.rotate_backups(path, keep=2)
    assert made.exists() and len(check.list_backups(path.parent)) == 2


def test_a_restore_that_fails_changes_nothing(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As with a full disk: whatever step it fails at, there is a whole catalogue with its export."""
    backups.back_up(path, tmp_path / "b.db")
    with Store(path) as store:
        store.add_tag(VERB, "later")
    before = path.read_bytes(), path.with_name(user_export.FILE_NAME).read_bytes()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    for owner, name in ((shutil, "copyfileobj"), (user_export, "save"), (backups, "_durable"), (backups, "install")):
        with monkeypatch.context() as patch, pytest.raises(CatalogueError, match="No space left"):
            patch.setattr(owner, name, full)
            backups.restore(path, tmp_path / "b.db")
        with Store.in_folder(path.parent) as store:
            assert store.plugins()[0].tags == ("later",), name
        assert path.with_name(user_export.FILE_NAME).exists()
    assert before[1] and liked(path) == VERB


def test_restoring_where_nothing_is(path: Path, tmp_path: Path) -> None:
    assert backups.restore(tmp_path / "new" / database.FILE_NAME, path) is None
    assert liked(tmp_path / "new" / database.FILE_NAME) == VERB


def strange_files(folder: Path, path: Path) -> Iterator[tuple[Path, str]]:
    for name, sql, output in (
        ("theirs", "PRAGMA application_id = 1", "not a catalogue"),
        ("newer", "PRAGMA user_version = 999", "newer version"),
        ("orphans", "PRAGMA foreign_keys = OFF; DELETE FROM bundle", "damaged"),
    ):
        shutil.copy(path, folder / name)
        db = sqlite3.connect(folder / name)
        db.executescript(sql)
        db.close()
        yield folder / name, output
    for name, sql, output in (
        (
            "trigger",
            "CREATE TRIGGER t AFTER INSERT ON user_plugin BEGIN DELETE FROM user_tag; END",
            "trigger 't' is none",
        ),
        (
            "endless",
            "CREATE VIEW v AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x FROM n) SELECT * FROM n",
            "view",
        ),
        ("table", 'CREATE TABLE "x; DROP TABLE plugin" (a)', "is none of a catalogue"),
        ("column", "ALTER TABLE plugin ADD COLUMN mine", "is none of a catalogue"),
        ("without", "DROP TABLE user_tag", "missing"),
        (
            "tags",
            "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 2000)"
            " INSERT INTO user_tag SELECT 'vst3/a/b', 't' || x FROM n",
            "2,000 tags",
        ),
        ("long", "UPDATE plugin SET name = printf('%.5000000c', 'x')", "characters"),
    ):
        shutil.copy(path, folder / name)
        db = sqlite3.connect(folder / name)
        db.executescript(f"{sql};")
        db.close()
        yield folder / name, output
    os.mkfifo(folder / "fifo")
    yield folder / "fifo", "no regular file"
    shutil.copy(path, folder / "cut")
    os.truncate(folder / "cut", 30_000)
    yield folder / "cut", "damaged"
    (folder / "text").write_text("SQLite format 3")
    yield folder / "text", "not a catalogue"
    yield folder / "nothing", "Cannot read"
    yield folder, "Cannot read"


def test_only_a_whole_catalogue_is_restored(path: Path, tmp_path: Path) -> None:
    before = path.read_bytes()
    for file, output in strange_files(tmp_path, path):
        with pytest.raises(CatalogueError, match=output):
            backups.restore(path, file)
    assert path.read_bytes() == before and not (path.parent / backups.ASIDE).exists()


def test_nothing_is_restored_or_mended_under_a_scan(path: Path, tmp_path: Path) -> None:
    backups.back_up(path, tmp_path / "b.db")
    with scan_lock(path), pytest.raises(CatalogueError, match="scan"):
        backups.restore(path, tmp_path / "b.db")
    with scan_lock(path), pytest.raises(CatalogueError, match="scan"):
        repair.repair(path)


def test_files_set_aside_do_not_pile_up(path: Path) -> None:
    for _ in range(backups.ASIDE_KEEP + 3):
        with Store(path):
            pass
        backups.set_aside(path)
    assert len(list((path.parent / backups.ASIDE).glob("*.db"))) == backups.ASIDE_KEEP


def test_mending_takes_the_newest_backup_that_is_whole(path: Path) -> None:
    good = backups.rotate_backups(path, keep=5)
    older = good.with_name("catalogue-2001-01-01.db")
    good.rename(older)
    good.write_bytes(b"SQLite format 3\0 and rubbish")
    path.write_bytes(b"rubbish" * 1000)
    mended = repair.repair(path)
    assert mended and mended.backup == older and mended.user_count == 1
    assert liked(path) == VERB
    assert repair.repair(path, thorough=True) is None, "nothing is left to mend"


def as_version_1(path: Path) -> None:
    """Take from the catalogue what its later versions brought."""
    folder = Path(database.__file__).parent / "migrations"
    with closing(sqlite3.connect(path)) as db:
        for step in range(database.VERSION, 1, -1):
            script = (folder / f"{step}.sql").read_text("utf-8")
            for index in re.findall(r"CREATE INDEX (\w+)", script):
                db.execute(f"DROP INDEX IF EXISTS {index}")
            for table, column in re.findall(r'ALTER TABLE (\w+) ADD COLUMN "?(\w+)', script):
                db.execute(f'ALTER TABLE {table} DROP COLUMN "{column}"')
            for table in re.findall(r"CREATE TABLE (\w+)", script):
                db.execute(f"DROP TABLE IF EXISTS {table}")
        db.execute("PRAGMA user_version = 1")
        db.commit()
        db.execute("PRAGMA journal_mode = DELETE")


def test_a_catalogue_of_the_first_version_is_checked_and_read_where_it_is_damaged(path: Path, tmp_path: Path) -> None:
    with Store(path) as store:
        bundle = Bundle(str(tmp_path), "vst3", "Here", fingerprint="1")
        plugin = ProbedPlugin("Here", "Acme", parameters=[Parameter("Mix", "%", "50")])
        Journal(store).finish(Report(bundle, Outcome.OK, [plugin]), [()], quarantine=False)
    as_version_1(path)
    checksum.seal_path(path).unlink(missing_ok=True)
    assert check.damage(path) == ""
    with Store(tmp_path / "sound.db") as sound, closing(Damaged(path, sound.db)) as damaged:
        ((bundle_row, _, (found,)),) = damaged.bundles({})
    assert (bundle_row["path"], bundle_row["reading"]) == (str(tmp_path), 0)
    assert (found.row["name"], found.row["audio_inputs"], found.row["loads"]) == ("Here", 0, None)
    assert [(row["name"], row["initial"], row["read_only"]) for row in found.parameters] == [("Mix", None, 0)]
    assert found.buses == found.programs == found.texts == []


def test_a_catalogue_of_the_first_version_becomes_one_of_today(path: Path, tmp_path: Path) -> None:
    def layout(file: Path) -> dict[str, object]:
        with closing(database.connect(file)) as db:
            names = db.execute("SELECT type, name FROM sqlite_schema WHERE sql IS NOT NULL").fetchall()
            return {
                name: sorted(row[1:] for row in db.execute(f"PRAGMA {kind}_info({name})"))
                if kind == "table"
                else db.execute(f"PRAGMA index_info({name})").fetchall()
                for kind, name in names
            }

    with Store(path) as store:
        store.add_tag(VERB, "loud")
    export = path.with_name(user_export.FILE_NAME)
    before = export.read_bytes()
    as_version_1(path)
    checksum.seal_path(path).unlink(missing_ok=True)
    export.unlink()
    assert check.damage(path) == "" and export.exists(), "what was written is exported before it is migrated, too"
    assert user_export.load(export) == json.loads(before)["tables"]
    assert layout(path) == layout(tmp_path / "new.db")
    assert liked(path) == VERB
    with Store(path) as store:
        assert user_export.collect(store.db) == user_export.load(export)


@pytest.mark.parametrize("lost", ["the file", "the file and user.json", "all but user.json"])
def test_ids_of_before_survive_damage(path: Path, lost: str) -> None:
    renamed = Report(
        Bundle("/x/Verb.vst3", "vst3", "Verb", fingerprint="2"),
        Outcome.OK,
        [ProbedPlugin("Vintage", "Acme", "1.0", "Fx|Reverb", "A" * 32)],
    )
    with Store(path) as store:
        Journal(store).finish(renamed, [("Reverb",)], quarantine=False)
    export = path.with_name(user_export.FILE_NAME)
    tables = user_export.load(export)
    assert tables and tables["alias"] == [{"id": VERB[0], "target": "vst3/acme/vintage"}]
    backups.rotate_backups(path, keep=3)
    if lost == "all but user.json":
        shutil.rmtree(path.parent / check.BACKUPS)
    if lost == "the file and user.json":
        export.unlink()
    path.write_bytes(b"rubbish" * 1000)
    assert repair.repair(path)
    with Store(path) as store:
        Journal(store).finish(renamed, [("Reverb",)], quarantine=False)
        (plugin,) = store.copies(VERB[0])
        assert (plugin.id, plugin.favourite) == ("vst3/acme/vintage", True)


def test_a_newer_versions_catalogue_is_not_mended(path: Path) -> None:
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 999")
    db.close()
    checksum.write(path)
    path.write_bytes(path.read_bytes()[:-4096])
    with pytest.raises(CatalogueError, match="newer version"):
        open_guard.check_before_open(path)


# The log


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    logs.start(tmp_path, "info")
    yield logs.log_path(tmp_path)
    logs.stop()


def test_a_line_of_the_log_is_one_object(log: Path) -> None:
    logger = logs.logger("pluginary_tui.test")
    logger.debug("not this")
    logger.info("scan %s\nended", "it", extra={"found": 3})
    try:
        raise ValueError("no\x1b")
    except ValueError:
        logger.exception("broke")
    first, second = map(json.loads, log.read_text().splitlines())
    assert (first["level"], first["message"], first["found"]) == ("info", "scan it\nended", 3)
    assert first["time"].endswith("+00:00") and first["pid"] == os.getpid()
    assert "ValueError" in second["error"]
    assert "\x1b" not in log.read_text()


def test_the_log_turns_over_and_debug_lets_more_through(log: Path) -> None:
    logs.start(log.parents[1], "debug")
    logger = logs.logger("pluginary_tui.test")
    for _ in range(logs.OLD_FILES * 3):
        logger.debug("x" * (logs.SIZE_LIMIT // 2))
    assert len(list(log.parent.iterdir())) == 1 + logs.OLD_FILES
    assert all(file.stat().st_size < 2 * logs.SIZE_LIMIT for file in log.parent.iterdir())


def test_without_a_place_for_it_there_is_no_log_and_no_word(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "log").write_text("in the way")
    logs.start(tmp_path, "info")
    logging.getLogger("pluginary_tui.test").propagate = True
    logs.logger("pluginary_tui.test").warning("nowhere to go")
    assert capfd.readouterr().err == ""


def test_what_is_taken_back_leaves_no_row(path: Path) -> None:
    with Store(path) as store:
        ids = ["vst3/a/b", "vst3/c/d"]
        store.set_favourite(ids, True)
        store.set_rating(ids[:1], 3)
        store.used("vst3/e/f")
        store.set_favourite([*ids, *VERB], False)
        store.set_note(["vst3/e/f"], "")
        assert [row[0] for row in store.db.execute("SELECT id FROM user_plugin ORDER BY id")] == [
            "vst3/a/b",
            "vst3/e/f",
        ]
        store.set_rating(ids, 0)
        assert [row[0] for row in store.db.execute("SELECT id FROM user_plugin")] == ["vst3/e/f"]
