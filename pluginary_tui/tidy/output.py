"""Findings as a list and as a shell script. The script moves bundles into a folder; nothing is ever deleted."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from pluginary_tui.atomic_file import replacing
from pluginary_tui.errors import PluginaryError
from pluginary_tui.formatting import counted, file_size
from pluginary_tui.model import clean
from pluginary_tui.tidy.findings import KINDS, Finding, room

SCRIPT_ENDING = ".sh"

SURE = frozenset({"copy"})
"""Kinds whose lines in a script are to be run; those of the others are comments, for a person to choose from."""

_HEAD = """\
#!/bin/sh
# Moves plugins aside. Nothing is deleted: each is moved into the folder below, from where it can be moved back.
# Lines that begin with # do nothing; take the # away from those you want.
set -eu
aside="${1:-$HOME/plugins-aside}"
mkdir -p -- "$aside"
move() {
    if [ ! -e "$1" ]; then
        echo "not there any more: $1"
        return
    fi
    target="$aside$(dirname -- "$1")"
    mkdir -p -- "$target"
    mv -n -- "$1" "$target/"
}
"""


def write(findings: Sequence[Finding], path: Path) -> None:
    """Write a script (`.sh`, which may be run then) or a list to the file at `path`, whole or not at all.

    Raises PluginaryError, one sentence, where that cannot be done.
    """
    script_wanted = path.suffix.lower() == SCRIPT_ENDING
    text = script(findings) if script_wanted else plain_list(findings)
    try:
        with replacing(path) as stream:
            stream.write(text)
        if script_wanted:
            path.chmod(path.stat().st_mode | 0o100)
    except OSError as error:
        raise PluginaryError(f"Cannot write {path}: {error.strerror or error}.") from error


def plain_list(findings: Iterable[Finding]) -> str:
    """The findings for a person, under the headings of their kinds."""
    return "\n".join(_list_lines(findings)) + "\n"


def _list_lines(findings: Iterable[Finding]) -> Iterator[str]:
    for kind, group in groupby(findings, key=lambda each: each.kind):
        members = list(group)
        yield f"{KINDS[kind]}: {counted(len(members), 'bundle')}, {file_size(room(members))}"
        for finding in members:
            yield f"  {file_size(finding.size) if finding.size else '-':>9}  {clean(finding.path, 4096)}"
            yield f"             {clean(finding.why, 1000)}"
        yield ""


def script(findings: Iterable[Finding]) -> str:
    """A shell script that moves bundles aside: copies by itself, all others where a person takes the # away."""
    lines = [_HEAD]
    done: set[str] = set()
    for kind, group in groupby(findings, key=lambda each: each.kind):
        lines.append(f"\n# {KINDS[kind]}")
        for finding in group:
            if finding.path in done:
                continue
            done.add(finding.path)
            lines.append(f"# {clean(finding.why, 1000)}")
            if any(character in finding.path for character in "\n\r\0"):
                lines.append(f"# {clean(finding.path, 4096)}: a line break in its name, so move it by hand")
                continue
            locked = not os.access(Path(finding.path).parent, os.W_OK)
            off = "" if finding.kind in SURE and not locked else "# "
            note = "  # not yours to move; a package of your system may own it" if locked else ""
            lines.append(f"{off}move {shlex.quote(finding.path)}{note}")
    return "\n".join(lines) + "\n"


def as_json(findings: Sequence[Finding]) -> dict[str, Any]:
    """The document of `tidy --json`."""
    kinds = {kind: [each for each in findings if each.kind == kind] for kind in KINDS}
    return {
        "size": room(findings),
        "kinds": {kind: {"count": len(members), "size": room(members)} for kind, members in kinds.items()},
        "findings": [
            {
                "kind": each.kind,
                "path": each.path,
                "size": each.size,
                "plugins": [plugin.id for plugin in each.plugins],
                "why": each.why,
                "stays": list(each.stays),
            }
            for each in findings
        ],
    }
