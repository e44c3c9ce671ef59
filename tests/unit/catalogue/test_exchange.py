"""Export and import: nothing is lost, nothing of the user's is overwritten, nothing wrong gets in halfway."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import tomllib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pluginary_tui.catalogue.exchange import file_formats, json_stream
from pluginary_tui.catalogue.exchange.export import export, record
from pluginary_tui.catalogue.exchange.import_ import IMPORTED, Imported, import_file
from pluginary_tui.catalogue.exchange.json_stream import BrokenJSONError, entries
from pluginary_tui.catalogue.integrity import user_export
from pluginary_tui.catalogue.journal import Journal
from pluginary_tui.catalogue.load_checks import LoadChecks, LoadResult
from pluginary_tui.catalogue.lock import scan_lock
from pluginary_tui.catalogue.store import Store
from pluginary_tui.errors import CatalogueError, ScanError
from pluginary_tui.model import Bundle, Bus, Outcome, Parameter, Plugin, ProbedPlugin, Report

pytestmark = pytest.mark.short

VERB = "vst3/acme/verb"
KNOBS = [
    Parameter("Mix", "%", "50", "0", "100", 0.5, initial="60", initial_raw=0.6),
    Parameter(
        "Mode", "", "A", "A", "", 0.0, 2, "switch", False, 4_294_967_295, "Md", "Main / Room", "A", 0.0, ("A", ""), True
    ),
    Parameter("Silent", default="on", initial=""),
]
BUSES = [Bus("In", "audio", "input", 1), Bus("Key", "audio", "input", 2, False), Bus("Notes", "event", "output", 16)]
HOST = [Parameter("Buffer Size", "samples", "512", "32", "4096", None, 0, "host")]
NASTY = "=1+1\x1b[31m|[red]a\u202e\nb"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.in_folder(tmp_path / "here") as store:
        yield store


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Store]:
    """The catalogue of another machine."""
    with Store.in_folder(tmp_path / "there") as store:
        yield store


def scan(store: Store, path: str, *found: ProbedPlugin, outcome: Outcome = Outcome.OK, log: str = "") -> None:
    report = Report(Bundle(path, "vst3", Path(path).stem, "1"), outcome, list(found), log=log)
    Journal(store).finish(report, [("Reverb", "Delay")] * len(found), quarantine=outcome.bad)


def verb(name: str = "Verb", uid: str = "A" * 32, **more: Any) -> ProbedPlugin:
    known = {"version": "1.0", "category": "Fx|Reverb", "parameters": KNOBS + HOST, "latency_samples": -5}
    known |= {"buses": BUSES, "programs": ["Plate", "Hall", "Plate"]}
    return ProbedPlugin(name, "Acme", uid=uid, **known | more)


def fill(store: Store) -> None:
    scan(store, "/x/Verb.vst3", verb())
    scan(store, "/x/Shell.vst3", verb("One", "1" * 32, name_in_file="One"), verb("Two", "2" * 32, name_in_file="Two"))
    scan(store, "/x/Bad.vst3", verb("Bad", "3" * 32), outcome=Outcome.CRASHED, log="it\nfell")
    keys = {plugin.name: plugin.key for plugin in store.plugins()}
    LoadChecks(store).finish(
        [
            LoadResult(keys["Verb"], Outcome.OK, attributes=("mix", "mode")),
            LoadResult(keys["One"], Outcome.FAILED, "It does not support 1-channel output.", "oh\nno"),
        ]
    )
    store.set_favourite([VERB], True)
    store.set_hidden(["vst3/acme/one"], True)
    store.set_rating([VERB], 4)
    store.set_note([VERB], '=HYPERLINK("x"), two\nlines')
    store.add_tag([VERB, "vst3/acme/two"], "mix")
    store.add_tag([VERB], "über")
    store.used(VERB)


def answer(store: Store, *without: str) -> list[dict[str, Any]]:
    """Everything an export would say, but what is this machine's own affair."""
    gone = {"path", "quarantined", "status", *without}
    return [{key: value for key, value in record(store, p).items() if key not in gone} for p in store.plugins()]


def write(tmp_path: Path, document: object, name: str = "in.json") -> Path:
    path = tmp_path / name
    path.write_text(document if isinstance(document, str) else json.dumps(document), "utf-8")
    return path


