"""`presets`: the programs that plugins hold, and the files with presets for them."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING, Any

import click

from pluginary_tui.cli.catalogue import open_store
from pluginary_tui.cli.errors import errors_in_one_line, fail
from pluginary_tui.cli.output import INTERRUPTED, counted, echo, gc_paused, json_option, print_lines, table
from pluginary_tui.cli.query import matching
from pluginary_tui.cli.shell_completion import query as words
from pluginary_tui.model import clean, tag_name
from pluginary_tui.products import product_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginary_tui.catalogue.presets import Preset
    from pluginary_tui.catalogue.store import Store
    from pluginary_tui.model import Plugin


@click.command()
@click.argument("query", nargs=-1, shell_complete=words)
@click.option("--no-scan", is_flag=True, help="Do not look for new and changed files first.")
@click.option("--full", is_flag=True, help="Read unchanged files again, too.")
@click.option("--check", is_flag=True, help="Try whether pedalboard loads each file that was not tried yet.")
@click.option("--unmatched", is_flag=True, help="Print the files whose plugin is not here instead.")
@click.option("--favourite", is_flag=True, help="Make favourites of all that are printed.")
@click.option("--no-favourite", is_flag=True, help="Take the star from all that are printed.")
@click.option("--tag", help="Give all that are printed this tag.")
@click.option("--untag", help="Take this tag from all that are printed.")
@json_option()
def presets(
    query: tuple[str, ...],
    no_scan: bool,
    full: bool,
    check: bool,
    unmatched: bool,
    favourite: bool,
    no_favourite: bool,
    tag: str | None,
    untag: str | None,
    as_json: bool,
) -> None:
    """Print the presets of the plugins that match QUERY: programs that they hold, and files.

    Files (.vstpreset, .fxp, .fxb, .aupreset, LV2 bundles, what CLAPs tell of) are looked for in the folders of the
    formats' standards, in and beside bundles, and in the folders of the setting presets.folders. One belongs to the
    plugin whose identity it names.
    With preset:NAME in the query only presets of that name are printed.

    \b
    Examples:
      pluginary-tui presets
      pluginary-tui presets 'preset:"vocal plate"'
      pluginary-tui presets category:reverb --json
      pluginary-tui presets --unmatched
    """
    with errors_in_one_line(), gc_paused():
        stopped = not no_scan and _scan(full)
        with open_store() as store:
            from pluginary_tui.catalogue.presets import Presets
            from pluginary_tui.lookup import presets_of

            known = Presets(store)
            text = " ".join(query)
            plugins = matching(store, text)
            if check and not stopped:
                _check(store)
            found = known.unmatched() if unmatched else presets_of(store, plugins, text)
            if favourite or no_favourite or tag or untag:
                star = favourite if favourite or no_favourite else None
                _change(known, [preset.id for preset in found], star, tag, untag)
                found = known.unmatched() if unmatched else presets_of(store, plugins, text)
            if as_json:
                print_lines(_document(found, {plugin.id: plugin for plugin in plugins}))
            else:
                _print(found, plugins, unmatched)
        if stopped:
            echo("pluginary-tui: stopped; the next one goes on from here.", err=True)
            raise SystemExit(INTERRUPTED)


def _scan(full: bool) -> bool:
    """Read what is new or has changed. Returns whether it was stopped."""
    from pluginary_tui.config import data_dir, load
    from pluginary_tui.presets.scan import PresetScan

    running = PresetScan(load(), data_dir(), full=full)
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda number, frame: running.stop())
    summary = running.run()
    if summary.read or summary.bundles or summary.removed:
        parts = [f"{counted(summary.read, 'preset file')} read"]
        parts += [f"{counted(summary.bundles, 'bundle')} looked through"] if summary.bundles else []
        parts += [f"{summary.failed} of them damaged"] if summary.failed else []
        parts += [f"{summary.removed} no longer there"] if summary.removed else []
        echo(f"{', '.join(parts)}  ({summary.elapsed_s:.1f} s)", err=True)
    return summary.stopped


def _change(known: Any, ids: list[str], favourite: bool | None, tag: str | None, untag: str | None) -> None:
    for text in filter(None, (tag, untag)):
        if not tag_name(text):
            fail(f"{clean(text)!r} is no tag; a tag is a word.", 2)
    if favourite is not None:
        known.set_favourite(ids, favourite)
    if tag:
        known.add_tag(ids, tag)
    if untag:
        known.remove_tag(ids, untag)


def _check(store: Store) -> None:
    from pluginary_tui.config import load
    from pluginary_tui.presets.load_check import PresetCheck

    taken, refused = PresetCheck(load()).run(store)
    if taken or refused:
        echo(f"{counted(taken, 'preset')} can be loaded, {refused} cannot.", err=True)


def _document(found: list[Preset], plugins: dict[str, Plugin]) -> Iterator[str]:
    """The lines of one JSON document, one preset per line, which limits the memory for many presets."""
    yield f'{{"total": {len(found)}, "presets": ['
    for number, preset in enumerate(found, 1):
        yield json.dumps(_json(preset, plugins.get(preset.plugin)), ensure_ascii=False) + "," * (number < len(found))
    yield "]}"


def _json(preset: Preset, plugin: Plugin | None) -> dict[str, Any]:
    return {
        "name": preset.name,
        "plugin": preset.plugin or None,
        "product": product_of(plugin) if plugin else None,
        "path": preset.path or None,
        "category": preset.category,
        "author": preset.author,
        "source": preset.source,
        "asks_for": {"format": preset.format, "uid": preset.uid, "name": preset.wanted, "vendor": preset.vendor}
        if preset.path
        else None,
        "loads": preset.loads,
        "load_error": preset.load_error,
        "favourite": preset.favourite,
        "tags": list(preset.tags),
    }


def _print(found: list[Preset], plugins: list[Plugin], unmatched: bool) -> None:
    if not found:
        what = "All preset files belong to plugins that are here." if unmatched else "There are no presets to print."
        echo(what, err=True)
        return
    names = {plugin.id: plugin.name for plugin in plugins}
    if unmatched:
        rows = [(p.name, p.wanted, p.format, p.uid, clean(p.path, 1000)) for p in found]
        print_lines(table(("preset", "asks for", "format", "class id", "file"), rows))
        return
    lines = (
        (
            f"{'★ ' * preset.favourite}{preset.name}",
            names.get(preset.plugin, ""),
            preset.category,
            preset.author,
            " ".join(f"#{tag}" for tag in preset.tags),
            clean(preset.path, 1000) or "(in the plugin)",
        )
        for preset in found
    )
    print_lines(table(("preset", "plugin", "category", "author", "tags", "file"), lines))
