"""The catalogue in memory, ready to be asked anything in the query language at every keystroke."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import islice
from typing import Protocol, overload

from pluginary_tui.model import Plugin
from pluginary_tui.search import bitset, match, query_edit
from pluginary_tui.search.column_store import FACETS, Columns
from pluginary_tui.search.query import Filter, Message, Query, Sort, Span, Term, TextMatch, Word, parse
from pluginary_tui.search.ranking import Ranker
from pluginary_tui.search.score_levels import Levels, best, raised, summed, top_down

HALF_LIFE_DAYS = 30
BONUS = 8
"""The most that frecency adds to a score, in half points."""
_LOOKED_UP = ("param", "unit", "text")
_BY_NAME = (Sort("name"),)


class SearchCancelledError(Exception):
    """The search was abandoned: `cancelled` said so."""


class Lookup(Protocol):
    """What only the catalogue's file knows. The answers are `Plugin.key`s."""

    def with_parameter(self, names: Sequence[TextMatch], units: Sequence[TextMatch]) -> Collection[int]:
        """Plugins with a parameter of their own that has one of these names and one of these units; () is any."""

    def with_text(self, wanted: TextMatch) -> Collection[int]:
        """Plugins whose parameter names or probe logs hold a text."""


PAGE = 64
"""Rows that fit on a screen, about."""


class Rows(Sequence[int]):
    """Rows in an order, told on demand: a screen that shows forty of eighty thousand waits for forty."""

    def __init__(self, source: Iterator[int], total: int) -> None:
        self._source = source
        self._told: list[int] = []
        self._total = total

    def __len__(self) -> int:
        return self._total

    @overload
    def __getitem__(self, at: int) -> int: ...
    @overload
    def __getitem__(self, at: slice) -> list[int]: ...
    def __getitem__(self, at: int | slice) -> int | list[int]:
        if isinstance(at, slice):
            wanted = range(self._total)[at]
            self._tell(max(wanted[0], wanted[-1]) + 1 if wanted else 0)
            return [self._told[n] for n in wanted]
        if not 0 <= at < len(self._told):
            self._tell(at + 1 if at >= 0 else self._total)
        return self._told[at]

    def __iter__(self) -> Iterator[int]:
        self._tell(self._total)
        return iter(self._told)

    def __eq__(self, other: object) -> bool:
        return list(self) == list(other) if isinstance(other, Sequence) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def _tell(self, count: int) -> None:
        """Know so many of them, and as many more as will be asked for next."""
        wanted = min(count + PAGE, self._total) - len(self._told)
        if wanted > 0:
            self._told += islice(self._source, wanted)


@dataclass(slots=True)
class Result:
    """What a query found: positions in the index's `plugins`, in the order to show them."""

    query: Query
    rows: Rows
    total: int
    """How many there are, whatever the limit."""
    messages: tuple[Message, ...]
    elapsed_ms: float


@dataclass(slots=True)
class EmptyResultCause:
    """Why a query finds nothing: the term that excluded everything, and the query without it."""

    term: str
    span: Span
    without: str
    total: int
    """How many the query without it finds."""


@dataclass(slots=True)
class _Answer:
    """A query evaluated: the rows of each clause, and the scores of those that rank."""

    query: Query
    at: float
    visible: int
    clauses: list[int]
    scores: list[Levels]
    messages: list[Message]
    found: int = 0


