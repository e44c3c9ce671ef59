"""State shared by the screens: the catalogue in memory, its search index, and the scan that runs."""

from __future__ import annotations

import gc
import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from pluginary_tui.catalogue.journal import Interrupted, Journal
from pluginary_tui.catalogue.store import Store
from pluginary_tui.config import Settings
from pluginary_tui.errors import PluginaryError
from pluginary_tui.model import Plugin
from pluginary_tui.products import formats_of, product_of, several_formats
from pluginary_tui.sound.overview import Measurements, load_measurements
from pluginary_tui.tui.core.columns import product_widths, widths
from pluginary_tui.tui.core.glyphs import ASCII, UNICODE
from pluginary_tui.tui.core.key_names import KeyNames
from pluginary_tui.tui.core.ui_state import State

# What searches and what scans is imported when it is first needed: a first frame needs neither.
if TYPE_CHECKING:
    from pluginary_tui.scan.events import Event, ScanEnded, Summary
    from pluginary_tui.scan.progress import Progress
    from pluginary_tui.scan.run import Options, Scan
    from pluginary_tui.search.index import Index
    from pluginary_tui.search.result import Lookup
    from pluginary_tui.sound.events import Event as MeasureEvent
    from pluginary_tui.sound.events import MeasureEnded
    from pluginary_tui.sound.run import Measuring
    from pluginary_tui.tui.core.background import Background

TICK_S = 1 / 8
"""Seconds between two calls of `Session.tick`."""

RELOAD_S = 1.0
"""Least seconds between two readings of the catalogue while results come in."""

APART, APART_IN_USE, IN_USE_S = 4, 20, 1.0
"""Readings are as many times their own duration apart. They delay keys and move rows, so they are rarer in use: while
a key was pressed less than IN_USE_S seconds ago.
"""

WARM_FROM = 25_000
"""From this many plugins on the search index is built with the catalogue, as a first search would take too long."""

FIRST_PAGE = 100
"""Plugins or products shown while all of them are read."""

FORMATS_EACH = 2
"""Plugins that are read at first for each product."""


class CatalogueSnapshot:
    """The plugins of the catalogue and their index at one time. A newer one replaces it whole."""

    def __init__(
        self,
        plugins: list[Plugin],
        lookup: Lookup | None = None,
        measured: Measurements | None = None,
        prefer: Sequence[str] = (),
    ) -> None:
        """`prefer`: the setting scan.prefer."""
        self.plugins = plugins
        self.measured = measured or Measurements()
        """What was measured of them."""
        self._lookup, self._prefer = lookup, tuple(prefer)
        self.widths = widths(plugins)
        """Cells that each column of the list needs where every plugin has a row."""
        self._products = several_formats(plugins, prefer)
        self.several_formats = any(len(formats_of(each)) > 1 for each in self._products.values())
        """Whether any product is here in several formats."""
        self.product_widths = product_widths(self.widths, self._products.values())
        """Cells that each column needs where every product has a row."""
        found: dict[str, Plugin] = {}
        self._copies: dict[str, list[Plugin]] = {}
        """Only ids with more than one copy, to save memory."""
        for plugin in plugins:
            if (first := found.setdefault(plugin.id, plugin)) is not plugin:
                self._copies.setdefault(plugin.id, [first]).append(plugin)

    @cached_property
    def index(self) -> Index:
        """The search index, built on first access."""
        return self.measured.index(self.plugins, self._lookup, self._prefer)

    def formats(self, plugin: Plugin) -> list[Plugin]:
        """Every plugin of the product of this one, hidden ones too, the one that stands for the product first."""
        return self._products.get(product_of(plugin), [plugin])

    def copies(self, plugin: Plugin) -> list[Plugin]:
        """Every copy of this plugin on the machine, itself too, in the order of the catalogue."""
        return self._copies.get(plugin.id, [plugin])


class MeasureMessage(NamedTuple):
    """An event of a measuring, on its way to the app."""

    event: MeasureEvent


