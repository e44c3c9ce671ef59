"""The screen of what may not be needed: marking, writing, going to Browse."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from pluginary_tui.catalogue.store import Store
from pluginary_tui.tui.app import PluginaryApp
from pluginary_tui.tui.browse.screen import BrowseScreen
from pluginary_tui.tui.tidy.screen import TidyScreen
from tests.support.pilot_helpers import ready, screen_text, shows, until
from tests.unit.tidy.test_tidy import put

Open = Callable[..., PluginaryApp]


@pytest.fixture
def app(open_app: Open, data_dir: Path) -> PluginaryApp:
    """An app on two copies of one plugin and a bundle that cannot be read."""
    with Store.in_folder(data_dir) as store:
        put(store, "/old/Verb.vst3", ("Verb", "Acme", "1"), size=2_000_000)
        put(store, "/new/Verb.vst3", ("Verb", "Acme", "2"), size=3_000_000)
        put(store, "/a/Broken.vst3", size=500_000)
    return open_app([])


async def tidy(pilot: Pilot[None]) -> TidyScreen:
    """Open it as a person does: Health, then its key."""
    await ready(pilot)
    await pilot.press("3", "t")
    await until(pilot, lambda: isinstance(pilot.app.screen, TidyScreen) and pilot.app.screen.list.findings)
    screen = pilot.app.screen
    assert isinstance(screen, TidyScreen)
    return screen


async def test_every_finding_has_its_reason_and_its_size(app: PluginaryApp) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await tidy(pilot)
        assert shows(pilot, "INSTALLED TWICE  1, 2.0 MB") and shows(pilot, "CANNOT BE READ  1, 500.0 kB")
        assert shows(pilot, "Version 1; version 2 is installed too.") and shows(pilot, "Stays: /new/Verb.vst3")
        assert shows(pilot, "4 bundles, none of them marked: 5.5 MB"), "each counts once"
        await pilot.press("j")
        assert screen.list.chosen and screen.list.chosen.kind == "broken"
        await until(pilot, lambda: shows(pilot, "cannot open shared object file"))


async def test_a_double_click_marks_and_a_single_one_does_not(app: PluginaryApp) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await tidy(pilot)
        at = 5, screen.list.cursor
        await pilot.click(screen.list, offset=at)
        await pilot.pause()
        assert not screen.list.marked
        await pilot.pause(0.6)  # or the next click would be the second of a double one
        await pilot.click(screen.list, offset=at, times=2)
        await until(pilot, lambda: screen.list.marked == {("copy", "/old/Verb.vst3")})


async def test_what_is_marked_is_written(app: PluginaryApp, tmp_path: Path) -> None:
    target = tmp_path / "out.sh"
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await tidy(pilot)
        await pilot.press("space")
        await until(pilot, lambda: shows(pilot, "1 bundle marked: 2.0 MB"))
        for attempt in range(2):
            await pilot.press("w")
            app.screen.query_one("#answer").value = str(target)  # type: ignore[attr-defined]
            await pilot.press("enter")
            if attempt:
                await until(pilot, lambda: shows(pilot, "is there already"))
                await pilot.press("y")
            await until(pilot, lambda: app.screen is screen and target.exists())
        text = target.read_text()
        assert "move /old/Verb.vst3" in text and "/new/Verb.vst3\n" not in text.partition("}\n")[2].replace("#", "")
        await pilot.press("A")
        assert screen.list.marked == {("broken", "/a/Broken.vst3"), ("copy", "/old/Verb.vst3")}


async def test_enter_shows_it_in_browse(app: PluginaryApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await tidy(pilot)
        assert not any("Traceback" in line for line in screen_text(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, BrowseScreen))
        browse = app.screen
        assert isinstance(browse, BrowseScreen)
        await until(pilot, lambda: [each.path for each in browse.list.plugins] == ["/old/Verb.vst3"])


async def test_nothing_to_tidy_says_so(open_app: Open) -> None:
    app = open_app([])
    async with app.run_test(size=(60, 20)) as pilot:
        await ready(pilot)
        app.action_tidy()
        await until(pilot, lambda: shows(pilot, "There is nothing to tidy."))
        await pilot.press("w", "escape")
        await until(pilot, lambda: isinstance(app.screen, BrowseScreen))