def plugin(store: Store, id_: str = VERB) -> Plugin:
    (found,) = store.copies(id_)
    return found


# There and back


@pytest.mark.parametrize("ending", ["json", "toml"])
def test_everything_comes_back(store: Store, there: Store, tmp_path: Path, ending: str) -> None:
    fill(there)
    assert export(there, there.plugins(), tmp_path / f"a.{ending}") == 4
    done = import_file(store, tmp_path / f"a.{ending}")
    assert (done.read, done.new, done.missing, done.favourites, done.hidden) == (4, 4, 4, 1, 1)
    assert (done.ratings, done.notes, done.tags, done.kept) == (1, 1, 3, 0)
    assert answer(store) == answer(there)
    assert {p.status for p in store.plugins()} == {"missing"}, "there is nothing at those paths"
    export(store, store.plugins(), tmp_path / f"b.{ending}")
    again = import_file(store, tmp_path / f"b.{ending}")
    assert (again.read, again.changes) == (4, []), "what is known changes nothing"


def test_csv_brings_back_all_but_parameters(store: Store, there: Store, tmp_path: Path) -> None:
    fill(there)
    export(there, there.plugins(), tmp_path / "a.csv")
    import_file(store, tmp_path / "a.csv")
    less = ("parameters", "host_parameters", "buses", "programs", "attributes", "log", "load_log")
    assert answer(store, *less) == answer(there, *less)
    assert (plugin(store).parameter_count, plugin(store).program_count) == (3, 3)
    assert {p.name: p.loads for p in store.plugins()} == {"Verb": True, "One": False, "Two": None, "Bad": None}


def test_what_an_older_version_exported_is_read(store: Store, tmp_path: Path) -> None:
    knob = {
        "name": "Mix", "unit": "%", "default": "50", "min": "0", "max": "100", "default_raw": 0.5, "steps": 0,
        "kind": "continuous", "automatable": True,
    }  # fmt: skip
    plain = {"name": "Verb", "vendor": "Acme", "format": "vst3", "path": "/x/V.vst3", "parameter_count": 1}
    import_file(store, write(tmp_path, {"plugins": [{**plain, "parameters": [knob], "host_parameters": []}]}))
    verb = plugin(store)
    assert (verb.audio_inputs, verb.midi_input, verb.program_count, verb.loads) == (0, False, 0, None)
    assert store.parameters(verb.key) == [
        Parameter("Mix", "%", "50", "0", "100", 0.5, initial="50", initial_raw=0.5)
    ], "what it starts with was not known then"
    assert (store.buses(verb.key), store.programs(verb.key), store.attributes(verb.key)) == ([], [], frozenset())


@pytest.mark.parametrize(
    ("more", "output"),
    [
        ({"buses": "many"}, "a list of connections"),
        ({"buses": [3]}, "connection 1 is a number"),
        ({"buses": [{"media": "video"}]}, "one of audio, event"),
        ({"buses": [{"channels": -2}]}, "a whole number"),
        ({"programs": [1]}, "a list of texts"),
        ({"loads": "perhaps"}, "true or false"),
        ({"parameters": [{"name": "Mix", "choices": "A"}]}, "a list of texts"),
        ({"parameters": [{"name": "Mix", "initial_raw": "A"}]}, "a number"),
        ({"parameters": [{"name": "Mix", "id": -1}]}, "a whole number"),
    ],
)
def test_what_is_wrong_is_named(store: Store, tmp_path: Path, more: dict[str, Any], output: str) -> None:
    with pytest.raises(CatalogueError, match=output):
        import_file(store, write(tmp_path, {"plugins": [{"name": "Verb", "path": "/x/V.vst3", **more}]}))
    assert store.plugins() == []


