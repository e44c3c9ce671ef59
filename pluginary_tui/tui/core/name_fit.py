"""Cuts a name to a width so that it can still be told from its neighbours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from rich.cells import cell_len

CACHE = 2048
"""Names kept as they were cut."""

LEAST = 3
"""Letters that stay of a shortened word."""

_VARIANT = re.compile(
    r"\(?(?:mono|stereo|surround|mid/?side|left/?right|direct ?out|ms|lr|multi|midi|au|vst\d?|x\d+|\d+x\d*|v?\d[\d.]*"
    r"|[ivx]+|lite|le|se|pro|mk\w*|\w)\)?",
    re.IGNORECASE,
)
"""Words at the end of a name that tell the variants of one plugin apart."""

Kept = tuple[tuple[int, int], ...]
"""The parts of a text that are shown, as start and end; an ellipsis stands between two of them."""


@lru_cache(CACHE)
def cut(text: str, width: int) -> Kept:
    """The parts of a name that fit into `width` cells with an ellipsis for each gap.

    The end stays: its last word and the variant (`Stereo x8`). The words before it are shortened from the right, each
    to no less than LEAST letters. Where that is not enough, all words before a variant are shortened to one letter if
    need be, as the variants of several plugins stand one below another. Of any other name the middle goes.
    """
    if cell_len(text) <= width or width < 1:
        return ((0, len(text)),) if width > 0 else ()
    words = [(found.start(), found.end()) for found in re.finditer(r"\S+", text)]
    tail = len(words) - 1
    while tail > 1 and _VARIANT.fullmatch(text[slice(*words[tail - 1])]):
        tail -= 1
    ends = [end for _, end in words]
    for at in reversed(range(tail)):
        start, end = words[at]
        if end - start <= LEAST + 1:
            continue
        while ends[at] > start + LEAST:
            ends[at] -= 1
            if ends[at] < end - 1 and _cells(text, kept := _joined(words, ends)) <= width:
                return kept
    if tail > 1 and _VARIANT.fullmatch(text[slice(*words[-1])]):
        for letters in range(LEAST, 0, -1):
            if _cells(text, kept := _abbreviated(words[:tail], letters, (words[tail][0], len(text)))) <= width:
                return kept
    return _middle(text, width, [start for start, _ in words[max(1, tail) :]])


def _abbreviated(words: Sequence[tuple[int, int]], letters: int, rest: tuple[int, int]) -> Kept:
    """So many letters of each of the words that is longer, without spaces behind the ellipses, and the rest whole."""
    kept: list[tuple[int, int]] = []
    start = words[0][0]
    for at, (word, end) in enumerate(words):
        if end - word > letters + 1:
            kept.append((start, word + letters))
            start = words[at + 1][0] if at + 1 < len(words) else rest[0]
    return (*kept, (start, rest[1]))


def _joined(words: Sequence[tuple[int, int]], ends: Sequence[int]) -> Kept:
    """The words up to their ends, those that stay whole together with what follows them."""
    kept: list[tuple[int, int]] = []
    start = words[0][0]
    for (_, whole), end in zip(words, ends, strict=True):
        if end < whole:
            kept.append((start, end))
            start = whole
    kept.append((start, words[-1][1]))
    return tuple(kept)


def _cells(text: str, kept: Kept) -> int:
    return sum(cell_len(text[start:end]) for start, end in kept) + len(kept) - 1


def _middle(text: str, width: int, tails: Sequence[int]) -> Kept:
    """The start of a text and its end, from the first of `tails` on that leaves half the room for the start."""
    room = width - 1
    back = next((len(text) - at for at in tails if len(text) - at <= room // 2), room // 3)
    front, end = 0, len(text) - back
    while front < end and cell_len(text[: front + 1]) + cell_len(text[end:]) <= room:
        front += 1
    while end < len(text) and cell_len(text[:front]) + cell_len(text[end:]) > room:  # wide letters
        end += 1
    return ((0, front), (end, len(text))) if end < len(text) else ((0, front), (front, front))


def shown(text: str, kept: Kept, ellipsis: str) -> str:
    """The kept parts with an ellipsis in each gap."""
    return ellipsis.join(text[start:end] for start, end in kept)


def positions(kept: Kept, of: Iterable[int]) -> list[int]:
    """Where letters of the text, given by position, are in what `shown` gives; those that were cut are left out."""
    found, offset = [], 0
    places = list(of)
    for start, end in kept:
        found += [offset + at - start for at in places if start <= at < end]
        offset += end - start + 1
    return found
