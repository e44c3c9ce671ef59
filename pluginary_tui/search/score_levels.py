"""Rows by their score, as one set of rows for each score: ranking without looking at a single row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from pluginary_tui.search import bitset

Levels = Mapping[int, int]
"""Score -> the rows (as bits) that have it; no row is in two of them."""


def best(scored: Iterable[tuple[int, int]]) -> Levels:
    """Of (score, rows) that may overlap, each row at its best score."""
    levels: dict[int, int] = {}
    taken = 0
    for score, rows in sorted(scored, reverse=True):
        if new := rows & ~taken:
            levels[score] = levels.get(score, 0) | new
            taken |= new
    return levels


def summed(terms: Iterable[Levels], found: int) -> Levels:
    """The rows of a set by the sum of their scores; one that a term does not score has nothing from it."""
    sums: dict[int, int] = {0: found}
    for levels in terms:
        later: dict[int, int] = {}
        for so_far, rows in sums.items():
            rest = rows
            for score, having in levels.items():
                if both := rest & having:
                    later[so_far + score] = later.get(so_far + score, 0) | both
                    rest ^= both
                    if not rest:
                        break
            if rest:
                later[so_far] = later.get(so_far, 0) | rest
        sums = later
    return sums


def raised(levels: Levels, bonuses: Levels, share: int) -> Levels:
    """Levels with some rows raised by a bonus, as many times as `share`."""
    moved = bitset.union(bonuses.values())
    sums = {score: rest for score, rows in levels.items() if (rest := rows & ~moved)}
    for score, rows in levels.items():
        for bonus, having in bonuses.items():
            if both := rows & having:
                sums[score + share * bonus] = sums.get(score + share * bonus, 0) | both
    return sums


def top_down(levels: Levels) -> Iterator[int]:
    """The rows, best score first, equals as they come."""
    for score in sorted(levels, reverse=True):
        yield from bitset.rows(levels[score])
