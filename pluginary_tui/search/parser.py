"""Parser of one query: the text is read once, from left to right."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, datetime

from pluginary_tui.search import dates, fields, units
from pluginary_tui.search.query_terms import (
    DateRange,
    Filter,
    Message,
    NumberRange,
    Query,
    Sort,
    Span,
    Term,
    TextMatch,
    Word,
)
from pluginary_tui.search.spellings import (
    APOSTROPHES,
    KIND_VALUES,
    MINUS,
    OPERATORS,
    QUOTES,
    YES_OR_NO,
    ascii_signs,
    pasted,
)

_OP = "==|=>|=<|<>|!=|>=|<=|[:=><≥≤≠⩾⩽]"
_INSTEAD_OF_ANY = {
    **dict.fromkeys(("param", "unit", "text"), "params>0"),
    "preset": "presets>0",
    "used-in": "projects>0",
}
"""Fields that are looked up in the file -> the query for those that have any."""
_FIELD = re.compile(rf"((?i:used-in)|[^\W\d]\w*)({_OP})")
_SPACED_FIELD = re.compile(rf"((?i:used-in)|[^\W\d]\w*)\s+({_OP})")
_OPS = re.compile(_OP.replace("|[:", "|["))
_BAR = re.compile(r"\|+")
_CONNECTIVE = re.compile(r"(AND|OR|NOT|&&)\s+(?=[^\s|])", re.IGNORECASE)
_COMPARISON_ALONE = re.compile(rf"(?:{_OP.replace('[:', '[')})(?=\s|[0-9]|$)")
_GROUPING = re.compile(r"(?:^|\s)\(")
_QUOTED = re.compile(f'"((?:[^"]|"")*)("?)|[{QUOTES}]([^{QUOTES}]*)[{QUOTES}]?')
_SPACES = re.compile(r"\s+(?=(\S))")
_WORD = re.compile(r"(?:\w+|\*)(?=[\s|]|$)")
_VALUE_AFTER_BAR = re.compile(r'\|(?=[\w"])')
_AFTER_SPACE = re.compile(r"\s+([^\s,|]+)(?=[\s|]|$)")
_IN_APOSTROPHES = re.compile(r"'([^']*)'(?=[\s,|]|$)")
_DECIMAL_COMMA = re.compile("[0-9]+,[0-9]+")
_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)
"""Reference time for checking whether a text is a date."""

_Piece = tuple[str, bool, int, int]
"""One value: its text, whether it was quoted, and its span."""


class Parser:
    """Parser of one text; every method reads from the column `at` on."""

    def __init__(self, text: str, figures: frozenset[str], states: frozenset[str], connect: bool) -> None:
        self.typed = text
        self.text = ascii_signs(text)  # of the same length; quoted values are taken from `typed`
        self.figures = figures
        self.states = states
        self.connect = connect
        self.has_small_letters = any(map(str.islower, text))
        self.at = 0
        self.messages: list[Message] = []
        self.sort: list[Sort] = []
        self.doubtful: list[Span] = []

    def query(self) -> Query:
        """The text as a query."""
        clauses: list[tuple[Term, ...]] = []
        joins = previous = False  # whether an OR precedes, and a term before that
        operators = False
        while self._skip_spaces():
            operator = self._operator(previous)
            if operator:
                operators = True
                joins = joins or (previous and operator == "|")
                continue
            term = self._term()
            if term and joins:
                clauses[-1] = (*clauses[-1], term)
            elif term:
                clauses.append((term,))
            previous, joins = term is not None, False
        if operators and (grouped := _GROUPING.search(self.text)):
            self._add_message(
                "parentheses do not group: a | joins only its two neighbours", grouped.end() - 1, grouped.end(), "hint"
            )
        return Query(self.typed, tuple(clauses), tuple(self.sort), tuple(self.messages), tuple(self.doubtful))

    def _skip_spaces(self) -> bool:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1
        return self.at < len(self.text)

    def _operator(self, previous: bool) -> str:
        """`|` for an OR and `&` for an AND that stand here, which are passed over; empty for neither."""
        if bar := _BAR.match(self.text, self.at):
            self.at = bar.end()
            return "|"
        word = self._connective("and", "or", "&&") if previous else ""
        self.at += len(word)
        return {"": "", "or": "|"}.get(word, "&")

    def _connective(self, *wanted: str) -> str:
        """One of the wanted operators in letters (or `&&`) that stands here before another term; else an empty text."""
        found = _CONNECTIVE.match(self.text, self.at)
        if not found or found[1].casefold() not in wanted:
            return ""
        word, span = found[1], found.span(1)
        if word != "&&" and not (word.isupper() and self.has_small_letters):
            if not self.connect:
                self.doubtful.append(span)
                return ""
            means = {"and": "between terms it has no effect", "or": "as |", "not": "as -"}[word.casefold()]
            self._add_message(f'{word} is read as an operator, {means}; "{word}" searches the word', *span, "hint")
        return word.casefold()

    def _term(self) -> Term | None:
        """The next term, or None for one that is skipped; always advances `at`."""
        start, negated = self.at, False
        if self._connective("not"):
            self.at += len("not")
            self._skip_spaces()
            negated = True
        if self.text[self.at] in "!" + MINUS:
            negated = not negated
            self.at += 1
        if found := pasted(self.text, self.at):
            self.at = found.end
            how = "whole" if found.field == "id" else "anywhere"
            return Filter(found.field, (TextMatch(found.text, how),), negated, (start, self.at))
        if self.text[self.at : self.at + 1] in tuple(QUOTES):
            phrase, *_ = self._value()
            return Word(phrase, "anywhere", negated, (start, self.at)) if phrase.strip() else None
        named = _FIELD.match(self.text, self.at) or self._spaced_field()
        if named:
            name, op = named[1], OPERATORS.get(named[2], named[2])
            if field := fields.find(name, self.figures):
                is_digit = self.text[named.end() : named.end() + 1].isdecimal()  # sidechain:1 is a number
                if field.kind == "number" and not is_digit and (flag := self._flag(named, op)):
                    return Filter("is", (flag[0],), negated == flag[1], (start, self.at))
                self.at = named.end()
                return self._filter(field, op, negated, start)
            if name.casefold() in fields.KIND_NAMES and op in (":", "=", "!="):
                self.at = named.end()
                return self._kind(name, negated != (op == "!="), start)
            if flag := self._flag(named, op):
                return Filter("is", (flag[0],), negated == flag[1], (start, self.at))
        elif alone := _COMPARISON_ALONE.match(self.text, self.at):
            self._add_message(f"no field stands before {alone[0]}: write it as params>20", *alone.span(), "hint")
        word = self._bare("|")
        if named:
            self._hint_field(named[1], named.start(), named[2])
        return self._word(word, negated, start)

    def _spaced_field(self) -> re.Match[str] | None:
        """The name of a field and an operator with spaces between them, where they stand here."""
        found = _SPACED_FIELD.match(self.text, self.at)
        if not found:
            return None
        known = fields.find(found[1], self.figures) or found[1].casefold() in fields.KIND_NAMES
        return found if known else None

    def _kind(self, name: str, negated: bool, start: int) -> Term | None:
        """The term that `kind:` or `type:` of other programs stands for: a format, or `is:`."""
        pieces = self._values()
        if not pieces:
            self._add_message(f"{name}: wants a value", start, self.at, "unfinished")
            return None
        read = [KIND_VALUES.get(text.casefold(), ("", "")) for text, *_ in pieces]
        if len({field for field, _ in read}) == 1 and read[0][0]:
            values = tuple(value if field == "is" else TextMatch(value) for field, value in read)
            return Filter(read[0][0], values, negated, (start, self.at))
        wanted = pieces[0][0]
        self._add_message(
            f"{name}:{wanted} is not understood: write is:instrument, format:vst3 or category:{wanted}", start, self.at
        )
        return None

    def _flag(self, named: re.Match[str], op: str) -> tuple[str, bool] | None:
        """State and whether it is wanted, of a state written as a field (`favourite:yes`)."""
        state = fields.state(named[1], self.states)
        found = _WORD.match(self.text, named.end())
        wanted = YES_OR_NO.get(found[0].casefold()) if found else None
        if state is None or found is None or wanted is None or op not in (":", "=", "!="):
            return None
        self.at = found.end()
        return state, wanted != (op == "!=")

    def _word(self, word: str, negated: bool, start: int) -> Term | None:
        how, span = "fuzzy", (start, self.at)
        if word.startswith("#"):
            tag = TextMatch(word[1:])
            return Filter("tag", (tag,), negated, span) if tag.text else None
        if word.startswith(tuple(APOSTROPHES)):
            how, word = "anywhere", word[1:]
        else:
            how, word = _anchored(word, how)
        return Word(word, how, negated, span) if word.strip("!" + MINUS) else None

    def _hint_field(self, name: str, start: int, op: str) -> None:
        span = start, start + len(name)
        if near := fields.near(name, [*fields.NAMES, *self.figures]):
            self._add_message(f"no field is called {name}: did you mean {near}:?", *span, "hint")
        elif state := fields.state(name, self.states):
            self._add_message(f"no field is called {name}: write is:{state}", *span, "hint")
        elif op not in (":", "="):
            self._add_message(f"no field is called {name}: it is searched as a word", *span, "hint")

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
        if not (found := _QUOTED.match(self.typed, start) or _IN_APOSTROPHES.match(self.typed, start)):
            return self._bare(",|"), False, start, self.at
        self.at = found.end()
        return next(filter(None, found.groups()[::2]), "").replace('""', '"'), True, start, self.at

    def _values(self, read: Callable[[], _Piece] | None = None) -> list[_Piece]:
        """The values that stand here, separated by `,` or, where no other term begins, by `|`."""
        read = read or self._value
        values = [read()]
        while self.text[self.at : self.at + 1] == "," or (
            (bar := _VALUE_AFTER_BAR.match(self.text, self.at)) and not self._begins_filter(bar.end())
        ):
            self.at += 1
            values.append(read())
        return [piece for piece in values if piece[0] or piece[1]]

    def _begins_filter(self, at: int) -> bool:
        named = _FIELD.match(self.text, at)
        return named is not None and fields.find(named[1], self.figures) is not None

    def _pass_spaces_before_value(self, field: fields.Field) -> None:
        """Advance `at` to a value that follows after spaces; leave it where another term follows."""
        found = _SPACES.match(self.text, self.at)
        if not found or self._begins_filter(found.end()):
            return
        signs = "-" if field.kind == "sort" else "" if field.kind != "number" else MINUS + "+.><="
        first = found[1]
        if first in signs or first.isdigit() or (field.kind != "number" and (first.isalpha() or first in QUOTES)):
            self.at = found.end()

    def _number_piece(self, field: fields.Field, op: str) -> _Piece:
        """One value of a number field: thousands separators are left out, and a unit after a space is added."""
        start, text = self.at, ""
        while found := units.GROUPED.match(self.text, self.at):
            digits = units.ungrouped(found[0], op not in (":", "="))
            if not digits:
                first = found[0].replace(",", "")
                self._add_message(f"{found[0]} are two values; one number is written {first}", *found.span(), "hint")
                break
            text, self.at = text + digits, found.end()
            if self.text[self.at : self.at + 2] == "..":
                text, self.at = f"{text}..", self.at + 2
        rest, quoted = ("", False) if self.text[self.at : self.at + 1] in ("", ",") else self._value()[:2]
        text += rest.replace("…", "..")
        unit = _AFTER_SPACE.match(self.text, self.at)
        if unit and text[-1:].isdigit() and units.is_unit(unit[1], field.unit):
            text, self.at = text + unit[1], unit.end()
        return text, quoted, start, self.at

    def _filter(self, field: fields.Field, op: str, negated: bool, start: int) -> Term | None:
        self._pass_spaces_before_value(field)
        if op == ":" and field.kind in ("number", "date") and (inner := _OPS.match(self.text, self.at)):
            op, self.at = OPERATORS.get(inner[0], inner[0]), inner.end()
            self._pass_spaces_before_value(field)
        first = self.at
        pieces = self._values((lambda: self._number_piece(field, op)) if field.kind == "number" else None)
        if not pieces:
            self._add_message(f"{field.name}: wants a value", start, self.at, "unfinished")
            return None
        if op == "!=":
            op, negated = "=", not negated
        if field.kind not in ("number", "date") and op not in (":", "="):
            self._add_message(f"{field.name} cannot be compared with {op}, only with : = !=", start, self.at)
            return None
        if len(pieces) > 1 and op not in (":", "="):
            listed = self.text[first : self.at]
            point = listed.replace(",", ".", 1)
            instead = f": write {field.name}{op}{point}" if _DECIMAL_COMMA.fullmatch(listed) else ""
            self._add_message(f"{field.name}{op} takes one value, not {listed}{instead}", first, self.at)
            return None
        if field.kind == "sort":
            self._sort(pieces, negated)
            return None
        if field.kind in ("words", "state") and op == ":":
            pieces, negated = _without_minus(pieces, negated)
        if field.name == "status":
            self._check_statuses(pieces)
        if field.kind in ("words", "text") and [piece[:2] for piece in pieces] == [("*", False)]:
            return self._present(field, negated, start)
        read = {"number": self._number, "date": self._date, "state": self._state}.get(field.kind)
        values: list[TextMatch | NumberRange | DateRange | str]
        if read:
            values = [value for piece in pieces if (value := read(field, op, piece)) is not None]
        else:
            values = [_text_match(field, op, piece) for piece in pieces]
        return Filter(field.name, tuple(values), negated, (start, self.at)) if values else None

    def _check_statuses(self, pieces: list[_Piece]) -> None:
        """Say which values are no status: alone they find nothing, negated everything."""
        for text, _, start, end in pieces:
            bare = text.strip('*^$"').casefold()
            if bare and not any(status.startswith(bare) for status in (*fields.STATUSES, "none")):
                near = fields.near(bare, fields.STATUSES)
                known = f"did you mean {near}?" if near else "there are " + ", ".join(fields.STATUSES)
                self._add_message(f"no status is called {text}: {known}", start, end, "hint")

    def _present(self, field: fields.Field, negated: bool, start: int) -> Term | None:
        """The term `field:*`: those whose field is not empty."""
        if instead := _INSTEAD_OF_ANY.get(field.name):
            self._add_message(f"{field.name}:* is not understood: write {instead}", start, self.at)
            return None
        return Filter(field.name, (TextMatch("", "whole"),), not negated, (start, self.at))

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
            names = fields.state_names(sorted(self.states))
            near, instead = fields.near(text, names), fields.instead_of_state(text)
            known = f"did you mean is:{near}?" if near else "one of " + ", ".join(names)
            known = f"write {instead}" if instead else known
            self._add_message(f"no state is called {text}: {known}", start, end)
        return state

    def _number(self, field: fields.Field, op: str, piece: _Piece) -> NumberRange | None:
        text, _, start, end = piece
        low, dots, high = text.partition("..")
        if dots and op in (":", "=") and (low or high):
            ends = (
                units.number(low, field.unit) if low else -math.inf,
                units.number(high, field.unit) if high else math.inf,
            )
            if ends[0] is not None and ends[1] is not None:
                return NumberRange(ends[0], ends[1])
        elif not dots and (number := units.number(text, field.unit)) is not None:
            return {
                ">": NumberRange(low=math.nextafter(number, math.inf)),
                ">=": NumberRange(low=number),
                "<": NumberRange(high=math.nextafter(number, -math.inf)),
                "<=": NumberRange(high=number),
            }.get(op, NumberRange(number, number))
        self._add_message(units.advice(field.name, op, text, field.unit), start, end)
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


def _without_minus(pieces: list[_Piece], negated: bool) -> tuple[list[_Piece], bool]:
    """A single bare value without the minus before it (`is:-fav`), and whether the term is negated then."""
    text, quoted, start, end = pieces[0]
    if len(pieces) == 1 and not quoted and len(text) > 1 and text[0] in "!" + MINUS:
        return [(text[1:], False, start, end)], not negated
    return pieces, negated


def _anchored(text: str, how: str) -> tuple[str, str]:
    prefix, suffix = text.startswith("^"), len(text) > 1 and text.endswith("$")
    text = text[prefix : len(text) - suffix]
    return ("whole" if prefix and suffix else "prefix" if prefix else "suffix" if suffix else how), text


def _text_match(field: fields.Field, op: str, piece: _Piece) -> TextMatch:
    text, quoted, *_ = piece
    if op == "=" and not quoted and "*" in (text[:1], text[-1:]):
        how = "anywhere" if text[0] == text[-1] else "suffix" if text[0] == "*" else "prefix"
        return TextMatch(text.strip("*"), how)
    if op == "=" or field.name == "unit" or not text:
        return TextMatch(text, "whole")
    how = "words" if field.kind == "words" else "anywhere"
    if quoted:
        return TextMatch(text, how)
    how, text = _anchored(text, how)
    return TextMatch(text, how)
