"""Export of plugins and parameters as JSON, CSV and TOML."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from pluginary_tui.atomic_file import replacing
from pluginary_tui.catalogue.exchange.file_formats import WRITERS
from pluginary_tui.catalogue.store import Store
from pluginary_tui.errors import CatalogueError
from pluginary_tui.model import HOST, Bus, Parameter, Plugin


def plugin_json(plugin: Plugin) -> dict[str, Any]:
    """One plugin as in `list --json`."""
    return {
        "id": plugin.id,
        "name": plugin.name,
        "vendor": plugin.vendor,
        "format": plugin.format,
        "categories": list(plugin.categories),
        "raw_category": plugin.raw_category,
        "version": plugin.version,
        "path": plugin.path,
        "name_in_file": plugin.name_in_file,
        "kind": plugin.kind,
        "uid": plugin.uid,
        "latency_samples": plugin.latency_samples,
        "parameter_count": plugin.parameter_count,
        "audio_inputs": plugin.audio_inputs,
        "audio_outputs": plugin.audio_outputs,
        "sidechain_inputs": plugin.sidechain_inputs,
        "midi_input": plugin.midi_input,
        "midi_output": plugin.midi_output,
        "program_count": plugin.program_count,
        "loads": plugin.loads,
        "load_error": plugin.load_error,
        "status": str(plugin.status),
        "error": plugin.error,
        "quarantined": plugin.quarantined,
        "favourite": plugin.favourite,
        "hidden": plugin.hidden,
        "tags": list(plugin.tags),
        "rating": plugin.rating,
        "note": plugin.note,
        "size": plugin.size,
        "scanned_at": plugin.scanned_at,
        "added_at": plugin.added_at,
        "probe_ms": plugin.probe_ms,
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

    JSON and TOML have everything that the catalogue knows, CSV no parameters and no logs. Raises CatalogueError for an
    unknown ending and for a file that cannot be written.
    """
    ending = path.suffix.lower()
    if ending not in WRITERS:
        raise CatalogueError(f"{path} is of no kind that can be written: its name must end in .json, .csv or .toml.")
    try:
        with replacing(path) as stream:
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
    """One plugin as exported; if `whole`, with its parameters, buses, programs, attributes and logs."""
    document = plugin_json(plugin) | {"uses": plugin.uses, "used_at": plugin.used_at}
    if whole:
        parameters = store.parameters(plugin.key)
        document["parameters"] = parameters_json(parameters)
        document["host_parameters"] = parameters_json(parameters, host=True)
        document["buses"] = buses_json(store.buses(plugin.key))
        document["programs"] = store.programs(plugin.key)
        document["attributes"] = sorted(store.attributes(plugin.key))
        own_log, load_log = store.plugin_log(plugin.key)
        logs = {"log": store.log(plugin.path), "plugin_log": own_log, "load_log": load_log}
        document |= {name: log for name, log in logs.items() if log}
    return document
