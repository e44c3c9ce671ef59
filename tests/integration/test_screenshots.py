"""The command that writes the pictures of the README works: the real app on the real plugins."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

MAKE = Path(__file__).parents[2] / "screenshots" / "make.py"
RECORD = MAKE.with_name("record.py")
PNG = b"\x89PNG\r\n"


def test_pictures_of_the_real_app(zam: Path, tmp_path: Path) -> None:
    if not shutil.which("rsvg-convert"):
        pytest.skip("needs rsvg-convert")
    words = [sys.executable, MAKE, "--into", tmp_path, "browse", "health", "light", "narrow", "scan"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    held = {
        "browse": ("ZamVerb", "verb"),
        "health": ("Half&#160;Installed",),
        "light": ("ZamVerb",),
        "narrow": ("ZamComp", "amics"),  # the found letters are a piece of their own
        "scan": ("workers", "Progress"),
    }
    for name, texts in held.items():
        picture = (tmp_path / f"{name}.svg").read_text()
        assert all(text in picture for text in texts), name
        assert (tmp_path / f"{name}.png").read_bytes().startswith(PNG)


def test_a_recorded_session_of_the_real_app(zam: Path, tmp_path: Path) -> None:
    words = [sys.executable, RECORD, "--into", tmp_path]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "session.svg").read_text()
    assert len(text.encode()) < 500_000
    svg = ElementTree.fromstring(text)
    moments = svg.findall(".//{*}g[@class='m']")
    assert len(moments) > 8 and all(moment.findall("{*}use") for moment in moments)
    rows = {row.get("id"): "".join(row.itertext()).replace("\xa0", " ") for row in svg.findall("{*}defs/{*}g")}
    shown = ["\n".join(rows[use.get("href", "")[1:]] for use in moment.findall("{*}use")) for moment in moments]
    for answer in ("Copied the snippet of ZamComp", "behaves like compressor", "Like ZamComp"):
        assert any(answer in moment for moment in shown), answer
    assert shown[0] != shown[-1] and "/zcomp" in shown[-2]  # pieces of a line have no space between them


def test_a_picture_that_is_none_is_named(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, MAKE, "--into", tmp_path, "moon"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2 and "there is no picture called moon" in done.stderr
