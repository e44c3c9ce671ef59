"""The command itself: without a subcommand it opens the app."""

from __future__ import annotations

import sys
from typing import Any

import click

from pluginary_tui import __version__
from pluginary_tui.cli.output import errors_in_one_line, fail
from pluginary_tui.cli.reading import list_, show, snippet
from pluginary_tui.cli.scanning import probe, scan

CONTEXT: dict[str, Any] = {"help_option_names": ["-h", "--help"], "max_content_width": 100}

EPILOG = """\b
Examples:
  pluginary-tui                            open the full-screen app
  pluginary-tui scan                       find and probe every plugin
  pluginary-tui list reverb params>5       the reverbs with more than five parameters
  pluginary-tui show vst3/damien-zammit/zamverb
"""


@click.group(context_settings=CONTEXT, invoke_without_command=True, epilog=EPILOG)
@click.version_option(__version__, prog_name="pluginary-tui")
@click.pass_context
def main(context: click.Context) -> None:
    """Find, probe and browse every audio plugin on this machine.

    Without a command it opens the full-screen app.
    """
    if context.invoked_subcommand is not None:
        return
    if not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):  # the app draws on stderr
        fail("the full-screen app needs a terminal; without one use 'pluginary-tui scan' and 'pluginary-tui list'.")
    with errors_in_one_line():
        from pluginary_tui.config import data_dir, load
        from pluginary_tui.tui import run

        run(load(), data_dir())


for command in (scan, probe, list_, show, snippet):
    main.add_command(command)
