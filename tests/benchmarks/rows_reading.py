"""Contests of reading preset files and projects: many new ones, and the same once more."""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.benchmarks.contest import Contest, Peer, Sides
from tests.benchmarks.workspace import Place

_PRESETS = """
import sys
from pathlib import Path
from pluginary_tui.config import PresetSettings, ScanSettings, Settings
from pluginary_tui.presets.scan import PresetScan
settings = Settings(presets=PresetSettings(folders=(sys.argv[1],)), scan=ScanSettings(workers=2))
began = clock()
summary = PresetScan(settings, Path(sys.argv[2])).run()
print(clock() - began)
assert summary.found >= int(sys.argv[3]) and not summary.failed, summary
"""
_PROJECTS = """
import sys
from pathlib import Path
from pluginary_tui.config import ScanSettings, Settings
from pluginary_tui.projects.scan import ProjectScan
settings = Settings(scan=ScanSettings(workers=2))
began = clock()
summary = ProjectScan(settings, Path(sys.argv[2]), [Path(sys.argv[1])]).run()
print(clock() - began)
assert summary.found == int(sys.argv[3]) and not summary.failed, summary
"""

# The least that has to be done: find all files, and either look at their times or read them.
_LOOK = """
import os, sys
began = clock()
for folder, _, names in os.walk(sys.argv[1]):
    for name in names:
        os.stat(os.path.join(folder, name))
print(clock() - began)
"""
_READ = """
import os, sys
began = clock()
for folder, _, names in os.walk(sys.argv[1]):
    for name in names:
        with open(os.path.join(folder, name), "rb") as file:
            file.read()
print(clock() - began)
"""

_INFO = """<?xml version="1.0" encoding="utf-8"?><MetaInfo><Attribute id="MusicalCategory" value="Pad"
type="string" flags=""/><Attribute id="MediaAuthor" value="Maker {number}" type="string" flags=""/></MetaInfo>"""


def contests() -> list[Contest]:
    presets, projects = (_PRESETS, _presets, 100_000), (_PROJECTS, _projects, 5_000)
    return [
        Contest("presets", "reading 100,000 preset files", "s", partial(_new, *presets, 30.0), rounds=1),
        Contest("presets-again", "the same, unchanged", "s", partial(_again, *presets, 2.0), rounds=3),
        Contest("projects", "reading 5,000 projects", "s", partial(_new, *projects, 60.0), rounds=1),
        Contest("projects-again", "the same, unchanged", "s", partial(_again, *projects, 1.0), rounds=3),
    ]


Make = Callable[[int, Path], None]
"""Makes so many files in a folder."""


def _new(code: str, make: Make, count: int, below: float, place: Place) -> Sides:
    files = place.made(make.__name__.strip("_"), partial(make, count))

    def ours(number: int) -> float:
        return place.inside(code, files, place.fresh("new"), str(count))

    peer = Peer("open and read", lambda number: place.inside(_READ, files), note="one process, all bytes")
    return Sides(ours, [peer], below=below)


def _again(code: str, make: Make, count: int, below: float, place: Place) -> Sides:
    name = make.__name__.strip("_")
    files = place.made(name, partial(make, count))
    data = place.made(f"{name}-read", lambda path: place.inside(code, files, path, str(count)))
    peer = Peer("a bare walk", lambda number: place.inside(_LOOK, files), note="one process, stat of each file")
    return Sides(lambda number: place.inside(code, files, data, str(count)), [peer], below=below)


def _presets(count: int, folder: Path) -> None:
    """Presets of a thousand plugins as hosts write them, a hundred to a folder, with what they are like."""
    for number in range(count):
        into = folder / f"Maker {number // 100 % 40}" / f"Plugin {number // 100}"
        if not number % 100:
            into.mkdir(parents=True)
        info = _INFO.format(number=number % 50).encode()
        state = number.to_bytes(4, "big") * 256
        table = b"List" + struct.pack("<i", 2) + struct.pack("<4sqq", b"Comp", 48, len(state))
        table += struct.pack("<4sqq", b"Info", 48 + len(state), len(info))
        head = (
            b"VST3"
            + struct.pack("<I", 1)
            + b"%032X" % (1 + number // 100)
            + struct.pack("<q", 48 + len(state) + len(info))
        )
        (into / f"Preset {number}.vstpreset").write_bytes(head + state + info + table)


def _projects(count: int, folder: Path) -> None:
    """Projects of REAPER and Ardour as real ones are, each with a name of its own in it."""
    real = Path(__file__).parents[1] / "data" / "projects"
    samples = [real / "reaper" / "vst3-track-and-take-fx.RPP", real / "ardour" / "session.ardour"]
    texts = [(path.suffix.lower(), path.read_bytes()) for path in samples]
    for number in range(count):
        ending, text = texts[number % len(texts)]
        into = folder / f"Album {number // 10}"
        into.mkdir(parents=True, exist_ok=True)
        (into / f"Song {number}{ending}").write_bytes(text.replace(b"Tracktion", b"Maker %d" % (number % 300)))
