"""How use orders plugins: frequency and recency of use, and the order of an index, where a product stays together."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from pluginary_tui.model import Outcome, Plugin
from pluginary_tui.products import precedence, product_of, usable_first

HALF_LIFE_DAYS = 30


def frecencies(plugins: Iterable[Plugin], now: datetime) -> dict[str, float]:
    """The largest frecency of each product that was used, in any of its formats.

    Opening one format would otherwise put it before the one that pedalboard loads.
    """
    found: dict[str, float] = {}
    for plugin in plugins:
        if plugin.uses or plugin.used_in:
            product = product_of(plugin)
            found[product] = max(found.get(product, 0.0), frecency(plugin, now))
    return found


def in_order(plugins: Iterable[Plugin], moment: datetime, prefer: Sequence[str]) -> list[Plugin]:
    """The plugins in the order of an index: a product stands where its foremost plugin would."""
    placed = sorted(
        plugins,
        key=lambda p: (
            p.status != Outcome.OK,
            -frecency(p, moment) if p.uses or p.used_in else 0.0,
            len(p.name),
            p.name,
            usable_first(p),
        ),
    )
    groups: dict[str, list[Plugin]] = {}
    for plugin in placed:
        groups.setdefault(product_of(plugin), []).append(plugin)
    if len(groups) == len(placed):
        return placed
    key = precedence(prefer)
    return [plugin for group in groups.values() for plugin in (sorted(group, key=key) if len(group) > 1 else group)]


def frecency(plugin: Plugin, now: datetime) -> float:
    """Frequency and recency of use: log2(1 + uses), halved every 30 days since the last use.

    A project that uses the plugin counts as a use at the time when it was last changed.
    """
    last = max(plugin.used_at, plugin.project_used_at)  # both ISO 8601 in UTC, so that text is ordered as time
    if not last:
        return 0.0
    try:
        used = datetime.fromisoformat(last)
    except ValueError:
        return 0.0
    days = max(0.0, (now.timestamp() - used.replace(tzinfo=used.tzinfo or UTC).timestamp()) / 86_400)
    return math.log2(1 + plugin.uses + plugin.used_in) * math.exp2(-days / HALF_LIFE_DAYS)
