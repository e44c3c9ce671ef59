"""A contest: something of ours held against a peer or the physical limit, in alternating rounds of one run."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.benchmarks.workspace import Place

Measure = Callable[[int], float]
"""Does the thing once and gives its cost; the number of the round lets no round repeat another one's questions."""


@dataclass(frozen=True, slots=True)
class Peer:
    """What ours is held against."""

    name: str
    measure: Measure | None
    """None where the machine lacks it."""
    goal: float | None = None
    """The highest ratio aimed at."""
    once: bool = False
    """Takes so long that one round has to do."""
    note: str = ""
    """What a reader must know of it; where it is missing, what to install."""


@dataclass(frozen=True, slots=True)
class Sides:
    """What one contest measures. All amounts are in its unit."""

    ours: Measure
    peers: Sequence[Peer]
    below: float | None = None
    """The goal where it is an amount and not a ratio: what ours is to stay below."""


@dataclass(frozen=True, slots=True)
class Contest:
    """One contest, not begun."""

    name: str
    title: str
    unit: str
    """`s`, `ms` or `MB`."""
    sides: Callable[[Place], Sides]
    rounds: int = 5
    guard: bool = False
    """Part of the short form, which the regression guard holds against recorded ratios."""


@dataclass(slots=True)
class Row:
    """What came of one contest against one peer. `ratio` is ours over theirs: less is better."""

    contest: str
    title: str
    peer: str
    unit: str
    goal: float | None = None
    ratio: float | None = None
    """None where the peer is not there."""
    ours: float | None = None
    theirs: float | None = None
    rounds: int = 0
    below: float | None = None
    note: str = ""

    @property
    def name(self) -> str:
        """By which it is recorded."""
        return f"{self.contest}: {self.peer}"


def hold(contest: Contest, place: Place, rounds: int | None = None, *, minima: bool = False) -> list[Row]:
    """Run a contest: every round ours, then each peer. A row for each peer, of medians or of `minima`.

    Minima say what each can do when nothing else disturbs it, and so vary least on a machine with other work.
    """
    sides = contest.sides(place)
    rounds = contest.rounds if rounds is None else rounds
    ours: list[float] = []
    theirs: dict[str, list[float]] = {peer.name: [] for peer in sides.peers}
    for number in range(rounds):
        ours.append(sides.ours(number))
        for peer in sides.peers:
            if peer.measure is not None and not (peer.once and number):
                theirs[peer.name].append(peer.measure(number))
    pick = min if minima else statistics.median
    rows = []
    for peer in sides.peers:
        row = Row(
            contest.name, contest.title, peer.name, contest.unit, goal=peer.goal, below=sides.below, note=peer.note
        )
        row.ours, row.rounds = pick(ours), rounds
        if amounts := theirs[peer.name]:
            row.theirs = pick(amounts)
            row.ratio = row.ours / row.theirs
        rows.append(row)
    return rows
