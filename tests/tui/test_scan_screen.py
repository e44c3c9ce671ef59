from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from textual.events import MouseScrollDown
from textual.pilot import Pilot
from textual.widgets import Input, Static

from pluginary_tui.catalogue.journal import Journal
from pluginary_tui.catalogue.store import Store
from pluginary_tui.config import ScanSettings, Settings, config_path
from pluginary_tui.model import Bundle, Outcome, Parameter, ProbedPlugin, Report
from pluginary_tui.scan.events import (
    BundleEnded,
    BundlePrinted,
    BundleProgress,
    BundleStarted,
    CheckEnded,
    CheckStarted,
    ReadingEnded,
    ScanEnded,
    ScanStarted,
    Summary,
)
from pluginary_tui.scan.progress import Progress, Running
from pluginary_tui.scan.run import Scan
from pluginary_tui.tui.app import PluginaryApp
from pluginary_tui.tui.core.session import Session
from pluginary_tui.tui.dialogs.prompt import Prompt
from pluginary_tui.tui.scan.live_table import ScanTable
from pluginary_tui.tui.scan.log_view import LogScreen
from pluginary_tui.tui.scan.screen import ScanScreen
from tests.plugins.build import build, compiler

SIZE = (140, 45)


@pytest.fixture(autouse=True)
def nobodys_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The platform's folders, without those of whoever runs the tests."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


@pytest.fixture
def open_scan(data_dir: Path) -> Iterator[Callable[..., PluginaryApp]]:
    sessions = []

    def make(*folders: Path, workers: int = 2, **settings: object) -> PluginaryApp:
        looked_for = {"folders": tuple(map(str, folders)), "formats": ("vst3", "builtin")}
        scan = ScanSettings(**looked_for, workers=workers, **settings)  # type: ignore[arg-type]
        sessions.append(Session(replace(Settings(), scan=scan), data_dir))
        return PluginaryApp(sessions[-1])

    yield make
    for session in sessions:
        session.close()


async def until(pilot: Pilot[None], true: Callable[[], object], seconds: float = 60) -> None:
    for _ in range(int(seconds / 0.05)):
        if true():
            return
        await pilot.pause(0.05)
    raise AssertionError(f"still not so after {seconds} s:\n{text(pilot)}")


def text(pilot: Pilot[None]) -> str:
    """What the screen shows."""
    screen = pilot.app.screen
    return "\n".join(strip.text.rstrip() for strip in screen._compositor.render_strips())


def screen(pilot: Pilot[None]) -> ScanScreen:
    assert isinstance(pilot.app.screen, ScanScreen)
    return pilot.app.screen


def keys(pilot: Pilot[None]) -> set[str]:
    """The keys that do something now."""
    return {key for key, active in pilot.app.screen.active_bindings.items() if active.enabled}


# A real scan


async def test_start_pause_go_on_and_watch_it_end(zam, open_scan):
    app = open_scan(workers=1)  # ZamVerb, which takes seconds, is its first; a second one would have done the rest
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("2")
        await until(pilot, lambda: "Nothing has been scanned yet" in text(pilot))
        assert "/usr/lib/vst3" in text(pilot)
        await pilot.press("s", "space")
        progress = app.session.progress
        await until(pilot, lambda: progress.state == "paused" and not progress.running)
        done = progress.done
        assert done < 18
        await pilot.pause(0.5)
        assert progress.done == done, "a paused scan begins nothing"
        assert "paused" in text(pilot)
        await pilot.press("space")
        await until(pilot, lambda: progress.state == "done")
        await pilot.pause(0.2)
        shown = text(pilot)
        assert f"18 / 18  100 %  {progress.plugins} plugins  done in" in shown
        assert "✓ 18 ok" in shown and "18 new" in shown
        assert any(line.split()[:4] == ["✓", "ZamVerb", "Damien", "Zammit"] for line in shown.splitlines())


