"""Domain model as plain data: plugins, parameters, bundles, outcomes. No I/O."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

from pluginary_tui.formats import LOADABLE
from pluginary_tui.outcome import Outcome as Outcome
from pluginary_tui.terminal_text import UNPRINTABLE

_UNPRINTABLE = re.compile(f"[{UNPRINTABLE}]+")
_SLUG_GAP = re.compile(r"[^\w]+|_+")

NAME_LIMIT = 256
"""Characters kept of a name, vendor, unit or other short text of a plugin."""


MISSING = "missing"
"""Status of a plugin whose bundle is no longer on the disk."""

UNREAD = "unread"
"""Status of a plugin in a report that was not tried this time: its facts in the catalogue stay."""


HOST = "host"
"""Kind of a parameter that only hosts see: a mapped MIDI controller, a hidden one, the buffer size."""

PARAMETER_KINDS = ("continuous", "stepped", "switch", "bypass", "program", HOST)


@dataclass(slots=True)
class Parameter:
    """One value of a plugin. Texts are worded by the plugin itself; one that it refuses to tell is empty."""

    name: str
    unit: str = ""
    default: str = ""
    """Text of the default that the plugin declares."""
    minimum: str = ""
    maximum: str = ""
    default_raw: float | None = None
    """The declared default, normalized (0 to 1); None where it is not known."""
    steps: int = 0
    """Number of distinct values; 0 where the value is continuous."""
    kind: str = "continuous"
    """One of PARAMETER_KINDS."""
    automatable: bool = True
    id: int | None = None
    """The number by which a host addresses it (VST3: ParamID); None where the format has none."""
    short_name: str = ""
    group: str = ""
    """Names of the units it belongs to, outermost first, joined by ` / `; empty for the plugin itself."""
    initial: str = ""
    """Text of the value that a new instance starts with, which may differ from the declared default."""
    initial_raw: float | None = None
    """The same value, normalized."""
    choices: tuple[str, ...] = ()
    """Texts of all values of a list of up to CHOICE_LIMIT."""
    read_only: bool = False


CHOICE_LIMIT = 64
"""Values of a list whose texts are read; longer lists keep their number of steps and their ends."""


BUS_MEDIA = ("audio", "event", "cv", "message")
"""What a connection carries: audio, notes (MIDI), control voltages, or messages between plugin and host."""


@dataclass(slots=True)
class Bus:
    """One audio or event connection of a plugin."""

    name: str
    media: str
    """One of BUS_MEDIA."""
    direction: str
    """`input` or `output`."""
    channels: int
    main: bool = True
    """False for a sidechain or another auxiliary connection."""


ATTEMPT_KINDS = ("network", "writes", "executes", "programs", "other")


class Attempt(NamedTuple):
    """Something that a plugin wanted to do and that the sandbox did not let it do. Made safe to show."""

    kind: str
    """One of ATTEMPT_KINDS; `programs` is to talk to other programs."""
    what: str
    """What it wanted to do, after "wanted to"."""
    during: str = "read"
    """`read`, `load` (while pedalboard loaded it) or `measure`."""


def attempt(kind: object, what: object, during: str = "read") -> Attempt:
    """An attempt, from texts that a plugin may have chosen."""
    return Attempt(str(kind) if kind in ATTEMPT_KINDS else "other", clean(what, 320), during)


@dataclass(slots=True)
class Plugin:
    """One loadable effect or instrument, as the catalogue keeps it. Parameters are read apart, when wanted."""

    id: str
    """Stable across rescans and machines; copies of one plugin share it."""
    name: str
    vendor: str = ""
    format: str = "vst3"
    """A name of `formats.FORMATS`."""
    categories: tuple[str, ...] = ()
    """Readable ones; `raw_category` is what the plugin says."""
    raw_category: str = ""
    version: str = ""
    path: str = ""
    name_in_file: str = ""
    """What pedalboard's `plugin_name` takes; empty where the bundle holds one plugin only. Not made safe to show."""
    kind: str = "effect"
    """`effect` or `instrument`."""
    uid: str = ""
    """The class id, 32 hex digits (VST3), the type, subtype and manufacturer codes (Audio Unit), the id of a CLAP, the
    URI of an LV2, the number of a LADSPA, or its label where the number is not its own."""
    latency_samples: int = 0
    parameter_count: int = 0
    """Parameters of the plugin's own; those of kind `host` do not count."""
    audio_inputs: int = 0
    """Channels of the main audio inputs together."""
    audio_outputs: int = 0
    sidechain_inputs: int = 0
    """Channels of all other audio inputs."""
    midi_input: bool = False
    midi_output: bool = False
    program_count: int = 0
    loads: bool | None = None
    """Whether pedalboard loads it; None where that was not tried."""
    load_error: str = ""
    """Why pedalboard does not load it, one sentence."""
    status: str = Outcome.OK
    """How reading it ended: `ok`, another outcome, or `missing`."""
    error: str = ""
    favourite: bool = False
    hidden: bool = False
    tags: tuple[str, ...] = ()
    rating: int = 0
    """0 (none) to 5."""
    note: str = ""
    uses: int = 0
    used_at: str = ""
    used_in: int = 0
    """How many of the projects that were read use it."""
    project_used_at: str = ""
    """ISO 8601, UTC: when the latest of these projects was changed."""
    preset_count: int = 0
    """Preset files for it, without the programs that it holds."""
    scanned_at: str = ""
    """ISO 8601, UTC, of the last probe; empty for one never probed."""
    added_at: str = ""
    """ISO 8601, UTC, of the first time it was seen."""
    probe_ms: int = 0
    quarantined: bool = False
    change: str = ""
    """What the last scan brought: `new`, `updated`, or nothing of the kind."""
    copies: int = 1
    """How many bundles on this machine hold this very plugin (same id)."""
    attempts: frozenset[str] = frozenset()
    """Kinds of what it tried and the sandbox refused."""
    key: int = 0
    """The catalogue's row number: tells copies apart. Not stable; never shown."""
    size: int = 0
    """Bytes of its bundle on the disk, which it may share with other plugins; 0 where there is none."""
    product: str = ""
    """What it has in common with its other formats: maker and title, slugged (`products`)."""
    marked: bool = False
    """Whether it is marked in the app; kept nowhere."""
    imported: bool = False
    """Whether it is known from an imported file only: no scan of this machine has found it."""
    label: str = ""
    """Of a LADSPA: what tells it from the other plugins in its file."""


