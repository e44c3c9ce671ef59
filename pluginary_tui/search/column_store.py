"""The plugins' fields as columns: filtering, counting values and sorting."""

from __future__ import annotations

import math
from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import compress
from operator import attrgetter
from typing import Any

from pluginary_tui import plugin_fields
from pluginary_tui.figures import FACET_RANGES
from pluginary_tui.model import Plugin
from pluginary_tui.search import bitset, dates, fields, match
from pluginary_tui.search.product_rows import ProductRows
from pluginary_tui.search.query import DateRange, Filter, NumberRange, Sort, TextMatch, Word
from pluginary_tui.search.spellings import at_home

FACETS = tuple(field.name for field in plugin_fields.FACETS)
_ATTRIBUTES = {field.name: field.attribute for field in plugin_fields.TABLE}
_GROUPED = tuple(field.name for field in plugin_fields.TABLE if field.kind == "words")
"""Fields with few different values, of which each is matched once for all its rows."""
_DENSE = 1024


@dataclass(slots=True)
class Value:
    """One value of a column with its rows."""

    label: str
    rows: array[int]
    set: int | None = None
    """The rows as a bit set, once computed."""


class Columns:
    """The plugins' fields as columns, each built when it is first needed."""

    def __init__(
        self,
        plugins: Sequence[Plugin],
        figures: Mapping[str, Mapping[str, float]],
        states: Mapping[str, Collection[str]] | None = None,
        behaves: Mapping[str, str] | None = None,
        words: Mapping[str, Mapping[str, Sequence[str]]] | None = None,
    ) -> None:
        """`figures`, `states`, `behaves` and `words` as for `Index`."""
        self.plugins = plugins
        self.size = len(plugins)
        self.figures, self.states, self.behaves = figures, states or {}, behaves or {}
        self.words = words or {}
        self.everything = (1 << self.size) - 1
        self._lists: dict[str, list[Any]] = {}
        self._values: dict[str, dict[str, Value]] = {}
        self._orders: dict[tuple[Sort, ...], array[int]] = {}
        self._sets: dict[object, int] = {}
        self._mask = (0, bytes(self.size))
        self._spreads: dict[str, list[tuple[Value, str]]] = {}

    def values(self, facet: str) -> dict[str, Value]:
        """Folded text -> value of a facet; of spellings that differ in case the first one is the label."""
        if facet not in self._values:
            found = self._ranges(facet)
            for present, rows in bitset.grouped(self._column(facet)).items():
                for text in (present,) if isinstance(present, str) else present:
                    value = found.setdefault(match.fold(text), Value(str(text), array("I")))
                    value.rows = array("I", sorted({*value.rows, *rows})) if value.rows else rows
            self._values[facet] = found
        return self._values[facet]

    def _ranges(self, facet: str) -> dict[str, Value]:
        """The ranges of a figure with the rows within; nothing for any other facet."""
        found = {}
        for text in FACET_RANGES.get(facet, ()):
            low, high = (float(end) if end else None for end in text.split(".."))
            figures = self.figures.get(facet, {})
            within = {
                id_
                for id_, figure in figures.items()
                if (low is None or low <= figure) and (high is None or figure <= high)
            }
            rows = (row for row, plugin in enumerate(self.plugins) if plugin.id in within) if within else ()
            found[text] = Value(text, array("I", rows))
        return found

    def _column(self, facet: str) -> Iterable[Any]:
        if facet in FACET_RANGES:
            return ()
        if facet == "behaves":
            return [self.behaves.get(p.id, "") for p in self.plugins]
        if not _ATTRIBUTES[facet]:
            words = self.words.get(facet, {})
            return [tuple(words.get(p.id, ())) for p in self.plugins]
        return map(attrgetter(_ATTRIBUTES[facet]), self.plugins)

    def set_of(self, value: Value) -> int:
        """The rows of a value as bits."""
        if value.set is None:
            value.set = bitset.of_rows(value.rows, self.size)
        return value.set

    def counts(self, facet: str, chosen: int, products: ProductRows | None = None) -> list[tuple[str, int]]:
        """The values of a facet that occur in a set of rows with their counts, most frequent first, ranges in order.

        With `products`, how many products have the value in one of these rows.
        """
        if self._mask[0] != chosen:
            self._mask = chosen, bitset.mask(chosen, self.size)
        mask = self._mask[1]
        if products is not None:
            counted = self._counts_of_products(facet, chosen, mask, products)
        else:
            counted = []
            for value in self.values(facet).values():
                dense = len(value.rows) * _DENSE > self.size
                count = (self.set_of(value) & chosen).bit_count() if dense else sum(map(mask.__getitem__, value.rows))
                if count and value.label:
                    counted.append((value.label, count))
        if facet in FACET_RANGES:
            return sorted(counted, key=lambda item: FACET_RANGES[facet].index(item[0]))
        return sorted(counted, key=lambda item: (-item[1], item[0].casefold()))

    def _counts_of_products(self, facet: str, chosen: int, mask: bytes, products: ProductRows) -> list[tuple[str, int]]:
        """As `counts`, not sorted; `mask` is that of `chosen`."""
        if facet not in self._spreads:
            self._spreads[facet] = [(value, self._spread(value, products)) for value in self.values(facet).values()]
        firsts, counted = products.firsts(chosen), []
        for value, spread in self._spreads[facet]:
            if spread == "few":
                count = sum(map(mask.__getitem__, value.rows))
            elif spread == "few mixed":
                count = len(products.first_of(compress(value.rows, map(mask.__getitem__, value.rows))))
            elif spread == "mixed":
                count = products.count(self.set_of(value) & chosen)
            else:
                count = (self.set_of(value) & (firsts if spread == "whole" else chosen)).bit_count()
            if count and value.label:
                counted.append((value.label, count))
        return counted

    def _spread(self, value: Value, products: ProductRows) -> str:
        """How the rows of a value lie in products, which says how these are counted fastest.

        `once`: one row of each product; `whole`: all rows of each; `mixed`: neither. `few`, `few mixed`: of a value
        with few rows, whose set of bits is not worth its memory.
        """
        firsts = products.first_of(value.rows)
        once = len(firsts) == len(value.rows)
        if len(value.rows) * _DENSE <= self.size:
            return "few" if once else "few mixed"
        whole = sum(len(products.members(first)) for first in firsts) == len(value.rows)
        return "once" if once else "whole" if whole else "mixed"

    def state(self, name: str) -> int:
        """The rows that are in a state of `is:`."""
        if name in fields.OPPOSITES:
            return self.everything & ~self.state(fields.OPPOSITES[name])
        if name not in self._sets:
            ids = self.states.get(name, ())
            holds = fields.STATES.get(name) or (lambda plugin: plugin.id in ids)
            self._sets[name] = self._where(map(holds, self.plugins))
        return self._sets[name]

    def forget_state(self, name: str) -> None:
        """Compute a state again at its next use."""
        self._sets.pop(name, None)

    def filter(self, term: Filter, now: datetime) -> int:
        """The rows that match one of a filter's values; its negation is ignored."""
        found = 0
        for value in term.values:
            found |= self._one(term.field, value, now)
        return found

    def _one(self, field: str, value: TextMatch | NumberRange | DateRange | str, now: datetime) -> int:
        if isinstance(value, str):
            return self.state(value)
        if field == "path" and isinstance(value, TextMatch):
            value = replace(value, text=at_home(value.text))
        known = fields.find(field)
        attribute = known.attribute if known else ""
        if isinstance(value, DateRange):
            if value.low.casefold() == dates.NEVER:
                return self._where(not moment for moment in self._list(attribute))
            return self._within(attribute, dates.bounds(value.op, value.low, value.high, now))
        key = (field, value)
        if key not in self._sets:
            if len(self._sets) > 256:
                self._sets.clear()
            self._sets[key] = (
                self._numbers(field, attribute, value)
                if isinstance(value, NumberRange)
                else self.texts(field, value) or self._texts_none(field, value)
            )
        return self._sets[key]

    def _numbers(self, field: str, attribute: str, value: NumberRange) -> int:
        if attribute:
            numbers = self._list(attribute)
            above = self.everything if value.low == -math.inf else bitset.of_flags(map(value.low.__le__, numbers))
            return above if value.high == math.inf else above & bitset.of_flags(map(value.high.__ge__, numbers))
        measured = self.figures.get(field, {})
        return self._where(p.id in measured and value.matches(measured[p.id]) for p in self.plugins)

    def texts(self, field: str, wanted: TextMatch) -> int:
        """The rows whose field matches a text; the field `text` stands for all text fields."""
        if field in _GROUPED:
            test = wanted.test()
            found = 0
            for value in self.values(field).values():
                if test(value.label):
                    found |= self.set_of(value)
            if not wanted.text:  # category= and tag= match plugins without any
                present = [self.set_of(value) for key, value in self.values(field).items() if key]
                found |= self.everything & ~bitset.union(present)
            return found
        if wanted.how == "anywhere" and match.compact(wanted.text):
            return self._where(map(wanted.within(), self._forms(field)))
        test = wanted.test()
        if field == "text":
            return self._where(any(map(test, _words_of(p))) for p in self.plugins)
        return self._where(map(test, self._list(field)))

    def _texts_none(self, field: str, wanted: TextMatch) -> int:
        """The rows without a value, for `tag:none` where no value begins so."""
        none = wanted.text.casefold() == "none" and wanted.how in ("words", "anywhere") and field != "text"
        return self.texts(field, TextMatch("", "whole")) if none else 0

    def word(self, word: Word) -> int:
        """The rows whose name, vendor or category matches a word that is not `fuzzy`."""
        wanted = TextMatch(word.text, word.how)
        return bitset.union(self.texts(field, wanted) for field in ("name", "vendor", "category"))

    def ordered(self, found: int, keys: tuple[Sort, ...]) -> Iterator[int]:
        """The rows of a set, sorted by `keys`, then by name. Rows without a value are last in both directions.

        The order of all rows is computed once and cached.
        """
        order = self._order(keys)
        return compress(order, map(bitset.mask(found, self.size).__getitem__, order))

    def _order(self, keys: tuple[Sort, ...]) -> array[int]:
        if keys not in self._orders:
            rows = list(range(self.size))
            for key in reversed(dict.fromkeys((*keys, Sort("name")))):
                values = self._keys(key.field)
                present = [row for row in rows if values[row] not in ("", None)]
                present.sort(key=values.__getitem__, reverse=key.descending)
                rows = present + [row for row in rows if values[row] in ("", None)]
            while len(self._orders) > 8:
                self._orders.pop(next(iter(self._orders)), None)
            self._orders[keys] = array("I", rows)
        return self._orders[keys]

    def _keys(self, field: str) -> list[Any]:
        known = fields.find(field)
        if known is None or not known.attribute:
            measured: Mapping[str, Any] = self.behaves if field == "behaves" else self.figures.get(field, {})
            return [measured.get(p.id) for p in self.plugins]
        values = self._list(known.attribute)
        if known.kind not in ("text", "words"):
            return values
        texts = (", ".join(v) for v in values) if known.attribute == "categories" else values
        return list(map(match.natural, texts))

    def _list(self, attribute: str) -> list[Any]:
        if attribute not in self._lists:
            self._lists[attribute] = list(map(attrgetter(attribute), self.plugins))
        return self._lists[attribute]

    def _forms(self, field: str) -> list[str]:
        key = f"forms of {field}"
        if key not in self._lists:
            if field == "text":
                built = ["\n".join(map(match.forms, filter(None, _words_of(p)))) for p in self.plugins]
            else:
                built = [match.forms(text) for text in map(attrgetter(field), self.plugins)]
            self._lists[key] = built
        return self._lists[key]

    def _where(self, holds: Iterable[bool]) -> int:
        return bitset.of_flags(holds)

    def _within(self, attribute: str, bounds: tuple[str, str]) -> int:
        low, high = (edge or blank for edge, blank in zip(bounds, ("0", "~"), strict=True))
        moments = self._list(attribute)
        return bitset.of_flags(map(low.__le__, moments)) & bitset.of_flags(map(high.__gt__, moments))


def _words_of(plugin: Plugin) -> list[str]:
    p = plugin
    return [p.name, p.vendor, *p.categories, p.raw_category, *p.tags, p.note, p.path, p.version, p.error]
