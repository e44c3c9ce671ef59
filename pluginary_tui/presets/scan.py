"""Reading preset files into the catalogue; what has not changed is left alone."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path, PurePath
from typing import Any

from pluginary_tui.catalogue.database import FILE_NAME
from pluginary_tui.catalogue.presets import READING, Presets, ReadPreset
from pluginary_tui.catalogue.store import Store
from pluginary_tui.catalogue.usage import refresh_usage
from pluginary_tui.config import Settings
from pluginary_tui.errors import ScanError
from pluginary_tui.isolation.file_batches import Answer, File, FileBatches
from pluginary_tui.isolation.job_queue import work
from pluginary_tui.isolation.pool import Pool
from pluginary_tui.model import Outcome, clean
from pluginary_tui.presets.bundles import find_claps, find_lv2, taken
from pluginary_tui.presets.discover import ENDINGS, FoundPreset, beside, find_presets, standard_folders
from pluginary_tui.scan.probe_job import pool_options

MEMORY_LIMIT_MB = 1024
MOST_WORKERS = 8
FILES_PER_PROCESS = 1024
"""Headers are read in tens of microseconds, so a fork has to be worth many."""
_UID_LIMIT = 512


@dataclass(slots=True)
class PresetSummary:
    """What reading presets came to, in files."""

    found: int = 0
    read: int = 0
    unchanged: int = 0
    failed: int = 0
    removed: int = 0
    bundles: int = 0
    """LV2 bundles and CLAPs that were asked for the presets they tell of."""
    elapsed_s: float = 0.0
    stopped: bool = False

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


class PresetScan:
    """One run over all preset files. `run` blocks and belongs into a thread; `stop` may be called from any."""

    def __init__(self, settings: Settings, data_dir: Path, *, full: bool = False) -> None:
        """`full` reads unchanged files as well."""
        self.settings, self.path, self.full = settings, data_dir / FILE_NAME, full
        self.summary = PresetSummary()
        self._batches: FileBatches | None = None
        self._todo: dict[str, FoundPreset] = {}
        self._standard = standard_folders()
        self._done = 0
        self._stopped = False

    def stop(self) -> None:
        """End now; what has been read is kept."""
        self._stopped = True
        if self._batches is not None:
            self._batches.stop()

    def run(self, emit: Callable[[int, int], None] = lambda done, total: None) -> PresetSummary:
        """Read what is new or has changed; `emit` gets how many of how many are done, in this thread.

        Raises CatalogueError or ScanError where it cannot go on; what has been read is kept.
        """
        began = time.monotonic()
        summary = self.summary
        with Store.in_folder(self.path.parent, durable=True) as store:
            self._presets, self._emit = Presets(store), emit
            bundles = store.bundles()
            here = [bundle for bundle in bundles if not bundle.missing and bundle.outcome == Outcome.OK]
            folders = [*self.settings.presets.folders, *self._standard]
            files, searched = find_presets([*folders, *beside(each.path for each in bundles if not each.missing)])
            beside_lv2 = (os.path.dirname(bundle.path) for bundle in here if bundle.format == "lv2")
            lv2, lv2_searched = find_lv2([*self.settings.scan.folders, *self.settings.presets.folders, *beside_lv2])
            claps = find_claps((b.path for b in here if b.format == "clap"), self._presets.places())
            known = self._presets.known()
            found = {**files, **lv2, **claps}
            self._todo = {
                path: file
                for path, file in found.items()
                if self.full or known.get(path) != (file.size, file.modified, READING)
            }
            lost = [path for path in known if path not in found]
            wanted = set(map(os.path.abspath, [*folders, *beside(each.path for each in bundles)] if lost else ()))
            gone = [path for path in lost if self._is_gone(path, [*searched, *lv2_searched], wanted)]
            if gone:
                summary.removed = self._presets.forget(gone)
            summary.found, summary.unchanged = len(files), len(files) - len(files.keys() & self._todo)
            emit(0, len(self._todo))
            self._read("pluginary_tui.presets.read_job:run", files, self._take_files)
            self._read("pluginary_tui.presets.bundle_job:lv2", lv2, partial(self._take_bundles, "lv2"))
            vendors = {plugin.path: plugin.vendor for plugin in store.plugins()} if claps.keys() & self._todo else {}
            self._read("pluginary_tui.presets.bundle_job:clap", claps, partial(self._take_bundles, "clap"), vendors)
            if self._todo:
                self._presets.follow([path for path in lost if not os.path.lexists(path)])
            if self._todo or gone:
                refresh_usage(store)
        summary.stopped = self._stopped and self._done < len(self._todo)
        summary.elapsed_s = round(time.monotonic() - began, 3)
        return summary

    def _is_gone(self, path: str, searched: Sequence[str], wanted: Collection[str]) -> bool:
        """Whether what was not found is no longer there: a disk that is not plugged in loses nothing.

        A file is gone as well where it is in none of the folders that are `wanted`, whether or not these are there.
        """
        if path.lower().endswith(ENDINGS) and not any(str(parent) in wanted for parent in PurePath(path).parents):
            return True
        return _within(path, searched) or (path.endswith(".clap") and os.path.isdir(os.path.dirname(path)))

    def _read(
        self,
        entry: str,
        found: Mapping[str, FoundPreset],
        take: Callable[[list[Answer]], None],
        vendors: Mapping[str, str] | None = None,
    ) -> None:
        """Read those of `found` that are due; `vendors` of plugins, which are loaded, one to a confined process."""
        due = [File(file.path, file.size) for path, file in found.items() if path in self._todo]
        if not due or self._stopped:
            return
        scan, confined = self.settings.scan, vendors is not None
        self._batches = FileBatches(
            due,
            entry,
            take,
            what="presets",
            timeout_s=scan.timeout_s,
            memory_limit_mb=scan.memory_limit_mb if confined else MEMORY_LIMIT_MB,
            most_files=1 if confined else FILES_PER_PROCESS,
            opens=tuple,
            vendor=lambda path: (vendors or {}).get(path, ""),
        )
        if self._stopped:
            self._batches.stop()
        workers = scan.workers or min(MOST_WORKERS, os.cpu_count() or 1)
        preload = f"{entry.partition(':')[0]}:warm"
        if confined:
            pool = Pool(workers, **pool_options(self.settings, preload))
        else:
            pool = Pool(workers, memory_limit_mb=MEMORY_LIMIT_MB, file_limit_mb=1, preload=preload)
        work(pool, self._batches)
        if self._batches.launches.message:
            raise ScanError(self._batches.launches.message)

    def _take_files(self, answers: list[Answer]) -> None:
        kept = [_preset(self._todo[answer.path], answer, self._standard) for answer in answers]
        self._presets.put(kept)
        self.summary.read += len(answers)
        self._count(answers)

    def _take_bundles(self, format_: str, answers: list[Answer]) -> None:
        for answer in answers:
            self._presets.put_bundle(*taken(self._todo[answer.path], format_, answer))
        self.summary.bundles += len(answers)
        self._count(answers)

    def _count(self, answers: list[Answer]) -> None:
        self._done += len(answers)
        self.summary.failed += sum(answer.outcome.bad for answer in answers)
        self._emit(self._done, len(self._todo))


def _within(path: str, searched: Sequence[str]) -> bool:
    """Whether a file lies in one of these folders."""
    return any(path.startswith(root.rstrip(os.sep) + os.sep) for root in searched)


def _preset(file: FoundPreset, answer: Answer, standard: Sequence[str]) -> ReadPreset:
    """What a process sent about a file, with nothing in it trusted. `standard` are the standard's folders."""
    given = answer.message.get("facts")
    facts = given if isinstance(given, list) and len(given) == 7 else [""] * 7
    format_, uid, name, wanted, vendor, category, author = (text if isinstance(text, str) else "" for text in facts)
    folder, stem = os.path.split(os.path.splitext(file.path)[0])
    if format_ == "vst3" and not wanted and _within(file.path, standard):
        wanted = os.path.basename(folder)  # the standard's folders are named by maker and plugin
    return ReadPreset(
        file.path,
        "",
        "",
        file.size,
        file.modified,
        READING,
        answer.outcome,
        answer.sentence,
        clean(name) or clean(stem),
        clean(format_, 16),
        clean(uid, _UID_LIMIT),
        clean(wanted),
        clean(vendor),
        clean(category),
        clean(author),
    )
