"""What an import did not take, by place and column, in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pluginary_tui.model import clean

KEPT = 1000
"""Entries that are kept one by one; more of them are counted."""

_PLACES_SHOWN = 3


class Item(NamedTuple):
    """One cell, row or column that was not taken."""

    place: str
    """`line 3` of a table, `plugin 3` of a document; empty for the file."""
    column: str
    """Empty where it is the row."""
    value: str
    why: str
    """The rest of a sentence that begins with the value, or a whole sentence without the full stop."""


@dataclass(slots=True)
class LeftOut:
    """Collects them; their texts are cleaned."""

    items: list[Item] = field(default_factory=list)
    more: int = 0
    """Those that are not in `items`."""

    def add(self, place: str, column: str, value: object, why: str) -> None:
        """Note one; `value` and `column` may be any text of the file."""
        if len(self.items) < KEPT:
            self.items.append(Item(place, clean(column, 60), clean(value, 60), clean(why, 300)))
        else:
            self.more += 1

    def __len__(self) -> int:
        return len(self.items) + self.more

    def json(self) -> list[dict[str, Any]]:
        """As `import --json` prints it."""
        return [item._asdict() for item in self.items]

    def sentences(self) -> Iterator[str]:
        """One sentence for all with the same reason: `lines 2, 3 and 4 more, column "rating": "six" is no ...`."""
        groups: dict[tuple[str, str], list[Item]] = {}
        for item in self.items:
            groups.setdefault((item.column, item.why), []).append(item)
        for (column, why), items in groups.items():
            where = [part for part in (_places(items), f'column "{column}"' if column else "") if part]
            value = f'"{items[0].value}" ' if items[0].value else ""
            yield f"{', '.join(where)}{': ' if where else ''}{value}{why}"
        if self.more:
            yield f"and {self.more:,} more like these"


def _places(items: list[Item]) -> str:
    places = list(dict.fromkeys(item.place for item in items if item.place))
    if len(places) < 2:
        return "".join(places)
    unit = places[0].partition(" ")[0]
    numbers = [place.partition(" ")[2] for place in places]
    more = len(numbers) - _PLACES_SHOWN
    if more > 0:
        return f"{unit}s {', '.join(numbers[:_PLACES_SHOWN])} and {more} more"
    return f"{unit}s {', '.join(numbers[:-1])} and {numbers[-1]}"
