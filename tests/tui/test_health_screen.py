"""Health: real scans of broken bundles, told in plain words; try again, ignore, forget, and the figures above."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import pytest
from textual.pilot import Pilot

from pluginary_tui.catalogue.integrity import check
from pluginary_tui.catalogue.journal import Journal
from pluginary_tui.catalogue.load_checks import LoadChecks, LoadResult
from pluginary_tui.catalogue.store import Store
from pluginary_tui.config import AppSettings, Settings, load
from pluginary_tui.model import Bundle, Outcome, ProbedPlugin, Report
from pluginary_tui.scan.run import Options, Scan
from pluginary_tui.tui.app import PluginaryApp
from pluginary_tui.tui.core.session import Session
from pluginary_tui.tui.dialogs.menu import Confirm
from pluginary_tui.tui.health.screen import HealthScreen
from pluginary_tui.tui.widgets.text_view import TextView
from tests.plugins import broken
from tests.plugins.build import build, compiler
from tests.support.pilot_helpers import screen_text, shows, until
from tests.support.sample_catalogue import small

SIZE = (140, 45)
Open = Callable[..., PluginaryApp]


@pytest.fixture(autouse=True)
def nobodys_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The platform's folders, without those of whoever runs the tests."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three bundles that cannot be read, and nothing else to scan."""
    monkeypatch.setenv("PLUGINARY_TUI_SCAN_BUILTIN", "false")
    folder = tmp_path / "broken"
    folder.mkdir()
    broken.empty_binary(folder / "Empty.vst3")
    broken.no_binary(folder / "Hollow.vst3")
    broken.dangling_link(folder / "Link.vst3")
    return folder


@pytest.fixture
def scanned(folder: Path, data_dir: Path) -> Iterator[Callable[[], PluginaryApp]]:
    """Scan the folder, and open an app on what was found."""
    sessions = []

    def make() -> PluginaryApp:
        scan(folder, data_dir)
        sessions.append(Session(load(), data_dir))
        return PluginaryApp(sessions[-1])

    yield make
    for session in sessions:
        session.close()


def scan(folder: Path, data_dir: Path) -> None:
    Scan(load(), data_dir, Options(only=(folder,))).run(lambda event: None)


async def opened(pilot: Pilot[None]) -> HealthScreen:
    """The Health screen, once it has looked."""
    await pilot.press("3")
    await until(pilot, lambda: isinstance(pilot.app.screen, HealthScreen) and pilot.app.screen.health is not None)
    return cast(HealthScreen, pilot.app.screen)


def paths(screen: HealthScreen, group: str) -> set[str]:
    """The names of the bundles in a group."""
    return {Path(each.path).stem for each in screen.list.failures if each.group == group}


def config(tmp_path: Path) -> dict[str, dict[str, object]]:
    path = tmp_path / "config.toml"
    return tomllib.loads(path.read_text("utf-8")) if path.exists() else {}


# Telling


async def test_failures_are_told_in_plain_words(scanned: Open) -> None:
    async with scanned().run_test(size=SIZE) as pilot:
        screen = await opened(pilot)
        assert paths(screen, "quarantine") == {"Empty", "Hollow", "Link"}
        for text in ("✗ 3 in quarantine", "IN QUARANTINE  3", "empty file", "no binary inside", "link to nowhere"):
            assert shows(pilot, text), text
        for text in ("Its binary is there, but there is nothing in it.", "WHAT TO DO", "it printed nothing"):
            assert shows(pilot, text), text
        assert shows(pilot, "Last scan just now: 3 bundles in ")
        assert shows(pilot, "; 1 backup, the newest of ")  # each scan makes one
        await pilot.press("j")
        await until(pilot, lambda: shows(pilot, "the program that belongs into it is not"))


@pytest.mark.skipif(not compiler(), reason="needs a C compiler")
async def test_a_missing_library_is_named(folder: Path, scanned: Open) -> None:
    build("missing_library", folder, name="A needy one")
    async with scanned().run_test(size=SIZE) as pilot:
        await opened(pilot)
        assert shows(pilot, "needs libzoo_absent.so.1")
        assert shows(pilot, "Install the package that holds libzoo_absent.so.1")


