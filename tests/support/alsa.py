"""An audio device that writes what it is given into a file: ALSA's own, for the programs and libraries that play."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

_CONFIG = """
pcm.!default {{
    type plug
    slave.pcm {{
        type file
        slave.pcm {{ type null }}
        file "{file}"
        format "raw"
    }}
}}
"""


def file_device(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make ALSA's default device write into the file that is returned. Skips where there is no aplay."""
    if shutil.which("aplay") is None:
        pytest.skip("needs Debian's alsa-utils")
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "heard.raw"
    (folder / "asound.conf").write_text(_CONFIG.format(file=file))
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(folder / "asound.conf"))
    monkeypatch.setenv("PLUGINARY_TUI_SOUND_PLAYER", "aplay")
    return file


def no_device(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make ALSA see no device, whatever the machine has."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "asound.conf").write_text("")
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(folder / "asound.conf"))
    for name in ("PIPEWIRE_REMOTE", "PULSE_SERVER"):
        monkeypatch.setenv(name, str(folder / "nothing"))
