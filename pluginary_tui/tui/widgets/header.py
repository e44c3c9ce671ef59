"""Lines above a screen's content: cut to the width, without focus."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from pluginary_tui.tui.core.glyphs import UNICODE, Glyphs
from pluginary_tui.tui.widgets.rich_lines import Line
from pluginary_tui.tui.widgets.virtual_list import fit

STYLES = {
    "bad": "bold $text-error",
    "string": "bold $text-success",
    "quiet": "$foreground 60%",
    "keyword": "$text-warning",
}
"""Colours by the names of rich_lines; all others have the foreground's."""


class HeaderLines(Widget):
    """A few lines that are cut, not wrapped."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    HeaderLines { height: auto; padding: 0 1; background: $background; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: Sequence[Line] = ()
        self._ellipsis = UNICODE.ellipsis

    def show(self, lines: Sequence[Line], glyphs: Glyphs) -> None:
        self._lines, self._ellipsis = lines, glyphs.ellipsis
        self.refresh(layout=True)

    def render(self) -> Content:
        return Content("\n").join(_content(line, self.size.width, self._ellipsis) for line in self._lines)


def _content(line: Line, width: int, ellipsis: str) -> Content:
    """The line in colour, in no more than `width` cells."""
    content = Content("")
    for text, look in line:
        room = width - content.cell_length
        if room > 0:
            shown = text if cell_len(text) <= room else fit(text, room, ellipsis)
            content += Content.styled(shown, STYLES.get(look, "$foreground"))
    return content
