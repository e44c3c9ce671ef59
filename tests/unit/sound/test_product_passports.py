"""What was measured of one format counts for the whole product."""

from __future__ import annotations

from pathlib import Path

import pytest

from pluginary_tui.catalogue.journal import Journal
from pluginary_tui.catalogue.passports import COST, SOUND, Passports, key_of
from pluginary_tui.catalogue.store import Store
from pluginary_tui.model import Bundle, Outcome, Plugin, ProbedPlugin, Report
from pluginary_tui.products import measured_as
from pluginary_tui.sound.metrics import METHOD
from pluginary_tui.sound.overview import load_measurements
from pluginary_tui.sound.passport import Figure, Passport, Setting, to_json
from pluginary_tui.sound.run import measurable
from pluginary_tui.sound.similar import JOB, NEEDED, find_similar

FLAT = dict.fromkeys(NEEDED, 0.0) | {"residue": -160.0, "null": -10.0}
HERE = (
    ("ZamVerb", "vst3"),
    ("ZamVerb", "lv2"),
    ("ZamVerb", "clap"),
    ("Hall", "vst3"),
    ("Hall", "lv2"),
    ("Lonely", "lv2"),
)


@pytest.fixture
def store(data_dir: Path) -> Store:
    store = Store.in_folder(data_dir)
    journal = Journal(store)
    for name, format_ in HERE:
        bundle = Bundle(f"/x/{format_}/{name}", format_, name, "v1")
        found = ProbedPlugin(name, "Acme", "1", uid=f"{format_}{name}")
        journal.finish(Report(bundle, Outcome.OK, [found]), [("Reverb",)], quarantine=False)
    return store


def plugin(store: Store, id_: str) -> Plugin:
    return store.copies(id_)[0]


def measure(store: Store, id_: str, outcome: Outcome = Outcome.OK, **features: float) -> None:
    """Put a measurement into the catalogue, as measuring does."""
    kept, key = Passports(store), key_of(plugin(store, id_))
    kept.begin([(key, SOUND)])
    answer = Passport(
        METHOD,
        settings=[Setting("default", {}, {}, {}, FLAT | features)],
        costs={"cpu": Figure(1.0, 0.9)},
        behaves="reverb",
    )
    (entry,) = kept.pending()
    figures, data = ({"cpu": 1.5}, to_json(answer)) if outcome == Outcome.OK else ({}, {})
    kept.finish(entry, method=METHOD, outcome=outcome, figures=figures, verdicts=("noisy",), data=data)
    assert COST and not kept.pending()


def test_queries_know_the_figures_of_the_measured_format(store: Store) -> None:
    measure(store, "vst3/acme/zamverb", decay=2.0)
    index = load_measurements(store).index(store.plugins())

    def found(query: str) -> set[str]:
        return {index.plugins[row].id for row in index.search(query).rows}

    all_three = {"vst3/acme/zamverb", "lv2/acme/zamverb", "clap/acme/zamverb"}
    assert found("cpu<2") == found("behaves:reverb") == found("is:measured") == found("is:noisy") == all_three


def test_a_format_that_failed_does_not_hide_the_one_that_was_measured(store: Store) -> None:
    measure(store, "lv2/acme/zamverb", Outcome.CRASHED)
    assert (kept := Passports(store).of_product(plugin(store, "lv2/acme/zamverb"))) and kept.outcome == Outcome.CRASHED
    measure(store, "vst3/acme/zamverb", decay=2.0)
    kept = Passports(store).of_product(plugin(store, "lv2/acme/zamverb"))
    assert kept is not None and (kept.outcome, kept.format) == (Outcome.OK, "vst3")
    known = load_measurements(store)
    assert "lv2/acme/zamverb" in known.states["measured"] and not known.states["unmeasurable"]
    own = Passports(store).of_product(plugin(store, "vst3/acme/zamverb"))
    assert own is not None and own.format == ""
    assert Passports(store).of_product(plugin(store, "lv2/acme/lonely")) is None


def test_the_format_that_pedalboard_loads_is_the_one_that_counts(store: Store) -> None:
    measure(store, "clap/acme/zamverb", decay=1.0)
    measure(store, "vst3/acme/zamverb", decay=2.0)
    assert Passports(store).measured_instead()["lv2/acme/zamverb"].format == "vst3"


def test_what_is_like_a_product_is_found_from_each_of_its_formats(store: Store) -> None:
    measure(store, "vst3/acme/zamverb", decay=2.0)
    measure(store, "vst3/acme/hall", decay=2.2)
    for id_ in ("vst3/acme/zamverb", "lv2/acme/zamverb", "clap/acme/zamverb"):
        found = find_similar(store, plugin(store, id_))
        assert (found[0].likeness.id, found[0].likeness.distance < JOB) == ("vst3/acme/hall", True)
        assert [each.likeness.id for each in found[1:]] == ["lv2/acme/lonely"]


def test_a_product_is_measured_as_the_format_that_can_be(store: Store) -> None:
    every = store.plugins()
    asked = [plugin(store, id_) for id_ in ("lv2/acme/zamverb", "clap/acme/zamverb", "lv2/acme/lonely")]
    assert [each.id for each in measured_as(asked, every, measurable)] == ["vst3/acme/zamverb", "lv2/acme/lonely"]
    assert len(measured_as(every, every, measurable)) == 3
