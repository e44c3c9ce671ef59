"""Spectra: response in bands, its corners and slopes, and the pitch and modulation of a tone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pluginary_tui.sound.dsp.dynamics import db
from pluginary_tui.sound.dsp.test_signals import RATE, TONE_HZ, Wave

THIRDS = tuple(float(f"{1000 * 10 ** (n / 10):.5g}") for n in range(-17, 14))
"""Centres of the third-octave bands from 20 Hz to 20 kHz (IEC 61260-1, base ten)."""

FINE = tuple(float(f) for f in 1000 * 2.0 ** (np.arange(-74, 52) / 12))
"""Centres of twelfth-octave bands, 14 Hz to 19 kHz, for finding corners."""


def response(x: Wave, y: Wave, centres: tuple[float, ...], noise: float = 0.0) -> Wave:
    """Power of `y` (channels, samples) relative to `x` (samples) in a band around each centre (Hz), dB.

    `noise` is the mean power per sample of `y` without input; it is subtracted.
    """
    size = len(x)
    frequencies = np.fft.rfftfreq(size, 1 / RATE)
    power_in = np.square(np.abs(np.fft.rfft(x)))
    power_out = np.mean(np.square(np.abs(np.fft.rfft(np.atleast_2d(y)[:, :size]))), axis=0) - noise * size
    ratio = np.array(centres)[1] / centres[0]
    edges_low, edges_high = np.array(centres) / np.sqrt(ratio), np.array(centres) * np.sqrt(ratio)
    sum_in, sum_out = np.concatenate([[0], np.cumsum(power_in)]), np.concatenate([[0], np.cumsum(power_out)])
    low, high = np.searchsorted(frequencies, edges_low), np.searchsorted(frequencies, edges_high)
    high = np.maximum(high, low + 1)
    gained = np.maximum(sum_out[high] - sum_out[low], 0) / np.maximum(sum_in[high] - sum_in[low], 1e-30)
    return np.asarray(np.maximum(10 * np.log10(np.maximum(gained, 1e-30)), -140.0))


def colour(thirds: Wave) -> float:
    """Standard deviation of a response in THIRDS, dB; bands more than 60 dB below the loudest count as -60."""
    audible = np.maximum(thirds, np.max(thirds) - 60)
    return float(np.std(audible))


def steepest(fine: Wave) -> float:
    """Largest level change of FINE bands within a third of an octave, dB; a codec's band limit is that steep."""
    audible = np.maximum(fine, np.max(fine) - 80)
    return float(np.max(np.abs(audible[4:] - audible[:-4])))


@dataclass(slots=True)
class End:
    """The corner of a response on one side."""

    corner: float
    """Hz, 3 dB below the level of the rest."""
    slope: float | None
    """dB per octave, positive; None where too little of the slope is visible."""
    trust: float


def ends(fine: Wave) -> tuple[End | None, End | None]:
    """The lower and the upper corner of a response in FINE bands, None where it has none.

    A response ends where it falls 12 dB below the rest and does not rise again.
    """
    return _end(fine[::-1], np.array(FINE)[::-1]), _end(fine, np.array(FINE))


def _end(values: Wave, frequencies: Wave) -> End | None:
    """The corner towards the end of `values`."""
    top = float(np.max(values))
    begin = float(np.mean(values[:3]))
    # A plateau before the corner is the better reference: a resonance may exceed it.
    reference = begin if begin > top - 3 or (begin > top - 30 and _level(values)) else top
    if np.max(values[-6:]) > reference - 12:
        return None
    kept = np.nonzero(values >= reference - 3)[0]
    last = int(kept[-1])
    if last + 1 >= len(values) or last == 0:
        return None
    step = (reference - 3 - values[last]) / (values[last + 1] - values[last])
    octave = np.log2(frequencies)
    corner = float(2 ** (octave[last] + step * (octave[last + 1] - octave[last])))
    beyond = np.abs(octave - np.log2(corner))
    if np.max(values[-6:]) > reference - 40 and values[-13] - values[-1] < 3:
        return None  # flat again: a shelf
    after = np.arange(len(values)) > last
    fall = after & (beyond > 1.0) & (values > reference - 70) & (values > -110) & (frequencies < 8000)
    slope = None
    if fall.sum() >= 10 and np.ptp(beyond[fall]) >= 0.9:
        fitted = np.polyfit(beyond[fall], values[fall], 1)
        if float(np.std(np.polyval(fitted, beyond[fall]) - values[fall])) < 2:
            slope = -float(fitted[0]) if fitted[0] < -3 else None
    if slope is None and reference - 3 - values[-1] < 4 * beyond[-1]:
        return None  # a tilt without a corner
    octaves = abs(float(np.log2(corner / frequencies[0])))
    return End(corner, slope, 0.9 if octaves > 2 and corner < 8000 else 0.5)


def _level(values: Wave) -> bool:
    """Whether the first octave is flat within 1 dB."""
    return float(np.ptp(values[:12])) < 1.0


