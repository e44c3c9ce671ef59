"""What the queues of a scan may ask of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from pluginary_tui.config import Settings
from pluginary_tui.model import Report
from pluginary_tui.scan.events import CheckEnded, Event


class ScanServices(Protocol):
    """The scan, as its queues see it."""

    @property
    def settings(self) -> Settings: ...

    @property
    def workers(self) -> int:
        """Jobs that run at a time."""

    def emit(self, event: Event) -> None: ...

    def bundle_read(self, report: Report, change: str, *, quarantined: bool) -> None:
        """A bundle is done, and in the catalogue."""

    def plugin_checked(self, event: CheckEnded) -> None:
        """A load check is done, and in the catalogue."""

    def passed_over(self, paths: frozenset[str]) -> None:
        """These bundles are off the list."""

    def launched(self) -> None:
        """A process could be started."""

    def launch_failed(self, error: str) -> None:
        """A process could not be started; after some in a row the scan gives up."""

    def try_to(self, write: Callable[[], object]) -> None:
        """Write to the catalogue where it can be written; at the end another error may be on its way already."""
