"""Writes and reads plugins as JSON, CSV and TOML, entry by entry."""

from __future__ import annotations

import csv
import io
import json
import os
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from pluginary_tui.catalogue.exchange.json_stream import entries
from pluginary_tui.catalogue.exchange.left_out import LeftOut
from pluginary_tui.catalogue.exchange.table import ENDINGS, MisfitError, encoding_of, guard, read_table
from pluginary_tui.catalogue.exchange.table_columns import COLUMNS, LISTS
from pluginary_tui.errors import CatalogueError
from pluginary_tui.model import clean
from pluginary_tui.safe_open import open_regular
from pluginary_tui.terminal_text import escaped, printable_lines

Record = Mapping[str, Any]

BYTE_ORDER_MARK = "\ufeff"
"""Begins a CSV file; without it, spreadsheets take it for Windows-1252."""
TOML_LIMIT = 100_000_000
"""Most bytes of a TOML file, which is read in one piece."""


# Writing


def write_json(records: Iterable[Record], stream: IO[str]) -> None:
    """Write `{"plugins": [...]}`, one plugin per line."""
    stream.write('{"plugins": [')
    before = "\n"
    for record in records:
        stream.write(before + escaped(json.dumps(record, ensure_ascii=False)))
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
        value = LISTS[name].join(value)
    if value is None:
        return ""
    # As the import reads them: a tab as a blank, every end of a line as a newline.
    return guard(printable_lines(str(value).replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")))


def write_toml(records: Iterable[Record], stream: IO[str]) -> None:
    """Write an array of tables, `[[plugins]]`. Values that are None are left out."""
    import tomli_w

    for record in records:
        stream.write(printable_lines(tomli_w.dumps({"plugins": [_without_none(record)]}).lstrip("\n")) + "\n")


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


def read(path: Path, ending: str, left: LeftOut) -> Iterator[tuple[str, str, Any]]:
    """Label (for messages), key (empty where it has none) and value of each entry of a JSON, CSV or TOML file.

    What a table has that makes no sense goes to `left`. Raises CatalogueError where the file cannot be read or is of
    another format.
    """
    table = ending in ENDINGS
    try:
        with open_regular(path) as file:
            if ending == ".toml" and os.fstat(file.fileno()).st_size > TOML_LIMIT:
                raise CatalogueError(f"{path} is larger than {TOML_LIMIT // 10**6} MB; export it as .json instead.")
            encoding = encoding_of(file, table=table)
            if encoding == "cp1252":
                left.add("", "", "", "The file is not in UTF-8 and was read as Windows-1252")
            file.seek(0)
            with io.TextIOWrapper(file, encoding=encoding, newline="") as stream:
                yield from read_table(stream, left) if table else _READERS[ending](stream)
    except OSError as error:
        raise CatalogueError(f"Cannot read {path}: {error.strerror or error}.") from None
    except UnicodeError:
        raise CatalogueError(f"{path} is not a text in UTF-8; save it as UTF-8 and try again.") from None
    except (ValueError, csv.Error) as error:  # from the reader of the format, also for numbers with thousands of digits
        reason, kind = (str(error), "CSV") if table else (str(error).partition(";")[0], ending[1:].upper())
        reason = reason.rstrip(".")
        raise CatalogueError(f"{path} is not {kind}: {reason[:1].lower()}{reason[1:]}.") from None
    except RecursionError:
        raise CatalogueError(f"{path} is nested too deeply to be read.") from None


def _read_json(stream: IO[str]) -> Iterator[tuple[str, str, Any]]:
    at = 0
    for key, value in entries(stream):
        at += not key
        yield f'"{clean(key, 80)}"' if key else f"plugin {at}", key, value


def _read_toml(stream: IO[str]) -> Iterator[tuple[str, str, Any]]:
    document = tomllib.loads(stream.read())
    plugins = document.get("plugins")
    if not isinstance(plugins, list):
        raise MisfitError("it has no array of tables [[plugins]]")
    for at, value in enumerate(plugins, 1):
        yield f"plugin {at}", "", value


_READERS: dict[str, Callable[[IO[str]], Iterator[tuple[str, str, Any]]]] = {
    ".json": _read_json,
    ".toml": _read_toml,
}
