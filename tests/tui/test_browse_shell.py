"""What is around the list: narrow and tiny terminals, help, palette, themes, banner, scans, quitting."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.pilot import Pilot
from textual.screen import Screen

from pluginary_tui.catalogue.journal import Journal
from pluginary_tui.catalogue.store import Store
from pluginary_tui.config import AppSettings, BrowseSettings, Settings
from pluginary_tui.model import Bundle
from pluginary_tui.tui.app import PluginaryApp
from pluginary_tui.tui.browse.facets import Facets
from pluginary_tui.tui.browse.screen import BrowseScreen
from tests.support.pilot_helpers import names, ready, screen_text, shows, type_query, until
from tests.support.sample_catalogue import small

Open = Callable[..., PluginaryApp]


class Between(Message):
    """A message that nothing handles."""


async def test_narrow_shows_one_pane_at_a_time(open_app: Open) -> None:
    async with open_app().run_test(size=(80, 24), notifications=True) as pilot:
        browse = await ready(pilot)
        facets, sheet = browse.query_one(Facets), browse.query_one("#sheet")
        assert browse.list.region.width == 80
        assert not facets.region
        assert not sheet.region
        await pilot.press("enter")
        await until(pilot, lambda: sheet.region.width > 70 and not browse.list.region)
        assert shows(pilot, "SNIPPET")
        assert shows(pilot, "esc back")
        await pilot.press("escape")
        await until(pilot, lambda: browse.list.region and pilot.app.focused is browse.list)
        await pilot.press("shift+tab")
        await until(pilot, lambda: facets.region.width == 80)
        await pilot.press("tab")
        await until(pilot, lambda: browse.list.region.width == 80)


async def test_resizing_with_the_detail_open_keeps_it_open(open_app: Open) -> None:
    async with open_app().run_test(size=(140, 45), notifications=True) as pilot:
        browse = await ready(pilot)
        sheet = browse.query_one("#sheet")
        await pilot.press("enter")
        await until(pilot, lambda: shows(pilot, "SNIPPET"))
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: sheet.region.width > 70 and not browse.list.region)
        assert pilot.app.focused is sheet
        await pilot.resize_terminal(140, 45)
        await until(pilot, lambda: browse.list.region and sheet.region.width < 70)


@pytest.mark.parametrize("dialog", [False, True])
async def test_two_sizes_that_wait_do_not_follow_each_other_for_ever(
    open_app: Open, monkeypatch: pytest.MonkeyPatch, dialog: bool
) -> None:
    """A window's border was dragged while the app was busy: the second size came before the first was drawn."""
    app = open_app()
    async with app.run_test(size=(140, 45), notifications=True) as pilot:
        await ready(pilot)
        if dialog:
            await pilot.press("ctrl+p")
            await until(pilot, lambda: len(app.screen_stack) == 2)
        await pilot.resize_terminal(110, 35)
        laid_out: list[Size] = []
        resized = Screen._screen_resized

        def counted(screen: Screen[object], size: Size) -> None:
            laid_out.append(size)
            if len(laid_out) < 50:  # without an end the test would have none
                resized(screen, size)

        monkeypatch.setattr(Screen, "_screen_resized", counted)
        for size in (Size(90, 30), Size(110, 35)):
            app.screen.post_message(events.Resize(size, size))
            app.screen.post_message(Between())  # of two sizes side by side the first would be left out
        await asyncio.sleep(2)
        assert len(laid_out) <= 4
        assert app.screen.size == (110, 35)


@pytest.mark.parametrize("size", [(40, 10), (20, 5), (8, 3), (300, 80)])
async def test_no_size_breaks_it(open_app: Open, size: tuple[int, int]) -> None:
    async with open_app().run_test(size=size, notifications=True) as pilot:
        await ready(pilot)
        await pilot.press("j", "enter", "j", "escape", "shift+tab", "j", "escape", "question_mark", "escape", "a")
        await pilot.press("escape", "slash", *"zam", "enter")
        await pilot.pause()
        assert pilot.app.is_running


async def test_plain_letters_are_all_that_ascii_draws(open_app: Open) -> None:
    async with open_app(small()[:7], Settings(app=AppSettings(ascii=True))).run_test(
        size=(140, 45), notifications=True
    ) as pilot:
        await ready(pilot)
        await type_query(pilot, "zamverb")
        await pilot.press("f", "y")
        await until(pilot, lambda: shows(pilot, "SNIPPET"))
        await until(pilot, lambda: shows(pilot, "Copied"))
        for keys in ((), ("question_mark",), ("escape", "a"), ("escape", "ctrl+p"), tuple("zamverb")):
            await pilot.press(*keys)
            await pilot.pause(0.2)
            assert not {letter for line in screen_text(pilot) for letter in line if ord(letter) > 126}, keys


