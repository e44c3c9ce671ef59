"""Finds bundles that may not be needed. Reads the catalogue only; nothing here touches a bundle."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pluginary_tui.catalogue.passports import Passports
from pluginary_tui.catalogue.store import Store
from pluginary_tui.formats import LABELS
from pluginary_tui.formatting import ago, counted, moment
from pluginary_tui.model import MISSING, Outcome, Plugin
from pluginary_tui.projects.overview import ProjectOverview
from pluginary_tui.sound.passport import from_json
from pluginary_tui.sound.similar import distance, vector

KINDS: Mapping[str, str] = {
    "copy": "Installed twice",
    "format": "Installed in several formats",
    "sound": "The same sound under another name",
    "broken": "Cannot be read",
    "unused": "Never opened or copied here",
}
"""Why a bundle may not be needed, with the words for it; in the order in which they are shown."""

SAME_SOUND = 0.02
"""Distance of two plugins, as `sound.similar` measures it, up to which they count as one sound."""

SILENT = ("identity", "silent", "")
"""Behaviours in which all plugins are alike, so that a likeness says nothing."""

_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Finding:
    """One bundle, and why it may not be needed."""

    kind: str
    """One of KINDS."""
    path: str
    size: int
    """Bytes on the disk."""
    plugins: tuple[Plugin, ...]
    """What it holds; empty where that could not be read."""
    why: str
    """One sentence."""
    stays: tuple[str, ...] = ()
    """Paths of the bundles that hold the same, and stay."""

    @property
    def name(self) -> str:
        """What a person calls it."""
        if len(self.plugins) == 1:
            return self.plugins[0].name
        return os.path.basename(self.path)


class _Bundles:
    """All plugins on the disk by their bundles."""

    def __init__(self, plugins: Iterable[Plugin]) -> None:
        self.at: dict[str, list[Plugin]] = defaultdict(list)
        for plugin in plugins:
            if plugin.format != "builtin" and plugin.status != MISSING:
                self.at[plugin.path].append(plugin)

    def size(self, path: str) -> int:
        return max((plugin.size for plugin in self.at[path]), default=0)


def find(store: Store) -> list[Finding]:
    """Every bundle that may not be needed, by kinds, the largest first. Raises CatalogueError."""
    plugins = store.plugins()
    bundles = _Bundles(plugins)
    sounds = _sounds(store)
    used = ProjectOverview(store, plugins).projects_of_plugins
    projects = {id_: {row.path: row.modified for row in rows} for id_, rows in used.items()}
    found = [*_copies(bundles), *_formats(bundles, sounds), *_same_sound(bundles, sounds)]
    found = [replace(each, why=each.why + _project_words(each, projects)) for each in found]
    found += [*_broken(store, bundles), *_unused(bundles, projects)]
    kinds = list(KINDS)
    return sorted(found, key=lambda each: (kinds.index(each.kind), -each.size, each.path))


def _project_words(finding: Finding, projects: Mapping[str, Mapping[str, int]]) -> str:
    """How many projects use what a bundle holds, and when the last of them was changed."""
    users = {path: time for plugin in finding.plugins for path, time in projects.get(plugin.id, {}).items()}
    if not users:
        return ""
    last = ago(moment(max(users.values())))
    return f" {counted(len(users), 'project')} use{'s' * (len(users) == 1)} it{last and f', last changed {last}'}."


def room(findings: Iterable[Finding]) -> int:
    """Bytes that these bundles take together, each counted once."""
    return sum({finding.path: finding.size for finding in findings}.values())


def version_key(version: str) -> tuple[int, ...]:
    """A version as numbers that can be compared; `()` for one without numbers."""
    numbers = [min(int(each[:19]), 10**18) for each in _DIGITS.findall(version)]
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def _copies(bundles: _Bundles) -> Iterator[Finding]:
    """Bundles of which every plugin is in another bundle of the same format too, as new or newer."""
    holders: dict[str, list[Plugin]] = defaultdict(list)
    for plugins in bundles.at.values():
        for plugin in plugins:
            holders[plugin.id].append(plugin)
    gone: set[str] = set()
    for path in sorted(bundles.at, key=lambda path: _worth(bundles.at[path])):
        plugins = bundles.at[path]
        better = [
            [other for other in holders[plugin.id] if other.path not in {path, *gone} and _not_worse(other, plugin)]
            for plugin in plugins
        ]
        if not all(better):
            continue
        gone.add(path)
        best = max((other for others in better for other in others), key=_rank)
        mine = max(plugins, key=lambda plugin: version_key(plugin.version))
        stays = tuple(dict.fromkeys(max(others, key=_rank).path for others in better))
        yield Finding("copy", path, bundles.size(path), tuple(plugins), _copy_words(mine, best), stays)


def _copy_words(mine: Plugin, best: Plugin) -> str:
    if version_key(best.version) > version_key(mine.version):
        return f"Version {mine.version or 'unknown'}; version {best.version} is installed too."
    return f"The same version{f' {mine.version}' if mine.version else ''} is installed a second time."


def _rank(plugin: Plugin) -> tuple[bool, tuple[int, ...], str, str]:
    """The larger, the rather it stays: what works, what is newer."""
    return plugin.status == Outcome.OK, version_key(plugin.version), plugin.added_at, plugin.path


def _worth(plugins: Sequence[Plugin]) -> tuple[bool, tuple[int, ...], str, str]:
    return max(map(_rank, plugins))


def _not_worse(other: Plugin, plugin: Plugin) -> bool:
    return _rank(other)[:2] >= _rank(plugin)[:2]


def _formats(bundles: _Bundles, sounds: Mapping[str, tuple[float, ...]]) -> Iterator[Finding]:
    """Bundles of which every plugin is installed in another format too."""
    holders: dict[str, list[Plugin]] = defaultdict(list)
    for plugins in bundles.at.values():
        for plugin in plugins:
            if plugin.status == Outcome.OK:
                holders[plugin.product].append(plugin)
    for path, plugins in bundles.at.items():
        others = [[o for o in holders[p.product] if o.format != p.format] for p in plugins]
        if not all(others):
            continue
        formats = list(dict.fromkeys(LABELS.get(o.format, o.format) for each in others for o in each))
        stays = tuple(dict.fromkeys(other.path for each in others for other in each))
        words = f"{LABELS.get(plugins[0].format, plugins[0].format)}; installed as {' and '.join(formats)} too."
        pairs = [(p.id, o.id) for p, each in zip(plugins, others, strict=True) for o in each]
        yield Finding("format", path, bundles.size(path), tuple(plugins), words + _sound_words(pairs, sounds), stays)


def _sound_words(pairs: Sequence[tuple[str, str]], sounds: Mapping[str, tuple[float, ...]]) -> str:
    """Whether they sound the same, where all were measured."""
    if not all(one in sounds and other in sounds for one, other in pairs):
        return ""
    same = all(distance(sounds[one], sounds[other]) <= SAME_SOUND for one, other in pairs)
    return " They sound the same." if same else " They do not sound the same."


def _sounds(store: Store) -> dict[str, tuple[float, ...]]:
    """What is compared of the sound of every measured effect that does something, by id."""
    found = {}
    for id_, document in Passports(store).documents().items():
        passport = from_json(document)
        if passport.behaves not in SILENT and (values := vector(passport)):
            found[id_] = values
    return found


def _same_sound(bundles: _Bundles, sounds: Mapping[str, tuple[float, ...]]) -> Iterator[Finding]:
    """Bundles with one plugin that sounds like a plugin of another name, in the same format."""
    single = [plugins[0] for plugins in bundles.at.values() if len(plugins) == 1 and plugins[0].id in sounds]
    near: dict[tuple[str, tuple[float, ...]], list[Plugin]] = defaultdict(list)
    for plugin in single:
        near[plugin.format, tuple(round(value, 1) for value in sounds[plugin.id])].append(plugin)
    for members in near.values():
        for plugin in members:
            others = [
                o
                for o in members
                if o.product != plugin.product and distance(sounds[o.id], sounds[plugin.id]) <= SAME_SOUND
            ]
            if others:
                names = ", ".join(sorted({o.name for o in others}))
                stays = tuple(o.path for o in others)
                words = f"Measured, it sounds like {names}; compare them before one goes."
                yield Finding("sound", plugin.path, bundles.size(plugin.path), (plugin,), words, stays)


def _broken(store: Store, bundles: _Bundles) -> Iterator[Finding]:
    """Bundles on the disk that could not be read."""
    for info in store.failed_bundles():
        plugins = tuple(bundles.at.get(info.path, ()))
        yield Finding("broken", info.path, info.size, plugins, info.error or f"Reading it ended: {info.outcome}.")


def _unused(bundles: _Bundles, projects: Mapping[str, Mapping[str, int]]) -> Iterator[Finding]:
    """Bundles of which no plugin was opened, copied or marked in any way, and that no project uses."""
    for path, plugins in bundles.at.items():
        readable = any(plugin.status == Outcome.OK for plugin in plugins)
        if not readable or any(_wanted(plugin) or plugin.id in projects for plugin in plugins):
            continue
        since = ago(min((plugin.added_at for plugin in plugins if plugin.added_at), default=""))
        what = counted(len(plugins), "plugin") if len(plugins) > 1 else "It"
        seen = f", seen here first {since}" if since else ""
        words = f"{what} {'were' if len(plugins) > 1 else 'was'} never opened, copied, tagged or rated{seen}."
        yield Finding("unused", path, bundles.size(path), tuple(plugins), words)


def _wanted(plugin: Plugin) -> bool:
    written = plugin.favourite or plugin.tags or plugin.rating or plugin.note
    return bool(plugin.uses or written)


def of_kinds(findings: Iterable[Finding], kinds: Collection[str]) -> list[Finding]:
    """Those of some kinds; of all where none is named."""
    return [finding for finding in findings if not kinds or finding.kind in kinds]
