"""The command itself: without a subcommand it opens the app."""

from __future__ import annotations

from typing import Any

import click

from pluginary_tui import __version__
from pluginary_tui.cli.lazy_group import LazyGroup
from pluginary_tui.cli.open_app import open_app

CONTEXT: dict[str, Any] = {"help_option_names": ["-h", "--help"], "max_content_width": 100}

EPILOG = """\b
Examples:
  pluginary-tui                            open the full-screen app
  pluginary-tui scan                       find and probe every plugin
  pluginary-tui list reverb "params>5"     the reverbs with more than five parameters
  pluginary-tui show vst3/damien-zammit/zamverb
"""


COMMANDS = {
    "scan": "scan.scan",
    "products": "products.products",
    "probe": "scan.probe",
    "list": "catalogue.list_",
    "show": "catalogue.show",
    "snippet": "catalogue.snippet",
    "measure": "measure.measure",
    "similar": "measure.similar",
    "render": "render.render",
    "play": "play.play",
    "sounds": "play.sounds",
    "presets": "presets.presets",
    "projects": "projects.projects",
    "diff": "diff.diff",
    "tidy": "tidy.tidy",
    "export": "exchange.export",
    "import": "exchange.import_",
    "orphans": "orphans.orphans",
    "daw": "daw.daw",
    "doctor": "maintenance.doctor",
    "repair": "maintenance.repair",
    "backup": "maintenance.backup",
    "restore": "maintenance.restore",
    "config": "config.config",
    "completion": "shell_completion.completion",
}
"""Module of this package and name there of each command, for lazy import."""


@click.group(
    cls=LazyGroup, lazy_subcommands=COMMANDS, context_settings=CONTEXT, invoke_without_command=True, epilog=EPILOG
)
@click.version_option(__version__, prog_name="pluginary-tui")
@click.option("--debug", is_flag=True, help="Write everything into the log.")
@click.pass_context
def main(context: click.Context, debug: bool) -> None:
    """Find, probe and browse every audio plugin on this machine.

    Without a command it opens the full-screen app.
    """
    if debug:
        from pluginary_tui import logs
        from pluginary_tui.config import data_dir

        logs.start(data_dir(), "debug")
    if context.invoked_subcommand is None:
        open_app()
