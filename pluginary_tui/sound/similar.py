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
from pluginary_tui.products import product_of, usable_first
from pluginary_tui.sound.behaviour import NOISE_HIDES_DB
from pluginary_tui.sound.description import IDLE_DB, differences, in_common
from pluginary_tui.sound.metrics import FAMILIES, METHOD
from pluginary_tui.sound.parameter_settings import is_sound_parameter
from pluginary_tui.sound.passport import Passport, from_json

Features = Mapping[str, float]


@dataclass(slots=True, frozen=True)
class Trait:
    """One property by which effects are compared, on a scale from 0 to 1."""

    name: str
    weight: float
    phrase: str
    """What it is called where two differ most in it."""


@dataclass(slots=True, frozen=True)
class Likeness:
    """The distance of another plugin, with its reason."""

    id: str
    distance: float
    """0 for equal ones, 1 and more for another kind of effect; distances by purpose begin at JOB. See `per_cent`."""
    because: str


JOB = 10.0
"""Least distance of plugins that are compared by purpose and not by sound."""


def _log(value: float, low: float, high: float) -> float:
    """Position of a value between `low` and `high` on a logarithmic scale, 0 to 1."""
    return _between(math.log(max(value, low)), math.log(low), math.log(high))


def _between(value: float, low: float, high: float) -> float:
    return min(1.0, max(0.0, (value - low) / (high - low)))


