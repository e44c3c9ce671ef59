"""`diff`: this machine compared with another one, or with itself at another time."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pluginary_tui.cli.catalogue import open_store
from pluginary_tui.cli.errors import errors_in_one_line, fail
from pluginary_tui.cli.output import counted, json_option, print_json, print_lines
from pluginary_tui.model import clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pluginary_tui.catalogue.revisions import Facts
    from pluginary_tui.diff import Change, Difference

SHOWN = 12
"""Parameters of one plugin that are named; --json has all of them."""


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
            print_lines(_lines(found, names))


def _moment(text: str) -> str:
    """A date as typed, as the catalogue writes moments; the end of the day, month or year that it names."""
    from pluginary_tui.search.dates import span

    found = span(text, datetime.now().astimezone())
    if found is None:
        fail(f"{clean(text)} is no date; write 2026-09-30, yesterday, 7d or 3m.", 2)
    return found[1].astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _lines(found: Difference, names: tuple[str, str]) -> Iterator[str]:
    titles = {"only_there": "Only there", "only_here": "Only here", "gone": "Gone", "new": "New"}
    for name, plugins in zip(names, (found.before, found.after), strict=True):
        if plugins:
            yield f"{titles[name]}: {counted(len(plugins), 'plugin')}"
            yield from (f"  {_brief(each)}" for each in plugins)
    if found.changed:
        yield f"Changed: {counted(len(found.changed), 'plugin')}"
        for change in found.changed:
            yield f"  {clean(change.name)}  ({clean(change.id)})"
            yield from (f"    {line}" for line in _changes(change))
    yield f"The same: {counted(found.same, 'plugin')}"


def _brief(facts: Facts) -> str:
    return clean(" ".join(filter(None, (facts.name, facts.version, f"by {facts.vendor}" if facts.vendor else ""))))


def _changes(change: Change) -> Iterator[str]:
    if change.version:
        yield f"version {' -> '.join(clean(each) or 'none' for each in change.version)}"
    if change.latency_samples:
        yield f"latency {' -> '.join(map(str, change.latency_samples))} samples"
    yield from _named("parameters gone", change.parameters_removed)
    yield from _named("new parameters", change.parameters_added)
    for each in change.parameters_changed[:SHOWN]:
        yield f"{clean(each.name)}: {each.what} {clean(each.before) or 'none'} -> {clean(each.after) or 'none'}"
    if len(change.parameters_changed) > SHOWN:
        yield f"and {len(change.parameters_changed) - SHOWN} more changes of parameters"
    if change.sound is not None:
        yield "sounds different"


def _named(what: str, names: Sequence[str]) -> Iterator[str]:
    if names:
        more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        yield f"{what}: {', '.join(clean(name) for name in names[:SHOWN])}{more}"
