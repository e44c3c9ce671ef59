"""Which letters of a text a typed word names, for showing why it was found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import compress

from pluginary_tui.model import Plugin
from pluginary_tui.search import match, slips
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
    whole, origin = _read(text)
    held = term in whole.compact
    if not term or (not held and not match.acronym_pattern(term).search(whole.spaced)):
        return ()  # most texts are no match, which is seen at a glance
    # A run of letters is a match at the start of a word, and a long one wherever it stands.
    if (held and (len(term) > match.SHORT or _starts_word(term, whole))) or match.score(term, match.groups(text)):
        return _places(origin, _named(term, whole))
    return ()


def _starts_word(term: str, whole: Group) -> bool:
    return any(whole.compact.startswith(term, at) for at in whole.starts)


@lru_cache(CACHE)
def slipped(term: str, text: str, alone: bool = True) -> tuple[int, ...]:
    """The same for a term with a slip in it, by the rules of `slips.score`; `alone` where it is the only one."""
    if not term:
        return ()
    whole, origin = _read(text)
    return _places(origin, _slipped(term, match.groups(text), whole, alone))


def _places(origin: Sequence[int], found: Iterable[int]) -> tuple[int, ...]:
    """Where the letters `found`, which rise, stand in the text they come from."""
    return tuple(dict.fromkeys(map(origin.__getitem__, found))) if origin else ()


@lru_cache(CACHE)
def _read(text: str) -> tuple[Group, Sequence[int]]:
    """A text as one group, and where each of its letters stands in the text; nothing where that cannot be told."""
    whole = match.group(match.bare(text)) or Group.of(())
    if text.isascii():
        return whole, tuple(compress(range(len(text)), map(str.isalnum, text)))
    spelt = [(letter, i) for i, c in enumerate(text) for letter in match.bare(c).casefold() if letter.isalnum()]
    same = whole.compact == "".join(letter for letter, _ in spelt)
    return whole, tuple(i for _, i in spelt) if same else ()


def _named(term: str, whole: Group) -> Iterable[int]:
    text, starts = whole.compact, whole.starts
    best = (False, False, -len(text) - 1)
    at = text.find(term)
    while at >= 0:
        end = at + len(term)
        best = max(best, (at in starts, end in starts or end == len(text), -at))
        at = text.find(term, at + 1)
    first = -best[2]
    if text.startswith(term, first) and (best[0] or not match.acronym(term, whole.words)):
        return range(first, first + len(term))
    return match.acronym_letters(term, whole.words)


def _slipped(term: str, parts: Sequence[Group], whole: Group, alone: bool) -> list[int]:
    offset, best = 0, (0, 0)
    for part in parts:
        found, start = slips.score(term, part, alone)
        best = max(best, (found, offset + start))
        offset += len(part.compact)
    if not best[0]:
        return []
    from rapidfuzz.distance import LCSseq

    start = best[1]
    blocks = LCSseq.opcodes(term, whole.compact[start : start + 2 * len(term)])
    return [start + i for block in blocks if block.tag == "equal" for i in range(block.dest_start, block.dest_end)]
