"""A scan shown on a plain terminal: a live table, or one line per result where the output is not a terminal."""

from __future__ import annotations

import io
import threading
from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from pluginary_tui.formatting import counted, duration
from pluginary_tui.model import Outcome, clean
from pluginary_tui.scan.display.table import FRAMES_PER_S, Palette, bar, counts, reason, table
from pluginary_tui.scan.events import BundleEnded, Event, ScanEnded
from pluginary_tui.scan.progress import Ended, Progress
from pluginary_tui.terminal_text import printable

LIVE_LINES = 20
"""The live table takes no more of a terminal than this; what scrolled by before stays in sight."""


class TerminalReporter:
    """A context manager around a scan: give it every event with `take`, from any thread."""

    def __init__(self, console: Console, *, ascii_only: bool = False) -> None:
        self.progress = Progress()
        self._console = console
        self._look = Palette(ascii=ascii_only or not _speaks_unicode(console))
        self._lock = threading.Lock()
        self._live: Live | None = None

    def __enter__(self) -> Self:
        if isinstance(self._console.file, io.TextIOWrapper):
            self._console.file.reconfigure(errors="replace")  # a name the terminal cannot show must not end the scan
        if self._console.is_terminal:
            self._live = Live(
                console=self._console,
                get_renderable=self._frame,
                refresh_per_second=FRAMES_PER_S,
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._live.stop()
            self._live = None

    def take(self, event: Event) -> None:
        """Fold one event in, and show it."""
        with self._lock:
            self.progress.take(event)
        if isinstance(event, BundleEnded):
            newest = self.progress.ended[0]
            if self._live is None:
                self._print(self._line(newest))
            elif newest.outcome.bad:  # the good ones pass by in the table, the bad ones are worth keeping in sight
                self._print(self._kept(newest))
        elif isinstance(event, ScanEnded):
            if self._live:
                self._live.stop()
                self._live = None
            self._close()

    def _frame(self) -> Group:
        with self._lock:
            width, progress = max(20, self._console.width - 1), self.progress
            height = min(LIVE_LINES, self._console.height - 4)
            lines = [bar(progress, width, self._look), counts(progress, width, self._look), Text()]
            return Group(*lines, table(progress, width, height, look=self._look))

    def _line(self, item: Ended) -> Text:
        """One result, words apart by two spaces, for a pipe or a log."""
        words = [item.outcome, clean(item.name), clean(item.vendor) or "-", reason(item)]
        if item.outcome is Outcome.OK:
            words[3] = counted(item.parameters, "parameter")
            if item.plugins > 1:
                words.insert(3, counted(item.plugins, "plugin"))
        return Text("  ".join((*words, duration(item.elapsed_s))))

    def _kept(self, item: Ended) -> Text:
        colour = self._look.colour(item.outcome)
        return Text.assemble(
            (f"{self._look.sign(item.outcome)} ", colour),
            clean(item.name),
            (f"  {clean(item.vendor)}" if item.vendor else "", self._look.muted),
            "  ",
            (reason(item), colour),
        )

    def _close(self) -> None:
        """The last lines: what could not be looked at; how it ended, and the counts of what happened."""
        progress = self.progress
        parts = [f"{progress.counts[outcome]:,} {outcome}" for outcome in Outcome if progress.counts[outcome]]
        parts += [f"{progress.counts[change]:,} {change}" for change in ("new", "updated") if progress.counts[change]]
        parts += [f"{progress.unchanged:,} unchanged"] if progress.unchanged else []
        parts += [f"{progress.removed:,} gone"] if progress.removed else []
        if progress.summary and progress.summary.carried_over:
            parts += [f"what you wrote about {counted(progress.summary.carried_over, 'plugin')} carried over"]
        if progress.checks_done:
            parts += [f"pedalboard loads {progress.loads:,} of {counted(progress.checks_done, 'plugin')} tried"]
        left = progress.total - progress.done
        parts += [f"{left:,} left for the next scan"] if left else []
        left = progress.checks_total - progress.checks_done
        parts += [f"{counted(left, 'plugin')} still to be tried with pedalboard"] if left else []
        for note in progress.notes:
            self._print(Text(f"Note: {clean(note, 1000)}", self._look.warn))
        how = f"{progress.state.capitalize()} in {duration(progress.elapsed_s)}: "
        self._print(Text(how + (", ".join(parts) or "nothing found")))

    def _print(self, text: Text) -> None:
        text.plain = printable(text.plain)  # of the same length, so that its styles stay where they are
        self._console.print(text, soft_wrap=True, highlight=False)


def _speaks_unicode(console: Console) -> bool:
    return console.encoding.lower().startswith("utf")
