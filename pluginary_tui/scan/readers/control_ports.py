"""Parameters of formats whose plugins state plain numbers and no texts: control ports of LADSPA and LV2."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from pluginary_tui.model import CHOICE_LIMIT
from pluginary_tui.scan.readers.vst3_interfaces import CAN_AUTOMATE, IS_BYPASS, READ_ONLY

SAMPLE_RATE_UNIT = "× sample rate"
"""Unit of a value that a host multiplies by its sample rate."""

_MOST_STEPS = 1 << 31


def parameter(
    index: int,
    name: str,
    *,
    short: str = "",
    unit: str = "",
    group: str = "",
    low: float | None = None,
    high: float | None = None,
    default: float | None = None,
    toggled: bool = False,
    integer: bool = False,
    points: Mapping[float, str] | None = None,
    enumerated: bool = False,
    bypass: bool = False,
    output: bool = False,
    automatable: bool = True,
) -> list[Any]:
    """A control port as the values that `scan.report.PARAMETER_FIELDS` names.

    `low`, `high` and `default` are in the port's own units, None where it does not state them. `points`: texts of
    single values; with `enumerated` these are all values that there are. A bypass is 0 where it is on, as LV2 has it.
    """
    low, high, default = (_finite(value) for value in (low, high, default))
    if toggled:
        low, high = 0.0 if low is None else low, 1.0 if high is None else high
    points = points or {}
    values = sorted(points) if enumerated and points else []
    steps = 1 if toggled else len(values) - 1 if values else 0
    if not steps and integer and low is not None and high is not None and 0 < high - low < _MOST_STEPS:
        steps = int(high - low)
    start = _normalized(default, low, high)
    choices = [points[value] for value in values] if len(values) <= CHOICE_LIMIT else []
    text = number(default)
    flags = (READ_ONLY if output else 0) | (IS_BYPASS if bypass else 0)
    if automatable and not output:
        flags |= CAN_AUTOMATE
    named = points.get(default, text) if default is not None else ""
    ends = number(low), number(high)
    return [index, name, short, unit, group, start, start, text, *ends, named, steps, flags, choices]


def number(value: float | None) -> str:
    """A number as a person writes it: no exponent, no more digits than a float of 32 bits holds; empty for None.

    >>> number(20000.0), number(0.1), number(1e-06), number(None)
    ('20000', '0.1', '0.000001', '')
    """
    if value is None:
        return ""
    if value == int(value) and abs(value) < 2**53:
        return str(int(value))
    text = f"{value:.7g}"
    return format(Decimal(text), "f") if "e" in text else text


def audio_bus(direction: str, names: Sequence[str], *, main: bool = True) -> list[Any]:
    """The audio ports of one direction that belong together, as one bus that is named like them."""
    return ["audio", direction, ", ".join(names), len(names), main]


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _normalized(value: float | None, low: float | None, high: float | None) -> float | None:
    """Where a value lies between the ends, 0 to 1; None where that is not stated."""
    if value is None or low is None or high is None or not high > low:
        return None
    return min(1.0, max(0.0, (value - low) / (high - low)))
