"""What a scan has to do: the disk held against the catalogue and against what an interrupted scan left."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pluginary_tui.catalogue.journal import Entry, Journal
from pluginary_tui.catalogue.store import BundleInfo, Store
from pluginary_tui.config import Settings
from pluginary_tui.home import home_folder
from pluginary_tui.model import Bundle, Outcome, clean
from pluginary_tui.scan.discover import BUILTIN_PATH, Discovery, builtin_bundle, discover, standard_folders
from pluginary_tui.scan.file_access import FileAccess
from pluginary_tui.scan.launch_log import LaunchLog


@dataclass(slots=True, frozen=True)
class Options:
    """What to scan this time."""

    folders: tuple[Path, ...] = ()
    """More folders, beside the platform's and those of the settings."""
    only: tuple[Path, ...] = ()
    """Where given: these folders (or bundles) and no others. What an interrupted scan left elsewhere stays left."""
    full: bool = False
    """Probe what has not changed, too."""
    retry: bool = False
    """Probe what is in quarantine, too."""
    builtin_only: bool = False
    """pedalboard's own effects and nothing else."""
    sandbox: str = ""
    """How plugins are confined this time; empty for what the settings say."""


@dataclass(slots=True)
class Plan:
    """The to-do list as it stands in the journal, and how it came about, in counts of bundles."""

    todo: list[Entry] = field(default_factory=list)
    found: int = 0
    unchanged: int = 0
    quarantined: int = 0
    """Passed over because they are in quarantine."""
    removed: int = 0
    resumed: int = 0
    passed_over: list[Bundle] = field(default_factory=list)
    """Those in quarantine."""
    vendors: dict[str, str] = field(default_factory=dict)
    """By path, as known from earlier scans."""
    paths: frozenset[str] = frozenset()
    """All that this scan is about: what is to be read and what is as it was."""
    narrow: bool = False
    """Whether it is about some folders only, so that what is left to do elsewhere stays left."""
    notes: list[str] = field(default_factory=list)
    """What could not be looked at, each a sentence for a person."""


def make_plan(
    store: Store,
    journal: Journal,
    settings: Settings,
    options: Options,
    flights: LaunchLog,
    on_due: Callable[[], object] = lambda: None,
) -> Plan:
    """Look at the disk, note what is gone and what is back, and write the to-do list into the journal.

    Where the scan before was killed, what was in flight then is under suspicion. `on_due` is called for each bundle
    that will be probed, as soon as that is known.
    """
    known = {info.path: info for info in store.bundles()}

    def on_bundle(bundle: Bundle) -> None:
        if not bundle.error and _is_due(bundle, known.get(bundle.path), options):
            on_due()

    folders = _folders(settings, options)
    found = _discover(folders, settings, options, on_bundle)
    bundles = _without_unreachable(found, known)
    there = {bundle.path for bundle in found.bundles}
    plan = Plan(vendors={path: info.vendor for path, info in known.items()}, notes=found.notes)
    plan.removed = _note_absence(journal, found, known, plan.notes)
    outdated = journal.outdated()
    single = journal.failed_plugins(quarantined=options.retry)
    only = {
        bundle.path: single[bundle.path]
        for bundle in bundles
        if bundle.path in single
        and bundle.path not in outdated
        and not _is_due(bundle, known.get(bundle.path), options)
    }
    if options.full and not options.retry:  # what is in quarantine is passed over until its bundle changes
        others = journal.outside_quarantine()
        only |= {b.path: others[b.path] for b in bundles if b.path in others and _is_same(b, known.get(b.path))}
    due = [
        bundle
        for bundle in bundles
        if only.get(bundle.path) != ()
        and (bundle.path in only or bundle.path in outdated or _is_due(bundle, known.get(bundle.path), options))
    ]
    taken_up: set[str] = set()
    if journal.interrupted():
        journal.resume(killed=flights.killed, suspects=flights.suspects)
        left = _prune(journal, there, folders, settings.scan.ignore)
        taken_up = set(left)
        # A bundle that changed after it was listed is read as it is now, even if the catalogue has that state.
        journal.add(
            (b for b in bundles if b.path in left and b.fingerprint != left[b.path].fingerprint), again=False, only=only
        )
        # A full scan that was interrupted is not begun anew; what was chosen to be tried again is.
        journal.add(due, again=options.retry or not options.full, only=only)
    else:
        journal.begin(due, only)
    plan.narrow = bool(options.only) or options.builtin_only
    plan.todo = [entry for entry in journal.pending() if not plan.narrow or entry.bundle.path in there]
    todo = {entry.bundle.path for entry in plan.todo}
    plan.paths = frozenset(there | todo)
    left_alone = [known.get(path) for path in there - todo]
    quarantined = {info.path for info in left_alone if info is not None and info.quarantined_at}
    plan.passed_over = [bundle for bundle in bundles if bundle.path in quarantined]
    plan.quarantined = len(quarantined)
    plan.unchanged = len(left_alone) - plan.quarantined
    plan.found = len(plan.paths)
    plan.resumed = len(taken_up & todo)
    return plan