def test_tags_without_end_are_refused(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "tags.json"
    file.write_text(json.dumps([{"id": "vst3/a/b", "tags": [f"t{at}" for at in range(200_000)]}]))
    with pytest.raises(CatalogueError, match="200,000 tags; a plugin can have 1,000"):
        import_file(store, file)


def test_documents_are_what_other_programs_read(store: Store, tmp_path: Path) -> None:
    fill(store)
    for ending, load in (("json", json.loads), ("toml", tomllib.loads)):
        export(store, store.plugins(), tmp_path / f"a.{ending}")
        document = load((tmp_path / f"a.{ending}").read_text("utf-8"))
        assert set(document) == {"plugins"}
        mine = next(p for p in document["plugins"] if p["id"] == VERB)
        assert [p["name"] for p in mine["parameters"]] == ["Mix", "Mode", "Silent"]
        assert [p["name"] for p in mine["host_parameters"]] == ["Buffer Size"]
        assert mine["note"] == '=HYPERLINK("x"), two\nlines'


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "'", "'=", "''"])
def test_no_cell_is_a_formula(store: Store, there: Store, tmp_path: Path, start: str) -> None:
    scan(there, "/x/Verb.vst3", verb())
    note = f"{start}cmd|' /C calc'!A0"
    there.set_note([VERB], note)
    export(there, there.plugins(), tmp_path / "a.csv")
    with (tmp_path / "a.csv").open(newline="", encoding="utf-8") as stream:
        cells = [cell for row in csv.reader(stream) for cell in row]
    assert note not in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝"))]
    import_file(store, tmp_path / "a.csv")
    assert plugin(store).note == note.strip("\r\n").replace("\t", " ").replace("\r", "\n")


def test_a_spreadsheets_own_csv_is_read(store: Store, tmp_path: Path) -> None:
    scan(store, "/x/Verb.vst3", verb())
    write(tmp_path, f"\ufeffId;Tags;Favourite;Own column\r\n{VERB};a, b;TRUE;x\r\n;;;\r\n", "a.csv")
    done = import_file(store, tmp_path / "a.csv")
    assert (done.read, plugin(store).tags, plugin(store).favourite) == (1, ("a", "b"), True)


def test_a_failed_export_leaves_the_old_file(store: Store, tmp_path: Path) -> None:
    path = write(tmp_path, "old")

    def broken() -> Iterator[Plugin]:
        yield Plugin("vst3/a/b", "B")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export(store, broken(), path)
    assert path.read_text() == "old"
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_file()) == ["in.json"], "and nothing half-written"
    with pytest.raises(CatalogueError, match=r"Cannot write .*No such file"):
        export(store, [], tmp_path / "no" / "a.json")


# Another machine


def test_user_data_moves_to_where_the_plugin_is_elsewhere(store: Store, there: Store, tmp_path: Path) -> None:
    fill(there)
    scan(store, "C:/VST3/Verb.vst3", verb(version="2.0"))
    export(there, there.plugins(), tmp_path / "a.json")
    done = import_file(store, tmp_path / "a.json", user_data_only=True)
    assert (done.new, done.favourites, done.tags) == (0, 1, 3)
    assert [(p.path, p.version, p.favourite, p.rating) for p in store.plugins()] == [
        ("C:/VST3/Verb.vst3", "2.0", True, 4)
    ]
    assert import_file(store, tmp_path / "a.json").new == 3, "the others, missing here"
    assert [p.path for p in store.copies(VERB)] == ["C:/VST3/Verb.vst3"], "no second row for what is here"
    scan(store, "C:/VST3/Two.vst3", verb("Two", "2" * 32))
    assert {p.tags for p in store.copies("vst3/acme/two")} == {("mix",)}, "tags wait for what is not installed yet"


def test_ids_that_had_to_differ_still_meet(store: Store, there: Store, tmp_path: Path) -> None:
    scan(there, "/x/A.vst3", verb(uid="A" * 32))
    scan(there, "/x/B.vst3", verb(uid="B" * 32))
    scan(store, "/y/B.vst3", verb(uid="B" * 32))
    scan(store, "/y/A.vst3", verb(uid="A" * 32))
    (a,) = [p for p in there.plugins() if p.uid == "A" * 32]
    there.set_favourite([a.id], True)
    export(there, there.plugins(), tmp_path / "a.json")
    import_file(store, tmp_path / "a.json")
    assert [p.uid for p in store.plugins() if p.favourite] == ["A" * 32]


def test_an_id_is_kept_for_a_plugin_that_comes_later(store: Store, there: Store, tmp_path: Path) -> None:
    scan(there, "/x/A.vst3", verb(uid="A" * 32))
    scan(there, "/x/B.vst3", verb(uid="B" * 32))
    (b,) = [p for p in there.plugins() if p.uid == "B" * 32]
    there.add_tag([b.id], "later")
    export(there, [b for b in there.plugins() if b.tags], tmp_path / "a.json")
    import_file(store, tmp_path / "a.json", user_data_only=True)
    scan(store, "/y/B.vst3", verb(uid="B" * 32))
    assert plugin(store, b.id).tags == ("later",)


