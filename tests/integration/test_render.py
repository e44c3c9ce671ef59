"""`render`: sound files through plugins that are good, odd or break, and nothing half made is left."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pedalboard
import pytest
from pedalboard.io import AudioFile

from pluginary_tui.config import Settings
from pluginary_tui.scan.run import Options, Scan
from tests.plugins.build import build, good
from tests.support.sound_files import write_wav

RATE = 48000
PROGRAM = [sys.executable, "-m", "pluginary_tui", "render"]


def run(*words: str | Path, code: int = 0) -> str:
    done = subprocess.run([*PROGRAM, *map(str, words)], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    if code == 1:
        assert done.stderr.count("\n") == 1, done.stderr
    return done.stdout if code == 0 else done.stderr


def sine(seconds: float = 1.0, channels: int = 1) -> np.ndarray[Any, Any]:
    sound = 0.5 * np.sin(2 * np.pi * 440 * np.arange(round(seconds * RATE)) / RATE)
    return np.stack([sound / (1 + at) for at in range(channels)])


def read(path: Path) -> np.ndarray[Any, Any]:
    with AudioFile(str(path)) as file:
        return file.read(file.frames)


def db(one: np.ndarray[Any, Any], other: np.ndarray[Any, Any]) -> float:
    return float(20 * np.log10(np.sqrt(np.mean(one**2)) / np.sqrt(np.mean(other**2))))


def scan(data_dir: Path, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    Scan(Settings(), data_dir, Options(only=(folder,))).run(lambda event: None)


@pytest.fixture
def takes(tmp_path: Path, data_dir: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder: files of sound, and a catalogue of a good plugin, one that is late and one that crashes."""
    good(folder, "Good")
    good(folder, "Late", latency=300)
    build("segfault_process", folder)
    scan(data_dir, folder)
    takes = tmp_path / "takes"
    write_wav(takes / "mono.wav", sine())
    write_wav(takes / "stereo.wav", sine(0.7, 2))
    monkeypatch.chdir(takes)
    return takes


def left(takes: Path) -> set[str]:
    return {path.name for path in takes.rglob("*")} - {"mono.wav", "stereo.wav"}


def test_a_gain_is_exact(takes: Path) -> None:
    answer = run("mono.wav", "out.wav", "builtin/pedalboard/gain", "--set", "gain_db=-12")
    assert "1.00 s  mono  48000 Hz  peak -18.0 dB" in answer
    before, after = read(takes / "mono.wav"), read(takes / "out.wav")
    assert after.shape == before.shape
    assert db(after, before) == pytest.approx(-12, abs=0.001)
    assert np.abs(after - before * 10 ** (-12 / 20)).max() < 1e-6, "24 bits"
    run("stereo.wav", "out.flac", "Good", "--set", "Gain=-12 dB")
    before, after = read(takes / "stereo.wav"), read(takes / "out.flac")
    assert after.shape == before.shape
    assert np.abs(after - before * 10 ** (-12 / 20)).max() < 1e-4, "from the first sample on"
    assert left(takes) == {"out.wav", "out.flac"}


@pytest.mark.parametrize("ending", ["wav", "aif", "aiff", "flac", "ogg", "mp3"])
def test_formats(takes: Path, ending: str) -> None:
    run("stereo.wav", f"out.{ending}", "gain[gain_db=-6]")
    run(f"out.{ending}", "again.wav", "gain[gain_db=6]")
    lossy = ending in ("ogg", "mp3")
    before, after = read(takes / "stereo.wav"), read(takes / "again.wav")
    assert db(after[:, :30000], before[:, :30000]) == pytest.approx(0, abs=0.3 if lossy else 1e-3)


