"""Tables as people and spreadsheets make them: what makes sense is taken, the rest is named by line and column."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pluginary_tui.catalogue.exchange.export import export
from pluginary_tui.catalogue.exchange.import_ import Imported, import_file
from pluginary_tui.catalogue.exchange.left_out import KEPT, LeftOut
from pluginary_tui.catalogue.exchange.table import guard, unguard
from pluginary_tui.catalogue.exchange.table_columns import COLUMNS, column_of, value_of
from pluginary_tui.catalogue.journal import Journal
from pluginary_tui.catalogue.orphans import orphans
from pluginary_tui.catalogue.store import Store
from pluginary_tui.errors import CatalogueError
from pluginary_tui.formats import FORMAT_NAMES
from pluginary_tui.model import Bundle, Outcome, ProbedPlugin, Report

pytestmark = pytest.mark.short

VERB, COMP, TONIC = "vst3/acme-audio/verb", "vst3/acme-audio/comp", "vst3/sonic-charge/μtonic"
UIDS = {"Verb": "A" * 32, "Comp": "B" * 32, "µTonic": "C" * 32, "Delay": "D" * 32}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.in_folder(tmp_path / "here") as store:
        for name, vendor in (("Verb", "Acme Audio"), ("Comp", "Acme Audio"), ("µTonic", "Sonic Charge")):
            scan(store, name, vendor, UIDS[name])
        scan(store, "Delay", "Acme Audio", UIDS["Delay"])
        scan(store, "Delay", "Zoo", "E" * 32)
        yield store


def scan(store: Store, name: str, vendor: str, uid: str) -> None:
    path = f"/x/{vendor} {name}.vst3"
    found = ProbedPlugin(name, vendor, "1.0", "Fx|Reverb", uid)
    Journal(store).finish(Report(Bundle(path, "vst3", name, "1"), Outcome.OK, [found]), [("Reverb",)], quarantine=False)


def take(store: Store, tmp_path: Path, text: str | bytes, name: str = "a.csv") -> tuple[Imported, list[str]]:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    done = import_file(store, path)
    return done, list(done.left.sentences())


def written(store: Store, id_: str = VERB) -> tuple[bool, int, tuple[str, ...], str]:
    (plugin,) = store.copies(id_)
    return plugin.favourite, plugin.rating, plugin.tags, plugin.note


ALL = (True, 4, ("loud", "vocal-bus"), "größer")
ROW = f'{VERB};yes;4;"#loud, vocal bus";größer\r\n'
HEAD = "id;favourite;rating;tags;note\r\n"

DIALECTS = {
    "semicolons": (HEAD + ROW).encode(),
    "byte order mark": ("\ufeff" + HEAD + ROW).encode(),
    "separator line": ("sep=;\r\n" + HEAD + ROW).encode(),
    "separator line of commas": ('\ufeff"sep=,"\n' + (HEAD + ROW).replace(";", ",")).encode(),
    "separator line, quoted by a spreadsheet": ("\ufeffsep=;;;;\r\n" + HEAD + ROW).encode(),
    "tabs": (HEAD + ROW).replace(";", "\t").encode(),
    "bars": (HEAD + ROW).replace(";", "|").encode(),
    "UTF-16 of a spreadsheet": (HEAD + ROW).replace(";", "\t").encode("utf-16"),
    "UTF-16 without a mark": (HEAD + ROW).encode("utf-16-le"),
    "UTF-16, big end first": ("\ufeff" + HEAD + ROW).encode("utf-16-be"),
    "Windows-1252": (HEAD + ROW).encode("cp1252"),
    "old Mac lines": (HEAD + ROW).replace("\r\n", "\r").encode(),
    "a title above": ("My plugins;;;;\n\n" + HEAD + ROW).encode(),
    "blank lines": ("\n\n" + HEAD + "\n;;;;\n  ;\n" + ROW + "\n\n").encode(),
    "the header again": (HEAD + ROW + HEAD).encode(),
    "every cell quoted": "\n".join(
        ";".join(f'"{cell.strip(chr(34))}"' for cell in line.split(";")) for line in (HEAD + ROW).splitlines()
    ).encode(),
    "blanks around": f"id ; favourite; rating ;tags;note\n {VERB} ; yes ; 4 ; #loud, vocal bus ;größer\n".encode(),
}


@pytest.mark.parametrize("what", DIALECTS)
def test_dialects(store: Store, tmp_path: Path, what: str) -> None:
    done, left = take(store, tmp_path, DIALECTS[what])
    assert (done.read, done.orphans, written(store)) == (1, 0, ALL)
    assert left == (["The file is not in UTF-8 and was read as Windows-1252"] if what == "Windows-1252" else [])


def test_columns_in_any_order_with_others_between(store: Store, tmp_path: Path) -> None:
    head = "Note;Bought in;TAGS;Star rating;Rating?;Favorite;Plugin ID"
    table = f"{head}\ngrößer;;#loud, vocal bus;9;4;x;{VERB.upper()}\n"
    _, left = take(store, tmp_path, table)
    assert written(store) == ALL
    assert left == [f'line 1, column "{column}": is not known' for column in ("Bought in", "Star rating")]


def test_tabs_have_their_own_ending(store: Store, tmp_path: Path) -> None:
    take(store, tmp_path, (HEAD + ROW).replace(";", "\t"), "a.TSV")
    assert written(store) == ALL


@pytest.mark.parametrize(
    ("written_as", "column"),
    [
        ("Favorite", "favourite"), ("FAVOURITES", "favourite"), ("is favorite?", "favourite"), ("★ fav", "favourite"),
        ("Raw-Category", "raw_category"), ("parameter count", "parameter_count"), ("Class ID", "uid"),
        ("Manufacturer", "vendor"), ("Plug-in", "name"), ("Plugin Name", "name"), ("Ｎａｍｅ", "name"),
        ("Labels", "tags"), ("Stars", "rating"), ("Comments", "note"), ("File path", "path"),
            ("", ""), ("price", ""), ("id", "id"),
    ],
)  # fmt: skip
def test_columns_by_their_usual_spellings(written_as: str, column: str) -> None:
    assert column_of(written_as) == column


def test_every_column_knows_itself() -> None:
    assert [column_of(column.upper().replace("_", " ")) for column in COLUMNS] == list(COLUMNS)


@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        *(("favourite", text, True) for text in ("yes", "YES", "x", "1", "1.0", "TRUE", "wahr", "✓", "✔️", "★", "on")),
        *(("hidden", text, False) for text in ("no", "0", "FALSE", "faux", "-", "—", "n", "off", "0,0", "☐")),
        ("rating", "5", 5), ("rating", "5,0", 5), ("rating", "4.00", 4), ("rating", "４", 4), ("rating", "3/5", 3),
        ("rating", "4 stars", 4), ("rating", "★★★", 3), ("rating", "★★☆☆☆", 2), ("rating", "☆☆☆☆☆", 0),
        ("parameter_count", "1,234", 1234), ("parameter_count", "1.234", 1234), ("parameter_count", "1 234", 1234),
        ("parameter_count", "1E+3", 1000), ("parameter_count", "12,0", 12), ("latency_samples", "-5", -5),
        ("format", "VST3", "vst3"), ("format", "Audio Unit", "au"), ("format", "built-in", "builtin"),
        ("kind", "Instrument", "instrument"), ("status", "OK", "ok"), ("tags", "a b", ["a", "b"]),
        ("tags", "drum bus, loud", ["drum bus", "loud"]), ("tags", "a\nb c", ["a", "b c"]),
        ("uid", "{aaaaaaaa-AAAA-aaaa-AAAA-aaaaaaaaaaaa}", "A" * 32), ("id", " VST3/Sonic-Charge/µTonic", TONIC),
        ("scanned_at", "2026-11-28 14:54:02", "2026-11-28 14:54:02"),
    ],
)  # fmt: skip
def test_cells_as_people_write_them(column: str, text: str, value: object) -> None:
    assert value_of(column, text) == value


@pytest.mark.parametrize(
    ("column", "text"),
    [
        *(("favourite", text) for text in ("perhaps", "2", "yess", "?")),
        *(("rating", text) for text in ("6", "-1", "4.5", "4,5", "10", "8/10", "six", "5e9", "★" * 6, "9" * 400)),
        ("uid", "2.04650447361E+31"), ("uid", "2,04650447361E+31"), ("format", "VST2"), ("kind", "pad"),
        ("id", "ZamVerb"), ("id", "../../etc/passwd"), ("scanned_at", "soon"), ("scanned_at", "28.11.2026"),
        ("parameter_count", "1.23"), ("parameter_count", "many"), ("uses", "1e400"), ("probe_ms", "1,23,4"),
    ],
)  # fmt: skip
def test_cells_that_make_no_sense(column: str, text: str) -> None:
    with pytest.raises(ValueError, match=r"^is "):
        value_of(column, text)


def test_what_is_not_taken_is_named_by_line_and_column(store: Store, tmp_path: Path) -> None:
    table = f"""id,rating,favourit,favourite,Price,Fav,tags
{VERB},six,,yes,9 €,no,loud
{COMP},6,,yes,,,
{VERB},1,2,yes,,,,more
,,,yes,,,
nonsense,5,,,,,
{TONIC},9,,maybe,,,
"""
    done, left = take(store, tmp_path, table)
    assert left == [
        'line 1, column "favourit": is not known; did you mean favourite?',
        'line 1, column "Price": is not known',
        'line 1, column "Fav": is there twice, as favourite; the first one counts',
        'lines 2, 3 and 7, column "rating": "six" is not a whole number from 0 to 5',
        "line 4: has 8 cells, and there are 7 columns, so that it is not clear which is which",
        "line 5: does not say which plugin it is about",
        'line 6, column "id": "nonsense" is not an id (they look like vst3/vendor/name)',
        'line 7, column "favourite": "maybe" is neither yes nor no',
    ]
    assert (done.read, done.favourites, done.ratings) == (3, 2, 0)
    assert written(store) == (True, 0, ("loud",), "")
    assert written(store, COMP)[0] and not written(store, TONIC)[0]
    assert orphans(store) == []


def test_lines_are_those_of_the_file(store: Store, tmp_path: Path) -> None:
    _, left = take(store, tmp_path, f'sep=,\n\nid,note,rating\n{VERB},"two\nlines",5\n{COMP},x,7\n')
    assert left == ['line 6, column "rating": "7" is not a whole number from 0 to 5']


def test_many_that_are_not_taken_are_counted(store: Store, tmp_path: Path) -> None:
    rows = "".join(f"{VERB},{n}\n" for n in range(6, KEPT + 50))
    done, left = take(store, tmp_path, "id,rating\n" + rows)
    assert len(done.left) == KEPT + 44
    assert left[1:] == ["and 44 more like these"]
    assert left[0].startswith(f'lines 2, 3, 4 and {KEPT - 3} more, column "rating": "6" is')


def test_what_is_named_is_made_safe_to_show(store: Store, tmp_path: Path) -> None:
    _, left = take(store, tmp_path, f"id,rating,\x1b[2J\n{VERB},\x1b]0;x\x07{'9' * 5000},1\n")
    assert all(line.isprintable() and len(line) < 300 for line in left), left


# Which plugin a row is about


def test_a_class_id_that_a_spreadsheet_spoilt_does_not_overrule_the_id(store: Store, tmp_path: Path) -> None:
    done, left = take(store, tmp_path, f"id;name;vendor;favourite;uid\n{VERB};Verb;Acme Audio;yes;2.0E+31\n")
    assert (written(store)[0], done.orphans) == (True, 0)
    assert left == ['line 2, column "uid": "2.0E+31" is not a class id']


@pytest.mark.parametrize("uid", ["B" * 32, "n/a", "0", "yes", "1.0"])
def test_a_class_id_of_another_row_does_not_overrule_the_id(store: Store, tmp_path: Path, uid: str) -> None:
    done, _ = take(store, tmp_path, f"id,name,vendor,favourite,uid\n{VERB},Verb,Acme Audio,yes,{uid}\n")
    assert (written(store)[0], written(store, COMP)[0], done.orphans) == (True, False, 0)


@pytest.mark.parametrize(
    "row",
    [
        "name,fav\nVerb,x", "name,fav\n verb ,x", "plugin;fav\nVERB;x", "name,vendor,fav\nVerb,Acme,x",
        "name,vendor,fav\nVerb,ACME AUDIO LTD,x", "name,vendor,format,fav\nverb,,VST3,x",
        "path,fav\n/x/Acme Audio Verb.vst3,x", "id,fav\nVST3/Acme-Audio/Verb,x", "id,name,fav\nVerb,Verb,x",
        "id,name,fav\nvst3/acme/the-verb,Verb,x", "id,name,uid,fav\n,Verb,2E+31,x",
    ],
)  # fmt: skip
def test_a_row_that_fits_one_plugin_goes_there(store: Store, tmp_path: Path, row: str) -> None:
    done, _ = take(store, tmp_path, row)
    assert (written(store)[0], done.favourites, done.orphans) == (True, 1, 0)
    assert orphans(store) == []


@pytest.mark.parametrize(
    ("row", "output"),
    [
        ("name,fav\nGrot,x", 'line 2, column "name": "Grot" is not the name of a plugin that is here'),
        (
            "name,fav\nDelay,x",
            'line 2, column "name": "Delay" fits 2 plugins (vst3/acme-audio/delay, vst3/zoo/delay);'
            " add a column id or vendor",
        ),
        ("path,fav\n/y/Verb.vst3,x", 'line 2: "/y/Verb.vst3" is not the path of one plugin here'),
        ("name,format,fav\nVerb,VST2,x", 'line 2, column "format": "VST2" is not one of ' + ", ".join(FORMAT_NAMES)),
        ("name,format,fav\nVerb,AU,x", 'line 2, column "name": "Verb" is not the name of a plugin that is here'),
        (
            f"id,name,fav\n{VERB},Comp,x",
            f'line 2, column "name": "Comp" is another plugin than {VERB}, and the row names both',
        ),
    ],
)
def test_nothing_goes_to_a_plugin_that_is_not_meant(store: Store, tmp_path: Path, row: str, output: str) -> None:
    with pytest.raises(CatalogueError, match=f"^Nothing in .* can be taken: {re.escape(output)}[.]$"):
        take(store, tmp_path, row)
    assert orphans(store) == []
    assert not any(plugin.favourite for plugin in store.plugins())


def test_a_name_in_a_document_goes_the_same_way(store: Store, tmp_path: Path) -> None:
    done, left = take(store, tmp_path, '[{"name": "Verb", "favourite": true}, {"name": "X", "rating": 3}]', "a.json")
    assert (written(store)[0], done.favourites, done.ratings) == (True, 1, 0)
    assert left == ['plugin 2, column "name": "X" is not the name of a plugin that is here']


def test_what_cannot_be_taken_does_not_keep_out_the_rest(store: Store, tmp_path: Path) -> None:
    done, left = take(store, tmp_path, "name,fav\nGrot,x\nVerb,x\n")
    assert left == ['line 2, column "name": "Grot" is not the name of a plugin that is here']
    assert (done.read, done.favourites, written(store)[0]) == (1, 1, True)


def test_another_vendors_plugin_of_the_name_is_kept_apart(store: Store, tmp_path: Path) -> None:
    done, left = take(store, tmp_path, "name,vendor,favourite\nVerb,Grot Labs,yes\n")
    assert (left, done.orphans, written(store)[0]) == ([], 1, False)
    assert [orphan.id for orphan in orphans(store)] == ["vst3/grot-labs/verb"]


def test_rows_that_disagree_are_named(store: Store, tmp_path: Path) -> None:
    done, left = take(store, tmp_path, f"id,rating,note\n{VERB},2,first\n{VERB},5,second\n{COMP},3,\n{COMP},3,x\n")
    assert left == [f'"{VERB}" is there more than once with different ratings or notes; the first of each counts']
    assert (written(store)[1], written(store)[3], done.ratings) == (2, "first", 2)
    assert written(store, COMP)[1::2] == (3, "x")


# There and back


@given(st.text(alphabet="=+-@'ab;\t\n\"＝, é", max_size=12))
def test_guarded_cells_come_back(text: str) -> None:
    stream = io.StringIO(newline="")
    csv.writer(stream).writerow([guard(text), "end"])
    (row,) = csv.reader(io.StringIO(stream.getvalue(), newline=""), strict=True)
    assert unguard(row[0]) == text
    assert not any(
        cell.startswith(tuple("=+-@＝")) for cell in guard(text).replace("\t", ";").replace("\n", ";").split(";")
    )


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(max_size=8), min_size=1, max_size=6), st.sampled_from(",;\t|"), st.sampled_from(["\n", "\r\n"]))
def test_no_table_ends_in_anything_but_a_sentence(cells: list[str], delimiter: str, end: str) -> None:
    from pluginary_tui.catalogue.exchange.import_record import RecordError, check
    from pluginary_tui.catalogue.exchange.table import MisfitError, read_table

    text = f"name{delimiter}rating{delimiter}tags{delimiter}uid{delimiter}favourite{end}" + delimiter.join(cells) + end
    left = LeftOut()
    try:
        for label, _, value in read_table(io.StringIO(text, newline=""), left):
            check(value, label)
    except (MisfitError, RecordError, csv.Error) as error:
        assert "\n" not in str(error)
    assert all("\n" not in line for line in left.sentences())


def test_a_table_opens_in_spreadsheets_and_comes_back(store: Store, tmp_path: Path) -> None:
    store.set_note([VERB], "a;=1+1\n@two")
    store.set_favourite([TONIC], True)
    export(store, store.plugins(), tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbfid,")
    with Store.in_folder(tmp_path / "there") as there:
        done = import_file(there, tmp_path / "a.csv")
        assert (list(done.left.sentences()), done.new) == ([], 5)
        assert there.copies(VERB)[0].note == "a;=1+1\n@two"
        assert there.copies(TONIC)[0].name == "µTonic"
