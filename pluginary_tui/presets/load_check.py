"""Whether pedalboard's plugins take the preset files that are for them."""

from __future__ import annotations

import os
from collections.abc import Sequence
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


def check_presets(store: Store, settings: Settings) -> tuple[int, int]:
    """Try each preset file of a plugin that loads, once. Returns how many can be loaded, and how many cannot.

    Raises CatalogueError or ScanError where it cannot go on; what was tried is kept.
    """
    presets = Presets(store)
    counts = {True: 0, False: 0}

    def take(answers: list[Answer]) -> None:
        presets.tried((each.path, not each.outcome.bad, clean(each.error, 400)) for each in answers)
        for answer in answers:
            counts[not answer.outcome.bad] += 1

    for id_, rows in groupby(presets.untried(), itemgetter(1)):
        plugin = next((copy for copy in store.copies(id_) if copy.loads and may_load(copy)), None)
        if plugin is None:
            continue
        batches = FileBatches(
            [File(path, 0) for path, _ in rows],
            "pluginary_tui.presets.load_job:run",
            take,
            what="presets",
            timeout_s=settings.scan.timeout_s,
            memory_limit_mb=settings.scan.memory_limit_mb,
            most_files=_FILES_PER_PROCESS,
            payload={"plugin": plugin.path, "format": plugin.format, "name_in_file": plugin.name_in_file},
            opens=partial(_opens, plugin.path),
            vendor=partial(_vendor, plugin.vendor),
        )
        workers = settings.scan.workers or min(MOST_WORKERS, os.cpu_count() or 1)
        work(Pool(workers, **pool_options(settings, "pluginary_tui.sound.probe.entry:warm")), batches)
        if batches.launches.message:
            raise ScanError(batches.launches.message)
    return counts[True], counts[False]


def _opens(plugin: str, paths: Sequence[str]) -> tuple[str, ...]:
    """What a process may open that loads the files at these paths into a plugin."""
    return plugin, *paths


def _vendor(vendor: str, path: str) -> str:
    return vendor
