"""Favourites and tags of presets stay with these when files are moved or renamed, and when plugins get another id."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from pluginary_tui.catalogue.journal import Journal
from pluginary_tui.catalogue.presets import Preset, Presets
from pluginary_tui.catalogue.store import Store
from pluginary_tui.config import PresetSettings, ScanSettings, Settings
from pluginary_tui.model import Bundle, Outcome, ProbedPlugin, Report
from pluginary_tui.presets import bundles
from pluginary_tui.presets.scan import PresetScan
from tests.support.project_files import FILES

SFIZZ = "http://sfztools.github.io/sfizz"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with two folders of presets, of which the settings name one, and an LV2 bundle with presets."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(bundles, "standard_folders", lambda *ignored: [tmp_path / ".lv2"])
    shutil.copytree(FILES / "fxp", tmp_path / "mine" / "fxp")
    shutil.copytree(FILES / "lv2_preset" / "sfizz_808.lv2", tmp_path / ".lv2" / "sfizz_808.lv2")
    (tmp_path / "new").mkdir()
    return tmp_path


def scan(home: Path) -> None:
    folders = (str(home / "mine"), str(home / "new"))
    PresetScan(Settings(presets=PresetSettings(folders=folders), scan=ScanSettings(workers=1)), home / "data").run()


def presets(home: Path) -> list[Preset]:
    with Store.in_folder(home / "data") as store:
        return Presets(store).unmatched()


def chosen(home: Path) -> set[tuple[str, tuple[str, ...]]]:
    """File and tags of each favourite."""
    return {(os.path.relpath(each.path, home), each.tags) for each in presets(home) if each.favourite}


def choose(home: Path, *names: str) -> None:
    """Make favourites of these files, each with its own name as a tag."""
    with Store.in_folder(home / "data") as store:
        for each in Presets(store).unmatched():
            if (name := Path(each.path).name) in names:
                Presets(store).set_favourite([each.id], True)
                Presets(store).add_tag([each.id], Path(name).stem.replace(" ", "-"))


BASS, TRUMPET = "FM Bass.fxp", "01 Solo Trumpet.fxb"


def test_a_file_that_is_renamed_keeps_its_star(home: Path) -> None:
    scan(home)
    choose(home, BASS)
    (home / "mine" / "fxp" / BASS).rename(home / "mine" / "fxp" / "Deep.fxp")
    scan(home)
    assert chosen(home) == {("mine/fxp/Deep.fxp", ("FM-Bass",))}
    (home / "mine" / "fxp" / "Deep.fxp").rename(home / "mine" / "fxp" / BASS)
    scan(home)
    assert chosen(home) == {(f"mine/fxp/{BASS}", ("FM-Bass",))}


@pytest.mark.parametrize("between", [False, True])
def test_files_that_are_moved_keep_their_stars(home: Path, between: bool) -> None:
    scan(home)
    choose(home, BASS, TRUMPET)
    shutil.move(home / "mine" / "fxp", home / "away")
    if between:
        scan(home)
        assert chosen(home) == set()
    shutil.move(home / "away", home / "new" / "fxp")
    scan(home)
    expected = {(f"new/fxp/{BASS}", ("FM-Bass",)), (f"new/fxp/{TRUMPET}", ("01-Solo-Trumpet",))}
    assert chosen(home) == expected


def test_a_folder_of_the_settings_may_be_renamed(home: Path) -> None:
    scan(home)
    choose(home, BASS)
    shutil.copytree(home / "mine", home / "new" / "copies")  # with the time of the last change
    scan(home)
    assert chosen(home) == {(f"mine/fxp/{BASS}", ("FM-Bass",))}, "a copy is another file"
    shutil.move(home / "mine", home / "unplugged")
    shutil.move(home / "new" / "copies", home / "new" / "mine")
    scan(home)
    assert chosen(home) == {(f"new/mine/fxp/{BASS}", ("FM-Bass",))}


def test_a_folder_that_is_no_longer_in_the_settings_is_left(home: Path) -> None:
    scan(home)
    assert len(presets(home)) == 3
    mine = (str(home / "mine"),)
    (home / "mine").rename(home / "unplugged")
    settings = Settings(presets=PresetSettings(folders=mine), scan=ScanSettings(workers=1))
    assert PresetScan(settings, home / "data").run().removed == 0
    settings = Settings(presets=PresetSettings(folders=(str(home / "new"),)), scan=ScanSettings(workers=1))
    assert PresetScan(settings, home / "data").run().removed == 2
    assert len(presets(home)) == 1


def test_of_several_that_could_be_it_none_is(home: Path) -> None:
    scan(home)
    choose(home, BASS)
    old = home / "mine" / "fxp" / BASS
    for name in ("one.fxp", "two.fxp"):
        shutil.copy2(old, home / "new" / name)
    old.unlink()
    scan(home)
    assert chosen(home) == set()
    (home / "new" / "two.fxp").unlink()
    shutil.copy2(home / "new" / "one.fxp", home / "new" / BASS)
    scan(home)
    assert chosen(home) == {(f"new/{BASS}", ("FM-Bass",))}, "the one of the same name"


def test_another_preset_in_its_place_is_not_it(home: Path) -> None:
    scan(home)
    choose(home, BASS)
    old = home / "mine" / "fxp" / BASS
    data, status = old.read_bytes(), old.stat()
    old.unlink()
    (home / "new" / "later.fxp").write_bytes(data)
    other = home / "new" / "other.fxp"
    other.write_bytes(data[:16] + b"ZZZZ" + data[20:])  # for another plugin
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    scan(home)
    assert chosen(home) == set()


def test_presets_of_a_bundle_that_is_renamed_keep_their_stars(home: Path) -> None:
    scan(home)
    choose(home, "808.ttl")
    (home / ".lv2" / "sfizz_808.lv2").rename(home / ".lv2" / "drums.lv2")
    scan(home)
    assert chosen(home) == {(".lv2/drums.lv2/808.ttl", ("808",))}


def test_programs_go_with_their_plugin_when_its_maker_gets_another_name(home: Path) -> None:
    def read(vendor: str) -> None:
        with Store.in_folder(home / "data") as store:
            journal, bundle = Journal(store), Bundle("/x/verb.vst3", "vst3", "Verb", vendor)
            journal.begin([bundle])
            probed = ProbedPlugin("Verb", vendor, uid="1" * 32, programs=["Hall", "Plate"])
            journal.finish(Report(bundle, Outcome.OK, [probed]), [("Reverb",)], quarantine=False)
            journal.end({})

    def favourites() -> list[tuple[str, tuple[str, ...]]]:
        with Store.in_folder(home / "data") as store:
            (plugin,) = store.plugins()
            return [(each.id, each.tags) for each in Presets(store).of_plugin(plugin.id) if each.favourite]

    read("Acme")
    with Store.in_folder(home / "data") as store:
        Presets(store).set_favourite(["vst3/acme/verb#Plate"], True)
        Presets(store).add_tag(["vst3/acme/verb#Plate"], "bright")
        Presets(store).add_tag(["vst3/acme/verb-2#Plate"], "another")
    read("Acme Audio")
    assert favourites() == [("vst3/acme-audio/verb#Plate", ("bright",))]
