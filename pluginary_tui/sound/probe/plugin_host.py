"""Loads a plugin through pedalboard, sets its parameters and renders it. For measuring processes only."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pedalboard_native

from pluginary_tui.scan.file_access import named_like_its_binary
from pluginary_tui.scan.readers.pedalboard_loading import load, prepare
from pluginary_tui.sound import parameter_settings
from pluginary_tui.sound.dsp.test_signals import BLOCK, RATE
from pluginary_tui.sound.probe.output_monitor import Audio

CONTINUOUS_STEPS = 0x7FFFFFFF
"""Number of steps that JUCE gives for a continuous parameter."""


class UnmeasurableError(ValueError):
    """A plugin cannot be measured; the text says why."""


class HostedPlugin:
    """One loaded plugin. The constructor raises what pedalboard raises."""

    def __init__(self, path: str, format_: str, name: str, name_in_file: str = "") -> None:
        self.name = name
        self.builtin = format_ == "builtin"
        prepare()
        if self.builtin:
            if name not in parameter_settings.BUILTIN:
                raise UnmeasurableError("It sounds like what it is given to work with, so there is nothing to measure")
            self.plugin: Any = self._build(0, 0)[0]
        else:
            self._load = partial(load, named_like_its_binary(path), format_, name_in_file or None)
            self.plugin = self._load()
        self._before: list[Any] = []
        self.instrument = not self.builtin and bool(self.plugin.is_instrument)
        self.channels = 2
        self.layouts = self._played_layouts() if self.instrument else self._layouts()
        self._initial = {index: _raw(parameter) for index, parameter in self._turnable()}
        self._knobs = self._find_knobs()
        self._dry = self._find_dry()

    @property
    def latency(self) -> int | None:
        """Reported latency in samples; None where the plugin reports none."""
        if self.builtin:
            return None
        try:
            return int(self.plugin.reported_latency_samples)
        except Exception:
            return None

    def process(self, audio: Audio, block: int = BLOCK) -> Audio:
        """Render audio of shape (channels, samples) after a reset, `block` samples at a time."""
        return np.asarray(self.plugin.process(audio, RATE, buffer_size=block, reset=True), np.float32)

    def process_at(self, audio: Audio, rate: float, block: int, *, reset: bool = True) -> Audio:
        """The same at another sample rate, or without the reset."""
        return np.asarray(self.plugin.process(audio, rate, buffer_size=block, reset=reset), np.float32)

    def begin_anew(self) -> None:
        """Go on with another instance of it, as a host that opens a project. Raises what pedalboard raises."""
        if not self.builtin:
            self._before.append(self.plugin)  # one that crashes when it is unloaded shall not do so now
            self.plugin = self._load()

    @property
    def can_be_saved(self) -> bool:
        """Whether it has a state that pedalboard gives."""
        return not self.builtin and hasattr(self.plugin, "raw_state")

    def save(self) -> bytes:
        """Its state."""
        return bytes(self.plugin.raw_state)

    def restore(self, state: bytes) -> None:
        """Put it into a state."""
        self.plugin.raw_state = state

    def play(self, note: int, held_s: float, left_s: float) -> Audio:
        """Play a note (MIDI number) for `held_s` seconds and its release for `left_s`: (channels, samples)."""
        return self.play_notes([(note, 0.0, held_s)], held_s + left_s)

    def play_notes(self, notes: Sequence[tuple[int, float, float]], length_s: float) -> Audio:
        """Play notes (MIDI number, start and length in seconds): (channels, samples)."""
        messages = [(bytes([0x90, note, 100]), start) for note, start, _ in notes]
        messages += [(bytes([0x80, note, 0]), start + held) for note, start, held in notes]
        return np.asarray(
            self.plugin.process(
                sorted(messages, key=lambda message: message[1]),
                duration=length_s,
                sample_rate=RATE,
                num_channels=self.channels,
                buffer_size=BLOCK,
                reset=True,
            ),
            np.float32,
        )

    def apply_setting(self, seed: int, setting: int) -> dict[str, str]:
        """Apply the default (0) or a seeded setting. Returns the changed parameters with their values as text."""
        if self.builtin:
            self.plugin, turned = self._build(seed, setting)
            return turned
        turned = {}
        # Read again each time: a reset may make pedalboard reload the plugin and replace its parameters.
        parameters = self.plugin._parameters
        for index, initial in self._initial.items():
            parameter = parameters[index]
            with contextlib.suppress(Exception):  # a parameter that refuses keeps its value
                name = parameter.name
                value = initial
                if setting:
                    steps = int(parameter.num_steps)
                    value = parameter_settings.seeded_position(
                        seed, setting, name, 0 if steps >= CONTINUOUS_STEPS else steps
                    )
                parameter.raw_value = value
                if setting:
                    turned[name] = str(parameter.get_text_for_raw_value(value))
        for index, initial, place in self._dry:
            with contextlib.suppress(Exception):
                value = place if turned else initial
                parameters[index].raw_value = value
                if turned:
                    turned[str(parameters[index].name)] = str(parameters[index].get_text_for_raw_value(value))
        return turned

    @property
    def knobs(self) -> list[tuple[str, float, int]]:
        """Name, initial position (0 to 1; -1 where unknown) and number of steps (0: continuous) of its parameters."""
        return [knob[1:] for knob in self._knobs]

    def turn(self, positions: Mapping[int, float]) -> dict[str, str]:
        """Put the knobs of these indices to these positions and all others to where they started.

        Returns the turned parameters with their values as text.
        """
        if self.builtin:
            chosen = {self._knobs[index][1]: position for index, position in positions.items()}
            arguments = parameter_settings.builtin_at(self.name, chosen)
            self.plugin, turned = self._make(arguments)
            return turned
        turned = {}
        parameters = self.plugin._parameters
        for number, (index, name, initial, _) in enumerate(self._knobs):
            with contextlib.suppress(Exception):  # a parameter that refuses keeps its value
                parameter = parameters[int(index)]
                value = positions.get(number, initial)
                if abs(float(parameter.raw_value) - value) > 1e-6:
                    parameter.raw_value = value
                if number in positions:
                    turned[name] = str(parameter.get_text_for_raw_value(value))
        return turned

    def _find_knobs(self) -> list[tuple[int, str, float, int]]:
        if self.instrument:
            return []
        if self.builtin:
            names = parameter_settings.BUILTIN[self.name]
            return [
                (number, name, -1.0, len(choice) if isinstance(choice, tuple) else 0)
                for number, (name, choice) in enumerate(names.items())
            ]
        found = []
        for index, parameter in enumerate(self.plugin._parameters):
            with contextlib.suppress(Exception):  # a name that is no text
                name, steps = str(parameter.name), int(parameter.num_steps)
                if parameter_settings.is_knob(name, bool(parameter.is_automatable)):
                    found.append((index, name, _raw(parameter), 0 if steps >= CONTINUOUS_STEPS else steps))
        return found

    def _find_dry(self) -> list[tuple[int, float, float]]:
        """Parameters that keep the effect from being heard as it starts, with that position and one that does not."""
        if self.builtin:
            return []
        each = ((int(i), start, parameter_settings.opened(name, start)) for i, name, start, _ in self._knobs)
        return [(i, start, place) for i, start, place in each if place is not None and i not in self._initial]

    def _played_layouts(self) -> tuple[str, ...]:
        """The layouts that an instrument plays in; it is measured in the first of them."""
        refusal = ""
        for layout, channels in (("stereo", 2), ("mono", 1)):
            self.channels = channels
            try:
                self.play(60, 0.01, 0.01)
            except ValueError as error:
                refusal = refusal or str(error)
                continue
            return (layout,)
        raise UnmeasurableError(refusal)

    def _build(self, seed: int, setting: int) -> tuple[Any, dict[str, str]]:
        return self._make(parameter_settings.builtin(self.name, seed, setting))

    def _make(self, given: Mapping[str, float | str]) -> tuple[Any, dict[str, str]]:
        cls = getattr(pedalboard_native, self.name)
        arguments: dict[str, Any] = dict(given)
        turned = {k: v if isinstance(v, str) else f"{v:.4g}" for k, v in arguments.items()}
        if "mode" in arguments:
            arguments["mode"] = getattr(cls.Mode, arguments["mode"])
        return cls(**arguments), turned

    def _turnable(self) -> list[tuple[int, Any]]:
        if self.builtin:
            return []
        found = []
        for index, parameter in enumerate(self.plugin._parameters):
            with contextlib.suppress(Exception):  # a name that is no text
                if parameter_settings.is_sound_parameter(parameter.name, bool(parameter.is_automatable)):
                    found.append((index, parameter))
        return found

    def _layouts(self) -> tuple[str, ...]:
        """The channel layouts that it accepts; it is measured with the first of them."""
        taken: list[str] = []
        refusal = ""
        for layout, channels in (("stereo", 2), ("mono", 1)):
            try:
                self.plugin.process(np.zeros((channels, BLOCK), np.float32), RATE, buffer_size=BLOCK, reset=True)
            except ValueError as error:
                refusal = refusal or str(error)
                continue
            if not taken:
                self.channels = channels
            taken.append(layout)
        if not taken:
            raise UnmeasurableError(refusal)
        return tuple(taken)


def _raw(parameter: Any) -> float:
    try:
        return float(parameter.raw_value)
    except Exception:
        return 0.0
