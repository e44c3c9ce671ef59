"""Similar plugins: by sound where passports exist, otherwise by purpose; each with its reason."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from pluginary_tui.catalogue.passports import Passports
from pluginary_tui.catalogue.store import Store
from pluginary_tui.model import Plugin
from pluginary_tui.sound.metrics import METHOD
from pluginary_tui.sound.parameter_settings import is_sound_parameter
from pluginary_tui.sound.passport import Passport, from_json

Features = Mapping[str, float]


@dataclass(slots=True, frozen=True)
class Trait:
    """One property by which effects are compared, on a scale from 0 to 1."""

    name: str
    weight: float
    phrase: str
    """The reason given where it is strong in both."""


@dataclass(slots=True, frozen=True)
class Likeness:
    """The distance of another plugin, with its reason."""

    id: str
    distance: float
    """0 for equal ones, about 1 for another kind of effect; distances by purpose begin at JOB."""
    because: str


JOB = 10.0
"""Least distance of plugins that are compared by purpose and not by sound."""


def _log(value: float, low: float, high: float) -> float:
    """Position of a value between `low` and `high` on a logarithmic scale, 0 to 1."""
    return _between(math.log(max(value, low)), math.log(low), math.log(high))


def _between(value: float, low: float, high: float) -> float:
    return min(1.0, max(0.0, (value - low) / (high - low)))


TRAITS = (
    Trait("shape", 1.0, "both change the response"),
    Trait("lows", 1.0, "both cut the lows"),
    Trait("highs", 1.0, "both cut the highs"),
    Trait("wall", 1.2, "both end their band in a wall"),
    Trait("squash", 1.5, "both hold loud levels back"),
    Trait("expand", 1.5, "both hold quiet levels back"),
    Trait("harmonics", 1.2, "both add harmonics"),
    Trait("loud", 0.6, "both distort when loud"),
    Trait("grit", 1.2, "both distort soft sounds most"),
    Trait("residue", 0.8, "both add what is no harmonic"),
    Trait("tail", 1.5, "both leave a tail"),
    Trait("echo", 1.5, "both echo"),
    Trait("motion", 1.5, "both move by themselves"),
    Trait("pitch", 1.2, "both move the pitch"),
    Trait("width", 0.5, "both widen"),
    Trait("attack", 0.5, "both let the start of a sound through"),
    Trait("memory", 1.5, "both stay down after what was loud"),
    Trait("still", 0.4, "both do nothing as they are when loaded"),
)


NEEDED = frozenset(
    (
        *(f"band{n}" for n in range(10)),
        *("colour", "steep", "squash", "expand", "thd", "thd_loud", "thd_quiet", "residue", "decay", "echo"),
        *("echo_clear", "depth", "wander", "regular", "cents", "width", "overshoot", "memory", "null"),
    )
)
"""The features that TRAITS are derived from."""


def vector(passport: Passport) -> tuple[float, ...] | None:
    """The values of an effect for TRAITS, 0 to 1 each; None where too little is measured."""
    seen = [s.features for s in passport.settings if s.features.keys() >= NEEDED]
    if not seen or passport.kind != "effect" or passport.method != METHOD:
        return None
    traits = [_traits(f) for f in seen]

    def mean(name: str) -> float:
        return sum(each[name] for each in traits) / len(traits)

    def most(name: str) -> float:
        # The strongest settings count, not the average; two of them, since a single one may be an outlier.
        ranked = sorted((each[name] for each in traits), reverse=True)
        return (ranked[0] + ranked[min(1, len(ranked) - 1)]) / 2

    values = {trait.name: most(trait.name) for trait in TRAITS if trait.name != "still"}
    values["harmonics"] = (mean("harmonics") + most("harmonics")) / 2
    values["still"] = 1.0 if seen[0]["null"] < -90 else 0.0
    return tuple(values[trait.name] for trait in TRAITS)


def _traits(f: Features) -> dict[str, float]:
    bands = [f[f"band{n}"] for n in range(10)]
    middle = sorted(bands)[len(bands) // 2]
    moving = _between(f["regular"], 0.5, 0.9) * max(_log(f["depth"], 0.2, 10), _log(f["wander"], 3, 100))
    unsteady = _between(f["depth"], 0.5, 6) if f["regular"] <= 0.5 else 0.0
    harmonics, loud = _log(f["thd"], 0.01, 20), _log(f["thd_loud"], 0.1, 30)
    return {
        "shape": _log(f["colour"], 0.2, 20),
        "lows": _between(middle - bands[0], 3, 30),
        "highs": _between(middle - bands[9], 3, 30),
        "wall": _between(f["steep"], 12, 40),
        "squash": _log(f["squash"], 0.7, 15) * (1 - 0.7 * loud),
        "expand": _log(f["expand"], 0.7, 15) * (1 - moving) * (1 - harmonics),
        "harmonics": harmonics,
        "loud": loud,
        "grit": _between(math.log((f["thd_quiet"] + 0.01) / (f["thd_loud"] + 0.01)), 0, 3),
        "residue": _between(f["residue"], -110, -40),
        "tail": _log(f["decay"], 0.05, 1.0) * (1 - f["echo_clear"] if f["echo"] > 0.025 else 1),
        "echo": f["echo_clear"] if f["echo"] > 0.025 else 0.0,
        "motion": max(moving, 0.6 * unsteady),
        "pitch": _log(abs(f["cents"]), 10, 200),
        "width": _between(f["width"], 0.005, 0.2),
        "memory": _log(-f["memory"], 0.5, 8) if f["decay"] < 0.05 and f["echo"] < 0.025 else 0.0,
        "attack": _log(abs(f["overshoot"]), 0.5, 10),
    }


def by_sound(one: Passport, others: Mapping[str, Passport]) -> list[Likeness]:
    """The effects of `others` (by id), nearest first. Empty where `one` has no vector."""
    if one.kind == "instrument":
        return _instruments(one, others)
    mine = vector(one)
    if mine is None:
        return []
    found = []
    for id_, other in others.items():
        theirs = vector(other)
        if theirs is not None:
            found.append(Likeness(id_, round(distance(mine, theirs), 4), _because(one, other, mine, theirs)))
    return sorted(found, key=lambda each: (each.distance, each.id))


def distance(a: Sequence[float], b: Sequence[float]) -> float:
    """Weighted Euclidean distance of two vectors."""
    return math.sqrt(sum(t.weight * (x - y) ** 2 for t, x, y in zip(TRAITS, a, b, strict=True)))


def _because(one: Passport, other: Passport, a: Sequence[float], b: Sequence[float]) -> str:
    """What both have in common, and their largest difference."""
    pairs = list(zip(TRAITS, a, b, strict=True))
    shared = sorted(((t.weight * min(x, y), t.phrase) for t, x, y in pairs if min(x, y) > 0.3), reverse=True)
    apart = max(((t.weight * (x - y) ** 2, t.name) for t, x, y in pairs), default=(0.0, ""))
    words = [phrase for _, phrase in shared[:3]]
    if one.behaves and one.behaves == other.behaves:
        words.insert(0, f"both behave like: {one.behaves}")
    if not words:
        words = ["neither does anything marked"]
    if apart[0] > 0.05:
        words.append(f"most unlike in: {apart[1]}")
    return "; ".join(words)


_INSTRUMENT = {"level": (-60, 0), "brightness": (100, 8000), "attack": (0.002, 1), "release": (0.01, 1.5)}


def _instruments(one: Passport, others: Mapping[str, Passport]) -> list[Likeness]:
    mine = _played(one)
    if mine is None:
        return []
    found = []
    for id_, other in others.items():
        theirs = _played(other)
        if theirs is not None:
            apart = {name: abs(mine[name] - theirs[name]) for name in mine}
            near = [name for name, value in apart.items() if value < 0.1]
            because = f"alike in: {', '.join(near)}" if near else "little in common"
            found.append(Likeness(id_, round(math.sqrt(sum(v * v for v in apart.values())), 4), because))
    return sorted(found, key=lambda each: (each.distance, each.id))


def _played(passport: Passport) -> dict[str, float] | None:
    features = passport.settings[0].features if passport.settings else {}
    if passport.kind != "instrument" or not _INSTRUMENT.keys() <= features.keys() or passport.method != METHOD:
        return None
    return {
        name: _between(features[name], low, high) if low < 0 else _log(features[name], low, high)
        for name, (low, high) in _INSTRUMENT.items()
    }


def same_job(one: Plugin, names: Collection[str], others: Iterable[tuple[Plugin, Collection[str]]]) -> list[Likeness]:
    """Plugins for the same purpose, by categories, parameter names (`names`) and name; nearest first."""
    listed = list(others)
    often = Counter(word for name in {other.name for other, _ in listed} for word in _words(name))
    mine, words = _keys(names), {word for word in _words(one.name) if often[word] <= OFTEN}
    found = {}
    for other, theirs_named in listed:
        if other.kind != one.kind or other.id == one.id:
            continue
        categories = [c for c in one.categories if c in other.categories]
        theirs = _keys(theirs_named)
        shared, either = mine & theirs, mine | theirs
        alike = len(shared) / len(either) if either else 0.0
        common = words & _words(other.name)
        score = 0.5 * (len(categories) / max(len(one.categories), len(other.categories), 1)) + 0.35 * alike
        score += 0.15 * min(1.0, len(common))
        if score <= 0.1:
            continue
        reasons = [f"both are {', '.join(categories).lower()}"] if categories else []
        if shared:
            reasons.append(f"{len(shared)} parameters in common ({', '.join(sorted(shared)[:4])})")
        if common:
            reasons.append(f"both are named {' '.join(sorted(common))}")
        found[other.id] = Likeness(other.id, round(JOB + 1 - score, 4), "; ".join(reasons))
    return sorted(found.values(), key=lambda each: (each.distance, each.id))


@dataclass(slots=True, frozen=True)
class Better:
    """A similar plugin, and what is better about it."""

    id: str
    because: str


def better(one: Passport, likenesses: Iterable[Likeness], others: Mapping[str, Passport]) -> list[Better]:
    """The plugins of equal behaviour that have fewer faults, or less than two thirds of the cost."""
    found = []
    for likeness in likenesses:
        other = others.get(likeness.id)
        if other is None or not one.behaves or other.behaves != one.behaves or len(other.faults) > len(one.faults):
            continue
        reasons = []
        gone = [f.name for f in one.faults if f.name not in {g.name for g in other.faults}]
        if gone:
            reasons.append(f"not {', '.join(gone)}")
        mine, theirs = one.costs.get("cpu"), other.costs.get("cpu")
        if mine and theirs and mine.value > 0.2 and theirs.value < mine.value / 1.5:
            reasons.append(f"{theirs.value:.1f} % of a processor instead of {mine.value:.1f} %")
        if reasons:
            found.append(Better(likeness.id, "; ".join(reasons)))
    return found


OFTEN = 6
"""A word in more names than this is taken for a brand and ignored."""

_MINOR = frozenset({"stereo", "mono", "the", "and", "plugin", "fx", "vst", "lite", "free", "pro", "full", "rate"})


def _words(name: str) -> set[str]:
    """Words of a name, camelCase split."""
    split = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Za-z])(?=\d)", " ", name)
    return {w for w in re.findall(r"[^\W\d_]{3,}", split.casefold()) if w not in _MINOR}


def _keys(names: Collection[str]) -> set[str]:
    """Names of the parameters that shape the sound, without numbers: `Threshold 2` is a threshold."""
    own = (name for name in names if is_sound_parameter(name, automatable=True))
    keys = (" ".join(re.sub(r"[\d_\W]+", " ", name).casefold().split()) for name in own)
    return {key for key in keys if len(key) > 1}


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A plugin that is similar to another one."""

    likeness: Likeness
    better: str
    """What is better about it; empty where nothing is known to be."""


def find_similar(store: Store, plugin: Plugin) -> list[Recommendation]:
    """The plugins similar to `plugin`, nearest first: by sound where both were measured, then by purpose.

    Raises CatalogueError.
    """
    stored = Passports(store)
    passports = {id_: from_json(data) for id_, data in stored.documents().items()}
    mine = passports.pop(plugin.id, None)
    found = by_sound(mine, passports) if mine else []
    improved = {each.id: each.because for each in better(mine, found, passports)} if mine else {}
    by_passport = {each.id for each in found}
    names = stored.parameter_names()
    others = [(p, names.get(p.key, ())) for p in store.plugins() if p.id not in by_passport]
    found = found + same_job(plugin, names.get(plugin.key, ()), others)
    return [Recommendation(each, improved.get(each.id, "")) for each in found]
