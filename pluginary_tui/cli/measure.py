"""`measure` and `similar`: the sound of plugins."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

import click

from pluginary_tui.cli.catalogue import open_store
from pluginary_tui.cli.errors import errors_in_one_line, fail, say
from pluginary_tui.cli.output import INTERRUPTED, echo, json_option, print_json, table
from pluginary_tui.cli.query import matching
from pluginary_tui.cli.shell_completion import ids
from pluginary_tui.cli.shell_completion import query as words
from pluginary_tui.lookup import find

if TYPE_CHECKING:
    from pluginary_tui.model import Plugin
    from pluginary_tui.sound.events import Event, Summary
    from pluginary_tui.sound.similar import Recommendation


@click.command()
@click.argument("query", nargs=-1, shell_complete=words)
@click.option("--full", is_flag=True, help="Measure what has a passport already, too.")
@click.option("--retry", is_flag=True, help="Measure what went wrong before, too.")
@click.option("--workers", type=click.IntRange(1, 64), help="Plugins at a time.")
@json_option("Print the figures as JSON.")
def measure(query: tuple[str, ...], full: bool, retry: bool, workers: int | None, as_json: bool) -> None:
    """Measure the plugins that match QUERY: what each does to sound, and what it costs.

    Each is measured in a process of its own; one that crashes or hangs loses its measurement and nothing else.
    What has been measured and has not changed is left alone. Ctrl+C stops; the next one goes on from there (exit
    code 3).

    \b
    Examples:
      pluginary-tui measure
      pluginary-tui measure category:reverb
      pluginary-tui measure --retry is:fav
    """
    with errors_in_one_line():
        from pluginary_tui.config import data_dir, load
        from pluginary_tui.products import measured_as
        from pluginary_tui.sound.events import MeasureEnded
        from pluginary_tui.sound.run import Measuring, measurable

        with open_store() as store:
            # Of a product that matches in a format that pedalboard does not load, the format that it loads.
            plugins = measured_as(matching(store, " ".join(query)), store.plugins(), measurable)
        if not plugins and not as_json:
            echo("Nothing matches that has been scanned; 'pluginary-tui list' prints what there is.", err=True)
        running = Measuring(load({"scan.workers": workers}), data_dir(), plugins, full=full, retry=retry)
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, lambda number, frame: running.stop())
        ended = MeasureEnded(running.summary, "done")

        def emit(event: Event) -> None:
            nonlocal ended
            if isinstance(event, MeasureEnded):
                ended = event
            elif not as_json:
                _print_event(event)

        summary = running.run(emit)
        if as_json:
            print_json(summary.as_dict())
        else:
            echo(_summary(summary))
            if len(plugins) == 1:
                _print_passport(plugins[0])
        if ended.how == "broken":
            fail(ended.message)
        if ended.how == "stopped":
            say("stopped; measure again to go on from here.")
            raise SystemExit(INTERRUPTED)


def _print_event(event: Event) -> None:
    from pluginary_tui.formatting import counted
    from pluginary_tui.sound.events import MeasureStarted, PartEnded
    from pluginary_tui.sound.metrics import VERDICT_LABELS

    match event:
        case MeasureStarted(total=total, sounds=sounds, resumed=resumed, workers=workers):
            again = "Going on where it was interrupted: " if resumed else ""
            what = counted(max(sounds, total - sounds), "plugin")
            echo(f"{again}{what} to measure: first the sound, {workers} at a time, then what each costs.")
        case PartEnded(plugin, part, outcome, error, passport):
            if outcome.bad:
                echo(f"{plugin.name:<28} {part:<6} {outcome}: {error}")
            elif passport is not None and part == "sound":
                verdicts = ", ".join(VERDICT_LABELS[verdict.name] for verdict in passport.verdicts)
                echo(f"{plugin.name:<28} {part:<6} {passport.behaves or '-':<14} {verdicts}".rstrip())
            elif passport is not None and "cpu" in passport.costs:
                echo(f"{plugin.name:<28} {part:<6} {passport.costs['cpu'].value:.2f} % of a processor")


def _print_passport(plugin: Plugin) -> None:
    from pluginary_tui.catalogue.passports import Passports
    from pluginary_tui.sound.passport import from_json
    from pluginary_tui.sound.passport_text import LABEL_WIDTH, lines

    with open_store() as store:
        stored = Passports(store).of_product(plugin)
    for name, value in lines(from_json(stored.data)) if stored and stored.data else ():
        echo(f"  {name:<{LABEL_WIDTH}} {value}")


def _summary(summary: Summary) -> str:
    parts = [f"{summary.ok} measured"]
    parts += [f"{n} {name}" for name in ("failed", "crashed", "timeout", "memory") if (n := getattr(summary, name))]
    if summary.current:
        parts.append(f"{summary.current} had a passport already")
    if summary.quarantined:
        parts.append(f"{summary.quarantined} left out because they went wrong before (--retry)")
    if summary.not_loaded:
        parts.append(f"{summary.not_loaded} left out because pedalboard cannot load them")
    if summary.not_scanned:
        parts.append(f"{summary.not_scanned} left out because no scan has found them here")
    return f"{', '.join(parts)}  ({summary.elapsed_s:.1f} s)"


@click.command()
@click.argument("id_", metavar="ID", shell_complete=ids)
@click.option("--limit", type=click.IntRange(1), default=10, show_default=True, help="Print this many at most.")
@click.option("--copies", is_flag=True, help="Instead, whether its other copies here do exactly the same.")
@json_option()
def similar(id_: str, limit: int, copies: bool, as_json: bool) -> None:
    """Print the plugins most like the one with this ID, nearest first, each with why.

    The other formats of it are left out, and of any other product one format is printed.

    By sound where it has been measured; those that are not, and all where it has not, by what they are for:
    categories, parameters and name (distances from 10).

    With --copies, every other copy of it on this machine (another version, format or place) is rendered beside it
    and subtracted: what is left says whether they differ.

    \b
    Examples:
      pluginary-tui similar vst3/damien-zammit/zamverb
      pluginary-tui similar --copies vst3/damien-zammit/zamverb
    """
    with errors_in_one_line(), open_store() as store:
        from pluginary_tui.sound.similar import find_similar, one_of_each

        plugin = find(store, id_)[0]
        if copies:
            _print_copies(plugin, store.plugins(), as_json)
            return
        known = {other.id: other for other in store.plugins()}
        found = [each for _, each in one_of_each(plugin, find_similar(store, plugin), known)][:limit]
        if as_json:
            print_json({"id": plugin.id, "plugins": [_document(each) for each in found]})
            return
        if not found:
            echo("Nothing is like it.", err=True)
        rows = [(e.likeness.id, _likeness(e), e.likeness.because, e.better) for e in found]
        for line in table(("id", "alike", "because", "better"), rows, right=frozenset({1})):
            echo(line)


def _likeness(one: Recommendation) -> str:
    """How alike it sounds; a dash where it was compared by purpose."""
    from pluginary_tui.sound.similar import per_cent

    alike = per_cent(one.likeness)
    return "-" if alike is None else f"{alike} %"


def _document(one: Recommendation) -> dict[str, Any]:
    from pluginary_tui.sound.similar import per_cent

    likeness = one.likeness
    document: dict[str, Any] = {"id": likeness.id, "distance": likeness.distance, "because": likeness.because}
    document["per_cent"] = per_cent(likeness)
    return {**document, "better": one.better} if one.better else document


def _print_copies(plugin: Plugin, plugins: list[Plugin], as_json: bool) -> None:
    """Print the null test of every other copy against this one."""
    from pluginary_tui.config import load
    from pluginary_tui.model import NOT_SCANNED
    from pluginary_tui.sound.null_test import compare, copies_of, overall
    from pluginary_tui.sound.run import measurable

    if plugin.imported:
        fail(f"{plugin.name} {NOT_SCANNED}.")
    if not measurable(plugin):
        fail(f"{plugin.name} cannot be loaded, so it cannot be compared; 'pluginary-tui show {plugin.id}' says why.")
    others = copies_of(plugin, plugins)
    if not others and not as_json:
        echo("There is no other copy of it on this machine.", err=True)
    settings = load()
    results = [(other, compare(plugin, other, settings)) for other in others]
    if as_json:
        documents = [
            {
                "id": other.id,
                "path": other.path,
                "version": other.version,
                "verdict": overall(nulls),
                "nulls": [{"setting": null.label, "db": null.db, "verdict": null.verdict} for null in nulls],
            }
            for other, nulls in results
        ]
        print_json({"id": plugin.id, "path": plugin.path, "copies": documents})
        return
    rows = [
        (other.path, other.version, null.label, f"{null.db:.0f} dB", null.verdict)
        for other, nulls in results
        for null in nulls
    ]
    for line in table(("copy", "version", "setting", "left", "verdict"), rows, right=frozenset({3})):
        echo(line)
