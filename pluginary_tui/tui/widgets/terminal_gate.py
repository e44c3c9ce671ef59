"""The gate between the app's screens and the terminal: no text of a plugin, file or name controls it."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.strip import Strip

from pluginary_tui.terminal_text import printable

if TYPE_CHECKING:
    from rich.console import Console


def shown(text: str) -> str:
    """A piece of a line as it may be written: characters without a width, which a terminal acts on, are left out."""
    return text if text.isprintable() else printable(text, "")


def install() -> None:
    """Let all that Textual draws by itself pass the gate; the IncrementalCompositor calls `shown` itself."""
    if hasattr(Strip.render, "__wrapped__"):
        return
    original = Strip.render

    @wraps(original)
    def render(self: Strip, console: Console) -> str:
        if all(text.isprintable() for text, _, _ in self):
            return original(self, console)
        pieces = [Segment(shown(text), style, control) for text, style, control in self]
        return original(Strip(pieces, self.cell_length), console)

    Strip.render = render  # type: ignore[method-assign]
