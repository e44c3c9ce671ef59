"""What is measured of things whose answers are known: each within a stated tolerance, and absent where it must be."""

from __future__ import annotations

import numpy as np
import pytest

from pluginary_tui.sound.probe.output_monitor import Audio
from pluginary_tui.sound.probe.passport_builder import measure
from tests.support.sound_subjects import Synth, builtin, passport, value, verdicts

RATE = 48_000


@pytest.mark.short
@pytest.mark.parametrize("corner", [200.0, 1000.0, 4000.0])
def test_a_low_pass_has_its_corner_and_slope(corner: float) -> None:
    measured = builtin("LowpassFilter", cutoff_frequency_hz=corner)
    assert value(measured, "corner_high") == pytest.approx(corner, rel=0.04)
    if corner < 4000:
        assert value(measured, "slope_high") == pytest.approx(6.0, abs=1.0)
    assert "corner_low" not in measured.figures
    assert measured.behaves == "filter"


@pytest.mark.parametrize("corner", [100.0, 500.0, 2000.0])
def test_a_high_pass_has_its_corner_and_slope(corner: float) -> None:
    measured = builtin("HighpassFilter", cutoff_frequency_hz=corner)
    assert value(measured, "corner_low") == pytest.approx(corner, rel=0.04)
    assert value(measured, "slope_low") == pytest.approx(6.0, abs=0.8)
    assert "corner_high" not in measured.figures


@pytest.mark.parametrize(("mode", "slope"), [("LPF12", 12.0), ("LPF24", 24.0)])
def test_a_ladder_has_its_slope(mode: str, slope: float) -> None:
    import pedalboard_native

    mode_ = getattr(pedalboard_native.LadderFilter.Mode, mode)
    measured = builtin("LadderFilter", mode=mode_, cutoff_hz=500)
    assert value(measured, "slope_high") == pytest.approx(slope, rel=0.15)


def test_a_shelf_and_a_bell_end_nowhere() -> None:
    for name in ("LowShelfFilter", "HighShelfFilter", "PeakFilter"):
        for gain in (-18.0, 18.0):
            measured = builtin(name, cutoff_frequency_hz=1000, gain_db=gain)
            assert not {"corner_low", "corner_high"} & measured.figures.keys(), (name, gain)
            assert measured.behaves == "equaliser"


def test_a_bell_is_in_the_response_where_it_was_put() -> None:
    response = builtin("PeakFilter", cutoff_frequency_hz=1000, gain_db=12, q=1).curves["response"]
    at = dict(zip(response.x, response.y, strict=True))
    assert at[1000.0] == pytest.approx(12, abs=0.4)
    assert max(at.values()) == at[1000.0]
    assert response.y[-1] == pytest.approx(0, abs=0.2)


@pytest.mark.parametrize(("seconds", "mix"), [(0.05, 0.5), (0.3, 0.5), (0.7, 1.0)])
def test_a_delay_has_its_time(seconds: float, mix: float) -> None:
    measured = builtin("Delay", delay_seconds=seconds, mix=mix)
    assert value(measured, "echo") == pytest.approx(seconds, abs=0.0001)
    assert measured.behaves == "delay"
    assert "mod_rate" not in measured.figures, "what fills up does not move by itself"
    assert "latency" not in verdicts(measured)


@pytest.mark.parametrize(("threshold", "ratio"), [(-30.0, 2.0), (-24.0, 4.0), (-40.0, 8.0)])
def test_a_compressor_has_its_threshold_and_ratio(threshold: float, ratio: float) -> None:
    measured = builtin("Compressor", threshold_db=threshold, ratio=ratio, attack_ms=1, release_ms=200)
    assert value(measured, "threshold") == pytest.approx(threshold, abs=1.5)
    assert value(measured, "ratio") == pytest.approx(ratio, rel=0.12)
    assert measured.behaves == "compressor"


def test_a_gate_is_no_compressor() -> None:
    measured = builtin("NoiseGate", threshold_db=-30, ratio=4, attack_ms=1, release_ms=50)
    assert measured.behaves == "gate"
    assert measured.figures["threshold"].note == "below it"
    assert value(measured, "threshold") == pytest.approx(-30, abs=2)


@pytest.mark.short
def test_tanh_has_its_harmonics() -> None:
    amplitude, drive = 10 ** (-12 / 20), 4.0
    wave = np.tanh(drive * amplitude * np.sin(2 * np.pi * np.arange(4800) * 100 / 4800))
    bins = np.abs(np.fft.rfft(wave))[100 : 100 * 11 : 100]
    expected = 100 * np.sqrt(np.sum(bins[1:] ** 2)) / bins[0]
    measured = passport(lambda audio, block: np.tanh(drive * audio))
    assert value(measured, "thd") == pytest.approx(expected, rel=0.01)
    assert measured.behaves == "distortion"
    assert not {"threshold", "ratio"} & measured.figures.keys()


def test_what_is_linear_has_no_harmonics() -> None:
    assert value(passport(lambda audio, block: audio * 0.5), "thd") < 0.001


def test_harmonics_are_not_told_where_the_level_moves() -> None:
    def tremolo(audio: Audio, block: int) -> Audio:
        return audio * (1 + 0.5 * np.sin(2 * np.pi * 3 * np.arange(audio.shape[1]) / RATE))

    measured = passport(tremolo)
    assert "thd" not in measured.figures
    assert measured.behaves == "modulation"


