"""What was measured of all plugins, by plugin id, as queries and columns need it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pluginary_tui.catalogue.store import Store
from pluginary_tui.sound.metrics import METRICS, VERDICTS

if TYPE_CHECKING:
    from pluginary_tui.model import Plugin
    from pluginary_tui.search.index import Index
    from pluginary_tui.search.result import Lookup

MEASURED, UNMEASURABLE = "measured", "unmeasurable"

ABOUT: Mapping[str, str] = {
    **{name: f"{metric.about}{f' ({metric.unit})' if metric.unit else ''}" for name, metric in METRICS.items()},
    **VERDICTS,
    MEASURED: "has a passport",
    UNMEASURABLE: "it went wrong while it was measured",
}
"""Description of every figure and of every state of `is:` that measuring adds."""


@dataclass(frozen=True, slots=True)
class Measurements:
    """Measured values for queries and columns. Every name is a key, also where nothing was measured yet."""

    figures: Mapping[str, Mapping[str, float]] = field(default_factory=lambda: {name: {} for name in METRICS})
    """Figure -> plugin id -> number."""
    states: Mapping[str, Set[str]] = field(
        default_factory=lambda: {name: frozenset() for name in (*VERDICTS, MEASURED, UNMEASURABLE)}
    )
    """State of `is:` -> ids of the plugins in it: the verdicts, `measured` and `unmeasurable`."""
    behaves: Mapping[str, str] = field(default_factory=dict)
    """Plugin id -> what it behaves like."""
    words: Mapping[str, Mapping[str, Sequence[str]]] = field(default_factory=dict)
    """Query field (`sounds`, `knob`) -> plugin id -> its words."""

    def index(self, plugins: Iterable[Plugin], lookup: Lookup | None = None, prefer: Sequence[str] = ()) -> Index:
        """A search index of these plugins with these values. `prefer`: see `products.precedence`."""
        from pluginary_tui.search.index import Index  # not needed for a list

        return Index(
            plugins,
            lookup,
            self.figures,
            states=self.states,
            behaves=self.behaves,
            words=self.words,
            about=ABOUT,
            prefer=prefer,
        )

    def __bool__(self) -> bool:
        """Whether anything was measured."""
        return bool(self.states[MEASURED])


def load_measurements(store: Store) -> Measurements:
    """The measurements of all catalogued plugins. Raises CatalogueError."""
    from pluginary_tui.catalogue.passports import Passports  # delays the first frame

    passports, none = Passports(store), Measurements()
    well, badly = passports.outcomes()
    figures, verdicts = passports.figures(), passports.verdicts()
    behaves, words = passports.behaviours(), passports.words()
    # What was measured of one format counts for the whole product.
    for id_, other in passports.measured_instead().items():
        well.add(id_)
        for numbers in figures.values():
            if other.id in numbers:
                numbers[id_] = numbers[other.id]
        for ids in verdicts.values():
            if other.id in ids:
                ids.add(id_)
        for texts in words.values():
            if other.id in texts:
                texts[id_] = texts[other.id]
        if other.id in behaves:
            behaves[id_] = behaves[other.id]
    return Measurements(
        {**none.figures, **figures},
        {**none.states, **verdicts, MEASURED: well, UNMEASURABLE: badly - well},
        behaves,
        words,
    )
