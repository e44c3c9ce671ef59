"""Shell completion: the script to source, and what ids and queries can go on with."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import click
from click.shell_completion import CompletionItem

from pluginary_tui.cli.errors import COMPLETE_VARIABLE

if TYPE_CHECKING:
    from pluginary_tui.catalogue.store import Store

LIMIT = 200
"""Most things offered at once."""

_T = TypeVar("_T")


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

    know_bash()
    class_ = get_completion_class(shell)
    assert class_ is not None, "click knows all three"
    completer = class_(context.find_root().command, {}, "pluginary-tui", COMPLETE_VARIABLE)
    click.echo(ShellComplete.source(completer))  # bash's own one asks bash for its version first


def know_bash() -> None:
    """Let our own completion for bash take the place of click's."""
    from click.shell_completion import add_completion_class

    from pluginary_tui.cli.bash import Bash

    add_completion_class(Bash)


def ids(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The ids that begin with what is typed, or whose name does: for `show`, `snippet`, `similar`."""
    found = {plugin.id: plugin.name for plugin in _read(lambda store: store.plugins()) or []}
    typed = incomplete.casefold()
    first = [id_ for id_ in found if id_.startswith(typed)]
    items = first or [id_ for id_ in found if id_.rpartition("/")[2].startswith(typed)]
    return [CompletionItem(id_, help=found[id_]) for id_ in sorted(items)[:LIMIT]]


def query(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Field names, and after a colon the values that the catalogue holds: for the words of a query."""
    from pluginary_tui.search.completion import complete
    from pluginary_tui.sound.overview import Measurements, load_measurements

    plugins, known = _read(lambda store: (store.plugins(), load_measurements(store))) or ([], Measurements())
    found = complete(known.index(plugins), incomplete, len(incomplete), LIMIT)
    return [CompletionItem(incomplete[: each.start] + each.text, help=each.about) for each in found]


def _read(read: Callable[[Store], _T]) -> _T | None:
    """What `read` makes of the catalogue; None where there is none to read: completion never speaks of errors."""
    from pluginary_tui.catalogue.database import FILE_NAME
    from pluginary_tui.catalogue.store import Store
    from pluginary_tui.config import data_dir
    from pluginary_tui.errors import PluginaryError

    path = data_dir() / FILE_NAME
    try:
        if not path.exists():
            return None
        with Store(path) as store:
            return read(store)
    except (PluginaryError, OSError):
        return None
