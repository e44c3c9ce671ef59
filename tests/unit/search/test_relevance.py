"""The gate: the right plugin comes first, and what should find nothing finds nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pluginary_tui.model import Plugin
from pluginary_tui.search.index import Index

pytestmark = pytest.mark.short
DATA = Path(__file__).parents[2] / "data" / "search"
FIRST = 10


def load() -> Index:
    plugins = []
    for number, line in enumerate((DATA / "catalogue.tsv").read_text("utf-8").splitlines()):
        name, vendor, kind, category = line.split("\t")
        categories = (category,) if category else ()
        plugins.append(Plugin(str(number), name, vendor, kind.casefold(), categories, key=number))
    return Index(plugins)


@pytest.fixture(scope="module")
def index() -> Index:
    return load()


def queries(file: str) -> Iterator[tuple[str, list[str], str]]:
    """Query, right names (none where nothing should be found) and kind."""
    for line in (DATA / file).read_text("utf-8").splitlines():
        query, right, kind = line.split("\t")
        yield query, [] if right == "-" else right.split(" | "), kind


def first_names(index: Index, query: str) -> list[str]:
    """The first ten different names that a query finds."""
    return list(dict.fromkeys(index.plugins[row].name for row in index.search(query).rows))[:FIRST]


@pytest.mark.parametrize(("file", "least"), [("relevance.tsv", 0.97), ("relevance_generated.tsv", 0.95)])
def test_mean_reciprocal_rank(index: Index, file: str, least: float, capsys: pytest.CaptureFixture[str]) -> None:
    ranks: list[float] = []
    misses = []
    for query, right, kind in queries(file):
        if not right:
            continue
        names = first_names(index, query)
        rank = next((n for n, name in enumerate(names, 1) if name in right), 0)
        ranks.append(1 / rank if rank else 0)
        if rank != 1:
            misses.append(f"{kind:12} {query:28} {rank or '-':>3}  {right[0]:34} {names[0] if names else ''}")
    mean = sum(ranks) / len(ranks)
    with capsys.disabled():
        print(f"\n{file}: MRR@{FIRST} {mean:.4f} of {len(ranks)} queries; not first:")
        print(f"{'kind':12} {'query':28} {'at':>3}  {'right':34} found first")
        print("\n".join(misses) or "none")
    assert mean >= least


def test_what_should_find_nothing_finds_nothing(index: Index) -> None:
    nothing = [query for query, right, _ in queries("relevance.tsv") if not right]
    assert nothing
    assert {query: first_names(index, query) for query in nothing} == {query: [] for query in nothing}


@pytest.mark.parametrize(
    "query",
    [
        "kubernets",
        "spotify",
        "netflix",
        "slack",
        "outlook",
        "wordpress",
        "javascript",
        "postgres",
        "illustrator",
        "banana",
        "qwerty",
        "xyzzy",
        "qqqq",
        "bitcoin",
        "browser",
        "keyboard",
        "bluetooth",
        "microsoft",
        "teams",
        "zoom",
        "dropbox",
    ],
)
def test_words_of_other_worlds_find_nothing(index: Index, query: str) -> None:
    assert first_names(index, query) == []
