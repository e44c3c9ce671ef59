from __future__ import annotations

import io
import os
import plistlib
import random
import shutil
import struct
from pathlib import Path

import pytest

import pluginary_tui
from pluginary_tui.bounded_reading import UnreadableFileError
from pluginary_tui.catalogue.journal import Journal
from pluginary_tui.catalogue.presets import Presets
from pluginary_tui.catalogue.search_lookup import Lookup
from pluginary_tui.catalogue.store import Store
from pluginary_tui.catalogue.usage import refresh_usage
from pluginary_tui.config import PresetSettings, ScanSettings, Settings
from pluginary_tui.errors import QueryError
from pluginary_tui.model import Bundle, Outcome, ProbedPlugin, Report
from pluginary_tui.presets import bundles
from pluginary_tui.presets.discover import standard_folders
from pluginary_tui.presets.facts import PresetFacts
from pluginary_tui.presets.read_job import READERS
from pluginary_tui.presets.scan import PresetScan, PresetSummary
from pluginary_tui.search.index import Index
from tests.support.project_files import FILES

CHOW = "ABCDEF019182FAEB43686F774A646F78"
DRUMS = "ABCDEF019182FAEB5065745250657472"


def read(path: Path | str) -> PresetFacts:
    path = FILES / path
    with path.open("rb") as stream:
        return READERS[path.suffix.lower()](stream)


def vstpreset(uid: str, **output: str) -> bytes:
    """A .vstpreset with an Info chunk, as hosts write it."""
    attributes = "".join(
        f'<Attribute id="{name}" value="{value}" type="string" flags=""/>' for name, value in output.items()
    )
    info = f'<?xml version="1.0" encoding="utf-8"?><MetaInfo>{attributes}</MetaInfo>'.encode()
    state = b"state"
    table = b"List" + struct.pack("<i", 2)
    table += struct.pack("<4sqq", b"Comp", 48, len(state)) + struct.pack("<4sqq", b"Info", 48 + len(state), len(info))
    return (
        b"VST3"
        + struct.pack("<I", 1)
        + uid.encode()
        + struct.pack("<q", 48 + len(state) + len(info))
        + state
        + info
        + table
    )


def test_real_files_name_their_plugin() -> None:
    assert read("vstpreset/CHOWTapeModel.vst3.vstpreset").uid == CHOW
    assert read("vstpreset/csa.vstpreset").uid == DRUMS
    assert read("vstpreset/Auto-Wah II.vstpreset").uid == "919FACCD32764793B7D6B219A7E9870E"
    dexed = read("aupreset/DEX.aupreset")
    assert (dexed.format, dexed.uid, dexed.name) == ("au", "aumu:Dexd:DGSB", "Default-1")
    assert read("aupreset/Auto-Wah II.aupreset").uid == "aufx:AUTQ:DOOM"
    surge = read("fxp/FM Bass.fxp")
    assert (surge.format, surge.uid, surge.name) == ("vst2", "cjs3", "FM Bass")
    assert read("fxp/01 Solo Trumpet.fxb").uid == "uR_1"


def test_what_a_vst3_preset_says_of_itself() -> None:
    data = vstpreset(
        CHOW, Name="Vocal Plate", PlugInName="Chow", PlugInVendor="C", MusicalCategory="Reverb", MediaAuthor="A"
    )
    facts = READERS[".vstpreset"](io.BytesIO(data))
    assert facts == PresetFacts("vst3", CHOW, "Vocal Plate", "Chow", "C", "Reverb", "A")
    bomb = data.replace(b"<MetaInfo>", b'<!DOCTYPE a [<!ENTITY l "lol">]><MetaInfo>')
    assert READERS[".vstpreset"](io.BytesIO(bomb)).uid == CHOW


