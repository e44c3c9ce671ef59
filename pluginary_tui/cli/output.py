"""How commands speak: one JSON document, plain columns, one line per error."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

import click

from pluginary_tui.errors import PluginaryError

INTERRUPTED = 3
"""Exit code of a scan that was stopped and can be resumed."""


@contextmanager
def errors_in_one_line() -> Iterator[None]:
    """Turn our own errors into one line on stderr and exit code 1; a reader that went away ends us quietly."""
    try:
        yield
    except PluginaryError as error:
        fail(str(error))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # or the interpreter complains when it flushes at exit
        raise SystemExit(0) from None


def fail(message: str, code: int = 1) -> NoReturn:
    """Say `message` on stderr and leave."""
    click.echo(f"pluginary-tui: {message}", err=True)
    raise SystemExit(code)


def print_json(document: Any) -> None:
    """One JSON document on stdout, nothing else."""
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


def table(header: Sequence[str], rows: Iterable[Sequence[str]], right: frozenset[int] = frozenset()) -> Iterator[str]:
    """Lines of aligned columns; on a terminal cut to its width with an ellipsis, in a pipe whole."""
    whole = [tuple(header), *(tuple(row) for row in rows)]
    widths = [max(len(row[i]) for row in whole) for i in range(len(header))]
    limit = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    for row in whole:
        cells = [c.rjust(w) if i in right else c.ljust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True))]
        line = "  ".join(cells).rstrip()
        yield f"{line[: limit - 1]}…" if limit and len(line) > limit else line
