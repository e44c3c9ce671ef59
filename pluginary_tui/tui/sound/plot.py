"""Curves as lines of text: drawn on the canvas of textual-plot, with few ticks and no frame."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from pluginary_tui.sound.passport import Curve
from pluginary_tui.sound.scales import SCALES, Scale, across, y_range

if TYPE_CHECKING:
    from textual_hires_canvas import Canvas

    from pluginary_tui.tui.widgets.rich_lines import Line

HEIGHT = 7
"""Lines of a picture, without the axis below."""

LEAST_WIDTH = 18
"""Cells that a picture needs."""

DOT = 3
"""Of a dotted curve every so many pixels are drawn."""

MARGIN = 5
"""Cells for the numbers at the left."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One curve, how it is coloured, and with which letter where only plain letters are wanted."""

    curve: Curve
    look: str
    letter: str = "*"
    dotted: bool = False
    """Distinct in shape too: not every terminal has colours."""


def warm() -> None:
    """Import the modules that draw, which is slow, so that the first curve does not wait; for a thread."""
    import textual_hires_canvas  # noqa: F401
    import textual_plot  # noqa: F401


@lru_cache(maxsize=64)
def picture(kind: str, curves: tuple[Drawn, ...], width: int, plain: bool, height: int = HEIGHT) -> list[Line]:
    """Curves of one kind (of SCALES) over one another, the last on top, in `width` cells and `height` + 1 lines.

    `plain` draws with letters that every terminal has. Nothing where there is too little room.
    """
    from textual_hires_canvas import Canvas
    from textual_plot.axis_formatter import NumericAxisFormatter

    if width < LEAST_WIDTH or not curves:
        return []
    scale, columns = SCALES[kind], width - MARGIN - 1
    low, high = y_range(scale, [each.curve for each in curves])
    left, right, ticks = across(scale, [each.curve for each in curves])

    def place(x: float, y: float) -> tuple[float, float]:
        x = math.log10(max(x, 1e-3)) if scale.logarithmic else x
        column = (x - left) / (right - left) * columns
        # The finest that can be drawn is half a cell wide and a quarter high: keep the edges on the canvas.
        return min(column, columns - 0.01), (high - min(max(y, low), high)) / (high - low) * (height - 0.01)

    canvas = Canvas(columns, height)
    with canvas.batch_refresh():
        _reference(canvas, scale, (columns, height), (low, high), plain)
        for each in curves:
            points = [place(x, y) for x, y in zip(each.curve.x, each.curve.y, strict=True)]
            _draw(canvas, points, each, plain)
    numbers = NumericAxisFormatter().get_ticks(low, high, 4)
    labels = {int(place(left, y)[1]): f"{y:g}" for y in numbers}
    lines: list[Line] = []
    for row in range(height):
        lines.append([(f"{labels.get(row, ''):>{MARGIN - 1}}  ", "quiet"), *_cells(canvas, row, columns)])
    return [*lines, [(_below(ticks, left, right, columns, scale.logarithmic), "quiet")]]


def _reference(canvas: Canvas, scale: Scale, size: tuple[int, int], y_range: tuple[float, float], plain: bool) -> None:
    """The line of what does nothing, in faint dots."""
    (columns, height), (low, high) = size, y_range
    for column in range(0, columns, 2):
        part = (column + 0.5) / columns
        value = scale.x[0] + (scale.x[1] - scale.x[0]) * part if scale.diagonal else 0.0
        y = (high - value) / (high - low) * (height - 0.01)
        canvas.set_pixel(column, int(y), "." if plain else "·", "grid")


def _draw(canvas: Canvas, points: Sequence[tuple[float, float]], drawn: Drawn, plain: bool) -> None:
    if plain:
        for column, y in _by_column(points):
            canvas.set_pixel(column, int(y), drawn.letter, drawn.look)
        return
    pixels = [pixel for one, other in pairwise(points) for pixel in _between(one, other)]
    canvas.set_hires_pixels(pixels[:: DOT if drawn.dotted else 1], style=drawn.look)


def _between(one: tuple[float, float], other: tuple[float, float]) -> Iterator[tuple[float, float]]:
    """Points on a line, as many as there are pixels of Braille: two in a cell across, four down."""
    parts = max(1, math.ceil(max(2 * abs(other[0] - one[0]), 4 * abs(other[1] - one[1]))))
    for part in range(parts):
        yield one[0] + (other[0] - one[0]) * part / parts, one[1] + (other[1] - one[1]) * part / parts


def _by_column(points: Sequence[tuple[float, float]]) -> Iterator[tuple[int, float]]:
    """Where a curve is in each column of cells that it crosses."""
    for (x, y), (next_x, next_y) in pairwise(points):
        for column in range(math.ceil(x - 0.5), math.floor(next_x) + 1):
            part = (column + 0.5 - x) / (next_x - x) if next_x > x else 0.0
            yield max(0, column), y + (next_y - y) * min(max(part, 0.0), 1.0)


def _cells(canvas: Canvas, row: int, columns: int) -> Iterator[tuple[str, str]]:
    """One row of the canvas as pieces: neighbours that look alike together."""
    text, look = "", ""
    for column in range(columns):
        sign, style = canvas.get_pixel(column, row)
        if style != look and text:
            yield text, look or "text"
            text = ""
        text, look = text + sign, style
    yield text, look or "text"


def _below(ticks: Sequence[tuple[float, str]], left: float, right: float, columns: int, logarithmic: bool) -> str:
    """The numbers under the picture, each below its place."""
    line = [" "] * (MARGIN + 1 + columns)
    for value, text in ticks:
        x = math.log10(value) if logarithmic else value
        at = MARGIN + 1 + round((x - left) / (right - left) * (columns - 1)) - len(text) // 2
        at = max(0, min(at, len(line) - len(text)))
        line[at : at + len(text)] = text
    return "".join(line)
