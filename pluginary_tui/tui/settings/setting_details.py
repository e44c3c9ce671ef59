"""The Settings screen's lines about a setting: its value, where that comes from, and its documentation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pluginary_tui.config import Origin, Setting, Settings
from pluginary_tui.config.files import tidy
from pluginary_tui.home import shortened
from pluginary_tui.tui.core.glyphs import Glyphs
from pluginary_tui.tui.core.key_names import KeyOf
from pluginary_tui.tui.widgets.rich_lines import Line

ORIGINS = {
    "default": "default",
    "file": "your file",
    "project": "project file",
    "environment": "environment",
    "flag": "flag",
}
"""Where a value comes from, in a word or two."""

SECTIONS = {
    "scan": "scanning",
    "browse": "browsing",
    "app": "the app",
    "log": "log file",
    "backup": "backups",
    "sound": "listening",
    "projects": "projects",
    "presets": "presets",
}
"""Titles of the sections."""

HOW = {
    "bool": "turns it on or off",
    "int": "asks for a number",
    "float": "asks for a number",
    "text": "offers what it may be",
    "list": "chooses and orders them",
    "folders": "adds, changes and removes them",
    "patterns": "adds, changes and removes them",
    "table": "adds, changes and removes them",
}
"""What the key that changes a setting does, by the kind of the setting."""


def format_value(value: Any) -> str:
    """A value in one line, for a person."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, Mapping):
        return ", ".join(value) or "none"
    if isinstance(value, tuple | list):
        return ", ".join(_short(item) for item in value) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _short(item: str) -> str:
    return shortened(item)


def place(origin: Origin) -> str:
    """Where a value comes from, with file and line or the name of the variable."""
    match origin.kind:
        case "file" | "project":
            line = f", line {origin.line}" if origin.line else ""
            return f"{ORIGINS[origin.kind]} {tidy(Path(origin.place))}{line}"
        case "environment":
            return f"the variable {origin.place}"
        case "flag":
            return "a flag of the command"
    return "the default"


def render(
    setting: Setting, settings: Settings, over: str, glyphs: Glyphs, key_of: KeyOf, *, scanning: bool
) -> Iterator[Line]:
    """All of one setting. `over`: what wins over the user's file, in words; empty where nothing does."""
    origin = settings.origin(setting.name)
    yield [(setting.name, "title")]
    yield [(setting.doc, "text")]
    yield []
    yield from _values(setting, settings[setting.name])
    yield _fact("from", place(origin))
    if origin.kind != "default":
        yield _fact("default", format_value(setting.default))
    if setting.kind in ("int", "float"):
        yield _fact("range", f"{setting.minimum:g} {glyphs.dash} {setting.maximum:,.0f}")
    yield _fact("variable", setting.env)
    yield []
    if over:
        message = (
            f"{over[:1].upper()}{over[1:]} wins over your file. What you change here is kept, and holds without it."
        )
        yield [(f"{glyphs.warning} ", "bad"), (message, "text")]
        yield []
    reset = f"; {key_of('settings_reset')} puts the default back" if origin.kind == "file" else ""
    yield [(f"{key_of('settings_change')} {HOW[setting.kind]}{reset}", "quiet")]
    if setting.section == "scan" and scanning:
        yield [("The scan that runs keeps to what held when it began.", "quiet")]


def _values(setting: Setting, value: Any) -> Iterator[Line]:
    """The value; a table and a list of folders on lines of their own."""
    if setting.kind == "table" and value:
        for number, (name, text) in enumerate(value.items()):
            yield _fact("" if number else "value", f"{name} = {text}")
    elif setting.kind in ("folders", "patterns") and value:
        for number, item in enumerate(value):
            yield _fact("" if number else "value", _short(item))
    else:
        yield _fact("value", format_value(value))


def _fact(name: str, value: str) -> Line:
    return [(f"{name:<10}", "label"), (value, "text")]
