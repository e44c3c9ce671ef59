"""The kinds of project files, and reading one."""

from __future__ import annotations

import importlib
from typing import BinaryIO, NamedTuple

from pluginary_tui.bounded_reading import UnreadableFileError
from pluginary_tui.projects.facts import ProjectFacts


class Kind(NamedTuple):
    """One kind of project file."""

    program: str
    """The name of its program."""
    reader: str
    """Module of `readers`."""
    endings: tuple[str, ...]
    """Of projects, lower-cased: folders are searched for these."""
    others: tuple[str, ...] = ()
    """Of templates, presets and chains, which are read where a person names one."""
    backups: tuple[str, ...] = ()
    """Names of folders, lower-cased, in which the program itself keeps older versions: not searched."""


KINDS = (
    Kind("REAPER", "reaper", (".rpp", ".rfxchain"), (".rpp-bak", ".rtracktemplate"), ("backups",)),
    Kind("Ableton Live", "ableton", (".als",), (".adg", ".adv"), ("backup",)),
    Kind("DAWproject", "dawproject", (".dawproject",)),
    Kind("Studio One", "studio_one", (".song",), (), ("history",)),
    Kind("Ardour", "ardour", (".ardour",), (".template",)),
    Kind("FL Studio", "fl_studio", (".flp",), (".fst",), ("backup",)),
    Kind("Bitwig Studio", "bitwig", (".bwproject",), (".bwpreset",), ("auto-backups",)),
    Kind("LMMS", "lmms", (".mmp", ".mmpz")),
    Kind("Qtractor", "qtractor", (".qtr",)),
    Kind("Carla", "carla", (".carxp",)),
)
BY_ENDING = {ending: kind for kind in KINDS for ending in kind.endings}
READABLE = {ending: kind for kind in KINDS for ending in (*kind.endings, *kind.others)}


def ending_of(name: str) -> str:
    """The ending of a file's name, lower-cased and with its dot; empty where it has none."""
    return "." + name.rpartition(".")[2].lower() if "." in name else ""


def read_project(stream: BinaryIO, name: str, facts: ProjectFacts) -> None:
    """Read the project file `name` from a stream that can seek; `facts` hold what was found, also after an error.

    Raises UnreadableFileError where it is not such a file, or damaged.
    """
    kind = READABLE.get(ending_of(name))
    if kind is None:
        raise UnreadableFileError("its ending is not one of a project")
    reader = importlib.import_module(f"pluginary_tui.projects.readers.{kind.reader}")
    reader.read(stream, facts)
    if not facts.program:
        facts.program = kind.program
