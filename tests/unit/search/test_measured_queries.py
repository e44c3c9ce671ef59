"""What was measured, as queries name it: figures, states, what it behaves like; and their completion."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pluginary_tui.config.table import SORTS
from pluginary_tui.errors import QueryError
from pluginary_tui.figures import range_text
from pluginary_tui.model import Plugin
from pluginary_tui.plugin_fields import COLUMNS, FACETS, SORT_KEYS, TABLE
from pluginary_tui.search.completion import complete
from pluginary_tui.search.index import Index
from pluginary_tui.search.query import strict
from pluginary_tui.search.query_edit import excluding, has_filter, left_out, toggled
from pluginary_tui.sound.metrics import METRICS, VERDICTS
from pluginary_tui.sound.overview import ABOUT, Measurements
from pluginary_tui.tui.core.columns import COLUMNS as SHOWN
from pluginary_tui.tui.core.columns import cell

pytestmark = pytest.mark.short

HALL, ROOM, FUZZ = (Plugin(f"vst3/x/{name.casefold()}", name, "X") for name in ("Hall", "Room", "Fuzz"))
NONE = Measurements()
MEASURED = Measurements(
    {**NONE.figures, "cpu": {HALL.id: 4.0, ROOM.id: 0.5}, "decay": {HALL.id: 2.5, ROOM.id: 0.4}},
    {**NONE.states, "noisy": {HALL.id}, "identity": {FUZZ.id}, "measured": {HALL.id, ROOM.id}},
    {HALL.id: "reverb", ROOM.id: "reverb", FUZZ.id: "distortion"},
    {
        "sounds": {HALL.id: ("lush", "dark"), FUZZ.id: ("dirty", "dark")},
        "knob": {HALL.id: ("Size: longer",), FUZZ.id: ("Drive: dirtier, louder", "Tone: darker")},
    },
)


def index(found: Measurements = MEASURED) -> Index:
    plugins = [HALL, ROOM, FUZZ]
    return Index(
        plugins, None, found.figures, states=found.states, behaves=found.behaves, words=found.words, about=ABOUT
    )


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("cpu<5 decay>2", ["Hall"]),
        ("cpu<5 decay>2 latency=0", ["Hall"]),
        ("is:noisy", ["Hall"]),
        ("is:noisy,identity sort:name", ["Fuzz", "Hall"]),
        ("-is:noisy sort:name", ["Fuzz", "Room"]),
        ("is:measured sort:-decay", ["Hall", "Room"]),
        ("is:unstable", []),
        ("is:unmeasured", ["Fuzz"]),
        ("-is:unmeasured sort:name", ["Hall", "Room"]),
        ("behaves:reverb sort:cpu", ["Room", "Hall"]),
        ("behaves:dist", ["Fuzz"]),
        ("behaves:reverb -is:noisy", ["Room"]),
        ("sort:behaves,-name", ["Fuzz", "Room", "Hall"]),
        ("sort:-cpu", ["Hall", "Room", "Fuzz"]),
        ("sounds:lush", ["Hall"]),
        ("sounds:dark sort:name", ["Fuzz", "Hall"]),
        ("sounds:dark -sounds:dirty", ["Hall"]),
        ("sounds:warm", []),
        ("knob:darker", ["Fuzz"]),
        ('knob:"drive dirtier"', ["Fuzz"]),
        ("knob:longer,louder sort:name", ["Fuzz", "Hall"]),
    ],
)
def test_queries(query: str, found: list[str]) -> None:
    searched = index()
    result = searched.search(query)
    assert [searched.plugins[row].name for row in result.rows] == found
    assert result.messages == ()


def test_every_name_is_known_before_anything_is_measured() -> None:
    searched = index(NONE)
    for query in (
        *(f"{name}>0" for name in METRICS),
        *(f"is:{name}" for name in VERDICTS),
        "behaves:reverb",
        "sounds:warm",
        "knob:darker",
    ):
        result = searched.search(query)
        assert (list(result.rows), result.messages) == ([], ()), query


def test_a_slip_in_a_state_is_told_with_what_was_meant() -> None:
    with pytest.raises(QueryError, match="did you mean is:unstable"):
        strict("is:unstabel", MEASURED.figures, MEASURED.states)
    with pytest.raises(QueryError, match="no state is called noisy"):
        strict("is:noisy")


def test_completion() -> None:
    found = {each.text: each.about for each in complete(index(), "is:un", 9)}
    opposites = {"unmeasured", "untagged", "unrated"}
    assert found.keys() == {"unstable", "unrepeatable", "unmeasurable", "unused"} | opposites
    assert found["unrepeatable"] == VERDICTS["unrepeatable"]
    (decay,) = complete(index(), "dec", 3)
    assert (decay.text, decay.about) == ("decay:", "time to fall by 60 dB (s)")
    assert [each.text for each in complete(index(), "sort:-dec", 9)] == ["-decay"]
    assert [one.text for one in complete(index(), "sounds:lu", 9)][:1] == ["lush"]
    (reverb,) = complete(index(), "behaves:r", 9)
    assert (reverb.text, reverb.about) == ("reverb", "2 plugins")


def test_every_sort_key_is_a_setting_and_a_column() -> None:
    columns = {field.name: field.column for field in TABLE}
    for key in (*SORT_KEYS, *METRICS):
        assert {key, f"-{key}"} <= set(SORTS)
        assert columns.get(key, key) in SHOWN
    assert set(COLUMNS) == set(SHOWN)
    assert {name for name in SHOWN if SHOWN[name].measured} == {*METRICS, "behaves", "verdicts"}


def test_every_column_and_facet_has_a_text_for_every_plugin() -> None:
    bare, whole = Plugin("x", "X"), Plugin("y", "Y", tags=("loud",), note="two\nlines", rating=3, status="crashed")
    for name, column in SHOWN.items():
        for plugin in (bare, whole):
            assert "\n" not in cell(column, plugin, MEASURED), name
    assert cell(SHOWN["rating"], whole, MEASURED) == "***"
    assert cell(SHOWN["kind"], whole, MEASURED) == "effect"
    assert cell(SHOWN["params"], whole, MEASURED) == "crashed"
    assert set(index().facets("")) == {field.name for field in FACETS}


def test_a_figure_is_a_facet_by_ranges() -> None:
    answer = replace(MEASURED, figures={**MEASURED.figures, "tail": {HALL.id: 4.4, ROOM.id: 0.4}})
    counted = index(answer)
    assert counted.facets("")["tail"] == [("..0.5", 1), ("4..", 1)]
    query = toggled("room", "tail", "..0.5")
    assert query == "room tail:..0.5" and has_filter(query, "tail", "..0.5")
    assert [counted.plugins[row].name for row in counted.search(query).rows] == ["Room"]
    assert toggled(query, "tail", "4..") == "room tail:..0.5,4.."
    assert counted.facets("tail:..0.5")["tail"] == [("..0.5", 1), ("4..", 1)], "the others can still be chosen"
    assert toggled(query, "tail", "..0.5") == "room"
    without = excluding("", "tail", "4..")
    assert without == "-tail:4.." and left_out(counted.parse(without)) == [("tail", "4..")]
    told_as = [range_text("tail", text) for text in ("..0.5", "1..2", "4..")]
    assert told_as == ["up to 0.5 s", "1 to 2 s", "4 s and more"]


def test_cells() -> None:
    answer = {name: cell(SHOWN[name], HALL, MEASURED) for name in ("cpu", "decay", "behaves", "verdicts", "thd")}
    assert answer == {"cpu": "4.00", "decay": "2.50", "behaves": "reverb", "verdicts": "noisy", "thd": ""}
