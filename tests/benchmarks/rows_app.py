"""Contests of the app: how soon its list is there and what it holds, against an empty table in a bare Textual app."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.benchmarks.contest import Contest, Peer, Sides
from tests.benchmarks.place import Command, Place

ROWS, COLUMNS = 50, 160
SETTLE_S = 3.0
"""From the first frame to the look at memory: what is made in the background is there by then."""
PATIENCE_S = 120.0

_BARE = """
from textual.app import App
from textual.widgets import DataTable
class Bare(App):
    def compose(self):
        table = DataTable()
        table.add_columns("NAME", "VENDOR")
        yield table
Bare().run()
"""


def contests() -> list[Contest]:
    found = []
    for size, sooner, less in ((10_000, 1.3, 1.5), (100_000, 2.0, None)):
        made = partial(Place.catalogue, plugins=size, parameters=4)
        frame, memory = f"first frame with plugins, {size:,} of them", f"memory of the app, {size:,} plugins"
        found.append(Contest(f"frame-{size}", frame, "s", partial(_app, made, "frame_s", sooner)))
        found.append(Contest(f"memory-{size}", memory, "MB", partial(_app, made, "memory_mb", less), rounds=3))
    return found


@dataclass(slots=True)
class Started:
    """What an app did on a terminal."""

    frame_s: float
    """Seconds from its launch until the text that was waited for was written."""
    memory_mb: float
    """Resident, SETTLE_S later; 0 where that was not asked for."""


def _app(made: partial[Path], what: str, goal: float | None, place: Place) -> Sides:
    data = made(place)
    ours, bare = place.ours(), [sys.executable, "-c", _BARE]
    settle = what == "memory_mb"
    return Sides(
        lambda number: float(getattr(on_terminal(place, ours, data, b"Plugin 1", settle=settle), what)),
        [
            Peer(
                "a bare Textual app",
                lambda number: float(getattr(on_terminal(place, bare, data, b"NAME", settle=settle), what)),
                goal=goal,
                note="with an empty table",
            )
        ],
    )


def on_terminal(place: Place, command: Command, data: Path, wanted: bytes, *, settle: bool) -> Started:
    """Start a program on a terminal of its own, wait until it has written `wanted`, and kill it.

    RuntimeError where it does not within PATIENCE_S.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    env = place.env | {"PLUGINARY_TUI_DATA_DIR": str(data), "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    began = time.perf_counter()
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=env, start_new_session=True)
    os.close(theirs)
    try:
        written = b""
        while wanted not in written:
            left = began + PATIENCE_S - time.perf_counter()
            if left <= 0 or not select.select([ours], [], [], left)[0]:
                raise RuntimeError(f"{command[-1]!s:.40}: {wanted!r} was not written: {written[-2000:]!r}")
            written += os.read(ours, 1 << 16)
        started = Started(time.perf_counter() - began, 0.0)
        if settle:
            until = time.monotonic() + SETTLE_S
            while (left := until - time.monotonic()) > 0:
                if select.select([ours], [], [], left)[0]:
                    os.read(ours, 1 << 16)
            status = Path(f"/proc/{process.pid}/status").read_text()
            started.memory_mb = int(status.partition("VmRSS:")[2].split()[0]) / 1024
        return started
    finally:
        process.kill()
        process.wait()
        os.close(ours)
