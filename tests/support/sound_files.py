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
