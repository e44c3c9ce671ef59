"""Builds the passport of a plugin by measuring it in every setting, however it was loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Protocol

from pluginary_tui.sound.description import knob_lines, words_of
from pluginary_tui.sound.dsp import test_signals
from pluginary_tui.sound.parameter_settings import SEEDED
from pluginary_tui.sound.passport import DEFAULT, MOST_KNOBS, Passport, Setting
from pluginary_tui.sound.probe import analysis
from pluginary_tui.sound.probe.output_monitor import Audio, NotFiniteError, OutputMonitor
from pluginary_tui.sound.probe.survey import Turnable, survey
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


def measure(
    subject: Subject,
    seed: int,
    on_stage: Callable[[str], None] = lambda stage: None,
    on_setting: Callable[[Setting], None] = lambda setting: None,
) -> Passport:
    """The passport of a subject, without its costs.

    `on_stage` is called with the name of each step before it, `on_setting` with each setting that was measured, while
    the subject still has it.
    """
    kind = "instrument" if subject.instrument else "effect"
    passport = Passport(kind=kind, seed=seed, channels=subject.channels, layouts=subject.layouts)
    observations = Observations(reported=subject.latency)
    overall = OutputMonitor(subject.process, subject.channels)
    passport.settings.append(Setting(DEFAULT, subject.apply_setting(seed, 0)))
    _measure_setting(subject, passport.settings[0], observations, overall, on_stage)
    on_setting(passport.settings[0])
    if not subject.instrument:
        for setting in _settings(subject, seed, passport, on_stage):
            passport.settings.append(setting)
            monitor = OutputMonitor(subject.process, subject.channels, may_run_away=True)
            _measure_setting(subject, setting, observations, monitor, on_stage)
            on_setting(setting)
            overall.audible |= monitor.audible
    observations.audible = overall.audible
    judge(passport, observations)
    passport.sounds = words_of(passport)
    passport.knob_words = tuple(knob_lines(passport))
    return passport


def _settings(subject: Subject, seed: int, passport: Passport, on_stage: Callable[[str], None]) -> Iterator[Setting]:
    """Apply one setting after the other: the seeded ones, then two in which the plugin does most to the sound."""
    for number in range(1, 1 + SEEDED):
        setting = Setting(f"setting {number}", subject.apply_setting(seed, number))
        if not setting.turned:
            return
        yield setting
    if not isinstance(subject, Turnable):
        return
    subject.apply_setting(seed, 0)
    found = survey(subject, OutputMonitor(subject.process, subject.channels, may_run_away=True, on_stage=on_stage))
    passport.knobs = found.knobs[:MOST_KNOBS]
    if found.strongest:
        yield Setting("strong", subject.turn(found.strongest))
        if (halfway := found.halfway()) != found.strongest:
            yield Setting("half", subject.turn(halfway))


def _measure_setting(
    subject: Subject,
    setting: Setting,
    observations: Observations,
    monitor: OutputMonitor,
    on_stage: Callable[[str], None],
) -> None:
    """Measure the present setting of a subject, and note what is wrong with its output."""
    monitor.on_stage = partial(_report_stage, on_stage, setting.label)
    try:
        if subject.instrument:
            analysis.instrument(monitor, subject.play, setting)
        else:
            analysis.effect(monitor, setting)
            if setting.label == DEFAULT:
                _check_repeatability(monitor, observations)
        observations.reports_others |= subject.latency != observations.reported
    except NotFiniteError:
        observations.broken.append(setting.label)
    if not observations.numbers and monitor.evidence():
        observations.numbers = f"{monitor.evidence()} ({setting.label})"


def _report_stage(on_stage: Callable[[str], None], label: str, stage: str) -> None:
    on_stage(f"{label}: {stage}")


def _check_repeatability(monitor: OutputMonitor, observations: Observations) -> None:
    """Measure how far a second rendering, and one with another block size, differ from the first."""
    reference = monitor(test_signals.burst(), stage="burst again")
    observations.repeat = analysis.difference(monitor, reference, test_signals.BLOCK)
    observations.block = analysis.difference(monitor, reference, test_signals.OTHER_BLOCK)
