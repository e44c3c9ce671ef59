"""Checks and cleans one plugin of an imported document."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from pluginary_tui.catalogue.identity import canonical_id, suffixed
from pluginary_tui.errors import CatalogueError
from pluginary_tui.formats import FORMAT_NAMES
from pluginary_tui.model import (
    BUS_MEDIA,
    CHOICE_LIMIT,
    HOST,
    MISSING,
    NAME_LIMIT,
    PARAMETER_KINDS,
    Bus,
    Outcome,
    Parameter,
    Plugin,
    base_id,
    clean,
    clean_log,
    tag_name,
)
from pluginary_tui.plugin_uid import vst3_uid

NOTE_LIMIT = 10_000
TAGS_LIMIT = 1_000
"""Most tags of a plugin: each is drawn, and a list of more could not be read."""
LOG_LIMIT = 100_000
PATH_LIMIT = 32_767
"""Most characters of a path on any system."""
WHOLE = 2**53
"""The largest whole number that every JSON reader represents exactly."""

STATUSES = (*Outcome, MISSING)
KINDS = ("effect", "instrument")
_ID = re.compile(rf"(?:{'|'.join(FORMAT_NAMES)})/[^/\s]+/[^/\s]+")
_EXPONENT = re.compile(r"\d+(?:[.,]\d+)?[eE]\+?\d+")
_TRUE = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False, "": False}


@dataclass(slots=True)
class Incoming:
    """One plugin of a document. Its id is the document's; the catalogue may use another one."""

    plugin: Plugin
    base: str
    """The id derived from vendor and name; empty where the document does not give them."""
    parameters: list[Parameter] = field(default_factory=list)
    buses: list[Bus] = field(default_factory=list)
    programs: list[str] = field(default_factory=list)
    attributes: list[str] = field(default_factory=list)
    """Names of pedalboard's parameters."""
    needs: list[str] = field(default_factory=list)
    """URIs of features that its host must have."""
    log: str = ""
    plugin_log: str = ""
    load_log: str = ""
    described: bool = False
    """Whether it is complete enough for a row of the catalogue; otherwise only its user data are used."""
    label: str = ""
    """Names the entry in messages."""
    id_given: bool = False
    """Whether the document gives its id; otherwise it is derived from the names."""
    format_given: bool = False

    @property
    def own_id(self) -> bool:
        """Whether its id is derived from its names and its class, as the ids of this program are."""
        return self.plugin.id == self.base or self.plugin.id == suffixed(self.base, self.plugin.uid)

    @property
    def has_user_data(self) -> bool:
        """Whether the document has anything that a person wrote about it."""
        plugin = self.plugin
        return bool(plugin.favourite or plugin.hidden or plugin.rating or plugin.note or plugin.tags or plugin.uses)


class RecordError(CatalogueError):
    """An entry of the document is invalid."""


def check(raw: object, label: str) -> Incoming:
    """The plugin of an entry in this program's format. `label` names the entry in messages.

    Unknown keys are ignored, missing ones get their defaults. Raises RecordError.
    """
    if not isinstance(raw, Mapping):
        raise RecordError(f"{label} is {_type_name(raw)}, not a plugin with names and values.")
    read = _Reader(raw, label)
    name, id_ = read.text("name"), read.text("id", 4 * NAME_LIMIT)
    if id_:
        try:
            id_ = checked_id(id_)
        except ValueError as error:
            raise RecordError(f"{label}: {id_} {error}.") from None
    format_ = read.choice("format", FORMAT_NAMES, id_.partition("/")[0] or "vst3")
    vendor, path = read.text("vendor"), read.path()
    if not id_ and not name and not path:
        raise RecordError(f'{label} has neither an "id" nor a "name".')
    base = base_id(format_, vendor, name) if name else ""
    parameters = [
        *read.parameters("parameters"),
        *read.parameters("host_parameters", host=True),
    ]
    own = sum(p.kind != HOST for p in parameters)
    programs = read.texts("programs")
    plugin = Plugin(
        id=id_ or base,
        name=name,
        vendor=vendor,
        format=format_,
        categories=tuple(c.replace("|", " ") for c in read.texts("categories")),
        raw_category=read.text("raw_category"),
        version=read.text("version"),
        path=path,
        name_in_file=read.text("name_in_file"),
        kind=read.choice("kind", KINDS, "effect"),
        uid=class_id(read.text("uid")),
        latency_samples=read.whole("latency_samples", -WHOLE),
        parameter_count=own if "parameters" in raw else read.whole("parameter_count"),
        audio_inputs=read.whole("audio_inputs"),
        audio_outputs=read.whole("audio_outputs"),
        sidechain_inputs=read.whole("sidechain_inputs"),
        midi_input=read.flag("midi_input"),
        midi_output=read.flag("midi_output"),
        program_count=len(programs) if "programs" in raw else read.whole("program_count"),
        loads=read.known_flag("loads"),
        load_error=read.text("load_error", 1000),
        status=read.choice("status", STATUSES, Outcome.OK),
        error=read.text("error", 1000),
        favourite=read.flag("favourite"),
        hidden=read.flag("hidden"),
        tags=read.tags(),
        rating=read.whole("rating", 0, 5),
        note=read.lines("note", NOTE_LIMIT),
        uses=read.whole("uses"),
        used_at=read.time("used_at"),
        scanned_at=read.time("scanned_at"),
        added_at=read.time("added_at"),
        probe_ms=read.whole("probe_ms"),
    )
    # Built-ins come from the pedalboard that is installed here, not from another machine.
    described = bool(name and path) and format_ != "builtin"
    return Incoming(
        plugin,
        base,
        parameters,
        read.buses("buses"),
        programs,
        read.texts("attributes"),
        read.texts("required_features"),
        read.lines("log", LOG_LIMIT),
        read.lines("plugin_log", LOG_LIMIT),
        read.lines("load_log", LOG_LIMIT),
        described,
        label,
        bool(id_),
        bool(raw.get("format")),
    )


