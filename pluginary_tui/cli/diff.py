"""`diff`: this machine compared with another one, or with itself at another time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pluginary_tui.cli.catalogue import open_store
from pluginary_tui.cli.errors import errors_in_one_line, fail
from pluginary_tui.cli.output import json_option, print_json, print_lines
from pluginary_tui.model import clean

if TYPE_CHECKING:
    pass


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@click.option("--since", metavar="DATE", help="Compare this machine at DATE with now.")
@click.option("--until", metavar="DATE", help="With --since: compare with this date instead of now.")
@json_option("Print the differences as JSON.")
def diff(file: Path | None, since: str | None, until: str | None, as_json: bool) -> None:
    """Compare the catalogue with FILE, an export of another machine, or with itself at an earlier date.

    It says which plugins only one side has, and of those that both have what differs: version, latency, parameters that
    came or went or have another range or default (automation in old songs breaks by that), and the sound where both
    were measured. A date is as in queries: 2026-09-30, yesterday, 7d, 3m.

    \b
    Examples:
      pluginary-tui diff laptop.json
      pluginary-tui diff --since 30d
      pluginary-tui diff --since 2026-01-01 --until 2026-06-30 --json
    """
    if (file is None) == (since is None) or (until and not since):
        fail("Name a file to compare with, or a date with --since.", 2)
    moments = [_moment(text) for text in (since, until) if text]
    with errors_in_one_line(), open_store() as store:
        from pluginary_tui import diff as comparing
        from pluginary_tui.catalogue import revisions

        if file is not None:
            names = ("only_there", "only_here")
            before, after = comparing.from_export(file), revisions.present(store)
        else:
            names = ("gone", "new")
            before = revisions.at(store, moments[0])
            after = revisions.at(store, moments[1]) if until else revisions.present(store)
        found = comparing.difference(before, after)
        if as_json:
            print_json(found.as_json(*names))
        else:
            print_lines(comparing.lines(found, names))


def _moment(text: str) -> str:
    from pluginary_tui.diff import moment

    found = moment(text)
    if not found:
        fail(f"{clean(text)} is no date; write 2026-09-30, yesterday, 7d or 3m.", 2)
    return found
