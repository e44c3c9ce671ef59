"""The command line: thin click commands that import heavy modules only when they need them."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command line; without arguments open the app, without importing what only commands need."""
    from pluginary_tui.cli.errors import COMPLETE_VARIABLE, catch_unexpected_errors

    with catch_unexpected_errors():
        _use_streams()
        _drop_odd_sizes()
        _leave_a_deleted_folder()
        if len(sys.argv) > 1 or COMPLETE_VARIABLE in os.environ:
            from pluginary_tui.cli.commands import main as command

            command()
        else:
            from pluginary_tui.cli.open_app import open_app

            open_app()


def _use_streams() -> None:
    """Have three streams that take any text: a closed one leads nowhere, and what one cannot show is a question mark.

    Without this the next file that is opened takes the number of a closed stream, and gets what libraries print.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            # Takes the lowest free number. Workers need it as well: else another of their files gets that number.
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
    sys.stdin = sys.stdin or open(0, encoding="utf-8")  # noqa: SIM115
    sys.stdout = sys.stdout or open(1, "w", encoding="utf-8")  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(encoding=_encoding(terminal=stream.isatty()), errors="replace")


def _encoding(*, terminal: bool) -> str | None:
    """Of what is printed; None for the usual one. Into files and pipes Windows would write with the letters of its old
    programs, which lack most others.
    """
    chosen = os.environ.get("PYTHONIOENCODING")
    return "utf-8" if sys.platform == "win32" and not terminal and not chosen else None


def _drop_odd_sizes() -> None:
    """Forget a size of the terminal that is none: with COLUMNS=0, of some consoles, a scan would print nothing."""
    for name in ("COLUMNS", "LINES"):
        size = os.environ.get(name, "1")
        if not (size.isascii() and size.isdigit() and 0 < int(size[:6]) < 10_000 and len(size) < 6):
            del os.environ[name]


def _leave_a_deleted_folder() -> None:
    """Go to the root where the working folder is gone: no process can be started by multiprocessing from there."""
    try:
        os.getcwd()  # the app starts without pathlib
    except OSError:
        os.chdir(os.sep)
