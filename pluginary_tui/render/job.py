"""What runs in a process of its own: one sound file through the plugins, block by block."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from pedalboard_native.io import WriteableAudioFile

from pluginary_tui.api.values import ParameterError
from pluginary_tui.errors import PluginaryError
from pluginary_tui.render.stage import Audio, Stage
from pluginary_tui.sound.probe.sound_file import opened

if TYPE_CHECKING:
    from pluginary_tui.isolation.jobs import Send

CHUNK = 1 << 14
"""Frames that are read, processed and written at a time; a multiple of the block that plugins get."""

HELD_BACK_S = 30.0
"""Seconds of sound that plugins may hold back in all, as latency."""

_PRESET_BYTES = 64 << 20


def run(payload: dict[str, Any], send: Send) -> None:
    """Render `send.reads[0]` through `payload["steps"]` into `send.writes[0]`, in the format `payload["format"]`.

    A step's preset is one of `send.reads`. Sends `{"step", "done"}` before each block of each step, `done` being a
    share of the file or None while plugins are loaded, and at the end `{"rendered": {...}}` or `{"error": sentence}`.
    """
    try:
        send({"rendered": _render(payload, send)})
    except PluginaryError as error:
        send({"error": str(error)})
    except Exception as error:
        send({"error": f"{payload['steps'][0]['title']}: {_first_line(error)}"})


def _render(payload: dict[str, Any], send: Send) -> dict[str, Any]:
    try:
        source = opened(send.reads[0])
    except Exception:
        raise PluginaryError("The file is no sound file that pedalboard reads.") from None
    rate, channels = float(source.samplerate), int(source.num_channels)
    stages: list[Stage] = []
    notes: list[str] = []
    for position, step in enumerate(payload["steps"]):
        send({"step": position, "done": None})
        preset = _bytes(send.reads[step["preset"]]) if step["preset"] else b""
        try:
            stage = Stage(step, channels, rate, preset)
        except ParameterError as error:  # in a row two may have a parameter of that name
            raise PluginaryError(f"{step['title']}: {error}" if len(payload["steps"]) > 1 else str(error)) from None
        stages.append(stage)
        channels = stage.channels
        notes += [stage.note] if stage.note else []
    sink = _Sink(send.writes[0])
    try:
        result = _write(payload, send, source, stages, _writer(sink, payload["format"], rate, channels, source), sink)
    except OSError as error:
        raise PluginaryError(f"The file cannot be written: {sink.error or error.strerror or error}.") from None
    latency = sum(stage.latency for stage in stages)
    if latency:
        notes.append(f"{latency} samples of latency were taken off the beginning")
    if result["peak"] > 1.0 and payload["format"] not in ("wav",):
        notes.append("it is too loud for its format and clips")
    return {**result, "sample_rate": rate, "channels": channels, "latency_samples": latency, "notes": notes}


def _write(
    payload: dict[str, Any], send: Send, source: Any, stages: list[Stage], writer: Any, sink: _Sink
) -> dict[str, Any]:
    rate = float(source.samplerate)
    tail = round(payload["tail_s"] * rate)
    expected = max(1, int(source.frames) + tail)
    taken = written = 0
    peak = 0.0
    whole = any(stage.whole for stage in stages)
    spare = tail + round(rate) + sum(stage.latency for stage in stages)  # built-in effects do not say what they hold
    with writer:
        for chunk, taken, ended in _chunks(source, tail, round(HELD_BACK_S * rate), spare if whole else 0):
            audio = chunk
            for position, stage in enumerate(stages):
                send({"step": position, "done": position / len(stages) if whole else min(1.0, written / expected)})
                audio = stage.process(audio)
            left = taken + tail - written if ended else audio.shape[1]
            audio = audio[:, :left]
            written += audio.shape[1]
            if audio.size:
                peak = max(peak, float(np.abs(audio).max()))
                writer.write(audio)
            if sink.error:
                raise OSError(sink.error)
            if ended and written >= taken + tail:
                break
        else:
            raise PluginaryError(f"{stages[-1].title} gives back less sound than it gets.")
    if sink.error:
        raise OSError(sink.error)
    if not taken:
        raise PluginaryError("There is no sound in the file.")
    return {"seconds": written / rate, "peak": peak}


def _chunks(source: Any, tail: int, most: int, spare: int) -> Iterator[tuple[Audio, int, bool]]:
    """Chunks of CHUNK frames: the file, then silence for the tail and for what is held back.

    With each the frames of the file so far, and whether it has ended. With `spare` the first holds the whole file, and
    that many frames of silence.
    """
    taken = 0
    parts: list[Audio] = []
    while True:
        try:
            audio = np.asarray(source.read(CHUNK), np.float32)
        except Exception as error:
            raise PluginaryError(f"The file cannot be read to its end: {_first_line(error)}") from None
        frames = audio.shape[1] if audio.ndim == 2 else 0
        taken += frames
        if frames == CHUNK:
            if spare:
                parts.append(audio)
            else:
                yield audio, taken, False
            continue
        silence = np.zeros((int(source.num_channels), CHUNK), np.float32)
        last = silence.copy()
        if frames:
            last[:, :frames] = audio
        yield np.concatenate([*parts, last, *[silence] * -(-spare // CHUNK)], axis=1), taken, True
        for _ in range((tail + most) // CHUNK + 2):
            yield silence, taken, True
        return


def _writer(sink: Any, format_: str, rate: float, channels: int, source: Any) -> Any:
    """A file of 24 bits, or of 32 bits in floating point where the source is such and the format holds it."""
    floating = format_ == "wav" and "float" in str(source.file_dtype)
    depth = {"mp3": 16, "ogg": 16}.get(format_, 32 if floating else 24)
    if rate.is_integer():
        rate = int(rate)
    try:
        return WriteableAudioFile(sink, rate, channels, bit_depth=depth, format=format_)
    except Exception as error:
        if sink.error:
            raise OSError(sink.error) from None
        what = f"{channels} channels at {rate:g} Hz"
        raise PluginaryError(f"{format_.upper()} files cannot hold {what}: {_first_line(error)}") from None


class _Sink:
    """The file that is written, for pedalboard; `error` keeps what went wrong, which pedalboard may lose."""

    name = "out"

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self.error = ""
        self.closed = False

    def write(self, data: bytes) -> int:
        left = memoryview(data)
        try:
            while left:
                left = left[os.write(self._fd, left) :]
        except OSError as error:
            self.error = error.strerror or str(error)
            raise
        return len(data)

    def seek(self, offset: int, whence: int = 0) -> int:
        return os.lseek(self._fd, offset, whence)

    def tell(self) -> int:
        return os.lseek(self._fd, 0, os.SEEK_CUR)

    def seekable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def readable(self) -> bool:
        return False

    def flush(self) -> None:
        """Nothing is kept back."""


def _bytes(fd: int) -> bytes:
    with os.fdopen(os.dup(fd), "rb") as stream:
        stream.seek(0)
        return stream.read(_PRESET_BYTES)


def _first_line(error: Exception) -> str:
    line = str(error).strip().partition("\n")[0] or type(error).__name__
    return line if line.endswith(".") else f"{line}."
