"""What holds the widgets of a pane, and is itself nothing but a background, perhaps with a line on its left."""

from __future__ import annotations

from textual.containers import Vertical
from textual.geometry import Region
from textual.strip import Strip


class Pane(Vertical):
    """What stands on top of each other in a pane. All its own lines look the same: one is drawn for all of them."""

    def render_lines(self, crop: Region) -> list[Strip]:
        return super().render_lines(Region(crop.x, crop.y, crop.width, min(crop.height, 1))) * crop.height
