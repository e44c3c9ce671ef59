"""The table of actions: keys in texts, one answer to what is possible; and errors, which the app survives."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from types import SimpleNamespace
from typing import cast

import pytest
from textual.pilot import Pilot
from textual.timer import Timer

from pluginary_tui.catalogue.journal import Journal
from pluginary_tui.catalogue.store import Store
from pluginary_tui.config import AppSettings, Settings
from pluginary_tui.errors import CatalogueError, PluginaryError
from pluginary_tui.model import Bundle, Plugin
from pluginary_tui.sound.run import Measuring
from pluginary_tui.tui.app import PluginaryApp
from pluginary_tui.tui.core.actions import ACTION_MENU, GROUPS, action
from pluginary_tui.tui.core.key_names import KeyNames, default_key
from pluginary_tui.tui.dialogs.menu import Menu
from pluginary_tui.tui.widgets.chrome import KeyFooter
from tests.support.pilot_helpers import names, ready, shows, type_query, until

Open = Callable[..., PluginaryApp]
WIDE = (140, 45)

IDS = """
    actions add_folder alike alike_back alike_compare alike_go ask_complete back browse cancel column_left column_right
    column_turn columns columns_cancel columns_keep compare compare_back compare_measure compare_null compare_setting
    compare_swap copy copy_path copy_snippet detail_pane discard_scan down drop_blamed edit_note export facet_choose
    facet_exclude facet_next facet_previous facets_pane favourite filter_parameters first first_builtin first_folder
    first_scan half_page_down half_page_up health health_back_up health_browse health_copy health_forget
    health_forget_gone health_ignore health_list health_open health_retry health_retry_all health_scan health_undo hide
    items_add items_down items_edit items_keep items_remove items_toggle items_up keys keys_back last log_close log_down
    log_end log_top log_up mark mark_all mark_range measure measure_all measure_failed menu_cancel menu_choose narrower
    next_pane no note open open_folder page_down page_up palette pane_left pane_right previous_pane quarantine queries
    query_back query_complete query_drop query_leave query_save quit rate rescan resume_scan save_query scan
    scan_add_folder scan_all scan_back scan_discard scan_down scan_failed scan_fewer_workers scan_follow scan_full
    scan_ignore scan_last scan_log scan_measure scan_more_workers scan_now scan_page_down scan_page_up scan_pause
    scan_retry scan_show_failed scan_show_gone scan_show_new scan_show_updated scan_skip scan_start scan_stop scan_up
    search settings settings_change settings_reset settings_undo sort tag theme undo up wider yes
