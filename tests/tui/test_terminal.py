"""The real program in a real pseudo-terminal: what headless tests cannot see."""

from __future__ import annotations

import fcntl
import os
import signal
import struct
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from pluginary_tui.catalogue.journal import Journal
from pluginary_tui.catalogue.store import Store
from pluginary_tui.model import Bundle, Outcome, ProbedPlugin, Report
from pluginary_tui.tui.widgets.terminal_driver import TerminalDriver
from tests.plugins.build import build, compiler
from tests.support.pty_terminal import COLUMNS, LINES, Terminal, app, first_row

pytestmark = pytest.mark.usefixtures("only_vst3")


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """The app, with an empty catalogue and a home folder of its own."""
    home = tmp_path / "home"
    (home / ".vst3").mkdir(parents=True)
    if compiler() is not None:  # plugins that write to wherever they can, the terminal itself included
        build("escapes", home / ".vst3", name="Escape Artist")
        build("print", home / ".vst3", name="Chatterbox")
    opened = app(home)
    yield opened
    opened.close()


def test_scan_in_the_app_then_find_a_plugin(zam: Path, terminal: Terminal) -> None:
    expected = 18 + 2 * (compiler() is not None)
    terminal.until(lambda: "No plugins yet" in terminal.text)
    terminal.press("2")
    terminal.until(lambda: "Nothing has been scanned yet" in terminal.text)
    terminal.press("s")
    terminal.until(lambda: f"{expected} / {expected}" in terminal.text and "done in" in terminal.text)
    terminal.until(lambda: "ZamVerb" in terminal.text)
    assert terminal.lines[0].split()[:5] == ["Pluginary", "1", "Browse", "2", "Scan"]
    assert f"✓ {expected} ok" in terminal.text

    terminal.is_as_repainted()

    terminal.press("1")
    terminal.until(lambda: "VENDOR" in terminal.text)
    os.write(terminal.master, b"/verb")  # in one burst
    terminal.until(lambda: first_row(terminal).startswith("ZamVerb"))
    terminal.press("\r")
    terminal.read(0.3)
    terminal.press("q")
    terminal.ended(0)
    assert b"\x1b[?1049l" in terminal.raw, "the terminal is given back as it was"


LOUD = ("flood", "escapes", "write_junk", "read_input", "print")


@pytest.mark.skipif(compiler() is None, reason="needs a C compiler")
def test_the_screen_stays_exact_and_answers_while_plugins_flood_it(tmp_path: Path) -> None:
    folder = tmp_path / "home" / ".vst3"
    for kind in LOUD:
        for number in range(3):
            build(kind, folder, name=f"{kind} {number}")
    build("deaf", folder, name="AAA Hangs")
    count = 3 * len(LOUD) + 1
    only = {"PLUGINARY_TUI_SCAN_IGNORE": "/usr/lib/vst3", "PLUGINARY_TUI_SCAN_BUILTIN": "false"}
    terminal = app(tmp_path / "home", PLUGINARY_TUI_SCAN_WORKERS="2", **only)
    try:
        terminal.until(lambda: "No plugins yet" in terminal.text)
        terminal.press("2")
        terminal.until(lambda: "Nothing has been scanned yet" in terminal.text)
        terminal.press("s")
        terminal.until(lambda: "AAA Hangs" in terminal.text and "flood" in terminal.text)
        for _ in range(3):  # each key is answered while the flood goes on
            terminal.press("1")
            terminal.until(lambda: "NAME" in terminal.text, 20)
            terminal.press("2")
            terminal.until(lambda: "skip" in terminal.lines[-1], 20)
            assert terminal.lines[0].split()[:5] == ["Pluginary", "1", "Browse", "2", "Scan"]
        terminal.until(lambda: f"✓ {count - 1} ok" in terminal.text, 120)
        terminal.press("x")
        terminal.until(lambda: "done in" in terminal.text and "1 skipped" in terminal.text)
        terminal.is_as_repainted()
        terminal.press("q")
        terminal.ended(0)
    finally:
        terminal.close()


NOT_BLOCKING = """
import os, sys
os.set_blocking(2, False)
os.execv(sys.executable, [sys.executable, "-m", "pluginary_tui"])
"""


def test_a_slow_terminal_left_non_blocking_by_another_program_gets_every_frame_whole(tmp_path: Path) -> None:
    """What does not fit at once is written later; it had been left out, and what stood there before was seen."""
    env = os.environ | {"HOME": str(tmp_path), "TERM": "xterm-256color", "PLUGINARY_TUI_SCAN_IGNORE": "/usr"}
    terminal = Terminal([sys.executable, "-c", NOT_BLOCKING], env)
    try:
        terminal.until(lambda: "No plugins yet" in terminal.text)
        for keys in ("2", "1", "4", "3") * 12:
            os.write(terminal.master, keys.encode())
            time.sleep(0.05)  # nothing is read meanwhile, so that more is drawn than fits
        terminal.is_as_repainted()
        terminal.press("q")
        terminal.ended(0)
    finally:
        terminal.close()


