"""From a subject that can be played and turned to its passport. Knows nothing of how it was loaded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from pluginary_tui.sound.dsp import test_signals
from pluginary_tui.sound.parameter_settings import SETTINGS
from pluginary_tui.sound.passport import DEFAULT, Passport, Setting
from pluginary_tui.sound.probe import analysis
from pluginary_tui.sound.probe.output_monitor import Audio, NotFiniteError, OutputMonitor
from pluginary_tui.sound.probe.verdicts import Facts, judge


class Subject(Protocol):
    """What can be measured."""

    instrument: bool
    channels: int
    layouts: tuple[str, ...]

    @property
    def latency(self) -> int | None:
        """Samples, as it says; None where it has no say. `process` takes them off."""

    def process(self, audio: Audio, block: int, /) -> Audio:
        """Render channels of samples from a fresh start, `block` samples at a time."""

    def play(self, note: int, held_s: float, left_s: float, /) -> Audio:
        """Play a note (MIDI number) for so many seconds, then let it go for so many."""

    def apply_setting(self, seed: int, setting: int, /) -> dict[str, str]:
        """Go to the default (0) or to a seeded setting; returns what is turned."""


def measure(subject: Subject, seed: int, tell: Callable[[str], None] = lambda stage: None) -> Passport:
    """The passport of a subject, its costs left open. `tell` hears of each step before it is done."""
    passport = Passport(
        kind="instrument" if subject.instrument else "effect", seed=seed, channels=subject.channels,
        layouts=subject.layouts,
    )  # fmt: skip
    facts = Facts(reported=subject.latency)
    watch = OutputMonitor(subject.process, subject.channels)
    for number in range(1 if subject.instrument else 1 + SETTINGS):
        label = f"setting {number}" if number else DEFAULT
        watch.tell = lambda stage, label=label: tell(f"{label}: {stage}")  # type: ignore[misc]
        setting = Setting(label, subject.apply_setting(seed, number))
        if number and not setting.turned:
            break
        passport.settings.append(setting)
        try:
            if subject.instrument:
                analysis.instrument(watch, subject.play, setting)
            else:
                analysis.effect(watch, setting)
                if number == 0:
                    _again(watch, facts)
        except NotFiniteError:
            facts.broken.append(label)
        if not facts.numbers and watch.evidence():
            facts.numbers = f"{watch.evidence()} ({label})"
    facts.heard = watch.heard
    judge(passport, facts)
    return passport


def _again(watch: OutputMonitor, facts: Facts) -> None:
    """Whether it gives the same when it is asked again, and with another buffer size."""
    reference = watch(test_signals.burst(), stage="burst again")
    facts.repeat = analysis.difference(watch, reference, test_signals.BLOCK)
    facts.block = analysis.difference(watch, reference, test_signals.OTHER_BLOCK)
