"""The catalogue for scripts: finding plugins, scanning, chains from one expression."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from pluginary_tui.api.expression import parse
from pluginary_tui.api.plugin import Chain, Plugin
from pluginary_tui.lookup import by_name, find, presets_of, search

if TYPE_CHECKING:
    from pluginary_tui import model
    from pluginary_tui.catalogue.presets import Preset
    from pluginary_tui.scan.events import Event
    from pluginary_tui.scan.run import Scan


def open(data_dir: str | os.PathLike[str] | None = None) -> Catalogue:
    """Open the catalogue in this data folder; without one, that of the app. It is made where there is none yet.

    Raises CatalogueError, one sentence, where it cannot be opened.
    """
    return Catalogue(data_dir)


class Catalogue:
    """An open catalogue; a context manager. For the thread that opened it: another one opens its own."""

    def __init__(self, data_dir: str | os.PathLike[str] | None = None) -> None:
        from pluginary_tui.catalogue.store import Store
        from pluginary_tui.config import data_dir as default

        self.data_dir = Path(data_dir).absolute() if data_dir is not None else default()
        self._store = Store.in_folder(self.data_dir)

    def close(self) -> None:
        """Close the catalogue. Plugins that were found stay usable: they open it again where they need it."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def find(self, query: str = "") -> list[Plugin]:
        """The plugins that match a query of the app's search line, best first; without one, all that are not hidden.

        Copies of one plugin on this machine are elements of their own. Raises QueryError for what is no query.
        """
        return [self._wrapped(each) for each in self._matching(query)]

    def _matching(self, query: str) -> list[model.Plugin]:
        if not query.strip():
            return by_name(p for p in self._store.plugins() if not p.hidden)
        index, result = search(self._store, query)
        return [index.plugins[row] for row in result.rows]

    def get(self, id: str) -> Plugin:
        """The plugin with this id, or with this path, class id or name where only one has it; of copies the first.

        Of one product in several formats it is the plugin that stands for it (setting scan.prefer). Raises
        NotFoundError, which names what fits or comes near.
        """
        return self._wrapped(find(self._store, id)[0])

    def chain(self, expression: str) -> Chain:
        """Plugins in a row with their settings, from one expression: `"zamcomp[ratio=4] + zamverb[wet=30]"`.

        Each part is what `get` takes; settings are as in `Plugin.load`, separated by commas, quoted where they hold
        one. Raises NotFoundError, or ExpressionError for what cannot be read.
        """
        return Chain([self.get(name).with_settings(settings) for name, settings in parse(expression)])

    def presets(self, query: str = "") -> list[Preset]:
        """The presets of the plugins that match a query: programs that they hold, and preset files.

        With `preset:NAME` in the query only those of that name. Files are those of the last `pluginary-tui presets`.
        Each has `name`, `plugin` (its id), `source` ("program" or "file"), `path`, `category`, `author` and `loads`.
        Raises QueryError.
        """
        return presets_of(self._store, self._matching(query), query)

    def similar(self, id: str, limit: int = 10) -> list[tuple[Plugin, str]]:
        """Plugins like this one, nearest first, each with the reason in words: by sound where both were measured."""
        from pluginary_tui.sound.similar import find_similar, one_of_each

        plugin = self._store.copies(self.get(id).id)[0]
        known = {other.id: other for other in self._store.plugins()}
        found = one_of_each(plugin, find_similar(self._store, plugin), known)[:limit]
        return [(self.get(other.id), each.likeness.because) for other, each in found]

    def scan(
        self,
        *folders: str | os.PathLike[str],
        full: bool = False,
        retry: bool = False,
        builtin: bool = True,
        load_check: bool = True,
    ) -> Iterator[Event]:
        """Scan these folders, or the usual ones, and yield what happens: the events of `pluginary_tui.scan.events`.

        The last is a `ScanEnded` with the summary. An iteration that ends early stops the scan; the next one goes on
        from there. `full` reads again what has not changed, `retry` what failed. Raises ScanError or CatalogueError.
        """
        from pluginary_tui.config import load
        from pluginary_tui.scan import run

        settings = load({"scan.builtin": None if builtin else False, "scan.load_check": None if load_check else False})
        options = run.Options(only=tuple(Path(each).absolute() for each in folders), full=full, retry=retry)
        return _events(run.Scan(settings, self.data_dir, options))

    def _wrapped(self, plugin: model.Plugin) -> Plugin:
        return Plugin(plugin, self.data_dir)


def _events(scan: Scan) -> Iterator[Event]:
    """Run a scan in a thread of its own and yield its events."""
    arrived: queue.SimpleQueue[Event | Exception | None] = queue.SimpleQueue()

    def work() -> None:
        try:
            scan.run(arrived.put)
        except Exception as error:
            arrived.put(error)
        else:
            arrived.put(None)

    thread = threading.Thread(target=work, name="scan")
    thread.start()
    try:
        while (event := arrived.get()) is not None:
            if isinstance(event, Exception):
                raise event
            yield event
    finally:
        scan.stop()
        thread.join()
