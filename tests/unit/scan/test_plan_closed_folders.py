"""A scan's plan where known bundles lie in folders that cannot be looked into."""

from __future__ import annotations

import errno
import io
import os
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from pluginary_tui.catalogue.journal import Journal
from pluginary_tui.catalogue.store import Store
from pluginary_tui.config import Settings
from pluginary_tui.config.table import ScanSettings
from pluginary_tui.model import Outcome, ProbedPlugin, Report
from pluginary_tui.scan.discover import discover
from pluginary_tui.scan.display.console import TerminalReporter
from pluginary_tui.scan.events import ScanEnded, ScanStarted, Summary
from pluginary_tui.scan.launch_log import LaunchLog
from pluginary_tui.scan.plan import Options, Plan, make_plan
from tests.unit.scan.test_discover import bundle

pytestmark = pytest.mark.short


def close(folder: Path, monkeypatch: pytest.MonkeyPatch, number: int, *, itself: bool) -> None:
    """Have the system refuse to look into a folder, as it does for users without rights and for lost drives."""
    front = f"{folder}{os.sep}"

    def refusing(call: Any, inside_only: bool) -> Any:
        def wrapped(path: Any, *rest: Any, **more: Any) -> Any:
            text = path if isinstance(path, int) else os.fspath(path)
            if isinstance(text, str) and (text.startswith(front) or (text == str(folder) and not inside_only)):
                raise OSError(number, os.strerror(number), text)
            return call(path, *rest, **more)

        return wrapped

    monkeypatch.setattr(os, "scandir", refusing(os.scandir, inside_only=False))
    for name in ("stat", "lstat"):
        monkeypatch.setattr(os, name, refusing(getattr(os, name), inside_only=not itself))


def scanned(store: Store, folder: Path) -> None:
    journal = Journal(store)
    found = discover([folder], system="Linux", builtin=False).bundles
    journal.begin(found)
    for each in found:
        report = Report(each, Outcome.OK, [ProbedPlugin(each.name, "Acme")])
        journal.finish(report, [()], quarantine=False)
    journal.end({})


def planned(store: Store, folder: Path) -> Plan:
    with LaunchLog(store.path) as flights:
        return make_plan(
            store, Journal(store), Settings(scan=ScanSettings(builtin=False)), Options(only=(folder,)), flights
        )


@pytest.mark.parametrize("number", [errno.EACCES, errno.EIO, errno.ENOTCONN, errno.ESTALE])
@pytest.mark.parametrize("itself", [False, True])
def test_what_cannot_be_looked_at_stays_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, itself: bool
) -> None:
    bundle(tmp_path / "plug" / "closed", "A.vst3")
    bundle(tmp_path / "plug" / "closed", "B.vst3")
    gone = bundle(tmp_path / "plug", "Gone.vst3")
    with Store.in_folder(tmp_path / "data") as store:
        scanned(store, tmp_path / "plug")
        gone.rename(tmp_path / "Gone")
        with monkeypatch.context() as patch:
            close(tmp_path / "plug" / "closed", patch, number, itself=itself)
            plan = planned(store, tmp_path / "plug")
        assert (plan.removed, plan.todo) == (1, [])
        assert {info.path for info in store.bundles() if info.missing} == {str(gone)}
        assert any(os.strerror(number) in note for note in plan.notes)
        assert "2 known bundles cannot be looked at and stay as they were." in plan.notes


def test_a_known_bundle_that_cannot_be_opened_stays_as_it_is_and_a_new_one_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = bundle(tmp_path / "plug", "A.vst3")
    with Store.in_folder(tmp_path / "data") as store:
        scanned(store, tmp_path / "plug")
        new = bundle(tmp_path / "plug", "New.vst3")
        with monkeypatch.context() as patch:
            close(made, patch, errno.EACCES, itself=False)
            plan = planned(store, tmp_path / "plug")
        assert [entry.bundle.path for entry in plan.todo] == [str(new)]
        assert (plan.unchanged, plan.removed) == (1, 0)
        assert any("A.vst3" in note and "stays" in note for note in plan.notes)
        with monkeypatch.context() as patch:
            close(new, patch, errno.EACCES, itself=False)
            (entry,) = planned(store, tmp_path / "plug").todo
        assert "Permission denied" in entry.bundle.error


def test_a_folder_that_was_taken_for_a_bundle_is_gone_when_its_bundle_is_found(tmp_path: Path) -> None:
    inner = bundle(tmp_path / "plug" / "A.vst3", "A.vst3")
    aside = inner.rename(tmp_path / "aside")
    with Store.in_folder(tmp_path / "data") as store:
        scanned(store, tmp_path / "plug")
        aside.rename(inner)
        plan = planned(store, tmp_path / "plug")
        assert [entry.bundle.path for entry in plan.todo] == [str(inner)]
        assert plan.removed == 1


def test_notes_are_shown_where_a_scan_is_told() -> None:
    file = io.StringIO()
    with TerminalReporter(Console(file=file, width=200)) as reporter:
        reporter.take(ScanStarted(0, 3, 0, 0, 0, 1, ("Cannot look into /x\x1b[2J: Permission denied.",)))
        reporter.take(ScanEnded(Summary(notes=["Cannot look into /x."]), "done"))
    assert "Note: Cannot look into /x [2J: Permission denied." in file.getvalue()
    assert Summary(notes=["Cannot look into /x."]).as_dict()["notes"] == ["Cannot look into /x."]
