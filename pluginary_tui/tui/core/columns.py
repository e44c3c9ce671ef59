"""The columns of the plugin list: their texts and widths."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from rich.cells import cell_len

from pluginary_tui.formatting import ago, file_size
from pluginary_tui.model import Outcome, Plugin
from pluginary_tui.search import categories
from pluginary_tui.sound.metrics import METRICS, VERDICTS
from pluginary_tui.sound.overview import Measurements


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


def _figure(name: str, title: str, *, largest_first: bool = True) -> Column:
    """A column of a measured figure; empty where the plugin has none."""

    def text(measured: Measurements, id_: str) -> str:
        value = measured.figures[name].get(id_)
        return "" if value is None else f"{value:,.{METRICS[name].places}f}"

    width = max(7, len(title) + 2)
    return Column(title, _nothing, width, width + 1, right=True, largest_first=largest_first, measured=text)


def _count(title: str, number: Callable[[Plugin], int]) -> Column:
    """A column of a number that is read from the plugin."""
    width = max(7, len(title))
    return Column(title, lambda plugin: f"{number(plugin):,}", width, width + 1, True, figure=True, largest_first=True)


def _nothing(plugin: Plugin) -> str:
    return ""


def _verdicts(measured: Measurements, id_: str) -> str:
    return " ".join(name for name in VERDICTS if id_ in measured.states[name])


_LOADS = {True: "yes", False: "no", None: ""}
"""Whether pedalboard loads it; nothing where that was not tried."""

COLUMNS: Mapping[str, Column] = {
    "favourite": Column("", lambda plugin: "", 1, 1),
    "name": Column("NAME", lambda plugin: plugin.name, 14, 44),
    "vendor": Column("VENDOR", lambda plugin: plugin.vendor, 8, 28),
    "category": Column("CATEGORY", categories.shown, 10, 24),
    "params": Column(
        "PARAMS", lambda plugin: f"{plugin.parameter_count:,}", 7, 8, right=True, figure=True, largest_first=True
    ),
    "format": Column("FORMAT", lambda plugin: plugin.format, 7, 8),
    "version": Column("VERSION", lambda plugin: plugin.version, 7, 12),
    "status": Column("STATUS", lambda plugin: plugin.status, 7, 8),
    "latency": Column(
        "LATENCY", lambda plugin: f"{plugin.latency_samples:,}", 7, 9, right=True, figure=True, largest_first=True
    ),
    "inputs": _count("INPUTS", lambda plugin: plugin.audio_inputs),
    "outputs": _count("OUTPUTS", lambda plugin: plugin.audio_outputs),
    "sidechain": _count("SIDECHAIN", lambda plugin: plugin.sidechain_inputs),
    "programs": _count("PROGRAMS", lambda plugin: plugin.program_count),
    "loads": Column("LOADS", lambda plugin: _LOADS[plugin.loads], 5, 5),
    "size": Column(
        "SIZE", lambda plugin: file_size(plugin.size) if plugin.size else "", 8, 9, right=True, largest_first=True
    ),
    "probe_ms": Column("PROBE MS", lambda plugin: f"{plugin.probe_ms:,}", 8, 8, right=True, largest_first=True),
    "tags": Column("TAGS", lambda plugin: " ".join(f"#{tag}" for tag in plugin.tags), 6, 24),
    "added": Column("ADDED", lambda plugin: ago(plugin.added_at), 8, 10, right=True, largest_first=True),
    "used": Column("USED", lambda plugin: ago(plugin.used_at), 8, 10, right=True, largest_first=True),
    "behaves": Column("BEHAVES LIKE", _nothing, 12, 13, measured=lambda measured, id_: measured.behaves.get(id_, "")),
    "verdicts": Column("VERDICTS", _nothing, 8, 22, measured=_verdicts),
    "cpu": _figure("cpu", "CPU %"),
    "load_ms": _figure("load_ms", "LOAD MS"),
    "memory_mb": _figure("memory_mb", "MEMORY MB"),
    "latency_measured": _figure("latency_measured", "REAL LATENCY"),
    "noise": _figure("noise", "NOISE DB"),
    "gain": _figure("gain", "GAIN DB"),
    "threshold": _figure("threshold", "THRESHOLD"),
    "ratio": _figure("ratio", "RATIO"),
    "thd": _figure("thd", "THD %"),
    "decay": _figure("decay", "DECAY S"),
    "echo": _figure("echo", "ECHO S"),
    "width": _figure("width", "WIDTH"),
    "level": _figure("level", "LEVEL DB"),
    "path": Column("PATH", lambda plugin: plugin.path, 16, 80),
}
"""By the names that the setting browse.columns uses."""


MEASURED = ("name", "vendor", "category", "version", "tags")
"""Columns as wide as their longest text; all others have their `most`."""


def widths(plugins: Sequence[Plugin]) -> dict[str, int]:
    """Cells that each column needs for all its texts, no more than its `most`."""
    need = {name: column.most for name, column in COLUMNS.items()}
    for name in MEASURED:
        column = COLUMNS[name]
        texts = set(map(column.text, plugins))
        longest = max((len(text) if text.isascii() else cell_len(text) for text in texts), default=0)
        need[name] = min(column.most, max(column.least, len(column.title), longest))
    return need


def gap(name: str) -> int:
    """Cells behind a column."""
    return 1 if name == "favourite" else 2


def layout(names: Sequence[str], need: Mapping[str, int], room: int) -> list[tuple[str, int]]:
    """The columns that fit into `room` cells, each with its width; the name is always among them.

    Columns go from the right until the rest fits at its least; what is left then is shared out up to what each
    needs, and the name takes the rest.
    """
    kept = [name for name in names if name in COLUMNS]
    while len(kept) > 1 and sum(COLUMNS[name].least + gap(name) for name in kept) > room:
        last = len(kept) - 1
        kept.pop(last if kept[last] != "name" else last - 1)
    width = {name: COLUMNS[name].least for name in kept}
    left = room - sum(width[name] + gap(name) for name in kept)
    narrow = [name for name in kept if need[name] > width[name]]
    while left > 0 and narrow:
        share = max(1, left // (len(narrow) + 1))
        for name in list(narrow):
            more = min(share * (2 if name == "name" else 1), need[name] - width[name], left)
            width[name] += more
            left -= more
            if width[name] == need[name]:
                narrow.remove(name)
    if "name" in width:
        width["name"] = max(1, width["name"] + left)
    return [(name, width[name]) for name in kept]


def cell(column: Column, plugin: Plugin, measured: Measurements) -> str:
    """The text of a cell. The figures of a probe that failed are replaced by its outcome."""
    if column.measured is not None:
        return column.measured(measured, plugin.id)
    if column.figure and plugin.status != Outcome.OK:
        return plugin.status
    return column.text(plugin)
