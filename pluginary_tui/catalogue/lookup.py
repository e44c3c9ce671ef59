"""What a search asks the file itself: parameters by name and unit, and words in logs."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Protocol

from pluginary_tui.catalogue.database import told_plainly
from pluginary_tui.catalogue.store import Store


class Wanted(Protocol):
    """A text to look for, as the search understands it."""

    @property
    def text(self) -> str: ...

    def test(self) -> Callable[[str], bool]:
        """Whether a text is meant."""


class Lookup:
    """Answers in row numbers of plugins (`Plugin.key`). Raises CatalogueError where the file cannot be read."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._words: list[tuple[int, str]] = []

    def with_parameter(self, names: Sequence[Wanted], units: Sequence[Wanted]) -> set[int]:
        """Plugins with a parameter of their own that has one of these names and one of these units; () is any."""
        conditions, values = ["kind <> 'host'"], []
        for column, wanted in (("name", names), ("unit", units)):
            if wanted:
                conditions.append(f"{column} IN (SELECT value FROM json_each(?))")
                values.append(json.dumps(self._meant(wanted)))
        with told_plainly(self._store.path):
            rows = self._store.db.execute(
                f"SELECT DISTINCT plugin FROM parameter WHERE {' AND '.join(conditions)}", values
            )
            return {row[0] for row in rows}

    def with_text(self, wanted: Wanted) -> set[int]:
        """Plugins whose parameter names or probe logs hold a text."""
        test = wanted.test()
        with told_plainly(self._store.path):
            logs = self._store.db.execute("SELECT bundle, log FROM probe_log")
            bundles = [bundle for bundle, log in logs if any(map(test, filter(None, log.splitlines())))]
            rows = self._store.db.execute(
                "SELECT key FROM plugin WHERE bundle IN (SELECT value FROM json_each(?))", (json.dumps(bundles),)
            )
            return {row[0] for row in rows} | self.with_parameter([wanted], ())

    def _meant(self, wanted: Sequence[Wanted]) -> list[int]:
        """Row numbers of the words that are meant. There are few of them beside the parameters that share them."""
        with told_plainly(self._store.path):
            last = self._words[-1][0] if self._words else 0
            self._words += self._store.db.execute("SELECT key, text FROM word WHERE key > ? ORDER BY key", (last,))
        tests = [one.test() for one in wanted]
        return [key for key, text in self._words if any(test(text) for test in tests)]
