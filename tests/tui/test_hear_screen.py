"""Hearing in the app: what plays, what is drawn meanwhile, and what ends it."""

from __future__ import annotations

import os
import wave
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from textual.pilot import Pilot

from pluginary_tui.catalogue.passports import key_of
from pluginary_tui.config import Settings
from pluginary_tui.model import Plugin
from pluginary_tui.sound.kept_sounds import KeptSounds
from pluginary_tui.sound.recording import RATE, Recording
from pluginary_tui.tui.app import PluginaryApp
from pluginary_tui.tui.sound.hear_screen import HearScreen
from pluginary_tui.tui.sound.waveform import Waveform
from tests.support.alsa import file_device, no_device
from tests.support.pilot_helpers import ready, screen_text, shows, type_query, until

APLAY = replace(Settings(), sound=replace(Settings().sound, player="aplay"))


def samples(hz: float, seconds: float) -> bytes:
    return (9000 * np.sin(2 * np.pi * hz * np.arange(int(seconds * RATE)) / RATE)).astype("<i2").tobytes()


def keep(data_dir: Path, plugins: list[Plugin]) -> None:
    for number, plugin in enumerate(plugins):
        KeptSounds(data_dir).put(
            key_of(plugin), Recording(1, samples(200, 0.2), samples(400 + 100 * number, 0.4), "half" * (number == 1))
        )


async def hear(pilot: Pilot[None], key: str = "b") -> HearScreen:
    await pilot.press(key)
    await until(pilot, lambda: isinstance(pilot.app.screen, HearScreen))
    screen = cast(HearScreen, pilot.app.screen)
    await until(pilot, lambda: screen.parts)
    return screen


@pytest.mark.parametrize("size", [(140, 45), (80, 24), (40, 12)])
async def test_a_plugin_is_played_and_drawn(
    open_app: Callable[..., PluginaryApp],
    data_dir: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    size: tuple[int, int],
) -> None:
    file = file_device(tmp_path / "alsa", monkeypatch)
    app = open_app(settings=APLAY)
    async with app.run_test(size=size) as pilot:
        browse = await ready(pilot)
        await type_query(pilot, "zam")
        rows = list(browse.list.plugins)
        keep(data_dir, rows)
        screen = await hear(pilot)
        await until(pilot, lambda: screen.playing and screen.playing.ended)
        assert screen.playing
        assert screen.playing.error == ""
        received = np.frombuffer(file.read_bytes(), "<i2").reshape(-1, 2)
        assert np.count_nonzero(received) > 2 * 0.5 * RATE
        text = "\n".join(screen_text(pilot))
        assert "█" in text
        assert "without it" in text
        assert rows[0].name in text
        if size[0] > 40:
            assert "through aplay" in text

        await pilot.press("down")  # the next plugin of the list, at once
        await until(pilot, lambda: screen.plugins[0].name == rows[1].name and screen.parts)
        await until(pilot, lambda: screen.playing and screen.playing.ended)
        assert size[0] == 40 or shows(pilot, " half")
        await pilot.press("left")
        assert screen.playing.seconds == pytest.approx(0.2), "the first alone"
        await pilot.press("right")
        assert screen.playing.seconds == pytest.approx(0.4), "the second alone"
        await pilot.press("escape")
        assert browse.plugin is not None
        assert browse.plugin.name == rows[1].name, "the list has gone along"


