"""Runs a query and collects all that Browse shows of its result; may run in a thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from pluginary_tui.model import Plugin
from pluginary_tui.search import highlight, query_edit
from pluginary_tui.search.query import Filter, Message, Query, Word
from pluginary_tui.search.query_edit import left_out, order, order_of
from pluginary_tui.search.result import EmptyResultCause, Result, SearchCancelledError
from pluginary_tui.tui.core.session import CatalogueSnapshot

OUTSIDE = ("param", "unit", "text")
"""Fields that are looked up in the catalogue's file, which is slow."""

MANY = 20_000
"""Plugins from which on filters and orders, which look at each of them, are slow the first time."""


@dataclass(slots=True)
class BrowseResult:
    """The result of a query on one snapshot of the catalogue."""

    number: int
    """The number of the search; only the newest one counts."""
    text: str
    catalogue: CatalogueSnapshot
    result: Result
    facets: dict[str, list[tuple[str, int]]]
    cause: EmptyResultCause | None
    """The term that excludes everything, where nothing was found."""
    sorted_by: str
    """The order, as `sort:` words it; empty where the best comes first."""
    left_out: list[tuple[str, str]]
    """Values of facets that the query excludes."""
    words: tuple[str, ...]
    """The words that are highlighted."""
    keep: bool
    """Whether the cursor stays on its plugin, as the query is the same."""
    products: bool = False
    """Whether the rows are products, and everything is counted in products."""
    unmeasured: int = 0
    """Found plugins without the measured figure that the list is ordered by."""

    def highlights(self, plugin: Plugin) -> Mapping[str, Sequence[int]]:
        """Which letters of a plugin's name, vendor and category the query names."""
        return highlight.letters(self.words, plugin)

    @property
    def noun(self) -> str:
        """What is counted."""
        return "product" if self.products else "plugin"

    @property
    def total(self) -> int:
        """How many plugins or products there are, hidden ones too."""
        index = self.catalogue.index
        return index.product_count() if self.products else len(index)

    def marked(self) -> tuple[int, int]:
        """How many plugins or products are marked, and how many of these the query does not find."""
        return self.catalogue.index.marked(self.text, products=self.products)

    def remarks(self, measure_key: str) -> tuple[Message, ...]:
        """The messages of the query, other words that were found, and a figure that is not known of all plugins."""
        found = [*self.result.messages, *also_found(self.result)]
        if self.unmeasured:
            total, name = len(self.result.rows), self.sorted_by.lstrip("-")
            known = f"{name} is known of {total - self.unmeasured:,} of {total:,}, which come first"
            found.insert(0, Message(f"{known}; {measure_key} measures", 0, 0, "hint"))
        return tuple(found)

    def members(self, row: int) -> Sequence[Plugin]:
        """The plugins of the product of a row of the index."""
        return self.catalogue.index.members(row, hidden=self.result.shows_hidden)

    @property
    def active(self) -> Callable[[str, str], bool]:
        """Whether the query asks for a value of a facet."""
        return partial(query_edit.has_filter, self.text)


def run_query(
    number: int,
    text: str,
    catalogue: CatalogueSnapshot,
    by: str,
    cancelled: Callable[[], bool],
    *,
    keep: bool,
    products: bool = False,
) -> BrowseResult:
    """Search for plugins or products, in the order `by` where the query names none, and count the facets.

    Raises SearchCancelledError soon after `cancelled` is true, and CatalogueError where the file cannot be asked.
    """
    index = catalogue.index
    result = index.search(text, cancelled=cancelled, order=(order(by),), products=products)
    facets = index.facets(text, products=products)
    if cancelled():
        raise SearchCancelledError
    cause = index.blame(result.query, products=products) if catalogue.plugins and not result.rows else None
    ranked = any(isinstance(term, Word) for term in result.query.terms)
    sorted_by = order_of(result.query) or ("" if ranked else by)
    words = highlight.words(result.query)
    unmeasured = 0
    if (figures := catalogue.measured.figures.get(sorted_by.lstrip("-"))) is not None:
        unmeasured = sum(index.plugins[row].id not in figures for row in result.rows)
    out = left_out(result.query)
    return BrowseResult(
        number, text, catalogue, result, facets, cause, sorted_by, out, words, keep, products, unmeasured
    )


def also_found(result: Result) -> list[Message]:
    """What only other words for the same thing have found."""
    return [
        Message(f"the last {count:,} by another word for {word}: {other}", 0, 0, "hint")
        for word, other, count in result.also
    ]


def is_quick(query: Query, size: int) -> bool:
    """Whether a query takes no longer than a person would notice, in a catalogue of so many plugins."""
    if size >= MANY:
        return not query.sort and all(isinstance(term, Word) and term.how == "fuzzy" for term in query.terms)
    return not any(isinstance(term, Filter) and term.field in OUTSIDE for term in query.terms)
