"""One line of Python for one parameter."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pluginary_tui.catalogue.store import Store
from pluginary_tui.model import Parameter, Plugin
from pluginary_tui.scan.parameter_code import assignment, number
from pluginary_tui.scan.snippet import named_parameters, snippet

PLUGIN = Plugin("vst3/x/x", "X", path="/x/X.vst3", loads=True)


@pytest.mark.parametrize(
    ("name", "parameter", "line"),
    [
        ("mix", Parameter("Mix", "%", "50", "0", "100", 0.5, initial="35"), "plugin.mix = 35  # 0 to 100 %"),
        ("cut", Parameter("Cut", "", "", "20 Hz", "20 kHz", initial="1 kHz"), "plugin.cut = 1000  # 20 Hz to 20 kHz"),
        ("32hz", Parameter("32Hz", "dB", "0", "-12", "12"), 'setattr(plugin, "32hz", 0)  # -12 to 12 dB'),
        ("class", Parameter("Class", "", "1", "0", "2"), 'setattr(plugin, "class", 1)  # 0 to 2'),
        ("process", Parameter("Process", "", "1", "0", "2"), 'setattr(plugin, "process", 1)  # 0 to 2'),
        (
            "on", Parameter("On", "", "Off", "Off", "On", 0.0, 2, "switch", initial="On", initial_raw=1.0),
            "plugin.on = True  # Off or On",
        ),
        (
            "wave", Parameter("Wave", "", "Saw", "Saw", "Sine", 0.0, 2, "switch", choices=("Saw", "Sine")),
            "plugin.wave = 'Saw'  # Saw or Sine",
        ),
        (
            "type", Parameter("Type", "", "It's", "Hall", "Room", 0.5, 3, choices=("Hall", "It's", "Room")),
            'plugin.type = "It\'s"  # Hall to Room',
        ),
        # Texts that pedalboard may take for another type, or that need not be the plugin's own: the place itself.
        (
            "rate", Parameter("Rate", "", "2", "Off", "2", 1.0, 3, choices=("Off", "1", "2")),
            'plugin.parameters["rate"].raw_value = 1  # 2, of Off to 2',
        ),
        (
            "pan", Parameter("Pan", "", "C", "L", "R", 0.5),
            'plugin.parameters["pan"].raw_value = 0.5  # C, of L to R',
        ),
        ("level", Parameter("Level", "dB", "-inf", "-inf", "6", 0.0), 'plugin.parameters["level"].raw_value = 0'),
        ("meter", Parameter("Meter", "dB", "0", "-60", "6", read_only=True), "print(plugin.meter)"),
        ("none", Parameter("None"), ""),
    ],
)  # fmt: skip
def test_the_value_it_starts_with(name: str, parameter: Parameter, line: str) -> None:
    made = assignment(PLUGIN, name, parameter)
    assert made == line or (line.endswith("raw_value = 0") and made.startswith(line))
    compile(made, "line", "exec")


def test_any_value_of_a_list() -> None:
    hall = Parameter("Type", "", "Hall", "Hall", "Room", 0.0, 3, choices=("Hall", "Plate", "Room"))
    lines = [assignment(PLUGIN, "type", hall, at) for at in range(3)]
    assert [line.partition("  #")[0] for line in lines] == [f"plugin.type = '{name}'" for name in hall.choices]
    twice = Parameter("Type", "", "A", "A", "B", 0.0, 3, choices=("A", "A", "B"))
    assert "raw_value = 0.5  # A, of" in assignment(PLUGIN, "type", twice, 1), "the text does not say which"


@pytest.mark.parametrize("text", ["a\nimport os", "\u2028import os", "x" * 5000, "'\"\\", "\x1b[31m"])
def test_a_line_is_one_line_whatever_the_texts(text: str) -> None:
    knob = Parameter("Type", text, text, text, "Room", 0.0, 3, choices=(text, "Plate", "Room"))
    for choice in (None, 0):
        line = assignment(PLUGIN, "type", knob, choice)
        compile(line, "line", "exec")
        assert "\n" not in line and "\x1b" not in line and len(line) < 6000


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("-30.0", -30.0), ("12 dB", 12.0), ("50%", 50.0), ("2.5kHz", 2500.0), ("1.5 x", 1.5), ("3 sec", 3.0),
        ("Hall", None), ("", None), ("1:2", None), ("20 Hz.", 20.0),
    ],
)  # fmt: skip
def test_numbers_are_those_that_pedalboard_sees(text: str, value: float | None) -> None:
    assert number(text) == value


def test_every_line_of_every_built_in_is_obeyed(data_dir: Path) -> None:
    from pluginary_tui.config import load
    from pluginary_tui.scan.run import Options, Scan

    Scan(load({}), data_dir, Options(builtin_only=True)).run(lambda event: None)
    code = []
    with Store.in_folder(data_dir) as store:
        for plugin in store.plugins():
            if plugin.name == "Convolution":  # needs a file
                continue
            knobs = store.parameters(plugin.key)
            code.append(snippet(plugin, knobs))
            for name, knob in named_parameters(plugin, knobs).items():
                choices = [None, *range(len(knob.choices))]
                code += [line for choice in choices if (line := assignment(plugin, name, knob, choice))]
                code.append(f"plugin.{name}")
    assert len(code) > 100 and any("delay_seconds = 0.5" in line for line in code)
    done = subprocess.run([sys.executable, "-c", "\n".join(code)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
