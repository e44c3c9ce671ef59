"""LV2 bundles through the real scan: real ones as lilv's tools tell them, and ones that are broken or hostile."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path

import pytest

from pluginary_tui.catalogue.presets import Presets
from pluginary_tui.catalogue.store import Store
from pluginary_tui.model import Plugin
from pluginary_tui.presets.scan import PresetScan
from pluginary_tui.scan.events import BundleStarted, Event
from pluginary_tui.scan.run import Options, Scan
from tests.plugins.lv2_zoo import KINDS, LISTED, build, plugin, write
from tests.support.lv2_peer import described, differences, listed, needs_lilv
from tests.support.scans import settings

DEBIAN = Path("/usr/lib/lv2")


def scanned(data_dir: Path, *only: Path, **chosen: object) -> Store:
    Scan(settings(**chosen), data_dir, Options(only=only)).run(lambda event: None)
    return Store.in_folder(data_dir)


def only_plugin(store: Store) -> Plugin:
    (found,) = store.plugins()
    return found


@pytest.mark.slow
@needs_lilv
def test_real_plugins_are_read_as_lilv_tells_them(data_dir: Path) -> None:
    uris = listed()
    store = scanned(data_dir, DEBIAN, timeout_s=60.0)
    plugins = {plugin.uid: plugin for plugin in store.plugins()}
    assert plugins.keys() == set(uris) and {plugin.status for plugin in plugins.values()} == {"ok"}
    PresetScan(settings(), data_dir).run()
    presets = Presets(store)
    wrong = []
    for peer in described(uris[::4]):  # each takes lv2info a while; all 662 of Debian 12 were compared by hand
        found = plugins[peer.uri]
        wrong += differences(peer, found, store.parameters(found.key), store.buses(found.key))
        programs = presets.of_plugin(found.id)  # those of other bundles are files
        if len(programs) != len(peer.presets) and peer.uri != "http://zynaddsubfx.sourceforge.net":
            wrong.append(f"{peer.uri}: {len(programs)} presets instead of {len(peer.presets)}")
        if store.needs(found.key) != peer.needs:
            wrong.append(f"{peer.uri}: needs {store.needs(found.key)} instead of {peer.needs}")
    assert len(uris) > 2 and wrong == [], "\n".join(wrong)


def test_every_kind_ends_as_its_row_says_and_costs_no_other(folder: Path, data_dir: Path) -> None:
    for kind in KINDS:
        build(kind, folder)
    store = scanned(data_dir, folder, timeout_s=20.0, retry_crashed=False)
    plugins = store.plugins()
    for name, kind in KINDS.items():
        path = str(folder / f"{name}.lv2")
        info = store.bundle(path)
        assert info is not None, name
        assert info.outcome == kind.outcome or (name.startswith("deep") and info.outcome in ("crashed", "ok")), info
        assert kind.cause in info.error or name.startswith("deep"), info.error
        here = [plugin for plugin in plugins if plugin.path == path]
        assert len(here) == kind.plugins, name
        if kind.outcome == "ok":
            assert {plugin.parameter_count for plugin in here if plugin.status == "ok"} == {kind.parameters}, name
        assert kind.log in store.log(path), name
        assert all(text.isprintable() for plugin in here for text in (plugin.name, plugin.vendor, plugin.uid))
    half = {p.uid: p for p in plugins if p.path == str(folder / "half_broken.lv2")}
    assert half["urn:zoo:amp"].status == "ok"
    assert half["urn:zoo:other"].status == "failed" and "other.ttl, line 14" in half["urn:zoo:other"].error


def test_nothing_is_fetched(folder: Path, data_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/more.ttl"
        write(
            folder / "net.lv2", f"@prefix net: <{address}#> .\n{LISTED}:amp rdfs:seeAlso <{address}> .\n", amp=plugin()
        )
        assert only_plugin(scanned(data_dir, folder)).status == "ok"
        with pytest.raises(BlockingIOError):
            server.accept()


def test_what_a_bundle_states_is_catalogued(folder: Path, data_dir: Path) -> None:
    ports = """
        lv2:port [ a lv2:InputPort, lv2:AudioPort ; lv2:index 0 ; lv2:name "L" ; pg:group :main ],
        [ a lv2:InputPort, lv2:AudioPort ; lv2:index 1 ; lv2:name "R" ; pg:group :main ],
        [ a lv2:InputPort, lv2:AudioPort ; lv2:index 2 ; lv2:name "Key" ; lv2:portProperty lv2:isSideChain ],
        [ a lv2:OutputPort, lv2:AudioPort ; lv2:index 3 ; lv2:name "Out" ],
        [ a lv2:InputPort, lv2:CVPort ; lv2:index 4 ; lv2:name "CV" ],
        [ a lv2:InputPort, atom:AtomPort ; lv2:index 5 ; lv2:name "Notes" ; atom:supports midi:MidiEvent ],
        [ a lv2:OutputPort, atom:AtomPort ; lv2:index 6 ; lv2:name "To the window" ],
        [ a lv2:InputPort, lv2:ControlPort ; lv2:index 9 ; lv2:symbol "mode" ; lv2:name "Mode" ; pg:group :tone ;
          lv2:default 1 ; lv2:minimum 0 ; lv2:maximum 2 ; lv2:portProperty lv2:enumeration, lv2:integer ;
          lv2:scalePoint [ rdfs:label "High" ; rdf:value 2 ], [ rdfs:label "Low" ; rdf:value 0 ],
                         [ rdfs:label "Mid" ; rdf:value 1.0 ] ],
        [ a lv2:InputPort, lv2:ControlPort ; lv2:index 8 ; lv2:symbol "on" ; lv2:name "Enabled" ; lv2:default 1 ;
          lv2:minimum 0 ; lv2:maximum 1 ; lv2:designation lv2:enabled ; lv2:portProperty lv2:toggled ],
        [ a lv2:OutputPort, lv2:ControlPort ; lv2:index 10 ; lv2:symbol "m" ; lv2:name "Meter"@en, "Anzeige"@de ;
          units:unit [ units:symbol "dBFS" ] ],
        [ a lv2:InputPort, lv2:ControlPort ; lv2:index 7 ; lv2:symbol "f" ; lv2:name "Cutoff" ; lv2:minimum 0.001 ;
          lv2:maximum 0.5 ; lv2:portProperty lv2:sampleRate, pprops:notAutomatic ]"""
    extra = """a lv2:InstrumentPlugin ; lv2:minorVersion 2 ; lv2:microVersion 5 ; lv2:requiredFeature urid:map ;
        pg:mainInput :main ; lv2:project :project ;"""
    more = """:project doap:maintainer [ foaf:name "The Zoo" ] . :tone rdfs:label "Tone" . :main rdfs:label "Main" .
        :p1 a pset:Preset ; lv2:appliesTo :amp ; rdfs:label "Loud" ; rdfs:seeAlso <p.ttl> .
        :p2 a pset:Preset ; lv2:appliesTo :amp ; rdfs:seeAlso <p.ttl> .
        """
    write(folder / "amp.lv2", plugin(extra=extra, ports=ports) + more, p=':p2 rdfs:label "Soft" .')
    write(folder / "spec.lv2", ":spec a lv2:Specification .")
    store = scanned(data_dir, folder)
    found = only_plugin(store)
    assert (found.id, found.vendor, found.version) == ("lv2/the-zoo/zoo-amp", "The Zoo", "2.5")
    assert (found.kind, found.uid, found.categories) == ("instrument", "urn:zoo:amp", ("Utility",))
    assert (found.audio_inputs, found.audio_outputs, found.sidechain_inputs) == (2, 1, 1)
    assert (found.midi_input, found.midi_output) == (True, False)
    assert [(bus.media, bus.direction, bus.name, bus.channels, bus.main) for bus in store.buses(found.key)] == [
        ("audio", "input", "L, R", 2, True), ("audio", "input", "Key", 1, False), ("audio", "output", "Out", 1, True),
        ("cv", "input", "CV", 1, True), ("event", "input", "Notes", 16, True),
        ("message", "output", "To the window", 1, True),
    ]  # fmt: skip
    cutoff, enabled, mode, meter = store.parameters(found.key)
    assert (cutoff.minimum, cutoff.maximum, cutoff.unit, cutoff.automatable) == ("0.001", "0.5", "× sample rate", False)
    assert (enabled.kind, enabled.default) == ("bypass", "1")
    assert (mode.kind, mode.group, mode.choices, mode.steps) == ("stepped", "Tone", ("Low", "Mid", "High"), 3)
    assert (mode.minimum, mode.maximum, mode.default, mode.initial, mode.default_raw) == ("0", "2", "1", "Mid", 0.5)
    assert (meter.name, meter.unit, meter.read_only) == ("Meter", "dBFS", True)
    assert store.programs(found.key) == ["Loud", "Soft"]
    assert store.needs(found.key) == ["http://lv2plug.in/ns/ext/urid#map"]


def test_presets_of_another_bundle_come_and_go_with_it(folder: Path, data_dir: Path) -> None:
    def names() -> list[str]:
        PresetScan(settings(), data_dir).run()
        return [preset.name for preset in Presets(store).of_plugin(only_plugin(store).id)]

    write(folder / "amp.lv2", LISTED, amp=plugin())
    store = scanned(data_dir, folder)
    assert names() == []
    mine = write(folder / "mine.presets", ':p a pset:Preset ; lv2:appliesTo :amp ; rdfs:label "Mine" .')
    assert names() == ["Mine"] and only_plugin(store).preset_count == 1
    with (mine / "manifest.ttl").open("a") as file:
        file.write("broken")
    assert names() == []
    shutil.rmtree(mine)
    assert names() == [] and only_plugin(scanned(data_dir, folder)).program_count == 0


def test_a_folder_of_any_name_is_a_bundle_if_it_has_a_manifest(folder: Path, data_dir: Path) -> None:
    write(folder / "deeper" / "No ending, and a # in it", LISTED, amp=plugin())
    write(folder / "unpacked.lv2" / "real.lv2", plugin(uri=":other"))
    assert sorted(found.uid for found in scanned(data_dir, folder).plugins()) == ["urn:zoo:amp", "urn:zoo:other"]


def test_bundles_that_one_process_reads_end_each_by_itself(folder: Path, data_dir: Path) -> None:
    for number in range(12):
        write(folder / f"good{number:02}.lv2", f"{LISTED}:amp rdfs:label 'Amp {number}' .\n", amp=plugin())
    broken, slow = folder / "good05b.lv2", folder / "good07b.lv2"
    for bundle in (broken, slow):
        bundle.mkdir()
    (broken / "manifest.ttl").write_text("<urn:x> a [[[\n")
    statements = ", ".join(map(str, range(3_500_000)))  # some seconds without a word
    (slow / "manifest.ttl").write_text(f"<urn:x> a <http://lv2plug.in/ns/lv2core#Plugin> ; <urn:of> {statements} .\n")
    events: list[Event] = []
    Scan(settings(workers=1, timeout_s=1.5), data_dir, Options(only=(folder,))).run(events.append)
    store = Store.in_folder(data_dir)
    known = [info for path in folder.iterdir() if (info := store.bundle(str(path)))]
    outcomes = {info.name: info.outcome for info in known}
    assert outcomes.pop("good05b") == "failed" and outcomes.pop("good07b") == "timeout"
    assert len(outcomes) == 12 and set(outcomes.values()) == {"ok"}
    assert all(info.error.startswith("manifest.ttl, line 1:") for info in known if info.name == "good05b")
    started = [event.path for event in events if isinstance(event, BundleStarted)]
    assert len(started) == len(set(started)) == 14
    assert len({info.sandbox for info in known}) == 1
