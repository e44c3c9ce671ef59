"""Checks of values, and their conversion from text."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pluginary_tui.config.table import SETTINGS, Setting
from pluginary_tui.config.wording import shown
from pluginary_tui.errors import SettingsError
from pluginary_tui.formatting import SWITCH_WORDS
from pluginary_tui.model import clean

_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)\})")
_WINDOWS_VARIABLE = re.compile(r"%(\w+(?:\(\w+\))?)%")
"""As Windows writes it: %APPDATA%, %ProgramFiles(x86)%."""


def find(name: str) -> Setting:
    """The setting called `name` (`scan.workers`). Raises SettingsError with the most similar name."""
    if name not in SETTINGS:
        raise SettingsError(unknown(name))
    return SETTINGS[name]


def unknown(name: str) -> str:
    """The message for a setting that does not exist, with the most similar one."""
    right = nearest(name)
    advice = f"did you mean {right}?" if right else "'pluginary-tui config show' lists them all"
    return f"unknown setting {clean(name, 80)}; {advice}"


def nearest(name: str) -> str:
    """The most similar setting, or an empty text."""
    key = name.rpartition(".")[2]
    same_key = [right for right in SETTINGS if SETTINGS[right].key == key]
    return same_key[0] if same_key else closest(name, SETTINGS) or _by_key(key)


def _by_key(key: str) -> str:
    keys = {setting.key: name for name, setting in SETTINGS.items()}
    return keys.get(closest(key, keys), "")


def closest(word: str, among: Mapping[str, object] | tuple[str, ...]) -> str:
    """The most similar one of `among`, or an empty text."""
    import difflib  # needed for errors only

    return next(iter(difflib.get_close_matches(word.casefold()[:100], list(among), 1, 0.7)), "")


def check(setting: Setting, value: object) -> Any:
    """`value` in the setting's type (lists as tuples). Raises SettingsError where it does not fit."""
    match setting.kind:
        case "bool" if isinstance(value, bool):
            return value
        case "int" | "float" if isinstance(value, int | float) and not isinstance(value, bool):
            # NaN is in no range; 4.0 is not accepted as a whole number, since it would be written back as 4.
            if setting.minimum <= value <= setting.maximum and (setting.kind == "float" or isinstance(value, int)):
                return float(value) if setting.kind == "float" else value
        case "text" if value in setting.choices or (setting.name == "app.theme" and _is_theme_file(value)):
            return value
        case "list" | "folders" | "patterns" if isinstance(value, list | tuple):
            return _list(setting, value)
        case "table" if isinstance(value, Mapping):
            return _table(setting, value)
    raise SettingsError(f"{setting.name} must be {setting.expects}, not {shown(value)}{_hint(setting, value)}")


def _is_theme_file(value: object) -> bool:
    """Whether a file beside the settings makes this a theme."""
    from pluginary_tui.config.themes import theme_names  # not needed for the app's own themes

    return value in theme_names()


def from_text(setting: Setting, text: str) -> Any:
    """The value of the text of a variable or a command. Raises SettingsError where it does not fit.

    Columns and facets are separated by commas, folders and patterns as PATH separates them (`os.pathsep`), tables
    are inline TOML: `{ loud = "is:fav" }`.
    """
    text = text.strip()
    value: object = text
    if setting.kind == "bool":
        value = SWITCH_WORDS.get(text.casefold(), text)
    elif setting.kind in ("int", "float"):
        with contextlib.suppress(ValueError):  # other text is refused by check()
            value = int(text) if setting.kind == "int" else float(text)
    elif setting.kind in ("list", "folders", "patterns"):
        parts = text.split("," if setting.kind == "list" else os.pathsep)
        value = [part.strip() for part in parts if part.strip()]
    elif setting.kind == "table":
        import tomllib

        try:
            value = tomllib.loads(f"table = {text}")["table"]
        except (ValueError, RecursionError):
            raise SettingsError(
                f'{setting.name} must be {setting.expects} such as {{ name = "text" }}, not {shown(text)}'
            ) from None
    return check(setting, value)


def expand(setting: Setting, value: Any, environ: Mapping[str, str], folder: Path) -> Any:
    """Folders and patterns with ~ and $VARIABLES expanded, folders made absolute from `folder`; other values unchanged.

    Unset variables are left as written.
    """
    if setting.kind not in ("folders", "patterns"):
        return value
    items = []
    for item in value:
        text = expand_text(item, environ, pattern=setting.kind == "patterns")
        items.append(os.path.normpath(folder / text) if setting.kind == "folders" else text)
    return tuple(items)


def expand_text(
    text: str, environ: Mapping[str, str], *, pattern: bool = False, windows: bool = sys.platform == "win32"
) -> str:
    """A path with $VARIABLES and, at its front, ~ or ~user replaced; what is not known stays as written.

    `pattern`: a text without a slash is about names, where ~ is a letter like others. `windows`: %VARIABLES% are
    replaced as well.
    """
    if windows:
        text = _WINDOWS_VARIABLE.sub(lambda found: environ.get(found[1], found[0]), text)
    text = _VARIABLE.sub(lambda found: environ.get(found[1] or found[2], found[0]), text)
    return text if pattern and "/" not in text and os.sep not in text else os.path.expanduser(text)


def _hint(setting: Setting, value: object) -> str:
    """What was probably meant, as the end of a sentence; may be empty."""
    if not isinstance(value, str):
        return ""
    bare = value.strip().lower()
    if setting.kind == "list" and value in setting.choices:
        return f'; write ["{value}"]'
    if (setting.kind == "bool" and bare in ("true", "false")) or (setting.kind in ("int", "float") and _digits(bare)):
        return f"; write {bare} without quotes"
    if setting.kind == "text" and closest(value, setting.choices):
        return f'; did you mean "{closest(value, setting.choices)}"?'
    return ""


def _digits(text: str) -> bool:
    return text.isascii() and text.isdecimal()


def _list(setting: Setting, value: Sequence[object]) -> tuple[str, ...]:
    items = []
    for item in value:
        if not isinstance(item, str):
            raise SettingsError(f"{setting.name} must be {setting.expects}, each in quotes; {shown(item)} is not")
        if not item.strip():
            raise SettingsError(f"{setting.name} holds an empty text; remove it from the list")
        if setting.choices and item not in setting.choices:
            right = closest(item, setting.choices)
            advice = f'did you mean "{right}"?' if right else f"choose from {', '.join(setting.choices)}"
            raise SettingsError(f"{setting.name} cannot hold {shown(item)}; {advice}")
        if item in items:
            raise SettingsError(f"{setting.name} holds {shown(item)} twice; remove one")
        items.append(item)
    if len(items) < setting.minimum:
        raise SettingsError(f"{setting.name} must not be empty; its default is {', '.join(setting.default)}")
    return tuple(items)


def _table(setting: Setting, value: Mapping[object, object]) -> dict[str, str]:
    table = {}
    for name, text in value.items():
        if not isinstance(name, str) or not name.strip():
            raise SettingsError(f"{setting.name} holds an entry without a name; give it one or remove it")
        if not isinstance(text, str):
            raise SettingsError(f"{setting.name}.{clean(name, 60)} must be a text in quotes, not {shown(text)}")
        table[name] = text
    return table
