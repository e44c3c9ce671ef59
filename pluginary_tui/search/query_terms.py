"""Parser of the query language: one line of text to a typed tree, with messages for what was not understood."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from pluginary_tui.search.match import SURE, compact, fold, forms, groups, plain, score, squeezed

Span = tuple[int, int]
"""Columns of the query's text: the first, and the one after the last."""


@dataclass(frozen=True, slots=True)
class TextMatch:
    """A condition on a text."""

    text: str
    how: str = "words"
    """`words` (from the start of a word), `anywhere`, `whole`, `prefix` or `suffix`."""

    def matches(self, text: str) -> bool:
        """Whether a text matches. Case and marks are ignored, and inner punctuation except for `whole`."""
        return self.test()(text)

    def test(self) -> Callable[[str], bool]:
        """`matches` as a function for many texts; the term is prepared once."""
        mine = fold(self.text)
        if self.how == "whole":
            return lambda text: mine == fold(text)
        if self.how == "prefix":
            return lambda text: fold(text).startswith(mine)
        if self.how == "suffix":
            return lambda text: fold(text).endswith(mine)
        term = compact(self.text)
        if not term:
            return lambda text: mine in fold(text)
        if self.how == "words":
            return lambda text: score(term, groups(text)) >= SURE
        within = self.within()
        return lambda text: within(forms(text))

    def within(self) -> Callable[[str], bool]:
        """`matches` for texts that were passed through `match.forms`; only for `anywhere` with at least one letter."""
        gapped, run = plain(self.text), squeezed(self.text)
        return lambda form: gapped in form or run in form

    def needles(self) -> tuple[str, ...]:
        """Texts of which one occurs in the `form` of every matching text; () where there are none such."""
        if self.how == "words" or not compact(self.text):
            return ()
        return tuple(dict.fromkeys((plain(self.text), squeezed(self.text))))

    @staticmethod
    def form(text: str) -> str:
        """The form of a text in which `needles` are searched."""
        return forms(text)


@dataclass(frozen=True, slots=True)
class NumberRange:
    """A range of numbers, both ends included; infinite where open."""

    low: float = -math.inf
    high: float = math.inf

    def matches(self, number: float) -> bool:
        """Whether a number lies within."""
        return self.low <= number <= self.high


@dataclass(frozen=True, slots=True)
class DateRange:
    """A date, or a range of dates (`..`), as typed; relative ones are resolved when the query is run."""

    op: str
    low: str
    high: str = ""


@dataclass(frozen=True, slots=True)
class Word:
    """A text to find in name, vendor and category."""

    text: str
    how: str
    """`fuzzy`, or one of `TextMatch.how`."""
    negated: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Filter:
    """A field that has to match one of some values."""

    field: str
    values: tuple[TextMatch | NumberRange | DateRange | str, ...]
    """TextMatch for texts, NumberRange for numbers, DateRange for dates, the state's name for `is`."""
    negated: bool
    span: Span


Term = Word | Filter


@dataclass(frozen=True, slots=True)
class Sort:
    """One sort key: the name of a field or figure."""

    field: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """A message about a part of a query."""

    text: str
    start: int
    length: int
    level: str
    """`hint` (the part was understood), `unfinished` (skipped while typing) or `error` (ignored)."""


@dataclass(frozen=True, slots=True)
class Query:
    """A query: all clauses have to match, and of each clause at least one term."""

    text: str
    clauses: tuple[tuple[Term, ...], ...] = ()
    sort: tuple[Sort, ...] = ()
    messages: tuple[Message, ...] = ()
    doubtful: tuple[Span, ...] = ()
    """Words `and`, `or` and `not` that may be operators; `parse` with `connect` reads them so."""

    @property
    def terms(self) -> list[Term]:
        return [term for clause in self.clauses for term in clause]


def is_plain_word(clause: Sequence[Term], words: Collection[str] | None = None) -> bool:
    """Whether a clause is one word without signs; with `words` (folded), one of these."""
    term = clause[0]
    if len(clause) > 1 or not isinstance(term, Word) or term.how != "fuzzy" or term.negated:
        return False
    return words is None or compact(term.text) in words


def unit_terms(query: Query) -> list[Filter]:
    """The `unit:` terms of their own clauses; every `param:` has to match them as well."""
    single = [clause[0] for clause in query.clauses if len(clause) == 1]
    return [t for t in single if isinstance(t, Filter) and t.field == "unit" and not t.negated]


def caret(text: str, message: Message) -> str:
    """A message as three lines: the query, carets under the part, and the text."""

    def width(part: str) -> int:
        wide = sum(unicodedata.east_asian_width(c) in "WF" for c in part)
        return len(part) + wide - sum(unicodedata.combining(c) > 0 for c in part)

    end = message.start + message.length
    marks = " " * width(text[: message.start]) + "^" * max(1, width(text[message.start : end]))
    return f"{text}\n{marks}\n{message.text}"
