"""Which rows of an index are one product: sets of rows as sets of products, without a loop over rows."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence

from pluginary_tui.search import bitset


class ProductRows:
    """The products of an index, whose rows have to be neighbours.

    Every method takes and gives sets of rows as integers (see `bitset`).
    """

    def __init__(self, products: Sequence[str]) -> None:
        """`products`: the product of each row."""
        size = len(products)
        self._first = array("I", bytes(4 * size))
        before, first = None, 0
        for row, product in enumerate(products):
            if product != before:
                before, first = product, row
            self._first[row] = first
        behind = bitset.of_flags(first != row for row, first in enumerate(self._first))
        self._heads = ((1 << size) - 1) & ~behind
        self._behind = behind
        self._steps: list[tuple[int, int]] = []
        """Powers of two, each with the rows that have so many rows of their own product before them."""
        step = 1
        while behind:
            self._steps.append((step, behind))
            behind &= behind << step
            step *= 2

    def whole(self, rows: int) -> int:
        """All rows of the products that have one in `rows`."""
        for step, behind in self._steps:
            rows |= (rows & behind) >> step
        return self._onwards(rows)

    def heads(self, rows: int) -> int:
        """The first row of each product that has one in `rows`."""
        for step, behind in self._steps:
            rows |= (rows & behind) >> step
        return rows & self._heads

    def firsts(self, rows: int) -> int:
        """Of each product the first of its rows that is in `rows`."""
        return rows & ~((self._onwards(rows) << 1) & self._behind)

    def count(self, rows: int) -> int:
        """How many products have a row in `rows`."""
        return self.firsts(rows).bit_count()

    def _onwards(self, rows: int) -> int:
        for step, behind in self._steps:
            rows |= (rows << step) & behind
        return rows

    def members(self, row: int) -> range:
        """The rows of the product of a row."""
        first = end = self._first[row]
        while end < len(self._first) and self._first[end] == first:
            end += 1
        return range(first, end)

    def first_of(self, rows: Iterable[int]) -> set[int]:
        """The first rows of the products of these rows."""
        return set(map(self._first.__getitem__, rows))

    def stand_ins(self, rows: Iterable[int], left_out: Callable[[int], bool]) -> Iterator[int]:
        """The products of these rows in their order, each by its first row that is not `left_out`."""
        seen: set[int] = set()
        first_of, add = self._first, seen.add
        for row in rows:
            first = first_of[row]
            if first not in seen:
                add(first)
                if first == row or not left_out(first):
                    yield first
                else:
                    yield next((each for each in range(first + 1, row) if not left_out(each)), row)
