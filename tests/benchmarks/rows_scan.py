"""Contests of scanning: real plugins, unchanged ones, slow ones."""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path

from tests.benchmarks.contest import Contest, Peer, Sides
from tests.benchmarks.workspace import ZAM, Place, zam_is_here
from tests.plugins.build import compiler, good

ARDOUR = "Ardour's scanner"
LIMIT = "one process, no isolation"

# As pedalboard reads it, in the order that costs least: nothing is kept, nothing can go wrong.
_READ = """
import os, sys
from pathlib import Path
began = clock()
import pedalboard_native as native
native.ExternalPlugin.__set_initial_parameter_values__ = lambda self, values: None
paths = sorted(Path(sys.argv[1]).rglob("*.vst3"))
def read(path):
    plugin = native.VST3Plugin(str(path), initialization_timeout=0.05)
    facts = [plugin.name, plugin.manufacturer_name, plugin.version, plugin.category, plugin.reported_latency_samples]
    for p in plugin._parameters:
        facts += [p.name, p.label, p.num_steps, p.is_boolean, p.is_automatable, p.default_raw_value]
        facts += [p.get_text_for_raw_value(raw) for raw in (p.default_raw_value, 0.0, 1.0)]
"""
_PRINT_TIME = """
print(clock() - began, flush=True)
os._exit(0)
"""
_LOAD_ALL = f"{_READ}for path in paths: read(path){_PRINT_TIME}"
_FORK_EACH = f"""{_READ}
def fork(work, *rest):
    if not (pid := os.fork()):
        work(*rest)
        os._exit(0)
    return pid
def half(mine):
    for path in mine:
        os.waitpid(fork(read, path), 0)
for pid in [fork(half, paths[0::2]), fork(half, paths[1::2])]:
    os.waitpid(pid, 0)
{_PRINT_TIME}"""

# What any scanner has to ask the disk before it can say that nothing has changed.
_LOOK = """
import os, sys
for folder, _, files in os.walk(sys.argv[1]):
    for name in files:
        os.stat(os.path.join(folder, name))
"""

_LOAD_ONE = "import sys, pedalboard; pedalboard.load_plugin(sys.argv[1])"


def contests() -> list[Contest]:
    """All of them; none where the real plugins are not installed."""
    if not zam_is_here():
        return []
    return [
        Contest("scan-300", "reading 300 real bundles, 2 workers", "s", partial(_copies, 300, 2)),
        Contest("scan-300-checks", "the same with a load check of each plugin", "s", partial(_checked, 300, 2)),
        Contest("scan-17", "reading the 17 real bundles, 2 workers", "s", _seventeen, rounds=3),
        Contest("rescan-17", "the 17 again, unchanged", "s", _seventeen_again),
        Contest("rescan-1000", "rescan of 1,000 unchanged bundles", "s", partial(_unchanged, 1000)),
        Contest("rescan-5000", "rescan of 5,000 unchanged bundles", "s", partial(_unchanged, 5000)),
        Contest("scan-slow", "16 bundles that take 0 to 3 s to load, 4 workers", "s", _slow, rounds=3),
        Contest("scan-memory", "a scan's own process, 300 bundles", "MB", _memory, rounds=3),
        Contest("measure-memory", "a measuring's own process, 64 plugins", "MB", _measuring, rounds=1),
        # One worker: how many run at a time is the machine's business, and that of whatever else it does.
        Contest("short-scan", "scan of 60 real bundles, 1 worker", "s", partial(_copies, 60, 1), guard=True),
        Contest("short-rescan", "rescan of 500 unchanged bundles", "s", partial(_unchanged, 500), guard=True),
    ]


def _scan(place: Place, bundles: Path, workers: int, data: Path, *, checks: bool = False) -> float:
    words = ("scan", "--json", "--no-builtin", "--workers", str(workers), "--only", bundles)
    return place.run(place.ours(*words, *(() if checks else ("--no-load-check",))), data=data)


def _copies(count: int, workers: int, place: Place) -> Sides:
    bundles = place.copies(count)
    peers = [
        ardour(place, bundles, goal=0.2),
        Peer(LIMIT, lambda number: place.inside(_LOAD_ALL, bundles), goal=1.2, note="loads each with pedalboard"),
    ]
    if workers == 2:
        bare = "a process for each, and nothing else: no watch, no factory, nothing told, nothing kept"
        peers.append(Peer("bare forks, 2 at a time", lambda number: place.inside(_FORK_EACH, bundles), note=bare))
    return Sides(lambda number: _scan(place, bundles, workers, place.fresh("data")), peers)


