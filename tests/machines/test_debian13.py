"""All that Debian 13 packages as VST3, scanned in a machine in a folder and held against debian13.tsv."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.machines import machine
from tests.machines.machine import Installed
from tests.support import snippet_check

Plugin = dict[str, Any]
"""A plugin as `show --json` prints it."""

# Of the ids on stdin, two at a time, each document ended by a null character.
_SHOW_ALL = """
program=$1 folder=$2
mkdir "$folder"
xargs -P 2 -I ID sh -euc '{ "$1" show --json "$2"; printf "\\0"; } >"$(mktemp -p "$3")"' sh "$program" ID "$folder"
cat "$folder"/*
"""


@pytest.fixture
def installed() -> Iterator[Installed]:
    try:
        machine.build()
        with Installed() as installed:
            yield installed
    except machine.LackingError as error:
        pytest.skip(str(error))


# One test and not several: under xdist each could run in another process, with an installation and scans of its own.
@pytest.mark.slow
@pytest.mark.timeout(2400)
def test_every_plugin_of_debian_13_is_read_as_it_is(installed: Installed) -> None:
    differences = []
    checks = (
        *(read_as_the_table_says, claps_are_read_whole, snippets_run),
        *(unchanged_is_not_read_again, load_checks_can_be_left_out),
    )
    for check in checks:
        try:
            differences += check(installed)
        except RuntimeError as error:
            differences.append(str(error))
    if differences:
        pytest.fail("\n".join([f"{len(differences)} differences:", *differences]), pytrace=False)


def read_as_the_table_says(installed: Installed) -> list[str]:
    scan(installed)
    plugins = shown(installed)
    differences = [line for row in machine.table() for line in compare(row, plugins)]
    differences += [f"{name(plugin)} is not in the table" for plugin in unknown(plugins)]
    return differences


def claps_are_read_whole(installed: Installed) -> list[str]:
    """The 33 CLAPs of that machine, of which one holds 184 plugins, as they were counted by hand."""
    plugins = json.loads(machine.run(*installed.words("list", "--json", "format:clap")))["plugins"]
    differences = [f"{name(plugin)} ({plugin['path']}): {plugin['error']}" for plugin in plugins if plugin["error"]]
    counts = len({plugin["path"] for plugin in plugins}), len(plugins)
    if counts != (33, 216):
        differences.append(f"{counts[0]} CLAPs with {counts[1]} plugins instead of 33 with 216")
    return differences


def snippets_run(installed: Installed) -> list[str]:
    """Every snippet is Python, and some of what pedalboard loads are run with the lines for their parameters."""
    script = Path(snippet_check.__file__).read_bytes()
    folder = installed.folder / "data"
    words = ["sh", "-c", f"{installed.python} - {folder} --quick 2>/dev/null || true"]
    *found, count = machine.run(*words, stdin=script, timeout=2400).decode().splitlines()
    return found or ([] if count == "0 differences" else [count])


def unchanged_is_not_read_again(installed: Installed) -> list[str]:
    again = scan(installed)
    return [f"a second scan reads {again['scanned']} of {again['found']} bundles anew"] if again["scanned"] else []


def load_checks_can_be_left_out(installed: Installed) -> list[str]:
    scan(installed, "--no-load-check", data="unchecked")
    plugins = listed(installed, data="unchecked")
    tried = [plugin for plugin in plugins if plugin.get("loads") is not None]
    differences = [f"{name(plugin)}: loads is {plugin['loads']} after --no-load-check" for plugin in tried]
    return differences if plugins else ["--no-load-check reads no plugin"]


def scan(installed: Installed, *options: str, data: str = "data") -> dict[str, Any]:
    """Scan the system's folders with two workers; the figures of the scan."""
    words = installed.words("scan", "--json", "--no-builtin", "--workers", "2", *options, data=data)
    return dict(json.loads(machine.run(*words)))


def listed(installed: Installed, *, data: str = "data") -> list[Plugin]:
    """All VST3 plugins of a catalogue, as `list --json` prints them."""
    return [
        plugin
        for plugin in json.loads(machine.run(*installed.words("list", "--json", data=data)))["plugins"]
        if plugin["format"] == "vst3"
    ]


def shown(installed: Installed) -> list[Plugin]:
    """All VST3 plugins, each as `list --json` and `show --json` print it together."""
    plugins = {plugin["id"]: plugin for plugin in listed(installed)}
    *environment, program = installed.words()
    script = ["sh", "-euc", _SHOW_ALL, "sh", program, installed.folder / "shown"]
    documents = machine.run(*environment, *script, stdin="\n".join(plugins).encode()).decode()
    for document in documents.split("\0")[:-1]:
        plugin = json.loads(document)
        plugins[plugin["id"]] |= plugin
    return list(plugins.values())


def unknown(plugins: list[Plugin]) -> list[Plugin]:
    """The plugins that no row of the table names."""
    rows = {(row["bundle"], row["class_id"]) for row in machine.table()}
    named = {(row["bundle"], row["name"]) for row in machine.table()}
    return [
        plugin
        for plugin in plugins
        if (bundle(plugin), plugin["uid"]) not in rows and (bundle(plugin), plugin["name"]) not in named
    ]


def compare(row: dict[str, str], plugins: list[Plugin]) -> Iterator[str]:
    """Each difference between a row of the table and its plugin, a line each."""
    same = [plugin for plugin in plugins if bundle(plugin) == row["bundle"]]
    found = [plugin for plugin in same if plugin["uid"] == row["class_id"]]
    found = found or [plugin for plugin in same if plugin["name"] == row["name"]]
    if not found:
        yield f"{row['bundle']}: {row['name']} is missing"
        return
    (plugin,) = found
    for key, value in expected(row).items():
        given, true = json.dumps(plugin.get(key)), json.dumps(value)
        if given != true:
            yield f"{name(plugin)}: {key} is {given} instead of {true}"
    parameters = plugin.get("parameters", [])
    if any(parameter.get("kind") == "host" for parameter in parameters):
        yield f"{name(plugin)}: host parameters stand among its own"
    counts = {
        "parameters in all": (len(parameters) + plugin.get("host_parameters", 0), int(row["parameters"])),
        "parameters of its own": (len(parameters), own(row)),
        "parameters of its own, as counted": (plugin.get("parameter_count"), own(row)),
    }
    for what, (count, expected_count) in counts.items():
        if count != expected_count:
            yield f"{name(plugin)}: {count} {what} instead of {expected_count}"
    if row["pedalboard"] != "loads" and not plugin.get("load_error"):
        yield f"{name(plugin)}: no load_error, though pedalboard {row['pedalboard']}"


def expected(row: dict[str, str]) -> Plugin:
    """What `list --json` has to say of the plugin of a row."""
    return {
        "uid": row["class_id"],
        "name": row["name"],
        "vendor": row["vendor"],
        "version": row["version"],
        "raw_category": row["category"],
        "audio_inputs": int(row["audio_in"]),
        "audio_outputs": int(row["audio_out"]),
        "sidechain_inputs": int(row["aux_in"]),
        "midi_input": row["midi_in"] != "0",
        "midi_output": row["midi_out"] != "0",
        "parameter_count": own(row),
        "latency_samples": int(row["latency"]),
        "program_count": int(row["programs"]),
        "loads": row["pedalboard"] == "loads",
        "status": "ok",
    }


def own(row: dict[str, str]) -> int:
    """How many parameters are no host parameters. Of the mapped and the hidden ones, either set contains the other."""
    return int(row["parameters"]) - max(int(row["midi_mapped"]), int(row["hidden"]))


def bundle(plugin: Plugin) -> str:
    return Path(plugin["path"]).name


def name(plugin: Plugin) -> str:
    return f"{bundle(plugin)}: {plugin['name']}"