""".split()  # noqa: SIM905 - a list of them all would be a page
"""Ids by which users give other keys: none may ever go."""


def remapped(**keys: str) -> Settings:
    return Settings(app=AppSettings(keys=keys))


# The table


def test_no_id_that_a_user_may_have_given_a_key_is_gone() -> None:
    assert {row.id for group in GROUPS.values() for row in group.rows} >= set(IDS)


def test_no_key_has_two_actions_in_one_group() -> None:
    for name, group in GROUPS.items():
        keys = [key for row in group.rows if row.bound for key in row.keys.split(",") if key]
        assert len(keys) == len(set(keys)), name


def test_keys_are_named_as_they_are_now() -> None:
    key_of = KeyNames({"favourite": "f5,x", "undo": "ctrl+z", "tag": "n"})
    assert (key_of("favourite"), key_of("undo"), key_of("tag")) == ("f5", "^z", "n")
    assert key_of("note") == "no key", "its default is the tag's key now"
    assert (key_of("rate"), key_of("back"), key_of("keys")) == ("*", "esc", "?")
    assert KeyNames({}, ascii_only=True)("pane_left") == "h"
    assert default_key("undo") == "u"


async def test_every_action_of_browse_has_a_handler(open_app: Open) -> None:
    async with open_app().run_test(size=WIDE) as pilot:
        browse = await ready(pilot)
        wanted = {row.do for row in GROUPS["browse"].rows if row.do.startswith("do(")}
        assert wanted == {f"do('{name}')" for name in browse.handlers}
        assert {action(id_)[0].id for id_ in ACTION_MENU} == set(ACTION_MENU)


# Keys in texts


async def test_other_keys_are_in_the_toast_the_menu_the_footer_and_the_details(open_app: Open) -> None:
    settings = remapped(favourite="f5", undo="ctrl+z", copy_snippet="f6", scan="f7")
    app = open_app(settings=settings)
    async with app.run_test(size=(220, 45), notifications=True) as pilot:
        browse = await ready(pilot)
        assert shows(pilot, "f7 Scan") and shows(pilot, "f5 favourite")
        await until(pilot, lambda: shows(pilot, "f6 copies it"))
        await pilot.press("f5")
        await until(pilot, lambda: shows(pilot, "now a favourite.  ^z undoes"))
        await pilot.press("a")
        await until(pilot, lambda: isinstance(pilot.app.screen, Menu))
        await until(pilot, lambda: shows(pilot, "^z") and shows(pilot, "f5"))
        assert not any(choice.key in ("u", "f") for choice in cast(Menu, pilot.app.screen).choices)
        await pilot.press("f5")
        await until(pilot, lambda: shows(pilot, "no favourite any more"))
        await pilot.press("ctrl+z", "ctrl+z")
        await until(pilot, lambda: not browse.list.plugins[0].favourite and not app.app_services.history)


# One answer to what is possible


async def possible(pilot: Pilot[None], id_: str) -> tuple[bool, str]:
    """Whether the key works, and why the menu says that it does not."""
    browse = await ready(pilot)
    enabled = any(active.binding.id == id_ and active.enabled for active in browse.active_bindings.values())
    await pilot.press("a")
    await until(pilot, lambda: isinstance(pilot.app.screen, Menu))
    row = action(id_)[0]
    choice = next(each for each in cast(Menu, pilot.app.screen).choices if each.value == row.do)
    await pilot.press("escape")
    await until(pilot, lambda: pilot.app.screen is browse)
    return enabled, choice.why_not


class Running:
    """Stands for a measuring that goes on."""

    def stop(self) -> None:
        """Nothing runs."""


@pytest.mark.parametrize("id_", ["rescan", "measure", "quarantine"])
async def test_key_and_menu_agree_while_plugins_are_measured(open_app: Open, id_: str) -> None:
    app = open_app()
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot)
        assert await possible(pilot, id_) == (True, "")
        app.session.measuring = cast(Measuring, Running())
        enabled, why_not = await possible(pilot, id_)
        assert not enabled and "being measured" in why_not
        await pilot.press(action(id_)[0].keys)
        await until(pilot, lambda: shows(pilot, "Plugins are being measured"))
        app.session.measuring = None


async def test_key_and_menu_agree_on_a_plugin_that_failed(open_app: Open) -> None:
    async with open_app().run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        await type_query(pilot, "oldthing")
        await until(pilot, lambda: names(browse) == ["OldThing"])
        assert await possible(pilot, "copy_snippet") == (False, "it cannot be loaded")
        assert await possible(pilot, "note") == (True, "")


def test_what_pedalboard_refuses_is_neither_measured_nor_compared() -> None:
    refused, untried = Plugin("a", "A", loads=False), Plugin("b", "B")

    def why_not(id_: str, *plugins: Plugin) -> str:
        return action(id_)[0].rule(SimpleNamespace(plugin=plugins[0], targets=lambda: plugins, busy=""))

    assert why_not("measure", refused) == why_not("compare", refused) == "pedalboard cannot load it"
    assert why_not("alike", refused) == why_not("copy_snippet", refused) == ""
    assert why_not("measure", refused, untried) == why_not("compare", untried, refused) == ""


async def test_key_and_menu_agree_on_every_action(open_app: Open) -> None:
    async with open_app().run_test(size=WIDE) as pilot:
        browse = await ready(pilot)
        for query in ("zamverb", "oldthing"):
            browse.query_text = query
            await until(pilot, lambda: len(names(browse)) == 1)
            for id_ in ACTION_MENU:
                if action(id_)[0].bound:
                    enabled, why_not = await possible(pilot, id_)
                    assert enabled == (not why_not), id_


# Errors


@pytest.mark.parametrize("mode", ["browse", "scan"])
async def test_discarding_with_a_locked_catalogue_is_an_error_and_not_the_end(open_app: Open, mode: str) -> None:
    app = open_app()
    with Store(app.session.store.path) as store:
        Journal(store).begin([Bundle("/usr/lib/vst3/Left.vst3", "vst3", "Left", "v1")])
        app.session.interrupted = Journal(store).interrupted()
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot)
        app.action_show(mode)
        await until(pilot, lambda: shows(pilot, "discard"))
        app.session.store.db.execute("PRAGMA busy_timeout = 50")
        locking = sqlite3.connect(app.session.store.path, isolation_level=None)
        locking.execute("BEGIN IMMEDIATE")
        try:
            await pilot.press("d")
            await until(pilot, lambda: shows(pilot, "Another program is"))
            assert app.is_running and app.session.interrupted is not None
        finally:
            locking.close()
        await pilot.press("d")
        await until(pilot, lambda: app.session.interrupted is None)


class Broken:
    """What goes wrong where a test wants it to."""

    @staticmethod
    def fail(*arguments: object) -> None:
        raise ZeroDivisionError("[b]nothing[/b] to divide by")


async def goes_on(pilot: Pilot[None], unexpected: list[str]) -> None:
    """A line says that there was one, without Python's words, and where it is logged; the app still answers keys."""
    await until(pilot, lambda: shows(pilot, "Something went wrong"))
    assert unexpected and "ZeroDivisionError" in unexpected[0] and "Traceback" in unexpected[0]
    (output,) = [toast.message for toast in pilot.app._notifications if "went wrong" in toast.message]
    assert "Error" not in output and "divide" not in output and output.endswith("pluginary-tui.jsonl has the details.")
    unexpected.clear()
    browse = await ready(pilot)
    await pilot.press("j")
    await until(pilot, lambda: browse.list.cursor == 1)


