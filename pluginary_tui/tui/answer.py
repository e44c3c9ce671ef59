"""What a query comes to, all that Browse shows of it at once; may be worked out in a thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pluginary_tui.search.index import Result
from pluginary_tui.search.query import Sort
from pluginary_tui.tui.session import Catalogue


@dataclass(slots=True)
class Answer:
    """What a query came to, for one picture of the catalogue."""

    number: int
    """The number of the search; only the newest one counts."""
    text: str
    catalogue: Catalogue
    result: Result
    facets: dict[str, list[tuple[str, int]]]
    keep: bool
    """The same question asked again: the cursor stays on its plugin."""


def answer(
    number: int, text: str, catalogue: Catalogue, by: Sort, cancelled: Callable[[], bool], *, keep: bool
) -> Answer:
    """Search, in the order `by` where the query names none, and count the facets.

    Raises SearchCancelledError soon after `cancelled` is true.
    """
    result = catalogue.index.search(text, cancelled=cancelled, order=(by,))
    return Answer(number, text, catalogue, result, catalogue.index.facets(text), keep)
