"""The live table on the scan screen: moves by itself, holds still under a cursor."""

from __future__ import annotations

import time
from itertools import islice
from typing import ClassVar

from rich.table import Table
from textual import events
from textual.binding import BindingType
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from pluginary_tui.scan.display.table import HEAD_LINES, Palette, room, rows, table
from pluginary_tui.scan.progress import Ended, Progress, Running
from pluginary_tui.tui.core.actions import bindings
from pluginary_tui.tui.widgets.guard import Guarded

SHARE = 10
"""Drawing takes one part in so many of the time at most, however slow the machine or large the terminal."""


class ScanTable(Widget, Guarded, can_focus=True):
    """Draws `progress`. The cursor stands on a bundle, not on a line: it goes where the bundle goes.

    Without a cursor the newest results are shown; with one, the list stays where it is while results come in.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "scan--accent",
        "scan--good",
        "scan--warn",
        "scan--bad",
        "scan--muted",
        "scan--key",
        "scan--cursor",
    }
    DEFAULT_CSS = """
    ScanTable {
        height: 1fr;
        .scan--accent { color: $text-primary; }
        .scan--key { color: $text-accent; }
        .scan--good { color: $text-success; }
        .scan--warn { color: $text-warning; }
        .scan--bad { color: $text-error; }
        .scan--muted { color: $text-muted; }
        .scan--cursor { background: $block-cursor-blurred-background; }
        &:focus .scan--cursor { background: $block-cursor-background 35%; }
    }
    """
    ACTION_GROUP = "scan_table"
    BINDINGS: ClassVar[list[BindingType]] = bindings("scan_table")

    class Chosen(Message):
        """The cursor stands on another bundle, or on none any more."""

    def __init__(self, *, id: str | None = None, plain: bool = False) -> None:
        super().__init__(id=id)
        self.progress = Progress(state="done")
        self.cursor: str | None = None
        """Key of what runs, or path of the bundle, under the cursor; None while the newest are followed."""
        self._plain = plain
        self._line = 0  # where among the results the cursor's row is held
        self._seen: tuple[object, ...] = ()
        self._drawn_at = 0.0
        self._cost = 0.0

    def show(self, progress: Progress) -> None:
        """Draw this from now on. Drawing is passed over where nothing moved, and where it would take too much time."""
        if progress is not self.progress:
            self.progress, self.cursor, self._line = progress, None, 0
        now = time.monotonic()
        seen = (id(progress), progress.revision)
        moves = bool(progress.running)
        if (seen == self._seen and not moves) or (not progress.over and now - self._drawn_at < SHARE * self._cost):
            return
        self._seen, self._drawn_at = seen, now
        if self.cursor is not None and self.chosen is None:
            self.cursor = None  # it was put back on the list, or so many came after it that it is not kept here
        self.refresh()

    @property
    def chosen(self) -> Running | Ended | None:
        """What the cursor stands on."""
        if self.cursor is None:
            return None
        if self.cursor in self.progress.running:
            return self.progress.running[self.cursor]
        return next((item for item in self.progress.ended if item.path == self.cursor), None)

    @property
    def look(self) -> Palette:
        """The theme's colours."""
        return Palette(
            **{name: self._colour(name) for name in ("accent", "good", "warn", "bad", "muted")},
            key=f"bold {self._colour('key')}",
            cursor=f"on {self._colour('cursor', background=True)}",
            ascii=self._plain,
        )

    def _colour(self, name: str, *, background: bool = False) -> str:
        style = self.get_component_rich_style(f"scan--{name}")
        colour = style.bgcolor if background else style.color
        return colour.name if colour else "default"

    # Drawing

    def render(self) -> Table:
        return table(
            self.progress,
            self.size.width,
            self.size.height,
            cursor=self.cursor,
            offset=self._offset(),
            look=self.look,
        )

    def render_lines(self, crop: Region) -> list[Strip]:
        began = time.monotonic()
        strips = super().render_lines(crop)
        self._cost = time.monotonic() - began
        return strips

    def _offset(self) -> int:
        """Results to leave out at the top, so that the cursor's row stays on its line."""
        _, lines = room(self.progress, self.size.height)
        at = self._place()
        if at is None or lines <= 0:
            return 0
        self._line = max(0, min(self._line, lines - 1, at))
        return at - self._line

    def _place(self) -> int | None:
        """How many results are newer than the one under the cursor; None where the cursor is on none."""
        if self.cursor is None or self.cursor in self.progress.running:
            return None
        return next((i for i, item in enumerate(self.progress.ended) if item.path == self.cursor), None)

    # Moving

    def action_move(self, by: int) -> None:
        order = [*self.progress.running, *(item.path for item in self.progress.ended)]
        if not order:
            return
        if self.cursor is None:
            if by > 0:
                self._stand(order[min(by, len(order)) - 1], 0)
            return
        at = order.index(self.cursor) + by if self.cursor in order else 0
        if at < 0:
            self.action_follow()
        else:
            self._stand(order[min(at, len(order) - 1)], self._line + by)

    def action_page(self, pages: int) -> None:
        self.action_move(pages * max(1, room(self.progress, self.size.height)[1]))

    def action_last(self) -> None:
        if self.progress.ended:
            self._stand(self.progress.ended[-1].path, self.size.height)

    def action_follow(self) -> None:
        """Back to the newest results, without a cursor."""
        self._stand(None, 0)

    def _stand(self, path: str | None, line: int) -> None:
        self._line = max(0, line)
        if path in self.progress.running:
            self._line = -1  # the next step down enters the results at their first line
        if path != self.cursor:
            self.cursor = path
            self.post_message(self.Chosen())
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        running, ended = rows(self.progress, self.size.height, cursor=self.cursor, offset=self._offset())
        y = event.y - (HEAD_LINES if self.size.height > HEAD_LINES + 1 else 0)
        if 0 <= y < len(running):
            self._stand(running[y].row, 0)
        elif 0 <= (line := y - len(running) - bool(running and ended)) < len(ended):
            self._stand(next(islice(ended, line, None)).path, line)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.action_move(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.action_move(-3)
