"""Contests of the app: how soon its list is there, what it holds, and its keys while a scan runs."""

from __future__ import annotations

import sys
from functools import partial

from pluginary_tui.catalogue.store import Store
from tests.benchmarks.bench_app import BARE, KEYS, Process, environment, fill, latency
from tests.benchmarks.contest import Contest, Measure, Peer, Sides
from tests.benchmarks.place import Place
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
        taken = [process.key([b"j", b"j", b"k", b"\x06"][each % 4]) for each in range(KEYS)]
        process.close()
        return _late(taken)

    return Sides(during, [Peer("the same keys without a scan", idle)], below=16.0)


def _late(taken: list[float]) -> float:
    return 1000 * sorted(taken)[round(PART * (len(taken) - 1))]
