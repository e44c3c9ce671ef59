"""Levels: gain curve, dynamics, harmonics, noise and null tests. Signals are sampled at RATE."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pluginary_tui.sound.dsp.test_signals import (
    AFTER_DB,
    LEVELS,
    PAIR,
    PAIR_HZ,
    PAIR_LOUD_DB,
    PAIR_QUIET_DB,
    RATE,
    STEP,
    TONE_HZ,
    Wave,
)

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
    inharmonic: float = -160.0
    """Tones at -12 dBFS that are no harmonics, relative to the fundamental, dB: aliases, sidebands."""
    ring: float = 0.0
    """Share of the output at -12 dBFS that lies in two equal sidebands around 1 kHz, 0 to 1."""

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
    inharmonic, ring = -160.0, 0.0
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
        if LEVELS[number] == -12:
            inharmonic, ring = _beside(spectrum, bins), _ring(spectrum, int(bins[0]))
    return Steps(
        *(np.array(outs), np.array(partials), np.array(floors), np.array(steadiness)),
        *(_memory(y, late), inharmonic, ring),
    )


def _beside(spectrum: Wave, bins: Wave) -> float:
    """Power of the peaks that are no harmonics (nor next to one) relative to the fundamental, dB."""
    near = np.concatenate([bins + shift for shift in range(-6, 7)])
    rest = np.delete(spectrum, np.concatenate([np.arange(3), near[near < len(spectrum)]]).astype(int))
    peaks = rest[rest > 6 * float(np.median(rest))]
    first = float(spectrum[int(bins[0])])
    return float(np.clip(db(float(np.sum(np.square(peaks))) / first**2), -160, 60)) if first > 1e-9 else -160.0


def _ring(spectrum: Wave, carrier: int) -> float:
    """Share of the power in the strongest pair of bins that lie at equal distance on both sides of the carrier."""
    power = np.square(spectrum)
    total = float(np.sum(power[1:]))
    if total < 1e-9:
        return 0.0
    wide = np.convolve(power, np.ones(3), "same")  # a sideband may fall between two bins
    away = np.arange(4, len(wide) - carrier)
    # Of a pair at the distance of a harmonic the lower one is another harmonic, or what was there before.
    away = away[(away % carrier > 1) & (away % carrier < carrier - 1)]
    # A sideband below 0 Hz is reflected there.
    lower, upper = wide[np.abs(carrier - away)], wide[carrier + away]
    best = int(np.argmax(np.minimum(lower, upper)))
    if min(lower[best], upper[best]) < max(lower[best], upper[best]) / 4:
        return 0.0
    return float(min(1.0, (lower[best] + upper[best]) / total))


def curve_trust(taken: Steps) -> float:
    """0 to 1: how far the gain curve shows level and not time: steady steps, and a gain that rises and falls once."""
    audible = taken.out > -110
    if audible.sum() < 6:
        return 0.0
    steady = float(np.mean(taken.steady[audible] < 1.0))
    gain = (taken.out - np.array(LEVELS))[audible]
    travelled = float(np.sum(np.abs(np.diff(gain))))
    top = float(np.max(gain))
    shortest = max(2 * top - float(gain[0]) - float(gain[-1]), 1e-9)
    once = 1.0 if travelled < 1.0 else min(1.0, max(0.0, (shortest / travelled - 0.5) / 0.4))
    return float(steady * once)


@dataclass(slots=True)
class Pairs:
    """Gains of two tones, alone and together, dB relative to their quiet gain alone; and what is below the low one."""

    self_low: float = 0.0
    """Of the low tone when loud."""
    self_high: float = 0.0
    cross_low: float = 0.0
    """Of the quiet low tone while the high one is loud."""
    cross_high: float = 0.0
    sub: float = -120.0
    """Half the frequency of the loud low tone, relative to it."""
    start: float = 0.0
    """The first 20 ms of a quiet tone against what follows, dB."""
    thd_low: float = 0.0
    """Harmonics of the loud low tone, percent."""
    thd_high: float = 0.0


def pairs(y: Wave, late: int = 0) -> Pairs:
    """Analyse the response to `test_signals.pairs` in one channel, `late` samples delayed."""
    third = PAIR // 3
    parts = [y[n * PAIR + 2 * third + late : n * PAIR + 3 * third + late] for n in range(4)]
    if any(len(part) < third for part in parts):
        return Pairs()
    low_hz, high_hz = PAIR_HZ
    high, low_loud, low, high_loud = (
        _tone_db(parts[at], hz) for at, hz in ((0, high_hz), (1, low_hz), (2, low_hz), (3, high_hz))
    )
    step = PAIR_LOUD_DB - PAIR_QUIET_DB
    if min(high, low) < -105:
        return Pairs()
    changes = (
        low_loud - low - step,
        high_loud - high - step,
        _tone_db(parts[3], low_hz) - low,
        _tone_db(parts[1], high_hz) - high,
    )
    self_low, self_high, cross_low, cross_high = (float(np.clip(change, -60, 60)) for change in changes)
    first = y[late + RATE // 500 : late + RATE // 50]
    start = float(np.clip(_tone_db(first, high_hz) - high, -40, 40))
    return Pairs(
        *(self_low, self_high, cross_low, cross_high),
        max(-120.0, _tone_db(parts[1], low_hz / 2) - low_loud),
        start,
        _harmonics(parts[1], low_hz, high_hz),
        _harmonics(parts[3], high_hz, low_hz),
    )


def _harmonics(part: Wave, hz: float, other_hz: float) -> float:
    """Clear harmonics of one of two tones, percent of it; what is next to the other tone is left out."""
    size = np.abs(np.fft.rfft(part)) * 2 / len(part)  # whole periods of both tones
    first, other = (round(each * len(part) / RATE) for each in (hz, other_hz))
    if size[first] < 1e-4:
        return 0.0
    bins = [n * first for n in range(2, HARMONICS + 1) if n * first < len(size) - 1 and abs(n * first - other) > 2]
    floor = 6 * float(np.median(size))
    return min(1000.0, 100 * float(np.sqrt(sum(size[n] ** 2 for n in bins if size[n] > floor))) / float(size[first]))


def _tone_db(part: Wave, hz: float) -> float:
    window = np.hanning(len(part))
    turned = np.exp(-2j * np.pi * hz * np.arange(len(part)) / RATE)
    return db(float(abs(2 * np.sum(part * window * turned) / np.sum(window)) ** 2))


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


def opening(out: Wave) -> float | None:
    """The level in dBFS at which a gate opens (`out`: dBFS for each of LEVELS); None where it does not at once.

    Below it the gain is at least 10 dB lower, above it straight within 1 dB.
    """
    gain = out - np.array(LEVELS)
    jumps = np.diff(gain)
    at = int(np.argmax(jumps))
    above, below = gain[at + 1 :], gain[: at + 1]
    if jumps[at] < 10 or len(above) < 3 or float(np.ptp(above)) > 1 or float(np.max(below)) > float(np.min(above)) - 10:
        return None
    return float(LEVELS[at] + LEVELS[at + 1]) / 2


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