async def test_crash_hang_and_licence_are_told_apart(open_app: Open) -> None:
    async with open_app().run_test(size=SIZE) as pilot:
        screen = await opened(pilot)
        for text in ("needs libcurl-gnutls.so.4", "crashes, licence?", "hangs, licence?"):
            assert shows(pilot, text), text
        await until(pilot, lambda: screen.failure and screen.failure.info.name == "HalfDelay")
        await pilot.press("j")
        await until(pilot, lambda: shows(pilot, "activate it with its maker's program"))
        assert shows(pilot, "RoboLicense: no dongle found")


def fill_shell(data_dir: Path) -> None:
    """Put a shell into the catalogue: one of its plugins crashed, and pedalboard does not load another one."""
    bad = ProbedPlugin("Bad One", "Acme", uid="2" * 32, name_in_file="Bad One", status="crashed", stage="load")
    bad.error, bad.signal, bad.log = "Crashed (SIGSEGV) while Bad One was being created.", "SIGSEGV", "[b]oh no[/b]"
    names = ("Good One", "Mono One")
    good = [ProbedPlugin(name, "Acme", uid=f"{n:032}", name_in_file=name) for n, name in enumerate(names)]
    with Store.in_folder(data_dir) as store:
        journal, bundle = Journal(store), Bundle("/x/Shell.vst3", "vst3", "Shell", "v1")
        journal.begin([bundle])
        journal.finish(Report(bundle, Outcome.OK, [*good, bad]), [()] * 3, quarantine=True)
        journal.end({})
        keys = {plugin.name: plugin.key for plugin in store.plugins()}
        error = (
            "It does not support 1-channel output. (Main bus currently expects 1 input channels and 2 output channels.)"
        )
        results = [LoadResult(keys["Mono One"], Outcome.FAILED, error, "mono [/b] log")]
        LoadChecks(store).finish([LoadResult(keys["Good One"], Outcome.OK), *results])


async def test_single_plugins_that_failed_or_do_not_load_have_their_own_reasons(open_app: Open, data_dir: Path) -> None:
    fill_shell(data_dir)
    async with open_app([]).run_test(size=SIZE) as pilot:
        screen = await opened(pilot)
        assert [(each.name, each.group, each.status) for each in screen.list.failures] == [
            ("Bad One", "quarantine", "crashed"),
            ("Mono One", "loading", "failed"),
        ]
        for text in ("1 in quarantine", "1 not loaded by pedalboard", "NOT LOADED BY PEDALBOARD  1", "crashes when"):
            assert shows(pilot, text), text
        for text in ("It crashed while Bad One was being created", "[b]oh no[/b]", "crashed (SIGSEGV)"):
            assert shows(pilot, text), text
        assert screen.why_not("ignore") == screen.why_not("forget") == "its bundle could be read"
        assert screen.check_action("retry", ())
        await pilot.press("j")
        await until(pilot, lambda: shows(pilot, "pedalboard cannot load it: one channel in, two out; it may well"))
        assert shows(pilot, "mono [/b] log") and shows(pilot, "It was read all the same.")
        await pilot.press("o")
        await until(pilot, lambda: pilot.app.current_mode == "browse")
        await until(pilot, lambda: shows(pilot, "Mono One") and not shows(pilot, "Good One"))


