"""What to try instead of a plugin: all that is like it, from what the catalogue knows."""

from __future__ import annotations

from dataclasses import dataclass

from pluginary_tui.catalogue.passports import Passports
from pluginary_tui.catalogue.store import Store
from pluginary_tui.model import Plugin
from pluginary_tui.sound import similar
from pluginary_tui.sound.passport import from_json
from pluginary_tui.sound.similar import Likeness


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A plugin that is like another one."""

    likeness: Likeness
    better: str
    """What is better about it; empty where nothing is, or nobody knows."""


def find_similar(store: Store, plugin: Plugin) -> list[Recommendation]:
    """What is like a plugin, nearest first: by sound where both were measured, then by what they are for.

    Raises CatalogueError.
    """
    kept = Passports(store)
    passports = {id_: from_json(data) for id_, data in kept.documents().items()}
    mine = passports.pop(plugin.id, None)
    found = similar.by_sound(mine, passports) if mine else []
    improved = {each.id: each.because for each in similar.better(mine, found, passports)} if mine else {}
    heard = {each.id for each in found}
    names = kept.parameter_names()
    others = [(p, names.get(p.key, ())) for p in store.plugins() if p.id not in heard]
    found = found + similar.same_job(plugin, names.get(plugin.key, ()), others)
    return [Recommendation(each, improved.get(each.id, "")) for each in found]
