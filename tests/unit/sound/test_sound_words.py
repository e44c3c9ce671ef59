"""Words for a sound hold where the sound was made so, and what a parameter does is told in words."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pluginary_tui.sound.description import (
    KNOB_WORDS,
    NAMES,
    WORDS,
    differences,
    in_common,
    knob_effect,
    knob_lines,
    knob_text,
    words_of,
)
from pluginary_tui.sound.metrics import KNOB_MEASURES
from pluginary_tui.sound.passport import Figure, Knob, Passport, from_json, to_json
from pluginary_tui.sound.passport_text import lines, words_by_reason
from pluginary_tui.sound.probe.output_monitor import Audio
from pluginary_tui.sound.probe.passport_builder import measure
from tests.support.sound_subjects import Turned, builtin, passport

RATE = 48_000
Made = Callable[[Audio, int], Audio]
DOCS = Path(__file__).parents[3] / "docs"


BUILT_IN: list[tuple[str, dict[str, float], set[str], set[str]]] = [
    (
        "HighShelfFilter",
        {"cutoff_frequency_hz": 3000, "gain_db": 8},
        {"bright", "clean"},
        {"dark", "warm", "dirty"},
    ),
    ("HighShelfFilter", {"cutoff_frequency_hz": 3000, "gain_db": -12}, {"dark"}, {"bright", "airy", "harsh"}),
    ("LowShelfFilter", {"cutoff_frequency_hz": 200, "gain_db": 9}, {"boomy", "warm", "full"}, {"thin"}),
    ("HighpassFilter", {"cutoff_frequency_hz": 400}, {"thin"}, {"boomy", "warm", "full"}),
    ("LowpassFilter", {"cutoff_frequency_hz": 800}, {"dark", "coloured"}, {"bright", "thin", "airy"}),
    ("Distortion", {"drive_db": 30}, {"dirty", "fuzzy"}, {"clean", "warm"}),
    ("Distortion", {"drive_db": 6}, {"saturated"}, {"clean", "fuzzy"}),
    ("Compressor", {"threshold_db": -12, "ratio": 2, "attack_ms": 10}, {"glue", "clean"}, {"squashed", "dirty"}),
    ("Compressor", {"threshold_db": -40, "ratio": 10, "attack_ms": 30}, {"squashed", "punchy"}, {"glue"}),
    ("NoiseGate", {"threshold_db": -30, "ratio": 10}, {"gated"}, {"glue"}),
    ("Delay", {"delay_seconds": 0.1, "feedback": 0, "mix": 0.4}, {"slapback"}, {"echoing", "lush"}),
    ("Delay", {"delay_seconds": 0.4, "feedback": 0, "mix": 0.4}, {"echoing"}, {"slapback"}),
    ("Bitcrush", {"bit_depth": 5}, {"lo-fi", "gritty"}, {"clean", "smooth"}),
    ("PitchShift", {"semitones": 7}, {"pitched"}, {"detuned"}),
    ("Chorus", {"rate_hz": 1.5, "depth": 0.4}, {"swirling"}, {"flat"}),
]


@pytest.mark.parametrize(("name", "arguments", "expected", "never"), BUILT_IN)
def test_what_is_set_to_sound_so_is_called_so(
    name: str, arguments: dict[str, float], expected: set[str], never: set[str]
) -> None:
    found = builtin(name, **arguments).sounds
    assert expected <= found.keys(), found
    assert not never & found.keys(), found
    assert all(re.search(r"\d|harmonic", reason) for reason in found.values()), "each with its figures"


def chain(*effects: tuple[str, dict[str, float]]) -> Made:
    """Effects of pedalboard, one after the other."""
    import pedalboard_native

    built = [getattr(pedalboard_native, name)(**arguments) for name, arguments in effects]

    def process(audio: Audio, block: int) -> Audio:
        for effect in built:
            audio = effect.process(np.ascontiguousarray(audio, np.float32), RATE, buffer_size=block, reset=True)
        return audio

    return process


def low(hz: float) -> tuple[str, dict[str, float]]:
    return "LowpassFilter", {"cutoff_frequency_hz": hz}


def high(hz: float) -> tuple[str, dict[str, float]]:
    return "HighpassFilter", {"cutoff_frequency_hz": hz}


def shelf(which: str, hz: float, gain_db: float) -> tuple[str, dict[str, float]]:
    return f"{which}ShelfFilter", {"cutoff_frequency_hz": hz, "gain_db": gain_db}


def bell(hz: float, gain_db: float) -> tuple[str, dict[str, float]]:
    return "PeakFilter", {"cutoff_frequency_hz": hz, "gain_db": gain_db, "q": 1.0}


def ladder() -> Made:
    import pedalboard_native

    mode = pedalboard_native.LadderFilter.Mode.LPF24
    return chain(("LadderFilter", {"mode": mode, "cutoff_hz": 1000, "resonance": 0.95, "drive": 1}))


def sidebands(audio: Audio, block: int) -> Audio:
    return 0.5 * audio * (1 + 2 * np.sin(2 * np.pi * 437 * np.arange(audio.shape[1]) / RATE))


def hiss(audio: Audio, block: int) -> Audio:
    return 0.5 * audio + np.random.RandomState(1).uniform(-1, 1, audio.shape) * 10 ** (-70 / 20)


def softened(audio: Audio, block: int) -> Audio:
    """What begins is faded in over 60 ms, at any level above -90 dBFS."""
    piece = 96
    sounds = np.abs(np.pad(audio[0], (0, -audio.shape[1] % piece))).reshape(-1, piece).max(axis=1) > 3e-5
    gain, level = np.empty(len(sounds)), 0.0
    for n, on in enumerate(sounds):
        gain[n] = level = min(1.0, level + piece / RATE / 0.06) if on else 0.0
    return audio * np.repeat(gain, piece)[: audio.shape[1]]


def colour_of_a_speck(audio: Audio, block: int) -> Audio:
    return audio + 0.02 * np.roll(audio, 3, axis=1)


def tremolo(audio: Audio, block: int) -> Audio:
    return audio * (1 + 0.6 * np.sin(2 * np.pi * 4 * np.arange(audio.shape[1]) / RATE))


def widened(audio: Audio, block: int) -> Audio:
    side = 0.6 * np.roll(audio.mean(axis=0), 500)
    return np.stack([audio[0] + side, audio[1] - side])


def narrowed(audio: Audio, block: int) -> Audio:
    return 0.8 * audio + 0.2 * audio[::-1]


def summed(audio: Audio, block: int) -> Audio:
    return np.stack([audio.mean(axis=0)] * 2)


MADE: dict[str, tuple[Callable[[], Made], int, set[str]]] = {
    "dull": (lambda: chain(low(700), low(1500)), 1, {"bright", "airy", "crisp"}),
    "airy": (lambda: chain(shelf("High", 9000, 5)), 1, {"dark", "dull", "smooth"}),
    "crisp": (lambda: chain(shelf("High", 4000, 4)), 1, {"smooth", "dirty", "dark"}),
    "harsh": (lambda: chain(bell(3200, 8)), 1, {"smooth", "dull", "warm"}),
    "smooth": (lambda: chain(shelf("High", 4000, -4)), 1, {"crisp", "harsh", "bright"}),
    "muddy": (lambda: chain(bell(220, 5), shelf("High", 3000, -4)), 1, {"thin", "crisp", "scooped"}),
    "scooped": (lambda: chain(shelf("Low", 200, 6), shelf("High", 3500, 7)), 1, {"nasal", "thin", "telephone"}),
    "nasal": (lambda: chain(high(500), high(400), low(2500), low(3500)), 1, {"scooped", "boomy", "airy"}),
    "telephone": (lambda: chain(high(400), high(400), low(3000), low(3000)), 1, {"full", "airy"}),
    "flat": (lambda: chain(("Compressor", {"threshold_db": -20, "ratio": 4})), 1, {"coloured", "warm"}),
    "resonant": (ladder, 1, {"long", "echoing"}),
    "transparent": (lambda: colour_of_a_speck, 1, {"coloured", "dirty"}),
    "crunchy": (lambda: chain(("Distortion", {"drive_db": 16})), 1, {"clean", "fuzzy"}),
    "metallic": (lambda: sidebands, 1, {"clean", "warm"}),
    "hissy": (lambda: hiss, 1, {"clean"}),
    "soft": (lambda: softened, 1, {"punchy", "dirty"}),
    "pumping": (
        lambda: chain(("Compressor", {"threshold_db": -30, "ratio": 8, "attack_ms": 1, "release_ms": 400})),
        1,
        {"gated", "glue"},
    ),
    "short": (lambda: chain(("Reverb", {"room_size": 0.05, "damping": 0.9, "width": 0})), 1, {"long", "lush"}),
    "roomy": (lambda: chain(("Reverb", {"room_size": 0.15, "width": 0})), 1, {"long", "huge"}),
    "huge": (lambda: chain(("Reverb", {"room_size": 0.98, "damping": 0.0, "wet_level": 0.6})), 1, {"short", "roomy"}),
    "wide": (lambda: widened, 2, {"narrow", "mono"}),
    "narrow": (lambda: narrowed, 2, {"wide", "mono"}),
    "mono": (lambda: summed, 2, {"wide", "narrow"}),
    "wobbly": (lambda: chain(("Chorus", {"rate_hz": 1.5, "depth": 0.5, "mix": 1.0})), 1, {"pulsing", "clean"}),
    "pulsing": (lambda: tremolo, 1, {"wobbly", "swirling", "smooth"}),
    "detuned": (lambda: chain(("PitchShift", {"semitones": 0.2})), 1, {"pitched"}),
}
"""Words with something made to sound so, its channels, and words that must not be said of it."""


@pytest.mark.parametrize("word", MADE)
def test_what_is_made_to_sound_so_is_called_so(word: str) -> None:
    make, channels, never = MADE[word]
    found = passport(make(), channels=channels).sounds
    assert word in found
    assert not never & found.keys(), found
    assert re.search(r"\d|harmonic", found[word]), "with its figures"


LUSH = {"lush", "spacious", "long", "wide"}


@pytest.mark.short
def test_every_word_is_tried() -> None:
    assert {*MADE, *LUSH}.union(*(expected for _, _, expected, _ in BUILT_IN)) == set(NAMES)


def test_a_wide_long_reverb_is_lush_and_a_short_one_is_not() -> None:
    import pedalboard_native

    def reverb(**arguments: float) -> dict[str, str]:
        effect = pedalboard_native.Reverb(**arguments)
        return passport(
            lambda audio, block: effect.process(audio, RATE, buffer_size=block, reset=True), channels=2
        ).sounds

    long, short = reverb(room_size=0.9, width=1.0), reverb(room_size=0.05, width=0.0, damping=0.9)
    assert long.keys() >= LUSH
    assert not (LUSH | {"huge"}) & short.keys()


@pytest.mark.short
def test_what_idles_has_no_sound_and_nor_have_old_passports() -> None:
    assert passport(lambda audio, block: audio).sounds == {}
    assert words_of(Passport()) == {} and words_of(from_json({"method": 1, "behaves": "reverb"})) == {}
    assert from_json({"method": 1, "behaves": "reverb"}).knobs == []


@pytest.mark.short
def test_the_documents_hold_every_word() -> None:
    text = (DOCS / "sound.md").read_text("utf-8")
    table = text.partition("## Words for a sound")[2].partition("## What a parameter does")
    assert re.findall(r"^\| ([a-z-]+) \| [^|]+ \|$", table[0], re.MULTILINE)[1:] == list(NAMES)
    answer = re.findall(r"^\| (\S+) \| (\S+) \| [^|]+ \|$", table[2].partition("\n## ")[0], re.MULTILINE)[1:]
    assert answer == [words[:2] for words in KNOB_WORDS.values()]
    assert len(set(NAMES)) == len(WORDS) >= 40
    assert KNOB_WORDS.keys() <= KNOB_MEASURES.keys()


def driven(audio: Audio, at: dict[str, float]) -> Audio:
    spectrum = np.fft.rfft(np.tanh((1 + 20 * at["Drive"]) * audio))
    hz = np.fft.rfftfreq(audio.shape[1], 1 / RATE)
    corner = 200 * 100 ** at["Tone"]
    return np.fft.irfft(spectrum / np.sqrt(1 + (hz / corner) ** 4), audio.shape[1])


def test_it_is_told_what_each_parameter_does() -> None:
    measured = measure(Turned(driven, {"Drive": 0.0, "Tone": 0.95, "Meter speed": 0.5}), 1)
    answer = dict(line.split(": ", 1) for line in measured.knob_words)
    assert answer.keys() == {"Drive", "Tone"}, "and not of what does nothing"
    assert "dirtier" in answer["Drive"] and "louder" in answer["Drive"]
    assert "darker" in answer["Tone"] and "brighter" not in answer["Tone"]
    drive = next(knob for knob in measured.knobs if knob.name == "Drive")
    assert re.match(r"up to 0\.85: .*dirtier \(\+\d+ dB of third harmonic\)", knob_text(drive))
    assert ("Drive", knob_text(drive)) in list(lines(measured))
    again = from_json(to_json(measured))
    assert again.knobs == measured.knobs and again.knob_words == measured.knob_words and again.sounds == measured.sounds


@pytest.mark.short
def test_a_change_is_put_into_words_the_largest_first() -> None:
    assert knob_effect({"treble": -12.0, "level": 2.0}) == "darker (-12 dB of highs), louder (+2 dB)"
    assert knob_effect({"width": 0.2}) == "wider" and knob_effect({"colour": 3.0}) == ""
    assert knob_lines(Passport(knobs=[Knob("Panel", {"colour": 3.0})])) == []


@pytest.mark.short
def test_hostile_words_are_cleaned() -> None:
    read = from_json(
        {"sounds": {"warm\x1b[31m": "a\nb"}, "knob_words": ["x\x07: darker", 5], "knobs": [{"name": "\x1bA"}]}
    )
    assert list(read.sounds.items()) == [("warm [31m", "a b")] or "\x1b" not in str(read)
    assert "\x1b" not in str(read) and "\x07" not in str(read)


def test_two_are_compared_in_words_of_sound() -> None:
    def reverb(**arguments: float) -> Passport:
        return builtin("Reverb", **arguments)

    bright, dark = reverb(room_size=0.8, damping=0.0), reverb(room_size=0.8, damping=1.0)
    bright.costs["cpu"], dark.costs["cpu"] = Figure(4.0, 0.9), Figure(2.0, 0.9)
    assert "tail" in in_common(bright, dark)
    assert "darker" in differences(bright, dark) and "brighter" in differences(dark, bright)
    assert "half the processor time" in differences(bright, dark)
    assert "twice the processor time" in differences(dark, bright)
    assert differences(bright, bright) == []


def test_a_reason_is_told_once_for_all_words_that_rest_on_it() -> None:
    sounds = {"warm": "lows +14 dB", "clean": "no harmonics", "full": "lows +14 dB"}
    assert words_by_reason(sounds) == {"lows +14 dB": ["warm", "full"], "no harmonics": ["clean"]}
