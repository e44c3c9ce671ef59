"""Levels: gain curve, dynamics, harmonics, noise and null tests. Signals are sampled at RATE."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pluginary_tui.sound.dsp.test_signals import AFTER_DB, LEVELS, RATE, STEP, TONE_HZ, Wave

FLOOR_DB = -200.0
"""The level of silence, dB."""

HARMONICS = 10


def db(power: float) -> float:
    """Decibels of a power, at least FLOOR_DB."""
    return max(FLOOR_DB, 10 * float(np.log10(power))) if power > 0 else FLOOR_DB


def level(y: Wave) -> float:
    """Level in dBFS of the RMS, over all channels."""
    return db(float(np.mean(np.square(y)))) if y.size else FLOOR_DB


def null(x: Wave, y: Wave, *, gain: bool = False) -> float:
    """Level of `y - x` relative to `x`, dB, both of one shape; with `gain`, after scaling `x` to fit best.

    FLOOR_DB where they are equal.
    """
    energy = float(np.sum(np.square(x)))
    if energy == 0:
        return FLOOR_DB if not np.any(y) else 0.0
    if gain:
        g = float(np.sum(x * y)) / energy
        return db(float(np.sum(np.square(y - g * x))) / (g * g * energy)) if g else 0.0
    return db(float(np.sum(np.square(y - x))) / energy)


@dataclass(slots=True)
class Steps:
    """The response to 1 kHz at rising levels, one value for each of LEVELS."""

    out: Wave
    """dBFS (peak) of the fundamental."""
    partials: Wave
    """Amplitudes: a row per level, the columns the fundamental and its harmonics."""
    floor: Wave
    """Amplitude between the harmonics, per bin: noise and sidebands."""
    steady: Wave
    """Level difference of the first and second half of the analysed part, dB: 0 is steady."""
    memory: float
    """Level at -30 dBFS after the loudest step minus that before it, dB: negative while gain recovers."""

    def thd(self, row: int) -> float | None:
        """Harmonics relative to the fundamental, percent; None where noise or modulation hides them."""
        first, rest = self.partials[row, 0], self.partials[row, 1:]
        clear = rest[rest > 4 * self.floor[row]]
        if self.steady[row] > 0.1 or first < 30 * self.floor[row] or first <= 0:
            return None
        return 100 * float(np.sqrt(np.sum(np.square(clear)))) / float(first)

    def residue(self, row: int) -> float:
        """Everything but the fundamental and its harmonics, relative to the fundamental, dB per bin."""
        first = float(self.partials[row, 0])
        return db((float(self.floor[row]) / first) ** 2) if first > 0 else 0.0


def steps(y: Wave, late: int = 0) -> Steps:
    """Analyse the last third of each step. `y` is one output channel, `late` its delay in samples."""
    half = STEP // 3
    outs, partials, floors, steadiness = [], [], [], []
    bins = np.rint(TONE_HZ * np.arange(1, HARMONICS + 1) * half / RATE).astype(int)
    for number in range(len(LEVELS)):
        start = number * STEP + 2 * half + late
        window = y[start : start + half]
        if len(window) < half:
            window = np.zeros(half)
        # 100 whole cycles: each harmonic falls into one bin without a window function.
        spectrum = np.abs(np.fft.rfft(window)) * 2 / half
        ends = [abs(_amplitude(part)) for part in (window[: half // 2], window[half // 2 :])]
        between = np.delete(spectrum, [0, 1, *bins])
        partials.append(spectrum[bins])
        floors.append(float(np.median(between)))
        steadiness.append(abs(db(ends[0] ** 2) - db(ends[1] ** 2)))
        outs.append(db(float(spectrum[bins[0]]) ** 2))
    return Steps(np.array(outs), np.array(partials), np.array(floors), np.array(steadiness), _memory(y, late))


def _memory(y: Wave, late: int) -> float:
    before = LEVELS.index(AFTER_DB) * STEP + 2 * STEP // 3 + late
    after = len(LEVELS) * STEP + late + RATE // 50
    was, is_ = (level(y[at : at + RATE // 50]) for at in (before, after))
    return is_ - was if was > -110 else 0.0


def _amplitude(wave: Wave) -> complex:
    t = np.arange(len(wave)) / RATE
    return complex(2 * np.mean(wave * np.exp(-2j * np.pi * TONE_HZ * t)))


@dataclass(slots=True)
class Bend:
    """A gain curve that is straight on both sides of a threshold."""

    threshold: float
    """dBFS (peak)."""
    ratio: float
    """Input dB for one dB of output, above the threshold if `above`, else below it."""
    knee: float
    gain: float
    """Gain on the unaffected side, dB."""
    above: bool
    """True for compressors, False for expanders and gates."""
    error: float
    """RMS of the residual, dB."""


MOST_RATIO = 100.0
"""The ratio given for a limiter."""


_THRESHOLDS = np.arange(-57.0, -2.0, 0.5)
_KNEES = (0.0, 3.0, 6.0, 9.0, 12.0)


def bend(out: Wave) -> Bend | None:
    """Fit a bend to a gain curve (`out`: dBFS for each of LEVELS); None where it is straight (1.5 dB) or fits badly.

    The model of a compressor's curve with a soft knee: Giannoulis, Massberg and Reiss, "Digital Dynamic Range
    Compressor Design", JAES 60 (2012), equation 4.
    """
    audible = out > -110  # the level below a closed gate is meaningless
    if audible.sum() < 6:
        return None
    x = np.array(LEVELS)[audible]
    gain = out[audible] - x
    if float(np.ptp(gain)) < 1.5:
        return None
    best: Bend | None = None
    for knee in _KNEES:
        for above in (True, False):
            found = _fit(x, gain, knee, above)
            if found and (best is None or found.error < best.error - 0.01):
                best = found
    return best if best and best.error < 0.6 else None


def _fit(x: Wave, gain: Wave, knee: float, above: bool) -> Bend | None:
    """The best threshold for a knee on one side, by linear regression of gain on shape for all thresholds at once."""
    over = (x - _THRESHOLDS[:, None]) * (1 if above else -1)
    shape = np.maximum(over, 0.0)
    if knee:
        shape = np.where(np.abs(over) < knee / 2, np.square(over + knee / 2) / (2 * knee), shape)
    usable = ((shape > 1).sum(axis=1) >= 2) & ((shape < 0.1).sum(axis=1) >= 2)
    centred = shape - shape.mean(axis=1, keepdims=True)
    level_ = gain - gain.mean()
    spread = np.sum(np.square(centred), axis=1)
    turn = centred @ level_ / np.maximum(spread, 1e-9)  # dB of gain per dB beyond the threshold
    error = np.sqrt(np.mean(np.square(level_ - turn[:, None] * centred), axis=1))
    error[~usable | (turn >= -0.02)] = np.inf
    row = int(np.argmin(error))
    if not np.isfinite(error[row]):
        return None
    slope = 1 + turn[row] if above else 1 - turn[row]
    ratio = (1 / slope if slope > 1 / MOST_RATIO else MOST_RATIO) if above else slope
    straight = float(gain.mean() - turn[row] * shape[row].mean())
    return Bend(float(_THRESHOLDS[row]), min(MOST_RATIO, float(ratio)), knee, straight, above, float(error[row]))