async def test_a_long_value_is_cut_with_an_ellipsis_only(open_app: Open) -> None:
    long = [("A" * 200, "B" * 200, "vst3", "C" * 100)]
    async with open_app(long).run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await until(pilot, lambda: shows(pilot, "A…") and shows(pilot, "B…") and shows(pilot, "C…"))


async def test_the_help_lists_the_keys_of_where_you_are(open_app: Open) -> None:
    async with open_app().run_test(size=(100, 60)) as pilot:
        await ready(pilot)
        await pilot.press("question_mark")
        await until(pilot, lambda: shows(pilot, "Keys that work here"))
        for text in ("Mark all found", "copy_snippet"):
            assert shows(pilot, text), text
        await pilot.press("G")  # there are more than a screen shows
        await until(pilot, lambda: shows(pilot, "Everywhere"))
        await pilot.press("escape")
        await until(pilot, lambda: not shows(pilot, "Keys that work here"))


async def test_keys_can_be_given_to_other_actions(open_app: Open) -> None:
    settings = Settings(app=AppSettings(keys={"favourite": "f5"}))
    async with open_app(settings=settings).run_test(size=(140, 45)) as pilot:
        browse = await ready(pilot)
        await pilot.press("f")
        await pilot.pause()
        assert browse.plugin and not browse.plugin.favourite
        await pilot.press("f5")
        await until(pilot, lambda: browse.plugin and browse.plugin.favourite)


async def test_every_binding_has_an_id(open_app: Open) -> None:
    async with open_app().run_test(size=(140, 45)) as pilot:
        browse = await ready(pilot)
        for pane in ("#list", "#facets", "#sheet"):
            browse.query_one(pane).focus()
            await pilot.pause()
            ours = [each for each in browse.active_bindings.values() if each.binding.description]
            bare = {each.binding.description for each in ours if not each.binding.id}
            assert bare <= {"Copy selected text"}


async def test_the_palette_does_what_keys_do(open_app: Open) -> None:
    async with open_app().run_test(size=(140, 45)) as pilot:
        browse = await ready(pilot)
        await pilot.press("ctrl+p")
        await pilot.press(*"favourite")
        await until(pilot, lambda: shows(pilot, " Favourite ") and shows(pilot, "Everything"))
        await pilot.press("enter")
        await until(pilot, lambda: browse.plugin and browse.plugin.favourite)


async def test_a_saved_query_is_in_the_palette(open_app: Open) -> None:
    settings = Settings(browse=BrowseSettings(queries={"tubes": "tube"}))
    async with open_app(settings=settings).run_test(size=(140, 45)) as pilot:
        browse = await ready(pilot)
        await pilot.press("ctrl+p", *"tubes")
        await until(pilot, lambda: shows(pilot, "Query: tubes"))
        await pilot.press("enter")
        await until(pilot, lambda: names(browse) == ["ZamTube"])


async def test_a_theme_is_seen_before_it_is_chosen_and_kept(open_app: Open, tmp_path: Path) -> None:
    app = open_app()
    async with app.run_test(size=(140, 45)) as pilot:
        await ready(pilot)
        app.app_services.choose_theme()
        await until(pilot, lambda: shows(pilot, "nord"))
        await pilot.press("j")
        await until(pilot, lambda: app.theme == "textual-light")
        await pilot.press("escape")
        await until(pilot, lambda: app.theme == "textual-dark")
        app.app_services.choose_theme()
        await until(pilot, lambda: shows(pilot, "nord"))
        await pilot.press("j", "j", "enter")
        await until(pilot, lambda: app.theme == "nord" and (tmp_path / "config.toml").exists())
    assert tomllib.loads((tmp_path / "config.toml").read_text())["app"]["theme"] == "nord"