def test_what_a_scan_finds_at_another_place_is_no_longer_missing(store: Store, there: Store, tmp_path: Path) -> None:
    """Import before the first scan: what is here gets its own rows, what is not stays to be found by `is:missing`."""
    fill(there)
    export(there, there.plugins(), tmp_path / "a.json")
    import_file(store, tmp_path / "a.json")
    journal = Journal(store)
    journal.begin([])
    for path, found in (("/y/Verb.vst3", verb()), ("/y/Two.vst3", verb("Two", "2" * 32)), ("/y/New.vst3", verb("New"))):
        journal.finish(Report(Bundle(path, "vst3", found.name, "1"), Outcome.OK, [found]), [()], quarantine=False)
    journal.end({})
    assert [(p.name, p.status, p.path) for p in store.plugins()] == [
        ("Bad", "missing", "/x/Bad.vst3"),
        ("New", "ok", "/y/New.vst3"),
        ("One", "missing", "/x/Shell.vst3"),
        ("Two", "ok", "/y/Two.vst3"),
        ("Verb", "ok", "/y/Verb.vst3"),
    ]
    assert (plugin(store).favourite, plugin(store).copies) == (True, 1)
    scan(store, "/y/Gone.vst3", verb("Gone", "9" * 32))
    journal.mark_missing(["/y/Gone.vst3", "/y/Verb.vst3"])
    scan(store, "/z/Verb.vst3", verb())
    journal.end({})
    assert len(store.copies(VERB)) == 2, "what a scan once found here is not forgotten"


# What stays


def test_what_was_taken_is_kept_a_second_time_at_once(store: Store, tmp_path: Path) -> None:
    import_file(store, write(tmp_path, [{"id": VERB, "favourite": True, "tags": ["theirs"]}]))
    written = user_export.load(store.path.with_name(user_export.FILE_NAME))
    assert written and written["user_tag"] == [{"id": VERB, "tag": "theirs"}], "a kill now would cost nothing"


def test_the_users_own_words_stay(store: Store, tmp_path: Path) -> None:
    scan(store, "/x/Verb.vst3", verb())
    store.set_favourite([VERB], True)
    store.set_rating([VERB], 2)
    store.set_note([VERB], "mine")
    store.add_tag([VERB], "mine")
    theirs = {"id": VERB, "favourite": False, "rating": 5, "note": "theirs", "tags": ["theirs", "mine"]}
    done = import_file(store, write(tmp_path, {"plugins": [theirs]}))
    assert (done.kept, done.changes) == (1, [(VERB, "kept"), (VERB, "#theirs")])
    mine = plugin(store)
    assert (mine.favourite, mine.rating, mine.note, mine.tags) == (True, 2, "mine", ("mine", "theirs"))
    empty = {"id": VERB, "favourite": False, "hidden": False, "rating": 0, "note": "", "tags": []}
    assert import_file(store, write(tmp_path, [empty])).changes == []
    assert plugin(store) == mine


def test_what_a_probe_found_here_is_never_replaced(store: Store, tmp_path: Path) -> None:
    scan(store, "/x/Verb.vst3", verb())
    before = answer(store)
    newer = {"id": VERB, "name": "Verb", "vendor": "Acme", "version": "9", "scanned_at": "2999-01-01T00:00:00Z"}
    stranger = {"name": "Stranger", "vendor": "Acme", "path": "/x/Verb.vst3", "scanned_at": "2999-01-01T00:00:00Z"}
    done = import_file(
        store, write(tmp_path, [newer | {"path": "/x/Verb.vst3"}, newer | {"path": "/y/V.vst3"}, stranger])
    )
    assert (done.new, answer(store)) == (0, before)


