"""The table of what is known of a plugin: query fields, sort keys, facets and columns of the list follow from it.

Measured figures have a table of their own in the same manner, `figures.METRICS`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from pluginary_tui.figures import FACET_RANGES, METRICS
from pluginary_tui.formats import FORMAT_NAMES
from pluginary_tui.formatting import file_size
from pluginary_tui.model import Plugin


class Heading(NamedTuple):
    """How a field is shown as a column. Widths in cells; as wide as its widest text needs, between the two."""

    title: str
    least: int
    most: int
    right: bool = False
    """Right-aligned."""
    largest_first: bool = False
    """Whether the first order by it is descending."""
    probed: bool = False
    """Whether it is a number of a probe, which a plugin that could not be read has not."""
    text: Callable[[Plugin], str] | None = None
    """Text of a cell, where the value of the attribute alone is not enough."""


class Field(NamedTuple):
    """One row of the table."""

    name: str
    """The name before `:` in a query; also that of its column, unless `column_name` is given."""
    kind: str
    """`words` (matched from the start of a word), `text` (matched anywhere), `number`, `date`, `state` or `sort`;
    empty where no query uses this name."""
    about: str
    alias: str = ""
    """A short name for queries."""
    attribute: str = ""
    """Attribute of `model.Plugin` with the value; empty where there is none."""
    unit: str = ""
    """Unit of a number, one of `search.units`."""
    also: str = ""
    """Names of JSON keys and of other programs for it, separated by spaces."""
    heading: Heading | None = None
    """None for what is no column."""
    sorts: bool = True
    """Whether the list can be sorted by it; nothing without an attribute can."""
    facet: bool = False
    """Whether its values are counted in the pane of facets."""
    column_name: str = ""
    """The name in the settings browse.columns and browse.facets, where it is not `name`."""

    @property
    def column(self) -> str:
        return self.column_name or self.name


def _number(title: str, *, probed: bool = False) -> Heading:
    width = max(7, len(title))
    return Heading(title, width, width + 2, right=True, largest_first=True, probed=probed)


def _date(title: str) -> Heading:
    return Heading(title, max(8, len(title)), 10, right=True, largest_first=True)


_LOADS = {True: "yes", False: "no", None: ""}
"""Whether pedalboard loads it; nothing where that was not tried."""

TABLE: Sequence[Field] = (
    Field("favourite", "", "the star", heading=Heading("", 1, 1, text=lambda p: "")),
    Field("name", "text", "the plugin's name", "n", "name", also="title plugin", heading=Heading("NAME", 14, 56)),
    Field(
        "vendor", "words", "who made it", "v", "vendor",
        also="manufacturer maker developer company brand author", heading=Heading("VENDOR", 8, 28), facet=True,
    ),
    Field(
        "format", "words", f"{', '.join(FORMAT_NAMES[:-1])} or {FORMAT_NAMES[-1]}", "f", "format",
        heading=Heading("FORMAT", 7, 8), facet=True,
    ),
    Field(
        "category", "words", "what it does: reverb, eq, synth", "cat", "categories",
        also="categories genre", heading=Heading("CATEGORY", 10, 24), facet=True,
    ),
    Field("kind", "", "effect or instrument", attribute="kind", heading=Heading("KIND", 10, 10), facet=True),
    Field(
        "tag", "words", "a tag of yours", "t", "tags", also="tags label labels keyword keywords", column_name="tags",
        heading=Heading("TAGS", 6, 24, text=lambda p: " ".join(f"#{tag}" for tag in p.tags)), sorts=False, facet=True,
    ),
    Field(
        "status", "words", "ok, failed, crashed, timeout, memory, skipped or missing", attribute="status",
        heading=Heading("STATUS", 7, 8), facet=True,
    ),
    Field("param", "text", "a parameter's name", "p", also="parameter"),
    Field("unit", "text", "a parameter's unit", also="units"),
    Field("text", "text", "everything there is in words"),
    Field(
        "path", "text", "where it lies on the disk", attribute="path",
        also="folder file dir directory location", heading=Heading("PATH", 16, 80),
    ),
    Field(
        "product", "text", "maker and title, alike in all of its formats", attribute="product", also="products",
        sorts=False,
    ),
    Field("version", "text", "its version", attribute="version", heading=Heading("VERSION", 7, 12)),
    Field("uid", "text", "its class id", attribute="uid", also="class_id classid guid", sorts=False),
    Field("id", "text", "its id in the catalogue", attribute="id", sorts=False),
    Field(
        "note", "text", "a note of yours", attribute="note", also="notes comment comments", sorts=False,
        heading=Heading("NOTE", 8, 40, text=lambda p: " ".join(p.note.split())),
    ),
    Field("error", "text", "why it could not be loaded", attribute="error", also="errors", sorts=False),
    Field(
        "behaves", "words", "what it does to sound, as measured: reverb, compressor",
        heading=Heading("BEHAVES LIKE", 12, 13),
    ),
    Field("sounds", "words", "a word for its sound, as measured: warm, punchy, lush", also="sound"),
    Field("knob", "words", "what one of its parameters does, as measured: darker, dirtier", also="knobs does"),
    Field("verdicts", "", "what was found in its sound", heading=Heading("FINDINGS", 8, 32)),
    Field(
        "params", "number", "how many parameters it has", attribute="parameter_count",
        also="parameters parameter_count param_count nparams", heading=_number("PARAMS", probed=True),
    ),
    Field(
        "latency", "number", "latency in samples", attribute="latency_samples", unit="samples",
        also="latency_samples", heading=_number("LATENCY", probed=True),
    ),
    Field(
        "inputs", "number", "channels of its main audio inputs", attribute="audio_inputs", unit="channels",
        also="ins input audio_inputs", heading=_number("INPUTS", probed=True),
    ),
    Field(
        "outputs", "number", "channels of its main audio outputs", attribute="audio_outputs", unit="channels",
        also="outs output audio_outputs", heading=_number("OUTPUTS", probed=True),
    ),
    Field(
        "sidechain", "number", "channels of its other audio inputs", attribute="sidechain_inputs", unit="channels",
        also="sidechain_inputs", heading=_number("SIDECHAIN", probed=True),
    ),
    Field(
        "programs", "number", "how many programs it holds", attribute="program_count",
        also="program program_count", heading=_number("PROGRAMS", probed=True),
    ),
    Field(
        "presets", "number", "how many preset files there are for it", attribute="preset_count",
        also="preset_count presets_count", heading=_number("PRESETS"),
    ),
    Field("preset", "text", "the name of a program or of a preset file"),
    Field("loads", "", "whether pedalboard loads it", heading=Heading("LOADS", 5, 5, text=lambda p: _LOADS[p.loads])),
    Field(
        "size", "number", "room its bundle takes on the disk: size>10MB", attribute="size", unit="bytes",
        also="bytes disk file_size",
        heading=Heading("SIZE", 8, 9, True, True, text=lambda p: file_size(p.size) if p.size else ""),
    ),
    Field(
        "probe_ms", "number", "how long reading it took, in milliseconds", attribute="probe_ms", unit="ms",
        also="probe probed_ms", heading=_number("READ IN MS"),
    ),
    Field(
        "uses", "number", "how often you opened or copied it", attribute="uses", heading=_number("USES"),
    ),
    Field(
        "rating", "number", "your rating, 0 to 5", attribute="rating", unit="stars", also="stars rated",
        heading=Heading("RATING", 6, 6, largest_first=True, text=lambda p: "*" * p.rating),
    ),
    Field("copies", "number", "how many bundles hold it", attribute="copies", heading=_number("COPIES")),
    Field(
        "added", "date", "first seen", attribute="added_at",
        also="added_at created installed", heading=_date("ADDED"),
    ),
    Field("scanned", "date", "last read", attribute="scanned_at", also="scanned_at", heading=_date("SCANNED")),
    Field(
        "used", "date", "last opened or copied", attribute="used_at", also="used_at last_used", heading=_date("USED"),
    ),
    Field(
        "projects", "number", "how many of your projects use it", attribute="used_in", also="used_in_count",
        heading=_number("PROJECTS"),
    ),
    Field("used-in", "text", "the name of a project that uses it", also="used_in project"),
    Field("is", "state", "a state: fav, new, failed", also="state"),
    Field("sort", "sort", "the order of the list", also="order orderby order_by sortby sort_by"),
)  # fmt: skip

COLUMNS = (*(field.column for field in TABLE if field.heading), *METRICS)
"""Names of all columns of the list."""

FACETS = (
    *(field for field in TABLE if field.facet),
    *(Field(name, "number", METRICS[name].about, facet=True) for name in FACET_RANGES),
)

SORT_KEYS = (*(field.name for field in TABLE if field.kind and field.attribute and field.sorts), "behaves")
"""Names to sort by besides those of figures."""
