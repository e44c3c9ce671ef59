"""Plugins by a query, and the plugin that an argument means: an id, a path, a class id or a name."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pluginary_tui.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pluginary_tui.catalogue.presets import Preset
    from pluginary_tui.catalogue.store import Store
    from pluginary_tui.model import Plugin
    from pluginary_tui.search.index import Index
    from pluginary_tui.search.result import Result

SHOWN = 4
"""Ids that a message names where several plugins fit."""


def search(store: Store, text: str, *, products: bool = False) -> tuple[Index, Result]:
    """The index of the catalogue, and what a query finds in it; with `products`, the rows that stand for products.

    Raises QueryError for what is no query.
    """
    from pluginary_tui.catalogue.search_lookup import Lookup
    from pluginary_tui.config import load
    from pluginary_tui.search.query import strict
    from pluginary_tui.sound.overview import load_measurements

    known = load_measurements(store)
    query = strict(text, known.figures, known.states)
    index = known.index(store.plugins(), Lookup(store), load().scan.prefer if products else ())
    return index, index.search(query, products=products)


def by_name(plugins: Iterable[Plugin]) -> list[Plugin]:
    """Plugins by name, the order of an empty query, without building an index."""
    from pluginary_tui.products import usable_first
    from pluginary_tui.search.match import natural

    # Without a name last; of one name what pedalboard loads first, as in the index.
    return sorted(plugins, key=lambda plugin: (not plugin.name, natural(plugin.name), usable_first(plugin)))


def presets_of(store: Store, plugins: Iterable[Plugin], text: str) -> list[Preset]:
    """The presets of these plugins, which the query `text` found: only those that its `preset:` is about, if any."""
    from pluginary_tui.catalogue.presets import Presets
    from pluginary_tui.search.query import Filter, TextMatch, parse

    found = Presets(store).of_plugins([plugin.id for plugin in plugins])
    terms = [
        [value.test() for value in term.values if isinstance(value, TextMatch)]
        for term in parse(text).terms
        if isinstance(term, Filter) and term.field == "preset" and not term.negated
    ]
    return [preset for preset in found if all(any(test(preset.name) for test in tests) for tests in terms)]


def find(store: Store, text: str, prefer: Callable[[Plugin], bool] = lambda plugin: True) -> list[Plugin]:
    """All copies of the plugin with this id, or of the only one with this path, class id or name.

    A text that is no id means one of the plugins that `prefer` is true for, where it fits any of these. Of one product
    in several formats it is the plugin that stands for it (setting scan.prefer). Raises NotFoundError, naming the ids
    that fit or the nearest one there is.
    """
    from pluginary_tui.catalogue.identity import canonical_id
    from pluginary_tui.model import clean

    text = clean(text, len(text) + 1)  # SQLite rejects arguments that are not UTF-8
    for id_ in dict.fromkeys((text, canonical_id(text))):
        if copies := store.copies(id_):
            return copies
    plugins = store.plugins()
    meant = _meant([*filter(prefer, plugins)], text) or _meant(plugins, text)
    found = list(dict.fromkeys(plugin.id for plugin in meant))
    if len(found) > 1 and len({plugin.product for plugin in meant}) == 1:
        from pluginary_tui.catalogue.product_choices import products
        from pluginary_tui.config import load

        found = [products(meant, load().scan.prefer)[0].plugins[0].id]
    if len(found) == 1:
        return store.copies(found[0])
    if found:
        named = f"{', '.join(found[:SHOWN])}{' and more' if len(found) > SHOWN else ''}"
        raise NotFoundError(f"{clean(text)} fits {len(found)} plugins; name one by its id: {named}.")
    from difflib import get_close_matches

    ids = {plugin.id for plugin in plugins}
    near = get_close_matches(canonical_id(text), ids, 1)
    hint = f"did you mean {near[0]}?" if near else "'pluginary-tui list' prints the ids there are."
    raise NotFoundError(f"There is no plugin {clean(text)}; {hint}")


def _meant(plugins: list[Plugin], text: str) -> list[Plugin]:
    """The plugins that a text fits which is no id: the strictest reading under which there are any."""
    from pluginary_tui.model import slug
    from pluginary_tui.search.spellings import pasted

    got = pasted(text.strip("\"' "), 0)
    if got and got.field == "uid":
        uid = got.text.replace("-", "").upper()
        return [plugin for plugin in plugins if plugin.uid.upper() == uid]
    path = got.text if got and got.field == "path" else text
    if os.sep in path or (os.altsep and os.altsep in path) or os.path.lexists(path):
        for place in _places(path):
            if at := [plugin for plugin in plugins if plugin.path == place]:
                return at
    wanted = slug(text.strip("\"'"))
    readings: Iterable[Iterator[Plugin]] = (
        (plugin for plugin in plugins if plugin.name == text),
        (plugin for plugin in plugins if slug(plugin.name) == wanted),
        (plugin for plugin in plugins if slug(f"{plugin.vendor} {plugin.name}") == wanted),
        (plugin for plugin in plugins if os.path.basename(plugin.path).casefold() == text.casefold()),
    )
    return next((found for reading in readings if (found := list(reading))), [])


def _places(text: str) -> Iterator[str]:
    """The path, what it leads to, and the folders that each lies in: a file within a bundle means the bundle."""
    from pluginary_tui.search.spellings import at_home

    given = os.path.abspath(at_home(text))  # does not follow links
    for path in dict.fromkeys((given, os.path.realpath(given))):
        while path != os.path.dirname(path):
            yield path
            path = os.path.dirname(path)
