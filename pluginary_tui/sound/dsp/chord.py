"""What moves in which band: the levels of the tones of `test_signals.chord` over time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pluginary_tui.sound.dsp.test_signals import CHORD_HZ, RATE, Wave

_PIECE = RATE // 40
"""25 ms: each tone of the chord has whole periods in it, so that they do not disturb one another."""

_SETTLES = 20
"""Pieces left out at the start, in which tails and gains settle."""

_SHORTEST = 5
"""Shortest period looked for, pieces: 8 Hz."""


@dataclass(slots=True)
class Chord:
    """How the levels of the tones move."""

    motion: float = 0.0
    """Largest range of the level of one tone, dB."""
    apart: float = 0.0
    """Where the lows and the highs move regularly at different rates, the smaller range of both, dB; else 0."""


def chord(y: Wave, noise_db: float) -> Chord:
    """Analyse the response (channels, samples) to `test_signals.chord`; nothing where noise hides it."""
    count = y.shape[1] // _PIECE
    pieces = y[:, : count * _PIECE].reshape(len(y), count, _PIECE)[:, _SETTLES:]
    t = np.arange(_PIECE) / RATE
    turned = np.exp(-2j * np.pi * np.outer(t, CHORD_HZ))
    power = np.square(np.abs(pieces @ turned) * 2 / _PIECE)  # (channels, pieces, tones)
    main = power[int(np.argmax(power.sum(axis=(1, 2))))]
    heard = 10 * np.log10(np.maximum(main.mean(axis=0), 1e-20)) > max(-75.0, noise_db)
    levels = 10 * np.log10(np.maximum(main, 1e-9))
    ranges = np.subtract(*np.percentile(levels, [97, 3], axis=0)) * heard
    halves = [np.ptp(half, axis=0) for half in np.array_split(levels, 2)]
    ranges = np.where(halves[1] > 0.4 * halves[0], ranges, np.minimum(ranges, halves[1]))  # what settles does not move
    if not np.any(heard):
        return Chord()
    lows, highs = (int(np.argmax(ranges[part])) + part.start for part in (slice(0, 2), slice(3, 5)))
    both = float(min(ranges[lows], ranges[highs]))
    differ = both > 1 and _differ(np.sqrt(main[:, lows]), np.sqrt(main[:, highs]))
    return Chord(float(np.max(ranges)), both if differ else 0.0)


def _differ(one: Wave, other: Wave) -> bool:
    """Whether both are periodic and neither has the period of the other, nor a multiple of it."""
    matches = [_matches(values) for values in (one, other)]
    periods = [_period(match) for match in matches]
    if None in periods:
        return False
    return all(_at(match, period) < 0.5 for match, period in zip(matches, reversed(periods), strict=True))


def _matches(values: Wave) -> Wave:
    """Autocorrelation of what is not its mean, by lag."""
    found = [1.0]
    for lag in range(1, len(values) // 2):
        a, b = values[:-lag] - values[:-lag].mean(), values[lag:] - values[lag:].mean()
        size = float(np.sqrt(np.sum(a * a) * np.sum(b * b)))
        found.append(float(np.sum(a * b)) / size if size > 0 else 0.0)
    return np.array(found)


def _period(match: Wave) -> int | None:
    """The shortest lag at which a movement repeats, after it differed."""
    below = np.nonzero(match < 0.4)[0]
    if not len(below):
        return None
    start = max(int(below[0]), _SHORTEST)
    later = match[start:]
    if not len(later) or float(np.max(later)) < 0.8:
        return None
    best = np.nonzero(later > 0.95 * float(np.max(later)))[0]
    return start + int(best[0])


def _at(match: Wave, lag: int | None) -> float:
    return float(np.max(match[max(0, (lag or 0) - 1) : (lag or 0) + 2], initial=0.0))
