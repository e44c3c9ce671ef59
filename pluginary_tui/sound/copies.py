"""Whether two copies of a plugin (two formats, two versions) do the same: do they null against each other?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pluginary_tui.config import Settings
from pluginary_tui.errors import ScanError
from pluginary_tui.isolation import jobs
from pluginary_tui.isolation.pool import Pool
from pluginary_tui.model import Plugin, clean
from pluginary_tui.sound.run import LEAST_TIMEOUT_S, payload

SAME_DB = -90.0
"""What is left may be this much: arithmetic in another order."""


@dataclass(slots=True, frozen=True)
class Null:
    """What is left of one copy against the other in one setting."""

    label: str
    db: float
    """Of the difference, against the first; -200 for none."""
    own: float
    """The same of the first against itself: what cannot be told for it is not repeatable."""
    same_names: bool
    """Whether the same parameters were turned."""

    @property
    def verdict(self) -> str:
        """`same`, `differs`, or `unknown` where the plugin differs from itself or has other parameters."""
        if self.db < SAME_DB:
            return "same"
        return "unknown" if self.own > SAME_DB or not self.same_names else "differs"


def compare(first: Plugin, second: Plugin, settings: Settings) -> list[Null]:
    """Null two copies in a process of their own, at default and in every seeded setting.

    Raises ScanError where it could not be done: one of them did not load, crashed or hung.
    """
    job = jobs.Job(
        f"{first.path}\n{second.path}",
        "pluginary_tui.sound.start:compare",
        {"first": payload(first), "second": payload(second), "seed": payload(first)["seed"]},
        max(LEAST_TIMEOUT_S, settings.scan.timeout_s),
    )
    told: list[Any] = []
    with Pool(1, memory_limit_mb=settings.scan.memory_limit_mb, preload="pluginary_tui.sound.start:warm") as pool:
        pool.submit(job)
        while True:
            for event in pool.events(0.5):
                match event:
                    case jobs.Said(_, {"nulls": list(nulls)}):
                        told = nulls
                    case jobs.Ended(error=error) if error or not told:
                        raise ScanError(f"{first.name} could not be compared: {error or 'it said nothing'}.")
                    case jobs.Ended():
                        return [_null(each) for each in told]


def _null(told: Any) -> Null:
    return Null(clean(told["label"]), float(told["null"]), float(told["own"]), bool(told["same_names"]))