@pytest.mark.parametrize("ending", READERS)
def test_damaged_files_are_read_or_refused(ending: str) -> None:
    samples = {
        ".vstpreset": vstpreset(CHOW, Name="X" * 40),
        ".aupreset": (FILES / "aupreset" / "Auto-Wah II.aupreset").read_bytes(),
        ".fxp": (FILES / "fxp" / "FM Bass.fxp").read_bytes()[:400],
        ".fxb": (FILES / "fxp" / "01 Solo Trumpet.fxb").read_bytes()[:400],
    }
    chance, whole = random.Random(ending), samples[ending]
    for number in range(200):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 6)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        del data[chance.randrange(1, len(data)) if number % 3 == 0 else len(data) :]
        try:
            READERS[ending](io.BytesIO(bytes(data)))
        except UnreadableFileError as error:
            assert len(str(error).splitlines()) == 1


def test_property_lists_of_other_kinds_are_refused() -> None:
    for content in ([], "x", {"name": "x"}, {"type": 1}, {"type": "a", "subtype": [], "manufacturer": 1.5}):
        with pytest.raises(UnreadableFileError):
            READERS[".aupreset"](io.BytesIO(plistlib.dumps(content)))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with presets in the standard's folder and in one of the settings, and a catalogue with two plugins."""
    monkeypatch.setenv("HOME", str(tmp_path))
    # What this machine has in /usr/lib/lv2 does not belong here.
    monkeypatch.setattr(bundles, "standard_folders", lambda *ignored: [tmp_path / ".lv2"])
    standard = Path(standard_folders("Linux")[0])
    assert standard == tmp_path / ".vst3" / "presets"
    (standard / "Chow DSP" / "CHOWTape").mkdir(parents=True)
    shutil.copy(
        FILES / "vstpreset" / "CHOWTapeModel.vst3.vstpreset", standard / "Chow DSP" / "CHOWTape" / "Warm.vstpreset"
    )
    (standard / "Chow DSP" / "CHOWTape" / "plate.vstpreset").write_bytes(vstpreset(CHOW, Name="Vocal Plate"))
    shutil.copytree(FILES / "fxp", tmp_path / "mine" / "fxp")
    shutil.copytree(FILES / "aupreset", tmp_path / "mine" / "au")
    shutil.copytree(FILES / "lv2_preset", tmp_path / ".lv2")
    bundle = tmp_path / "plugins" / "drumlabooh.vst3"
    (bundle / "Contents" / "Resources").mkdir(parents=True)
    shutil.copy(FILES / "vstpreset" / "csa.vstpreset", bundle / "Contents" / "Resources")
    with Store.in_folder(tmp_path / "data") as store:
        journal = Journal(store)
        rows = [("CHOWTapeModel", CHOW, ["One", "Vocal Plate"]), ("drumlabooh", DRUMS, [])]
        here = [Bundle(str(tmp_path / "plugins" / f"{name}.vst3"), "vst3", name, "1") for name, *_ in rows]
        journal.begin(here)
        for each, (name, uid, programs) in zip(here, rows, strict=True):
            probed = ProbedPlugin(name, "Maker", uid=uid, programs=programs)
            journal.finish(Report(each, Outcome.OK, [probed]), [("Reverb",)], quarantine=False)
        journal.end({})
    return tmp_path


def scan(home: Path, *, full: bool = False) -> PresetSummary:
    settings = Settings(presets=PresetSettings(folders=(str(home / "mine"),)), scan=ScanSettings(workers=2))
    return PresetScan(settings, home / "data", full=full).run()


