"""The columns of the plugin list: their texts and widths."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from types import MappingProxyType
from typing import NamedTuple

from rich.cells import cell_len

from pluginary_tui.figures import METRICS, Metric
from pluginary_tui.formatting import ago
from pluginary_tui.model import Outcome, Plugin
from pluginary_tui.plugin_fields import TABLE, Field, Heading
from pluginary_tui.products import formats_of, noted, tags_of
from pluginary_tui.search import categories
from pluginary_tui.sound.metrics import BEHAVIOUR_LABELS, VERDICT_LABELS
from pluginary_tui.sound.overview import ABOUT, Measurements


class Column(NamedTuple):
    """One column. Widths in cells."""

    title: str
    text: Callable[[Plugin], str]
    least: int
    most: int
    """As wide as the widest text needs, between `least` and `most`."""
    right: bool = False
    figure: bool = False
    """Whether it is a number of a probe, which a plugin that could not be read has not."""
    largest_first: bool = False
    """Whether the first order by it is descending."""
    measured: Callable[[Measurements, str], str] | None = None
    """For measured values: gives the text of the plugin with this id, instead of `text`."""

    def next_order(self, name: str, now: str) -> str:
        """The order that this column gives: its own direction first, reversed the next time."""
        turned = now == f"-{name}" if self.largest_first else now != name
        return name if turned else f"-{name}"


def _of_field(field: Field, heading: Heading) -> Column:
    """The column of a row of the table of fields."""
    if field.column in _MEASURED:
        return Column(heading.title, _nothing, heading.least, heading.most, measured=_MEASURED[field.column])
    text = _TEXTS.get(field.column) or heading.text or _text_of(field)
    return Column(
        heading.title, text, heading.least, heading.most, heading.right, heading.probed, heading.largest_first
    )


def _text_of(field: Field) -> Callable[[Plugin], str]:
    """The text of a cell by the kind of its field."""
    value = attrgetter(field.attribute)
    if field.kind == "number":
        return lambda plugin: f"{value(plugin):,}"
    return (lambda plugin: ago(value(plugin))) if field.kind == "date" else value


def _of_figure(metric: Metric) -> Column:
    """The column of a measured figure; empty where the plugin has none."""

    def text(measured: Measurements, id_: str) -> str:
        value = measured.figures[metric.name].get(id_)
        return "" if value is None else f"{value:,.{metric.places}f}"

    width = max(7, len(metric.title) + 2)
    return Column(metric.title, _nothing, width, width + 1, right=True, largest_first=True, measured=text)


def _nothing(plugin: Plugin) -> str:
    return ""


def _verdicts(measured: Measurements, id_: str) -> str:
    return ", ".join(label for name, label in VERDICT_LABELS.items() if id_ in measured.states[name])


_TEXTS: Mapping[str, Callable[[Plugin], str]] = {"category": categories.shown}
"""Texts of cells that need more than the table of fields may import."""
_MEASURED: Mapping[str, Callable[[Measurements, str], str]] = {
    "behaves": lambda measured, id_: BEHAVIOUR_LABELS[measured.behaves.get(id_, "")],
    "verdicts": _verdicts,
}

COLUMNS: Mapping[str, Column] = {
    **{field.column: _of_field(field, field.heading) for field in TABLE if field.heading},
    **{name: _of_figure(metric) for name, metric in METRICS.items()},
}
"""By the names that the setting browse.columns uses."""


PRODUCT_TEXTS: Mapping[str, Callable[[Sequence[Plugin]], str]] = {
    "tags": lambda plugins: " ".join(f"#{tag}" for tag in tags_of(plugins)),
    "rating": lambda plugins: "*" * max(plugin.rating for plugin in plugins),
    "note": lambda plugins: " ".join(noted(plugins).split()),
    "loads": lambda plugins: COLUMNS["loads"].text(max(plugins, key=lambda p: (p.loads is True, p.loads is False))),
    "uses": lambda plugins: f"{sum(plugin.uses for plugin in plugins):,}",
    "used": lambda plugins: ago(max(plugin.used_at for plugin in plugins)),
    "projects": lambda plugins: f"{max(plugin.used_in for plugin in plugins):,}",
}
"""Cells of a product with several plugins that say more than those of the plugin that stands for it."""

FORMATS_LEAST, FORMATS_MOST = 13, 28
"""Cells of the formats of a product: `vst3 clap lv2`, and the most there may be."""


NAME_LEAST, NAME_SHARE = 24, 0.4
"""Cells that the name gets before other columns get any, and no more than this part of the list."""


_ABOUT = {field.column: field.about for field in TABLE}

FITTED = ("name", "vendor", "category", "version", "tags", "note")
"""Columns as wide as their longest text; all others have their `most`."""


def widths(plugins: Sequence[Plugin]) -> dict[str, int]:
    """Cells that each column needs for all its texts, no more than its `most`."""
    need = {name: column.most for name, column in COLUMNS.items()}
    for name in FITTED:
        column = COLUMNS[name]
        texts = set(map(column.text, plugins))
        longest = max((len(text) if text.isascii() else cell_len(text) for text in texts), default=0)
        need[name] = min(column.most, max(column.least, len(column.title), longest))
    return need


def product_widths(widths: Mapping[str, int], products: Iterable[Sequence[Plugin]]) -> dict[str, int]:
    """Cells that each column needs with a row for each product. `products`: those with several plugins."""
    longest = max((len(" ".join(formats_of(plugins))) for plugins in products), default=0)
    return {**widths, "format": min(FORMATS_MOST, longest) or widths["format"]}


def gap(name: str) -> int:
    """Cells behind a column."""
    return 1 if name == "favourite" else 2


def layout(
    names: Sequence[str],
    need: Mapping[str, int],
    room: int,
    keep: str = "name",
    *,
    products: bool = False,
    chosen: Mapping[str, int] = MappingProxyType({}),
) -> list[tuple[str, int]]:
    """The columns that fit into `room` cells, each with its width; the name is always among them, and so is `keep`.

    Columns go from the right until the rest fits: the name readable, the others at their least, or as wide as `chosen`
    says. What is left goes to the name first and is then shared out up to what each needs.
    """
    kept = [name for name in names if name in COLUMNS]
    least = {name: COLUMNS[name].least for name in kept}
    if products and "format" in least:
        least["format"] = max(least["format"], min(need["format"], FORMATS_LEAST))
    if keep in least and keep != "name":
        least[keep] = max(least[keep], len(COLUMNS[keep].title) + 2)  # for the arrow
    if "name" in least:
        least["name"] = max(least["name"], min(need["name"], NAME_LEAST, int(room * NAME_SHARE)))
    need = {**need, **chosen}
    least |= {name: cells for name, cells in chosen.items() if name in least}
    while len(kept) > 1 and sum(least[name] + gap(name) for name in kept) > room:
        loose = [at for at, name in enumerate(kept) if name not in ("name", keep)]
        kept.pop(loose[-1] if loose else kept.index(keep) if keep != "name" and keep in kept else -1)
    width = {name: least[name] for name in kept}
    left = room - sum(width[name] + gap(name) for name in kept)
    if "name" in width:
        width["name"] += (more := max(min(left, need["name"] - width["name"]), 1 - width["name"]))
        left -= more
    narrow = [name for name in kept if need[name] > width[name]]
    while left > 0 and narrow:
        share = max(1, left // len(narrow))
        for name in list(narrow):
            more = min(share, need[name] - width[name], left)
            width[name] += more
            left -= more
            if width[name] == need[name]:
                narrow.remove(name)
    return [(name, width[name]) for name in kept]


def about(name: str) -> str:
    """What a column shows, in a few words."""
    return _ABOUT.get(name) or ABOUT.get(name, "")


def product_cell(name: str, column: Column, plugins: Sequence[Plugin], measured: Measurements, cells: int) -> str:
    """The text of a cell of a product, whose first plugin stands for it, for so many cells."""
    if name == "format":
        return shortened_list(formats_of(plugins), cells)
    text = PRODUCT_TEXTS.get(name) if len(plugins) > 1 else None
    return text(plugins) if text else cell(column, plugins[0], measured)


def shortened_list(words: Sequence[str], cells: int) -> str:
    """Words as far as they fit into so many cells, and how many more there are.

    >>> shortened_list(["vst3", "clap", "lv2"], 13), shortened_list(["vst3", "clap", "lv2", "ladspa"], 13)
    ('vst3 clap lv2', 'vst3 clap +2')
    """
    text, shown = " ".join(words), len(words)
    while len(text) > cells and shown > 1:
        shown -= 1
        text = " ".join([*words[:shown], f"+{len(words) - shown}"])
    return text


def cell(column: Column, plugin: Plugin, measured: Measurements) -> str:
    """The text of a cell. The figures of a probe that failed are replaced by its outcome."""
    if column.measured is not None:
        return column.measured(measured, plugin.id)
    if column.figure and plugin.status != Outcome.OK:
        return plugin.status
    return column.text(plugin)
