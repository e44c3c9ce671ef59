"""Finding preset files: in the standard's folders, in bundles and beside them, and in folders of the settings."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from pluginary_tui.home import home_folder

ENDINGS = (".vstpreset", ".fxp", ".fxb", ".aupreset")
_MOST_DEPTH = 32

# Where the formats' owners have presets. VST3: "Preset Locations" of Steinberg's VST 3 developer portal; Audio Units:
# Apple's file system guide for audio.
STANDARD: Mapping[str, Sequence[str]] = {
    "Linux": ("~/.vst3/presets", "/usr/share/vst3/presets", "/usr/local/share/vst3/presets"),
    "Darwin": ("~/Library/Audio/Presets", "/Library/Audio/Presets", "/Network/Library/Audio/Presets"),
    "Windows": (
        "~/Documents/VST3 Presets",
        "%APPDATA%/VST3 Presets",
        "%PROGRAMDATA%/VST3 Presets",
        "%PROGRAMFILES%/Common Files/VST3 Presets",
    ),
}


class FoundPreset(NamedTuple):
    """A preset file on the disk, or a bundle that tells of presets."""

    path: str
    size: int
    """Bytes; of a bundle, of all that it is read from."""
    modified: int
    """Nanoseconds since the epoch; of a bundle, the latest of all that it is read from."""


def standard_folders(system: str = "") -> list[str]:
    """The folders in which this system's plugins and hosts keep presets, whether or not they are there."""
    found = []
    for folder in STANDARD.get(system or platform.system(), ()):
        expanded = os.path.expandvars(folder.replace("~", str(home_folder()), 1) if folder[:1] == "~" else folder)
        if "%" not in expanded:
            found.append(os.path.normpath(expanded))
    return found


def beside(bundles: Iterable[str]) -> list[str]:
    """The folders in bundles, and beside them, in which plugins have presets: `Contents/Resources`, `Presets`."""
    found: dict[str, None] = {}
    for bundle in bundles:
        if os.path.isdir(bundle):
            found[os.path.join(bundle, "Contents", "Resources")] = None
        folder, name = os.path.split(bundle)
        for beside_it in ("Presets", "presets", os.path.splitext(name)[0], f"{os.path.splitext(name)[0]} Presets"):
            found[os.path.join(folder, beside_it)] = None
    return list(found)


def find_presets(roots: Iterable[str]) -> tuple[dict[str, FoundPreset], list[str]]:
    """The preset files in these folders by path, and the folders that are there."""
    files: dict[str, FoundPreset] = {}
    searched = []
    seen: set[tuple[int, int]] = set()
    for root in roots:
        path = os.path.abspath(root)
        if os.path.isdir(path):
            searched.append(path)
            files.update((each.path, each) for each in _walk(path, seen))
    return files, searched


def _walk(root: str, seen: set[tuple[int, int]]) -> Iterator[FoundPreset]:
    waiting = [(root, 0)]
    while waiting:
        folder, depth = waiting.pop()
        try:
            status = os.stat(folder)
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
            entries = os.scandir(folder)
        except OSError:
            continue
        with entries:
            for entry in entries:
                try:
                    if entry.name.lower().endswith(ENDINGS):
                        if entry.is_file() and _is_unicode(entry.path):
                            status = entry.stat()
                            yield FoundPreset(entry.path, status.st_size, status.st_mtime_ns)
                    elif depth < _MOST_DEPTH and entry.is_dir():
                        waiting.append((entry.path, depth + 1))
                except OSError:  # gone in the meantime, or a dangling link
                    continue


def _is_unicode(path: str) -> bool:
    if path.isascii():
        return True
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True
