"""What `match.score` says of every row at once, found by looking at as few of them as can be."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pluginary_tui.search import bitset, match, typos
from pluginary_tui.search.match import Group
from pluginary_tui.search.score_levels import Levels, best
from pluginary_tui.search.substring_index import Parts
from pluginary_tui.search.typos import Slips

VENDOR_WEIGHT = 0.72
CATEGORY_WEIGHT = 0.62
GOOD = typos.TYPO + 8
"""Where no row scores better than this (before weights), a term is also tried with slips."""

_KEPT, _PAIRS_KEPT = 64, 512
_POLL = 512
_FREQUENT = 1024
"""A set of rows is kept as bits where it holds at least one row in this many, else as a list."""

Check = Callable[[], None]
"""Called now and then during a search; raises to abandon it."""


class Ranker:
    """Names, vendors and categories, one of each per row, ready for any term.

    Names are kept as rows of groups (what stands between spaces): ten thousand plugins have few different ones, so a
    term is scored once for each group and handed on to the rows that hold it. Only what reaches over a space, and
    acronyms, look at single rows, and at few: those that have every pair of neighbouring letters of the term, or a
    word that starts with the second of the pair.
    """

    def __init__(self, names: Sequence[str], vendors: Sequence[str], categories: Sequence[tuple[str, ...]]) -> None:
        self.size = len(names)
        self._groups: list[Group] = []
        self._holding: list[_Rows] = []
        """For each group, the rows that hold it; in `_starting` those that start with it."""
        self._starting: list[_Rows] = []
        self._names: list[tuple[int, ...]] = []
        self._repeating = _Rows(array("I"))
        """The rows that hold a group twice."""
        self._borders: dict[str, array[int]] = {}
        """The rows that have these two letters on the two sides of a space."""
        self._read_names(names)
        self._compacts = Parts(group.compact for group in self._groups)
        self._initials = Parts(group.initials for group in self._groups)
        self._texts = [
            *_texts(((vendor,) for vendor in vendors), VENDOR_WEIGHT),
            *_texts(categories, CATEGORY_WEIGHT),
        ]
        self._slips: Slips | None = None
        self._slipped: list[_Text] = []
        """The texts of the groups that `_slips` knows beyond those of names."""
        self._pairs: dict[str, int] = {}
        self._starts: dict[str, int] = {}
        self._kept: dict[tuple[str, str], Levels] = {}

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
                    self._holding[number].rows.append(row)
            self._names.append(tuple(ids))
            if len(set(ids)) < len(ids):
                self._repeating.rows.append(row)
            if ids:
                self._starting[ids[0]].rows.append(row)
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
            self._holding.append(_Rows(array("I")))
            self._starting.append(_Rows(array("I")))
        return known[group]

    def warm(self) -> None:
        """Make what many searches need, so that the first ones are as fast as the rest."""
        for letter in sorted({letter for group in self._groups for letter in group.initials}):
            self._start(letter)
            if "a" <= letter <= "z":  # what nearly every query begins with, and what finds most
                self.levels(letter, _never)
        self._with_slips("slip", True, _never)

    def surely(self, term: str) -> Levels:
        """The rows where name, vendor or category has a word that starts with a folded term."""
        return self._cached("sure", term, self._sure, _never)

    def levels(self, term: str, check: Check, loose: bool = False) -> Levels:
        """The rows that a folded term names, by their best weighted score in half points.

        Slips are allowed where nothing else scores well, or anyway if `loose`.
        """
        return self._cached("loose" if loose else "fuzzy", term, self._loose if loose else self._fuzzy, check)

    def _cached(self, kind: str, term: str, work: Callable[[str, Check], Levels], check: Check) -> Levels:
        found = self._kept.pop((kind, term), None)
        if found is None:
            found = work(term, check)
            while len(self._kept) >= _KEPT:
                self._kept.pop(next(iter(self._kept)), None)
        self._kept[kind, term] = found
        return found

    def _fuzzy(self, term: str, check: Check) -> Levels:
        scored = self._in_names(term, check)
        texts = self._in_texts(term)
        scored += ((round(score * weight), rows.set(self.size)) for score, rows, weight in texts)
        sure = max([score for score, _ in scored] + [score for score, _, _ in texts], default=0)
        if sure <= GOOD:
            scored += self._with_slips(term, True, check)
        return best(scored)

    def _loose(self, term: str, check: Check) -> Levels:
        return best([*self.levels(term, check).items(), *self._with_slips(term, False, check)])

    def _sure(self, term: str, check: Check) -> Levels:
        names = [(score, rows) for score, rows in self._in_names(term, check) if score >= match.SURE]
        texts = [(s, rows.set(self.size)) for s, rows, _ in self._in_texts(term) if s >= match.SURE]
        return best([*names, *texts])

    def _in_names(self, term: str, check: Check) -> list[tuple[int, int]]:
        scored = _Collector(self.size)
        # One letter names nothing but the start of a word: half of all names have it somewhere.
        for number in (self._compacts if match.inside_allowed(term) else self._initials).holding(term):
            group = self._groups[number]
            if found := match.score_run(term, group, False):
                scored.add(found, self._holding[number])
            if (first := match.score_run(term, group, True)) > found:
                scored.add(first, self._starting[number])
            if group.compact == term:
                alone = [row for row in self._starting[number].rows if len(self._names[row]) == 1]
                scored.add(match.WHOLE, _Rows(array("I", alone)))
        within = scored.sets()
        check()
        return within + self._across(term, bitset.union(rows for _, rows in within), check)

    def _across(self, term: str, within: int, check: Check) -> list[tuple[int, int]]:
        """Names that hold the term over a space or as an acronym, of those that do not hold it within a group."""
        if len(term) < 2:
            return []
        run = acronym = -1
        for index, (left, right) in enumerate(pairwise(term)):
            pair = self._pair(left + right)
            run &= pair
            # The first letter starts a word, so the same letter again must start another one.
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
        """Two letters are in many names: but for those where the first is a word, only the initials count."""
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
        """The rows whose names have these two letters next to each other, spaces left out."""
        if pair not in self._pairs:
            if len(self._pairs) >= _PAIRS_KEPT:
                self._pairs.clear()
            scored = _Collector(self.size)
            scored.add(0, _Rows(self._borders.get(pair, array("I"))))
            for number in self._compacts.holding(pair):
                scored.add(0, self._holding[number])
            self._pairs[pair] = bitset.union(rows for _, rows in scored.sets())
        return self._pairs[pair]

    def _start(self, letter: str) -> int:
        """The rows whose names have a word that starts with a letter."""
        if letter not in self._starts:
            scored = _Collector(self.size)
            for number in self._initials.holding(letter):
                scored.add(0, self._holding[number])
            self._starts[letter] = bitset.union(rows for _, rows in scored.sets())
        return self._starts[letter]

    def _twice(self, letter: str) -> int:
        """The rows whose names have two words that start with a letter."""
        key = letter + letter
        if key not in self._starts:
            once, twice = 0, self._repeating.set(self.size)
            for number in self._initials.holding(letter):
                rows = self._holding[number].set(self.size)
                twice |= rows if self._groups[number].initials.count(letter) > 1 else once & rows
                once |= rows
            self._starts[key] = twice
        return self._starts[key]

    def _in_texts(self, term: str) -> list[tuple[int, _Rows, float]]:
        """Vendors and categories that the term names: each scored once, with the rows that have it and its weight."""
        scored = []
        wanted = match.letters(term)
        for text in self._texts:
            if not wanted & ~text.letters and (found := max([match.score(term, part) for part in text.parts])):
                scored.append((found, text.rows, text.weight))
        return scored

    def _with_slips(self, term: str, alone: bool, check: Check) -> list[tuple[int, int]]:
        """Names, vendors and categories that hold the term with a slip in it."""
        if self._slips is None:
            groups = [(group, text) for text in self._texts for part in text.parts for group in part]
            self._slips = Slips([*self._groups, *(group for group, _ in groups)])
            self._slipped = [text for _, text in groups]
        scored = _Collector(self.size)
        for (number, at_start), found in self._slips.find(term, alone, check).items():
            if number >= len(self._groups):
                text = self._slipped[number - len(self._groups)]
                scored.add(round(found * text.weight), text.rows)
                continue
            scored.add(found, self._holding[number])
            if at_start:
                scored.add(found + match.FIRST, self._starting[number])
        return scored.sets()


@dataclass(slots=True)
class _Text:
    """A vendor, or the categories of a plugin, as groups."""

    parts: list[tuple[Group, ...]]
    letters: int
    rows: _Rows
    weight: float


@dataclass(slots=True)
class _Rows:
    """Some rows, as a list and, where they are many, once asked for as bits too."""

    rows: array[int]
    made: int | None = None

    def set(self, size: int) -> int:
        if self.made is not None:
            return self.made
        found = bitset.of_rows(self.rows, size)
        if len(self.rows) * _FREQUENT >= size:
            self.made = found
        return found


class _Collector:
    """Rows added score by score, then taken out as sets."""

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


def _never() -> None:
    """A search that nobody abandons."""


def _texts(column: Iterable[tuple[str, ...]], weight: float) -> list[_Text]:
    """Each different tuple of texts of a column."""
    texts = []
    for held, rows in bitset.grouped(column).items():
        parts = [match.groups(text) for text in held]
        letters = match.letters("".join(group.compact for part in parts for group in part))
        if letters:
            texts.append(_Text(parts, letters, _Rows(rows), weight))
    return texts
