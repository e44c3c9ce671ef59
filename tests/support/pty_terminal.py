"""A real pseudo-terminal, with an emulator that knows what a person would see."""

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
from collections.abc import Callable
from pathlib import Path

import pyte

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
                try:
                    self._stream.feed(data)
                except TypeError:  # a sequence with more numbers than the emulator takes, as from blind typing
                    self._stream = pyte.ByteStream(self.screen)

    def until(self, true: Callable[[], object], seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not true():
            self.read(0.05)
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise AssertionError(f"never came ({self.process.poll()}):\n{self.text}")

    def settled(self, quiet: float = 2) -> list[str]:
        """The lines once nothing has changed for `quiet` seconds: a busy machine shows the last of them late."""
        lines, since = self.lines, time.monotonic()
        deadline = since + 60
        while time.monotonic() - since < quiet:
            self.read(0.05)
            if self.lines != lines:
                lines, since = self.lines, time.monotonic()
            if time.monotonic() > deadline:
                raise AssertionError(f"the screen never comes to rest:\n{self.text}")
        return lines

    def is_as_repainted(self) -> None:
        """A full repaint, as after a change of size, shows what was there: nothing wrote past the app.

        The top line is left out: it says how long ago the last scan was. The first wait is longer than a notice
        stays, so that none goes between the two looks.
        """
        seen = self.settled(quiet=7)[1:]
        self.resize(COLUMNS - 10, LINES)
        self.settled()
        self.resize(COLUMNS, LINES)
        assert self.settled()[1:] == seen

    def press(self, keys: str) -> None:
        """Type, at the pace of a person."""
        for key in keys:
            os.write(self.master, key.encode())
            self.read(0.05)

    def press_at_once(self, keys: str) -> None:
        """Send a sequence of letters that belong together, as for a movement of the mouse."""
        os.write(self.master, keys.encode())
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


def app(home: Path, **more: str) -> Terminal:
    """The app in a terminal, with a home folder of its own; `more` goes into its environment."""
    env = {
        **{name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")},
        "HOME": str(home),
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LANG": "C.UTF-8",
        "PYTHONUTF8": "1",
        **more,
    }
    return Terminal([sys.executable, "-m", "pluginary_tui"], env)


def first_row(terminal: Terminal) -> str:
    """The first plugin of the list in Browse."""
    lines = terminal.lines
    head = next((row for row, line in enumerate(lines) if "NAME" in line and "VENDOR" in line), None)
    if head is None:
        return ""
    return lines[head + 1][lines[head].index("NAME") :]
