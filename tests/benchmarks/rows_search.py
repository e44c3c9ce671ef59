"""Contests of the search: a keystroke against fzf and rapidfuzz."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import partial

from tests.benchmarks.bench_search import Finder, catalogue, fzf, keystrokes, ours, timed, wratio
from tests.benchmarks.contest import Contest, Measure, Peer, Sides
from tests.benchmarks.workspace import Place

KEYSTROKES = 60
"""Of each round; every round has others, for ours remembers its answers."""


def contests() -> list[Contest]:
    contests = [
        Contest(f"search-{size}", f"a keystroke, {size:,} plugins, facets counted", "ms", partial(_keystroke, size, 0))
        for size in (1_000, 10_000, 100_000)
    ]
    contests += [
        Contest(f"slowest-{size}", f"the slowest keystroke of 20, {size:,} plugins", "ms", partial(_keystroke, size, 1))
        for size in (10_000, 100_000)
    ]
    guarded = partial(_keystroke, 5_000, 0)
    return [*contests, Contest("short-search", "a keystroke, 5,000 plugins", "ms", guarded, guard=True)]


def _keystroke(size: int, which: int, place: Place) -> Sides:
    """`which`: 0 for the median, 1 for the 95th percentile."""
    plugins = catalogue(size)
    typed = keystrokes(20 * KEYSTROKES)

    def measure(find: Finder, every: int) -> Measure:
        def one(number: int) -> float:
            first = number * KEYSTROKES % len(typed)
            chosen = typed[first : first + KEYSTROKES : every]
            if not place.processor:
                return timed(find, chosen)[which]
            began = place.clock()
            for text in chosen:
                find(text)
            return (place.clock() - began) * 1000 / len(chosen)

        return one

    few = max(1, size // 10_000)  # the others take long for each letter of a long list
    peers: list[tuple[str, Callable[..., Finder], str]] = [("WRatio", wratio, "rapidfuzz, no facets")]
    if shutil.which("fzf"):
        peers.append(("fzf", fzf, "as a process that is given the list, no facets"))
    held = [Peer(name, measure(make(plugins), few), note=note) for name, make, note in peers]
    if not shutil.which("fzf"):
        held.append(Peer("fzf", None, note="not installed: apt-get install fzf"))
    goal = {10_000: 16.0, 100_000: 50.0}.get(size) if which else None
    return Sides(measure(ours(plugins), 1), held, below=goal)
