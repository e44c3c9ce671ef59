"""Writes and reads plugins as JSON, CSV and TOML, entry by entry."""

from __future__ import annotations

import csv
import json
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import IO, Any

from pluginary_tui.catalogue.exchange.json_stream import entries
from pluginary_tui.errors import CatalogueError
from pluginary_tui.model import clean

Record = Mapping[str, Any]

COLUMNS = (
    *("id", "name", "vendor", "format", "kind", "categories", "raw_category", "version", "parameter_count"),
    *("latency_samples", "status", "error", "favourite", "hidden", "tags", "rating", "note", "uses", "used_at"),
    *("path", "name_in_file", "uid", "scanned_at", "added_at", "probe_ms"),
    *("audio_inputs", "audio_outputs", "sidechain_inputs", "midi_input", "midi_output", "program_count"),
    *("loads", "load_error", "size"),
)
"""Columns of a CSV file, in this order; it has no parameters and logs."""

_LISTS = {"categories": "|", "tags": " "}
# First characters with which a spreadsheet takes a cell for a formula (OWASP, "CSV Injection"), full-width forms
# included, and the apostrophe that is put before such a cell.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "'")
CELL_LIMIT = 1_000_000
"""Most characters of one CSV cell."""


# Writing


def write_json(records: Iterable[Record], stream: IO[str]) -> None:
    """Write `{"plugins": [...]}`, one plugin per line."""
    stream.write('{"plugins": [')
    before = "\n"
    for record in records:
        stream.write(before + json.dumps(record, ensure_ascii=False))
        before = ",\n"
    stream.write("\n]}\n")


def write_csv(records: Iterable[Record], stream: IO[str]) -> None:
    """Write one row per plugin. Cells that a spreadsheet might take for formulas get an apostrophe before them."""
    writer = csv.writer(stream)
    writer.writerow(COLUMNS)
    for record in records:
        writer.writerow([_cell(name, record.get(name)) for name in COLUMNS])


def _cell(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Sequence) and not isinstance(value, str):
        value = _LISTS[name].join(value)
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def write_toml(records: Iterable[Record], stream: IO[str]) -> None:
    """Write an array of tables, `[[plugins]]`. Values that are None are left out."""
    import tomli_w

    for record in records:
        stream.write(tomli_w.dumps({"plugins": [_without_none(record)]}).lstrip("\n") + "\n")


def _without_none(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_none(each) for key, each in value.items() if each is not None}
    return [_without_none(each) for each in value] if isinstance(value, (list, tuple)) else value


WRITERS: dict[str, Callable[[Iterable[Record], IO[str]], None]] = {
    ".json": write_json,
    ".csv": write_csv,
    ".toml": write_toml,
}


# Reading


class _MisfitError(ValueError):
    """The file is valid but holds no plugins."""


def read(path: Path, ending: str) -> Iterator[tuple[str, str, Any]]:
    """Label (for messages), key (empty where it has none) and value of each entry of a JSON, CSV or TOML file.

    Raises CatalogueError where the file cannot be read or is of another format.
    """
    try:
        # utf-8-sig: spreadsheets write a byte order mark
        with path.open(encoding="utf-8-sig", newline="") as stream:
            yield from _READERS[ending](stream)
    except OSError as error:
        raise CatalogueError(f"Cannot read {path}: {error.strerror or error}.") from None
    except UnicodeDecodeError:
        raise CatalogueError(f"{path} is not a text in UTF-8; save it as UTF-8 and try again.") from None
    except (ValueError, csv.Error) as error:  # from the reader of the format, also for numbers with thousands of digits
        reason = str(error).partition(";")[0].rstrip(".")
        raise CatalogueError(f"{path} is not {ending[1:].upper()}: {reason[:1].lower()}{reason[1:]}.") from None
    except RecursionError:
        raise CatalogueError(f"{path} is nested too deeply to be read.") from None


def _read_json(stream: IO[str]) -> Iterator[tuple[str, str, Any]]:
    at = 0
    for key, value in entries(stream):
        at += not key
        yield f'"{clean(key, 80)}"' if key else f"plugin {at}", key, value


def _read_csv(stream: IO[str]) -> Iterator[tuple[str, str, Any]]:
    header = stream.readline()
    if not header.strip():
        raise _MisfitError("there is no line of column names")
    delimiter = max(",;\t", key=header.count)  # some locales' spreadsheets write semicolons
    csv.field_size_limit(CELL_LIMIT)
    rows = csv.reader(chain([header], stream), delimiter=delimiter, strict=True)
    names = [name.strip().lower() for name in next(rows)]
    if not {"id", "name"} & set(names):
        raise _MisfitError('its first line names no column "id" and none "name"')
    for row in rows:
        if not any(row):
            continue
        if len(row) > len(names):
            raise _MisfitError(f"line {rows.line_num} has {len(row)} cells, and there are {len(names)} columns")
        # Empty cells are left out, so that their values get the defaults.
        record: dict[str, Any] = {
            name: text for name, text in zip(names, map(_uncell, row), strict=False) if name in COLUMNS and text
        }
        for name in _LISTS.keys() & record.keys():
            record[name] = re.split(r"[|;]" if name == "categories" else r"[\s,;|]+", record[name])
        yield f"line {rows.line_num}", "", record


def _uncell(text: str) -> str:
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text


def _read_toml(stream: IO[str]) -> Iterator[tuple[str, str, Any]]:
    document = tomllib.loads(stream.read())
    plugins = document.get("plugins")
    if not isinstance(plugins, list):
        raise _MisfitError("it has no array of tables [[plugins]]")
    for at, value in enumerate(plugins, 1):
        yield f"plugin {at}", "", value


_READERS: dict[str, Callable[[IO[str]], Iterator[tuple[str, str, Any]]]] = {
    ".json": _read_json,
    ".csv": _read_csv,
    ".toml": _read_toml,
}