async def test_what_was_found_is_offered_for_measuring_when_it_is_read_after_the_scan(open_scan, monkeypatch):
    load = Session._load

    def load_late(session: Session) -> None:
        time.sleep(0.5)
        load(session)

    app = open_scan()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("2")
        await until(pilot, lambda: app.session.loaded and "Nothing has been scanned yet" in text(pilot))
        monkeypatch.setattr(Session, "_load", load_late)
        await pilot.press("s")
        await until(pilot, lambda: app.session.progress.state == "done" and not app.session.busy)
        await until(pilot, lambda: app.session.catalogue.plugins)
        await until(pilot, lambda: "M measure" in text(pilot).splitlines()[-1], 5)


async def test_stop_and_resume_to_the_end(zam, open_scan, data_dir):
    app = open_scan(workers=1)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("2", "s", "space")
        first = app.session.progress
        await until(pilot, lambda: first.state == "paused")
        await pilot.press("S")
        await until(pilot, lambda: first.state == "stopped" and not app.session.scanning)
        assert first.done < 18 and app.session.interrupted is not None
        await pilot.pause(0.2)
        assert f"{18 - first.done} bundles still to do" in " ".join(text(pilot).split()) or not first.done
        await pilot.press("s")
        second = app.session.progress
        await until(pilot, lambda: second.state == "done")
        assert second.resumed == 18 - first.done
        assert app.session.interrupted is None
    with Store.in_folder(data_dir) as store:
        assert len({plugin.path for plugin in store.plugins() if plugin.status == "ok"}) == 18


async def test_a_second_scan_has_nothing_to_do_and_says_so(zam, open_scan):
    app = open_scan()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("2", "s")
        await until(pilot, lambda: app.session.progress.state == "done")
        await pilot.press("s")
        await until(pilot, lambda: app.session.progress.unchanged == 18 and app.session.progress.over)
        await until(pilot, lambda: "Everything is up to date" in text(pilot))
        assert "18 bundles unchanged" in text(pilot)
        await pilot.press("F")
        await until(pilot, lambda: app.session.progress.done == 18 and app.session.progress.over)


async def test_the_log_of_the_failure_and_the_skip_of_what_hangs(open_scan, tmp_path):
    if compiler() is None:
        pytest.skip("needs a C compiler")
    folder = tmp_path / "vst3"
    build("print", folder, name="Chatty")
    build("segfault_create", folder, name="OldThing")
    build("sleep", folder, name="Hangs")
    app = open_scan(folder, builtin=False, retry_crashed=False, ignore=("/usr/lib/vst3",))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("2", "s")
        progress = app.session.progress
        await until(pilot, lambda: progress.done == 2)
        await until(pilot, lambda: "log of OldThing" in text(pilot))
        assert "Crashed (SIGSEGV)" in text(pilot)
        await pilot.press("x")
        await until(pilot, lambda: progress.over)
        assert progress.ended[0].name == "Hangs" and progress.ended[0].outcome is Outcome.SKIPPED
        assert "Skipped by you" in progress.ended[0].error
        await pilot.press(*"jjj")
        chosen = screen(pilot).query_one(ScanTable).chosen
        await until(pilot, lambda: chosen is not None and f"log of {chosen.name}" in text(pilot))
        while screen(pilot).query_one(ScanTable).chosen.name != "Chatty":  # type: ignore[union-attr]
            await pilot.press("k")
        log = progress.ended[[item.name for item in progress.ended].index("Chatty")].log
        assert log
        await pilot.press("enter")
        assert isinstance(app.screen, LogScreen)
        assert log.splitlines()[0] in text(pilot)
        await pilot.press("escape")
        assert isinstance(app.screen, ScanScreen)
        await pilot.press("r")
        retried = app.session.progress
        await until(pilot, lambda: retried.done == 1 and "Hangs" in str(retried.running))
        await pilot.press("S")
        await until(pilot, lambda: retried.over)