@pytest.mark.parametrize("rate", [0.8, 2.5, 7.0])
def test_a_tremolo_has_its_rate_and_depth(rate: float) -> None:
    def tremolo(audio: Audio, block: int) -> Audio:
        return audio * (1 + 0.5 * np.sin(2 * np.pi * rate * np.arange(audio.shape[1]) / RATE))

    measured = passport(tremolo)
    assert value(measured, "mod_rate") == pytest.approx(rate, rel=0.02)
    assert value(measured, "mod_depth") == pytest.approx(20 * np.log10(3), abs=0.6)


def test_a_chorus_has_its_rate() -> None:
    assert value(builtin("Chorus", rate_hz=2, depth=0.3), "mod_rate") == pytest.approx(2, rel=0.03)


@pytest.mark.parametrize("seconds", [0.3, 1.0, 2.5])
def test_a_tail_has_its_decay(seconds: float) -> None:
    n = np.arange(int(min(2 * seconds, 3.0) * RATE))
    tail = np.random.RandomState(5).standard_normal(len(n)) * 10 ** (-3 * n / (seconds * RATE)) * 0.02
    measured = passport(lambda audio, block: convolved(audio, tail))
    assert value(measured, "decay") == pytest.approx(seconds, rel=0.1)
    assert measured.behaves == "reverb"
    assert "mod_rate" not in measured.figures


def convolved(audio: Audio, response: np.ndarray) -> np.ndarray:
    size = 1 << (audio.shape[1] + len(response)).bit_length()
    return np.fft.irfft(np.fft.rfft(audio, size) * np.fft.rfft(response, size))[:, : audio.shape[1]]


def test_no_tail_has_no_decay() -> None:
    assert "decay" not in passport(lambda audio, block: audio).figures
    assert "decay" not in builtin("LowpassFilter", cutoff_frequency_hz=100).figures


@pytest.mark.parametrize("cents", [-300.0, 25.0, 700.0])
def test_a_detune_has_its_cents(cents: float) -> None:
    measured = builtin("PitchShift", semitones=cents / 100)
    assert value(measured, "pitch") == pytest.approx(cents, abs=3)


@pytest.mark.short
@pytest.mark.parametrize(("real", "reported"), [(100, 0), (0, 64), (480, 100), (480, 440)])
def test_a_wrong_latency_is_caught(real: int, reported: int) -> None:
    measured = passport(late(real, reported), latency=reported)
    assert value(measured, "latency_measured") == real
    assert value(measured, "latency_reported") == reported
    assert "latency" in verdicts(measured)


@pytest.mark.parametrize("latency", [0, 7, 480, 2048])
def test_a_right_latency_is_not_accused(latency: int) -> None:
    measured = passport(late(latency, latency), latency=latency)
    assert value(measured, "latency_measured") == latency
    assert "latency" not in verdicts(measured)


def late(real: int, reported: int):  # type: ignore[no-untyped-def]
    """A pure delay behind a host that takes off what is reported."""

    def process(audio: Audio, block: int) -> Audio:
        padded = np.pad(audio, ((0, 0), (real, reported)))
        return padded[:, reported : reported + audio.shape[1]]

    return process


def test_width_is_the_share_of_the_side() -> None:
    def widen(audio: Audio, block: int) -> Audio:
        side = np.roll(audio[0], 600) * 0.5
        return np.stack([audio[0] + side, audio[0] - side])

    assert value(passport(widen, channels=2), "width") == pytest.approx(0.2, abs=0.01)
    assert value(passport(lambda audio, block: audio, channels=2), "width") == 0


def test_a_gain_is_a_gain() -> None:
    measured = passport(lambda audio, block: audio * 10 ** (-7 / 20))
    assert value(measured, "gain") == pytest.approx(-7, abs=0.01)
    assert measured.behaves == "gain"
    assert "identity" not in verdicts(measured)


def test_a_synth_has_its_envelope_and_pitch() -> None:
    def sound(pitch: float, held: float, left: float) -> Audio:
        t = np.arange(int((held + left) * RATE)) / RATE
        rise, fall = np.minimum(t / 0.1, 1), np.where(t > held, 10 ** (-3 * (t - held) / 0.5), 1)
        return 0.3 * rise * fall * np.sin(2 * np.pi * pitch * 2 ** (12 / 1200) * t)

    measured = measure(Synth(sound), 0)
    assert value(measured, "tuning") == pytest.approx(12, abs=2)
    assert value(measured, "attack") == pytest.approx(0.085, abs=0.006)
    assert value(measured, "release") == pytest.approx(0.5 * 40 / 60, abs=0.01)
    assert measured.behaves == "instrument"


def test_noise_has_no_tuning_and_a_mute_synth_is_silent() -> None:
    noise = np.random.RandomState(4).uniform(-0.2, 0.2, 10 * RATE)
    hiss = measure(Synth(lambda pitch, held, left: noise[: int((held + left) * RATE)]), 0)
    assert "tuning" not in hiss.figures and "level" in hiss.figures
    mute = measure(Synth(lambda pitch, held, left: np.zeros(int((held + left) * RATE))), 0)
    assert verdicts(mute) == {"silent"}
