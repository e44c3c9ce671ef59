"""Saves settings: one value changes, everything else in the file stays as the user wrote it."""

from __future__ import annotations

import contextlib
import copy
import errno
import itertools
import os
import tomllib
from pathlib import Path
from typing import Any

from pluginary_tui.atomic_file import make_folder, new_file, sync_folder, write_whole
from pluginary_tui.config import document, files
from pluginary_tui.config.example import example
from pluginary_tui.config.table import FORMAT, SETTINGS, Setting
from pluginary_tui.config.values import check, expand, find
from pluginary_tui.errors import SettingsError

Change = tuple[tuple[str, ...], Any]
"""A path in the file and its new value; None removes it."""


def save(name: str, value: object, path: Path) -> None:
    """Set `name` in the file at `path`, which is created where it does not exist.

    `name` is a setting (`scan.workers`) or one entry of a table (`browse.queries.loud`). An older file is migrated
    and kept beside it as `config.toml.bak-0`. Raises SettingsError, and changes nothing, where the value does
    not fit, the file cannot be read or written, or the change could not be made without losing something.
    """
    setting, entry = _target(name)
    checked = check(setting, value if entry is None else {entry: value})
    file = _File(path)
    body = file.data.get(setting.section)
    present = body.get(setting.key) if isinstance(body, dict) else None
    if setting.kind == "table":
        old = present if isinstance(present, dict) else {}
        changes: list[Change] = [((setting.section, setting.key, each), checked[each]) for each in checked]
        if entry is None:
            changes += [((setting.section, setting.key, each), None) for each in old if each not in checked]
    else:
        if isinstance(checked, tuple):
            checked = _as_written(setting, checked, present, path)
        changes = [((setting.section, setting.key), checked)]
    file.write(changes)


def reset(name: str, path: Path) -> None:
    """Remove `name` (as for `save`) from the file at `path`, so that the next lower layer is in effect.

    A table that becomes empty by that goes as well, unless there are comments in it.
    """
    setting, entry = _target(name)
    if os.path.exists(path):
        place = (setting.section, setting.key) if entry is None else (setting.section, setting.key, entry)
        _File(path).write([(place, None)])


def init(path: Path) -> None:
    """Write the example to `path`. SettingsError where something is there already."""
    if os.path.lexists(path):
        raise SettingsError(f"{files.tidy(path)}: is there already; edit it, or move it away first")
    try:
        _replace(path, example().encode())
    except OSError as error:
        raise _unwritable(path, error) from None


def _target(name: str) -> tuple[Setting, str | None]:
    table = SETTINGS.get(".".join(name.split(".")[:2]))
    if table is not None and table.kind == "table" and name != table.name:
        return table, name.removeprefix(f"{table.name}.")
    return find(name), None


def _as_written(setting: Setting, new: tuple[str, ...], present: object, path: Path) -> list[str]:
    """`new` with ~ and $VARIABLES as written in the file, where the expanded values are equal."""
    written = {}
    for item in present if isinstance(present, list) else ():
        if isinstance(item, str):
            written[expand(setting, (item,), os.environ, path.parent)] = item
    return [written.get(expand(setting, (item,), os.environ, path.parent), item) for item in new]


class _File:
    """A settings file to be changed: its original text, and the migrated text and data."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.original = files.read(path) if os.path.exists(path) else ""
        self.bom = files.BOM if self.original.startswith(files.BOM) else ""
        self.text = files.migrate(self.original.removeprefix(self.bom), path)
        self.data = files.parse(self.text, path)
        self.version = files.version(self.data, files.tidy(path))

    def write(self, changes: list[Change]) -> None:
        """Make the changes, verify that the new text has exactly the intended data, then replace the file."""
        if self.version < FORMAT:
            changes = [(("version",), FORMAT), *changes]
        text = self.text
        intended = copy.deepcopy(self.data)
        try:
            for place, value in changes:
                _put(intended, place, value)
                text = _without(text, place) if value is None else document.assign(text, place, value)
            raw = (self.bom + text).encode()
            if _shape(tomllib.loads(text)) != _shape(intended):
                raise ValueError("the change would reach further than that")
        except UnicodeEncodeError:
            raise SettingsError(f"{files.tidy(self.path)}: TOML cannot hold this text; it is not Unicode") from None
        except (ValueError, TypeError) as error:
            raise SettingsError(
                f"{files.tidy(self.path)}: {'.'.join(changes[-1][0])} cannot be changed without touching what you "
                f"wrote around it ({error}); change it in an editor"
            ) from None
        if self.bom + text == self.original:
            return
        try:
            if self.original and self.version < FORMAT:
                _keep_old(self.path, self.version, self.original.encode())
            _replace(self.path, raw)
        except OSError as error:
            raise _unwritable(self.path, error) from None


def _without(text: str, place: tuple[str, ...]) -> str:
    """`text` without the value at `place`, and without the tables that have become empty by that."""
    shorter = document.remove(text, place)
    if shorter != text:
        for depth in range(len(place) - 1, 0, -1):
            shorter = document.prune(shorter, place[:depth])
    return shorter


def _put(data: dict[str, Any], place: tuple[str, ...], value: Any) -> None:
    for depth, part in enumerate(place[:-1], 1):
        data = data.setdefault(part, {})
        if not isinstance(data, dict):
            raise ValueError(f"{'.'.join(place[:depth])} is no table there")
    if value is None:
        data.pop(place[-1], None)
    else:
        data[place[-1]] = value


def _shape(value: Any) -> Any:
    """A value for comparison with `==`: types differ, nan equals nan, and empty tables are ignored."""
    if isinstance(value, dict):
        shapes = {key: _shape(each) for key, each in value.items()}
        return {key: shape for key, shape in shapes.items() if shape != {}}
    if isinstance(value, list):
        return [_shape(each) for each in value]
    return type(value), repr(value)


def _keep_old(path: Path, version: int, raw: bytes) -> None:
    """Write the older file to `config.toml.bak-0`, with a further number where that exists."""
    for number in itertools.count():
        kept = path.with_name(f"{path.name}.bak-{version}" + (f".{number}" if number else ""))
        with contextlib.suppress(FileExistsError), new_file(kept) as file:
            file.write(raw)
            return


def _replace(path: Path, raw: bytes) -> None:
    """Replace the file at `path` (the user's own links followed) atomically, keeping its mode and owner."""
    real = Path(os.path.realpath(path))
    make_folder(real.parent)
    if real.exists() and not os.access(real, os.W_OK):
        raise PermissionError(errno.EACCES, "it is read-only")
    write_whole(path, raw)
    sync_folder(real.parent)  # makes the new name durable


def _unwritable(path: Path, error: OSError) -> SettingsError:
    return SettingsError(
        f"{files.tidy(path)}: cannot be written ({error.strerror}); check the permissions of the file and its folder"
    )
