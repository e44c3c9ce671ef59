"""Builds the passport of a plugin by measuring it in every setting, however it was loaded."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

from pluginary_tui.sound.dsp import test_signals
from pluginary_tui.sound.parameter_settings import SETTINGS
from pluginary_tui.sound.passport import DEFAULT, Passport, Setting
from pluginary_tui.sound.probe import analysis
from pluginary_tui.sound.probe.output_monitor import Audio, NotFiniteError, OutputMonitor
from pluginary_tui.sound.probe.verdicts import Observations, judge


class Subject(Protocol):
    """A plugin that can be measured."""

    instrument: bool
    channels: int
    layouts: tuple[str, ...]

    @property
    def latency(self) -> int | None:
        """Reported latency in samples, which `process` compensates; None where it reports none."""

    def process(self, audio: Audio, block: int, /) -> Audio:
        """Render audio of shape (channels, samples) after a reset, `block` samples at a time."""

    def play(self, note: int, held_s: float, left_s: float, /) -> Audio:
        """Play a note (MIDI number) for `held_s` seconds, then render its release for `left_s` seconds."""

    def apply_setting(self, seed: int, setting: int, /) -> dict[str, str]:
        """Apply the default (0) or a seeded setting. Returns the changed parameters with their values as text."""


def measure(subject: Subject, seed: int, on_stage: Callable[[str], None] = lambda stage: None) -> Passport:
    """The passport of a subject, without its costs. `on_stage` is called with the name of each step before it."""
    kind = "instrument" if subject.instrument else "effect"
    passport = Passport(kind=kind, seed=seed, channels=subject.channels, layouts=subject.layouts)
    observations = Observations(reported=subject.latency)
    monitor = OutputMonitor(subject.process, subject.channels)
    for number in range(1 if subject.instrument else 1 + SETTINGS):
        label = f"setting {number}" if number else DEFAULT
        monitor.on_stage = partial(_report_stage, on_stage, label)
        setting = Setting(label, subject.apply_setting(seed, number))
        if number and not setting.turned:
            break
        passport.settings.append(setting)
        try:
            if subject.instrument:
                analysis.instrument(monitor, subject.play, setting)
            else:
                analysis.effect(monitor, setting)
                if number == 0:
                    _check_repeatability(monitor, observations)
        except NotFiniteError:
            observations.broken.append(label)
        if not observations.numbers and monitor.evidence():
            observations.numbers = f"{monitor.evidence()} ({label})"
    observations.audible = monitor.audible
    judge(passport, observations)
    return passport


def _report_stage(on_stage: Callable[[str], None], label: str, stage: str) -> None:
    on_stage(f"{label}: {stage}")


def _check_repeatability(monitor: OutputMonitor, observations: Observations) -> None:
    """Measure how far a second rendering, and one with another block size, differ from the first."""
    reference = monitor(test_signals.burst(), stage="burst again")
    observations.repeat = analysis.difference(monitor, reference, test_signals.BLOCK)
    observations.block = analysis.difference(monitor, reference, test_signals.OTHER_BLOCK)
