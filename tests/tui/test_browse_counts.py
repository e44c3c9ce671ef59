"""Numbers before keys, and letters to jump to."""

from __future__ import annotations

from collections.abc import Callable

from pluginary_tui.tui.app import PluginaryApp
from tests.support.pilot_helpers import ready, screen_text, until

Open = Callable[..., PluginaryApp]
WIDE = (140, 45)
ROWS = [(f"Plugin {number:02}", "Vendor", "vst3", "EQ") for number in range(30)]


async def test_a_number_repeats_the_key_behind_it(open_app: Open) -> None:
    app = open_app(ROWS)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        await pilot.press("g", "5", "j")
        await until(pilot, lambda: browse.list.cursor == 5)
        await pilot.press("j")
        await until(pilot, lambda: browse.list.cursor == 6)
        await pilot.press("0", "1", "2", "j")
        await until(pilot, lambda: browse.list.cursor == 18)
        await pilot.press("0", "3", "k", "9", "G")
        await until(pilot, lambda: browse.list.cursor == 8)
        await pilot.press("6", "space")
        await until(pilot, lambda: len(browse.list.marked) == 6 and browse.list.cursor == 14)
        await pilot.press("7", "f", "j")  # a key that does not count drops the number
        await until(pilot, lambda: browse.list.cursor == 15)
        await pilot.press("2")
        await until(pilot, lambda: app.current_mode == "scan")


async def test_a_letter_jumps_to_its_row(open_app: Open) -> None:
    async with open_app(ROWS).run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        await pilot.press("g", "semicolon")
        await until(
            pilot, lambda: any(line.partition("Plugin 04")[0].rstrip().endswith("g") for line in screen_text(pilot))
        )
        await pilot.press("g")
        await until(pilot, lambda: browse.list.cursor == 4)
        await pilot.press("semicolon", "escape", "j")
        await until(pilot, lambda: browse.list.cursor == 5 and browse.query_text == "")
