"""The events of a scan: a screen, a terminal and a test all follow the same ones."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

from pluginary_tui.model import Report

# Not frozen: that makes the classes twice as slow to make, and the app imports them before its first frame.


@dataclass(slots=True)
class Summary:
    """What a scan came to, in counts of bundles; `elapsed_s` in seconds. The shape of `scan --json`."""

    found: int = 0
    scanned: int = 0
    unchanged: int = 0
    ok: int = 0
    failed: int = 0
    crashed: int = 0
    timeout: int = 0
    memory: int = 0
    quarantined: int = 0
    """Bundles passed over because they are in quarantine, and those put there by this scan."""
    removed: int = 0
    """Bundles gone from the disk since the last scan, now marked missing."""
    new: int = 0
    """Bundles never seen before that were read well."""
    updated: int = 0
    """Bundles seen before, changed since, and read well."""
    resumed: int = 0
    """Bundles taken over from a scan that was interrupted."""
    skipped: int = 0
    """Bundles whose reading a person ended."""
    plugins: int = 0
    """Plugins that this scan read well."""
    plugins_failed: int = 0
    """Plugins that it could not read."""
    loads: int = 0
    """Plugins that pedalboard was tried with and loads."""
    loads_not: int = 0
    carried_over: int = 0
    """Plugins that have another id than before and keep what the user wrote."""
    elapsed_s: float = 0.0
    read_s: float = 0.0
    """Seconds until the last bundle had been read; checking goes on behind it."""
    notes: list[str] = field(default_factory=list)
    """What could not be looked at on the disk, and what the sandbox lacked, each a sentence."""

    def as_dict(self) -> dict[str, int | float | list[str]]:
        return asdict(self)


@dataclass(slots=True)
class ScanStarted:
    """Discovery is over: this much there is to do."""

    total: int
    """Bundles to probe."""
    unchanged: int
    resumed: int
    quarantined: int
    removed: int
    workers: int
    notes: tuple[str, ...] = ()
    """What could not be looked at on the disk, each a sentence for a person."""


@dataclass(slots=True)
class BundleStarted:
    """A probe of this bundle is running from now on."""

    path: str
    name: str
    vendor: str
    """As known from an earlier scan; empty otherwise."""
    timeout_s: float
    attempt: int
    """1, or 2 for the second try of a bundle that crashed."""


@dataclass(slots=True)
class BundleProgress:
    """Something arrived from the probe: its deadline starts anew."""

    path: str
    stage: str
    """`factory`, `load` or `parameters`."""
    name: str
    vendor: str
    done: int
    """Plugins delivered so far."""
    expected: int
    """Plugins that the bundle's factory names; 0 where they are not known."""


@dataclass(slots=True)
class BundlePrinted:
    """The plugin wrote this to its output (already cleaned)."""

    path: str
    text: str


@dataclass(slots=True)
class BundleEnded:
    """A bundle is done, and in the catalogue."""

    report: Report
    change: str
    """`new`, `updated`, `same` (probed again without a change) or `bad`."""
    quarantined: bool


@dataclass(slots=True)
class ReadingEnded:
    """The last bundle has been read. `checks` plugins are left to be tried with pedalboard."""

    checks: int


@dataclass(slots=True)
class CheckStarted:
    """pedalboard's loading of this plugin is being tried from now on."""

    path: str
    key: str
    """Names the process that tries it: several of a bundle may be tried at a time."""
    name: str
    vendor: str
    timeout_s: float


@dataclass(slots=True)
class CheckEnded:
    """pedalboard's loading of this plugin has been tried, and the answer is in the catalogue."""

    path: str
    key: str
    """As in `CheckStarted`; empty where no trying was needed."""
    name: str
    vendor: str
    loads: bool
    error: str
    done: int = 0
    """Plugins tried in this scan."""
    total: int = 0


@dataclass(slots=True)
class ChecksPassedOver:
    """Load checks that were dropped: their bundles were skipped or ignored by the user."""

    keys: frozenset[str]
    """Of the processes that tried some of them, as in `CheckStarted`."""
    count: int


@dataclass(slots=True)
class BundleRequeued:
    """A bundle will be tried once more later: it crashed for the first time, or its probe never began."""

    path: str
    reason: str


@dataclass(slots=True)
class TriedAgain:
    """These bundles are on the list once more: the user retried them while the scan runs."""

    paths: frozenset[str]


@dataclass(slots=True)
class PassedOver:
    """These bundles are off the list, also those whose probe ran: the user ignored them."""

    paths: frozenset[str]


@dataclass(slots=True)
class StateChanged:
    """`running`, `paused` or `stopping`; the number of workers may have changed as well."""

    state: str
    workers: int


@dataclass(slots=True)
class ScanEnded:
    """Nothing follows. `how`: `done`, `stopped` (resumable), or `broken` (resumable; `message` says why)."""

    summary: Summary
    how: str
    message: str = ""


Event = (
    ScanStarted
    | BundleStarted
    | BundleProgress
    | BundlePrinted
    | BundleEnded
    | BundleRequeued
    | ReadingEnded
    | CheckStarted
    | CheckEnded
    | ChecksPassedOver
    | TriedAgain
    | PassedOver
    | StateChanged
    | ScanEnded
)
