"""Queries: parsing any text, and the types of what comes of it."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

from pluginary_tui.errors import QueryError
from pluginary_tui.search.parser import Parser
from pluginary_tui.search.query_terms import DateRange as DateRange
from pluginary_tui.search.query_terms import Filter as Filter
from pluginary_tui.search.query_terms import Message as Message
from pluginary_tui.search.query_terms import NumberRange as NumberRange
from pluginary_tui.search.query_terms import Query as Query
from pluginary_tui.search.query_terms import Sort as Sort
from pluginary_tui.search.query_terms import Span as Span
from pluginary_tui.search.query_terms import Term as Term
from pluginary_tui.search.query_terms import TextMatch as TextMatch
from pluginary_tui.search.query_terms import Word as Word
from pluginary_tui.search.query_terms import caret as caret


def strict(text: str, figures: Collection[str] = (), states: Collection[str] = ()) -> Query:
    """Parse a query that has to be understood completely; hints are accepted.

    Raises QueryError with the text of `caret`.
    """
    query = parse(text, figures, states)
    for message in query.messages:
        if message.level != "hint":
            raise QueryError(caret(text, message))
    return query


def parse(text: str, figures: Collection[str] = (), states: Collection[str] = (), *, connect: bool = False) -> Query:
    """Parse any text as a query; never raises.

    `figures` are the names of measured numbers, `states` those of measured states of `is:`. `connect` reads `and`,
    `or` and `not` as operators in any case, with a hint; otherwise only in capitals beside other letters.
    """
    return _parse(text, frozenset(figures), frozenset(states), connect)


@lru_cache(maxsize=256)
def _parse(text: str, figures: frozenset[str], states: frozenset[str], connect: bool) -> Query:
    return Parser(text, figures, states, connect).query()
