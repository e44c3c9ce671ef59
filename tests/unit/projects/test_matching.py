from __future__ import annotations

from pathlib import Path

import pytest

from pluginary_tui.catalogue.journal import Journal
from pluginary_tui.catalogue.matching import Matcher, name_key
from pluginary_tui.catalogue.store import Store
from pluginary_tui.model import Bundle, Outcome, Plugin, ProbedPlugin, Report
from pluginary_tui.projects.facts import Use
from pluginary_tui.projects.stand_ins import StandIns


def plugin(format_: str, name: str, vendor: str, uid: str, **more: object) -> Plugin:
    id_ = f"{format_}/{vendor}/{name}".lower().replace(" ", "-")
    return Plugin(id_, name, vendor, format_, uid=uid, **more)  # type: ignore[arg-type]


HALL = plugin("vst3", "Dragonfly Hall Reverb", "Michael Willis", "2046504473616C633172666400000000")
HALL_LV2 = plugin("lv2", "Dragonfly Hall Reverb", "Michael Willis", "urn:dragonfly:hall")
TUNEFISH = plugin("vst3", "Tunefish4", "Brain Control", "5653545466733474756E656669736834")
SURGE = plugin("vst3", "Surge XT", "Surge Synth Team", "ABCDEF019182FAEB566D624153675854")
SURGE_CLAP = plugin("clap", "Surge XT", "Surge Synth Team", "org.surge-synth-team.surge-xt")
OTT = plugin("vst3", "OTT", "Xfer Records", "565354586654546F7474000000000000")
ZAMTUBE = plugin("ladspa", "ZamTube", "Damien Zammit", "1515476290")
CAPS = plugin("ladspa", "CAPS PreampIII", "Tim Goetze", "1776", label="PreampIII", path="/usr/lib/ladspa/caps.so")
AMP = plugin("ladspa", "Mono amplifier", "CMT", "1067", label="amp_mono", path="/usr/lib/ladspa/cmt.so")
CALF = plugin("lv2", "Calf Reverb", "Calf Studio Gear", "http://calf.sourceforge.net/plugins/Reverb")
REVERB = plugin("lv2", "Reverb", "David Robillard", "http://drobilla.net/reverb")
GONE = plugin("vst3", "Gone", "Nobody", "11111111111111111111111111111111", status="missing")
OTHER_OTT = plugin("vst3", "OTT", "Somebody Else", "22222222222222222222222222222222")
ALL = [HALL, HALL_LV2, TUNEFISH, SURGE, SURGE_CLAP, OTT, ZAMTUBE, CAPS, AMP, CALF, REVERB, GONE, OTHER_OTT]


