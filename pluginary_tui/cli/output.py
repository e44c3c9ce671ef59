"""Output of the commands: one JSON document, or aligned columns."""

from __future__ import annotations

import gc
import io
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, TypeVar

import click

from pluginary_tui.terminal_text import escaped, printable

if TYPE_CHECKING:
    from pathlib import Path

INTERRUPTED = 3
"""Exit code of a scan that was stopped and can be resumed."""

LEAST_COLUMNS = 20
"""Least width to which lines are cut, whatever a terminal or COLUMNS says."""

_F = TypeVar("_F", bound=Callable[..., Any])


def json_option(about: str = "Print as JSON.") -> Callable[[_F], _F]:
    """The option `--json` of a command, passed to it as `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help=about)


def counted(count: int, noun: str) -> str:
    """A count and a noun in the singular or plural: `1 plugin`, `2 plugins`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


@contextmanager
def gc_paused() -> Iterator[None]:
    """Pause garbage collection while a command loads many objects and keeps all of them (docs/performance.md)."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def echo(text: object = "", *, err: bool = False) -> None:
    """Print one line on stdout or stderr. With print_lines, print_json and print_path the only way there."""
    stream = sys.stderr if err else sys.stdout
    stream.write(f"{printable(str(text))}\n")
    stream.flush()


def print_lines(lines: Iterable[str]) -> None:
    """Print many lines on stdout, without flushing after each."""
    sys.stdout.writelines(f"{printable(line)}\n" for line in lines)
    sys.stdout.flush()


def print_json(document: Any) -> None:
    """Print one JSON document on stdout."""
    sys.stdout.write(f"{json_text(document, indent=2)}\n")
    sys.stdout.flush()


def json_text(document: Any, indent: int | None = None) -> str:
    """A document as JSON that stdout can carry: what its encoding lacks is escaped, not replaced."""
    text = escaped(json.dumps(document, indent=indent, ensure_ascii=False))
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return json.dumps(document, indent=indent)
    return text


def write_text(write: Callable[[IO[str]], object]) -> None:
    """Let `write` write a file to stdout: in UTF-8, whatever encoding the terminal has, with line ends as written."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", newline="")
    write(sys.stdout)
    sys.stdout.flush()


def print_path(path: Path) -> None:
    """Print a path on stdout; into a pipe byte by byte as the disk has it, since a script opens what it reads there."""
    if sys.stdout.isatty() or not hasattr(sys.stdout, "buffer"):
        echo(path)
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(os.fsencode(path) + b"\n")
    sys.stdout.buffer.flush()


def table(header: Sequence[str], rows: Iterable[Sequence[str]], right: frozenset[int] = frozenset()) -> Iterator[str]:
    """Lines of aligned columns; on a terminal cut to its width, in a pipe complete. `right`: right-aligned columns.

    Columns are aligned by the cells of a terminal, of which letters of some scripts take two and accents none.
    """
    lines = [tuple(header), *map(tuple, rows)]
    odd = {at for at, row in enumerate(lines) if not (text := "".join(row)).isascii() or not text.isprintable()}
    for at in odd:
        lines[at] = tuple(map(printable, lines[at]))
    widths = [0] * len(header)
    for at, row in enumerate(lines):
        measure = cells if at in odd else len
        widths = list(map(max, widths, map(measure, row)))
    line_of = "  ".join(f"%{width}s" if i in right else f"%-{width}s" for i, width in enumerate(widths))
    limit = _columns() if sys.stdout.isatty() else 0
    for at, row in enumerate(lines):
        if at in odd:
            padded = (
                f"{' ' * (width - cells(text))}{text}" if i in right else f"{text}{' ' * (width - cells(text))}"
                for i, (text, width) in enumerate(zip(row, widths, strict=True))
            )
            yield _cut("  ".join(padded).rstrip(), limit)
        else:
            line = (line_of % row).rstrip()
            yield f"{line[: limit - 1]}…" if limit and len(line) > limit else line


def cells(text: str) -> int:
    """How many cells of a terminal a text takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def _cut(line: str, limit: int) -> str:
    """The line, in at most `limit` cells where that is not 0."""
    if not limit or cells(line) <= limit:
        return line
    from rich.cells import set_cell_size

    return f"{set_cell_size(line, limit - 1).rstrip()}…"


def _columns() -> int:
    from shutil import get_terminal_size

    return max(LEAST_COLUMNS, get_terminal_size().columns)
