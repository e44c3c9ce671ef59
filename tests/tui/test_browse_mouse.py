"""The mouse: the last line, the right button, borders, and facets that stay under the pointer."""

from __future__ import annotations

from collections.abc import Callable

from pluginary_tui.tui.app import PluginaryApp
from pluginary_tui.tui.browse.facets import Facets
from pluginary_tui.tui.widgets.chrome import KeyFooter
from tests.support.pilot_helpers import names, ready, screen_text, shows, type_query, until

Open = Callable[..., PluginaryApp]
WIDE = (140, 45)


async def test_words_of_the_last_line_answer_a_click(open_app: Open) -> None:
    async with open_app().run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        at = screen_text(pilot)[-1].index("favourite")
        await pilot.click(KeyFooter, offset=(at, 0))
        await until(pilot, lambda: browse.plugin and browse.plugin.favourite)


async def test_the_right_button_opens_the_actions_of_the_plugin_under_it(open_app: Open) -> None:
    async with open_app().run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        await pilot.click("#list", offset=(8, 4), button=3)
        await until(pilot, lambda: shows(pilot, "Into quarantine"))
        assert browse.list.cursor == 3


async def test_borders_are_dragged_and_kept(open_app: Open) -> None:
    async with open_app().run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        await pilot.mouse_down("#middle", offset=(0, 5))
        await pilot.hover("#middle", offset=(10, 5))
        await pilot.mouse_up("#middle", offset=(0, 5))
        await until(pilot, lambda: browse.query_one(Facets).outer_size.width == 34)
        assert browse.session.state.widths["facets"] == 34


async def test_the_border_of_a_column_is_dragged_kept_and_let_go(open_app: Open) -> None:
    async with open_app().run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)

        def width() -> int:
            return next(cells for name, _, cells, *_ in browse.list.placed(browse.list.size.width) if name == "name")

        before, order = width(), browse.list.sorted_by
        border = 3 + 2 + before
        await pilot.mouse_down("#list", offset=(border, 0))
        await pilot.hover("#list", offset=(border - 8, 0))
        await pilot.mouse_up("#list", offset=(border - 8, 0))
        await until(pilot, lambda: width() == before - 8)
        assert browse.session.state.column_widths == {"name": before - 8}
        assert browse.list.sorted_by == order and browse.query_text == "", "it was no click on a title"
        await pilot.click("#list", offset=(border - 8, 0), times=2)
        await until(pilot, lambda: width() == before and not browse.session.state.column_widths)
        await pilot.click("#list", offset=(8, 0))
        await until(pilot, lambda: browse.list.sorted_by == "-name")


async def test_facets_stay_under_the_pointer(open_app: Open) -> None:
    async with open_app().run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        facets = browse.query_one(Facets)
        line = next(at for at, entry in enumerate(facets.entries) if entry.value == "FabFilter")
        before = [(entry.kind, entry.facet, entry.value) for entry in facets.entries]
        await pilot.click("#facets", offset=(4, line))
        await until(pilot, lambda: names(browse) == ["Pro-Q 3"])
        assert [(entry.kind, entry.facet, entry.value) for entry in facets.entries] == before
        await pilot.click("#facets", offset=(4, line))
        await until(pilot, lambda: browse.query_text == "")
        await pilot.click("#facets", offset=(4, line), button=3)
        await until(pilot, lambda: browse.query_text == "-vendor=FabFilter")
        await pilot.hover("#list")
        await until(pilot, lambda: facets.entries[line].value != "FabFilter" or facets.entries[line].left_out)


async def test_facets_show_more_where_there_is_room(open_app: Open) -> None:
    rows = [(f"Plugin {number}", f"Vendor {number:02}", "vst3", "EQ") for number in range(20)]
    async with open_app(rows).run_test(size=(140, 70), notifications=True) as pilot:
        await ready(pilot)
        await until(pilot, lambda: shows(pilot, "Vendor 19"))
    async with open_app([]).run_test(size=(140, 30), notifications=True) as pilot:
        await ready(pilot)
        await until(pilot, lambda: shows(pilot, "more"))
        await type_query(pilot, "vendor:19")