def test_a_newer_import_replaces_an_older_one_and_a_scan_both(store: Store, tmp_path: Path) -> None:
    def at(year: int, version: str) -> Imported:
        raw = {"name": "Verb", "vendor": "Acme", "path": str(tmp_path), "uid": "A" * 32, "version": version}
        raw |= {"scanned_at": f"{year}-01-01", "parameters": [{"name": f"P{year}"}]}
        return import_file(store, write(tmp_path, [raw]))

    assert [at(2020, "1").new, at(2019, "0").new, at(2021, "2").new] == [1, 0, 1]
    assert (plugin(store).version, plugin(store).status) == ("2", "ok"), "there is something at its path"
    assert [p.name for p in store.parameters(plugin(store).key)] == ["P2021"]
    (bundle,) = store.bundles()
    assert (bundle.stage, bundle.fingerprint) == (IMPORTED, ""), "so that the next scan probes it"
    scan(store, str(tmp_path), verb(version="3"))
    assert (plugin(store).version, at(2999, "4").new) == ("3", 0)


def test_built_ins_are_those_of_this_machine(store: Store, tmp_path: Path) -> None:
    raw = {"id": "builtin/pedalboard/reverb", "name": "Reverb", "format": "builtin", "path": "builtin:pedalboard"}
    done = import_file(store, write(tmp_path, [raw | {"favourite": True, "uid": "Reverb"}]))
    assert (done.new, done.favourites, store.plugins()) == (0, 1, [])


def test_a_dry_run_says_it_all_and_does_nothing(store: Store, there: Store, tmp_path: Path) -> None:
    fill(there)
    scan(store, "/x/Verb.vst3", verb())
    export(there, there.plugins(), tmp_path / "a.json")
    before = list(store.db.iterdump())
    dry = import_file(store, tmp_path / "a.json", dry_run=True)
    assert list(store.db.iterdump()) == before
    assert dry == import_file(store, tmp_path / "a.json")
    assert ("vst3/acme/two", "missing") in dry.changes


# What is wrong