def _checked(count: int, workers: int, place: Place) -> Sides:
    bundles = place.copies(count)
    peers = [ardour(place, bundles, goal=0.45)]
    return Sides(lambda number: _scan(place, bundles, workers, place.fresh("data"), checks=True), peers)


def ardour(place: Place, bundles: Path, goal: float | None = None) -> Peer:
    """Debian's `ardour`: its scanner, once per bundle."""
    found = sorted(Path("/usr/lib").glob("ardour*/ardour-vst3-scanner"))
    if not found:
        return Peer(ARDOUR, None, note="not installed: apt-get install --no-install-recommends ardour")
    env = {"LD_LIBRARY_PATH": str(found[-1].parent)}

    def scan_each(number: int) -> float:
        paths = sorted(bundles.glob("*.vst3"))
        return sum(place.run([found[-1], "-f", path], env=env) for path in paths)

    return Peer(ARDOUR, scan_each, goal=goal, note="once per bundle with -f; reads no parameters")


def _seventeen(place: Place) -> Sides:
    def load_each(number: int) -> float:
        return sum(place.run([sys.executable, "-c", _LOAD_ONE, path]) for path in sorted(ZAM.glob("Za*.vst3")))

    return Sides(
        lambda number: _scan(place, ZAM, 2, place.fresh("data")),
        [
            Peer("load_plugin", load_each, goal=1 / 25, once=True, note="pedalboard's own, an interpreter per bundle"),
            ardour(place, ZAM),
            Peer(LIMIT, lambda number: place.inside(_LOAD_ALL, ZAM), note="loads each with pedalboard"),
        ],
    )


def _seventeen_again(place: Place) -> Sides:
    data = place.made("seventeen", lambda path: _scan(place, ZAM, 2, path))
    return Sides(lambda number: _scan(place, ZAM, 2, data), [_version(place)])


def _unchanged(count: int, place: Place) -> Sides:
    bundles = place.links(count)
    data = place.scanned(bundles)
    look = Peer(
        "a bare walk",
        lambda number: place.run([sys.executable, "-c", _LOOK, bundles]),
        note="an interpreter that does no more than ask the disk for every file",
    )
    return Sides(
        lambda number: _scan(place, bundles, 2, data), [_version(place, "goal: less than 1 s beyond it"), look]
    )


def _version(place: Place, note: str = "") -> Peer:
    return Peer("--version", lambda number: place.run(place.ours("--version")), note=note)


def _slow(place: Place) -> Sides:
    if compiler() is None:
        return Sides(lambda number: 0.0, [Peer("its share of one process", None, note="needs a C compiler")])

    def make(folder: Path) -> None:
        for number in range(16):
            good(folder, f"Sleeper {number}", delay_ms=number * 3000 // 15)

    bundles = place.made("sleepers", make)
    return Sides(
        lambda number: _scan(place, bundles, 4, place.fresh("data")),
        [
            Peer(
                "a 4th of one process",
                lambda number: place.inside(_LOAD_ALL, bundles) / 4,
                once=True,
                note="what four workers would take that never wait for one another",
            )
        ],
    )


def _memory(place: Place) -> Sides:
    def peak(bundles: Path) -> float:
        return place.peak_mb("scan", "--json", "--no-builtin", "--only", bundles, data=place.fresh("data"))

    few, many = place.copies(17), place.copies(300)
    return Sides(
        lambda number: peak(many),
        [Peer("17 bundles", lambda number: peak(few), note="results are streamed, never gathered")],
        below=50.0,
    )


def _measuring(place: Place) -> Sides:
    def peak(count: int) -> float:
        bundles, data = place.copies(count), place.fresh("data")
        _scan(place, bundles, 2, data)
        return place.peak_mb("measure", "--json", data=data)

    return Sides(
        lambda number: peak(64),
        [Peer("8 plugins", lambda number: peak(8), note="passports are streamed, never gathered; about 4 s a plugin")],
        below=50.0,
    )


def cores() -> int:
    """Of this machine, those that we may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
