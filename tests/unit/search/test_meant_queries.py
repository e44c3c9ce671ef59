"""Queries as people write them who know other programs: each finds what was meant, or a message says what to write."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from pluginary_tui.catalogue.exchange.import_ import import_file
from pluginary_tui.catalogue.store import Store
from pluginary_tui.cli.query import matching
from pluginary_tui.model import Plugin
from pluginary_tui.search.index import Index
from pluginary_tui.search.query import parse

pytestmark = pytest.mark.short

HOME = "/home/anna"
PLUGINS = [
    Plugin("vst3/zam/zamverb", "ZamVerb", "Damien Zammit", "vst3", ("Reverb",), path="/usr/lib/vst3/ZamVerb.vst3"),
    Plugin("vst3/zam/zamdelay", "ZamDelay", "Damien Zammit", "vst3", ("Delay",), path="/usr/lib/vst3/ZamDelay.vst3"),
    Plugin("vst3/zam/zamgate", "ZamGate", "Damien Zammit", "vst3", ("Gate",), path="/usr/lib/vst3/ZamGate.vst3"),
    Plugin("vst3/zam/zamgatex2", "ZamGateX2", "Damien Zammit", "vst3", ("Gate",), path="/usr/lib/vst3/ZamGateX2.vst3"),
    Plugin("vst3/big/monster", "Monster", "Big", "vst3", ("Synth",), path=f"{HOME}/.vst3/Monster Two.vst3"),
    Plugin("vst3/rr/roll", "Rock and Roll", "Rock", "vst3", ("Dynamics",), path="/opt/rr.vst3"),
    Plugin("vst3/rr/or-gate", "OR-Gate", "Rock", "vst3", ("Gate",), path="/opt/or.vst3"),
    Plugin("vst3/rr/not-a-verb", "Not a Verb", "Rock", "vst3", ("EQ",), path="/opt/not.vst3"),
    Plugin("au/sc/microtonic", "µTonic", "Sonic Charge", "au", ("Drums",), path="/opt/mt.component"),
]
MORE: dict[str, dict[str, object]] = {
    "ZamVerb": {"parameter_count": 3, "latency_samples": 480, "tags": ("loud",), "rating": 4},
    "ZamDelay": {"parameter_count": 24, "probe_ms": 200, "uid": "2046504473616C634252565A00000000"},
    "Monster": {"parameter_count": 1500, "kind": "instrument", "favourite": True, "tags": ("big", "vocal bus")},
}
FIGURES = {"cpu": {"vst3/zam/zamverb": 4.0, "vst3/big/monster": 40.0}, "decay": {"vst3/zam/zamverb": 2.0}}
STATES = {"noisy": {"vst3/zam/zamgate"}}


@pytest.fixture(scope="module")
def index() -> Index:
    plugins = []
    for number, plugin in enumerate(PLUGINS):
        for name, value in {"key": number, **MORE.get(plugin.name, {})}.items():
            setattr(plugin, name, value)
        plugins.append(plugin)
    return Index(plugins, figures=FIGURES, states=STATES)


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", HOME)


UNDERSTOOD: list[tuple[str, str]] = [
    # signs of other keyboards and of word processors
    ("ｐａｒａｍｓ＞1000", "params>1000"),
    ("vendor：zam", "vendor:zam"),
    ("＃loud", "#loud"),
    ("“Rock and”", '"Rock and"'),
    ("«Rock and»", '"Rock and"'),
    ("vendor=“Damien Zammit”", 'vendor="Damien Zammit"'),
    ("vendor='Damien Zammit'", 'vendor="Damien Zammit"'),
    ("zam −verb", "zam -verb"),
    ("–vendor:zam", "-vendor:zam"),
    ("’monster", "'monster"),
    ("params≥24", "params>=24"),
    ("vendor≠Big", "vendor!=Big"),
    ("vendor<>Big", "vendor!=Big"),
    ("vendor==big", "vendor=big"),
    ("params=>24", "params>=24"),
    ("category:reverb、delay", "category:reverb,delay"),
    # operators of other tools
    ("reverb OR delay", "reverb | delay"),
    ("verb AND zam", "verb zam"),
    ("zam NOT gate", "zam -gate"),
    ("NOT gate", "-gate"),
    ("NOT vendor:zam", "-vendor:zam"),
    ("monster || delay", "monster | delay"),
    ("monster && big", "monster big"),
    ("verb|gate", "verb | gate"),
    ("verb |gate", "verb | gate"),
    ("verb| gate", "verb | gate"),
    ("category:reverb|delay", "category:reverb,delay"),
    ("is:fav|vendor:zam", "is:fav | vendor:zam"),
    ("#loud|#big", "#loud | #big"),
    ("vendor:-zam", "-vendor:zam"),
    ("is:!fav", "-is:fav"),
    # spaces around operators
    ("params > 20", "params>20"),
    ("params >20", "params>20"),
    ("params> 20", "params>20"),
    ("vendor : zam", "vendor:zam"),
    ("vendor: zam gate", "vendor:zam gate"),
    ("is: fav", "is:fav"),
    ("sort: -name", "sort:-name"),
    ("added : never", "added:never"),
    # numbers and units
    ("params>1,000", "params>1000"),
    ("params>=1,500", "params>=1500"),
    ("params:1,000..2,000", "params:1000..2000"),
    ("params>1'000", "params>1000"),
    ("params>1_000", "params>1000"),
    ("params>1\u202f000", "params>1000"),
    ("params>1K", "params>1000"),
    ("params:20…30", "params:20..30"),
    ("latency=480samples", "latency=480"),
    ("latency = 480 samples", "latency=480"),
    ("cpu<5%", "cpu<5"),
    ("cpu < 5 %", "cpu<5"),
    ("decay>1500ms", "decay>1.5"),
    ("probe_ms<0.1s", "probe_ms<100"),
    ("rating>=4★", "rating>=4"),
    # names of facets, columns, JSON keys and other programs
    ("kind:instrument", "is:instrument"),
    ("type:effect", "is:effect"),
    ("type:vst3", "format:vst3"),
    ("kind!=instrument", "-is:instrument"),
    ("manufacturer:zam", "vendor:zam"),
    ("parameter_count>20", "params>20"),
    ("latency_samples>0", "latency>0"),
    ("categories:reverb", "category:reverb"),
    ("tags:loud", "tag:loud"),
    ("favourite:yes", "is:fav"),
    ("favorite:no", "-is:fav"),
    ("hidden:true", "is:hidden"),
    ("is:favourites", "is:fav"),
    ("is:instruments", "is:instrument"),
    ("sort:-parameter_count", "sort:-params"),
    # with and without a value
    ("tag:none", 'tag=""'),
    ("tag:*", '-tag=""'),
    ("-tag:*", 'tag=""'),
    ("uid:none", 'uid=""'),
    ("vendor=damien*", "vendor:^damien"),
    # paths and ids as pasted
    ("/usr/lib/vst3/ZamGate.vst3", "id:zamgate -id:x2"),
    ("'/usr/lib/vst3/ZamVerb.vst3'", "name=ZamVerb"),
    ("file:///usr/lib/vst3/ZamVerb.vst3", "name=ZamVerb"),
    ("/usr/lib/vst3/ZamVerb.vst3/Contents/x86_64-linux/ZamVerb.so", "name=ZamVerb"),
    (f"{HOME}/.vst3/Monster Two.vst3", "monster"),
    (f"{HOME}/.vst3/Monster\\ Two.vst3", "monster"),
    ("~/.vst3", "monster"),
    ("path:~/.vst3", "monster"),
    ("vst3/zam/zamgate", "name=ZamGate"),
    ("2046504473616C634252565A00000000", "name=ZamDelay"),
    ("20465044-7361-6C63-4252-565A00000000", "name=ZamDelay"),
]


@pytest.mark.parametrize(("typed", "meant"), UNDERSTOOD)
def test_what_was_meant_is_found_without_a_word(index: Index, typed: str, meant: str) -> None:
    result, expected = index.search(typed), index.search(meant)
    assert result.messages == ()
    assert expected.messages == ()
    assert list(result.rows) == list(expected.rows)


def test_the_expected_results_differ_from_nothing_and_from_all(index: Index) -> None:
    same = {meant for _, meant in UNDERSTOOD if index.search(meant).total in (0, len(PLUGINS))}
    assert same == {"is:hidden", "sort:-name", "sort:-params", "added:never"}


@pytest.mark.parametrize(
    ("typed", "part"),
    [
        ("latency<10ms", "write latency<480"),
        ("latency < 10 ms", "write latency<480"),
        ("cpu<5ms", "write cpu<5"),
        ("cpu<1,5", "write cpu<1.5"),
        ("rating>1,2,3", "takes one value"),
        ("params:1,200", "one number is written 1200"),
        ("rating:none", "write rating=0"),
        ("rating:*", "write rating>0"),
        ("param:*", "write params>0"),
        ("kind:reverb", "write is:instrument, format:vst3 or category:reverb"),
        ("is:vst3", "write format:vst3"),
        ("is:crashd", "did you mean is:crashed?"),
        ("foo>20", "no field is called foo"),
        ("zam > 20", "no field stands before >"),
        ("instrument:zam", "write is:instrument"),
        ("(verb | gate) zam", "parentheses do not group"),
    ],
)
def test_what_is_not_understood_says_what_to_write(index: Index, typed: str, part: str) -> None:
    (message,) = index.parse(typed).messages
    assert part in message.text
    assert "\n" not in message.text


@pytest.mark.parametrize(
    "name", ["Rock and Roll", "OR-Gate", "Not a Verb", "rock AND roll", "ROCK AND ROLL", "NOT A VERB"]
)
def test_names_with_operators_in_them_are_found(index: Index, name: str) -> None:
    first = index.plugins[index.search(name).rows[0]]
    assert first.name.casefold() == name.casefold()


@pytest.mark.parametrize(
    ("typed", "meant", "hint"),
    [
        ("monster or delay", "monster | delay", '"or" searches the word'),
        ("verb and zam", "verb zam", '"and" searches the word'),
        ("zam not gate", "zam -gate", '"not" searches the word'),
        ("MONSTER OR DELAY", "monster | delay", '"OR" searches the word'),
    ],
)
def test_small_operators_count_where_no_name_has_them(index: Index, typed: str, meant: str, hint: str) -> None:
    result = index.search(typed)
    assert list(result.rows) == list(index.search(meant).rows)
    assert hint in result.messages[0].text
    assert sum(n for _, n in index.facets(typed)["format"]) == result.total


@pytest.mark.parametrize(
    ("typed", "meant", "without"),
    [
        ("a gate", "gate", ["a"]),
        ("the zam gate", "zam gate", ["the"]),
        ("delay with zam", "delay zam", ["with"]),
        ("some delay or gate plugins", "delay | gate", ["some", "plugins"]),
        ("my monstr for big", "monstr big", ["my", "for"]),  # a typo as well
    ],
)
def test_words_that_say_nothing_go_where_nothing_has_them(
    index: Index, typed: str, meant: str, without: list[str]
) -> None:
    result = index.search(typed)
    assert result.total
    assert list(result.rows) == list(index.search(meant).rows)
    gone = [message for message in result.messages if message.text.startswith("found without")]
    assert [typed[each.start : each.start + each.length] for each in gone] == without


@pytest.mark.parametrize("typed", ["rock and roll", "not a verb", "a", "the", "with", "with qqqqzzzz"])
def test_words_that_say_nothing_stay_where_a_name_has_them_or_nothing_else_is_left(index: Index, typed: str) -> None:
    assert not any(message.text.startswith("found without") for message in index.search(typed).messages)


@pytest.mark.parametrize(
    ("typed", "state"),
    [("mono gate", "mono"), ("stereo gate", "stereo"), ("sidechain gate", "sidechain"), ("midi gate", "midi")],
)
def test_words_for_a_state_find_it_behind_the_names(typed: str, state: str) -> None:
    named = Plugin("vst3/a/named", f"{state.title()} Gate", "A", "vst3", ("Gate",), key=1)
    plain = Plugin("vst3/a/plain", "Other Gate", "A", "vst3", ("Gate",), key=2)
    match state:
        case "mono":
            plain.audio_inputs = plain.audio_outputs = 1
        case "stereo":
            plain.audio_inputs = plain.audio_outputs = 2
        case "sidechain":
            plain.sidechain_inputs = 1
        case _:
            plain.midi_input = True
    index = Index([named, plain, Plugin("vst3/a/neither", "Third Gate", "A", "vst3", ("Gate",), key=3)])
    result = index.search(typed)
    assert [index.plugins[row].name for row in result.rows] == [named.name, plain.name]
    assert result.also == ((state, f"is:{state}", 1),)


def test_a_word_that_no_reading_finds_is_to_blame(index: Index) -> None:
    blame = index.blame("zam qqqqzzzz or wwwwxxxx")
    assert blame is not None
    assert blame.term == "qqqqzzzz"


def test_a_plain_and_stays_a_word() -> None:
    assert [getattr(term, "text", "") for term in parse("Willis and Rob").terms] == ["Willis", "and", "Rob"]


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("vendr:zam", "pluginary-tui: no field is called vendr: did you mean vendor:?"),
        ("qqqqzzzz", "pluginary-tui: nothing matches; without qqqqzzzz there would be 1 plugin."),
        ("name:", "pluginary-tui: name: wants a value"),
    ],
)
def test_the_command_line_says_what_was_not_understood(
    data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], typed: str, line: str
) -> None:
    document = tmp_path / "in.json"
    document.write_text('[{"id": "vst3/zam/zamverb", "name": "ZamVerb", "path": "/nowhere/ZamVerb.vst3"}]')
    with Store.in_folder(data_dir) as store:
        import_file(store, document)
        with suppress(SystemExit):
            matching(store, typed)
    assert line in capsys.readouterr().err.splitlines()
