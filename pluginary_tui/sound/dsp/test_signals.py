"""Test signals: one channel of samples at RATE, equal on every machine."""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

Wave = NDArray[np.float64]

RATE = 48_000
"""Sample rate of all measurements, Hz."""

BLOCK = 512
"""Block size, samples."""

OTHER_BLOCK = 240
"""A second block size for comparison; neither divides the other."""

LEAD = 9_600
"""Silence before the impulse and the burst, samples: makes output that comes too early visible."""

TONE_HZ = 1_000.0
STEP = 14_400
"""Samples per level of the steps; the last third is analysed."""

LEVELS = tuple(float(level) for level in range(-60, 1, 3))
"""Peak levels of the steps, dBFS; rising, so that no release time has to pass."""

AFTER_DB = -30.0
"""Level of the step after the loudest one, which shows the recovery of the gain."""

SWEEP_DB, BURST_DB, TONE_DB = -30.0, -12.0, -18.0
SWEEP = 2 * RATE
BURST = int(0.3 * RATE)
SWEEP_HZ = (8.0, 22_000.0)


def amplitude(db: float) -> float:
    """Peak amplitude of a level in dBFS."""
    return float(10 ** (db / 20))


@functools.cache
def silence() -> Wave:
    """One second of silence."""
    return np.zeros(RATE)


@functools.cache
def impulse() -> Wave:
    """One sample of -6 dBFS after LEAD, then two seconds of silence."""
    wave = np.zeros(LEAD + 2 * RATE)
    wave[LEAD] = 0.5
    return wave


@functools.cache
def sweep() -> Wave:
    """A logarithmic sweep at SWEEP_DB, two seconds, and half a second of silence.

    Farina, "Simultaneous measurement of impulse response and distortion with a swept-sine technique", AES 108 (2000).
    """
    low, high = SWEEP_HZ
    t = np.arange(SWEEP) / RATE
    length = SWEEP / RATE / np.log(high / low)
    wave = amplitude(SWEEP_DB) * np.sin(2 * np.pi * low * length * (np.exp(t / length) - 1))
    fade = np.sin(np.linspace(0, np.pi / 2, 480)) ** 2
    wave[:480] *= fade
    wave[-48:] *= fade[::-10]
    return np.concatenate([wave, np.zeros(RATE // 2)])


@functools.cache
def steps() -> Wave:
    """1 kHz with continuous phase at each of LEVELS, then at AFTER_DB."""
    gains = np.repeat([amplitude(level) for level in (*LEVELS, AFTER_DB)], STEP)
    return np.asarray(gains * _sine(len(gains)))


@functools.cache
def burst() -> Wave:
    """White noise at BURST_DB for 0.3 s after LEAD, then 2.7 s of silence."""
    wave = np.zeros(LEAD + 3 * RATE)
    wave[LEAD : LEAD + BURST] = _noise(BURST, BURST_DB, seed=1)
    return wave


@functools.cache
def tone() -> Wave:
    """1 kHz at TONE_DB for five seconds."""
    return amplitude(TONE_DB) * _sine(5 * RATE)


SIDE, SIDE_GAP = RATE // 4, RATE // 10
"""Samples of noise in each part of `sides`, and of silence after it."""


@functools.cache
def sides() -> Wave:
    """The same white noise at TONE_DB on the left, on the right, and on both: (2, samples)."""
    noise = _noise(SIDE, TONE_DB, seed=2)
    wave = np.zeros((2, 3 * (SIDE + SIDE_GAP)))
    for number, channels in enumerate(((0,), (1,), (0, 1))):
        start = number * (SIDE + SIDE_GAP)
        wave[list(channels), start : start + SIDE] = noise
    return wave


PAIR = 14_400
"""Samples of each of the four parts of `pairs`; the last third is analysed."""

PAIR_HZ = (150.0, 5_000.0)
PAIR_QUIET_DB, PAIR_LOUD_DB = -45.0, -8.0


@functools.cache
def pairs() -> Wave:
    """A quiet high tone alone, and with a loud low one; then a quiet low tone alone, and with a loud high one.

    It shows whether what is loud in one band changes the gain of another band.
    """
    t = np.arange(PAIR) / RATE
    low, high = (np.sin(2 * np.pi * hz * t) for hz in PAIR_HZ)
    quiet, loud = amplitude(PAIR_QUIET_DB), amplitude(PAIR_LOUD_DB)
    return np.concatenate([quiet * high, quiet * high + loud * low, quiet * low, quiet * low + loud * high])


CHORD_HZ = (120.0, 400.0, 1_280.0, 3_120.0, 7_040.0)
"""Multiples of 40 Hz, so that 25 ms hold whole periods of each."""

CHORD_DB = -30.0


@functools.cache
def chord() -> Wave:
    """Tones at CHORD_HZ, each at CHORD_DB, for four seconds: it shows what moves in which band."""
    t = np.arange(4 * RATE) / RATE
    return np.asarray(amplitude(CHORD_DB) * sum(np.sin(2 * np.pi * hz * t) for hz in CHORD_HZ))


GLANCE = (9_600, 12_000, 12_000, 21_600)
"""Samples of the four parts of `glance`: a quiet tone, a loud one, noise, silence."""

GLANCE_DB = (-40.0, -10.0, -15.0)


@functools.cache
def glance() -> Wave:
    """A second that shows at a glance what a parameter changes: see GLANCE."""
    tone = _sine(GLANCE[0] + GLANCE[1])
    gains = np.repeat([amplitude(level) for level in GLANCE_DB[:2]], GLANCE[:2])
    return np.concatenate([gains * tone, _noise(GLANCE[2], GLANCE_DB[2], seed=4), np.zeros(GLANCE[3])])


def _sine(count: int) -> Wave:
    return np.asarray(np.sin(2 * np.pi * TONE_HZ / RATE * np.arange(count)))


def _noise(count: int, db: float, seed: int) -> Wave:
    # RandomState's stream is frozen; that of newer generators may change with numpy (NEP 19).
    return np.asarray(np.random.RandomState(seed).uniform(-1, 1, count) * amplitude(db))