async def test_an_interrupted_scan_is_offered_and_discarded(open_app: Open, data_dir: Path) -> None:
    with Store.in_folder(data_dir) as store:
        Journal(store).begin([Bundle("/nowhere/X.vst3", "vst3", "X"), Bundle("/nowhere/Y.vst3", "vst3", "Y")])
    app = open_app([])
    async with app.run_test(size=(140, 45), notifications=True) as pilot:
        await ready(pilot)
        assert shows(pilot, "A scan was interrupted with 2 of 2 bundles left")
        await pilot.press("d")
        await until(pilot, lambda: not shows(pilot, "A scan was interrupted"))
        assert Journal(app.session.store).interrupted() is None


async def test_escape_leaves_the_interrupted_scan_for_later(open_app: Open, data_dir: Path) -> None:
    with Store.in_folder(data_dir) as store:
        Journal(store).begin([Bundle("/nowhere/X.vst3", "vst3", "X")])
    app = open_app([])
    async with app.run_test(size=(140, 45), notifications=True) as pilot:
        await ready(pilot)
        await pilot.press("escape")
        await until(pilot, lambda: not shows(pilot, "A scan was interrupted"))
        assert app.session.interrupted


async def test_the_built_in_effects_are_one_key_away_on_an_empty_machine(open_app: Open) -> None:
    app = open_app([])
    async with app.run_test(size=(140, 45), notifications=True) as pilot:
        browse = await ready(pilot)
        await pilot.press("b")
        await until(pilot, lambda: "Reverb" in names(browse) and not app.session.scanning, 60)
        assert pilot.app.focused is browse.list
        await type_query(pilot, "reverb")
        await until(pilot, lambda: shows(pilot, "from pedalboard import Reverb"))


@pytest.mark.parametrize("answer", ["y", "enter"])
async def test_quitting_during_a_scan_asks_stops_and_can_be_resumed(
    open_app: Open, zam: Path, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    app = open_app([])
    async with app.run_test(size=(140, 45), notifications=True) as pilot:
        await ready(pilot)
        app.app_services.start_scan(watch=False)
        await until(pilot, lambda: app.session.progress.total > 0, 60)
        assert app.session.scan is not None
        app.session.scan.pause()
        await pilot.press("q")
        await until(pilot, lambda: shows(pilot, "A scan is running"))
        await pilot.press("n")
        await until(pilot, lambda: not shows(pilot, "A scan is running"))
        assert app.is_running
        await pilot.press("q", answer)
        await until(pilot, lambda: not app.is_running, 60)
    assert not app.session.scanning
    assert app.session.interrupted


async def test_results_appear_in_browse_while_the_scan_runs(open_app: Open, zam: Path) -> None:
    app = open_app([], Settings())
    async with app.run_test(size=(140, 45), notifications=True) as pilot:
        browse = await ready(pilot)
        await pilot.press("s")
        await until(pilot, lambda: app.current_mode == "scan")
        await pilot.press("1")
        await until(pilot, lambda: isinstance(app.screen, BrowseScreen))
        await until(pilot, lambda: len(names(browse)) > 3, 60)
        await until(pilot, lambda: not app.session.scanning and "ZamVerb" in names(browse), 120)


def burst(pilot: Pilot[None], *keys: str) -> None:
    """Press keys faster than the app can look at them, as they come over a slow line."""
    for key in keys:
        pilot.app.post_message(events.Key(key, key if len(key) == 1 else None))


async def test_keys_in_one_burst_are_obeyed_in_their_order(open_app: Open) -> None:
    async with open_app().run_test(size=(140, 45), notifications=True) as pilot:
        browse = await ready(pilot)
        await pilot.press("slash")
        burst(pilot, *"zamx", "backspace", *"verb")
        await until(pilot, lambda: browse.query_text == "zamverb")
        burst(pilot, "ctrl+u", *"comp", "home", *"zam")
        await until(pilot, lambda: browse.query_text == "zamcomp")
        burst(pilot, "end", "ctrl+u", *"zamx", "backspace", "enter", "j", "y")  # the last two are meant for the list
        await until(pilot, lambda: browse.list.cursor == 1 and shows(pilot, "Copied"))
        assert browse.query_text == "zam"


async def test_a_dialog_obeys_keys_in_their_order(open_app: Open) -> None:
    async with open_app().run_test(size=(140, 45), notifications=True) as pilot:
        browse = await ready(pilot)
        await pilot.press("t")
        await until(pilot, lambda: pilot.app.screen is not browse)
        burst(pilot, *"loux", "backspace", "d", "enter")
        await until(pilot, lambda: pilot.app.screen is browse and browse.plugin is not None and browse.plugin.tags)
        assert browse.plugin is not None and browse.plugin.tags == ("loud",)