async def test_a_folder_is_passed_over_while_the_scan_runs(open_scan, tmp_path):
    if compiler() is None:
        pytest.skip("needs a C compiler")
    folder = tmp_path / "vst3"
    build("sleep", folder / "Demos", name="Hangs")
    build("sleep", folder / "Demos", name="Then another")
    app = open_scan(folder, workers=1, builtin=False, ignore=("/usr/lib/vst3",))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("2", "s")
        progress = app.session.progress
        await until(pilot, lambda: progress.running)
        await pilot.press("i")
        await until(pilot, lambda: isinstance(app.screen, Prompt))
        assert app.screen.query_one(Input).value == str(folder / "Demos" / "Hangs.vst3")
        await until(pilot, lambda: "Demos" in text(pilot))
        await pilot.press("tab", "enter")
        await until(pilot, lambda: progress.over)
        assert (progress.total, progress.done) == (0, 0)
        assert f"{folder / 'Demos'}/" in app.session.settings.scan.ignore
        assert f"{folder / 'Demos'}/" in config_path().read_text()


async def test_workers_are_added_and_taken_away_while_it_runs(open_scan, tmp_path):
    if compiler() is None:
        pytest.skip("needs a C compiler")
    build("sleep", tmp_path / "vst3", name="Hangs")
    app = open_scan(tmp_path / "vst3", workers=1, builtin=False, ignore=("/usr/lib/vst3",))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("2", "s")
        progress = app.session.progress
        await until(pilot, lambda: progress.running and progress.state == "running")
        for key, count in (("plus", 2), ("minus", 1)):
            await pilot.press(key)
            await until(pilot, lambda count=count: progress.workers == count)
        await pilot.press("S")
        await until(pilot, lambda: progress.over)


async def test_an_interrupted_scan_is_offered_and_can_be_given_up(open_scan, data_dir):
    with Store.in_folder(data_dir) as store:
        journal = Journal(store)
        journal.begin([Bundle(f"/vst3/{name}.vst3", "vst3", name) for name in ("ZamVerb", "Kontakt", "Serum")])
        journal.started("/vst3/Kontakt.vst3")
    app = open_scan()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("2")
        await until(pilot, lambda: "A scan was interrupted" in text(pilot))
        output = " ".join(text(pilot).replace("│", " ").split())
        assert "0 of 3 bundles are done and kept, 3 are still to do." in output
        assert "It was reading Kontakt" in output
        assert {"s", "d"} <= keys(pilot)
        await pilot.press("d")
        await until(pilot, lambda: "Nothing has been scanned yet" in text(pilot) or "Last scanned" in text(pilot))
        assert app.session.interrupted is None and "d" not in keys(pilot)


# What is drawn, from events


def ended(name: str, outcome: Outcome = Outcome.OK, log: str = "", change: str = "") -> BundleEnded:
    report = Report(
        Bundle(f"/vst3/{name}", "vst3", name),
        outcome,
        [ProbedPlugin(name, "Acme", parameters=[Parameter("x")])],
        error="" if outcome is Outcome.OK else "It said no.",
        log=log,
    )
    return BundleEnded(report, change or ("bad" if outcome.bad else "new"), outcome.bad)


async def watched(app: PluginaryApp, pilot: Pilot[None], *events: object) -> Progress:
    """Let the screen watch a scan that these events tell of."""
    progress = Progress()
    for event in events:
        progress.take(event)  # type: ignore[arg-type]
    app.session.progress, app.session.summary = progress, Summary()
    await pilot.press("2")
    await redrawn(app, pilot)
    return progress


async def redrawn(app: PluginaryApp, pilot: Pilot[None]) -> None:
    await asyncio.sleep(0.15)
    app.app_services.scan_changed.publish(app.session)
    await pilot.pause(0.05)


def shown_results(pilot: Pilot[None]) -> list[str]:
    return [
        line.split()[1] for line in text(pilot).splitlines() if line.strip().startswith(("✓", "✗")) and "Acme" in line
    ]


