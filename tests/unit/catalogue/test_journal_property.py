"""Any sequence of events and kills leaves a journal from which a resume completes, with nothing lost or doubled."""

from __future__ import annotations

import json
import sqlite3
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from pluginary_tui.catalogue.journal import Entry, Journal
from pluginary_tui.catalogue.store import Store
from pluginary_tui.errors import CatalogueError
from pluginary_tui.model import Bundle, Outcome, ProbedPlugin, Report

pytestmark = pytest.mark.short

PATHS = [f"/x/{letter}.vst3" for letter in "ABC"]
paths = st.sampled_from(PATHS)
outcomes = st.sampled_from(list(Outcome))


def bundle(path: str, version: int) -> Bundle:
    return Bundle(path, "vst3", Path(path).stem, fingerprint=str(version))


def keep(journal: Journal, entry_bundle: Bundle, outcome: Outcome) -> None:
    plugins = (
        []
        if outcome.bad
        else [ProbedPlugin(entry_bundle.name, "Acme", entry_bundle.fingerprint, uid=entry_bundle.name)]
    )
    report = Report(entry_bundle, outcome, plugins, error="It fell over." if outcome.bad else "")
    journal.finish(report, [()] * len(plugins), quarantine=outcome.bad)


def refuse_to_commit(action: int, verb: str | None, *_: object) -> int:
    commit = action == sqlite3.SQLITE_TRANSACTION and verb == "COMMIT"
    return sqlite3.SQLITE_DENY if commit else sqlite3.SQLITE_OK


