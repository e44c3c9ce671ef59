"""Many short texts as one, so that those which hold some letters are found at the speed of C."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate


class Parts:
    """Texts without line ends, counted from 0."""

    def __init__(self, texts: Iterable[str]) -> None:
        held = list(texts)
        self._all = "\n".join(held)
        self._ends = array("I", accumulate(len(text) + 1 for text in held))
        """Where the next one starts."""

    def holding(self, letters: str) -> list[int]:
        """The texts that hold these letters, which are some and not a line end; rising."""
        find, ends = self._all.find, self._ends
        numbers: list[int] = []
        at = find(letters)
        while at >= 0:
            number = bisect_right(ends, at, numbers[-1] + 1 if numbers else 0)
            numbers.append(number)
            at = find(letters, ends[number])
        return numbers
