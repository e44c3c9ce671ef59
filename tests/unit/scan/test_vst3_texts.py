"""Texts of VST3 as their 16-bit units come from a plugin."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pluginary_tui.scan.readers.vst3_interfaces import NAME_BYTES, UTF_16, text_16

WORDS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60)


@given(WORDS)
def test_a_text_ends_at_its_first_zero(text: str) -> None:
    raw = f"{text}\0left over".encode(UTF_16).ljust(2 * NAME_BYTES, b"\0")
    if len(text) < 2 or any(ord(letter) & 0xFF for letter in text):
        assert text_16(raw) == text


@given(st.text(st.characters(max_codepoint=0xFF, exclude_characters="\0"), min_size=2, max_size=60))
def test_latin_texts_with_their_bytes_the_wrong_way_round_are_turned(text: str) -> None:
    turned = text.encode("utf-16-be" if UTF_16 == "utf-16-le" else "utf-16-le") + bytes(4)
    assert text_16(turned) == text


def test_zeros_of_two_neighbouring_units_are_no_end() -> None:
    assert text_16("aĀb".encode(UTF_16) + bytes(2)) == "aĀb"
    assert text_16("Āa".encode(UTF_16) + bytes(2)) == "Āa"


def test_a_text_without_an_end_is_whole_and_half_a_pair_is_replaced() -> None:
    assert text_16("x".encode(UTF_16) * 128) == "x" * 128
    assert text_16("a\ud800".encode(UTF_16, "surrogatepass") + bytes(2)) == "a\N{REPLACEMENT CHARACTER}"
