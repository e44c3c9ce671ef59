"""The query line: earlier queries, moving in the list while typing, and what is offered where nothing is found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pluginary_tui.tui.app import PluginaryApp
from tests.support.pilot_helpers import names, ready, shows, type_query, until

Open = Callable[..., PluginaryApp]
WIDE = (140, 45)
ROWS = [
    ("MaBitcrush", "x42", "vst3", "Distortion"),
    ("ZamComp", "Damien Zammit", "vst3", "Dynamics"),
    ("ZamEQ2", "Damien Zammit", "vst3", "EQ"),
    ("Parametric Equalizer", "LSP", "vst3", "EQ"),
    ("Echo Machine", "LSP", "vst3", "Delay"),
    ("Delay", "LSP", "vst3", "Delay"),
    ("Compressor", "LSP", "vst3", "Dynamics"),
]


async def test_earlier_queries_come_back_and_last(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        await type_query(pilot, "valhalla")
        await pilot.press("escape")
        await type_query(pilot, "zam verb")
        await pilot.press("escape", "escape", "slash", "up")
        await until(pilot, lambda: browse.query_text == "zam")
        await pilot.press("up")
        await until(pilot, lambda: browse.query_text == "zam verb")
        await pilot.press("up")
        await until(pilot, lambda: browse.query_text == "valhalla" and len(names(browse)) == 3)
        await pilot.press("down", "down")
        await until(pilot, lambda: browse.query_text == "zam")
        await pilot.press("down")
        await until(pilot, lambda: browse.query_text == "")
        await pilot.press("down")
        await until(pilot, lambda: pilot.app.focused is browse.list)
    app.session.close()
    again = open_app([])
    async with again.run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        await pilot.press("ctrl+r")
        await until(pilot, lambda: shows(pilot, "Earlier queries") and shows(pilot, "zam verb"))
        await pilot.press(*"valh")
        await until(pilot, lambda: not shows(pilot, "zam verb"))
        await pilot.press("enter")
        await until(pilot, lambda: browse.query_text == "valhalla")


async def test_the_list_moves_while_typing(open_app: Open) -> None:
    async with open_app().run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        await pilot.press("slash", *"valhalla")
        await until(pilot, lambda: len(names(browse)) == 3)
        await pilot.press("ctrl+n", "ctrl+n")
        await until(pilot, lambda: browse.list.cursor == 2)
        await pilot.press("ctrl+p")
        await until(pilot, lambda: browse.list.cursor == 1)
        assert pilot.app.focused is browse.line.input
        await pilot.press("pagedown", "enter")
        await until(pilot, lambda: browse.list.cursor == 2 and pilot.app.focused is browse.list)


async def test_other_words_for_the_same_stand_behind_and_are_said(open_app: Open) -> None:
    async with open_app(ROWS).run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        await type_query(pilot, "equalizer")
        await until(pilot, lambda: names(browse) == ["Parametric Equalizer", "ZamEQ2"])
        await until(pilot, lambda: shows(pilot, "the last 1 by another word for equalizer: eq"))
        await pilot.press("escape")
        await type_query(pilot, "bit crusher")
        await until(pilot, lambda: names(browse) == ["MaBitcrush"])
        await pilot.press("escape", "escape")
        await type_query(pilot, "compressor zam")
        await until(pilot, lambda: names(browse) == ["ZamComp"])


async def test_hidden_ones_that_match_are_counted_and_shown(open_app: Open) -> None:
    async with open_app().run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        await type_query(pilot, "valhalla")
        await until(pilot, lambda: len(names(browse)) == 3)
        await pilot.press("A", "H")
        await until(pilot, lambda: shows(pilot, "3 hidden products match."))
        await pilot.press("i")
        await until(pilot, lambda: browse.query_text == "valhalla is:hidden" and len(names(browse)) == 3)


async def test_a_word_that_no_name_has_is_found_as_a_parameter(open_app: Open) -> None:
    async with open_app().run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        await type_query(pilot, "valhalla pre-delay")
        await until(pilot, lambda: shows(pilot, "have a parameter like it") or shows(pilot, "has a parameter like it"))
        await pilot.press("p")
        await until(pilot, lambda: browse.query_text.startswith("valhalla param:") and names(browse))


async def test_the_palette_has_plugins_the_last_used_first(open_app: Open, data_dir: Path) -> None:
    async with open_app().run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        await pilot.press("ctrl+p", *"zamtube")
        await until(pilot, lambda: shows(pilot, "ZamTube  Damien Zammit"))
        await pilot.press("enter")
        await until(pilot, lambda: browse.plugin and browse.plugin.name == "ZamTube")
        await pilot.press("y")
        await until(pilot, lambda: browse.session.store.plugins()[-1] and shows(pilot, "Copied the snippet"))
        browse.session.reload()
        await until(pilot, lambda: any(plugin.used_at for plugin in browse.session.catalogue.plugins))
        await pilot.press("colon")
        await until(pilot, lambda: shows(pilot, "used lately"))
        await pilot.press("enter")
        await until(pilot, lambda: browse.plugin and browse.plugin.name == "ZamTube")
