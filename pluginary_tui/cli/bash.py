"""Completion in bash, for which a word also ends at a colon: what is typed is read from the line itself."""

from __future__ import annotations

import os
import re

from click.shell_completion import BashComplete, CompletionItem, split_arg_string

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
"""What the shell takes for something else where it stands bare."""

_IN_QUOTES = re.compile(r'[$`"\\]')
"""The same between double quotes."""


class Bash(BashComplete):
    """Takes the place of click's own: `vendor:da` is one word here, and three for bash."""

    source_template = _SOURCE

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the cursor, and the one that it stands in: empty behind a space."""
        *before, typed = split_arg_string(f"{os.environ['COMP_LINE']}.")  # the dot keeps an empty word
        return before[1:], typed[:-1]

    def format_completion(self, item: CompletionItem) -> str:
        """What is put in place of bash's word, which begins behind the last colon, spelled for the shell."""
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
