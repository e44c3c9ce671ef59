"""Bundles that tell of presets in files: LV2 bundles with presets for plugins of others, and CLAPs.

What was read of one holds until what it was read from changes: its files, and the folders that a CLAP names.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pluginary_tui.catalogue.presets import READING, ReadBundle, ReadPreset
from pluginary_tui.home import home_folder
from pluginary_tui.isolation.file_batches import Answer
from pluginary_tui.model import clean
from pluginary_tui.presets.discover import FoundPreset
from pluginary_tui.scan.discover import standard_folders
from pluginary_tui.scan.file_access import FileAccess
from pluginary_tui.scan.lv2_bundles import holds_presets

PRESET_LIMIT = 16_384
"""Presets of one bundle that are kept."""
PLACE_LIMIT = 256
ENTRY_LIMIT = 16_384
"""Files and folders of one bundle, and of the places that it names, that are looked at to see whether one has changed:
a place may be as large as a disk."""
_PATH_LIMIT = 4096
_UID_LIMIT = 512


def find_lv2(folders: Iterable[str]) -> tuple[dict[str, FoundPreset], list[str]]:
    """The LV2 bundles with presets in these folders and in the standard's, and the folders that are there."""
    files = FileAccess()
    standard = map(os.fspath, standard_folders(platform.system(), os.environ, home_folder(), "lv2"))
    found: dict[str, FoundPreset] = {}
    searched = []
    seen: set[str] = set()
    for folder in dict.fromkeys(map(os.path.abspath, [*folders, *standard])):
        if not os.path.isdir(folder) or (real := os.path.realpath(folder)) in seen:
            continue
        seen.add(real)
        searched.append(folder)
        for entry in files.entries(folder, quiet=True):
            if files.is_folder(entry) and entry.path.isprintable() and holds_presets(entry.path, files):
                found[entry.path] = measured(entry.path, (entry.path,))
    return found, searched


def find_claps(bundles: Iterable[str], places: Mapping[str, Sequence[str]]) -> dict[str, FoundPreset]:
    """These CLAPs, with what is known of the places where each says that presets are."""
    return {path: measured(path, (path, *places.get(path, ()))) for path in bundles if os.path.lexists(path)}


def measured(path: str, parts: Iterable[str]) -> FoundPreset:
    """The bundle, with the bytes of all that is below these files and folders and the latest time of a change."""
    size = modified = 0
    left = ENTRY_LIMIT
    waiting = list(parts)
    while waiting and left > 0:
        part = waiting.pop()
        left -= 1
        try:
            status = os.stat(part)
            modified = max(modified, status.st_mtime_ns)
            if not os.path.isdir(part):
                size += status.st_size
                continue
            with os.scandir(part) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False) or not entry.is_dir():  # no circles
                        waiting.append(entry.path)
                        if len(waiting) > ENTRY_LIMIT:
                            break
        except (OSError, ValueError):  # gone meanwhile, or a name that no file can have
            continue
    return FoundPreset(path, size, modified)


def taken(bundle: FoundPreset, format_: str, answer: Answer) -> tuple[ReadBundle, list[ReadPreset]]:
    """What a process sent about a bundle, with nothing in it trusted."""
    places = [text for text in _texts(answer.message.get("places"))[:PLACE_LIMIT] if _is_path(text)]
    presets = []
    rows = answer.message.get("presets")
    for row in rows[:PRESET_LIMIT] if isinstance(rows, list) else []:
        texts = _texts(row)
        if len(texts) == 6 and _is_path(texts[2]):
            uid, name, path, item, category, author = texts
            stem = os.path.splitext(os.path.basename(path))[0]
            presets.append(
                ReadPreset(
                    path,
                    clean(item, _PATH_LIMIT),
                    bundle.path,
                    0,
                    0,
                    READING,
                    answer.outcome,
                    "",
                    clean(name) or clean(stem),
                    format_,
                    clean(uid, _UID_LIMIT),
                    "",
                    "",
                    clean(category),
                    clean(author),
                )
            )
    if format_ == "clap":  # the folders that it names count as well, from the first time on
        bundle = measured(bundle.path, (bundle.path, *places))
    kept = ReadBundle(*bundle, READING, answer.outcome, answer.sentence, "\n".join(places))
    return kept, presets


def _texts(value: Any) -> list[str]:
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []


def _is_path(text: str) -> bool:
    """Whether a text is a path that can be kept and shown as it is."""
    return os.path.isabs(text) and text.isprintable() and len(text) <= _PATH_LIMIT
