"""The table of all settings: section, name, type, default, documentation and limits."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, NamedTuple

from pluginary_tui import plugin_fields
from pluginary_tui.figures import METRICS
from pluginary_tui.formats import FORMAT_NAMES
from pluginary_tui.plugin_fields import COLUMNS, SORT_KEYS

FORMAT = 1
"""Version of the settings' names and meanings, given at the top of a file."""
ENV_PREFIX = "PLUGINARY_TUI_"
PROJECT_FILE = ".pluginary-tui.toml"

SORTS = tuple(sign + name for name in (*SORT_KEYS, *METRICS) for sign in ("", "-"))
FACETS = tuple(field.column for field in plugin_fields.FACETS)
THEMES = (
    *("textual-dark", "textual-light", "nord", "gruvbox", "dracula", "tokyo-night", "monokai", "flexoki"),
    *("catppuccin-mocha", "catppuccin-macchiato", "catppuccin-frappe", "catppuccin-latte"),
    *("rose-pine", "rose-pine-moon", "rose-pine-dawn", "solarized-dark", "solarized-light"),
    *("atom-one-dark", "atom-one-light", "ansi-dark", "ansi-light"),
)
PLAYERS = ("pedalboard", "pw-play", "paplay", "aplay")
"""What can play sounds: pedalboard, and programs of PipeWire, PulseAudio and ALSA."""
LEVELS = ("debug", "info", "warning", "error")

Kind = Literal["bool", "int", "float", "text", "list", "folders", "patterns", "table"]


def _setting(default: object, doc: str, **rules: object) -> Any:
    """A dataclass field of a setting; `rules` are fields of `Setting`."""
    metadata = {"doc": doc, **rules}
    if isinstance(default, dict):
        return field(default_factory=dict, metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True)
class ScanSettings:
    """Where plugins are looked for, and how much each probe may take."""

    folders: tuple[str, ...] = _setting(
        (),
        "Folders to search besides the platform's own plugin folders. ~ and $VARIABLES are expanded; a relative "
        "folder counts from the file that names it (from the working folder in a variable or a flag).",
        kind="folders",
        sample=("~/Plugins", "/mnt/studio/vst3"),
        runs_code=True,
    )
    formats: tuple[str, ...] = _setting(
        FORMAT_NAMES,
        "Formats to look for. What is known of plugins of the others stays.",
        choices=FORMAT_NAMES,
        minimum=1,
        runs_code=True,
    )
    ignore: tuple[str, ...] = _setting(
        (),
        "Bundles and folders never to touch. A pattern without a slash is compared with the name, one with a slash "
        "with the whole path; * and ? stand for anything. ~ and $VARIABLES are expanded.",
        kind="patterns",
        sample=("Old*.vst3", "~/Plugins/broken/*"),
        runs_code=True,
    )
    builtin: bool = _setting(True, "List the effects that come with pedalboard as well.")
    workers: int = _setting(
        0,
        "How many bundles are probed at once. 0 chooses by the machine's processors.",
        minimum=0,
        maximum=64,
    )
    timeout_s: float = _setting(
        30.0,
        "Seconds that a bundle may take before its probe is stopped. Plugins that phone home or ask for a licence "
        "while loading need more.",
        minimum=0.01,
        maximum=3600,
    )
    memory_limit_mb: int = _setting(
        4096,
        "Megabytes of memory that one probe may use before it is stopped. 0 sets no limit.",
        minimum=0,
        maximum=1_048_576,
    )
    file_limit_mb: int = _setting(
        1024,
        "Megabytes that one probe may write into a single file. 0 sets no limit.",
        minimum=0,
        maximum=1_048_576,
    )
    retry_crashed: bool = _setting(
        True,
        "Try a bundle that crashed once more, alone, before it goes into quarantine: some plugins only crash while "
        "others load next to them.",
    )
    prefer: tuple[str, ...] = _setting(
        tuple(name for name in FORMAT_NAMES if name != "builtin"),
        "Of one product in several formats, which one stands for it; the first that is here.",
        choices=FORMAT_NAMES,
    )
    sandbox: str = _setting(
        "guarded",
        "What a plugin may reach while it is read, checked or measured (Linux). guarded: it reads the system, its own "
        "bundle and its vendor's folders, and writes into a folder that is thrown away; no network, no other programs. "
        "sealed: the same without its vendor's folders. off: whatever you may do yourself.",
        choices=("off", "guarded", "sealed"),
        runs_code=True,
    )
    load_check: bool = _setting(
        True,
        "Try after reading which plugins pedalboard, and so Python, can load. The others may well work in a DAW.",
    )


@dataclass(frozen=True, slots=True)
class BrowseSettings:
    """What the list of plugins shows, and in which order."""

    columns: tuple[str, ...] = _setting(
        ("favourite", "name", "vendor", "category", "params"),
        "Columns of the list, from left to right. What does not fit the window is left out from the right.",
        choices=COLUMNS,
        minimum=1,
    )
    products: bool = _setting(
        True,
        "Show one row for each product, with the formats it is here in; scan.prefer says which of them stands for it. "
        "Otherwise each plugin has a row of its own.",
    )
    sort: str = _setting(
        "name",
        "Order of the list while nothing is searched for; a leading - turns it round. A query's own sort: wins.",
        choices=SORTS,
    )
    facets: tuple[str, ...] = _setting(
        ("format", "vendor", "category", "kind", "status", "tags", "tail"),
        "Groups of the pane on the left, from top to bottom. An empty list hides the pane.",
        choices=FACETS,
    )
    detail: bool = _setting(True, "Show the plugin under the cursor in the pane on the right.")
    queries: Mapping[str, str] = _setting(
        {},
        "Saved queries: a name, and what would be typed into the search line.",
        sample={"mastering": "#mastering is:fav", "heavy": "params>200 sort:-params"},
    )


