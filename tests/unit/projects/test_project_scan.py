from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from pluginary_tui.catalogue.journal import Journal
from pluginary_tui.catalogue.projects import Projects
from pluginary_tui.catalogue.search_lookup import Lookup
from pluginary_tui.catalogue.store import Store
from pluginary_tui.catalogue.usage import projects_of, refresh_usage
from pluginary_tui.config import ProjectSettings, ScanSettings, Settings
from pluginary_tui.errors import ScanError
from pluginary_tui.model import Bundle, Outcome, ProbedPlugin, Report
from pluginary_tui.projects.discover import find_projects
from pluginary_tui.projects.overview import ProjectOverview
from pluginary_tui.projects.scan import ProjectScan, ProjectSummary
from pluginary_tui.search.index import Index
from tests.support.project_files import FILES

SETTINGS = Settings(scan=ScanSettings(workers=2))


@pytest.fixture
def songs(tmp_path: Path) -> Path:
    folder = tmp_path / "songs"
    shutil.copytree(FILES / "reaper", folder / "reaper")
    shutil.copytree(FILES / "ardour", folder / "ardour")
    shutil.copytree(FILES / "lmms", folder / "lmms")
    return folder


def scan(songs: Path, *, full: bool = False) -> ProjectSummary:
    return ProjectScan(SETTINGS, songs.parent / "data", [songs], full=full).run()


def rows(songs: Path) -> dict[str, tuple[str, int]]:
    with Store.in_folder(songs.parent / "data") as store:
        return {Path(row.path).name: (row.outcome, row.plugins) for row in Projects(store).all()}


def test_a_scan_reads_what_is_new_or_has_changed(songs: Path) -> None:
    first = scan(songs)
    assert (first.found, first.read, first.failed, first.unchanged) == (5, 5, 0, 0)
    assert rows(songs) == {
        "issue-846-clap-support.RPP": ("ok", 2),
        "vst3-track-and-take-fx.RPP": ("ok", 2),
        "session.ardour": ("ok", 11),
        "logs.mmpz": ("ok", 4),
        "rave-story.mmpz": ("ok", 8),
    }
    second = scan(songs)
    assert (second.read, second.unchanged) == (0, 5)
    os.utime(songs / "ardour" / "session.ardour", ns=(0, 10**18))
    (songs / "lmms" / "logs.mmpz").unlink()
    third = scan(songs)
    assert (third.read, third.unchanged, third.removed) == (1, 3, 1)
    assert "logs.mmpz" not in rows(songs)
    assert scan(songs, full=True).read == 4


def test_nothing_is_written_to_a_project(songs: Path) -> None:
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in songs.rglob("*") if path.is_file()}
    scan(songs)
    assert before == {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in songs.rglob("*") if path.is_file()}


def test_what_a_folder_that_is_not_there_held_is_kept(songs: Path) -> None:
    scan(songs)
    songs.rename(songs.with_name("unplugged"))
    summary = scan(songs)
    assert (summary.found, summary.removed) == (0, 0)
    assert "cannot be searched" in summary.notes[0]
    assert len(rows(songs)) == 5


def test_projects_of_folders_that_were_moved_or_renamed_are_counted_once(songs: Path) -> None:
    scan(songs)
    renamed = songs.parent / "renamed"
    songs.rename(renamed)
    summary = ProjectScan(SETTINGS, songs.parent / "data", [renamed]).run()
    assert (summary.found, summary.removed) == (5, 5)
    assert len(rows(renamed)) == 5
    (renamed / "lmms" / "logs.mmpz").unlink()
    summary = ProjectScan(SETTINGS, songs.parent / "data", [renamed / "reaper"]).run()
    assert summary.removed == 0, "nobody asked for its folder"
    elsewhere = Settings(scan=SETTINGS.scan, projects=ProjectSettings(folders=(str(renamed / "reaper"),)))
    assert ProjectScan(elsewhere, songs.parent / "data").run().removed == 1


def test_damaged_files_cost_themselves_and_are_read_again_when_they_change(songs: Path) -> None:
    session = songs / "ardour" / "session.ardour"
    whole = session.read_bytes()
    session.write_bytes(whole[:60_000])
    (songs / "empty.als").write_bytes(b"")
    (songs / "trick.song").write_bytes(b"PK\x03\x04")
    summary = scan(songs)
    assert (summary.read, summary.failed) == (7, 3)
    assert rows(songs)["session.ardour"][0] == "failed"
    assert rows(songs)["session.ardour"][1] > 0, "what it said before the damage is kept"
    with Store.in_folder(songs.parent / "data") as store:
        errors = {Path(row.path).name: row.error for row in Projects(store).all() if row.error}
    assert re.fullmatch(r"Its XML is damaged in line [\d,]+\.", errors["session.ardour"])
    assert errors["trick.song"] == "It is not a ZIP archive, or damaged."
    session.write_bytes(whole)
    assert scan(songs).read == 1
    assert rows(songs)["session.ardour"] == ("ok", 11)


