"""The recordings that measuring keeps, a file for each plugin in a folder beside the catalogue."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from pluginary_tui.atomic_file import make_folder, write_whole
from pluginary_tui.catalogue.passports import Key, Passports, key_of
from pluginary_tui.catalogue.store import Store
from pluginary_tui.model import MISSING, Plugin
from pluginary_tui.safe_open import read_bytes
from pluginary_tui.sound.recording import MOST_BYTES, Recording, from_wav, to_wav

FOLDER = "sounds"
_ENDING = ".wav"


class Size(NamedTuple):
    """What is kept."""

    files: int
    size: int
    """Bytes."""


class KeptSounds:
    """The recordings beside one catalogue. A file that is not there, or cannot be read, is no error but no sound."""

    def __init__(self, data_dir: Path) -> None:
        self.folder = data_dir / FOLDER

    def path(self, key: Key) -> Path:
        """The file of a copy of a plugin, whether it is there or not."""
        name = hashlib.sha256("\0".join(key).encode("utf-8", "surrogatepass")).hexdigest()[:32]
        return self.folder / f"{name}{_ENDING}"

    def get(self, key: Key) -> Recording | None:
        """What was kept of a copy of a plugin."""
        try:
            return from_wav(read_bytes(self.path(key), 2 * MOST_BYTES))
        except OSError:
            return None

    def put(self, key: Key, recording: Recording) -> None:
        """Keep a recording in the place of the one before. Raises OSError."""
        make_folder(self.folder)
        write_whole(self.path(key), to_wav(recording))

    def drop(self, key: Key) -> None:
        """Forget what was kept of a copy of a plugin. Raises OSError, but not where nothing is."""
        self.path(key).unlink(missing_ok=True)

    def size(self) -> Size:
        """How many are kept, and how many bytes they take."""
        sizes = []
        for path in self._files():
            with contextlib.suppress(OSError):
                sizes.append(path.stat().st_size)
        return Size(len(sizes), sum(sizes))

    def prune(self, plugins: Iterable[Plugin]) -> Size:
        """Drop what is not of these plugins, or of one that is gone from the disk. Returns what was dropped.

        Raises OSError.
        """
        stay = {self.path(key_of(plugin)).name for plugin in plugins if plugin.status != MISSING}
        count = freed = 0
        for path in self._files():
            if path.name not in stay:
                size = path.lstat().st_size
                path.unlink(missing_ok=True)
                count, freed = count + 1, freed + size
        return Size(count, freed)

    def _files(self) -> list[Path]:
        try:
            with os.scandir(self.folder) as entries:
                return [Path(entry.path) for entry in entries if entry.name.endswith(_ENDING)]
        except OSError:
            return []


def kept_of_product(kept: KeptSounds, store: Store, plugin: Plugin) -> Recording | None:
    """What was kept of this copy of a plugin, or of the format of its product that was measured instead."""
    found = kept.get(key_of(plugin))
    if found is None and (other := Passports(store).measured_instead().get(plugin.id)) is not None:
        found = kept.get(other.key)
    return found


def prune_quietly(data_dir: Path, store: Store) -> None:
    """Drop what is kept of plugins that are gone; where that fails, the next time drops it."""
    with contextlib.suppress(OSError):
        kept = KeptSounds(data_dir)
        if kept.folder.is_dir():
            kept.prune(store.plugins())


def prune_after_scan(data_dir: Path, removed: int) -> None:
    """The same, where a scan has found `removed` bundles gone."""
    if removed:
        with Store.in_folder(data_dir) as store:
            prune_quietly(data_dir, store)
