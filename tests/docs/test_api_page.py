"""The examples of docs/api.md run, one after the other, and the page names all that scripts can use."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

import pluginary_tui
from tests.docs.markdown import ROOT, blocks
from tests.docs.test_documents import scanned as scanned
from tests.support.sound_files import write_wav

PAGE = ROOT / "docs" / "api.md"


def run_examples(scanned: Path, home: Path, package: Path) -> str:
    """Run all examples of the page in a copy of a home, with the package of a folder; give what they print."""
    subprocess.run(["cp", "-r", scanned, home], check=True)
    write_wav(home / "plugins" / "voice.wav", np.random.default_rng(1).uniform(-0.1, 0.1, (2, 4800)))
    code = "\n".join(block.text for block in blocks(PAGE) if block.info == "python")
    assert code.count("pluginary_tui.open()") > 3
    code += "\nassert len(done) == len(sources) and all(Path(each).stat().st_size > 1000 for each in done)\n"
    code += "assert [Path(render(chain, *each)).stat().st_size for each in zip(sources, targets)][0] > 1000\n"
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PLUGINARY_TUI_", "XDG_"))}
    code += f"\nassert pluginary_tui.__file__.startswith({str(package)!r})\n"
    done = subprocess.run(
        [sys.executable, "-c", code],  # as in a notebook: the workers of a cluster do not import the script again
        cwd=home,
        env=env | {"HOME": str(home), "PYTHONPATH": str(package)},
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_examples_run(scanned: Path, tmp_path: Path) -> None:
    assert "1 bundles, 1 plugins read" in run_examples(scanned, tmp_path / "home", ROOT)


def test_the_page_names_what_scripts_can_use() -> None:
    text = PAGE.read_text()
    for name in pluginary_tui.__all__:
        assert name in text, name
    for cls in (pluginary_tui.Catalogue, pluginary_tui.Plugin, pluginary_tui.Chain):
        for name in vars(cls):
            if not name.startswith("_"):
                assert name in text, f"{cls.__name__}.{name}"
