"""Shell completion: the script to source, and what ids and queries can go on with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from pluginary_tui.model import Plugin

VARIABLE = "_PLUGINARY_TUI_COMPLETE"

LIMIT = 200
"""Most things offered at once."""


@click.command(epilog="\b\nPut one of these lines into your shell's start-up file.")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the script that completes commands, ids and queries in SHELL.

    \b
    Examples:
      eval "$(pluginary-tui completion bash)"            in ~/.bashrc
      eval "$(pluginary-tui completion zsh)"             in ~/.zshrc
      pluginary-tui completion fish | source             in ~/.config/fish/config.fish
    """
    from click.shell_completion import ShellComplete, get_completion_class

    class_ = get_completion_class(shell)
    assert class_ is not None, "click knows all three"
    completer = class_(context.find_root().command, {}, "pluginary-tui", VARIABLE)
    click.echo(ShellComplete.source(completer))  # bash's own one asks bash for its version first


def ids(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The ids that begin with what is typed, or whose name does: for `show`, `snippet`, `similar`."""
    found = {plugin.id: plugin.name for plugin in _plugins()}
    typed = incomplete.casefold()
    first = [id_ for id_ in found if id_.startswith(typed)]
    items = first or [id_ for id_ in found if id_.rpartition("/")[2].startswith(typed)]
    return [CompletionItem(id_, help=found[id_]) for id_ in sorted(items)[:LIMIT]]


def query(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Field names, and after a colon the values that the catalogue holds: for the words of a query."""
    from pluginary_tui.search.complete import complete
    from pluginary_tui.search.index import Index

    found = complete(Index(_plugins()), incomplete, len(incomplete), LIMIT)
    return [CompletionItem(incomplete[: each.start] + each.text, help=each.about) for each in found]


def _plugins() -> list[Plugin]:
    """All plugins; none where there is no catalogue, or it cannot be read: completion never speaks of errors."""
    from pluginary_tui.catalogue.database import FILE_NAME
    from pluginary_tui.catalogue.store import Store
    from pluginary_tui.config import data_dir
    from pluginary_tui.errors import PluginaryError

    path = data_dir() / FILE_NAME
    try:
        if not path.exists():
            return []
        with Store(path) as store:
            return store.plugins()
    except (PluginaryError, OSError):
        return []
