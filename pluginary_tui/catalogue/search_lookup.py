"""What a search asks the file itself: parameters by name and unit, and words in logs."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Protocol

from pluginary_tui.catalogue.database import readable_errors
from pluginary_tui.catalogue.store import Store
from pluginary_tui.catalogue.text_index import FILE_NAME, TextIndex


class Wanted(Protocol):
    """A text to look for, as the search understands it."""

    def test(self) -> Callable[[str], bool]:
        """Whether a text is meant."""

    def needles(self) -> Sequence[str]:
        """Texts one of which stands in the `form` of every text that is meant; () where that cannot be said."""

    def form(self, text: str) -> str:
        """A text as it is compared."""


class Lookup:
    """Answers in row numbers of plugins (`Plugin.key`). Raises CatalogueError where the file cannot be read."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._words: list[tuple[int, str]] = []

    def with_parameter(self, names: Sequence[Wanted], units: Sequence[Wanted]) -> set[int]:
        """Plugins with a parameter of their own that has one of these names and one of these units; () is any."""
        with readable_errors(self._store.path):
            return self._turning(
                self._meant(names) if names else None,
                self._meant(units) if units else None,
            )

    def with_text(self, wanted: Wanted) -> set[int]:
        """Plugins whose parameter names or probe logs hold a text."""
        with readable_errors(self._store.path):
            index = TextIndex(self._store.db, self._store.path.with_name(FILE_NAME), wanted.form)
            likely = index.candidates(wanted.needles())
            words = self._meant([wanted], likely[0] if likely else None)
            bundles = self._printing(wanted, likely[1] if likely else None)
            rows = self._store.db.execute(
                "SELECT key FROM plugin WHERE bundle IN (SELECT value FROM json_each(?))", (json.dumps(bundles),)
            )
            return {row[0] for row in rows} | self._turning(words, None)

    def _turning(self, names: list[int] | None, units: list[int] | None) -> set[int]:
        conditions, values = ["kind <> 'host'"], []
        for column, keys in (("name", names), ("unit", units)):
            if keys is not None:
                conditions.append(f"{column} IN (SELECT value FROM json_each(?))")
                values.append(json.dumps(keys))
        rows = self._store.db.execute(f"SELECT DISTINCT plugin FROM parameter WHERE {' AND '.join(conditions)}", values)
        return {row[0] for row in rows}

    def _meant(self, wanted: Sequence[Wanted], among: list[int] | None = None) -> list[int]:
        """Row numbers of the words that are meant. There are few of them beside the parameters that share them."""
        tests = [one.test() for one in wanted]
        if among is None:
            last = self._words[-1][0] if self._words else 0
            self._words += self._store.db.execute("SELECT key, text FROM word WHERE key > ? ORDER BY key", (last,))
            words = self._words
        else:
            words = self._store.db.execute(
                "SELECT key, text FROM word WHERE key IN (SELECT value FROM json_each(?))", (json.dumps(among),)
            ).fetchall()
        return [key for key, text in words if any(test(text) for test in tests)]

    def _printing(self, wanted: Wanted, among: list[int] | None) -> list[int]:
        """Row numbers of the bundles one line of whose log is meant."""
        test = wanted.test()
        where, values = (
            ("", ()) if among is None else ("WHERE bundle IN (SELECT value FROM json_each(?))", (json.dumps(among),))
        )
        logs = self._store.db.execute(f"SELECT bundle, log FROM probe_log {where}", values)
        return [bundle for bundle, log in logs if any(map(test, filter(None, log.splitlines())))]
