"""Scores a term for all rows at once, as `match.score` does for one, while examining few of them."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pluginary_tui.search import bitset, match, typos
from pluginary_tui.search.match import Group
from pluginary_tui.search.score_levels import Levels, best
from pluginary_tui.search.substring_index import SubstringIndex
from pluginary_tui.search.typos import TypoIndex

VENDOR_WEIGHT = 0.72
CATEGORY_WEIGHT = 0.62
GOOD = typos.TYPO + 8
"""Where no row scores better than this (before weights), typos are matched as well."""

_CACHED_TERMS, _CACHED_PAIRS = 64, 512
_POLL = 512
_FREQUENT = 1024
"""Rows are stored as a bit set where at least one row in this many is among them, else as a list."""

Check = Callable[[], None]
"""Called now and then during a search; raises to cancel it."""


class Ranker:
    """Ranks rows by name, vendor and categories.

    Names are stored as sequences of groups (the parts between spaces). Many plugins share few groups, so a term is
    scored once for each group, and the score applies to all rows that contain it. Only matches across a space and
    acronyms are scored row by row, and only for rows that have every pair of neighbouring letters of the term, or a
    word that starts with the second letter of the pair.
    """

    def __init__(self, names: Sequence[str], vendors: Sequence[str], categories: Sequence[tuple[str, ...]]) -> None:
        self.size = len(names)
        self._groups: list[Group] = []
        self._rows_of: list[_Rows] = []
        """For each group, the rows that contain it; `_rows_starting` has those that start with it."""
        self._rows_starting: list[_Rows] = []
        self._names: list[tuple[int, ...]] = []
        self._repeating = _Rows(array("I"))
        """The rows that contain a group twice."""
        self._borders: dict[str, array[int]] = {}
        """Two letters -> the rows in which a space separates them."""
        self._read_names(names)
        self._compacts = SubstringIndex(group.compact for group in self._groups)
        self._initials = SubstringIndex(group.initials for group in self._groups)
        self._texts = [
            *_texts(((vendor,) for vendor in vendors), VENDOR_WEIGHT),
            *_texts(categories, CATEGORY_WEIGHT),
        ]
        self._typo_index: TypoIndex | None = None
        self._typo_texts: list[_Text] = []
        """The texts of the groups in `_typo_index` that follow those of names."""
        self._pairs: dict[str, int] = {}
        self._starts: dict[str, int] = {}
        self._whole: dict[str, int] = {}
        """By the few terms of `synonyms`."""
        self._cache: dict[tuple[str, str], Levels] = {}

    def _read_names(self, names: Sequence[str]) -> None:
        numbers: dict[str, int] = {}  # part of a name as written -> its group, -1 for none
        known: dict[Group, int] = {}
        for row, name in enumerate(names):
            ids = []
            for part in match.bare(name).split():
                number = numbers.get(part)
                if number is None:
                    number = numbers[part] = self._group(part, known)
                if number >= 0:
                    ids.append(number)
                    self._rows_of[number].rows.append(row)
            self._names.append(tuple(ids))
            if len(set(ids)) < len(ids):
                self._repeating.rows.append(row)
            if ids:
                self._rows_starting[ids[0]].rows.append(row)
            for left, right in pairwise(ids):
                border = self._groups[left].compact[-1] + self._groups[right].compact[0]
                if border not in self._borders:
                    self._borders[border] = array("I")
                self._borders[border].append(row)

    def _group(self, part: str, known: dict[Group, int]) -> int:
        group = match.group(part)
        if group is None:
            return -1
        if group not in known:
            known[group] = len(self._groups)
            self._groups.append(group)
            self._rows_of.append(_Rows(array("I")))
            self._rows_starting.append(_Rows(array("I")))
        return known[group]

    def warm(self) -> None:
        """Build the indexes that most searches need."""
        for letter in sorted({letter for group in self._groups for letter in group.initials}):
            self._start(letter)
            if "a" <= letter <= "z":  # single letters: the first keystroke, with the most results
                self.levels(letter, never_cancelled)
        self._with_typos("typo", True, never_cancelled)

    def surely(self, term: str) -> Levels:
        """The rows in whose name, vendor or category a word starts with a folded term."""
        return self._cached("sure", term, self._sure, never_cancelled)

    def whole_words(self, term: str) -> int:
        """The rows that have a folded term as a word of their name, or as vendor or category. Kept for each term."""
        if term not in self._whole:
            self._whole[term] = self._with_word(term)
        return self._whole[term]

    def _with_word(self, term: str) -> int:
        found = bitset.union(
            self._rows_of[number].set(self.size)
            for number in self._compacts.containing(term)
            if match.score_run(term, self._groups[number], False) >= match.WORD
        )
        return found | bitset.union(
            rows.set(self.size) for score, rows, _ in self._in_texts(term) if score >= match.WHOLE
        )

    def levels(self, term: str, check: Check, loose: bool = False) -> Levels:
        """The rows that a folded term matches, by their best weighted score in half points.

        TypoIndex are allowed where nothing else scores well, or anyway if `loose`.
        """
        return self._cached("loose" if loose else "fuzzy", term, self._loose if loose else self._fuzzy, check)

    def _cached(self, kind: str, term: str, work: Callable[[str, Check], Levels], check: Check) -> Levels:
        found = self._cache.pop((kind, term), None)
        if found is None:
            found = work(term, check)
            while len(self._cache) >= _CACHED_TERMS:
                self._cache.pop(next(iter(self._cache)), None)
        self._cache[kind, term] = found
        return found

    def _fuzzy(self, term: str, check: Check) -> Levels:
        scored = self._in_names(term, check)
        texts = self._in_texts(term)
        scored += ((round(score * weight), rows.set(self.size)) for score, rows, weight in texts)
        sure = max([score for score, _ in scored] + [score for score, _, _ in texts], default=0)
        if sure <= GOOD:
            scored += self._with_typos(term, True, check)
        return best(scored)

    def _loose(self, term: str, check: Check) -> Levels:
        return best([*self.levels(term, check).items(), *self._with_typos(term, False, check)])

    def _sure(self, term: str, check: Check) -> Levels:
        names = [(score, rows) for score, rows in self._in_names(term, check) if score >= match.SURE]
        texts = [(s, rows.set(self.size)) for s, rows, _ in self._in_texts(term) if s >= match.SURE]
        return best([*names, *texts])

    def _in_names(self, term: str, check: Check) -> list[tuple[int, int]]:
        scored = _Collector(self.size)
        # A single letter matches only at the start of a word: half of all names contain it.
        for number in (self._compacts if match.inside_allowed(term) else self._initials).containing(term):
            group = self._groups[number]
            if found := match.score_run(term, group, False):
                scored.add(found, self._rows_of[number])
            if (first := match.score_run(term, group, True)) > found:
                scored.add(first, self._rows_starting[number])
            if group.compact == term:
                alone = [row for row in self._rows_starting[number].rows if len(self._names[row]) == 1]
                scored.add(match.WHOLE, _Rows(array("I", alone)))
        within = scored.sets()
        check()
        return within + self._across(term, bitset.union(rows for _, rows in within), check)

    def _across(self, term: str, within: int, check: Check) -> list[tuple[int, int]]:
        """Score names that contain the term across a space or as an acronym, except for the rows in `within`."""
        if len(term) < 2:
            return []
        run = acronym = -1
        for index, (left, right) in enumerate(pairwise(term)):
            pair = self._pair(left + right)
            run &= pair
            # The first letter starts a word, so an equal second letter starts another one.
            acronym &= pair | (self._twice(right) if left == right and not index else self._start(right))
            if not run and not acronym:
                return []
        candidates = (run | (acronym & self._start(term[0]))) & ~within
        score_of = self._two_across(term) if len(term) == 2 else self._more_across(term)
        groups, scored = self._groups, dict[int, list[int]]()
        for count, row in enumerate(bitset.rows(candidates)):
            if not count % _POLL:
                check()
            if found := score_of([groups[number] for number in self._names[row]]):
                scored.setdefault(found, []).append(row)
        return [(score, bitset.of_rows(rows, self.size)) for score, rows in scored.items()]

    @staticmethod
    def _more_across(term: str) -> Callable[[list[Group]], int]:
        acronymic = match.acronym_pattern(term).search

        def score(parts: list[Group]) -> int:
            spaced = "".join([part.spaced for part in parts])
            if term in spaced.replace(" ", ""):
                return match.score_across(term, parts)
            return match.acronym(term, spaced.split()) if acronymic(spaced) else 0

        return score

    @staticmethod
    def _two_across(term: str) -> Callable[[list[Group]], int]:
        """For two letters only initials count, unless the first is a word of its own: too many names contain both."""
        alone = f" {term[0]} {term[1]}"
        alike: dict[str, int] = {}

        def score(parts: list[Group]) -> int:
            if alone in "".join([part.spaced for part in parts]):
                return match.score_across(term, parts)
            initials = "".join([part.initials for part in parts])
            found = alike.get(initials)
            if found is None:
                found = alike[initials] = match.acronym_of_two(term, initials)
            return found

        return score

    def _pair(self, pair: str) -> int:
        """The rows in whose names these two letters are adjacent, ignoring spaces."""
        if pair not in self._pairs:
            if len(self._pairs) >= _CACHED_PAIRS:
                self._pairs.clear()
            scored = _Collector(self.size)
            scored.add(0, _Rows(self._borders.get(pair, array("I"))))
            for number in self._compacts.containing(pair):
                scored.add(0, self._rows_of[number])
            self._pairs[pair] = bitset.union(rows for _, rows in scored.sets())
        return self._pairs[pair]

    def _start(self, letter: str) -> int:
        """The rows whose names have a word that starts with a letter."""
        if letter not in self._starts:
            scored = _Collector(self.size)
            for number in self._initials.containing(letter):
                scored.add(0, self._rows_of[number])
            self._starts[letter] = bitset.union(rows for _, rows in scored.sets())
        return self._starts[letter]

    def _twice(self, letter: str) -> int:
        """The rows whose names have two words that start with a letter."""
        key = letter + letter
        if key not in self._starts:
            once, twice = 0, self._repeating.set(self.size)
            for number in self._initials.containing(letter):
                rows = self._rows_of[number].set(self.size)
                twice |= rows if self._groups[number].initials.count(letter) > 1 else once & rows
                once |= rows
            self._starts[key] = twice
        return self._starts[key]

    def _in_texts(self, term: str) -> list[tuple[int, _Rows, float]]:
        """Matching vendors and categories: score, rows and weight of each."""
        scored = []
        wanted = match.letters(term)
        for text in self._texts:
            if not wanted & ~text.letters and (found := max([match.score(term, part) for part in text.parts])):
                scored.append((found, text.rows, text.weight))
        return scored

    def _with_typos(self, term: str, alone: bool, check: Check) -> list[tuple[int, int]]:
        """Names, vendors and categories that contain the term with a typo."""
        if self._typo_index is None:
            groups = [(group, text) for text in self._texts for part in text.parts for group in part]
            self._typo_index = TypoIndex([*self._groups, *(group for group, _ in groups)])
            self._typo_texts = [text for _, text in groups]
        scored = _Collector(self.size)
        for (number, at_start), found in self._typo_index.find(term, alone, check).items():
            if number >= len(self._groups):
                text = self._typo_texts[number - len(self._groups)]
                scored.add(round(found * text.weight), text.rows)
                continue
            scored.add(found, self._rows_of[number])
            if at_start:
                scored.add(found + match.FIRST, self._rows_starting[number])
        return scored.sets()


@dataclass(slots=True)
class _Text:
    """A vendor, or the categories of a plugin, as groups; with the rows that have it."""

    parts: list[tuple[Group, ...]]
    letters: int
    rows: _Rows
    weight: float


@dataclass(slots=True)
class _Rows:
    """Rows as a list; where they are many, their bit set is cached."""

    rows: array[int]
    bits: int | None = None

    def set(self, size: int) -> int:
        if self.bits is not None:
            return self.bits
        found = bitset.of_rows(self.rows, size)
        if len(self.rows) * _FREQUENT >= size:
            self.bits = found
        return found


class _Collector:
    """Collects rows by score and returns them as sets."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._many: dict[int, int] = {}
        self._few: dict[int, list[array[int]]] = {}

    def add(self, score: int, rows: _Rows) -> None:
        if len(rows.rows) * _FREQUENT >= self._size:
            self._many[score] = self._many.get(score, 0) | rows.set(self._size)
        else:
            self._few.setdefault(score, []).append(rows.rows)

    def sets(self) -> list[tuple[int, int]]:
        few = {score: bitset.of_rows(_chained(lists), self._size) for score, lists in self._few.items()}
        return [(score, self._many.get(score, 0) | few.get(score, 0)) for score in {**self._many, **few}]


def _chained(lists: Iterable[array[int]]) -> array[int]:
    rows = array("I")
    for part in lists:
        rows += part
    return rows


def never_cancelled() -> None:
    """Check of a search that cannot be cancelled."""


def _texts(column: Iterable[tuple[str, ...]], weight: float) -> list[_Text]:
    """The distinct tuples of texts of a column."""
    texts = []
    for held, rows in bitset.grouped(column).items():
        parts = [match.groups(text) for text in held]
        letters = match.letters("".join(group.compact for part in parts for group in part))
        if letters:
            texts.append(_Text(parts, letters, _Rows(rows), weight))
    return texts
