"""The container of a pane."""

from __future__ import annotations

from textual import events
from textual.containers import Vertical
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip


class Pane(Vertical):
    """Stacks the widgets of a pane. Its own lines, the background, are all the same, so one is drawn for all.

    Its left border can be dragged.
    """

    class BorderDragged(Message):
        """The left border of a pane was dragged to a cell of the screen."""

        def __init__(self, pane: str, x: int) -> None:
            super().__init__()
            self.pane, self.x = pane, x

    _dragged = False

    def on_mouse_down(self, event: events.MouseDown) -> None:
        if round(event.screen_x) == self.region.x and self.styles.border_left[0]:
            event.stop()
            self._dragged = True
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._dragged:
            event.stop()
            self.post_message(self.BorderDragged(self.id or "", round(event.screen_x)))

    def on_mouse_up(self, event: events.MouseUp) -> None:
        if self._dragged:
            event.stop()
            self._dragged = False
            self.release_mouse()

    def render_lines(self, crop: Region) -> list[Strip]:
        return super().render_lines(Region(crop.x, crop.y, crop.width, min(crop.height, 1))) * crop.height
