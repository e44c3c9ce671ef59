"""What a plugin sounds like, as samples: without it and with it. A WAV file holds both, one after the other."""

from __future__ import annotations

import array
import base64
import binascii
import itertools
import json
import struct
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pluginary_tui.model import clean

RATE = 48_000
"""Sample rate of all recordings, Hz."""

MOST_BYTES = 1_000_000
"""Most bytes that a recording which is kept takes on the disk."""

_MARK = b"plgn"
"""A chunk of our own: players pass over chunks that they do not know."""

_FULL = 32767


@dataclass(slots=True, frozen=True)
class Recording:
    """16-bit samples at RATE, little-endian, the channels interleaved."""

    channels: int
    dry: bytes
    """What went in; empty for an instrument."""
    wet: bytes
    """What came out, as loud as what went in."""
    setting: str = ""
    """The setting of the passport that was recorded; empty for what the plugin starts with."""

    @property
    def frame(self) -> int:
        """Bytes of one sample of all channels."""
        return 2 * self.channels

    def seconds(self, part: bytes) -> float:
        """How long `dry` or `wet` lasts."""
        return len(part) / self.frame / RATE


def recording_from(message: Mapping[str, Any]) -> Recording | None:
    """A recording from the message of a process that may lie; None where it is none."""
    try:
        channels = message["channels"]
        dry, wet = (base64.b64decode(message[part], validate=True) for part in ("dry", "wet"))
    except (KeyError, TypeError, ValueError, binascii.Error):
        return None
    if channels not in (1, 2):
        return None
    frame = 2 * (channels := int(channels))
    if not wet or len(dry) % frame or len(wet) % frame:
        return None
    return Recording(channels, dry, wet, clean(message.get("setting", "")))


def to_wav(recording: Recording, limit: int = MOST_BYTES) -> bytes:
    """A WAV file of a recording, its end cut off where it would be larger than `limit` bytes."""
    frame = recording.frame
    note = json.dumps({"dry": len(recording.dry) // frame, "setting": recording.setting}).encode()
    note += b" " * (len(note) % 2)
    samples = recording.dry + recording.wet
    head = struct.pack("<HHIIHH", 1, recording.channels, RATE, RATE * frame, frame, 16)
    before = b"WAVE" + _chunk(b"fmt ", head) + _chunk(_MARK, note)
    room = (limit - len(before) - 16) // frame * frame
    samples = samples[:room]
    body = before + _chunk(b"data", samples)
    return _chunk(b"RIFF", body)


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data


def from_wav(data: bytes) -> Recording | None:
    """A recording from a file that `to_wav` has made; None for anything else."""
    chunks: dict[bytes, bytes] = {}
    at = 12
    while data[:4] == b"RIFF" and data[8:12] == b"WAVE" and at + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, at)
        chunks.setdefault(name, data[at + 8 : at + 8 + size])
        at += 8 + size
    try:
        _, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", chunks[b"fmt "])
        note = json.loads(chunks[_MARK])
        dry, setting, samples = int(note["dry"]), str(note["setting"]), chunks[b"data"]
    except (KeyError, ValueError, TypeError, struct.error):
        return None
    frame = 2 * channels
    if channels not in (1, 2) or rate != RATE or bits != 16 or not 0 <= dry * frame <= len(samples):
        return None
    samples = samples[: len(samples) // frame * frame]
    return Recording(channels, samples[: dry * frame], samples[dry * frame :], setting)


def peaks(samples: bytes, columns: int) -> list[float]:
    """The greatest amplitude (0 to 1) in each of so many equal parts of some samples."""
    numbers = _numbers(samples)
    if not numbers or columns < 1:
        return [0.0] * max(0, columns)
    ends = [len(numbers) * n // columns for n in range(columns + 1)]
    parts = (numbers[start:end] for start, end in itertools.pairwise(ends))
    return [min(1.0, max(max(part), -min(part)) / _FULL) if part else 0.0 for part in parts]


def _numbers(samples: bytes) -> Sequence[int]:
    numbers = array.array("h")
    numbers.frombytes(samples[: len(samples) // 2 * 2])
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
