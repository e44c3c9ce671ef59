"""Whether pedalboard loads a plugin: answered plugin by plugin, and never at the expense of what was read."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from pluginary_tui.catalogue.journal import Interrupted, Journal
from pluginary_tui.catalogue.store import Store
from pluginary_tui.config import Settings
from pluginary_tui.model import Plugin
from pluginary_tui.scan.events import (
    CheckEnded,
    CheckStarted,
    Event,
    ReadingEnded,
    ScanEnded,
    ScanStarted,
    StateChanged,
    Summary,
)
from pluginary_tui.scan.run import Options, Scan
from tests.conftest import ZAM_LIGHT
from tests.plugins.build import KINDS, build, compiler, good
from tests.plugins.kind import Ending
from tests.support.leak_check import nothing_left
from tests.support.scans import settings

pytestmark = pytest.mark.skipif(compiler() is None, reason="needs Linux and a C compiler")

ROOT = Path(__file__).parents[2]
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
        return sorted(store.plugins(), key=lambda plugin: (plugin.path, plugin.key))


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
        answer = list(answers(store).values())
    for at, (loads, outcome, error) in enumerate(answer):
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


# The durable list


KILLED = """
import sys
from pathlib import Path
from pluginary_tui.scan.events import CheckEnded, CheckStarted
from pluginary_tui.scan.run import Options, Scan
from tests.support.scans import settings

if __name__ == "__main__":
    def say(event):
        if isinstance(event, CheckStarted | CheckEnded):
            print(type(event).__name__, event.name, flush=True)
    chosen = settings(load_check=True, timeout_s=60.0)
    Scan(chosen, Path(sys.argv[1]), Options(only=(Path(sys.argv[2]),))).run(say)
