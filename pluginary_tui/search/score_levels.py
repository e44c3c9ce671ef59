"""Scores as one set of rows for each score, so that ranking needs no loop over rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from pluginary_tui.search import bitset

Levels = Mapping[int, int]
"""Score -> the set of rows that have it; the sets are disjoint."""


def best(scored: Iterable[tuple[int, int]]) -> Levels:
    """Each row at its best score, from (score, rows) pairs that may overlap."""
    levels: dict[int, int] = {}
    taken = 0
    for score, rows in sorted(scored, reverse=True):
        if new := rows & ~taken:
            levels[score] = levels.get(score, 0) | new
            taken |= new
    return levels


def summed(terms: Iterable[Levels], found: int) -> Levels:
    """The rows of `found` by the sum of their scores; a term that does not score a row adds 0."""
    sums: dict[int, int] = {0: found}
    for levels in terms:
        later: dict[int, int] = {}
        for so_far, rows in sums.items():
            rest = rows
            for score, scored in levels.items():
                if both := rest & scored:
                    later[so_far + score] = later.get(so_far + score, 0) | both
                    rest ^= both
                    if not rest:
                        break
            if rest:
                later[so_far] = later.get(so_far, 0) | rest
        sums = later
    return sums


def raised(levels: Levels, bonuses: Levels, share: int) -> Levels:
    """Levels with the bonuses of some rows added, `share` times each."""
    moved = bitset.union(bonuses.values())
    sums = {score: rest for score, rows in levels.items() if (rest := rows & ~moved)}
    for score, rows in levels.items():
        for bonus, scored in bonuses.items():
            if both := rows & scored:
                sums[score + share * bonus] = sums.get(score + share * bonus, 0) | both
    return sums


def top_down(levels: Levels) -> Iterator[int]:
    """The rows, best score first; rows of one score ascending."""
    for score in sorted(levels, reverse=True):
        yield from bitset.rows(levels[score])
