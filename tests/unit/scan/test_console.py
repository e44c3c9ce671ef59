from __future__ import annotations

import io

import pyte
import pytest
from rich.console import Console

from pluginary_tui.model import Bundle, Outcome, Parameter, ProbedPlugin, Report
from pluginary_tui.scan.display.console import TerminalReporter
from pluginary_tui.scan.events import BundleEnded, BundleStarted, ScanEnded, ScanStarted, Summary

pytestmark = pytest.mark.short


def ended(name: str, outcome: Outcome = Outcome.OK, plugins: int = 1, error: str = "") -> BundleEnded:
    found = [ProbedPlugin(name, "Damien Zammit", parameters=[Parameter("x")] * 3) for _ in range(plugins)]
    report = Report(Bundle(f"/{name}", "vst3", name), outcome, found, error=error, elapsed_s=0.48)
    return BundleEnded(report, "bad" if outcome.bad else "new", outcome.bad)


EVENTS = [
    ScanStarted(total=4, unchanged=7, resumed=0, quarantined=0, removed=2, workers=2),
    BundleStarted("/ZamVerb", "ZamVerb", "", 30.0, 1),
    ended("ZamVerb"),
    ended("[b]Shell[/b]", plugins=12),
    ended("OldThing", Outcome.CRASHED, error="Crashed (SIGSEGV) while the plugin was being created."),
]


def answer(console: Console, how: str) -> str:
    with TerminalReporter(console) as reporter:
        for event in EVENTS:
            reporter.take(event)
        reporter.take(ScanEnded(Summary(), how))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_piped_every_result_is_a_plain_line():
    text = answer(Console(file=io.StringIO(), width=40), "stopped")
    first, second, third, last = text.splitlines()
    assert first == "ok  ZamVerb  Damien Zammit  3 parameters  0.48 s"
    assert second == "ok  [b]Shell[/b]  Damien Zammit  12 plugins  36 parameters  0.48 s"
    assert third == ("crashed  OldThing  Damien Zammit  Crashed (SIGSEGV) while the plugin was being created  0.48 s")
    assert last.startswith("Stopped in 0.0")
    assert last.endswith(": 2 ok, 1 crashed, 2 new, 7 unchanged, 2 gone, 1 left for the next scan")


def test_the_last_line_says_what_was_carried_over():
    console = Console(file=io.StringIO(), width=40)
    with TerminalReporter(console) as reporter:
        for event in [*EVENTS, ScanEnded(Summary(carried_over=2), "done")]:
            reporter.take(event)
    last = console.file.getvalue().splitlines()[-1]
    assert "2 gone, what you wrote about 2 plugins carried over, 1 left" in last


def test_on_a_terminal_the_table_goes_when_it_is_over_and_the_failures_stay():
    console = Console(file=io.StringIO(), width=100, height=30, force_terminal=True, legacy_windows=False)
    text = answer(console, "done")
    assert "ZamVerb" in text, "the table was there"
    screen = pyte.Screen(100, 30)
    pyte.Stream(screen).feed(text.replace("\n", "\r\n"))
    lines = [line.rstrip() for line in screen.display if line.strip()]
    assert lines[0].startswith("☠ OldThing  Damien Zammit  Crashed (SIGSEGV)")
    assert lines[-1].startswith("Done in") and lines[-1].endswith("1 left for the next scan")
    assert len(lines) == 2


def test_an_old_terminal_gets_plain_letters():
    file = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    console = Console(file=file, width=80, height=24, force_terminal=True, legacy_windows=False)
    with TerminalReporter(console) as reporter:
        for event in [*EVENTS, ended("Größe", Outcome.FAILED), ScanEnded(Summary(), "done")]:
            reporter.take(event)
    file.flush()
    screen = pyte.Screen(80, 24)
    pyte.Stream(screen).feed(file.buffer.getvalue().decode("ascii").replace("\n", "\r\n"))
    assert screen.display[0].startswith("X OldThing")
    assert screen.display[1].startswith("x Gr??e  Damien Zammit")


def test_nothing_found_says_so():
    console = Console(file=io.StringIO(), width=80)
    with TerminalReporter(console) as reporter:
        reporter.take(ScanStarted(0, 0, 0, 0, 0, 1))
        reporter.take(ScanEnded(Summary(), "done"))
    assert console.file.getvalue().strip().endswith("nothing found")
