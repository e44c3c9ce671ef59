"""Opens the full-screen app, which the program does without a subcommand."""

from __future__ import annotations

import sys

from pluginary_tui.cli.errors import errors_in_one_line, fail


def open_app() -> None:
    """Run the full-screen app until it is closed; fails where there is no terminal."""
    if not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):  # the app draws on stderr
        fail("the full-screen app needs a terminal; without one use 'pluginary-tui scan' and 'pluginary-tui list'.")
    with errors_in_one_line():
        from pluginary_tui.config import data_dir, load
        from pluginary_tui.tui import run

        run(load(), data_dir())
