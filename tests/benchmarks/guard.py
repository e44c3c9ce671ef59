"""The regression guard: ratios of the short form against those that were recorded. Never absolute times."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.contest import Row

PATH = Path(__file__).with_name("recorded.json")

WORSE = 1.5
"""How many times the recorded ratio is too much."""


def recorded() -> dict[str, float]:
    """By the row's name."""
    ratios: dict[str, float] = json.loads(PATH.read_text()) if PATH.exists() else {}
    return ratios


def record(rows: Sequence[Row]) -> None:
    """Keep these rows' ratios; those of other rows stay."""
    ratios = recorded() | {row.name: round(row.ratio, 3) for row in rows if row.ratio is not None}
    PATH.write_text(json.dumps(dict(sorted(ratios.items())), indent=2) + "\n")


def worse(rows: Sequence[Row]) -> list[str]:
    """A sentence for each row that is worse than recorded by half: which, and by how much."""
    known = recorded()
    return [
        f"{row.name}: the ratio is {row.ratio:.3g}, recorded is {known[row.name]:.3g}: "
        f"{row.ratio / known[row.name]:.2f} times that, and {WORSE} is too much ({row.title})"
        for row in rows
        if row.ratio is not None and row.name in known and row.ratio > WORSE * known[row.name]
    ]
