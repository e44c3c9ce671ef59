"""`tidy`: bundles that may not be needed."""

from __future__ import annotations

from pathlib import Path

import click

from pluginary_tui.cli.catalogue import open_store
from pluginary_tui.cli.errors import errors_in_one_line
from pluginary_tui.cli.output import echo, json_option, print_json, print_lines

_KINDS = ("copy", "format", "sound", "broken", "unused")


@click.command()
@click.option(
    "--kind", "kinds", type=click.Choice(_KINDS), multiple=True, help="Only this; can be given more than once."
)
@click.option("--write", "target", type=click.Path(path_type=Path), help="Write a list, or a shell script (.sh), here.")
@json_option()
def tidy(kinds: tuple[str, ...], target: Path | None, as_json: bool) -> None:
    """Print what could be tidied, and how much room it takes. Nothing is deleted or moved.

    These are bundles that are installed twice (copy), in several formats (format) or under another name with the same
    sound (sound), that cannot be read (broken), and of which no plugin was ever opened or copied here (unused).

    A script moves bundles into a folder from where they can be moved back. Only the lines of second copies are to be
    run; all others are comments to choose from.

    \b
    Examples:
      pluginary-tui tidy
      pluginary-tui tidy --kind copy --kind broken
      pluginary-tui tidy --write tidy.sh
    """
    with errors_in_one_line(), open_store() as store:
        from pluginary_tui.formatting import counted, file_size
        from pluginary_tui.tidy import findings, output

        found = findings.of_kinds(findings.find(store), kinds)
        if target is not None:
            output.write(found, target)
            echo(f"Wrote {counted(len(found), 'bundle')} to {target}.", err=True)
        if as_json:
            print_json(output.as_json(found))
        elif not found:
            echo("There is nothing to tidy.", err=True)
        elif target is None:
            print_lines(output.plain_list(found).splitlines())
            echo(f"All together: {file_size(findings.room(found))}.")
