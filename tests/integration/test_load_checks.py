"""Whether pedalboard loads a plugin: answered plugin by plugin, and never at the expense of what was read."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pluginary_tui.catalogue.store import Store
from pluginary_tui.config import Settings
from pluginary_tui.model import Plugin
from pluginary_tui.scan.events import Event, ReadingEnded, ScanEnded, Summary
from pluginary_tui.scan.run import Options, Scan
from tests.conftest import ZAM_LIGHT
from tests.plugins.build import KINDS, build, compiler, good
from tests.plugins.kind import Ending
from tests.plugins.scans import settings
from tests.plugins.traces import nothing_left

pytestmark = pytest.mark.skipif(compiler() is None, reason="needs Linux and a C compiler")

GOOD = ("one_object", "separate_controller", "state_matters", "many_programs", "sidechain", "silent_instrument")
NOT_LOADED = [name for name, kind in KINDS.items() if kind.loads]
ERRORS = {
    "crashed": "It crashed in pedalboard (SIGSEGV).",
    "timeout": "pedalboard did not finish loading it: did not answer within 2 s.",
    "memory": "pedalboard did not finish loading it: used more than 300 MB of memory.",
}


def checking(**scan: object) -> Settings:
    return settings(**({"load_check": True, "timeout_s": 30.0} | scan))


def scan(data_dir: Path, folder: Path, chosen: Settings | None = None, **flags: bool) -> tuple[Summary, list[Event]]:
    events: list[Event] = []
    summary = Scan(chosen or checking(), data_dir, Options(only=(folder,), **flags)).run(events.append)
    ended = events[-1]
    assert isinstance(ended, ScanEnded) and ended.how == "done", ended
    return summary, events


def answers(store: Store) -> dict[str, tuple[object, str, str]]:
    """By name: whether it loads, how the try ended, and the error."""
    return {
        name: (None if loads is None else bool(loads), outcome, error)
        for name, loads, outcome, error in store.db.execute(
            "SELECT name, loads, load_outcome, load_error FROM plugin ORDER BY key"
        )
    }


def plugins(data_dir: Path) -> list[Plugin]:
    with Store.in_folder(data_dir) as store:
        return sorted(store.plugins(), key=lambda plugin: plugin.key)


@pytest.mark.parametrize("name", NOT_LOADED)
def test_each_kind_that_pedalboard_does_not_load(name: str, folder: Path, data_dir: Path) -> None:
    kind = KINDS[name]
    build(name, folder)
    hangs = "timeout" in {ending.outcome for ending in (*kind.loads.values(), *kind.each.values())}
    with nothing_left():
        summary, _ = scan(data_dir, folder, checking(timeout_s=2.0 if hangs else 30.0, memory_limit_mb=300))
    found = plugins(data_dir)
    assert [plugin.status for plugin in found] == [
        kind.each.get(at, Ending("ok")).outcome for at in range(kind.plugins or 1)
    ], "what was read stays as it was"
    read = [at for at, plugin in enumerate(found) if plugin.status == "ok"]
    assert summary.loads + summary.loads_not == len(read)
    with Store.in_folder(data_dir) as store:
        told = list(answers(store).values())
    for at, (loads, outcome, error) in enumerate(told):
        if at not in read:
            assert (loads, outcome, error) == (None, "", ""), "what cannot be read is not tried"
            continue
        expected = kind.loads.get(at, Ending("ok")).outcome
        if expected:
            assert outcome == expected, error
        assert loads is (outcome == "ok")
        assert error == ERRORS.get(outcome, error) and bool(error) is (outcome != "ok")
        assert error == "" or error.endswith(".")


def test_good_ones_load_and_have_attributes(zam: Path, folder: Path, data_dir: Path) -> None:
    for name in GOOD:
        build(name, folder)
    for name in ZAM_LIGHT:
        shutil.copytree(zam / f"{name}.vst3", folder / f"{name}.vst3")
    summary, events = scan(data_dir, folder)
    assert (summary.ok, summary.loads, summary.loads_not) == (len(GOOD) + len(ZAM_LIGHT),) * 2 + (0,)
    assert [event.checks for event in events if isinstance(event, ReadingEnded)] == [summary.loads]
    with Store.in_folder(data_dir) as store:
        assert set(answers(store).values()) == {(True, "ok", "")}
        rows = dict(
            store.db.execute("SELECT p.name, t.attributes FROM plugin_text t JOIN plugin p ON p.key = t.plugin")
        )
    assert rows["one_object"].split("\n") == ["gain_db", "mode", "bypass", "dry_wet"]


def test_shells_of_names_that_a_table_would_tidy(folder: Path, data_dir: Path) -> None:
    """pedalboard is asked for a plugin by the name in the file, which is not always the one that is shown."""
    good(folder, "Spaces", title="Two  spaces ", classes=3)
    good(folder, "Marks", title="Soft\u00adhyphen \u200b zero", classes=3)
    good(folder, "Plain", title="Plain", classes=3)
    summary, _ = scan(data_dir, folder)
    with Store.in_folder(data_dir) as store:
        assert {name: loads for name, (loads, _, _) in answers(store).items() if not loads} == {}
    assert (summary.ok, summary.loads) == (3, 9)


def test_two_of_one_name_are_told_apart(folder: Path, data_dir: Path) -> None:
    build("same_name", folder)
    summary, _ = scan(data_dir, folder)
    assert (summary.loads, summary.loads_not) == (1, 1)
    first, second = plugins(data_dir)
    assert (first.loads, second.loads) == (True, False)
    assert "an earlier one of this bundle has the same" in second.load_error
