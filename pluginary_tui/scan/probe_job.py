"""One probe by hand: a bundle loaded in a fresh process, without the catalogue."""

from __future__ import annotations

import platform
from pathlib import Path

from pluginary_tui.config import Settings
from pluginary_tui.errors import NotFoundError, ScanError
from pluginary_tui.isolation import jobs
from pluginary_tui.isolation.pool import Pool
from pluginary_tui.model import Outcome, Report, clean
from pluginary_tui.scan.discover import FORMATS, discover
from pluginary_tui.scan.job import pool_options, probe_job
from pluginary_tui.scan.report import ReportBuilder


def probe_once(path: Path, settings: Settings) -> Report:
    """Probe the bundle at `path` and return its report.

    Raises NotFoundError where no bundle is there, ScanError where the probe itself could not be started.
    """
    bundles = discover([path], system=platform.system(), builtin=False).bundles
    if len(bundles) != 1 or path.suffix.lower() not in FORMATS:
        raise NotFoundError(f"{path} is not a plugin bundle; name one that ends in {' or '.join(FORMATS)}.")
    bundle = bundles[0]
    if bundle.error:
        return Report(bundle, Outcome.FAILED, error=bundle.error, stage="factory")
    collector = ReportBuilder(bundle)
    with Pool(1, **pool_options(settings)) as pool:
        pool.submit(probe_job(bundle, settings))
        while True:
            for event in pool.events(0.5):
                match event:
                    case jobs.MessageReceived(_, message):
                        collector.take(message)
                    case jobs.JobEnded(outcome=outcome):
                        if outcome is None:
                            raise ScanError(f"The probe {clean(event.error, 400).rstrip('.')}.")
                        return collector.finish(event, outcome)
