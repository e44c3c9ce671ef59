"""Whatever happens to plugins, what a person wrote is on a plugin of the catalogue or listed as an orphan."""

from __future__ import annotations

import sqlite3
import tempfile
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from pluginary_tui.catalogue.exchange.export import export
from pluginary_tui.catalogue.exchange.import_ import import_file
from pluginary_tui.catalogue.journal import Journal
from pluginary_tui.catalogue.orphans import give_orphan, orphans
from pluginary_tui.catalogue.store import Store
from pluginary_tui.errors import CatalogueError
from pluginary_tui.model import Bundle, Outcome, ProbedPlugin, Report

pytestmark = pytest.mark.short

PATHS = [f"/x/{letter}.vst3" for letter in "ABCD"]
NAMES = ["Valhalla Verb", "Valhalla Vintage", "Gate"]
VENDORS = ["LSP VST3", "LSP", "Acme"]
CLASSES = ["K1", "K2", "K3"]

paths = st.sampled_from(PATHS)


class Made(NamedTuple):
    """A plugin as it is in a bundle on the disk."""

    name: str
    vendor: str
    uid: str


plugins = st.builds(Made, st.sampled_from(NAMES), st.sampled_from(VENDORS), st.sampled_from(CLASSES))
contents = st.lists(plugins, min_size=1, max_size=3, unique=True)


def refuse_to_commit(action: int, verb: str | None, *_: object) -> int:
    commit = action == sqlite3.SQLITE_TRANSACTION and verb == "COMMIT"
    return sqlite3.SQLITE_DENY if commit else sqlite3.SQLITE_OK


