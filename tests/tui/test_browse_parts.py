"""The parts of Browse that need no screen: columns, facts, query text, undo, the session."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from pluginary_tui.catalogue.journal import Journal
from pluginary_tui.catalogue.store import PluginFailure, Store
from pluginary_tui.config import Settings
from pluginary_tui.formatting import ago
from pluginary_tui.model import MISSING, Bundle, Outcome, Parameter, Plugin, ProbedPlugin, Report
from pluginary_tui.scan.diagnosis import diagnose
from pluginary_tui.search import query_edit
from pluginary_tui.search.query import parse
from pluginary_tui.tui.browse import plugin_details
from pluginary_tui.tui.core import name_fit
from pluginary_tui.tui.core.columns import COLUMNS, NAME_LEAST, gap, layout, shortened_list, widths
from pluginary_tui.tui.core.glyphs import ASCII, UNICODE
from pluginary_tui.tui.core.session import Session
from pluginary_tui.tui.core.user_data import UserDataEditor
from pluginary_tui.tui.widgets.rich_lines import wrapped
from pluginary_tui.tui.widgets.styled_line import build_strip
from pluginary_tui.tui.widgets.virtual_list import fit, highlighted
from tests.machines import machine
from tests.support.sample_catalogue import fill, small

pytestmark = pytest.mark.short


@pytest.mark.parametrize("room", [1, 10, 20, 40, 60, 100, 200])
def test_columns_fill_the_room_and_the_name_is_always_there(room: int) -> None:
    need = widths([Plugin("x", "A name of some length", "A vendor", categories=("Reverb",))])
    columns = layout(tuple(COLUMNS), need, room)
    assert "name" in dict(columns)
    taken = sum(width + gap(name) for name, width in columns)
    assert taken <= room or room < COLUMNS["name"].least + 2
    assert dict(columns)["name"] == need["name"] or len(columns) == 1 or taken == room


def test_the_name_gets_room_first_and_the_column_of_the_order_stays() -> None:
    need = {name: column.most for name, column in COLUMNS.items()}
    names = ("favourite", "name", "vendor", "category", "params")
    assert layout(names, need, 66)[1] == ("name", 66 - 2 - 2 - 10 - 12 - 9)
    assert dict(layout((*names, "cpu"), need, 40, "cpu")).keys() == {"favourite", "name", "vendor", "cpu"}
    assert [name for name, _ in layout(("name", "path"), need, 16, "path")] == ["name"]


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("Sidechain Gate Mono", 19, "Sidechain Gate Mono"),
        ("Sidechain Multiband Compressor Stereo x8", 34, "Sidechain Multiband Com… Stereo x8"),
        ("Sidechain Multiband Compressor Stereo x8", 24, "Sid… Mul… Com… Stereo x8"),
        ("Sidechain Multiband Expander Stereo x8", 24, "Sid… Mul… Exp… Stereo x8"),
        ("Multi-Sampler x24 DirectOut", 24, "Multi-Sam… x24 DirectOut"),
        ("Sidechain Multiband Compressor Stereo x8", 20, "Si…Mu…Co…Stereo x8"),
        ("Sidechain Multiband Compressor Stereo x8", 14, "Sidechain M…x8"),
        ("LSP Graphic Equalizer x16 Mono", 16, "L…G…E…x16 Mono"),
        ("C* AmpVTS - Idealised guitar amplification", 24, "C* AmpVTS - Idea…ication"),
        ("DragonflyPlateReverbUltraLong", 24, "DragonflyPlateRe…traLong"),
        ("日本語の長い名前プラグイン", 14, "日本…ラグイン"),
        ("abc", 0, ""),
    ],
)
def test_a_name_keeps_what_tells_it_from_its_neighbours(text: str, width: int, shown: str) -> None:
    kept = name_fit.cut(text, width)
    assert name_fit.shown(text, kept, "…") == shown
    assert cell_len(shown) <= width


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text("ab 日x8-", max_size=30), st.integers(0, 30), st.integers(0, 2**30))
def test_a_cut_name_fits_and_its_letters_are_found_again(text: str, width: int, mask: int) -> None:
    letters = {at for at in range(30) if mask >> at & 1}
    kept = name_fit.cut(text, width)
    shown = name_fit.shown(text, kept, "…")
    assert cell_len(shown) <= width
    letters = {at for at in letters if at < len(text)}
    at = name_fit.positions(kept, sorted(letters))
    left = [place for place in sorted(letters) if any(start <= place < end for start, end in kept)]
    assert [shown[place] for place in at] == [text[place] for place in left]


@pytest.mark.parametrize(
    ("cells", "shown"), [(20, "vst3 clap lv2 ladspa"), (16, "vst3 clap lv2 +1"), (13, "vst3 clap +2"), (3, "vst3 +3")]
)
def test_formats_that_do_not_fit_are_counted(cells: int, shown: str) -> None:
    assert shortened_list(["vst3", "clap", "lv2", "ladspa"], cells) == shown


def test_no_two_plugins_of_a_shell_look_the_same() -> None:
    names = {row["name"] for row in machine.table() if row["bundle"] == "lsp-plugins.vst3"}
    shown = {name_fit.shown(name, name_fit.cut(name, NAME_LEAST), "…") for name in names}
    assert len(names) > 150 and len(shown) == len(names)


def test_a_column_is_as_wide_as_it_was_dragged() -> None:
    need = {name: column.most for name, column in COLUMNS.items()}
    names = ("favourite", "name", "vendor", "category", "params")
    assert layout(names, need, 66, chosen={"vendor": 4})[2] == ("vendor", 4)
    assert layout(names, need, 66, chosen={"name": 20})[1] == ("name", 20)
    assert [name for name, _ in layout(names, need, 66, chosen={"vendor": 40})] == ["favourite", "name", "vendor"][:2]
    assert dict(layout(names, need, 66, chosen={"name": 300}))["name"] < 66


def test_columns_that_do_not_fit_go_from_the_right() -> None:
    need = {name: column.least for name, column in COLUMNS.items()}
    assert [name for name, _ in layout(("name", "vendor", "params"), need, 30)] == ["name", "vendor"]
    assert [name for name, _ in layout(("vendor", "name"), need, 16)] == ["name"]


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [("abc", 5, "abc  "), ("abcdef", 4, "abc…"), ("日本語", 5, "日本…"), ("日本語", 4, "日 …"), ("abc", 0, "")],
)
def test_a_text_is_fitted_to_cells(text: str, width: int, shown: str) -> None:
    assert fit(text, width) == shown
    assert cell_len(fit(text, width)) == width


def test_the_middle_is_cut_where_the_end_matters() -> None:
    shown = fit("/usr/lib/vst3/Vendor/Plugin.vst3", 20, align="middle")
    assert cell_len(shown) == 20
    assert shown.endswith("lugin.vst3")
    assert fit("7", 3, align="right") == "  7"


@pytest.mark.parametrize(
    ("stamp", "output"),
    [
        ("2025-03-01T11:59:30Z", "just now"),
        ("2025-03-01T11:00:00Z", "1h ago"),
        ("2025-02-27T12:00:00Z", "2d ago"),
        ("2024-03-01T12:00:00Z", "2024-03-01"),
        ("", ""),
    ],
)
def test_times_are_said_in_a_word(stamp: str, output: str) -> None:
    assert ago(stamp, datetime(2025, 3, 1, 12, 0, tzinfo=UTC)) == output


@pytest.mark.parametrize("width", [8, 20, 34, 80])
def test_the_detail_is_never_wider_than_its_pane(width: int) -> None:
    plugin = Plugin("x", "N" * 90, "V V " * 30, path="/a/" + "b" * 200, uid="0" * 32, note="日本" * 30)
    plugin.audio_inputs, plugin.loads, plugin.load_error = 2, False, "e" * 90
    parameters = [Parameter("P" * 60, "dB", "0", "-1000000", "1000000", 0.5, 12, "stepped")]
    parameters += [Parameter("Type", group="G" * 60, initial="i" * 60, choices=("c" * 60,) * 5)]
    parameters += [Parameter("CC", kind="host")] * 3
    rows = [
        row
        for line in plugin_details.all_lines(
            plugin_details.PluginDetails(plugin, parameters, log="l" * 500, programs=["p" * 90] * 9), "", width, UNICODE
        )
        for row in wrapped(line, width)
    ]
    assert max(sum(cell_len(text) for text, _ in row) for row in rows) <= width
    text = "".join(piece for row in rows for piece, _ in row)
    for whole in (plugin.path, plugin.name, "l" * 500):
        assert whole in text.replace(" ", "")


def lines(facts: plugin_details.PluginDetails, wanted: str = "", width: int = 100) -> list[str]:
    """The pane's lines as plain text."""
    shown = plugin_details.all_lines(facts, wanted, width, ASCII)
    return ["".join(text for text, _ in line).rstrip() for line in shown]


