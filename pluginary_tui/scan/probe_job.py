"""The pools that read and check plugins, and the reading of a single bundle."""

from __future__ import annotations

import platform
from collections import deque
from pathlib import Path
from typing import TypedDict

from pluginary_tui.catalogue.journal import Entry
from pluginary_tui.config import Settings, data_dir
from pluginary_tui.errors import NotFoundError, ScanError
from pluginary_tui.formats import ENDINGS
from pluginary_tui.isolation import jobs
from pluginary_tui.isolation.pool import Pool
from pluginary_tui.model import Report, clean
from pluginary_tui.scan.bundle_reading import BundleReading, ReadTask, unreadable
from pluginary_tui.scan.discover import discover

# Named, never imported here: these modules are for a process of its own.
READING = "pluginary_tui.scan.probe:warm"
CHECKING = "pluginary_tui.scan.load_check:warm"
MEASURING = "pluginary_tui.sound.probe.entry:warm"


class PoolOptions(TypedDict):
    """How the pool treats probes."""

    memory_limit_mb: int
    file_limit_mb: int
    preload: str
    sandbox: str
    private: tuple[str, ...]


def pool_options(settings: Settings, preload: str = READING) -> PoolOptions:
    """Limits and confinement from the settings, and what the workers import before they fork."""
    scan = settings.scan
    return {
        "memory_limit_mb": scan.memory_limit_mb,
        "file_limit_mb": scan.file_limit_mb,
        "preload": preload,
        "sandbox": scan.sandbox,
        "private": (str(data_dir()),),
    }


def probe_once(path: Path, settings: Settings) -> Report:
    """Read the bundle at `path` and return its report. The catalogue stays as it is.

    Raises NotFoundError where no bundle is there, ScanError where the probe itself could not be started.
    """
    bundles = discover([path], system=platform.system(), builtin=False).bundles
    if len(bundles) != 1 or path.suffix.lower() not in ENDINGS:
        raise NotFoundError(f"{path} is not a plugin bundle; name one that ends in {' or '.join(ENDINGS)}.")
    entry = Entry(bundles[0])
    if entry.bundle.error:
        return unreadable(entry, entry.bundle.error)
    reading = BundleReading(entry, settings.scan.timeout_s, retry_crashed=False)
    with Pool(1, **pool_options(settings)) as pool:
        left = deque(reading.begin())
        while reading.report is None:
            task = left.popleft()
            pool.submit(reading.job(task))
            left.extend(_follow(pool, reading, task))
    return reading.report


def _follow(pool: Pool, reading: BundleReading, task: ReadTask) -> list[ReadTask]:
    """See one job to its end; what is to be done next."""
    while True:
        for event in pool.events(0.5):
            match event:
                case jobs.MessageReceived(_, message):
                    if not reading.take(task, message):
                        pool.skip(task.key)
                case jobs.AttemptRefused():
                    reading.refused(task, event)
                case jobs.JobEnded(outcome=None) if not task.faulty:
                    raise ScanError(f"The probe {clean(event.error, 400).rstrip('.')}.")
                case jobs.JobEnded():
                    return reading.ended(task, event, 1)