class Index:
    """Plugins that can be searched. Built whole (0.1 s for ten thousand) and never changed: build another and swap.

    `plugins` is in the index's own order, the one that decides between equals: most used lately first, then short
    names. What can change of a plugin without a new probe (favourite, tags, note, hidden, uses) is read again after
    `refresh`. An index may be searched from one thread while another one is built.
    """

    def __init__(
        self,
        plugins: Iterable[Plugin],
        lookup: Lookup | None = None,
        figures: Mapping[str, Mapping[str, float]] | None = None,
        now: datetime | None = None,
        *,
        states: Mapping[str, Collection[str]] | None = None,
        behaves: Mapping[str, str] | None = None,
        about: Mapping[str, str] | None = None,
    ) -> None:
        """What was measured comes from outside, by plugin id.

        `figures` are numbers that a query may name: figure -> plugin id -> number; `states` are states of `is:` with
        the ids of those that are in them; `behaves` says what some behave like; `about` words figures and states.
        """
        moment = now or datetime.now(UTC)
        self.plugins = sorted(plugins, key=lambda p: (-frecency(p, moment) if p.uses else 0.0, len(p.name), p.name))
        self.figures, self.states, self.behaves = figures or {}, states or {}, behaves or {}
        self.about = about or {}
        self._lookup = lookup
        self.refresh(moment)

    def __len__(self) -> int:
        return len(self.plugins)

    @cached_property
    def _ranker(self) -> Ranker:
        """What finds words. It is the most of an index, in memory as in time, so made when a word is first searched."""
        return Ranker(
            [p.name for p in self.plugins], [p.vendor for p in self.plugins], [p.categories for p in self.plugins]
        )

    def refresh(self, now: datetime | None = None) -> None:
        """Forget what was read of the plugins but their names, vendors and categories: something else has changed."""
        moment = now or datetime.now(UTC)
        bonuses: dict[int, list[int]] = {}
        for row, plugin in enumerate(self.plugins):
            if plugin.uses and (bonus := min(BONUS, round(2 * frecency(plugin, moment)))):
                bonuses.setdefault(bonus, []).append(row)
        self._bonus = {bonus: bitset.of_rows(rows, len(self.plugins)) for bonus, rows in bonuses.items()}
        self._columns = Columns(self.plugins, self.figures, self.states, self.behaves)
        self._hidden = self._columns.state("hidden")
        self._looked_up: dict[object, int] = {}
        self._rows_by_key: dict[int, int] = {}
        self._last: _Answer | None = None

    def warm(self, *, words: bool = True) -> None:
        """Make in advance what the first searches would otherwise wait for; for the thread that builds the index.

        Without `words` only what is needed to list and count.
        """
        self.facets("")
        self.search("")
        if words:
            self._ranker.warm()

    def parse(self, text: str) -> Query:
        """A text as a query that may name this index's figures and states."""
        return parse(text, self.figures, self.states)

    def search(
        self,
        query: str | Query,
        *,
        now: datetime | None = None,
        cancelled: Callable[[], bool] | None = None,
        limit: int | None = None,
        order: Sequence[Sort] = _BY_NAME,
    ) -> Result:
        """The rows a query means, best first, or by its `sort:`; by `order` where nothing ranks them.

        Hidden plugins are left out unless the query says `is:hidden` either way. `now` (default: this moment, local
        time zone) is what `today` and `7d` count from. Raises SearchCancelledError soon after `cancelled` is true.
        """
        started = time.perf_counter()

        def check() -> None:
            if cancelled and cancelled():
                raise SearchCancelledError

        answer = self._answer(query, now, check)
        check()
        total = answer.found.bit_count()
        if answer.query.sort or not answer.scores:
            source = self._columns.ordered(answer.found, answer.query.sort or tuple(order))
        else:
            levels = summed(answer.scores, answer.found)
            if self._bonus:
                levels = raised(levels, self._bonus, len(answer.scores))
            source = top_down(levels)
        rows = Rows(source, total if limit is None else min(limit, total))
        elapsed = (time.perf_counter() - started) * 1000
        return Result(answer.query, rows, total, tuple(answer.messages), elapsed)

    def facets(self, query: str | Query, *, now: datetime | None = None) -> dict[str, list[tuple[str, int]]]:
        """The values of each facet with how often they occur, most frequent first.

        Each facet is counted with the other terms applied and its own lifted, so that its values stay to choose from.
        """
        answer = self._answer(query, now, _go_on)
        counts = {}
        for facet in FACETS:
            chosen = answer.visible
            for clause, found in zip(answer.query.clauses, answer.clauses, strict=True):
                if not query_edit.belongs(clause, facet):
                    chosen &= found
            counts[facet] = self._columns.counts(facet, chosen)
        return counts

    def blame(self, query: str | Query, *, now: datetime | None = None) -> EmptyResultCause | None:
        """Why a query finds nothing, or None where it finds something or has no terms to blame.

        The first term that means no row by itself; otherwise the one without which most is found.
        """
        answer = self._answer(query, now, _go_on)
        parsed = answer.query
        if answer.found or not parsed.clauses:
            return None
        without = []
        for skipped in range(len(parsed.clauses)):
            found = answer.visible
            for number, rows in enumerate(answer.clauses):
                if number != skipped:
                    found &= rows
            without.append(found.bit_count())
        empty = [n for n, rows in enumerate(answer.clauses) if not rows & answer.visible]
        guilty = empty[0] if empty else max(range(len(without)), key=without.__getitem__)
        clause = parsed.clauses[guilty]
        span = clause[0].span[0], clause[-1].span[1]
        rest = query_edit.cut(parsed.text, span)
        return EmptyResultCause(parsed.text[slice(*span)], span, rest, self.search(rest, now=now, limit=0).total)

    def values(self, facet: str) -> list[tuple[str, int]]:
        """All values of a facet in the catalogue, most frequent first."""
        return self._columns.counts(facet, self._columns.everything)

    def _answer(self, query: str | Query, now: datetime | None, check: Callable[[], None]) -> _Answer:
        parsed = self.parse(query) if isinstance(query, str) else query
        moment = now or datetime.now().astimezone()
        last = self._last
        if last and last.query == parsed and abs(last.at - moment.timestamp()) < 1:
            return last
        answer = self._evaluate(parsed, moment, check, False)
        words = [t for t in parsed.terms if isinstance(t, Word) and t.how == "fuzzy" and not t.negated]
        if not answer.found and len(words) > 1:
            answer = self._evaluate(parsed, moment, check, True)
        self._last = answer
        return answer

    def _evaluate(self, query: Query, now: datetime, check: Callable[[], None], loose: bool) -> _Answer:
        states = {value for t in query.terms if isinstance(t, Filter) and t.field == "is" for value in t.values}
        visible = self._columns.everything & ~(0 if "hidden" in states else self._hidden)
        answer = _Answer(query, now.timestamp(), visible, [], [], list(query.messages), visible)
        units = _units(query)
        for clause in query.clauses:
            check()
            found = 0
            ranked: list[Levels] = []
            for term in clause:
                rows, scores = self._term(term, now, check, loose, units if len(clause) == 1 else [])
                found |= rows
                ranked += scores
            if ranked:
                answer.scores.append(ranked[0] if len(ranked) == 1 else best(i for one in ranked for i in one.items()))
            answer.clauses.append(found)
            answer.found &= found
        if self._lookup is None:
            answer.messages += [
                Message(f"{t.field}: cannot be looked up here", t.span[0], t.span[1] - t.span[0], "hint")
                for t in query.terms
                if isinstance(t, Filter) and t.field in ("param", "unit")
            ]
        return answer

    def _term(
        self, term: Term, now: datetime, check: Callable[[], None], loose: bool, units: list[Filter]
    ) -> tuple[int, list[Levels]]:
        """The rows of a term and, where it is a word to rank by, its scores."""
        if isinstance(term, Filter):
            outside = term.field in _LOOKED_UP
            rows = self._find_outside(term, units) if outside else self._columns.filter(term, now)
            return self._unless(term.negated, rows), []
        letters = match.compact(term.text)
        if not letters:  # nothing but punctuation: a text to hold as it is
            return self._unless(term.negated, self._columns.word(Word(term.text, "anywhere", False, term.span))), []
        if term.how != "fuzzy":
            rows = self._columns.word(term)
            if term.negated:
                return self._unless(True, rows), []
            return rows, [self._ranker.levels(letters, check)]
        if term.negated:
            return self._unless(True, bitset.union(self._ranker.surely(letters).values())), []
        levels = self._ranker.levels(letters, check, loose)
        return bitset.union(levels.values()), [levels]

    def _unless(self, negated: bool, rows: int) -> int:
        return self._columns.everything & ~rows if negated else rows

    def _find_outside(self, term: Filter, units: list[Filter]) -> int:
        """The rows of `param:`, `unit:` or `text:`; a parameter must have the name and the unit at once."""
        wanted = tuple(value for value in term.values if isinstance(value, TextMatch))
        if term.field == "text":
            found = 0
            for value in wanted:
                found |= self._columns.texts("text", value) | self._keyed("text", (value,), ())
            return found
        if term.field == "unit":
            return self._keyed("param", (), wanted)
        if term.negated or not units:
            return self._keyed("param", wanted, ())
        found = self._columns.everything
        for unit in units:
            found &= self._keyed("param", wanted, tuple(value for value in unit.values if isinstance(value, TextMatch)))
        return found

    def _keyed(self, kind: str, wanted: tuple[TextMatch, ...], units: tuple[TextMatch, ...]) -> int:
        if self._lookup is None:
            return 0
        key = kind, wanted, units
        if key not in self._looked_up:
            if not self._rows_by_key:
                self._rows_by_key = {plugin.key: row for row, plugin in enumerate(self.plugins)}
            keys = self._lookup.with_text(wanted[0]) if kind == "text" else self._lookup.with_parameter(wanted, units)
            rows = [self._rows_by_key[k] for k in keys if k in self._rows_by_key]
            self._looked_up[key] = bitset.of_rows(rows, len(self.plugins))
        return self._looked_up[key]


def frecency(plugin: Plugin, now: datetime) -> float:
    """How often and how lately a plugin was used: the binary logarithm of its uses, halved every 30 days; 0 or more."""
    if not plugin.uses:
        return 0.0
    try:
        used = datetime.fromisoformat(plugin.used_at)
    except ValueError:
        return 0.0
    days = max(0.0, (now.timestamp() - used.replace(tzinfo=used.tzinfo or UTC).timestamp()) / 86_400)
    return math.log2(1 + plugin.uses) * math.exp2(-days / HALF_LIFE_DAYS)


def _units(query: Query) -> list[Filter]:
    """The `unit:` terms that must hold, which every `param:` is held against too."""
    single = [clause[0] for clause in query.clauses if len(clause) == 1]
    return [t for t in single if isinstance(t, Filter) and t.field == "unit" and not t.negated]


def _go_on() -> None:
    """A question that nobody takes back."""
