"""Scores how well a typed word matches a text, and finds the matching letters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

# Scores are in half points and fit into a byte: 200 is a match of the whole field.
WHOLE = 200
WORD = 180
START = 164
FIRST = 18
"""Added for a match at the start of the field."""
ACRONYM = 156
INSIDE, INSIDE_LETTER, INSIDE_MOST = 100, 10, 6
"""Within a word: INSIDE, and INSIDE_LETTER for each of up to INSIDE_MOST letters."""
OVER_SPACE = 30
"""Subtracted where the match also crosses a space."""
SHORT = 2
"""Terms of at most this length match across a space only at the start of words."""
SURE = START
"""Least score of a match of the text itself or of the start of one of its words."""

_SKIPPED_WITHIN, _SKIPPED_BEFORE, _MOST_SKIPPED = 6, 2, 2
_WITHIN, _FAR = 1 << 12, 1 << 20

# Letters that Unicode does not decompose but that are typed as their base letters.
_LETTERS = str.maketrans(
    {"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "ı": "i", "ħ": "h", "Ħ": "H"}
    | {"æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "þ": "th", "Þ": "Th"}
)


class _Shapes(dict[int, str]):
    """The class of a letter for finding words: upper, lower, digit, a script without case, or none of these."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        shape = "-"
        if letter.isalnum():
            shape = "u" if letter.isupper() else "l" if letter.islower() else "d" if letter.isdigit() else ""
            script = unicodedata.name(letter, "?")
            shape = shape or {"KATA": "k", "HIRA": "h", "CJK ": "c"}.get(script[:4], "o")
        self[code] = shape
        return shape


