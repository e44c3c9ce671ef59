"""Products in the index: sets of rows as sets of products, compared with the plain way to count them."""

from __future__ import annotations

import random
from collections.abc import Iterable

import pytest

from pluginary_tui.model import MISSING, Plugin
from pluginary_tui.products import formats_of, product_of
from pluginary_tui.search import bitset
from pluginary_tui.search.index import Index
from pluginary_tui.search.product_rows import ProductRows
from pluginary_tui.search.query import Sort

FORMATS = ("vst3", "clap", "lv2", "ladspa")


def rows_of(bits: int) -> set[int]:
    return set(bitset.rows(bits))


@pytest.mark.parametrize("seed", range(40))
def test_sets_of_rows_are_sets_of_products(seed: int) -> None:
    chance = random.Random(seed)
    products = [
        f"p{n}" for n in range(chance.randrange(1, 60)) for _ in range(chance.choice((1, 1, 1, 2, 3, 4, 9, 17)))
    ]
    chosen = {row for row in range(len(products)) if chance.random() < chance.choice((0.05, 0.5, 0.9))}
    known = ProductRows(products)
    bits = bitset.of_rows(sorted(chosen), len(products))
    of = {products[row] for row in chosen}
    assert known.count(bits) == len(of)
    assert rows_of(known.whole(bits)) == {row for row, product in enumerate(products) if product in of}
    assert rows_of(known.heads(bits)) == {products.index(product) for product in of}
    assert rows_of(known.firsts(bits)) == {next(r for r in sorted(chosen) if products[r] == product) for product in of}
    assert known.first_of(chosen) == {products.index(product) for product in of}
    for row in chosen:
        assert [*known.members(row)] == [each for each, product in enumerate(products) if product == products[row]]


def test_no_rows_at_all() -> None:
    known = ProductRows([])
    assert known.count(0) == known.whole(0) == known.heads(0) == known.firsts(0) == 0


def shelf(seed: int, hidden: float = 0.1) -> list[Plugin]:
    """Plugins of products with one to five formats, of which some are hidden, gone, or could not be read."""
    chance = random.Random(seed)
    made = []
    for number in range(60):
        vendor = f"Maker {number % 7}"
        for format_ in chance.sample(FORMATS, chance.choice((1, 1, 2, 3, 4))):
            plugin = Plugin(f"{format_}/{number}", f"Verb {number}" if chance.random() < 0.5 else f"Gate {number}")
            plugin.vendor = f"{vendor} {format_.upper()}" if number % 5 == 0 else vendor
            plugin.format, plugin.product, plugin.key = format_, f"maker/{number}", len(made) + 1
            plugin.categories = (chance.choice(("Reverb", "EQ", "Dynamics")),)
            plugin.hidden = chance.random() < hidden
            plugin.status = chance.choice(("ok", "ok", "ok", "ok", "crashed", MISSING))
            plugin.favourite = chance.random() < 0.1
            plugin.parameter_count = chance.randrange(40)
            made.append(plugin)
    chance.shuffle(made)
    return made


def products_of(plugins: Iterable[Plugin]) -> set[str]:
    return {product_of(plugin) for plugin in plugins}


QUERIES = (
    "",
    "verb",
    "gate maker",
    "format:lv2",
    "is:fav",
    "cat:reverb format:vst3,clap",
    "is:hidden",
    "params>20 verb",
)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("query", QUERIES)
def test_products_and_their_counts_are_those_of_the_plugins_that_match(query: str, seed: int) -> None:
    index = Index(shelf(seed), prefer=("lv2", "clap"))
    single, grouped = index.search(query), index.search(query, products=True)
    matching = [index.plugins[row] for row in single.rows]
    listed = [index.plugins[row] for row in grouped.rows]
    assert products_of(matching) == products_of(listed)
    assert len(listed) == grouped.total == len(products_of(listed))
    for row in grouped.rows:
        members = index.members(row, hidden=grouped.shows_hidden)
        assert members[0] is index.plugins[row]
        assert products_of(members) == {product_of(index.plugins[row])}
        assert not any(each.hidden for each in members) or grouped.shows_hidden
    counts, plain = index.facets(query, products=True), index.facets(query)
    for facet, key in (("format", "format"), ("vendor", "vendor"), ("status", "status")):
        if f"{facet}:" in query:
            continue
        expected = {
            value: len(products_of(p for p in matching if getattr(p, key) == value))
            for value in {getattr(p, key) for p in matching}
        }
        assert dict(counts[facet]) == expected
        assert dict(counts[facet]).keys() == dict(plain[facet]).keys()


def test_what_stands_for_a_product_follows_the_setting_and_what_works() -> None:
    def plugin(format_: str, status: str = "ok") -> Plugin:
        made = Plugin(f"{format_}/x", "Verb", status=status)
        made.format, made.product = format_, "acme/verb"
        return made

    def first(prefer: tuple[str, ...], *plugins: Plugin) -> Plugin:
        index = Index(plugins, prefer=prefer)
        (row,) = index.search("verb", products=True).rows
        return index.plugins[row]

    three = plugin("ladspa"), plugin("lv2"), plugin("vst3")
    assert first((), *three).format == "vst3"
    assert first(("lv2", "vst3"), *three).format == "lv2"
    assert first(("lv2",), plugin("lv2", "crashed"), plugin("ladspa")).format == "ladspa"
    gone = plugin("vst3", MISSING)
    assert first((), gone, plugin("lv2", "crashed")).format == "lv2"
    assert formats_of([gone, three[1], three[0]]) == ["lv2", "ladspa"] and formats_of([gone]) == ["vst3"]
    three[2].hidden = True
    assert first((), *three).format == "lv2"


def test_products_are_sorted_by_what_is_shown_of_them() -> None:
    index = Index(shelf(3, hidden=0))
    rows = index.search("", products=True, order=(Sort("params", True),)).rows
    shown = [index.plugins[row].parameter_count for row in rows]
    assert shown == sorted(shown, reverse=True)


def test_the_best_match_of_a_product_decides_its_place() -> None:
    def plugin(format_: str, name: str, product: str) -> Plugin:
        made = Plugin(f"{format_}/{name}", name)
        made.format, made.product = format_, product
        return made

    index = Index(
        [plugin("vst3", "Unlike", "a/room"), plugin("lv2", "Room", "a/room"), plugin("vst3", "Great Room", "b/great")]
    )
    assert [index.plugins[row].name for row in index.search("room", products=True).rows] == ["Unlike", "Great Room"]


def test_marks_are_counted_in_products_and_a_product_is_seen_whole() -> None:
    index = Index(shelf(5, hidden=0))
    marked = [p for p in index.plugins if p.product in ("maker/1", "maker/2")]
    for plugin in marked:
        plugin.marked = True
    index.marks_changed()
    assert index.marked("", products=True) == (2, 0) and index.marked("") == (len(marked), 0)
    one = next(p for p in marked if p.product == "maker/1")
    assert index.marked(f'id="{one.id}"', products=True) == (2, 1)
    assert index.marked(f'id="{one.id}"') == (len(marked), len(marked) - 1)


def test_why_nothing_is_found_is_counted_in_products() -> None:
    index = Index(shelf(2, hidden=0))
    cause = index.blame("verb category:nothing", products=True)
    assert cause is not None and cause.total == index.search("verb", products=True).total
    assert index.product_count() == 60