@dataclass(slots=True)
class Tone:
    """The response to the long tone."""

    cents: float
    """Pitch of its strongest partial relative to TONE_HZ, cents."""
    clear: float
    """Level of that partial above everything that is not near it, dB."""
    depth: float
    """Range of its level, dB."""
    wander: float
    """Range of its pitch, cents."""
    rate: float | None
    """Modulation rate, Hz; None where there is no regular modulation."""
    regular: float
    """0 to 1: how periodic the modulation is."""


def tone(y: Wave) -> Tone | None:
    """Pitch and modulation of the long tone in one output channel; None where it is silent."""
    part = y[RATE // 2 : -RATE // 8]
    if float(np.mean(np.square(part))) < 1e-11:
        return None
    window = np.hanning(len(part))
    spectrum = np.abs(np.fft.rfft(part * window))
    frequencies = np.asarray(np.fft.rfftfreq(len(part), 1 / RATE), np.float64)
    peak = int(np.argmax(spectrum[1:])) + 1
    frequency = _parabola(frequencies, np.log(spectrum + 1e-30), peak)
    far = np.abs(frequencies - frequency) > 120
    clear = 2 * db(float(spectrum[peak])) - db(float(np.sum(np.square(spectrum[far]))))
    near = np.fft.fft(part)
    axis = np.fft.fftfreq(len(part), 1 / RATE)
    near[np.abs(axis - frequency) > 120] = 0
    # The band filter rings at the edges: cut them off.
    moving = np.fft.ifft(near)[RATE // 8 : -RATE // 8] * 2
    envelope = 20 * np.log10(np.maximum(np.abs(moving), 1e-9))
    pitch = np.unwrap(np.angle(moving * np.exp(-2j * np.pi * frequency / RATE * np.arange(len(moving)))))
    cut = len(moving) // 240 * 240  # 5 ms per value resolve 20 Hz
    slow = envelope[:cut].reshape(-1, 240).mean(axis=1)
    drift = np.gradient(pitch[:cut].reshape(-1, 240).mean(axis=1)) * (RATE / 240) / (2 * np.pi)
    cents = 1200 * np.log2(np.maximum(1 + drift / frequency, 1e-3))
    depth, wander = _range(slow), _range(cents)
    rate, regular = _movement(10 ** (slow / 20) if depth > 0.2 else None, cents if wander > 2 else None)
    frequency_hz = frequency + float(np.median(drift))  # robust against the splices of a pitch shifter
    return Tone(1200 * float(np.log2(frequency_hz / TONE_HZ)), clear, depth, wander, rate, regular)


def _range(values: Wave) -> float:
    low, high = np.percentile(values, [2, 98])
    return float(high - low)


def _movement(level: Wave | None, pitch: Wave | None) -> tuple[float | None, float]:
    """Rate (Hz) and periodicity of a modulation of level, pitch or both. The slower of two rates counts: a comb filter
    that is swept through its centre changes the level at twice the rate.
    """
    rates = [_rate(values) for values in (level, pitch) if values is not None]
    sure = sorted((rate, regular) for rate, regular in rates if rate is not None and regular > 0.75)
    if sure:
        return sure[0]
    return rates[0] if rates else (None, 0.0)


def _rate(values: Wave) -> tuple[float | None, float]:
    """Rate (Hz) of periodic values that are 5 ms apart, and their autocorrelation at that period."""
    size = len(values)
    lags = np.arange(8, size // 2)  # 25 Hz downwards
    match = np.array([_correlation(values[:-lag], values[lag:]) for lag in lags])
    best = float(np.max(match))
    if best < 0.6:
        return None, max(best, 0.0)
    tops = np.nonzero((match[1:-1] >= match[:-2]) & (match[1:-1] >= match[2:]) & (match[1:-1] > 0.75 * best))[0] + 1
    if not len(tops) or np.min(match[: tops[0]]) > 0.5 * best:
        return None, 0.0  # no peak, or no dip before it
    period = _parabola(lags.astype(float), match, int(tops[0]))
    times = 1
    while (times + 1) * period + 2 < lags[-1]:  # a peak several periods later gives a finer period
        times += 1
        near = round(times * period) - 8
        at = near - 2 + int(np.argmax(match[near - 2 : near + 3]))
        if match[at] < 0.8 * best:
            break
        period = _parabola(lags.astype(float), match, at) / times
    return RATE / 240 / period, best


def _correlation(a: Wave, b: Wave) -> float:
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt(np.sum(np.square(a)) * np.sum(np.square(b))))
    return float(np.sum(a * b)) / size if size > 0 else 0.0


def _parabola(x: Wave, y: Wave, peak: int) -> float:
    """Position of a peak by parabolic interpolation."""
    if not 0 < peak < len(y) - 1:
        return float(x[peak])
    a, b, c = y[peak - 1 : peak + 2]
    shift = 0.5 * (a - c) / (a - 2 * b + c) if a - 2 * b + c else 0.0
    return float(x[peak] + shift * (x[1] - x[0]))
