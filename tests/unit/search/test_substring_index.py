"""Texts found by some of their letters, all at once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pluginary_tui.search.substring_index import SubstringIndex

LETTERS = st.text("abé残 ", max_size=6)


@given(st.lists(LETTERS), LETTERS.filter(bool))
def test_holding_finds_what_a_look_at_each_text_finds(texts: list[str], letters: str) -> None:
    assert SubstringIndex(texts).containing(letters) == [number for number, text in enumerate(texts) if letters in text]
