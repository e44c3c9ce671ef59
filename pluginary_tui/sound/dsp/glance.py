"""Analysis of the short signal that shows what a parameter changes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from pluginary_tui.sound.dsp import spectrum, timing
from pluginary_tui.sound.dsp.dynamics import FLOOR_DB, db, level
from pluginary_tui.sound.dsp.test_signals import GLANCE, GLANCE_DB, RATE, TONE_HZ, Wave, glance

Look = Mapping[str, float]
"""What `glance` sounds like behind a plugin: see `look`."""

_PART = RATE // 10
_QUIETEST = -90.0
"""Harmonics below this are taken for none, dB."""

NO_TAIL = -60.0
"""What is left after a sound is taken for no tail below this, dB: it may be noise."""


def look(y: Wave) -> Look | None:
    """Level, tone colour, dynamics, harmonics, tail, width and pitch of `glance` behind a plugin; None for silence.

    `y` has the shape (channels, samples). All values are dB, but `pitch` (cents), `width` (0 to 1).
    """
    main = y[int(np.argmax(np.sum(np.square(y), axis=1)))]
    ends = np.cumsum(GLANCE)
    quiet, loud = (main[end - _PART : end] for end in ends[:2])
    noise = y[:, ends[1] + _PART // 2 : ends[2]]
    tail = main[ends[2] + RATE // 20 : ends[2] + RATE * 2 // 5]
    first, bins = _partials(loud)
    soft, _ = _partials(quiet)
    if level(noise) < -80 and level(loud) < -80:
        return None
    thirds = spectrum.response(glance()[ends[1] + _PART // 2 : ends[2]], noise, spectrum.THIRDS)
    bands = thirds[:30].reshape(10, 3).mean(axis=1)
    gain = 20 * float(np.log10(max(first, 1e-7))) - GLANCE_DB[1]
    soft_gain = 20 * float(np.log10(max(soft, 1e-7))) - GLANCE_DB[0]
    middle = float(np.mean(bands[4:6]))
    found = {
        "level": level(noise) - db(float(np.mean(np.square(glance()[ends[1] + _PART // 2 : ends[2]])))),
        "bass": float(np.mean(bands[1:3])) - middle,
        "treble": float(np.mean(bands[7:9])) - middle,
        "squash": soft_gain - gain,
        "tail": max(NO_TAIL, level(tail) - max(level(noise), -80.0)),
        "width": (timing.width(noise) or 0.0) if len(y) == 2 else 0.0,
        "colour": min(spectrum.colour(thirds), 30.0),
    }
    if first > 1e-4:
        found["harmonics"] = max(_QUIETEST, db(float(np.sum(np.square(bins[1:]))) / first**2))
        found["second"] = max(_QUIETEST, db((bins[1] / first) ** 2))
        found["third"] = max(_QUIETEST, db((bins[2] / first) ** 2))
    else:
        found |= {"harmonics": _QUIETEST, "second": _QUIETEST, "third": _QUIETEST}
    found["pitch"] = _cents(loud)
    if len(y) == 2:
        left, right = level(noise[0]), level(noise[1])
        found["balance"] = float(np.clip(right - left, -40, 40)) if min(left, right) > FLOOR_DB else 0.0
    else:
        found["balance"] = 0.0
    return {name: float(np.clip(value, -120, 2400)) for name, value in found.items()}


def _partials(part: Wave) -> tuple[float, Wave]:
    """Amplitude of 1 kHz, and of it with its clear harmonics; `part` holds 100 whole cycles."""
    size = np.abs(np.fft.rfft(part)) * 2 / len(part)
    bins = size[np.rint(TONE_HZ * np.arange(1, 11) * len(part) / RATE).astype(int)]
    clear = bins > 6 * float(np.median(size))  # a tail or noise is no harmonic
    clear[0] = True
    return float(bins[0]), np.where(clear, bins, 0.0)


def _cents(part: Wave) -> float:
    """Pitch of the strongest partial against TONE_HZ in steps of what 0.1 s resolve; 0 within 30 cents."""
    size = np.abs(np.fft.rfft(part * np.hanning(len(part)), 8 * len(part)))
    if float(np.max(size)) < 1e-3:
        return 0.0
    hz = int(np.argmax(size[1:]) + 1) * RATE / (8 * len(part))
    cents = 1200 * float(np.log2(hz / TONE_HZ))
    return cents if 30 < abs(cents) < 2400 else 0.0
