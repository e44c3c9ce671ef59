"""Projects: real project files, read by the screen itself; what is missing, what stands in, and the way to Browse."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import pytest
from textual.pilot import Pilot

from pluginary_tui.catalogue.journal import Journal
from pluginary_tui.catalogue.presets import READING, Presets, ReadPreset
from pluginary_tui.catalogue.store import Store
from pluginary_tui.catalogue.usage import refresh_usage
from pluginary_tui.config import AppSettings, ProjectSettings, ScanSettings, Settings
from pluginary_tui.model import Bundle, Outcome, ProbedPlugin, Report
from pluginary_tui.tui.app import PluginaryApp
from pluginary_tui.tui.core.session import Session
from pluginary_tui.tui.projects.screen import ProjectsScreen
from pluginary_tui.tui.widgets.text_view import TextView
from tests.support.pilot_helpers import names, ready, screen_text, shows, until
from tests.support.project_files import FILES

SIZE = (140, 45)
PLUGINS = [
    ("Dragonfly Hall Reverb", "Michael Willis", "2046504473616C633172666400000000", "Reverb"),
    ("Comp One", "Acme", "1" * 32, "Dynamics"),
    ("Idle", "Acme", "2" * 32, "EQ"),
]


@pytest.fixture
def songs(tmp_path: Path) -> Path:
    folder = tmp_path / "songs"
    folder.mkdir()
    shutil.copy(FILES / "ardour" / "session.ardour", folder)
    shutil.copy(FILES / "reaper" / "vst3-track-and-take-fx.RPP", folder / "kick.rpp")
    shutil.copy(FILES / "reaper_chain" / "tricky-strings.RPP-bak", folder / "plain.rpp")
    return folder


@pytest.fixture
def make(songs: Path, data_dir: Path) -> Iterator[Callable[..., PluginaryApp]]:
    sessions = []

    def app(*, folders: bool = True, **app_settings: object) -> PluginaryApp:
        with Store.in_folder(data_dir) as store:
            journal = Journal(store)
            bundles = [Bundle(f"/vst3/{name}.vst3", "vst3", name, "1") for name, *_ in PLUGINS]
            journal.begin(bundles)
            for bundle, (name, vendor, uid, category) in zip(bundles, PLUGINS, strict=True):
                probed = ProbedPlugin(name, vendor, uid=uid)
                journal.finish(Report(bundle, Outcome.OK, [probed]), [(category,)], quarantine=False)
            journal.end({})
        settings = Settings(
            projects=ProjectSettings(folders=(str(songs),) if folders else ()),
            scan=ScanSettings(workers=2),
            app=AppSettings(**app_settings),  # type: ignore[arg-type]
        )
        sessions.append(Session(settings, data_dir))
        return PluginaryApp(sessions[-1])

    yield app
    for session in sessions:
        session.close()


async def opened(pilot: Pilot[None]) -> ProjectsScreen:
    await ready(pilot)
    await pilot.press("ctrl+o")
    await until(
        pilot, lambda: isinstance(pilot.app.screen, ProjectsScreen) and shows(pilot, "No project has been read")
    )
    return cast(ProjectsScreen, pilot.app.screen)


async def read(pilot: Pilot[None]) -> ProjectsScreen:
    screen = await opened(pilot)
    await pilot.press("s")
    await until(pilot, lambda: len(screen.list.projects) == 3, 30)
    await until(pilot, lambda: screen.used, 10)
    return screen


async def test_projects_are_read_and_say_what_is_missing_and_what_stands_in(make: Callable[..., PluginaryApp]) -> None:
    async with make().run_test(size=SIZE) as pilot:
        screen = await read(pilot)
        assert [project.name for project in screen.list.projects] == ["kick.rpp", "session.ardour", "plain.rpp"]
        assert shows(pilot, "2 with plugins that are missing here")
        assert shows(pilot, "#TCompressor")
        assert shows(pilot, "Comp One")
        assert shows(pilot, "for the same job: compressor")
        await pilot.press("down")
        await until(pilot, lambda: shows(pilot, "Dragonfly Hall Reverb"))
        assert shows(pilot, "on Guitar")
        await pilot.press("enter", "end")
        await until(pilot, lambda: shows(pilot, "OF THE PROGRAM ITSELF"))
        await pilot.press("escape")
        await pilot.press("down")
        await until(pilot, lambda: shows(pilot, "It uses no plugins."))


async def test_one_key_shows_in_browse_what_a_project_uses_and_what_could_stand_in(
    make: Callable[..., PluginaryApp],
) -> None:
    async with make().run_test(size=SIZE) as pilot:
        screen = await read(pilot)
        await pilot.press("i")
        browse = await ready(pilot)
        await until(pilot, lambda: set(names(browse)) == {"Comp One", "Idle"})
        await pilot.press("ctrl+o", "down")
        await until(pilot, lambda: screen.used and screen.list.chosen and screen.list.chosen.name == "session.ardour")
        await pilot.press("o")
        await until(pilot, lambda: names(browse) == ["Dragonfly Hall Reverb"])


async def test_keys_that_have_nothing_to_show_say_why(make: Callable[..., PluginaryApp]) -> None:
    async with make().run_test(size=SIZE, notifications=True) as pilot:
        screen = await read(pilot)
        await pilot.press("i")
        await ready(pilot)
        await pilot.press("ctrl+o", "end")
        await until(pilot, lambda: screen.list.chosen and screen.list.chosen.name == "plain.rpp")
        await until(pilot, lambda: shows(pilot, "It uses no plugins."))
        await pilot.press("i")
        await until(pilot, lambda: shows(pilot, "nothing is"))
        await pilot.press("x")
        await until(pilot, lambda: shows(pilot, "no projects are being read"))


async def test_from_a_plugin_to_its_projects_and_presets(make: Callable[..., PluginaryApp], data_dir: Path) -> None:
    async with make().run_test(size=SIZE, notifications=True) as pilot:
        screen = await read(pilot)
        await pilot.press("1")
        browse = await ready(pilot)
        await until(pilot, lambda: any(plugin.used_in for plugin in browse.list.plugins))
        browse.list.cursor = names(browse).index("Dragonfly Hall Reverb")
        await until(pilot, lambda: shows(pilot, "1 project; J lists them"))
        await pilot.press("J")
        await until(pilot, lambda: shows(pilot, "Projects with Dragonfly Hall Reverb"))
        await pilot.press("1")
        await until(pilot, lambda: screen.list.chosen and screen.list.chosen.name == "session.ardour")
        await pilot.press("1", "P")
        await until(pilot, lambda: shows(pilot, "there are no presets for Dragonfly Hall Reverb"))
        browse.list.cursor = names(browse).index("Idle")
        await pilot.press("J")
        await until(pilot, lambda: shows(pilot, "no project that was read uses Idle"))


async def test_presets_are_listed_found_and_copied(make: Callable[..., PluginaryApp], data_dir: Path) -> None:
    app = make()
    with Store.in_folder(data_dir) as store:
        Presets(store).put(
            [
                ReadPreset(
                    f"/p/{name}.vstpreset",
                    "",
                    "",
                    1,
                    1,
                    READING,
                    "ok",
                    "",
                    name,
                    "vst3",
                    "1" * 32,
                    "",
                    "",
                    "Pads",
                    "Me",
                )
                for name in ("Vocal Plate", "Warm Hall")
            ]
        )
        refresh_usage(store)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        browse = await ready(pilot)
        browse.list.cursor = names(browse).index("Comp One")
        await until(pilot, lambda: shows(pilot, "2 preset files; P lists them"))
        await pilot.press("P")
        await until(pilot, lambda: shows(pilot, "Presets of Comp One") and shows(pilot, "Warm Hall"))
        await pilot.press("slash", *"vocal", "enter")
        await until(pilot, lambda: shows(pilot, "1 of 2 presets") and not shows(pilot, "Warm Hall"))
        await pilot.press("f")
        await until(
            pilot,
            lambda: (
                [p.favourite for p in Presets(browse.session.store).of_plugin("vst3/acme/comp-one")] == [True, False]
            ),
        )
        await pilot.press("enter")
        await until(pilot, lambda: "load_preset('/p/Vocal Plate.vstpreset')" in pilot.app.clipboard)
        await pilot.press("escape")
        await until(pilot, lambda: shows(pilot, "Warm Hall"))
        await pilot.press("escape")
        await until(pilot, lambda: not shows(pilot, "Presets of Comp One"))


async def test_without_folders_it_asks_for_one_keeps_it_and_reads(
    make: Callable[..., PluginaryApp], songs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLUGINARY_TUI_CONFIG", str(tmp_path / "config.toml"))
    async with make(folders=False).run_test(size=SIZE) as pilot:
        screen = await opened(pilot)
        await pilot.press("s")
        await until(pilot, lambda: shows(pilot, "Add a folder with projects"))
        await pilot.press("ctrl+u", *str(songs).replace("/", "\0").replace("\0", "/"))
        await pilot.press("enter")
        await until(pilot, lambda: len(screen.list.projects) == 3, 30)
        assert str(songs) in (tmp_path / "config.toml").read_text()


@pytest.mark.parametrize("size", [(80, 24), (40, 12), (20, 6)])
async def test_it_fits_small_terminals(make: Callable[..., PluginaryApp], size: tuple[int, int]) -> None:
    async with make(ascii=True).run_test(size=size) as pilot:
        await ready(pilot)
        await pilot.press("ctrl+o")
        await until(pilot, lambda: isinstance(pilot.app.screen, ProjectsScreen))
        screen = cast(ProjectsScreen, pilot.app.screen)
        await pilot.press("s")
        await until(pilot, lambda: len(screen.list.projects) == 3, 30)
        await until(pilot, lambda: screen.used)
        if size[1] > 8:
            await until(pilot, lambda: shows(pilot, "kick"))
        if size[0] >= 80:
            assert all(line.isascii() for line in screen_text(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: screen.query_one(TextView).has_focus)
        await pilot.press("escape")
        await until(pilot, lambda: screen.list.has_focus)
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.current_mode == "browse")
