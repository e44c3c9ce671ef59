"""The words of producers in docs/glossary.md. `python -m tests.docs.glossary_page` writes them anew.

What follows the second heading, the words of the code, is written by hand.
"""

from __future__ import annotations

from collections.abc import Iterator

from pluginary_tui import glossary
from tests.docs.markdown import ROOT

PAGE = ROOT / "docs" / "glossary.md"
HAND = "## In the code and its documents"


def page(text: str) -> str:
    """The text of the page with the words as the app has them now."""
    by_hand = text[text.index(HAND) :]
    return "\n".join(_lines()) + "\n" + by_hand


def _lines() -> Iterator[str]:
    yield "# The words"
    yield ""
    yield "In the app `?` and then `w` shows the first three tables."
    yield ""
    for title, words in glossary.sections():
        yield f"## {title}"
        yield ""
        yield "| word | means |"
        yield "|---|---|"
        for word, meaning in words:
            yield f"| {word} | {meaning} |"
        yield ""


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")
