"""Favourites, tags, ratings and notes from the keyboard, and taking them back."""

from __future__ import annotations

from collections.abc import Callable

from pluginary_tui.tui.app import PluginaryApp
from tests.support.pilot_helpers import names, ready, shows, type_query, until

Open = Callable[..., PluginaryApp]
WIDE = (140, 45)


async def test_a_favourite_is_kept_and_taken_back(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        await type_query(pilot, "zamverb")
        await until(pilot, lambda: names(browse) == ["ZamVerb"])
        await pilot.press("f")
        await until(pilot, lambda: shows(pilot, "★"))
        assert app.session.store.copies("vst3/damien-zammit/zamverb")[0].favourite
        await pilot.press("escape")
        await type_query(pilot, "is:fav")
        await until(pilot, lambda: names(browse) == ["ZamVerb"])
        await pilot.press("u")
        await until(pilot, lambda: shows(pilot, "Undone"))
        assert not app.session.store.copies("vst3/damien-zammit/zamverb")[0].favourite


async def test_many_are_tagged_at_once_found_by_it_and_undone(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        await type_query(pilot, "valhalla")
        await until(pilot, lambda: len(names(browse)) == 3)
        await pilot.press("A", "t", *"space", "enter")
        await until(pilot, lambda: shows(pilot, "3 plugins: tagged space"))
        await pilot.press("escape", "escape")
        await type_query(pilot, "#space")
        await until(pilot, lambda: len(names(browse)) == 3)
        await pilot.press("u")
        await until(pilot, lambda: shows(pilot, "Nothing found"))
        assert not any(plugin.tags for plugin in app.session.store.plugins())


async def test_a_tag_with_a_minus_is_taken_off(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        await pilot.press("t", *"bus", "space", *"drums", "enter")
        await until(pilot, lambda: browse.plugin and browse.plugin.tags == ("bus", "drums"))
        await pilot.press("t", "minus", *"bus", "enter")
        await until(pilot, lambda: browse.plugin and browse.plugin.tags == ("drums",))


async def test_hidden_rated_and_noted(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        first = names(browse)[0]
        await pilot.press("asterisk", "4")
        await pilot.press("n", *"mine", "enter")
        await until(pilot, lambda: shows(pilot, "★★★★") and shows(pilot, "mine"))
        await pilot.press("H")
        await until(pilot, lambda: first not in names(browse))
        await pilot.press("u")
        await until(pilot, lambda: first in names(browse))
        kept = app.session.store.plugin(browse.list.plugins[0].key)
        assert kept and (kept.rating, kept.note, kept.hidden) == (4, "mine", False)


async def test_the_action_menu_says_what_cannot_be_done_and_why(open_app: Open) -> None:
    async with open_app().run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        await type_query(pilot, "oldthing")
        await until(pilot, lambda: names(browse) == ["OldThing"])
        await pilot.press("a")
        await until(pilot, lambda: shows(pilot, "it cannot be loaded"))
        assert shows(pilot, "Try again")
        await pilot.press("y")
        await pilot.pause()
        assert shows(pilot, "Try again")  # still open: nothing was done
        await pilot.press("escape")
        await until(pilot, lambda: not shows(pilot, "Try again"))