@dataclass(frozen=True, slots=True)
class AppSettings:
    """How the full-screen app looks and answers."""

    theme: str = _setting(
        "textual-dark",
        "Colours of the app. A file themes/NAME.toml beside the settings file makes NAME one of them.",
        choices=THEMES,
    )
    ascii: bool = _setting(
        False,
        "Draw with plain letters only, for terminals and fonts without lines and symbols. Where nothing is set, that "
        "is so on the Linux console and where the language has no UTF-8.",
    )
    fast_paint: bool = _setting(
        True,
        "Send only what has changed to the terminal, which halves the bytes over a slow line. Turn it off if the "
        "screen looks wrong; it takes effect with the next start.",
    )
    keys: Mapping[str, str] = _setting(
        {},
        "Other keys for what the app can do: the action as the key help (?) names it, and the key. Several keys are "
        "separated by commas.",
        sample={"favourite": "f,ctrl+f", "scan": "f5"},
        runs_code=True,
    )


@dataclass(frozen=True, slots=True)
class LogSettings:
    """What the log file keeps."""

    level: str = _setting("info", "The least that is worth a line in the log.", choices=LEVELS)


@dataclass(frozen=True, slots=True)
class BackupSettings:
    """The backups of the catalogue that are made by themselves."""

    keep: int = _setting(5, "How many are kept before the oldest goes.", minimum=1, maximum=1000, personal=True)


@dataclass(frozen=True, slots=True)
class SoundSettings:
    """What measuring keeps."""

    keep: bool = _setting(
        True,
        "Keep what each measured plugin sounds like, so that it can be heard at once: a second without and with it, "
        "at most 1 MB a plugin.",
    )
    player: str = _setting(
        "auto",
        "What plays sounds. auto: pedalboard, or where that sees no audio device, the first program that is here and "
        "works.",
        choices=("auto", *PLAYERS),
    )


@dataclass(frozen=True, slots=True)
class ProjectSettings:
    """Where the projects of DAWs are."""

    folders: tuple[str, ...] = _setting(
        (),
        "Folders with projects, searched with all that is in them. Projects are read and never changed. ~ and "
        "$VARIABLES are expanded.",
        kind="folders",
        sample=("~/Music/Projects", "~/Documents/REAPER Media"),
    )


@dataclass(frozen=True, slots=True)
class PresetSettings:
    """Where preset files are."""

    folders: tuple[str, ...] = _setting(
        (),
        "Folders with presets (.vstpreset, .fxp, .fxb, .aupreset) besides the standard's own, searched with all that "
        "is in them. ~ and $VARIABLES are expanded.",
        kind="folders",
        sample=("~/Presets",),
    )


SECTIONS: dict[str, type[Any]] = {
    "scan": ScanSettings,
    "browse": BrowseSettings,
    "app": AppSettings,
    "log": LogSettings,
    "backup": BackupSettings,
    "sound": SoundSettings,
    "projects": ProjectSettings,
    "presets": PresetSettings,
}


class Setting(NamedTuple):
    """One setting."""

    section: str
    key: str
    kind: Kind
    default: Any
    doc: str
    """Documentation for the user: a sentence or two."""
    minimum: float = 0
    """The least value; of a list, the least number of items."""
    maximum: float = math.inf
    choices: tuple[str, ...] = ()
    """Allowed values (or items); empty where all are."""
    sample: Any = None
    """An example, where the default is empty."""
    runs_code: bool = False
    """Whether it decides which code is run, by a scan or by a key: from a project file it counts only if trusted."""
    personal: bool = False
    """Whether a project file cannot set it: it decides what of the user's own is deleted."""

    @property
    def name(self) -> str:
        """`scan.workers`."""
        return f"{self.section}.{self.key}"

    @property
    def env(self) -> str:
        """`PLUGINARY_TUI_SCAN_WORKERS`."""
        return f"{ENV_PREFIX}{self.section}_{self.key}".upper()

    @property
    def expects(self) -> str:
        """The expected value, in words that follow "must be"."""
        if self.kind in ("int", "float"):
            return f"{'a whole' if self.kind == 'int' else 'a'} number from {self.minimum:g} to {self.maximum:.0f}"
        among = ", ".join(choice for choice in self.choices if not choice.startswith("-"))
        if any(choice.startswith("-") for choice in self.choices):
            among += ", or one of them with a leading -"
        if self.kind == "list":
            return f"a list of any of {among}"
        return {
            "bool": "true or false",
            "text": f"one of {among}",
            "folders": "a list of folders",
            "patterns": "a list of patterns",
            "table": "a table of names and texts",
        }[self.kind]


_KINDS: dict[str, Kind] = {
    "bool": "bool",
    "int": "int",
    "float": "float",
    "str": "text",
    "tuple[str, ...]": "list",
    "Mapping[str, str]": "table",
}


def _settings() -> dict[str, Setting]:
    table = {}
    for section, class_ in SECTIONS.items():
        empty = class_()
        for each in fields(class_):
            rules = {"kind": _KINDS[str(each.type)], **each.metadata}
            setting = Setting(section, each.name, default=getattr(empty, each.name), **rules)
            table[setting.name] = setting
    return table


SETTINGS: dict[str, Setting] = _settings()
"""By name (`scan.workers`), in the order of the example file."""


def of_section(section: str) -> list[Setting]:
    """The settings of one section, tables last: their header ends the section's own keys in a file."""
    return sorted(
        (each for each in SETTINGS.values() if each.section == section), key=lambda each: each.kind == "table"
    )
