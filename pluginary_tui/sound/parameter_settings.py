"""Which parameters the seeded settings change, and to what. Equal names get equal positions in every plugin."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

SETTINGS = 4
"""Number of seeded settings besides the default, where copies are compared."""

SEEDED = 2
"""Number of seeded settings of a passport; two more are made of what its parameters were found to do."""

_LEFT_ALONE = re.compile(
    r"bypass|mute|solo|listen|\bmonitor\b|program|preset|patch|bank|\bdry\b|\bwet\b|dry.?/?.?wet|\bmix\b|blend"
    r"|\binput (gain|level|volume)|^input$|\bin gain\b|output|\bout\b|master|volume|make.?up|\btrim\b"
    r"|\bfreeze\b|^midi cc|buffer size|sample rate|\bgain reduction\b|^(gain|level|power|on|active|enabled?)$",
    re.IGNORECASE,
)
"""Parameters that switch the effect off, only change its level, or load a program."""

_NO_KNOB = re.compile(
    r"bypass|\bmute\b|\bsolo\b|listen|\bmonitor\b|program|preset|patch|\bbank\b|^midi cc|buffer size|sample rate"
    r"|\bgain reduction\b|\bmeter\b|\breset\b|\bpanic\b|^(power|on|active|enabled?)$",
    re.IGNORECASE,
)
"""Parameters that say nothing about the sound: they switch the effect off, load a program or only show a value."""

LOW, HIGH = 0.15, 0.85
"""Where a parameter is tried: at its ends many are extreme, such as a feedback that never fades."""

MOST_TRIED = 32
"""Most positions that are tried of a plugin: two of each parameter, or one where there are more parameters."""

_CONTINUOUS_STEPS = 2**16
"""A parameter with at least this many steps counts as continuous."""


def is_sound_parameter(name: str, automatable: bool) -> bool:
    """Whether a parameter shapes the sound, rather than level, bypass or programs."""
    return automatable and bool(name.strip()) and not _LEFT_ALONE.search(name)


def is_knob(name: str, automatable: bool) -> bool:
    """Whether trying a parameter can show what it does to the sound; level and mix count, bypass does not."""
    return automatable and bool(name.strip()) and not _NO_KNOB.search(name)


def positions_to_try(knobs: Sequence[tuple[str, float, int]]) -> list[tuple[int, tuple[float, ...]]]:
    """Which of the knobs (name, initial position, steps) to try, by index, and where; MOST_TRIED positions in all.

    Of those whose names differ in digits or sides only one stands for all: the first, or of eight and more, such as
    the bands of a graphic equaliser, the middle one.
    """
    groups: dict[str, list[int]] = {}
    for index, (name, _, _) in enumerate(knobs):
        groups.setdefault(_bare(re.sub(r"\d+", " ", name)), []).append(index)
    chosen = [group[len(group) // 2 if len(group) >= 8 else 0] for group in groups.values()][:MOST_TRIED]
    found = []
    for index in chosen:
        _, initial, steps = knobs[index]
        ends = tuple(end for end in (_stepped(LOW, steps), _stepped(HIGH, steps)) if abs(end - initial) > 0.05)
        if len(chosen) > MOST_TRIED // 2:
            ends = tuple(sorted(ends, key=lambda end: abs(end - initial))[-1:])
        if ends:
            found.append((index, ends))
    return found


_SIDES = re.compile(r"\b(left|right|mid|side|[lrms])\b", re.IGNORECASE)
"""Words by which the parameters of the two channels of an effect differ."""


def partners(knobs: Sequence[tuple[str, float, int]], index: int) -> tuple[int, ...]:
    """The knobs that do for the other channel what a knob does for its own, with the knob itself.

    One channel alone that differs would look like an effect on what is between left and right.
    """
    name, _, steps = knobs[index]
    if not _SIDES.search(name):
        return (index,)
    bare = _bare(name)
    return tuple(n for n, (other, _, count) in enumerate(knobs) if count == steps and _bare(other) == bare)


def _bare(name: str) -> str:
    """A name with a mark in place of a side: what has none is no partner of what has one."""
    return " ".join(_SIDES.sub("*", name.casefold()).split())


def _stepped(position: float, steps: int) -> float:
    """The position of the nearest step; of few steps the ends."""
    if not 2 <= steps < _CONTINUOUS_STEPS:
        return position
    if steps <= 4:
        return float(position > 0.5)
    return round(position * (steps - 1)) / (steps - 1)


def seeded_position(seed: int, setting: int, name: str, steps: int = 0) -> float:
    """Position (0 to 1) of a parameter in a setting (1 to SETTINGS); with `steps` it is one of them.

    It depends on the name alone, so that two formats or versions of a plugin get the same setting.
    """
    value = random.Random(f"{seed}/{setting}/{' '.join(name.casefold().split())}").random()
    if 2 <= steps < _CONTINUOUS_STEPS:
        return min(int(value * steps), steps - 1) / (steps - 1)
    return value


_MIX = re.compile(r"\bwet\b|dry.?/?.?wet|\bmix\b|\bblend\b", re.IGNORECASE)

HALF_WET = 0.6


def opened(name: str, initial: float) -> float | None:
    """Where to put the mix of an effect that starts dry, so that something is heard of it; None for other parameters.

    >>> opened("Dry/Wet", 0.0), opened("Dry/Wet", 0.5), opened("Cutoff", 0.0)
    (0.6, None, None)
    """
    return HALF_WET if 0 <= initial < 0.05 and _MIX.search(name) else None


@dataclass(slots=True, frozen=True)
class Range:
    """Useful range of an argument of a built-in effect."""

    low: float
    high: float
    even: bool = False
    """Interpolate linearly; otherwise geometrically."""

    def at(self, place: float) -> float:
        """The value at a position from 0 to 1."""
        if self.even:
            return self.low + place * (self.high - self.low)
        return float(self.low * (self.high / self.low) ** place)


_CUTOFF = Range(60, 8000)
_EQ = {"cutoff_frequency_hz": Range(100, 8000), "gain_db": Range(-18, 18, even=True), "q": Range(0.3, 3)}

BUILTIN: Mapping[str, Mapping[str, Range | tuple[str, ...]]] = {
    "Bitcrush": {"bit_depth": Range(2, 14, even=True)},
    "BrickwallLimiter": {"ceiling_db": Range(-24, -1, even=True), "release_ms": Range(20, 400)},
    "Chorus": {
        "rate_hz": Range(0.3, 5),
        "depth": Range(0.1, 0.8),
        "centre_delay_ms": Range(2, 20),
        "feedback": Range(0, 0.6, even=True),
    },
    "Clipping": {"threshold_db": Range(-30, -3, even=True)},
    "Compressor": {
        "threshold_db": Range(-45, -12, even=True),
        "ratio": Range(1.5, 15),
        "attack_ms": Range(1, 30),
        "release_ms": Range(20, 300),
    },
    "Delay": {"delay_seconds": Range(0.05, 0.9), "feedback": Range(0, 0.7, even=True)},
    "Distortion": {"drive_db": Range(5, 40, even=True)},
    "GSMFullRateCompressor": {},
    "Gain": {"gain_db": Range(-12, 12, even=True)},
    "HighShelfFilter": _EQ,
    "HighpassFilter": {"cutoff_frequency_hz": _CUTOFF},
    "Invert": {},
    "LadderFilter": {
        "mode": ("LPF12", "HPF12", "BPF12", "LPF24", "HPF24", "BPF24"),
        "cutoff_hz": Range(100, 8000),
        "resonance": Range(0, 0.8, even=True),
        "drive": Range(1, 4),
    },
    "Limiter": {"threshold_db": Range(-30, -3, even=True), "release_ms": Range(20, 400)},
    "LowShelfFilter": _EQ,
    "LowpassFilter": {"cutoff_frequency_hz": _CUTOFF},
    "MP3Compressor": {"vbr_quality": Range(0, 9.5, even=True)},
    "NoiseGate": {
        "threshold_db": Range(-50, -15, even=True),
        "ratio": Range(2, 20),
        "attack_ms": Range(1, 20),
        "release_ms": Range(20, 300),
    },
    "PeakFilter": _EQ,
    "Phaser": {
        "rate_hz": Range(0.3, 4),
        "depth": Range(0.2, 1),
        "centre_frequency_hz": Range(300, 4000),
        "feedback": Range(0, 0.7, even=True),
    },
    "PitchShift": {"semitones": Range(-12, 12, even=True)},
    "Resample": {"target_sample_rate": Range(4000, 32000)},
    "Reverb": {"room_size": Range(0.1, 0.95), "damping": Range(0, 1, even=True), "width": Range(0, 1, even=True)},
}
"""Arguments that the settings change of pedalboard's own effects: the documented ranges, narrowed to useful ones."""


def builtin(name: str, seed: int, setting: int) -> dict[str, float | str]:
    """Constructor arguments of a built-in effect for a setting; empty for the default (0)."""
    if setting == 0:
        return {}
    places = {argument: seeded_position(seed, setting, argument) for argument in BUILTIN.get(name, {})}
    return builtin_at(name, places)


def builtin_at(name: str, places: Mapping[str, float]) -> dict[str, float | str]:
    """Constructor arguments of a built-in effect that put these arguments to these positions (0 to 1)."""
    return {
        argument: choice.at(places[argument])
        if isinstance(choice, Range)
        else choice[min(int(places[argument] * len(choice)), len(choice) - 1)]
        for argument, choice in BUILTIN.get(name, {}).items()
        if argument in places
    }
