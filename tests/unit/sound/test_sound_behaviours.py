"""What physics can tell apart has its own word, and a figure without trust decides nothing."""

from __future__ import annotations

import numpy as np
import pytest

from pluginary_tui.sound.metrics import BEHAVIOURS, FAMILIES
from pluginary_tui.sound.probe.output_monitor import Audio
from pluginary_tui.sound.probe.passport_builder import measure
from tests.support.sound_subjects import Turned, passport, verdicts

RATE = 48_000


def seconds(audio: Audio) -> np.ndarray:
    return np.arange(audio.shape[1]) / RATE


def later(audio: Audio, delay: float) -> Audio:
    shift = int(delay * RATE)
    return np.pad(audio, ((0, 0), (shift, 0)))[:, : audio.shape[1]]


def envelope(wave: np.ndarray, release_s: float = 0.1) -> np.ndarray:
    """Peak level with an instant attack and an exponential release, in blocks of 2 ms."""
    piece = 96
    peaks = np.abs(np.pad(wave, (0, -len(wave) % piece))).reshape(-1, piece).max(axis=1)
    fall, level = np.exp(-piece / RATE / release_s), 0.0
    for n, peak in enumerate(peaks):
        level = peaks[n] = max(peak, level * fall)
    return np.repeat(peaks, piece)[: len(wave)]


def bands(wave: np.ndarray, corner: float) -> tuple[np.ndarray, np.ndarray]:
    spectrum = np.fft.rfft(wave)
    low = np.where(np.fft.rfftfreq(len(wave), 1 / RATE) < corner, spectrum, 0)
    return np.fft.irfft(low, len(wave)), np.fft.irfft(spectrum - low, len(wave))


def squashed(wave: np.ndarray, threshold: float = 0.03) -> np.ndarray:
    return wave * np.minimum(1, (threshold / np.maximum(envelope(wave), 1e-9)) ** 0.75)


def compressor(audio: Audio) -> Audio:
    return np.stack([squashed(channel) for channel in audio])


def de_esser(audio: Audio) -> Audio:
    return np.stack([low + squashed(high) for low, high in (bands(channel, 3000) for channel in audio)])


def multiband(audio: Audio) -> Audio:
    return np.stack([squashed(low) + squashed(high) for low, high in (bands(channel, 700) for channel in audio)])


def tremolo(audio: Audio) -> Audio:
    return audio * (1 + 0.8 * np.sin(2 * np.pi * 1.1 * seconds(audio)))


def auto_panner(audio: Audio) -> Audio:
    angle = np.pi / 4 * (1 + 0.9 * np.sin(2 * np.pi * 1.3 * seconds(audio)))
    middle = audio.mean(axis=0)
    return np.stack([middle * np.cos(angle), middle * np.sin(angle)])


def widener(audio: Audio) -> Audio:
    middle, side = audio.mean(axis=0), (audio[0] - audio[1]) / 2
    return np.stack([middle + 2 * side, middle - 2 * side])


def pseudo_stereo(audio: Audio) -> Audio:
    side = later(audio, 0.008).mean(axis=0) * 0.7
    middle = audio.mean(axis=0)
    return np.stack([middle + side, middle - side])


def ring(audio: Audio) -> Audio:
    return audio * np.sin(2 * np.pi * 440 * seconds(audio))


def fast_ring(audio: Audio) -> Audio:
    return audio * np.sin(2 * np.pi * 3300 * seconds(audio))


def whistle(audio: Audio) -> Audio:
    return audio + 0.1 * np.sin(2 * np.pi * 700 * seconds(audio))


def slow_delay(audio: Audio) -> Audio:
    return later(audio, 1.9)


def coloured_delay(audio: Audio) -> Audio:
    """A clear echo, and a decibel of tone colour."""
    low, high = bands(audio[0], 2000)
    return np.stack([low + 1.15 * high + 0.4 * later(audio, 0.16)[0]])


def reflections(audio: Audio) -> Audio:
    random = np.random.RandomState(3)
    response = np.zeros(3000)
    response[0] = 1
    response[200::7] = random.uniform(-0.1, 0.1, len(response[200::7])) * np.linspace(1, 0.2, len(response[200::7]))
    size = 1 << (audio.shape[1] + len(response)).bit_length()
    return np.fft.irfft(np.fft.rfft(audio, size) * np.fft.rfft(response, size))[:, : audio.shape[1]]


def crusher(audio: Audio) -> Audio:
    held = np.round(audio[:, ::7] * 32) / 32
    return np.repeat(held, 7, axis=1)[:, : audio.shape[1]]


def speaker(audio: Audio) -> Audio:
    out = []
    for channel in np.tanh(8 * audio):
        spectrum = np.fft.rfft(channel)
        hz = np.maximum(np.fft.rfftfreq(len(channel), 1 / RATE), 1)
        out.append(np.fft.irfft(spectrum / np.sqrt((1 + (120 / hz) ** 6) * (1 + (hz / 4500) ** 8)), len(channel)))
    return np.stack(out)


def rotary(audio: Audio) -> Audio:
    """A drum for the lows and a horn for the highs, each at a speed of its own."""
    low, high = bands(audio.mean(axis=0), 700)
    at = seconds(audio)
    drum, horn = 0.5 * np.sin(2 * np.pi * 1.1 * at), 0.7 * np.sin(2 * np.pi * 1.7 * at)
    return np.stack([low * (1 + drum) + high * (1 + horn), low * (1 - drum) + high * (1 - horn)])


