"""How the program ends when something is wrong: one line on stderr, the right exit code, and never a traceback.

Imports nothing that an ending which does not come would have to wait for.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from pluginary_tui.errors import PluginaryError

NAME = "pluginary-tui"

COMPLETE_VARIABLE = "_PLUGINARY_TUI_COMPLETE"
"""The environment variable by which a shell asks for completions."""


def fail(message: str, code: int = 1) -> NoReturn:
    """Say `message` on stderr and leave."""
    sys.stderr.write(f"{NAME}: {message}\n")
    raise SystemExit(code)


@contextmanager
def errors_in_one_line() -> Iterator[None]:
    """Turn our own errors into one line on stderr and exit code 1; a reader that went away ends us quietly."""
    try:
        yield
    except PluginaryError as error:
        fail(str(error))
    except BrokenPipeError:
        drop_output()
        raise SystemExit(0) from None


@contextmanager
def catch_unexpected_errors() -> Iterator[None]:
    """The same for every other error; what nobody foresaw goes into the log."""
    try:
        yield
    except OSError as error:
        if error.filename is not None:
            _unforeseen(error)
        drop_output()
        fail(f"Cannot write what there is to say: {error.strerror or error}.")
    except Exception as error:
        _unforeseen(error)


def drop_output() -> None:
    """Let go of what could not be written, or the interpreter complains when it flushes at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def one_line(text: str) -> str:
    """Text from outside, safe to put into an error's line."""
    from pluginary_tui.model import clean

    return clean(text, 400)


def _unforeseen(error: Exception) -> NoReturn:
    said = one_line(f"{type(error).__name__}: {error}")
    try:
        from pluginary_tui import logs
        from pluginary_tui.config import data_dir

        logs.start(data_dir(), "error")
        logs.logger(__name__).error("unforeseen error", exc_info=error)
        where = f"{logs.log_path(data_dir())} has the details: attach '{NAME} doctor --report FILE' to a bug report."
    except Exception:  # the installation itself is broken
        where = "install it again."
    fail(f"something went wrong that should not have ({said}); {where}")
