"""What a passport is: figures with their trust, curves, settings, verdicts. Plain data; no sound in here."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

from pluginary_tui.model import clean

_T = TypeVar("_T")

METHOD = 1
"""Which way of measuring made a passport. One more whenever the same plugin would get other figures."""

POINTS = 64
"""Points kept of a curve, at most."""

MOST = 16
"""Settings kept, at most."""

MOST_TURNED = 500
"""Turned parameters kept of a setting, at most."""

DEFAULT = "default"
"""The label of the setting that a plugin starts with."""


@dataclass(slots=True, frozen=True)
class Kind:
    """One thing that is measured."""

    name: str
    unit: str
    about: str
    places: int = 1
    """Digits behind the point that mean something."""


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("cpu", "%", "processor time it takes, of real time", 2),
        Kind("load_ms", "ms", "time to load", 0),
        Kind("memory_mb", "MiB", "memory it takes once loaded and run"),
        Kind("latency_measured", "samples", "delay really there", 0),
        Kind("latency_reported", "samples", "delay it tells the host", 0),
        Kind("noise", "dBFS", "what comes out when silence goes in"),
        Kind("null", "dB", "what it changes, against its input; the lower the less"),
        Kind("gain", "dB", "gain at 1 kHz and -30 dBFS"),
        Kind("colour", "dB", "how far its response is from flat"),
        Kind("corner_low", "Hz", "below this it cuts (-3 dB)", 0),
        Kind("corner_high", "Hz", "above this it cuts (-3 dB)", 0),
        Kind("slope_low", "dB/octave", "how steeply it cuts the lows"),
        Kind("slope_high", "dB/octave", "how steeply it cuts the highs"),
        Kind("threshold", "dBFS", "where its gain begins to change"),
        Kind("ratio", ":1", "input dB for one dB of output beyond the threshold"),
        Kind("knee", "dB", "width of the bend at the threshold", 0),
        Kind("thd", "%", "harmonics of 1 kHz at -12 dBFS", 3),
        Kind("decay", "s", "time to fall by 60 dB", 2),
        Kind("echo", "s", "time of the first echo", 4),
        Kind("mod_rate", "Hz", "speed of its modulation", 2),
        Kind("mod_depth", "dB", "how far its modulation moves the level of 1 kHz"),
        Kind("mod_cents", "cents", "how far its modulation moves the pitch of 1 kHz"),
        Kind("pitch", "cents", "how far it moves the pitch"),
        Kind("width", "", "share of what is different on both sides when both get the same (0 to 0.5)", 2),
        Kind("level", "dBFS", "loudness of a note"),
        Kind("tuning", "cents", "how far a note is from the pitch it was asked for"),
        Kind("brightness", "Hz", "centre of the spectrum of a note", 0),
        Kind("attack", "s", "time from the start of a note to its full level", 3),
        Kind("release", "s", "time from the end of a note until it has fallen by 40 dB", 3),
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
    "unstable": "emits numbers that are none, or too small to compute with",
    "noisy": "is not silent when its input is",
    "latency": "reports another latency than it has",
    "silent": "makes no sound at all (unlicensed, or a demo?)",
    "unrepeatable": "gives another result each time",
    "block": "gives another result with another buffer size",
    "identity": "changes nothing as it is when loaded",
}
"""What can be held against a plugin, or should be known of it: the states of `is:`, with their meaning."""

FAULTS = frozenset({"unstable", "noisy", "latency", "silent"})
"""The verdicts that are faults; the others are traits."""

BEHAVIOURS = (
    "silent", "identity", "gain", "compressor", "limiter", "gate", "distortion", "filter", "equaliser", "reverb",
    "delay", "modulation", "pitch shifter", "lo-fi", "instrument",
)  # fmt: skip
"""What something can behave like."""


@dataclass(slots=True, frozen=True)
class Figure:
    """One number that was measured."""

    value: float
    trust: float
    """0 (a guess) to 1 (as good as the arithmetic)."""
    note: str = ""
    """What it depends on, where that has to be known."""


@dataclass(slots=True, frozen=True)
class Curve:
    """A picture's worth of points; units as in CURVES."""

    x: tuple[float, ...]
    y: tuple[float, ...]
    trust: float


@dataclass(slots=True)
class Setting:
    """What was measured with the parameters in one position."""

    label: str
    turned: dict[str, str] = field(default_factory=dict)
    """Parameters that are not as they are by default, with their values as text."""
    figures: dict[str, Figure] = field(default_factory=dict)
    curves: dict[str, Curve] = field(default_factory=dict)
    features: dict[str, float] = field(default_factory=dict)
    """Numbers to compare by: on scales of their own, each there for every effect."""


@dataclass(slots=True, frozen=True)
class Verdict:
    """One of VERDICTS, with what was seen."""

    name: str
    evidence: str


