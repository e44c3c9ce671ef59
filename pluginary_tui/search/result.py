"""The result of a search, and what it looks up in the catalogue's file."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol, overload

from pluginary_tui.search.query import Message, Query, Span, TextMatch


class SearchCancelledError(Exception):
    """The search was cancelled by its `cancelled` function."""


class Lookup(Protocol):
    """Searches in the catalogue's file. Results are `Plugin.key`s."""

    def with_parameter(self, names: Sequence[TextMatch], units: Sequence[TextMatch]) -> Collection[int]:
        """Plugins with an own parameter of one of these names and one of these units; () matches any."""

    def with_text(self, text: TextMatch) -> Collection[int]:
        """Plugins whose parameter names or probe logs match a text."""

    def with_preset(self, names: Sequence[TextMatch]) -> Collection[int]:
        """Plugins with a program or a preset file of one of these names."""

    def in_project(self, names: Sequence[TextMatch]) -> Collection[int]:
        """Plugins that a project of one of these names uses."""


PAGE = 64
"""Rows that are produced ahead, about a screenful."""


class Rows(Sequence[int]):
    """Rows in their order, produced on demand: a screen that shows forty of many waits for forty only."""

    def __init__(self, source: Iterator[int], total: int) -> None:
        self._source = source
        self._produced: list[int] = []
        self._total = total

    def __len__(self) -> int:
        return self._total

    @overload
    def __getitem__(self, at: int) -> int: ...
    @overload
    def __getitem__(self, at: slice) -> list[int]: ...
    def __getitem__(self, at: int | slice) -> int | list[int]:
        if isinstance(at, slice):
            texts = range(self._total)[at]
            self._produce(max(texts[0], texts[-1]) + 1 if texts else 0)
            return [self._produced[n] for n in texts]
        if not 0 <= at < len(self._produced):
            self._produce(at + 1 if at >= 0 else self._total)
        return self._produced[at]

    def __iter__(self) -> Iterator[int]:
        self._produce(self._total)
        return iter(self._produced)

    def __eq__(self, other: object) -> bool:
        return list(self) == list(other) if isinstance(other, Sequence) else NotImplemented

    def _produce(self, count: int) -> None:
        """Produce `count` rows, and a page more."""
        texts = min(count + PAGE, self._total) - len(self._produced)
        if texts > 0:
            self._produced += islice(self._source, texts)


@dataclass(slots=True)
class Result:
    """Result of a query: positions in the index's `plugins`, in display order."""

    query: Query
    rows: Rows
    total: int
    """Number of matches, regardless of the limit."""
    messages: tuple[Message, ...]
    elapsed_ms: float
    also: tuple[tuple[str, str, int], ...] = ()
    """Word of the query, another word for it, and how many only that one found. They stand behind the others."""
    shows_hidden: bool = False
    """Whether hidden plugins are looked at, as the query asks for them."""


@dataclass(slots=True)
class EmptyResultCause:
    """Why a query has no result: the term that excludes everything, and the query without it."""

    term: str
    span: Span
    without: str
    total: int
    """Number of matches without it."""
    is_word: bool = False
    """Whether the term is a plain word."""
    hidden: int = 0
    """Hidden plugins that match the whole query."""
