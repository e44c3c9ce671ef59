"""Contests of the app: how soon its list is there, what it holds, and its keys while a scan runs."""

from __future__ import annotations

import os
import shutil
import sys
from functools import partial
from pathlib import Path

from pluginary_tui.catalogue.store import Store
from pluginary_tui.tui import FRAMES
from tests.benchmarks.bench_app import (
    BARE,
    BARE_TYPING,
    Process,
    environment,
    fill,
    latency,
    moves,
    names_whole,
    typed,
)
from tests.benchmarks.contest import Contest, Measure, Peer, Sides
from tests.benchmarks.workspace import Place
from tests.plugins.build import compiler

BARE_APP = "a bare Textual app"
TERMINAL = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
PART = 0.95


def contests() -> list[Contest]:
    found = []
    for size, sooner, less in ((10_000, 1.3, 1.5), (100_000, 2.0, None)):
        frame, memory = f"first usable frame, {size:,} plugins", f"memory of the app, {size:,} plugins"
        found.append(Contest(f"frame-{size}", frame, "s", partial(_start, size, False, sooner)))
        found.append(Contest(f"memory-{size}", memory, "MB", partial(_start, size, True, less), rounds=3))
    for size, below in ((10_000, 16.0), (100_000, 50.0)):
        typing = f"{PART:.0%} of letters to their finished frame, {size:,} plugins"
        found.append(Contest(f"typed-{size}", typing, "ms", partial(_typing, size, below), rounds=3))
    if compiler() is not None:
        found.append(Contest("key-in-scan", f"{PART:.0%} of keys to their frame, during a scan", "ms", _keys, rounds=3))
    return found


def _start(size: int, weighed: bool, goal: float | None, place: Place) -> Sides:
    """`weighed`: the memory that is in use some time after the first frame, MB; seconds to that frame otherwise."""
    data = place.made(f"app-{size}", lambda folder: fill(folder, size))
    with Store.in_folder(data) as store:
        first = store.first_plugins(1)[0].name.encode()

    def measure(command: list[str], text: bytes) -> Measure:
        def one(number: int) -> float:
            process = Process(command, place.env_of(data) | TERMINAL)
            took = process.until(text)
            if weighed:
                process.rest(2 + 4 * took)
            amount = process.memory_mb() if weighed else took
            process.close()
            return amount

        return one

    bare = Peer(BARE_APP, measure([sys.executable, "-c", BARE], b"VENDOR"), goal=goal, note="with an empty table")
    return Sides(measure([*map(str, place.ours())], first), [bare])


def _typing(size: int, below: float, place: Place) -> Sides:
    data = place.made(f"app-{size}", lambda folder: fill(folder, size))
    names = place.made(f"names-{size}", lambda path: path.write_text(_names(data), encoding="utf-8"))

    def measure(command: list[str], drawn: bytes, *first: bytes) -> Measure:
        def one(number: int) -> float:
            process = Process(command, place.env_of(data) | TERMINAL)
            process.until(drawn)
            process.rest(2 + size / 20_000)
            for key in first:
                os.write(process.terminal, key)
                process.rest(1 + size / 40_000)
            taken = typed(process)
            process.end()
            return _late(taken)

        return one

    # Without the detail: it follows when the cursor has rested for 0.1 s, and would be taken for a part of the frame.
    app = measure([*map(str, place.ours())], b"VENDOR", b"D", b"/")
    bare = measure(["env", f"TEXTUAL_FPS={FRAMES}", sys.executable, "-c", BARE_TYPING], b"plugin 9")
    floor = Peer(BARE_APP, bare, note="an input and one list of plain lines, nothing searched")
    if not shutil.which("fzf"):
        return Sides(app, [Peer("fzf", None, note="not installed: apt-get install fzf"), floor], below=below)
    # It reads its keys from the terminal that controls it.
    words = ["setsid", "--wait", "--ctty", "sh", "-c", f"exec fzf < '{names}'"]
    return Sides(app, [Peer("fzf", measure(words, b">"), note="on its whole screen, no facets"), floor], below=below)


def _names(data: Path) -> str:
    with Store.in_folder(data) as store:
        return "".join(f"{plugin.name}  {plugin.vendor}\n" for plugin in store.plugins())


def _keys(place: Place) -> Sides:
    def during(number: int) -> float:
        data = place.fresh("keys")
        fill(data, 10_000)
        return _late(latency(data)[1])

    def idle(number: int) -> float:
        data = place.made("app-10000", lambda folder: fill(folder, 10_000))
        process = Process([*map(str, place.ours())], environment(data))
        process.until(b"VENDOR")
        process.rest(5)
        names_whole(process)
        taken = moves(process)
        process.end()  # not in good order, which would keep the detail closed: the next round would open it
        return _late(taken)

    return Sides(during, [Peer("the same keys without a scan", idle)], below=33.0)


def _late(taken: list[float]) -> float:
    return 1000 * sorted(taken)[round(PART * (len(taken) - 1))]
