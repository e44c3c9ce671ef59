"""`products`: joining plugins as one product in several formats, and parting them."""

from __future__ import annotations

import click

from pluginary_tui.cli.catalogue import open_store
from pluginary_tui.cli.errors import errors_in_one_line
from pluginary_tui.cli.output import echo
from pluginary_tui.cli.shell_completion import ids
from pluginary_tui.lookup import find
from pluginary_tui.model import clean


@click.group()
def products() -> None:
    """Join plugins that are one product in several formats, or part them.

    Plugins of one maker with one title belong together by themselves, whatever their format; 'list --products' shows
    them. What you join or part here stays so over scans.

    \b
    Examples:
      pluginary-tui products join vst3/acme/verb clap/acme-audio/big-verb
      pluginary-tui products part clap/acme-audio/big-verb
    """


@products.command()
@click.argument("id_list", metavar="ID ID...", nargs=-1, required=True, shell_complete=ids)
def join(id_list: tuple[str, ...]) -> None:
    """Make these plugins one product: that of the first."""
    with errors_in_one_line(), open_store() as store:
        from pluginary_tui.catalogue import product_choices

        if len(id_list) < 2:
            raise click.UsageError("Name at least two plugins.")
        found = [find(store, each)[0].id for each in id_list]
        echo(f"One product now: {clean(product_choices.join(store, found))}.", err=True)


@products.command()
@click.argument("id_", metavar="ID", shell_complete=ids)
def part(id_: str) -> None:
    """Make this plugin a product of its own."""
    with errors_in_one_line(), open_store() as store:
        from pluginary_tui.catalogue import product_choices

        echo(f"A product of its own now: {clean(product_choices.part(store, find(store, id_)[0].id))}.", err=True)


@products.command("as-named")
@click.argument("id_list", metavar="ID...", nargs=-1, required=True, shell_complete=ids)
def as_named(id_list: tuple[str, ...]) -> None:
    """Forget what was joined and parted: vendor and name decide again."""
    with errors_in_one_line(), open_store() as store:
        from pluginary_tui.catalogue import product_choices

        product_choices.as_named(store, [find(store, each)[0].id for each in id_list])