REFUSED = {
    "a comma too many": ('{"plugins": [\n  {"id": "vst3/a/b",}]}', "is not JSON: line 2, column 2"),
    "cut off": ('{"plugins": [{"id": "vst3/a/b"}', "line 1, column 32: expected a comma or ]"),
    "two documents": ("[] []", "line 1, column 4: there is something behind the end"),
    "nothing at all": ("", "line 1, column 1: expected { or ["),
    "a number of many digits": ("[" + "9" * 5000 + "]", "line 1, column 2: exceeds the limit"),
    "not a number": ('[{"id": "vst3/a/b", "default_raw": NaN}]', "line 1, column 2: there is NaN, which is no number"),
    "deep": ("[" * 100_000, "nested too deeply"),
    "another document": ('{"name": "package", "version": "1"}', "holds no plugins"),
    "a list of numbers": ("[1]", "plugin 1 is a number, not a plugin"),
    "nothing in a list": ('{"plugins": [null]}', "plugin 1 is nothing"),
    "no name": ('[{"vendor": "x"}]', 'plugin 1 has neither an "id" nor a "name"'),
    "an odd id": ('[{"id": "../../etc/passwd"}]', "../../etc/passwd is not an id"),
    "a huge rating": ('[{"id": "vst3/a/b"}, {"id": "vst3/a/c", "rating": 1e400}]', 'plugin 2: "rating" must be'),
    "a rating of text": ('[{"id": "vst3/a/b", "rating": "many"}]', 'a whole number from 0 to 5, and is a text (many)'),
    "a huge number": ('[{"id": "vst3/a/b", "uses": 99999999999999999999}]', '"uses" must be a whole number'),
    "a favourite of numbers": ('[{"id": "vst3/a/b", "favourite": 7}]', '"favourite" must be true or false'),
    "tags of text": ('[{"id": "vst3/a/b", "tags": "a"}]', '"tags" must be a list of texts, and is a text'),
    "a name of numbers": ('[{"name": 7}]', '"name" must be a text, and is a number'),
    "another format": ('[{"name": "x", "format": "vst2"}]', '"format" must be one of vst3, au, '),
    "no date": ('[{"id": "vst3/a/b", "scanned_at": "soon"}]', '"scanned_at" must be a date and time'),
    "a date at the end of time": ('[{"id": "vst3/a/b", "scanned_at": "9999-12-31T23:59-12:00"}]', "a date and time"),
    "a date too many": ('[{"id": "vst3/a/b", "used_at": 2025}]', '"used_at" must be a date and time'),
    "a key without quotes": ("{plugins: []}", "line 1, column 2: expected a name in double quotes"),
    "a key without a colon": ('{"plugins", []}', "line 1, column 11: expected a colon"),
    "parameters of numbers": ('[{"name": "x", "parameters": 3}]', '"parameters" must be a list of parameters'),
    "an odd parameter": ('[{"name": "x", "parameters": [{"automatable": 1}]}]', '"automatable" must be true or'),
    "a path of numbers": ('[{"name": "x", "path": 7}]', '"path" must be a text'),
    "an LV2 of pedalboard-pluginary": ('[{"name": "x", "type": "lv2"}]', "plugin 1: it is neither a VST3 nor"),
    "its parameters in a list": ('[{"name": "x", "type": "vst3", "params": [1]}]', 'its "parameters" are not a table'),
    "an ignore of another kind": ('["vst3/a/b"]', "plugin 1 is a text, not a plugin"),
    "a parameter of text": ('[{"name": "x", "parameters": ["Mix"]}]', "plugin 1, parameter 1 is a text"),
    "an endless parameter": ('[{"name": "x", "parameters": [{"default_raw": 1e999}]}]', '"default_raw" must be'),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_wrong_documents_are_refused_in_one_sentence(store: Store, tmp_path: Path, what: str) -> None:
    text, expected = REFUSED[what]
    with pytest.raises(CatalogueError) as caught:
        import_file(store, write(tmp_path, text))
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.csv", b"", "is not CSV: there is no line of column names"),
        ("a.csv", b"a,b\n1,2\n", 'names no column "id"'),
        ("a.csv", b"My plugins\n" * 30 + b"id\n", 'names no column "id"'),
        ("a.csv", b'id,note\nvst3/a/b,x\nvst3/a/c,"open\nvst3/a/d\n', "a quotation mark in line 3 is not closed"),
        ("a.csv", b"id\n" + b"x" * 8_000_001, "a line is longer than 8,000,000 characters"),
        ("a.csv", b"id\nPK\x03\x04\0\0\xff", "not a text in UTF-8"),
        ("a.csv", b'id,note\nvst3/a/b,"open\n', "is not CSV: unexpected end of data"),
        ("a.csv", b"id,note\nvst3/a/b," + b"x" * 1_000_001, "field larger than field limit"),
        ("a.toml", b"[[plugins]\n", "is not TOML: expected"),
        ("a.toml", b"x = 1\n", "has no array of tables"),
        ("a.toml", b"[[plugins]]\nid = 1\n", 'plugin 1: "id" must be a text'),
        ("a.json", b"\xff\xfe[]", "not a text in UTF-8"),
        ("a.xlsx", b"PK\x03\x04", "spreadsheets can save a table as CSV"),
        ("a.txt", b"[]", "is of no kind that can be imported"),
        ("a.db", b"SQLite format 3\0 and no more", "Cannot read"),
        (".", b"", "Cannot read"),
    ],
)
def test_wrong_files_are_refused_in_one_sentence(
    store: Store, tmp_path: Path, name: str, content: bytes, expected: str
) -> None:
    if name != ".":
        (tmp_path / name).write_bytes(content)
    with pytest.raises(CatalogueError) as caught:
        import_file(store, tmp_path / name)
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


def test_documents_are_bounded(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "VALUE_LIMIT", 1_000_000)
    monkeypatch.setattr(file_formats, "TOML_LIMIT", 1000)
    endless = write(tmp_path, '[{"id": "vst3/a/b", "note": "' + "x" * 4_000_000)
    with pytest.raises(CatalogueError, match="line 1, column 2: an entry is longer than"):
        import_file(store, endless)
    with pytest.raises(CatalogueError, match=r"larger than .* export it as .json"):
        import_file(store, write(tmp_path, "#" * 2000, "a.toml"))
    deep = write(tmp_path, '[{"id": "vst3/a/b", "other": ' + "[" * 900 + "]" * 900 + "}]")
    assert import_file(store, deep).read == 1


