"""How commands speak: one JSON document, or plain columns."""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

import click

INTERRUPTED = 3
"""Exit code of a scan that was stopped and can be resumed."""

LINES = 1000
"""Lines printed at a time."""


@contextmanager
def gc_paused() -> Iterator[None]:
    """For what reads much, keeps all of it and ends: looking for what could be let go of costs a fifth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def print_json(document: Any) -> None:
    """One JSON document on stdout, nothing else."""
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


def print_lines(lines: Iterable[str]) -> None:
    """Many lines on stdout, some at a time: each call of click's `echo` is one to the system, too."""
    left = iter(lines)
    while some := list(islice(left, LINES)):
        click.echo("\n".join(some))


def table(header: Sequence[str], rows: Iterable[Sequence[str]], right: frozenset[int] = frozenset()) -> Iterator[str]:
    """Lines of aligned columns; on a terminal cut to its width with an ellipsis, in a pipe whole."""
    whole = [tuple(header), *map(tuple, rows)]
    widths = [max(map(len, column)) for column in zip(*whole, strict=True)]
    line_of = "  ".join(f"%{width}s" if i in right else f"%-{width}s" for i, width in enumerate(widths))
    limit = _columns() if sys.stdout.isatty() else 0
    for row in whole:
        line = (line_of % row).rstrip()
        yield f"{line[: limit - 1]}…" if limit and len(line) > limit else line


def _columns() -> int:
    from shutil import get_terminal_size  # takes as long to import as half of click

    return get_terminal_size().columns
