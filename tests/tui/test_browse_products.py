"""Products in Browse: one row for a name by a vendor in several formats, and everything that is done with it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from textual.pilot import Pilot

from pluginary_tui.catalogue.journal import Journal
from pluginary_tui.catalogue.store import Store
from pluginary_tui.cli.commands import main
from pluginary_tui.config import Settings
from pluginary_tui.model import Bundle, Outcome, Plugin, ProbedPlugin, Report
from pluginary_tui.tui.app import PluginaryApp
from pluginary_tui.tui.browse.screen import BrowseScreen
from pluginary_tui.tui.core.session import Session
from tests.support.pilot_helpers import names, ready, screen_text, shows, type_query, until

WIDE = (150, 45)
ENDINGS = {"vst3": "vst3", "clap": "clap", "lv2": "lv2", "ladspa": "so"}
HERE = (
    ("ZamComp", "Damien Zammit", "ladspa clap lv2 vst3"),
    ("ZamVerb", "Damien Zammit", "lv2 vst3"),
    ("Gate Stereo", "LSP", "clap vst3"),
    ("LSP Gate Stereo", "LSP LV2", "lv2"),
    ("LSP Gate Mono", "LSP LV2", "lv2"),
    ("Verb", "Acme", "vst3"),
    ("Big Verb", "Acme Audio", "clap"),
)
PRODUCTS = ["Big Verb", "Gate Stereo", "LSP Gate Mono", "Verb", "ZamComp", "ZamVerb"]

Open = Callable[..., PluginaryApp]


def scan(store: Store, here: Iterable[tuple[str, str, str]] = HERE, broken: Iterable[str] = ()) -> None:
    """Put plugins (name, vendor, formats) into the catalogue as a scan does; `broken` are formats that crash."""
    journal = Journal(store)
    reports = []
    for name, vendor, formats in here:
        for format_ in formats.split():
            bundle = Bundle(f"/usr/lib/{format_}/{name}.{ENDINGS[format_]}", format_, name, "v1", 1000, 1.7e9)
            found = ProbedPlugin(name, vendor, f"3.{len(format_)}", "Fx", uid=f"{format_} {name}")
            if format_ in broken:
                found.status, found.error = Outcome.CRASHED, "It crashed."
            elif format_ == "vst3":
                found.loads = True
            reports.append(Report(bundle, Outcome.OK, [found]))
    journal.begin([each.bundle for each in reports])
    for each in reports:
        journal.finish(each, [("Dynamics",)], quarantine=False)
    journal.end({"found": len(reports)})


@pytest.fixture
def open_products(data_dir: Path) -> Iterable[Open]:
    sessions = []

    def make(settings: Settings | None = None, here: Iterable[tuple[str, str, str]] = HERE) -> PluginaryApp:
        with Store.in_folder(data_dir) as store:
            if not store.plugins():
                scan(store, here)
        sessions.append(Session(settings or Settings(), data_dir))
        return PluginaryApp(sessions[-1])

    yield make
    for session in sessions:
        session.close()


def stored(data_dir: Path) -> dict[str, Plugin]:
    with Store.in_folder(data_dir) as store:
        return {plugin.id: plugin for plugin in store.plugins()}


async def stand_on(pilot: Pilot[None], browse: BrowseScreen, name: str) -> None:
    browse.list.focus()
    browse.list.cursor = names(browse).index(name)
    await pilot.pause()


def row(pilot: Pilot[None], name: str) -> str:
    """The line of the list with this name."""
    middles = (line.split("│")[1:2] for line in screen_text(pilot))
    return next((middle[0] for middle in middles if middle and f" {name} " in middle[0]), "")


async def test_a_product_is_one_row_with_its_formats(open_products: Open, data_dir: Path) -> None:
    async with open_products().run_test(size=WIDE) as pilot:
        browse = await ready(pilot)
        await until(pilot, lambda: shows(pilot, "FORMATS") and row(pilot, "ZamComp"))
        assert names(browse) == PRODUCTS
        assert "vst3 clap lv2 +1" in row(pilot, "ZamComp") and "vst3 clap lv2" in row(pilot, "Gate Stereo")
        listed = CliRunner().invoke(
            main, ["list", "--products", "--json"], env={"PLUGINARY_TUI_DATA_DIR": str(data_dir)}
        )
        answer = json.loads(listed.stdout)["products"]
        assert [each["name"] for each in answer] == names(browse)
        assert [each["plugins"] for each in answer] == [
            [plugin.id for plugin in browse.list.members(at)] for at in range(len(answer))
        ]


async def test_a_key_shows_single_plugins_and_the_choice_is_kept(open_products: Open, data_dir: Path) -> None:
    app = open_products()
    async with app.run_test(size=WIDE) as pilot:
        browse = await ready(pilot)
        await stand_on(pilot, browse, "ZamComp")
        await pilot.press("p")
        await until(pilot, lambda: len(names(browse)) == 12)
        assert browse.plugin and browse.plugin.id == "vst3/damien-zammit/zamcomp"
        assert not shows(pilot, "FORMATS ") or shows(pilot, "as one row")
        await pilot.press("down")
        assert browse.plugin.name == "ZamComp"
    app.session.state.save(data_dir)
    async with open_products().run_test(size=WIDE) as pilot:
        browse = await ready(pilot)
        await until(pilot, lambda: len(names(browse)) == 12)
        browse.list.cursor = next(
            at for at, each in enumerate(browse.list.plugins) if each.id.startswith("lv2/lsp-lv2/lsp-gate-s")
        )
        await pilot.press("p")
        await until(pilot, lambda: names(browse) == PRODUCTS)
        assert browse.plugin and browse.plugin.name == "Gate Stereo"


async def test_the_setting_says_what_a_row_is(open_products: Open) -> None:
    settings = Settings()
    settings = replace(settings, browse=replace(settings.browse, products=False))
    async with open_products(settings).run_test(size=WIDE) as pilot:
        browse = await ready(pilot)
        await until(pilot, lambda: len(names(browse)) == 12)


async def test_the_preferred_format_stands_for_a_product(open_products: Open) -> None:
    settings = Settings()
    settings = replace(settings, scan=replace(settings.scan, prefer=("lv2", "clap")))
    async with open_products(settings).run_test(size=WIDE) as pilot:
        browse = await ready(pilot)
        await until(pilot, lambda: "LSP Gate Stereo" in names(browse))
        assert [plugin.format for plugin in browse.list.plugins if plugin.name.startswith("Zam")] == ["lv2", "lv2"]
        await stand_on(pilot, browse, "ZamComp")
        await until(pilot, lambda: shows(pilot, "LV2, CLAP, VST3, LADSPA"))


async def test_queries_and_counts_are_those_of_products(open_products: Open) -> None:
    async with open_products().run_test(size=WIDE) as pilot:
        browse = await ready(pilot)
        await type_query(pilot, "format:lv2")
        await until(pilot, lambda: shows(pilot, "4 of 6"))
        assert names(browse) == ["Gate Stereo", "LSP Gate Mono", "ZamComp", "ZamVerb"]
        assert any("ladspa" in line and line.split("│")[0].rstrip().endswith("1") for line in screen_text(pilot))
        browse.query_text = "zam params:0 nothinglikeit"
        await until(pilot, lambda: shows(pilot, "2 products would be here"))


async def test_the_detail_names_all_formats(open_products: Open) -> None:
    async with open_products().run_test(size=WIDE) as pilot:
        browse = await ready(pilot)
        await stand_on(pilot, browse, "Gate Stereo")
        await until(pilot, lambda: shows(pilot, "p shows them one by one"))
        text = "\n".join(screen_text(pilot))
        for answer in ("VST3 · 3.4 · pedalboard loads it", "CLAP · 3.4 · not for pedalboard", "LV2 · 3.3"):
            assert answer in text
        assert "/usr/lib/lv2/LSP Gate Stereo.lv2" in text and "LSP Gate Stereo by LSP LV2" in text


async def test_what_is_written_about_a_product_is_about_all_of_its_plugins(open_products: Open, data_dir: Path) -> None:
    async with open_products().run_test(size=WIDE) as pilot:
        browse = await ready(pilot)
        await stand_on(pilot, browse, "ZamComp")
        await pilot.press("f")
        await pilot.press("t", *"drums", "enter")
        await pilot.press("n", *"punchy", "enter")
        await pilot.press("asterisk", "4")
        await pilot.pause()
        of_it = [plugin for plugin in stored(data_dir).values() if plugin.name == "ZamComp"]
        assert len(of_it) == 4
        for plugin in of_it:
            assert (plugin.favourite, plugin.tags, plugin.note, plugin.rating) == (True, ("drums",), "punchy", 4)
        for _ in range(4):
            await pilot.press("u")
        await pilot.pause()
        for plugin in stored(data_dir).values():
            assert (plugin.favourite, plugin.tags, plugin.note, plugin.rating) == (False, (), "", 0)


async def test_one_format_can_be_an_exception(open_products: Open, data_dir: Path) -> None:
    lv2 = "lv2/damien-zammit/zamverb"
    with Store.in_folder(data_dir) as store:
        scan(store)
        store.set_favourite([lv2], True)
        store.add_tag([lv2], "only")
        store.set_note([lv2], "crackles at 64 samples")
    async with open_products().run_test(size=WIDE) as pilot:
        browse = await ready(pilot)
        await stand_on(pilot, browse, "ZamVerb")
        await until(pilot, lambda: "★" in row(pilot, "ZamVerb"))
        await until(pilot, lambda: shows(pilot, "#only"))
        await pilot.press("t", *"room", "enter")
        await pilot.press("f")  # it has a star, so it loses it
        await pilot.pause()
        now = stored(data_dir)
        assert now[lv2].tags == ("only", "room") and now["vst3/damien-zammit/zamverb"].tags == ("room",)
        assert not now[lv2].favourite and now[lv2].note == "crackles at 64 samples"
        await pilot.press("p")
        await until(pilot, lambda: len(names(browse)) == 12)
        browse.list.cursor = next(at for at, each in enumerate(browse.list.plugins) if each.id == lv2)
        await pilot.press("H")
        await pilot.press("p")
        await until(pilot, lambda: len(names(browse)) == 6)
        await stand_on(pilot, browse, "ZamVerb")
        await until(pilot, lambda: "lv2" not in row(pilot, "ZamVerb") and shows(pilot, "hidden"))
        assert stored(data_dir)[lv2].hidden and not stored(data_dir)["vst3/damien-zammit/zamverb"].hidden


async def test_a_note_of_one_format_survives_that_of_its_product(open_products: Open, data_dir: Path) -> None:
    with Store.in_folder(data_dir) as store:
        scan(store)
        store.set_note(["vst3/damien-zammit/zamcomp"], "good")
        store.set_note(["lv2/damien-zammit/zamcomp"], "the other one")
    async with open_products().run_test(size=WIDE) as pilot:
        browse = await ready(pilot)
        await stand_on(pilot, browse, "ZamComp")
        await pilot.press("n", *" on drums", "enter")
        await pilot.pause()
        notes = {id_: plugin.note for id_, plugin in stored(data_dir).items() if plugin.name == "ZamComp"}
        assert notes.pop("lv2/damien-zammit/zamcomp") == "the other one"
        assert set(notes.values()) == {"good on drums"}


async def test_marks_are_marks_of_products(open_products: Open, data_dir: Path) -> None:
    async with open_products().run_test(size=WIDE) as pilot:
        browse = await ready(pilot)
        await stand_on(pilot, browse, "ZamComp")
        await pilot.press("space", "space")
        await until(pilot, lambda: shows(pilot, "2 marked"))
        assert len(browse.marked()) == 6
        browse.query_text = "zamverb"
        await until(pilot, lambda: shows(pilot, "2 marked, 1 out of sight"))
        browse.query_text = "is:marked"
        await until(pilot, lambda: names(browse) == ["ZamComp", "ZamVerb"])
        await pilot.press("space")
        await until(pilot, lambda: len(browse.marked()) == 2)
        browse.query_text = ""
        await until(pilot, lambda: len(names(browse)) == 6)
        await pilot.press("A")
        await until(pilot, lambda: len(browse.marked()) == 12)


async def test_a_product_is_copied_once_and_by_what_loads(open_products: Open) -> None:
    async with open_products().run_test(size=WIDE) as pilot:
        browse = await ready(pilot)
        await stand_on(pilot, browse, "ZamComp")
        await pilot.press("y")
        await pilot.pause()
        copied = pilot.app.clipboard
        assert copied.count("load_plugin(") == 1 and "/usr/lib/vst3/ZamComp.vst3" in copied
        await pilot.press("c", "p")
        await pilot.pause()
        assert pilot.app.clipboard.splitlines()[0] == "/usr/lib/vst3/ZamComp.vst3"
        assert len(pilot.app.clipboard.splitlines()) == 4
        await pilot.press("c", "n")
        await pilot.pause()
        assert pilot.app.clipboard == "ZamComp"


async def test_products_are_joined_and_parted_and_both_can_be_undone(open_products: Open, data_dir: Path) -> None:
    def formats() -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for plugin in stored(data_dir).values():
            found.setdefault(plugin.product, set()).add(plugin.format)
        return found

    async with open_products().run_test(size=WIDE) as pilot:
        browse = await ready(pilot)
        await stand_on(pilot, browse, "Big Verb")
        await pilot.press("plus")  # says that something has to be marked
        await pilot.pause()
        assert "acme-audio/big-verb" in formats()
        await pilot.press("space")
        await stand_on(pilot, browse, "Verb")
        await pilot.press("plus")
        await until(pilot, lambda: len(names(browse)) == 5)
        assert formats()["acme/verb"] == {"vst3", "clap"} and browse.plugin and browse.plugin.name == "Verb"
        assert not browse.marked()
        await pilot.press("u")
        await until(pilot, lambda: names(browse) == PRODUCTS)
        assert formats()["acme-audio/big-verb"] == {"clap"}
        await pilot.press("U")
        await until(pilot, lambda: len(names(browse)) == 5)
        await stand_on(pilot, browse, "Verb")
        await pilot.press("minus", "v")
        await until(pilot, lambda: names(browse) == PRODUCTS)
        await stand_on(pilot, browse, "ZamComp")
        await pilot.press("minus")
        await until(pilot, lambda: shows(pilot, "Which plugin is no ZamComp?"))
        await pilot.press("3", "enter")
        await until(pilot, lambda: len(names(browse)) == 7)
        assert formats()["damien-zammit/zamcomp"] == {"vst3", "clap", "ladspa"}
        assert formats()["lv2/damien-zammit/zamcomp"] == {"lv2"}
        with Store.in_folder(data_dir) as store:
            scan(store)
        assert formats()["lv2/damien-zammit/zamcomp"] == {"lv2"}
        await pilot.press("u")
        await until(pilot, lambda: names(browse) == PRODUCTS)


async def test_the_order_and_letters_to_jump_work_on_products(open_products: Open) -> None:
    async with open_products().run_test(size=WIDE) as pilot:
        browse = await ready(pilot)
        browse.query_text = "sort:-name"
        await until(pilot, lambda: names(browse) == PRODUCTS[::-1])
        browse.list.focus()
        await pilot.press("semicolon", "d")
        assert browse.list.cursor == 2


async def test_without_products_in_several_formats_there_is_no_column_for_them(open_products: Open) -> None:
    app = open_products(here=[("One", "Acme", "vst3"), ("Two", "Acme", "clap")])
    async with app.run_test(size=WIDE) as pilot:
        await ready(pilot)
        await until(pilot, lambda: shows(pilot, "Two"))
        assert not shows(pilot, "FORMATS")


async def test_another_preferred_format_is_used_at_once(open_products: Open) -> None:
    app = open_products()
    async with app.run_test(size=WIDE) as pilot:
        browse = await ready(pilot)
        app.app_services.change_setting("scan.prefer", ("lv2",), "scan.prefer: lv2")
        await until(pilot, lambda: "LSP Gate Stereo" in names(browse))
        app.app_services.undo()
        await until(pilot, lambda: "Gate Stereo" in names(browse))


def test_the_first_products_are_whole_and_in_order(data_dir: Path) -> None:
    with Store.in_folder(data_dir) as store:
        scan(store)
        store.set_hidden(["clap/damien-zammit/zamcomp"], True)
    session = Session(Settings(), data_dir)
    try:
        found = session.first_products()
        assert [group[0].name for group in found] == PRODUCTS
        assert [plugin.format for plugin in found[4]] == ["vst3", "lv2", "ladspa"]
    finally:
        session.close()
