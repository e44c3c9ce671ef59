"""Contests of scanning all that Debian 13 packages as VST3, in the machine in a folder of tests/machines."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.benchmarks.contest import Contest, Peer, Sides
from tests.benchmarks.workspace import Place
from tests.machines import machine
from tests.machines.machine import Installed

_BUNDLES = Path("/usr/lib/vst3")

_INSTALL_ARDOUR = """
ls /usr/lib/ardour*/ardour-vst3-scanner >/dev/null 2>&1 && exit
apt-get update -q && apt-get install -y -q --no-install-recommends ardour
"""
_ARDOUR = f"""
scanner=$(ls /usr/lib/ardour*/ardour-vst3-scanner | tail -1)
export LD_LIBRARY_PATH=${{scanner%/*}}
for bundle in {_BUNDLES}/*.vst3; do "$scanner" -f "$bundle"; done
"""

# Each plugin in a process of its own, two at a time, forked when pedalboard is imported: a crash ends one of them.
_LOAD_EACH = """
import json, os, sys
import pedalboard_native as native
native.ExternalPlugin.__set_initial_parameter_values__ = lambda self, values: None
plugins = json.loads(sys.argv[1])
def load(path, name):
    native.VST3Plugin(path, plugin_name=name, initialization_timeout=0.05)
def fork(work, *rest):
    if not (pid := os.fork()):
        try:
            work(*rest)
        finally:
            os._exit(0)
    return pid
def half(mine):
    for plugin in mine:
        os.waitpid(fork(load, *plugin), 0)
for pid in [fork(half, plugins[0::2]), fork(half, plugins[1::2])]:
    os.waitpid(pid, 0)
"""


def contests() -> list[Contest]:
    """Both of them; none where `debian13 build` has not made the machine, or without root."""
    if not machine.is_built():
        return []
    count = len(machine.table())
    return [
        Contest("debian13", f"scan of Debian 13's {count} VST3 plugins, 2 workers", "s", _reading, rounds=3),
        Contest("debian13-checks", f"the same with {count} load checks", "s", _checking, rounds=1),
    ]


def _reading(place: Place) -> Sides:
    installed = place.enter(Installed())
    return Sides(_scan(place, installed, "--no-load-check"), [_ardour(place)])


def _checking(place: Place) -> Sides:
    installed = place.enter(Installed())
    plugins = json.dumps([(str(_BUNDLES / row["bundle"]), row["name"]) for row in machine.table()])
    loads = partial(place.run, machine.command(installed.python, "-c", _LOAD_EACH, plugins))
    return Sides(
        _scan(place, installed),
        [
            Peer("bare forks, 2 at a time", lambda number: loads(), note="load each plugin and do nothing else"),
            _ardour(place),
        ],
    )


def _scan(place: Place, installed: Installed, *options: str) -> Callable[[int], float]:
    """A whole scan into an empty catalogue, in the machine."""
    words = ("scan", "--json", "--no-builtin", "--workers", "2", "--only", _BUNDLES, *options)
    return lambda number: place.run(machine.command(*installed.words(*words, data=f"data-{number}")))


def _ardour(place: Place) -> Peer:
    machine.run("sh", "-c", _INSTALL_ARDOUR)
    scans = partial(place.run, machine.command("sh", "-euc", _ARDOUR))
    note = "in the same machine, once per bundle with -f; reads no parameters, loads nothing into pedalboard"
    return Peer("Ardour's scanner", lambda number: scans(), note=note)
