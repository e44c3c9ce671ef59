"""Which plugin is the same as one that was there before, and what the user wrote follows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pluginary_tui.catalogue.carry_over import merge
from pluginary_tui.catalogue.exchange.export import export
from pluginary_tui.catalogue.exchange.import_ import import_file
from pluginary_tui.catalogue.identity import Sighting, identity, known_as, successor, suffixed
from pluginary_tui.catalogue.journal import Journal
from pluginary_tui.catalogue.orphans import drop_orphan, give_orphan, orphans
from pluginary_tui.catalogue.store import Store
from pluginary_tui.errors import NotFoundError
from pluginary_tui.model import Bundle, Outcome, ProbedPlugin, Report, base_id

pytestmark = pytest.mark.short

HERE, ELSEWHERE = "/x/Verb.vst3", "/y/Other.vst3"


def seen(
    name: str = "Valhalla Verb",
    uid: str = "K1",
    vendor: str = "Valhalla DSP",
    bundle: str = HERE,
    *,
    alone: bool = True,
    new: bool = True,
    format_: str = "vst3",
    suffix: bool = False,
) -> Sighting:
    base = base_id(format_, vendor, name)
    return Sighting(suffixed(base, uid) if suffix else base, base, uid, bundle, alone, new)


GONE = seen()
INSIDE = seen(alone=False)
FAILED = seen("Verb", "", "")
IMPORTED = Sighting(GONE.id, GONE.base)
RENAMED = seen("ValhallaVintageVerb")
OTHER = seen("Gate", "K9", "Acme")


@pytest.mark.parametrize(
    ("gone", "there", "same"),
    [
        pytest.param(GONE, [RENAMED], RENAMED, id="same class id and other name"),
        pytest.param(GONE, [seen("Room", vendor="Acme")], seen("Room", vendor="Acme"), id="sold to another vendor"),
        pytest.param(GONE, [seen(uid="K2", suffix=True)], seen(uid="K2", suffix=True), id="other class id"),
        pytest.param(
            GONE,
            [seen(uid="K2", suffix=True, bundle=ELSEWHERE)],
            seen(uid="K2", suffix=True),
            id="other class id in another bundle",
        ),
        pytest.param(
            seen("Comp", "K1", "LSP VST3", alone=False),
            [seen("Comp", "K2", "LSP", alone=False), seen("Gate", "K3", "LSP", alone=False)],
            seen("Comp", "K2", "LSP"),
            id="vendor respelled in a shell, with other class ids",
        ),
        pytest.param(
            seen("Comp", "K1", "LSP VST3"),
            [seen("Comp", "K1", "LSP")],
            seen("Comp", "K1", "LSP"),
            id="vendor respelled",
        ),
        pytest.param(
            GONE, [seen("Shimmer", "K2")], seen("Shimmer", "K2"), id="the only one of a bundle before and after"
        ),
        pytest.param(GONE, [seen("Shimmer", "K2", bundle=ELSEWHERE)], None, id="nothing in common, in another bundle"),
        pytest.param(INSIDE, [seen("Shimmer", "K2")], None, id="one of several before"),
        pytest.param(GONE, [seen("Shimmer", "K2", alone=False)], None, id="one of several after"),
        pytest.param(
            GONE, [seen("New", bundle=ELSEWHERE)], seen("New", bundle=ELSEWHERE), id="moved to another path and renamed"
        ),
        pytest.param(GONE, [OTHER], None, id="replaced by another plugin altogether"),
        pytest.param(GONE, [OTHER, RENAMED._replace(bundle=ELSEWHERE)], RENAMED, id="replaced, and renamed beside it"),
        pytest.param(
            GONE, [RENAMED, RENAMED._replace(bundle=ELSEWHERE)], RENAMED, id="renamed, and a copy of it elsewhere"
        ),
        pytest.param(
            GONE,
            [RENAMED, seen("Twin", bundle=ELSEWHERE)],
            RENAMED,
            id="two of the same class: the one in the same bundle",
        ),
        pytest.param(
            GONE,
            [seen("One", bundle=ELSEWHERE), seen("Two", bundle="/z/Two.vst3")],
            None,
            id="two of the same class, both elsewhere",
        ),
        pytest.param(
            INSIDE,
            [seen(uid=uid, alone=False, suffix=True) for uid in ("K2", "K3")],
            None,
            id="two of one name, other class ids",
        ),
        pytest.param(
            INSIDE,
            [seen("A", alone=False), seen("Valhalla Verb", "K1", "Valhalla", alone=False)],
            seen(vendor="Valhalla"),
            id="two of the same class in one bundle: the one with the name",
        ),
        pytest.param(FAILED, [seen("Hall", "K5", "Zoo")], seen("Hall", "K5", "Zoo"), id="could not be read before"),
        pytest.param(
            FAILED,
            [seen("Hall", "K5", "Zoo", alone=False), seen("Verb", "K6", "Zoo", alone=False)],
            seen("Verb", "K6", "Zoo"),
            id="could not be read before, and is a shell",
        ),
        pytest.param(
            IMPORTED, [seen(uid="K2", suffix=True)], seen(uid="K2", suffix=True), id="imported without a class id"
        ),
        pytest.param(GONE, [RENAMED._replace(new=False)], RENAMED, id="known before, same class, alike"),
        pytest.param(
            GONE, [seen("Room", vendor="Acme", new=False)], None, id="known before, a framework's default class id"
        ),
        pytest.param(GONE, [GONE._replace(bundle=ELSEWHERE)], None, id="comes back with the same id"),
        pytest.param(GONE, [seen("Room", format_="au")], None, id="another format"),
        pytest.param(GONE, [], None, id="nothing is there"),
    ],
)
def test_what_is_the_same_plugin(gone: Sighting, there: list[Sighting], same: Sighting | None) -> None:
    assert successor(gone, there) == (same.id if same else "")


# In the catalogue


@pytest.fixture
def store(data_dir: Path) -> Store:
    return Store.in_folder(data_dir)


def found(name: str, uid: str, vendor: str = "Valhalla DSP") -> ProbedPlugin:
    return ProbedPlugin(name, vendor, "1.0", "Fx|Reverb", uid)


def keep(store: Store, path: str, *plugins: ProbedPlugin, outcome: Outcome = Outcome.OK) -> int:
    """Write a result as a scan does, and return how many plugins kept what was written under another id."""
    journal = Journal(store)
    bundle = Bundle(path, "vst3", Path(path).stem, fingerprint="1")
    journal.finish(Report(bundle, outcome, list(plugins)), [()] * len(plugins), quarantine=outcome.bad)
    return journal.carried_over


def settle(store: Store) -> int:
    journal = Journal(store)
    journal.settle()
    return journal.carried_over


VERB, VINTAGE = "vst3/valhalla-dsp/valhalla-verb", "vst3/valhalla-dsp/valhallavintageverb"
SECOND = suffixed(VERB, "K2")


def write(store: Store, id_: str, note: str = "big") -> None:
    store.set_favourite([id_], True)
    store.add_tag([id_], "hall")
    store.set_rating([id_], 4)
    store.set_note([id_], note)


def written(store: Store) -> dict[str, tuple[bool, tuple[str, ...], int, str]]:
    """What the user wrote, by the ids of the plugins that have any of it."""
    every = {p.id: (p.favourite, p.tags, p.rating, p.note) for p in store.plugins()}
    return {id_: each for id_, each in every.items() if any(each)}


ALL = (True, ("hall",), 4, "big")


@pytest.mark.parametrize(
    ("after", "id_"),
    [(found("ValhallaVintageVerb", "K1"), VINTAGE), (found("Valhalla Verb", "K2"), SECOND)],
    ids=["renamed", "new class id"],
)
def test_what_is_written_follows_in_the_same_transaction(store: Store, after: ProbedPlugin, id_: str) -> None:
    keep(store, HERE, found("Valhalla Verb", "K1"))
    write(store, VERB)
    assert keep(store, HERE, after) == 1
    assert written(store) == {id_: ALL}
    assert [plugin.id for plugin in store.copies(VERB)] == [id_], "the id that scripts know still finds it"
    assert orphans(store) == []
    store.add_tag([VERB], "old-list")
    assert store.plugins()[0].tags == ("hall", "old-list"), "written about an id of before, it arrives"
    store.remove_tag([VERB], "old-list")
    store.used(VERB)
    assert (store.plugins()[0].tags, store.plugins()[0].uses) == (("hall",), 1)


def test_a_name_and_back_again(store: Store) -> None:
    for name, id_ in (("Valhalla Verb", VERB), ("ValhallaVintageVerb", VINTAGE)) * 2:
        keep(store, HERE, found(name, "K1"))
        write(store, id_)
        assert written(store) == {id_: ALL}
    assert store.db.execute("SELECT * FROM alias").fetchall() == [(VERB, VINTAGE)]


def test_a_chain_of_names_leads_to_the_last(store: Store) -> None:
    keep(store, HERE, found("Valhalla Verb", "K1"))
    write(store, VERB)
    keep(store, HERE, found("ValhallaVintageVerb", "K1"))
    keep(store, HERE, found("Room", "K1"))
    assert [plugin.id for plugin in store.copies(VERB)] == ["vst3/valhalla-dsp/room"]
    assert written(store) == {"vst3/valhalla-dsp/room": ALL}


def test_both_sides_are_kept_where_something_is_written_on_both(store: Store) -> None:
    keep(store, HERE, found("Valhalla Verb", "K1"))
    write(store, VERB)
    store.set_hidden([VERB], True)
    store.set_rating([VINTAGE], 5)
    store.add_tag([VINTAGE], "plate")
    store.set_note([VINTAGE], "warm\nwide")
    assert keep(store, HERE, found("ValhallaVintageVerb", "K1")) == 1
    assert written(store) == {VINTAGE: (True, ("hall", "plate"), 5, "warm\nwide\nbig")}
    assert store.plugins()[0].hidden
    with store.writing() as db:
        merge(db, VINTAGE, VINTAGE)
    assert written(store)[VINTAGE][3] == "warm\nwide\nbig"


def test_a_copy_that_is_still_there_keeps_what_is_written(store: Store) -> None:
    keep(store, HERE, found("Valhalla Verb", "K1"))
    keep(store, ELSEWHERE, found("Valhalla Verb", "K1"))
    write(store, VERB)
    assert keep(store, HERE, found("ValhallaVintageVerb", "K1")) == 0
    assert written(store) == {VERB: ALL}
    Journal(store).mark_missing([ELSEWHERE])
    assert settle(store) == 1, "the last one of the old name is gone"
    assert written(store) == {VINTAGE: ALL}
    Journal(store).unmark_missing([ELSEWHERE])
    assert written(store) == {VINTAGE: ALL, VERB: ALL}, "it is back, and which of the two was meant is not known"
    assert [plugin.id for plugin in store.copies(VERB)] == [VERB]


def test_moved_and_renamed_at_once(store: Store) -> None:
    keep(store, HERE, found("Valhalla Verb", "K1"))
    write(store, VERB)
    Journal(store).mark_missing([HERE])
    assert keep(store, ELSEWHERE, found("ValhallaVintageVerb", "K1")) == 0, "others may have moved as well"
    assert settle(store) == 1
    assert written(store) == {VINTAGE: ALL}


@pytest.mark.parametrize("after", [found("Room", "K1", "Acme"), found("Valhalla Verb", "K2")], ids=["sold", "class id"])
def test_moved_and_changed_beyond_what_is_alike(store: Store, after: ProbedPlugin) -> None:
    keep(store, HERE, found("Valhalla Verb", "K1"))
    write(store, VERB)
    journal = Journal(store)
    journal.mark_missing([HERE])
    journal.finish(Report(Bundle(ELSEWHERE, "vst3", "Other"), Outcome.OK, [after]), [()], quarantine=False)
    journal.settle()
    assert journal.carried_over == 1 and list(written(store).values()) == [ALL], "it is new in this scan"


def test_two_of_one_name_do_not_mix_on_a_new_machine(store: Store) -> None:
    with store.writing() as db:
        identity(db, VERB, "K1")
        identity(db, VERB, "K2")
    store.add_tag([VERB], "mono")
    store.add_tag([SECOND], "stereo")
    keep(store, "/y/Mono.vst3", found("Valhalla Verb", "K1"))
    keep(store, "/y/Stereo.vst3", found("Valhalla Verb", "K2"))
    assert settle(store) == 0
    assert {id_: each[1] for id_, each in written(store).items()} == {VERB: ("mono",), SECOND: ("stereo",)}


def test_a_plugin_that_moves_away_from_a_new_one_in_its_place_has_its_own_again(store: Store) -> None:
    keep(store, HERE, found("Valhalla Verb", "K1"))
    write(store, VERB)
    keep(store, HERE, found("Shimmer", "K7"))
    keep(store, ELSEWHERE, found("Valhalla Verb", "K1"))
    assert written(store)[VERB] == ALL


def test_two_of_one_name_that_move_do_not_mix(store: Store) -> None:
    keep(store, "/x/Mono.vst3", found("Valhalla Verb", "K1"))
    keep(store, "/x/Stereo.vst3", found("Valhalla Verb", "K2"))
    store.add_tag([VERB], "mono")
    store.add_tag([SECOND], "stereo")
    Journal(store).mark_missing(["/x/Mono.vst3", "/x/Stereo.vst3"])
    keep(store, "/y/Mono.vst3", found("Valhalla Verb", "K1"))
    keep(store, "/y/Stereo.vst3", found("Valhalla Verb", "K2"))
    assert settle(store) == 0
    assert {id_: each[1] for id_, each in written(store).items()} == {VERB: ("mono",), SECOND: ("stereo",)}


def test_two_bundles_that_change_places_do_not_mix(store: Store) -> None:
    one, other = found("Valhalla Verb", "K1"), found("Shimmer", "K7")
    keep(store, HERE, one)
    keep(store, ELSEWHERE, other)
    write(store, VERB)
    keep(store, HERE, other)
    keep(store, ELSEWHERE, one)
    assert written(store) == {VERB: ALL}


def test_a_vendor_respells_itself_inside_a_shell(store: Store) -> None:
    """The row is kept under another id: what is written does not wait for the end of the scan."""
    gates = [found("Gate", "K3", "Acme"), found("Gate", "K3", "LSP VST3")]
    keep(store, HERE, *gates, found("Valhalla Vintage", "K3", "LSP VST3"))
    write(store, "vst3/lsp-vst3/valhalla-vintage")
    assert keep(store, HERE, *gates, found("Valhalla Vintage", "K3", "LSP")) == 1
    assert written(store) == {"vst3/lsp/valhalla-vintage": ALL} and settle(store) == 0


def test_what_leads_to_a_plugin_that_moves_at_the_end_moves_with_it(store: Store) -> None:
    """In whatever order the ids are looked at: each of two chains begins at one end of the alphabet."""
    chains = {"vst3/a/one": ("vst3/m/verb", "K1"), "vst3/z/one": ("vst3/m/gate", "K2")}
    for at, (first, (second, uid)) in enumerate(chains.items()):
        keep(store, f"/x/{at}.vst3", found("One", f"K{at}9", first.split("/")[1]))
        with store.writing() as db:
            identity(db, second, uid)
            db.execute("INSERT INTO alias VALUES (?, ?)", (first, second))
        write(store, first)
        write(store, second)
    Journal(store).mark_missing(["/x/0.vst3", "/x/1.vst3"])
    keep(store, HERE, found("Verb", "K1", "New"), found("Gate", "K2", "New"))
    settle(store)
    assert written(store) == {"vst3/new/verb": ALL, "vst3/new/gate": ALL}
    assert settle(store) == 0, "the same again changes nothing"


def test_an_imported_plugin_is_listed_until_the_one_that_it_became_is_there(store: Store, tmp_path: Path) -> None:
    keep(store, HERE, found("Valhalla Verb", "K1"))
    write(store, VERB)
    export(store, store.plugins(), tmp_path / "theirs.json")
    with Store.in_folder(tmp_path / "here") as here:
        import_file(here, tmp_path / "theirs.json")
        with here.writing() as db:
            db.execute("INSERT INTO alias VALUES (?, 'vst3/acme/gone')", (VERB,))
        Journal(here).end({})
        assert written(here) == {VERB: ALL} and orphans(here) == []


def test_what_could_not_be_read_is_known_by_its_bundle(store: Store) -> None:
    keep(store, HERE, outcome=Outcome.CRASHED)
    (failed,) = store.plugins()
    write(store, failed.id)
    assert keep(store, HERE, found("Valhalla Verb", "K1")) == 1
    assert written(store) == {VERB: ALL}
    keep(store, HERE, outcome=Outcome.CRASHED)
    assert written(store) == {VERB: ALL}, "it crashes now, and is still known"


def test_what_is_replaced_by_another_plugin_is_an_orphan_until_it_comes_back(store: Store) -> None:
    keep(store, HERE, found("Valhalla Verb", "K1"))
    write(store, VERB)
    assert keep(store, HERE, found("Gate", "K9", "Acme")) == 0
    (orphan,) = orphans(store)
    assert (orphan.id, orphan.favourite, orphan.tags, orphan.rating, orphan.note) == (VERB, *ALL)
    assert written(store) == {} and settle(store) == 0
    keep(store, ELSEWHERE, found("ValhallaVintageVerb", "K1"))
    assert settle(store) == 1
    assert orphans(store) == [] and written(store) == {VINTAGE: ALL}, "its class is back under another name"


def test_what_is_forgotten_is_an_orphan(store: Store) -> None:
    keep(store, HERE, found("Valhalla Verb", "K1"))
    write(store, VERB)
    Journal(store).mark_missing([HERE])
    assert orphans(store) == [], "the missing one is listed"
    store.forget([HERE])
    assert [orphan.id for orphan in orphans(store)] == [VERB]
    keep(store, ELSEWHERE, found("Valhalla Verb", "K1"))
    assert orphans(store) == [] and written(store) == {VERB: ALL}


def test_what_an_older_version_left_behind_is_found(store: Store) -> None:
    """A plugin was renamed before there were aliases."""
    with store.writing() as db:
        identity(db, VERB, "K1")
    keep(store, HERE, found("ValhallaVintageVerb", "K1"))
    with store.writing() as db:
        db.execute("DELETE FROM alias")
    write(store, VERB)
    assert [orphan.id for orphan in orphans(store)] == [VERB]
    assert settle(store) == 1
    assert written(store) == {VINTAGE: ALL}


def test_a_favourite_alone_a_use_alone_and_nothing(store: Store) -> None:
    store.set_favourite(["vst3/a/one"], True)
    store.set_favourite(["vst3/a/undone"], True)
    store.set_favourite(["vst3/a/undone"], False)
    store.used("vst3/a/used")
    store.add_tag(["vst3/a/tagged"], "x")
    assert [orphan.id for orphan in orphans(store)] == ["vst3/a/one", "vst3/a/tagged"]


def test_an_orphan_is_given_to_another_plugin(store: Store) -> None:
    keep(store, HERE, found("Gate", "K9", "Acme"))
    write(store, VERB)
    with pytest.raises(NotFoundError, match="vst3/acme/gate"):
        give_orphan(store, VERB, "vst3/acme/gat")
    with pytest.raises(NotFoundError, match="no orphan"):
        give_orphan(store, "vst3/acme/gate", "vst3/acme/gate")
    assert give_orphan(store, VERB, "vst3/acme/gate").id == "vst3/acme/gate"
    assert written(store) == {"vst3/acme/gate": ALL} and orphans(store) == []
    assert store.copies(VERB)[0].id == "vst3/acme/gate"


def test_an_orphan_is_dropped(store: Store) -> None:
    write(store, VERB)
    drop_orphan(store, VERB)
    assert orphans(store) == []
    assert store.db.execute("SELECT count(*) FROM user_plugin").fetchone() == (0,)
    with pytest.raises(NotFoundError, match="no orphan"):
        drop_orphan(store, VERB)


# Other machines


@pytest.mark.parametrize("ending", ["json", "csv", "toml"])
def test_what_comes_from_a_machine_with_another_version_finds_the_plugin(
    store: Store, tmp_path: Path, ending: str
) -> None:
    keep(store, HERE, found("Valhalla Verb", "K1"))
    write(store, VERB)
    file = tmp_path / f"theirs.{ending}"
    export(store, store.plugins(), file)
    with Store.in_folder(tmp_path / "here") as here:
        keep(here, ELSEWHERE, found("ValhallaVintageVerb", "K1"))
        assert import_file(here, file, user_data_only=True).orphans == 0
        assert written(here) == {VINTAGE: ALL}
        import_file(here, file, user_data_only=True)
        assert written(here) == {VINTAGE: ALL}


def test_what_comes_before_its_plugin_waits_for_it(store: Store, tmp_path: Path) -> None:
    keep(store, HERE, found("Valhalla Verb", "K1"))
    write(store, VERB)
    export(store, store.plugins(), tmp_path / "theirs.json")
    with Store.in_folder(tmp_path / "here") as here:
        done = import_file(here, tmp_path / "theirs.json", user_data_only=True)
        assert (done.favourites, done.orphans) == (1, 1)
        assert [orphan.id for orphan in orphans(here)] == [VERB]
        keep(here, ELSEWHERE, found("ValhallaVintageVerb", "K1"))
        assert settle(here) == 1
        assert written(here) == {VINTAGE: ALL} and orphans(here) == []


def test_known_as_takes_the_suffix_of_an_id_that_was_never_given_here(store: Store) -> None:
    assert known_as(store.db, f"{VERB}-0123abcd").base == VERB
    assert known_as(store.db, "vst3/acme/verb-2").base == "vst3/acme/verb-2"
