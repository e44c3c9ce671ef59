"""The catalogue's file: opening, migrating, keeping results and what the user wrote."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from pluginary_tui.catalogue import database
from pluginary_tui.catalogue.journal import Journal
from pluginary_tui.catalogue.load_checks import LoadChecks, LoadResult
from pluginary_tui.catalogue.lock import scan_lock
from pluginary_tui.catalogue.search_lookup import Lookup
from pluginary_tui.catalogue.store import Store
from pluginary_tui.catalogue.text_index import FILE_NAME
from pluginary_tui.errors import CatalogueError, ScanError
from pluginary_tui.model import Bundle, Bus, Outcome, Parameter, ProbedPlugin, Report, tag_name
from pluginary_tui.search.query import TextMatch

pytestmark = pytest.mark.short


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.in_folder(tmp_path / "data")


def found(name: str = "Verb", uid: str = "A" * 32, **more: object) -> ProbedPlugin:
    return ProbedPlugin(name, "Acme", "1.0", "Fx|Reverb", uid, **more)  # type: ignore[arg-type]


def keep(
    journal: Journal, path: str, *plugins: ProbedPlugin, outcome: Outcome = Outcome.OK, fingerprint: str = "1"
) -> str:
    bundle = Bundle(path, "vst3", Path(path).stem, fingerprint=fingerprint)
    error = "It fell over." if outcome.bad else ""
    for plugin in plugins if outcome.bad else ():
        plugin.status, plugin.error = outcome, error
    report = Report(bundle, outcome, list(plugins), error=error, log="said this" if outcome.bad else "")
    return journal.finish(report, [("Reverb",)] * len(plugins), quarantine=outcome.bad)


def test_a_result_is_kept_whole(store: Store) -> None:
    knobs = [
        Parameter("Mix", "%", "50", "0", "100", 0.5, initial="50", initial_raw=0.5),
        Parameter(
            "Type", "", "Hall", "Hall", "", 0.0, 3, "stepped", False, 2**32 - 1, "Typ", "Main / Room", "Plate", 0.5,
            ("Hall", "Plate", ""), True,
        ),
        Parameter("Buffer Size", kind="host"),
    ]  # fmt: skip
    buses = [
        Bus("In", "audio", "input", 2),
        Bus("Key", "audio", "input", 1, main=False),
        Bus("Out", "audio", "output", 6),
        Bus("Notes", "event", "input", 16),
    ]
    verb = found(parameters=knobs, latency_samples=64, buses=buses, programs=["Plate", "Hall", "Plate"])
    assert keep(Journal(store), "/x/Verb.vst3", verb) == "new"
    (plugin,) = store.plugins()
    assert (plugin.id, plugin.name, plugin.vendor) == ("vst3/acme/verb", "Verb", "Acme")
    assert (plugin.categories, plugin.raw_category, plugin.latency_samples) == (("Reverb",), "Fx|Reverb", 64)
    assert (plugin.audio_inputs, plugin.audio_outputs, plugin.sidechain_inputs) == (2, 6, 1)
    assert (plugin.midi_input, plugin.midi_output, plugin.program_count) == (True, False, 3)
    assert (plugin.loads, plugin.load_error) == (None, "")
    assert (store.buses(plugin.key), store.programs(plugin.key)) == (buses, ["Plate", "Hall", "Plate"])
    assert plugin.parameter_count == 2, "what the host made up does not count"
    assert store.parameters(plugin.key) == knobs
    assert plugin.scanned_at.endswith("Z")


def test_a_start_value_that_is_not_kept_is_the_default(store: Store) -> None:
    keep(Journal(store), "/x/Verb.vst3", found(parameters=[Parameter("Mix", "", "50", default_raw=0.5)]))
    with store.writing() as db:
        db.execute("UPDATE parameter SET initial = NULL, initial_raw = NULL")
    (mix,) = store.parameters(store.plugins()[0].key)
    assert (mix.initial, mix.initial_raw) == ("50", 0.5)
    with store.writing() as db:
        db.execute("UPDATE parameter SET initial = '', initial_raw = 0.25")
    (mix,) = store.parameters(store.plugins()[0].key)
    assert (mix.initial, mix.initial_raw) == ("", 0.25), "a plugin may refuse to say one text and not the other"


def test_what_pedalboard_does_not_load_is_read_all_the_same(store: Store) -> None:
    keep(Journal(store), "/x/Verb.vst3", found("A", "1" * 32), found("B", "2" * 32), found("C", "3" * 32))
    keys = [plugin.key for plugin in store.plugins()]
    LoadChecks(store).finish(
        [
            LoadResult(keys[0], Outcome.OK, attributes=("mix", "3_band_gain")),
            LoadResult(keys[1], Outcome.CRASHED, "Crashed (SIGSEGV).", "oh no"),
        ]
    )
    assert [(p.loads, p.load_error, p.status) for p in store.plugins()] == [
        (True, "", "ok"),
        (False, "Crashed (SIGSEGV).", "ok"),
        (None, "", "ok"),
    ]
    assert [store.attributes(key) for key in keys] == [{"mix", "3_band_gain"}, frozenset(), frozenset()]
    assert [store.plugin_log(key) for key in keys] == [("", ""), ("", "oh no"), ("", "")]
    assert store.plugin_failure(keys[1]).load_outcome == "crashed"
    assert [plugin.name for plugin in store.unloadable_plugins()] == ["B"]
    Journal(store).mark_missing(["/x/Verb.vst3"])
    assert store.unloadable_plugins() == []


def test_a_single_plugin_fails_and_goes_into_quarantine_alone(store: Store) -> None:
    bad = found("B", "2" * 32, status="crashed", error="Crashed (SIGSEGV) while B was being created.")
    bad.stage, bad.signal, bad.log = "load", "SIGSEGV", "oh no"
    keep(Journal(store), "/x/Shell.vst3", found("A", "1" * 32), bad)
    a, b = store.plugins()
    assert [plugin.name for plugin in store.failed_plugins()] == ["B"]
    assert store.plugin_failure(b.key) == ("load", "SIGSEGV", "") and store.plugin_log(b.key) == ("oh no", "")
    store.put_plugins_into_quarantine([a.key, b.key], "Put there by you.")
    assert [(p.quarantined, p.error) for p in store.plugins()] == [
        (True, "Put there by you."),
        (True, "Crashed (SIGSEGV) while B was being created."),
    ]
    assert [plugin.key for plugin in store.quarantined_plugins()] == [a.key, b.key]
    assert store.quarantine() == [], "its bundle is not"
    store.take_plugins_out_of_quarantine([a.key])
    assert [(p.quarantined, bool(p.error)) for p in store.plugins()] == [(False, False), (True, True)]


def test_bundles_are_asked_for_by_what_became_of_them(store: Store) -> None:
    journal = Journal(store)
    keep(journal, "/x/Gone.vst3", outcome=Outcome.CRASHED)
    keep(journal, "/x/Bad.vst3", outcome=Outcome.FAILED)
    keep(journal, "/x/Good.vst3", found())
    journal.mark_missing(["/x/Gone.vst3"])
    with store.writing() as db:
        db.execute("UPDATE bundle SET elapsed_ms = length(path)")
    assert [info.name for info in store.bundles()] == ["Bad", "Gone", "Good"]
    assert [info.name for info in store.failed_bundles()] == ["Bad"]
    assert [(info.name, info.missing) for info in store.missing_bundles()] == [("Gone", True)]
    assert [info.name for info in store.slowest_bundles(1)] == ["Good"]


def test_its_size_counts_what_is_not_in_its_own_file_yet(store: Store) -> None:
    keep(Journal(store), "/x/Verb.vst3", found())
    before = store.size()
    store.set_note(["vst3/acme/verb"], "x" * 1_000_000)
    assert store.size() - before > 1_000_000


def test_what_a_result_changes_is_told(store: Store) -> None:
    journal = Journal(store)
    assert keep(journal, "/x/V.vst3", found()) == "new"
    assert keep(journal, "/x/V.vst3", found()) == "same"
    assert keep(journal, "/x/V.vst3", found(), fingerprint="2") == "same", "it writes a file when it is loaded"
    assert keep(journal, "/x/V.vst3", found(latency_samples=64), fingerprint="3") == "updated"
    mix = [Parameter("Mix", "%", "50")]
    assert keep(journal, "/x/V.vst3", found(latency_samples=64, parameters=mix), fingerprint="4") == "updated"
    assert keep(journal, "/x/V.vst3", found(latency_samples=64, parameters=mix), fingerprint="5") == "same"
    assert keep(journal, "/x/V.vst3", outcome=Outcome.CRASHED) == "bad"
    assert keep(journal, "/x/V.vst3", found(), fingerprint="2") == "updated"


def test_a_failed_bundle_is_one_row_with_its_files_name(store: Store) -> None:
    keep(Journal(store), "/x/Odd Thing.vst3", outcome=Outcome.CRASHED)
    (plugin,) = store.plugins()
    assert (plugin.name, plugin.status, plugin.error, plugin.quarantined) == (
        "Odd Thing",
        "crashed",
        "It fell over.",
        True,
    )
    assert store.log("/x/Odd Thing.vst3") == "said this"
    assert [info.path for info in store.quarantine()] == ["/x/Odd Thing.vst3"]


def test_a_plugin_that_begins_to_fail_keeps_what_was_known(store: Store) -> None:
    journal = Journal(store)
    keep(journal, "/x/V.vst3", found(parameters=[Parameter("Mix")]))
    keep(journal, "/x/V.vst3", outcome=Outcome.TIMEOUT, fingerprint="2")
    (plugin,) = store.plugins()
    assert (plugin.name, plugin.vendor, plugin.status, plugin.parameter_count) == ("Verb", "Acme", "timeout", 1)
    keep(journal, "/x/V.vst3", found(), outcome=Outcome.CRASHED, fingerprint="3")
    assert store.plugins()[0].status == "crashed"
    assert [p.name for p in store.parameters(plugin.key)] == ["Mix"]
    keep(journal, "/x/V.vst3", found(), fingerprint="4")
    assert (store.plugins()[0].status, store.parameters(plugin.key)) == ("ok", [])


def test_a_rescan_keeps_rows_and_dates_and_drops_what_is_gone(store: Store) -> None:
    journal = Journal(store)
    keep(journal, "/x/Shell.vst3", found("A", "1" * 32), found("B", "2" * 32))
    with store.writing() as db:
        db.execute("UPDATE plugin SET added_at = '2001-01-01T00:00:00Z'")
    before = {p.name: p.key for p in store.plugins()}
    keep(journal, "/x/Shell.vst3", found("B", "2" * 32), found("C", "3" * 32), fingerprint="2")
    after = {p.name: p for p in store.plugins()}
    assert set(after) == {"B", "C"}
    assert after["B"].key == before["B"] and after["B"].added_at == "2001-01-01T00:00:00Z"
    assert after["C"].added_at > "2001-01-01T00:00:00Z"


def test_two_classes_of_one_name_get_two_ids_that_stay(store: Store) -> None:
    journal = Journal(store)
    keep(journal, "/x/One.vst3", found("Twin", "1" * 32))
    keep(journal, "/x/Two.vst3", found("Twin", "2" * 32))
    ids = {p.path: p.id for p in store.plugins()}
    assert ids["/x/One.vst3"] == "vst3/acme/twin"
    assert ids["/x/Two.vst3"].startswith("vst3/acme/twin-") and len(ids["/x/Two.vst3"]) == len("vst3/acme/twin-") + 8
    keep(journal, "/x/Two.vst3", found("Twin", "2" * 32), fingerprint="2")
    keep(journal, "/x/One.vst3", found("Twin", "1" * 32), fingerprint="2")
    assert {p.path: p.id for p in store.plugins()} == ids


def test_copies_share_an_id_and_know_of_each_other(store: Store) -> None:
    journal = Journal(store)
    keep(journal, "/x/V.vst3", found())
    keep(journal, "/y/V.vst3", found())
    assert [(p.id, p.copies) for p in store.plugins()] == [("vst3/acme/verb", 2)] * 2
    journal.mark_missing(["/x/V.vst3"])
    assert [(p.path, p.status, p.copies) for p in store.copies("vst3/acme/verb")] == [
        ("/y/V.vst3", "ok", 1),
        ("/x/V.vst3", "missing", 1),
    ]


def test_what_the_user_wrote_outlives_rescans_and_absence(store: Store) -> None:
    journal = Journal(store)
    keep(journal, "/x/V.vst3", found())
    ids = ["vst3/acme/verb"]
    store.set_favourite(ids, True)
    store.set_hidden(ids, True)
    store.set_rating(ids, 9)
    store.set_note(ids, "wide\nand long")
    store.add_tag(ids, "#drum bus")
    store.used(ids[0])
    store.used(ids[0])
    keep(journal, "/x/V.vst3", found(), fingerprint="2")
    keep(journal, "/elsewhere/V.vst3", found())
    journal.mark_missing(["/x/V.vst3"])
    for plugin in store.plugins():
        assert (plugin.favourite, plugin.hidden, plugin.rating, plugin.note) == (True, True, 5, "wide\nand long")
        assert (plugin.tags, plugin.uses) == (("drum-bus",), 2)
        assert plugin.used_at
    store.remove_tag(ids, "drum bus")
    store.set_favourite(ids, False)
    assert (store.plugins()[0].tags, store.plugins()[0].favourite) == ((), False)


@pytest.mark.parametrize(("text", "tag"), [("#Drum  Bus", "Drum-Bus"), (' "a",b\x1b ', "a-b"), ("###", ""), ("", "")])
def test_tags_are_single_words(text: str, tag: str) -> None:
    assert tag_name(text) == tag


def test_parameters_are_found_by_name_and_unit(store: Store) -> None:
    journal = Journal(store)
    keep(journal, "/x/A.vst3", found("A", "1" * 32, parameters=[Parameter("Dry/Wet", "%"), Parameter("Gain", "dB")]))
    keep(journal, "/x/B.vst3", found("B", "2" * 32, parameters=[Parameter("Wet 100_%", "dB")]))
    keep(journal, "/x/C.vst3", found("C", "3" * 32, parameters=[Parameter("Wet", kind="host")]))
    name = {p.key: p.name for p in store.plugins()}

    lookup = Lookup(store)

    def hits(names: str, units: str = "") -> str:
        found = lookup.with_parameter(*([TextMatch(text, "anywhere")] if text else [] for text in (names, units)))
        return "".join(sorted(name[key] for key in found))

    assert (hits("wet"), hits("WET", "%"), hits("100"), hits("", "db"), hits("x")) == ("AB", "A", "B", "AB", "")
    keep(journal, "/x/D.vst3", found("D", "4" * 32, parameters=[Parameter("Wetter", "%")]))
    name = {p.key: p.name for p in store.plugins()}
    assert hits("wet", "%") == "AD", "words that came later are seen"


def texts(store: Store, text: str, how: str = "anywhere") -> set[str]:
    name = {p.key: p.name for p in store.plugins()}
    return {name[key] for key in Lookup(store).with_text(TextMatch(text, how))}


@pytest.mark.parametrize("how", ["anywhere", "words"])
def test_text_is_found_in_parameter_names_and_logs(store: Store, how: str) -> None:
    journal = Journal(store)
    keep(journal, "/x/A.vst3", found("A", "1" * 32, parameters=[Parameter("Said so"), Parameter("Dry/Wet")]))
    keep(journal, "/x/B.vst3", outcome=Outcome.CRASHED)
    assert texts(store, "said", how) == {"A", "B"}
    assert texts(store, "SAID THIS", how) == {"B"}
    assert texts(store, "dry wet", how) == {"A"}
    assert texts(store, "unsaid", how) == set()
    assert texts(store, "th", how) == {"B"}, "too short for trigrams"
    keep(journal, "/x/B.vst3", found("B", "2" * 32), fingerprint="2")
    keep(journal, "/x/C.vst3", found("C", "3" * 32, parameters=[Parameter("said at last")]))
    assert texts(store, "said", how) == {"A", "C"}, "what changed since is seen"


@pytest.mark.parametrize("harm", ["junk", "cut", "gone", "other", "format"])
def test_the_text_index_is_made_anew_where_it_does_not_fit(store: Store, harm: str) -> None:
    journal = Journal(store)
    keep(journal, "/x/A.vst3", found("A", "1" * 32, parameters=[Parameter("sidechain")]))
    assert texts(store, "dech") == {"A"}
    path = store.path.with_name(FILE_NAME)
    if harm == "junk":
        path.write_bytes(b"x" * path.stat().st_size)
    elif harm == "cut":
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    elif harm == "gone":
        path.unlink()
    else:
        with sqlite3.connect(path) as db:
            db.execute("PRAGMA user_version = 99" if harm == "format" else "UPDATE words SET last_text = 'else'")
    assert texts(store, "dech") == {"A"}
    with sqlite3.connect(path) as db:
        assert db.execute("SELECT count(*) FROM text").fetchone()[0] >= 1, "and it is there again"


def test_a_missing_bundle_that_returns_is_there_again(store: Store) -> None:
    journal = Journal(store)
    keep(journal, "/x/V.vst3", found())
    assert journal.mark_missing(["/x/V.vst3", "/never"]) == 1
    assert journal.mark_missing(["/x/V.vst3"]) == 0
    assert store.plugins()[0].status == "missing"
    journal.unmark_missing(["/x/V.vst3"])
    assert store.plugins()[0].status == "ok"


def bundles(*names: str) -> list[Bundle]:
    return [Bundle(f"/x/{name}.vst3", "vst3", name, fingerprint="1") for name in names]


def test_the_journal_from_begin_to_end(store: Store) -> None:
    journal = Journal(store)
    assert journal.interrupted() is None
    journal.begin(bundles("B", "A"))
    assert [entry.bundle.name for entry in journal.pending()] == ["A", "B"]
    journal.started("/x/A.vst3")
    keep(journal, "/x/A.vst3", found())
    assert [plugin.change for plugin in store.plugins()] == ["new"]
    interrupted = journal.interrupted()
    assert interrupted and (interrupted.pending, interrupted.total, interrupted.in_flight) == (1, 2, [])
    journal.started("/x/B.vst3")
    keep(journal, "/x/B.vst3", found())
    journal.end({"ok": 2})
    last = journal.last_scan()
    journal.begin(bundles("B"))
    keep(journal, "/x/B.vst3", found(latency_samples=8), fingerprint="2")
    assert {plugin.path: plugin.change for plugin in store.plugins()} == {"/x/A.vst3": "", "/x/B.vst3": "updated"}
    journal.end({})
    assert journal.interrupted() is None
    assert last and last["ok"] == 2


def test_a_scan_of_a_part_does_not_pass_for_one_of_everything(store: Store) -> None:
    journal = Journal(store)
    for summary in ({"found": 1, "partial": True}, {"found": 9}, {"found": 2, "partial": True}):
        journal.begin([])
        journal.end(summary)
        last = journal.last_scan()
        assert last and (last["found"], "partial" in last) == ((1, True) if summary["found"] == 1 else (9, False))


def test_an_interrupted_scan_is_resumed_where_it_was(store: Store) -> None:
    first = Journal(store)
    first.begin(bundles("A", "B", "C"))
    first.started("/x/A.vst3")
    keep(first, "/x/A.vst3", found())
    first.started("/x/B.vst3")  # killed here
    second = Journal(store)
    interrupted = second.interrupted()
    assert interrupted and interrupted.in_flight == ["/x/B.vst3"]
    second.resume()
    assert [(entry.bundle.name, entry.kills) for entry in second.pending()] == [("C", 0), ("B", 1)]
    second.started("/x/B.vst3")  # and again
    third = Journal(store)
    third.resume()
    assert {entry.bundle.name: entry.kills for entry in third.pending()} == {"B": 2, "C": 0}


def test_a_clean_stop_counts_against_nobody(store: Store) -> None:
    journal = Journal(store)
    journal.begin(bundles("A"))
    journal.started("/x/A.vst3")
    journal.requeue("/x/A.vst3", crashed=False)
    journal.resume()
    (entry,) = journal.pending()
    assert (entry.kills, entry.attempts) == (0, 0)
    journal.requeue("/x/A.vst3", crashed=True)
    assert journal.pending()[0].attempts == 1


def test_adding_to_a_resumed_scan(store: Store) -> None:
    journal = Journal(store)
    journal.begin(bundles("A", "B"))
    journal.started("/x/A.vst3")
    keep(journal, "/x/A.vst3", found())
    changed = Bundle("/x/B.vst3", "vst3", "B", fingerprint="2")
    journal.add([*bundles("A", "C"), changed], again=False)
    assert [(e.bundle.name, e.bundle.fingerprint) for e in journal.pending()] == [("B", "2"), ("C", "1")]
    journal.add(bundles("A"), again=True)
    assert [e.bundle.name for e in journal.pending()] == ["A", "B", "C"]
    journal.drop(["/x/A.vst3"])
    assert [e.bundle.name for e in journal.pending()] == ["B", "C"]


def test_a_discarded_scan_leaves_nothing_to_resume(store: Store) -> None:
    journal = Journal(store)
    journal.begin(bundles("A", "B"))
    journal.discard()
    assert journal.interrupted() is None
    assert journal.pending() == []


# The file


def test_a_file_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / database.FILE_NAME
    database.connect(path).close()
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 999")
    with pytest.raises(CatalogueError, match="newer version"):
        database.connect(path)


@pytest.mark.parametrize("version", [0, 1])
def test_a_stranger_is_refused_and_left_alone(tmp_path: Path, version: int) -> None:
    path = tmp_path / database.FILE_NAME
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE theirs (x)")
        db.execute(f"PRAGMA user_version = {version}")
    before = path.read_bytes()
    with pytest.raises(CatalogueError, match="not a catalogue"):
        database.connect(path)
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / database.FILE_NAME
    path.write_bytes(b"this is a text, and a long one at that" * 100)
    with pytest.raises(CatalogueError, match="repair"):
        database.connect(path)


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CatalogueError, match="Cannot"):
        database.connect(tmp_path / "file" / database.FILE_NAME)


def test_a_locked_catalogue_is_one_sentence_and_nothing_is_lost(tmp_path: Path) -> None:
    path = tmp_path / database.FILE_NAME
    store = Store(path)
    store.db.execute("PRAGMA busy_timeout = 50")
    with sqlite3.connect(path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(CatalogueError, match="Another program"):
            store.set_favourite(["a"], True)
        other.execute("ROLLBACK")
    store.set_favourite(["a"], True)
    other.close()


def test_a_migration_keeps_everything_and_a_copy_from_before(tmp_path: Path) -> None:
    path = tmp_path / database.FILE_NAME
    store = Store(path)
    store.add_tag(["vst3/a/b"], "loud")
    now = database.VERSION
    steps = {
        now + 1: "CREATE TABLE extra (x);\nINSERT INTO extra SELECT tag FROM user_tag;",
        now + 2: "ALTER TABLE extra ADD y;",
    }
    database.migrate(store.db, path, steps, now + 2)
    assert store.db.execute("SELECT x, y FROM extra").fetchall() == [("loud", None)]
    assert store.db.execute("PRAGMA user_version").fetchone() == (now + 2,)
    with sqlite3.connect(path.with_name(f"{path.name}.v{now}.bak")) as copy:
        assert copy.execute("PRAGMA user_version").fetchone() == (now,)
        assert copy.execute("SELECT tag FROM user_tag").fetchall() == [("loud",)]


def test_a_migration_that_fails_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / database.FILE_NAME
    store = Store(path)
    step = database.VERSION + 1
    with pytest.raises(sqlite3.Error):
        database.migrate(store.db, path, {step: "CREATE TABLE extra (x);\nINSERT INTO nowhere VALUES (1);"}, step)
    assert store.db.execute("PRAGMA user_version").fetchone() == (database.VERSION,)
    assert store.db.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'extra'").fetchone() == (0,)


def test_only_one_scan_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / database.FILE_NAME
    with scan_lock(path), pytest.raises(ScanError, match="Another scan"), scan_lock(path):
        pass
    with scan_lock(path):
        pass


def test_a_result_is_all_or_nothing(store: Store) -> None:
    journal = Journal(store)
    keep(journal, "/x/V.vst3", found(parameters=[Parameter("Old")]))
    broken = found(parameters=[Parameter("New"), Parameter("Bad", default_raw="\udcff")])  # type: ignore[arg-type]
    with pytest.raises(UnicodeEncodeError):
        keep(journal, "/x/V.vst3", broken, fingerprint="2")
    (plugin,) = store.plugins()
    assert [p.name for p in store.parameters(plugin.key)] == ["Old"]
    keep(journal, "/x/V.vst3", found(parameters=[Parameter("New")]), fingerprint="2")
    assert [p.name for p in store.parameters(plugin.key)] == ["New"], "no row number of what was rolled back is left"
