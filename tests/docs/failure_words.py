"""The words of failures in docs/troubleshooting.md. `python -m tests.docs.failure_words` writes them anew.

The page gives the beginning of each row, what the app says of it follows. Rows are added by hand, with the first two
cells of the tables of reading, or the first cell of the table of loading.
"""

from __future__ import annotations

from collections.abc import Iterator

from pluginary_tui.model import Outcome
from pluginary_tui.scan.diagnosis import diagnose, diagnose_load
from tests.docs.markdown import ROOT

PAGE = ROOT / "docs" / "troubleshooting.md"
READING = "| ended | message | in the list | what happened | what to do |"
LOADING = "| pedalboard says | what the app says |"


def page(text: str) -> str:
    """The text of the page with the words as the app has them now."""
    return "\n".join(_lines(text)) + "\n"


def _lines(text: str) -> Iterator[str]:
    header = ""
    for line in text.splitlines():
        if not line.startswith("|"):
            header = ""
        elif not header:
            header = line
        elif not line.startswith("|---"):
            cells = [cell.strip() for cell in line.split("|")[1:-1]]
            if header == READING:
                line = _reading(cells[0], cells[1])
            elif header == LOADING:
                line = f"| {cells[0]} | {diagnose_load(cells[0].strip('`')).why} |"
        yield line


def _reading(ended: str, message: str) -> str:
    outcome, _, where = ended.partition(" ")
    stage, _, signal = where.partition(" ")
    found = diagnose(Outcome(outcome), message.strip("`"), stage, signal)
    return f"| {ended} | {message} | {found.short} | {found.why} | {found.advice} |"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text()))
