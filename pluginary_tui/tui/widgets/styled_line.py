"""For widgets that draw their lines themselves: pieces of text, and styles that are calculated once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

StyledText = tuple[str, Style]
"""A text and its style. A plain tuple: creating a Segment for each piece is slower."""


class ComponentStyles(Widget):
    """Caches component styles. List it last among the bases: Textual reads DEFAULT_CSS of the first only."""

    def __init__(self, *children: Widget, **more: Any) -> None:
        super().__init__(*children, **more)
        self._looks: dict[tuple[str, str], Style] = {}

    def style_of(self, look: str, under: str = "") -> Style:
        """The style of a component class, with the background of another one; of the widget itself for none."""
        style = self._looks.get((look, under))
        if style is None:
            style = self.get_component_rich_style(look) if look else self.rich_style
            if under:
                style += Style(bgcolor=self.get_component_rich_style(under).bgcolor)
            style = self._looks[look, under] = filtered(style, self)
        return style

    @property
    def plain(self) -> bool:
        """Whether the lines have neither border nor padding, so that they can be drawn without Textual's own way."""
        return not any(self.styles.gutter) and self.opacity == 1

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._looks.clear()


class StyledStrip(Strip):
    """A Strip kept as pieces of text and style; its Segments are created on first access, which fast painting saves."""

    def __init__(self, pieces: list[StyledText], cells: int) -> None:
        self.pieces = pieces
        self._cell_length = cells

    def __getattr__(self, name: str) -> Any:
        super().__init__([Segment(*piece) for piece in self.pieces], self._cell_length)
        return object.__getattribute__(self, name)

    def __eq__(self, other: object) -> bool:
        return self.pieces == other.pieces if isinstance(other, StyledStrip) else super().__eq__(other)

    __hash__ = None  # type: ignore[assignment] # as Strip's


def filtered(style: Style, widget: Widget) -> Style:
    """A style as the app's filters leave it (`NO_COLOR`, a terminal's own colours)."""
    segments = [Segment(" ", style)]
    for each in widget.get_line_filters():
        segments = each.apply(segments, widget.background_colors[1])
    return segments[0].style or Style.null()


def build_strip(pieces: Iterable[StyledText], width: int, base: Style) -> Strip:
    """The pieces in `width` cells; neighbours with one style are joined, as each piece costs at every later step."""
    joined: list[StyledText] = []
    text, style, cells = "", base, 0
    for more, its in pieces:
        cells += len(more) if more.isascii() else cell_len(more)
        if its is style:
            text += more
        else:
            if text:
                joined.append((text, style))
            text, style = more, its
    space = " " * (width - cells)
    if style is not base and text:
        joined.append((text, style))
        text = ""
    if text := text + space:
        joined.append((text, base))
    strip = StyledStrip(joined, max(cells, width))
    return strip if cells <= width else strip.adjust_cell_length(width)
