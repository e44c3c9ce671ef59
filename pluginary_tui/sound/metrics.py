"""Names and units of what is measured: figures, curves, verdicts and behaviours."""

from __future__ import annotations

from collections.abc import Mapping

from pluginary_tui.figures import METRICS as METRICS
from pluginary_tui.figures import Metric as Metric

METHOD = 3
"""Version of the measuring method. Increase it when a change gives the same plugin other figures."""


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
    "breaks": "crashes or hangs when it is used as hosts use it",
    "hosts": "fails at a sample rate or buffer size that hosts use",
    "state": "does not sound the same once its state is saved and restored",
    "automation": "gives invalid numbers while its parameters are moved",
    "silent": "makes no sound in any setting (it may need a file, a licence or another input)",
    "moving": "moves by itself, and starts at another point each time",
    "unrepeatable": "gives another result each time",
    "block": "gives another result with another buffer size",
    "identity": "passes the signal unchanged as it is when loaded",
}
"""Findings about a plugin with their meaning; each is a state of `is:` in queries."""

VERDICT_LABELS: Mapping[str, str] = {
    "unstable": "invalid numbers",
    "noisy": "noisy",
    "latency": "wrong latency",
    "breaks": "breaks in use",
    "hosts": "fails in some hosts",
    "state": "forgets its state",
    "automation": "fails when automated",
    "silent": "silent",
    "moving": "moves by itself",
    "unrepeatable": "varies each time",
    "block": "varies by buffer size",
    "identity": "neutral as loaded",
}
"""What a person calls a finding, where there is room for two or three words."""

FAULTS = frozenset({"unstable", "noisy", "latency", "breaks", "hosts", "state", "automation"})
"""The verdicts that are faults; the others are properties."""

FAMILIES: Mapping[str, tuple[str, ...]] = {
    "idle": ("silent", "identity", "gain"),
    "dynamics": ("compressor", "limiter", "multiband dynamics", "de-esser", "transient shaper", "gate"),
    "harmonics": ("distortion", "amplifier", "exciter", "lo-fi"),
    "tone": ("filter", "equaliser"),
    "space": ("reverb", "delay"),
    "movement": ("modulation", "rotary speaker", "ring modulator", "pitch shifter"),
    "stereo": ("stereo", "panner"),
    "source": ("instrument", "generator"),
}
"""What a plugin can behave like, by families: what is in one is close to each other."""

BEHAVIOURS = tuple(behaviour for family in FAMILIES.values() for behaviour in family)
"""The values of `Passport.behaves`."""

BEHAVIOUR_LABELS: Mapping[str, str] = {**{name: name for name in BEHAVIOURS}, "": "", "identity": "no change"}
"""What a person calls a behaviour."""

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