"""


def killed_at(data_dir: Path, folder: Path, *lines: str) -> set[str]:
    """Scan in another process and kill it when all of these have been printed; names of what was checked by then."""
    app = subprocess.Popen(
        [sys.executable, "-c", KILLED, data_dir, folder], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert app.stdout
    output: list[str] = []
    while not set(lines) <= set(output):
        line = app.stdout.readline()
        assert line, f"it ended by itself: {output}"
        output.append(line.strip())
    app.kill()
    output += [line.strip() for line in app.stdout.readlines()]
    app.wait()
    return {line.removeprefix("CheckEnded ") for line in output if line.startswith("CheckEnded ")}


def checked(events: list[Event]) -> list[str]:
    """Names of the plugins that were tried, in the order of their beginning."""
    return list(dict.fromkeys(event.name for event in events if isinstance(event, CheckStarted)))


def interrupted(data_dir: Path) -> Interrupted | None:
    with Store.in_folder(data_dir) as store:
        return Journal(store).interrupted()


def test_a_stop_while_checking_is_resumed_and_nothing_is_tried_twice(folder: Path, data_dir: Path) -> None:
    for name in "ABCDE":
        good(folder, name)
    good(folder, "Shell", classes=6)
    made = Scan(checking(), data_dir, Options(only=(folder,)))
    first: list[Event] = []

    def listen(event: Event) -> None:
        first.append(event)
        if isinstance(event, CheckEnded) and event.done == 3:
            made.stop()

    with nothing_left():
        made.run(listen)
    assert isinstance(first[-1], ScanEnded) and first[-1].how == "stopped"
    done = {event.name for event in first if isinstance(event, CheckEnded)}
    left = interrupted(data_dir)
    assert left and (left.pending, left.checks) == (0, 11 - len(done))
    summary, events = scan(data_dir, folder)
    assert set(checked(events)).isdisjoint(done)
    assert (summary.scanned, summary.loads) == (0, 11 - len(done))
    assert all(plugin.loads for plugin in plugins(data_dir)) and interrupted(data_dir) is None


def test_a_kill_while_checking_is_resumed_and_what_was_told_is_kept(folder: Path, data_dir: Path) -> None:
    for name in "ABCDEF":
        good(folder, name, delay_ms=200)
    done = killed_at(data_dir, folder, "CheckEnded A", "CheckStarted D")
    with Store.in_folder(data_dir) as store:
        assert {name for name, (loads, _, _) in answers(store).items() if loads} >= done
    summary, events = scan(data_dir, folder)
    assert set(checked(events)).isdisjoint(done)
    assert (summary.scanned, summary.loads_not) == (0, 0)
    assert all(plugin.loads for plugin in plugins(data_dir)) and interrupted(data_dir) is None


def test_a_plugin_at_which_the_app_dies_twice_is_answered_without_trying_and_no_other(
    folder: Path, data_dir: Path
) -> None:
    """After the first death each suspect is tried alone, so that the second one tells which of them it was."""
    for name in ("A hangs", "B hangs"):
        good(folder, name, behaviour="sleep", stage="process")
    for name in "CDE":
        good(folder, name)
    killed_at(data_dir, folder, "CheckStarted A hangs", "CheckStarted B hangs")
    killed_at(data_dir, folder, "CheckEnded C", "CheckEnded D", "CheckEnded E", "CheckStarted A hangs")
    _, events = scan(data_dir, folder, checking(timeout_s=2.0))
    assert checked(events) == ["B hangs"]
    with Store.in_folder(data_dir) as store:
        answer = answers(store)
    error = "This program was killed 2 times in a row while pedalboard was loading it."
    assert answer["A hangs"] == (False, "crashed", error)
    assert answer["B hangs"][:2] == (False, "timeout")
    assert all(answer[name] == (True, "ok", "") for name in "CDE")
    assert {plugin.status for plugin in plugins(data_dir)} == {"ok"}


def test_a_kill_in_a_shell_puts_only_what_was_in_flight_under_suspicion(folder: Path, data_dir: Path) -> None:
    good(folder, "Shell", classes=12, behaviour="sleep", stage="process", which=5)
    done = killed_at(data_dir, folder, *(f"CheckEnded Shell {at:03}" for at in range(1, 6)), "CheckStarted Shell 006")
    assert len(done) == 5
    with Store.in_folder(data_dir) as store:
        running = store.db.execute(
            "SELECT p.name FROM load_journal j JOIN plugin p ON p.key = j.plugin WHERE j.state = 'running'"
        ).fetchall()
    assert running == [("Shell 006",)]
    summary, events = scan(data_dir, folder, checking(timeout_s=2.0))
    assert set(checked(events)).isdisjoint(done)
    assert checked(events)[-1:] == ["Shell 006"], "alone, behind all others"
    assert (summary.loads, summary.loads_not) == (6, 1)
    assert [plugin.loads for plugin in plugins(data_dir)] == [True] * 5 + [False] + [True] * 6


def test_without_load_checks_nothing_is_known_and_a_later_scan_asks(folder: Path, data_dir: Path) -> None:
    for name in "AB":
        good(folder, name)
    summary, events = scan(data_dir, folder, settings(load_check=False))
    assert (summary.ok, summary.loads, summary.loads_not, checked(events)) == (2, 0, 0, [])
    assert [plugin.loads for plugin in plugins(data_dir)] == [None, None]
    summary, events = scan(data_dir, folder)
    assert (summary.scanned, summary.loads, checked(events)) == (0, 2, ["A", "B"])
    with nothing_left():
        summary, events = scan(data_dir, folder)
    assert (summary.unchanged, summary.loads) == (2, 0)
    kinds = [type(event) for event in events]
    assert kinds == [ScanStarted, ReadingEnded, ScanEnded], "no process is started"


def test_what_was_still_to_be_checked_is_dropped_where_checks_are_off(folder: Path, data_dir: Path) -> None:
    for name in "ABC":
        good(folder, name)
    made = Scan(checking(workers=1), data_dir, Options(only=(folder,)))
    made.run(lambda event: made.stop() if isinstance(event, CheckEnded) else None)
    left = interrupted(data_dir)
    assert left and left.checks > 0
    summary, events = scan(data_dir, folder, settings(load_check=False))
    assert (summary.scanned, checked(events)) == (0, [])
    assert interrupted(data_dir) is None
    assert scan(data_dir, folder)[0].loads == left.checks


def test_pause_and_resume_while_checking(folder: Path, data_dir: Path) -> None:
    for name in "ABCDEF":
        good(folder, name, delay_ms=50)
    made = Scan(checking(), data_dir, Options(only=(folder,)))
    events: list[Event] = []
    begun_while_paused: list[str] = []
    state = "running"

    def listen(event: Event) -> None:
        nonlocal state
        if isinstance(event, CheckEnded) and event.done == 1:
            made.pause()
        if isinstance(event, CheckStarted) and state == "paused" and event.name not in checked(events):
            begun_while_paused.append(event.name)
        events.append(event)
        if isinstance(event, StateChanged):
            state = event.state
            if state == "paused":
                threading.Timer(1.0, made.resume).start()

    summary = made.run(listen)
    states = [event.state for event in events if isinstance(event, StateChanged)]
    assert states == ["paused", "running"]
    assert len(begun_while_paused) <= 2, "what each of the two workers had taken before it learned of the pause"
    assert (summary.loads, sorted(checked(events))) == (6, list("ABCDEF"))


def test_skip_while_checking_ends_that_one_only(folder: Path, data_dir: Path) -> None:
    hanging = good(folder, "A hangs", behaviour="sleep", stage="process")
    for name in "BC":
        good(folder, name)
    made = Scan(checking(timeout_s=60.0), data_dir, Options(only=(folder,)))

    def listen(event: Event) -> None:
        if isinstance(event, CheckStarted) and event.name == "A hangs":
            made.skip(str(hanging))

    with nothing_left():
        summary = made.run(listen)
    assert (summary.ok, summary.skipped, summary.loads, summary.loads_not) == (3, 0, 2, 1)
    first, *others = plugins(data_dir)
    assert (first.status, first.loads) == ("ok", False) and all(other.loads for other in others)
    pattern = r"Skipped by you after \d+\.\d s, while pedalboard was loading it\."
    assert re.fullmatch(pattern, first.load_error), first.load_error
    summary, events = scan(data_dir, folder)
    assert checked(events) == [], "a scan of its own accord leaves it alone"


def test_what_is_read_again_while_checks_run_is_checked_too(folder: Path, data_dir: Path) -> None:
    """A person mends a bundle and has it retried: reading comes first, and all checks are made."""
    for name in "ABCD":
        good(folder, name)
    build("refuse_entry", folder, name="Mended")
    made = Scan(checking(workers=1), data_dir, Options(only=(folder,)))

    def listen(event: Event) -> None:
        if isinstance(event, CheckEnded) and event.name == "A":
            good(folder, "Mended")
            made.retry()

    summary = made.run(listen)
    assert (summary.ok, summary.failed, summary.loads) == (5, 0, 5)
    assert all(plugin.loads for plugin in plugins(data_dir)) and interrupted(data_dir) is None


def test_what_cannot_be_read_by_now_is_not_checked(folder: Path, data_dir: Path) -> None:
    for name in "ABC":
        good(folder, name)
    made = Scan(checking(workers=1), data_dir, Options(only=(folder,)))
    made.run(lambda event: made.stop() if isinstance(event, CheckEnded) else None)
    shutil.rmtree(folder / "C.vst3")
    build("segfault_create", folder, name="C")
    _, events = scan(data_dir, folder)
    assert "C" not in checked(events)
    assert {plugin.name: plugin.loads for plugin in plugins(data_dir)} == {"A": True, "B": True, "C": None}
    assert interrupted(data_dir) is None


def test_retry_asks_again_what_pedalboard_did_not_load(folder: Path, data_dir: Path) -> None:
    build("mono_to_stereo", folder)
    good(folder, "Good")
    assert scan(data_dir, folder)[0].loads_not == 1
    _, events = scan(data_dir, folder)
    assert checked(events) == []
    summary, events = scan(data_dir, folder, retry=True)
    assert (summary.scanned, checked(events), summary.loads_not) == (0, ["mono_to_stereo"], 1)
