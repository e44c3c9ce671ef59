"""Matches words with a typo: a letter left out, inserted, replaced, or two swapped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from pluginary_tui.search.match import Group

TYPO = 112
"""Score of a word with one typo; longer words score a little more."""
_SUBSEQUENCE = 104
_DOUBT = 12
_LONG, _SECOND_TYPO = 6, 10
"""Length from which a term counts as long, and from which it may contain a second typo."""
_DENSE = 0.66
_POLL = 4096

_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEIGHBOURS = {
    frozenset(pair)
    for row, below in zip(_KEYS, (*_KEYS[1:], ""), strict=True)
    for pairs in (pairwise(row), zip(row, below, strict=False), zip(row[1:], below, strict=False))
    for pair in pairs
}
"""Pairs of neighbouring keys."""


def allowed(term: str, alone: bool = True) -> int:
    """Number of typos a term may contain; a term that is `alone` in its query has to be longer for one."""
    return 0 if len(term) < (4 if alone else 3) else 1 if len(term) < _SECOND_TYPO else 2


def score_run(term: str, run: str, alone: bool = True) -> int:
    """Score of a term for a word, or for joined words, that it may be a typo of; 0 for no match.

    In a long term a letter may also have moved. A short one that is `alone` has to be right at both ends.
    """
    from rapidfuzz.distance import OSA  # not needed by exact searches

    most, size = allowed(term, alone), len(term)
    if not most or (alone and size < _LONG and not _likely(term, run)):
        return 0
    if size >= _LONG and sorted(term) == sorted(run):
        most = 2
    typos = OSA.distance(term, run, score_cutoff=most)
    return TYPO + min(size, 8) - _DOUBT * (typos - 1) if typos <= most else 0


def score_head(term: str, rest: str, alone: bool = True) -> int:
    """Score of a term for the start of a text, where both start with the same letter; 0 for no match.

    Either a long term with one typo whose last two letters are right, or the letters of the text in order with little
    more than vowels missing (`cmprssr`).
    """
    from rapidfuzz.distance import OSA

    size = len(term)
    if not allowed(term, alone) or term[0] != rest[0]:
        return 0
    if _LONG <= size < len(rest):
        for length in (size - 1, size, size + 1):
            head = rest[:length]
            if head[-2:] == term[-2:] and OSA.distance(term, head, score_cutoff=1) <= 1:
                return TYPO - _DOUBT
    dense = _density(term, rest)
    return round(_SUBSEQUENCE * dense) if dense >= _DENSE else 0


def score(term: str, part: Group, alone: bool = True) -> tuple[int, int]:
    """Score of a term with a typo on one group, and where in the group it starts; (0, 0) for no match."""
    found = [(score_run(term, run, alone), start) for start, run in _runs(part)]
    found += [(score_head(term, part.compact[start:], alone), start) for start in part.starts]
    return max(found, key=lambda item: (item[0], -item[1]))


class TypoIndex:
    """Many groups, indexed so that the ones that `score` matches are found without scoring each."""

    def __init__(self, groups: Sequence[Group]) -> None:
        self._runs: dict[int, dict[str, list[tuple[int, int]]]] = {}
        """Length -> run -> (number of the group, offset) wherever it occurs."""
        self._rests: dict[str, dict[str, list[tuple[int, int]]]] = {}
        """First letter -> text from the start of a word on -> the same."""
        for number, part in enumerate(groups):
            for start, run in _runs(part):
                self._runs.setdefault(len(run), {}).setdefault(run, []).append((number, start))
            for start in part.starts:
                rest = part.compact[start:]
                self._rests.setdefault(rest[0], {}).setdefault(rest, []).append((number, start))

    def find(self, term: str, alone: bool, check: Callable[[], None]) -> dict[tuple[int, bool], int]:
        """(group, whether at its start) -> best score, for the groups that contain the term with a typo.

        `check` is called now and then and may raise to cancel.
        """
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        found: dict[tuple[int, bool], int] = {}
        most = 2 if len(term) >= _LONG else allowed(term, alone)
        if not allowed(term, alone):
            return found

        def add(score: int, places: list[tuple[int, int]]) -> None:
            for number, start in places:
                if score > found.get((number, not start), 0):
                    found[number, not start] = score

        for length in range(len(term) - most, len(term) + most + 1):
            runs = self._runs.get(length, {})
            texts = list(runs)
            for first in range(0, len(texts), _POLL):  # a call holds the interpreter's lock, so in parts
                check()
                some = texts[first : first + _POLL]
                for run, *_ in process.extract(term, some, scorer=OSA.distance, score_cutoff=most, limit=None):
                    add(score_run(term, run, alone), runs[run])
        check()
        for rest, places in self._rests.get(term[0], {}).items():
            add(score_head(term, rest, alone), places)
        return {place: score for place, score in found.items() if score}


def _runs(part: Group) -> list[tuple[int, str]]:
    """Offset and text of every sequence of consecutive words of a group, joined."""
    ends = (*part.starts[1:], len(part.compact))
    return [(start, part.compact[start:end]) for n, start in enumerate(part.starts) for end in ends[n:]]


def _likely(term: str, word: str) -> bool:
    """Whether a short term is a likely typo of a word: right or swapped ends, a replaced letter next to its key."""
    if len(word) < len(term) - 1 or {term[0], term[-1]} - {word[0], word[-1]}:
        swapped = term[:2] == word[1::-1] or term[-2:] == word[: -3 if len(word) > 2 else None : -1]
        return swapped and sorted(term) == sorted(word)
    if len(word) != len(term):
        return True
    wrong = [frozenset(pair) for pair in zip(term, word, strict=True) if pair[0] != pair[1]]
    return len(wrong) != 1 or wrong[0] in _NEIGHBOURS


def _density(term: str, text: str) -> float:
    """Length of the term divided by that of the text it spans from the start; 0 where it is no subsequence."""
    if text[0] != term[0]:
        return 0.0
    at = 0
    for letter in term[1:]:
        at = text.find(letter, at + 1)
        if at < 0:
            return 0.0
    return len(term) / (at + 1)