def checked_id(text: str) -> str:
    """An id in the form that the catalogue has. Raises ValueError with the rest of a sentence for other texts."""
    id_ = canonical_id(text)
    if not _ID.fullmatch(id_):
        raise ValueError("is not an id (they look like vst3/vendor/name)")
    return id_


def class_id(text: str) -> str:
    """A class id as the catalogue has it; empty for the number that a spreadsheet makes of one.

    >>> class_id("{2046504473616c635441535a00000000}"), class_id("2.04650447361E+31")
    ('2046504473616C635441535A00000000', '')
    """
    return "" if _EXPONENT.fullmatch(text) else vst3_uid(text) or text


def _type_name(value: object) -> str:
    names = {bool: "true or false", str: "a text", int: "a number", float: "a number", list: "a list", dict: "a table"}
    return "nothing" if value is None else names.get(type(value), f"a {type(value).__name__}")


def _is_clean(text: str) -> bool:
    """Whether `clean` would leave a text unchanged; False also where that needs the full check."""
    return text.isascii() and text.isprintable() and "  " not in text and text == text.strip()


class _Reader:
    """Reads the values of one entry and checks each; those of CSV are all texts."""

    def __init__(self, raw: Mapping[str, Any], label: str) -> None:
        self.raw = raw
        self.label = label

    def wrong(self, key: str, expected: str) -> RecordError:
        value = self.raw[key]
        shown = f" ({clean(value, 40)})" if isinstance(value, (str, int, float)) else ""
        return RecordError(f'{self.label}: "{key}" must be {expected}, and is {_type_name(value)}{shown}.')

    def raw_text(self, key: str, limit: int) -> str:
        value = self.raw.get(key)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise self.wrong(key, "a text")
        return value[:limit].encode("utf-8", "replace").decode()

    def text(self, key: str, limit: int = NAME_LIMIT) -> str:
        value = self.raw.get(key)
        if isinstance(value, str) and len(value) <= limit and _is_clean(value):
            return value
        return clean(self.raw_text(key, limit * 4), limit)

    def lines(self, key: str, limit: int) -> str:
        text = self.raw_text(key, limit)
        return clean_log(text) if text else ""

    def texts(self, key: str) -> list[str]:
        value = self.raw.get(key)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.wrong(key, "a list of texts")
        return list(filter(None, map(clean, value)))

    def tags(self) -> tuple[str, ...]:
        tags = tuple(dict.fromkeys(filter(None, map(tag_name, self.texts("tags")))))
        if len(tags) > TAGS_LIMIT:
            raise RecordError(f"{self.label}: it has {len(tags):,} tags; a plugin can have {TAGS_LIMIT:,}.")
        return tags

    def path(self) -> str:
        """The unchanged path, since a cleaned one would be another path; empty where it cannot be shown safely."""
        value = self.raw.get("path")
        if value is None:
            return ""
        if not isinstance(value, str):
            raise self.wrong("path", "a text")
        # Joined spaces are the only change that cleaning may make.
        harmless = _is_clean(value) or clean(value, PATH_LIMIT).replace(" ", "") == value.replace(" ", "")
        return value if harmless and len(value) < PATH_LIMIT else ""

    def choice(self, key: str, allowed: tuple[str, ...], default: str) -> str:
        value = self.raw.get(key)
        if value is None or value == "":
            return default
        if value not in allowed:
            raise self.wrong(key, f"one of {', '.join(allowed)}")
        return str(value)

    def flag(self, key: str) -> bool:
        value = self.raw.get(key)
        if isinstance(value, str):
            value = _TRUE.get(value.strip().lower(), value)
        if value is None or isinstance(value, bool):
            return bool(value)
        raise self.wrong(key, "true or false")

    def known_flag(self, key: str) -> bool | None:
        """As `flag`; None where it is missing."""
        return None if self.raw.get(key) in (None, "") else self.flag(key)

    def whole(self, key: str, minimum: int = 0, maximum: int = WHOLE) -> int:
        value = self.raw.get(key)
        if value is None or value == "":
            return 0
        if isinstance(value, str):
            value = _parsed_or_text(int, value)
        if isinstance(value, bool) or not isinstance(value, int) or not minimum <= value <= maximum:
            raise self.wrong(key, f"a whole number from {minimum} to {maximum}")
        return value

    def number(self, key: str) -> float | None:
        value = self.raw.get(key)
        if value is not None and (isinstance(value, bool) or not isinstance(value, (int, float)) or not _finite(value)):
            raise self.wrong(key, "a number")
        return None if value is None else float(value)

    def choices(self, key: str) -> tuple[str, ...]:
        """Texts of values, empty ones among them: their places count."""
        value = self.raw.get(key) or ()
        if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
            raise self.wrong(key, "a list of texts")
        return tuple(map(clean, value[:CHOICE_LIMIT]))

    def time(self, key: str) -> str:
        """A date and time in any ISO 8601 form, in the catalogue's form."""
        value = self.raw.get(key)
        if value is None or value == "":
            return ""
        if not isinstance(value, str | datetime):
            raise self.wrong(key, "a date and time such as 2025-03-31T12:00:00Z")
        try:
            return _moment(value)
        except (OverflowError, ValueError):
            raise self.wrong(key, "a date and time such as 2025-03-31T12:00:00Z") from None

    def parameters(self, key: str, *, host: bool = False) -> list[Parameter]:
        value = self.raw.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self.wrong(key, "a list of parameters")
        return [_parameter(item, f"{self.label}, parameter {at}", host) for at, item in enumerate(value, 1)]

    def buses(self, key: str) -> list[Bus]:
        value = self.raw.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self.wrong(key, "a list of connections")
        return [_bus(item, f"{self.label}, connection {at}") for at, item in enumerate(value, 1)]


