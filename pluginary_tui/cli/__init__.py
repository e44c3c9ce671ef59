"""The front door: click commands, thin, nothing heavy imported before it is needed."""

from __future__ import annotations

import gc
import os
import sys


def main() -> None:
    """Run the command line. With nothing on it that is the app, which opens without what only commands need."""
    from pluginary_tui.cli.errors import COMPLETE_VARIABLE, catch_unexpected_errors

    try:
        with catch_unexpected_errors():
            if len(sys.argv) > 1 or COMPLETE_VARIABLE in os.environ:
                from pluginary_tui.cli.commands import main as command

                command()
            else:
                from pluginary_tui.cli.open_app import open_app

                open_app()
    finally:
        gc.freeze()  # all memory goes with the process: looking through it for what nobody holds is time for nothing
