"""Events and summary of a measuring session."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from pluginary_tui.model import Outcome, Plugin
from pluginary_tui.sound.passport import Passport


@dataclass(slots=True)
class Summary:
    """Result of a measuring session: counts of plugins."""

    matched: int = 0
    current: int = 0
    """Left out: their passports are current."""
    quarantined: int = 0
    """Left out: their last measurement failed."""
    not_loaded: int = 0
    """Left out: pedalboard does not load them."""
    not_scanned: int = 0
    """Left out: they are known from an import only."""
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
    """The plan is made."""

    total: int
    """Number of parts to measure: the sound and the cost of each plugin."""
    resumed: bool
    workers: int
    current: int
    """Plugins left out because their passports are current."""
    quarantined: int
    """Plugins left out because their last measurement failed."""
    sounds: int = 0
    """How many of the parts are sounds; these come first."""


@dataclass(slots=True, frozen=True)
class PartStarted:
    """The measurement of a part of a plugin has begun."""

    plugin: Plugin
    part: str
    """`sound` or `cost`."""
    timeout_s: float


@dataclass(slots=True, frozen=True)
class PartProgress:
    """A running measurement has reached this stage."""

    plugin: Plugin
    stage: str


@dataclass(slots=True, frozen=True)
class PartEnded:
    """The measurement of a part has ended, well or badly."""

    plugin: Plugin
    part: str
    outcome: Outcome
    error: str
    passport: Passport | None
    """The plugin's passport so far; None where it could not be measured."""
    elapsed_s: float = 0.0
    log: str = ""


@dataclass(slots=True, frozen=True)
class MeasurePaused:
    """The run was paused or resumed."""

    paused: bool


@dataclass(slots=True, frozen=True)
class MeasureEnded:
    """`how` is `done`, `stopped` (it can be resumed) or `broken` (`message` says why)."""

    summary: Summary
    how: str
    message: str = ""


Event = MeasureStarted | PartStarted | PartProgress | PartEnded | MeasurePaused | MeasureEnded
