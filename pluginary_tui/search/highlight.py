"""Which letters of a text a typed word names, for showing why it was found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pluginary_tui.search import match, slips
from pluginary_tui.search.match import Group

CACHE = 4096
"""Texts and answers kept: the rows on the screen stay much the same from one letter to the next."""


@lru_cache(CACHE)
def named(term: str, text: str) -> tuple[int, ...]:
    """Which letters of a text a folded term names by the rules of `match.score`, as rising indices into the text;
    empty where it does not match.
    """
    field = _read(text)
    return field.letters(_named(term, field)) if term and match.score(term, field.parts) else ()


@lru_cache(CACHE)
def slipped(term: str, text: str, alone: bool = True) -> tuple[int, ...]:
    """The same for a term with a slip in it, by the rules of `slips.score`; `alone` where it is the only one."""
    field = _read(text)
    return field.letters(_slipped(term, field, alone)) if term else ()


@dataclass(frozen=True, slots=True)
class _Field:
    """A text, read for finding terms in it."""

    parts: Sequence[Group]
    whole: Group
    origin: tuple[int, ...]
    """For each letter of the whole, where it stands in the text; empty where that cannot be told."""

    def letters(self, found: Iterable[int]) -> tuple[int, ...]:
        """Where these letters of the whole stand in the text."""
        return tuple(sorted({self.origin[at] for at in found})) if self.origin else ()


@lru_cache(CACHE)
def _read(text: str) -> _Field:
    parts = match.groups(text)
    whole = match.joined(parts)
    letters = [(letter, i) for i, c in enumerate(text) for letter in match.bare(c).casefold() if letter.isalnum()]
    same = whole.compact == "".join(letter for letter, _ in letters)
    return _Field(parts, whole, tuple(i for _, i in letters) if same else ())


def _named(term: str, field: _Field) -> Iterable[int]:
    whole = field.whole
    ends = {*whole.starts, len(whole.compact)}
    runs = [i for i in range(len(whole.compact)) if whole.compact.startswith(term, i)]
    if runs:
        first = max(runs, key=lambda i: (i in whole.starts, i + len(term) in ends, -i))
        if first in whole.starts or not match.acronym(term, whole.words):
            return range(first, first + len(term))
    return match.acronym_letters(term, whole.words)


def _slipped(term: str, field: _Field, alone: bool) -> list[int]:
    offset, best = 0, (0, 0)
    for part in field.parts:
        found, start = slips.score(term, part, alone)
        best = max(best, (found, offset + start))
        offset += len(part.compact)
    if not best[0]:
        return []
    from rapidfuzz.distance import LCSseq

    start = best[1]
    blocks = LCSseq.opcodes(term, field.whole.compact[start : start + 2 * len(term)])
    return [start + i for block in blocks if block.tag == "equal" for i in range(block.dest_start, block.dest_end)]