@dataclass(slots=True)
class Passport:
    """All that was measured of one plugin."""

    method: int = METHOD
    kind: str = "effect"
    seed: int = 0
    channels: int = 0
    """So many channels went in, and came out."""
    layouts: tuple[str, ...] = ()
    """Which of `stereo` and `mono` it takes."""
    settings: list[Setting] = field(default_factory=list)
    """The first is the default."""
    costs: dict[str, Figure] = field(default_factory=dict)
    verdicts: list[Verdict] = field(default_factory=list)
    behaves: str = ""
    """One of BEHAVIOURS; empty where nothing is certain."""
    because: str = ""

    @property
    def figures(self) -> dict[str, Figure]:
        """What is known of the plugin as it is when loaded, and of its costs."""
        return {**(self.settings[0].figures if self.settings else {}), **self.costs}

    @property
    def curves(self) -> dict[str, Curve]:
        return self.settings[0].curves if self.settings else {}

    @property
    def faults(self) -> list[Verdict]:
        return [verdict for verdict in self.verdicts if verdict.name in FAULTS]


def to_json(passport: Passport) -> dict[str, Any]:
    """As the catalogue keeps it; numbers rounded to what a float of 32 bits holds."""
    told: dict[str, Any] = asdict(passport)
    _round(told)
    return told


def _round(thing: Any) -> None:
    items = list(thing.items()) if isinstance(thing, dict) else list(enumerate(thing))
    for key, value in items:
        if isinstance(value, tuple):
            value = thing[key] = list(value)
        if isinstance(value, float):
            thing[key] = float(f"{value:.7g}")
        elif isinstance(value, dict | list):
            _round(value)


def from_json(told: object) -> Passport:
    """A passport from what a measuring process or the catalogue tells. What is not as it should be is left out:

    a plugin may have written over the memory of the process that tells.
    """
    if not isinstance(told, Mapping):
        return Passport(method=0)
    return Passport(
        method=_integer(told.get("method")),
        kind="instrument" if told.get("kind") == "instrument" else "effect",
        seed=_integer(told.get("seed")),
        channels=_integer(told.get("channels")),
        layouts=tuple(name for name in ("stereo", "mono") if name in _list(told.get("layouts"))),
        settings=[_setting(each) for each in _list(told.get("settings"))[:MOST] if isinstance(each, Mapping)],
        costs=_each(told.get("costs"), KINDS, _figure),
        verdicts=[
            Verdict(each["name"], clean(each.get("evidence", "")))
            for each in _list(told.get("verdicts"))
            if isinstance(each, Mapping) and isinstance(each.get("name"), str) and each["name"] in VERDICTS
        ],
        behaves=str(told.get("behaves")) if told.get("behaves") in BEHAVIOURS else "",
        because=clean(told.get("because", "")),
    )


def _setting(told: Mapping[str, Any]) -> Setting:
    turned, features = told.get("turned"), told.get("features")
    return Setting(
        label=clean(told.get("label", "")),
        turned={clean(k): clean(v) for k, v in list(turned.items())[:MOST_TURNED]}
        if isinstance(turned, Mapping)
        else {},
        figures=_each(told.get("figures"), KINDS, _figure),
        curves=_each(told.get("curves"), CURVES, _curve),
        features={clean(k): float(v) for k, v in list(features.items())[:POINTS] if _number(v)}
        if isinstance(features, Mapping)
        else {},
    )


def _each(told: object, names: Iterable[str], make: Callable[[Mapping[str, Any]], _T | None]) -> dict[str, _T]:
    if not isinstance(told, Mapping):
        return {}
    made = {name: make(told[name]) for name in names if isinstance(told.get(name), Mapping)}
    return {name: one for name, one in made.items() if one is not None}


def _figure(told: Mapping[str, Any]) -> Figure | None:
    value, trust = told.get("value"), told.get("trust")
    if not (_number(value) and _number(trust)):
        return None
    return Figure(float(value), min(1.0, max(0.0, float(trust))), clean(told.get("note", "")))  # type: ignore[arg-type]


def _curve(told: Mapping[str, Any]) -> Curve | None:
    x, y, trust = _list(told.get("x")), _list(told.get("y")), told.get("trust")
    if not (0 < len(x) == len(y) <= POINTS and _number(trust) and all(map(_number, [*x, *y]))):
        return None
    return Curve(tuple(map(float, x)), tuple(map(float, y)), min(1.0, max(0.0, float(trust))))  # type: ignore[arg-type]


def _list(told: object) -> list[Any]:
    return list(told) if isinstance(told, list | tuple) else []


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _integer(value: object) -> int:
    return int(value) if _number(value) else 0  # type: ignore[call-overload]
