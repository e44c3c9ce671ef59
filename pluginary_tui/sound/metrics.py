"""Names and units of what is measured: figures, curves, verdicts and behaviours."""

from __future__ import annotations

from collections.abc import Mapping

from pluginary_tui.figures import METRICS as METRICS
from pluginary_tui.figures import Metric as Metric

METHOD = 1
"""Version of the measuring method. Increase it when a change gives the same plugin other figures."""


CURVES: Mapping[str, tuple[str, str]] = {
    "response": ("Hz", "dB"),
    "gain": ("dBFS", "dBFS"),
    "decay": ("s", "dB"),
    "harmonics": ("", "dB"),
}
"""The curves there may be, with the units of their two axes."""

VERDICTS: Mapping[str, str] = {
    "unstable": "emits numbers that are none, or too small to compute with",
    "noisy": "is not silent when its input is",
    "latency": "reports another latency than it has",
    "silent": "makes no sound at all (unlicensed, or a demo?)",
    "unrepeatable": "gives another result each time",
    "block": "gives another result with another buffer size",
    "identity": "changes nothing as it is when loaded",
}
"""Findings about a plugin with their meaning; each is a state of `is:` in queries."""

FAULTS = frozenset({"unstable", "noisy", "latency", "silent"})
"""The verdicts that are faults; the others are properties."""

BEHAVIOURS = (
    *("silent", "identity", "gain", "compressor", "limiter", "gate", "distortion", "filter", "equaliser", "reverb"),
    *("delay", "modulation", "pitch shifter", "lo-fi", "instrument"),
)
"""The values of `Passport.behaves`."""
