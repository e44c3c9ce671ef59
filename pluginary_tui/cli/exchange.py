"""`export` and `import`: plugins and user data, to and from files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pluginary_tui.cli.catalogue import open_store
from pluginary_tui.cli.errors import errors_in_one_line, fail
from pluginary_tui.cli.output import counted, echo, json_option, print_json, write_text
from pluginary_tui.cli.query import matching
from pluginary_tui.cli.shell_completion import query as words

if TYPE_CHECKING:
    from pluginary_tui.catalogue.exchange.import_ import Imported

SHOWN = 50
"""Changes that a dry run prints; --json has all of them."""
LEFT_SHOWN = 20
"""Sentences about what was not taken; --json has more."""

_FORMATS = ("json", "csv", "toml")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True, dir_okay=False))
@click.argument("query", nargs=-1, shell_complete=words)
@click.option("--format", "format_", type=click.Choice(_FORMATS), help="What - is written as; json by default.")
def export(file: Path, query: tuple[str, ...], format_: str | None) -> None:
    """Write the plugins that match QUERY to FILE; without one, all of them.

    The ending of FILE says how: .json and .toml have everything, parameters and your notes included, .csv is for
    spreadsheets. A FILE that is there already is replaced, when all is written. - is the standard output.

    \b
    Examples:
      pluginary-tui export plugins.json
      pluginary-tui export reverbs.csv category:reverb is:fav
      pluginary-tui export - vendor:zam --format toml
    """
    with errors_in_one_line(), open_store() as store:
        from pluginary_tui.catalogue.exchange import export as exporting

        plugins = matching(store, " ".join(query)) if query else store.plugins()
        if str(file) == "-":
            write_text(lambda stream: exporting.write(store, plugins, stream, f".{format_ or 'json'}"))
            return
        if format_ and file.suffix.lower() != f".{format_}":
            fail(f"{file} and --format {format_} do not agree; the ending of the file is enough.", 2)
        count = exporting.export(store, plugins, file)
        echo(f"{counted(count, 'plugin')} written to {file}.", err=True)


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@click.option("--user-data", is_flag=True, help="Take favourites, hidden, tags, ratings and notes only, no plugins.")
@json_option("Print what changes as JSON.")
def import_(file: Path, dry_run: bool, user_data: bool, as_json: bool) -> None:
    """Merge FILE into the catalogue: all of it, or nothing where something in it is wrong.

    It takes what 'export' and 'list --json' write (.json, .csv, .toml), and of pedalboard-pluginary the plugins.db,
    the exported JSON and the ignores.json. Favourites and tags are added, a rating or note is taken where you have
    none. What this machine's own scans found stays as it is; plugins they did not find are listed as missing.

    Of a table (.csv, .tsv) that you or a spreadsheet made, what makes no sense is left out and named by line and
    column. It needs a column id or name.

    \b
    Examples:
      pluginary-tui import plugins.json --dry-run
      pluginary-tui import other-machine.json --user-data
      pluginary-tui import ~/Library/"Application Support"/com.twardoch.pedalboard-pluginary/plugins.db
    """
    with errors_in_one_line(), open_store() as store:
        from pluginary_tui.catalogue.exchange.import_ import import_file

        done = import_file(store, file, user_data_only=user_data, dry_run=dry_run)
        ignores = _ignore(done.ignores, dry_run)
        if as_json:
            print_json(_document(done, ignores, dry_run))
        else:
            _print_import(done, ignores, dry_run)


def _ignore(patterns: list[str], dry_run: bool) -> list[str]:
    """Add the patterns to the user's setting `scan.ignore`. Returns the new ones."""
    if not patterns:
        return []
    from pluginary_tui.config import config_path, load
    from pluginary_tui.config.write import save

    present = load().scan.ignore
    new = [pattern for pattern in dict.fromkeys(patterns) if pattern not in present]
    if new and not dry_run:
        save("scan.ignore", [*present, *new], config_path())
    return new


def _document(done: Imported, ignores: list[str], dry_run: bool) -> dict[str, object]:
    return {
        "dry_run": dry_run,
        "read": done.read,
        "new": done.new,
        "missing": done.missing,
        "favourites": done.favourites,
        "hidden": done.hidden,
        "ratings": done.ratings,
        "notes": done.notes,
        "tags": done.tags,
        "kept": done.kept,
        "orphans": done.orphans,
        "left_out": done.left.json(),
        "ignored": ignores,
        "changes": [{"id": id_, "change": what} for id_, what in done.changes],
    }


def _print_import(done: Imported, ignores: list[str], dry_run: bool) -> None:
    if dry_run:
        for id_, what in done.changes[:SHOWN]:
            echo(f"{what:<10} {id_}")
        if len(done.changes) > SHOWN:
            echo(f"... and {len(done.changes) - SHOWN} more (--json has them all)")
        for pattern in ignores:
            echo(f"ignore     {pattern}")
    new = f"{done.new} new"
    if done.missing:
        new += f" ({done.missing} of them missing on this machine: is:missing finds them)"
    taken = [
        new,
        *(f"{counted(n, word)}" for n, word in ((done.favourites, "favourite"), (done.tags, "tag")) if n),
        *(f"{n} {word}" for n, word in ((done.hidden, "hidden"),) if n),
        *(f"{counted(n, word)}" for n, word in ((done.ratings, "rating"), (done.notes, "note")) if n),
        *([counted(len(ignores), "pattern") + " to ignore"] if ignores else []),
    ]
    echo(f"{'Would take' if dry_run else 'Took'} from {counted(done.read, 'plugin')}: {', '.join(taken)}.")
    if done.orphans:
        one = done.orphans == 1
        whose = "1 of them is for a plugin that is" if one else f"{done.orphans} of them are for plugins that are"
        echo(f"{whose} not here; 'pluginary-tui orphans' lists what is kept for them.")
    left = list(done.left.sentences())
    if left:
        echo("Not taken:")
        for line in left[:LEFT_SHOWN]:
            echo(f"  {line}.")
        if len(left) > LEFT_SHOWN:
            echo(f"  and {len(left) - LEFT_SHOWN} more (--json has them)")
    if done.kept:
        echo(f"Your own rating or note stays for {counted(done.kept, 'plugin')}.")
