"""The table of measured figures: name, unit, description and how each is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Metric(NamedTuple):
    """One measured figure. It is a field of queries and a column of the list."""

    name: str
    unit: str
    title: str
    """Heading of its column."""
    about: str
    places: int = 1
    """Significant digits behind the point."""
    words: str = ""
    """What a person calls it, where that is not the name."""

    @property
    def label(self) -> str:
        return self.words or self.name


METRICS: Mapping[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("cpu", "%", "CPU %", "processor time it takes, of real time", 2, words="processor load"),
        Metric("load_ms", "ms", "LOAD MS", "time to load", 0, words="time to load"),
        Metric("memory_mb", "MiB", "MEMORY MB", "memory it takes once loaded and run", words="memory"),
        Metric("latency_measured", "samples", "REAL LATENCY", "delay really there", 0, words="real latency"),
        Metric("latency_reported", "samples", "TOLD LATENCY", "delay it tells the host", 0, words="reported latency"),
        Metric("noise", "dBFS", "NOISE DB", "what comes out when silence goes in", words="own noise"),
        Metric(
            "null",
            "dB",
            "CHANGE DB",
            "difference to the dry signal; the lower the less it changes",
            words="difference from dry",
        ),
        Metric("gain", "dB", "GAIN DB", "gain at 1 kHz and -30 dBFS"),
        Metric("colour", "dB", "COLOUR DB", "how far its response is from flat", words="tone colour"),
        Metric("corner_low", "Hz", "LOW CUT HZ", "below this it cuts (-3 dB)", 0, words="cuts below"),
        Metric("corner_high", "Hz", "HIGH CUT HZ", "above this it cuts (-3 dB)", 0, words="cuts above"),
        Metric("slope_low", "dB/octave", "LOW SLOPE", "how steeply it cuts the lows", words="low cut slope"),
        Metric("slope_high", "dB/octave", "HIGH SLOPE", "how steeply it cuts the highs", words="high cut slope"),
        Metric("threshold", "dBFS", "THRESHOLD", "where its gain begins to change"),
        Metric("ratio", ":1", "RATIO", "input dB for one dB of output beyond the threshold"),
        Metric("knee", "dB", "KNEE DB", "width of the bend at the threshold", 0),
        Metric("thd", "%", "THD %", "harmonics of 1 kHz at -12 dBFS", 3, words="harmonic distortion"),
        Metric("decay", "s", "DECAY S", "time to fall by 60 dB", 2, words="decay time"),
        Metric("tail", "s", "TAIL S", "longest decay time of all settings that were tried", 2, words="longest tail"),
        Metric("echo", "s", "ECHO S", "time of the first echo", 4, words="first echo"),
        Metric("mod_rate", "Hz", "RATE HZ", "speed of its modulation", 2, words="modulation rate"),
        Metric(
            "mod_depth", "dB", "DEPTH DB", "how far its modulation moves the level of 1 kHz", words="modulation depth"
        ),
        Metric(
            "mod_cents", "cents", "VIBRATO CENTS", "how far its modulation moves the pitch of 1 kHz", words="vibrato"
        ),
        Metric("pitch", "cents", "PITCH CENTS", "how far it moves the pitch", words="pitch shift"),
        Metric(
            "width",
            "",
            "WIDTH",
            "share of what is different on both sides when both get the same (0 to 0.5)",
            2,
            words="stereo width",
        ),
        Metric("level", "dBFS", "LEVEL DB", "loudness of a note", words="loudness of a note"),
        Metric(
            "tuning",
            "cents",
            "TUNING CENTS",
            "how far a note is from the pitch it was asked for",
            words="out of tune by",
        ),
        Metric("brightness", "Hz", "BRIGHTNESS HZ", "centre of the spectrum of a note", 0),
        Metric("attack", "s", "ATTACK S", "time from the start of a note to its full level", 3),
        Metric("release", "s", "RELEASE S", "time from the end of a note until it has fallen by 40 dB", 3),
    )
}
"""By name, in the order in which they are shown."""

FACET_RANGES: Mapping[str, Sequence[str]] = {"tail": ("..0.5", "0.5..1", "1..2", "2..4", "4..")}
"""Figures that are facets, with their ranges as a query writes them, from the lowest to the highest."""


def range_text(figure: str, value: str) -> str:
    """A range of a figure in words, with its unit.

    >>> [range_text("tail", value) for value in ("..0.5", "0.5..1", "4..")]
    ['up to 0.5 s', '0.5 to 1 s', '4 s and more']
    """
    low, _, high = value.partition("..")
    unit = METRICS[figure].unit
    return f"up to {high} {unit}" if not low else f"{low} to {high} {unit}" if high else f"{low} {unit} and more"