async def test_the_newest_are_followed_until_the_cursor_holds_the_list(open_scan):
    app = open_scan()
    async with app.run_test(size=(100, 30)) as pilot:
        results = [ended(f"R{number}") for number in range(40)]
        progress = await watched(app, pilot, ScanStarted(99, 0, 0, 0, 0, 1), *results)
        assert shown_results(pilot)[0] == "R39"
        progress.take(ended("R40"))
        await redrawn(app, pilot)
        assert shown_results(pilot)[0] == "R40"
        await pilot.press("j", "j", "j")
        table = screen(pilot).query_one(ScanTable)
        assert table.cursor == "/vst3/R38"
        before = shown_results(pilot)
        for number in range(41, 44):
            progress.take(ended(f"R{number}"))
        await redrawn(app, pilot)
        assert shown_results(pilot) == before, "the list holds still under the cursor"
        await pilot.press("end")
        assert table.cursor == "/vst3/R0" and shown_results(pilot)[-1] == "R0"
        await pilot.press("pageup", "up")
        assert table.cursor != "/vst3/R0"
        await pilot.press("escape")
        assert table.cursor is None and shown_results(pilot)[0] == "R43"
        await pilot.press("escape")
        await pilot.pause(0.1)
        assert app.current_mode == "browse"


async def test_the_cursor_stays_on_a_bundle_when_its_probe_ends(open_scan):
    app = open_scan()
    async with app.run_test(size=(100, 30)) as pilot:
        progress = await watched(
            app,
            pilot,
            ScanStarted(9, 0, 0, 0, 0, 1),
            ended("Before"),
            BundleStarted("/vst3/Slow", "Slow", "Acme", 30.0, 1),
            BundleProgress("/vst3/Slow", "load", "Slow", "Acme", 0, 1),
            BundlePrinted("/vst3/Slow", "waiting for a dongle\n"),
        )
        await pilot.press("down")
        await until(pilot, lambda: "log of Slow" in text(pilot) and "waiting for a dongle" in text(pilot))
        progress.take(ended("Slow", Outcome.FAILED, log="waiting for a dongle\nno dongle\n"))
        await redrawn(app, pilot)
        assert screen(pilot).query_one(ScanTable).cursor == "/vst3/Slow"
        assert "It said no." in text(pilot) and "no dongle" in text(pilot)
        assert "In quarantine" in text(pilot)


async def test_load_checks_are_counted_and_chosen_one_by_one(open_scan):
    app = open_scan()
    async with app.run_test(size=(140, 30)) as pilot:
        shell = "/vst3/Shell"
        progress = await watched(
            app,
            pilot,
            ScanStarted(1, 0, 0, 0, 0, 2),
            ended("Shell"),
            ReadingEnded(5),
            CheckEnded(shell, "a", "One", "Acme", True, "", 1, 5),
            CheckStarted(shell, "b", "Two", "Acme", 30.0),
            CheckStarted(shell, "c", "Three", "Acme", 30.0),
        )
        app.session.scan = cast("Scan", object())
        await redrawn(app, pilot)
        assert "checking 1 of 5" in text(pilot).splitlines()[0]
        app.session.scan = None
        assert "1 / 5 tried with pedalboard" in text(pilot)
        table = screen(pilot).query_one(ScanTable)
        await pilot.press("down", "down")
        assert isinstance(table.chosen, Running) and table.chosen.name == "Three"
        await pilot.click(ScanTable, offset=(5, 2))
        assert isinstance(table.chosen, Running) and table.chosen.name == "Two"
        progress.take(ScanEnded(Summary(), "stopped", ""))
        await redrawn(app, pilot)
        assert "4 load checks still to do" in text(pilot)


async def test_a_click_chooses_a_row_and_the_wheel_moves_on(open_scan):
    app = open_scan()
    async with app.run_test(size=(100, 30)) as pilot:
        await watched(
            app,
            pilot,
            ScanStarted(9, 0, 0, 0, 0, 1),
            *(ended(f"R{number}") for number in range(9)),
            BundleStarted("/vst3/Slow", "Slow", "Acme", 30.0, 1),
        )
        table = screen(pilot).query_one(ScanTable)
        await pilot.click(ScanTable, offset=(5, 2))
        assert table.cursor == "/vst3/Slow"
        await pilot.click(ScanTable, offset=(5, 5))
        assert table.cursor == "/vst3/R7"
        await pilot.click(ScanTable, offset=(5, 0))
        assert table.cursor == "/vst3/R7", "the heading is no row"
        table.post_message(MouseScrollDown(table, 5, 5, 0, 0, 0, False, False, False))
        await pilot.pause()
        assert table.cursor == "/vst3/R4"


