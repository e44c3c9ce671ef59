"""Two catalogues compared: this machine with an export of another one, or with itself at another time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pluginary_tui.catalogue.revisions import PARAMETER_FIELDS, Facts, from_json, parameter_facts
from pluginary_tui.errors import CatalogueError
from pluginary_tui.formatting import counted
from pluginary_tui.model import Parameter, clean

SOUND_CHANGED = 0.15
"""Distance of two passports of one plugin (`sound.similar`) from which its sound counts as changed: measuring twice
gives less than a tenth of that."""

SHOWN = 12
"""Parameters of one plugin that are named to a person."""


@dataclass(slots=True)
class ParameterChange:
    """What differs in one parameter."""

    name: str
    what: str
    """A name of PARAMETER_FIELDS."""
    before: Any
    after: Any


@dataclass(slots=True)
class Change:
    """What differs in a plugin that both have."""

    id: str
    name: str
    version: tuple[str, str] | None = None
    latency_samples: tuple[int, int] | None = None
    parameters_added: list[str] = field(default_factory=list)
    parameters_removed: list[str] = field(default_factory=list)
    parameters_changed: list[ParameterChange] = field(default_factory=list)
    sound: float | None = None
    """Distance of the two passports where the sound has changed."""

    @property
    def any(self) -> bool:
        return any(
            (
                self.version,
                self.latency_samples,
                self.parameters_added,
                self.parameters_removed,
                self.parameters_changed,
                self.sound is not None,
            )
        )


@dataclass(slots=True)
class Difference:
    """What is only before (or there), only after (or here), and what differs in those that both have."""

    before: list[Facts] = field(default_factory=list)
    after: list[Facts] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    same: int = 0

    def as_json(self, before: str, after: str) -> dict[str, Any]:
        """The shape of `diff --json`, with these names for the two sides."""

        def brief(facts: Facts) -> dict[str, Any]:
            return {name: getattr(facts, name) for name in ("id", "name", "vendor", "format", "version")}

        return {
            before: [brief(each) for each in self.before],
            after: [brief(each) for each in self.after],
            "changed": [asdict(each) for each in self.changed],
            "same": self.same,
        }


def difference(before: Mapping[str, Facts], after: Mapping[str, Facts]) -> Difference:
    """Compare two sides, plugins by id, each list in the order of names."""

    def by_name(facts: Facts | Change) -> tuple[str, str]:
        return facts.name.casefold(), facts.id

    found = Difference(
        sorted((before[id_] for id_ in before.keys() - after.keys()), key=by_name),
        sorted((after[id_] for id_ in after.keys() - before.keys()), key=by_name),
    )
    for id_ in before.keys() & after.keys():
        change = _change(before[id_], after[id_])
        if change.any:
            found.changed.append(change)
        else:
            found.same += 1
    found.changed.sort(key=by_name)
    return found


def _change(one: Facts, other: Facts) -> Change:
    found = Change(other.id, other.name)
    if one.version != other.version:
        found.version = one.version, other.version
    if one.latency_samples != other.latency_samples:
        found.latency_samples = one.latency_samples, other.latency_samples
    mine, theirs = one.parameters, other.parameters
    found.parameters_removed = [str(row[0]) for key, row in mine.items() if key not in theirs]
    found.parameters_added = [str(row[0]) for key, row in theirs.items() if key not in mine]
    for key, row in mine.items():
        for what, before, after in zip(PARAMETER_FIELDS, row, theirs.get(key, row), strict=True):
            if before != after:
                found.parameters_changed.append(ParameterChange(str(row[0]), what, before, after))
    found.sound = _sound(one, other)
    return found


def _sound(one: Facts, other: Facts) -> float | None:
    """How far apart the passports of two versions are; None where that is little, or one was not measured."""
    if not one.passport or not other.passport:
        return None
    from pluginary_tui.sound.passport import from_json as passport
    from pluginary_tui.sound.similar import by_sound

    try:
        near = by_sound(passport(one.passport), {"": passport(other.passport)})
    except (KeyError, TypeError, ValueError, AttributeError):  # of another machine, whose file may hold anything
        return None
    return near[0].distance if near and near[0].distance >= SOUND_CHANGED else None


def from_export(path: Path) -> dict[str, Facts]:
    """The plugins of an export (.json, .toml) that were read there, by id. Raises CatalogueError, one sentence."""
    from pluginary_tui.catalogue.exchange.file_formats import read
    from pluginary_tui.catalogue.exchange.left_out import LeftOut

    ending = path.suffix.lower()
    if ending not in (".json", ".toml"):
        raise CatalogueError(f"{path} is no .json or .toml written by 'pluginary-tui export'.")
    found: dict[str, Facts] = {}
    plugins = 0
    for _, _, value in read(path, ending, LeftOut()):
        if not isinstance(value, dict) or not isinstance(value.get("id"), str):
            continue
        plugins += 1
        if value.get("status", "ok") == "ok":
            facts = _exported(value)
            found.setdefault(facts.id, facts)
    if not plugins:
        raise CatalogueError(f"{path} holds no plugins; write it with 'pluginary-tui export'.")
    return found


def _exported(value: dict[str, Any]) -> Facts:
    """The facts of one plugin of an export; what makes no sense in it is left out."""
    try:
        facts = from_json({**value, "parameters": {}})
    except (TypeError, ValueError, OverflowError):
        facts = Facts(clean(value["id"]), clean(value.get("name", "")), clean(value.get("vendor", "")))
    rows = value.get("parameters")
    facts.parameters = parameter_facts(
        Parameter(
            clean(row.get("name", "")),
            clean(row.get("unit", "")),
            clean(row.get("default", "")),
            clean(row.get("min", "")),
            clean(row.get("max", "")),
            steps=row["steps"] if type(row.get("steps")) is int else 0,
            id=row["id"] if type(row.get("id")) is int else None,
            kind=str(row.get("kind", "")),
        )
        for row in (rows if isinstance(rows, list) else [])
        if isinstance(row, dict)
    )
    passport = value.get("passport")
    facts.passport = passport if isinstance(passport, dict) else None
    return facts


def moment(text: str) -> str:
    """A date as typed, as the catalogue writes moments; the end of the day, month or year that it names.

    Empty where it is no date.
    """
    from pluginary_tui.search.dates import span

    found = span(text, datetime.now().astimezone())
    return found[1].astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if found else ""


def lines(found: Difference, names: tuple[str, str]) -> Iterator[str]:
    """The difference for a person: titles, and indented lines below them. `names` as for `Difference.as_json`."""
    titles = {"only_there": "Only there", "only_here": "Only here", "gone": "Gone", "new": "New"}
    for name, plugins in zip(names, (found.before, found.after), strict=True):
        if plugins:
            yield f"{titles[name]}: {counted(len(plugins), 'plugin')}"
            yield from (f"  {_brief(each)}" for each in plugins)
    if found.changed:
        yield f"Changed: {counted(len(found.changed), 'plugin')}"
        for change in found.changed:
            yield f"  {clean(change.name)}  ({clean(change.id)})"
            yield from (f"    {line}" for line in _changes(change))
    yield f"The same: {counted(found.same, 'plugin')}"


def _brief(facts: Facts) -> str:
    return clean(" ".join(filter(None, (facts.name, facts.version, f"by {facts.vendor}" if facts.vendor else ""))))


def _changes(change: Change) -> Iterator[str]:
    if change.version:
        yield f"version {' -> '.join(clean(each) or 'none' for each in change.version)}"
    if change.latency_samples:
        yield f"latency {' -> '.join(map(str, change.latency_samples))} samples"
    yield from _named("parameters gone", change.parameters_removed)
    yield from _named("new parameters", change.parameters_added)
    for each in change.parameters_changed[:SHOWN]:
        yield f"{clean(each.name)}: {each.what} {clean(each.before) or 'none'} -> {clean(each.after) or 'none'}"
    if len(change.parameters_changed) > SHOWN:
        yield f"and {len(change.parameters_changed) - SHOWN} more changes of parameters"
    if change.sound is not None:
        yield "sounds different"


def _named(what: str, names: Sequence[str]) -> Iterator[str]:
    if names:
        more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        yield f"{what}: {', '.join(clean(name) for name in names[:SHOWN])}{more}"
