"""Time: latency, echoes and decay of a response, stereo width, and the notes of instruments."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from pluginary_tui.sound.dsp.dynamics import db
from pluginary_tui.sound.dsp.test_signals import BURST, LEAD, RATE, SIDE, SIDE_GAP, Wave, burst


@dataclass(slots=True)
class Arrival:
    """When an impulse comes out, in samples after it went in; the host has compensated the reported latency."""

    first: int
    """Onset; before the strongest sample where a filter rings ahead."""
    strongest: int
    focus: float
    """Share of the energy within 2 ms of the strongest sample, 0 to 1."""


def arrival(y: Wave, noise: float = 0.0) -> Arrival | None:
    """Arrival of the impulse in one channel; `noise` is the peak without input. None where it does not arrive."""
    top = float(np.max(np.abs(y), initial=0))
    if top < max(1e-5, 10 * noise):
        return None
    first = int(np.argmax(np.abs(y) > max(top * 1e-4, 3 * noise)))
    strongest = int(np.argmax(np.abs(y)))
    energy = np.square(y)
    near = energy[max(0, strongest - 96) : strongest + 97]
    return Arrival(first - LEAD, strongest - LEAD, float(np.sum(near) / np.sum(energy)))


def echo(y: Wave) -> tuple[float, float] | None:
    """Time of the first echo of an impulse in seconds, and its clarity (0 to 1); None where there is none.

    An echo comes 5 ms or more after the impulse, and is 10 dB louder than the 2 ms before it.
    """
    after = np.square(y[LEAD:])
    piece = RATE // 1000
    millis = after[: len(after) // piece * piece].reshape(-1, piece).max(axis=1)
    top = float(millis.max())
    if top < 1e-10:
        return None
    peaks = [
        n
        for n in range(5, len(millis) - 2)
        if millis[n] > top * 1e-4
        and millis[n] == millis[n - 2 : n + 3].max()
        and millis[n] > 10 * millis[max(1, n - 4) : n - 1].max(initial=0)
    ]
    if not peaks:
        return None
    tail = float(np.sum(after[5 * piece :]))
    alone = sum(float(np.sum(after[(n - 1) * piece : (n + 3) * piece])) for n in peaks)
    clear = min(1.0, alone / tail) if tail > 0 else 0.0
    start = peaks[0] * piece
    return (start + int(np.argmax(after[start : start + piece]))) / RATE, clear


@dataclass(slots=True)
class Decay:
    """The decay of the noise burst."""

    seconds: float
    """Time to fall by 60 dB, from the slope between -5 and -25 dB (T20 of ISO 3382-1)."""
    straight: float
    """0 to 1: how linear the decay is."""
    times: Wave
    """Seconds after the burst; `fall` holds the levels in dB."""
    fall: Wave


def decay(y: Wave, late: int = 0) -> Decay | None:
    """Decay after the burst in one channel, by backward integration (Schroeder, JASA 37 (1965)).

    None where there is no tail: less than 20 ms, or too little above the noise.
    """
    y = _without_bass(y)  # a settling DC offset is no tail
    end = LEAD + BURST + max(late, 0)
    tail = np.square(y[end:])
    during = float(np.mean(np.square(y[LEAD + BURST // 2 : LEAD + BURST])))
    if during < 1e-10 or len(tail) < RATE:
        return None
    floor = float(np.mean(tail[-RATE // 4 :]))
    left = np.cumsum((tail - floor)[::-1])[::-1]
    if left[0] <= 1e-6 * during * RATE * 0.02:
        return None
    curve = 10 * np.log10(np.maximum(left / left[0], 1e-12))
    start, stop = int(np.argmax(curve <= -5)), int(np.argmax(curve <= -25))
    duration = left[0] / (during * RATE)  # seconds at the level of the burst
    if stop - start < RATE * 0.007 or duration < 1e-3:
        return None
    t = np.arange(start, stop) / RATE
    slope, offset = np.polyfit(t, curve[start:stop], 1)
    if slope >= 0:
        return None
    wrong = float(np.std(slope * t + offset - curve[start:stop]))
    picked = np.linspace(0, min(len(curve) - 1, int(1.5 * 60 / -slope * RATE)), 48).astype(int)
    return Decay(float(-60 / slope), max(0.0, 1 - wrong / 5), picked / RATE, np.maximum(curve[picked], -80))


def _without_bass(y: Wave) -> Wave:
    """The signal less its moving average over 25 ms: a high-pass at about 30 Hz."""
    length = RATE // 40
    sums = np.cumsum(np.pad(y, (length // 2 + 1, length - length // 2 - 1)))
    return np.asarray(y - (sums[length:] - sums[:-length]) / length)


def impulse_response(y: Wave) -> Wave:
    """The response to an impulse of -6 dBFS after LEAD, from that to the burst: it shows what needs a loud input.

    Division of the spectra, regularised; what moves or distorts is smeared.
    """
    x = burst()
    size = 1 << (2 * len(x)).bit_length() - 1
    given = np.fft.rfft(x[LEAD:], size)
    power = np.square(np.abs(given))
    found = np.fft.irfft(np.fft.rfft(y[LEAD:], size) * np.conj(given) / (power + 1e-4 * float(np.mean(power))), size)
    answer = np.zeros(len(x))
    answer[LEAD:] = 0.5 * found[: len(x) - LEAD]
    return answer


def spread(answer: Wave) -> float:
    """Share of an impulse response that comes more than 5 ms after its strongest sample, 0 to 1."""
    energy = np.square(answer)
    top = int(np.argmax(energy))
    whole = float(np.sum(energy[max(0, top - RATE // 100) :]))
    return float(np.sum(energy[top + RATE // 200 :])) / whole if whole > 1e-12 else 0.0


def tail_level(y: Wave, late: int = 0) -> float:
    """Level 20 to 120 ms after the burst, relative to the burst, dB, at least -120."""
    y = _without_bass(y)
    end = LEAD + BURST + max(late, 0)
    during = float(np.mean(np.square(y[LEAD + BURST // 2 + late : end])))
    after = float(np.mean(np.square(y[end + RATE // 50 : end + RATE * 3 // 25])))
    return max(-120.0, db(after) - db(during)) if during > 1e-10 else -120.0


def tail_octaves(y: Wave, late: int = 0) -> Wave | None:
    """Mean power per bin of a tail in the eight octaves from 62.5 Hz to 16 kHz; None where there is no tail."""
    end = LEAD + BURST + max(late, 0) + RATE // 50
    part = y[end : end + RATE // 4]
    if len(part) < RATE // 8 or float(np.mean(np.square(part))) < 1e-13:
        return None
    power = np.square(np.abs(np.fft.rfft(part * np.hanning(len(part)))))
    edges = np.rint(62.5 * 2.0 ** np.arange(9) * len(part) / RATE).astype(int)
    return np.array([np.mean(power[low:high]) for low, high in itertools.pairwise(edges)])


def tail_bands(octaves: Wave | None) -> float:
    """Share of the octaves that a tail fills within 25 dB: a reverb fills most, what rings only one. 0 to 1."""
    return 0.0 if octaves is None else float(np.mean(octaves > octaves.max() / 316))


def tail_tilt(octaves: Wave | None) -> float:
    """Level of a tail from 4 to 16 kHz against that from 250 Hz to 1 kHz, dB: negative where it is dark."""
    if octaves is None:
        return 0.0
    return float(np.clip(db(float(octaves[6:8].mean())) - db(float(octaves[2:4].mean())), -60, 60))


def width(y: Wave) -> float | None:
    """Share of the side signal of `y` (2, samples): 0 (mono) to 1 (difference only); None in silence."""
    mid, side = float(np.sum(np.square(y[0] + y[1]))), float(np.sum(np.square(y[0] - y[1])))
    if mid + side < 1e-7:
        return None
    return side / (mid + side)


@dataclass(slots=True)
class Stereo:
    """What happens to left, right, middle and side."""

    width: float | None = None
    """See `width`, for the same on both sides."""
    side_gain: float = 0.0
    """Gain of the difference of both sides above that of their sum, dB."""
    pan: float = 0.0
    """Right above left where both get the same, dB."""
    cross: float = -100.0
    """What comes out of the other side, relative to the own, dB."""


def stereo(y: Wave) -> Stereo:
    """Analyse the response (2, samples) to `test_signals.sides`."""
    pitch = SIDE + SIDE_GAP
    left, right, both = (y[:, n * pitch : n * pitch + pitch] for n in range(3))
    wide = width(both)
    if wide is None:
        return Stereo()
    own = db(float(np.sum(np.square(left[0]) + np.square(right[1]))))
    other = db(float(np.sum(np.square(left[1]) + np.square(right[0]))))
    mid, side = left + right, left - right
    mid_power = float(np.sum(np.square(mid[0] + mid[1])))
    side_power = float(np.sum(np.square(side[0] - side[1])))
    levels = [db(float(np.sum(np.square(channel)))) for channel in both]
    return Stereo(
        wide,
        float(np.clip(db(side_power) - db(mid_power), -60, 60)),
        float(np.clip(levels[1] - levels[0], -60, 60)),
        float(np.clip(other - own, -100, 60)),
    )


@dataclass(slots=True)
class Motion:
    """How a steady tone moves once it has settled."""

    level: float = 0.0
    """Range of its level, dB."""
    pan: float = 0.0
    """Range of right against left, dB."""
    opposite: float = 0.0
    """-1 to 1: 1 where one side falls as the other rises."""


def motion(y: Wave, noise_db: float) -> Motion:
    """Movement in the last three seconds of a tone; none where it only settles, or is not 20 dB above the noise."""
    piece = RATE // 50
    kept = y[:, -3 * RATE :]
    kept = kept[:, : kept.shape[1] // piece * piece]
    power = np.square(kept).reshape(len(kept), -1, piece).mean(axis=2)
    if db(float(power.mean())) < max(-80.0, noise_db + 20):
        return Motion()
    levels = 10 * np.log10(np.maximum(power, 1e-9))
    main = levels[int(np.argmax(power.sum(axis=1)))]
    halves = [float(np.ptp(half)) for half in np.array_split(main, 2)]
    # What settles moves less and less.
    whole = float(np.subtract(*np.percentile(main, [98, 2]))) if halves[1] > 0.4 * halves[0] else halves[1]
    if len(levels) < 2:
        return Motion(whole)
    apart = levels[1] - levels[0]
    moves = [channel - channel.mean() for channel in levels]
    size = float(np.sqrt(np.sum(moves[0] ** 2) * np.sum(moves[1] ** 2)))
    opposite = -float(np.sum(moves[0] * moves[1])) / size if size > 1e-6 else 0.0
    return Motion(whole, float(np.subtract(*np.percentile(apart, [98, 2]))), opposite)


@dataclass(slots=True)
class Note:
    """One note of an instrument."""

    level: float
    pitch: float | None
    """Hz; None where there is no clear pitch."""
    brightness: float
    attack: float
    release: float | None
    """Seconds; None where it never falls by 40 dB."""


def note(y: Wave, held: int, expected: float) -> Note | None:
    """Analyse one channel of a note that was held for `held` samples; None where it is silent.

    `expected` is the requested pitch in Hz; a pitch more than half an octave away is rejected.
    """
    sounding = y[:held]
    power = float(np.mean(np.square(sounding)))
    if db(power) < -90:
        return None
    piece = RATE // 500
    envelope = np.sqrt(np.square(y[: len(y) // piece * piece]).reshape(-1, piece).mean(axis=1))
    top = float(np.max(envelope[: held // piece]))
    first = int(np.argmax(envelope > 0.05 * top))
    full = int(np.argmax(envelope > 0.9 * top))
    after = envelope[held // piece :]
    start = float(np.max(envelope[max(0, held // piece - 25) : held // piece]))
    quiet = np.nonzero(after > 0.01 * start)[0]
    last = int(quiet[-1]) + 1 if len(quiet) else 0
    release = None if last >= len(after) - 1 or start <= 0 else last * piece / RATE
    spectrum = np.abs(np.fft.rfft(sounding * np.hanning(held)))
    frequencies = np.fft.rfftfreq(held, 1 / RATE)
    power_of = np.square(spectrum)
    brightness = float(np.sum(frequencies * power_of) / np.sum(power_of))
    return Note(db(power), _pitch(sounding, expected), brightness, (full - first) * piece / RATE, release)


def _pitch(y: Wave, expected: float) -> float | None:
    """Hz, by autocorrelation near the expected period, refined by a parabola."""
    part = y[len(y) // 4 : len(y) // 4 + RATE // 2]
    size = 1 << (2 * len(part)).bit_length()
    correlation = np.fft.irfft(np.square(np.abs(np.fft.rfft(part, size))))[: len(part)]
    correlation /= np.maximum(correlation[0], 1e-30)
    correlation *= len(part) / (len(part) - np.arange(len(part)))
    low, high = int(RATE / expected / 1.4), int(RATE / expected * 1.4) + 2
    best = low + int(np.argmax(correlation[low:high]))
    if correlation[best] < 0.6 or not low < best < high - 1:
        return None
    # A peak many periods later gives a finer period.
    period = _top(correlation, best)
    times = 1
    while (times * 2 + 1) * period < len(part) * 0.7:
        times *= 2
        guess = round(period * times)
        near = slice(guess - 3, guess + 4)
        found = near.start + int(np.argmax(correlation[near]))
        if correlation[found] < 0.6:
            break
        period = _top(correlation, found) / times
    return RATE / period


def _top(values: Wave, at: int) -> float:
    a, b, c = values[at - 1 : at + 2]
    return at + float(0.5 * (a - c) / (a - 2 * b + c)) if a - 2 * b + c else float(at)
