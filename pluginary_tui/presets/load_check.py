"""Whether pedalboard's plugins take the preset files that are for them."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Sequence
from functools import partial
from itertools import groupby
from operator import itemgetter

from pluginary_tui.catalogue.presets import Presets
from pluginary_tui.catalogue.store import Store
from pluginary_tui.config import Settings
from pluginary_tui.errors import ScanError
from pluginary_tui.isolation.file_batches import Answer, File, FileBatches
from pluginary_tui.isolation.job_queue import work
from pluginary_tui.isolation.pool import Pool
from pluginary_tui.model import clean, may_load
from pluginary_tui.scan.probe_job import pool_options

MOST_WORKERS = 8
_FILES_PER_PROCESS = 256
"""A plugin is loaded once for these; a preset that crashes it costs itself and one more load."""


class PresetCheck:
    """Tries each preset file of a plugin that loads, once. `run` blocks; `stop` may be called from any thread."""

    def __init__(self, settings: Settings, ids: Collection[str] | None = None) -> None:
        """`ids` of plugins: only files for these."""
        self.settings, self.ids = settings, ids
        self.taken = self.refused = 0
        self._batches: FileBatches | None = None
        self._stopped = False

    def stop(self) -> None:
        """End now; what was tried is kept."""
        self._stopped = True
        if self._batches is not None:
            self._batches.stop()

    def run(self, store: Store, emit: Callable[[int, int], None] = lambda done, total: None) -> tuple[int, int]:
        """Returns how many can be loaded, and how many cannot; `emit` gets how many of how many are tried.

        Raises CatalogueError or ScanError where it cannot go on; what was tried is kept.
        """
        presets, scan = Presets(store), self.settings.scan
        due = presets.untried(self.ids)

        def take(answers: list[Answer]) -> None:
            presets.tried((each.path, not each.outcome.bad, clean(each.error, 400)) for each in answers)
            self.refused += sum(each.outcome.bad for each in answers)
            self.taken += sum(not each.outcome.bad for each in answers)
            emit(self.taken + self.refused, len(due))

        emit(0, len(due))
        for id_, rows in groupby(due, itemgetter(1)):
            plugin = next((copy for copy in store.copies(id_) if copy.loads and may_load(copy)), None)
            if plugin is None or self._stopped:
                continue
            self._batches = FileBatches(
                [File(path, 0) for path, _ in rows],
                "pluginary_tui.presets.load_job:run",
                take,
                what="presets",
                timeout_s=scan.timeout_s,
                memory_limit_mb=scan.memory_limit_mb,
                most_files=_FILES_PER_PROCESS,
                payload={"plugin": plugin.path, "format": plugin.format, "name_in_file": plugin.name_in_file},
                opens=partial(_opens, plugin.path),
                vendor=partial(_vendor, plugin.vendor),
            )
            if self._stopped:
                self._batches.stop()
            workers = scan.workers or min(MOST_WORKERS, os.cpu_count() or 1)
            work(Pool(workers, **pool_options(self.settings, "pluginary_tui.sound.probe.entry:warm")), self._batches)
            if self._batches.launches.message:
                raise ScanError(self._batches.launches.message)
        return self.taken, self.refused


def _opens(plugin: str, paths: Sequence[str]) -> tuple[str, ...]:
    """What a process may open that loads the files at these paths into a plugin."""
    return plugin, *paths


def _vendor(vendor: str, path: str) -> str:
    return vendor
