"""The cursor on parameters in the detail, and what can be copied there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from pluginary_tui.catalogue.journal import Journal
from pluginary_tui.catalogue.load_checks import LoadChecks, LoadResult
from pluginary_tui.catalogue.store import Store
from pluginary_tui.model import Bundle, Outcome, Parameter, ProbedPlugin, Report
from pluginary_tui.tui.app import PluginaryApp
from pluginary_tui.tui.browse.detail_text import DetailText
from pluginary_tui.tui.browse.screen import BrowseScreen
from pluginary_tui.tui.dialogs.menu import Menu
from tests.support.pilot_helpers import ready, shows, until

Open = Callable[..., PluginaryApp]

KNOBS = [
    Parameter("Mix", "%", "50", "0", "100", 0.5, initial="35", initial_raw=0.35, id=1),
    Parameter(
        "Type", "", "Hall", "Hall", "Room", 0.0, 3, "stepped", id=2, group="Space", initial="Plate", initial_raw=0.5,
        choices=("Hall", "Plate", "Room"),
    ),
    *(Parameter(f"Band {n}", "dB", "0", "-12", "12", 0.5, id=10 + n, initial="0", group="Bands") for n in range(60)),
    Parameter("Level", "dB", "0", "-60", "6", 1.0, id=3, read_only=True),
    Parameter("Lost", "", "1", "0", "2", 0.5, id=4),
]  # fmt: skip


@pytest.fixture
def app(open_app: Open, data_dir: Path) -> PluginaryApp:
    """An app on one plugin, of which pedalboard offers all parameters but the last."""
    plugin = ProbedPlugin("Big Verb", "Acme", uid="1" * 32, parameters=KNOBS)
    with Store.in_folder(data_dir) as store:
        Journal(store).finish(
            Report(Bundle("/x/Big Verb.vst3", "vst3", "Big Verb", "1"), Outcome.OK, [plugin]), [()], quarantine=False
        )
        key = store.plugins()[0].key
        names = ("mix", "type", *(f"band_{n}_db" for n in range(60)), "level_db")
        LoadChecks(store).finish([LoadResult(key, Outcome.OK, attributes=names)])
    return open_app([])


async def opened(pilot: Pilot[None]) -> tuple[BrowseScreen, DetailText]:
    browse = await ready(pilot)
    await pilot.press("enter")
    text = browse.query_one(DetailText)
    await until(pilot, lambda: text.facts is not None and text.has_focus)
    return browse, text


async def move_to(pilot: Pilot[None], text: DetailText, name: str, key: str = "j") -> None:
    for _ in range(200):
        if text.parameter and text.parameter.name == name:
            return
        await pilot.press(key)
    raise AssertionError(f"the cursor does not come to {name}")


async def test_the_same_keys_scroll_and_go_from_parameter_to_parameter(app: PluginaryApp) -> None:
    async with app.run_test(size=(140, 30)) as pilot:
        _, text = await opened(pilot)
        assert text.parameter is None, "the text is read from its top"
        await move_to(pilot, text, "Band 59")
        assert text.row_at(0) is not None and text.scroll_y > 30
        seen = []
        for _ in range(3):
            await pilot.press("k")
            assert text.parameter
            seen.append(text.parameter.name)
        assert seen == ["Band 58", "Band 57", "Band 56"]
        await pilot.press("g")
        assert text.parameter is None and text.scroll_y == 0
        await pilot.press("right_square_bracket", "right_square_bracket", "right_square_bracket")
        assert text.parameter is not None, "the third heading is that of the parameters"


async def test_a_parameter_is_copied_as_the_line_that_sets_it(app: PluginaryApp) -> None:
    async with app.run_test(size=(140, 45)) as pilot:
        _, text = await opened(pilot)
        await pilot.press("y")
        assert app.clipboard.startswith("from pedalboard import load_plugin"), "on no parameter it is the snippet"
        await move_to(pilot, text, "Mix")
        await pilot.press("y")
        assert app.clipboard == "plugin.mix = 35  # 0 to 100 %"
        await move_to(pilot, text, "Type")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Menu))
        assert shows(pilot, "Space, Hall to Room, starts at Plate, declares Hall, 3 values")
        assert shows(pilot, "2  Plate") and shows(pilot, "starts with this")
        await pilot.press("3")
        await until(pilot, lambda: app.clipboard == "plugin.type = 'Room'  # Hall to Room")


async def test_the_filter_leads_to_the_parameter(app: PluginaryApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        _, text = await opened(pilot)
        await pilot.press("slash", *"level", "enter")
        await until(pilot, lambda: text.parameter is not None and text.parameter.name == "Level")
        await until(pilot, lambda: shows(pilot, "Level") and shows(pilot, "meter"))
        await pilot.press("y")
        assert app.clipboard == "print(plugin.level_db)"


async def test_what_pedalboard_does_not_offer_says_so(app: PluginaryApp) -> None:
    async with app.run_test(size=(140, 45)) as pilot:
        _, text = await opened(pilot)
        await pilot.press("slash", *"lost", "enter")
        await until(pilot, lambda: text.parameter is not None)
        before = app.clipboard
        await pilot.press("y")
        await until(pilot, lambda: any("does not offer Lost" in each.message for each in app._notifications))
        assert app.clipboard == before


async def test_a_click_puts_the_cursor_on_a_parameter(app: PluginaryApp) -> None:
    async with app.run_test(size=(140, 45)) as pilot:
        _, text = await opened(pilot)
        await move_to(pilot, text, "Mix")
        row = text._at - round(text.scroll_y)
        await pilot.press("j", "j")
        await pilot.click(text, offset=(4, row))
        assert text.parameter and text.parameter.name == "Mix"
