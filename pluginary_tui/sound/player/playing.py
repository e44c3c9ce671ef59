"""Starts the process that plays, follows it, and ends it at once, whatever its audio device does."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Sequence

from pluginary_tui.config.table import PLAYERS
from pluginary_tui.model import clean
from pluginary_tui.sound.recording import RATE

GAP_S = 0.25
"""Silence between two parts."""

LATE_S = 10.0
"""A device that has taken so much longer than the sound lasts will never take it."""

_CODE = (
    "import sys; players, *sys.path[:] = sys.argv[1:];"
    " from pluginary_tui.sound.player.device import main; main(players.split(','))"
)

Part = tuple[int, bytes]
"""Channels, and 16-bit samples at RATE with the channels interleaved."""


class Playing:
    """Some parts that are being played one after the other. OSError where the process cannot be started.

    Nothing here waits for an audio device. The process ends with this one: it watches its standard input.
    """

    def __init__(self, parts: Sequence[Part], player: str = "auto") -> None:
        """`player`: the setting sound.player."""
        self.parts = [joined(*part) for part in parts]
        """Stereo samples of each part."""
        self.error = ""
        """One sentence; empty where nothing went wrong."""
        self.through = ""
        """What plays it: `pedalboard` or the name of a program; empty where nothing has begun."""
        self.ended = False
        self._began: float | None = None
        self._heard: float | None = None
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        silence = b"\0" * (4 * int(GAP_S * RATE))
        samples = silence.join(self.parts)
        self.seconds = len(samples) / 4 / RATE
        self._given_up = time.monotonic() + self.seconds + LATE_S
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-P",
                "-c",
                _CODE,
                ",".join(PLAYERS if player == "auto" else [player]),
                *map(os.path.abspath, sys.path),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        assert self._process.stdin is not None and self._process.stdout is not None
        data = struct.pack("<I", len(samples)) + samples
        self._feeding = threading.Thread(target=self._feed, args=(data,), name="play", daemon=True)
        self._reading = threading.Thread(target=self._listen, name="playing", daemon=True)
        self._feeding.start()
        self._reading.start()

    @property
    def position(self) -> float:
        """Seconds that have been heard; 0 before it has begun, at most `seconds`; where it has ended, until then."""
        if self._heard is not None:
            return self._heard
        return 0.0 if self._began is None else min(self.seconds, time.monotonic() - self._began)

    def starts(self) -> list[float]:
        """When each part begins, seconds."""
        found, at = [], 0.0
        for part in self.parts:
            found.append(at)
            at += len(part) / 4 / RATE + GAP_S
        return found

    def poll(self) -> bool:
        """Take in what has happened. Returns whether it goes on."""
        if self.ended:
            return False
        self._read()
        if self.ended:
            return False
        if self._process.poll() is not None:
            self._reading.join(1)
            self._read()
            if not self.ended:
                self._end("Nothing can be heard: the process that plays ended early.")
        elif time.monotonic() > self._given_up:
            self._end("Nothing can be heard: the audio device does not take the sound.")
        return not self.ended

    def stop(self) -> None:
        """End it at once."""
        self._end("")

    def wait(self, interval_s: float = 0.02) -> None:
        """Follow it to its end."""
        while self.poll():
            time.sleep(interval_s)

    def _feed(self, data: bytes) -> None:
        """Pass the samples on, in a thread: a pipe holds little. It ends with the process that reads them."""
        assert self._process.stdin is not None
        left = memoryview(data)
        with contextlib.suppress(OSError):
            while left:
                left = left[os.write(self._process.stdin.fileno(), left) :]

    def _listen(self) -> None:
        """Take what the process says, in a thread: not every system reads a pipe without waiting."""
        assert self._process.stdout is not None
        with contextlib.suppress(OSError, ValueError):  # closed meanwhile
            for line in self._process.stdout:
                self._lines.put(line)

    def _read(self) -> None:
        while not self._lines.empty():
            try:
                message = json.loads(self._lines.get_nowait())
            except ValueError:  # a line of an audio library that prints where this process answers
                continue
            match message:
                case {"through": str(name)}:
                    self.through, self._began = name, time.monotonic()
                case {"error": str(text)}:
                    self._end(clean(text, 400))
                case {"done": True}:
                    self._heard = self.seconds
                    self._end("")

    def _end(self, error: str) -> None:
        if self.ended:
            return
        self._heard = 0.0 if error else self.position
        self.ended, self.error = True, error
        for end in (os.killpg, os.kill) if hasattr(os, "killpg") else (os.kill,):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                end(self._process.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
        for thread in (self._feeding, self._reading):
            thread.join(1)
        for stream in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                if stream is not None:
                    stream.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(1)


def joined(channels: int, samples: bytes) -> bytes:
    """Samples of one channel on both sides; those of two as they are."""
    if channels == 2:
        return samples
    import array

    one = array.array("h")
    one.frombytes(samples[: len(samples) // 2 * 2])
    both = array.array("h", bytes(4 * len(one)))
    both[::2] = both[1::2] = one
    return both.tobytes()
