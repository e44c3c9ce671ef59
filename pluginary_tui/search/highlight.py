"""Which letters of a text a typed word names, for showing why it was found."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from pluginary_tui.search import match, slips
from pluginary_tui.search.match import Group


@lru_cache(4096)
def positions(term: str, text: str, alone: bool = True) -> tuple[int, ...]:
    """Which letters of a text a folded term names, as rising indices into the text; empty where it does not match."""
    if not term:
        return ()
    parts = match.groups(text)
    whole = match.joined(parts)
    found = _matched(term, parts, whole, alone)
    if not found:
        return ()
    origin = [(letter, i) for i, c in enumerate(text) for letter in match.bare(c).casefold() if letter.isalnum()]
    if whole.compact != "".join(letter for letter, _ in origin):
        return ()
    return tuple(sorted({origin[at][1] for at in found}))


def _matched(term: str, parts: Sequence[Group], whole: Group, alone: bool) -> list[int]:
    """The letters of a field's compact text that a term names, by the rules of `match.score`, else of `slips`."""
    if match.score(term, parts):
        ends = {*whole.starts, len(whole.compact)}
        runs = [i for i in range(len(whole.compact)) if whole.compact.startswith(term, i)]
        if runs:
            first = max(runs, key=lambda i: (i in whole.starts, i + len(term) in ends, -i))
            if first in whole.starts or not match.acronym(term, whole.words):
                return list(range(first, first + len(term)))
        return match.acronym_letters(term, whole.words)
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
