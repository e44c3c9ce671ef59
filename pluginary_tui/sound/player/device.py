"""The process that plays: through pedalboard's stream, or through a program of the system where that sees no device."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import Any

RATE = 48_000
"""As `recording.RATE`."""

PEDALBOARD = "pedalboard"


def main(players: Sequence[str]) -> None:
    """Play the samples on standard input: their number of bytes (32 bits), and 16 bits in stereo at RATE.

    Through the first of `players` (`config.table.PLAYERS`) that can. Writes lines of JSON: `{"through"}` when it
    begins, then `{"done": true}` or `{"error": sentence}`.
    """
    size = struct.unpack("<I", _read(4))[0]
    samples = _read(size)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    programs = [name for name in players if name != PEDALBOARD and sys.platform == "linux"]
    problems = []
    if PEDALBOARD in players:
        problem = _through_pedalboard(samples)
        if not problem:
            return
        problems.append(problem)
    here = [(name, path) for name in programs if (path := shutil.which(name))]
    text = []
    for name, path in here:
        problem = _through_program(name, path, samples)
        if not problem:
            return
        text.append(problem)
    problems += text[:1]  # the others would say the same in other words
    if players and not problems and not programs:
        problems.append(f"{players[0]} plays on Linux only")
    if programs and not here:
        *others, last = programs
        problems.append(
            f"neither {', '.join(others)} nor {last} is installed" if others else f"{last} is not installed"
        )
    _tell({"error": f"Nothing can be heard: {', and '.join(problems)}."})


def _through_pedalboard(samples: bytes) -> str:
    """Play through pedalboard's stream. Returns why that has not worked; empty where it has."""
    try:
        import numpy as np
        from pedalboard_native.io import AudioStream

        name = AudioStream.default_output_device_name
        if not name:
            return "pedalboard sees no audio device"
        audio = np.frombuffer(samples, "<i2").reshape(-1, 2).T.astype(np.float32) / 32768
        _tell({"through": "pedalboard"})
        AudioStream.play(np.ascontiguousarray(audio), RATE, name)
    except Exception as error:
        line = str(error).strip().partition("\n")[0].rstrip(".") or type(error).__name__
        return f"pedalboard's audio device fails ({line})"
    _tell({"done": True})
    return ""


def _through_program(name: str, path: str, samples: bytes) -> str:
    """Play through a program. Returns why that has not worked; empty where it has."""
    fd = _wav(samples)
    _tell({"through": name})
    done = subprocess.run(
        [path, f"/proc/self/fd/{fd}"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        pass_fds=(fd,),
        check=False,
    )
    os.close(fd)
    if not done.returncode:
        _tell({"done": True})
        return ""
    lines = done.stderr.decode("utf-8", "replace").strip().splitlines() or [f"it ended with {done.returncode}"]
    text = re.sub(rf"^({name}: )?(\w+:\d+: )?", "", lines[-1].strip())
    return f"{name} says: {text.rstrip('.')}"


def _wav(samples: bytes) -> int:
    """A descriptor of a WAV file in memory: nothing is left of it, however this process ends. Linux only."""
    head = struct.pack("<HHIIHH", 1, 2, RATE, RATE * 4, 4, 16)
    body = b"WAVEfmt " + struct.pack("<I", len(head)) + head + b"data" + struct.pack("<I", len(samples)) + samples
    if sys.platform != "linux":
        raise OSError("this system has no such programs")
    fd = os.memfd_create("sound")
    data = memoryview(b"RIFF" + struct.pack("<I", len(body)) + body)
    while data:
        data = data[os.write(fd, data) :]
    os.lseek(fd, 0, os.SEEK_SET)
    return fd


def _read(size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = os.read(0, size - len(data))
        if not more:
            os._exit(0)
        data += more
    return data


def _end_with_parent() -> None:
    """End this process and what it has started once nobody holds the other end of standard input."""
    with contextlib.suppress(OSError):
        while os.read(0, 1):
            pass
    if sys.platform != "win32":
        os.killpg(0, signal.SIGKILL)
    os._exit(0)


def _tell(message: dict[str, Any]) -> None:
    try:
        os.write(1, f"{json.dumps(message)}\n".encode())
    except OSError:
        os._exit(0)
