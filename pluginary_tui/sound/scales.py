"""What the pictures of curves range over, whoever draws them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pluginary_tui.sound.passport import Curve


@dataclass(frozen=True, slots=True)
class Scale:
    """What a kind of picture ranges over."""

    title: str
    x: tuple[float, float]
    ticks: tuple[tuple[float, str], ...]
    """Where the numbers below stand, and how they are written; none: the curves say how far x goes."""
    logarithmic: bool = False
    least: tuple[float, float] = (0.0, 0.0)
    """y ranges at least from here to there."""
    most: tuple[float, float] = (-200.0, 200.0)
    """What is beyond is cut off."""
    diagonal: bool = False
    """A line where the output is the input; otherwise one at 0."""


SCALES = {
    "response": Scale(
        "RESPONSE", (20, 20_000), ((100, "100"), (1000, "1k"), (10_000, "10k")), True, (-12, 12), (-60, 40)
    ),
    "gain": Scale(
        "GAIN", (-60, 0), ((-60, "-60"), (-40, "-40"), (-20, "-20"), (0, "0")), False, (-60, 0), (-80, 20), True
    ),
    "decay": Scale("DECAY", (0, 0), (), False, (-60, 0), (-80, 6)),
}
"""By the names of `metrics.CURVES`."""


def y_range(scale: Scale, curves: Sequence[Curve]) -> tuple[int, int]:
    """From where to where y goes: whole steps of 6 dB around what is to be seen."""
    every = [min(max(y, scale.most[0]), scale.most[1]) for curve in curves for y in curve.y]
    return 6 * math.floor(min(*every, scale.least[0]) / 6), 6 * math.ceil(max(*every, scale.least[1]) / 6)


def across(scale: Scale, curves: Sequence[Curve]) -> tuple[float, float, tuple[tuple[float, str], ...]]:
    """Where x begins and ends, and its numbers."""
    if scale.ticks:
        left, right = map(math.log10, scale.x) if scale.logarithmic else scale.x
        return left, right, scale.ticks
    longest = max(max(curve.x) for curve in curves) or 1.0
    return 0.0, longest, tuple((longest * part, f"{longest * part:.2g}") for part in (0, 0.5, 1))
