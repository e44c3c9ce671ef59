"""Sounds drawn as lines of text, with what has been heard of them in another colour."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from pluginary_tui.sound.player.playing import GAP_S
from pluginary_tui.sound.recording import RATE, peaks
from pluginary_tui.tui.widgets.rich_lines import Line
from pluginary_tui.tui.widgets.virtual_list import fit

LOOKS = ("curve", "second")
"""Of the first part and of the second, where it was heard."""


class Waveform:
    """Stereo parts that are played one after the other, for a width in cells and a number of lines."""

    def __init__(self, parts: Sequence[bytes], width: int, height: int) -> None:
        seconds = [len(part) / 4 / RATE for part in parts]
        self._whole = sum(seconds) + GAP_S * (len(parts) - 1)
        self._height = height
        self._columns: list[tuple[float, int]] = []
        """Amplitude (0 to 1) and part of each column; a part of -1 between the parts."""
        self.starts: list[int] = []
        at = 0.0
        for number, (part, length) in enumerate(zip(parts, seconds, strict=True)):
            begin, end = (int(width * moment / self._whole) for moment in (at, at + length))
            self._columns += [(0.0, -1)] * (begin - len(self._columns))
            self.starts.append(begin)
            self._columns += [(peak, number) for peak in peaks(part, max(1, end - begin))]
            at += length + GAP_S
        loudest = max((peak for peak, _ in self._columns), default=0.0) or 1.0
        self._columns = [((peak / loudest) ** 0.7, number) for peak, number in self._columns[:width]]

    def lines(self, position: float, plain: bool) -> Iterator[Line]:
        """The picture when `position` seconds have been heard."""
        heard = int(len(self._columns) * position / self._whole) if self._whole else 0
        for row in range(self._height):
            cells = [
                (self._sign(row, peak, plain) if number >= 0 else " ", LOOKS[number % 2] if at < heard else "quiet")
                for at, (peak, number) in enumerate(self._columns)
            ]
            yield [("".join(sign for sign, _ in run), look) for look, run in groupby(cells, key=lambda cell: cell[1])]

    def _sign(self, row: int, peak: float, plain: bool) -> str:
        """The sign of a column in a row: the two halves of a cell that lie within the amplitude."""
        upper, lower = (abs(2 * row + half + 0.5 - self._height) <= max(0.5, peak * self._height) for half in (0, 1))
        if plain:
            return "#" if upper or lower else " "
        return "█" if upper and lower else "▀" if upper else "▄" if lower else " "

    def titles(self, names: Sequence[str], width: int, ellipsis: str) -> Line:
        """The names of the parts, each below where it begins."""
        line: Line = []
        ends = [*self.starts[1:], width]
        for number, (name, start, end) in enumerate(zip(names, self.starts, ends, strict=True)):
            line.append((fit(name, max(0, end - start), ellipsis), LOOKS[number % 2]))
        return line
