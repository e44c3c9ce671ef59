"""In-memory search index of the catalogue: evaluates queries, counts facets, explains empty results."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property

from pluginary_tui.model import Plugin
from pluginary_tui.products import product_of
from pluginary_tui.search import bitset, match, query_edit, synonyms
from pluginary_tui.search.column_store import FACETS, Columns
from pluginary_tui.search.product_rows import ProductRows
from pluginary_tui.search.query import Filter, Message, Query, Sort, Span, Term, TextMatch, Word, parse
from pluginary_tui.search.query_terms import is_plain_word, unit_terms
from pluginary_tui.search.ranking import Ranker
from pluginary_tui.search.result import EmptyResultCause, Lookup, Result, Rows, SearchCancelledError
from pluginary_tui.search.score_levels import Levels, best, raised, summed, top_down
from pluginary_tui.search.usage_order import frecencies, in_order

BONUS = 8
"""Largest bonus for frecency, in half points of a score."""
BY_SYNONYM = 10
"""Score of what only another word for the same thing finds: less than that of any match."""
_FILE_FIELDS = ("param", "unit", "text", "preset", "used-in")
_BY_NAME = (Sort("name"),)
_FIELD_LIKE = re.compile(r"([^\W\d]\w*)[:=]\w")


@dataclass(slots=True)
class _Answer:
    """An evaluated query: the rows of each clause, and the scores of those that rank."""

    query: Query
    at: float
    visible: int
    clauses: list[int]
    scores: list[Levels]
    messages: list[Message]
    found: int = 0
    also: list[tuple[str, str, int]] = field(default_factory=list)
    """Word, another word for it, and the rows that only that one matches."""
    asked: Query | None = None
    """The query as parsed first; `query` is its other reading where `and`, `or` or `not` is an operator."""
    shows_hidden: bool = False
    """Whether hidden plugins are among those looked at."""


class Index:
    """A search index of some plugins. It is not modified but replaced by a new one when the plugins change.

    `plugins` is in the index's own order, which decides between equal scores: what could be read first, then highest
    frecency, then short names, and of one name what pedalboard loads. The plugins of one product are neighbours, the
    one that stands for it first. What changes without a new probe (favourite, tags, note, hidden, uses) is read again
    after `refresh`. An index may be searched from one thread while another index is built.
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
        words: Mapping[str, Mapping[str, Sequence[str]]] | None = None,
        about: Mapping[str, str] | None = None,
        prefer: Sequence[str] = (),
    ) -> None:
        """Measured data are given by plugin id. `prefer`: formats, see `products.precedence`.

        `figures`: name -> plugin id -> number; `states`: state of `is:` -> ids of the plugins in it; `behaves`: plugin
        id -> what it behaves like; `words`: field (`sounds`, `knob`) -> plugin id -> its words; `about`: description
        of each figure and state.
        """
        moment = now or datetime.now(UTC)
        self.plugins = in_order(plugins, moment, prefer)
        self.figures, self.states, self.behaves = figures or {}, states or {}, behaves or {}
        self.words = words or {}
        self.about = about or {}
        self._lookup = lookup
        self.refresh(moment)

    def __len__(self) -> int:
        return len(self.plugins)

    @cached_property
    def _ranker(self) -> Ranker:
        """Built when a word is first searched: it is the largest part of an index."""
        return Ranker(
            [p.name for p in self.plugins], [p.vendor for p in self.plugins], [p.categories for p in self.plugins]
        )

    @cached_property
    def _products(self) -> ProductRows:
        return ProductRows(list(map(product_of, self.plugins)))

    def product_count(self) -> int:
        """How many products there are, hidden ones too."""
        return self._products.count(self._columns.everything)

    def members(self, row: int, *, hidden: bool = False) -> list[Plugin]:
        """The plugins of the product of a row, the one that stands for it first; with `hidden`, hidden ones too."""
        plugins = [self.plugins[each] for each in self._products.members(row)]
        return [plugin for plugin in plugins if hidden or not plugin.hidden] or [self.plugins[row]]

    def refresh(self, now: datetime | None = None) -> None:
        """Drop everything cached but names, vendors and categories, after other fields have changed."""
        moment = now or datetime.now(UTC)
        bonuses: dict[int, list[int]] = {}
        if used := frecencies(self.plugins, moment):
            for row, plugin in enumerate(self.plugins):
                if bonus := min(BONUS, round(2 * used.get(product_of(plugin), 0.0))):
                    bonuses.setdefault(bonus, []).append(row)
        self._bonus = {bonus: bitset.of_rows(rows, len(self.plugins)) for bonus, rows in bonuses.items()}
        self._columns = Columns(self.plugins, self.figures, self.states, self.behaves, self.words)
        self._hidden = self._columns.state("hidden")
        self._looked_up: dict[object, int] = {}
        self._rows_by_key: dict[int, int] = {}
        self._last: _Answer | None = None

    def warm(self, *, words: bool = True) -> None:
        """Build what the first searches need, in the thread that builds the index.

        Without `words`, only what listing and counting need.
        """
        self.facets("")
        self.search("")
        if words:
            self._ranker.warm()

    def parse(self, text: str) -> Query:
        """Parse a query that may use this index's figures and states."""
        return parse(text, self.figures, self.states)

    def search(
        self,
        query: str | Query,
        *,
        now: datetime | None = None,
        cancelled: Callable[[], bool] | None = None,
        limit: int | None = None,
        order: Sequence[Sort] = _BY_NAME,
        products: bool = False,
    ) -> Result:
        """The rows that match a query: best first, by its `sort:`, or by `order` where no term ranks them.

        With `products`, the products that have a plugin which matches, each once: the row of the plugin that stands
        for it, whether or not that one matches; ordered by what matches best, or by what the list is sorted by.
        Hidden plugins are left out unless the query contains `is:hidden` or `-is:hidden`. `now` (default: the present,
        local time zone) is the reference of `today` and `7d`. Raises SearchCancelledError soon after `cancelled` is
        true.
        """
        started = time.perf_counter()

        def check() -> None:
            if cancelled and cancelled():
                raise SearchCancelledError

        answer = self._answer(query, now, check)
        check()
        total = self._count(answer.found, products)
        if answer.query.sort or not answer.scores:
            found = self._stand_ins(answer) if products else answer.found
            source = self._columns.ordered(found, answer.query.sort or tuple(order))
        else:
            levels = summed(answer.scores, answer.found)
            if self._bonus:
                levels = raised(levels, self._bonus, len(answer.scores))
            source = top_down(levels)
            if products:
                shows_hidden = answer.shows_hidden
                source = self._products.stand_ins(source, lambda row: not shows_hidden and self.plugins[row].hidden)
        rows = Rows(source, total if limit is None else min(limit, total))
        elapsed = (time.perf_counter() - started) * 1000
        also = tuple(
            (word, other, n)
            for word, other, rows_ in answer.also
            if (n := self._only_there(rows_ & answer.found, answer.found, products))
        )
        return Result(answer.query, rows, total, tuple(answer.messages), elapsed, also, answer.shows_hidden)

    def _count(self, rows: int, products: bool) -> int:
        """How many rows are in a set, or how many products."""
        return self._products.count(rows) if products else rows.bit_count()

    def _only_there(self, rows: int, found: int, products: bool) -> int:
        """How many rows of `found` are in `rows`; how many products of `found` have none of their rows elsewhere."""
        return self._count(found, products) - self._count(found & ~rows, products)

    def _stand_ins(self, answer: _Answer) -> int:
        """The rows that stand for the products of an answer."""
        return self._products.whole(answer.found) & self._products.firsts(answer.visible)

    def facets(
        self, query: str | Query, *, now: datetime | None = None, products: bool = False
    ) -> dict[str, list[tuple[str, int]]]:
        """The values of each facet with their counts (of products if so asked), most frequent first.

        Each facet is counted without its own terms, so that its other values stay selectable.
        """
        answer = self._answer(query, now, _never_cancelled)
        counts = {}
        for facet in FACETS:
            chosen = answer.visible
            for clause, found in zip(answer.query.clauses, answer.clauses, strict=True):
                if not query_edit.belongs(clause, facet):
                    chosen &= found
            counts[facet] = self._columns.counts(facet, chosen, self._products if products else None)
        return counts

    def marks_changed(self) -> None:
        """Take in that other plugins are `marked`."""
        self._columns.forget_state("marked")
        self._last = None

    def marked(self, query: str | Query, *, products: bool = False) -> tuple[int, int]:
        """How many plugins, or products, are marked, and how many of them a query does not show."""
        marked, found = self._columns.state("marked"), self._answer(query, None, _never_cancelled).found
        seen = self._products.whole(found) if products else found
        return self._count(marked, products), self._count(marked & ~seen, products)

    def blame(
        self, query: str | Query, *, now: datetime | None = None, products: bool = False
    ) -> EmptyResultCause | None:
        """Why a query has no result; None where it has one, or has no terms.

        The first term that matches nothing by itself; otherwise the one without which most is found.
        """
        answer = self._answer(query, now, _never_cancelled)
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
        excluding = empty[0] if empty else max(range(len(without)), key=without.__getitem__)
        clause = parsed.clauses[excluding]
        span = clause[0].span[0], clause[-1].span[1]
        rest = query_edit.cut(parsed.text, span)
        hidden = self._hidden & ~answer.visible
        for rows in answer.clauses:
            hidden &= rows
        total = self.search(rest, now=now, limit=0, products=products).total
        is_word = len(clause) == 1 and isinstance(clause[0], Word) and not clause[0].negated
        aside = self._count(hidden, products)
        return EmptyResultCause(parsed.text[slice(*span)], span, rest, total, is_word, aside)

    def values(self, facet: str) -> list[tuple[str, int]]:
        """All values of a facet in the catalogue, most frequent first."""
        return self._columns.counts(facet, self._columns.everything)

    def _answer(self, query: str | Query, now: datetime | None, check: Callable[[], None]) -> _Answer:
        parsed = self.parse(query) if isinstance(query, str) else query
        moment = now or datetime.now().astimezone()
        last = self._last
        if last and last.asked == parsed and abs(last.at - moment.timestamp()) < 1:
            return last
        answer = self._evaluate(parsed, moment, check, False)
        if parsed.doubtful and not self._with_words(answer, parsed.doubtful, check):
            connected = parse(parsed.text, self.figures, self.states, connect=True)
            other = self._widened(self._evaluate(connected, moment, check, False), moment, check)
            answer = other if other.found else answer
        answer = self._widened(answer, moment, check)
        answer.asked = parsed
        self._last = answer
        return answer

    def _with_words(
        self, answer: _Answer, spans: Sequence[Span], check: Callable[[], None], whole: bool = False
    ) -> int:
        """The rows of an answer in which the words at these spans of the query begin a word, or are a `whole` one."""
        found = answer.found
        for start, end in spans:
            check()
            word = match.compact(answer.query.text[start:end])
            found &= self._ranker.whole_words(word) if whole else bitset.union(self._ranker.surely(word).values())
        return found

    def _widened(self, answer: _Answer, moment: datetime, check: Callable[[], None]) -> _Answer:
        """The answer with typos in every word or without its fillers, where it is empty and has several words.

        An article that begins a query and is a word of nothing found goes in any case: its letters begin many names.
        """
        query = answer.query
        if not answer.found and sum(is_plain_word(clause) for clause in query.clauses) > 1:
            answer = self._evaluate(query, moment, check, True)
        article = bool(query.clauses) and is_plain_word(query.clauses[0], synonyms.ARTICLES)
        if answer.found and not (article and not self._with_words(answer, [query.clauses[0][0].span], check, True)):
            return answer
        fillers = [clause for clause in query.clauses if is_plain_word(clause, synonyms.FILLERS)]
        kept = tuple(clause for clause in query.clauses if clause not in fillers)
        if not fillers or not kept:
            return answer
        other = self._evaluate(replace(query, clauses=kept), moment, check, False)
        if not other.found:
            return answer
        for (term,) in fillers:
            start, end = term.span
            other.messages.append(Message(f"found without {query.text[start:end]}", start, end - start, "hint"))
        return other

    def _evaluate(self, query: Query, now: datetime, check: Callable[[], None], loose: bool) -> _Answer:
        states = {value for t in query.terms if isinstance(t, Filter) and t.field == "is" for value in t.values}
        visible = self._columns.everything & ~(0 if "hidden" in states else self._hidden)
        answer = _Answer(query, now.timestamp(), visible, [], [], list(query.messages), visible)
        answer.shows_hidden = "hidden" in states
        units = unit_terms(query)
        for clause in query.clauses:
            check()
            found = 0
            ranked: list[Levels] = []
            for term in clause:
                rows, scores = self._term(term, now, check, loose, units if len(clause) == 1 else [], answer.also)
                found |= rows
                ranked += scores
            if ranked:
                answer.scores.append(ranked[0] if len(ranked) == 1 else best(i for one in ranked for i in one.items()))
            answer.clauses.append(found)
            answer.found &= found
        answer.messages += self._unknown_fields(query)
        if self._lookup is None:
            answer.messages += [
                Message(f"{t.field}: cannot be looked up here", t.span[0], t.span[1] - t.span[0], "hint")
                for t in query.terms
                if isinstance(t, Filter) and t.field in _FILE_FIELDS and t.field != "text"
            ]
        return answer

    def _unknown_fields(self, query: Query) -> list[Message]:
        """Hints about words such as `colour:red`, which are no field and in no name (`smart:EQ` may be in one)."""
        found = []
        for term in query.terms:
            start = term.span[0] + term.negated
            known = any(start <= message.start < term.span[1] for message in query.messages)
            named = _FIELD_LIKE.match(term.text) if isinstance(term, Word) and term.how == "fuzzy" else None
            if named and not known and isinstance(term, Word) and not self._ranker.surely(match.compact(term.text)):
                text = f"no field is called {named[1]}: it is searched as a word"
                found.append(Message(text, start, len(named[1]), "hint"))
        return found

    def _term(
        self,
        term: Term,
        now: datetime,
        check: Callable[[], None],
        loose: bool,
        units: list[Filter],
        also: list[tuple[str, str, int]],
    ) -> tuple[int, list[Levels]]:
        """The rows of a term and, where it is a ranking word, its scores. `also` is as in `_Answer`; it is added to."""
        if isinstance(term, Filter):
            in_file = term.field in _FILE_FIELDS
            rows = self._rows_from_file(term, units) if in_file else self._columns.filter(term, now)
            return self._unless(term.negated, rows), []
        letters = match.compact(term.text)
        if not letters:  # punctuation only: a literal text
            return self._unless(term.negated, self._columns.word(Word(term.text, "anywhere", False, term.span))), []
        if term.how != "fuzzy":
            rows = self._columns.word(term)
            if term.negated:
                return self._unless(True, rows), []
            return rows, [self._ranker.levels(letters, check)]
        if term.negated:
            return self._unless(True, bitset.union(self._ranker.surely(letters).values())), []
        levels = self._ranker.levels(letters, check, loose)
        rows = bitset.union(levels.values())
        meant = [(other, self._ranker.whole_words(other)) for other in synonyms.of(letters)]
        if state := synonyms.STATES.get(letters):
            meant.append((f"is:{state}", self._columns.state(state)))
        if meant:
            more = 0
            for other, found in meant:
                if only := found & ~(rows | more):
                    also.append((term.text, other, only))
                    more |= only
            levels = {**levels, BY_SYNONYM: levels.get(BY_SYNONYM, 0) | more}
            rows |= more
        return rows, [levels]

    def _unless(self, negated: bool, rows: int) -> int:
        return self._columns.everything & ~rows if negated else rows

    def _rows_from_file(self, term: Filter, units: list[Filter]) -> int:
        """The rows of a term that is looked up in the file; `param:` and `unit:` have to match the same parameter."""
        texts = tuple(value for value in term.values if isinstance(value, TextMatch))
        if term.field == "text":
            found = 0
            for value in texts:
                found |= self._columns.texts("text", value) | self._looked_up_rows("text", (value,), ())
            return found
        if term.field in ("preset", "used-in"):
            return self._looked_up_rows(term.field, texts, ())
        if term.field == "unit":
            return self._looked_up_rows("param", (), texts)
        if term.negated or not units:
            return self._looked_up_rows("param", texts, ())
        found = self._columns.everything
        for unit in units:
            found &= self._looked_up_rows(
                "param", texts, tuple(value for value in unit.values if isinstance(value, TextMatch))
            )
        return found

    @staticmethod
    def _look_up(
        lookup: Lookup, kind: str, texts: tuple[TextMatch, ...], units: tuple[TextMatch, ...]
    ) -> Collection[int]:
        match kind:
            case "text":
                return lookup.with_text(texts[0])
            case "preset":
                return lookup.with_preset(texts)
            case "used-in":
                return lookup.in_project(texts)
        return lookup.with_parameter(texts, units)

    def _looked_up_rows(self, kind: str, texts: tuple[TextMatch, ...], units: tuple[TextMatch, ...]) -> int:
        if self._lookup is None:
            return 0
        key = kind, texts, units
        if key not in self._looked_up:
            if not self._rows_by_key:
                self._rows_by_key = {plugin.key: row for row, plugin in enumerate(self.plugins)}
            keys = self._look_up(self._lookup, kind, texts, units)
            rows = [self._rows_by_key[k] for k in keys if k in self._rows_by_key]
            self._looked_up[key] = bitset.of_rows(rows, len(self.plugins))
        return self._looked_up[key]


def _never_cancelled() -> None:
    """Check of a search that cannot be cancelled."""