def test_pipes_links_in_circles_backups_and_hidden_folders_are_left_out(songs: Path) -> None:
    os.mkfifo(songs / "pipe.rpp")
    (songs / "circle").symlink_to(songs)
    (songs / "dangling.rpp").symlink_to(songs / "nowhere")
    for name in ("Backups", ".hidden"):
        (songs / name).mkdir()
        shutil.copy(FILES / "reaper" / "vst3-track-and-take-fx.RPP", songs / name)
    found = find_projects([songs])
    assert len(found.files) == 5
    assert [Path(file.path).name for file in find_projects([songs / "Backups"]).files] == ["vst3-track-and-take-fx.RPP"]


def test_a_file_may_be_named_itself(songs: Path) -> None:
    template = songs / "ardour" / "MT-PowerDrumKit.template"
    assert ProjectScan(SETTINGS, songs.parent / "data", [template]).run().read == 1
    summary = ProjectScan(SETTINGS, songs.parent / "data", [songs / "ardour" / "nothing.ardour"]).run()
    assert "cannot be searched" in summary.notes[0]


def test_without_a_folder_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ScanError, match=r"projects\.folders"):
        ProjectScan(SETTINGS, tmp_path)
    settings = Settings(projects=ProjectSettings(folders=(str(tmp_path),)))
    assert ProjectScan(settings, tmp_path / "data").run().found == 0


def test_a_name_that_is_not_unicode_is_left_out_and_said(songs: Path) -> None:
    name = os.fsencode(songs / "bad") + b"\xff.rpp"
    shutil.copy(FILES / "reaper" / "vst3-track-and-take-fx.RPP", name)
    summary = scan(songs)
    assert summary.found == 5
    assert len(summary.notes) == 1
    itself = ProjectScan(SETTINGS, songs.parent / "data", [Path(os.fsdecode(name))]).run()
    assert (itself.found, itself.notes) == (0, summary.notes)


def test_stopping_keeps_what_was_read_and_the_next_one_goes_on(songs: Path) -> None:
    running = ProjectScan(SETTINGS, songs.parent / "data", [songs])
    running.stop()
    assert running.run().stopped
    assert scan(songs).read + len(rows(songs)) >= 5
    assert len(rows(songs)) == 5


def test_the_overview_counts_places_tracks_and_what_is_switched_off(songs: Path) -> None:
    scan(songs)
    with Store.in_folder(songs.parent / "data") as store:
        overview = ProjectOverview(store)
        row = next(row for row in overview.rows if row.path.endswith("rave-story.mmpz"))
        used = {each.used.uid: each for each in overview.plugins_of(row)}
        assert (used["PreampIII"].count, used["PreampIII"].tracks) == (3, ["pad", "TripleOscillator", "bass"])
        assert (used["AmpIII"].count, used["AmpIII"].bypassed) == (1, 1)
        assert overview.counts()[row.key] == (5, 5)
        assert overview.own_devices(row)["audiofileprocessor"] == 10


def with_plugins(songs: Path) -> None:
    """Put two plugins that the session uses, and one that nothing uses, into the catalogue."""
    rows = [
        ("ZamVerb", "Damien Zammit", "2046504473616C635A56726200000000"),
        ("Dragonfly Hall Reverb", "Michael Willis", "2046504473616C633172666400000000"),
        ("MVerb", "Martin Eastwood", "2046504473616C636272564D00000000"),
        ("Idle", "Nobody", "1" * 32),
    ]
    with Store.in_folder(songs.parent / "data") as store:
        journal = Journal(store)
        bundles = [Bundle(f"/vst3/{name}.vst3", "vst3", name, "1") for name, *_ in rows]
        journal.begin(bundles)
        for bundle, (name, vendor, uid) in zip(bundles, rows, strict=True):
            report = Report(bundle, Outcome.OK, [ProbedPlugin(name, vendor, uid=uid)])
            journal.finish(report, [("Reverb",)], quarantine=False)
        journal.end({})
        refresh_usage(store)


@pytest.mark.parametrize("plugins_first", [True, False])
def test_queries_ask_for_projects_in_whatever_order_the_two_were_read(songs: Path, plugins_first: bool) -> None:
    steps = [with_plugins, scan]
    for step in steps if plugins_first else reversed(steps):
        step(songs)
    with Store.in_folder(songs.parent / "data") as store:
        index = Index(store.plugins(), Lookup(store))

        def found(query: str) -> set[str]:
            return {index.plugins[row].name for row in index.search(query).rows}

        # ZamVerb is there as a VST3, and the session names it as an LV2.
        assert found("projects>0") == found("used-in:session") == {"ZamVerb", "Dragonfly Hall Reverb", "MVerb"}
        assert found("is:unused") == found("projects:0") == {"Idle"}
        assert found("used-in:nothing") == set()
        assert found("-used-in:session") == {"Idle"}
        assert index.plugins[-1].name == "Idle", "what projects use comes first among equals"
        plugin = next(plugin for plugin in store.plugins() if plugin.name == "MVerb")
        assert [Path(row.path).name for row in projects_of(store, plugin)] == ["session.ardour"]
        assert plugin.project_used_at > "2020"
    (songs / "ardour" / "session.ardour").unlink()
    scan(songs)
    with Store.in_folder(songs.parent / "data") as store:
        assert {plugin.used_in for plugin in store.plugins()} == {0}
