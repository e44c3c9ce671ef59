"""Export of plugins and parameters as JSON, CSV and TOML."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from operator import attrgetter
from pathlib import Path
from typing import IO, Any

from pluginary_tui.atomic_file import replacing
from pluginary_tui.catalogue.exchange.file_formats import BYTE_ORDER_MARK, WRITERS
from pluginary_tui.catalogue.passports import Passports
from pluginary_tui.catalogue.store import Store
from pluginary_tui.errors import CatalogueError
from pluginary_tui.model import HOST, UNEXPORTED, Bus, Parameter, Plugin

_EXPORTED = tuple(each.name for each in fields(Plugin) if each.name not in UNEXPORTED)
_values = attrgetter(*_EXPORTED)


def plugin_json(plugin: Plugin) -> dict[str, Any]:
    """One plugin as in `list --json`: the attributes of `model.Plugin` by their names."""
    document = dict(zip(_EXPORTED, _values(plugin), strict=True))
    return document | {
        "status": str(plugin.status),
        "categories": list(plugin.categories),
        "tags": list(plugin.tags),
    }


def parameters_json(parameters: Sequence[Parameter], *, host: bool = False) -> list[dict[str, Any]]:
    """The plugin's own parameters as in `show --json`; with `host`, the host parameters instead."""
    return [
        {
            "id": p.id,
            "name": p.name,
            "short_name": p.short_name,
            "unit": p.unit,
            "group": p.group,
            "default": p.default,
            "min": p.minimum,
            "max": p.maximum,
            "initial": p.initial,
            "default_raw": p.default_raw,
            "initial_raw": p.initial_raw,
            "steps": p.steps,
            "choices": list(p.choices),
            "kind": p.kind,
            "automatable": p.automatable,
            "read_only": p.read_only,
        }
        for p in parameters
        if (p.kind == HOST) == host
    ]


def buses_json(buses: Sequence[Bus]) -> list[dict[str, Any]]:
    """A plugin's connections as `show --json` gives them."""
    return [
        {"name": b.name, "media": b.media, "direction": b.direction, "channels": b.channels, "main": b.main}
        for b in buses
    ]


def export(store: Store, plugins: Iterable[Plugin], path: Path) -> int:
    """Write these plugins atomically to the file at `path`, in the format of its ending. Returns their number.

    JSON and TOML have everything in the catalogue, CSV no parameters and no logs. Raises CatalogueError for an
    unknown ending and for a file that cannot be written.
    """
    ending = path.suffix.lower()
    if ending not in WRITERS:
        raise CatalogueError(f"{path} is of no kind that can be written: its name must end in .json, .csv or .toml.")
    try:
        with replacing(path) as stream:
            if ending == ".csv":
                stream.write(BYTE_ORDER_MARK)
            return write(store, plugins, stream, ending)
    except OSError as error:
        raise CatalogueError(f"Cannot write {path}: {error.strerror or error}.") from error


def write(store: Store, plugins: Iterable[Plugin], stream: IO[str], ending: str) -> int:
    """Write these plugins to `stream`, one at a time, as `.json`, `.csv` or `.toml`. Returns their number."""
    count = 0

    def records() -> Iterator[dict[str, Any]]:
        nonlocal count
        for plugin in plugins:
            count += 1
            yield record(store, plugin, whole=ending != ".csv")

    WRITERS[ending](records(), stream)
    return count


def record(store: Store, plugin: Plugin, *, whole: bool = True) -> dict[str, Any]:
    """One plugin as exported; if `whole`, with its parameters, buses, programs, passport, attributes and logs."""
    document = plugin_json(plugin) | {"uses": plugin.uses, "used_at": plugin.used_at}
    if whole:
        parameters = store.parameters(plugin.key)
        document["parameters"] = parameters_json(parameters)
        document["host_parameters"] = parameters_json(parameters, host=True)
        document["buses"] = buses_json(store.buses(plugin.key))
        document["programs"] = store.programs(plugin.key)
        document["required_features"] = store.needs(plugin.key)
        passport = Passports(store).get(plugin)
        document["passport"] = passport.data if passport and passport.data else None
        document["attributes"] = sorted(store.attributes(plugin.key))
        own_log, load_log = store.plugin_log(plugin.key)
        logs = {"log": store.log(plugin.path), "plugin_log": own_log, "load_log": load_log}
        document |= {name: log for name, log in logs.items() if log}
    return document
