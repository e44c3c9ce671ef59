"""The command line: thin click commands that import heavy modules only when they need them."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command line; without arguments open the app, without importing what only commands need."""
    from pluginary_tui.cli.errors import COMPLETE_VARIABLE, catch_unexpected_errors

    with catch_unexpected_errors():
        _leave_a_deleted_folder()
        if len(sys.argv) > 1 or COMPLETE_VARIABLE in os.environ:
            from pluginary_tui.cli.commands import main as command

            command()
        else:
            from pluginary_tui.cli.open_app import open_app

            open_app()


def _leave_a_deleted_folder() -> None:
    """Go to the root where the working folder is gone: no process can be started by multiprocessing from there."""
    try:
        os.getcwd()  # noqa: PTH109 - the app starts without pathlib
    except OSError:
        os.chdir(os.sep)
