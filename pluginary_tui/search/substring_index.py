"""Finds which of many short texts contain a substring, by searching one long text."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate


class SubstringIndex:
    """Texts without line ends, numbered from 0."""

    def __init__(self, texts: Iterable[str]) -> None:
        listed = list(texts)
        self._all = "\n".join(listed)
        self._ends = array("I", accumulate(len(text) + 1 for text in listed))
        """For each text, the offset at which the next one starts."""

    def containing(self, letters: str) -> list[int]:
        """The numbers of the texts that contain `letters` (not empty, no line end), ascending."""
        find, ends = self._all.find, self._ends
        numbers: list[int] = []
        at = find(letters)
        while at >= 0:
            number = bisect_right(ends, at, numbers[-1] + 1 if numbers else 0)
            numbers.append(number)
            at = find(letters, ends[number])
        return numbers