async def test_a_single_plugin_is_released_and_tried_again(
    open_app: Open, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_shell(data_dir)
    begun: list[Options | None] = []
    app = open_app([])
    monkeypatch.setattr(app.session, "start_scan", begun.append)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        screen = await opened(pilot)
        assert screen.failure and screen.failure.name == "Bad One"
        await pilot.press("r")
        assert begun == [Options(only=(Path("/x/Shell.vst3"),))], "the others of the bundle stay as they are"
        assert app.session.store.quarantined_plugins() == []
        app.app_services.scan_changed.publish(app.session)
        await until(pilot, lambda: shows(pilot, "Bad One still fails: crashes when created."))
        await until(pilot, lambda: [each.group for each in screen.list.failures] == ["again", "loading"])
        await pilot.press("j", "r")
        mono = next(plugin for plugin in app.session.store.plugins() if plugin.name == "Mono One")
        assert mono.loads is None and begun[1:] == begun[:1]


async def test_what_plugins_say_is_never_markup(open_app: Open, data_dir: Path) -> None:
    with Store.in_folder(data_dir) as store:
        journal, bundle = Journal(store), Bundle("/x/[red]a.vst3", "vst3", "[bold red]Loud[/] [/nope]", "v1")
        journal.begin([bundle])
        report = Report(bundle, Outcome.FAILED, error="[/] [nope", stage="load", log="[blink]no[/blink]\n[/x")
        journal.finish(report, [], quarantine=True)
    async with open_app([]).run_test(size=SIZE, notifications=True) as pilot:
        await opened(pilot)
        for text in ("[bold red]Loud[/] [/nope]", "it says: [/] [nope.", "[blink]no[/blink]"):
            assert shows(pilot, text), text
        await pilot.press("y", "d")
        await until(pilot, lambda: shows(pilot, "Forget [bold red]Loud[/] [/nope]"))


async def test_nothing_failed_says_so(open_app: Open, data_dir: Path) -> None:
    app = open_app(small())
    app.session.store.forget(f"/usr/lib/vst3/{name}.vst3" for name in ("OldThing", "SleepyComp", "HalfDelay"))
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        assert shows(pilot, "All well: nothing has failed")
        assert shows(pilot, "s  scan now")
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.current_mode == "browse")


async def test_before_the_first_scan_it_does_not_claim_anything(open_app: Open) -> None:
    async with open_app([]).run_test(size=SIZE) as pilot:
        await opened(pilot)
        assert shows(pilot, "Nothing was scanned yet")
        assert not shows(pilot, "All well")


# Trying again


async def test_one_is_tried_again_alone_and_found_mended(folder: Path, zam: Path, scanned: Open) -> None:
    app = scanned()
    shutil.rmtree(folder / "Empty.vst3")
    shutil.copytree(zam / "ZamGate.vst3", folder / "Empty.vst3")
    (folder / "Empty.vst3/Contents/x86_64-linux/ZamGate.so").rename(
        folder / "Empty.vst3/Contents/x86_64-linux/Empty.so"
    )
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        screen = await opened(pilot)
        await pilot.press("r")
        await until(pilot, lambda: shows(pilot, "Empty can be read now: 1 plugin."), 60)
        await until(pilot, lambda: paths(screen, "quarantine") == {"Hollow", "Link"})
        assert {item.path for item in app.session.progress.ended if item.outcome.bad} == set()
        assert pilot.app.current_mode == "health"


async def test_what_still_fails_says_so(scanned: Open) -> None:
    app = scanned()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        screen = await opened(pilot)
        await pilot.press("r")
        await until(pilot, lambda: shows(pilot, "Empty still fails: empty file."), 60)
        assert [Path(item.path).stem for item in app.session.progress.ended] == ["Empty"]
        assert paths(screen, "quarantine") == {"Empty", "Hollow", "Link"}


async def test_all_are_tried_again(scanned: Open) -> None:
    app = scanned()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await opened(pilot)
        await pilot.press("R")
        await until(pilot, lambda: shows(pilot, "0 of 3 bundles can be read now."), 60)
        assert {Path(item.path).stem for item in app.session.progress.ended} == {"Empty", "Hollow", "Link"}


@pytest.mark.skipif(not compiler(), reason="needs a C compiler")
async def test_all_are_tried_again_by_the_scan_that_runs(folder: Path, scanned: Open) -> None:
    app = scanned()
    build("sleep", folder)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await opened(pilot)
        app.app_services.start_scan(Options(only=(folder,)), watch=False)
        await until(pilot, lambda: app.session.progress.running, 60)
        await pilot.press("r")  # one alone has to wait
        await pilot.press("R")
        await until(pilot, lambda: shows(pilot, "The scan that runs tries them again."))
        tried = lambda: {Path(item.path).stem for item in app.session.progress.ended}  # noqa: E731
        await until(pilot, lambda: tried() == {"Empty", "Hollow", "Link"}, 60)
        assert app.session.scanning


