"""The lines above the failures, and the card shown instead of the list where nothing has failed."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from pluginary_tui.tui.core.glyphs import Glyphs
from pluginary_tui.tui.core.key_names import KeyOf
from pluginary_tui.tui.health.failures import Health, file_line, headline, scan_line
from pluginary_tui.tui.widgets.key_hints import key_lines
from pluginary_tui.tui.widgets.rich_lines import Line


def health_lines(health: Health, glyphs: Glyphs, key_of: KeyOf) -> list[Line]:
    """The lines above the failures."""
    return [headline(health, glyphs), scan_line(health), file_line(health, key_of)]


class NoFailuresCard(Static):
    """Shown where nothing has failed, or nothing was tried yet."""

    def show(self, scanned: bool, glyphs: Glyphs, key_of: KeyOf) -> None:
        if scanned:
            title = Content.styled(f"{glyphs.ok} All well: nothing has failed", "bold $text-success")
            text = "\n\nEvery plugin that was found could be read.\n"
            text += "What cannot be read will stand here,\nwith the reason and what to do about it.\n\n"
        else:
            title = Content.styled("Nothing was scanned yet", "bold")
            text = "\n\nPlugins that cannot be read will stand here,\nwith the reason and what to do about it.\n\n"
        keys = ("health_scan", "scan now"), ("browse", "look at the plugins"), ("keys", "all keys")
        self.update(title + Content(text) + key_lines(*((key_of(id_), words) for id_, words in keys)))
