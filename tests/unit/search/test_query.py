"""The query language: every term of the grammar, every message, and no text that breaks it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pluginary_tui.errors import QueryError
from pluginary_tui.model import Plugin
from pluginary_tui.search import dates, fields
from pluginary_tui.search.index import Index
from pluginary_tui.search.query import DateRange, Filter, NumberRange, Sort, TextMatch, Word, caret, parse, strict

pytestmark = pytest.mark.short

_PIECES = st.sampled_from(
    [
        "vendor:",
        "params>",
        '"',
        "'",
        "^",
        "$",
        "#",
        "-",
        "!",
        "|",
        " ",
        ",",
        "..",
        "is:fav",
        "sort:-",
        "added:",
        "7d",
        "a",
    ]
)
TEXTS = st.one_of(st.text(), st.lists(_PIECES, max_size=12).map("".join))


def shape(text: str) -> list[list[tuple[str, str, bool]]]:
    """Clauses as (kind, text, negated) for terms of words."""
    return [
        [(t.how if isinstance(t, Word) else t.field, t.text if isinstance(t, Word) else "", t.negated) for t in clause]
        for clause in parse(text).clauses
    ]


@pytest.mark.parametrize(
    ("text", "how", "word", "negated"),
    [
        ("reverb", "fuzzy", "reverb", False),
        ("-reverb", "fuzzy", "reverb", True),
        ("!reverb", "fuzzy", "reverb", True),
        ('"dry wet"', "anywhere", "dry wet", False),
        ('-"dry wet"', "anywhere", "dry wet", True),
        ('"open quote', "anywhere", "open quote", False),
        ('"a ""b"" c"', "anywhere", 'a "b" c', False),
        ("'exact", "anywhere", "exact", False),
        ("^pre", "prefix", "pre", False),
        ("verb$", "suffix", "verb", False),
        ("^whole$", "whole", "whole", False),
        ("smart:EQ", "fuzzy", "smart:EQ", False),
        ("u-he", "fuzzy", "u-he", False),
        ("残響", "fuzzy", "残響", False),
    ],
)
def test_a_word(text: str, how: str, word: str, negated: bool) -> None:
    assert shape(text) == [[(how, word, negated)]]


def test_terms_are_joined_by_and_and_a_lone_bar_joins_its_two_neighbours() -> None:
    words = [[t.text for t in clause if isinstance(t, Word)] for clause in parse("a b | c | d e").clauses]
    assert words == [["a"], ["b", "c", "d"], ["e"]]


@pytest.mark.parametrize("text", ["| a", "a |", "a | | a", "a | vendor:", "|"])
def test_a_bar_without_two_neighbours_joins_nothing(text: str) -> None:
    assert all(isinstance(t, Word) and t.text == "a" for clause in parse(text).clauses for t in clause)
    assert not parse(text).messages or text.endswith("vendor:")


@pytest.mark.parametrize(
    ("text", "field", "values"),
    [
        ("vendor:valhalla", "vendor", (TextMatch("valhalla"),)),
        ("v:valhalla", "vendor", (TextMatch("valhalla"),)),
        ("VENDOR:x", "vendor", (TextMatch("x"),)),
        ('vendor:"Valhalla DSP"', "vendor", (TextMatch("Valhalla DSP"),)),
        ('vendor="Audio Damage, Inc."', "vendor", (TextMatch("Audio Damage, Inc.", "whole"),)),
        ("vendor:a,b", "vendor", (TextMatch("a"), TextMatch("b"))),
        ('vendor="a b",c', "vendor", (TextMatch("a b", "whole"), TextMatch("c", "whole"))),
        ("vendor:a,", "vendor", (TextMatch("a"),)),
        ('vendor=""', "vendor", (TextMatch("", "whole"),)),
        ("name:^pro", "name", (TextMatch("pro", "prefix"),)),
        ("cat:verb$", "category", (TextMatch("verb", "suffix"),)),
        ('param:"dry/wet"', "param", (TextMatch("dry/wet", "anywhere"),)),
        ("unit:%", "unit", (TextMatch("%", "whole"),)),
        ("#mastering", "tag", (TextMatch("mastering"),)),
        ("is:favourite,new", "is", ("fav", "new")),
        ("params:20", "params", (NumberRange(20, 20),)),
        ("params:10..20", "params", (NumberRange(10, 20),)),
        ("params:..20", "params", (NumberRange(high=20),)),
        ("params>=2k", "params", (NumberRange(low=2000),)),
        ("params:<=1.5", "params", (NumberRange(high=1.5),)),
        ("added:2025-03", "added", (DateRange(":", "2025-03"),)),
        ("added>=today", "added", (DateRange(">=", "today"),)),
        ("added:2025..7d", "added", (DateRange("..", "2025", "7d"),)),
        ("used:never", "used", (DateRange(":", "never"),)),
    ],
)
def test_a_filter(text: str, field: str, values: tuple[object, ...]) -> None:
    query = parse(text)
    assert query.messages == ()
    (term,) = query.terms
    assert isinstance(term, Filter)
    assert (term.field, term.values, term.negated) == (field, values, False)
    (negated,) = parse("-" + text).terms
    assert negated.negated


def test_more_than_and_less_than_leave_the_number_itself_out() -> None:
    for text, number, holds in [("params>20", 20, False), ("params>20", 21, True), ("params<20", 20, False)]:
        (term,) = parse(text).terms
        assert isinstance(term, Filter)
        assert isinstance(term.values[0], NumberRange)
        assert term.values[0].matches(number) is holds


def test_not_equal_is_a_negated_equal() -> None:
    (term,) = parse("vendor!=zam").terms
    assert isinstance(term, Filter)
    assert (term.values, term.negated) == ((TextMatch("zam", "whole"),), True)


def test_sort_is_no_term() -> None:
    query = parse("eq sort:-added,name")
    assert len(query.terms) == 1
    assert query.sort == (Sort("added", True), Sort("name"))


def test_a_measured_figure_is_a_field_where_it_is_known() -> None:
    assert isinstance(parse("cpu>5").terms[0], Word)
    assert parse("cpu>5 sort:-cpu", {"cpu"}).sort == (Sort("cpu", True),)
    assert isinstance(parse("cpu>5", {"cpu"}).terms[0], Filter)


@pytest.mark.parametrize(
    ("text", "column", "length", "level", "part"),
    [
        ("eq vendr:zam", 3, 5, "hint", "did you mean vendor:?"),
        ("eq params>many", 10, 4, "error", "not many"),
        ("params:1,x,3", 9, 1, "error", "not x"),
        ("added:soon", 6, 4, "error", "today or 7d"),
        ("added:2025-13", 6, 7, "error", "2025-13"),
        ("is:favv", 3, 4, "error", "did you mean is:fav?"),
        ("is:zzz", 3, 3, "error", "one of effect"),
        ("sort:nam", 5, 3, "error", "did you mean name?"),
        ("vendor>zam", 0, 10, "error", "only with"),
        ("eq vendor:", 3, 7, "unfinished", "wants a value"),
    ],
)
def test_a_message_says_what_and_where(text: str, column: int, length: int, level: str, part: str) -> None:
    (message,) = parse(text).messages
    assert (message.start, message.length, message.level) == (column, length, level)
    assert part in message.text


@pytest.mark.parametrize(
    "text", ["eq params>many", "eq added:soon", "eq is:zzz", "eq sort:zzz", "eq vendor:", "eq -", "eq #"]
)
def test_what_is_not_understood_leaves_the_rest(text: str) -> None:
    assert [t.text for t in parse(text).terms if isinstance(t, Word)] == ["eq"]
    assert len(parse(text).terms) == 1


def test_a_word_before_a_colon_that_is_no_field_is_named_unless_a_plugin_is_called_so() -> None:
    index = Index([Plugin("x", "smart:EQ 3")])
    assert index.search("smart:EQ").messages == ()
    for query in ("colour:red", "-author_name:zam", "smart:comp"):
        (message,) = index.search(query).messages
        assert "no field is called" in message.text
        assert query[message.start : message.start + message.length] == query.lstrip("-").partition(":")[0]


@pytest.mark.parametrize("query", ["status:brokn", "-status:brokn", "status:ok,crashd"])
def test_a_status_that_does_not_exist_is_named(query: str) -> None:
    (message,) = parse(query).messages
    assert "no status is called" in message.text
    assert parse("status:crash,ok -status:miss").messages == ()


def test_a_product_with_a_colon_gets_no_hint() -> None:
    assert parse("smart:EQ 3").messages == ()


def test_where_nothing_may_be_passed_over_the_message_comes_with_a_caret() -> None:
    with pytest.raises(QueryError) as error:
        strict("残 eq params>many")
    query, marks, sentence = str(error.value).split("\n")
    assert query == "残 eq params>many"
    assert marks == " " * 13 + "^^^^"  # the first letter is two columns wide
    assert "number" in sentence
    assert strict("vendr:zam").terms
    with pytest.raises(QueryError):
        strict("vendor:")


def test_a_caret_has_at_least_one_mark() -> None:
    assert caret("", parse("vendor:").messages[0]).split("\n")[1] == "^"


@settings(deadline=None)
@given(TEXTS)
@example('vendor:"')
@example('-"')
@example('a,"b"c|')
@example("added:9999-12-31..99999y")
def test_no_text_makes_the_parser_raise_and_every_column_lies_within(text: str) -> None:
    query = parse(text)
    for message in query.messages:
        assert 0 <= message.start <= message.start + message.length <= len(text)
    at = 0
    for term in query.terms:
        start, end = term.span
        assert at <= start < end <= len(text)
        at = end


NOW = datetime(2025, 3, 15, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("op", "low", "high", "bounds"),
    [
        (":", "2025", "", ("2025-01-01T00:00:00", "2026-01-01T00:00:00")),
        (":", "2024-12", "", ("2024-12-01T00:00:00", "2025-01-01T00:00:00")),
        (":", "2025-03-09", "", ("2025-03-09T00:00:00", "2025-03-10T00:00:00")),
        (":", "2025-03-09T10:20", "", ("2025-03-09T10:20:00", "2025-03-09T10:21:00")),
        (":", "2025-03-09T10:20:30Z", "", ("2025-03-09T10:20:30", "2025-03-09T10:20:31")),
        (":", "today", "", ("2025-03-15T00:00:00", "2025-03-16T00:00:00")),
        (":", "yesterday", "", ("2025-03-14T00:00:00", "2025-03-15T00:00:00")),
        (":", "7d", "", ("2025-03-08T12:30:00", "")),
        (">", "12h", "", ("2025-03-15T00:30:00", "")),
        ("<", "2w", "", ("", "2025-03-01T12:30:00")),
        (">", "2025-02", "", ("2025-03-01T00:00:00", "")),
        (">=", "2025-02", "", ("2025-02-01T00:00:00", "")),
        ("<", "2025-02", "", ("", "2025-02-01T00:00:00")),
        ("<=", "2025-02", "", ("", "2025-03-01T00:00:00")),
        ("..", "2025-01", "2025-02", ("2025-01-01T00:00:00", "2025-03-01T00:00:00")),
        ("..", "", "1y", ("", "2024-03-15T12:30:00")),
        (":", "9999", "", ("", "")),
        (":", "0001", "", ("0001-01-01T00:00:00", "0002-01-01T00:00:00")),
    ],
)
def test_what_a_date_means(op: str, low: str, high: str, bounds: tuple[str, str]) -> None:
    assert dates.bounds(op, low, high, NOW) == bounds


def test_days_are_those_of_the_time_zone_asked_in() -> None:
    there = datetime.fromisoformat("2025-03-15T01:00:00+02:00")
    assert dates.bounds(":", "today", "", there) == ("2025-03-14T22:00:00", "2025-03-15T22:00:00")


@settings(deadline=None)
@given(st.text())
def test_any_text_is_a_date_or_not(text: str) -> None:
    found = dates.span(text, NOW)
    assert found is None or found[0] <= found[1]


def test_every_field_and_state_can_be_asked_for() -> None:
    for field in fields.FIELDS:
        assert fields.find(field.name) is field
        assert not field.alias or fields.find(field.alias) is field
    assert [fields.state(name) for name in fields.STATE_NAMES] == list(fields.STATE_NAMES)
