"""The app against a bare Textual app: first usable frame, memory, and keys while a scan runs.

    python -m tests.benchmarks.bench_app [--plugins N]... [--rounds N]

Both run as real processes in a pseudo-terminal, turn by turn, so that whatever else the machine does meets both. The
bare app is an empty DataTable with two columns. Ratios are of medians; only they mean something on another machine.
A frame is usable when the first plugin of the catalogue is on the screen (of the bare app: the head of the table).
The latency of a key is the time from writing it until the list is drawn with its cursor on another plugin.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import select
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Sequence
from pathlib import Path

from pluginary_tui.catalogue.store import Store
from pluginary_tui.products import product_id
from tests.plugins.build import compiler, good
from tests.support.sample_catalogue import named_plugins

BARE = """
from textual.app import App
from textual.widgets import DataTable

class Bare(App):
    BINDINGS = [("q", "quit", "Quit")]
    def compose(self):
        table = DataTable()
        table.add_columns("NAME", "VENDOR")
        yield table

Bare().run()
"""

BARE_TYPING = """
from rich.segment import Segment
from rich.style import Style
from textual.app import App
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input

QUIET, HIT = Style.parse("#c0c0c0 on #202020"), Style.parse("bold #ffcc00 on #202020")

class Lines(Widget):
    DEFAULT_CSS = "Lines { height: 1fr; }"
    text = ""
    def render_line(self, y):
        start = f"plugin {y} ".ljust(40)
        rest = " " * (self.size.width - len(start) - len(self.text))
        return Strip([Segment(start, QUIET), Segment(self.text, HIT), Segment(rest, QUIET)], self.size.width)

class Bare(App):
    def compose(self):
        yield Input()
        yield Lines()
    def on_mount(self):
        self.watch(self.query_one(Input), "value", self.typed, init=False)
    def typed(self, text):
        lines = self.query_one(Lines)
        lines.text = text
        lines.refresh()

