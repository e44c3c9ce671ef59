"""Reading preset files into the catalogue; what has not changed is left alone."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
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
from pluginary_tui.presets.discover import FoundPreset, beside, find_presets, standard_folders

MEMORY_LIMIT_MB = 1024
MOST_WORKERS = 8
FILES_PER_PROCESS = 1024
"""Headers are read in tens of microseconds, so a fork has to be worth many."""
_UID_LIMIT = 512


@dataclass(slots=True)
class PresetSummary:
    """What reading preset files came to, in files."""

    found: int = 0
    read: int = 0
    unchanged: int = 0
    failed: int = 0
    removed: int = 0
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
            presets = Presets(store)
            bundles = [bundle.path for bundle in store.bundles() if not bundle.missing]
            roots = [*self.settings.presets.folders, *standard_folders(), *beside(bundles)]
            files, searched = find_presets(roots)
            known = presets.known()
            todo = {
                path: file
                for path, file in files.items()
                if self.full or known.get(path) != (file.size, file.modified, READING)
            }
            gone = [path for path in known if path not in files and _within(path, searched)]
            if gone:
                summary.removed = presets.forget(gone)
            summary.found, summary.unchanged = len(files), len(files) - len(todo)
            emit(0, len(todo))
            if todo and not self._stopped:
                self._read(presets, todo, emit)
            if todo or gone:
                refresh_usage(store)
        summary.stopped = summary.stopped or (self._stopped and summary.read < len(todo))
        summary.elapsed_s = round(time.monotonic() - began, 3)
        return summary

    def _read(self, presets: Presets, todo: dict[str, FoundPreset], emit: Callable[[int, int], None]) -> None:
        def take(answers: list[Answer]) -> None:
            kept = [_preset(todo[answer.path], answer) for answer in answers]
            presets.put(kept)
            self.summary.read += len(kept)
            self.summary.failed += sum(each.outcome != Outcome.OK for each in kept)
            emit(self.summary.read, len(todo))

        self._batches = FileBatches(
            [File(file.path, file.size) for file in todo.values()],
            "pluginary_tui.presets.read_job:run",
            take,
            what="presets",
            timeout_s=self.settings.scan.timeout_s,
            memory_limit_mb=MEMORY_LIMIT_MB,
            most_files=FILES_PER_PROCESS,
        )
        if self._stopped:
            self._batches.stop()
        workers = self.settings.scan.workers or min(MOST_WORKERS, os.cpu_count() or 1)
        preload = "pluginary_tui.presets.read_job:warm"
        work(Pool(workers, memory_limit_mb=MEMORY_LIMIT_MB, file_limit_mb=1, preload=preload), self._batches)
        if self._batches.launches.message:
            raise ScanError(self._batches.launches.message)
        self.summary.stopped = self._batches.stopped


def _within(path: str, searched: Sequence[str]) -> bool:
    """Whether a file lies in one of these folders."""
    return any(path.startswith(root.rstrip(os.sep) + os.sep) for root in searched)


def _preset(file: FoundPreset, answer: Answer) -> ReadPreset:
    """What a process sent about a file, with nothing in it trusted."""
    given = answer.message.get("facts")
    facts = given if isinstance(given, list) and len(given) == 7 else [""] * 7
    format_, uid, name, wanted, vendor, category, author = (text if isinstance(text, str) else "" for text in facts)
    error = ""
    if answer.outcome.bad:
        error = answer.error.rstrip(".")
        error = f"{error[:1].upper()}{error[1:]}." if error.startswith("it ") else f"Reading it {error}."
    folder, stem = os.path.split(os.path.splitext(file.path)[0])
    if format_ == "vst3" and not wanted and _within(file.path, standard_folders()):
        wanted = os.path.basename(folder)  # the standard's folders are named by maker and plugin
    return ReadPreset(
        file.path, file.size, file.modified, READING, answer.outcome, error, clean(name) or clean(stem),
        clean(format_, 16), clean(uid, _UID_LIMIT), clean(wanted), clean(vendor), clean(category), clean(author),
    )  # fmt: skip
