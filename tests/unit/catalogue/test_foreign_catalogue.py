"""Catalogues that somebody else has made, and kills while one is replaced: nothing runs, and nothing is lost."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from pluginary_tui.catalogue import database
from pluginary_tui.catalogue.integrity import backups, checksum, repair, user_export
from pluginary_tui.catalogue.integrity.foreign import alien, strange
from pluginary_tui.catalogue.journal import Journal
from pluginary_tui.catalogue.sqlite_file import open_to_read
from pluginary_tui.catalogue.store import Store
from pluginary_tui.errors import CatalogueError
from pluginary_tui.model import Bundle, Outcome, Parameter, ProbedPlugin, Report

VERB = ["vst3/acme/verb"]
ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x FROM n) SELECT * FROM n"

SCHEMAS = {
    "a trigger": "CREATE TRIGGER t AFTER INSERT ON user_tag BEGIN DELETE FROM user_plugin; END",
    "a view": f"CREATE VIEW v AS {ENDLESS}",
    "a view in a table's place": f"ALTER TABLE user_tag RENAME TO old; CREATE VIEW user_tag AS {ENDLESS}",
    "a virtual table": "CREATE VIRTUAL TABLE f USING fts5(x)",
    "a computed column": "ALTER TABLE plugin ADD COLUMN g AS (printf('%.*c', 100000000, 'x'))",
    "an index of an expression": "CREATE INDEX i ON plugin (printf('%.*c', length(name), 'x'))",
    "a partial index": "CREATE INDEX i ON plugin (name) WHERE name > 'a'",
    "a unique index": "CREATE UNIQUE INDEX i ON plugin (vendor)",
    "an index of its own": "CREATE INDEX i ON plugin (vendor)",
    "a constraint": "DROP TABLE user_tag; CREATE TABLE user_tag (id TEXT NOT NULL, tag TEXT NOT NULL CHECK (0),"
    " PRIMARY KEY (id, tag)) WITHOUT ROWID",
    "another default": "DROP TABLE product_choice; CREATE TABLE product_choice (id TEXT PRIMARY KEY,"
    " product TEXT NOT NULL DEFAULT (randomblob(9))) WITHOUT ROWID",
    "another order": "DROP TABLE product_choice;"
    " CREATE TABLE product_choice (id TEXT PRIMARY KEY, product TEXT NOT NULL)",
    "another table": 'CREATE TABLE "x; DROP TABLE plugin" (a)',
    "a missing table": "DROP TABLE user_tag",
}
VALUES = {
    "a name of bytes": "UPDATE plugin SET name = x'ff00'",
    "a name with an escape": "UPDATE plugin SET name = char(27) || '[2J'",
    "a path with an end inside": "UPDATE bundle SET path = '/x' || char(0) || 'y'",
    "no number": "UPDATE plugin SET parameter_count = 'many'",
    "a number without end": "UPDATE plugin SET parameter_count = 9223372036854775807",
    "the least number": "UPDATE plugin SET parameter_count = -9223372036854775808",
    "a status": "UPDATE plugin SET status = 'weird'",
    "a kind": "UPDATE parameter SET kind = 'weird'",
    "a time": "UPDATE plugin SET added_at = 'never'",
    "a rating": "UPDATE user_plugin SET rating = 1000000000",
    "a long name": "UPDATE plugin SET name = printf('%.100000c', 'x')",
    "a long note": "UPDATE user_plugin SET note = printf('%.5000000c', 'x')",
    "a summary": "INSERT INTO scan (started_at, summary) VALUES ('2026-01-01T00:00:00Z', '[1]')",
    "a nested summary": "INSERT INTO scan (started_at, summary)"
    " VALUES ('2026-01-01T00:00:00Z', replace(printf('%.60000c', '['), 'x', ''))",
    "tags": "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 2000)"
    " INSERT INTO user_tag SELECT 'vst3/acme/verb', 't' || x FROM n",
    "parameters": "WITH RECURSIVE n(x) AS (SELECT 10 UNION ALL SELECT x + 1 FROM n WHERE x < 300000)"
    " INSERT INTO parameter (plugin, position, name, unit) SELECT 1, x, 1, 1 FROM n",
}


@pytest.fixture
def path(data_dir: Path) -> Path:
    """A catalogue with one plugin that the user likes, closed and sealed."""
    with Store.in_folder(data_dir) as store:
        bundle = Bundle("/x/Verb.vst3", "vst3", "Verb", fingerprint="1")
        verb = ProbedPlugin("Verb", "Acme", "1.0", "Fx|Reverb", "A" * 32, parameters=[Parameter("Size", "%")])
        Journal(store).finish(Report(bundle, Outcome.OK, [verb]), [("Reverb",)], quarantine=False)
        store.set_favourite(VERB, True)
    return data_dir / database.FILE_NAME


def changed(path: Path, target: Path, sql: str) -> Path:
    shutil.copy(path, target)
    with closing(sqlite3.connect(target)) as db:
        db.executescript(f"{sql};")
    return target


def liked(path: Path) -> list[str]:
    with Store(path) as store:
        return [plugin.id for plugin in store.plugins() if plugin.favourite]


@pytest.mark.parametrize("what", [*SCHEMAS, *VALUES])
def test_what_this_program_never_makes_is_not_restored(path: Path, tmp_path: Path, what: str) -> None:
    """Not with a checksum of the other's own, either."""
    file = changed(path, tmp_path / "b.db", (SCHEMAS | VALUES)[what])
    checksum.write(file)
    before = path.read_bytes()
    with pytest.raises(CatalogueError, match=r"no backup that can be used|is damaged") as caught:
        backups.restore(path, file)
    assert str(caught.value).isprintable() and str(tmp_path) in str(caught.value)
    assert path.read_bytes() == before and liked(path) == VERB
    assert not list(path.parent.glob(".mending-*"))


