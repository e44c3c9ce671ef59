"""Loudness as ITU-R BS.1770 defines it, for playing sounds equally loud."""

from __future__ import annotations

import numpy as np

from pluginary_tui.sound.dsp.test_signals import RATE, Wave

SILENT = -70.0
"""Blocks below this (LUFS) do not count, and a sound without louder ones has no loudness."""

_BLOCK, _HOP = RATE * 2 // 5, RATE // 10
_OFFSET = -0.691
_RELATIVE = 10.0
"""Blocks so much below the mean do not count either, LU: a pause does not make a sound softer."""

# The two filters of BS.1770-4, annex 1, at 48 kHz: numerator and denominator.
_FILTERS = (
    ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585)),
    ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621)),
)


def loudness(wave: Wave) -> float:
    """Integrated loudness of (channels, samples) at RATE, LUFS; SILENT where no part is louder than that.

    One channel counts as if it came out on both sides, as it does when it is played.
    """
    wave = np.atleast_2d(wave)
    if wave.shape[0] == 1:
        wave = np.repeat(wave, 2, axis=0)
    if wave.shape[1] < _BLOCK:
        wave = np.pad(wave, ((0, 0), (0, _BLOCK - wave.shape[1])))
    length = wave.shape[1]
    spectrum = np.fft.rfft(wave, axis=1)
    turn = np.exp(-2j * np.pi * np.arange(spectrum.shape[1]) / length)
    for top, bottom in _FILTERS:
        spectrum = spectrum * np.abs(np.polyval(top[::-1], turn) / np.polyval(bottom[::-1], turn))
    weighted = np.fft.irfft(spectrum, length, axis=1)
    energy = np.concatenate([[0.0], np.cumsum(np.sum(np.square(weighted), axis=0))])
    starts = np.arange(0, length - _BLOCK + 1, _HOP)
    power = np.maximum(energy[starts + _BLOCK] - energy[starts], 0.0) / _BLOCK
    loud = power[_lufs(power) > SILENT]
    if not loud.size:
        return SILENT
    loud = loud[_lufs(loud) > _lufs(np.mean(loud)) - _RELATIVE]
    return float(_lufs(np.mean(loud)))


def _lufs(power: Wave | np.floating) -> Wave:
    return np.asarray(_OFFSET + 10 * np.log10(np.maximum(power, 1e-12)))
