"""The fields, states and sort keys of the query language."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple

from pluginary_tui.formats import FORMAT_NAMES
from pluginary_tui.model import MISSING, Outcome, Plugin


class Field(NamedTuple):
    """A name that a query can use before `:`, `=`, `>` and so on."""

    name: str
    kind: str
    """`words` (matched from the start of a word), `text` (matched anywhere), `number`, `date`, `state` or `sort`."""
    about: str
    alias: str = ""
    attribute: str = ""
    """Attribute of `model.Plugin` with the value; empty where there is none."""


FIELDS = (
    Field("name", "text", "the plugin's name", "n", "name"),
    Field("vendor", "words", "who made it", "v", "vendor"),
    Field("format", "words", f"{', '.join(FORMAT_NAMES[:-1])} or {FORMAT_NAMES[-1]}", "f", "format"),
    Field("category", "words", "what it does: reverb, eq, synth", "cat", "categories"),
    Field("tag", "words", "a tag of yours", "t", "tags"),
    Field("status", "words", "ok, failed, crashed, timeout, memory, skipped or missing", "", "status"),
    Field("param", "text", "a parameter's name", "p"),
    Field("unit", "text", "a parameter's unit"),
    Field("text", "text", "everything there is in words"),
    Field("path", "text", "where it lies on the disk", "", "path"),
    Field("version", "text", "its version", "", "version"),
    Field("uid", "text", "its class id", "", "uid"),
    Field("id", "text", "its id in the catalogue", "", "id"),
    Field("note", "text", "a note of yours", "", "note"),
    Field("error", "text", "why it could not be loaded", "", "error"),
    Field("behaves", "words", "what it does to sound, as measured: reverb, compressor"),
    Field("params", "number", "how many parameters it has", "", "parameter_count"),
    Field("latency", "number", "latency in samples", "", "latency_samples"),
    Field("inputs", "number", "channels of its main audio inputs", "", "audio_inputs"),
    Field("outputs", "number", "channels of its main audio outputs", "", "audio_outputs"),
    Field("sidechain", "number", "channels of its other audio inputs", "", "sidechain_inputs"),
    Field("programs", "number", "how many programs it holds", "", "program_count"),
    Field("probe_ms", "number", "how long its probe took, in milliseconds", "", "probe_ms"),
    Field("uses", "number", "how often you opened or copied it", "", "uses"),
    Field("rating", "number", "your rating, 0 to 5", "", "rating"),
    Field("copies", "number", "how many bundles hold it", "", "copies"),
    Field("added", "date", "first seen", "", "added_at"),
    Field("scanned", "date", "last probed", "", "scanned_at"),
    Field("used", "date", "last opened or copied", "", "used_at"),
    Field("is", "state", "a state: fav, new, failed"),
    Field("sort", "sort", "the order of the list"),
)

STATES: dict[str, Callable[[Plugin], bool]] = {
    "effect": lambda p: p.kind == "effect",
    "instrument": lambda p: p.kind == "instrument",
    "fav": lambda p: p.favourite,
    "failed": lambda p: p.status not in (Outcome.OK, MISSING),
    "new": lambda p: p.change == "new",
    "updated": lambda p: p.change == "updated",
    "missing": lambda p: p.status == MISSING,
    "hidden": lambda p: p.hidden,
    "quarantined": lambda p: p.quarantined,
    "copy": lambda p: p.copies > 1,
    "loadable": lambda p: p.loads is True,
    "sidechain": lambda p: p.sidechain_inputs > 0,
    "midi": lambda p: p.midi_input or p.midi_output,
    "skipped": lambda p: p.status == Outcome.SKIPPED,
}
"""The states of `is:`. `new` and `updated` refer to the last scan, `loadable` to pedalboard."""

STATE_NAMES = tuple(STATES)
_STATE_ALIASES = {"favourite": "fav", "favorite": "fav", "copies": "copy"}

_BY_NAME = {name: field for field in FIELDS for name in (field.name, field.alias) if name}
NAMES = tuple(field.name for field in FIELDS)
SORT_KEYS = (
    *(f.name for f in FIELDS if f.attribute and f.name not in ("tag", "uid", "id", "note", "error")),
    "behaves",
)


def find(name: str, figures: Collection[str] = ()) -> Field | None:
    """The field of this name or alias, ignoring case; `figures` are the names of measured numbers."""
    name = name.casefold()
    return _BY_NAME.get(name) or (Field(name, "number", "a measured figure") if name in figures else None)


def state(name: str, measured: Collection[str] = ()) -> str | None:
    """The state of `is:` of this name or alias, or None; `measured` are the names of measured states."""
    name = name.casefold()
    return name if name in STATE_NAMES or name in measured else _STATE_ALIASES.get(name)


def near(name: str, names: Collection[str]) -> str:
    """The most similar one of `names`, or an empty text."""
    from difflib import get_close_matches  # delays the first frame

    longer = [n for n in names if len(name) > 3 and n.startswith(name.casefold())]
    return (longer or get_close_matches(name.casefold(), names, n=1, cutoff=0.75) or [""])[0]
