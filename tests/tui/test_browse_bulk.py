"""One action on many: quarantine, probing again, export, notes; each taken back or asked for first."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from pluginary_tui.config import Settings
from pluginary_tui.tui.app import PluginaryApp
from pluginary_tui.tui.browse.facets import Facets
from pluginary_tui.tui.browse.plugin_details import PluginDetails, header_section
from pluginary_tui.tui.core.session import Session
from pluginary_tui.tui.dialogs.prompt import PromptInput
from tests.support.pilot_helpers import names, ready, screen_text, shows, type_query, until

Open = Callable[..., PluginaryApp]
WIDE = (140, 45)


async def test_many_go_into_quarantine_and_out_again(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        await type_query(pilot, "valhalla")
        await until(pilot, lambda: len(names(browse)) == 3)
        await pilot.press("A", "Q")
        await until(pilot, lambda: shows(pilot, "3 plugins: in quarantine"))
        held = {info.path: info.error for info in app.session.store.quarantine() if "Valhalla" in info.path}
        assert len(held) == 3 and set(held.values()) == {"put into quarantine by hand"}
        await until(pilot, lambda: browse.plugin and browse.plugin.quarantined)
        await until(pilot, lambda: shows(pilot, "In quarantine") and shows(pilot, "Q takes it out"))
        await pilot.press("u")
        await until(pilot, lambda: shows(pilot, "Undone"))
        left = app.session.store.quarantine()
        assert not [info for info in left if "Valhalla" in info.path] and len(left) == 3
        assert all(info.error == "" for path in held if (info := app.session.store.bundle(path)))


async def test_what_failed_comes_out_of_quarantine_and_back_as_it_was(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        await type_query(pilot, "oldthing")
        await until(pilot, lambda: names(browse) == ["OldThing"])
        assert browse.plugin
        path = browse.plugin.path
        before = app.session.store.bundle(path)
        await pilot.press("Q")
        await until(pilot, lambda: shows(pilot, "out of quarantine"))
        assert (info := app.session.store.bundle(path)) and not info.quarantined_at
        await until(pilot, lambda: browse.plugin and not browse.plugin.quarantined)
        await pilot.press("u")
        await until(pilot, lambda: shows(pilot, "Undone"))
        after = app.session.store.bundle(path)
        assert before and after and after.quarantined_at and after.error == before.error


async def test_what_is_marked_is_exported(open_app: Open, tmp_path: Path) -> None:
    async with open_app().run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        await type_query(pilot, "valhalla")
        await until(pilot, lambda: len(names(browse)) == 3)
        target = tmp_path / "out.json"
        await pilot.press("A", "e")
        await until(pilot, lambda: shows(pilot, "Export 3 plugins"))
        await pilot.press("ctrl+u", *(LETTERS.get(letter, letter) for letter in str(target)), "enter")
        await until(pilot, lambda: shows(pilot, "Wrote 3 plugins"))
        written = json.loads(target.read_text())["plugins"]
        assert {plugin["vendor"] for plugin in written} == {"Valhalla DSP"}
        await pilot.press("e", "ctrl+u", *(LETTERS.get(letter, letter) for letter in str(target)), "enter")
        await until(pilot, lambda: shows(pilot, "is there already"))
        await pilot.press("n")
        await until(pilot, lambda: not shows(pilot, "is there already"))
        assert json.loads(target.read_text())["plugins"] == written
        assert app_line(pilot) == str(target), "what was typed is not lost"
        await pilot.press("ctrl+u", "enter")
        await until(pilot, lambda: shows(pilot, "Type the path of a file"))


async def test_a_wrong_path_is_said_in_the_dialog_which_stays(open_app: Open, tmp_path: Path) -> None:
    async with open_app().run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot)
        await type_query(pilot, "valhalla")
        (tmp_path / "folder").mkdir()
        for line, problem in (
            ("/nowhere/x.json", "There is no folder /nowhere."),
            ("/tmp/x.txt", "must end in .json, .csv or .toml"),
            (str(tmp_path / "folder"), "is a folder; add the name"),
        ):
            await pilot.press("e", "e")
            await until(pilot, lambda: shows(pilot, "Export"))
            await type_line(pilot, line)
            await until(pilot, lambda problem=problem: shows(pilot, problem))
            assert app_line(pilot) == line, "what was typed is not lost"
            await pilot.press("escape")


async def test_all_found_is_exported_in_the_order_of_the_list(open_app: Open, tmp_path: Path) -> None:
    async with open_app().run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        await type_query(pilot, "valhalla sort:-name")
        await until(pilot, lambda: len(names(browse)) == 3)
        target = tmp_path / "found.json"
        await pilot.press("e", "a")
        await until(pilot, lambda: shows(pilot, "Export 3 plugins"))
        await type_line(pilot, str(target))
        await until(pilot, lambda: shows(pilot, "Wrote 3 plugins"))
        assert [plugin["name"] for plugin in json.loads(target.read_text())["plugins"]] == names(browse)


async def test_a_message_covers_nothing(open_app: Open) -> None:
    async with open_app().run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        facets, footer = browse.query_one(Facets), screen_text(pilot)[-1]
        before = [entry.value for entry in facets.entries]
        bottom = browse.list.region.bottom
        await pilot.press("f")
        await until(pilot, lambda: "now a favourite" in screen_text(pilot)[-2])
        assert screen_text(pilot)[-1] == footer and browse.list.region.bottom == bottom - 1
        assert [entry.value for entry in facets.entries] == before, "nothing moves"


def app_line(pilot: Pilot[None]) -> str:
    """What stands in the line of the dialog."""
    return pilot.app.screen.query_one(PromptInput).value


async def type_line(pilot: Pilot[None], line: str) -> None:
    await pilot.press("ctrl+u", *(LETTERS.get(letter, letter) for letter in line), "enter")


LETTERS = {"~": "tilde", "/": "slash", ".": "full_stop", "-": "minus", "_": "underscore"}


async def test_a_folder_that_cannot_be_opened_says_why(open_app: Open) -> None:
    async with open_app().run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot)
        await type_query(pilot, "zamverb")
        await pilot.press("O")
        await until(pilot, lambda: shows(pilot, "ZamVerb.vst3 is"))


async def test_a_note_goes_without_an_editor(open_app: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("VISUAL", "EDITOR"):
        monkeypatch.delenv(name, raising=False)
    async with open_app().run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        await pilot.press("N")
        await until(pilot, lambda: shows(pilot, "Set EDITOR"))
        await pilot.press(*"loud", "enter")
        await until(pilot, lambda: browse.plugin and browse.plugin.note == "loud")
        plugin = browse.plugin
        assert plugin
        plugin.note = "one\ntwo"
        assert ("one", "string") in [line[0] for line in header_section(PluginDetails(plugin), browse.session.glyphs)]


async def test_a_folder_is_completed_in_its_dialog(open_app: Open, tmp_path: Path) -> None:
    (tmp_path / "studio" / "vst3").mkdir(parents=True)
    (tmp_path / "studio" / "vst2").mkdir()
    app = open_app()
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot)
        app.app_services.ask_folder()
        await until(pilot, lambda: shows(pilot, "Add a folder"))
        await pilot.press("ctrl+u", *(LETTERS.get(letter, letter) for letter in f"{tmp_path}/st"))
        await until(pilot, lambda: shows(pilot, "tab  studio"))
        await pilot.press("tab")
        await until(pilot, lambda: shows(pilot, "tab  vst2  vst3"))
        await pilot.press("tab", "tab")
        answer = app.screen.query_one("#answer")
        await until(pilot, lambda: getattr(answer, "value", "") == f"{tmp_path}/studio/vst3/")
        await pilot.press("escape")


def test_probing_some_again_leaves_all_others_alone(some_zam: Path, data_dir: Path) -> None:
    session = Session(Settings(), data_dir)
    try:
        assert session.rescan([str(some_zam / "ZamGate.vst3")])
        assert not session.rescan([str(some_zam / "ZamComp.vst3")])  # one at a time
        end = time.monotonic() + 120
        while session.scanning and time.monotonic() < end:
            session.tick()
            time.sleep(0.02)
        assert session.summary and session.summary.ok == 1
        assert [plugin.name for plugin in session.store.plugins()] == ["ZamGate"]  # and none of pedalboard's own
    finally:
        session.close()
