"""Which letters of a text match the words of a query, for highlighting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import compress

from pluginary_tui.model import Plugin
from pluginary_tui.search import match, typos
from pluginary_tui.search.match import Group
from pluginary_tui.search.query import Query, Word

CACHE = 4096
"""Cached texts and results: the visible rows change little from one key to the next."""


def words(query: Query) -> tuple[str, ...]:
    """The folded words of a query that are highlighted."""
    return tuple(match.compact(t.text) for t in query.terms if isinstance(t, Word) and not t.negated)


def letters(terms: Sequence[str], plugin: Plugin) -> Mapping[str, Sequence[int]]:
    """The letters of `name`, `vendor` and `category` (the categories joined by ", ") that these folded terms match.

    Ascending indices into the unfolded text; fields without a match are missing.
    """
    if not terms:
        return {}
    texts = {"name": plugin.name, "vendor": plugin.vendor, "category": ", ".join(plugin.categories)}
    marked: dict[str, Sequence[int]] = {}
    for term in terms:
        found = {field: at for field, text in texts.items() if (at := matched_letters(term, text))}
        if not found:  # typos are only matched where nothing matches exactly
            found = {field: at for field, text in texts.items() if (at := typo_letters(term, text, len(terms) == 1))}
        for field, at in found.items():
            marked[field] = sorted({*marked[field], *at}) if field in marked else at
    return marked


@lru_cache(CACHE)
def matched_letters(term: str, text: str) -> tuple[int, ...]:
    """The letters of a text that a folded term matches by the rules of `match.score`: ascending indices into the text.

    Empty where it does not match.
    """
    if not term:
        return ()
    words, compact, starts = _read(text)
    at = _best_run(term, compact, starts)
    if at not in starts:  # a run matches at the start of a word, a long one anywhere
        if at < 0 and not match.acronym_pattern(term).search(f" {' '.join(words)}"):
            return ()  # a quick rejection of most texts
        if (at < 0 or len(term) <= match.SHORT) and not match.score(term, match.groups(text)):
            return ()
        if at < 0 or match.acronym(term, words):
            return _places(text, match.acronym_letters(term, words))
    return _places(text, range(at, at + len(term)))


def _best_run(term: str, text: str, starts: Sequence[int]) -> int:
    """Best position of the term: at the start of a word, then up to the end of one, then the first; -1 for none."""
    at = text.find(term)
    if at < 0 or (at in starts and text.find(term, at + 1) < 0):
        return at
    best = (False, False, -len(text))
    while at >= 0:
        end = at + len(term)
        best = max(best, (at in starts, end in starts or end == len(text), -at))
        at = text.find(term, at + 1)
    return -best[2]


@lru_cache(CACHE)
def typo_letters(term: str, text: str, alone: bool = True) -> tuple[int, ...]:
    """The same for a term with a typo, by the rules of `typos.score`; `alone` where it is the only term."""
    return _places(text, _typo_positions(term, match.groups(text), _read(text)[1], alone)) if term else ()


def _places(text: str, found: Sequence[int]) -> tuple[int, ...]:
    """Map ascending indices into a text without its gaps to indices into the text."""
    if not found or (text.isascii() and text[: found[-1] + 1].isalnum()):
        return tuple(found)
    origin = _origin(text)
    return tuple(dict.fromkeys(map(origin.__getitem__, found))) if origin else ()


@lru_cache(CACHE)
def _read(text: str) -> tuple[tuple[str, ...], str, tuple[int, ...]]:
    """The folded words of a text, the words joined, and where each starts in that."""
    words = match.words(match.bare(text))
    return words, "".join(words), match.starts(words)


@lru_cache(CACHE)
def _origin(text: str) -> Sequence[int]:
    """For each letter of a text without its gaps its index in the text; empty where folding changed their number."""
    if text.isascii():
        return tuple(compress(range(len(text)), map(str.isalnum, text)))
    spelt = [(letter, i) for i, c in enumerate(text) for letter in match.bare(c).casefold() if letter.isalnum()]
    same = _read(text)[1] == "".join(letter for letter, _ in spelt)
    return tuple(i for _, i in spelt) if same else ()


def _typo_positions(term: str, parts: Sequence[Group], compact: str, alone: bool) -> list[int]:
    offset, best = 0, (0, 0)
    for part in parts:
        found, start = typos.score(term, part, alone)
        best = max(best, (found, offset + start))
        offset += len(part.compact)
    if not best[0]:
        return []
    from rapidfuzz.distance import LCSseq

    start = best[1]
    blocks = LCSseq.opcodes(term, compact[start : start + 2 * len(term)])
    return [start + i for block in blocks if block.tag == "equal" for i in range(block.dest_start, block.dest_end)]
