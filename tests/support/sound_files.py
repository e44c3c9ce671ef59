"""Files of sound that tests make and read."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Any

import numpy as np


def write_wav(path: Path, sound: np.ndarray[Any, Any], rate: int = 48000) -> None:
    """Write samples of shape (channels, frames), -1 to 1, as 16 bits."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(sound.shape[0])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.clip(sound.T, -1, 1) * 32767).astype("<i2").tobytes())


def sine(seconds: float = 1.0, rate: int = 48000) -> np.ndarray[Any, Any]:
    """A tone of 440 Hz with a peak of -6 dB, shape (1, frames)."""
    return 0.5 * np.sin(2 * np.pi * 440 * np.arange(round(seconds * rate)) / rate)[None]


def peak(path: Path) -> float:
    """The largest sample of a file of 16 or 24 bits, 0 to 1."""
    with wave.open(str(path), "rb") as file:
        width = file.getsampwidth()
        data = np.frombuffer(file.readframes(file.getnframes()), np.uint8).reshape(-1, width)
    wide = np.zeros((len(data), 4), np.uint8)
    wide[:, 4 - width :] = data
    return float(np.abs(wide.view("<i4").astype(np.float64)).max() / 2**31)
