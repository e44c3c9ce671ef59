"""Sound in the app: measuring, the passport in the detail pane, columns, what is alike, two compared."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from pluginary_tui.catalogue.passports import COST, SOUND, Passports, key_of
from pluginary_tui.catalogue.store import Store
from pluginary_tui.config import Settings
from pluginary_tui.model import Outcome, Plugin
from pluginary_tui.scan.run import Options, Scan
from pluginary_tui.sound.metrics import METHOD
from pluginary_tui.sound.passport import Curve, Figure, Passport, Setting, Verdict, to_json
from pluginary_tui.sound.similar import NEEDED
from pluginary_tui.tui.app import PluginaryApp
from pluginary_tui.tui.browse.column_picker import ColumnPicker
from pluginary_tui.tui.browse.screen import BrowseScreen
from pluginary_tui.tui.core.session import Session
from pluginary_tui.tui.scan.screen import ScanScreen
from pluginary_tui.tui.sound.compare_screen import HEIGHT as PICTURE
from pluginary_tui.tui.sound.compare_screen import CompareScreen
from pluginary_tui.tui.sound.similar_screen import SimilarScreen
from tests.plugins.build import compiler, good
from tests.support.pilot_helpers import names, ready, screen_text, shows, type_query, until

SIZE = (140, 60)

FLAT = dict.fromkeys(NEEDED, 0.0) | {"residue": -160.0, "null": -10.0}


def passport(behaves: str, cpu: float, *verdicts: str, tilt: float = 0.0, **features: float) -> Passport:
    """What measuring might have told of an effect."""
    octaves = tuple(20.0 * 2**n for n in range(10))
    levels = (-60.0, -30.0, 0.0)
    curves = {
        "response": Curve(octaves, tuple(tilt * n for n in range(10)), 0.9),
        "gain": Curve(levels, levels, 0.9),
        "decay": Curve((0.0, 1.0, 2.0), (0.0, -30.0, -60.0), 0.6),
    }
    return Passport(
        METHOD,
        settings=[
            Setting("default", {}, {"decay": Figure(2.0, 0.7), "null": Figure(-8, 1.0)}, curves, FLAT | features)
        ],
        costs={"cpu": Figure(cpu, 0.95)},
        verdicts=[Verdict(name, f"seen to be {name}.") for name in verdicts],
        behaves=behaves,
        because="a dense tail of up to 2.0 s",
    )


PASSPORTS = {
    "Valhalla VintageVerb": passport("reverb", 4.0, "noisy", decay=2.0),
    "Valhalla Room": passport("reverb", 1.0, tilt=-3.0, decay=2.2),
    "ZamVerb": passport("reverb", 2.5, decay=0.6),
    "ZamTube": passport("distortion", 6.0, thd=10.0, thd_loud=30.0),
}


def keep(store: Store, plugin: Plugin, answer: Passport | None) -> None:
    """Put a measurement into the catalogue, the way measuring does; None is one that crashed."""
    kept = Passports(store)
    kept.begin([(key_of(plugin), SOUND)])
    (entry,) = kept.pending()
    if answer is None:
        error = "Died of SIGSEGV (while measuring: log sweep)."
        kept.finish(entry, method=METHOD, outcome=Outcome.CRASHED, error=error)
        return
    figures = {name: figure.value for name, figure in answer.figures.items()}
    names = [verdict.name for verdict in answer.verdicts]
    kept.finish(entry, method=METHOD, outcome=Outcome.OK, figures=figures, verdicts=names, data=to_json(answer))


@pytest.fixture
def measured(open_app: Callable[..., PluginaryApp], data_dir: Path) -> Callable[..., PluginaryApp]:
    """Make an app on a catalogue in which some plugins have a passport, and one could not be measured."""

    def make(settings: Settings | None = None) -> PluginaryApp:
        app = open_app(settings=settings)
        with Store.in_folder(data_dir) as store:
            for plugin in store.plugins():
                if plugin.name in PASSPORTS or plugin.name == "Serum":
                    keep(store, plugin, PASSPORTS.get(plugin.name))
        return app

    return make


def on(browse: BrowseScreen, name: str) -> None:
    """Put the cursor on the plugin of this name."""
    assert browse.list.stand_on(next(plugin for plugin in browse.list.plugins if plugin.name == name))


def detail(browse: BrowseScreen) -> str:
    """All that the detail pane says, whether in sight or not."""
    sheet = browse.query_one("#sheet")
    return "\n".join("".join(text for text, _ in row) for row in sheet._rows)  # type: ignore[attr-defined]


def output(pilot: Pilot[None], text: str) -> bool:
    """Whether a toast that is up says a text."""
    return any(text in toast.message for toast in pilot.app._notifications)


# What is known


async def test_the_passport_is_told_in_pictures_words_and_figures(measured):
    async with measured().run_test(size=SIZE) as pilot:
        browse = await ready(pilot)
        on(browse, "Valhalla VintageVerb")
        await until(pilot, lambda: "behaves like reverb" in detail(browse))
        answer = detail(browse)
        assert "it calls itself Reverb" in answer
        assert "! Is not silent when its input is seen to be noisy. is:noisy" in " ".join(answer.split())
        for title in (
            "RESPONSE  dB over Hz",
            "GAIN  dBFS out",
            "DECAY  dB over seconds, roughly: 60%",
            "━━━ as loaded",
            "FIGURES",
        ):
            assert title in answer, title
        assert any(0x2800 < ord(sign) < 0x2900 for sign in answer), "drawn in Braille"
        cpu = next(line for line in answer.splitlines() if line.startswith("processor load"))
        decay = next(line for line in answer.splitlines() if line.startswith("decay time"))
        assert cpu.split() == ["processor", "load", "4.00", "%", "cpu"]
        assert decay.split() == ["decay", "time", "about", "2.00", "s", "decay"]
        on(browse, "Pro-Q 3")
        await until(pilot, lambda: "not measured yet; M measures it" in detail(browse))
        on(browse, "Serum")
        await until(pilot, lambda: "measuring failed; M tries again" in detail(browse))
        assert "SIGSEGV" in detail(browse)


async def test_plain_letters_do_for_pictures_too(measured):
    settings = replace(Settings(), app=replace(Settings().app, ascii=True))
    async with measured(settings).run_test(size=SIZE) as pilot:
        browse = await ready(pilot)
        on(browse, "Valhalla Room")
        await until(pilot, lambda: "RESPONSE" in detail(browse))
        assert detail(browse).isascii()
        assert detail(browse).count("*") > 60
        await pilot.press("space", "k")
        on(browse, "ZamVerb")
        await pilot.press("equals_sign")
        await until(pilot, lambda: shows(pilot, "GAIN"))
        assert all(line.isascii() for line in screen_text(pilot))


async def test_a_picture_stays_whole_beside_a_scrollbar(measured):
    async with measured().run_test(size=(100, 30)) as pilot:
        browse = await ready(pilot)
        on(browse, "ZamVerb")
        await pilot.press("space")
        on(browse, "Valhalla Room")
        await pilot.press("equals_sign")
        await until(pilot, lambda: isinstance(pilot.app.screen, CompareScreen) and shows(pilot, "10k"))
        lines = screen_text(pilot)
        top = next(row for row, line in enumerate(lines) if "RESPONSE" in line)
        bottom = next(row for row, line in enumerate(lines) if "10k" in line)
        assert bottom - top == PICTURE + 1


async def test_queries_ask_for_what_was_measured(measured):
    async with measured().run_test(size=SIZE) as pilot:
        browse = await ready(pilot)
        browse.query_text = "cpu<5 decay>1 sort:cpu"
        await until(pilot, lambda: names(browse) == ["Valhalla Room", "ZamVerb", "Valhalla VintageVerb"])
        browse.query_text = "is:noisy"
        await until(pilot, lambda: names(browse) == ["Valhalla VintageVerb"])
        browse.query_text = "is:unmeasurable"
        await until(pilot, lambda: names(browse) == ["Serum"])
        browse.query_text = ""
        await pilot.press("slash", *"is", "colon", *"nois", "tab")
        assert browse.query_text == "is:noisy"
        browse.query_text = "verb cpu<3"
        await pilot.press("enter", "escape")
        assert browse.query_text == "verb", "the last term goes with the first escape"


async def test_columns_of_figures_can_be_chosen_and_ordered_by(measured):
    async with measured().run_test(size=(200, 60)) as pilot:
        browse = await ready(pilot)
        await pilot.press("C")
        choice = cast(ColumnPicker, pilot.app.screen)
        for name in ("cpu", "behaves", "verdicts"):
            choice.list.cursor = choice.list.names.index(name)
            await pilot.press("space")
        await pilot.press("enter")
        await until(pilot, lambda: shows(pilot, "BEHAVES LIKE") and shows(pilot, "CPU %"))
        browse.layout_controller.order_by("-cpu")
        order = ["ZamTube", "Valhalla VintageVerb", "ZamVerb", "Valhalla Room"]
        await until(pilot, lambda: names(browse)[:4] == order)
        (row,) = [line for line in screen_text(pilot) if "VintageVerb" in line and "4.00" in line]
        assert "reverb" in row and "noisy" in row
        assert shows(pilot, "CPU % ↓")


async def test_what_is_alike_is_listed_with_why_and_what_is_better(measured):
    async with measured().run_test(size=SIZE) as pilot:
        browse = await ready(pilot)
        on(browse, "Valhalla VintageVerb")
        await pilot.press("m")
        await until(pilot, lambda: isinstance(pilot.app.screen, SimilarScreen) and pilot.app.screen.list.found)
        alike = cast(SimilarScreen, pilot.app.screen)
        found = [(plugin.name, bool(one.better)) for plugin, one in alike.list.found]
        assert found[0] == ("Valhalla Room", True)
        assert found[1] == ("ZamVerb", True)
        await until(pilot, lambda: shows(pilot, "Better: not noisy; 1.0 % of a processor instead of 4.0 %"))
        assert shows(pilot, "both behave like: reverb")
        await pilot.press("j", "enter")
        await until(pilot, lambda: pilot.app.screen is browse)
        assert browse.plugin and browse.plugin.name == "ZamVerb"


async def test_going_to_one_that_the_query_leaves_out(measured):
    async with measured().run_test(size=SIZE) as pilot:
        browse = await ready(pilot)
        await type_query(pilot, "vintage")
        await until(pilot, lambda: names(browse) == ["Valhalla VintageVerb"])
        await pilot.press("m")
        await until(pilot, lambda: isinstance(pilot.app.screen, SimilarScreen) and pilot.app.screen.list.found)
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.screen is browse and names(browse) == ["Valhalla Room"])


async def test_two_are_compared_over_one_another(measured):
    async with measured().run_test(size=SIZE) as pilot:
        browse = await ready(pilot)
        on(browse, "ZamTube")
        await pilot.press("equals_sign")
        await until(pilot, lambda: output(pilot, "Mark one plugin with space"))
        await pilot.press("space")
        on(browse, "Valhalla Room")
        await pilot.press("equals_sign")
        await until(pilot, lambda: isinstance(pilot.app.screen, CompareScreen) and shows(pilot, "FIGURES"))
        looks = {look for row in pilot.app.screen.text._rows for _, look in row}
        assert {"curve", "second"} <= looks
        (cpu,) = [line for line in screen_text(pilot) if "processor load" in line]
        assert cpu.index("1.00 %") < cpu.index("6.00 %")
        assert shows(pilot, "most unlike in: ")
        await pilot.press("x")
        await until(pilot, lambda: any("6.00 %" in line and line.index("6.00 %") < 60 for line in screen_text(pilot)))
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is browse)


# Measuring


@pytest.fixture
def open_real(data_dir: Path, tmp_path: Path) -> Iterator[Callable[..., PluginaryApp]]:
    """Make apps on a catalogue of real plugins, the ones of a folder or those that come with pedalboard."""
    sessions = []

    def make(folder: Path | None = None) -> PluginaryApp:
        (tmp_path / "nothing").mkdir(exist_ok=True)
        settings = Settings()
        settings = replace(settings, scan=dataclasses.replace(settings.scan, builtin=folder is None, workers=2))
        Scan(settings, data_dir, Options(only=(folder or tmp_path / "nothing",))).run(lambda event: None)
        sessions.append(Session(settings, data_dir))
        return PluginaryApp(sessions[-1])

    yield make
    for session in sessions:
        session.close()


def state(pilot: Pilot[None]) -> str:
    session = cast(PluginaryApp, pilot.app).session
    return session.progress.state if session.progress.kind == "measuring" else ""


async def test_measure_the_one_under_the_cursor_and_see_it_arrive(open_real):
    app = open_real()
    async with app.run_test(size=SIZE) as pilot:
        browse = await ready(pilot)
        on(browse, "Invert")
        await pilot.press("M")
        await until(pilot, lambda: shows(pilot, "All 24 found"))
        await pilot.press("m")
        await until(pilot, lambda: output(pilot, "Measuring Invert; 2 shows how it goes."))
        assert app.session.start_scan() is False
        app.app_services.start_scan(watch=False)
        await until(pilot, lambda: output(pilot, "Plugins are being measured"))
        await until(pilot, lambda: "behaves like gain" in detail(browse), 60)
        await until(pilot, lambda: not app.session.busy and output(pilot, "Measured 1 plugin in"), 60)
        await until(pilot, lambda: "cpu" in detail(browse))
        assert "RESPONSE" in detail(browse)
        await pilot.press("2")
        await until(pilot, lambda: isinstance(app.screen, ScanScreen) and shows(pilot, "1 measured"))
        assert shows(pilot, "1 / 1") and shows(pilot, "gain, 0.0")
        await pilot.press("n")
        await until(pilot, lambda: browse.query_text == "is:measured" and names(browse) == ["Invert"])


async def test_pause_stop_and_go_on_from_there(open_real, data_dir):
    app = open_real()
    async with app.run_test(size=SIZE) as pilot:
        browse = await ready(pilot)
        # So many that some are left wherever a busy machine sees the keys.
        await type_query(pilot, "invert | gain | clipping | bitcrush | highpass | lowpass | highshelf | lowshelf")
        await until(pilot, lambda: len(names(browse)) == 8)
        await pilot.press("M", "a")
        await pilot.press("2")
        await until(pilot, lambda: isinstance(app.screen, ScanScreen) and app.session.progress.running)
        await pilot.press("space")
        await until(pilot, lambda: state(pilot) == "paused" and not app.session.progress.running, 60)
        done = app.session.progress.done
        assert shows(pilot, "paused")
        await pilot.pause(0.5)
        assert app.session.progress.done == done and not app.session.progress.running
        await pilot.press("space")
        await until(pilot, lambda: state(pilot) == "running")
        await pilot.press("S")
        await until(pilot, lambda: not app.session.busy, 60)
        assert state(pilot) == "stopped" and shows(pilot, "still to do")
        with Store.in_folder(data_dir) as store:
            left = Passports(store).pending()
        assert 0 < len(left) < 16 and {entry.part for entry in left} <= {SOUND, COST}
        await pilot.press("M")
        await until(pilot, lambda: state(pilot) == "done", 150)
        with Store.in_folder(data_dir) as store:
            assert Passports(store).pending() == []
            assert len(Passports(store).figures()["cpu"]) == 8


@pytest.mark.skipif(compiler() is None, reason="needs a C compiler")
async def test_a_crash_while_measuring_is_told_and_tried_again(open_real, data_dir, tmp_path):
    folder = tmp_path / "vst3"
    good(folder, "Works")
    good(folder, "Crashes")
    app = open_real(folder)
    good(folder, "Crashes", behaviour="segfault", stage="process")
    async with app.run_test(size=SIZE) as pilot:
        browse = await ready(pilot)
        await pilot.press("A", "M", "m", "2")
        await until(pilot, lambda: state(pilot) == "done", 60)
        await until(pilot, lambda: output(pilot, "1 plugin could not be measured"))
        assert shows(pilot, "☠ 1 crashed") and shows(pilot, "SIGSEGV")
        assert shows(pilot, "1 measured") and shows(pilot, "1 failed")
        await pilot.press("f")
        await until(pilot, lambda: names(browse) == ["Crashes"])
        await until(pilot, lambda: "measuring failed; M tries again" in detail(browse))
        assert "SIGSEGV" in detail(browse)
        good(folder, "Crashes")
        await pilot.press("2")
        await until(pilot, lambda: isinstance(app.screen, ScanScreen))
        await pilot.press("r")
        await until(pilot, lambda: state(pilot) == "done" and app.session.progress.counts["ok"] == 1, 60)
        with Store.in_folder(data_dir) as store:
            assert len(Passports(store).outcomes()[0]) == 2


async def test_copies_are_nulled_where_they_are_compared(open_real, some_zam):
    for bundle in some_zam.iterdir():
        if bundle.stem != "ZamEQ2":
            shutil.rmtree(bundle)
    shutil.copytree(some_zam / "ZamEQ2.vst3", some_zam / "copy" / "ZamEQ2.vst3")
    app = open_real(some_zam)
    async with app.run_test(size=SIZE) as pilot:
        browse = await ready(pilot)
        assert names(browse) == ["ZamEQ2"], "a product stands in one row, whatever copies there are"
        await pilot.press("equals_sign")
        await until(pilot, lambda: shows(pilot, "They do exactly the same"), 60)
        assert shows(pilot, "setting 4") and shows(pilot, "left of the difference: same")
        assert shows(pilot, "was not measured; M measures both")


async def test_leaving_while_copies_are_compared_waits_for_nothing(open_real, some_zam):
    shutil.copytree(some_zam / "ZamEQ2.vst3", some_zam / "copy" / "ZamEQ2.vst3")
    app = open_real(some_zam)
    async with app.run_test(size=SIZE) as pilot:
        browse = await ready(pilot)
        on(browse, "ZamEQ2")
        await pilot.press("equals_sign")
        await until(pilot, lambda: isinstance(app.screen, CompareScreen))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is browse)
        await until(pilot, lambda: not any(worker.is_running for worker in app.workers), 5)


async def test_a_passport_is_written_for_others(measured: Callable[..., PluginaryApp], tmp_path: Path) -> None:
    app = measured()
    async with app.run_test(size=SIZE) as pilot:
        browse = await ready(pilot)
        await type_query(pilot, "zamtube")
        await pilot.press("W")
        line = app.screen.query_one("#answer", Input)
        assert line.value.endswith("zamtube.svg")
        line.value = str(tmp_path / "tube.pdf")
        await pilot.press("enter")
        await until(pilot, lambda: shows(pilot, "must end in .svg, .html or .md"))
        for name, holds in (("tube.svg", "<svg"), ("tube.html", "<!DOCTYPE html>"), ("tube.md", "# ZamTube")):
            line.value = str(tmp_path / name)
            await pilot.press("enter")
            await until(pilot, lambda name=name: (tmp_path / name).exists())  # type: ignore[misc]
            assert (tmp_path / name).read_text().startswith(holds)
            await pilot.press("W")
            line = app.screen.query_one("#answer", Input)
        await pilot.press("escape")
        browse.query_text = "serum"
        await until(pilot, lambda: names(browse) == ["Serum"])
        await pilot.press("W")
        assert any("was not measured" in toast.message for toast in app._notifications)