@lru_cache(maxsize=1000)
def _moment(value: str | datetime) -> str:
    """A date and time in the catalogue's form; cached, since scans share theirs. Raises ValueError or OverflowError."""
    time = datetime.fromisoformat(value) if isinstance(value, str) else value
    utc = time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    return utc.strftime("%Y-%m-%dT%H:%M:%SZ")


def _parameter(raw: object, label: str, host: bool) -> Parameter:
    if not isinstance(raw, Mapping):
        raise RecordError(f"{label} is {_type_name(raw)}, not a parameter with names and values.")
    read = _Reader(raw, label)
    default, at, start = read.text("default"), read.number("default_raw"), read.number("initial_raw")
    automatable = raw.get("automatable", True)
    if not isinstance(automatable, bool):
        raise read.wrong("automatable", "true or false")
    return Parameter(
        name=read.text("name"),
        unit=read.text("unit"),
        default=default,
        minimum=read.text("min"),
        maximum=read.text("max"),
        default_raw=at,
        steps=read.whole("steps"),
        kind=HOST if host else read.choice("kind", PARAMETER_KINDS, "continuous"),
        automatable=automatable,
        id=None if raw.get("id") is None else read.whole("id"),
        short_name=read.text("short_name"),
        group=read.text("group"),
        initial=default if raw.get("initial") is None else read.text("initial"),
        initial_raw=at if start is None else start,
        choices=read.choices("choices"),
        read_only=read.flag("read_only"),
    )


def _bus(raw: object, label: str) -> Bus:
    if not isinstance(raw, Mapping):
        raise RecordError(f"{label} is {_type_name(raw)}, not a connection with a name and channels.")
    read = _Reader(raw, label)
    return Bus(
        name=read.text("name"),
        media=read.choice("media", BUS_MEDIA, "audio"),
        direction=read.choice("direction", ("input", "output"), "input"),
        channels=read.whole("channels"),
        main=read.known_flag("main") is not False,
    )


def _finite(value: float) -> bool:
    return abs(value) <= WHOLE and math.isfinite(value)


def _parsed_or_text(read: Callable[[str], Any], text: str) -> Any:
    """The text converted by `read`; the text itself where that raises ValueError."""
    try:
        return read(text)
    except ValueError:
        return text