def test_files_are_found_read_once_and_tied_by_class_id(home: Path) -> None:
    first = scan(home)
    assert (first.found, first.read, first.failed) == (7, 7, 0)
    assert (scan(home).read, scan(home, full=True).read) == (0, 7)
    with Store.in_folder(home / "data") as store:
        tape = next(plugin for plugin in store.plugins() if plugin.name == "CHOWTapeModel")
        presets = Presets(store).of_plugin(tape.id)
        assert [(preset.name, preset.source) for preset in presets] == [
            ("One", "program"), ("Vocal Plate", "program"), ("Vocal Plate", "file"), ("Warm", "file"),
        ]  # fmt: skip
        assert tape.preset_count == 2
        # Nothing here is theirs: they are kept, with what they ask for.
        assert {(preset.format, preset.uid) for preset in Presets(store).unmatched()} == {
            ("vst2", "cjs3"), ("vst2", "uR_1"), ("au", "aumu:Dexd:DGSB"), ("au", "aufx:AUTQ:DOOM"),
            ("lv2", "http://sfztools.github.io/sfizz"), ("lv2", "urn:ardour:a-fluidsynth"),
        }  # fmt: skip
        index = Index(store.plugins(), Lookup(store))
        for query, expected in (
            ('preset:"vocal plate"', {"CHOWTapeModel"}),
            ("preset:warm", {"CHOWTapeModel"}),
            ("presets>1", {"CHOWTapeModel"}),
            ("presets:1", {"drumlabooh"}),
            ("preset:nonsense", set()),
        ):
            assert {index.plugins[row].name for row in index.search(query).rows} == expected, query


def test_a_name_alone_ties_nothing(home: Path) -> None:
    (home / "mine" / "CHOWTapeModel.vstpreset").write_bytes(vstpreset("9" * 32, PlugInName="CHOWTapeModel"))
    scan(home)
    with Store.in_folder(home / "data") as store:
        assert "CHOWTapeModel" in {preset.wanted for preset in Presets(store).unmatched()}


def test_a_plugin_that_comes_later_gets_its_presets(home: Path) -> None:
    scan(home)
    with Store.in_folder(home / "data") as store:
        journal = Journal(store)
        bundle = Bundle("/au/dexed.component", "au", "Dexed", "1")
        journal.begin([bundle])
        report = Report(bundle, Outcome.OK, [ProbedPlugin("Dexed", "Digital Suburban", uid="aumu:Dexd:DGSB")])
        journal.finish(report, [("Synth",)], quarantine=False)
        journal.end({})
        refresh_usage(store)
        assert next(plugin for plugin in store.plugins() if plugin.name == "Dexed").preset_count == 1


def test_changes_damage_and_what_is_gone(home: Path) -> None:
    scan(home)
    broken, gone = home / "mine" / "fxp" / "FM Bass.fxp", home / "mine" / "au" / "DEX.aupreset"
    broken.write_bytes(b"plain text of another program")
    gone.unlink()
    os.mkfifo(home / "mine" / "pipe.fxp")
    (home / "mine" / "circle").symlink_to(home / "mine")
    summary = scan(home)
    assert (summary.read, summary.failed, summary.removed) == (1, 1, 1)
    shutil.move(home / "mine", home / "unplugged")
    assert scan(home).removed == 0, "a folder that is not there has lost nothing"


def test_favourites_and_tags_stay_when_files_are_read_again(home: Path) -> None:
    scan(home)
    with Store.in_folder(home / "data") as store:
        presets = Presets(store)
        tape = next(plugin.id for plugin in store.plugins() if plugin.name == "CHOWTapeModel")
        ids = [preset.id for preset in presets.of_plugin(tape) if preset.name == "Vocal Plate"]
        assert len(ids) == 2
        presets.set_favourite(ids, True)
        presets.add_tag(ids, "#soft lead")
        presets.add_tag(ids, "a")
        presets.remove_tag(ids, "a")
    scan(home, full=True)
    with Store.in_folder(home / "data") as store:
        chosen = [preset for preset in Presets(store).of_plugin(tape) if preset.favourite]
        assert [(preset.source, preset.tags) for preset in chosen] == [
            ("program", ("soft-lead",)),
            ("file", ("soft-lead",)),
        ]


def test_scripts_get_programs_and_files_of_what_a_query_finds(home: Path) -> None:
    scan(home)
    with pluginary_tui.open(home / "data") as catalogue:
        found = catalogue.presets("chowtape")
        assert {("One", "program"), ("Vocal Plate", "program"), ("Vocal Plate", "file")} <= {
            (preset.name, preset.source) for preset in found
        }
        named = catalogue.presets('preset:"vocal plate"')
        assert sorted(preset.source for preset in named) == ["file", "program"]
        assert {preset.plugin for preset in named} == {catalogue.get("CHOWTapeModel").id}
        assert catalogue.presets("preset:nothing-of-the-kind") == []
        with pytest.raises(QueryError):
            catalogue.presets("preset:")


