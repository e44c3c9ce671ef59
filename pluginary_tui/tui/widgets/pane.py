"""The container of a pane."""

from __future__ import annotations

from textual.containers import Vertical
from textual.geometry import Region
from textual.strip import Strip


class Pane(Vertical):
    """Stacks the widgets of a pane. Its own lines, the background, are all the same, so one is drawn for all."""

    def render_lines(self, crop: Region) -> list[Strip]:
        return super().render_lines(Region(crop.x, crop.y, crop.width, min(crop.height, 1))) * crop.height
