"""The index against a slow and obvious evaluator, and what a screen asks of it besides."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pluginary_tui.lookup import by_name
from pluginary_tui.model import Plugin
from pluginary_tui.search import bitset, highlight, match, query_edit, ranking, typos
from pluginary_tui.search.completion import complete
from pluginary_tui.search.index import Index
from pluginary_tui.search.query import Sort, TextMatch
from pluginary_tui.search.result import SearchCancelledError
from pluginary_tui.search.score_levels import best, raised, summed, top_down
from pluginary_tui.search.usage_order import frecency

pytestmark = pytest.mark.short
NOW = datetime(2025, 3, 15, 12, tzinfo=UTC)

NAMES = [
    "Serum",
    "Serum 2",
    "Pro-Q 3",
    "FabFilter Pro-Q 3",
    "ValhallaRoom",
    "Calf Mono Compressor",
    "残響",
    "OTT",
    "Auto-Tune Access",
    "q",
    "",
]
VENDORS = ["", "FabFilter", "Valhalla DSP, LLC", "Calf", "Calf Studio Gear", "月光サウンド"]
CATEGORIES = ["EQ", "Reverb", "Synth", "Compressor"]
TAGS = ["mastering", "Live Set", "a,b"]


def plugin(**values: object) -> Plugin:
    return Plugin(**{"id": f"vst3/x/{values.get('name', '')}", "name": "x", **values})  # type: ignore[arg-type]


PLUGINS = st.builds(
    Plugin,
    id=st.integers(0, 9).map("vst3/x/{}".format),
    name=st.one_of(
        st.sampled_from(NAMES),
        st.lists(st.sampled_from(NAMES), min_size=2, max_size=3).map(" ".join),
        st.text(max_size=8),
    ),
    vendor=st.sampled_from(VENDORS),
    format=st.sampled_from(["vst3", "au", "builtin"]),
    categories=st.lists(st.sampled_from(CATEGORIES), max_size=2).map(tuple),
    kind=st.sampled_from(["effect", "instrument"]),
    status=st.sampled_from(["ok", "crashed", "missing", "skipped"]),
    audio_inputs=st.integers(0, 2),
    audio_outputs=st.integers(0, 2),
    sidechain_inputs=st.integers(0, 1),
    midi_input=st.booleans(),
    midi_output=st.booleans(),
    program_count=st.integers(0, 3),
    loads=st.sampled_from([True, False, None]),
    favourite=st.booleans(),
    hidden=st.integers(0, 9).map(lambda n: n == 0),
    tags=st.lists(st.sampled_from(TAGS), max_size=2).map(tuple),
    parameter_count=st.integers(0, 40),
    uses=st.integers(0, 3),
    change=st.sampled_from(["", "new", "updated", "same"]),
    added_at=st.sampled_from(["", "2025-03-14T10:00:00+00:00", "2024-01-01T00:00:00Z"]),
)
WORDS = ["serum", "pro", "q", "3", "calf", "valhalla", "残", "ott", "srum", "serm", "compresor", "mono", "é"]
FILTERS = [
    "vendor:calf", "vendor:fab", 'vendor="Calf"', "format:vst3", "is:fav", "is:instrument", "is:new", "is:hidden",
    "is:failed", "params>20", "params:5..10", "#mastering", "tag:live", "cat:eq,reverb", "^se", "3$", "'rum", '"pro q"',
    "name:verb", "added:2025", "used:never", "added<today", "status:crashed,missing", 'category=""', "text:calf",
    "is:loadable", "is:midi", "inputs>1",
]  # fmt: skip
TERMS = st.sampled_from([*WORDS, *FILTERS])
QUERIES = st.lists(st.one_of(TERMS, TERMS.map("-{}".format), st.just("|")), max_size=4).map(" ".join)


def found(index: Index, query: str) -> set[int]:
    return set(index.search(query, now=NOW).rows)


def slow_score(term: str, plugins: Sequence[Plugin]) -> list[int]:
    """What DESIGN says of a term, asked of one row after the other."""

    def fields(p: Plugin) -> list[tuple[str, float]]:
        vendor = [(p.vendor, ranking.VENDOR_WEIGHT)]
        return [(p.name, 1.0), *vendor, *((c, ranking.CATEGORY_WEIGHT) for c in p.categories)]

    exact = [[(match.score(term, match.groups(text)), weight) for text, weight in fields(p)] for p in plugins]
    scores = [max(round(score * weight) for score, weight in row) for row in exact]
    if max((score for row in exact for score, _ in row), default=0) <= ranking.GOOD:
        for n, p in enumerate(plugins):
            for field, (text, weight) in enumerate(fields(p)):
                for number, part in enumerate(match.groups(text)):
                    slip = typos.score(term, part)[0]
                    at_start = [typos.score_head(term, part.compact)] if not field and not number else []
                    at_start += [typos.score_run(term, run) for run in _heads(part)] if at_start else []
                    first = max(at_start, default=0)
                    scores[n] = max(scores[n], round(slip * weight), first + match.FIRST if first else 0)
    return scores


def _heads(part: match.Group) -> list[str]:
    return [part.compact[:end] for end in (*part.starts[1:], len(part.compact))]


@settings(deadline=None)
@given(
    st.lists(PLUGINS, max_size=12),
    st.sampled_from(
        [
            "serum",
            "pro",
            "q3",
            "calf",
            "fcm",
            "serm",
            "compresor",
            "valhalaroom",
            "残",
            "響",
            "o",
            "mon",
            "ss",
            "qq",
            "auttua",
        ]
    ),
)
def test_a_word_scores_as_if_every_row_were_asked(plugins: list[Plugin], term: str) -> None:
    index = Index(plugins, now=NOW)
    ranker = ranking.Ranker(
        [p.name for p in index.plugins], [p.vendor for p in index.plugins], [p.categories for p in index.plugins]
    )
    quick = [0] * len(plugins)
    for score, rows in ranker.levels(term, lambda: None).items():
        for row in bitset.rows(rows):
            assert quick[row] == 0
            quick[row] = score
    assert quick == slow_score(term, index.plugins)


@settings(deadline=None)
@given(st.lists(PLUGINS, max_size=12), TERMS, TERMS, TERMS)
def test_terms_obey_set_algebra(plugins: list[Plugin], a: str, b: str, c: str) -> None:
    index = Index(plugins, now=NOW)
    everything = set(range(len(plugins)))

    def rows(query: str) -> set[int]:
        return found(index, f"{query} is:hidden,effect,instrument")  # hidden ones too

    assert rows("") == everything
    one, other, third = rows(a), rows(b), rows(c)
    assert rows(f"{a} | {b}") == one | other
    if one & other & third:  # words that together find nothing forgive each other's slips
        assert rows(f"{a} {b} {c}") == one & other & third
        assert rows(f"{a} {b} | {c}") == one & (other | third)
    assert rows(f"{a} {b}") >= one & other
    taken = one if a in FILTERS else {n for n, p in enumerate(index.plugins) if surely(a, p)}
    assert taken <= one
    assert rows(f"-{a}") == rows(f"!{a}") == everything - taken
    if (everything - taken) & other:
        assert rows(f"-{a} {b}") == (everything - taken) & other


def surely(word: str, p: Plugin) -> bool:
    """Whether a negated word takes a plugin away: a word of its name, vendor or categories starts with it."""
    term = match.compact(word)
    return any(match.score(term, match.groups(text)) >= match.SURE for text in (p.name, p.vendor, *p.categories))


@settings(deadline=None)
@given(st.lists(PLUGINS, max_size=10))
def test_filters_mean_what_they_say(plugins: list[Plugin]) -> None:
    index = Index(plugins, now=NOW)
    means = {
        "is:fav": lambda p: p.favourite,
        "is:instrument": lambda p: p.kind == "instrument",
        "is:failed": lambda p: p.status in ("crashed", "skipped"),
        "is:missing": lambda p: p.status == "missing",
        "is:new": lambda p: p.change == "new",
        "-is:new": lambda p: p.change != "new",
        "is:updated": lambda p: p.change == "updated",
        "is:loadable": lambda p: p.loads is True,
        "-is:loadable": lambda p: p.loads is not True,
        "is:sidechain": lambda p: p.sidechain_inputs > 0,
        "is:midi": lambda p: p.midi_input or p.midi_output,
        "is:mono": lambda p: p.audio_outputs == 1 and p.audio_inputs <= 1,
        "is:stereo": lambda p: p.audio_outputs == 2 and p.audio_inputs in (0, 2),
        "sidechain:yes": lambda p: p.sidechain_inputs > 0,
        "-sidechain:no": lambda p: p.sidechain_inputs > 0,
        "sidechain:1": lambda p: p.sidechain_inputs == 1,
        "is:skipped": lambda p: p.status == "skipped",
        "is:ok": lambda p: p.status == "ok",
        "is:working": lambda p: p.status == "ok",
        "is:crashed": lambda p: p.status == "crashed",
        "is:broken": lambda p: p.status in ("crashed", "skipped"),
        "is:ok,crashed": lambda p: p.status in ("ok", "crashed"),
        "is:tagged": lambda p: bool(p.tags),
        "is:untagged": lambda p: not p.tags,
        "-is:untagged": lambda p: bool(p.tags),
        "is:rated": lambda p: p.rating > 0,
        "is:unrated": lambda p: p.rating == 0,
        "is:noted": lambda p: bool(p.note),
        "is:used": lambda p: p.uses > 0,
        "status:skipped": lambda p: p.status == "skipped",
        "inputs:1": lambda p: p.audio_inputs == 1,
        "outputs>1": lambda p: p.audio_outputs > 1,
        "sidechain>0": lambda p: p.sidechain_inputs > 0,
        "programs:1..2": lambda p: 1 <= p.program_count <= 2,
        "params>20": lambda p: p.parameter_count > 20,
        "params:5..10": lambda p: 5 <= p.parameter_count <= 10,
        "-params:..10": lambda p: p.parameter_count > 10,
        'vendor="calf"': lambda p: p.vendor == "Calf",
        'vendor!="calf"': lambda p: p.vendor != "Calf",
        "vendor:calf": lambda p: p.vendor.startswith("Calf"),
        'vendor:"valhalla dsp"': lambda p: p.vendor.startswith("Valhalla"),
        "v:filter": lambda p: p.vendor == "FabFilter",
        'vendor=""': lambda p: not p.vendor,
        'category=""': lambda p: not p.categories,
        "cat:eq,synth": lambda p: {"EQ", "Synth"} & set(p.categories),
        'tag="a,b"': lambda p: "a,b" in p.tags,
        "#live": lambda p: "Live Set" in p.tags,
        "added<2025": lambda p: p.added_at.startswith("2024"),
        "added:yesterday": lambda p: p.added_at.startswith("2025-03-14"),
        "added:never": lambda p: not p.added_at,
        "name:^se": lambda p: match.fold(p.name).startswith("se"),
        "name:room": lambda p: "room" in match.forms(p.name),
        "'rum": lambda p: "rum" in match.forms(p.name),
        "status:cr,mi": lambda p: p.status in ("crashed", "missing"),
    }
    for query, holds in means.items():
        assert found(index, query) == {n for n, p in enumerate(index.plugins) if holds(p) and not p.hidden}, query


@settings(deadline=None)
@given(st.lists(PLUGINS, max_size=10), st.one_of(QUERIES, st.text(max_size=20)))
def test_any_text_is_answered_and_everything_agrees(plugins: list[Plugin], query: str) -> None:
    index = Index(plugins, now=NOW)
    result = index.search(query, now=NOW)
    rows = list(result.rows)
    assert len(set(rows)) == len(rows) == result.total == len(result.rows)
    assert list(index.search(query, now=NOW, limit=2).rows) == rows[:2]
    assert result.rows[1:3] == rows[1:3]
    if not result.total and result.query.clauses:
        blame = index.blame(query, now=NOW)
        assert blame is not None
        assert blame.total == index.search(blame.without, now=NOW).total
        assert query[slice(*blame.span)] == blame.term
    for row in rows[:3]:
        p = index.plugins[row]
        texts = {"name": p.name, "vendor": p.vendor, "category": ", ".join(p.categories)}
        for field, letters in highlight.letters(highlight.words(result.query), p).items():
            assert list(letters) == sorted(set(letters))
            assert all(0 <= i < len(texts[field]) for i in letters)


@settings(deadline=None)
@given(
    st.lists(PLUGINS, max_size=10), QUERIES, st.sampled_from(["format", "vendor", "category", "kind", "status", "tag"])
)
def test_a_facet_tells_what_choosing_its_values_finds(plugins: list[Plugin], query: str, facet: str) -> None:
    index = Index(plugins, now=NOW)
    if facet == "kind" and "is:" in query:
        return  # states in the query are not the facet's own choice
    for value, count in index.facets(query, now=NOW)[facet]:
        chosen = query
        for other, _ in index.values(facet):
            chosen = query_edit.without_filter(chosen, facet, other)
        if any(query_edit.belongs(clause, facet) for clause in index.parse(chosen).clauses):
            continue  # a choice made by other words than the facet's own
        if not index.search(chosen, now=NOW).total or " | " in f" {chosen} ":
            continue
        assert index.search(query_edit.with_filter(chosen, facet, value), now=NOW).total == count


@settings(deadline=None)
@given(
    st.one_of(QUERIES, st.text(max_size=12)), st.sampled_from(["format", "vendor", "tag", "kind"]), st.text(max_size=8)
)
def test_a_choice_is_added_to_any_line_and_taken_off_again(text: str, facet: str, value: str) -> None:
    value = {"kind": "effect", "format": "vst3"}.get(facet, value.strip())
    chosen = query_edit.with_filter(text, facet, value)
    assert query_edit.has_filter(chosen, facet, value)
    assert query_edit.with_filter(chosen, facet, value) == chosen
    assert not query_edit.has_filter(query_edit.without_filter(chosen, facet, value), facet, value)


def test_choices_of_a_facet_gather_in_one_term() -> None:
    text = query_edit.toggled("reverb", "vendor", "Valhalla DSP")
    assert text == 'reverb vendor="Valhalla DSP"'
    text = query_edit.toggled(text, "vendor", "ZAM")
    assert text == 'reverb vendor="Valhalla DSP",ZAM'
    assert query_edit.toggled(text, "vendor", "Valhalla DSP") == "reverb vendor=ZAM"
    assert query_edit.toggled("reverb vendor=ZAM eq", "vendor", "ZAM") == "reverb eq"
    assert query_edit.toggled("", "kind", "effect") == "is:effect"
    assert query_edit.toggled('"open', "format", "vst3") == 'format:vst3 "open'
    assert query_edit.toggled("a |", "format", "vst3") == "format:vst3 a |"


SHELF = [
    plugin(
        name="ValhallaRoom", vendor="Valhalla DSP", categories=("Reverb",), parameter_count=18, tags=("live",), key=1
    ),
    plugin(name="ValhallaDelay", vendor="Valhalla DSP", categories=("Delay",), parameter_count=34, key=2),
    plugin(name="ZamVerb", vendor="ZAM", categories=("Reverb",), status="crashed", key=3, note="for drums"),
    plugin(name="Q 10", vendor="Waves", categories=("EQ",), format="au", key=4),
    plugin(name="Q 9", vendor="", categories=("EQ",), hidden=True, key=5),
]


def names(index: Index, query: str, **more: object) -> list[str]:
    return [index.plugins[row].name for row in index.search(query, now=NOW, **more).rows]  # type: ignore[arg-type]


def test_facets_lift_their_own_choice_and_keep_the_others() -> None:
    facets = Index(SHELF).facets('vendor="Valhalla DSP" cat:reverb')
    assert facets["vendor"] == [("Valhalla DSP", 1), ("ZAM", 1)]
    assert facets["category"] == [("Delay", 1), ("Reverb", 1)]
    assert facets["status"] == [("ok", 1)]
    assert facets["tag"] == [("live", 1)]


def test_the_order_is_asked_for_in_words() -> None:
    index = Index(SHELF)
    assert names(index, "") == ["Q 10", "ValhallaDelay", "ValhallaRoom", "ZamVerb"]
    assert names(index, "sort:-name") == ["ZamVerb", "ValhallaRoom", "ValhallaDelay", "Q 10"]
    assert names(index, "is:hidden,effect sort:name")[:2] == ["Q 9", "Q 10"]
    assert names(index, "is:hidden,effect sort:vendor")[-1] == "Q 9"
    assert names(index, "is:hidden,effect sort:-vendor")[-1] == "Q 9"
    assert names(index, "verb sort:-params") == ["ValhallaRoom", "ZamVerb"]
    assert names(index, "", order=[Sort("params", True)])[0] == "ValhallaDelay"
    assert names(index, "sort:-params")[:2] == ["ValhallaDelay", "ValhallaRoom"]
    assert names(index, "sort:category,-params")[0] == "ValhallaDelay"


def test_hidden_plugins_show_when_they_are_asked_for() -> None:
    index = Index(SHELF)
    assert names(index, "q") == ["Q 10"]
    assert names(index, "is:hidden") == ["Q 9"]


def test_measured_figures_filter_and_sort() -> None:
    room, delay, *_ = SHELF
    index = Index(SHELF, figures={"cpu": {room.id: 0.8, delay.id: 1.5}})
    assert names(index, "cpu<1") == ["ValhallaRoom"]
    assert names(index, "sort:-cpu")[:2] == ["ValhallaDelay", "ValhallaRoom"]


def test_the_term_to_blame_is_told_with_the_query_without_it() -> None:
    index = Index(SHELF)
    blame = index.blame("verb vendor:nobody format:vst3")
    assert blame is not None
    assert (blame.term, blame.without, blame.total) == ("vendor:nobody", "verb format:vst3", 2)
    blame = index.blame("cat:delay vendor:zam valhalla")
    assert blame is not None
    assert (blame.term, blame.total) == ("vendor:zam", 1)
    assert index.blame("verb") is None


def test_use_raises_a_plugin_among_equals_only() -> None:
    used = "2025-03-14T10:00:00+00:00"
    shelf = [
        plugin(name="Alpha Reverb"),
        plugin(name="Bravo Reverb", uses=3, used_at=used),
        plugin(name="Reverb", vendor="x"),
        plugin(name="Delta Room", vendor="Reverb Labs", uses=999, used_at=used),
    ]
    index = Index(shelf, now=NOW)
    assert names(index, "reverb") == ["Reverb", "Bravo Reverb", "Alpha Reverb", "Delta Room"]
    assert names(index, "reverb sort:name") == ["Alpha Reverb", "Bravo Reverb", "Delta Room", "Reverb"]
    assert frecency(shelf[1], NOW) > frecency(shelf[0], NOW) == 0
    assert frecency(plugin(uses=3, used_at="2024-03-14"), NOW) < 0.01
    assert frecency(plugin(uses=3, used_at="bad"), NOW) == 0


def test_what_changed_by_hand_is_read_again_after_refresh() -> None:
    shelf = [plugin(name="Serum"), plugin(name="Vital")]
    index = Index(shelf)
    assert not names(index, "is:fav")
    shelf[1].favourite = True
    shelf[1].tags = ("live",)
    index.refresh()
    assert names(index, "is:fav #live") == ["Vital"]


class Parameters:
    """A lookup over (key, parameter, unit)."""

    rows = ((1, "Dry/Wet", "%"), (1, "Decay", "s"), (2, "Dry/Wet", ""), (2, "Feedback", "%"), (3, "Sidechain", "%"))

    def with_parameter(self, names: Sequence[TextMatch], units: Sequence[TextMatch]) -> Collection[int]:
        def fits(wanted: Sequence[TextMatch], text: str) -> bool:
            return not wanted or any(w.matches(text) for w in wanted)

        return {key for key, name, unit in self.rows if fits(names, name) and fits(units, unit)}

    def with_text(self, wanted: TextMatch) -> Collection[int]:
        return {key for key, name, _ in self.rows if wanted.matches(name)}


def test_parameters_are_looked_up_name_and_unit_together() -> None:
    index = Index(SHELF, lookup=Parameters())
    assert names(index, 'param:"dry/wet"') == ["ValhallaDelay", "ValhallaRoom"]
    assert names(index, 'param:"dry/wet" unit:%') == ["ValhallaRoom"]
    assert names(index, "unit:%") == ["ValhallaDelay", "ValhallaRoom", "ZamVerb"]
    assert names(index, "unit:% -param:dry") == ["ZamVerb"]
    assert names(index, "text:sidechain") == names(index, "text:drums") == ["ZamVerb"]
    assert names(index, "text:valhalla -text:feedback") == ["ValhallaRoom"]


def test_without_a_lookup_parameters_find_nothing_and_say_so() -> None:
    result = Index(SHELF).search("param:mix")
    assert result.total == 0
    assert [m.text for m in result.messages] == ["param: cannot be looked up here"]


def test_a_search_is_abandoned_when_told_to() -> None:
    with pytest.raises(SearchCancelledError):
        Index(SHELF).search("valhalla", cancelled=lambda: True)


def test_a_warm_index_answers_the_same() -> None:
    index = Index(SHELF)
    index.warm()
    for query in ("", "valhala", "vr", "verb vendor:zam"):
        assert list(index.search(query).rows) == list(Index(SHELF).search(query).rows)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("ven", "vendor:"),
        ("-cat", "-category:"),
        ("reverb vendor:va", '"Valhalla DSP"'),
        ('vendor:"valhalla d', '"Valhalla DSP"'),
        ("vendor=ZAM,val", '"Valhalla DSP"'),
        ("cat:", "EQ"),
        ("#li", "#live"),
        ("is:fa", "fav"),
        ("sort:-par", "-params"),
        ("added:to", "today"),
        ("format:v", "vst3"),
    ],
)
def test_a_completion_takes_the_place_of_what_was_typed(text: str, first: str) -> None:
    completion = complete(Index(SHELF), text, len(text))[0]
    assert completion.text == first
    assert completion.end == len(text)
    completed = text[: completion.start] + completion.text
    assert completed.endswith(first)
    assert Index(SHELF).parse(completed).messages == () or completed.endswith(":")


@pytest.mark.parametrize("text", ["", "reverb ", "xyz", "params>", "name:va", "vendor:zzz", "vendor:zam"])
def test_nothing_is_offered_where_there_is_nothing_to_offer(text: str) -> None:
    assert complete(Index(SHELF), text, len(text)) == []


@settings(deadline=None)
@given(st.lists(st.integers(0, 200), unique=True), st.integers(0, 3))
def test_sets_of_rows_are_sets(rows: list[int], spread: int) -> None:
    rows = sorted(row << spread for row in rows)
    held = set(rows)
    size = (201 << spread) * (1 + 40 * (spread == 3))
    made = bitset.of_rows(rows, size)
    assert list(bitset.rows(made)) == rows
    assert [n for n, flag in enumerate(bitset.mask(made, size)) if flag] == rows
    assert bitset.of_flags(row in held for row in range(size)) == made


LEVELS = st.lists(st.tuples(st.integers(1, 5), st.integers(0, 255)), max_size=4)


@settings(deadline=None)
@given(LEVELS, LEVELS, st.integers(0, 255), st.integers(0, 255))
def test_levels_are_sums_of_best_scores(
    a: list[tuple[int, int]], b: list[tuple[int, int]], found: int, used: int
) -> None:
    def score(scored: list[tuple[int, int]], row: int) -> int:
        return max((s for s, rows in scored if rows >> row & 1), default=0)

    levels = raised(summed([best(a), best(b)], found), {3: used}, 2)
    rows = [row for row in range(8) if found >> row & 1]
    expected = {row: score(a, row) + score(b, row) + 6 * (used >> row & 1) for row in rows}
    assert {row: s for s, held in levels.items() for row in bitset.rows(held)} == expected
    assert list(top_down(levels)) == sorted(rows, key=lambda row: (-expected[row], row))


def test_of_one_name_what_pedalboard_loads_comes_first() -> None:
    formats = ("ladspa", "clap", "au", "lv2", "vst3")
    shelf = [plugin(id=f"{format_}/x/comp", name="Comp", format=format_) for format_ in formats]
    shelf.append(plugin(id="vst3/y/comp", name="Comp", format="vst3", loads=False))
    index = Index(shelf, now=NOW)
    for query in ("", "comp", "sort:name", "f:vst3,au,clap,lv2,ladspa"):
        ids = [index.plugins[row].id for row in index.search(query).rows]
        expected = ["vst3/x/comp", "au/x/comp", "clap/x/comp", "lv2/x/comp", "ladspa/x/comp", "vst3/y/comp"]
        assert ids == expected, query
    shelf[1] = replace(shelf[1], uses=9, used_at="2025-03-14T00:00:00Z")
    shelf = [replace(each, product="x/comp") for each in shelf]
    index = Index(shelf, now=NOW)
    (first, *_) = (index.plugins[row].id for row in index.search("comp").rows)
    assert first == "vst3/x/comp", "the use of one format counts for all"
    assert [each.id for each in by_name(shelf)][:2] == ["vst3/x/comp", "au/x/comp"]
