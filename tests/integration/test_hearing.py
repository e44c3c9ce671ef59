"""Hearing plugins: what measuring keeps, and what arrives at the audio device."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pluginary_tui.catalogue.passports import key_of
from pluginary_tui.catalogue.store import Store
from pluginary_tui.config import Settings
from pluginary_tui.model import Plugin
from pluginary_tui.scan.run import Options, Scan
from pluginary_tui.sound.hearing import HearError, record
from pluginary_tui.sound.kept_sounds import KeptSounds
from pluginary_tui.sound.player.playing import GAP_S, Playing
from pluginary_tui.sound.recording import RATE
from pluginary_tui.sound.run import Measuring
from tests.plugins.build import build, compiler
from tests.support.alsa import file_device, no_device
from tests.support.sound_files import write_wav

PROGRAM = [sys.executable, "-m", "pluginary_tui"]


def run(*words: str, code: int = 0) -> str:
    done = subprocess.run([*PROGRAM, *words], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    return done.stdout if code == 0 else done.stderr


def scanned(data_dir: Path, folder: Path, *, builtin: bool = False) -> list[Plugin]:
    folder.mkdir(parents=True, exist_ok=True)
    settings = Settings()
    settings = replace(settings, scan=replace(settings.scan, builtin=builtin))
    Scan(settings, data_dir, Options(only=(folder,))).run(lambda event: None)
    with Store.in_folder(data_dir) as store:
        return store.plugins()


def sine(hz: float, seconds: float) -> bytes:
    wave = 8000 * np.sin(2 * np.pi * hz * np.arange(int(seconds * RATE)) / RATE)
    return wave.astype("<i2").tobytes()


def arrived(file: Path) -> np.ndarray:
    """What ALSA's file device was given, (samples, 2), without the silence that fills its last period."""
    received = np.frombuffer(file.read_bytes(), "<i2").reshape(-1, 2)
    return received[: int(np.flatnonzero(received.any(axis=1))[-1]) + 1]


def test_what_is_played_arrives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = file_device(tmp_path / "alsa", monkeypatch)
    one, other = sine(440, 0.3), sine(880, 0.2)
    playing = Playing([(1, one), (1, other)], "aplay")
    playing.wait()
    assert (playing.error, playing.through) == ("", "aplay")
    assert playing.position == playing.seconds == pytest.approx(0.5 + GAP_S)
    received = arrived(file)
    assert (received[:, 0] == received[:, 1]).all(), "one channel comes out on both sides"
    gap = np.zeros(int(GAP_S * RATE), np.int16)
    sent = np.concatenate([np.frombuffer(one, "<i2"), gap, np.frombuffer(other, "<i2")])
    assert np.array_equal(received[:, 0], sent[: len(received)])
    assert len(received) == len(np.trim_zeros(sent, "b"))


def test_pedalboard_plays_where_it_sees_a_device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = file_device(tmp_path / "alsa", monkeypatch)
    os.mkfifo(file)  # a device takes samples at its own speed, and so does who reads here
    taken: list[np.ndarray] = []

    def listen() -> None:
        with file.open("rb", buffering=0) as stream:
            rest = b""
            while data := stream.read(1 << 16):
                data = rest + data
                whole = len(data) // 8 * 8
                rest = data[whole:]
                samples = np.frombuffer(data[:whole], "<f4").reshape(-1, 2)
                taken.append(samples[samples.any(axis=1)])
                time.sleep(0.01)

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    playing = Playing([(1, sine(440, 0.2))], "pedalboard")
    playing.wait()
    assert (playing.error, playing.through) == ("", "pedalboard")
    listener.join(10)
    received = np.concatenate(taken)
    sent = np.frombuffer(sine(440, 0.2), "<i2") / 32768
    sent = sent[sent != 0]
    assert len(received) > 0.9 * len(sent)
    assert np.allclose(received[:4000, 0], sent[:4000], atol=1e-4)


