"""Reads tables: the CSV files of this program, of spreadsheets and of people."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from itertools import chain
from typing import IO, Any

from pluginary_tui.catalogue.exchange.left_out import LeftOut
from pluginary_tui.catalogue.exchange.table_columns import COLUMNS, LISTS, NAMING, column_of, value_of

CELL_LIMIT = 1_000_000
"""Most characters of one cell."""
LINE_LIMIT = 8_000_000
"""Most characters of one line."""
COLUMN_LIMIT = 1_000
"""Most columns."""
HEADER_LINES = 20
"""Lines among which the one with the names of the columns is looked for: people put titles above it."""
ENDINGS = (".csv", ".tsv", ".tab")
"""Endings of files that are read as tables."""

_DELIMITERS = ",;\t|"
_BLOCK = 1 << 20
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?', re.IGNORECASE)

# First characters with which a spreadsheet takes a cell for a formula (OWASP, "CSV Injection"), full-width forms
# included, and the apostrophe that is put before such a cell.
_FORMULA = "=+@\t\r\n＝＋－＠'-"
# A spreadsheet that splits at semicolons also begins a cell behind one, and at a new line, since it sees no quotes.
_CELL_START = r"(?:^|(?<=[;\t\r\n]))"
_TO_GUARD = re.compile(rf"{_CELL_START}(?=[{_FORMULA}])")
_GUARDED = re.compile(rf"{_CELL_START}'(?=[{_FORMULA}])")


class MisfitError(ValueError):
    """The file is valid but holds no plugins."""


def guard(text: str) -> str:
    """A cell with an apostrophe wherever a spreadsheet might take what follows for a formula.

    >>> guard("=1+1"), unguard("'=1+1")
    ("'=1+1", '=1+1')
    """
    return _TO_GUARD.sub("'", text)


def unguard(text: str) -> str:
    """The cell without the apostrophes that `guard` puts."""
    return _GUARDED.sub("", text)


def encoding_of(file: IO[bytes], *, table: bool) -> str:
    """The encoding of a text file; a `table` that is not in UTF-8 is taken for Windows-1252 where that is possible.

    Raises UnicodeDecodeError for other bytes, and OSError.
    """
    start = file.read(4)
    for mark, name in _BOMS:
        # A document begins with an ASCII character, which is a zero byte and another one in UTF-16.
        if start.startswith(mark) and (table or name == "utf-8-sig" or b"\0" in start[len(mark) :]):
            return name
    if len(start) == 4 and b"\0\0" in (start[1::2], start[::2]):
        return "utf-16-le" if start[1::2] == b"\0\0" else "utf-16-be"
    file.seek(0)
    try:
        _decode_all(file, "utf-8")
    except UnicodeDecodeError:
        if not table:
            raise
    else:
        return "utf-8"
    file.seek(0)
    _decode_all(file, "cp1252")
    return "cp1252"


def _decode_all(file: IO[bytes], encoding: str) -> None:
    decoder = codecs.getincrementaldecoder(encoding)()
    while block := file.read(_BLOCK):
        if encoding == "cp1252" and b"\0" in block:
            raise UnicodeDecodeError(encoding, b"\0", 0, 1, "not a text")
        decoder.decode(block)
    decoder.decode(b"", final=True)


def read_table(stream: IO[str], left: LeftOut) -> Iterator[tuple[str, str, Any]]:
    """Label, an empty key and the values of each row. What is not understood goes to `left`.

    Raises MisfitError where no line has the names of the columns, and csv.Error for a cell without an end.
    """
    csv.field_size_limit(CELL_LIMIT)
    lines = _lines(stream)
    delimiter, header, line, first = _header(lines)
    columns = [column_of(cell) for cell in header]
    _name_unknown(header, columns, f"line {first}", left)
    rows = csv.reader(chain([line], lines), delimiter=delimiter, strict=True)
    next(rows)
    before = first - 1
    while True:
        last = rows.line_num + 1
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            raise csv.Error(_in_words(str(error), before + rows.line_num, before + last)) from None
        if not any(map(str.strip, row)) or row == header:
            continue
        place = f"line {before + rows.line_num}"
        if any(map(str.strip, row[len(header) :])):
            why = f"has {len(row)} cells, and there are {len(header)} columns, so that it is not clear which is which"
            left.add(place, "", "", why)
            continue
        record = _record(columns, row, place, left)
        if record is not None:
            yield place, "", record


def _lines(stream: IO[str]) -> Iterator[str]:
    while line := stream.readline(LINE_LIMIT):
        if len(line) == LINE_LIMIT:
            raise MisfitError(f"a line is longer than {LINE_LIMIT:,} characters")
        yield line


def _header(lines: Iterator[str]) -> tuple[str, list[str], str, int]:
    """The delimiter, the cells of the line with the names of the columns, that line and its number."""
    declared, empty = "", True
    for number, line in zip(range(1, HEADER_LINES + 1), lines, strict=False):
        text = line.strip("\r\n").removeprefix("\ufeff")
        if found := _SEPARATOR_LINE.fullmatch(text.strip(" ;,")):
            declared = found[1]
            continue
        empty = empty and not text.strip()
        best: tuple[int, str, list[str]] = (0, "", [])
        for delimiter in declared or _DELIMITERS:
            cells = next(csv.reader([text], delimiter=delimiter), [])
            if len(cells) > COLUMN_LIMIT:
                raise MisfitError(f"it has {len(cells):,} columns; a table of plugins has up to {COLUMN_LIMIT:,}")
            known = {column_of(cell) for cell in cells} - {""}
            if known & set(NAMING) and len(known) > best[0]:
                best = (len(known), delimiter, cells)
        if best[0]:
            return best[1], best[2], text + "\n", number
    if empty:
        raise MisfitError("there is no line of column names")
    raise MisfitError('its first line names no column "id" and none "name"')


def _name_unknown(header: Sequence[str], columns: list[str], place: str, left: LeftOut) -> None:
    """Note columns that are not known or are there twice; of the latter the first counts."""
    near = {column.replace("_", " "): column for column in COLUMNS}
    for at, (written, column) in enumerate(zip(header, columns, strict=True)):
        if column and column in columns[:at]:
            left.add(place, written, "", f"is there twice, as {column}; the first one counts")
            columns[at] = ""
        elif not column and written.strip():
            guess = get_close_matches(written.casefold().replace("_", " "), near, 1, 0.75)
            hint = f"; did you mean {near[guess[0]]}?" if guess else ""
            left.add(place, written, "", f"is not known{hint}")


def _record(columns: Sequence[str], row: Sequence[str], place: str, left: LeftOut) -> dict[str, Any] | None:
    """The values of a row; empty cells are left out, so that their values get the defaults. None: cannot be used."""
    record: dict[str, Any] = {}
    for column, cell in zip(columns, row, strict=False):
        text = unguard(cell).strip() if column not in ("note", "path") else unguard(cell)
        if not column or not text.strip():
            continue
        try:
            record[column] = value_of(column, text)
        except ValueError as error:
            left.add(place, column, text, str(error))
            if column == "format" and "id" not in record:
                return None  # a plugin of another format may have the same name
    if not set(NAMING) & record.keys():
        if not left.items or left.items[-1].place != place:
            left.add(place, "", "", "does not say which plugin it is about")
        return None
    return record


def _in_words(reason: str, line: int, first: int) -> str:
    """What is wrong with the row that begins in line `first`, and where."""
    if "unexpected end of data" in reason:
        return f"unexpected end of data: a quotation mark in line {first} is not closed"
    return f"{reason} (line {line})"


__all__ = ["CELL_LIMIT", "ENDINGS", "LISTS", "MisfitError", "encoding_of", "guard", "read_table", "unguard"]
