"""What the Scan screen shows instead of an empty table: the state, and the keys to press."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from pathlib import Path

from rich.text import Text
from textual.widgets import Static

from pluginary_tui.catalogue.journal import Interrupted
from pluginary_tui.config import Settings
from pluginary_tui.formatting import ago, counted, duration
from pluginary_tui.home import home_folder, shortened
from pluginary_tui.scan.discover import standard_folders
from pluginary_tui.scan.display.table import Palette
from pluginary_tui.scan.progress import Progress
from pluginary_tui.tui.core.key_names import KeyOf

Lines = list[Text]

WIDTH = 68
"""Cells of the card, where the terminal is wide enough."""


class ScanCard(Static):
    """A card in the middle of the screen."""

    DEFAULT_CSS = f"""
    ScanCard {{
        width: {WIDTH};
        max-width: 100%;
        height: auto;
        max-height: 100%;
        border: round $foreground 20%;
        padding: 1 2;
    }}
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._shown: Lines = []

    def show(self, lines: Lines) -> None:
        """Show these lines, where they are others than before."""
        if lines != self._shown:
            self._shown = lines
            self.update(Text("\n").join(lines))


def keys(look: Palette, key_of: KeyOf, *rows: tuple[str, str]) -> Lines:
    """One line for each action, given by id and words: its key and what it does."""
    pairs = [(key_of(id_), says) for id_, says in rows]
    width = max(len(key) for key, _ in pairs)
    return [Text.assemble((f"{key:>{width}}", look.key), f"  {says}") for key, says in pairs]


def never_scanned(settings: Settings, look: Palette, key_of: KeyOf) -> Lines:
    return [
        Text("Nothing has been scanned yet", "bold"),
        Text(),
        Text("Every plugin is loaded once, in a process of its own: one that crashes takes nothing else with it."),
        Text(),
        *keys(look, key_of, ("scan_start", "scan now"), ("scan_add_folder", "add a folder"), ("scan_back", "back")),
        Text(),
        *_folders(settings, look),
    ]


def scanned(last: dict[str, object], settings: Settings, look: Palette, key_of: KeyOf) -> Lines:
    """An earlier session scanned; `last` is `Journal.last_scan`."""
    took = duration(float(str(last.get("elapsed_s", 0))))
    found = counted(int(str(last.get("found", 0))), "bundle")
    bad = sum(int(str(last.get(outcome, 0))) for outcome in ("failed", "crashed", "timeout", "memory"))
    rest = f"; {bad} could not be read" if bad else ""
    return [
        Text(f"Last scanned {ago(str(last.get('finished_at', '')))}", "bold"),
        Text(),
        Text(f"{found} in {took}{rest}. A scan reads only what is new or has changed since."),
        Text(),
        *keys(
            look,
            key_of,
            ("scan_start", "scan for changes"),
            ("scan_retry", "retry failed"),
            ("scan_full", "scan everything again"),
            ("scan_add_folder", "add a folder"),
        ),
        Text(),
        *_folders(settings, look),
    ]


def interrupted(left: Interrupted, look: Palette, key_of: KeyOf) -> Lines:
    lines = [
        Text("A scan was interrupted", "bold"),
        Text(),
        Text(
            f"It began {ago(left.started_at)}. {left.total - left.pending:,} of {counted(left.total, 'bundle')} "
            f"are done and kept, {left.pending:,} are still to do."
        ),
    ]
    if left.checks:
        lines += [Text(), Text(f"{counted(left.checks, 'plugin')} have still to be tried with pedalboard.")]
    if left.in_flight:
        names = ", ".join(Path(path).stem for path in left.in_flight[:6])
        lines += [Text(), Text.assemble(("It was reading  ", look.muted), names)]
    return [
        *lines,
        Text(),
        *keys(look, key_of, ("scan_start", "resume"), ("scan_discard", "discard the rest"), ("scan_back", "later")),
    ]


def discovering(settings: Settings, look: Palette) -> Lines:
    return [Text("Looking for plugins", "bold"), Text(), *_folders(settings, look)]


def nothing_to_do(progress: Progress, look: Palette, key_of: KeyOf) -> Lines:
    """A scan that ended without a probe."""
    if progress.state == "broken":
        return [Text("The scan could not go on", f"bold {look.bad}"), Text(), Text(progress.message)]
    if not progress.unchanged:
        return [
            Text("No plugins were found", "bold"),
            Text(),
            Text("If yours are in a folder of their own, add it."),
            Text(),
            *keys(
                look, key_of, ("scan_add_folder", "add a folder"), ("scan_start", "scan again"), ("scan_back", "back")
            ),
        ]
    passed = progress.quarantined
    rest = (
        f" {counted(passed, 'bundle')} in quarantine passed over; {key_of('scan_retry')} tries again." if passed else ""
    )
    return [
        Text("Everything is up to date", "bold"),
        Text(),
        Text(f"{counted(progress.unchanged, 'bundle')} unchanged since the last scan.{rest}"),
        Text(),
        *keys(
            look, key_of, ("scan_full", "scan everything again"), ("scan_retry", "retry failed"), ("scan_back", "back")
        ),
    ]


def nothing_to_measure(progress: Progress, look: Palette, key_of: KeyOf) -> Lines:
    """A measuring that has not begun yet, or had nothing to do."""
    if progress.state == "broken":
        return [Text("Measuring could not go on", f"bold {look.bad}"), Text(), Text(progress.message)]
    if not progress.over:
        return [Text("Measuring begins", "bold")]
    passed = progress.quarantined
    rest = f" {counted(passed, 'plugin')} went wrong before and passed over." if passed else ""
    return [
        Text("There is nothing to measure", "bold"),
        Text(),
        Text(f"{counted(progress.unchanged, 'plugin')} measured before, which still holds.{rest}"),
        Text(),
        *keys(look, key_of, ("scan_start", "scan for changes"), ("scan_back", "back")),
    ]


def _folders(settings: Settings, look: Palette) -> Iterable[Text]:
    """The folders that are searched and are there, a folder of the user's own also where it is not, and a count of
    the others.
    """
    folders = standard_folders(platform.system(), os.environ, home_folder())
    own = [Path(folder) for folder in settings.scan.folders]
    absent = 0
    yield Text("Searched:", look.muted)
    for folder in dict.fromkeys([*folders, *own]):
        there = folder.is_dir()
        if there or folder in own:
            text = shortened(str(folder))
            yield Text.assemble("  ", look.cut(text, WIDTH - 24), ("" if there else "  (not there)", look.muted))
        absent += not there and folder not in own
    if settings.scan.builtin:
        yield Text("  the effects that come with pedalboard")
    if absent:
        yield Text(f"  and {counted(absent, 'usual folder')}, not here yet", look.muted)
