"""Reading all projects of some folders into the catalogue; what has not changed is left alone."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pluginary_tui import logs
from pluginary_tui.catalogue.database import FILE_NAME
from pluginary_tui.catalogue.projects import READING, KnownFile, Projects, ReadProject
from pluginary_tui.catalogue.store import Store
from pluginary_tui.catalogue.usage import refresh_usage
from pluginary_tui.config import Settings
from pluginary_tui.errors import ScanError
from pluginary_tui.isolation.file_batches import Answer, File, FileBatches
from pluginary_tui.isolation.job_queue import work
from pluginary_tui.isolation.pool import Pool
from pluginary_tui.model import Outcome, clean
from pluginary_tui.projects.discover import FoundFile, find_projects
from pluginary_tui.projects.facts import TEXT_LIMIT, USE_LIMIT

_log = logs.logger(__name__)

MEMORY_LIMIT_MB = 1024
"""Of one process that reads projects."""
MOST_WORKERS = 8


@dataclass(slots=True)
class ProjectSummary:
    """What a scan of projects came to, in files."""

    found: int = 0
    read: int = 0
    unchanged: int = 0
    failed: int = 0
    """Read now and damaged, or no project at all."""
    removed: int = 0
    """In the catalogue before, and no longer on the disk."""
    plugins: int = 0
    """Places in the files read now where a plugin is used."""
    elapsed_s: float = 0.0
    notes: list[str] = field(default_factory=list)
    stopped: bool = False
    """Whether it ended before all was read; the next one goes on."""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(slots=True, frozen=True)
class ProjectProgress:
    """How far a scan of projects is."""

    done: int
    total: int


class ProjectScan:
    """One scan of projects. `run` blocks and belongs into a thread; `stop` may be called from any."""

    def __init__(self, settings: Settings, data_dir: Path, folders: Sequence[Path] = (), *, full: bool = False) -> None:
        """Looks in `folders`, or in those of the settings where there are none. `full` reads unchanged files as well.

        Raises ScanError where there is no folder to look in.
        """
        self.settings, self.path, self.full = settings, data_dir / FILE_NAME, full
        self._named = bool(folders)
        self.folders = list(folders) or [Path(folder) for folder in settings.projects.folders]
        self.summary = ProjectSummary()
        self._batches: FileBatches | None = None
        self._stopped = False
        if not self.folders:
            raise ScanError(
                "There is no folder to look for projects in; name one ('pluginary-tui projects scan ~/Music'), or name "
                "yours in the setting projects.folders."
            )

    def stop(self) -> None:
        """End now; what has been read is kept."""
        self._stopped = True
        if self._batches is not None:
            self._batches.stop()

    def run(self, emit: Callable[[ProjectProgress], None] = lambda progress: None) -> ProjectSummary:
        """Read what is new or has changed; `emit` gets the progress, in this thread.

        Raises CatalogueError or ScanError where it cannot go on; what has been read is kept.
        """
        began = time.monotonic()
        found = find_projects(self.folders)
        summary = self.summary
        summary.found, summary.notes = len(found.files), found.notes
        with Store.in_folder(self.path.parent, durable=True) as store:
            projects = Projects(store)
            known = projects.known()
            todo = {}
            for file in found.files:
                before = known.get(file.path)
                if self.full or before is None or before != (file.size, file.modified, READING):
                    todo[file.path] = file
            there = {file.path for file in found.files}
            # Folders that were not asked for may be on a server that does not answer.
            look = not self._named
            moved = {_likeness(file.path, file) for file in todo.values()}
            gone = [
                path
                for path, before in known.items()
                if path not in there and (_within(path, found.searched) or _is_gone(path, before, moved, look=look))
            ]
            if gone:
                summary.removed = projects.forget(gone)
            summary.unchanged = len(found.files) - len(todo)
            emit(ProjectProgress(0, len(todo)))
            if todo and not self._stopped:
                self._read(projects, todo, emit)
            if todo or gone:
                refresh_usage(store)
        summary.stopped = summary.stopped or (self._stopped and len(todo) > summary.read)
        summary.elapsed_s = round(time.monotonic() - began, 3)
        # Names of projects are private: the log, which a report quotes, has counts only.
        counts = {name: value for name, value in summary.as_dict().items() if name != "notes"}
        _log.info("projects read", extra=counts)
        return summary

    def _read(self, projects: Projects, todo: dict[str, FoundFile], emit: Callable[[ProjectProgress], None]) -> None:
        def take(answers: list[Answer]) -> None:
            kept = [_project(todo[answer.path], answer) for answer in answers]
            projects.put(kept)
            self.summary.read += len(kept)
            self.summary.failed += sum(each.outcome != Outcome.OK for each in kept)
            self.summary.plugins += sum(use[0] != "native" for each in kept for use in each.uses)
            emit(ProjectProgress(self.summary.read, len(todo)))

        self._batches = FileBatches(
            [File(file.path, file.size) for file in todo.values()],
            "pluginary_tui.projects.read_job:run",
            take,
            what="projects",
            timeout_s=self.settings.scan.timeout_s,
            memory_limit_mb=MEMORY_LIMIT_MB,
        )
        if self._stopped:
            self._batches.stop()
        workers = self.settings.scan.workers or min(MOST_WORKERS, os.cpu_count() or 1)
        pool = Pool(
            workers, memory_limit_mb=MEMORY_LIMIT_MB, file_limit_mb=1, preload="pluginary_tui.projects.read_job:warm"
        )
        work(pool, self._batches)
        if self._batches.launches.message:
            raise ScanError(self._batches.launches.message)
        self.summary.stopped = self._batches.stopped


def _within(path: str, searched: Sequence[str]) -> bool:
    return any(path == root or path.startswith(root.rstrip(os.sep) + os.sep) for root in searched)


def _likeness(path: str, file: FoundFile | KnownFile) -> tuple[str, int, int]:
    """What a file keeps when its folder is moved or renamed."""
    return os.path.basename(path), file.size, file.modified


def _is_gone(path: str, before: KnownFile, moved: Collection[tuple[str, int, int]], *, look: bool) -> bool:
    """Whether a file is in another folder now or, with `look`, no longer in its own. A disk that is not there keeps its
    files.
    """
    if _likeness(path, before) not in moved and not (look and os.path.isdir(os.path.dirname(path))):
        return False
    return not os.path.lexists(path)


def _project(file: FoundFile, answer: Answer) -> ReadProject:
    """What a process sent about a file, with nothing in it trusted."""
    message = answer.message
    rows = message.get("uses")
    uses = [use for row in (rows[:USE_LIMIT] if isinstance(rows, list) else []) if (use := _use(row))]
    program = clean(message.get("program", ""))
    return ReadProject(file.path, file.size, file.modified, program, answer.outcome, answer.sentence, uses)


def _use(row: object) -> tuple[str, str, str, str, str, bool | None, str] | None:
    if not isinstance(row, list) or len(row) != 7:
        return None
    format_, uid, name, vendor, track, active, file = row
    if not all(isinstance(text, str) for text in (format_, uid, name, vendor, track, file)):
        return None
    on = active if isinstance(active, bool) else None
    return clean(format_, 16), clean(uid, TEXT_LIMIT), clean(name), clean(vendor), clean(track), on, clean(file)
