"""Parser of the query language: one line of text to a typed tree, with messages for what was not understood."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from pluginary_tui.errors import QueryError
from pluginary_tui.search import dates, fields
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

    @property
    def terms(self) -> list[Term]:
        return [term for clause in self.clauses for term in clause]


def caret(text: str, message: Message) -> str:
    """A message as three lines: the query, carets under the part, and the text."""

    def width(part: str) -> int:
        wide = sum(unicodedata.east_asian_width(c) in "WF" for c in part)
        return len(part) + wide - sum(unicodedata.combining(c) > 0 for c in part)

    end = message.start + message.length
    marks = " " * width(text[: message.start]) + "^" * max(1, width(text[message.start : end]))
    return f"{text}\n{marks}\n{message.text}"


def strict(text: str, figures: Collection[str] = (), states: Collection[str] = ()) -> Query:
    """Parse a query that has to be understood completely; hints are accepted.

    Raises QueryError with the text of `caret`.
    """
    query = parse(text, figures, states)
    for message in query.messages:
        if message.level != "hint":
            raise QueryError(caret(text, message))
    return query


def parse(text: str, figures: Collection[str] = (), states: Collection[str] = ()) -> Query:
    """Parse any text as a query; never raises.

    `figures` are the names of measured numbers, `states` those of measured states of `is:`.
    """
    return _parse(text, frozenset(figures), frozenset(states))


@lru_cache(maxsize=256)
def _parse(text: str, figures: frozenset[str], states: frozenset[str]) -> Query:
    return _Parser(text, figures, states).query()


_FIELD = re.compile(r"([^\W\d]\w*)(:|!=|>=|<=|=|>|<)")
_OPS = re.compile("!=|>=|<=|=|>|<")
_NUMBER = re.compile(r"([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))(k?)")
_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)
"""Reference time for checking whether a text is a date."""

_Piece = tuple[str, bool, int, int]
"""One value: its text, whether it was quoted, and its span."""


class _Parser:
    def __init__(self, text: str, figures: frozenset[str], states: frozenset[str]) -> None:
        self.text = text
        self.figures = figures
        self.states = states
        self.at = 0
        self.messages: list[Message] = []
        self.sort: list[Sort] = []

    def query(self) -> Query:
        clauses: list[tuple[Term, ...]] = []
        after_bar = previous = False  # whether a lone | precedes, and a term before that
        while self._skip_spaces():
            if self._lone_bar():
                after_bar = previous
                continue
            term = self._term()
            if term and after_bar:
                clauses[-1] = (*clauses[-1], term)
            elif term:
                clauses.append((term,))
            previous, after_bar = term is not None, False
        return Query(self.text, tuple(clauses), tuple(self.sort), tuple(self.messages))

    def _skip_spaces(self) -> bool:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1
        return self.at < len(self.text)

    def _lone_bar(self) -> bool:
        after = self.text[self.at + 1 : self.at + 2]
        if self.text[self.at] != "|" or not (after.isspace() or not after):
            return False
        self.at += 1
        return True

    def _term(self) -> Term | None:
        """The next term, or None for one that is skipped; always advances `at`."""
        start = self.at
        negated = self.text[start] in "-!"
        self.at += negated
        if self.text[self.at : self.at + 1] == '"':
            phrase, *_ = self._value()
            return Word(phrase, "anywhere", negated, (start, self.at)) if phrase.strip() else None
        named = _FIELD.match(self.text, self.at)
        if named and (field := fields.find(named[1], self.figures)):
            self.at = named.end()
            return self._filter(field, named[2], negated, start)
        word = self._bare("")
        if named:
            self._hint_field(named[1], named.start())
        return self._word(word, negated, start)

    def _word(self, word: str, negated: bool, start: int) -> Term | None:
        how, span = "fuzzy", (start, self.at)
        if word.startswith("#"):
            tag = TextMatch(word[1:])
            return Filter("tag", (tag,), negated, span) if tag.text else None
        if word.startswith("'"):
            how, word = "anywhere", word[1:]
        else:
            how, word = _anchored(word, how)
        return Word(word, how, negated, span) if word.strip("-!") else None

    def _hint_field(self, name: str, start: int) -> None:
        if near := fields.near(name, [*fields.NAMES, *self.figures]):
            self._add_message(f"no field is called {name}: did you mean {near}:?", start, start + len(name), "hint")

    def _add_message(self, text: str, start: int, end: int, level: str = "error") -> None:
        self.messages.append(Message(text, start, end - start, level))

    def _bare(self, stops: str) -> str:
        start = self.at
        while self.at < len(self.text) and not self.text[self.at].isspace() and self.text[self.at] not in stops:
            self.at += 1
        return self.text[start : self.at]

    def _value(self) -> _Piece:
        """One value, quoted or not; a doubled quote within quotes is a quote, an open one extends to the end."""
        start = self.at
        if self.text[start : start + 1] != '"':
            return self._bare(","), False, start, self.at
        found = re.compile('"((?:[^"]|"")*)("?)').match(self.text, start)
        assert found
        self.at = found.end()
        return found[1].replace('""', '"'), True, start, self.at

    def _values(self) -> list[_Piece]:
        values = [self._value()]
        while self.text[self.at : self.at + 1] == ",":
            self.at += 1
            values.append(self._value())
        return [piece for piece in values if piece[0] or piece[1]]

    def _filter(self, field: fields.Field, op: str, negated: bool, start: int) -> Term | None:
        if op == ":" and field.kind in ("number", "date") and (inner := _OPS.match(self.text, self.at)):
            op, self.at = inner[0], inner.end()
        pieces = self._values()
        if not pieces:
            self._add_message(f"{field.name}: wants a value", start, self.at, "unfinished")
            return None
        if op == "!=":
            op, negated = "=", not negated
        if field.kind not in ("number", "date") and op not in (":", "="):
            self._add_message(f"{field.name} cannot be compared with {op}, only with : = !=", start, self.at)
            return None
        if field.kind == "sort":
            self._sort(pieces, negated)
            return None
        read = {"number": self._number, "date": self._date, "state": self._state}.get(field.kind)
        values: list[TextMatch | NumberRange | DateRange | str]
        if read:
            values = [value for piece in pieces if (value := read(field, op, piece)) is not None]
        else:
            values = [_text_match(field, op, piece) for piece in pieces]
        return Filter(field.name, tuple(values), negated, (start, self.at)) if values else None

    def _sort(self, pieces: list[_Piece], negated: bool) -> None:
        for text, _, start, end in pieces:
            field = fields.find(text.lstrip("-+"), self.figures)
            names = (*fields.SORT_KEYS, *self.figures)
            if field and field.name in names:
                self.sort.append(Sort(field.name, text.startswith("-") != negated))
            else:
                near = fields.near(text.lstrip("-+"), names)
                self._add_message(f"cannot sort by {text}" + (f": did you mean {near}?" if near else ""), start, end)

    def _state(self, field: fields.Field, op: str, piece: _Piece) -> str | None:
        text, _, start, end = piece
        state = fields.state(text, self.states)
        if state is None:
            names = (*fields.STATE_NAMES, *sorted(self.states))
            near = fields.near(text, names)
            known = f"did you mean is:{near}?" if near else "one of " + ", ".join(names)
            self._add_message(f"no state is called {text}: {known}", start, end)
        return state

    def _number(self, field: fields.Field, op: str, piece: _Piece) -> NumberRange | None:
        text, _, start, end = piece
        low, dots, high = text.partition("..")
        if dots and op in (":", "=") and (low or high):
            ends = _number(low) if low else -math.inf, _number(high) if high else math.inf
            if ends[0] is not None and ends[1] is not None:
                return NumberRange(ends[0], ends[1])
        elif not dots and (number := _number(text)) is not None:
            return {
                ">": NumberRange(low=math.nextafter(number, math.inf)),
                ">=": NumberRange(low=number),
                "<": NumberRange(high=math.nextafter(number, -math.inf)),
                "<=": NumberRange(high=number),
            }.get(op, NumberRange(number, number))
        self._add_message(f"{field.name} wants a number or a range such as 10..20, not {text}", start, end)
        return None

    def _date(self, field: fields.Field, op: str, piece: _Piece) -> DateRange | None:
        text, _, start, end = piece
        low, dots, high = text.partition("..")
        if dots and op in (":", "=") and (low or high):
            if all(not side or dates.span(side, _MOMENT) for side in (low, high)):
                return DateRange("..", low, high)
        elif dates.span(text, _MOMENT) or (text.casefold() == dates.NEVER and op in (":", "=")):
            return DateRange(op, text)
        self._add_message(f"{field.name} wants a date such as 2025-03, today or 7d, not {text}", start, end)
        return None


def _number(text: str) -> float | None:
    found = _NUMBER.fullmatch(text)
    return float(found[1]) * (1000 if found[2] else 1) if found else None


def _anchored(text: str, how: str) -> tuple[str, str]:
    prefix, suffix = text.startswith("^"), len(text) > 1 and text.endswith("$")
    text = text[prefix : len(text) - suffix]
    return ("whole" if prefix and suffix else "prefix" if prefix else "suffix" if suffix else how), text


def _text_match(field: fields.Field, op: str, piece: _Piece) -> TextMatch:
    text, quoted, *_ = piece
    if op == "=" or field.name == "unit" or not text:
        return TextMatch(text, "whole")
    how = "words" if field.kind == "words" else "anywhere"
    if quoted:
        return TextMatch(text, how)
    how, text = _anchored(text, how)
    return TextMatch(text, how)
