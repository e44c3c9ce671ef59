"""Above the failures: how things stand, in three lines; and the card where nothing has failed."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from pluginary_tui.tui.browse.empty_states import keys
from pluginary_tui.tui.browse.plugin_details import Line
from pluginary_tui.tui.core.glyphs import UNICODE, Glyphs
from pluginary_tui.tui.health.failures import Health, file_line, headline, scan_line
from pluginary_tui.tui.widgets.virtual_list import fit

STYLES = {
    "bad": "bold $text-error",
    "string": "bold $text-success",
    "quiet": "$foreground 60%",
    "keyword": "$text-warning",
}
"""Colours of the looks that a line of a head may have."""


class HeaderLines(Widget):
    """A few lines that are cut, not wrapped, and take no focus."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    HeaderLines { height: auto; padding: 0 1; background: $background; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - textual's own word
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


def health_lines(health: Health, glyphs: Glyphs) -> list[Line]:
    """What stands above the failures."""
    return [headline(health, glyphs), scan_line(health), file_line(health)]


class AllWell(Static):
    """Nothing has failed, or nothing was tried yet."""

    def show(self, scanned: bool, glyphs: Glyphs) -> None:
        if scanned:
            title = Content.styled(f"{glyphs.ok} All well: nothing has failed", "bold $text-success")
            text = "\n\nEvery plugin that was found could be read. What cannot be read\n"
            text += "will stand here, with the reason and what to do about it.\n\n"
        else:
            title = Content.styled("Nothing was scanned yet", "bold")
            text = "\n\nPlugins that cannot be read will stand here,\nwith the reason and what to do about it.\n\n"
        self.update(title + Content(text) + keys(("s", "scan now"), ("1", "look at the plugins"), ("?", "all keys")))
