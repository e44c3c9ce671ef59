"""How the probe of a bundle is put to the pool."""

from __future__ import annotations

from typing import TypedDict

from pluginary_tui.config import Settings
from pluginary_tui.isolation import jobs
from pluginary_tui.model import Bundle


class PoolOptions(TypedDict):
    """How the pool treats probes."""

    memory_limit_mb: int
    file_limit_mb: int
    preload: str


def pool_options(settings: Settings) -> PoolOptions:
    """Limits from the settings, and what the workers import before they fork."""
    scan = settings.scan
    return {
        "memory_limit_mb": scan.memory_limit_mb,
        "file_limit_mb": scan.file_limit_mb,
        # By name, never imported here: that module is for a process of its own.
        "preload": "pluginary_tui.scan.probe:warm",
    }


def probe_job(bundle: Bundle, settings: Settings, *, walk: bool = True) -> jobs.Job:
    """The job that probes `bundle`. Without `walk` its factory is left alone: a plugin that minds being looked at
    by us first may load well without.
    """
    payload = {"path": bundle.path, "format": bundle.format, "walk": walk}
    return jobs.Job(bundle.path, "pluginary_tui.scan.probe:run", payload, settings.scan.timeout_s)
