"""Lines of marked-up text without a widget: pieces with the name of a style, and wrapping to a width."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rich.cells import cell_len, chop_cells

Piece = tuple[str, str]
"""A text and the name of its style, one of LOOKS."""

LOOKS = (
    *("title", "text", "quiet", "label", "head", "star", "bad", "string", "keyword", "number"),
    *("curve", "second", "grid"),
)
"""Names of styles. Text after a `label` is indented to the label's width where the line wraps."""

Line = list[Piece]

_WORDS = re.compile(r"\S+|\s+")


def wrapped(line: Line, width: int) -> Iterator[Line]:
    """The line broken at spaces, or within a word longer than `width` cells, so that nothing is cut. At least one."""
    indent = cell_len(line[0][0]) if line and line[0][1] == "label" and width >= 24 else 0
    row: Line = []
    used = 0
    for text, look in line:
        for word in _WORDS.findall(text):
            for part in [word] if cell_len(word) <= width - indent else chop_cells(word, max(1, width - indent)):
                cells = cell_len(part)
                if used + cells > width:
                    yield row
                    row, used = [(" " * indent, "text")], indent
                    part = part.lstrip()
                    cells = cell_len(part)
                row.append((part, look))
                used += cells
    yield row