class Scans(RuleBasedStateMachine):
    """Scans that go on, are stopped, killed, taken up, added to and given up, beside a plain model of them."""

    @initialize()
    def first(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.store = Store.in_folder(Path(self.folder.name))
        self.journal = Journal(self.store)
        self.todo: dict[str, Bundle] = {}
        self.flight: set[str] = set()
        self.kills: dict[str, int] = {}
        self.attempts: dict[str, int] = {}
        self.kept: dict[str, tuple[str, str]] = {}
        """By path: version and outcome, as the catalogue must have them."""
        self.listed: set[str] = set()
        self.running = False

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.resume_to_the_end()
            self.store.close()
            self.folder.cleanup()

    def reopen(self) -> None:
        """What a new process sees. The old one's connection is let go without a word, as a kill does."""
        self.store.db.close()
        self.store = Store.in_folder(Path(self.folder.name))
        self.journal = Journal(self.store)
        self.running = False

    @precondition(lambda self: not self.running and not self.todo)
    @rule(chosen=st.lists(paths, unique=True), version=st.integers(1, 3))
    def begin(self, chosen: list[str], version: int) -> None:
        self.journal.begin([bundle(path, version) for path in chosen])
        self.todo = {path: bundle(path, version) for path in chosen}
        self.listed, self.running = set(chosen), True
        self.flight, self.kills, self.attempts = set(), {}, {}

    @precondition(lambda self: not self.running and self.journal.interrupted())
    @rule()
    def discard(self) -> None:
        self.journal.discard()
        self.todo, self.flight = {}, set()

    @precondition(lambda self: not self.running and self.journal.interrupted())
    @rule(killed=st.booleans())
    def take_up(self, killed: bool) -> None:
        self.journal.resume(killed=killed)
        if killed:
            self.kills = {path: self.kills.get(path, 0) + 1 for path in self.flight}
        self.flight, self.attempts, self.running = set(), {}, True

    @precondition(lambda self: self.running)
    @rule(chosen=st.lists(paths, unique=True), version=st.integers(1, 3), again=st.booleans())
    def add(self, chosen: list[str], version: int, again: bool) -> None:
        chosen = [path for path in chosen if path not in self.flight]
        done = self.done
        self.journal.add([bundle(path, version) for path in chosen], again=again)
        for path in chosen:
            fresh = bundle(path, version)
            if path not in self.listed:
                self.todo[path] = fresh
            elif path in self.todo:
                changed = self.todo[path] != fresh
                self.todo[path] = fresh
                if not changed:
                    continue
            elif again or done[path] != fresh:
                self.todo[path] = fresh
            else:
                continue
            self.listed.add(path)
            self.kills.pop(path, None)
            self.attempts.pop(path, None)

    @property
    def done(self) -> dict[str, Bundle]:
        """What is on the list and done, as it was listed."""
        rows = self.store.db.execute("SELECT path, bundle FROM journal WHERE state NOT IN ('pending', 'running')")
        return {path: Bundle(**json.loads(text)) for path, text in rows}

    @precondition(lambda self: self.running and set(self.todo) - self.flight)
    @rule(data=st.data())
    def started(self, data: st.DataObject) -> None:
        path = data.draw(st.sampled_from(sorted(set(self.todo) - self.flight)))
        self.journal.started(path)
        self.flight.add(path)

    @precondition(lambda self: self.running and self.flight)
    @rule(data=st.data(), outcome=outcomes)
    def finished(self, data: st.DataObject, outcome: Outcome) -> None:
        path = data.draw(st.sampled_from(sorted(self.flight)))
        keep(self.journal, self.todo[path], outcome)
        skipped_good = outcome is Outcome.SKIPPED and self.kept.get(path, ("", ""))[1] == Outcome.OK
        if not skipped_good:  # what is known to be good stays as it was
            self.kept[path] = (self.todo[path].fingerprint, outcome)
        self.flight.discard(path)
        del self.todo[path]

    @precondition(lambda self: self.running and self.flight)
    @rule(data=st.data(), outcome=outcomes)
    def killed_in_a_commit(self, data: st.DataObject, outcome: Outcome) -> None:
        """All of a result is written, but for the commit itself; then the process is gone."""
        path = data.draw(st.sampled_from(sorted(self.flight)))
        self.store.db.set_authorizer(refuse_to_commit)
        with pytest.raises(CatalogueError, match="not authorized"):
            keep(self.journal, self.todo[path], outcome)
        self.reopen()

    @precondition(lambda self: self.running and self.flight)
    @rule(data=st.data(), crashed=st.booleans())
    def requeued(self, data: st.DataObject, crashed: bool) -> None:
        path = data.draw(st.sampled_from(sorted(self.flight)))
        self.journal.requeue(path, crashed=crashed)
        self.flight.discard(path)
        self.kills.pop(path, None)
        self.attempts[path] = self.attempts.get(path, 0) + crashed

    @precondition(lambda self: self.running)
    @rule()
    def stopped(self) -> None:
        self.journal.put_back(self.flight)
        for path in self.flight:
            self.kills.pop(path, None)
        self.flight = set()
        self.reopen()

    @precondition(lambda self: self.running)
    @rule()
    def killed(self) -> None:
        self.reopen()

    @precondition(lambda self: self.running and self.todo)
    @rule()
    def killed_and_taken_up(self) -> None:
        self.reopen()
        self.take_up(killed=True)

    @precondition(lambda self: self.running and not self.todo)
    @rule()
    def ended(self) -> None:
        self.journal.end({"ok": 1})
        assert self.journal.interrupted() is None
        self.running = False

    @invariant()
    def the_file_is_as_the_model(self) -> None:
        if not hasattr(self, "store"):
            return
        found = {info.path: (info.fingerprint, info.outcome) for info in self.store.bundles()}
        assert found == self.kept
        interrupted = self.journal.interrupted()
        if interrupted is None:
            return
        assert interrupted.pending == len(self.todo)
        assert set(interrupted.in_flight) == self.flight
        if self.running:
            waiting = {entry.bundle.path: entry for entry in self.journal.pending()}
            assert set(waiting) == set(self.todo) - self.flight
            for path, entry in waiting.items():
                assert entry == Entry(self.todo[path], self.attempts.get(path, 0), self.kills.get(path, 0))

    def resume_to_the_end(self) -> None:
        """Whatever came before: what was left is done, each bundle once, and then nothing is left."""
        self.reopen()
        if self.journal.interrupted() is None:
            return
        self.journal.resume()
        left = self.journal.pending()
        assert {entry.bundle.path for entry in left} == set(self.todo)
        assert len(left) == len(self.todo)
        for entry in left:
            self.journal.started(entry.bundle.path)
            keep(self.journal, entry.bundle, Outcome.OK)
            self.kept[entry.bundle.path] = (entry.bundle.fingerprint, Outcome.OK)
        assert self.journal.pending() == []
        self.journal.end({})
        assert self.journal.interrupted() is None
        self.todo, self.flight = {}, set()
        self.the_file_is_as_the_model()
        assert self.store.db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        plugins = [plugin.path for plugin in self.store.plugins()]
        assert sorted(plugins) == sorted(self.kept), "one row for each, whatever became of it before"


TestAnySequenceOfEventsAndKills = Scans.TestCase
TestAnySequenceOfEventsAndKills.settings = settings(
    max_examples=60, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
