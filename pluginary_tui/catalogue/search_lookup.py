"""Searches in the catalogue's file: parameters by name and unit, and texts in logs."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Protocol

from pluginary_tui.catalogue.database import readable_errors
from pluginary_tui.catalogue.store import Store
from pluginary_tui.catalogue.text_index import FILE_NAME, TextIndex


class TextCondition(Protocol):
    """A condition on texts; `search.query.TextMatch` is one."""

    def test(self) -> Callable[[str], bool]:
        """A function that says whether a text matches."""

    def needles(self) -> Sequence[str]:
        """Texts of which one occurs in the `form` of every matching text; () where there are none such."""

    def form(self, text: str) -> str:
        """The form of a text in which needles are searched."""


class Lookup:
    """Returns row numbers of plugins (`Plugin.key`). Raises CatalogueError where the file cannot be read."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._words: list[tuple[int, str]] = []

    def with_parameter(self, names: Sequence[TextCondition], units: Sequence[TextCondition]) -> set[int]:
        """Plugins with an own parameter of one of these names and one of these units; () matches any."""
        with readable_errors(self._store.path):
            return self._plugins_with(
                self._matching_words(names) if names else None,
                self._matching_words(units) if units else None,
            )

    def with_text(self, text: TextCondition) -> set[int]:
        """Plugins whose parameter names or probe logs match a text."""
        with readable_errors(self._store.path):
            index = TextIndex(self._store.db, self._store.path.with_name(FILE_NAME), text.form)
            likely = index.candidates(text.needles())
            words = self._matching_words([text], likely[0] if likely else None)
            bundles = self._bundles_logging(text, likely[1] if likely else None)
            rows = self._store.db.execute(
                "SELECT key FROM plugin WHERE bundle IN (SELECT value FROM json_each(?))", (json.dumps(bundles),)
            )
            return {row[0] for row in rows} | self._plugins_with(words, None)

    def with_preset(self, names: Sequence[TextCondition]) -> set[int]:
        """Plugins with a program or a preset file of one of these names."""
        tests = [name.test() for name in names]
        with readable_errors(self._store.path):
            db = self._store.db
            programs = db.execute("SELECT key, text FROM word WHERE key IN (SELECT name FROM program)")
            words = [key for key, text in programs if any(test(text) for test in tests)]
            files = db.execute("SELECT plugin, name FROM preset WHERE plugin <> ''")
            ids = {plugin for plugin, name in files if any(test(name) for test in tests)}
            rows = db.execute(
                "SELECT plugin FROM program WHERE name IN (SELECT value FROM json_each(?)) UNION"
                " SELECT key FROM plugin WHERE id IN (SELECT value FROM json_each(?))",
                (json.dumps(words), json.dumps(list(ids))),
            )
            return {key for (key,) in rows}

    def in_project(self, names: Sequence[TextCondition]) -> set[int]:
        """Plugins that a project of one of these names uses."""
        tests = [name.test() for name in names]
        with readable_errors(self._store.path):
            projects = [
                key
                for key, path in self._store.db.execute("SELECT key, path FROM project")
                if any(test(_project_name(path)) for test in tests)
            ]
            rows = self._store.db.execute(
                "SELECT key FROM plugin WHERE id IN (SELECT u.plugin FROM used_plugin u JOIN project_use r"
                " ON r.used = u.key WHERE u.plugin <> '' AND r.project IN (SELECT value FROM json_each(?)))",
                (json.dumps(projects),),
            )
            return {key for (key,) in rows}

    def _plugins_with(self, names: list[int] | None, units: list[int] | None) -> set[int]:
        conditions, values = ["kind <> 'host'"], []
        for column, keys in (("name", names), ("unit", units)):
            if keys is not None:
                conditions.append(f"{column} IN (SELECT value FROM json_each(?))")
                values.append(json.dumps(keys))
        rows = self._store.db.execute(f"SELECT DISTINCT plugin FROM parameter WHERE {' AND '.join(conditions)}", values)
        return {row[0] for row in rows}

    def _matching_words(self, texts: Sequence[TextCondition], among: list[int] | None = None) -> list[int]:
        """Row numbers of the matching words: the names and units that parameters share."""
        tests = [text.test() for text in texts]
        if among is None:
            last = self._words[-1][0] if self._words else 0
            self._words += self._store.db.execute("SELECT key, text FROM word WHERE key > ? ORDER BY key", (last,))
            words = self._words
        else:
            words = self._store.db.execute(
                "SELECT key, text FROM word WHERE key IN (SELECT value FROM json_each(?))", (json.dumps(among),)
            ).fetchall()
        return [key for key, text in words if any(test(text) for test in tests)]

    def _bundles_logging(self, text: TextCondition, among: list[int] | None) -> list[int]:
        """Row numbers of the bundles with a matching line in their log."""
        test = text.test()
        where, values = (
            ("", ()) if among is None else ("WHERE bundle IN (SELECT value FROM json_each(?))", (json.dumps(among),))
        )
        logs = self._store.db.execute(f"SELECT bundle, log FROM probe_log {where}", values)
        return [bundle for bundle, log in logs if any(map(test, filter(None, log.splitlines())))]


def _project_name(path: str) -> str:
    """The name of a project's file, as a person says it: without folders and ending."""
    return path.replace("\\", "/").rpartition("/")[2].rpartition(".")[0]
