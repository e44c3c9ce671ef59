"""The fields, states and sort keys of the query language."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple

from pluginary_tui.formats import FORMAT_NAMES
from pluginary_tui.model import MISSING, Outcome, Plugin
from pluginary_tui.search.units import FIGURES


class Field(NamedTuple):
    """A name that a query can use before `:`, `=`, `>` and so on."""

    name: str
    kind: str
    """`words` (matched from the start of a word), `text` (matched anywhere), `number`, `date`, `state` or `sort`."""
    about: str
    alias: str = ""
    attribute: str = ""
    """Attribute of `model.Plugin` with the value; empty where there is none."""
    unit: str = ""
    """Unit of a number, as `units` knows it."""


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
    Field("latency", "number", "latency in samples", "", "latency_samples", "samples"),
    Field("inputs", "number", "channels of its main audio inputs", "", "audio_inputs", "channels"),
    Field("outputs", "number", "channels of its main audio outputs", "", "audio_outputs", "channels"),
    Field("sidechain", "number", "channels of its other audio inputs", "", "sidechain_inputs", "channels"),
    Field("programs", "number", "how many programs it holds", "", "program_count"),
    Field("size", "number", "room its bundle takes on the disk: size>10MB", "", "size", "bytes"),
    Field("probe_ms", "number", "how long its probe took, in milliseconds", "", "probe_ms", "ms"),
    Field("uses", "number", "how often you opened or copied it", "", "uses"),
    Field("rating", "number", "your rating, 0 to 5", "", "rating", "stars"),
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
_STATE_ALIASES = {
    **dict.fromkeys(("favourite", "favorite", "favourited", "favorited", "starred", "faved"), "fav"),
    **dict.fromkeys(("copies", "duplicate", "duplicated"), "copy"),
    **dict.fromkeys(("quarantine", "blocked", "blacklisted"), "quarantined"),
    **dict.fromkeys(("loads", "loading"), "loadable"),
    **dict.fromkeys(("synth", "synthesizer"), "instrument"),
    **dict.fromkeys(("changed",), "updated"),
    **dict.fromkeys(("fx",), "effect"),
}
_INSTEAD = {
    **{str(outcome): f"status:{outcome}" for outcome in Outcome},
    **{name: f"format:{name}" for name in ("vst3", "au", "builtin")},
    "tagged": "tag:*",
    "untagged": "tag:none",
    "rated": "rating>0",
    "used": "uses>0",
    "unused": "uses=0",
}
"""What is no state, but is asked for like one -> how it is written."""

_OTHER_NAMES = {
    **dict.fromkeys(("manufacturer", "maker", "developer", "company", "brand", "author"), "vendor"),
    **dict.fromkeys(("categories", "genre"), "category"),
    **dict.fromkeys(("tags", "label", "labels", "keyword", "keywords"), "tag"),
    **dict.fromkeys(("parameter",), "param"),
    **dict.fromkeys(("parameters", "parameter_count", "param_count", "nparams"), "params"),
    **dict.fromkeys(("latency_samples",), "latency"),
    **dict.fromkeys(("ins", "input", "audio_inputs"), "inputs"),
    **dict.fromkeys(("outs", "output", "audio_outputs"), "outputs"),
    **dict.fromkeys(("sidechain_inputs",), "sidechain"),
    **dict.fromkeys(("program", "presets", "program_count"), "programs"),
    **dict.fromkeys(("bytes", "disk", "file_size"), "size"),
    **dict.fromkeys(("probe", "probed_ms"), "probe_ms"),
    **dict.fromkeys(("stars", "rated"), "rating"),
    **dict.fromkeys(("notes", "comment", "comments"), "note"),
    **dict.fromkeys(("errors",), "error"),
    **dict.fromkeys(("folder", "file", "dir", "directory", "location"), "path"),
    **dict.fromkeys(("class_id", "classid", "guid"), "uid"),
    **dict.fromkeys(("title", "plugin"), "name"),
    **dict.fromkeys(("added_at", "created", "installed"), "added"),
    **dict.fromkeys(("scanned_at",), "scanned"),
    **dict.fromkeys(("used_at", "last_used"), "used"),
    **dict.fromkeys(("units",), "unit"),
    **dict.fromkeys(("state",), "is"),
    **dict.fromkeys(("order", "orderby", "order_by", "sortby", "sort_by"), "sort"),
}
"""Names of columns, of JSON keys and of other programs -> the fields."""

KIND_NAMES = ("kind", "type", "plugin_type")
"""Names that other programs use for the format as well as for `is:instrument`."""

_BY_NAME = {name: field for field in FIELDS for name in (field.name, field.alias) if name}
NAMES = tuple(field.name for field in FIELDS)
SORT_KEYS = (
    *(f.name for f in FIELDS if f.attribute and f.name not in ("tag", "uid", "id", "note", "error")),
    "behaves",
)


def find(name: str, figures: Collection[str] = ()) -> Field | None:
    """The field of this name, alias or other spelling, ignoring case; `figures` are the names of measured numbers."""
    name = name.casefold()
    if name in _BY_NAME or name not in figures:
        return _BY_NAME.get(name) or _BY_NAME.get(_OTHER_NAMES.get(name, ""))
    return Field(name, "number", "a measured figure", unit=FIGURES.get(name, ""))


def state(name: str, measured: Collection[str] = ()) -> str | None:
    """The state of `is:` of this name, alias or plural, or None; `measured` are the names of measured states."""
    name = name.casefold()
    for each in (name, name.removesuffix("s")):
        if each in STATE_NAMES or each in measured:
            return each
        if each in _STATE_ALIASES:
            return _STATE_ALIASES[each]
    return None


def instead_of_state(name: str) -> str:
    """How something is asked for that is no state (`status:crashed`); empty where that is not known."""
    return _INSTEAD.get(name.casefold(), "")


def near(name: str, names: Collection[str]) -> str:
    """The most similar one of `names`, or an empty text."""
    from difflib import get_close_matches  # delays the first frame

    longer = [n for n in names if len(name) > 3 and n.startswith(name.casefold())]
    return (longer or get_close_matches(name.casefold(), names, n=1, cutoff=0.75) or [""])[0]