def test_presets_of_lv2_bundles_are_files_of_the_plugin_that_they_name(home: Path) -> None:
    sfizz = "http://sfztools.github.io/sfizz"
    with Store.in_folder(home / "data") as store:
        journal = Journal(store)
        bundle = Bundle(str(home / "plugins" / "sfizz.lv2"), "lv2", "sfizz", "1")
        journal.begin([bundle])
        journal.finish(Report(bundle, Outcome.OK, [ProbedPlugin("sfizz", "SFZTools", uid=sfizz)]), [("Sampler",)],
                       quarantine=False)  # fmt: skip
        journal.end({})
    first = scan(home)
    assert (first.bundles, first.failed, scan(home).bundles, scan(home, full=True).bundles) == (3, 0, 0, 3)
    with Store.in_folder(home / "data") as store:
        (plugin,) = [plugin for plugin in store.plugins() if plugin.format == "lv2"]
        (preset,) = Presets(store).of_plugin(plugin.id)
        assert (preset.name, preset.source, preset.format, preset.uid) == ("808", "file", "lv2", sfizz)
        assert preset.id == preset.path == str(home / ".lv2" / "sfizz_808.lv2" / "808.ttl")
        assert plugin.preset_count == 1
        index = Index(store.plugins(), Lookup(store))
        assert [index.plugins[row].name for row in index.search("preset:808 presets>0").rows] == ["sfizz"]
    (home / ".lv2" / "sfizz_808.lv2" / "808.ttl").write_text("a broken file [[[")
    (home / ".lv2" / "mda.lv2" / "manifest.ttl").write_text("Preset [[[")
    shutil.rmtree(home / ".lv2" / "ACE_Fluid_Synth_Jazz_Drums.lv2")
    second = scan(home)
    assert (second.bundles, second.failed, second.removed) == (2, 1, 1)
    with Store.in_folder(home / "data") as store:
        (preset,) = Presets(store).of_plugin(plugin.id)
        assert preset.name == "808.ttl", "the manifest still lists it"
    shutil.rmtree(home / ".lv2" / "sfizz_808.lv2")
    assert scan(home).removed == 1
    with Store.in_folder(home / "data") as store:
        assert Presets(store).of_plugin(plugin.id) == []


def test_one_file_of_an_lv2_bundle_holds_several_presets(home: Path) -> None:
    folder = home / ".lv2" / "several.lv2"
    folder.mkdir()
    (folder / "manifest.ttl").write_text("""
        @prefix lv2: <http://lv2plug.in/ns/lv2core#> . @prefix pset: <http://lv2plug.in/ns/ext/presets#> .
        @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
        <urn:one> a pset:Preset ; lv2:appliesTo <urn:zoo:amp>, <urn:zoo:other> ; rdfs:seeAlso <all.ttl> .
        <urn:two> a pset:Preset ; lv2:appliesTo <urn:zoo:amp> ; rdfs:seeAlso <all.ttl> .
        """)
    (folder / "all.ttl").write_text(
        """
        @prefix pset: <http://lv2plug.in/ns/ext/presets#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
        <urn:one> rdfs:label "One" ; pset:bank <urn:bank> ; <http://purl.org/dc/terms/creator> "Me\x1b[31m" .
        <urn:two> rdfs:label "Two" .
        <urn:bank> rdfs:label "Leads" .
        """.replace("\\x1b", "\\u001B")
    )
    scan(home)
    with Store.in_folder(home / "data") as store:
        found = {(p.name, p.uid): p for p in Presets(store).unmatched() if p.path == str(folder / "all.ttl")}
    assert found.keys() == {("One", "urn:zoo:amp"), ("One", "urn:zoo:other"), ("Two", "urn:zoo:amp")}
    one = found["One", "urn:zoo:amp"]
    assert (one.category, one.author, one.id) == ("Leads", "Me [31m", f"{folder}/all.ttl#urn:one")
