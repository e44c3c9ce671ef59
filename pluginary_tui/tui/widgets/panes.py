"""What holds the panes of a screen, and is itself nothing but a background, perhaps with a line on its left."""

from __future__ import annotations

from textual.containers import Horizontal, Vertical
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget


class Even(Widget):
    """All lines look the same: one is drawn for all of them, at each letter that is typed. Textual takes the style of
    the first base only, so this one stands last.
    """

    def render_lines(self, crop: Region) -> list[Strip]:
        return super().render_lines(Region(crop.x, crop.y, crop.width, min(crop.height, 1))) * crop.height


class Panes(Horizontal, Even):
    """Panes side by side."""


class Pane(Vertical, Even):
    """What stands on top of each other in a pane."""