def _folders(settings: Settings, options: Options) -> list[Path]:
    if options.only:
        return list(options.only)
    if options.builtin_only:
        return []
    folders = standard_folders(platform.system(), os.environ, home_folder())
    return [*folders, *(Path(folder) for folder in settings.scan.folders), *options.folders]


def _discover(
    folders: list[Path], settings: Settings, options: Options, on_bundle: Callable[[Bundle], None]
) -> Discovery:
    if options.builtin_only:
        return Discovery([builtin_bundle()])
    scan = settings.scan
    return discover(
        folders,
        system=platform.system(),
        ignore=scan.ignore,
        builtin=scan.builtin,
        wanted=scan.formats,
        on_bundle=on_bundle,
    )


def _without_unreachable(found: Discovery, known: Mapping[str, BundleInfo]) -> list[Bundle]:
    """The bundles, but for known ones that cannot be looked at now: what is known of these is not put in doubt."""
    unreachable = set(found.unreachable)
    kept = []
    for bundle in found.bundles:
        if bundle.error and bundle.path in unreachable and bundle.path in known:
            why = bundle.error.partition(": ")[2].rstrip(".")
            found.notes.append(f"Cannot look at {clean(bundle.path, 300)}: {why}; what is known of it stays.")
        else:
            kept.append(bundle)
    return kept


def _note_absence(journal: Journal, found: Discovery, known: Mapping[str, BundleInfo], notes: list[str]) -> int:
    """Mark what is gone from the disk, and what is back. Returns how many are newly gone.

    Bundles in unreadable folders stay as they are, and `notes` says so.
    """
    there = {bundle.path for bundle in found.bundles}
    back = [path for path in there if path in known and known[path].missing]
    if back:
        journal.unmark_missing(back)
    files = FileAccess()
    gone, closed = [], 0
    for path, info in known.items():
        if path in there or info.missing or path == BUILTIN_PATH:
            continue
        if path in found.holders or files.is_gone(path):
            gone.append(path)
        elif files.status(path, follow=False, quiet=True) is None:
            closed += 1
    if closed:
        bundles = (
            "1 known bundle cannot be looked at and stays"
            if closed == 1
            else (f"{closed:,} known bundles cannot be looked at and stay")
        )
        notes.append(f"{bundles} as it was." if closed == 1 else f"{bundles} as they were.")
    return journal.mark_missing(gone) if gone else 0


def _is_same(bundle: Bundle, info: BundleInfo | None) -> bool:
    return info is not None and info.fingerprint == bundle.fingerprint


def _is_due(bundle: Bundle, info: BundleInfo | None, options: Options) -> bool:
    if info is None or not _is_same(bundle, info):
        return True
    if info.quarantined_at:
        return options.retry
    return options.full or info.outcome != Outcome.OK


def _prune(journal: Journal, there: set[str], folders: list[Path], ignore: Sequence[str]) -> dict[str, Bundle]:
    """Drop from the interrupted list what is gone or to be ignored by now. Returns what is left on it, by path."""
    pending = {entry.bundle.path: entry.bundle for entry in journal.pending()}
    left = {path: b for path, b in pending.items() if path in there or _is_elsewhere(Path(path), folders, ignore)}
    journal.drop(pending.keys() - left.keys())
    return left


def _is_elsewhere(path: Path, folders: list[Path], ignore: Sequence[str]) -> bool:
    """Whether this bundle is there, in none of the folders that were searched: one of another scan."""
    if any(path.is_relative_to(folder) for folder in folders):
        return False
    return bool(discover([path], system=platform.system(), ignore=ignore, builtin=False).bundles)
