"""Marks are seen, shown by themselves, and never acted on unseen without asking."""

from __future__ import annotations

from collections.abc import Callable

from pluginary_tui.tui.app import PluginaryApp
from tests.support.pilot_helpers import names, ready, screen_text, shows, type_query, until

Open = Callable[..., PluginaryApp]
WIDE = (140, 45)
VALHALLA = 3
FORMATS = ("VST3", "CLAP", "LV2")


async def test_marks_are_counted_shown_and_found_by_a_query(open_app: Open) -> None:
    async with open_app().run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        await type_query(pilot, "valhalla")
        await until(pilot, lambda: len(names(browse)) == VALHALLA)
        await pilot.press("A")
        await until(pilot, lambda: shows(pilot, "3 marked") and not shows(pilot, "out of sight"))
        await pilot.press("escape")
        await type_query(pilot, "zamverb")
        await until(pilot, lambda: shows(pilot, "3 marked, 3 out of sight"))
        await pilot.press("V")
        await until(pilot, lambda: len(names(browse)) == VALHALLA and not shows(pilot, "out of sight"))
        await pilot.press("space")  # what is not marked any more leaves the list of marks
        await until(pilot, lambda: len(names(browse)) == VALHALLA - 1)
        await pilot.press("V")
        await until(pilot, lambda: browse.query_text == "" and shows(pilot, "2 marked"))
        await type_query(pilot, "-is:marked valhalla")
        await until(pilot, lambda: len(names(browse)) == 1)


async def test_without_marks_no_query_asks_for_them(open_app: Open) -> None:
    async with open_app().run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        everything = len(names(browse))
        await pilot.press("j", "j", "space", "V")
        await until(pilot, lambda: len(names(browse)) == 1)
        (marked,) = names(browse)
        await pilot.press("space")
        await until(pilot, lambda: browse.query_text == "" and len(names(browse)) == everything)
        await until(pilot, lambda: browse.plugin and browse.plugin.name == marked)
        await pilot.press("space")
        await type_query(pilot, "-is:marked")
        await until(pilot, lambda: len(names(browse)) == everything - 1)
        await pilot.press("A", "A")
        browse.list.set_marks(set())
        await until(pilot, lambda: len(names(browse)) == everything and browse.query_text == "-is:marked")


async def test_unseen_marks_are_asked_about(open_app: Open) -> None:
    async with open_app().run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        await type_query(pilot, "valhalla")
        await pilot.press("A", "escape")
        await type_query(pilot, "zamverb")
        await until(pilot, lambda: names(browse) == ["ZamVerb"])
        await pilot.press("f")
        await until(pilot, lambda: shows(pilot, "3 marked plugins are not in sight"))
        await pilot.press("v")  # none of them is in the list
        await until(pilot, lambda: shows(pilot, "none is"))
        await pilot.press("s")
        await until(pilot, lambda: len(names(browse)) == VALHALLA)
        assert not any(plugin.favourite for plugin in browse.session.catalogue.plugins)
        await pilot.press("escape")
        await type_query(pilot, "zamverb")
        await until(pilot, lambda: names(browse) == ["ZamVerb"])
        await pilot.press("f", "o")
        await until(pilot, lambda: shows(pilot, "ZamVerb: now a favourite"))
        assert [plugin.name for plugin in browse.session.catalogue.plugins if plugin.favourite] == ["ZamVerb"]
        assert not browse.list.marked


async def test_what_is_hidden_loses_its_mark(open_app: Open) -> None:
    async with open_app().run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        await type_query(pilot, "valhalla")
        await until(pilot, lambda: len(names(browse)) == VALHALLA)
        await pilot.press("A", "H")
        await until(pilot, lambda: not browse.list.marked and not shows(pilot, "marked"))
        await pilot.press("escape")
        await type_query(pilot, "zamverb")
        await pilot.press("f")
        await until(pilot, lambda: shows(pilot, "ZamVerb: now a favourite"))


async def test_columns_scroll_sideways_and_what_is_left_out_is_counted(open_app: Open) -> None:
    async with open_app().run_test(size=(100, 30), notifications=True) as pilot:
        browse = await ready(pilot)
        await until(pilot, lambda: shows(pilot, "NAME"))
        browse.list.set_columns(("favourite", "name", "vendor", "category", "params", "version", "path"))
        await until(pilot, lambda: shows(pilot, "+") and "path" in browse.list.left_out())
        for _ in range(8):
            await pilot.press("shift+right")
        await until(pilot, lambda: shows(pilot, "PATH") and not browse.list.left_out())
        assert shows(pilot, "NAME")
        for _ in range(8):
            await pilot.press("shift+left")
        await until(pilot, lambda: shows(pilot, "VENDOR"))


async def test_the_column_of_the_order_is_shown_and_what_is_not_measured_said(open_app: Open) -> None:
    async with open_app().run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        assert not shows(pilot, "LATENCY")
        await type_query(pilot, "sort:-latency")
        await until(pilot, lambda: shows(pilot, "LATENCY ↓"))
        await pilot.press("escape")
        await type_query(pilot, "valhalla sort:-decay")
        await until(pilot, lambda: shows(pilot, "decay is known of 0 of 3") and shows(pilot, "DECAY S ↓"))
        assert len(names(browse)) == VALHALLA


async def test_a_pane_is_zoomed_and_back(open_app: Open) -> None:
    async with open_app().run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        await pilot.press("z")
        await until(pilot, lambda: browse.list.size.width > WIDE[0] - 4)
        await pilot.press("enter")
        await until(pilot, lambda: browse.query_one("#detail").size.width > WIDE[0] - 6)
        await pilot.press("escape", "escape")
        await until(pilot, lambda: browse.list.size.width < 80)


async def test_what_could_not_be_read_has_a_sign_in_front_and_goes_behind(open_app: Open) -> None:
    async with open_app().run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        await type_query(pilot, "is:failed")
        await until(pilot, lambda: shows(pilot, "☠") and shows(pilot, "OldThing"))
        await pilot.press("escape", "w")
        await until(pilot, lambda: browse.query_text == "status:ok")
        assert all(plugin.status == "ok" for plugin in browse.list.plugins)
        await pilot.press("w")
        await until(pilot, lambda: browse.query_text == "")


async def test_plugins_of_one_name_show_their_formats(open_app: Open) -> None:
    same = [("Comp", "X", format_, "Dynamics") for format_ in ("lv2", "vst3", "clap")]
    async with open_app([*same, ("Delay", "X", "vst3", "Delay")]).run_test(size=(70, 30)) as pilot:
        browse = await ready(pilot)
        await pilot.press("p")  # as single plugins
        await until(pilot, lambda: len(names(browse)) > 2)
        rows = [line for line in screen_text(pilot) if "Dynamics" in line and "Comp" in line]
        assert [word for line in rows for word in line.split() if word in FORMATS] == ["VST3", "CLAP", "LV2"]
        assert not any("Delay" in line and "VST3" in line for line in screen_text(pilot)), "no name like it beside it"
        browse.list.set_columns(("name", "format"))
        await pilot.pause()
        assert not any("VST3" in line for line in screen_text(pilot)), "the column says it"
