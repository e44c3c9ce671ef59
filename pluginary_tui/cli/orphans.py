"""`orphans`: what the user wrote about plugins that the catalogue does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pluginary_tui.cli.catalogue import open_store
from pluginary_tui.cli.errors import errors_in_one_line
from pluginary_tui.cli.output import echo, json_option, print_json, print_lines, table
from pluginary_tui.cli.shell_completion import ids, orphan_ids
from pluginary_tui.model import clean

if TYPE_CHECKING:
    from pluginary_tui.catalogue.orphans import Orphan


@click.group(invoke_without_command=True)
@json_option()
@click.pass_context
def orphans(context: click.Context, as_json: bool) -> None:
    """List what you wrote about plugins that are not here: favourites, tags, ratings and notes.

    A scan ties them to a plugin as soon as it finds one with the same class id, or with the same vendor and name. Until
    then they are kept, unless you drop them.

    \b
    Examples:
      pluginary-tui orphans
      pluginary-tui orphans give vst3/acme/verb vst3/acme/verb-2
      pluginary-tui orphans drop vst3/acme/verb
    """
    if context.invoked_subcommand is not None:
        return
    with errors_in_one_line(), open_store() as store:
        from pluginary_tui.catalogue import orphans as catalogue

        found = catalogue.orphans(store)
        if as_json:
            print_json({"orphans": [orphan._asdict() for orphan in found]})
        elif not found:
            echo("All that you wrote belongs to plugins of the catalogue.", err=True)
        else:
            print_lines(table(("id", "what you wrote"), ((clean(orphan.id), _about(orphan)) for orphan in found)))


def _about(orphan: Orphan) -> str:
    """What is written, in one line."""
    parts = [
        "favourite" if orphan.favourite else "",
        "hidden" if orphan.hidden else "",
        f"rating {orphan.rating}" if orphan.rating else "",
        *(f"#{clean(tag)}" for tag in orphan.tags),
        f'"{clean(orphan.note)}"' if orphan.note else "",
    ]
    return "  ".join(filter(None, parts))


@orphans.command()
@click.argument("old_id", metavar="OLD_ID", shell_complete=orphan_ids)
@click.argument("new_id", metavar="NEW_ID", shell_complete=ids)
def give(old_id: str, new_id: str) -> None:
    """Add what you wrote about OLD_ID to the plugin NEW_ID, which OLD_ID finds from then on.

    Favourites and tags are added, the higher rating counts, notes are joined.

    \b
    Example:
      pluginary-tui orphans give vst3/acme/verb vst3/acme/verb-2
    """
    with errors_in_one_line(), open_store() as store:
        from pluginary_tui.catalogue.orphans import give_orphan

        plugin = give_orphan(store, clean(old_id, len(old_id) + 1), clean(new_id, len(new_id) + 1))
        echo(f"What you wrote about {clean(old_id)} belongs to {plugin.id} now.")


@orphans.command()
@click.argument("old_id", metavar="OLD_ID", shell_complete=orphan_ids)
def drop(old_id: str) -> None:
    """Delete what you wrote about OLD_ID.

    \b
    Example:
      pluginary-tui orphans drop vst3/acme/verb
    """
    with errors_in_one_line(), open_store() as store:
        from pluginary_tui.catalogue.orphans import drop_orphan

        drop_orphan(store, clean(old_id, len(old_id) + 1))
        echo(f"Deleted what you wrote about {clean(old_id)}.")