def test_the_detail_tells_connections_programs_and_loading() -> None:
    plugin = Plugin("x", "X", audio_inputs=2, audio_outputs=2, sidechain_inputs=1, midi_input=True, loads=True)
    facts = plugin_details.PluginDetails(plugin, programs=[f"Program {n}" for n in range(9)])
    text = lines(facts)
    assert "connects 2 in, 2 out, sidechain 1 - MIDI in" in text
    assert any(line.startswith("programs 9: Program 0, ") and line.endswith("and 3 more") for line in text)
    assert "loading  pedalboard loads it" in text
    plugin.loads, plugin.load_error = False, "It crashed in pedalboard (SIGSEGV)."
    text = lines(facts)
    assert "loading  pedalboard cannot load it: it crashes there (SIGSEGV); it may well work in your DAW." in text
    assert not any(line.startswith("SNIPPET") for line in text)
    plugin.loads = None
    assert not any(line.startswith("loading") for line in lines(facts))


def test_parameters_stand_under_their_groups() -> None:
    knobs = [
        Parameter("Size", default="1", initial="1", group="Room"),
        Parameter("Mix", "%", "50", "0", "100", initial="35"),
        Parameter("Type", default="Hall", initial="Hall", choices=("Hall", "Plate", "Room"), group="Main"),
        Parameter("Damp", default="2", initial="2", group="Room", read_only=True),
        Parameter("On", default="Off", initial="Off", choices=("Off", "On"), kind="switch", group="Main"),
        *[Parameter(f"CC {n}", kind="host") for n in range(2080)],
    ]
    facts = plugin_details.PluginDetails(Plugin("x", "X"), knobs)
    text = lines(facts)
    begun = text[text.index("PARAMETERS  5   / filters them") + 1 :]
    assert [line.split()[0] for line in begun] == [
        *("Mix", "declares", "Room", "Size", "Damp", "Main", "Type", "Hall,", "On", "and"),
    ]
    assert (
        begun[0].split()[1:3] == ["35", "%"]
        and begun[1].strip() == "declares 50 % as its default"
        and begun[7].strip() == "Hall, Plate, Room"
    )
    assert begun[-1] == "and 2,080 host parameters (MIDI controllers and hidden ones)"
    found = lines(facts, "room")
    assert "PARAMETERS  2 of 5   / filters them" in found and begun[-1] not in found
    assert "PARAMETERS  it has none" in lines(plugin_details.PluginDetails(Plugin("x", "X"), knobs[5:]))


