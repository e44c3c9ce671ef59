"""Rendering a file, comparing catalogues and reading presets in the app, with real plugins, files and processes."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import pytest
from textual.pilot import Pilot

from pluginary_tui.catalogue.exchange.export import export
from pluginary_tui.catalogue.journal import Journal
from pluginary_tui.catalogue.presets import Presets
from pluginary_tui.catalogue.store import Store
from pluginary_tui.config import PresetSettings, ScanSettings, Settings
from pluginary_tui.model import Bundle, Outcome, Parameter, ProbedPlugin, Report
from pluginary_tui.scan.run import Options, Scan
from pluginary_tui.tui.app import PluginaryApp
from pluginary_tui.tui.browse.render_dialog import RenderDialog
from pluginary_tui.tui.core.session import Session
from pluginary_tui.tui.difference.screen import DifferenceScreen
from tests.support.pilot_helpers import SIGNS, names, ready, shows, type_query, until
from tests.support.project_files import FILES
from tests.support.scans import settings
from tests.support.sound_files import peak, sine, write_wav

SIZE = (140, 45)
CHOW = "ABCDEF019182FAEB43686F774A646F78"


@pytest.fixture
def run(data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], PluginaryApp]]:
    monkeypatch.setenv("HOME", str(tmp_path))
    sessions = []

    def app() -> PluginaryApp:
        chosen = Settings(scan=ScanSettings(workers=2), presets=PresetSettings(folders=(str(tmp_path / "mine"),)))
        sessions.append(Session(chosen, data_dir))
        return PluginaryApp(sessions[-1])

    yield app
    for session in sessions:
        session.close()


async def put(pilot: Pilot[None], text: str) -> None:
    """Write a line anew."""
    await pilot.press("ctrl+u", *(SIGNS.get(letter, letter) for letter in text))


@pytest.fixture
def builtins(data_dir: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    Scan(settings(builtin=True), data_dir, Options(only=(empty,))).run(lambda event: None)


async def test_a_file_is_rendered_through_the_plugin_under_the_cursor(
    builtins: None, run: Callable[[], PluginaryApp], tmp_path: Path
) -> None:
    write_wav(tmp_path / "in.wav", sine(seconds=0.5))
    async with run().run_test(size=SIZE, notifications=True) as pilot:
        browse = await ready(pilot)
        await type_query(pilot, "id:gain")
        await until(pilot, lambda: "Gain" in names(browse))
        browse.list.cursor = names(browse).index("Gain")
        await pilot.press("B")
        await until(pilot, lambda: isinstance(pilot.app.screen, RenderDialog))
        await pilot.press("enter")
        await until(pilot, lambda: shows(pilot, "Name the sound file"))
        await put(pilot, str(tmp_path / "no.wav"))
        await pilot.press("enter")
        await until(pilot, lambda: shows(pilot, "There is no file"))
        await put(pilot, str(tmp_path / "in"))
        await until(pilot, lambda: shows(pilot, "in.wav"))
        await pilot.press("tab")
        dialog = cast(RenderDialog, pilot.app.screen)
        assert dialog.query_one("#source").value == str(tmp_path / "in.wav")  # type: ignore[attr-defined]
        await pilot.press("down", "down")
        await put(pilot, "gain_db=loud")
        await pilot.press("enter")
        await until(pilot, lambda: shows(pilot, "loud"), 60)
        await until(pilot, lambda: dialog.background is None, 60)
        assert not (tmp_path / "in Gain.wav").exists() and len(list(tmp_path.glob("*.wav"))) == 1
        await put(pilot, "gain_db=-12")
        await pilot.press("enter")
        await until(pilot, lambda: not isinstance(pilot.app.screen, RenderDialog), 60)
        await until(pilot, lambda: shows(pilot, "Rendered"))
    assert peak(tmp_path / "in Gain.wav") / peak(tmp_path / "in.wav") == pytest.approx(10 ** (-12 / 20), abs=0.001)
    assert sorted(path.name for path in tmp_path.glob("*.wav")) == ["in Gain.wav", "in.wav"]


async def test_escape_stops_a_rendering_and_leaves_no_file(
    builtins: None, run: Callable[[], PluginaryApp], tmp_path: Path
) -> None:
    # An hour of tail at this rate takes the plugin half a minute at least.
    write_wav(tmp_path / "in.wav", sine(seconds=1, rate=192_000), rate=192_000)
    async with run().run_test(size=SIZE, notifications=True) as pilot:
        browse = await ready(pilot)
        browse.list.cursor = names(browse).index("Phaser")
        await pilot.press("B")
        await until(pilot, lambda: isinstance(pilot.app.screen, RenderDialog))
        dialog = cast(RenderDialog, pilot.app.screen)
        await put(pilot, str(tmp_path / "in.wav"))
        await pilot.press("up")
        await put(pilot, "3600")
        await pilot.press("enter")
        await until(pilot, lambda: dialog.background is not None)
        await pilot.press("escape")
        await until(pilot, lambda: shows(pilot, "Stopped; no file was made."), 60)
        assert [path.name for path in tmp_path.iterdir() if path.suffix == ".wav"] == ["in.wav"]
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(pilot.app.screen, RenderDialog))


def report(name: str, version: str, highest: str) -> Report:
    plugin = ProbedPlugin(name, "Acme", version, uid=f"{sum(name.encode()):032X}")
    plugin.parameters = [Parameter("Drive", "dB", "0", "-12", highest, id=1)]
    return Report(Bundle(f"/x/{name}.vst3", "vst3", name, version), Outcome.OK, [plugin])


def keep(store: Store, *reports: Report) -> None:
    journal = Journal(store)
    journal.begin([each.bundle for each in reports])
    for each in reports:
        journal.finish(each, [("Reverb",)], quarantine=False)
    journal.end({})


async def test_another_machine_is_compared_and_what_differs_is_shown_in_browse(
    run: Callable[[], PluginaryApp], data_dir: Path, tmp_path: Path
) -> None:
    with Store.in_folder(tmp_path / "other") as store:
        keep(store, report("Verb", "1.0", "24"), report("Old", "1", "24"), report("Same", "1", "24"))
        export(store, store.plugins(), tmp_path / "other.json")
    with Store.in_folder(data_dir) as store:
        keep(store, report("Verb", "2.0", "12"), report("Same", "1", "24"), report("New", "1", "24"))
    async with run().run_test(size=SIZE, notifications=True) as pilot:
        browse = await ready(pilot)
        await pilot.press("3")
        await until(pilot, lambda: pilot.app.current_mode == "health")
        await pilot.press("c", "m")
        await until(pilot, lambda: shows(pilot, "Compare with another machine"))
        await put(pilot, str(tmp_path / "no.json"))
        await pilot.press("enter")
        await until(pilot, lambda: shows(pilot, "There is no file"))
        await put(pilot, str(tmp_path / "other.json"))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, DifferenceScreen))
        for line in ("Only there: 1 plugin", "Old 1 by Acme", "Only here: 1 plugin", "version 1.0 -> 2.0",
                     "Drive: maximum 24 -> 12", "The same: 1 plugin"):  # fmt: skip
            await until(pilot, lambda line=line: shows(pilot, line))  # type: ignore[misc]
        await pilot.press("y")
        await until(pilot, lambda: "Only there: 1 plugin" in pilot.app.clipboard)
        await pilot.press("o")
        await until(pilot, lambda: pilot.app.current_mode == "browse" and set(names(browse)) == {"Verb", "New"})


async def test_two_dates_are_compared_from_what_was_kept(run: Callable[[], PluginaryApp], data_dir: Path) -> None:
    with Store.in_folder(data_dir) as store:
        keep(store, report("Verb", "1.0", "24"))
        store.db.execute("UPDATE plugin SET added_at = '2026-01-01T00:00:00Z'")
        keep(store, report("Verb", "2.0", "12"))
        store.db.execute("UPDATE revision SET until = '2026-03-01T00:00:00Z'")
    async with run().run_test(size=SIZE) as pilot:
        await ready(pilot)
        await pilot.press("3")
        await until(pilot, lambda: pilot.app.current_mode == "health")
        await pilot.press("c", "d")
        await until(pilot, lambda: shows(pilot, "Compare with an earlier date"))
        await put(pilot, "2026-02-30")
        await pilot.press("enter")
        await until(pilot, lambda: shows(pilot, "Type a date"))
        await put(pilot, "2026-02-01")
        await pilot.press("enter")
        await until(pilot, lambda: shows(pilot, "version 1.0 -> 2.0") and shows(pilot, "Drive: maximum 24 -> 12"))
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(pilot.app.screen, DifferenceScreen))
        await pilot.press("c", "d")
        await until(pilot, lambda: shows(pilot, "Compare with an earlier date"))
        await put(pilot, "2026-04-01..2026-05-01")
        await pilot.press("enter")
        await until(pilot, lambda: shows(pilot, "The same: 1 plugin"))


async def test_presets_are_read_in_the_background_tagged_and_found(
    run: Callable[[], PluginaryApp], data_dir: Path, tmp_path: Path
) -> None:
    (tmp_path / "mine").mkdir()
    shutil.copy(FILES / "vstpreset" / "CHOWTapeModel.vst3.vstpreset", tmp_path / "mine" / "Warm.vstpreset")
    with Store.in_folder(data_dir) as store:
        journal = Journal(store)
        bundle = Bundle("/x/Chow.vst3", "vst3", "Chow", "1")
        journal.begin([bundle])
        journal.finish(
            Report(bundle, Outcome.OK, [ProbedPlugin("Chow", "C", uid=CHOW, programs=["Init"])]), [("Tape",)],
            quarantine=False,
        )  # fmt: skip
        journal.end({})
    async with run().run_test(size=SIZE, notifications=True) as pilot:
        browse = await ready(pilot)
        await pilot.press("P")
        await until(pilot, lambda: shows(pilot, "Presets of Chow") and shows(pilot, "Init"))
        await pilot.press("s")
        await until(pilot, lambda: shows(pilot, "1 preset file read"), 60)
        await until(pilot, lambda: shows(pilot, "Warm"))
        await pilot.press("down", "t")
        await until(pilot, lambda: shows(pilot, "Tags of Warm"))
        await pilot.press(*"soft lead", "enter")
        await until(pilot, lambda: shows(pilot, "#lead #soft"))
        await pilot.press("slash", "number_sign", *"soft", "enter")
        await until(pilot, lambda: shows(pilot, "1 of 2 presets") and not shows(pilot, "Init"))
        found = [p for p in Presets(browse.session.store).of_plugin("vst3/c/chow") if p.path]
        assert [p.tags for p in found] == [("lead", "soft")]


@pytest.mark.parametrize("size", [(80, 24), (40, 12)])
async def test_the_dialogs_fit_small_terminals(
    builtins: None, run: Callable[[], PluginaryApp], size: tuple[int, int]
) -> None:
    async with run().run_test(size=size) as pilot:
        browse = await ready(pilot)
        browse.list.cursor = names(browse).index("Gain")
        await pilot.press("B")
        await until(pilot, lambda: shows(pilot, "Render through Gain") and shows(pilot, "Tail"))
        await pilot.press("escape", "3")
        await until(pilot, lambda: pilot.app.current_mode == "health")
        await pilot.press("c", "d")
        await until(pilot, lambda: shows(pilot, "Compare with an"))


async def test_presets_of_a_real_plugin_are_tried_from_the_list(
    run: Callable[[], PluginaryApp], zam: Path, data_dir: Path, tmp_path: Path
) -> None:
    plugins = tmp_path / "plugins"
    shutil.copytree(zam / "ZamComp.vst3", plugins / "ZamComp.vst3")
    Scan(settings(load_check=True), data_dir, Options(only=(plugins,))).run(lambda event: None)
    (tmp_path / "mine").mkdir()
    broken = b"VST3" + bytes([1, 0, 0, 0]) + b"2046504473616C63504D435A00000000" + bytes(20)
    (tmp_path / "mine" / "Broken.vstpreset").write_bytes(broken)
    async with run().run_test(size=SIZE, notifications=True) as pilot:
        await ready(pilot)
        app = cast(PluginaryApp, pilot.app)
        app.services.read_presets()
        await until(pilot, lambda: shows(pilot, "1 preset file read"), 60)
        await until(pilot, lambda: app.session.catalogue.plugins[0].preset_count == 1)
        await pilot.press("P")
        await until(pilot, lambda: shows(pilot, "Presets of ZamComp") and shows(pilot, "Broken"))
        await until(pilot, lambda: shows(pilot, "cannot be loaded"), 60)  # tried when the list was opened
        await until(pilot, lambda: app.session.background is None, 60)
        await pilot.press("c")
        await until(pilot, lambda: shows(pilot, "Every preset file that pedalboard may load was tried before."), 60)