@pytest.mark.parametrize(
    ("use", "expected", "status", "by"),
    [
        (Use("vst3", HALL.uid, "A renamed hall"), HALL, "here", "id"),
        (Use("vst3", HALL.uid.lower(), ""), HALL, "here", "id"),
        (Use("clap", SURGE_CLAP.uid, "x"), SURGE_CLAP, "here", "id"),
        (Use("lv2", "urn:dragonfly:hall", ""), HALL_LV2, "here", "id"),
        (Use("ladspa", "1515476290", ""), ZAMTUBE, "here", "id"),
        (Use("ladspa", "PreampIII", "PreampIII"), CAPS, "here", "id"),
        (Use("ladspa", "PreampIII", "PreampIII", file="caps"), CAPS, "here", "id"),
        (Use("ladspa", "1776", "PreampIII", file="CAPS.so"), CAPS, "here", "id"),
        # A label means one plugin together with its file only
        (Use("ladspa", "amp_mono", "amp_mono", file="cmt"), AMP, "here", "id"),
        (Use("ladspa", "amp_mono", "amp_mono", file="another"), None, "missing", ""),
        (Use("ladspa", "Reverb", "Reverb", file="calf"), CALF, "other format", "name"),
        (Use("ladspa", "Reverb", "Reverb", file="tal"), None, "missing", ""),
        (Use("lv2", "urn:nothing", "Reverb"), REVERB, "here", "name"),
        # FL Studio writes the prefix of the controller's class
        (Use("vst3", "565345586654546F7474000000000000", "OTT", "Xfer Records"), OTT, "here", "id"),
        (Use("vst2", "Tfs4", "Tunefish4"), TUNEFISH, "other format", "code"),
        (Use("vst2", "SgXT", "Surge XT"), SURGE, "other format", "code"),
        (Use("au", "aumu:SgXT:VmbA", "Surge XT"), SURGE, "other format", "code"),
        (Use("vst2", "Tfs4", "Another Maker's"), None, "missing", ""),
        (Use("vst2", "zzzz", "Dragonfly Hall Reverb"), HALL, "other format", "name"),
        (Use("vst3", "", "Dragonfly Hall Reverb (x64)"), HALL, "here", "name"),
        (Use("vst2", "", "", file="Tunefish4.dll"), TUNEFISH, "other format", "name"),
        (Use("vst3", "3" * 32, "OTT", "Xfer Records"), OTT, "here", "name"),
        (Use("vst3", "3" * 32, "OTT", "A Third"), None, "missing", ""),
        (Use("vst3", GONE.uid, "Gone"), None, "missing", ""),
        (Use("vst3", "", ""), None, "missing", ""),
    ],
)
def test_the_identity_comes_first_and_the_name_last(use: Use, expected: Plugin | None, status: str, by: str) -> None:
    match = Matcher(ALL).match(use)
    assert (match.plugin, match.status, match.by) == (expected, status, by)


def test_four_characters_that_two_makers_took_mean_neither_where_there_is_no_name() -> None:
    other = plugin("vst3", "Taken", "Somebody", "ABCDEF019182FAEB" + b"SomeSgXT".hex().upper())
    for extra, found in ((), SURGE), ((other,), None):
        assert Matcher([SURGE, *extra]).match(Use("vst2", "SgXT")).plugin == found
    assert Matcher([SURGE, other]).match(Use("vst2", "SgXT", "Surge XT")).plugin == SURGE
    assert Matcher([SURGE, other]).match(Use("au", "aumu:SgXT:VmbA")).plugin == SURGE, "with the maker's code"


def test_names_are_compared_without_what_says_the_format() -> None:
    assert name_key("Synth1 VST64") != name_key("Synth2 VST64")
    assert name_key("Serum_x64") == name_key("Serum") == name_key("SERUM VST3")
    assert name_key("Pro-Q 3") != name_key("Pro-Q 2")


INSTALLED = [
    ("Dragonfly Hall Reverb", "Michael Willis", "Reverb", "effect"),
    ("MVerb", "Martin Eastwood", "Reverb", "effect"),
    ("ZamComp", "Damien Zammit", "Dynamics", "effect"),
    ("ZaMaximX2", "Damien Zammit", "Dynamics", "effect"),
    ("ZamGate", "Damien Zammit", "Dynamics", "effect"),
    ("ZamEQ2", "Damien Zammit", "EQ", "effect"),
    ("ZamDelay", "Damien Zammit", "Delay", "effect"),
    ("ZamTube", "Damien Zammit", "Distortion", "effect"),
    ("LSP Limiter Stereo", "LSP", "Dynamics", "effect"),
    ("LSP Sampler Mono", "LSP", "Sampler", "instrument"),
    ("Surge XT", "Surge Synth Team", "Synth", "instrument"),
    ("DrumGizmo", "DrumGizmo", "Drum", "instrument"),
    ("Pianoteq 8", "Modartt", "Piano", "instrument"),
]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "catalogue.db")
    journal = Journal(store)
    bundles = [Bundle(f"/vst3/{name}.vst3", "vst3", name, "1") for name, *_ in INSTALLED]
    journal.begin(bundles)
    for number, (bundle, (name, vendor, category, kind)) in enumerate(zip(bundles, INSTALLED, strict=True)):
        probed = ProbedPlugin(name, vendor, category=category, uid=f"{number + 1:032X}", kind=kind)
        journal.finish(Report(bundle, Outcome.OK, [probed]), [(category,)], quarantine=False)
    return store