def test_a_plugin_that_failed_alone_has_a_reason_of_its_own() -> None:
    plugin = Plugin("x", "X", status="crashed", error="Crashed (SIGSEGV) while X was being created.")
    facts = plugin_details.PluginDetails(plugin, failure=PluginFailure("load", "SIGSEGV", ""), load_log="oh no")
    text = lines(facts)
    assert any("It crashed while X was being created" in line and "(SIGSEGV)" in line for line in text)
    assert text[-1] == "oh no"
    alone = Plugin("x", "X", error="Put there by you.", quarantined=True)
    assert any("Put there by you." in line for line in lines(plugin_details.PluginDetails(alone)))


@pytest.mark.parametrize("status", [outcome for outcome in Outcome if outcome.bad] + [MISSING])
def test_every_bad_status_comes_with_advice(status: str) -> None:
    plugin = Plugin("x", "X", status=status, error="it went wrong")
    text = " ".join(
        piece
        for line in plugin_details.failure_section(plugin_details.PluginDetails(plugin), ASCII)
        for piece, _ in line
    )
    assert "it went wrong" in text
    answer = diagnose(status, plugin.error)
    assert answer.why in text and answer.advice in text
    assert ("Press a to try it again." in text) == (status != MISSING)


def test_words_are_dropped_and_filters_stay() -> None:
    assert query_edit.without_words('big verb format:vst3 "a b" sort:-name') == "format:vst3 sort:-name"