Bare().run()
"""
"""An input and as many lines as fit, made of three pieces each: what Textual itself needs for a letter."""

CURSOR = "▌".encode()

WORDS = ("verb", "comp", "delay", "eq", "synth", "chorus", "limiter", "pro q", "tape", "gate")
"""What a person types."""

FINISHED_S = 0.07
"""After so long without a byte the frame of a letter is finished."""

QUIET_S = 0.004
"""After so long without a byte nothing is being drawn."""

KEYS = 120
"""Keys pressed while the scan runs."""

SCANNED = 400
"""Bundles of that scan."""


class Process:
    """A program in a pseudo-terminal, without an emulator that would cost time of its own."""

    def __init__(self, command: Sequence[str], env: dict[str, str]) -> None:
        self.terminal, slave = os.openpty()
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 45, 140, 0, 0))
        self.began = time.perf_counter()
        self._process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, env=env, start_new_session=True
        )
        os.close(slave)
        self.drawn = bytearray()

    def read(self, seconds: float) -> bytes:
        """What it draws next; nothing where it draws nothing for so long."""
        if not select.select([self.terminal], [], [], seconds)[0]:
            return b""
        try:
            drawn = os.read(self.terminal, 1 << 16)
        except OSError:
            return b""
        self.drawn += drawn
        return drawn

    def until(self, text: bytes, seconds: float = 120) -> float:
        """Seconds from its start until it has drawn this text."""
        end = time.monotonic() + seconds
        while text not in self.drawn:
            if time.monotonic() > end:
                raise TimeoutError(f"{text!r} was never drawn")
            self.read(0.5)
        return time.perf_counter() - self.began

    def rest(self, seconds: float) -> None:
        """Take in what it draws, for so long."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.read(0.05)

    def key(self, key: bytes) -> float:
        """Seconds from pressing a key that moves the cursor of the list until it is drawn there."""
        while self.read(QUIET_S):
            pass
        drawn = b""
        began = time.perf_counter()
        os.write(self.terminal, key)
        while CURSOR not in drawn and time.perf_counter() - began < 2:
            drawn += self.read(0.1)
        return time.perf_counter() - began

    def finished(self, key: bytes) -> float:
        """Seconds from pressing a key until the last byte of what is drawn for it."""
        began = last = time.perf_counter()
        os.write(self.terminal, key)
        while self.read(FINISHED_S if last > began else 2):
            last = time.perf_counter()
        return last - began

    def memory_mb(self) -> float:
        """Megabytes of memory in use (Linux)."""
        lines = Path(f"/proc/{self._process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024

    def end(self) -> None:
        """Kill it, and what it started when its terminal is gone."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        os.close(self.terminal)

    def close(self) -> None:
        """Quit it as a person does, so that the catalogue is closed in good order."""
        while self._process.poll() is None:
            os.write(self.terminal, b"q")
            self.rest(0.3)
            if self._process.poll() is None:
                os.write(self.terminal, b"y")
                self.rest(0.3)
        os.close(self.terminal)


def fill(folder: Path, count: int) -> None:
    """A catalogue of so many plugins, straight into its tables: what is measured is how it is read."""
    base = named_plugins()
    stamp = "2025-01-01T00:00:00Z"
    with Store.in_folder(folder) as store, store.writing() as db:
        for key in range(1, count + 1):
            name, vendor, format_, category = base[(key - 1) % len(base)]
            name = name if key <= len(base) else f"{name} {key}"
            place = f"/usr/lib/{format_}/{vendor}/{name} {key}"
            db.execute(
                "INSERT INTO bundle (key, path, format, name, outcome, scanned_at, added_at)"
                " VALUES (?, ?, ?, ?, 'ok', ?, ?)",
                (key, place, format_, name, stamp, stamp),
            )
            db.execute(
                "INSERT INTO plugin (key, bundle, id, name, vendor, categories, status, added_at, product)"
                " VALUES (?, ?, ?, ?, ?, ?, 'ok', ?, ?)",
                (key, key, f"{format_}/{key}", name, vendor, category, stamp, product_id(vendor, name)),
            )


def environment(folder: Path, **more: str) -> dict[str, str]:
    return {
        **os.environ,
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "PLUGINARY_TUI_DATA_DIR": str(folder),
        "PLUGINARY_TUI_CONFIG": str(folder / "config.toml"),
        **more,
    }


def start(folder: Path, rounds: int) -> dict[str, float]:
    """First frames (seconds) and memory (MB) of both, medians."""
    with Store.in_folder(folder) as store:
        first = store.first_plugins(1)[0].name.encode()
    ours = [sys.executable, "-m", "pluginary_tui"]
    figures: dict[str, list[float]] = {"bare_s": [], "ours_s": [], "bare_mb": [], "ours_mb": []}
    for _ in range(rounds):
        for name, command, text in (("bare", [sys.executable, "-c", BARE], b"VENDOR"), ("ours", ours, first)):
            process = Process(command, environment(folder))
            figures[f"{name}_s"].append(process.until(text))
            process.rest(4 * figures[f"{name}_s"][-1])
            figures[f"{name}_mb"].append(process.memory_mb())
            process.close()
    return {name: statistics.median(values) for name, values in figures.items()}


def latency(folder: Path) -> tuple[list[float], list[float]]:
    """Seconds from key to frame, moving through the list while nothing else goes on, and while a scan runs."""
    plugins = folder / "plugins"
    for number in range(SCANNED):
        good(plugins, f"Scanned {number}", vendor="Bench", delay_ms=100)
    more = {"PLUGINARY_TUI_SCAN_FOLDERS": str(plugins)}
    process = Process([sys.executable, "-m", "pluginary_tui"], environment(folder, **more))
    process.until(b"VENDOR")
    process.rest(5)
    names_whole(process)
    quiet = moves(process)
    os.write(process.terminal, b"2")
    process.until(b"start")
    os.write(process.terminal, b"s")
    process.until(b"scanning")
    process.rest(1)
    os.write(process.terminal, b"1")
    process.rest(2)
    busy = moves(process)
    process.close()
    return quiet, busy


def names_whole(process: Process) -> None:
    """Close the detail: where two plugins look alike, nothing drawn tells that the cursor went on to the next."""
    os.write(process.terminal, b"D")
    process.rest(1)


def typed(process: Process) -> list[float]:
    """Seconds from each letter of WORDS to its finished frame, in rising order; the query line is empty."""
    taken = []
    for word in WORDS:
        for letter in word:
            process.rest(0.2)
            taken.append(process.finished(letter.encode()))
        os.write(process.terminal, b"\x15")
        process.rest(0.3)
    return sorted(taken)


def moves(process: Process) -> list[float]:
    """Seconds from key to frame for each of KEYS moves of the cursor, in rising order."""
    taken = []
    for number in range(KEYS):
        taken.append(process.key([b"j", b"j", b"k", b"\x06"][number % 4]))
        process.rest(0.05)
    return sorted(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plugins", type=int, action="append", help="size of the catalogue; may be given again")
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    print(f"{'plugins':>9}  {'bare':>7}  {'ours':>7}  {'ratio':>5}  {'bare':>7}  {'ours':>7}  {'ratio':>5}")
    for count in arguments.plugins or [10_000, 100_000]:
        with tempfile.TemporaryDirectory() as text:
            fill(Path(text), count)
            answer = start(Path(text), arguments.rounds)
            frame, memory = answer["ours_s"] / answer["bare_s"], answer["ours_mb"] / answer["bare_mb"]
            print(
                f"{count:>9,}  {answer['bare_s']:>5.2f} s  {answer['ours_s']:>5.2f} s  {frame:>5.2f}"
                f"  {answer['bare_mb']:>4.0f} MB  {answer['ours_mb']:>4.0f} MB  {memory:>5.2f}",
                flush=True,
            )
    if compiler() is None:
        print("no C++ compiler: no scan to press keys in")
        return
    with tempfile.TemporaryDirectory() as text:
        fill(Path(text), 10_000)
        for title, taken in zip(("nothing else runs", "a scan runs"), latency(Path(text)), strict=True):
            median, p95 = 1000 * statistics.median(taken), 1000 * taken[round(0.95 * (len(taken) - 1))]
            print(f"keys at 10,000 plugins while {title}: median {median:.0f} ms, p95 {p95:.0f} ms", flush=True)


if __name__ == "__main__":
    main()
