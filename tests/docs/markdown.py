"""Reads what the tests hold against the program out of the documents: blocks, tables, links, headings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENTS = (*(ROOT / f"{name}.md" for name in ("README", "CONTRIBUTING", "CHANGELOG")), *(ROOT / "docs").glob("*.md"))

_FENCE = re.compile(r"^```(.*?)$\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`]+)`")
_CELL = re.compile(r"(?<!\\)\|")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block."""

    document: str
    line: int
    info: str
    """What stands behind the fence: `sh`, `sh no-run`, `json`."""
    text: str

    @property
    def place(self) -> str:
        return f"{self.document}:{self.line}"

    @property
    def lines(self) -> list[str]:
        return [line for line in self.text.splitlines() if line.strip()]


@dataclass(frozen=True, slots=True)
class Table:
    """One table."""

    header: tuple[str, ...]
    rows: list[tuple[str, ...]]

    def column(self, name: str) -> list[str]:
        """The cells of one column; empty where the table has none of this name."""
        return [row[self.header.index(name)] for row in self.rows] if name in self.header else []


def blocks(document: Path) -> list[Block]:
    text = document.read_text()
    return [
        Block(document.name, text.count("\n", 0, found.start()) + 1, found[1].strip(), found[2])
        for found in _FENCE.finditer(text)
    ]


def without_blocks(document: Path) -> str:
    return _FENCE.sub("", document.read_text())


def tables(document: Path) -> Iterator[Table]:
    rows: list[tuple[str, ...]] = []
    for line in [*without_blocks(document).splitlines(), ""]:
        if line.startswith("|"):
            cells = [cell.strip().replace("\\|", "|") for cell in _CELL.split(line)[1:-1]]
            rows.append(tuple(cells))
        elif rows:
            yield Table(rows[0], rows[2:])
            rows = []


def spans(text: str) -> list[str]:
    """The pieces of code in a line of text."""
    return _SPAN.findall(text)


def sections(document: Path) -> dict[str, str]:
    """The text below each heading of the second level, blocks included."""
    parts = re.split(r"^## (.+)$", document.read_text(), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def links(document: Path) -> list[str]:
    return _LINK.findall(without_blocks(document))


def anchors(document: Path) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", without_blocks(document), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
