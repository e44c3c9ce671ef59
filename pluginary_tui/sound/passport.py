"""The passport of a plugin as plain data: figures with their trust, curves, settings, verdicts."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

from pluginary_tui.model import clean
from pluginary_tui.sound.metrics import BEHAVIOURS, CURVES, FAULTS, KNOB_MEASURES, METHOD, METRICS, VERDICTS

_T = TypeVar("_T")

POINTS = 64
"""Most points kept of a curve."""

MOST = 16
"""Most settings kept."""

MOST_KNOBS = 32
"""Most parameters kept with what they do."""

MOST_TURNED = 500
"""Most changed parameters kept of a setting."""

DEFAULT = "default"
"""The label of the setting that a plugin starts with."""


@dataclass(slots=True, frozen=True)
class Figure:
    """One measured number; its unit is that of its Metric."""

    value: float
    trust: float
    """0 (a guess) to 1 (exact but for rounding)."""
    note: str = ""
    """A condition under which it holds; empty where there is none."""


@dataclass(slots=True, frozen=True)
class Curve:
    """At most POINTS points; the units are those of CURVES."""

    x: tuple[float, ...]
    y: tuple[float, ...]
    trust: float


@dataclass(slots=True)
class Setting:
    """What was measured with one set of parameter values."""

    label: str
    turned: dict[str, str] = field(default_factory=dict)
    """Parameters that differ from their defaults, with their values as text."""
    figures: dict[str, Figure] = field(default_factory=dict)
    curves: dict[str, Curve] = field(default_factory=dict)
    features: dict[str, float] = field(default_factory=dict)
    """Numbers for comparing plugins, on scales of their own; every effect has all of them."""


@dataclass(slots=True, frozen=True)
class Verdict:
    """One of VERDICTS with its evidence."""

    name: str
    evidence: str


@dataclass(slots=True, frozen=True)
class Knob:
    """What turning one parameter from where it starts does to the sound."""

    name: str
    down: dict[str, float] = field(default_factory=dict)
    """Differences to the initial position in the measures of KNOB_MEASURES, at a low position."""
    up: dict[str, float] = field(default_factory=dict)
    """The same at a high position."""
    down_text: str = ""
    """The value at the low position as the plugin shows it."""
    up_text: str = ""


@dataclass(slots=True)
class Passport:
    """Everything that was measured of one plugin."""

    method: int = METHOD
    kind: str = "effect"
    seed: int = 0
    channels: int = 0
    """Channels it was measured with, in and out."""
    layouts: tuple[str, ...] = ()
    """The layouts it accepts, of `stereo` and `mono`."""
    settings: list[Setting] = field(default_factory=list)
    """The first is the default."""
    knobs: list[Knob] = field(default_factory=list)
    """The parameters that were tried and change the sound, the strongest first; empty in passports of method 1."""
    costs: dict[str, Figure] = field(default_factory=dict)
    verdicts: list[Verdict] = field(default_factory=list)
    behaves: str = ""
    """One of BEHAVIOURS; empty where nothing is certain."""
    because: str = ""
    sounds: dict[str, str] = field(default_factory=dict)
    """Words for its sound, each with its reason; empty in passports of method 1."""
    knob_words: tuple[str, ...] = ()
    """What its parameters do, a line each, as queries find it."""
    made_with: dict[str, str] = field(default_factory=dict)
    """Versions of what measured it: `pluginary-tui`, `pedalboard`, `system`; empty in older passports."""
    checks: dict[str, str] = field(default_factory=dict)
    """What was checked as hosts use it, each with the result in words; empty in older passports."""

    @property
    def figures(self) -> dict[str, Figure]:
        """The figures of the default setting and the costs, and of all settings the longest decay as `tail`."""
        decays = [each.figures["decay"] for each in self.settings if "decay" in each.figures]
        tail = {"tail": max(decays, key=lambda figure: figure.value)} if decays else {}
        return {**(self.settings[0].figures if self.settings else {}), **tail, **self.costs}

    @property
    def curves(self) -> dict[str, Curve]:
        return self.settings[0].curves if self.settings else {}

    @property
    def faults(self) -> list[Verdict]:
        return [verdict for verdict in self.verdicts if verdict.name in FAULTS]


def to_json(passport: Passport) -> dict[str, Any]:
    """The passport as JSON for the catalogue; numbers are rounded to the 7 digits that a 32-bit float holds."""
    document: dict[str, Any] = asdict(passport)
    _round(document)
    return document


def _round(thing: Any) -> None:
    items = list(thing.items()) if isinstance(thing, dict) else list(enumerate(thing))
    for key, value in items:
        if isinstance(value, tuple):
            value = thing[key] = list(value)
        if isinstance(value, float):
            thing[key] = float(f"{value:.7g}")
        elif isinstance(value, dict | list):
            _round(value)


def from_json(raw: object) -> Passport:
    """A passport from the JSON of a measuring process or the catalogue. Invalid values are left out.

    The source is untrusted: a plugin may have overwritten the memory of the measuring process.
    """
    if not isinstance(raw, Mapping):
        return Passport(method=0)
    return Passport(
        method=_integer(raw.get("method")),
        kind="instrument" if raw.get("kind") == "instrument" else "effect",
        seed=_integer(raw.get("seed")),
        channels=_integer(raw.get("channels")),
        layouts=tuple(name for name in ("stereo", "mono") if name in _list(raw.get("layouts"))),
        settings=[_setting(each) for each in _list(raw.get("settings"))[:MOST] if isinstance(each, Mapping)],
        knobs=[_knob(each) for each in _list(raw.get("knobs"))[:MOST_KNOBS] if isinstance(each, Mapping)],
        costs=_each(raw.get("costs"), METRICS, _figure),
        verdicts=[
            Verdict(each["name"], clean(each.get("evidence", "")))
            for each in _list(raw.get("verdicts"))
            if isinstance(each, Mapping) and isinstance(each.get("name"), str) and each["name"] in VERDICTS
        ],
        behaves=str(raw.get("behaves")) if raw.get("behaves") in BEHAVIOURS else "",
        because=clean(raw.get("because", "")),
        sounds=_words(raw.get("sounds")),
        knob_words=tuple(clean(each) for each in _list(raw.get("knob_words"))[:MOST_KNOBS]),
        made_with=_words(raw.get("made_with")),
        checks=_words(raw.get("checks")),
    )


def _knob(raw: Mapping[str, Any]) -> Knob:
    changes = [_table(raw.get(side)) for side in ("down", "up")]
    down, up = (
        {name: number for name in KNOB_MEASURES if (number := _number(change.get(name))) is not None}
        for change in changes
    )
    texts = (clean(raw.get(side, "")) for side in ("down_text", "up_text"))
    return Knob(clean(raw.get("name", "")), down, up, *texts)


def _setting(raw: Mapping[str, Any]) -> Setting:
    features = {clean(name): _number(value) for name, value in list(_table(raw.get("features")).items())[:POINTS]}
    return Setting(
        label=clean(raw.get("label", "")),
        turned={clean(k): clean(v) for k, v in list(_table(raw.get("turned")).items())[:MOST_TURNED]},
        figures=_each(raw.get("figures"), METRICS, _figure),
        curves=_each(raw.get("curves"), CURVES, _curve),
        features={name: number for name, number in features.items() if number is not None},
    )


def _words(raw: object) -> dict[str, str]:
    return {clean(name): clean(text) for name, text in list(_table(raw).items())[:POINTS]}


def _table(raw: object) -> Mapping[Any, Any]:
    return raw if isinstance(raw, Mapping) else {}


def _each(raw: object, names: Iterable[str], make: Callable[[Mapping[str, Any]], _T | None]) -> dict[str, _T]:
    if not isinstance(raw, Mapping):
        return {}
    made = {name: make(raw[name]) for name in names if isinstance(raw.get(name), Mapping)}
    return {name: one for name, one in made.items() if one is not None}


def _figure(raw: Mapping[str, Any]) -> Figure | None:
    value, trust = _number(raw.get("value")), _number(raw.get("trust"))
    if value is None or trust is None:
        return None
    return Figure(value, min(1.0, max(0.0, trust)), clean(raw.get("note", "")))


def _curve(raw: Mapping[str, Any]) -> Curve | None:
    x, y, trust = _numbers(raw.get("x")), _numbers(raw.get("y")), _number(raw.get("trust"))
    if trust is None or not 0 < len(x) == len(y) <= POINTS:
        return None
    return Curve(x, y, min(1.0, max(0.0, trust)))


def _list(raw: object) -> list[Any]:
    return list(raw) if isinstance(raw, list | tuple) else []


def _number(value: object) -> float | None:
    """A finite number as float; None for everything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:  # a whole number past 1e308
        return None
    return number if math.isfinite(number) else None


def _numbers(raw: object) -> tuple[float, ...]:
    """A list of finite numbers; empty where one of them is none."""
    numbers = [number for each in _list(raw) if (number := _number(each)) is not None]
    return tuple(numbers) if len(numbers) == len(_list(raw)) else ()


def _integer(value: object) -> int:
    return int(_number(value) or 0)
