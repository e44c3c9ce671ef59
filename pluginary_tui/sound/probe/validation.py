"""Uses a plugin as hosts do: saved states, other rates and buffers, moving parameters. For measuring processes only."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import numpy as np

from pluginary_tui.sound.dsp import dynamics, test_signals
from pluginary_tui.sound.dsp.glance import Look, look
from pluginary_tui.sound.dsp.test_signals import BLOCK, RATE, Wave
from pluginary_tui.sound.parameter_settings import SETTINGS, seeded_position
from pluginary_tui.sound.passport import Verdict
from pluginary_tui.sound.probe.output_monitor import Audio

CHECK = "check"
"""What the name of each stage begins with: a process that ends in one of them has been measured well."""

RATES = (96_000, 44_100)
BLOCKS = (1, 37, 4_096)

SAME_DB = -60.0
"""Two renderings that differ by more are no proof of anything: the plugin differs from itself."""

MOST_MOVED = 16
"""Parameters that are moved in one step of the automation."""

_STEPS, _STEP = 48, 4
"""Steps of the automation, and buffers in each."""

_OFF_DB, _QUIET_DBFS = -40.0, -60.0
_FAINTEST = 1e-38
"""Makes noise so soft that 32-bit floats can only hold it as denormal numbers."""

_ATTEMPTS = 3


class Usable(Protocol):
    """A plugin that can be used as hosts do."""

    instrument: bool
    channels: int

    def process(self, audio: Audio, block: int, /) -> Audio:
        """Render audio of shape (channels, samples) after a reset, `block` samples at a time, at RATE."""

    def process_at(self, audio: Audio, rate: float, block: int, /, *, reset: bool = True) -> Audio:
        """The same at another sample rate, or without the reset."""

    def begin_anew(self) -> None:
        """Go on with another instance of it, as a host that opens a project."""

    @property
    def can_be_saved(self) -> bool:
        """Whether it has a state."""

    def save(self) -> bytes:
        """Its state."""

    def restore(self, state: bytes, /) -> None:
        """Put it into a state."""

    @property
    def knobs(self) -> Sequence[tuple[str, float, int]]:
        """Name, initial position (0 to 1; -1 where unknown) and number of steps (0: continuous) of its parameters."""

    def turn(self, positions: Mapping[int, float], /) -> dict[str, str]:
        """Put these knobs to these positions and all others to where they started."""


def validate(subject: Usable, seed: int, on_stage: Callable[[str], None]) -> tuple[list[Verdict], dict[str, str]]:
    """What is wrong with a subject, and what each check came to, in words. Raises what the subject raises at RATE.

    `on_stage` is called with the name of each step before it. The subject is left as it is when loaded.
    """
    checks: dict[str, str] = {}
    problems: dict[str, list[str]] = {}
    subject.turn({})
    if not subject.instrument and not np.isfinite(subject.process(_noise(subject.channels, RATE), BLOCK)).all():
        return [], {"as hosts use it": "left out: it gives values that are no numbers in any case"}
    for name, label, check in (
        ("hosts", "buffer sizes", _buffers),
        ("state", "state saved and restored", _state),
        ("automation", "parameters moved while it plays", _automation),
        ("hosts", "sample rates", _rates),  # last: many plugins begin anew at another rate, which takes time
    ):
        found, checks[label] = check(subject, seed, on_stage)
        if found:
            problems.setdefault(name, []).append(found)
    subject.turn({})
    return [Verdict(name, " ".join(found)) for name, found in problems.items()], checks


Found = tuple[str, str]
"""The evidence of a fault, or nothing; and what a check came to."""


def _buffers(subject: Usable, seed: int, on_stage: Callable[[str], None]) -> Found:
    tried = [(RATE, block, f"with buffers of {block:,} sample{'s' * (block > 1)}") for block in BLOCKS]
    problems = _tried(subject, tried, on_stage)
    if problems is None:
        return "", "left out: it plays notes"
    on_stage(f"{CHECK}: with denormal input")
    faint = (_noise(subject.channels, RATE) * _FAINTEST).astype(np.float32)
    if not np.isfinite(subject.process(faint, BLOCK)).all():
        problems.append("with denormal input it gives values that are no numbers")
    found = _sentence(problems)
    return found, found or f"passed: {', '.join(map(str, BLOCKS))} samples, and denormal input"


def _rates(subject: Usable, seed: int, on_stage: Callable[[str], None]) -> Found:
    problems = _tried(subject, [(rate, BLOCK, f"at {rate:,} Hz") for rate in RATES], on_stage)
    if problems is None:
        return "", "left out: it plays notes"
    found = _sentence(problems)
    return found, found or f"passed: {' and '.join(f'{rate / 1000:g} kHz' for rate in RATES)}"


def _tried(subject: Usable, tried: Sequence[tuple[int, int, str]], on_stage: Callable[[str], None]) -> list[str] | None:
    """What goes wrong at these rates, with buffers of so many samples; None for an instrument."""
    if subject.instrument:
        return None
    problems = []
    heard = _level(subject.process(_noise(subject.channels, RATE), BLOCK))
    for rate, block, how in tried:
        on_stage(f"{CHECK}: {how}")
        problem = _problem(subject, rate, block, heard)
        if problem:
            # What an instance does that was used otherwise before is held against it only where a new one does it too.
            subject.begin_anew()
            problem = _problem(subject, rate, block, heard)
        if problem:
            problems.append(f"{how} {problem}")
    return problems


def _problem(subject: Usable, rate: int, block: int, heard: float) -> str:
    """What goes wrong at a rate with buffers of so many samples; empty where nothing does."""
    try:
        out = subject.process_at(_noise(subject.channels, rate), rate, block)
    except Exception as error:
        return f"it fails ({str(error).strip().partition(chr(10))[0][:120].rstrip('.')})"
    if not np.isfinite(out).all():
        return "it gives values that are no numbers"
    return "it is silent" if heard > -60 and _level(out) < -100 else ""


def _state(subject: Usable, seed: int, on_stage: Callable[[str], None]) -> Found:
    """Save the state of a seeded setting, go back to the default, restore it, and compare what is heard."""
    if subject.instrument or not subject.can_be_saved:
        return "", "left out: it plays notes" if subject.instrument else "left out: it has no state"
    on_stage(f"{CHECK}: saved state")
    knobs = subject.knobs
    base, _ = _settled(subject)
    for setting in range(1, 1 + SETTINGS):
        places = {at: seeded_position(seed, setting, name, steps) for at, (name, _, steps) in enumerate(knobs)}
        subject.turn(places)
        wanted, own = _settled(subject)
        if own > SAME_DB:
            return "", "left out: two renderings of the same differ"
        if dynamics.level(wanted) < _QUIET_DBFS or not _is_other(base, wanted):
            continue
        saved = subject.save()
        for attempt in range(_ATTEMPTS):  # some plugins take a state over late, or in a new instance only
            if attempt == _ATTEMPTS - 1:
                subject.begin_anew()
            subject.turn({})
            _settled(subject)
            subject.restore(saved)
            found, _ = _settled(subject)
            left = dynamics.null(wanted, found)
            if left < _OFF_DB or _nearer(found, wanted, base):
                return "", f"passed: what differs is {_below(left)}"
        subject.begin_anew()
        subject.turn(places)
        again, _ = _settled(subject)
        if dynamics.null(wanted, again) > _OFF_DB and not _nearer(again, wanted, base):
            return "", "left out: two instances of it sound different in one setting"
        evidence = (
            f"Its state was saved in setting {setting} of seed {seed} and restored from the default:"
            f" what differs is {_below(left)}."
        )
        return evidence, evidence
    return "", "left out: no setting that was tried sounds otherwise"


def _below(left: float) -> str:
    return "as loud as the sound" if left > -1 else f"{-left:.0f} dB below the sound" if left > -150 else "nothing"


def _settled(subject: Usable) -> tuple[Wave, float]:
    """A rendering of `glance` once the subject has settled, and how far a second one is from it, dB."""
    x = np.tile(test_signals.glance().astype(np.float32), (subject.channels, 1))
    subject.process(x, BLOCK)
    one, other = (np.atleast_2d(subject.process(x, BLOCK)).astype(np.float64) for _ in range(2))
    if not (np.isfinite(one).all() and np.isfinite(other).all()):
        return np.zeros_like(one), 0.0
    return one, dynamics.null(one, other) if np.any(one) else 0.0


def _is_other(one: Wave, other: Wave) -> bool:
    return _distance(look(one), look(other)) > 1.0


def _nearer(found: Wave, wanted: Wave, base: Wave) -> bool:
    """Whether something sounds much more like `wanted` than like `base`: a rounded delay time shifts a wave."""
    near, far = _distance(look(found), look(wanted)), _distance(look(found), look(base))
    return near < 0.5 and near < far / 2


def _distance(one: Look | None, other: Look | None) -> float:
    """How differently two sound: the sum over all measures, in amounts that are heard."""
    if one is None or other is None:
        return 0.0 if one is other else 10.0
    scales = {"width": 0.1, "pitch": 50.0, "harmonics": 12.0, "second": 12.0, "third": 12.0, "tail": 12.0}
    return sum(abs(one[name] - other.get(name, one[name])) / scales.get(name, 3.0) for name in one)


def _automation(subject: Usable, seed: int, on_stage: Callable[[str], None]) -> Found:
    """Move parameters by a seed while sound goes through, then put them back."""
    names = [name for name, _, _ in subject.knobs]
    if subject.instrument or not names:
        return "", "left out: it plays notes" if subject.instrument else "left out: it has no parameters"
    on_stage(f"{CHECK}: moving parameters")
    source = random.Random(seed)  # noqa: S311 - has to be reproducible
    noise = _noise(subject.channels, RATE, seconds=0.1)[:, : _STEP * BLOCK]
    problem = ""
    for step in range(_STEPS):
        chosen = source.sample(range(len(names)), min(MOST_MOVED, len(names)))
        positions = {index: round(source.random(), 4) for index in chosen}
        subject.turn(positions)
        if not np.isfinite(subject.process_at(noise, RATE, BLOCK, reset=not step)).all():
            moved = ", ".join(f"{names[index]} {place:g}" for index, place in list(positions.items())[:4])
            problem = f"Step {step + 1} of {_STEPS} with seed {seed} gives values that are no numbers ({moved})."
            break
    subject.turn({})
    on_stage(f"{CHECK}: after moving parameters")
    if not np.isfinite(subject.process(_noise(subject.channels, RATE), BLOCK)).all():
        problem = (problem or "After its parameters were moved it gives values that are no numbers.") + (
            " It goes on so at its default." if problem else ""
        )
    return problem, problem or f"passed: {_STEPS} steps of up to {min(MOST_MOVED, len(names))} parameters, seed {seed}"


def _noise(channels: int, rate: int, seconds: float = 0.25) -> Audio:
    # RandomState's stream is frozen (NEP 19).
    noise = np.random.RandomState(9).uniform(-0.1, 0.1, int(seconds * rate))
    return np.ascontiguousarray(np.tile(noise, (channels, 1)), np.float32)


def _level(audio: Audio) -> float:
    return dynamics.level(np.nan_to_num(np.atleast_2d(audio).astype(np.float64)))


def _sentence(problems: Sequence[str]) -> str:
    text = ", ".join(problems)
    return f"{text[:1].upper()}{text[1:]}." if text else ""
