"""The real program in a real pseudo-terminal: what headless tests cannot see."""

from __future__ import annotations

import fcntl
import os
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyte
import pytest

from tests.plugins.build import build, compiler

COLUMNS, LINES = 140, 45


class Terminal:
    """A program with a terminal of its own, and an emulator that knows what a person would see."""

    def __init__(self, command: list[str], env: dict[str, str]) -> None:
        self.master, slave = os.openpty()
        self.screen = pyte.Screen(COLUMNS, LINES)
        self.raw = b""
        self._stream = pyte.ByteStream(self.screen)
        self.resize(COLUMNS, LINES)

        def own_terminal() -> None:
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        self.process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, env=env, preexec_fn=own_terminal, close_fds=True
        )
        os.close(slave)

    def resize(self, columns: int, lines: int) -> None:
        self.screen.resize(lines, columns)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def read(self, seconds: float) -> None:
        """Take in what the program draws for so long."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            ready, _, _ = select.select([self.master], [], [], left)
            if ready:
                try:
                    data = os.read(self.master, 65536)
                except OSError:  # the program has closed its terminal
                    return
                self.raw += data
                self._stream.feed(data)

    def until(self, true: Callable[[], object], seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not true():
            self.read(0.05)
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise AssertionError(f"never came ({self.process.poll()}):\n{self.text}")

    def press(self, keys: str) -> None:
        """Type, at the pace of a person."""
        for key in keys:
            os.write(self.master, key.encode())
            self.read(0.05)

    def ended(self, code: int) -> None:
        """The program ends within a few seconds, with this exit code."""
        deadline = time.monotonic() + 20
        while self.process.poll() is None and time.monotonic() < deadline:
            self.read(0.1)
        assert self.process.poll() == code, self.text

    @property
    def lines(self) -> list[str]:
        return [line.rstrip() for line in self.screen.display]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def close(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self.master)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """The app, with an empty catalogue and a home folder of its own."""
    home = tmp_path / "home"
    (home / ".vst3").mkdir(parents=True)
    if compiler() is not None:  # plugins that write to wherever they can, the terminal itself included
        build("escapes", home / ".vst3", name="Escape Artist")
        build("print", home / ".vst3", name="Chatterbox")
    env = {
        **os.environ,
        "HOME": str(home),
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LANG": "C.UTF-8",
        "PYTHONUTF8": "1",
    }
    opened = Terminal([sys.executable, "-m", "pluginary_tui"], env)
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
    terminal.read(0.5)
    assert terminal.lines[0].split()[:5] == ["Pluginary", "1", "Browse", "2", "Scan"]
    assert f"✓ {expected} ok" in terminal.text

    # What a full repaint shows is what was there: nothing wrote past the app.
    seen = terminal.lines[1:]
    terminal.resize(COLUMNS - 10, LINES)
    terminal.read(1)
    terminal.resize(COLUMNS, LINES)
    terminal.until(lambda: terminal.lines[1:] == seen, 10)

    terminal.press("1")
    terminal.until(lambda: "VENDOR" in terminal.text)
    terminal.press("/verb")
    terminal.until(lambda: first_row(terminal).startswith("ZamVerb"))
    terminal.press("\r")
    terminal.read(0.3)
    terminal.press("q")
    terminal.ended(0)
    assert b"\x1b[?1049l" in terminal.raw, "the terminal is given back as it was"


def first_row(terminal: Terminal) -> str:
    """The first plugin of the list in Browse."""
    lines = terminal.lines
    head = next((row for row, line in enumerate(lines) if "NAME" in line and "VENDOR" in line), None)
    if head is None:
        return ""
    return lines[head + 1][lines[head].index("NAME") :]
