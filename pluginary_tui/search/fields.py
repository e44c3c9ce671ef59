"""The fields, states and sort keys of the query language."""

from __future__ import annotations

from collections.abc import Callable, Collection

from pluginary_tui.figures import METRICS
from pluginary_tui.formats import FORMAT_NAMES
from pluginary_tui.model import MISSING, Outcome, Plugin
from pluginary_tui.plugin_fields import SORT_KEYS as SORT_KEYS
from pluginary_tui.plugin_fields import TABLE
from pluginary_tui.plugin_fields import Field as Field

FIELDS = tuple(field for field in TABLE if field.kind)
"""What can stand before `:`, `=`, `>` and so on."""

STATES: dict[str, Callable[[Plugin], bool]] = {
    "effect": lambda p: p.kind == "effect",
    "instrument": lambda p: p.kind == "instrument",
    "fav": lambda p: p.favourite,
    "ok": lambda p: p.status == Outcome.OK,
    "failed": lambda p: p.status not in (Outcome.OK, MISSING),
    "crashed": lambda p: p.status == Outcome.CRASHED,
    "timeout": lambda p: p.status == Outcome.TIMEOUT,
    "memory": lambda p: p.status == Outcome.MEMORY,
    "new": lambda p: p.change == "new",
    "updated": lambda p: p.change == "updated",
    "missing": lambda p: p.status == MISSING,
    "hidden": lambda p: p.hidden,
    "tagged": lambda p: bool(p.tags),
    "rated": lambda p: p.rating > 0,
    "noted": lambda p: bool(p.note),
    "used": lambda p: p.uses > 0,
    "marked": lambda p: p.marked,
    "quarantined": lambda p: p.quarantined,
    "copy": lambda p: p.copies > 1,
    "loadable": lambda p: p.loads is True,
    "sidechain": lambda p: p.sidechain_inputs > 0,
    "midi": lambda p: p.midi_input or p.midi_output,
    "mono": lambda p: p.audio_outputs == 1 and p.audio_inputs <= 1,
    "stereo": lambda p: p.audio_outputs == 2 and p.audio_inputs in (0, 2),
    "skipped": lambda p: p.status == Outcome.SKIPPED,
    "online": lambda p: "network" in p.attempts,
    "writes": lambda p: "writes" in p.attempts,
    "executes": lambda p: "executes" in p.attempts,
    "unused": lambda p: not p.used_in and p.status != MISSING and p.format != "builtin",
}
"""The states of `is:`. `new` and `updated` refer to the last scan, `loadable` to pedalboard, `online`, `writes` and
`executes` to what the sandbox refused, `unused` to projects."""

OPPOSITES = {"unmeasured": "measured", "untagged": "tagged", "unrated": "rated"}
"""States that hold where another one does not."""

STATE_NAMES = tuple(STATES)
STATUSES = (*map(str, Outcome), MISSING)
"""The values of `status`."""
_STATE_ALIASES = {
    **dict.fromkeys(("favourite", "favorite", "favourited", "favorited", "starred", "faved"), "fav"),
    **dict.fromkeys(("copies", "duplicate", "duplicated"), "copy"),
    **dict.fromkeys(("quarantine", "blocked", "blacklisted"), "quarantined"),
    **dict.fromkeys(("loads", "loading"), "loadable"),
    **dict.fromkeys(("synth", "synthesizer"), "instrument"),
    **dict.fromkeys(("changed",), "updated"),
    **dict.fromkeys(("broken", "bad", "unreadable"), "failed"),
    **dict.fromkeys(("working", "works"), "ok"),
    **dict.fromkeys(("hung", "hanging", "hangs", "timed_out"), "timeout"),
    **dict.fromkeys(("crashing",), "crashed"),
    **dict.fromkeys(("annotated",), "noted"),
    **dict.fromkeys(("fx",), "effect"),
}
_INSTEAD = {name: f"format:{name}" for name in FORMAT_NAMES}
"""What is written like a state and is none -> how to write it."""

KIND_NAMES = ("kind", "type", "plugin_type")
"""Names that other programs use for the format as well as for `is:instrument`."""

_BY_NAME = {name: field for field in FIELDS for name in (field.name, field.alias) if name}
_BY_OTHER_NAME = {name: field for field in FIELDS for name in field.also.split()}
NAMES = tuple(field.name for field in FIELDS)


def find(name: str, figures: Collection[str] = ()) -> Field | None:
    """The field of this name, alias or other spelling, ignoring case; `figures` are the names of measured numbers."""
    name = name.casefold()
    if name in _BY_NAME or name not in figures:
        return _BY_NAME.get(name) or _BY_OTHER_NAME.get(name)
    return Field(name, "number", "a measured figure", unit=METRICS[name].unit if name in METRICS else "")


def state(name: str, measured: Collection[str] = ()) -> str | None:
    """The state of `is:` of this name, alias or plural, or None; `measured` are the names of measured states."""
    name = name.casefold()
    for each in (name, name.removesuffix("s")):
        if each in STATES or each in measured or OPPOSITES.get(each) in (*STATES, *measured):
            return each
        if each in _STATE_ALIASES:
            return _STATE_ALIASES[each]
    return None


def state_names(measured: Collection[str] = ()) -> tuple[str, ...]:
    """All states of `is:`; `measured` are the names of measured states."""
    known = (*STATE_NAMES, *(name for name in measured if name not in STATE_NAMES))
    return (*known, *(name for name, opposite in OPPOSITES.items() if opposite in known))


def instead_of_state(name: str) -> str:
    """How to query what is no state (`format:vst3`); empty where that is not known."""
    return _INSTEAD.get(name.casefold(), "")


def near(name: str, names: Collection[str]) -> str:
    """The most similar one of `names`, or an empty text."""
    from difflib import get_close_matches  # delays the first frame

    longer = [n for n in names if len(name) > 3 and n.startswith(name.casefold())]
    return (longer or get_close_matches(name.casefold(), names, n=1, cutoff=0.75) or [""])[0]
