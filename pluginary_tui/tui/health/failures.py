"""The failures in groups and the figures above them, and the lines that show them."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pluginary_tui.catalogue.database import FILE_NAME
from pluginary_tui.catalogue.integrity import check
from pluginary_tui.catalogue.store import BundleInfo, PluginFailure, Store
from pluginary_tui.formats import LABELS
from pluginary_tui.formatting import ago, counted, duration
from pluginary_tui.health import figures
from pluginary_tui.home import shortened
from pluginary_tui.model import MISSING, Attempt, Outcome, Plugin, clean
from pluginary_tui.plugin_text import attempt_lines
from pluginary_tui.scan.diagnosis import OUT_OF_SANDBOX, Diagnosis, diagnose, diagnose_load
from pluginary_tui.scan.discover import discover
from pluginary_tui.tui.core.glyphs import Glyphs
from pluginary_tui.tui.core.key_names import KeyOf
from pluginary_tui.tui.widgets.rich_lines import Line

LOADING = "loading"
"""The group of plugins that were read and that pedalboard does not load."""

GROUPS = {
    "quarantine": "in quarantine",
    "again": "to be tried again",
    LOADING: "not loaded by pedalboard",
    "ignored": "ignored",
    "gone": "gone from the disk",
}
"""What becomes of what failed, and its words; in the order of the screen."""

FATES = {
    "quarantine": "Scans pass it over until it changes.",
    "again": "The next scan tries it again by itself.",
    LOADING: "It was read all the same. Scans do not try to load it again by themselves until it changes.",
    "ignored": "No scan touches it any more.",
    "gone": "It was there once; what you wrote about it is kept.",
}

LOG_LINES = 200
"""Last lines shown of a log."""

SLOWEST = 3


@dataclass(slots=True)
class Failure:
    """One bundle that could not be read, or is not there any more; or one plugin of a bundle that could be read."""

    info: BundleInfo
    group: str
    """One of GROUPS."""
    reason: Diagnosis
    log: str = ""
    plugin: Plugin | None = None
    """The plugin that failed alone; None where it is the bundle."""
    how: PluginFailure | None = None
    """Of the plugin."""
    attempts: Sequence[Attempt] = ()
    """What it tried and the sandbox refused: a failure may follow from it."""

    @property
    def path(self) -> str:
        return self.info.path

    @property
    def key(self) -> tuple[str, int]:
        """What tells it from all others: the path, and the row of the plugin (0 for the bundle)."""
        return self.path, self.plugin.key if self.plugin else 0

    @property
    def name(self) -> str:
        return self.plugin.name if self.plugin else self.info.name

    @property
    def status(self) -> str:
        """Its outcome, or `missing`."""
        if self.group == "gone":
            return MISSING
        if self.plugin and self.how:
            return self.how.load_outcome if self.group == LOADING else self.plugin.status
        return self.info.outcome


@dataclass(slots=True)
class Health:
    """One picture of how things stand."""

    failures: list[Failure] = field(default_factory=list)
    """By group, the days newest first, then by name."""
    figures: Mapping[str, Any] = field(default_factory=dict)
    """Of the last complete scan; empty where there was none."""
    size: int = 0
    """Bytes of the catalogue's file."""
    backups: Sequence[Path] = ()
    """Newest first."""

    def count(self, group: str) -> int:
        return sum(failure.group == group for failure in self.failures)


def load_health(data_dir: Path, ignore: Sequence[str]) -> Health:
    """Read how things stand. `ignore`: the patterns of the settings. Raises CatalogueError."""
    path = data_dir / FILE_NAME
    with Store(path) as store:
        failures = []
        for info in (*store.failed_bundles(), *store.missing_bundles()):
            group = _group(info, ignore)
            log = store.log(info.path)
            outcome = MISSING if group == "gone" else info.outcome
            reason = diagnose(outcome, info.error, info.stage, info.signal, log)
            attempts = [] if group == "gone" else store.bundle_attempts(info.path)
            failures.append(Failure(info, group, reason, log, attempts=attempts))
        failures += _single_plugins(store, ignore)
        order = list(GROUPS)
        failures.sort(key=lambda each: each.name.casefold())
        failures.sort(key=lambda each: each.info.scanned_at[:10], reverse=True)
        failures.sort(key=lambda each: order.index(each.group))
        return Health(failures, figures(store), store.size(), check.list_backups(data_dir))


def _single_plugins(store: Store, ignore: Sequence[str]) -> Iterator[Failure]:
    """The plugins that failed while others of their bundles did not, and those that pedalboard does not load."""
    bundles: dict[str, BundleInfo] = {}
    groups: dict[str, str] = {}
    for plugin in (*store.failed_plugins(), *store.unloadable_plugins()):
        if plugin.path not in bundles:
            if (info := store.bundle(plugin.path)) is None:  # gone since
                continue
            bundles[plugin.path], groups[plugin.path] = info, _group(info, ignore)
        info, group = bundles[plugin.path], groups[plugin.path]
        attempts = store.attempts(plugin.key)
        how, (log, load_log) = store.plugin_failure(plugin.key), store.plugin_log(plugin.key)
        if plugin.loads is False and plugin.status == Outcome.OK:
            reason = diagnose_load(plugin.load_error, load_log)
            yield Failure(info, "ignored" if group == "ignored" else LOADING, reason, load_log, plugin, how, attempts)
        else:
            group = "quarantine" if plugin.quarantined and group == "again" else group
            reason = diagnose(plugin.status, plugin.error, how.stage, how.signal, log)
            yield Failure(info, group, reason, log, plugin, how, attempts)