@pytest.mark.parametrize("fast", ["true", "false"])
def test_no_name_reaches_the_terminal_as_it_is(tmp_path: Path, fast: str) -> None:
    """A file name with the sequences that clear a screen and set its title, in Browse and in its detail."""
    evil = "Evil\x1b[2J\x1b]2;pwned\x07\x9b31m.vst3"
    with Store.in_folder(tmp_path / "data") as store:
        found = ProbedPlugin("Evil", "Acme", uid="A" * 32)
        report = Report(Bundle(f"/x/{evil}", "vst3", "Evil", "1"), Outcome.OK, [found])
        Journal(store).finish(report, [()], quarantine=False)
        store.db.execute("UPDATE plugin SET version = ?, vendor = ?", ("1\x1b]2;pwned\x07", "Ac\x1b[2Jme"))
        store.db.commit()
    terminal = app(tmp_path, PLUGINARY_TUI_DATA_DIR=str(tmp_path / "data"), PLUGINARY_TUI_APP_FAST_PAINT=fast)
    try:
        terminal.until(lambda: "Evil" in terminal.text)
        terminal.read(1)
        terminal.resize(COLUMNS - 10, LINES)
        terminal.read(1)
        terminal.press("q")
        terminal.ended(0)
        assert b"pwned\x07" not in terminal.raw and b"\x1b]2;pwned" not in terminal.raw
        assert b"\x1b[2Jme" not in terminal.raw and "\x9b".encode() not in terminal.raw
    finally:
        terminal.close()


SIZES = [(0, 0), (1, 1), (3, 2), (300, 2)]


def test_it_survives_what_terminals_and_shells_do(terminal: Terminal) -> None:
    """Bytes that are no text, a window of any size, a suspension and a stray SIGCONT; then every key still works."""
    terminal.until(lambda: "No plugins yet" in terminal.text)
    os.write(terminal.master, b"\xff\xfe\x1b[200~\xff\x1b[201~\x1b")
    for columns, lines in SIZES:
        window = struct.pack("HHHH", lines, columns, 0, 0)
        fcntl.ioctl(terminal.master, termios.TIOCSWINSZ, window)
        terminal.press("2\t?\x1b1")
    terminal.resize(COLUMNS, LINES)
    os.kill(terminal.process.pid, signal.SIGCONT)
    terminal.press("2")
    terminal.until(lambda: "Nothing has been scanned yet" in terminal.text)
    for suspend in (lambda: terminal.press("\x1a"), lambda: os.kill(terminal.process.pid, signal.SIGTSTP)):
        suspend()
        terminal.until(lambda: psutil.Process(terminal.process.pid).status() == psutil.STATUS_STOPPED)
        terminal.read(0.3)
        assert terminal.raw.rindex(b"\x1b[?1049l") > terminal.raw.rindex(b"\x1b[?1049h"), "the shell's own screen"
        terminal.screen.reset()
        os.kill(terminal.process.pid, signal.SIGCONT)
        terminal.until(lambda: "Nothing has been scanned yet" in terminal.text)
    terminal.press("й")  # where q is
    terminal.ended(0)


def test_it_suspends_in_the_midst_of_drawing(terminal: Terminal) -> None:
    terminal.until(lambda: "No plugins yet" in terminal.text)
    for turn in range(12):
        os.write(terminal.master, b"21" * turn)
        terminal.read(0.004 * turn)
        os.kill(terminal.process.pid, signal.SIGTSTP)
        terminal.until(lambda: psutil.Process(terminal.process.pid).status() == psutil.STATUS_STOPPED)
        os.kill(terminal.process.pid, signal.SIGCONT)
    terminal.screen.reset()
    terminal.until(lambda: "No plugins yet" in terminal.text or "Nothing has been scanned yet" in terminal.text)
    terminal.press("2")
    terminal.until(lambda: "Nothing has been scanned yet" in terminal.text)
    terminal.press("q")
    terminal.ended(0)


def test_ctrl_c_does_not_break_off_its_end(terminal: Terminal) -> None:
    terminal.until(lambda: "No plugins yet" in terminal.text)
    terminal.press("q")
    while terminal.process.poll() is None:
        os.kill(terminal.process.pid, signal.SIGINT)
        terminal.read(0.002)
    assert terminal.process.poll() == 0


def test_a_signal_only_asks_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """A handler runs between any two steps of the program, which may hold the lock of the terminal's output."""
    asked: list[object] = []
    driver = TerminalDriver.__new__(TerminalDriver)
    monkeypatch.setattr(driver, "_auto_restart", True, raising=False)
    monkeypatch.setattr(driver, "_loop", SimpleNamespace(call_soon_threadsafe=asked.append), raising=False)
    driver._sigtstp_application()
    assert asked == [driver._suspend]


@pytest.mark.parametrize("term", ["dumb", "linux", "xterm-mono", "vt100", ""])
def test_every_terminal_is_answered(tmp_path: Path, term: str) -> None:
    opened = app(tmp_path, TERM=term)
    try:
        opened.until(lambda: "No plugins yet" in opened.text)
        opened.until(lambda: opened.text.isascii() == (term == "linux"))
        opened.press("2")
        opened.until(lambda: "Nothing has been scanned yet" in opened.text)
        opened.press("q")
        opened.ended(0)
    finally:
        opened.close()


FAILS = """
import sys
from pluginary_tui.__main__ import main
from pluginary_tui.tui.app import PluginaryApp

def fail(self):
    raise ZeroDivisionError("a mistake of ours")

PluginaryApp.on_mount = fail
sys.argv = ["pluginary-tui"]
main()
"""


def test_an_app_that_failed_exits_with_1_and_says_where_the_details_are(tmp_path: Path) -> None:
    env = os.environ | {"HOME": str(tmp_path), "TERM": "xterm"}
    opened = Terminal([sys.executable, "-c", FAILS], env)
    try:
        opened.ended(1)
        opened.read(0.3)
        output = " ".join(opened.text.split())
        assert "something went wrong that should not have" in output and "has the details" in output.replace("\n", "")
        assert "Traceback" not in output and "ZeroDivisionError" not in output
        (log,) = tmp_path.rglob("pluginary-tui.jsonl")
        assert "a mistake of ours" in log.read_text()
    finally:
        opened.close()
