"""Settings: told with their origins, changed in place, written back, taken in at once."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from pluginary_tui.catalogue.store import Store
from pluginary_tui.config import SETTINGS, Settings, check, load
from pluginary_tui.tui.app import PluginaryApp
from pluginary_tui.tui.browse.screen import BrowseScreen
from pluginary_tui.tui.core.session import Session
from pluginary_tui.tui.core.settings_file import Preferences
from pluginary_tui.tui.dialogs.menu import Menu
from pluginary_tui.tui.settings.editors import EditItems, EditValue
from pluginary_tui.tui.settings.screen import SettingsScreen
from pluginary_tui.tui.widgets.text_view import TextView
from tests.support.pilot_helpers import names, ready, screen_text, shows, type_query, until
from tests.support.sample_catalogue import fill, small

SIZE = (140, 45)
Open = Callable[..., PluginaryApp]

WRITTEN = """\
# mine
version = 1

[scan]  # the scanner
workers = 3  # quiet machine

[app]
theme = "nord"
"""


@pytest.fixture
def start(data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Open apps the way the command does, on the settings of files and variables."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    sessions = []

    def make(settings: Settings | None = None) -> PluginaryApp:
        with Store.in_folder(data_dir) as store:
            fill(store, small())
        sessions.append(Session(settings or load(), data_dir))
        return PluginaryApp(sessions[-1])

    yield make
    for session in sessions:
        session.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def data(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text("utf-8")) if file.exists() else {}


async def opened(pilot: Pilot[None], name: str = "") -> SettingsScreen:
    """The Settings screen, with the cursor on a setting."""
    await ready(pilot)
    await pilot.press("4")
    await until(pilot, lambda: isinstance(pilot.app.screen, SettingsScreen) and shows(pilot, "SCANNING"))
    screen = cast(SettingsScreen, pilot.app.screen)
    if name:
        await go_to(pilot, name)
    return screen


async def go_to(pilot: Pilot[None], name: str) -> None:
    """Walk to a setting."""
    screen = cast(SettingsScreen, pilot.app.screen)
    await pilot.press("g")
    while screen.list.setting.name != name:
        before = screen.list.cursor
        await pilot.press("j")
        assert screen.list.cursor != before, name
    await pilot.pause()


def answer(pilot: Pilot[None]) -> str:
    """What stands beside the list, with its lines joined."""
    paper = pilot.app.screen.query_one(TextView)
    rows = ["".join(text for text, _ in paper.draw_row(row, 0)) for row in range(paper.row_count())]
    return " ".join(" ".join(rows).split())


async def dialog(pilot: Pilot[None], kind: type[Any]) -> Any:
    await until(pilot, lambda: isinstance(pilot.app.screen, kind))
    return pilot.app.screen


async def clear_and_type(pilot: Pilot[None], text: str) -> None:
    """Put a text into the line of the dialog that is open."""
    pilot.app.screen.query_one(Input).value = text
    await pilot.pause()


# Telling


async def test_every_setting_is_there_with_its_documentation(start: Open) -> None:
    async with start().run_test(size=SIZE) as pilot:
        screen = await opened(pilot)
        for setting in SETTINGS.values():
            assert screen.list.setting == setting
            await until(pilot, lambda setting=setting: shows(pilot, f"│ {setting.name}"))
            assert shows(pilot, " ".join(setting.doc.split()[:3]))
            assert shows(pilot, setting.env)
            await pilot.press("j")


async def test_each_origin_is_told(start: Open, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text(WRITTEN)
    (tmp_path / "work/.pluginary-tui.toml").write_text("[scan]\ntimeout_s = 7\n")
    monkeypatch.setenv("PLUGINARY_TUI_LOG_LEVEL", "debug")
    flags = load({"scan.file_limit_mb": 9})
    async with start(flags).run_test(size=SIZE) as pilot:
        await opened(pilot)
        for name, origin, place in (
            ("scan.workers", "your file", "config.toml, line 5"),
            ("scan.timeout_s", "project file", ".pluginary-tui.toml, line 2"),
            ("scan.file_limit_mb", "flag", "a flag of the command"),
            ("log.level", "environment", "the variable PLUGINARY_TUI_LOG_LEVEL"),
            ("backup.keep", "default", "the default"),
        ):
            await go_to(pilot, name)
            assert place.replace(" ", "") in answer(pilot).replace(" ", ""), name
            line = next(line for line in screen_text(pilot) if line.startswith("▌"))
            assert origin in line, name


# Changing


async def test_a_switch_is_turned_written_and_undone(start: Open, file: Path) -> None:
    file.write_text(WRITTEN)
    app = start()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await opened(pilot, "scan.builtin")
        await pilot.press("enter")
        await until(pilot, lambda: shows(pilot, "scan.builtin: now off."))
        assert data(file)["scan"]["builtin"] is False
        assert app.session.settings.scan.builtin is False
        assert app.session.settings.origin("scan.builtin").kind == "file"
        assert "# the scanner" in file.read_text()
        assert "workers = 3  # quiet machine" in file.read_text()
        await pilot.press("u")
        await until(pilot, lambda: app.session.settings.scan.builtin)
        assert file.read_text() == WRITTEN


async def test_a_number_is_checked_while_it_is_typed(start: Open, file: Path) -> None:
    app = start()
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot, "scan.workers")
        await pilot.press("enter")
        screen = await dialog(pilot, EditValue)
        await pilot.press("9", "9")
        await until(pilot, lambda: shows(pilot, "scan.workers must be a whole number from 0 to 64, not 99."))
        await pilot.press("enter")
        await pilot.pause()
        assert pilot.app.screen is screen
        await pilot.press("backspace", "enter")
        await until(pilot, lambda: app.session.settings.scan.workers == 9)
        assert data(file)["scan"] == {"workers": 9}
        await pilot.press("enter")
        await dialog(pilot, EditValue)
        await pilot.press("7", "escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, SettingsScreen))
        assert data(file)["scan"] == {"workers": 9}


async def test_themes_are_seen_before_they_are_kept(start: Open, file: Path) -> None:
    app = start()
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot, "app.theme")
        await pilot.press("enter")
        await dialog(pilot, Menu)
        await pilot.press("j")
        await until(pilot, lambda: app.theme == "textual-light")
        await pilot.press("escape")
        await until(pilot, lambda: app.theme == "textual-dark")
        assert not file.exists()
        await pilot.press("enter")
        await dialog(pilot, Menu)
        await pilot.press("j", "j", "enter")
        await until(pilot, lambda: data(file).get("app") == {"theme": "nord"} and app.theme == "nord")


async def test_columns_are_chosen_and_browse_shows_them(start: Open, file: Path) -> None:
    app = start()
    async with app.run_test(size=(170, 45)) as pilot:
        await ready(pilot)
        await type_query(pilot, "valhalla")
        assert not shows(pilot, "VERSION")
        await opened(pilot, "browse.columns")
        await pilot.press("enter")
        editor = await dialog(pilot, EditItems)
        at = [name for _, name, _ in editor.list.rows].index("version")
        await pilot.press(*"j" * at, "space", *"K" * (at - 2), "enter")
        columns = ["favourite", "name", "version", "vendor", "category", "params"]
        await until(pilot, lambda: data(file).get("browse") == {"columns": columns})
        await pilot.press("1")
        await until(pilot, lambda: isinstance(pilot.app.screen, BrowseScreen) and shows(pilot, "VERSION"))
        browse = cast(BrowseScreen, pilot.app.screen)
        await until(pilot, lambda: browse.query_text == "valhalla" and len(names(browse)) == 3)


async def test_what_would_be_wrong_is_not_kept(start: Open, file: Path) -> None:
    async with start().run_test(size=SIZE) as pilot:
        await opened(pilot, "browse.columns")
        await pilot.press("enter")
        editor = await dialog(pilot, EditItems)
        for _ in editor.items:
            await pilot.press("space", "j")
        await until(pilot, lambda: shows(pilot, "browse.columns must not be empty"))
        await pilot.press("enter")
        await pilot.pause()
        assert pilot.app.screen is editor
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, SettingsScreen))
        assert not file.exists()


async def test_folders_are_added_changed_moved_and_removed(start: Open, file: Path, tmp_path: Path) -> None:
    app = start()
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot, "scan.folders")
        await pilot.press("enter")
        await dialog(pilot, EditItems)
        assert shows(pilot, "nothing yet; a adds the first")
        for text in (str(tmp_path), "/nowhere/at/all"):
            await pilot.press("a")
            await dialog(pilot, EditValue)
            await clear_and_type(pilot, text)
            await pilot.press("enter")
            await dialog(pilot, EditItems)
        await until(pilot, lambda: shows(pilot, "there is no such folder"))
        await pilot.press("K", "enter")
        await until(pilot, lambda: data(file).get("scan") == {"folders": ["/nowhere/at/all", str(tmp_path)]})
        await pilot.press("enter")
        await dialog(pilot, EditItems)
        await pilot.press("d", "e")
        await dialog(pilot, EditValue)
        await clear_and_type(pilot, str(tmp_path / "work"))
        await pilot.press("enter")
        await dialog(pilot, EditItems)
        await pilot.press("enter")
        await until(pilot, lambda: app.session.settings.scan.folders == (str(tmp_path / "work"),))


async def test_saved_queries_are_names_and_texts(start: Open, file: Path) -> None:
    app = start()
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot, "browse.queries")
        await pilot.press("enter", "a")
        await dialog(pilot, EditValue)
        await clear_and_type(pilot, "no equals sign")
        await until(pilot, lambda: shows(pilot, "write a name, an equals sign and a text"))
        await clear_and_type(pilot, "many = params>=3 sort:-params")
        await pilot.press("enter")
        await dialog(pilot, EditItems)
        await pilot.press("enter")
        await until(pilot, lambda: data(file).get("browse") == {"queries": {"many": "params>=3 sort:-params"}})
        assert dict(app.session.settings.browse.queries) == {"many": "params>=3 sort:-params"}
        await until(pilot, lambda: shows(pilot, "many = params>=3 sort:-params"))


async def test_a_key_given_here_works_at_once(start: Open) -> None:
    app = start()
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot, "app.keys")
        await pilot.press("enter", "a")
        await dialog(pilot, EditValue)
        await clear_and_type(pilot, "favourite = f5")
        await pilot.press("enter")
        await dialog(pilot, EditItems)
        await pilot.press("enter")
        await until(pilot, lambda: dict(app.session.settings.app.keys) == {"favourite": "f5"})
        await pilot.press("1")
        browse = await ready(pilot)
        await pilot.press("f5")
        await until(pilot, lambda: browse.plugin and browse.plugin.favourite)


async def test_plain_letters_are_drawn_at_once(start: Open) -> None:
    async with start().run_test(size=SIZE) as pilot:
        await opened(pilot, "app.ascii")
        await pilot.press("space")
        plain = lambda: not {letter for line in screen_text(pilot) for letter in line if ord(letter) > 126}  # noqa: E731
        await until(pilot, plain)
        await pilot.press("1")
        await ready(pilot)
        await until(pilot, plain)
        await pilot.press("4", "u")
        await until(pilot, lambda: shows(pilot, "│"))


async def test_a_value_goes_back_to_its_default(start: Open, file: Path) -> None:
    file.write_text(WRITTEN)
    app = start()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await opened(pilot, "app.theme")
        assert app.theme == "nord"
        await pilot.press("r")
        await until(pilot, lambda: app.theme == "textual-dark")
        assert data(file) == {"version": 1, "scan": {"workers": 3}}
        await pilot.press("backspace")
        await until(pilot, lambda: shows(pilot, "Your file does not set app.theme"))
        await pilot.press("u")
        await until(pilot, lambda: app.theme == "nord")


async def test_what_the_environment_sets_wins_and_says_so(
    start: Open, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLUGINARY_TUI_SCAN_BUILTIN", "false")
    app = start()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await opened(pilot, "scan.builtin")
        assert "variable PLUGINARY_TUI_SCAN_BUILTIN wins over your file" in answer(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: shows(pilot, "kept in your file, but"))
        assert data(file)["scan"] == {"builtin": True}
        assert app.session.settings.scan.builtin is False


# Files that are broken, or changed by others


async def test_a_file_broken_meanwhile_is_told_in_a_line(start: Open, file: Path) -> None:
    app = start()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await opened(pilot, "scan.builtin")
        file.write_text("[scan\nworkers = 3\n")
        await pilot.press("enter")
        await until(pilot, lambda: shows(pilot, "not valid TOML"))
        assert file.read_text() == "[scan\nworkers = 3\n"
        assert app.session.settings.scan.builtin is True
        await pilot.press("1", "4")
        await until(pilot, lambda: "config.toml:1: not valid TOML" in screen_text(pilot)[2])


async def test_a_mistake_elsewhere_in_the_file_does_not_lose_the_change(start: Open, file: Path) -> None:
    app = start()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await opened(pilot, "scan.builtin")
        file.write_text("[scan]\nworkers = 3000\n")
        await pilot.press("enter")
        await until(pilot, lambda: shows(pilot, "Kept, but"))
        assert data(file)["scan"] == {"workers": 3000, "builtin": False}
        assert app.session.settings.scan.builtin is False
        assert "workers must be" in screen_text(pilot)[2]


async def test_what_an_editor_wrote_is_taken_in(start: Open, file: Path) -> None:
    app = start()
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pilot.press("1")
        file.write_text(WRITTEN)
        await pilot.press("4")
        await until(pilot, lambda: app.theme == "nord")
        assert app.session.settings.scan.workers == 3


def test_flags_of_the_command_outlast_a_change(start: Open, file: Path) -> None:
    session = start(load({"scan.workers": 5})).session
    preferences = Preferences(session)
    preferences.set("scan.timeout_s", 12)
    assert (session.settings.scan.workers, session.settings.scan.timeout_s) == (5, 12)
    assert preferences.overridden("scan.workers") == "a flag of the command"
    assert preferences.written("scan.timeout_s") == 12.0
    preferences.set("scan.timeout_s", None)
    assert session.settings.scan.timeout_s == 30
    assert check(SETTINGS["scan.workers"], session.settings.scan.workers) == 5


# Around it


async def test_the_mouse_chooses_and_changes(start: Open) -> None:
    app = start()
    async with app.run_test(size=SIZE) as pilot:
        screen = await opened(pilot)
        at = 5, screen.list.rows.index(SETTINGS["scan.builtin"])
        await pilot.click(screen.list, offset=at)
        await until(pilot, lambda: screen.list.setting.name == "scan.builtin")
        assert app.session.settings.scan.builtin
        await pilot.click(screen.list, offset=at)
        await until(pilot, lambda: not app.session.settings.scan.builtin)


async def test_escape_leads_back_to_browse(start: Open) -> None:
    async with start().run_test(size=SIZE) as pilot:
        screen = await opened(pilot)
        await pilot.press("tab")
        await until(pilot, lambda: pilot.app.focused is screen.query_one(TextView))
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.focused is screen.list)
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.current_mode == "browse")


async def test_narrow_puts_the_text_below(start: Open) -> None:
    async with start().run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot, "backup.keep")
        paper = screen.query_one(TextView)
        assert screen.list.region.width == paper.region.width + 2 == 80
        assert shows(pilot, "How many are kept before the oldest goes.")


@pytest.mark.parametrize("size", [(40, 10), (20, 5), (8, 3), (300, 80)])
async def test_no_size_breaks_it(start: Open, size: tuple[int, int]) -> None:
    async with start().run_test(size=size, notifications=True) as pilot:
        await ready(pilot)
        await pilot.press("4", "j", "enter", "escape", "G", "enter", "escape", "g", "enter", "a", "escape", "escape")
        await pilot.press("question_mark", "escape", "r", "u")
        await until(pilot, lambda: isinstance(pilot.app.screen, SettingsScreen))


async def test_every_binding_has_an_id(start: Open) -> None:
    async with start().run_test(size=SIZE) as pilot:
        screen = await opened(pilot, "browse.columns")
        for pane in (screen.list, screen.query_one(TextView)):
            pane.focus()
            await pilot.pause()
            bare = {each.binding.description for each in screen.active_bindings.values() if not each.binding.id}
            assert bare - {""} <= {"Copy selected text"}
        screen.list.focus()
        await pilot.press("enter")
        editor = await dialog(pilot, EditItems)
        bare = {each.binding.description for each in editor.active_bindings.values() if not each.binding.id}
        assert bare - {""} <= {"Copy selected text", "Focus Next", "Focus Previous"}


async def test_a_theme_file_is_one_of_the_themes(start: Open, file: Path) -> None:
    folder = file.parent / "themes"
    folder.mkdir()
    (folder / "amber.toml").write_text('primary = "#ffb000"\nbackground = "#101010"\n')
    (folder / "broken.toml").write_text('primary = "amber"\n')
    app = start()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        screen = await opened(pilot, "app.theme")
        await pilot.press("enter")
        await until(pilot, lambda: shows(pilot, "amber") and shows(pilot, "a file of yours"))
        await pilot.press("end", "up", "enter")  # the last of the list is broken, and no choice
        await until(pilot, lambda: app.theme == "amber")
        assert data(file)["app"] == {"theme": "amber"}
        assert app.current_theme.background == "#101010"
        await until(pilot, lambda: app.screen is screen)


async def test_a_theme_file_with_a_mistake_is_said_and_the_app_starts(start: Open, file: Path) -> None:
    (file.parent / "themes").mkdir()
    (file.parent / "themes" / "amber.toml").write_text('primary = "amber"\n')
    file.write_text('[app]\ntheme = "amber"\n')
    app = start()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until(pilot, lambda: shows(pilot, "primary must be a colour"))
        assert app.theme == "textual-dark"