def test_a_device_that_blocks_holds_nothing_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = file_device(tmp_path / "alsa", monkeypatch)
    os.mkfifo(file)  # nobody reads: opening it waits for ever
    playing = Playing([(1, sine(440, 0.2))], "aplay")
    while not playing.through:
        assert playing.poll()
        time.sleep(0.01)
    group = playing._process.pid
    assert playing.poll(), "it waits for its device"
    playing.stop()
    assert (playing.ended, playing.error) == (True, "")
    assert_ended(group)

    monkeypatch.setattr("pluginary_tui.sound.player.playing.LATE_S", 1.0)
    playing = Playing([(1, sine(440, 0.2))], "aplay")
    playing.wait()
    assert playing.error == "Nothing can be heard: the audio device does not take the sound."


def test_what_plays_ends_with_the_program_that_wanted_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = file_device(tmp_path / "alsa", monkeypatch)
    os.mkfifo(file)
    code = (
        "import os, time\n"
        "from pluginary_tui.sound.player.playing import Playing\n"
        "playing = Playing([(1, bytes(96000))], 'aplay')\n"
        "while not playing.through: playing.poll(); time.sleep(0.01)\n"
        "print(playing._process.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        group = int(program.stdout.readline())
        program.kill()
    assert_ended(group)


def assert_ended(group: int) -> None:
    """Nothing of a process group runs any more, or soon will."""
    end = time.monotonic() + 30
    while any(_in_group(int(entry.name), group) for entry in Path("/proc").iterdir() if entry.name.isdigit()):
        assert time.monotonic() < end, "it plays on"
        time.sleep(0.02)


def _in_group(pid: int, group: int) -> bool:
    """Whether a process that still runs is in a process group."""
    try:
        state, _, its = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:3]
    except OSError:
        return False
    return int(its) == group and state != "Z"


def test_without_a_device_one_sentence_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    no_device(tmp_path / "alsa", monkeypatch)
    playing = Playing([(1, sine(440, 0.1))])
    playing.wait()
    assert playing.error.startswith("Nothing can be heard: pedalboard sees no audio device, and ")
    assert playing.error.count(".") == 1
    monkeypatch.setenv("PATH", str(tmp_path))
    playing = Playing([(1, sine(440, 0.1))])
    playing.wait()
    assert playing.error == (
        "Nothing can be heard: pedalboard sees no audio device, and neither pw-play, paplay nor aplay is installed."
    )
    playing = Playing([(1, sine(440, 0.1))], "paplay")
    playing.wait()
    assert playing.error == "Nothing can be heard: paplay is not installed."


