"""What real plugins are, decided by hand: the table in tests/data/sound_truth.tsv."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

FILE = Path(__file__).parents[1] / "data" / "sound_truth.tsv"
WORDS = FILE.with_name("sound_words.tsv")


class Truth(NamedTuple):
    """What a plugin may be called."""

    right: tuple[str, ...]
    """Words that are right, the best first; empty where it cannot be told by hand."""
    wrong: tuple[str, ...]
    """Words that are surely wrong."""


def words() -> dict[str, Truth]:
    """Plugin id -> words for its sound that have to be said, and that must not be."""
    return table(WORDS)


def table(file: Path = FILE) -> dict[str, Truth]:
    """Plugin id -> what it is."""
    found = {}
    for line in file.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            id_, right, wrong = line.split("\t")
            found[id_] = Truth(*(tuple(filter(None, words.split(","))) for words in (right, wrong)))
    return found
