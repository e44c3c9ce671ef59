"""Edits what the user wrote about plugins: favourites, tags, ratings, notes. Every edit can be undone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pluginary_tui.catalogue import product_choices
from pluginary_tui.catalogue.store import Store
from pluginary_tui.formats import LABELS
from pluginary_tui.formatting import counted
from pluginary_tui.model import Outcome, Plugin, tag_name
from pluginary_tui.products import are_favourites, formats_of, noted, product_of
from pluginary_tui.tui.core.undo import UndoHistory, UndoStep, Values

QUARANTINED = "put into quarantine by hand"
"""The reason that such a bundle is shown with."""


class UserDataEditor:
    """Writes to the catalogue and to the plugins in memory alike, so that the screen shows it at once."""

    def __init__(self, store: Store, history: UndoHistory | None = None) -> None:
        self.store = store
        self.history = UndoHistory() if history is None else history
        self._in_memory: dict[str, list[Plugin]] = {}
        """The plugins that were edited, by id, so that an undo shows at once, too."""
        self._put: dict[str, Callable[[Values], None]] = {
            "favourite": self._put_flags(store.set_favourite, "favourite"),
            "hidden": self._put_flags(store.set_hidden, "hidden"),
            "rating": self._put_ratings,
            "note": self._put_notes,
            "tags": self._put_tags,
            "quarantine": self._put_quarantine,
            "product": lambda values: product_choices.choose(store, values),
        }
        for kind, put in self._put.items():
            self.history.on(kind, put)

    def favourite(self, plugins: Sequence[Plugin], *, products: bool = False) -> str:
        """Make all of them favourites; where they all are already, none.

        With `products`, a product is a favourite already where one of its plugins is.
        """
        on = not are_favourites(plugins, products=products)
        return self._flag(plugins, "favourite", on, "now a favourite" if on else "no favourite any more")

    def hide(self, plugins: Sequence[Plugin]) -> str:
        """Hide all of them; where they all are hidden already, show them again."""
        on = not all(plugin.hidden for plugin in plugins)
        return self._flag(plugins, "hidden", on, "hidden (is:hidden finds it)" if on else "shown again")

    def _flag(self, plugins: Sequence[Plugin], name: str, on: bool, words: str) -> str:
        changed = [plugin for plugin in plugins if getattr(plugin, name) != on]
        return self._edit(plugins, words, name, {p.id: not on for p in changed}, {p.id: on for p in changed})

    def rate(self, plugins: Sequence[Plugin], stars: int) -> str:
        """0 to 5 stars."""
        before = {plugin.id: plugin.rating for plugin in plugins}
        words = f"rated {stars} of 5" if stars else "not rated any more"
        return self._edit(plugins, words, "rating", before, dict.fromkeys(before, stars))

    def note(self, plugin: Plugin, text: str) -> str:
        """Write a note on one plugin; an empty one takes it away."""
        return self.note_product([plugin], text)

    def note_product(self, plugins: Sequence[Plugin], text: str) -> str:
        """Write a note on the plugins of a product; those with a note of their own, which is not shown of the product,
        keep it.
        """
        note, shown = text.strip(), noted(plugins)
        changed = [plugin for plugin in plugins if plugin.note in ("", shown)]
        words = "noted" if note else "note removed"
        before = {plugin.id: plugin.note for plugin in changed}
        return self._edit(changed, words, "note", before, dict.fromkeys(before, note))

    def tag(self, plugins: Sequence[Plugin], text: str) -> str:
        """Add tags, separated by spaces or commas; one with a `-` in front is taken off. Empty where there are none."""
        words = [word for word in text.replace(",", " ").split() if tag_name(word.lstrip("-"))]
        if not words:
            return ""
        before = {plugin.id: list(plugin.tags) for plugin in plugins}
        after: dict[str, list[str]] = {}
        for id_, tags in before.items():
            left = set(tags)
            for word in words:
                (left.discard if word.startswith("-") else left.add)(tag_name(word.lstrip("-")))
            after[id_] = sorted(left)
        return self._edit(plugins, f"tagged {' '.join(words)}", "tags", before, after)

    def _edit(self, plugins: Sequence[Plugin], words: str, kind: str, before: Values, after: Values) -> str:
        for plugin in plugins:
            known = self._in_memory.setdefault(plugin.id, [])
            known[:] = [each for each in known if each.key != plugin.key] + [plugin]
        self._put[kind](after)
        return self.history.push(UndoStep(f"{plugin_label(plugins)}: {words}", kind, before, after))

    # Products

    def join(self, plugins: Sequence[Plugin], product: str) -> str:
        """Make these plugins one product, that of this name."""
        return self._give_products(plugins, "one product now", dict.fromkeys((each.id for each in plugins), product))

    def part(self, plugins: Sequence[Plugin]) -> str:
        """Make each of these plugins a product of its own."""
        words = "a product of its own now" if len(plugins) == 1 else "products of their own now"
        return self._give_products(plugins, words, {plugin.id: plugin.id for plugin in plugins})

    def as_named(self, plugins: Sequence[Plugin]) -> str:
        """Let vendor and name say again which products these plugins belong to."""
        words = "grouped by vendor and name again"
        return self._give_products(plugins, words, dict.fromkeys(each.id for each in plugins))

    def _give_products(self, plugins: Sequence[Plugin], words: str, after: Mapping[str, str | None]) -> str:
        return self._edit(plugins, words, "product", product_choices.choices(self.store, after), after)

    # Values into the catalogue and into memory

    def _put_flags(self, write: Callable[[list[str], bool], object], name: str) -> Callable[[Values], None]:
        def put(values: Values) -> None:
            for on in (False, True):
                if ids := [id_ for id_, value in values.items() if value is on]:
                    write(ids, on)
            self._show(values, name)

        return put

    def _put_ratings(self, values: Values) -> None:
        for stars in set(values.values()):
            self.store.set_rating([id_ for id_, rating in values.items() if rating == stars], stars)
        self._show(values, "rating")

    def _put_notes(self, values: Values) -> None:
        for id_, note in values.items():
            self.store.set_note([id_], note)
        self._show(values, "note")

    def _put_tags(self, values: Values) -> None:
        now = self.store.tags_of(values)
        off: dict[str, list[str]] = defaultdict(list)
        on: dict[str, list[str]] = defaultdict(list)
        for id_, tags in values.items():
            for tag in now.get(id_, set()) - set(tags):
                off[tag].append(id_)
            for tag in set(tags) - now.get(id_, set()):
                on[tag].append(id_)
        for tag, ids in off.items():
            self.store.remove_tag(ids, tag)
        for tag, ids in on.items():
            self.store.add_tag(ids, tag)
        self._show({id_: tuple(tags) for id_, tags in values.items()}, "tags")

    def _show(self, values: Mapping[str, Any], name: str) -> None:
        for id_, value in values.items():
            for plugin in self._in_memory.get(id_, ()):
                setattr(plugin, name, value)

    # Quarantine

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
        out = all(plugin.quarantined for plugin in plugins)
        changed_bundles = [path for path, info in whole.items() if bool(info.quarantined_at) == out]
        changed = [plugin for plugin in alone if plugin.quarantined == out]
        inside = {path: whole[path].error if out else QUARANTINED for path in changed_bundles}
        inside_alone = {str(plugin.key): plugin.error if out else QUARANTINED for plugin in changed}
        held = {"bundles": inside, "plugins": inside_alone}
        free = {"bundles": dict.fromkeys(inside), "plugins": dict.fromkeys(inside_alone)}
        before, after = (held, free) if out else (free, held)
        self._put_quarantine(after)
        words = "out of quarantine, the next scan reads it again" if out else "in quarantine, scans pass it over"
        # The plugins of a bundle are named by rows of the catalogue, which a later scan may give to others.
        return self.history.push(
            UndoStep(f"{plugin_label(plugins)}: {words}", "quarantine", before, after, lasting=not changed)
        )

    def _put_quarantine(self, values: Values) -> None:
        """`bundles` by path and `plugins` by row: the reason, or None for what is let out."""
        bundles, plugins = values["bundles"], values["plugins"]
        self.store.take_out_of_quarantine([path for path, reason in bundles.items() if reason is None])
        self.store.take_plugins_out_of_quarantine([int(key) for key, reason in plugins.items() if reason is None])
        for reason in set(bundles.values()) - {None}:
            self.store.put_into_quarantine([path for path, why in bundles.items() if why == reason], reason)
        for reason in set(plugins.values()) - {None}:
            self.store.put_plugins_into_quarantine([int(key) for key, why in plugins.items() if why == reason], reason)


def plugin_label(plugins: Sequence[Plugin]) -> str:
    """The name of a plugin, that of a product with its formats, or how many there are."""
    if len(plugins) == 1:
        return plugins[0].name
    products = {product_of(plugin) for plugin in plugins}
    formats = formats_of(plugins)
    if len(products) == 1 and len(formats) > 1:
        return f"{plugins[0].name} ({', '.join(LABELS.get(name, name) for name in formats)})"
    many = counted(len(plugins), "plugin")
    return many if len(products) == len(plugins) else f"{counted(len(products), 'product')} ({many})"