TRAITS = (
    Trait("shape", 1.0, "tone colour"),
    Trait("lows", 1.0, "cut lows"),
    Trait("highs", 1.0, "cut highs"),
    Trait("wall", 1.2, "the wall at the end of the band"),
    Trait("squash", 1.5, "how loud levels are held back"),
    Trait("expand", 1.5, "how quiet levels are held back"),
    Trait("harmonics", 1.2, "harmonics"),
    Trait("loud", 0.6, "harmonics when loud"),
    Trait("grit", 1.2, "harmonics when soft"),
    Trait("residue", 0.8, "tones that are no harmonics"),
    Trait("tail", 1.5, "the tail"),
    Trait("echo", 1.5, "echoes"),
    Trait("motion", 1.5, "movement"),
    Trait("pitch", 1.2, "pitch"),
    Trait("width", 0.5, "width"),
    Trait("attack", 0.5, "the start of a sound"),
    Trait("memory", 1.5, "how long it stays down after what was loud"),
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
    """The values of an effect for TRAITS, 0 to 1 each; None where too little is measured, or where it only idles."""
    seen = [s.features for s in passport.settings if s.features.keys() >= NEEDED]
    if not seen or passport.kind != "effect" or passport.method != METHOD:
        return None
    if passport.behaves in FAMILIES["idle"] or not passport.settings[0].features:
        return None
    # Settings in which it idles say nothing about its sound, nor do those that noise hides.
    seen = [f for f in seen if f["null"] > IDLE_DB and f.get("noise", -160) < NOISE_HIDES_DB] or seen
    traits = [_traits(f) for f in seen]

    def mean(name: str) -> float:
        return sum(each[name] for each in traits) / len(traits)

    def most(name: str) -> float:
        # The strongest settings count, not the average; two of them, since a single one may be an outlier.
        ranked = sorted((each[name] for each in traits), reverse=True)
        return (ranked[0] + ranked[min(1, len(ranked) - 1)]) / 2

    values = {trait.name: most(trait.name) for trait in TRAITS}
    values["harmonics"] = (mean("harmonics") + most("harmonics")) / 2
    return tuple(values[trait.name] for trait in TRAITS)


def _traits(f: Features) -> dict[str, float]:
    bands = [f[f"band{n}"] for n in range(10)]
    middle = sorted(bands)[len(bands) // 2]
    moving = _between(f["regular"], 0.5, 0.9) * max(_log(f["depth"], 0.2, 10), _log(f["wander"], 3, 100))
    unsteady = _between(f["depth"], 0.5, 6) if f["regular"] <= 0.5 else 0.0
    trust = f.get("curve_trust", 1.0)
    harmonics, loud = _log(f["thd"], 0.01, 20), _log(f["thd_loud"], 0.1, 30)
    dense = f.get("spread", 0.0) > 0.3 and f["echo_clear"] < 0.6 and f.get("inharmonic", -160) < -40
    reflects = 0.5 if dense and trust > 0.9 and harmonics == 0 and f["squash"] < 1 else 0.0
    tail = _log(f["decay"], 0.05, 1.0) * (1 - f["echo_clear"] if f["echo"] > 0.025 else 1)
    return {
        "shape": _log(f["colour"], 0.2, 20),
        "lows": _between(middle - bands[0], 3, 30),
        "highs": _between(middle - bands[9], 3, 30),
        "wall": _between(f["steep"], 12, 40),
        "squash": trust * _log(f["squash"], 0.7, 15) * (1 - 0.7 * loud),
        "expand": trust * _log(f["expand"], 0.7, 15) * (1 - moving) * (1 - harmonics),
        "harmonics": harmonics,
        "loud": loud,
        "grit": _between(math.log((f["thd_quiet"] + 0.01) / (f["thd_loud"] + 0.01)), 0, 3),
        "residue": _between(f["residue"], -110, -40),
        "tail": max(tail, reflects),
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
        # What sounds without input is like nothing else, and hides what else it does.
        if theirs is not None and (one.behaves == "generator") == (other.behaves == "generator"):
            apart = distance(mine, theirs) * (SAME if one.behaves and one.behaves == other.behaves else 1.0)
            apart = math.hypot(apart, _of_families(one.behaves, other.behaves))
            found.append(Likeness(id_, round(apart, 4), _because(one, other, mine, theirs)))
    return sorted(found, key=lambda each: (each.distance, each.id))


def distance(a: Sequence[float], b: Sequence[float]) -> float:
    """Weighted Euclidean distance of two vectors."""
    return math.sqrt(sum(t.weight * (x - y) ** 2 for t, x, y in zip(TRAITS, a, b, strict=True)))


def _of_families(one: str, other: str) -> float:
    """What lies between two behaviours: nothing between equal ones, little within a family."""
    if one == other or not one or not other:
        return 0.0
    return 0.2 if any(one in family and other in family for family in FAMILIES.values()) else 0.7


ALIKE = 50
"""Per cent of likeness below which two plugins do not sound alike. Behaviours of two families are never so near."""

SAME = 0.65
"""What a difference counts between two of equal behaviour: a long and a short reverb are both reverbs."""

_HALF = 0.7
"""The distance at which two are half alike."""


def per_cent(likeness: Likeness) -> int | None:
    """How alike two plugins sound, 0 to 100; None where they were compared by purpose and not by sound."""
    return None if likeness.distance >= JOB else round(100 * 0.5 ** (likeness.distance / _HALF))


def _because(one: Passport, other: Passport, a: Sequence[float], b: Sequence[float]) -> str:
    """What both have in common, and how the other differs, in words of sound."""
    words = [f"both behave like: {one.behaves}"] if one.behaves and one.behaves == other.behaves else []
    if shared := in_common(one, other):
        words.append(f"both: {shared}")
    if apart := differences(one, other):
        words.append(f"this one: {', '.join(apart[:4])}")
    most = max(((t.weight * (x - y) ** 2, t.phrase) for t, x, y in zip(TRAITS, a, b, strict=True)))
    if most[0] > 0.2:
        words.append(f"most unlike in: {most[1]}")
    return "; ".join(words) or "neither does anything marked"


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


def one_of_each(
    plugin: Plugin, found: Iterable[Recommendation], known: Mapping[str, Plugin]
) -> list[tuple[Plugin, Recommendation]]:
    """What was found, without the same product in other formats, and one format only of every other product.

    `known`: plugin id -> plugin; ids that are not in it are left out. Of the formats the one that sounds most alike
    stays; of equal ones, what pedalboard loads.
    """
    kept: dict[str, tuple[Plugin, Recommendation]] = {}
    for each in found:
        other = known.get(each.likeness.id)
        if other is None or (plugin.product and other.product == plugin.product):
            continue
        product = product_of(other)
        before = kept.get(product)
        if before is None or _rather((other, each), before):
            kept[product] = other, each
    return list(kept.values())


def _rather(one: tuple[Plugin, Recommendation], other: tuple[Plugin, Recommendation]) -> bool:
    """Whether the first of two formats, found behind the second, stands for their product."""
    alike = one[1].likeness.distance == other[1].likeness.distance
    return alike and usable_first(one[0]) < usable_first(other[0])


def find_similar(store: Store, plugin: Plugin) -> list[Recommendation]:
    """The plugins similar to `plugin`, nearest first: by sound where both were measured, then by purpose.

    What was measured of one format counts for its whole product. What was compared by sound and is less than ALIKE per
    cent alike is left out.

    Raises CatalogueError.
    """
    stored, plugins = Passports(store), store.plugins()
    passports = {id_: from_json(data) for id_, data in stored.documents().items()}
    instead = stored.measured_instead().get(plugin.id)
    mine = passports.pop(instead.id if instead else plugin.id, None)
    found = by_sound(mine, passports) if mine else []
    product = {each.id: product_of(each) for each in plugins}
    compared = {product.get(each.id, each.id) for each in found} | ({product_of(plugin)} if mine else set())
    found = [each for each in found if (per_cent(each) or 0) >= ALIKE]
    improved = {each.id: each.because for each in better(mine, found, passports)} if mine else {}
    names = stored.parameter_names()
    others = [(p, names.get(p.key, ())) for p in plugins if product[p.id] not in compared]
    found = found + same_job(plugin, names.get(plugin.key, ()), others)
    return [Recommendation(each, improved.get(each.id, "")) for each in found]
