"""`list`, `show` and `snippet`: plugins of the catalogue as text or JSON."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pluginary_tui.cli.errors import errors_in_one_line, say
from pluginary_tui.cli.output import echo, gc_paused, json_option, json_text, print_json, print_lines, table
from pluginary_tui.cli.query import matching, matching_products
from pluginary_tui.cli.shell_completion import ids
from pluginary_tui.cli.shell_completion import query as words
from pluginary_tui.lookup import by_name, find

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pluginary_tui.catalogue.store import Store
    from pluginary_tui.model import Attempt, Bus, Parameter, Plugin


def open_store() -> Store:
    """Open the catalogue of this machine; prints its notice, if any, on stderr."""
    from pluginary_tui.catalogue.store import Store
    from pluginary_tui.config import data_dir

    store = Store.in_folder(data_dir())
    if store.notice:
        say(f"{store.notice}")
    return store


@click.command("list")
@click.argument("query", nargs=-1, shell_complete=words)
@click.option("--limit", type=click.IntRange(1), help="Print this many at most.")
@click.option("--products", is_flag=True, help="One line for each product, with the formats it is here in.")
@json_option()
def list_(query: tuple[str, ...], limit: int | None, products: bool, as_json: bool) -> None:
    """Print the plugins that match QUERY, best first; without one, all of them.

    The query is the one of the app's search line. Put -- before one that begins with a hyphen.

    \b
    Examples:
      pluginary-tui list reverb
      pluginary-tui list vendor:zam "params>10" sort:-params
      pluginary-tui list is:failed --json
      pluginary-tui list --products compressor
    """
    from pluginary_tui.search.categories import shown

    with errors_in_one_line(), gc_paused(), open_store() as store:
        text = " ".join(query)
        if products:
            _list_products(store, text, limit, as_json=as_json)
            return
        found = matching(store, text) if text.strip() or as_json else by_name(store.outline())
        total, rows = len(found), found[:limit]
        if as_json:
            print_lines(_document(text, total, rows))
            return
        if not total and not text.strip():
            nothing = "Nothing is catalogued yet; run 'pluginary-tui scan'."
            aside = "All plugins are hidden; 'list is:hidden' prints them."
            echo(aside if store.plugins() else nothing, err=True)
            return
        lines = ((p.name, p.vendor, shown(p), _figure(p), p.format, p.id) for p in rows)
        print_lines(table(("name", "vendor", "category", "params", "format", "id"), lines, right=frozenset({3})))
        if len(rows) < total:
            echo(f"... and {total - len(rows)} more", err=True)


def _list_products(store: Store, text: str, limit: int | None, *, as_json: bool) -> None:
    from pluginary_tui.formats import LABELS
    from pluginary_tui.products import formats_of, product_of

    # A product is shown whole, also where the query fits one of its formats alone.
    found = matching_products(store, text)
    rows = found[:limit]
    if as_json:
        listed = [
            {
                "product": product_of(plugins[0]),
                "name": plugins[0].name,
                "vendor": plugins[0].vendor,
                "formats": formats_of(plugins),
                "plugins": list(dict.fromkeys(plugin.id for plugin in plugins)),
            }
            for plugins in rows
        ]
        print_json({"query": text, "total": len(found), "products": listed})
        return
    firsts = [(plugins[0], ", ".join(LABELS.get(name, name) for name in formats_of(plugins))) for plugins in rows]
    lines = ((plugin.name, plugin.vendor, formats, plugin.id) for plugin, formats in firsts)
    print_lines(table(("name", "vendor", "formats", "id"), lines))
    if len(rows) < len(found):
        echo(f"... and {len(found) - len(rows)} more", err=True)


def _document(text: str, total: int, plugins: list[Plugin]) -> Iterator[str]:
    """The lines of one JSON document, one plugin per line, which limits the memory for many plugins."""
    from pluginary_tui.catalogue.exchange.export import plugin_json

    yield f'{{"query": {json_text(text)}, "total": {total}, "plugins": ['
    for number, plugin in enumerate(plugins, 1):
        yield json_text(plugin_json(plugin)) + ("," if number < len(plugins) else "")
    yield "]}"


def _figure(plugin: Plugin) -> str:
    return str(plugin.parameter_count) if plugin.status == "ok" else str(plugin.status)


_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("id_", metavar="ID", shell_complete=ids)
@click.option("--svg", type=_FILE, help="Instead, write what was measured as a picture.")
@click.option("--html", type=_FILE, help="Instead, write it as a page.")
@click.option("--report", type=_FILE, help="Instead, write a report for its vendor (Markdown).")
@json_option()
def show(id_: str, svg: Path | None, html: Path | None, report: Path | None, as_json: bool) -> None:
    """Print one plugin with its parameters, its log and the Python that loads it.

    \b
    Examples:
      pluginary-tui show vst3/damien-zammit/zamverb
      pluginary-tui show zamverb --svg zamverb.svg --html zamverb.html
    """
    with errors_in_one_line(), open_store() as store:
        from pluginary_tui.scan.snippet import snippet

        copies = find(store, id_)
        plugin = copies[0]
        files = {form: path for form, path in ((".svg", svg), (".html", html), (".md", report)) if path is not None}
        if files:
            from pluginary_tui.cli.share import write_shared

            write_shared(store, plugin, files)
            return
        parameters, programs = store.parameters(plugin.key), store.programs(plugin.key)
        buses = store.buses(plugin.key)
        own_log, load_log = store.plugin_log(plugin.key)
        log = "\n".join(filter(None, (own_log or store.log(plugin.path), load_log)))
        code = snippet(plugin, parameters, store.attributes(plugin.key))
        from pluginary_tui.catalogue.passports import Passports

        passport = Passports(store).of_product(plugin)
        if as_json:
            from pluginary_tui.catalogue.exchange.export import buses_json, parameters_json, plugin_json
            from pluginary_tui.catalogue.presets import Presets
            from pluginary_tui.catalogue.usage import projects_of

            document = plugin_json(plugin)
            document["parameters"] = parameters_json(parameters)
            document["host_parameters"] = len(parameters) - len(document["parameters"])
            document["buses"], document["programs"] = buses_json(buses), programs
            document["required_features"] = store.needs(plugin.key)
            document["attempts"] = [each._asdict() for each in store.attempts(plugin.key)]
            document["sandbox"] = bundle.sandbox if (bundle := store.bundle(plugin.path)) else ""
            document["log"], document["snippet"] = log, code
            document["passport"] = passport.data if passport else None
            document["projects"] = [project.path for project in projects_of(store, plugin)]
            document["presets"] = [
                {"name": preset.name, "path": preset.path, "category": preset.category, "loads": preset.loads}
                for preset in Presets(store).of_plugin(plugin.id)
                if preset.path
            ]
            document["copies"] = [{"path": copy.path, "version": copy.version} for copy in copies]
            print_json(document)
        else:
            _print_plugin(
                plugin, copies, parameters, programs, buses, store.needs(plugin.key), store.attempts(plugin.key), log
            )
            if passport and passport.outcome == "ok":
                _print_sound(passport.data, passport.format)
            echo()
            print_lines(code.splitlines())


def _category_source(plugin: Plugin) -> str:
    """The category that a plugin declares, or that it was guessed."""
    from pluginary_tui.search.categories import guessed

    if guessed(plugin):
        return "(a guess from its name and parameters)"
    return f"({plugin.raw_category})" if plugin.raw_category else ""


def _loading(plugin: Plugin) -> str:
    """Whether pedalboard loads it; empty where that was not tried."""
    from pluginary_tui.scan.diagnosis import diagnose_load
    from pluginary_tui.scan.snippet import not_for_pedalboard

    if plugin.loads is None:
        return not_for_pedalboard(plugin)
    return "pedalboard loads it" if plugin.loads else diagnose_load(plugin.load_error).why


def _print_plugin(
    plugin: Plugin,
    copies: Sequence[Plugin],
    parameters: Sequence[Parameter],
    programs: Sequence[str],
    buses: Sequence[Bus],
    needs: Sequence[str],
    attempts: Sequence[Attempt],
    log: str,
) -> None:
    from pluginary_tui.formatting import file_size
    from pluginary_tui.model import HOST
    from pluginary_tui.plugin_text import (
        attempt_lines,
        bus_lines,
        connections,
        features_line,
        host_parameters_line,
        programs_line,
    )
    from pluginary_tui.search.categories import shown

    facts = [
        ("id", plugin.id),
        ("vendor", plugin.vendor),
        ("version", plugin.version),
        ("kind", f"{plugin.kind}, {plugin.format}"),
        ("categories", f"{shown(plugin)}  {_category_source(plugin)}".rstrip()),
        ("status", f"{plugin.status}  {plugin.error}".strip()),
        ("connections", connections(plugin)),
        *(("", f"  {line}") for line in bus_lines(buses)),
        ("programs", programs_line(programs)),
        ("needs", features_line(needs)),
        ("latency", f"{plugin.latency_samples} samples"),
        ("loading", _loading(plugin)),
        *(("refused", line) for line in attempt_lines(attempts)),
        ("path", plugin.path),
        ("class id", plugin.uid),
        ("tags", " ".join(f"#{tag}" for tag in plugin.tags)),
        ("rating", "*" * plugin.rating),
        ("note", plugin.note),
        ("size", file_size(plugin.size) if plugin.size else ""),
        *(("copy", f"{copy.path}  {copy.version}") for copy in copies[1:]),
    ]
    echo(("★ " if plugin.favourite else "") + plugin.name)
    for name, value in facts:
        for at, line in enumerate(value.splitlines()):
            echo(f"  {'' if at else name:<11} {line}")
    own = [p for p in parameters if p.kind != HOST]
    if own:
        echo("")
        for line in _parameter_table(own):
            echo(f"  {line}")
    if others := host_parameters_line(parameters):
        echo(f"  {others}")
    if log:
        echo()
        echo("  It printed:")
        for line in log.splitlines():
            echo(f"    {line}")


def _print_sound(data: dict[str, Any], format_: str) -> None:
    """What was measured of it; `format_`: the format of its product that was measured instead, if any."""
    from pluginary_tui.formats import LABELS
    from pluginary_tui.sound.passport import from_json
    from pluginary_tui.sound.passport_text import LABEL_WIDTH, lines

    echo()
    echo(f"  Measured as {LABELS.get(format_, format_)}:" if format_ else "  Measured:")
    for name, text in lines(from_json(data)):
        echo(f"    {name:<{LABEL_WIDTH}} {text}")


def _parameter_table(parameters: Sequence[Parameter]) -> Iterator[str]:
    """The parameters as lines; columns that none of them needs are left out."""
    from pluginary_tui.formatting import with_unit
    from pluginary_tui.plugin_text import declared_default, own_range, start_value, values_line

    header = ("group", "parameter", "starts at", "declares", "range", "kind", "values")
    rows = [
        (
            p.group,
            p.name,
            with_unit(start_value(p), p.unit),
            with_unit(declared_default(p), p.unit),
            own_range(p),
            f"{p.kind}, read only" if p.read_only else p.kind,
            values_line(p),
        )
        for p in parameters
    ]
    always = ("parameter", "starts at", "range", "kind")
    kept = [at for at, name in enumerate(header) if name in always or any(row[at] for row in rows)]
    return table([header[at] for at in kept], [[row[at] for at in kept] for row in rows])


@click.command()
@click.argument("id_", metavar="ID", shell_complete=ids)
@click.option("--preset", metavar="NAME", help="Load this preset file of the plugin as well, by its name or path.")
def snippet(id_: str, preset: str | None) -> None:
    """Print the Python that loads a plugin with pedalboard.

    \b
    Example:
      pluginary-tui snippet vst3/damien-zammit/zamverb > verb.py
    """
    with errors_in_one_line(), open_store() as store:
        from pluginary_tui.scan.snippet import snippet as code

        plugin = find(store, id_)[0]
        text = code(plugin, store.parameters(plugin.key), store.attributes(plugin.key))
        print_lines((text + (_preset_line(store, plugin, preset) if preset is not None else "")).splitlines())


def _preset_line(store: Store, plugin: Plugin, name: str) -> str:
    """The line that loads a preset file. Raises NotFoundError where there is none of this name, or pedalboard has no
    way to load it.
    """
    from pluginary_tui.catalogue.presets import Presets
    from pluginary_tui.errors import NotFoundError
    from pluginary_tui.model import clean
    from pluginary_tui.scan.snippet import preset_line

    wanted = clean(name, len(name) + 1)
    presets = Presets(store).of_plugin(plugin.id)
    named = [each for each in presets if each.path == wanted or each.name.casefold() == wanted.casefold()]
    loadable = [each for each in named if each.path.lower().endswith(".vstpreset")]
    if loadable:
        chosen = min(loadable, key=lambda each: each.loads is False)
        return preset_line(chosen.path, chosen.loads)
    if named:
        what = "a program that the plugin holds" if not named[0].path else "a file of a kind"
        raise NotFoundError(f"{clean(name)} is {what}, which pedalboard cannot load; it loads .vstpreset files.")
    raise NotFoundError(
        f"{plugin.name} has no preset {clean(name)}; 'pluginary-tui presets id={plugin.id}' prints those there are."
    )