def can_load(plugin: Plugin) -> bool:
    """Whether pedalboard loads plugins of this format, and is not known to refuse this one."""
    return plugin.format in LOADABLE and plugin.loads is not False


NOT_SCANNED = "is known from an import only; scan the folder that it is in, and this program will load it"
"""Why a plugin is not loaded that no scan of this machine has found: a sentence that begins with its name."""


def may_load(plugin: Plugin) -> bool:
    """As `can_load`, and a scan of this machine has found it: the path of an imported file could hold anything."""
    return can_load(plugin) and not plugin.imported


UNEXPORTED = (
    "uses",
    "used_at",
    "project_used_at",
    "change",
    "copies",
    "attempts",
    "key",
    "marked",
    "imported",
    "label",
)
"""Attributes of a plugin that `list --json` leaves out."""


@dataclass(slots=True)
class Bundle:
    """One thing on disk that holds plugins: the unit of scanning."""

    path: str
    format: str
    name: str
    """The stem of the file, or what the bundle says of itself before it is loaded (`Info.plist`)."""
    fingerprint: str = ""
    """Changes when anything inside changes."""
    size: int = 0
    """Bytes, everything inside."""
    modified: float = 0.0
    """Newest modification time inside, seconds since the epoch."""
    vendor: str = ""
    kind: str = ""
    """`effect` or `instrument`, where the bundle says so before it is loaded (`Info.plist`)."""
    error: str = ""
    """Why it cannot be read at all (a dangling link, no permission), where discovery has found that."""


