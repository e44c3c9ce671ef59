"""Opens the full-screen app, which the program does without a subcommand."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from pluginary_tui.cli.errors import errors_in_one_line, fail


def open_app() -> None:
    """Run the full-screen app until it is closed; fails where there is no terminal."""
    if not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):  # the app draws on stderr
        fail("the full-screen app needs a terminal; without one use 'pluginary-tui scan' and 'pluginary-tui list'.")
    with errors_in_one_line():
        from pluginary_tui.config import data_dir, load
        from pluginary_tui.tui import run

        settings = load()
        if settings.origin("app.ascii").kind == "default" and has_plain_letters(os.environ):
            settings = load({"app.ascii": True})
        run(settings, data_dir())


def has_plain_letters(environment: Mapping[str, str]) -> bool:
    """Whether a terminal says that it has no more than plain letters: Linux' console, or a language without UTF-8.

    >>> has_plain_letters({"TERM": "linux"}), has_plain_letters({"LANG": "C"}), has_plain_letters({"LANG": "C.UTF-8"})
    (True, True, False)
    """
    language = next((environment[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if environment.get(name)), "")
    return environment.get("TERM") == "linux" or (bool(language) and "utf" not in language.lower())
