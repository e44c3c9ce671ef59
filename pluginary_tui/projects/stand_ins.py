"""What could stand in for a plugin of a project that is not here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from pluginary_tui.catalogue.identity import alike
from pluginary_tui.catalogue.matching import Match, Named, name_key
from pluginary_tui.catalogue.store import Store
from pluginary_tui.model import MISSING, Outcome, Plugin, slug
from pluginary_tui.projects.known_jobs import ALIKE, MIXED, Job, job_of
from pluginary_tui.search.match import groups

MOST = 5
"""Plugins proposed."""


class StandIn(NamedTuple):
    """A plugin that could stand in."""

    plugin: Plugin
    because: str


class StandIns:
    """Proposes plugins of the catalogue. Reading what they sound like waits until that is needed."""

    def __init__(self, store: Store, plugins: Sequence[Plugin]) -> None:
        """`plugins` are all of the catalogue, those that are missing from the disk among them."""
        self._store = store
        self._usable = [p for p in plugins if p.status == Outcome.OK and p.format != "builtin" and not p.hidden]
        self._known_missing = [plugin for plugin in plugins if plugin.status == MISSING]
        self._by_id = {plugin.id: plugin for plugin in reversed(self._usable)}

    def find(self, named: Named, match: Match) -> list[StandIn]:
        """What could stand in for a plugin that is not here as the project names it, the best first.

        First the same plugin in other formats, then, where the catalogue knew the plugin, what is similar by sound or
        purpose, otherwise plugins for the same job. Nothing is proposed where the job is not known.
        """
        found: list[StandIn] = []
        if match.plugin is not None:
            found = [StandIn(plugin, "the same plugin in another format") for plugin in self._formats_of(match.plugin)]
        if not found and (known := self._known(named)):
            found = self._similar(known)
        if not found and (job := job_of(named.name or named.file.partition(".")[0])):
            found = self._of_job(named, job)
        return _one_of_each(found, named.format)[:MOST]

    def _formats_of(self, plugin: Plugin) -> list[Plugin]:
        same = [
            p
            for p in self._usable
            if name_key(p.name) == name_key(plugin.name) and alike(slug(p.vendor), slug(plugin.vendor))
        ]
        return [plugin, *(p for p in same if p.id != plugin.id)]

    def _known(self, named: Named) -> Plugin | None:
        """The plugin that was here once."""
        for plugin in self._known_missing:
            if plugin.format == named.format and plugin.uid and plugin.uid == named.uid:
                return plugin
        key = name_key(named.name)
        return next((p for p in self._known_missing if named.name and name_key(p.name) == key), None)

    def _similar(self, known: Plugin) -> list[StandIn]:
        from pluginary_tui.sound.similar import find_similar  # reads all passports

        return [
            StandIn(self._by_id[each.likeness.id], each.likeness.because)
            for each in find_similar(self._store, known)
            if each.likeness.id in self._by_id
        ]

    def _of_job(self, named: Named, job: Job) -> list[StandIn]:
        """Plugins for a job: those that say that they do just it, then others of its category where these do it, too.

        What the user likes and uses, and what the project's DAW can load comes first, then what has two channels and a
        plain name.
        """
        ranked = []
        for plugin in self._usable:
            generator = plugin.audio_outputs and not plugin.audio_inputs
            if job.category not in plugin.categories or plugin.kind != job.kind:
                continue
            if generator and job.kind == "effect":  # of noise, say, which is no remedy for noise
                continue
            exact = _does(job, plugin.name)
            rank = (
                not plugin.favourite,
                -plugin.rating,
                not (named.vendor and alike(slug(named.vendor), slug(plugin.vendor))),
                _other_hosts(plugin.format, named.format),
                -plugin.uses - plugin.used_in,
                abs(plugin.audio_outputs - 2),
                len(slug(plugin.name).split("-")),
                len(plugin.categories),
            )
            what = job.words[0] if exact else job.category.lower()
            stand_in = StandIn(plugin, f"for the same job: {what}")
            ranked.append((rank, plugin.name.casefold(), plugin.id, exact, stand_in))
        ranked.sort(key=lambda row: row[:3])
        first, others = ([row[-1] for row in ranked if row[-2] is exact] for exact in (True, False))
        if job.category not in ALIKE and (first or job.category in MIXED):
            others = []
        return [*_of_several_makers(first), *_of_several_makers(others)]


def _does(job: Job, name: str) -> bool:
    """Whether a name of the job's category says that it does just this, and not this among other things."""
    if job_of(name) not in (job, None):
        return False
    words = {word for group in groups(name) for word in (group.compact, *group.words)}
    within = [each for each in job.words if len(each) > 4]  # shorter ones are parts of other words
    return any(word.startswith(job.words) for word in words) or any(each in name.casefold() for each in within)


def _other_hosts(format_: str, wanted: str) -> int:
    """How unlikely a DAW loads a format that loads the wanted one: most load neither LV2 nor LADSPA."""
    if format_ == wanted:
        return 0
    rank = {"lv2": 1, "ladspa": 2, "dssi": 2}
    return 1 + (rank.get(format_, 0) if wanted not in rank else rank.get(format_, 0) // 2)


def _of_several_makers(found: Sequence[StandIn]) -> list[StandIn]:
    """The same, the third and fourth of a maker after the first two of the others, and so on."""
    counts: Counter[str] = Counter()
    rows = []
    for each in found:
        maker = slug(each.plugin.vendor)
        rows.append((counts[maker] // 2, each))
        counts[maker] += 1
    return [each for _, each in sorted(rows, key=lambda row: row[0])]


def _one_of_each(found: Sequence[StandIn], format_: str) -> list[StandIn]:
    """One format of each plugin: the one that the project uses where there is a choice, the first otherwise."""
    chosen: dict[tuple[str, str], StandIn] = {}
    for each in found:
        key = name_key(each.plugin.name), slug(each.plugin.vendor)
        if key not in chosen or (each.plugin.format == format_ != chosen[key].plugin.format):
            chosen[key] = each
    return list(chosen.values())
