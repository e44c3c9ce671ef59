"""Edits what the user wrote about plugins: favourites, tags, ratings, notes. Every edit can be undone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from pluginary_tui.catalogue.store import BundleInfo, Store, tag_name
from pluginary_tui.formatting import counted
from pluginary_tui.model import Outcome, Plugin
from pluginary_tui.tui.core.undo import UndoHistory

QUARANTINED = "put into quarantine by hand"
"""The reason that such a bundle is shown with."""


class UserDataEditor:
    """Writes to the catalogue and to the plugins in memory alike, so that the screen shows it at once."""

    def __init__(self, store: Store, history: UndoHistory | None = None) -> None:
        self.store = store
        self.history = UndoHistory() if history is None else history

    def favourite(self, plugins: Sequence[Plugin]) -> str:
        """Make all of them favourites; where they all are already, none."""
        on = not all(plugin.favourite for plugin in plugins)
        return self._flag(plugins, "favourite", on, "now a favourite" if on else "no favourite any more")

    def hide(self, plugins: Sequence[Plugin]) -> str:
        """Hide all of them; where they all are hidden already, show them again."""
        on = not all(plugin.hidden for plugin in plugins)
        return self._flag(plugins, "hidden", on, "hidden (is:hidden finds it)" if on else "shown again")

    def rate(self, plugins: Sequence[Plugin], stars: int) -> str:
        """0 to 5 stars."""
        before = {plugin.id: plugin.rating for plugin in plugins}

        def put(ratings: dict[str, int]) -> None:
            for each in set(ratings.values()):
                self.store.set_rating([id_ for id_, rating in ratings.items() if rating == each], each)
            for plugin in plugins:
                plugin.rating = ratings[plugin.id]

        put(dict.fromkeys(before, stars))
        words = f"rated {stars} of 5" if stars else "not rated any more"
        return self.history.push(f"{plugin_label(plugins)}: {words}", lambda: put(before))

    def note(self, plugin: Plugin, text: str) -> str:
        """Write a note on one plugin; an empty one takes it away."""
        before = plugin.note

        def put(note: str) -> None:
            self.store.set_note([plugin.id], note)
            plugin.note = note

        put(text.strip())
        return self.history.push(f"{plugin.name}: {'noted' if text.strip() else 'note removed'}", lambda: put(before))

    def tag(self, plugins: Sequence[Plugin], text: str) -> str:
        """Add tags, separated by spaces or commas; one with a `-` in front is taken off. Empty where there are none."""
        words = [word for word in text.replace(",", " ").split() if tag_name(word.lstrip("-"))]
        if not words:
            return ""
        before = {plugin.id: plugin.tags for plugin in plugins}
        for word in words:
            name = tag_name(word.lstrip("-"))
            if word.startswith("-"):
                self.store.remove_tag(before, name)
            else:
                self.store.add_tag(before, name)
            for plugin in plugins:
                rest = {tag for tag in plugin.tags if tag != name}
                plugin.tags = tuple(sorted(rest if word.startswith("-") else rest | {name}))
        return self.history.push(
            f"{plugin_label(plugins)}: tagged {' '.join(words)}", lambda: self._put_tags(plugins, before)
        )

    def _put_tags(self, plugins: Iterable[Plugin], tags: dict[str, tuple[str, ...]]) -> None:
        off: dict[str, list[str]] = defaultdict(list)
        on: dict[str, list[str]] = defaultdict(list)
        for plugin in plugins:
            for tag in set(plugin.tags) - set(tags[plugin.id]):
                off[tag].append(plugin.id)
            for tag in set(tags[plugin.id]) - set(plugin.tags):
                on[tag].append(plugin.id)
            plugin.tags = tags[plugin.id]
        for tag, ids in off.items():
            self.store.remove_tag(ids, tag)
        for tag, ids in on.items():
            self.store.add_tag(ids, tag)

    def quarantine(self, plugins: Sequence[Plugin]) -> str:
        """Keep scans away from them; where they all are in quarantine already, take them out again.

        What shares a readable bundle with other plugins goes alone, anything else with its bundle.
        """
        plugins = [plugin for plugin in plugins if plugin.format != "builtin"]
        bundles = {path: info for path in sorted({p.path for p in plugins}) if (info := self.store.bundle(path))}
        readable = {path for path, info in bundles.items() if info.outcome == Outcome.OK and not info.quarantined_at}
        alone = [plugin for plugin in plugins if plugin.name_in_file and plugin.path in readable]
        paths = {plugin.path for plugin in plugins} - {plugin.path for plugin in alone}
        whole = {path: info for path, info in bundles.items() if path in paths}
        if not alone and not whole:
            return ""
        if all(plugin.quarantined for plugin in plugins):
            self.store.take_out_of_quarantine(whole)
            self.store.take_plugins_out_of_quarantine(plugin.key for plugin in alone)
            said = f"{plugin_label(plugins)}: out of quarantine, the next scan reads it again"
            before = {plugin.key: plugin.error for plugin in alone}
            return self.history.push(said, lambda: self._quarantine_as_before(whole, before))
        fresh = [path for path, info in whole.items() if not info.quarantined_at]
        keys = [plugin.key for plugin in alone if not plugin.quarantined]
        self.store.put_into_quarantine(fresh, QUARANTINED)
        self.store.put_plugins_into_quarantine(keys, QUARANTINED)

        def undo() -> None:
            self.store.take_out_of_quarantine(fresh)
            self.store.take_plugins_out_of_quarantine(keys)

        return self.history.push(f"{plugin_label(plugins)}: in quarantine, scans pass it over", undo)

    def _quarantine_as_before(self, bundles: Mapping[str, BundleInfo], plugins: Mapping[int, str]) -> None:
        """`plugins`: the reasons by the plugins' rows."""
        for reason in {info.error for info in bundles.values()}:
            self.store.put_into_quarantine([path for path, info in bundles.items() if info.error == reason], reason)
        for reason in set(plugins.values()):
            self.store.put_plugins_into_quarantine([key for key, why in plugins.items() if why == reason], reason)

    def _flag(self, plugins: Sequence[Plugin], name: str, on: bool, words: str) -> str:
        write = self.store.set_favourite if name == "favourite" else self.store.set_hidden
        changed = [plugin for plugin in plugins if getattr(plugin, name) != on]

        def put(value: bool) -> None:
            write([plugin.id for plugin in changed], value)
            for plugin in changed:
                setattr(plugin, name, value)

        put(on)
        return self.history.push(f"{plugin_label(plugins)}: {words}", lambda: put(not on))


def plugin_label(plugins: Sequence[Plugin]) -> str:
    """The plugin's name, or how many there are."""
    return plugins[0].name if len(plugins) == 1 else counted(len(plugins), "plugin")
