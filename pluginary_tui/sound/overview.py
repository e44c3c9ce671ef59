"""What was measured, as queries and lists ask for it: of all plugins at once, by their ids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pluginary_tui.catalogue.store import Store
from pluginary_tui.sound.metrics import METRICS, VERDICTS

if TYPE_CHECKING:
    from pluginary_tui.model import Plugin
    from pluginary_tui.search.index import Index, Lookup

MEASURED, UNMEASURABLE = "measured", "unmeasurable"

ABOUT: Mapping[str, str] = {
    **{name: f"{kind.about}{f' ({kind.unit})' if kind.unit else ''}" for name, kind in METRICS.items()},
    **VERDICTS,
    MEASURED: "has a passport",
    UNMEASURABLE: "it went wrong while it was measured",
}
"""Every figure and every state of `is:` that measuring adds, in words."""


@dataclass(frozen=True, slots=True)
class Measurements:
    """What queries and columns may ask for. Every name is there, also where nothing was measured yet."""

    figures: Mapping[str, Mapping[str, float]] = field(default_factory=lambda: {name: {} for name in METRICS})
    """Figure -> plugin id -> number."""
    states: Mapping[str, Set[str]] = field(
        default_factory=lambda: {name: frozenset() for name in (*VERDICTS, MEASURED, UNMEASURABLE)}
    )
    """State of `is:` -> ids of the plugins that are in it: the verdicts, and whether it could be measured."""
    behaves: Mapping[str, str] = field(default_factory=dict)
    """Plugin id -> what it behaves like."""

    def index(self, plugins: Iterable[Plugin], lookup: Lookup | None = None) -> Index:
        """An index of these plugins that can be asked for all of it."""
        from pluginary_tui.search.index import Index  # whoever only lists needs none

        return Index(plugins, lookup, self.figures, states=self.states, behaves=self.behaves, about=ABOUT)

    def __bool__(self) -> bool:
        """Whether anything was measured."""
        return bool(self.states[MEASURED])


def load_measurements(store: Store) -> Measurements:
    """All that was measured of what is catalogued. Raises CatalogueError."""
    from pluginary_tui.catalogue.passports import Passports  # not on the way to a first frame

    passports, none = Passports(store), Measurements()
    well, badly = passports.outcomes()
    return Measurements(
        {**none.figures, **passports.figures()},
        {**none.states, **passports.verdicts(), MEASURED: well, UNMEASURABLE: badly - well},
        passports.behaviours(),
    )
