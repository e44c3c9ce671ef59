"""What `show`, `snippet` and `list` say of a plugin, as text and as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from pluginary_tui.catalogue.journal import Journal
from pluginary_tui.catalogue.load_checks import LoadChecks, LoadResult
from pluginary_tui.catalogue.passports import SOUND, Passports, key_of
from pluginary_tui.catalogue.store import Store
from pluginary_tui.cli.commands import main
from pluginary_tui.model import Bundle, Bus, Outcome, Parameter, Plugin, ProbedPlugin, Report
from pluginary_tui.plugin_text import (
    BUSES_SHOWN,
    bus_lines,
    connections,
    declared_default,
    host_parameters_line,
    own_range,
    programs_line,
    start_value,
    values_line,
)
from pluginary_tui.sound.metrics import METHOD
from pluginary_tui.sound.passport import Figure, Passport, Setting, to_json

pytestmark = pytest.mark.short

MONO = (
    "Plugin 'Mono' does not support 1-channel output. (Main bus currently expects 1 input channels and 2 output"
    " channels.)"
)


@pytest.fixture
def catalogue(data_dir: Path) -> Path:
    """One shell with two plugins: pedalboard loads the first of them."""
    knobs = [
        Parameter("Mix", "%", "50", "0", "100", 0.5, id=7, short_name="Mx", initial="35", initial_raw=0.35),
        Parameter(
            "Type", "", "Hall", "Hall", "Room", 0.0, 3, "stepped", group="Main / Room", initial="Hall",
            initial_raw=0.0, choices=("Hall", "Plate", "Room"), read_only=True,
        ),
        *(Parameter(f"CC {n}", kind="host") for n in range(1200)),
    ]  # fmt: skip
    buses = [Bus("In", "audio", "input", 2), Bus("Key", "audio", "input", 1, False), Bus("Out", "audio", "output", 2)]
    stereo = ProbedPlugin("Stereo", "Acme", uid="1" * 32, name_in_file="Stereo", parameters=knobs, buses=buses)
    stereo.programs = [f"Program {n}" for n in range(9)]
    mono = ProbedPlugin("Mono", "Acme", uid="2" * 32, name_in_file="Mono")
    mono.buses = [Bus("Notes", "event", "input", 16), Bus("Notes", "event", "output", 16)]
    report = Report(Bundle("/x/Shell.vst3", "vst3", "Shell", "1", 2_400_000), Outcome.OK, [stereo, mono], log="hello")
    with Store.in_folder(data_dir) as store:
        Journal(store).finish(report, [(), ()], quarantine=False)
        keys = {plugin.name: plugin.key for plugin in store.plugins()}
        LoadChecks(store).finish(
            [
                LoadResult(keys["Stereo"], Outcome.OK, attributes=("type",)),
                LoadResult(keys["Mono"], Outcome.FAILED, MONO, "oh no"),
            ]
        )
    return data_dir


def run(*words: str) -> str:
    done = CliRunner().invoke(main, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def read(*words: str) -> Any:
    command, *rest = words
    return json.loads(run(command, "--json", *rest))


def test_json_has_everything_that_is_known(catalogue: Path) -> None:
    stereo = read("show", "vst3/acme/stereo")
    assert [stereo[key] for key in ("audio_inputs", "audio_outputs", "sidechain_inputs")] == [2, 2, 1]
    assert [stereo[key] for key in ("midi_input", "midi_output", "program_count", "loads")] == [False, False, 9, True]
    assert stereo["parameters"] == [
        {
            "id": 7, "name": "Mix", "short_name": "Mx", "unit": "%", "group": "", "default": "50", "min": "0",
            "max": "100", "initial": "35", "default_raw": 0.5, "initial_raw": 0.35, "steps": 0, "choices": [],
            "kind": "continuous", "automatable": True, "read_only": False,
        },
        {
            "id": None, "name": "Type", "short_name": "", "unit": "", "group": "Main / Room", "default": "Hall",
            "min": "Hall", "max": "Room", "initial": "Hall", "default_raw": 0.0, "initial_raw": 0.0, "steps": 3,
            "choices": ["Hall", "Plate", "Room"], "kind": "stepped", "automatable": True, "read_only": True,
        },
    ]  # fmt: skip
    assert stereo["host_parameters"] == 1200
    assert stereo["buses"][1] == {"name": "Key", "media": "audio", "direction": "input", "channels": 1, "main": False}
    assert stereo["programs"] == [f"Program {n}" for n in range(9)]
    assert (stereo["load_error"], stereo["log"]) == ("", "hello")
    mono = read("show", "vst3/acme/mono")
    assert (mono["loads"], mono["load_error"], mono["log"]) == (False, MONO, "hello\noh no")
    assert {plugin["name"]: plugin["loads"] for plugin in read("list")["plugins"]} == {"Stereo": True, "Mono": False}


def test_text_says_it_in_words(catalogue: Path) -> None:
    text = run("show", "vst3/acme/stereo")
    assert "connections 2 in, 2 out, sidechain 1\n" in text
    assert "sidechain input: Key, 1 channel\n" in text and "audio output: Out, 2 channels\n" in text
    assert "50 %" in text and "0 to 100 %" in text and "Hall to Room" in text
    assert "size        2.4 MB\n" in text and "Measured:" not in text
    assert "programs    9: Program 0, " in text and "and 3 more" in text
    assert "pedalboard loads it" in text
    assert (
        "Main / Room" in text
        and "starts at" in text
        and "declares" in text
        and "35" in text
        and "Hall, Plate, Room" in text
    )
    assert "and 1,200 host parameters (MIDI controllers and hidden ones)" in text and "CC 1" not in text
    mono = run("show", "vst3/acme/mono")
    assert "MIDI in and out" in mono and "MIDI input: Notes\n" in mono
    assert "pedalboard cannot load it: one channel in, two out; it may well work in your DAW." in mono


def test_text_has_what_was_measured_and_what_you_wrote(catalogue: Path) -> None:
    with Store.in_folder(catalogue) as store:
        plugin = next(each for each in store.plugins() if each.name == "Stereo")
        store.set_rating([plugin.id], 3)
        passports = Passports(store)
        passports.begin([(key_of(plugin), SOUND)])
        settings = [Setting("default", {}, {"null": Figure(-3.4, 0.9)}, {}, {})]
        passport = Passport(METHOD, settings=settings, behaves="reverb", because="a tail")
        passports.finish(passports.pending()[0], method=METHOD, outcome=Outcome.OK, data=to_json(passport))
    text = run("show", "vst3/acme/stereo")
    assert "rating      ***\n" in text and "Measured:\n" in text
    assert "behaves like          reverb: a tail\n" in text and "-3.4 dB" in text


def test_a_snippet_is_of_what_pedalboard_offers(catalogue: Path) -> None:
    code = run("snippet", "vst3/acme/stereo")
    assert "# plugin.type" in code and "plugin.mix" not in code
    assert run("snippet", "vst3/acme/mono").startswith("# Mono: pedalboard cannot load it")


def test_queries_ask_for_connections_and_for_what_loads(catalogue: Path) -> None:
    def found(*query: str) -> list[str]:
        return [plugin["name"] for plugin in read("list", "--", *query)["plugins"]]

    assert found("inputs>1", "outputs:2") == found("sidechain:1") == found("programs>=9") == ["Stereo"]
    assert found("size>2MB") == found("size:2.3..2.5MB") == found("size=2400kB") == ["Mono", "Stereo"]
    assert found("size>2.4 MB") == found("size<2MiB") == []
    assert found("is:loadable") == found("is:sidechain") == found("-is:midi") == ["Stereo"]
    assert found("-is:loadable") == found("is:midi") == ["Mono"]


def test_what_does_not_load_is_not_measured_and_measuring_says_so(catalogue: Path) -> None:
    assert "0 measured, 1 left out because pedalboard cannot load them" in run("measure", "is:midi")
    assert read("measure", "is:midi")["not_loaded"] == 1


@pytest.mark.parametrize(
    ("plugin", "line"),
    [
        (Plugin("x", "X"), ""),
        (Plugin("x", "X", audio_outputs=2, midi_input=True), "0 in, 2 out · MIDI in"),
        (Plugin("x", "X", midi_output=True), "MIDI out"),
        (Plugin("x", "X", audio_inputs=6, audio_outputs=6, sidechain_inputs=2), "6 in, 6 out, sidechain 2"),
    ],
)
def test_connections_are_one_line(plugin: Plugin, line: str) -> None:
    assert connections(plugin) == line
    assert connections(plugin, "-") == line.replace("·", "-")


@pytest.mark.parametrize(
    ("ends", "unit", "message"),
    [
        (("-30", "30"), "dB", "-30 to 30 dB"),
        (("0 %", "100 %"), "%", "0 % to 100 %"),
        (("", "8"), "s", "up to 8 s"),
        (("2", ""), "", "from 2"),
        (("5", "5"), "Hz", "5 Hz"),
        (("", ""), "dB", ""),
    ],
)
def test_a_range_is_written_in_one_way(ends: tuple[str, str], unit: str, message: str) -> None:
    assert own_range(Parameter("Mix", unit, minimum=ends[0], maximum=ends[1])) == message


def test_a_switch_has_no_range() -> None:
    assert own_range(Parameter("On", minimum="Off", maximum="On", kind="switch")) == "Off or On"


def test_many_connections_are_folded() -> None:
    lines = list(bus_lines([Bus(f"Out {n}", "audio", "output", 2, main=not n) for n in range(40)]))
    assert lines[:2] == ["audio output: Out 0, 2 channels", "further output: Out 1, 2 channels"]
    assert (len(lines), lines[-1]) == (BUSES_SHOWN + 1, "and 28 more")


def test_lists_are_folded() -> None:
    assert programs_line([]) == "" and programs_line(["A", ""]) == "2: A, (unnamed)"
    assert host_parameters_line([Parameter("Mix")]) == ""
    assert host_parameters_line([Parameter("CC", kind="host")]).startswith("and 1 host parameter (")
    assert declared_default(Parameter("Mix", default="1", initial="1")) == ""
    assert values_line(Parameter("Type", choices=("Hall", "Plate", "Room"))) == "Hall, Plate, Room"
    assert values_line(Parameter("On", choices=("Off", "On"))) == "", "the range says both"
    assert values_line(Parameter("Room", choices=("0", "-1.5", "2"))) == "", "numbers between the ends say nothing"
    assert declared_default(Parameter("Mix", default="1", initial="2")) == "1"
    assert start_value(Parameter("Mix", default="1", initial="2")) == "2"
    assert declared_default(Parameter("Type", default="Hall", initial="Room")) == "Hall"
    rounded = Parameter("Tilt", default="0.000001", minimum="-45", maximum="90", initial="0")
    assert declared_default(rounded) == "", "both are the same value"
