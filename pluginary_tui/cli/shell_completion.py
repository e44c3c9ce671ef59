"""Shell completion: the script to source, and the completions of ids and queries."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    ShellComplete,
    add_completion_class,
    get_completion_class,
    split_arg_string,
)

from pluginary_tui.cli.errors import COMPLETE_VARIABLE

if TYPE_CHECKING:
    from pluginary_tui.catalogue.store import Store

LIMIT = 200
"""Most completions offered at once."""

_T = TypeVar("_T")

_SOURCE = """\
%(complete_func)s() {
    local IFS=$'\\n' item
    COMPREPLY=()
    for item in $(env COMP_LINE="${COMP_LINE:0:COMP_POINT}" COMP_WORD="${COMP_WORDS[COMP_CWORD]}" \\
        COMP_BREAKS="$COMP_WORDBREAKS" %(complete_var)s=bash_complete "$1"); do
        case $item in
            dir,*) compopt -o dirnames ;;
            file,*) compopt -o default ;;
            *) COMPREPLY+=("${item#*,}") ;;
        esac
        case $item in *:) compopt -o nospace ;; esac
    done
}
complete -o nosort -F %(complete_func)s %(prog_name)s
"""

_SPECIAL = re.compile(r"""[ \t!"#$&'()*;<>?\[\\\]`{|}]""")
"""Characters that have a meaning for the shell outside quotes."""

_IN_QUOTES = re.compile(r'[$`"\\]')
"""The same within double quotes."""


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
    register_bash()
    class_ = get_completion_class(shell)
    assert class_ is not None, "click knows all three"
    completer = class_(context.find_root().command, {}, "pluginary-tui", COMPLETE_VARIABLE)
    click.echo(ShellComplete.source(completer))  # click's own source() for bash runs bash to check its version


def register_bash() -> None:
    """Register ColonBash as the completion for bash instead of click's."""
    add_completion_class(ColonBash)


def ids(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The ids that start with the typed text, or whose last part does: for `show`, `snippet`, `similar`."""
    found = {plugin.id: plugin.name for plugin in _read(lambda store: store.plugins()) or []}
    typed = incomplete.casefold()
    first = [id_ for id_ in found if id_.startswith(typed)]
    items = first or [id_ for id_ in found if id_.rpartition("/")[2].startswith(typed)]
    return [CompletionItem(id_, help=found[id_]) for id_ in sorted(items)[:LIMIT]]


def orphan_ids(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The ids of orphans that start with the typed text: for `orphans give` and `orphans drop`."""
    from pluginary_tui.catalogue.orphans import orphans

    found = [orphan.id for orphan in _read(orphans) or [] if orphan.id.startswith(incomplete)]
    return [CompletionItem(id_) for id_ in found[:LIMIT]]


def query(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Field names, and after a colon the values in the catalogue: for the words of a query."""
    from pluginary_tui.search.completion import complete
    from pluginary_tui.sound.overview import Measurements, load_measurements

    plugins, known = _read(lambda store: (store.plugins(), load_measurements(store))) or ([], Measurements())
    found = complete(known.index(plugins), incomplete, len(incomplete), LIMIT)
    return [CompletionItem(incomplete[: each.start] + each.text, help=each.about) for each in found]


def _read(read: Callable[[Store], _T]) -> _T | None:
    """The result of `read` on the catalogue; None where it cannot be read: completion reports no errors."""
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


class ColonBash(BashComplete):
    """Completion for bash in which `vendor:da` is one word; bash splits words at colons.

    The script passes the line itself, and the words are split here.
    """

    source_template = _SOURCE

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the cursor, and the one at the cursor: empty after a space."""
        *before, typed = split_arg_string(f"{os.environ['COMP_LINE']}.")  # the dot keeps an empty last word
        return before[1:], typed[:-1]

    def format_completion(self, item: CompletionItem) -> str:
        """The replacement of bash's word, which begins after the last colon, escaped for the shell."""
        word = os.environ["COMP_WORD"]
        if word.startswith("'"):
            value = item.value
        elif word.startswith('"'):
            value = _IN_QUOTES.sub(r"\\\g<0>", item.value)
        else:
            value = _SPECIAL.sub(r"\\\g<0>", item.value)
            breaks = "".join(set(":=") & set(os.environ["COMP_BREAKS"]))
            typed = re.split(r"(?<!\\)\s", os.environ["COMP_LINE"])[-1]
            for _ in re.findall(f"[{breaks}]", typed) if breaks else ():
                value = re.split(f"[{breaks}]", value, maxsplit=1)[-1]
        return f"{item.type},{value}"