@pytest.mark.parametrize("effect", ["PitchShift", "GSMFullRateCompressor", "MP3Compressor", "Resample"])
def test_built_in_effects_sound_as_where_they_get_all_at_once(takes: Path, effect: str) -> None:
    write_wav(takes / "stereo.wav", sine(2.5, 2))
    before = read(takes / "stereo.wav")
    expected = getattr(pedalboard, effect)()(np.pad(before, ((0, 0), (0, RATE // 2))), RATE, buffer_size=512)
    run("stereo.wav", "out.wav", f"{effect} + gain[gain_db=-6]", "--tail", "0.5")
    after = read(takes / "out.wav")
    assert after.shape == expected.shape
    held_back = RATE // 20  # of what the last samples of silence would push out
    assert np.abs(after - expected * 10 ** (-6 / 20))[:, :-held_back].max() < 1e-5
    assert np.abs(after).max() > 0.1


def test_latency_is_taken_off_and_said(takes: Path) -> None:
    answer = json.loads(run("stereo.wav", "out.wav", "Late + Late[Gain=-6]", "--json"))["files"][0]
    assert answer["latency_samples"] == 600
    assert "600 samples of latency" in answer["notes"][0]
    before, after = read(takes / "stereo.wav"), read(takes / "out.wav")
    assert after.shape == before.shape
    assert np.abs(after - before * 10 ** (-6 / 20)).max() < 1e-4


def test_a_tail_is_added(takes: Path) -> None:
    run("mono.wav", "out.wav", "delay[delay_seconds=0.5, feedback=0, mix=1]", "--tail", "0.75")
    before, after = read(takes / "mono.wav"), read(takes / "out.wav")
    assert after.shape[1] == round(1.75 * RATE)
    assert np.abs(after[:, RATE // 2 : RATE // 2 + RATE] - before).max() < 1e-3
    assert np.abs(after[:, -RATE // 5 :]).max() < 1e-6


def test_several_files_on_all_cores(takes: Path) -> None:
    for number in range(5):
        write_wav(takes / "in" / f"{number}.wav", sine(0.2 + number / 10))
    run("in/*.wav", "new/", "gain[gain_db=-12]")
    for number in range(5):
        before, after = read(takes / "in" / f"{number}.wav"), read(takes / "new" / f"{number}.wav")
        assert after.shape == before.shape
        assert db(after, before) == pytest.approx(-12, abs=0.001)
    run("in/0.wav", "in/1.wav", "new/*-b.flac", "gain", "+", "gain")
    assert {path.name for path in (takes / "new").iterdir()} == {
        *(f"{n}.wav" for n in range(5)),
        "0-b.flac",
        "1-b.flac",
    }
    (takes / "in" / "3.wav").write_text("no sound")
    answer = json.loads(subprocess.run([*PROGRAM, "in/*.wav", "more", "gain", "--json"], capture_output=True).stdout)
    assert [bool(each["error"]) for each in answer["files"]] == [False, False, False, True, False]
    assert {path.name for path in (takes / "more").iterdir()} == {"0.wav", "1.wav", "2.wav", "4.wav"}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["no.wav", "o.wav", "gain"], "There is no file"),
        (["mono.wav", "mono.wav", "gain"], "would replace"),
        (["mono.wav", "o.xyz", "gain"], "unknown"),
        (["mono.wav", "o.wav", "gone"], "There is no plugin gone"),
        (["mono.wav", "o.wav", "gain[gain_db=loud]"], "gain_db is a number; not loud"),
        (["mono.wav", "o.wav", "convolution"], "Convolution needs a value of impulse_response_filename"),
        (["mono.wav", "o.wav", "gain", "--set", "gian=1"], "no parameter gian"),
        (["mono.wav", "o.wav", "Good", "--set", "Gain=900"], "900 is outside"),
        (["*o.wav", "new", "Good[Gain=900]"], "900 is outside"),
        (["mono.wav", "o.wav", "gain[gain_db=1] + Good[Gain=900]"], "Good: Gain is"),
        (["mono.wav", "o.wav", "gain[gain_db=loud] + Good"], "Gain: gain_db is a number; not loud"),
        (["mono.wav", "o.wav", "Good", "--preset", "None"], "no preset None"),
        (["mono.wav", "o.wav", "segfault_process"], "segfault_process crashed (SIGSEGV)"),
        (["mono.wav", "o.wav", "Good + segfault_process + Good"], "segfault_process crashed (SIGSEGV)"),
        (["mono.wav", "new/", "segfault_process"], "segfault_process crashed (SIGSEGV)"),
        (["text.wav", "o.wav", "gain"], "no sound file"),
        (["head.wav", "o.wav", "gain"], "no sound file"),
        (["six.wav", "o.wav", "Good"], "Good takes no sound of 6 channels: it has 2 in and 2 out."),
        (["empty.wav", "o.wav", "gain"], "no sound in the file"),
        (["mono.wav", "/proc/o.wav", "gain"], "cannot be written"),
    ],
)
def test_bad_input_is_one_sentence_and_leaves_nothing(takes: Path, words: list[str], says: str) -> None:
    (takes / "text.wav").write_text("no sound")
    (takes / "head.wav").write_bytes((takes / "mono.wav").read_bytes()[:30])
    write_wav(takes / "six.wav", sine(0.1, 6))
    write_wav(takes / "empty.wav", sine(0))
    assert says in run(*words, code=1)
    assert left(takes) == {"text.wav", "empty.wav", "head.wav", "six.wav"}


def test_wrong_usage(takes: Path) -> None:
    assert "Name a file" in run("mono.wav", "gain", code=2)
    assert "NAME=VALUE" in run("mono.wav", "o.wav", "gain", "--set", "gain", code=2)
    assert "in a row" in run("mono.wav", "o.wav", "gain + gain", "--set", "gain_db=1", code=2)
    assert left(takes) == set()


def test_a_failure_keeps_what_was_there(takes: Path) -> None:
    (takes / "o.wav").write_text("a song")
    run("mono.wav", "o.wav", "segfault_process", code=1)
    assert (takes / "o.wav").read_text() == "a song"


@pytest.mark.skipif(not Path("/dev/shm").is_dir() or os.geteuid() != 0, reason="needs root, to mount a small disk")
def test_a_full_disk(takes: Path, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(small)], capture_output=True).returncode:
        pytest.skip("this container may not mount")
    try:
        assert "No space left on device" in run("mono.wav", small / "o.wav", "gain", code=1)
        assert list(small.iterdir()) == []
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_what_a_killed_process_left_goes_with_the_next(takes: Path) -> None:
    words = ("mono.wav", "o.wav", "reverb + reverb + reverb", "--tail", "3600")
    process = subprocess.Popen([*PROGRAM, *words], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not any(path.stat().st_size for path in takes.glob(".o.wav.*")) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.kill()
    process.wait()
    (half,) = takes.glob(".o.wav.*")
    assert left(takes) == {half.name}, "no file of the name that was asked for"
    (takes / ".o.wav.backup").write_text("mine")
    run("mono.wav", "o.wav", "gain")
    assert half.exists(), "another process may still write to it"
    os.utime(half, (0, 0))
    run("mono.wav", "o.wav", "gain")
    assert left(takes) == {"o.wav", ".o.wav.backup"}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_leaves_nothing(takes: Path, number: signal.Signals) -> None:
    words = ("mono.wav", "new/", "reverb + reverb + reverb", "--tail", "3600")
    process = subprocess.Popen([*PROGRAM, *words], stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not any(path.stat().st_size for path in takes.glob("new/.*")) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(number)
    _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (1, "pluginary-tui: stopped.\n")
    assert left(takes) == set()


@pytest.mark.usefixtures("takes")
def test_real_plugins(zam: Path, data_dir: Path, tmp_path: Path) -> None:
    folder = tmp_path / "zam"
    for name in ("ZamVerb", "ZamComp", "ZamGEQ31"):
        shutil.copytree(zam / f"{name}.vst3", folder / f"{name}.vst3")
    scan(data_dir, folder)
    answer = json.loads(run("mono.wav", "wet.wav", "zamcomp[ratio=4] + zamverb", "--tail", "1", "--json"))["files"][0]
    assert (answer["channels"], answer["seconds"]) == (2, 2.0), "a mono file becomes stereo in a stereo reverb"
    assert "both sides" in answer["notes"][0]
    assert np.abs(read(Path("wet.wav"))[:, RATE + 4800 :]).max() > 1e-4, "it rings on"
    answer = json.loads(run("stereo.wav", "out.wav", "zamcomp", "--json"))["files"][0]
    assert answer["channels"] == 2
    assert "one of its own" in answer["notes"][0]
    left_, right = read(Path("out.wav"))
    assert db(left_, right) == pytest.approx(6.02, abs=1.5), "neither side is lost"


MAKES_A_PRESET = """
import sys
import numpy as np
import pedalboard_native
setattr(pedalboard_native.ExternalPlugin, "__set_initial_parameter_values__", lambda plugin, values: None)
plugin = pedalboard_native.VST3Plugin(sys.argv[1])
for parameter in plugin._parameters:
    if parameter.name in ("Time", "Dry/Wet"):
        parameter.raw_value = {"Time": 0.05, "Dry/Wet": 1.0}[parameter.name]
plugin.process(np.zeros((1, 8192), np.float32), 48000, reset=False)
open(sys.argv[2], "wb").write(plugin.preset_data)
"""


@pytest.mark.usefixtures("takes")
def test_a_preset_is_heard_and_values_come_after_it(zam: Path, data_dir: Path, tmp_path: Path) -> None:
    shutil.copytree(zam / "ZamDelay.vst3", tmp_path / "zam" / "ZamDelay.vst3")
    scan(data_dir, tmp_path / "zam")
    preset = tmp_path / "Late.vstpreset"
    subprocess.run([sys.executable, "-c", MAKES_A_PRESET, zam / "ZamDelay.vst3", preset], check=True)
    click = np.zeros((1, RATE))
    click[0, 100] = 0.5
    write_wav(Path("click.wav"), click)
    echoes = []
    for more in ((), ("--preset", preset), ("--preset", preset, "--set", "time=100")):
        run("click.wav", "out.wav", "zamdelay", *more)
        echoes.append(100 + 1000 + int(np.argmax(np.abs(read(Path("out.wav"))[0, 1100:]))))
    assert echoes == [pytest.approx(100 + seconds * RATE, abs=50) for seconds in (0.16, 0.4, 0.1)]
    preset.write_bytes(preset.read_bytes()[:40])
    assert "does not take this preset" in run("click.wav", "o.wav", "zamdelay", "--preset", preset, code=1)