@pytest.mark.parametrize(
    ("facet", "value"), [("vendor", "Acme, Inc."), ("kind", "effect"), ("tag", "bus"), ("category", "EQ")]
)
def test_a_value_is_left_out_and_let_in_again(facet: str, value: str) -> None:
    out = query_edit.excluding("verb", facet, value)
    assert query_edit.left_out(parse(out)) == [(facet, value)]
    assert query_edit.excluding(out, facet, value) == "verb"


@pytest.mark.parametrize("query", ["-is:tagged", "-is:fav reverb", "-is:measured"])
def test_a_state_that_is_no_kind_is_no_value_of_the_facet(query: str) -> None:
    assert query_edit.left_out(parse(query)) == []


def test_a_query_has_one_order() -> None:
    ordered = query_edit.ordered_by("verb sort:name", "-params")
    assert ordered == "verb sort:-params"
    assert query_edit.order_of(parse(ordered)) == "-params"
    assert query_edit.order("-params").descending


def test_every_step_can_be_taken_back(data_dir: Path) -> None:
    with Store.in_folder(data_dir) as store:
        fill(store, small(), failures=False)
        plugins = store.plugins()
        store.add_tag([plugins[0].id], "old")
        plugins = store.plugins()
        before = [(p.favourite, p.hidden, p.tags, p.rating, p.note) for p in plugins]
        organiser = UserDataEditor(store)
        organiser.favourite(plugins[:2])
        organiser.tag(plugins[:3], "new, -old #third")
        organiser.rate(plugins[:2], 5)
        organiser.note(plugins[0], "loud")
        organiser.hide(plugins[2:4])
        now = store.plugins()
        assert [p.tags for p in now[:3]] == [("new", "third")] * 3
        assert (now[0].favourite, now[0].rating, now[0].note) == (True, 5, "loud")
        assert [p.hidden for p in now[:5]] == [False, False, True, True, False]
        assert [p.tags for p in plugins] == [p.tags for p in now]
        while organiser.history.undo():
            pass
        assert [(p.favourite, p.hidden, p.tags, p.rating, p.note) for p in store.plugins()] == before
        assert [(p.favourite, p.hidden, p.tags, p.rating, p.note) for p in plugins] == before
        assert organiser.tag(plugins, " , ") == ""


def test_a_plugin_of_a_shell_goes_into_quarantine_alone(data_dir: Path) -> None:
    with Store.in_folder(data_dir) as store:
        fill(store, small(), failures=False)
        bad = ProbedPlugin("B", uid="2" * 32, name_in_file="B", status="crashed", error="Crashed.", stage="load")
        shell = [ProbedPlugin("A", uid="1" * 32, name_in_file="A"), bad]
        report = Report(Bundle("/x/Shell.vst3", "vst3", "Shell", "1"), Outcome.OK, shell)
        Journal(store).finish(report, [(), ()], quarantine=False)
        organiser = UserDataEditor(store)

        def held() -> tuple[list[str], list[str]]:
            return [p.name for p in store.quarantined_plugins()], [info.name for info in store.quarantine()]

        plugins = {plugin.name: plugin for plugin in store.plugins()}
        assert organiser.quarantine([plugins["A"], plugins["B"], plugins["Serum"]]).startswith("3 plugins: in ")
        assert held() == (["A", "B"], ["Serum"])
        plugins = {plugin.name: plugin for plugin in store.plugins()}
        assert (plugins["A"].error, plugins["B"].error) == ("put into quarantine by hand", "Crashed.")
        organiser.quarantine([plugins["A"], plugins["B"], plugins["Serum"]])
        assert held() == ([], [])
        organiser.history.undo()
        assert held() == (["A", "B"], ["Serum"])
        assert store.plugin(plugins["A"].key) == plugins["A"], "with the reason that it had"
        organiser.history.undo()
        assert held() == ([], [])