def _group(info: BundleInfo, ignore: Sequence[str]) -> str:
    if info.missing:
        return "gone"
    if ignore and os.path.lexists(info.path):
        found = discover([Path(info.path)], system=platform.system(), ignore=ignore, builtin=False)
        if not found.bundles:
            return "ignored"
    return "quarantine" if info.quarantined_at else "again"


def headline(health: Health, glyphs: Glyphs) -> Line:
    """How many failures of each group there are; that all is well where nothing failed."""
    if not health.figures and not health.failures:
        return [("Nothing was scanned yet", "text")]
    bad = health.count("quarantine") + health.count("again")
    parts = [f"{health.count(group):,} {words}" for group, words in GROUPS.items() if health.count(group)]
    if not bad:
        return [(f"{glyphs.ok} All well", "string"), ("".join(f"  {glyphs.dot}  {part}" for part in parts), "quiet")]
    return [(f"{glyphs.failed} {parts[0]}", "bad"), ("".join(f"  {glyphs.dot}  {part}" for part in parts[1:]), "text")]


def scan_line(health: Health) -> Line:
    """The figures of the last scan."""
    last = health.figures
    if not last:
        return [("No scan has been completed yet.", "quiet")]
    scanned = int(last.get("scanned", 0))
    message = f"Last scan {ago(last['finished_at'])}: "
    if not scanned:
        message += "nothing had changed"
    else:
        message += f"{counted(scanned, 'bundle')} in {duration(float(last.get('elapsed_s', 0)))}"
        message += f", {last['rate_per_s']:g} a second" if scanned > 1 and last["rate_per_s"] else ""
    slow = [f"{Path(each['path']).stem} {duration(each['elapsed_ms'] / 1000)}" for each in last["slowest"][:SLOWEST]]
    return [(message, "text"), (f"; slowest of all {', '.join(slow)}" if slow else "", "quiet")]


def file_line(health: Health, key_of: KeyOf) -> Line:
    """The catalogue's file and its backups."""
    size = f"Catalogue {health.size / 1e6:,.1f} MB" if health.size >= 1e6 else f"Catalogue {health.size / 1e3:,.0f} kB"
    if not health.backups:
        return [(size, "text"), (f"; no backup yet, {key_of('health_back_up')} makes one", "quiet")]
    newest = health.backups[0].stem.removeprefix("catalogue-")
    return [(size, "text"), (f"; {counted(len(health.backups), 'backup')}, the newest of {newest}", "quiet")]


def render(failure: Failure, glyphs: Glyphs) -> Iterator[Line]:
    """All of one failure, from its name to its log."""
    info, reason = failure.info, failure.reason
    yield [(failure.name, "title")]
    vendor = failure.plugin.vendor if failure.plugin else info.vendor
    what = [vendor, LABELS.get(info.format, info.format), GROUPS[failure.group]]
    yield [(f" {glyphs.dot} ".join(part for part in what if part), "text")]
    yield []
    yield [(f"{glyphs.outcome(failure.status)} ", "bad"), (reason.why, "text")]
    yield []
    if failure.attempts:
        yield [("IN THE SANDBOX", "head")]
        for line in attempt_lines(failure.attempts):
            yield [(f"It {line}; the sandbox does not let it.", "text")]
        yield []
    yield [("WHAT TO DO", "head")]
    yield [(reason.advice, "text")]
    if failure.attempts:
        yield [(f"It may have failed for want of that. {OUT_OF_SANDBOX}", "text")]
    yield [(FATES[failure.group], "quiet")]
    yield []
    yield from _figures(failure)
    yield []
    lines = failure.log.rstrip().splitlines()
    if not lines:
        yield [("LOG", "head"), ("  it printed nothing", "quiet")]
        return
    cut = f"  last {LOG_LINES} of {len(lines):,} lines" if len(lines) > LOG_LINES else ""
    yield [("LOG", "head"), (cut, "quiet")]
    for line in lines[-LOG_LINES:]:
        yield [(line, "quiet")]


def _figures(failure: Failure) -> Iterator[Line]:
    info = failure.info
    yield _fact("path", shortened(info.path))
    if failure.plugin and failure.how:
        if failure.plugin.name_in_file:
            yield _fact("in file", clean(failure.plugin.name_in_file))
        signal = failure.how.signal if failure.group != LOADING else ""
        yield _fact("ended", f"{failure.status} ({signal})" if signal else failure.status)
        message = failure.plugin.load_error if failure.group == LOADING else failure.plugin.error
    else:
        how = f"{info.outcome} ({info.signal})" if info.signal else info.outcome
        took = f" after {duration(info.elapsed_ms / 1000)}" if info.elapsed_ms else ""
        yield _fact("ended", f"{how}{took}{f', {info.peak_mb:,.0f} MB' if info.peak_mb else ''}")
        message = info.error
    if message:
        yield _fact("said", message)
    how = f", {'sandbox off' if info.sandbox == 'off' else info.sandbox}" if info.sandbox else ""
    yield _fact("read", f"{ago(info.scanned_at)} ({info.scanned_at[:10]}){how}")


def _fact(name: str, value: str) -> Line:
    return [(f"{name:<8}", "label"), (value, "text")]


def plain_text(failure: Failure, glyphs: Glyphs) -> str:
    """The same as text, to send to somebody."""
    return "\n".join("".join(text for text, _ in line).rstrip() for line in render(failure, glyphs)) + "\n"
