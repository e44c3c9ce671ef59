"""Every fault that is made is found, and nothing good is accused; a passport survives whatever a plugin sends."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from pluginary_tui.sound.metrics import FAULTS
from pluginary_tui.sound.parameter_settings import BUILTIN, is_sound_parameter, seeded_position
from pluginary_tui.sound.passport import POINTS, Passport, from_json, to_json
from pluginary_tui.sound.probe.output_monitor import Audio
from tests.support.sound_subjects import builtin, passport, verdicts


def nans(audio: Audio, block: int) -> Audio:
    out = audio.copy()
    out[:, 30_000:30_010] = np.nan
    return out


def infinity(audio: Audio, block: int) -> Audio:
    out = audio.copy()
    out[0, 5] = np.inf
    return out


def subnormals(audio: Audio, block: int) -> Audio:
    return np.where(audio == 0, np.float32(1e-40), audio)


def runaway(audio: Audio, block: int) -> Audio:
    return audio + np.linspace(0, 1e6, audio.shape[1], dtype=np.float32)


def hiss(audio: Audio, block: int) -> Audio:
    return audio + np.random.RandomState(1).uniform(-1e-4, 1e-4, audio.shape).astype(np.float32)


_random = np.random.RandomState(2)


def moody(audio: Audio, block: int) -> Audio:
    return audio * np.float32(_random.uniform(0.5, 1))


def blockwise(audio: Audio, block: int) -> Audio:
    steps = np.floor(np.arange(audio.shape[1]) / block) * block / 48_000
    return audio * (1 + 0.3 * np.sin(2 * np.pi * 5 * steps)).astype(np.float32)


@pytest.mark.parametrize(
    ("process", "expected"),
    [
        (nans, {"unstable"}),
        (infinity, {"unstable"}),
        (subnormals, {"unstable", "identity"}),
        (runaway, {"unstable"}),
        (hiss, {"noisy"}),
        (moody, {"unrepeatable"}),
        (blockwise, {"block"}),
        (lambda audio, block: audio * 0, {"silent"}),
        (lambda audio, block: audio, {"identity"}),
        (lambda audio, block: -audio, set()),
    ],
    ids=["nan", "infinity", "subnormals", "runaway", "hiss", "moody", "blockwise", "silent", "identity", "good"],
)
@pytest.mark.short
def test_each_fault_is_found_and_nothing_else(process, expected: set[str]) -> None:  # type: ignore[no-untyped-def]
    measured = passport(process)
    assert verdicts(measured) & (expected | {"unstable", "noisy", "silent", "identity"}) == expected
    assert all(verdict.evidence for verdict in measured.verdicts)


def test_what_cannot_be_measured_has_no_figures() -> None:
    assert passport(nans).figures == {}


GUILTY = {
    "Phaser": {"unstable"},  # subnormals, truly
    "LadderFilter": {"unstable"},  # the same
    "GSMFullRateCompressor": {"noisy"},  # the codec's silence is at -66 dBFS
}


@pytest.mark.parametrize("name", sorted(BUILTIN))
def test_no_good_effect_is_accused(name: str) -> None:
    assert verdicts(builtin(name)) & FAULTS == GUILTY.get(name, set())


@pytest.mark.short
def test_a_passport_is_the_same_after_a_journey() -> None:
    measured = passport(lambda audio, block: np.tanh(2 * audio))
    answer = json.loads(json.dumps(to_json(measured)))
    again = from_json(answer)
    assert to_json(again) == answer
    assert again.behaves == "distortion" and again.curves.keys() == measured.curves.keys()


@pytest.mark.short
def test_nothing_that_a_process_says_is_trusted() -> None:
    figure = {"value": 1.0, "trust": 9.0, "note": "\x1b[31mred\nline"}
    answer = {
        "method": 1,
        "behaves": "[bold]evil",
        "because": "\x1bwords\x07",
        "verdicts": [{"name": "unstable", "evidence": "a\x00b"}, {"name": "made-up"}, 5],
        "layouts": ["stereo", "quadro"],
        "settings": [
            {
                "label": "default\x1b[2J",
                "figures": {"thd": figure, "cpu": {"value": math.nan, "trust": 1}, "made-up": figure},
                "curves": {
                    "gain": {"x": [1, 2], "y": [1], "trust": 1},
                    "response": {"x": [1.0] * (POINTS + 1), "y": [1.0] * (POINTS + 1), "trust": 1},
                    "decay": {"x": [0, 1], "y": [0, "-60"], "trust": 1},
                },
                "features": {"colour": math.inf, "thd": 1},
            },
            "no setting",
        ],
    }
    read = from_json(answer)
    assert (read.behaves, read.because, read.layouts) == ("", "words", ("stereo",))
    assert [(v.name, v.evidence) for v in read.verdicts] == [("unstable", "a b")]
    (setting,) = read.settings
    assert setting.figures.keys() == {"thd"} and setting.figures["thd"].trust == 1
    assert setting.figures["thd"].note == "[31mred line"
    assert setting.curves == {} and setting.features == {"thd": 1.0}
    for junk in (None, 5, [], {}, {"settings": 5, "costs": [], "verdicts": {}}):
        assert isinstance(from_json(junk), Passport)


@pytest.mark.short
def test_what_would_turn_the_effect_off_is_left_alone() -> None:
    for name in ("Bypass", "Dry/Wet", "Mix", "Output Gain", "Master level", "Current Program", "Makeup", "MIDI CC 1|2"):
        assert not is_sound_parameter(name, automatable=True), name
    for name in ("Cutoff", "Threshold 2", "Feedback", "Gain 31Hz", "Tube Drive"):
        assert is_sound_parameter(name, automatable=True), name
        assert not is_sound_parameter(name, automatable=False)


@pytest.mark.short
def test_a_parameter_is_turned_by_its_name_alone() -> None:
    assert seeded_position(1, 1, "Cutoff") == seeded_position(1, 1, " cutoff ") != seeded_position(1, 2, "Cutoff")
    assert seeded_position(1, 1, "Mode", 3) in (0, 0.5, 1)
