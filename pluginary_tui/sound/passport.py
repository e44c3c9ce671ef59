"""What a passport is: figures with their trust, curves, settings, verdicts. Plain data; no sound in here."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

from pluginary_tui.model import clean
from pluginary_tui.sound.metrics import BEHAVIOURS, CURVES, FAULTS, METHOD, METRICS, VERDICTS

_T = TypeVar("_T")

POINTS = 64
"""Points kept of a curve, at most."""

MOST = 16
"""Settings kept, at most."""

MOST_TURNED = 500
"""Turned parameters kept of a setting, at most."""

DEFAULT = "default"
"""The label of the setting that a plugin starts with."""


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
        costs=_each(told.get("costs"), METRICS, _figure),
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
        figures=_each(told.get("figures"), METRICS, _figure),
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