def one_speed(audio: Audio) -> Audio:
    """Lows and highs move by different amounts, and at one speed."""
    low, high = bands(audio.mean(axis=0), 700)
    moves = np.sin(2 * np.pi * 1.3 * seconds(audio))
    return np.stack([low * (1 + 0.3 * moves) + high * (1 + 0.7 * moves)] * 2)


def transients(audio: Audio) -> Audio:
    """What rises fast is made louder, whatever its level."""
    slow = 0.02
    out = []
    for channel in audio:
        level = envelope(channel, 0.05)
        fall = np.exp(-96 / RATE / slow)
        follower, behind = np.empty(len(level) // 96 + 1), 0.0
        for n, now in enumerate(level[::96]):
            behind = now + (behind - now) * fall
            follower[n] = behind
        late_ = np.maximum(np.repeat(follower, 96)[: len(level)], 1e-9)
        out.append(channel * np.clip(np.maximum(level, 1e-9) / late_, 1, 3))
    return np.stack(out)


def sparkle(audio: Audio) -> Audio:
    """Harmonics of the highs alone."""
    return np.stack([channel + 0.6 * np.tanh(4 * bands(channel, 3000)[1]) ** 2 for channel in audio])


@pytest.mark.parametrize(
    ("process", "channels", "expected"),
    [
        (rotary, 2, "rotary speaker"),
        (one_speed, 2, "modulation"),
        (transients, 1, "transient shaper"),
        (sparkle, 1, "exciter"),
        (compressor, 1, "compressor"),
        (de_esser, 1, "de-esser"),
        (multiband, 1, "multiband dynamics"),
        (tremolo, 1, "modulation"),
        (auto_panner, 2, "panner"),
        (widener, 2, "stereo"),
        (pseudo_stereo, 2, "stereo"),
        (ring, 1, "ring modulator"),
        (fast_ring, 1, "ring modulator"),
        (whistle, 1, "generator"),
        (slow_delay, 1, "delay"),
        (coloured_delay, 1, "delay"),
        (reflections, 1, "reverb"),
        (crusher, 1, "lo-fi"),
        (speaker, 1, "amplifier"),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_each_has_its_word(process, channels: int, expected: str) -> None:  # type: ignore[no-untyped-def]
    measured = passport(lambda audio, block: process(audio), channels=channels)
    assert (measured.behaves, bool(measured.because)) == (expected, True)
    assert not measured.faults


@pytest.mark.short
def test_every_behaviour_is_in_one_family() -> None:
    assert len(set(BEHAVIOURS)) == len(BEHAVIOURS) == sum(map(len, FAMILIES.values()))


_phase = np.random.RandomState(7)


def test_what_moves_freely_is_not_called_unrepeatable() -> None:
    def free(audio: Audio, block: int) -> Audio:
        start = _phase.uniform(0, 2 * np.pi)
        return audio * (1 + 0.5 * np.sin(2 * np.pi * 2 * seconds(audio) + start))

    measured = passport(free)
    assert "moving" in verdicts(measured) and "unrepeatable" not in verdicts(measured)
    (evidence,) = [verdict.evidence for verdict in measured.verdicts if verdict.name == "moving"]
    assert "its level by 9." in evidence and "2.00 Hz" in evidence


def hiss(audio: Audio, level: float) -> Audio:
    return audio + np.random.RandomState(1).uniform(-1, 1, audio.shape) * 10 ** (level / 20)


def test_only_steady_noise_that_can_be_heard_is_a_fault() -> None:
    assert "noisy" not in verdicts(passport(lambda audio, block: hiss(audio, -100)))
    assert "noisy" in verdicts(passport(lambda audio, block: hiss(audio, -80)))

    def fades(audio: Audio, block: int) -> Audio:
        at = seconds(audio)  # what was in a delay line before
        return audio + 0.05 * 10**-at * np.sin(4000 * at)

    fading = passport(fades)
    assert "noisy" not in verdicts(fading)


def test_noise_that_was_turned_up_is_no_fault() -> None:
    subject = Turned(lambda audio, at: hiss(audio, -200 + 180 * at["Hiss"]), {"Hiss": 0.0})
    assert "noisy" not in verdicts(measure(subject, 1))


def test_what_idles_is_judged_by_what_it_can_do() -> None:
    def process(audio: Audio, at: dict[str, float]) -> Audio:
        return np.stack([squashed(channel, 10 ** (-2.5 * at["Threshold"])) for channel in audio])

    measured = measure(Turned(process, {"Threshold": 0.0, "Colour of the panel": 0.5}), 1)
    assert "identity" in verdicts(measured)
    assert measured.behaves == "compressor"
    assert [setting.label for setting in measured.settings] == ["default", "setting 1", "setting 2", "strong", "half"]
    assert list(measured.settings[3].turned) == ["Threshold"]
    (knob,) = measured.knobs
    assert knob.name == "Threshold" and knob.up["squash"] > 10
    assert knob.down.get("squash", 0.0) < knob.up["squash"]


def test_a_feedback_that_runs_away_when_turned_up_is_no_fault() -> None:
    def process(audio: Audio, at: dict[str, float]) -> Audio:
        return audio * (1 + at["Feedback"] * 1e6)

    assert "unstable" not in verdicts(measure(Turned(process, {"Feedback": 0.0}), 1))


def test_a_turned_parameter_that_gives_nan_is_found() -> None:
    def process(audio: Audio, at: dict[str, float]) -> Audio:
        return np.where(np.abs(audio) > 0.1, np.nan, audio) if at["Size"] > 0.5 else audio

    measured = measure(Turned(process, {"Size": 0.2}), 1)
    assert "unstable" in verdicts(measured)
