"""What is to be rendered: which plugins with which values, and which file becomes which."""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pluginary_tui.api.expression import parse
from pluginary_tui.errors import PluginaryError
from pluginary_tui.model import NOT_SCANNED, Parameter, Plugin, clean, may_load
from pluginary_tui.safe_open import open_regular
from pluginary_tui.scan.snippet import not_for_pedalboard

WRITTEN = {".wav": "wav", ".aif": "aiff", ".aiff": "aiff", ".flac": "flac", ".ogg": "ogg", ".mp3": "mp3"}
"""Endings of files that are written, and pedalboard's names of their formats."""

WHOLE = frozenset(("GSMFullRateCompressor", "PitchShift"))
"""Effects of pedalboard's own that put silence before the sound of each call: they get a file in a single one."""

IGNORES_CASE = sys.platform in ("win32", "darwin")
"""Whether two names that differ in case alone are one file."""

NAMED = 6
"""Presets that an error names."""


class RenderError(PluginaryError):
    """Something cannot be rendered; the text says why."""


@dataclass(slots=True, frozen=True)
class Step:
    """A plugin in a row, and how it is set up."""

    plugin: Plugin
    values: Mapping[str, str] = field(default_factory=dict)
    program: Mapping[str, str] = field(default_factory=dict)
    """The parameter that chooses a program, and the program's name; set before `values`."""
    preset: Path | None = None
    """A .vstpreset file; loaded before `values` are set."""


@dataclass(slots=True, frozen=True)
class Pair:
    """A file that is read, and the one that is made of it. Both absolute."""

    source: Path
    target: Path


def steps(expression: str, find: Callable[[str], Sequence[Plugin]]) -> list[Step]:
    """The plugins of an expression (`api.expression`); `find` gives all copies of the plugin of a name.

    Raises RenderError, ExpressionError, or what `find` raises.
    """
    return [Step(_usable(find(name)), values) for name, values in parse(expression)]


def _usable(copies: Sequence[Plugin]) -> Plugin:
    """The copy that is loaded. Raises RenderError where no copy can process a file."""
    plugin = next((copy for copy in copies if may_load(copy)), copies[0])
    name = clean(plugin.name)
    if reason := not_for_pedalboard(plugin):
        raise RenderError(f"{name}: {reason}")
    if plugin.imported:
        raise RenderError(f"{name} {NOT_SCANNED}.")
    if plugin.kind == "instrument":
        raise RenderError(f"{name} is an instrument: it plays notes and takes no sound file.")
    if plugin.format != "builtin" and not os.path.exists(plugin.path):  # answers where pathlib raises
        raise RenderError(f"{name} is not at {clean(plugin.path)} any more; scan again.")
    return plugin


def with_preset(
    step: Step, preset: str, programs: Sequence[str], files: Mapping[str, str], parameters: Sequence[Parameter]
) -> Step:
    """The step with a preset: a .vstpreset file, or the name of a program or of a preset file of the plugin.

    `files` are the paths of its preset files by name. Raises RenderError.
    """
    name = clean(step.plugin.name)
    chooser = next((each.name for each in parameters if each.kind == "program"), "")
    if preset in programs and chooser:
        return replace(step, program={chooser: preset})
    path = files.get(preset, preset)
    if not os.path.lexists(path):
        known = [*(programs if chooser else ()), *files]
        more = f" and {len(known) - NAMED} more" if len(known) > NAMED else ""
        offer = f"it has {', '.join(map(clean, known[:NAMED]))}{more}." if known else "it has none that can be chosen."
        raise RenderError(f"{name} has no preset {clean(preset)}; {offer}")
    if step.plugin.format != "vst3" or not path.lower().endswith(".vstpreset"):
        raise RenderError(f"{clean(path)} cannot be loaded into {name}: pedalboard loads .vstpreset files into VST3s.")
    _readable(Path(path))
    return replace(step, preset=Path(path).absolute())


def pairs(sources: Sequence[str], out: str) -> list[Pair]:
    """The files that are read and made. A source may be a pattern (`*`, `?`, `[...]`, `**`) where no file has its name.

    `out` is a file; for several sources a folder, or a path whose name has a `*` that stands for the name of the source
    without its ending. Raises RenderError, also where a file would replace a source or another result.
    """
    found = [path for source in sources for path in _matching(source)]
    paths = list(dict.fromkeys(Path(path).absolute() for path in found))
    several = len(paths) > 1 or any(map(_is_pattern, sources))
    made = [Pair(path, _target(path, out, several=several)) for path in paths]
    for pair in made:
        _readable(pair.source)
    originals = {_place(path): path for path in paths}
    results: dict[object, Path] = {}
    for pair in made:
        place = _place(pair.target)
        if place in originals:
            raise RenderError(f"{clean(str(pair.target))} would replace a file that is rendered; write to another one.")
        if place in results:
            both = f"{clean(str(results[place]))} and {clean(str(pair.source))}"
            raise RenderError(f"{both} would both become {clean(str(pair.target))}.")
        results[place] = pair.source
        _writable(pair.target)
    return made


def folder_to_make(pairs_: Sequence[Pair]) -> Path | None:
    """The folder of the results where it is not there yet; the one above it is."""
    folder = pairs_[0].target.parent
    return None if folder.exists() else folder


def _is_pattern(source: str) -> bool:
    return glob.has_magic(source) and not os.path.lexists(source)


def _matching(source: str) -> list[str]:
    if not _is_pattern(source):
        return [source]
    found = sorted(path for path in glob.glob(source, recursive=True) if not os.path.isdir(path))
    if not found:
        raise RenderError(f"No file matches {clean(source)}.")
    return found


def _target(source: Path, out: str, *, several: bool) -> Path:
    folder, name = os.path.split(out)
    if "*" in name:
        return Path(folder, name.replace("*", source.stem)).absolute()
    into = not name or os.path.isdir(out) or (several and not os.path.splitext(name)[1])
    if into:
        return Path(out, source.name).absolute()
    if several:
        raise RenderError(f"{clean(out)} is one file; for several, name a folder or write *{clean(Path(name).suffix)}.")
    return Path(out).absolute()


def _place(path: Path) -> object:
    """What is the same for two paths of one file: also through links."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        real = os.path.realpath(path)
        return real.casefold() if IGNORES_CASE else real
    return found.st_dev, found.st_ino


def _readable(path: Path) -> None:
    try:
        open_regular(path).close()
    except FileNotFoundError:
        raise RenderError(f"There is no file {clean(str(path))}.") from None
    except (OSError, ValueError) as error:
        raise RenderError(f"{clean(str(path))} cannot be read: {_reason(error)}.") from None


def _writable(path: Path) -> None:
    shown = clean(str(path))
    if path.suffix.lower() not in WRITTEN:
        what = f"{clean(path.suffix)} files are" if path.suffix else "a file without an ending is"
        raise RenderError(f"{shown} cannot be written: {what} unknown; use {', '.join(WRITTEN)}.")
    if path.is_dir():
        raise RenderError(f"{shown} is a folder.")
    if not path.parent.is_dir() and (path.parent.exists() or not path.parent.parent.is_dir()):
        raise RenderError(f"There is no folder {clean(str(path.parent))}.")


def _reason(error: Exception) -> str:
    return clean(getattr(error, "strerror", None) or str(error))
