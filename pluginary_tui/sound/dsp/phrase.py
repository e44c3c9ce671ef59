"""What is played through effects, and by instruments, for a person to hear."""

from __future__ import annotations

import functools

import numpy as np

from pluginary_tui.sound.dsp.test_signals import RATE, Wave

NOTES = ((36, 0.0, 0.3), (48, 0.35, 0.3), (55, 0.7, 0.3), (60, 1.05, 0.3), (64, 1.4, 0.5))
"""What instruments play: MIDI number, start and length in seconds."""

NOTES_S = 4.0
"""How long an instrument is heard, with its release."""

_PEAK = 0.5
"""As loud as a track in a mix, so that what depends on level does what it does there."""


@functools.cache
def phrase() -> Wave:
    """One second of drums and a chord in stereo, (2, samples): lows, highs, starts of sounds and held tones."""
    t = np.arange(RATE) / RATE
    random = np.random.RandomState(5)  # its stream is frozen (NEP 19)
    left, right = np.zeros(RATE), np.zeros(RATE)

    def add(at_s: float, sound: Wave, balance: float = 0.0) -> None:
        start = int(at_s * RATE)
        length = min(len(sound), RATE - start)
        left[start : start + length] += (1 - balance) * sound[:length]
        right[start : start + length] += (1 + balance) * sound[:length]

    short = t[: RATE // 2]
    kick = np.sin(2 * np.pi * (48 * short - 3.6 * np.exp(-short / 0.03))) * np.exp(-short / 0.14)
    snare = random.uniform(-1, 1, len(short)) * np.exp(-short / 0.07) + np.sin(2 * np.pi * 185 * short) * np.exp(
        -short / 0.05
    )
    hat = np.diff(random.uniform(-1, 1, len(short) + 1)) * np.exp(-short / 0.025)
    add(0.0, 0.9 * kick)
    add(0.5, 0.5 * snare)
    for at_s in (0.25, 0.75):
        add(at_s, 0.16 * hat, 0.4)
    for number, hz in enumerate((110.0, 164.81, 220.0, 277.18)):
        tone = sum(
            np.sin(2 * np.pi * hz * n * t + n * n) / n * np.exp(-t * (1.5 + 0.25 * n)) for n in map(float, range(1, 25))
        )
        add(0.125, 0.13 * np.asarray(tone) * np.minimum(1, t / 0.004), (-0.5, 0.5, -0.25, 0.25)[number])
    wave = np.stack([left, right])
    fade = RATE // 50
    wave[:, -fade:] *= np.linspace(1, 0, fade)
    return np.asarray(wave * _PEAK / np.max(np.abs(wave)))
