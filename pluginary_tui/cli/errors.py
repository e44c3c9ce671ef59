"""Error handling of the commands: one line on stderr, the right exit code, and never a traceback.

Modules that only an error needs are imported when there is one.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from pluginary_tui.errors import PluginaryError
from pluginary_tui.terminal_text import printable, printable_lines

NAME = "pluginary-tui"

COMPLETE_VARIABLE = "_PLUGINARY_TUI_COMPLETE"
"""The environment variable that a shell sets to get completions."""


def fail(message: str, code: int = 1, *, below: str = "") -> NoReturn:
    """Print `message` in one line on stderr, with the lines of `below` under it, and exit with `code`."""
    say(message)
    if below:
        sys.stderr.write(f"{printable_lines(below)}\n")
    raise SystemExit(code)


def say(message: str) -> None:
    """Print one line on stderr, beside what a command prints on stdout."""
    sys.stderr.write(f"{NAME}: {printable(message)}\n")
    sys.stderr.flush()


@contextmanager
def errors_in_one_line() -> Iterator[None]:
    """Turn PluginaryError into one line on stderr and exit code 1; exit quietly where the reader of a pipe is gone."""
    try:
        yield
    except PluginaryError as error:
        fail(str(error))
    except BrokenPipeError:
        drop_output()
        raise SystemExit(0) from None


@contextmanager
def catch_unexpected_errors() -> Iterator[None]:
    """Turn all other exceptions into one line on stderr, with the traceback in the log."""
    try:
        yield
    except OSError as error:
        if error.filename is not None:
            _log_and_fail(error)
        drop_output()
        fail(f"Cannot write what there is to say: {error.strerror or error}.")
    except Exception as error:
        _log_and_fail(error)


def drop_output() -> None:
    """Redirect stdout to /dev/null, so that flushing it at exit does not fail."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def one_line(text: str) -> str:
    """Untrusted text, cleaned for the line of an error."""
    from pluginary_tui.model import clean

    return clean(text, 400)


def _log_and_fail(error: Exception) -> NoReturn:
    try:
        from pluginary_tui import logs
        from pluginary_tui.config import data_dir

        logs.start(data_dir(), "error")
        logs.logger(__name__).error("unexpected error", exc_info=error)
        where = f"{logs.log_path(data_dir())} has the details: attach '{NAME} doctor --report FILE' to a bug report."
    except Exception:  # the installation is broken
        where = "install it again."
    fail(f"something went wrong that should not have; {where}")