@pytest.mark.usefixtures("zam")
def test_measuring_keeps_what_a_plugin_sounds_like(
    data_dir: Path, some_zam: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = file_device(tmp_path / "alsa", monkeypatch)
    for bundle in some_zam.iterdir():
        if bundle.stem not in ("ZamDelay", "ZamGate"):
            shutil.rmtree(bundle)
    plugins = scanned(data_dir, some_zam)
    settings = Settings()
    assert Measuring(settings, data_dir, plugins).run(lambda event: None).ok == 2
    kept = KeptSounds(data_dir)
    assert kept.size().files == 2
    assert kept.size().size < 2_000_000
    delay = next(plugin for plugin in plugins if plugin.name == "ZamDelay")
    recording = kept.get(key_of(delay))
    assert recording
    assert recording.seconds(recording.wet) > 1.2, "its echoes come after the phrase"

    answer = json.loads(run("play", "zamdelay", "--json"))
    assert [part["name"] for part in answer["parts"]] == ["without it", "ZamDelay"]
    assert answer["through"] == "aplay"
    received = arrived(file)[:, 0]
    dry = np.frombuffer(recording.dry, "<i2")[:: recording.channels]
    wet = np.frombuffer(recording.wet, "<i2")[:: recording.channels]
    assert np.array_equal(received[: len(dry)], dry)
    behind = received[len(dry) + int(GAP_S * RATE) :]
    assert np.array_equal(behind, wet[: len(behind)])
    assert len(behind) == len(np.trim_zeros(wet, "b"))

    # Two of them, one after the other.
    answer = json.loads(run("play", "zamdelay", "--against", "zamgate", "--json"))
    assert [part["name"] for part in answer["parts"]] == ["ZamDelay", "ZamGate"]

    # What is gone takes its sound along; without the setting, nothing is kept.
    shutil.rmtree(some_zam / "ZamGate.vst3")
    run("scan", "--only", str(some_zam), "--no-builtin")
    assert kept.size().files == 1
    assert json.loads(run("sounds", "--json"))["sounds"] == 1
    off = replace(settings, sound=replace(settings.sound, keep=False))
    Measuring(off, data_dir, [delay], full=True).run(lambda event: None)
    assert kept.size().files == 0, "what it sounded like before is no longer true"
    answer = json.loads(run("play", "zamdelay", "--only", "wet", "--json"))
    assert [part["name"] for part in answer["parts"]] == ["ZamDelay"]
    assert kept.size().files == 1, "it was recorded when it was played"
    assert json.loads(run("sounds", "--drop", "all", "--json"))["dropped"] == 1


@pytest.mark.usefixtures("zam")
def test_a_file_of_the_users_own_is_heard(
    data_dir: Path, some_zam: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = file_device(tmp_path / "alsa", monkeypatch)
    scanned(data_dir, some_zam, builtin=True)
    t = np.arange(44_100 // 2) / 44_100
    write_wav(tmp_path / "mine.wav", np.stack([0.3 * np.sin(2 * np.pi * 300 * t)]), 44_100)
    answer = json.loads(run("play", "builtin/pedalboard/gain", "--source", str(tmp_path / "mine.wav"), "--json"))
    assert answer["parts"][0]["seconds"] == pytest.approx(0.5, abs=0.01)
    received = arrived(file)[: RATE // 4, 0].astype(float)
    spectrum = np.abs(np.fft.rfft(received * np.hanning(len(received))))
    assert int(np.argmax(spectrum)) * 4 == 300, "in its own pitch, whatever its sample rate is"
    assert not KeptSounds(data_dir).size().files, "nothing of the user's own is kept"
    (tmp_path / "words.wav").write_text("no sound")
    assert "no sound file" in run("play", "zameq2", "--source", str(tmp_path / "words.wav"), code=1)
    assert "cannot be read" in run("play", "zameq2", "--source", str(tmp_path / "none.wav"), code=1)
    assert "There is no plugin" in run("play", "nothing", code=1)


@pytest.mark.skipif(compiler() is None, reason="needs a C compiler")
def test_what_crashes_or_is_silent_is_said_in_one_sentence(data_dir: Path, folder: Path) -> None:
    build("silent_instrument", folder)
    build("segfault_process", folder)
    plugins = scanned(data_dir, folder)
    output = []
    for plugin in plugins:
        with pytest.raises(HearError) as error:
            record(plugin, Settings())
        output.append(str(error.value))
    assert any("makes no sound" in each for each in output)
    assert any("could not be heard" in each and "SIGSEGV" in each for each in output)


def test_ctrl_c_ends_playing_at_once(data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = file_device(tmp_path / "alsa", monkeypatch)
    scanned(data_dir, tmp_path / "none", builtin=True)
    os.mkfifo(file)
    with subprocess.Popen(
        [*PROGRAM, "play", "builtin/pedalboard/reverb"], stdout=subprocess.PIPE, text=True
    ) as playing:
        assert playing.stdout is not None
        assert "without it" in playing.stdout.readline()
        playing.send_signal(signal.SIGINT)
        assert playing.wait(30) == 128 + signal.SIGINT
