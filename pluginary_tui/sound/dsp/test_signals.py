"""The sounds that go into a plugin. Each is the same on every machine and at every time."""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

Wave = NDArray[np.float64]

RATE = 48_000
"""Samples a second of everything that is measured."""

BLOCK = 512
"""Samples a plugin gets at a time."""

OTHER_BLOCK = 240
"""The other size, to see whether it matters: neither divides the other."""

LEAD = 9_600
"""Silence before the impulse and the burst, samples: what comes out before them is told by it, too."""

TONE_HZ = 1_000.0
STEP = 14_400
"""Samples of one level of the steps; measured in their last third."""

LEVELS = tuple(float(level) for level in range(-60, 1, 3))
"""dBFS (of the peak) of the steps, rising: so no release has to be waited for."""

AFTER_DB = -30.0
"""What follows the loudest step, to see whether it is still remembered."""

SWEEP_DB, BURST_DB, TONE_DB = -30.0, -12.0, -18.0
SWEEP = 2 * RATE
BURST = int(0.3 * RATE)
SWEEP_HZ = (8.0, 22_000.0)


def amplitude(db: float) -> float:
    """The peak of so many dBFS."""
    return float(10 ** (db / 20))


@functools.cache
def silence() -> Wave:
    """One second of nothing."""
    return np.zeros(RATE)


@functools.cache
def impulse() -> Wave:
    """One sample of -6 dBFS after LEAD, and two seconds to hear what it leaves."""
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
    """1 kHz, without a break in its phase, at each of LEVELS; then once more at AFTER_DB."""
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


@functools.cache
def mono_noise() -> Wave:
    """A second of white noise at TONE_DB, for every channel alike."""
    return _noise(RATE, TONE_DB, seed=2)


def _sine(count: int) -> Wave:
    return np.asarray(np.sin(2 * np.pi * TONE_HZ / RATE * np.arange(count)))


def _noise(count: int, db: float, seed: int) -> Wave:
    # RandomState's stream is frozen for good, that of newer generators may change with numpy (NEP 19).
    return np.asarray(np.random.RandomState(seed).uniform(-1, 1, count) * amplitude(db))
