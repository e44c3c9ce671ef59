"""Null test: whether two copies of a plugin (two formats, two versions) give the same output."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from pluginary_tui.config import Settings
from pluginary_tui.errors import ScanError
from pluginary_tui.isolation import jobs
from pluginary_tui.isolation.pool import Pool
from pluginary_tui.model import Plugin, clean
from pluginary_tui.scan.probe_job import MEASURING, pool_options
from pluginary_tui.sound.run import LEAST_TIMEOUT_S, measurable, payload

SAME_DB = -90.0
"""A difference below this is rounding: arithmetic in another order."""


@dataclass(slots=True, frozen=True)
class NullResult:
    """The difference of two copies in one setting."""

    label: str
    db: float
    """Level of the difference relative to the first copy, dB; -200 for none."""
    own: float
    """The same for two renderings of the first copy: above SAME_DB it is not repeatable."""
    same_names: bool
    """Whether the setting changed the same parameters of both."""

    @property
    def verdict(self) -> str:
        """`same`, `differs`, or `unknown` where the plugin differs from itself or has other parameters."""
        if self.db < SAME_DB:
            return "same"
        return "unknown" if self.own > SAME_DB or not self.same_names else "differs"


def are_copies(one: Plugin, other: Plugin) -> bool:
    """Whether two are the same plugin in two versions, two formats or two places."""
    return one.key != other.key and _identity(one) == _identity(other)


def copies_of(one: Plugin, others: Iterable[Plugin]) -> list[Plugin]:
    """The other copies of a plugin that can be loaded."""
    return [other for other in others if measurable(other) and are_copies(one, other)]


def _identity(plugin: Plugin) -> tuple[str, str, str]:
    """Vendor, name and kind, which copies share."""
    return plugin.vendor.casefold(), plugin.name.casefold(), plugin.kind


def overall(nulls: Iterable[NullResult]) -> str:
    """`differs` where any setting does, `same` where all are, else `unknown`."""
    verdicts = {null.verdict for null in nulls}
    return "differs" if "differs" in verdicts else "same" if verdicts == {"same"} else "unknown"


def compare(
    first: Plugin, second: Plugin, settings: Settings, cancelled: Callable[[], bool] = lambda: False
) -> list[NullResult]:
    """Null two copies in a process of their own, at default and in every seeded setting. Blocks for some seconds.

    Returns an empty list soon after `cancelled` is true. Raises ScanError where one of them did not load, crashed or
    hung.
    """
    job = jobs.Job(
        f"{first.path}\n{second.path}",
        "pluginary_tui.sound.probe.entry:compare",
        {"first": payload(first), "second": payload(second), "seed": payload(first)["seed"]},
        max(LEAST_TIMEOUT_S, settings.scan.timeout_s),
        bundles=(first.path, second.path),
        vendor=first.vendor,
    )
    results: list[Any] = []
    with Pool(1, **pool_options(settings, MEASURING)) as pool:
        pool.submit(job)
        while not cancelled():
            for event in pool.events(0.1):
                match event:
                    case jobs.MessageReceived(_, {"nulls": list(nulls)}):
                        results = nulls
                    case jobs.JobEnded(error=error) if error or not results:
                        raise ScanError(f"{first.name} could not be compared: {error or 'it sent no result'}.")
                    case jobs.JobEnded():
                        try:
                            return [_null(each) for each in results]
                        except (LookupError, TypeError, ValueError, ArithmeticError):  # a plugin sent it in their place
                            raise ScanError(f"{first.name} sent a result that makes no sense.") from None
    return []


def _null(raw: Any) -> NullResult:
    return NullResult(clean(raw["label"]), float(raw["null"]), float(raw["own"]), bool(raw["same_names"]))