# Ignoring


async def test_ignoring_writes_a_pattern_and_can_be_undone(
    folder: Path, tmp_path: Path, data_dir: Path, scanned: Open
) -> None:
    app = scanned()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        screen = await opened(pilot)
        await pilot.press("i")
        await until(pilot, lambda: paths(screen, "ignored") == {"Empty"})
        assert config(tmp_path)["scan"]["ignore"] == [str(folder / "Empty.vst3")]
        assert shows(pilot, "IGNORED  1")
        assert screen.failure and screen.failure.info.name == "Hollow"
        scan(folder, data_dir)  # no scan touches it
        await pilot.press("u")
        await until(pilot, lambda: paths(screen, "quarantine") == {"Empty", "Hollow", "Link"})
        assert "ignore" not in config(tmp_path).get("scan", {})
        await pilot.press("i")
        await until(pilot, lambda: paths(screen, "ignored"))
        await pilot.press("G", "r")
        await until(pilot, lambda: shows(pilot, "It is ignored"))
        assert not app.session.scanning
        await pilot.press("i")
        await until(pilot, lambda: not paths(screen, "ignored"))


async def test_a_wider_pattern_is_left_alone(tmp_path: Path, scanned: Open) -> None:
    app = scanned()
    (tmp_path / "config.toml").write_text('[scan]\nignore = ["Emp*.vst3"]\n')
    app.session.settings = load()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        screen = await opened(pilot)
        assert paths(screen, "ignored") == {"Empty"}
        await pilot.press("G", "i")
        await until(pilot, lambda: shows(pilot, "A wider pattern of scan.ignore ignores it (Emp*.vst3)"))
        assert config(tmp_path)["scan"]["ignore"] == ["Emp*.vst3"]