@dataclass(slots=True)
class ProbedPlugin:
    """A plugin as a probe tells it, before the catalogue gives it an id."""

    name: str
    vendor: str = ""
    version: str = ""
    category: str = ""
    uid: str = ""
    kind: str = "effect"
    name_in_file: str = ""
    label: str = ""
    """Of a LADSPA: what tells it from the other plugins in its file."""
    latency_samples: int = 0
    parameters: list[Parameter] = field(default_factory=list)
    buses: list[Bus] = field(default_factory=list)
    programs: list[str] = field(default_factory=list)
    loads: bool | None = None
    """True where pedalboard itself did the reading; else the load check answers later."""
    status: str = Outcome.OK
    """How reading it ended, or UNREAD."""
    error: str = ""
    stage: str = ""
    """What was being done when it failed; see `Report.stage`."""
    signal: str = ""
    log: str = ""
    """What was printed while it failed."""
    probe_ms: int = 0
    needs: list[str] = field(default_factory=list)
    """URIs of features that its host must have (LV2)."""
    attempts: list[Attempt] = field(default_factory=list)
    """What it tried while it was read, and the sandbox refused."""


@dataclass(slots=True)
class Report:
    """What one bundle's probe reported, in whatever stage it ended."""

    bundle: Bundle
    outcome: Outcome
    plugins: list[ProbedPlugin] = field(default_factory=list)
    error: str = ""
    """One line for a person: what happened, in which stage."""
    stage: str = ""
    """`launch`, `factory`, `load`, `parameters` or `done`: what it was doing when it ended."""
    signal: str = ""
    """The name of the signal that ended it (`SIGSEGV`)."""
    log: str = ""
    elapsed_s: float = 0.0
    peak_mb: float = 0.0
    sandbox: str = ""
    """How it was confined: the mode, and which layers were missing; empty where that is not known."""
    attempts: list[Attempt] = field(default_factory=list)
    """What was tried and refused before any plugin was in hand."""


def clean(text: object, limit: int = NAME_LIMIT) -> str:
    """Text from outside, made safe to show: one line, no control or direction characters, at most `limit` long."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    if isinstance(text, str) and text.isascii() and text.isprintable() and len(text) <= limit:  # nearly all there is
        return " ".join(text.split()) if "  " in text else text.strip()
    text = str(text).encode("utf-8", "replace").decode("utf-8")
    text = " ".join(_UNPRINTABLE.sub(" ", text).split())
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def clean_log(text: str) -> str:
    """What a plugin printed, made safe to show: lines stay lines, every other control character goes.

    A line that comes several times in a row is kept once, with how often.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    cleaned = (_UNPRINTABLE.sub(" ", _ESCAPE.sub("", line)).rstrip() for line in lines)
    counted = ((line, sum(1 for _ in same)) for line, same in groupby(cleaned))
    return "\n".join(f"{line}  (x{count})" if line and count > 1 else line for line, count in counted).strip("\n")


# Terminal control sequences (ECMA-48): CSI, OSC and its kin up to their terminator, and two-character ones.
_ESCAPE = re.compile(
    "\x1b(?:\\[[0-?]*[ -/]*[@-~]|[\\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\\\)?|[ -/]*[0-~])|\x9b[0-?]*[ -/]*[@-~]"
)


def slug(text: str) -> str:
    """Lower-case words joined by hyphens, for ids: letters and digits of any script stay, marks go.

    >>> slug("FabFilter Pro-Q 3")
    'fabfilter-pro-q-3'
    """
    folded = unicodedata.normalize("NFKD", text).casefold()
    bare = "".join(c for c in folded if not unicodedata.combining(c))
    return _SLUG_GAP.sub("-", bare).strip("-") or "unknown"


def base_id(format_: str, vendor: str, name: str) -> str:
    """The stable id of a plugin, before a suffix keeps two different ones with the same names apart."""
    return f"{format_}/{slug('pedalboard' if format_ == 'builtin' else vendor)}/{slug(name)}"


TAG_LENGTH = 64
"""Most characters of a tag."""


def tag_name(text: str) -> str:
    """A tag as it is kept: one word, no leading `#`.

    >>> tag_name("#drum bus ")
    'drum-bus'
    """
    return "-".join(clean(text, TAG_LENGTH).lstrip("#").replace('"', "").replace(",", " ").split())
