"""Which letters of a text a typed word names, for showing why it was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import compress

from pluginary_tui.model import Plugin
from pluginary_tui.search import match, typos
from pluginary_tui.search.match import Group
from pluginary_tui.search.query import Query, Word

CACHE = 4096
"""Texts and answers kept: the rows on the screen stay much the same from one letter to the next."""


def words(query: Query) -> tuple[str, ...]:
    """The words of a query, folded, whose letters are to be shown."""
    return tuple(match.compact(t.text) for t in query.terms if isinstance(t, Word) and not t.negated)


def letters(terms: Sequence[str], plugin: Plugin) -> Mapping[str, Sequence[int]]:
    """Which letters of `name`, `vendor` and `category` (the categories joined by ", ") these folded terms name.

    Rising indices into the text as it is, none of a field that is not named. Meant for the rows on the screen.
    """
    if not terms:
        return {}
    texts = {"name": plugin.name, "vendor": plugin.vendor, "category": ", ".join(plugin.categories)}
    marked: dict[str, Sequence[int]] = {}
    for term in terms:
        found = {field: at for field, text in texts.items() if (at := named(term, text))}
        if not found:  # a slip is only looked for where nothing is named as it is written
            found = {field: at for field, text in texts.items() if (at := slipped(term, text, len(terms) == 1))}
        for field, at in found.items():
            marked[field] = sorted({*marked[field], *at}) if field in marked else at
    return marked


@lru_cache(CACHE)
def named(term: str, text: str) -> tuple[int, ...]:
    """Which letters of a text a folded term names by the rules of `match.score`, as rising indices into the text;
    empty where it does not match.
    """
    if not term:
        return ()
    words, compact, starts = _read(text)
    at = _best_run(term, compact, starts)
    if at not in starts:  # a run of letters is a match at the start of a word, and a long one wherever it stands
        if at < 0 and not match.acronym_pattern(term).search(f" {' '.join(words)}"):
            return ()  # most texts are no match, which is seen at a glance
        if (at < 0 or len(term) <= match.SHORT) and not match.score(term, match.groups(text)):
            return ()
        if at < 0 or match.acronym(term, words):
            return _places(text, match.acronym_letters(term, words))
    return _places(text, range(at, at + len(term)))


def _best_run(term: str, text: str, starts: Sequence[int]) -> int:
    """Where the term stands in a text, best at the start of a word, then to the end of one, then early; or -1."""
    at = text.find(term)
    if at < 0 or (at in starts and text.find(term, at + 1) < 0):  # nearly always
        return at
    best = (False, False, -len(text))
    while at >= 0:
        end = at + len(term)
        best = max(best, (at in starts, end in starts or end == len(text), -at))
        at = text.find(term, at + 1)
    return -best[2]


@lru_cache(CACHE)
def slipped(term: str, text: str, alone: bool = True) -> tuple[int, ...]:
    """The same for a term with a slip in it, by the rules of `slips.score`; `alone` where it is the only one."""
    return _places(text, _slipped(term, match.groups(text), _read(text)[1], alone)) if term else ()


def _places(text: str, found: Sequence[int]) -> tuple[int, ...]:
    """Where the letters `found` of a text without its gaps, which rise, stand in the text."""
    if not found or (text.isascii() and text[: found[-1] + 1].isalnum()):
        return tuple(found)
    origin = _origin(text)
    return tuple(dict.fromkeys(map(origin.__getitem__, found))) if origin else ()


@lru_cache(CACHE)
def _read(text: str) -> tuple[tuple[str, ...], str, tuple[int, ...]]:
    """The words of a text, folded; all of them run together; where they start in that."""
    words = match.words(match.bare(text))
    return words, "".join(words), match.starts(words)


@lru_cache(CACHE)
def _origin(text: str) -> Sequence[int]:
    """Where each letter of a text without its gaps stands in the text; nothing where that cannot be told."""
    if text.isascii():
        return tuple(compress(range(len(text)), map(str.isalnum, text)))
    spelt = [(letter, i) for i, c in enumerate(text) for letter in match.bare(c).casefold() if letter.isalnum()]
    same = _read(text)[1] == "".join(letter for letter, _ in spelt)
    return tuple(i for _, i in spelt) if same else ()


def _slipped(term: str, parts: Sequence[Group], compact: str, alone: bool) -> list[int]:
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
