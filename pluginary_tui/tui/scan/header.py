"""Above the live table: the bar, the counts, and what a scan that has ended has changed."""

from __future__ import annotations

from rich.text import Text
from textual.message import Message
from textual.widget import Widget

from pluginary_tui.model import clean
from pluginary_tui.scan.display.table import Change, Palette, bar, counts, summary_lines
from pluginary_tui.scan.progress import Progress
from pluginary_tui.tui.widgets.guard import Guarded

CHANGES = {"new": "n", "updated": "u", "gone": "m", "failed": "f", "measured": "n", "with a fault": "u"}
"""The letter by which `show_change` knows each kind of change, by its word."""

CHANGE_ACTIONS = {"n": "scan_show_new", "u": "scan_show_updated", "m": "scan_show_gone", "f": "scan_show_failed"}
"""Ids of the actions that show them."""


class ScanHeader(Widget):
    """Bar and counts of `progress`; nothing where no scan has begun."""

    DEFAULT_CSS = """
    ScanHeader { height: 2; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._progress = Progress(state="done")
        self._look = Palette()

    def show(self, progress: Progress, look: Palette) -> None:
        self._progress, self._look = progress, look
        self.refresh()

    def render(self) -> Text:
        width = self.size.width
        lines = [bar(self._progress, width, self._look), counts(self._progress, width, self._look)]
        return Text("\n").join(lines)


class ScanChanges(Widget, Guarded):
    """When a scan is over: one line of what it changed, each with the key that shows it in Browse, and its notes."""

    DEFAULT_CSS = """
    ScanChanges { height: auto; max-height: 5; margin-top: 1; }
    """

    class Chosen(Message):
        """Show what this query finds."""

        def __init__(self, query: str) -> None:
            super().__init__()
            self.query = query

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.auto_links = False  # a key and its word need no underline to be clicked
        self._progress = Progress(state="done")
        self._look = Palette()

    def show(self, progress: Progress, look: Palette) -> None:
        self._progress, self._look = progress, look
        self.display = progress.over and bool(progress.total or progress.removed or progress.message or progress.notes)
        self.refresh(layout=True)

    def change(self, key: str) -> Change | None:
        """The change of this letter; None where the scan brought none of the kind."""
        if not self._progress.over:
            return None
        return next((change for change in summary_lines(self._progress) if CHANGES[change.words] == key), None)

    def render(self) -> Text:
        progress, look, key_of = self._progress, self._look, self.session.key_of
        if progress.state == "broken":
            return Text(look.cut(progress.message, self.size.width), look.bad)
        parts: list[Text] = []
        if progress.state == "stopped" and progress.kind == "measuring":
            parts += [
                Text(f"{progress.left} still to do", look.warn),
                _key(key_of("scan_measure"), "go on", look),
            ]
        elif progress.state == "stopped":
            parts += [Text(f"{progress.left} still to do", look.warn)]
            parts += [_key(key_of("scan_start"), "go on", look), _key(key_of("scan_discard"), "discard them", look)]
        for change in summary_lines(progress):
            part = _key(key_of(CHANGE_ACTIONS[CHANGES[change.words]]), f"{change.count:,} {change.words}", look)
            part.apply_meta({"@click": f"ask({change.query!r})"})
            parts.append(part)
        if progress.over and progress.kind != "measuring" and (passed := progress.quarantined):
            parts += [
                Text(f"{passed:,} in quarantine, passed over", look.warn),
                _key(key_of("scan_retry"), "try again", look),
            ]
        text = Text()
        for part in parts or [Text("Nothing has changed", look.muted)]:
            if len(text) + len(part) + 4 * bool(text) <= self.size.width:
                text = Text("    ").join([text, part]) if text else part
        return Text("\n").join([text, *(Text(clean(note, 1000), look.warn) for note in progress.notes)])

    def action_ask(self, query: str) -> None:
        self.post_message(self.Chosen(query))


def _key(key: str, says: str, look: Palette) -> Text:
    return Text.assemble((key, look.key), f" {says}")
