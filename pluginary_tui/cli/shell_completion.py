"""Shell completion: the script to source, and the completions of ids and queries."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeVar

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
    get_completion_class,
    split_arg_string,
)

from pluginary_tui.cli.errors import COMPLETE_VARIABLE
from pluginary_tui.cli.output import print_lines
from pluginary_tui.terminal_text import printable

if TYPE_CHECKING:
    from pluginary_tui.catalogue.store import Store

LIMIT = 200
"""Most completions offered at once."""

_T = TypeVar("_T")

# A line at a time, since the words of an unquoted $(...) would be taken for patterns of file names. Bash before 4.4,
# such as macOS has, has neither compopt (4.0) nor nosort: it completes without them.
_SOURCE = """\
%(complete_func)s() {
    local IFS=$'\\n' item
    COMPREPLY=()
    while read -r item; do
        case $item in
            '') ;;
            dir,*) compopt -o dirnames 2>/dev/null ;;
            file,*) compopt -o default 2>/dev/null ;;
            *) COMPREPLY+=("${item#*,}") ;;
        esac
        case $item in *:) compopt -o nospace 2>/dev/null ;; esac
    done <<< "$(env COMP_LINE="${COMP_LINE:0:COMP_POINT}" COMP_WORD="${COMP_WORDS[COMP_CWORD]}" \\
        COMP_BREAKS="$COMP_WORDBREAKS" %(complete_var)s=bash_complete "$1")"
}
complete -o nosort -F %(complete_func)s %(prog_name)s 2>/dev/null || complete -F %(complete_func)s %(prog_name)s
"""

_SPECIAL = re.compile(r"""[ \t!"#$&'()*;<>?\[\\\]^`{|}~]""")
"""Characters that have a meaning for the shell outside quotes."""

_IN_QUOTES = re.compile(r'[$`"\\]')
"""The same within double quotes, but for the exclamation mark: a backslash before that stays there, and Bash puts an
earlier command in its place. Names with one are not offered there.
"""


_ESCAPED = r"\\\g<0>"

_APOSTROPHE = "'\\''"
"""An apostrophe within single quotes: these closed, it behind a backslash, and opened again."""


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
    register_shells()
    class_ = get_completion_class(shell)
    assert class_ is not None, "click has all three"
    completer = class_(context.find_root().command, {}, "pluginary-tui", COMPLETE_VARIABLE)
    source = ShellComplete.source(completer)  # click's own source() for bash runs bash to check its version
    print_lines(source.splitlines())


def register_shells() -> None:
    """Register the completions of this module instead of click's."""
    for class_ in (ColonBash, ExactZsh, CommaFish):
        add_completion_class(class_)


def _items(values: Iterable[tuple[str, str]]) -> list[CompletionItem]:
    """Values with their descriptions, without values that a shell could not show or would split."""
    return [CompletionItem(value, help=printable(about)) for value, about in values if value.isprintable()]


def ids(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The ids that start with the typed text, or whose last part does: for `show`, `snippet`, `similar`."""
    found = {plugin.id: plugin.name for plugin in _read(lambda store: store.plugins()) or []}
    typed = incomplete.casefold()
    first = [id_ for id_ in found if id_.startswith(typed)]
    items = first or [id_ for id_ in found if id_.rpartition("/")[2].startswith(typed)]
    return _items((id_, found[id_]) for id_ in sorted(items)[:LIMIT])


def orphan_ids(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The ids of orphans that start with the typed text: for `orphans give` and `orphans drop`."""
    from pluginary_tui.catalogue.orphans import orphans

    found = [orphan.id for orphan in _read(orphans) or [] if orphan.id.startswith(incomplete)]
    return _items((id_, "") for id_ in found[:LIMIT])


def query(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Field names, and after a colon the values in the catalogue: for the words of a query."""
    from pluginary_tui.search.completion import complete
    from pluginary_tui.sound.overview import Measurements, load_measurements

    plugins, known = _read(lambda store: (store.plugins(), load_measurements(store))) or ([], Measurements())
    found = complete(known.index(plugins), incomplete, len(incomplete), LIMIT)
    return _items((incomplete[: each.start] + each.text, each.about) for each in found)


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
        """The replacement of bash's word, escaped so that the shell takes every character of it for itself.

        Bash's word begins behind the last colon, or behind the quote that is open.
        """
        line = os.environ["COMP_LINE"]
        quote, at = _open_quote(line)
        if quote:
            before = split_arg_string(f"{line[:at]}.")[-1][:-1]
            value = item.value.removeprefix(before) if item.value.startswith(before) else ""
            if quote == '"':
                return "" if "!" in value else f"{item.type},{_IN_QUOTES.sub(_ESCAPED, value)}"
            return f"{item.type},{value.replace(chr(39), _APOSTROPHE)}"
        value = _SPECIAL.sub(_ESCAPED, item.value)
        breaks = "".join(set(":=") & set(os.environ["COMP_BREAKS"]))
        typed = re.split(r"(?<!\\)\s", line)[-1]
        for _ in re.findall(f"[{breaks}]", typed) if breaks else ():
            value = re.split(f"[{breaks}]", value, maxsplit=1)[-1]
        return f"{item.type},{value}"


def _open_quote(line: str) -> tuple[str, int]:
    """The quote of the shell's that is open at the end of a line, and its column; empty where none is."""
    quote, start, at = "", 0, 0
    while at < len(line):
        letter = line[at]
        if letter == "\\" and quote != "'":
            at += 1
        elif quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote, start = letter, at
        at += 1
    return quote, start


class ExactZsh(ZshComplete):
    """Completion for zsh that keeps backslashes: `_describe` takes one before any character for an escape."""

    def format_completion(self, item: CompletionItem) -> str:
        """Type, value and description in lines of their own."""
        if not item.help:
            return f"{item.type}\n{item.value}\n_"
        value = item.value.replace("\\", r"\\").replace(":", r"\:")
        return f"{item.type}\n{value}\n{item.help}"


class CommaFish(FishComplete):
    """Completion for fish that keeps what stands behind a comma."""

    source_template = FishComplete.source_template.replace('string split ","', 'string split -m 1 ","')