@pytest.mark.parametrize(
    ("missing", "first"),
    [
        (Use("vst3", "", "Pro-Q 3", "FabFilter"), {"ZamEQ2"}),
        (Use("vst3", "", "FabFilter Pro-L 2", ""), {"LSP Limiter Stereo", "ZaMaximX2"}),
        (Use("vst2", "", "CLA-2A Stereo", "Waves"), {"ZamComp"}),
        (Use("vst2", "", "Renaissance Compressor", "Waves"), {"ZamComp"}),
        (Use("vst3", "", "ValhallaVintageVerb", "Valhalla DSP"), {"Dragonfly Hall Reverb", "MVerb"}),
        (Use("vst3", "", "ValhallaSupermassive", ""), {"Dragonfly Hall Reverb", "MVerb"}),
        (Use("vst2", "", "EchoBoy", "Soundtoys"), {"ZamDelay"}),
        (Use("au", "", "Decapitator", "Soundtoys"), {"ZamTube"}),
        (Use("vst2", "syl1", "Sylenth1", "LennarDigital"), {"Surge XT"}),
        (Use("vst3", "", "Serum", "Xfer Records"), {"Surge XT"}),
        (Use("vst2", "", "Kontakt 6", "Native Instruments"), {"LSP Sampler Mono"}),
        (Use("vst2", "", "EZdrummer", "Toontrack"), {"DrumGizmo"}),
        (Use("vst2", "", "Keyscape", "Spectrasonics"), {"Pianoteq 8"}),
        (Use("vst2", "", "", "", file="SomeGate_x64.dll"), {"ZamGate"}),
    ],
)
def test_a_stand_in_does_the_same_job(store: Store, missing: Use, first: set[str]) -> None:
    plugins = store.plugins()
    found = StandIns(store, plugins).find(missing, Matcher(plugins).match(missing))
    assert found[0].plugin.name in first
    assert "same job" in found[0].because


def test_no_stand_in_is_made_up(store: Store) -> None:
    plugins = store.plugins()
    missing = Use("vst2", "abcd", "Xyzzy")
    assert StandIns(store, plugins).find(missing, Matcher(plugins).match(missing)) == []


def test_the_same_plugin_in_another_format_comes_first() -> None:
    match = Matcher(ALL).match(Use("vst2", "SgXT", "Surge XT"))
    found = StandIns(None, ALL).find(Use("vst2", "SgXT", "Surge XT"), match)  # type: ignore[arg-type]
    assert [each.plugin for each in found] == [SURGE]
    match = Matcher([SURGE, HALL_LV2]).match(Use("clap", SURGE_CLAP.uid, "Surge XT"))
    assert (match.status, match.plugin) == ("other format", SURGE)


def test_what_was_here_once_is_replaced_by_what_is_like_it(store: Store) -> None:
    journal = Journal(store)
    bundles = [Bundle(f"/vst3/{name}.vst3", "vst3", name, "1") for name, *_ in INSTALLED if name != "MVerb"]
    journal.begin(bundles)
    with store.writing() as db:
        db.execute("UPDATE bundle SET missing = 1 WHERE name = 'MVerb'")
    plugins = store.plugins()
    missing = Use("vst3", f"{2:032X}", "MVerb")
    match = Matcher(plugins).match(missing)
    assert match.status == "missing"
    found = StandIns(store, plugins).find(missing, match)
    assert found[0].plugin.name == "Dragonfly Hall Reverb"
    assert "reverb" in found[0].because
