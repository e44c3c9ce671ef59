"""Names and units of what is measured: figures, curves, verdicts and behaviours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

METHOD = 2
"""Version of the measuring method. Increase it when a change gives the same plugin other figures."""


class Metric(NamedTuple):
    """One measured figure."""

    name: str
    unit: str
    about: str
    places: int = 1
    """Significant digits behind the point."""


METRICS: Mapping[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("cpu", "%", "processor time it takes, of real time", 2),
        Metric("load_ms", "ms", "time to load", 0),
        Metric("memory_mb", "MiB", "memory it takes once loaded and run"),
        Metric("latency_measured", "samples", "delay really there", 0),
        Metric("latency_reported", "samples", "delay it tells the host", 0),
        Metric("noise", "dBFS", "what comes out when silence goes in"),
        Metric("null", "dB", "difference to the dry signal; the lower the less it changes"),
        Metric("gain", "dB", "gain at 1 kHz and -30 dBFS"),
        Metric("colour", "dB", "how far its response is from flat"),
        Metric("corner_low", "Hz", "below this it cuts (-3 dB)", 0),
        Metric("corner_high", "Hz", "above this it cuts (-3 dB)", 0),
        Metric("slope_low", "dB/octave", "how steeply it cuts the lows"),
        Metric("slope_high", "dB/octave", "how steeply it cuts the highs"),
        Metric("threshold", "dBFS", "where its gain begins to change"),
        Metric("ratio", ":1", "input dB for one dB of output beyond the threshold"),
        Metric("knee", "dB", "width of the bend at the threshold", 0),
        Metric("thd", "%", "harmonics of 1 kHz at -12 dBFS", 3),
        Metric("decay", "s", "time to fall by 60 dB", 2),
        Metric("echo", "s", "time of the first echo", 4),
        Metric("mod_rate", "Hz", "speed of its modulation", 2),
        Metric("mod_depth", "dB", "how far its modulation moves the level of 1 kHz"),
        Metric("mod_cents", "cents", "how far its modulation moves the pitch of 1 kHz"),
        Metric("pitch", "cents", "how far it moves the pitch"),
        Metric("width", "", "share of what is different on both sides when both get the same (0 to 0.5)", 2),
        Metric("level", "dBFS", "loudness of a note"),
        Metric("tuning", "cents", "how far a note is from the pitch it was asked for"),
        Metric("brightness", "Hz", "centre of the spectrum of a note", 0),
        Metric("attack", "s", "time from the start of a note to its full level", 3),
        Metric("release", "s", "time from the end of a note until it has fallen by 40 dB", 3),
    )
}

CURVES: Mapping[str, tuple[str, str]] = {
    "response": ("Hz", "dB"),
    "gain": ("dBFS", "dBFS"),
    "decay": ("s", "dB"),
    "harmonics": ("", "dB"),
}
"""The curves there may be, with the units of their two axes."""

VERDICTS: Mapping[str, str] = {
    "unstable": "gives NaN (no number), infinity or denormals (too small to compute with)",
    "noisy": "is not silent when its input is",
    "latency": "reports another latency than it has",
    "silent": "makes no sound in any setting (it may need a file, a licence or another input)",
    "moving": "moves by itself, and starts at another point each time",
    "unrepeatable": "gives another result each time",
    "block": "gives another result with another buffer size",
    "identity": "passes the signal unchanged as it is when loaded",
}
"""Findings about a plugin with their meaning; each is a state of `is:` in queries."""

FAULTS = frozenset({"unstable", "noisy", "latency"})
"""The verdicts that are faults; the others are properties."""

FAMILIES: Mapping[str, tuple[str, ...]] = {
    "idle": ("silent", "identity", "gain"),
    "dynamics": ("compressor", "limiter", "multiband dynamics", "de-esser", "gate"),
    "harmonics": ("distortion", "amplifier", "exciter", "lo-fi"),
    "tone": ("filter", "equaliser"),
    "space": ("reverb", "delay"),
    "movement": ("modulation", "ring modulator", "pitch shifter"),
    "stereo": ("stereo", "panner"),
    "source": ("instrument", "generator"),
}
"""What a plugin can behave like, by families: what is in one is close to each other."""

BEHAVIOURS = tuple(behaviour for family in FAMILIES.values() for behaviour in family)
"""The values of `Passport.behaves`."""

KNOB_MEASURES: Mapping[str, str] = {
    "level": "dB",
    "bass": "dB",
    "treble": "dB",
    "squash": "dB",
    "tail": "dB",
    "width": "",
    "colour": "dB",
    "harmonics": "dB",
    "second": "dB",
    "third": "dB",
    "pitch": "cents",
    "balance": "dB",
}
"""What is measured while a parameter is turned, with its unit."""
