"""Things to measure with known answers: functions of sound, and pedalboard's own effects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pluginary_tui.sound.parameter_settings import seeded_position
from pluginary_tui.sound.passport import Passport
from pluginary_tui.sound.probe.output_monitor import Audio
from pluginary_tui.sound.probe.passport_builder import measure


class Fixed:
    """A subject with nothing to turn."""

    instrument = False
    layouts = ("stereo", "mono")

    def __init__(
        self, process: Callable[[Audio, int], Audio], *, channels: int = 1, latency: int | None = None
    ) -> None:
        self.channels = channels
        self.latency = latency
        self._process = process

    def process(self, audio: Audio, block: int) -> Audio:
        return np.asarray(self._process(audio, block), np.float32)

    def play(self, note: int, held_s: float, left_s: float) -> Audio:
        raise AssertionError("nobody plays an effect")

    def apply_setting(self, seed: int, setting: int) -> dict[str, str]:
        return {}


class Synth(Fixed):
    """Plays notes by a function of pitch (Hz), seconds held and left."""

    instrument = True

    def __init__(self, sound: Callable[[float, float, float], Audio]) -> None:
        super().__init__(lambda audio, block: audio, channels=2)
        self._sound = sound

    def play(self, note: int, held_s: float, left_s: float) -> Audio:
        return np.tile(self._sound(440 * 2 ** ((note - 69) / 12), held_s, left_s).astype(np.float32), (2, 1))


class Turned(Fixed):
    """An effect with parameters: a function of audio and their positions (0 to 1), by name."""

    def __init__(
        self, process: Callable[[Audio, dict[str, float]], Audio], start: dict[str, float], *, channels: int = 1
    ) -> None:
        super().__init__(lambda audio, block: process(audio, self.places), channels=channels)
        self.start = start
        self.places = dict(start)

    @property
    def knobs(self) -> list[tuple[str, float, int]]:
        return [(name, place, 0) for name, place in self.start.items()]

    def turn(self, positions: dict[int, float]) -> dict[str, str]:
        names = list(self.start)
        turned = {names[index]: place for index, place in positions.items()}
        self.places = self.start | turned
        return {name: f"{place:.2f}" for name, place in turned.items()}

    def apply_setting(self, seed: int, setting: int) -> dict[str, str]:
        if not setting:
            return self.turn({})
        return self.turn({n: seeded_position(seed, setting, name) for n, name in enumerate(self.start)})


def passport(process: Callable[[Audio, int], Audio], **options: Any) -> Passport:
    """The passport of a function of (channels of samples, size of buffer)."""
    return measure(Fixed(process, **options), 0)


def builtin(name: str, **arguments: Any) -> Passport:
    """The passport of one of pedalboard's effects, set as said."""
    import pedalboard_native

    effect = getattr(pedalboard_native, name)(**arguments)
    return passport(lambda audio, block: effect.process(audio, 48_000, buffer_size=block, reset=True))


def value(passport_: Passport, name: str) -> float:
    return passport_.figures[name].value


def verdicts(passport_: Passport) -> set[str]:
    return {verdict.name for verdict in passport_.verdicts}
