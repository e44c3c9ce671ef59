"""Theme files: colours of the app that a user made, `themes/NAME.toml` beside the settings file."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pluginary_tui.config import files
from pluginary_tui.config.table import THEMES
from pluginary_tui.config.wording import shown
from pluginary_tui.errors import SettingsError
from pluginary_tui.model import clean

FOLDER = "themes"
"""Beside the settings file."""

MOST = 100
"""Theme files that are read."""

COLOURS = (
    *("primary", "secondary", "accent", "foreground", "background", "surface", "panel", "boost"),
    *("success", "warning", "error"),
)
"""The colours of a theme. `primary` is needed; the app derives what is not given."""

_NAME = re.compile(r"[A-Za-z0-9][\w-]*")
_COLOUR = re.compile(r"#(?:[0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})")


@dataclass(frozen=True, slots=True)
class ThemeFile:
    """One file in the folder of themes."""

    name: str
    """What the setting app.theme calls it: the file's name without `.toml`."""
    colours: Mapping[str, str] = field(default_factory=dict)
    """By the names of COLOURS, as `#rrggbb` or `#rgb`; empty where something is wrong with the file."""
    dark: bool = True
    problem: str = ""
    """What is wrong with it, in one sentence; empty where nothing is."""


def theme_files(environ: Mapping[str, str] = os.environ) -> list[ThemeFile]:
    """The theme files beside the settings file, by name. Files that are hidden or not called `*.toml` are left alone.

    Reads the disk; raises nothing.
    """
    folder = files.config_path(environ).parent / FOLDER
    try:
        with os.scandir(folder) as entries:
            found = sorted(e.name for e in entries if e.name.endswith(".toml") and not e.name.startswith("."))
    except OSError:
        return []
    return [_read(folder / name) for name in found[:MOST]]


def theme_names(environ: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """What app.theme may be: the app's own themes, and the files beside the settings, also those that are wrong.

    A mistake in a file of colours shall not keep the app from starting.
    """
    return (*THEMES, *(each.name for each in theme_files(environ) if each.name not in THEMES))


def _read(path: Path) -> ThemeFile:
    name = clean(path.stem, 60)
    try:
        data = files.parse(files.read(path).removeprefix(files.BOM), path)
        problem = next(_problems(path.stem, data), "")
    except SettingsError as error:
        return ThemeFile(name, problem=str(error))
    if problem:
        return ThemeFile(name, problem=f"{files.tidy(path)}: {problem}")
    return ThemeFile(name, {each: data[each] for each in COLOURS if each in data}, data.get("dark", True))


def _problems(name: str, data: Mapping[str, object]) -> Iterator[str]:
    """What is wrong with the data of a theme, one sentence each."""
    if name in THEMES:
        yield "the app has a theme of this name; name the file otherwise"
    if not _NAME.fullmatch(name):
        yield "a theme's name has letters, digits, - and _ only; name the file otherwise"
    if "primary" not in data:
        yield 'it needs a colour primary, such as primary = "#0178d4"'
    for key, value in data.items():
        if key == "dark":
            if not isinstance(value, bool):
                yield "dark must be true or false"
        elif key not in COLOURS:
            yield f"there is no colour {clean(key, 40)}; there are {', '.join(COLOURS)}, and dark"
        elif not isinstance(value, str) or not _COLOUR.fullmatch(value):
            yield f'{key} must be a colour such as "#0178d4", not {shown(value)}'