@pytest.mark.parametrize("what", ["a trigger", "a view", "a constraint"])
def test_code_of_an_older_version_does_not_run_while_it_is_migrated(path: Path, tmp_path: Path, what: str) -> None:
    file = changed(path, tmp_path / "b.db", f"{SCHEMAS[what]}; PRAGMA user_version = 5")
    with pytest.raises(CatalogueError, match="none of a catalogue"):
        backups.restore(path, file)


def test_a_catalogue_of_this_program_is_nothing_strange(path: Path) -> None:
    with closing(open_to_read(path, immutable=True)) as db:
        assert alien(db) == strange(db) == ""


@pytest.mark.parametrize("what", ["a trigger", "a view", "a view in a table's place", "a constraint"])
def test_code_in_the_catalogue_itself_is_taken_out(path: Path, tmp_path: Path, what: str) -> None:
    """Put there with its checksum: opening it says so or mends it, and mending keeps what the user wrote."""
    file = changed(path, tmp_path / "b.db", SCHEMAS[what])
    shutil.copy(file, path)
    checksum.write(path)
    if what != "a constraint":
        with pytest.raises(CatalogueError, match="repair"):
            Store.in_folder(path.parent)
    mended = repair.repair(path)
    assert mended is not None and "none of a catalogue" in mended.why
    assert mended.aside is not None and mended.user_count == 1
    with closing(open_to_read(path, immutable=True)) as db:
        assert strange(db) == "" and db.execute("SELECT id, favourite FROM user_plugin").fetchall() == [(*VERB, 1)]


def test_a_strange_backup_is_not_what_a_repair_is_based_on(path: Path) -> None:
    good = backups.rotate_backups(path, keep=5)
    older = good.with_name("catalogue-2001-01-01.db")
    good.rename(older)
    changed(older, good, SCHEMAS["a trigger"])
    path.write_bytes(b"rubbish" * 1000)
    mended = repair.repair(path)
    assert mended and mended.backup == older and liked(path) == VERB


# Kills

CHANGES = ("open", "os.rename", "os.link", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "shutil.copyfile")


def killed_at(number: int, work: Callable[[], object]) -> bool:
    """Do the work in a process that kills itself before its change of this number; whether it came to that."""
    child = os.fork()
    if not child:
        seen = 0

        def hook(event: str, arguments: tuple[object, ...]) -> None:
            nonlocal seen
            if event in CHANGES and (event != "open" or _writes(arguments)):
                seen += 1
                if seen == number:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hook)
        try:
            work()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def _writes(arguments: tuple[object, ...]) -> bool:
    flags = arguments[2]
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR))


def state(path: Path) -> tuple[list[tuple[str, bool, tuple[str, ...]]], object]:
    """What the next start sees, and what is kept a second time when it ends."""
    with Store.in_folder(path.parent) as store:
        plugins = [(plugin.id, plugin.favourite, plugin.tags) for plugin in store.plugins()]
    written = user_export.load(path.with_name(user_export.FILE_NAME))
    assert written is not None
    return plugins, written["user_tag"]


def test_a_restore_is_killed_at_any_step(path: Path, tmp_path: Path) -> None:
    backups.back_up(path, tmp_path / "b.db")
    with Store(path) as store:
        store.add_tag(VERB, "later")
    before = state(path)
    saved = tmp_path / "saved"
    shutil.copytree(path.parent, saved)
    found = []
    for number in range(1, 200):
        if not killed_at(number, lambda: backups.restore(path, tmp_path / "b.db")):
            break
        found.append(state(path))
        shutil.rmtree(path.parent)
        shutil.copytree(saved, path.parent)
    backups.restore(path, tmp_path / "b.db")
    after = state(path)
    assert before != after and len(found) >= 5
    assert all(each in (before, after) for each in found) and before in found


def test_a_repair_is_killed_at_any_step(path: Path, tmp_path: Path) -> None:
    backups.rotate_backups(path, keep=5)
    with Store(path) as store:
        store.add_tag(VERB, "later")
    right = state(path)
    with path.open("r+b") as file:
        file.seek(30_000)
        file.write(b"rubbish" * 300)
    saved = tmp_path / "saved"
    shutil.copytree(path.parent, saved)
    kills = 0
    for number in range(1, 200):
        if not killed_at(number, lambda: repair.repair(path)):
            break
        kills += 1
        assert state(path) == right, number
        shutil.rmtree(path.parent)
        shutil.copytree(saved, path.parent)
    assert kills >= 5