async def test_when_it_is_over_each_change_is_a_key_away(open_scan):
    app = open_scan()
    async with app.run_test(size=SIZE) as pilot:
        progress = await watched(
            app,
            pilot,
            ScanStarted(3, 5, 0, 0, 2, 1),
            ended("A"),
            ended("B", change="updated"),
            ended("C", Outcome.CRASHED),
        )
        assert not {"n", "u", "m", "f"} & keys(pilot)
        progress.take(ScanEnded(Summary(), "done"))
        await redrawn(app, pilot)
        assert "n 1 new    u 1 updated    m 2 gone    f 1 failed" in text(pilot)
        assert {"n", "u", "m", "f"} <= keys(pilot)
        await pilot.press("m")
        await until(pilot, lambda: getattr(app.screen, "query_text", "") == "status:missing")
        assert app.current_mode == "browse"


async def test_a_scan_of_everything_says_what_it_passes_over(open_scan, tmp_path):
    folder = tmp_path / "vst3"
    (folder / "Empty.vst3").mkdir(parents=True)
    app = open_scan(folder, builtin=True, ignore=("/usr/lib/vst3",))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("2", "s")
        await until(pilot, lambda: app.session.progress.over and "1 failed" in text(pilot))
        await until(pilot, lambda: not app.session.busy)
        assert "passed over" not in text(pilot)
        await pilot.press("F")
        await until(pilot, lambda: "1 in quarantine, passed over" in text(pilot))


async def test_a_broken_scan_says_why(open_scan):
    app = open_scan()
    async with app.run_test(size=SIZE) as pilot:
        await watched(app, pilot, ScanEnded(Summary(), "broken", "The disk is full; make room and scan again."))
        assert "The scan could not go on" in text(pilot)
        assert "The disk is full; make room and scan again." in text(pilot)


@pytest.mark.parametrize("size", [(80, 24), (60, 16), (40, 12), (20, 6), (5, 3)])
async def test_small_terminals_show_what_fits(open_scan, size):
    app = open_scan()
    async with app.run_test(size=size) as pilot:
        await watched(
            app,
            pilot,
            ScanStarted(99, 0, 0, 0, 0, 1),
            *(ended(f"R{number}") for number in range(40)),
            ended("Bad", Outcome.FAILED),
            BundleStarted("/vst3/Slow", "Slow", "Acme", 30.0, 1),
        )
        await pilot.press("j", "j", "j")
        lines = text(pilot).splitlines()
        assert len(lines) <= size[1]
        if size[0] >= 40:
            assert "41 / 99" in text(pilot) and "Slow" in text(pilot)
        await pilot.resize_terminal(*SIZE)
        await pilot.pause(0.2)
        assert "log of" in text(pilot)


async def test_plain_letters_where_they_are_asked_for(data_dir):
    from pluginary_tui.config import AppSettings

    session = Session(replace(Settings(), app=AppSettings(ascii=True)), data_dir)
    app = PluginaryApp(session)
    async with app.run_test(size=(100, 30)) as pilot:
        await watched(app, pilot, ScanStarted(9, 0, 0, 0, 0, 1), ended("A"), ended("B", Outcome.CRASHED))
        table = screen(pilot).query_one(ScanTable)
        region = table.region
        body = "\n".join(line[region.x :] for line in text(pilot).splitlines()[region.y : region.bottom])
        assert "X B" in body and body.isascii()
    session.close()


async def test_markup_in_names_and_logs_is_shown_as_it_is(open_scan):
    app = open_scan()
    async with app.run_test(size=SIZE) as pilot:
        await watched(
            app,
            pilot,
            ScanStarted(9, 0, 0, 0, 0, 1),
            ended("[bold]Loud[/bold] [red", Outcome.FAILED, log="[/] [link=x]"),
        )
        assert "log of [bold]Loud[/bold] [red" in text(pilot)
        assert "[/] [link=x]" in text(pilot)
        await pilot.press("enter")
        assert "[/] [link=x]" in text(pilot)
        assert isinstance(app.screen.query_one("#log-text"), Static)