async def test_what_plays_ends_with_a_key_with_another_sound_and_on_leaving(
    open_app: Callable[..., PluginaryApp], data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = file_device(tmp_path / "alsa", monkeypatch)
    os.mkfifo(file)  # a device that never takes anything
    app = open_app(settings=APLAY)
    async with app.run_test(size=(120, 40)) as pilot:
        browse = await ready(pilot)
        await type_query(pilot, "zam")
        keep(data_dir, list(browse.list.plugins))
        screen = await hear(pilot)
        first = screen.playing
        assert first
        assert not first.ended
        await pilot.press("space")
        assert first.ended
        assert first._process.returncode is not None
        await pilot.press("space")
        second = screen.playing
        assert second
        assert second is not first
        assert not second.ended
        await pilot.press("right")
        assert second.ended, "one sound at a time"
        third = screen.playing
        assert third
        assert not third.ended
        await pilot.press("escape")
        await pilot.pause()
        assert third.ended
        fourth = (await hear(pilot)).playing
        assert fourth
        assert not fourth.ended
    assert fourth.ended, "it ends with the app"


async def test_two_plugins_are_heard_one_after_the_other(
    open_app: Callable[..., PluginaryApp], data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_device(tmp_path / "alsa", monkeypatch)
    app = open_app(settings=APLAY)
    async with app.run_test(size=(120, 40)) as pilot:
        browse = await ready(pilot)
        await type_query(pilot, "zam")
        rows = list(browse.list.plugins)
        keep(data_dir, rows)
        await pilot.press("X")
        assert any(note.message.startswith("Mark one plugin with space") for note in app._notifications)
        await pilot.press("space", "g")
        browse.list.cursor = 1 if browse.plugin and browse.plugin.name == rows[0].name else 0
        screen = await hear(pilot, "X")
        assert {part.name for part in screen.parts} == {rows[0].name, rows[1].name}
        assert [plugin.name for plugin in screen.plugins][-1] == browse.plugin.name if browse.plugin else False
        await pilot.press("down")
        assert len(screen.plugins) == 2, "there is no next one of two"


async def test_without_a_device_one_sentence_is_shown(
    open_app: Callable[..., PluginaryApp], data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_device(tmp_path / "alsa", monkeypatch)
    app = open_app()
    async with app.run_test(size=(120, 40)) as pilot:
        browse = await ready(pilot)
        await type_query(pilot, "zam")
        keep(data_dir, list(browse.list.plugins))
        screen = await hear(pilot)
        await until(pilot, lambda: screen.playing and screen.playing.ended)
        await until(pilot, lambda: shows(pilot, "Nothing can be heard: pedalboard sees no audio device"))
        await pilot.press("escape", "j")  # and all goes on
        assert app.screen is browse


async def test_a_file_of_the_users_own_is_asked_for(
    open_app: Callable[..., PluginaryApp], data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_device(tmp_path / "alsa", monkeypatch)
    with wave.open(str(tmp_path / "mine.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples(300, 0.3))
    app = open_app(settings=APLAY)
    async with app.run_test(size=(120, 40)) as pilot:
        browse = await ready(pilot)
        await type_query(pilot, "zam")
        keep(data_dir, list(browse.list.plugins))
        screen = await hear(pilot)
        await pilot.press("o")
        app.screen.query_one("#answer").value = str(tmp_path / "nowhere.wav")  # type: ignore[attr-defined]
        await pilot.press("enter")
        await until(pilot, lambda: shows(pilot, "There is no file"))
        app.screen.query_one("#answer").value = str(tmp_path / "mine.wav")  # type: ignore[attr-defined]
        await pilot.press("enter")
        # The sample catalogue's plugins are not on this disk, so loading one says why it cannot be heard.
        await until(pilot, lambda: app.screen is screen and not screen.parts and "Loading" not in screen._says)
        assert app.session.hear_source == tmp_path / "mine.wav"
        assert screen._says
        await pilot.press("o")
        app.screen.query_one("#answer").value = ""  # type: ignore[attr-defined]
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is screen and screen.parts)
        assert screen.parts[0].name == "without it", "the own sound again"


def test_pictures_fit_and_show_how_far_it_is() -> None:
    parts = [np.full(2 * RATE, 8000, "<i2").tobytes(), np.full(4 * RATE, 32000, "<i2").tobytes()]
    for width in (1, 7, 40, 200):
        picture = Waveform(parts, width, 5)
        for position in (0.0, 1.0, 2.9, 9.0):
            for plain in (False, True):
                lines = list(picture.lines(position, plain))
                assert len(lines) == 5
                for line in lines:
                    assert sum(len(text) for text, _ in line) <= width
                    assert not plain or all(text.isascii() for text, _ in line)
    picture = Waveform(parts, 65, 5)
    looks = {look for line in picture.lines(0.0, True) for text, look in line if text.strip()}
    assert looks == {"quiet"}
    looks = {look for line in picture.lines(99.0, True) for text, look in line if text.strip()}
    assert looks == {"curve", "second"}
    assert sum(len(text) for text, _ in picture.titles(["a" * 90, "b"], 65, "~")) <= 65