async def test_an_action_that_raises_does_not_end_the_app(open_app: Open, unexpected: list[str]) -> None:
    async with open_app().run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        browse.handlers["favourite"] = Broken.fail
        await pilot.press("f")
        await goes_on(pilot, unexpected)


async def test_the_result_of_a_dialog_may_raise(open_app: Open, unexpected: list[str]) -> None:
    app = open_app()
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot)
        app.app_services.ask(Menu("Anything", []), Broken.fail)
        await pilot.press("escape")
        await goes_on(pilot, unexpected)


async def test_a_tick_that_raises_does_not_end_the_app_and_is_reported_once(
    open_app: Open, unexpected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_app()
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot)
        with monkeypatch.context() as patch:
            ticks: list[int] = []
            patch.setattr(app.session, "tick", lambda: ticks.append(1) or Broken.fail())
            await until(pilot, lambda: len(ticks) > 3)
        assert len(unexpected) == 1
        await goes_on(pilot, unexpected)
        app.session.reload()
        before = app.session.catalogue
        await until(pilot, lambda: app.session.catalogue is not before)


async def test_what_goes_wrong_inside_a_tick_leaves_the_rest_of_it(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot)
        before = app.session.catalogue
        app.session._inbox.put(CatalogueError("The catalogue is locked."))
        app.session.reload()
        await until(pilot, lambda: shows(pilot, "The catalogue is locked."))
        await until(pilot, lambda: app.session.catalogue is not before)


@pytest.mark.parametrize("thread", [True, False])
async def test_a_worker_that_raises_does_not_end_the_app(open_app: Open, unexpected: list[str], thread: bool) -> None:
    async def fail() -> None:
        Broken.fail()

    async with open_app().run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        browse.run_worker(Broken.fail if thread else fail, thread=thread)
        await goes_on(pilot, unexpected)


async def test_our_own_errors_are_one_line_and_no_log(open_app: Open, unexpected: list[str]) -> None:
    def fail() -> None:
        raise PluginaryError("The [b]disk[/b] is full; make room.")

    async with open_app().run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        browse.run_worker(fail, thread=True)
        await until(pilot, lambda: shows(pilot, "The [b]disk[/b] is full; make room."))
        assert not unexpected


async def test_a_timer_and_a_handler_may_raise(open_app: Open, unexpected: list[str]) -> None:
    app = open_app()
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        assert isinstance(browse.set_timer(0.01, Broken.fail), Timer)
        await goes_on(pilot, unexpected)
        await pilot.press("k")
        app.app_services._last_report = ("", 0.0)
        browse.search_controller.take = Broken.fail  # type: ignore[method-assign]
        assert browse._shown is not None
        browse.post_message(browse.Answered(browse._shown))
        await until(pilot, lambda: unexpected)
        unexpected.clear()
        assert browse.query_one(KeyFooter).is_running


# One undo


async def test_what_was_changed_on_one_screen_is_undone_on_another(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        browse = await ready(pilot)
        await pilot.press("f")
        await until(pilot, lambda: browse.list.plugins[0].favourite)
        app.app_services.change_setting("scan.workers", 3, "scan.workers: now 3")
        await pilot.press("4")
        await until(pilot, lambda: shows(pilot, "scan.workers: now 3.  u undoes"))
        await pilot.press("3")
        await until(pilot, lambda: app.current_mode == "health")
        await pilot.press("u")
        await until(pilot, lambda: shows(pilot, 'Undone: "scan.workers'))
        assert app.session.settings.scan.workers == 0
        await pilot.press("u")
        await until(pilot, lambda: not app.session.catalogue.plugins[0].favourite)
        await until(pilot, lambda: not app.app_services.history)


async def test_the_key_help_explains_the_words_on_the_screens(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=(100, 40)) as pilot:
        await ready(pilot)
        await pilot.press("question_mark")
        await until(pilot, lambda: shows(pilot, "Keys that work here"))
        await pilot.press("w")
        await until(pilot, lambda: shows(pilot, "quarantine") and shows(pilot, "Words on the screens"))
        await pilot.press("G")
        await until(pilot, lambda: shows(pilot, "release"))
        await pilot.press("w")
        await until(pilot, lambda: shows(pilot, "Keys that work here"))
        await pilot.press("escape")
        await until(pilot, lambda: not shows(pilot, "Keys that work here"))