_SHAPES = _Shapes()
_PIECE = re.compile("u+(?!l)|u?l+|d+|k+|h+|c+|o+")
_ASCII_PIECE = re.compile("[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
"""The same for ASCII texts."""
_GAP = re.compile(r"[\W_]+")
_DIGITS = re.compile("[0-9]+")


def starts(words: Sequence[str]) -> tuple[int, ...]:
    """Offset of each word in the joined words."""
    return (0, *accumulate(map(len, words[:-1])))


class Group(NamedTuple):
    """The part of a text between two spaces, folded, without punctuation: `Pro-Q` has the words `pro` and `q`."""

    words: tuple[str, ...]
    compact: str
    starts: tuple[int, ...]
    """Where the words start in `compact`."""
    initials: str
    spaced: str
    """The words with a space before each."""

    @classmethod
    def of(cls, words: tuple[str, ...]) -> Group:
        return cls(words, "".join(words), starts(words), "".join([w[0] for w in words]), " " + " ".join(words))


def bare(text: str) -> str:
    """A text without compatibility forms and marks, case kept: `Ｏ` is O, `Ü` is U, `ø` is o."""
    if text.isascii():
        return text
    text = unicodedata.normalize("NFKD", text).translate(_LETTERS)
    return "".join(c for c in text if not unicodedata.combining(c))


def fold(text: str) -> str:
    """A text for comparing: without case and marks, with single spaces."""
    return " ".join(bare(text).casefold().split())


def natural(text: str) -> str:
    """Sort key of a text: numbers compare by value (`Q 2` before `Q 10`)."""
    return _DIGITS.sub(lambda number: number[0].zfill(8), bare(text).casefold())


def plain(text: str) -> str:
    """A folded text with spaces for punctuation."""
    return _GAP.sub(" ", fold(text)).strip()


def squeezed(text: str) -> str:
    """A folded text without punctuation; spaces stay."""
    return " ".join(_GAP.sub("", part) for part in fold(text).split())


def forms(text: str) -> str:
    """The text that substrings are searched in: `plain`, and on a second line `squeezed` where that differs.

    A search term is looked for in its `plain` and in its `squeezed` form.
    """
    gapped, run = plain(text), squeezed(text)
    return gapped if run == gapped else f"{gapped}\n{run}"


def words(part: str) -> tuple[str, ...]:
    """The words of a bare text, folded: split at punctuation, camelCase and digits."""
    if part.isascii():
        return tuple(map(str.lower, _ASCII_PIECE.findall(part)))
    pieces = _PIECE.finditer(part.translate(_SHAPES))
    return tuple([part[piece.start() : piece.end()].casefold() for piece in pieces])


def group(part: str) -> Group | None:
    """One bare text without spaces as a group; None where it holds no letter or digit."""
    held = words(part)
    return Group.of(held) if held else None


@lru_cache(maxsize=4096)
def groups(text: str) -> tuple[Group, ...]:
    """A text as the groups between its spaces, split into words at punctuation, camelCase and digits."""
    return tuple(found for part in bare(text).split() if (found := group(part)))


def compact(text: str) -> str:
    """Letters and digits only, folded: what a typed word is compared by."""
    return "".join(g.compact for g in groups(text))


def inside_allowed(term: str) -> bool:
    """Whether a term may match in the middle of a word: one letter of a script with words may not."""
    return len(term) > 1 or _SHAPES[ord(term)] in "khco"


def score_run(term: str, part: Group, first: bool) -> int:
    """The best score of a term that occurs in a group, the `first` of its field or not; 0 where it may not match."""
    best, size, text, starts = 0, len(term), part.compact, part.starts
    at = text.find(term)
    while at >= 0:
        if at in starts:
            end = at + size
            found = (WORD if end == len(text) or end in starts else START) + (FIRST if first and not at else 0)
            best = max(best, found)
        elif not best and inside_allowed(term):
            best = INSIDE + INSIDE_LETTER * min(size, INSIDE_MOST)
        at = text.find(term, at + 1)
    return best


def joined(parts: Sequence[Group]) -> Group:
    """Several groups joined into one, without spaces."""
    return Group.of(tuple([word for part in parts for word in part.words]))


def score_across(term: str, parts: Sequence[Group]) -> int:
    """Score of a term that is in no single group: across the spaces, or as an acronym."""
    words = [word for part in parts for word in part.words]
    text = "".join(words)
    if text == term:
        return WHOLE
    if len(parts) < 2 or len(term) < 2 or term not in text:
        return acronym(term, words)
    found = score_run(term, joined(parts), True)
    return found if found >= START else max(acronym(term, words), found - OVER_SPACE if len(term) > SHORT else 0)


def score(term: str, parts: Sequence[Group]) -> int:
    """Score of a folded term on a field, in half points: 0 (no match) to 200 (the whole field)."""
    if not term:
        return 0
    best = 0
    for index, part in enumerate(parts):
        if term in part.compact:
            if part.compact == term and len(parts) == 1:
                return WHOLE
            best = max(best, score_run(term, part, not index))
    return best or score_across(term, parts)


def acronym(term: str, words: Sequence[str]) -> int:
    """Score of a term made of the starts of words in their order (`prq3`, `valvive`), or 0.

    ACRONYM where no word is skipped; less for each word skipped before, within and after; 0 where more than
    _MOST_SKIPPED are skipped within.
    """
    # letters of the term used so far -> least cost: words skipped within (times _WITHIN) and before
    states = {0: 0}
    size, number, best = len(term), len(words), _FAR
    for index, word in enumerate(words):
        later = {0: states[0] + _SKIPPED_BEFORE}
        for used, cost in states.items():
            if used and cost < _MOST_SKIPPED * _WITHIN and cost + _WITHIN < later.get(used, _FAR):
                later[used] = cost + _WITHIN
            length = used
            for letter in word:
                if length == size or letter != term[length]:
                    break
                length += 1
                if length == size:
                    if used and cost + number - index - 1 < best:
                        best = cost + number - index - 1
                elif cost < later.get(length, _FAR):
                    later[length] = cost
        states = later
    return _acronym(best)


def acronym_of_two(term: str, initials: str) -> int:
    """`acronym` for a term of two letters, from the initials of the words alone."""
    first, second = term[0], term[1]
    best, at = _FAR, initials.find(first)
    while at >= 0:
        then = initials.find(second, at + 1, at + 2 + _MOST_SKIPPED)
        if then >= 0:
            best = min(best, _SKIPPED_BEFORE * at + _WITHIN * (then - at - 1) + len(initials) - then - 1)
        at = initials.find(first, at + 1)
    return _acronym(best)


def _acronym(left_out: int) -> int:
    if left_out == _FAR:
        return 0
    return ACRONYM - _SKIPPED_WITHIN * (left_out // _WITHIN) - min(left_out % _WITHIN, 8)


@lru_cache(maxsize=64)
def acronym_pattern(term: str) -> re.Pattern[str]:
    """A pattern found in the words of a text (a space before each) wherever `acronym` is not 0; faster than that."""
    gap = f"(?:[^ ]*(?: [^ ]*){{0,{_MOST_SKIPPED}}} )?"
    return re.compile(" " + gap.join(map(re.escape, term)))


def acronym_letters(term: str, words: Sequence[str]) -> list[int]:
    """The letters of the joined words that an acronym matches, with as few words skipped within as possible."""
    paths: dict[int, tuple[int, list[int]]] = {0: (0, [])}
    found: tuple[int, list[int]] = (_FAR, [])
    start = 0
    for word in words:
        later = {used: (cost + (used > 0), taken) for used, (cost, taken) in paths.items()}
        for used, (cost, taken) in paths.items():
            for length in range(1, len(word) + 1):
                if not term.startswith(word[:length], used):
                    break
                step = cost, [*taken, *range(start, start + length)]
                later[used + length] = min(step, later.get(used + length, (_FAR, [])))
        paths = later
        found = min(found, paths.pop(len(term), found))
        start += len(word)
    return found[1]


def letters(text: str) -> int:
    """The letters of a text as a bit mask."""
    mask = 0
    for letter in text:
        mask |= 1 << (ord(letter) & 63)
    return mask
