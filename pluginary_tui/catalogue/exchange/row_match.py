"""Which plugin of the catalogue an entry is about that does not say so by an id of the catalogue's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from pluginary_tui.catalogue.database import readable_errors
from pluginary_tui.catalogue.exchange.import_record import Incoming
from pluginary_tui.catalogue.exchange.left_out import LeftOut
from pluginary_tui.catalogue.identity import COMMON, alike
from pluginary_tui.catalogue.store import Store
from pluginary_tui.model import slug

_PLUGINS = "SELECT p.id, p.name, p.vendor, b.format, b.path FROM plugin p JOIN bundle b ON b.key = p.bundle"
_OTHER_IDS = "SELECT id FROM identity UNION SELECT id FROM alias"


class _Known(NamedTuple):
    id: str
    name: str
    vendor: str
    format: str


class RowMatcher:
    """Finds the plugins of entries in a catalogue, by name, vendor, format and path."""

    def __init__(self, store: Store) -> None:
        self._ids: dict[str, _Known] = {}
        self._named: dict[str, dict[str, _Known]] = defaultdict(dict)
        self._at: dict[str, set[str]] = defaultdict(set)
        with readable_errors(store.path):
            for id_, name, vendor, format_, path in store.db.execute(_PLUGINS):
                known = _Known(id_, slug(name), slug(vendor), format_)
                self._ids.setdefault(id_, known)
                self._named[_loose(known.name)][id_] = known
                self._at[path].add(id_)
            self._other_ids = {id_ for (id_,) in store.db.execute(_OTHER_IDS)}

    def place(self, item: Incoming) -> tuple[Incoming, str]:
        """The entry with the id that it is about, and what is wrong with it: then it is about no plugin at all.

        An id of the catalogue counts, unless the name beside it is another plugin's: then a column was sorted
        without the others. Without such an id a name counts that exactly one plugin has. Entries that bring a plugin
        of their own, and those with a class id, stay as they are.
        """
        plugin = item.plugin
        if plugin.id in self._ids:
            return item, self._contradiction(item) if item.id_given else ""
        if plugin.uid or plugin.id in self._other_ids:
            return item, ""
        found = self._candidates(item)
        if len(found) == 1:
            return replace(item, plugin=replace(plugin, id=found[0].id)), ""
        if item.id_given or item.described or (plugin.name and plugin.vendor):
            return item, ""
        if found:
            what = ", ".join(sorted(each.id for each in found)[:3])
            return item, f"fits {len(found)} plugins ({what}); add a column id or vendor"
        return item, "is not the name of a plugin that is here" if plugin.name else "is not the path of one plugin here"

    def _contradiction(self, item: Incoming) -> str:
        known, name = self._ids[item.plugin.id], slug(item.plugin.name)
        if not item.plugin.name or _loose(name) == _loose(known.name):
            return ""
        others = self._named.get(_loose(name))
        return f"is another plugin than {known.id}, and the row names both" if others else ""

    def _candidates(self, item: Incoming) -> list[_Known]:
        plugin = item.plugin
        if not plugin.name:
            ids = self._at.get(plugin.path, set())
            return [self._ids[id_] for id_ in ids]
        found = list(self._named.get(_loose(slug(plugin.name)), {}).values())
        if item.format_given:
            found = [each for each in found if each.format == plugin.format]
        if plugin.vendor:
            vendor = slug(plugin.vendor)
            found = [each for each in found if each.vendor == vendor or alike(each.vendor, vendor, COMMON)]
        exact = [each for each in found if each.name == slug(plugin.name)] or found
        vendors = {each.vendor for each in exact}
        # One product in several formats is the VST3, as where a file names no format.
        vst3 = [each for each in exact if each.format == "vst3"]
        return vst3 if len(vendors) == 1 and len(vst3) == 1 else exact


def _loose(name: str) -> str:
    return name.replace("-", "")


def place_all(items: Iterable[Incoming], store: Store, left: LeftOut) -> Iterator[Incoming]:
    """The entries, each with the id of the plugin that it is about; what is about none goes to `left`.

    The catalogue is read when the first entry needs it: what other machines exported says all by itself.
    """
    matcher: RowMatcher | None = None
    for item in items:
        if item.has_user_data and not (item.own_id and item.plugin.uid):
            matcher = matcher or RowMatcher(store)
            item, wrong = matcher.place(item)
            if wrong:
                left.add(item.label, "name" if item.plugin.name else "", item.plugin.name or item.plugin.path, wrong)
                continue
        yield item
