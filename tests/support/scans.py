"""What tests of scans share: settings that are patient, and what the events tell."""

from __future__ import annotations

from collections.abc import Iterable

from pluginary_tui.config import Settings, load
from pluginary_tui.scan.events import BundleStarted, Event


def settings(**scan: object) -> Settings:
    """Those of a scan without built-ins and load checks, two at a time, with time enough for everything."""
    flags = {"timeout_s": 20.0, "workers": 2, "builtin": False, "load_check": False} | scan
    return load({f"scan.{name}": value for name, value in flags.items()})


def begun(events: Iterable[Event]) -> list[str]:
    """Names of the bundles whose probes have begun, in that order."""
    return [event.name for event in events if isinstance(event, BundleStarted)]
