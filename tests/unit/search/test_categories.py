"""Readable categories, and guesses that stay silent rather than wrong."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pluginary_tui.model import Plugin
from pluginary_tui.search.categories import guess, guessed, readable, shown

pytestmark = pytest.mark.short
CATALOGUE = Path(__file__).parents[2] / "data" / "search" / "catalogue.tsv"

# What the catalogue calls a category, where it is not what it is called here.
SAME = {
    "Compressor": "Dynamics", "Limiter": "Dynamics", "Gate": "Dynamics", "Transient": "Dynamics",
    "De-esser": "Dynamics", "Multiband": "Dynamics", "Saturation": "Distortion", "Meter": "Analyzer",
    "Stereo": "Spatial",
}  # fmt: skip
INSTRUMENTS = {"Synth", "Drum", "Sampler", "Piano", "Organ", "Bass"}


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Fx|Dynamics|Mono", ("Dynamics",)),
        ("Fx|EQ", ("EQ",)),
        ("Fx|Pitch Shift|Stereo", ("Pitch",)),
        ("Fx|Reverb|Delay", ("Reverb", "Delay")),
        ("Instrument|Synth|Sampler", ("Synth", "Sampler")),
        ("Instrument", ()),
        ("Fx|OnlyRT|Tools", ("Utility",)),
        ("Fx|Surround|Spatial", ("Spatial",)),
        ("", ()),
        ("|", ()),
        ("Effect", ()),
        ("Channel  Strip", ("Channel Strip",)),
        ("fx|dynamics", ("Dynamics",)),
    ],
)
def test_what_a_plugin_says_becomes_readable(raw: str, expected: tuple[str, ...]) -> None:
    assert readable(raw) == expected


@settings(deadline=None)
@given(st.text())
def test_readable_categories_are_readable_again(raw: str) -> None:
    assert readable("|".join(readable(raw))) == readable(raw)


@pytest.mark.parametrize(
    ("name", "parameters", "kind", "expected"),
    [
        ("ZamVerb", (), "effect", "Reverb"),
        ("TAL-Reverb-2", (), "effect", "Reverb"),
        ("MDynamicEq", (), "effect", "EQ"),
        ("FabFilter Pro-Q 3", (), "effect", ""),
        ("Drum Synth", (), "instrument", "Drum"),
        ("Drum Buss Compressor", (), "effect", "Dynamics"),
        ("Thing", ("Threshold", "Ratio", "Make-up Gain"), "effect", "Dynamics"),
        ("Thing", ("Osc 1 Level", "Cutoff", "Resonance"), "instrument", "Synth"),
        ("Thing", ("Cutoff", "Resonance"), "effect", "Filter"),
        ("Thing", ("Mix", "Gain"), "effect", ""),
        ("", (), "effect", ""),
    ],
)
def test_a_guess(name: str, parameters: tuple[str, ...], kind: str, expected: str) -> None:
    assert guess(name, parameters, kind) == expected


def test_guesses_from_real_names_are_seldom_wrong() -> None:
    rows = {line.split("\t")[0]: line.split("\t")[3] for line in CATALOGUE.read_text("utf-8").splitlines()}
    answer = {n: g for n, c in rows.items() if (g := guess(n, (), "instrument" if c in INSTRUMENTS else "effect"))}
    wrong = {n: (g, rows[n]) for n, g in answer.items() if g != SAME.get(rows[n], rows[n])}
    assert len(answer) > len(rows) / 4
    assert len(wrong) < len(answer) / 20, wrong


def test_a_guess_is_marked_and_what_the_plugin_says_is_not() -> None:
    plugin = Plugin("vst3/a/x", "X", raw_category="Fx|Reverb|Delay", categories=("Reverb", "Delay"))
    assert (guessed(plugin), shown(plugin)) == (False, "Reverb, Delay")
    answer = dataclasses.replace(plugin, raw_category="Fx|Mono", categories=("Reverb",))
    assert (guessed(answer), shown(answer)) == (True, "Reverb?")
    nothing = dataclasses.replace(plugin, raw_category="", categories=())
    assert (guessed(nothing), shown(nothing)) == (False, "")
