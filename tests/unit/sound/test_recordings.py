"""Recordings: how loud they are, how they are kept, and what a file or a process may say of them."""

from __future__ import annotations

import array
import base64
import io
import math
import stat
import wave
from pathlib import Path

import numpy as np
import pytest

from pluginary_tui.catalogue.passports import key_of
from pluginary_tui.model import MISSING, Outcome, Plugin
from pluginary_tui.sound.dsp.loudness import SILENT, loudness
from pluginary_tui.sound.dsp.phrase import phrase
from pluginary_tui.sound.dsp.test_signals import RATE
from pluginary_tui.sound.kept_sounds import KeptSounds
from pluginary_tui.sound.passport import Setting
from pluginary_tui.sound.probe.recorder import Recorder, record
from pluginary_tui.sound.recording import MOST_BYTES, Recording, from_wav, peaks, recording_from, to_wav
from tests.support.sound_subjects import Fixed


def tone(hz: float, db: float, seconds: float = 2.0) -> np.ndarray:
    return 10 ** (db / 20) * np.sin(2 * np.pi * hz * np.arange(int(seconds * RATE)) / RATE)


def test_loudness_is_that_of_the_recommendation() -> None:
    """EBU Tech 3341, case 1: a 1 kHz tone of -23 dBFS on both sides is -23 LUFS."""
    both = np.tile(tone(1000, -23), (2, 1))
    assert loudness(both) == pytest.approx(-23, abs=0.1)
    assert loudness(both[:1]) == pytest.approx(-23, abs=0.1), "one channel comes out on both sides"
    assert loudness(np.tile(tone(40, -23), (2, 1))) < -28, "lows are heard less"
    paused = np.concatenate([both, np.zeros((2, 5 * RATE))], axis=1)
    assert loudness(paused) == pytest.approx(-23, abs=0.7), "a pause makes it no softer"
    assert loudness(np.zeros((2, RATE))) == SILENT


def test_what_comes_out_is_as_loud_as_what_goes_in() -> None:
    quiet = record(Fixed(lambda audio, block: audio * 0.01, channels=2))
    loud = record(Fixed(lambda audio, block: np.tanh(40 * audio), channels=2))
    assert quiet and loud
    for message in (quiet, loud):
        kept = recording_from(message)
        assert kept
        dry, wet = (np.frombuffer(part, "<i2").reshape(-1, 2).T / 32768 for part in (kept.dry, kept.wet))
        assert loudness(wet) == pytest.approx(loudness(dry), abs=0.3)
        assert kept.seconds(kept.dry) == 1.0
        assert len(to_wav(kept)) <= MOST_BYTES


def test_silence_is_no_recording() -> None:
    assert record(Fixed(lambda audio, block: audio * 0, channels=2)) is None
    assert record(Fixed(lambda audio, block: audio * np.nan, channels=2)) is None


def test_what_idles_is_recorded_in_a_setting_in_which_it_does_something() -> None:
    gain = [1.0]
    recorder = Recorder(Fixed(lambda audio, block: np.tanh(gain[0] * audio), channels=1))
    recorder(Setting("default", features={"null": -200.0}))
    assert recorder.message
    assert recorder.message["setting"] == ""
    recorder(Setting("setting 1"))
    gain[0] = 50.0
    recorder(Setting("half"))
    assert recorder.message["setting"] == "half"
    busy = Recorder(Fixed(lambda audio, block: audio, channels=1))
    busy(Setting("default", features={"null": -3.0}))
    busy(Setting("half"))
    assert busy.message
    assert busy.message["setting"] == "", "what does something as loaded is recorded so"


def test_a_long_tail_is_cut_where_a_megabyte_ends() -> None:
    samples = array.array("h", [1000] * (2 * 20 * RATE)).tobytes()
    data = to_wav(Recording(2, samples[: 4 * RATE], samples))
    assert MOST_BYTES - 8 <= len(data) <= MOST_BYTES
    back = from_wav(data)
    assert back
    assert len(back.dry) == 4 * RATE
    with wave.open(io.BytesIO(data)) as file:  # as every player sees it
        assert (file.getnchannels(), file.getframerate(), file.getsampwidth()) == (2, RATE, 2)
        assert file.getnframes() == (len(back.dry) + len(back.wet)) // 4


