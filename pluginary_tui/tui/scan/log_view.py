"""The log of a bundle's probe: a few lines below the table, all of it in a dialog."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from pluginary_tui.formatting import counted, duration
from pluginary_tui.model import Outcome, clean
from pluginary_tui.scan.display.table import DOING, Palette
from pluginary_tui.scan.progress import Ended, Running
from pluginary_tui.tui.core.actions import bindings
from pluginary_tui.tui.core.key_names import KeyOf
from pluginary_tui.tui.core.services import services_of
from pluginary_tui.tui.widgets.base_screen import BaseDialog
from pluginary_tui.tui.widgets.chrome import KeyFooter

Item = Running | Ended


def headline(item: Item, look: Palette) -> Text:
    """The state of a bundle in a sentence."""
    if isinstance(item, Running):
        doing = "read" if item.stage in DOING else "measured"
        return Text(f"Being {doing} for {duration(item.elapsed_s)}: {DOING.get(item.stage, item.stage)}.", look.accent)
    if item.outcome is Outcome.OK and item.summary:
        return Text(f"Measured in {duration(item.elapsed_s)}: {item.summary}.", look.good)
    if item.outcome is Outcome.OK:
        amount = f"{counted(item.plugins, 'plugin')} with {counted(item.parameters, 'parameter')}"
        return Text(f"Read in {duration(item.elapsed_s)}: {amount}.", look.good)
    return Text(clean(item.error, 1000) or item.outcome.capitalize() + ".", look.colour(item.outcome))


def outlook(item: Item, key_of: KeyOf) -> str:
    """What happens to a bundle in quarantine; empty for any other."""
    if isinstance(item, Ended) and item.quarantined:
        return (
            f"In quarantine: later scans pass it over until it changes, or until {key_of('scan_retry')} tries it again."
        )
    return ""


class LogPanel(Widget):
    """The bundle under the cursor, or the newest failure: its reason, and the end of what it printed."""

    DEFAULT_CSS = """
    LogPanel {
        height: 8;
        border-top: solid $foreground 20%;
        border-title-color: $text-muted;
        padding: 0 1;
    }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._item: Item | None = None
        self._look = Palette()

    def show(self, item: Item | None, look: Palette) -> None:
        """Show this one; None hides the panel."""
        self._item, self._look = item, look
        self.display = item is not None
        if item is not None:
            self.border_title = Text(f" log of {look.cut(clean(item.name), self.app.size.width - 16)} ")
            self.refresh()

    def render(self) -> Text:
        item, look, (width, room) = self._item, self._look, self.size
        if item is None:
            return Text()
        printed = [Text(line) for line in item.log.rstrip("\n").split("\n")] if item.log.strip() else []
        if room == 1 and printed:
            lines = printed[-1:]
        else:
            lines = [headline(item, look)]
            if room > 5:
                lines.append(Text(clean(item.path, 1000), look.muted))
            if room > 3 and (text := outlook(item, services_of(self.app).session.key_of)):
                lines.append(Text(text, look.muted))
            left = room - len(lines)
            lines += (printed or [Text("It printed nothing.", look.muted)])[-left:] if left > 0 else []
        for line in lines:
            line.plain = look.cut(line.plain, width)
        return Text("\n").join(lines)


class LogScreen(BaseDialog[None]):
    """One bundle in full: where it is, how it ended, everything it printed. Follows one that still runs."""

    DEFAULT_CSS = """
    LogScreen {
        align: center middle;
        #log-box { width: 96%; height: 94%; border: round $foreground 30%; background: $surface; padding: 0 1; }
        #log-text { height: auto; }
        #log-head { height: auto; margin-bottom: 1; }
    }
    """
    ACTION_GROUP = "log"
    BINDINGS: ClassVar[list[BindingType]] = bindings("log")

    def __init__(self, find: Callable[[], Item | None], look: Palette) -> None:
        """`find` gives the bundle as it stands now; None when it is no longer known."""
        super().__init__()
        self._find, self._look = find, look
        self._shown = ""

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="log-box"):
            yield Static(id="log-head", markup=False)
            yield Static(id="log-text", markup=False)
        yield KeyFooter()

    def on_mount(self) -> None:
        self.refresh_log()
        self.set_interval(0.25, self.refresh_log)

    def refresh_log(self) -> None:
        """Show the bundle as it stands now."""
        item, look = self._find(), self._look
        if item is None:
            return
        box = self.query_one("#log-box")
        box.border_title = Text(clean(item.name))
        head = [
            Text(clean(item.path, 1000), look.muted),
            headline(item, look),
            Text(outlook(item, self.session.key_of), look.muted),
        ]
        self.query_one("#log-head", Static).update(Text("\n").join(line for line in head if line))
        text = item.log.rstrip("\n") or "It printed nothing."
        if text != self._shown:
            self._shown = text
            self.query_one("#log-text", Static).update(Text(text, "" if item.log.strip() else look.muted))

    def action_move(self, by: int) -> None:
        self.query_one("#log-box").scroll_relative(y=by, animate=False)

    def action_edge(self, end: int) -> None:
        box = self.query_one("#log-box")
        if end > 0:
            box.scroll_end(animate=False)
        else:
            box.scroll_home(animate=False)