@dataclass(slots=True)
class TickResult:
    """What one tick brought."""

    scan: bool = False
    """The scan went on (or just stands where it stood, with its clocks running)."""
    ended: ScanEnded | None = None
    measured: MeasureEnded | None = None
    """A measuring is over."""
    catalogue: bool = False
    """`Session.catalogue` is a newer one."""
    error: str = ""
    """A sentence for the person: a scan could not start, or the catalogue could not be read."""
    failed: Exception | None = None
    """What went wrong while the news were taken in."""


InboxItem: TypeAlias = "Event | MeasureMessage | CatalogueSnapshot | Exception"
"""What the threads put into the inbox; an exception is what ended a reading of the catalogue."""


class Session:
    """The state behind the screens, without a screen.

    Everything here is called from the thread of the app. Scans and readings run in threads of their own and hand
    over through a queue that `tick` empties, so nothing here blocks but `close`.
    """

    def __init__(self, settings: Settings, data_dir: Path) -> None:
        """Raises CatalogueError where the catalogue cannot be opened."""
        self.settings = settings
        self.data_dir = data_dir
        self.hear_source: Path | None = None
        """A sound file of the user's that goes through effects which are heard; None for the app's own phrase."""
        self.glyphs = ASCII if settings.app.ascii else UNICODE
        self.state = State.load(data_dir)
        self.store = Store.in_folder(data_dir)
        self._searched: Store | None = None
        """A connection of the searches alone: they run in threads, and must not wait for a writer."""
        self.catalogue = CatalogueSnapshot([])
        self.loaded = False
        """Whether the catalogue was read at least once; until then it is not known whether it is empty."""
        self.scan: Scan | None = None
        """The scan that runs, to pause, resume, stop or skip; None when none does."""
        self.measuring: Measuring | None = None
        """The measuring that runs, to pause, resume, stop or skip; None when none does."""
        self.background: Background | None = None
        """What runs beside scans and measurements; None when nothing does."""
        self.summary: Summary | None = None
        """What the last scan of this session came to."""
        journal = Journal(self.store)
        self.interrupted: Interrupted | None = journal.interrupted()
        self.last_scan: dict[str, Any] | None = journal.last_scan()
        self._inbox: queue.SimpleQueue[InboxItem] = queue.SimpleQueue()
        self._scan_thread: threading.Thread | None = None
        self._load_thread: threading.Thread | None = None
        self._searches = False
        """Whether words were searched in this session; until then their index need not be built."""
        self._stale = True
        self._loaded_at = 0.0
        self._load_s = 0.0
        self.after_load: Callable[[CatalogueSnapshot], None] = _nothing
        """Called in the reading thread behind each reading, to prepare what the screens may need of it."""
        self.used_at = 0.0
        """When a key was pressed last, by the monotonic clock."""

    @cached_property
    def progress(self) -> Progress:
        """Of the scan or measuring that runs, or of the last one of this session."""
        from pluginary_tui.scan.progress import Progress

        return Progress(state="done")

    @property
    def scanning(self) -> bool:
        """Whether a scan runs, paused or stopping ones too."""
        return self.scan is not None

    @property
    def busy(self) -> str:
        """Why neither a scan nor a measurement can start, as a sentence; empty where they can."""
        if self.scan is not None:
            return f"A scan runs already; {self.key_of('scan')} shows it."
        if self.measuring is not None:
            return f"Plugins are being measured; {self.key_of('scan')} shows it, and stops it."
        return ""

    @property
    def key_of(self) -> KeyNames:
        """How the keys of actions are written now."""
        return KeyNames(self.settings.app.keys, ascii_only=self.settings.app.ascii)

    def start_scan(self, options: Options | None = None, settings: Settings | None = None) -> bool:
        """Start a scan, or resume the interrupted one. False where `busy`."""
        if self.busy:
            return False
        from pluginary_tui.scan.progress import Progress
        from pluginary_tui.scan.run import Scan

        self.scan = Scan(settings or self.settings, self.data_dir, options)
        self.progress = Progress()
        self.interrupted = None
        self._scan_thread = threading.Thread(target=self._run_scan, args=(self.scan,), name="scan", daemon=True)
        self._scan_thread.start()
        return True

    def start_measuring(self, plugins: Sequence[Plugin], *, full: bool = False, retry: bool = False) -> bool:
        """Measure these plugins: what has no passport yet, with `full` all, with `retry` what went wrong, too.

        False where `busy`.
        """
        if self.busy:
            return False
        from pluginary_tui.sound.run import Measuring
        from pluginary_tui.tui.core.measure_progress import MeasureProgress

        self.measuring = Measuring(self.settings, self.data_dir, plugins, full=full, retry=retry)
        self.progress = MeasureProgress()
        arguments = (self.measuring,)
        self._scan_thread = threading.Thread(target=self._run_measuring, args=arguments, name="measure", daemon=True)
        self._scan_thread.start()
        return True

    def unmeasured(self) -> list[Plugin]:
        """What an interrupted measuring left to do; otherwise every plugin. Raises CatalogueError."""
        from pluginary_tui.catalogue.passports import Passports, key_of

        left = {entry.key for entry in Passports(self.store).pending()}
        plugins = self.catalogue.plugins
        return [plugin for plugin in plugins if key_of(plugin) in left] or plugins

    def rescan(self, paths: Iterable[str]) -> bool:
        """Probe these bundles again, changed or not, quarantined or not. False where a scan runs already."""
        from pluginary_tui.scan.discover import BUILTIN_PATH
        from pluginary_tui.scan.run import Options

        paths = set(paths)
        only = tuple(Path(path) for path in paths if path != BUILTIN_PATH)
        scan = replace(self.settings.scan, builtin=BUILTIN_PATH in paths)
        options = Options(only=only, full=True, retry=True, builtin_only=not only)
        return self.start_scan(options, replace(self.settings, scan=scan))

    def first_page(self) -> list[Plugin]:
        """The first plugins by name, read at once. Raises CatalogueError."""
        return self.store.first_plugins(FIRST_PAGE)

    def first_products(self) -> list[list[Plugin]]:
        """The first products by the name of what stands for each, read at once: its plugins. Raises CatalogueError."""
        count = FIRST_PAGE * FORMATS_EACH
        plugins = self.store.first_plugins(count, whole_products=True)
        several = several_formats(plugins, self.settings.scan.prefer)
        groups = [(plugin, several.get(product_of(plugin), [plugin])) for plugin in plugins[:count]]
        # Behind the first ones are others of their products, between which there are some that were not read.
        return [group for plugin, group in groups if group[0] is plugin][:FIRST_PAGE]

    def search_begins(self) -> None:
        """Build the index of words in a thread, as words are about to be typed."""
        if not self._searches:
            self._searches = True
            threading.Thread(target=self._warm, name="warm", daemon=True).start()

    def _warm(self) -> None:
        import pluginary_tui.search.completion  # noqa: F401

        self.catalogue.index.warm()

    def discard_interrupted(self) -> None:
        """Forget what the interrupted scan had still to do; what it read stays."""
        Journal(self.store).discard()
        self.interrupted = None

    def reload(self) -> None:
        """Read the catalogue again as soon as possible; the old snapshot is used until then."""
        self._stale = True
        self._loaded_at = 0.0

    def tick(self) -> TickResult:
        """Handle what the threads have put into the inbox. To be called every TICK_S seconds."""
        ticked = TickResult(scan=bool(self.busy))
        while True:
            try:
                item = self._inbox.get_nowait()
            except queue.Empty:
                break
            try:
                self._handle(item, ticked)
            except PluginaryError as error:
                ticked.error = str(error)
            except Exception as error:  # the other items, and the screens, must go on
                ticked.failed = error
        now = time.monotonic()
        apart = APART_IN_USE if now - self.used_at < IN_USE_S else APART
        wait = max(RELOAD_S, apart * self._load_s) if self.busy else 0.0
        if self._stale and self._load_thread is None and now - self._loaded_at >= wait:
            self._stale = False
            self._load_thread = threading.Thread(target=self._load, name="load", daemon=True)
            self._load_thread.start()
        return ticked

    def close(self) -> None:
        """Stop the scan and wait for it: what is done is kept, the rest can be resumed."""
        for work in (self.scan, self.measuring):
            if work is not None:
                work.stop()
        if self.background is not None:
            self.background.close()
        for thread in (self._scan_thread, self._load_thread):
            if thread is not None:
                thread.join()
        self.state.save(self.data_dir)
        if self._searched is not None:
            self._searched.close()
        self.store.close()

    def _handle(self, item: InboxItem, ticked: TickResult) -> None:
        match item:
            case CatalogueSnapshot():
                self.catalogue, self.loaded, ticked.catalogue = item, True, True
                self._load_thread, self._loaded_at = None, time.monotonic()
            case Exception():
                self._load_thread = None
                raise item
            case MeasureMessage(event):
                self._handle_measured(event, ticked)
            case _:
                self._handle_scanned(item, ticked)

    def _handle_scanned(self, event: Event, ticked: TickResult) -> None:
        from pluginary_tui.scan.events import BundleEnded, ScanEnded, ScanStarted

        self.progress.take(event)
        self._stale = self._stale or isinstance(event, BundleEnded | ScanStarted | ScanEnded)
        if isinstance(event, ScanEnded):
            self._end(event, ticked)

    def _handle_measured(self, event: MeasureEvent, ticked: TickResult) -> None:
        from pluginary_tui.sound.events import MeasureEnded, PartEnded
        from pluginary_tui.tui.core.measure_progress import MeasureProgress

        if isinstance(self.progress, MeasureProgress):
            self.progress.measure(event)
        self._stale = self._stale or isinstance(event, PartEnded)
        if isinstance(event, MeasureEnded):
            self.measuring, ticked.measured = None, event
            if event.how == "broken":
                ticked.error = event.message

    def _end(self, event: ScanEnded, ticked: TickResult) -> None:
        self.scan, self.summary, ticked.ended = None, event.summary, event
        journal = Journal(self.store)
        self.interrupted, self.last_scan = journal.interrupted(), journal.last_scan()
        if event.how == "broken":
            ticked.error = event.message

    def _run_scan(self, scan: Scan) -> None:
        from pluginary_tui.scan.events import ScanEnded, Summary
        from pluginary_tui.sound.kept_sounds import prune_after_scan

        again = f"{self.key_of('scan_start')} starts it again"
        self._run(scan.run, self._inbox.put, ScanEnded, Summary(), "scan", again)
        prune_after_scan(self.data_dir, scan.summary.removed)

    def _run_measuring(self, measuring: Measuring) -> None:
        from pluginary_tui.sound.events import MeasureEnded

        def put(event: MeasureEvent) -> None:
            self._inbox.put(MeasureMessage(event))

        self._run(
            measuring.run, put, MeasureEnded, measuring.summary, "measuring", f"{self.key_of('scan_measure')} goes on"
        )

    @staticmethod
    def _run(
        run: Callable[[Callable[[Any], None]], object],
        put: Callable[[Any], None],
        last: type[ScanEnded | MeasureEnded],
        summary: Any,
        what: str,
        again: str,
    ) -> None:
        """Run it in this thread; whatever happens, the last event is one of the class `last`."""
        message, ended = "", False

        def emit(event: Any) -> None:
            nonlocal ended
            ended = ended or isinstance(event, last)
            put(event)

        try:
            run(emit)
        except PluginaryError as error:
            message = str(error)
        except Exception as error:
            logging.getLogger(__name__).exception("the %s broke", what)
            message = f"The {what} broke off ({type(error).__name__}: {error}); what is done is kept, {again}."
        if not ended:
            put(last(summary, "broken", message))

    def _load(self) -> None:
        began = time.monotonic()
        gc.disable()  # for all threads: what is read stays, and a collection would delay the screen
        try:
            from pluginary_tui.catalogue.search_lookup import Lookup

            if self._searched is None:
                self._searched = Store(self.store.path)
            with Store(self.store.path) as store:
                plugins, prefer = store.plugins(), self.settings.scan.prefer
                catalogue = CatalogueSnapshot(plugins, Lookup(self._searched), load_measurements(store), prefer)
            catalogue.index.warm(words=self._searches or len(catalogue.plugins) >= WARM_FROM)
        except Exception as error:
            self._inbox.put(error)
            return
        finally:
            gc.enable()
        self._load_s = time.monotonic() - began
        self._inbox.put(catalogue)
        self.after_load(catalogue)


def _nothing(catalogue: CatalogueSnapshot) -> None:
    """The default of `Session.after_load`."""
