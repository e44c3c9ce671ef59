"""Events and summary of a measuring session."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from pluginary_tui.model import Outcome, Plugin
from pluginary_tui.sound.passport import Passport


@dataclass(slots=True)
class Summary:
    """What a measuring came to: counts of plugins."""

    matched: int = 0
    current: int = 0
    """Have a passport already, and it still holds."""
    quarantined: int = 0
    """Left out: measuring them went wrong before."""
    measured: int = 0
    ok: int = 0
    failed: int = 0
    crashed: int = 0
    timeout: int = 0
    memory: int = 0
    resumed: bool = False
    elapsed_s: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(slots=True, frozen=True)
class MeasureStarted:
    """The list is made."""

    total: int
    """Parts to do: the sound of each plugin, and its cost."""
    resumed: bool
    workers: int
    current: int
    """Plugins left alone because their passports still hold."""
    quarantined: int
    """Plugins left alone because measuring them went wrong before."""


@dataclass(slots=True, frozen=True)
class PartStarted:
    """A process has begun on a plugin."""

    plugin: Plugin
    part: str
    """`sound` or `cost`."""
    timeout_s: float


@dataclass(slots=True, frozen=True)
class PartProgress:
    """It is now doing this."""

    plugin: Plugin
    stage: str


@dataclass(slots=True, frozen=True)
class PartEnded:
    """A part is done, for good or ill."""

    plugin: Plugin
    part: str
    outcome: Outcome
    error: str
    passport: Passport | None
    """What is known of the plugin now; None where it could not be measured."""
    elapsed_s: float = 0.0
    log: str = ""


@dataclass(slots=True, frozen=True)
class MeasurePaused:
    """No more parts are begun, or they are again."""

    paused: bool


@dataclass(slots=True, frozen=True)
class MeasureEnded:
    """`how` is `done`, `stopped` (it can be resumed) or `broken` (and then why)."""

    summary: Summary
    how: str
    message: str = ""


Event = MeasureStarted | PartStarted | PartProgress | PartEnded | MeasurePaused | MeasureEnded
