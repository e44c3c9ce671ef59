"""What is announced before it is launched, and what a start after a power cut makes of it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from pluginary_tui.catalogue import store as store_module
from pluginary_tui.catalogue.journal import Journal
from pluginary_tui.catalogue.store import Store
from pluginary_tui.errors import CatalogueError
from pluginary_tui.model import Bundle, Outcome, Report
from pluginary_tui.scan import launch_log
from pluginary_tui.scan.launch_log import LaunchLog

pytestmark = pytest.mark.short


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    return tmp_path / "catalogue.db"


def died(catalogue: Path, *announced: str) -> None:
    """Leave what a program leaves that dies after it announced these."""
    plan = LaunchLog(catalogue).__enter__()
    plan.record(announced)


def test_nothing_is_left_after_a_scan_that_ends_in_good_order(catalogue: Path) -> None:
    with LaunchLog(catalogue) as plan:
        assert (plan.killed, plan.suspects) == (False, frozenset())
        plan.record(["/a"])
        assert plan.contains("/a") and not plan.contains("/b")
    with LaunchLog(catalogue) as plan:
        assert not plan.killed


def test_after_a_kill_the_journal_knows_what_was_in_flight(catalogue: Path) -> None:
    died(catalogue, "/a", "/b")
    with LaunchLog(catalogue) as plan:
        assert (plan.killed, plan.suspects) == (True, frozenset())


def test_after_a_power_cut_all_that_was_announced_is_under_suspicion(
    catalogue: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    died(catalogue, "/a\nb", "/ü")
    with catalogue.with_name("scan.running").open("a") as file:
        file.write('"/cut sho')
    monkeypatch.setattr(launch_log, "_boot", lambda: "another start")
    with LaunchLog(catalogue) as plan:
        assert (plan.killed, plan.suspects) == (True, {"/a\nb", "/ü"})


def test_a_suspect_counts_as_killed_unless_it_is_done(catalogue: Path) -> None:
    with Store(catalogue) as store:
        journal = Journal(store)
        done, flying, announced, waiting = (Bundle(f"/{name}", "vst3", name) for name in "abcd")
        journal.begin([done, flying, announced, waiting])
        journal.started("/a")
        journal.finish(Report(done, Outcome.OK), [], quarantine=False)
        journal.started("/b")
        journal.resume(killed=True, suspects=["/a", "/c", "/unheard of"])
        assert {entry.bundle.path: entry.kills for entry in journal.pending()} == {"/b": 1, "/c": 1, "/d": 0}


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="Cannot use the catalogue at"), LaunchLog(tmp_path / "no" / "folder.db"):
        pass


def test_only_lazy_transactions_do_without_the_disk_and_not_for_long(
    catalogue: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def synchronous(store: Store, *, lazy: bool) -> int:
        with store.writing(lazy=lazy) as db:
            level: int = db.execute("PRAGMA synchronous").fetchone()[0]
        return level

    normal, full = 1, 2
    with Store(catalogue, durable=True) as store:
        assert synchronous(store, lazy=True) == full, "the first of all"
        assert synchronous(store, lazy=True) == normal
        assert synchronous(store, lazy=False) == full
        with pytest.raises(CatalogueError), store.writing(lazy=True) as db:
            db.execute("INSERT INTO journal (scan, path) VALUES (99, NULL)")
        assert synchronous(store, lazy=False) == full, "after a failure, too"
        monkeypatch.setattr(store_module, "LAZY_S", 0.0)
        assert synchronous(store, lazy=True) == full, "the last that waited is too long ago"
    with sqlite3.connect(catalogue) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
