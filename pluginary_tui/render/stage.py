"""A plugin in a row, loaded and set up for a number of channels. Runs only in a process of its own."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import numpy.typing as npt

from pluginary_tui.api.plugin import builtin_effect
from pluginary_tui.api.values import ParameterError, set_values
from pluginary_tui.errors import PluginaryError
from pluginary_tui.formatting import counted
from pluginary_tui.render.plan import WHOLE
from pluginary_tui.scan.readers.pedalboard_loading import load

Audio = npt.NDArray[np.float32]
"""Of shape (channels, frames)."""

BLOCK = 512
"""Frames that a plugin gets at a time, as in a DAW."""

_SETTLING = 16
"""Blocks of silence before the first sound: many plugins glide to values that have just been set."""


class Stage:
    """One plugin, or one for each channel where it takes a single one."""

    def __init__(self, step: dict[str, Any], channels: int, rate: float, preset: bytes) -> None:
        """Load it for sound of `channels` channels. Raises PluginaryError, one sentence."""
        self.title = str(step["title"])
        self.note = ""
        """How channels are passed where the plugin does not take them as they are."""
        self.channels = channels
        self.whole = step["format"] == "builtin" and step["name"] in WHOLE
        """Whether `process` is to be called once, with all there is."""
        self._rate = rate
        self._step, self._preset = step, preset
        first = self._load()
        self._plugins = [first]
        self._held = np.zeros((channels, 0), np.float32)
        """Input that does not fill a block yet: with smaller blocks pedalboard might prepare a plugin anew."""
        self._doubled = False
        reason = self._refusal(first, channels)
        if reason and channels == 1 and not self._refusal(first, 2):
            self.channels, self._doubled = 2, True
            self.note = f"{self.title} takes stereo only, so it gets the one channel on both sides"
        elif reason and channels > 1 and not self._refusal(first, 1):
            self._plugins += [self._load() for _ in range(channels - 1)]
            self.note = f"{self.title} takes one channel only, so each channel goes through one of its own"
            for plugin in self._plugins[1:]:
                self._refusal(plugin, 1)
        elif reason:
            raise PluginaryError(f"{self.title} takes no sound of {counted(channels, 'channel')}{_expected(reason)}.")
        for plugin in self._plugins:
            self._settle(plugin)

    @property
    def latency(self) -> int:
        """Reported latency in samples, which pedalboard takes off the beginning of the output."""
        return int(getattr(self._plugins[0], "reported_latency_samples", 0))

    def process(self, audio: Audio) -> Audio:
        """The next output for the next input; less than that at first, where the plugin has latency."""
        audio = np.concatenate([self._held, audio], axis=1)
        whole = audio.shape[1] // BLOCK * BLOCK
        audio, self._held = audio[:, :whole], audio[:, whole:].copy()
        if not whole:
            return np.zeros((self.channels, 0), np.float32)
        if self._doubled:
            audio = np.repeat(audio, 2, axis=0)
        if len(self._plugins) == 1:
            out = self._processed(self._plugins[0], audio)
        else:
            parts = [self._processed(plugin, audio[at : at + 1]) for at, plugin in enumerate(self._plugins)]
            out = np.concatenate([part[:, : min(each.shape[1] for each in parts)] for part in parts])
        if not np.isfinite(out).all():
            raise PluginaryError(f"{self.title} gives back values that are no numbers (NaN or infinite).")
        return out

    def _processed(self, plugin: Any, audio: Audio) -> Audio:
        sound = np.ascontiguousarray(audio, np.float32)
        try:
            return np.asarray(plugin.process(sound, self._rate, buffer_size=BLOCK, reset=self.whole), np.float32)
        except Exception as error:
            raise PluginaryError(f"{self.title} fails while it processes sound: {_line(error)}") from None

    def _load(self) -> Any:
        step = self._step
        values = {**step["program"], **step["values"]}
        if step["format"] == "builtin":
            return builtin_effect(step["name"], values)
        try:
            plugin = load(step["path"], step["format"], step["name_in_file"] or None)
        except Exception as error:
            raise PluginaryError(f"Pedalboard does not load {self.title}: {_line(error)}") from None
        if plugin.is_instrument:
            raise PluginaryError(f"{self.title} is an instrument: it plays notes and takes no sound file.")
        if self._preset:
            try:
                plugin.preset_data = self._preset
            except Exception as error:
                raise PluginaryError(f"{self.title} does not take this preset: {_line(error)}") from None
        self._set_values(plugin)
        return plugin

    def _set_values(self, plugin: Any) -> None:
        for values in (self._step["program"], self._step["values"]):
            if values:
                set_values(self.title, plugin._parameters, values)

    def _refusal(self, plugin: Any, channels: int) -> str:
        """Why a plugin does not take sound of this many channels; empty where it does."""
        silence = np.zeros((channels, _SETTLING * BLOCK), np.float32)
        try:
            plugin.process(silence, self._rate, buffer_size=BLOCK, reset=True)
        except ValueError as error:
            return _line(error)
        return ""

    def _settle(self, plugin: Any) -> None:
        """Forget the silence. Pedalboard may load a plugin anew for that, so values are set again."""
        plugin.reset()
        if self._step["format"] != "builtin":
            self._set_values(plugin)


def _expected(refusal: str) -> str:
    """The channels that a plugin takes, from what pedalboard says where it does not take others; empty if unknown."""
    found = re.search(r"expects (\d+) input channels? and (\d+) output", refusal)
    return f": it has {found[1]} in and {found[2]} out" if found else ""


def _line(error: Exception) -> str:
    if isinstance(error, ParameterError):
        return str(error)
    line = str(error).strip().partition("\n")[0] or type(error).__name__
    return line if line.endswith(".") else f"{line}."
