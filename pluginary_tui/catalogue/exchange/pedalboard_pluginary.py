"""Reads the files of pedalboard-pluginary: its `plugins.db`, the JSON it exports, and its `ignores.json`.

Its version 1.1.7 has a table `plugins` (id, name, path, plugin_type, manufacturer, parameter_count, data, ...) whose
`data` is a JSON object with `parameters`: {name: {"name", "value"}}. Its `json` and `list --format json` commands
say `type` and `params`: {name: value} instead, older caches too. Its `ignores.json` is a list of `vst3/Name`.
"""

from __future__ import annotations

import glob
import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path, PureWindowsPath
from typing import Any, TypeGuard

from pluginary_tui.catalogue.database import APPLICATION_ID
from pluginary_tui.catalogue.sqlite_file import open_to_read
from pluginary_tui.errors import CatalogueError

SQLITE_HEADER = b"SQLite format 3\0"

_FORMATS = {"vst3": "vst3", "aufx": "au", "au": "au"}
_ENDINGS = {"vst3": ".vst3", "aufx": ".component"}


def is_entry(value: object) -> TypeGuard[Mapping[str, Any]]:
    """Whether `value` is a plugin of that program and not of this one."""
    if not isinstance(value, Mapping):
        return False
    return isinstance(value.get("plugin_type", value.get("type")), str) and "format" not in value


def entry(raw: Mapping[str, Any]) -> dict[str, Any]:
    """A plugin of that program as an entry of this one. Its ids, which are made of file names, are dropped."""
    format_ = _FORMATS.get(str(raw.get("plugin_type", raw.get("type"))).lower())
    if format_ is None:
        raise CatalogueError("it is neither a VST3 nor an Audio Unit")
    parameters = raw.get("parameters", raw.get("params")) or {}
    if not isinstance(parameters, Mapping):
        raise CatalogueError('its "parameters" are not a table')
    path = raw.get("path")
    return {
        "name": raw.get("name") or (PureWindowsPath(path).stem if isinstance(path, str) else None),
        "vendor": raw.get("manufacturer"),
        "format": format_,
        "path": path,
        "name_in_file": raw.get("name_in_file"),
        "parameters": [_parameter(name, value) for name, value in parameters.items()],
    }


def _parameter(name: str, value: object) -> dict[str, Any]:
    if isinstance(value, Mapping):
        name, value = value.get("name", name), value.get("value")
    kind = "switch" if isinstance(value, bool) else "stepped" if isinstance(value, str) else "continuous"
    return {"name": name, "default": "" if value is None else str(value), "kind": kind}


def ignore_pattern(text: str) -> str | None:
    """The pattern of `scan.ignore` for its `vst3/Name`; None for other texts."""
    kind, slash, name = text.partition("/")
    if not slash or kind not in _ENDINGS or not name or "/" in name:
        return None
    return glob.escape(name) + _ENDINGS[kind]


def read_database(path: Path) -> Iterator[tuple[str, str, Any]]:
    """The entries of a `plugins.db`, as from `file_formats.read`. Raises CatalogueError."""
    # Without a write-ahead log, SQLite can read the file without creating files beside it.
    alone = not path.with_name(f"{path.name}-wal").exists()
    try:
        with closing(open_to_read(path, immutable=alone)) as db:
            if db.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID:
                raise CatalogueError(f"{path} is a catalogue of this program; use 'pluginary-tui restore {path}'.")
            if db.execute("SELECT type FROM sqlite_schema WHERE name = 'plugins'").fetchone() != ("table",):
                raise CatalogueError(f"{path} is a database, but not one of pedalboard-pluginary.")
            columns = {row[1] for row in db.execute("PRAGMA table_info(plugins)")}
            if not {"name", "path", "plugin_type", "manufacturer", "data"} <= columns:
                raise CatalogueError(f"{path} is a database, but not one of pedalboard-pluginary.")
            rows = db.execute("SELECT name, path, plugin_type, manufacturer, data FROM plugins")
            for at, (name, bundle, type_, manufacturer, data) in enumerate(rows, 1):
                label = f"plugin {at}"
                known = {"name": name, "path": bundle, "plugin_type": type_, "manufacturer": manufacturer}
                yield label, "", {**_data(data), **{key: value for key, value in known.items() if value}}
    except sqlite3.Error as error:
        raise CatalogueError(f"Cannot read {path}: {error}.") from None


def _data(text: object) -> dict[str, Any]:
    """The JSON of one row; empty where it is invalid, as the columns are sufficient."""
    try:
        data = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        data = None
    return data if isinstance(data, dict) else {}
