"""Browse by hand: search, facets, detail, copying, escape, empty places."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rich.style import Style
from textual.strip import Strip
from textual.widgets import Static

from pluginary_tui.tui.app import PluginaryApp
from pluginary_tui.tui.browse.facets import Facets
from pluginary_tui.tui.browse.plugin_list import PluginList
from pluginary_tui.tui.widgets.line_input import LineInput
from tests.support.pilot_helpers import names, ready, screen_text, shows, type_query, until
from tests.support.sample_catalogue import FAILURES

Open = Callable[..., PluginaryApp]
WIDE = (140, 45)


@pytest.fixture(params=[True, False], ids=["fast", "textual"])
def fast_paint(request: pytest.FixtureRequest) -> bool:
    """Every test here runs with both compositors."""
    return bool(request.param)


async def test_every_plugin_is_listed_by_name_and_letters_are_keys(open_app: Open) -> None:
    async with open_app().run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        assert isinstance(pilot.app.focused, PluginList)
        assert names(browse) == sorted(names(browse), key=str.casefold)
        assert len(names(browse)) == 8 + len(FAILURES)
        await pilot.press("j", "j", "k")
        assert browse.list.cursor == 1
        await pilot.press("G")
        assert browse.list.cursor == len(names(browse)) - 1
        await pilot.press("g")
        assert browse.list.cursor == 0


async def test_typing_filters_and_the_best_comes_first(open_app: Open) -> None:
    async with open_app().run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        await type_query(pilot, "zamverb")
        await until(pilot, lambda: names(browse) == ["ZamVerb"])
        assert pilot.app.focused is browse.list
        assert shows(pilot, "1 of 11")


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light"])
async def test_query_line_and_count_look_as_textual_would_draw_them(open_app: Open, theme: str) -> None:
    async with open_app().run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        typed, count = browse.line.input, browse.line.count
        typed.cursor_blink = False
        await pilot.press("slash")
        for text, at in (("v", 1), ("ven", 3), ("zam verb", 0), ("zam verb", 4), ("日本 é", 1), ("x" * 200, 200)):
            browse.query_text = text
            typed.cursor_position = at
            typed.suggest("vendor:" if "vendor:".startswith(text) else "")
            pilot.app.theme = theme
            await pilot.pause()
            for widget, base in ((typed, LineInput), (count, Static)):
                whole = widget.size.region
                ours, theirs = (kind.render_lines(widget, whole)[0] for kind in (type(widget), base))
                assert cells(ours) == cells(theirs), (text, at)


async def test_pasted_control_characters_never_reach_the_terminal(open_app: Open) -> None:
    async with open_app().run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        await pilot.press("slash")
        browse.query_text = "a\x1b[31mb\x07\r"
        await pilot.pause()
        assert browse.query_text == "a [31mb  "
        assert [text for text in screen_text(pilot) if not text.isprintable()] == []


def cells(strip: Strip) -> list[tuple[str, Style]]:
    """What is seen in each cell."""
    shown = [(letter, style or Style.null()) for text, style, _ in strip for letter in text]
    return [(letter, Style(color=s.color, bgcolor=s.bgcolor) + s.without_color) for letter, s in shown]


async def test_what_plugins_call_themselves_is_never_markup(open_app: Open) -> None:
    async with open_app().run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        await type_query(pilot, "markup")
        await until(pilot, lambda: len(names(browse)) == 1)
        await until(pilot, lambda: sum("[bold]Markup[/bold] [red" in line for line in screen_text(pilot)) >= 2)
        await pilot.press("f", "y")
        await until(pilot, lambda: shows(pilot, "Copied the snippet"))


async def test_a_remark_stands_under_the_query_and_nothing_moves(open_app: Open) -> None:
    async with open_app().run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        before = browse.list.region
        await type_query(pilot, "params>many")
        await until(pilot, lambda: shows(pilot, "params wants a number"))
        assert browse.list.region == before
        assert len(names(browse)) == 11


async def test_a_facet_goes_into_the_query_and_out_again(open_app: Open) -> None:
    async with open_app().run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        facets = browse.query_one(Facets)
        facets.focus()
        facets.cursor = next(row for row, entry in enumerate(facets.entries) if entry.value == "Reverb")
        await pilot.press("enter")
        await until(pilot, lambda: len(names(browse)) == 3)
        assert "Reverb" in browse.query_text
        assert facets.entries[facets.cursor].active
        await pilot.press("enter")
        await until(pilot, lambda: len(names(browse)) == 11)
        await pilot.press("minus")
        await until(pilot, lambda: len(names(browse)) == 8)
        await pilot.press("minus")
        await until(pilot, lambda: browse.query_text == "")


async def test_escape_goes_back_step_by_step_and_never_quits(open_app: Open) -> None:
    async with open_app().run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        await type_query(pilot, "verb format:vst3")
        await pilot.press("space", "enter", "escape")
        assert pilot.app.focused is browse.list
        assert browse.query_text == "verb format:vst3"
        await pilot.press("escape")
        assert browse.query_text == "verb"
        await pilot.press("escape")
        assert browse.query_text == ""
        assert len(browse.list.marked) == 1
        await pilot.press("escape")
        assert not browse.list.marked
        await pilot.press("escape", "escape")
        assert pilot.app.is_running


async def test_the_detail_shows_facts_snippet_and_parameters(open_app: Open) -> None:
    async with open_app().run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot)
        await type_query(pilot, "tube")
        await pilot.press("enter")
        assert pilot.app.focused and pilot.app.focused.id == "sheet"
        await until(pilot, lambda: shows(pilot, "from pedalboard import load_plugin"))
        assert shows(pilot, "Damien Zammit · VST3 · effect ·") and shows(pilot, "Distortion")
        assert shows(pilot, "/usr/lib/vst3/Damien")
        assert shows(pilot, "-30.0 to 30.0 dB") or shows(pilot, "-30.0 to 30.0")


async def test_parameters_are_filtered_in_the_detail(open_app: Open) -> None:
    async with open_app().run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot)
        await type_query(pilot, "serum")
        await pilot.press("enter")
        await until(pilot, lambda: shows(pilot, "Pre-Delay"))
        await pilot.press("slash", *"bypass", "enter")
        await until(pilot, lambda: shows(pilot, "1 of 6") and not shows(pilot, "Pre-Delay"))
        await pilot.press("escape")
        await until(pilot, lambda: shows(pilot, "Pre-Delay"))
        assert pilot.app.focused and pilot.app.focused.id == "sheet"


@pytest.mark.parametrize(
    ("keys", "copied"),
    [
        (["y"], "plugin = load_plugin('/usr/lib/vst3/Damien Zammit/ZamVerb.vst3')"),
        (["c", "s"], "plugin = load_plugin('/usr/lib/vst3/Damien Zammit/ZamVerb.vst3')"),
        (["c", "p"], "/usr/lib/vst3/Damien Zammit/ZamVerb.vst3"),
        (["c", "n"], "ZamVerb"),
        (["c", "i"], "vst3/damien-zammit/zamverb"),
    ],
)
async def test_one_key_or_a_chord_copies(open_app: Open, keys: list[str], copied: str) -> None:
    async with open_app().run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot)
        await type_query(pilot, "zamverb")
        await pilot.press(*keys)
        await until(pilot, lambda: copied in pilot.app.clipboard)
        assert shows(pilot, "Copied the")


async def test_marked_plugins_are_copied_together(open_app: Open) -> None:
    async with open_app().run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        await type_query(pilot, "valhalla")
        await until(pilot, lambda: len(names(browse)) == 3)
        await pilot.press("A", "c", "n")
        await until(pilot, lambda: pilot.app.clipboard.count("Valhalla") == 3)


async def test_nothing_found_names_the_term_and_drops_it(open_app: Open) -> None:
    async with open_app().run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        await type_query(pilot, "verb format:lv2")
        await until(pilot, lambda: shows(pilot, "Nothing found"))
        assert shows(pilot, "format:lv2.")
        await pilot.press("ctrl+x")
        await until(pilot, lambda: browse.query_text == "verb" and "ZamVerb" in names(browse))
        assert pilot.app.focused is browse.list


async def test_nothing_found_while_typing_drops_the_term_too(open_app: Open) -> None:
    async with open_app().run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        await pilot.press("slash", *"qqqq")
        await until(pilot, lambda: shows(pilot, "Nothing found"))
        await pilot.press("ctrl+x")
        await until(pilot, lambda: browse.query_text == "")
        assert pilot.app.focused is browse.line.input


async def test_a_failed_bundle_says_why_and_what_to_do(open_app: Open) -> None:
    async with open_app().run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        await type_query(pilot, "oldthing")
        await until(pilot, lambda: names(browse) == ["OldThing"])
        await until(pilot, lambda: shows(pilot, "died of SIGSEGV"))
        row = next(line for line in screen_text(pilot) if "▌" in line)
        assert "crashed" in row
        assert shows(pilot, "RoboLicense: no dongle found")
        assert shows(pilot, "Press a to try it again")
        await pilot.press("y")
        await until(pilot, lambda: shows(pilot, "cannot be loaded"))
        assert not pilot.app.clipboard


async def test_an_empty_catalogue_offers_three_ways(open_app: Open) -> None:
    async with open_app([]).run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot)
        assert shows(pilot, "No plugins yet")
        for way in ("s  scan now", "a  add a folder", "b  look at the built-in effects"):
            assert shows(pilot, way)
        await pilot.press("a")
        await until(pilot, lambda: shows(pilot, "Add a folder"))
        await pilot.press(*"/nowhere", "enter")
        await until(pilot, lambda: shows(pilot, "There is no folder"))


async def test_the_order_is_chosen_and_turned_round(open_app: Open) -> None:
    async with open_app().run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        await pilot.press("o")
        await until(pilot, lambda: shows(pilot, "Order by"))
        await pilot.press("enter")  # the name again
        await until(pilot, lambda: browse.query_text == "sort:-name")
        assert names(browse) == sorted(names(browse), key=str.casefold, reverse=True)
        await pilot.click(PluginList, offset=(6, 0))
        await until(pilot, lambda: browse.query_text == "sort:name")


async def test_typing_fast_never_shows_an_older_answer(open_app: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    from pluginary_tui.tui.browse import search_controller as module

    monkeypatch.setattr(module, "AT_ONCE_S", 0)  # every search in a thread
    async with open_app().run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        await pilot.press("slash", *"zamtube")
        await until(pilot, lambda: names(browse) == ["ZamTube"])
        assert browse._shown is not None
        stale = browse._shown
        await pilot.press(*["backspace"] * 7)
        await until(pilot, lambda: len(names(browse)) == 11)
        browse.post_message(browse.Answered(stale))
        await pilot.pause()
        assert len(names(browse)) == 11


async def test_quitting_needs_one_key(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot)
        await pilot.press("q")
        await until(pilot, lambda: not app.is_running)
