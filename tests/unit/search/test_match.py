"""Folding, words, scores of a term on a text, slips, and which letters were meant."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pluginary_tui.search import match, typos
from pluginary_tui.search.highlight import matched_letters, typo_letters

pytestmark = pytest.mark.short


def words(text: str) -> list[str]:
    return [word for group in match.groups(text) for word in group.words]


def score(term: str, text: str) -> int:
    return match.score(match.compact(term), match.groups(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FabFilter Pro-Q 3", "fab filter pro q 3"),
        ("ProQ3", "pro q 3"),
        ("CHOWTapeModel", "chow tape model"),
        ("kHs Bitcrush", "k hs bitcrush"),
        ("x42-eq - Parametric", "x 42 eq parametric"),
        ("UADx 1176LN", "ua dx 1176 ln"),
        ("ValhallaÜberMod", "valhalla uber mod"),
        ("Größenwandler", "grossenwandler"),
        ("Smørrebrød Łódź Æther", "smorrebrod lodz aether"),
        ("音圧メーカー", "音圧 メーカー"),
        ("Эхо Мастер", "эхо мастер"),
        ("ＯＴＴ", "ott"),
        ("smart:EQ_3", "smart eq 3"),
        ("—", ""),
    ],
)
def test_words_are_split_at_punctuation_case_and_digits(text: str, expected: str) -> None:
    assert words(text) == expected.split()


def test_folding_takes_case_marks_and_spaces() -> None:
    assert match.fold("  Crème   BRÛLÉE ") == "creme brulee"
    assert match.plain("Dry/Wet (Mix)") == "dry wet mix"
    assert match.squeezed("Pro-Q 3") == "proq 3"


def test_better_matches_score_higher() -> None:
    ladder = [
        score("ott", "OTT"),
        score("pro", "Pro-Q 3"),
        score("disc", "Discovery Pro"),
        score("pro", "Discovery Pro"),
        score("shim", "ValhallaShimmer"),
        score("prq3", "FabFilter Pro-Q 3"),
        score("ystal", "Crystallizer"),
        score("rys", "Crystallizer"),
        0,
    ]
    assert ladder == sorted(ladder, reverse=True)
    assert len(set(ladder)) == len(ladder)


@pytest.mark.parametrize(
    ("term", "text"),
    [
        ("proq3", "FabFilter Pro-Q 3"),
        ("valvive", "ValhallaVintageVerb"),
        ("bbadehg2", "Black Box Analog Design HG-2"),
        ("khsc", "kHs Comb Filter"),
        ("lspppeqx16", "LSP P Parametric Equalizer x16"),
        ("e10equ", "Ozone 10 Equalizer"),
        ("残", "残響"),
        ("響", "残響"),
        ("creme", "Crème Brûlée"),
    ],
)
def test_a_term_matches(term: str, text: str) -> None:
    assert score(term, text) > 0


@pytest.mark.parametrize(
    ("term", "text"),
    [
        ("r", "Serum"),
        ("serm", "Serum"),
        ("photoshop", "Phaser Hot Shop"),
        ("q3", "Quanta 2"),
        ("", "Serum"),
        ("a", ""),
    ],
)
def test_a_term_does_not_match(term: str, text: str) -> None:
    assert score(term, text) == 0


@pytest.mark.parametrize(
    ("term", "word"),
    [
        ("serm", "Serum"), ("serim", "Serum"), ("seurm", "Serum"), ("serrum", "Serum"), ("esrum", "Serum"),
        ("decapitor", "Decapitator"), ("grallion", "Graillon"), ("iuigtec", "PuigTec"), ("cmprssr", "Compressor"),
        ("valhalashi", "ValhallaShimmer"), ("autotnue", "Auto-Tune"),
    ],
)  # fmt: skip
def test_a_slip_is_forgiven(term: str, word: str) -> None:
    assert typos.score(term, match.groups(word)[0])[0] > 0


@pytest.mark.parametrize(
    ("term", "word"),
    [
        ("srm", "Serum"), ("zoom", "Room"), ("slack", "Slick"), ("teams", "Team"), ("gimp", "impOSCar"),
        ("chrome", "Chromaphone"), ("wireless", "Timeless"), ("microsoft", "MicroShift"), ("zzzz", "Zebra"),
    ],
)  # fmt: skip
def test_another_word_is_not_taken_for_a_slip(term: str, word: str) -> None:
    assert typos.score(term, match.groups(word)[0]) == (0, 0)


def test_beside_other_words_a_short_term_may_be_further_off() -> None:
    (part,) = match.groups("Calf")
    assert typos.score("clf", part) == (0, 0)
    assert typos.score("clf", part, alone=False)[0] > 0


def positions(term: str, text: str) -> tuple[int, ...]:
    return matched_letters(term, text) or typo_letters(term, text)


@pytest.mark.parametrize(
    ("term", "text", "shown"),
    [
        ("proq3", "FabFilter Pro-Q 3", "PoQ3r"),
        ("valvive", "ValhallaVintageVerb", "ValViVe"),
        ("uber", "ValhallaÜberMod", "Über"),
        ("verb", "Reverb OldSkoolVerb", "Verb"),
        ("fx", "ﬁx Crystallizer FX", "FX"),
        ("gross", "Größe", "Größ"),
        ("serm", "Serum", "Serm"),
        ("残", "残響", "残"),
        ("zzz", "Serum", ""),
    ],
)
def test_the_letters_that_were_meant(term: str, text: str, shown: str) -> None:
    assert sorted(text[i] for i in positions(term, text)) == sorted(shown)


@settings(deadline=None)
@given(st.text(max_size=12), st.text(max_size=40))
def test_highlighting_stays_within_the_text(term: str, text: str) -> None:
    found = positions(match.compact(term), text)
    assert list(found) == sorted(set(found))
    assert all(0 <= i < len(text) for i in found)


@settings(deadline=None)
@given(st.text(alphabet="abAB1-", min_size=1, max_size=5), st.text(alphabet="abAB1 -", max_size=30))
def test_letters_are_shown_where_there_is_a_score_and_nowhere_else(term: str, text: str) -> None:
    term = match.compact(term)
    assert bool(matched_letters(term, text)) == bool(match.score(term, match.groups(text)))


@settings(deadline=None)
@given(st.text(alphabet="abAB12 -é音", max_size=30))
def test_a_text_names_itself_and_each_of_its_words(text: str) -> None:
    term = match.compact(text)
    assert match.score(term, match.groups(text)) == (match.WHOLE if term else 0)
    assert all(match.score(word, match.groups(text)) >= match.START for word in words(text))


@settings(deadline=None)
@given(st.text(alphabet="abcAB 1", max_size=20), st.text(alphabet="abc1", min_size=1, max_size=6))
def test_the_quick_pattern_never_misses_an_acronym(text: str, term: str) -> None:
    held = words(text)
    if match.acronym(term, held):
        assert match.acronym_pattern(term).search("".join(f" {word}" for word in held))
        letters = match.acronym_letters(term, held)
        assert "".join("".join(held)[i] for i in letters) == term


@given(st.text([chr(code) for code in range(33, 127)], max_size=20))
def test_ascii_has_the_words_that_the_table_of_letters_gives(part: str) -> None:
    with_a_letter_of_the_table = match.group(f"{part}-ж")  # one that is not ASCII, and a word by itself
    alone = match.group(part)
    assert with_a_letter_of_the_table is not None
    assert (alone.words if alone else ()) == with_a_letter_of_the_table.words[:-1]


@given(term=st.text("abc", min_size=2, max_size=2), initials=st.text("abc", max_size=12))
def test_two_letters_are_an_acronym_by_the_same_rules(term: str, initials: str) -> None:
    assert match.acronym_of_two(term, initials) == match.acronym(term, initials)
