"""Records what a plugin does to a phrase, as loud as the phrase. For measuring processes only."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from pluginary_tui.sound.behaviour import IDENTITY_DB
from pluginary_tui.sound.dsp.loudness import SILENT, loudness
from pluginary_tui.sound.dsp.phrase import NOTES, NOTES_S, phrase
from pluginary_tui.sound.dsp.test_signals import BLOCK, RATE, Wave
from pluginary_tui.sound.passport import DEFAULT, Setting
from pluginary_tui.sound.probe.output_monitor import Audio

LEFT_S = 2.75
"""Longest time that is kept of what follows the phrase."""

_QUIET = 10 ** (-60 / 20)
"""What stays below this part of the peak at the end is left out."""

_FADE = RATE // 50
_MOST_DB = 40.0
_PEAK = 0.9
_INSTRUMENT_LUFS = -20.0


class Playable(Protocol):
    """A plugin that can be recorded."""

    instrument: bool
    channels: int

    def process(self, audio: Audio, block: int, /) -> Audio:
        """Render audio of shape (channels, samples) after a reset, `block` samples at a time."""

    def play_notes(self, notes: Sequence[tuple[int, float, float]], length_s: float, /) -> Audio:
        """Play notes (MIDI number, start and length in seconds): (channels, samples)."""


class Recorder:
    """Keeps the setting that shows most: what a plugin starts with, or where it idles then, a stronger one."""

    def __init__(self, subject: Playable, on_stage: Callable[[str], None] = lambda stage: None) -> None:
        """`on_stage` is called before each rendering."""
        self._subject, self._on_stage = subject, on_stage
        self.message: dict[str, Any] | None = None
        """The recording as `recording_from` reads it; None where nothing can be heard."""
        self._idle = False

    def __call__(self, setting: Setting) -> None:
        """Record the present setting of the subject, where it is the one to keep."""
        if setting.label == DEFAULT:
            self._idle = setting.features.get("null", 0.0) < IDENTITY_DB
        elif not self._idle or setting.label not in ("strong", "half"):
            return
        self._on_stage(f"{setting.label}: phrase")
        label = "" if setting.label == DEFAULT else setting.label
        self.message = record(self._subject, setting=label) or self.message


def record(subject: Playable, source: Wave | None = None, setting: str = "") -> dict[str, Any] | None:
    """What the subject makes of `source` (2, samples), or of the phrase, or of notes: a message, None for silence."""
    if subject.instrument:
        dry = np.zeros((subject.channels, 0))
        wet = _finite(subject.play_notes(NOTES, NOTES_S))
        aim = _INSTRUMENT_LUFS
    else:
        whole = phrase() if source is None else source
        dry = whole if subject.channels == 2 else whole.mean(axis=0, keepdims=True)
        audio = np.pad(dry, ((0, 0), (0, int(LEFT_S * RATE)))).astype(np.float32)
        wet = _finite(subject.process(np.ascontiguousarray(audio), BLOCK))
        aim = loudness(dry)
    if wet is None or not np.any(wet):
        return None
    wet = _without_end(wet, dry.shape[1])
    if (loud := loudness(wet)) <= SILENT:
        return None
    gain = 10 ** (float(np.clip(aim - loud, -_MOST_DB, _MOST_DB)) / 20)
    wet = wet * min(gain, _PEAK / float(np.max(np.abs(wet))))
    return {"channels": int(wet.shape[0]), "dry": _packed(dry), "wet": _packed(wet), "setting": setting}


def _finite(output: Audio) -> Wave | None:
    wave = np.atleast_2d(output).astype(np.float64)[:2]
    return wave if np.isfinite(wave).all() else None


def _without_end(wave: Wave, least: int) -> Wave:
    """The sound without the silence at its end, faded out; `least` samples at least."""
    size = np.max(np.abs(wave), axis=0)
    last = int(np.flatnonzero(size > _QUIET * float(np.max(size)))[-1]) + RATE // 20
    wave = wave[:, : max(least, last)].copy()
    fade = min(_FADE, wave.shape[1])
    wave[:, -fade:] *= np.linspace(1, 0, fade)
    return wave


def _packed(wave: Wave) -> str:
    """Samples as 16 bits, interleaved, in base 64."""
    samples = np.clip(np.rint(wave.T * 32767), -32768, 32767).astype("<i2")
    return base64.b64encode(samples.tobytes()).decode()