class Histories(RuleBasedStateMachine):
    """A disk that changes, scans that read it bundle by bundle, and a person who writes."""

    @initialize(inside=st.lists(contents, min_size=2, max_size=3), rating=st.integers(1, 5))
    def first(self, inside: list[list[Made]], rating: int) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.store = Store.in_folder(Path(self.folder.name))
        self.disk = dict(zip(PATHS, inside, strict=False))
        self.broken: set[str] = set()
        """Paths of bundles that cannot be read."""
        self.version = 0
        self.unread: list[str] = []
        """What the scan that runs has still to read."""
        self.scanning = False
        self.written: dict[str, int] = {}
        """By tag, the rating given with it; each is given with a favourite, and a line of the note is the tag."""
        self.scan_to_the_end()
        for id_ in self.ids():
            self.write_about(id_, rating)

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.scan_to_the_end()
            self.nothing_is_out_of_reach()
            self.store.close()
            self.folder.cleanup()

    # The disk

    @rule(path=paths, inside=contents)
    def install_or_replace(self, path: str, inside: list[Made]) -> None:
        self.disk[path] = inside
        self.broken.discard(path)

    @precondition(lambda self: self.disk)
    @rule(
        data=st.data(),
        name=st.sampled_from([None, *NAMES]),
        vendor=st.sampled_from([None, *VENDORS]),
        uid=st.sampled_from([None, *CLASSES]),
    )
    def update(self, data: st.DataObject, name: str | None, vendor: str | None, uid: str | None) -> None:
        """Rename, respell, give another class id, or all of it."""
        path = data.draw(st.sampled_from(sorted(self.disk)))
        inside = self.disk[path]
        at = data.draw(st.integers(0, len(inside) - 1))
        old = inside[at]
        new = Made(name or old.name, vendor or old.vendor, uid or old.uid)
        self.disk[path] = [*inside[:at], new, *inside[at + 1 :]]

    @precondition(lambda self: self.disk)
    @rule(data=st.data(), to=paths, copy=st.booleans())
    def move_or_copy(self, data: st.DataObject, to: str, copy: bool) -> None:
        path = data.draw(st.sampled_from(sorted(self.disk)))
        inside = self.disk[path] if copy else self.disk.pop(path)
        self.disk[to] = inside

    @precondition(lambda self: self.disk)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        del self.disk[data.draw(st.sampled_from(sorted(self.disk)))]

    @precondition(lambda self: self.disk)
    @rule(data=st.data())
    def breaks(self, data: st.DataObject) -> None:
        self.broken.add(data.draw(st.sampled_from(sorted(self.disk))))

    # The scan

    def begin(self, order: st.DataObject | None = None) -> None:
        self.journal = journal = Journal(self.store)
        known = {info.path: info.missing for info in self.store.bundles()}
        journal.unmark_missing([path for path in self.disk if known.get(path)])
        journal.mark_missing([path for path, missing in known.items() if path not in self.disk and not missing])
        self.unread = order.draw(st.permutations(sorted(self.disk))) if order else sorted(self.disk)
        self.scanning = True

    @precondition(lambda self: not self.scanning)
    @rule(data=st.data())
    def scan_begins(self, data: st.DataObject) -> None:
        """Some of the bundles are read; what comes next finds the scan in the middle."""
        self.begin(data)
        for _ in range(data.draw(st.integers(0, len(self.unread)))):
            self.read()

    @rule(data=st.data())
    def scan(self, data: st.DataObject) -> None:
        if not self.scanning:
            self.begin(data)
        self.scan_to_the_end()

    def result(self, path: str) -> tuple[Report, list[tuple[str, ...]]]:
        self.version += 1
        bundle = Bundle(path, "vst3", Path(path).stem, fingerprint=str(self.version))
        inside = self.disk.get(path, [])
        if path in self.broken or not inside:
            return Report(bundle, Outcome.CRASHED, error="It fell over."), []
        found = [ProbedPlugin(each.name, each.vendor, uid=each.uid) for each in inside]
        return Report(bundle, Outcome.OK, found), [()] * len(found)

    def read(self) -> None:
        self.journal.finish(*self.result(self.unread.pop()), quarantine=False)

    @precondition(lambda self: self.scanning and self.unread)
    @rule(at_commit=st.booleans())
    def killed(self, at_commit: bool) -> None:
        if at_commit:
            self.store.db.set_authorizer(refuse_to_commit)
            with pytest.raises(CatalogueError, match="not authorized"):
                self.journal.finish(*self.result(self.unread[-1]), quarantine=False)
        self.store.db.close()
        self.store = Store.in_folder(Path(self.folder.name))
        self.scanning = False

    def scan_to_the_end(self) -> None:
        if not self.scanning:
            self.begin()
        while self.unread:
            self.read()
        journal = self.journal
        journal.settle()
        journal.end({})
        carried = journal.carried_over
        journal.settle()
        assert journal.carried_over == carried, "the same again changes nothing"
        self.scanning = False

    # The person

    def ids(self) -> list[str]:
        return sorted({plugin.id for plugin in self.store.plugins()})

    def write_about(self, id_: str, rating: int) -> None:
        (now, *_) = self.store.copies(id_)
        tag = f"t{len(self.written)}"
        self.store.add_tag([now.id], tag)
        self.store.set_favourite([now.id], True)
        self.store.set_rating([now.id], max(rating, now.rating))
        self.store.set_note([now.id], f"{now.note}\n{tag}".strip())
        self.written[tag] = rating

    @precondition(lambda self: self.ids())
    @rule(data=st.data(), rating=st.integers(1, 5))
    def write(self, data: st.DataObject, rating: int) -> None:
        self.write_about(data.draw(st.sampled_from(self.ids())), rating)

    @rule()
    def forget(self) -> None:
        self.store.forget([info.path for info in self.store.missing_bundles()])

    @precondition(lambda self: self.ids() and orphans(self.store))
    @rule(data=st.data())
    def give(self, data: st.DataObject) -> None:
        orphan = data.draw(st.sampled_from([each.id for each in orphans(self.store)]))
        give_orphan(self.store, orphan, data.draw(st.sampled_from(self.ids())))

    @precondition(lambda self: self.ids())
    @rule(user_data_only=st.booleans())
    def move_to_another_machine(self, user_data_only: bool) -> None:
        """What is exported comes back after everything else was lost; orphans are not part of an export."""
        if orphans(self.store):
            return
        file = Path(self.folder.name, "all.json")
        export(self.store, self.store.plugins(), file)
        with self.store.writing_for_user() as db:
            for table in ("bundle", "identity", "alias", "user_plugin", "user_tag"):
                db.execute(f"DELETE FROM {table}")
        import_file(self.store, file, user_data_only=user_data_only)
        self.scanning = False

    @invariant()
    def nothing_is_out_of_reach(self) -> None:
        if not hasattr(self, "store"):
            return
        holders = [(p.id, p.favourite, p.rating, p.tags, p.note) for p in self.store.plugins()]
        holders += [(o.id, o.favourite, o.rating, o.tags, o.note) for o in orphans(self.store)]
        for tag, rating in self.written.items():
            where = [each for each in holders if tag in each[3]]
            assert where, f"{tag} is nowhere"
            for id_, favourite, stars, _, note in where:
                assert favourite and stars >= rating and tag in note.splitlines(), (id_, tag)
        # An id that a plugin on the disk has is no alias, and no alias leads to another.
        live = {p.id for p in self.store.plugins() if p.status != "missing"}
        aliases = dict(self.store.db.execute("SELECT id, target FROM alias"))
        assert not live & aliases.keys() and not aliases.keys() & set(aliases.values())


TestWhatIsWrittenIsNeverLost = Histories.TestCase
TestWhatIsWrittenIsNeverLost.settings = settings(
    max_examples=80, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