def test_a_favourite_among_others_makes_all_favourites(data_dir: Path) -> None:
    with Store.in_folder(data_dir) as store:
        fill(store, small(), failures=False)
        plugins = store.plugins()
        organiser = UserDataEditor(store)
        organiser.favourite(plugins[:1])
        organiser.favourite(plugins[:3])
        assert [p.favourite for p in store.plugins()[:4]] == [True, True, True, False]
        organiser.history.undo()
        assert [p.favourite for p in store.plugins()[:4]] == [True, False, False, False]


def _until(session: Session, so: Callable[[], object]) -> None:
    end = time.monotonic() + 20
    while not so():
        assert time.monotonic() < end, "it did not happen"
        session.tick()
        time.sleep(0.01)


def test_the_session_reads_in_the_background_and_again_when_asked(data_dir: Path) -> None:
    session = Session(Settings(), data_dir)
    try:
        assert not session.loaded
        _until(session, lambda: session.loaded)
        assert session.catalogue.plugins == []
        fill(session.store, small())
        session.reload()
        _until(session, lambda: session.catalogue.plugins)
        assert len(session.catalogue.plugins) == len(small()) + 3
        for plugin in session.catalogue.plugins:
            same = [each for each in session.catalogue.plugins if each.id == plugin.id]
            assert session.catalogue.copies(plugin) == same
    finally:
        session.close()


def test_a_catalogue_that_cannot_be_read_is_told_in_a_sentence(data_dir: Path) -> None:
    session = Session(Settings(), data_dir)
    try:
        _until(session, lambda: session.loaded)
        session.store.db.execute("PRAGMA user_version = 999")
        session.reload()
        errors: list[str] = []
        end = time.monotonic() + 20
        while not errors and time.monotonic() < end:
            if error := session.tick().error:
                errors.append(error)
            time.sleep(0.01)
        assert "newer version" in errors[0]
    finally:
        session.close()


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    text=st.text("abé日 ", min_size=1, max_size=12),
    width=st.integers(1, 14),
    picked=st.sets(st.integers(0, 11), min_size=1),
)
def test_highlighting_shows_the_same_text_and_just_these_letters(text: str, width: int, picked: set[int]) -> None:
    style, hit = Style.parse("red"), Style.parse("bold")
    positions = sorted(at for at in picked if at < len(text)) or [0]
    shown = fit(text, width)
    drawn = [(letter, its) for piece, its in highlighted(text, shown, positions, style, hit) for letter in piece]
    assert "".join(letter for letter, _ in drawn) == shown
    end = len(shown) if shown.startswith(text) else len(shown) - 1
    assert [at for at, (_, its) in enumerate(drawn) if its is hit] == [at for at in positions if at < end]


def test_drawn_line_is_a_strip_like_any_other() -> None:
    style = Style.parse("red")
    drawn = build_strip([("ab", style), ("c", style), ("日", Style.null())], 8, Style.null())
    same = Strip([Segment("abc", style), Segment("日   ", Style.null())])
    assert drawn == same
    assert drawn.cell_length == 8
    assert drawn.crop(1, 5) == same.crop(1, 5)
    assert drawn.divide([2, 8]) == same.divide([2, 8])
    assert not hasattr(drawn, "nothing")


def test_groups_of_one_member_each_are_no_groups() -> None:
    knobs = [Parameter("Azimuth", group="az"), Parameter("Width", group="width")]
    text = lines(plugin_details.PluginDetails(Plugin("x", "X"), knobs))
    begun = text[text.index("PARAMETERS  2   / filters them") + 1 :]
    assert [line.split()[0] for line in begun] == ["Azimuth", "Width"]
    text = lines(plugin_details.PluginDetails(Plugin("x", "X"), [*knobs, Parameter("Depth", group="width")]), "azi")
    assert text[-2].strip() == "az", "also where a filter leaves one of each"
