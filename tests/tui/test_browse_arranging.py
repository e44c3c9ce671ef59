"""Order, columns, panes, saved queries, completion: arranged from the keyboard, and kept."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from pluginary_tui.config import BrowseSettings, Settings
from pluginary_tui.tui.app import PluginaryApp
from pluginary_tui.tui.core.columns import COLUMNS
from pluginary_tui.tui.core.session import Session
from pluginary_tui.tui.core.ui_state import FILE_NAME
from tests.support.pilot_helpers import names, ready, screen_text, shows, type_query, until
from tests.support.sample_catalogue import FAILURES, small

Open = Callable[..., PluginaryApp]
WIDE = (140, 45)


async def test_everything_is_as_it_was_left(open_app: Open, data_dir: Path) -> None:
    app = open_app()
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        await pilot.press("F", "greater_than_sign")
        wide = browse.query_one("#detail").outer_size.width
        await pilot.press("o")
        await until(pilot, lambda: shows(pilot, "Order by"))
        await pilot.press("j", "enter")
        await until(pilot, lambda: browse.query_text == "sort:vendor")
        await pilot.press("escape")
        await until(pilot, lambda: browse.query_text == "" and browse.list.sorted_by == "vendor")
        await type_query(pilot, "valhalla")
        await until(pilot, lambda: len(names(browse)) == 3)
    app.session.close()
    kept = json.loads((data_dir / FILE_NAME).read_text())
    assert kept["query"] == "valhalla"

    again = open_app([])
    async with again.run_test(size=WIDE) as pilot:
        browse = await ready(pilot)
        assert browse.query_text == "valhalla"
        assert len(names(browse)) == 3
        assert browse.has_class("-no-facets")
        assert browse.query_one("#detail").outer_size.width == wide
        await pilot.press("escape")
        await until(pilot, lambda: browse.list.sorted_by == "vendor")
        vendors = [plugin.vendor for plugin in browse.list.plugins if plugin.vendor]
        assert vendors == sorted(vendors, key=str.casefold)


async def test_columns_are_chosen_carried_and_kept(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        await pilot.press("C")
        await until(pilot, lambda: shows(pilot, "Columns"))
        await pilot.press("j", "J")  # the name goes behind the vendor
        await pilot.press("G", "space", "enter")  # and the last one comes on
        await until(pilot, lambda: not shows(pilot, "J and K move"))
        last = tuple(COLUMNS)[-1]
        chosen = ("favourite", "vendor", "name", "category", "params", last)
        assert browse.list.columns == browse.layout_controller.columns == chosen
        head = next(line for line in screen_text(pilot) if "PARAMS" in line)
        assert head.index("VENDOR ") < head.index("NAME")
        await pilot.press("C", "j", "space", "escape")
        await pilot.pause()
        assert browse.list.columns == chosen
    app.session.close()
    again = open_app([])
    async with again.run_test(size=WIDE) as pilot:
        assert (await ready(pilot)).list.columns == chosen


async def test_one_column_has_to_stay(open_app: Open) -> None:
    settings = Settings(browse=BrowseSettings(columns=("name",)))
    async with open_app(settings=settings).run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        await pilot.press("C", "space")
        await until(pilot, lambda: shows(pilot, "One column has to stay"))
        await pilot.press("enter")
        await pilot.pause()
        assert browse.layout_controller.columns == ("name",)


async def test_panes_are_put_away_and_taken_out(open_app: Open) -> None:
    async with open_app().run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        for key, pane in (("F", "#facets"), ("D", "#detail")):
            assert browse.query_one(pane).region.width
            await pilot.press(key)
            await until(pilot, lambda pane=pane: not browse.query_one(pane).region.width)
            await pilot.press(key)
            await until(pilot, lambda pane=pane: browse.query_one(pane).region.width)
        await pilot.press("D", "enter")  # opening a plugin takes the detail out
        await until(pilot, lambda: shows(pilot, "SNIPPET"))


async def test_the_focused_pane_is_made_wider_and_narrower(open_app: Open) -> None:
    async with open_app().run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        facets = browse.query_one("#facets")
        facets.focus()
        await pilot.pause()
        before = facets.outer_size.width
        await pilot.press("greater_than_sign")
        await until(pilot, lambda: facets.outer_size.width == before + 4)
        await pilot.press("less_than_sign", "less_than_sign")
        await until(pilot, lambda: facets.outer_size.width == before - 4)
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: facets.region.width == 80)
        assert "narrower" not in {each.binding.id for each in browse.active_bindings.values() if each.enabled}


async def test_a_query_is_saved_listed_forgotten_and_undone(open_app: Open, tmp_path: Path) -> None:
    app = open_app()
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        await pilot.press("s")
        await until(pilot, lambda: shows(pilot, "nothing is searched for") and shows(pilot, "none is saved yet"))
        await pilot.press("escape")
        await type_query(pilot, "tube")
        await pilot.press("s", "plus")
        await until(pilot, lambda: shows(pilot, "Save this query"))
        await pilot.press(*"my.tubes", "enter")
        await until(pilot, lambda: shows(pilot, "Saved as 'my.tubes'"))
        written = tomllib.loads((tmp_path / "config.toml").read_text())
        assert written["browse"]["queries"] == {"my.tubes": "tube"}
        await pilot.press("escape", "s", "1")
        await until(pilot, lambda: browse.query_text == "tube" and names(browse) == ["ZamTube"])
        await pilot.press("ctrl+p", *"my.tubes")
        await until(pilot, lambda: shows(pilot, "Query: my.tubes"))
        await pilot.press("escape", "s", "minus")
        await until(pilot, lambda: shows(pilot, "Forget which query?"))
        await pilot.press("enter")
        await until(pilot, lambda: shows(pilot, "Forgot 'my.tubes'"))
        assert "browse" not in tomllib.loads((tmp_path / "config.toml").read_text())
        await pilot.press("u")
        await until(pilot, lambda: app.session.settings.browse.queries == {"my.tubes": "tube"})
        assert tomllib.loads((tmp_path / "config.toml").read_text())["browse"]["queries"] == {"my.tubes": "tube"}


async def test_what_may_follow_is_offered_and_tab_takes_it(open_app: Open) -> None:
    async with open_app().run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        await pilot.press("slash", *"vend")
        await until(pilot, lambda: shows(pilot, "tab  vendor: who made it"))
        await pilot.press("tab", *"val")
        await until(pilot, lambda: shows(pilot, 'tab  "Valhalla DSP" 3 plugins'))
        await pilot.press("tab")
        await until(pilot, lambda: browse.query_text == 'vendor:"Valhalla DSP"' and len(names(browse)) == 3)


async def test_tab_walks_through_the_offers(open_app: Open) -> None:
    async with open_app().run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        await pilot.press("slash", *"is", "colon")
        await pilot.press("tab")
        first = browse.query_text
        await pilot.press("tab")
        second = browse.query_text
        assert first.startswith("is:") and second.startswith("is:") and len({first, second, "is:"}) == 3
        await pilot.press("space", *"zam")
        await until(pilot, lambda: not shows(pilot, "tab  "))
        await pilot.press("tab")  # nothing to complete: the next pane
        await until(pilot, lambda: not browse.line.input.has_focus)


async def test_parameters_and_texts_are_searched(open_app: Open) -> None:
    async with open_app().run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        await type_query(pilot, "param:bypass")
        await until(pilot, lambda: 0 < len(names(browse)) < len(small()))
        with_bypass = set(names(browse))
        assert all(plugin.parameter_count == 6 for plugin in browse.list.plugins)
        await pilot.press("escape")
        await type_query(pilot, "param:decay unit:s")
        await until(pilot, lambda: browse.query_text == "param:decay unit:s" and set(names(browse)) > with_bypass)
        await pilot.press("escape", "escape")
        await type_query(pilot, "text:dongle")
        await until(pilot, lambda: names(browse) == ["OldThing"])
        await pilot.press("escape")
        await until(pilot, lambda: len(names(browse)) == len(small()) + len(FAILURES))


async def test_the_first_plugins_are_there_before_all_are_read(open_app: Open) -> None:
    app = open_app()
    app.session.tick = type(app.session.tick())  # type: ignore[method-assign,assignment]  # nothing is ever read
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: shows(pilot, "ZamVerb"))
        assert not app.session.loaded
        assert shows(pilot, "reading the catalogue")
        await pilot.press("enter")
        await until(pilot, lambda: shows(pilot, "SNIPPET"))


@pytest.mark.parametrize("text", ['{"query": "zam", "choices": {"browse.columns": [1, 2]}}', "broken"])
async def test_a_damaged_memory_does_no_harm(open_app: Open, data_dir: Path, text: str) -> None:
    data_dir.mkdir(parents=True)
    (data_dir / FILE_NAME).write_text(text)
    async with open_app().run_test(size=WIDE) as pilot:
        browse = await ready(pilot)
        assert "name" in browse.layout_controller.columns


async def test_no_color_leaves_no_colour(open_app: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with open_app().run_test(size=WIDE) as pilot:
        await ready(pilot)
        around = pilot.app.background_colors[1]
        drawn = [segment for strip in pilot.app.screen._compositor.render_strips() for segment in strip]
        for line_filter in pilot.app._filters:
            drawn = line_filter.apply(drawn, around)
        styles = [segment.style for segment in drawn if segment.style]
        colours = [colour for style in styles for colour in (style.color, style.bgcolor) if colour is not None]
        triplets = [colour.get_truecolor() for colour in colours if not colour.is_default]
        assert triplets
        assert all(max(triplet) - min(triplet) <= 1 for triplet in triplets)  # greys, as contrasts are kept


def test_a_session_closed_twice_is_no_matter(data_dir: Path) -> None:
    session = Session(Settings(), data_dir)
    session.close()
    session.close()
