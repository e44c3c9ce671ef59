"""Whether two copies of a plugin (two formats, two versions) do the same: do they null against each other?"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from pluginary_tui.config import Settings
from pluginary_tui.errors import ScanError
from pluginary_tui.isolation import jobs
from pluginary_tui.isolation.pool import Pool
from pluginary_tui.model import Outcome, Plugin, clean
from pluginary_tui.sound.run import LEAST_TIMEOUT_S, payload

SAME_DB = -90.0
"""What is left may be this much: arithmetic in another order."""


@dataclass(slots=True, frozen=True)
class NullResult:
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


def are_copies(one: Plugin, other: Plugin) -> bool:
    """Whether two are one plugin, installed twice: in two versions, two formats or two places."""
    return one.key != other.key and _told(one) == _told(other)


def copies_of(one: Plugin, others: Iterable[Plugin]) -> list[Plugin]:
    """The other copies of a plugin that can be loaded."""
    return [other for other in others if other.status == Outcome.OK and are_copies(one, other)]


def _told(plugin: Plugin) -> tuple[str, str, str]:
    """What copies share: maker, name and kind, whatever the format."""
    return plugin.vendor.casefold(), plugin.name.casefold(), plugin.kind


def overall(nulls: Iterable[NullResult]) -> str:
    """`differs` where any setting does, `same` where all are, else `unknown`."""
    verdicts = {null.verdict for null in nulls}
    return "differs" if "differs" in verdicts else "same" if verdicts == {"same"} else "unknown"


def compare(
    first: Plugin, second: Plugin, settings: Settings, cancelled: Callable[[], bool] = lambda: False
) -> list[NullResult]:
    """Null two copies in a process of their own, at default and in every seeded setting; blocks for some seconds.

    Empty soon after `cancelled` is true. Raises ScanError where it could not be done: one of them did not load,
    crashed or hung.
    """
    job = jobs.Job(
        f"{first.path}\n{second.path}",
        "pluginary_tui.sound.probe.entry:compare",
        {"first": payload(first), "second": payload(second), "seed": payload(first)["seed"]},
        max(LEAST_TIMEOUT_S, settings.scan.timeout_s),
    )
    told: list[Any] = []
    with Pool(1, memory_limit_mb=settings.scan.memory_limit_mb, preload="pluginary_tui.sound.probe.entry:warm") as pool:
        pool.submit(job)
        while not cancelled():
            for event in pool.events(0.1):
                match event:
                    case jobs.MessageReceived(_, {"nulls": list(nulls)}):
                        told = nulls
                    case jobs.JobEnded(error=error) if error or not told:
                        raise ScanError(f"{first.name} could not be compared: {error or 'it said nothing'}.")
                    case jobs.JobEnded():
                        return [_null(each) for each in told]
    return []


def _null(told: Any) -> NullResult:
    return NullResult(clean(told["label"]), float(told["null"]), float(told["own"]), bool(told["same_names"]))
