"""Tries the parameters of an effect one by one: which of them change the sound, how, and where they do most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from pluginary_tui.sound.dsp import test_signals
from pluginary_tui.sound.dsp.dynamics import level
from pluginary_tui.sound.dsp.glance import NO_TAIL, Look, look
from pluginary_tui.sound.dsp.test_signals import RATE
from pluginary_tui.sound.metrics import KNOB_MEASURES
from pluginary_tui.sound.parameter_settings import opened, partners, positions_to_try
from pluginary_tui.sound.passport import Knob
from pluginary_tui.sound.probe.output_monitor import NotFiniteError, OutputMonitor

_NOTICED: Mapping[str, float] = {
    "level": 1.0,
    "bass": 1.0,
    "treble": 1.0,
    "squash": 1.0,
    "tail": 6.0,
    "width": 0.03,
    "colour": 1.0,
    "harmonics": 6.0,
    "second": 6.0,
    "third": 6.0,
    "pitch": 40.0,
    "balance": 2.0,
}
"""The least difference that counts."""

_EFFECT: Mapping[str, float] = {
    "colour": 6.0,
    "squash": 6.0,
    "tail": 25.0,
    "width": 0.1,
    "harmonics": 25.0,
    "pitch": 100.0,
    "balance": 12.0,
}
"""How much of a measure makes a marked effect, for comparing effects of different kinds."""

_QUIET_DB = -40.0
"""A setting this much quieter than the input shows nothing."""


@runtime_checkable
class Turnable(Protocol):
    """A subject whose parameters can be tried."""

    @property
    def knobs(self) -> list[tuple[str, float, int]]:
        """Name, initial position (0 to 1; -1 where unknown) and number of steps (0: continuous) of its parameters."""

    def turn(self, positions: Mapping[int, float], /) -> dict[str, str]:
        """Put these knobs to these positions and all others to where they started; returns their values as text."""


@dataclass(slots=True)
class Survey:
    """What the parameters do."""

    knobs: list[Knob] = field(default_factory=list)
    strongest: dict[int, float] = field(default_factory=dict)
    """Knob -> the position in which the plugin does most to the sound, where that is not the initial one."""
    initial: dict[int, float] = field(default_factory=dict)
    steps: dict[int, int] = field(default_factory=dict)

    def halfway(self) -> dict[int, float]:
        """The strongest positions, but of continuous parameters halfway there."""
        return {
            index: place if self.steps[index] or self.initial[index] < 0 else (place + self.initial[index]) / 2
            for index, place in self.strongest.items()
        }


def survey(subject: Turnable, monitor: OutputMonitor) -> Survey:
    """Turn one parameter after the other. Leaves the subject as it started.

    Where none of them does anything but change the level, all switches are put to their last step, a dry mix is
    opened, and the others are tried again: an effect may be switched off as it starts.
    """
    found = _Trial(subject, monitor).run()
    if not found.strongest and (switches := _switches(subject.knobs)):
        woken = _Trial(subject, monitor, switches).run()
        if woken.strongest:
            found = woken
    subject.turn({})
    return found


_SWITCH_STEPS = range(2, 9)
"""Numbers of steps that a switch or a choice of a kind has."""


def _switches(knobs: Sequence[tuple[str, float, int]]) -> dict[int, float]:
    """The last position of each switch and choice that is not there already, and a mix opened that is dry."""
    found = {}
    for index, (name, initial, steps) in enumerate(knobs):
        if steps in _SWITCH_STEPS and initial < 0.99:
            found[index] = 1.0
        elif (place := opened(name, initial)) is not None:
            found[index] = place
    return found


class _Trial:
    """Turns one parameter after the other, with some put to other positions all the time."""

    def __init__(self, subject: Turnable, monitor: OutputMonitor, meanwhile: Mapping[int, float] | None = None) -> None:
        self._subject, self._monitor, self._meanwhile = subject, monitor, dict(meanwhile or {})
        self._found = Survey()
        self._single = 0.0
        self._alone: dict[int, float] = {}

    def run(self) -> Survey:
        """What each parameter does, the strongest first."""
        self._turn({})
        _glance(self._monitor, "parameters")  # a plugin may take a while to get back to where it started
        base, again = (_glance(self._monitor, "parameters") for _ in range(2))
        # What moves by itself differs from glance to glance: only more than that is a parameter's doing.
        moves = {name: 3 * abs(base[name] - again[name]) for name in _NOTICED} if base and again else {}
        noticed = {name: max(least, moves.get(name, 0.0)) for name, least in _NOTICED.items()}
        if base is None:
            # Silent as it is: whatever makes it sound is of interest.
            base = dict.fromkeys(KNOB_MEASURES, 0.0) | {"level": -120.0, "tail": NO_TAIL, "harmonics": -90.0}
        knobs = self._subject.knobs
        tried = [each for each in positions_to_try(knobs) if each[0] not in self._meanwhile]
        changed = [
            knob for index, places in tried if (knob := self._try(index, partners(knobs, index), places, base, noticed))
        ]
        found = self._found
        found.knobs = sorted(changed, key=lambda knob: -_size(knob))
        if len(found.strongest) > 1:
            together = self._settled(found.strongest)
            # Together they may undo one another; the one that does most does not.
            if together < 0.7 * self._single and self._settled(self._alone) > together:
                found.strongest = self._alone
        if found.strongest:
            for index, place in self._meanwhile.items():
                found.strongest[index] = place
                _, found.initial[index], found.steps[index] = knobs[index]
        return found

    def _turn(self, positions: Mapping[int, float]) -> dict[str, str]:
        return self._subject.turn({**self._meanwhile, **positions})

    def _try(
        self,
        index: int,
        together: Sequence[int],
        places: Sequence[float],
        base: Mapping[str, float],
        noticed: Mapping[str, float],
    ) -> Knob | None:
        """What one parameter changes, with its partners for other channels; None where that is nothing."""
        knobs = self._subject.knobs
        name, initial, _ = knobs[index]
        found = self._found
        changes: dict[str, dict[str, float]] = {"down": {}, "up": {}}
        texts = {"down": "", "up": ""}
        best = _activity(base) * 1.1 + 0.05
        # The farther of two positions on the same side counts.
        for place in sorted(places, key=lambda each: abs(each - initial)):
            turned = self._turn(dict.fromkeys(together, place))
            seen = _glance(self._monitor, f"parameter {name}")
            if seen is None:
                continue
            side = "down" if place < (initial if initial >= 0 else 0.5) else "up"
            texts[side] = turned.get(name, "")
            changes[side] = {
                measure: round(seen[measure] - base[measure], 3)
                for measure, least in noticed.items()
                if abs(seen[measure] - base[measure]) >= least
            }
            active = _activity(seen)
            if active > best and seen["level"] > _QUIET_DB and not _sounds_by_itself(seen, self._monitor):
                best = active
                if active > self._single:
                    self._single, self._alone = active, dict.fromkeys(together, place)
                for each in together:
                    _, found.initial[each], found.steps[each] = knobs[each]
                    found.strongest[each] = place
        if changes["down"] or changes["up"]:
            return Knob(name, changes["down"], changes["up"], texts["down"], texts["up"])
        return None

    def _settled(self, positions: Mapping[int, float]) -> float:
        """How much a plugin does in a setting once it has settled; 0 where it is silent."""
        self._turn(positions)
        _glance(self._monitor, "parameters")
        seen = _glance(self._monitor, "parameters")
        return _activity(seen) if seen and seen["level"] > _QUIET_DB else 0.0


def _glance(monitor: OutputMonitor, stage: str) -> Look | None:
    try:
        return look(monitor(test_signals.glance(), stage=stage))
    except NotFiniteError:
        return None


def _sounds_by_itself(seen: Look, monitor: OutputMonitor) -> bool:
    """Whether the plugin now sounds without input, which would hide what else it does."""
    if seen["tail"] < -40:
        return False
    try:
        return level(monitor(test_signals.silence()[: RATE // 4], stage="parameters")) > -50
    except NotFiniteError:
        return True


def _activity(seen: Look) -> float:
    """How much a plugin does besides changing the level; about 1 for one marked effect."""
    return sum(min(2.0, _amount(measure, seen[measure]) / whole) for measure, whole in _EFFECT.items())


def _amount(measure: str, value: float) -> float:
    """A measure on a scale that begins at nothing."""
    if measure == "tail":
        return value - NO_TAIL
    return max(0.0, value + 80) if measure == "harmonics" else abs(value)


def _size(knob: Knob) -> float:
    """How much a knob changes, in noticeable differences."""
    return max(abs(value) / _NOTICED[name] for side in (knob.down, knob.up) for name, value in side.items())