async def test_what_the_environment_sets_is_not_written_over(
    tmp_path: Path, scanned: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLUGINARY_TUI_SCAN_IGNORE", "Other*")
    async with scanned().run_test(size=SIZE, notifications=True) as pilot:
        await opened(pilot)
        await pilot.press("i")
        await until(pilot, lambda: shows(pilot, "PLUGINARY_TUI_SCAN_IGNORE"))
        assert config(tmp_path) == {}


async def test_a_broken_settings_file_is_told_in_a_line(tmp_path: Path, scanned: Open) -> None:
    app = scanned()
    (tmp_path / "config.toml").write_text("[scan\n")
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        screen = await opened(pilot)
        await pilot.press("i")
        await until(pilot, lambda: shows(pilot, "not valid TOML"))
        assert not paths(screen, "ignored")


# Forgetting


async def test_forgetting_asks_and_keeps_what_the_user_wrote(data_dir: Path, scanned: Open) -> None:
    app = scanned()
    store = app.session.store
    plugin = next(each for each in store.plugins() if each.name == "Empty")
    store.add_tag([plugin.id], "keep-me")
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        screen = await opened(pilot)
        await pilot.press("d")
        await until(pilot, lambda: isinstance(pilot.app.screen, Confirm))
        await pilot.press("enter")  # pressed once too often it must drop nothing
        await until(pilot, lambda: shows(pilot, "y to forget, n to keep."))
        assert isinstance(pilot.app.screen, Confirm)
        await pilot.press("n")
        await until(pilot, lambda: pilot.app.screen is screen)
        assert store.bundle(plugin.path) is not None
        await pilot.press("d", "y")
        await until(pilot, lambda: paths(screen, "quarantine") == {"Hollow", "Link"})
        assert store.bundle(plugin.path) is None
        assert not [each for each in store.plugins() if each.path == plugin.path]
        assert store.db.execute("SELECT tag FROM user_tag WHERE id = ?", (plugin.id,)).fetchall() == [("keep-me",)]
        assert check.damage(store.path, thorough=True) == ""
        await until(pilot, lambda: not any(each.name == "Empty" for each in app.session.catalogue.plugins))


async def test_what_is_gone_is_listed_and_forgotten_together(folder: Path, data_dir: Path, scanned: Open) -> None:
    scan(folder, data_dir)
    shutil.rmtree(folder / "Empty.vst3")
    shutil.rmtree(folder / "Hollow.vst3")
    async with scanned().run_test(size=SIZE, notifications=True) as pilot:
        screen = await opened(pilot)
        assert paths(screen, "gone") == {"Empty", "Hollow"}
        assert shows(pilot, "1 in quarantine  ·  2 gone from the disk")
        await pilot.press("D", "y")
        await until(pilot, lambda: not paths(screen, "gone"))
        assert paths(screen, "quarantine") == {"Link"}


# Around it


async def test_copying_gives_reason_and_log(open_app: Open) -> None:
    async with open_app().run_test(size=SIZE, notifications=True) as pilot:
        screen = await opened(pilot)
        await pilot.press("j", "y")
        await until(pilot, lambda: "RoboLicense: no dongle found" in pilot.app.clipboard)
        assert screen.failure and screen.failure.path in pilot.app.clipboard


async def test_a_backup_can_be_made(open_app: Open, data_dir: Path) -> None:
    async with open_app().run_test(size=SIZE, notifications=True) as pilot:
        await opened(pilot)
        await pilot.press("b")
        await until(pilot, lambda: shows(pilot, "1 backup, the newest of"))
        assert len(check.list_backups(data_dir)) == 1


async def test_o_shows_it_in_browse(open_app: Open) -> None:
    async with open_app().run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pilot.press("o")
        await until(pilot, lambda: shows(pilot, 'path:"/usr/lib/vst3/HalfDelay.vst3"') and shows(pilot, "1 of "))


async def test_narrow_reads_in_the_whole_place(open_app: Open) -> None:
    async with open_app().run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        paper = screen.query_one(TextView)
        assert screen.list.region.width == 80
        assert 0 < paper.region.height < 16
        await pilot.press("enter")
        await until(pilot, lambda: not screen.list.region and pilot.app.focused is paper)
        await pilot.press("escape")
        await until(pilot, lambda: screen.list.region and pilot.app.focused is screen.list)
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.current_mode == "browse")


async def test_the_mouse_chooses_and_opens(open_app: Open) -> None:
    async with open_app().run_test(size=SIZE) as pilot:
        screen = await opened(pilot)
        await pilot.click(screen.list, offset=(5, 3))
        await until(pilot, lambda: screen.failure and screen.failure.info.name == "SleepyComp")
        assert pilot.app.focused is screen.list
        await pilot.click(screen.list, offset=(5, 3))
        await until(pilot, lambda: pilot.app.focused is screen.query_one(TextView))


@pytest.mark.parametrize("size", [(40, 10), (20, 5), (8, 3), (300, 80)])
async def test_no_size_breaks_it(open_app: Open, size: tuple[int, int]) -> None:
    async with open_app().run_test(size=size, notifications=True) as pilot:
        screen = await opened(pilot)
        await pilot.press("j", "enter", "j", "G", "escape", "k", "d", "escape", "question_mark", "escape")
        await until(pilot, lambda: pilot.app.screen is screen)


async def test_plain_letters_are_all_that_ascii_draws(open_app: Open) -> None:
    async with open_app(small()[:7], Settings(app=AppSettings(ascii=True))).run_test(size=SIZE) as pilot:
        await opened(pilot)
        await until(pilot, lambda: shows(pilot, "x 3 in quarantine"))
        assert not {letter for line in screen_text(pilot) for letter in line if ord(letter) > 126}


async def test_every_binding_has_an_id(open_app: Open) -> None:
    async with open_app().run_test(size=SIZE) as pilot:
        screen = await opened(pilot)
        for pane in (screen.list, screen.query_one(TextView)):
            pane.focus()
            await pilot.pause()
            ours = [each for each in screen.active_bindings.values() if each.binding.description]
            assert {each.binding.description for each in ours if not each.binding.id} <= {"Copy selected text"}