def test_another_programs_database_is_refused(store: Store, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as db:
        db.execute("CREATE TABLE plugins (name)")
    with pytest.raises(CatalogueError, match="is a database, but not one of pedalboard-pluginary"):
        import_file(store, tmp_path / "other.db")
    with pytest.raises(CatalogueError, match="is a catalogue of this program"):
        import_file(store, store.path)


def test_nothing_is_imported_halfway(store: Store, tmp_path: Path) -> None:
    good = [{"name": f"P{n}", "path": f"/x/{n}.vst3", "tags": ["t"]} for n in range(3000)]
    with pytest.raises(CatalogueError, match='plugin 3001: "rating"'):
        import_file(store, write(tmp_path, {"plugins": [*good, {"name": "x", "rating": -1}]}))
    assert store.plugins() == []
    assert store.db.execute("SELECT count(*) FROM user_tag").fetchone() == (0,)
    assert import_file(store, write(tmp_path, {"plugins": good})).new == 3000, "and the next one works"


def test_not_while_a_scan_runs(store: Store, tmp_path: Path) -> None:
    path = write(tmp_path, [])
    with scan_lock(store.path), pytest.raises(ScanError):
        import_file(store, path)


def test_text_from_outside_is_cleaned(store: Store, tmp_path: Path) -> None:
    texts = ("name", "vendor", "version", "raw_category", "uid", "error", "name_in_file")
    raw: dict[str, Any] = dict.fromkeys(texts, NASTY) | {"path": "/x/a.vst3", "tags": [NASTY], "categories": [NASTY]}
    raw |= {
        "note": NASTY,
        "log": NASTY,
        "parameters": [dict.fromkeys(("name", "unit", "default", "min", "max"), NASTY)],
    }
    import_file(store, write(tmp_path, [raw]))
    (found,) = store.plugins()
    shown = json.dumps(record(store, found), ensure_ascii=False)
    assert not [c for c in ("\x1b", "\\u001b", "\u202e") if c in shown]
    assert found.name == "=1+1 [31m|[red]a b"
    assert found.note == "=1+1|[red]a\nb"
    assert found.tags == ("=1+1-[31m|[red]a-b",)


def test_a_path_that_cannot_be_shown_brings_no_row(store: Store, tmp_path: Path) -> None:
    raw = {"name": "Verb", "vendor": "Acme", "path": "/x/\x1b[2J.vst3", "favourite": True}
    done = import_file(store, write(tmp_path, [raw, raw | {"path": "/x/\udc80.vst3"}]))
    assert (done.new, done.favourites, store.plugins()) == (0, 1, [])


def test_the_same_plugin_twice_is_one(store: Store, tmp_path: Path) -> None:
    raw = {"name": "Verb", "vendor": "Acme", "path": "/x/Verb.vst3", "uid": "A" * 32, "tags": ["a", "A", "a"]}
    done = import_file(store, write(tmp_path, [raw, raw | {"path": "/y/Verb.vst3"}, raw]))
    assert (done.read, done.new, done.tags) == (3, 2, 2)
    assert sorted(p.path for p in store.copies(VERB)) == ["/x/Verb.vst3", "/y/Verb.vst3"]


# The reader of long documents

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=15,
)


def read_in_pieces(text: str, size: int) -> list[tuple[str, Any]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_stream, "CHUNK", size)
        return list(entries(io.StringIO(text)))


@settings(max_examples=60, deadline=None)
@given(st.lists(_VALUES, max_size=5), st.integers(1, 9), st.sampled_from([None, 0, 3]))
def test_lists_are_read_in_any_pieces(items: list[Any], size: int, indent: int | None) -> None:
    text = json.dumps({"query": "x", "plugins": items, "total": 12345}, indent=indent)
    expected = [("query", "x"), ("plugins", None), *(("", item) for item in items), ("total", 12345)]
    assert read_in_pieces(text, size) == expected
    assert read_in_pieces(json.dumps(items, indent=indent), size) == [("", item) for item in items]


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text().filter(lambda key: key != "plugins"), _VALUES, max_size=5), st.integers(1, 9))
def test_tables_are_read_in_any_pieces(table: dict[str, Any], size: int) -> None:
    assert read_in_pieces(json.dumps(table), size) == list(table.items())


@settings(max_examples=60, deadline=None)
@given(st.lists(_VALUES, min_size=1, max_size=4), st.integers(1, 9), st.data())
def test_what_is_cut_off_is_noticed(items: list[Any], size: int, data: st.DataObject) -> None:
    text = json.dumps(items, indent=1)
    cut = text[: data.draw(st.integers(0, len(text) - 1))]
    with pytest.raises(BrokenJSONError, match=r"^line \d+, column \d+: \w"):
        read_in_pieces(cut, size)