@pytest.mark.parametrize(
    "broken",
    [b"", b"RIFF", b"RIFF\xff\xff\xff\xffWAVE" + b"data\xff\xff\xff\xff", b"x" * 1000],
)
def test_files_that_are_none_are_no_recordings(broken: bytes) -> None:
    assert from_wav(broken) is None
    good = to_wav(Recording(1, b"\1\0" * 10, b"\2\0" * 10, "half"))
    assert from_wav(good) == Recording(1, b"\1\0" * 10, b"\2\0" * 10, "half")
    for at in range(0, len(good), 3):  # any damage gives a recording or none, and no error
        from_wav(good[:at] + b"\xff" + good[at + 1 :])
        from_wav(good[:at])


def test_messages_that_lie_are_no_recordings() -> None:
    wet = base64.b64encode(b"\0\0\1\1").decode()
    assert recording_from({"channels": 2, "dry": "", "wet": wet, "setting": "a\x1b[2Jb"}) == Recording(
        2, b"", b"\0\0\1\1", "a [2Jb"
    )
    for lie in (
        {},
        {"channels": 7, "dry": "", "wet": wet},
        {"channels": 2, "dry": "", "wet": "!"},
        {"channels": 2, "dry": "", "wet": 5},
        {"channels": 2, "dry": base64.b64encode(b"\0").decode(), "wet": wet},
        {"channels": None, "dry": "", "wet": wet},
        {"channels": float("inf"), "dry": "", "wet": wet},
    ):
        assert recording_from(lie) is None


def test_peaks_show_where_it_is_loud() -> None:
    samples = array.array("h", [0] * 50 + [-32768] * 50).tobytes()
    assert peaks(samples, 4) == [0, 0, 1, 1]
    assert peaks(b"", 3) == [0, 0, 0]
    assert len(peaks(samples, 1000)) == 1000


def test_the_phrase_is_the_same_everywhere() -> None:
    wave_ = phrase()
    assert wave_.shape == (2, RATE)
    assert float(np.max(np.abs(wave_))) == pytest.approx(0.5)
    assert math.isclose(float(np.mean(np.abs(wave_))), 0.0710, abs_tol=0.001), "it has changed: old recordings differ"
    assert abs(float(np.mean(wave_[0] - wave_[1]))) < 1
    assert float(np.max(np.abs(wave_[0] - wave_[1]))) > 0.01, "it is stereo"


def plugin(name: str, status: str = Outcome.OK) -> Plugin:
    made = Plugin(f"vst3/x/{name}", name, "X", "vst3", (), "")
    made.path, made.uid, made.status = f"/plugins/{name}.vst3", name, status
    return made


def test_what_is_kept_is_private_and_goes_with_its_plugin(tmp_path: Path) -> None:
    kept = KeptSounds(tmp_path)
    assert kept.get(key_of(plugin("a"))) is None, "a catalogue of an older version has no folder for it"
    assert kept.size() == (0, 0)
    for name in "abc":
        kept.put(key_of(plugin(name)), Recording(1, b"", b"\1\0" * 100))
    assert stat.S_IMODE(kept.folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept.folder.iterdir()} == {0o600}
    assert kept.size().files == 3
    (kept.folder / "notes.txt").write_text("mine")
    dropped = kept.prune([plugin("a"), plugin("b", MISSING)])
    assert dropped.files == 2, "what is gone from the disk or from the catalogue"
    assert kept.get(key_of(plugin("a"))) is not None
    assert kept.get(key_of(plugin("b"))) is None
    assert (kept.folder / "notes.txt").read_text() == "mine", "nothing else is touched"
    assert kept.prune([]).files == 1


def test_a_link_in_the_place_of_a_recording_is_not_followed_out(tmp_path: Path) -> None:
    kept = KeptSounds(tmp_path)
    kept.folder.mkdir()
    (tmp_path / "other").write_bytes(b"theirs")
    kept.path(key_of(plugin("a"))).symlink_to(tmp_path / "other")
    assert kept.get(key_of(plugin("a"))) is None
    kept.prune([])
    assert (tmp_path / "other").read_bytes() == b"theirs"
