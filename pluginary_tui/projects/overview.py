"""Projects as commands, queries and screens want them: what each uses, what of that is here, and which plugin is in
which projects.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property

from pluginary_tui.catalogue.matching import ABSENT, HERE, OTHER_FORMAT, Match, Matcher
from pluginary_tui.catalogue.projects import ProjectRow, Projects, UsedPlugin
from pluginary_tui.catalogue.store import Store
from pluginary_tui.formats import LABELS
from pluginary_tui.model import Plugin
from pluginary_tui.projects.facts import NATIVE
from pluginary_tui.projects.stand_ins import StandIn, StandIns

_ORDER = {ABSENT: 0, OTHER_FORMAT: 1, HERE: 2}


@dataclass(slots=True)
class UsedInProject:
    """One plugin that a project uses, with all places of it."""

    used: UsedPlugin
    match: Match
    count: int = 0
    bypassed: int = 0
    """Places where it is switched off."""
    tracks: list[str] = field(default_factory=list)
    """Names of the tracks, each once, in the project's order."""
    instead: list[StandIn] = field(default_factory=list)

    @property
    def name(self) -> str:
        """A name to show: the project's, else the catalogue's, else the file or the identity."""
        used = self.used
        return used.name or (self.match.plugin.name if self.match.plugin else "") or used.file or used.uid

    @property
    def vendor(self) -> str:
        return self.used.vendor or (self.match.plugin.vendor if self.match.plugin else "")


class ProjectOverview:
    """What is known of all projects, read once. Raises CatalogueError."""

    def __init__(self, store: Store, plugins: Iterable[Plugin] | None = None) -> None:
        """`plugins` are those of the catalogue, where they have been read already."""
        self._store = store
        self._projects = Projects(store)
        self._plugins = list(store.plugins() if plugins is None else plugins)

    def with_store(self, store: Store) -> ProjectOverview:
        """The same on another connection, for another thread; what has been read is kept."""
        overview = copy(self)
        overview._store, overview._projects = store, Projects(store)
        overview.__dict__.pop("stand_ins", None)
        return overview

    @cached_property
    def rows(self) -> list[ProjectRow]:
        return self._projects.all()

    @cached_property
    def matches(self) -> dict[int, Match]:
        """For each row of a used plugin that is not part of a DAW, what it is here."""
        matcher = Matcher(self._plugins)
        return {used.key: matcher.match(used) for used in self.used.values() if used.format != NATIVE}

    @cached_property
    def used(self) -> dict[int, UsedPlugin]:
        return {used.key: used for used in self._projects.used_plugins()}

    @cached_property
    def users(self) -> dict[int, set[int]]:
        return self._projects.users()

    @cached_property
    def stand_ins(self) -> StandIns:
        return StandIns(self._store, self._plugins)

    def counts(self) -> dict[int, tuple[int, int]]:
        """For each row of a project, the plugins it uses and those of them that are not here as it names them."""
        found: dict[int, tuple[int, int]] = {}
        for used, projects in self.users.items():
            if used in self.matches:
                absent = self.matches[used].status != HERE
                for project in projects:
                    plugins, missing = found.get(project, (0, 0))
                    found[project] = plugins + 1, missing + absent
        return found

    def plugins_of(self, project: ProjectRow, *, stand_ins: bool = True) -> list[UsedInProject]:
        """What a project uses, what is missing here first; without what is part of the DAW."""
        found: dict[int, UsedInProject] = {}
        for use in self._projects.uses(project.key):
            if use.used not in self.matches:
                continue
            each = found.setdefault(use.used, UsedInProject(self.used[use.used], self.matches[use.used]))
            each.count += 1
            each.bypassed += use.active is False
            if use.track and use.track not in each.tracks:
                each.tracks.append(use.track)
        for each in found.values() if stand_ins else ():
            if each.match.status != HERE:
                each.instead = self.stand_ins.find(each.used, each.match)
        return sorted(found.values(), key=lambda each: (_ORDER[each.match.status], each.name.casefold(), each.used.key))

    def own_devices(self, project: ProjectRow) -> dict[str, int]:
        """What a project uses of its DAW's own effects and instruments, with how often."""
        found: dict[str, int] = {}
        for use in self._projects.uses(project.key):
            if self.used[use.used].format == NATIVE:
                name = self.used[use.used].name
                found[name] = found.get(name, 0) + 1
        return found

    @cached_property
    def projects_of_plugins(self) -> dict[str, list[ProjectRow]]:
        """For the id of each plugin that projects use, these projects, the ones that changed last first.

        A plugin that a project names in another format counts for the one that is here.
        """
        rows = {row.key: row for row in self.rows}
        found: dict[str, set[int]] = {}
        for used, match in self.matches.items():
            if match.plugin is not None:
                found.setdefault(match.plugin.id, set()).update(self.users.get(used, ()))
        return {
            id_: sorted((rows[key] for key in keys if key in rows), key=lambda row: (-row.modified, row.path))
            for id_, keys in found.items()
        }


def status_words(each: UsedInProject) -> str:
    """Whether a plugin of a project is here, for a person.

    A match that rests on the name alone says so: a DAW goes by the identity and may not find it.
    """
    off = f", {each.bypassed} switched off" if each.bypassed else ""
    plugin = each.match.plugin
    if plugin is None:
        return f"missing{off}"
    by_name = " by its name" if each.match.by == "name" else ""
    if each.match.status == HERE:
        return f"yes{by_name}{off}"
    return f"as {LABELS.get(plugin.format, plugin.format)}{by_name}{off}"
