"""Output of the commands: one JSON document, or aligned columns."""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import click

INTERRUPTED = 3
"""Exit code of a scan that was stopped and can be resumed."""

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


def print_json(document: Any) -> None:
    """Print one JSON document on stdout."""
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


def print_lines(lines: Iterable[str]) -> None:
    """Print many lines on stdout, without flushing after each as click's `echo` does."""
    sys.stdout.writelines(f"{line}\n" for line in lines)
    sys.stdout.flush()


def table(header: Sequence[str], rows: Iterable[Sequence[str]], right: frozenset[int] = frozenset()) -> Iterator[str]:
    """Lines of aligned columns; on a terminal cut to its width, in a pipe complete. `right`: right-aligned columns."""
    lines = [tuple(header), *map(tuple, rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    line_of = "  ".join(f"%{width}s" if i in right else f"%-{width}s" for i, width in enumerate(widths))
    limit = _columns() if sys.stdout.isatty() else 0
    for row in lines:
        line = (line_of % row).rstrip()
        yield f"{line[: limit - 1]}…" if limit and len(line) > limit else line


def _columns() -> int:
    from shutil import get_terminal_size

    return get_terminal_size().columns
