"""The package as it is installed: a wheel holds all that it needs and works where there is no source tree."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.docs.markdown import ROOT
from tests.docs.test_api_page import run_examples
from tests.docs.test_documents import scanned as scanned
from tests.plugins.build import compiler, good

PACKAGE = "pluginary_tui"

APP = """
import asyncio
from pathlib import Path
from pluginary_tui.config import load
from pluginary_tui.config.files import data_dir
from pluginary_tui.tui.app import PluginaryApp
from pluginary_tui.tui.core.session import Session

async def main():
    app = PluginaryApp(Session(load(), data_dir()))
    async with app.run_test(size=(120, 40)) as pilot:
        while not app.session.loaded:
            await pilot.pause(0.05)
        for key in ("2", "3", "4", "1"):
            await pilot.press(key)
        print(type(app.screen).__name__, len(app.session.catalogue.plugins))
    app.session.close()

asyncio.run(main())
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of what is in the source tree: a build leaves its own folder beside it."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE", PACKAGE):
        subprocess.run(["cp", "-r", ROOT / name, source], check=True)
    built = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder, source], capture_output=True, text=True
    )
    if built.returncode and "No matching distribution" in built.stderr:
        pytest.skip("needs an index of packages: setuptools builds the wheel")
    assert built.returncode == 0, built.stderr
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds what the wheel installs; its dependencies are those of the tests."""
    folder = tmp_path_factory.mktemp("installed")
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", folder, wheel]
    subprocess.run(command, check=True, capture_output=True)
    return folder


def run(installed: Path, home: Path, *words: str | Path) -> str:
    """Run this interpreter with the installed package, in another folder and with a home of its own."""
    home.mkdir(exist_ok=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PLUGINARY_TUI_", "XDG_", "COV"))}
    done = subprocess.run(
        [sys.executable, "-P", *words],
        cwd=home,
        env=kept | {"HOME": str(home), "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_wheel_holds_every_file_of_the_package(wheel: Path) -> None:
    tracked = subprocess.run(
        ["git", "-C", ROOT, "ls-files", PACKAGE], capture_output=True, text=True, check=False
    ).stdout.split()
    if not tracked:
        pytest.skip("needs a clone: only that says which files belong to the package")
    there = {name for name in tracked if (ROOT / name).exists()}
    held = set(zipfile.ZipFile(wheel).namelist())
    assert there - held == set()
    assert {name for name in held if not name.startswith((PACKAGE, f"{PACKAGE}-"))} == set()


@pytest.mark.skipif(compiler() is None, reason="needs Linux and a C compiler")
def test_it_works_without_the_source_tree(installed: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    where = run(installed, home, "-c", f"import {PACKAGE}; print({PACKAGE}.__file__)")
    assert where.startswith(str(installed)), "the source tree stands in its way"
    good(tmp_path / "plugins", "Planted", parameters=3)
    scan = ("-m", PACKAGE, "scan", "--json", "--no-builtin", "--only", tmp_path / "plugins")
    summary = json.loads(run(installed, home, *scan))
    assert (summary["ok"], summary["loads"]) == (1, 1)
    (plugin,) = json.loads(run(installed, home, "-m", PACKAGE, "list", "--json"))["plugins"]
    assert plugin["name"] == "Planted"
    assert "sandbox" in run(installed, home, "-m", PACKAGE, "doctor")
    assert run(installed, home, "-c", APP).split() == ["BrowseScreen", "1"]
    script = installed / "bin" / "pluginary-tui"
    assert "Planted" in run(installed, home, script, "list")


@pytest.mark.skipif(compiler() is None, reason="needs Linux and a C compiler")
def test_the_examples_for_scripts_run_from_it(installed: Path, scanned: Path, tmp_path: Path) -> None:
    assert "1 bundles, 1 plugins read" in run_examples(scanned, tmp_path / "home", installed)


def test_scripts_that_use_it_are_checked_for_types(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(
        "import pluginary_tui\n\nwith pluginary_tui.open() as catalogue:\n"
        "    plugin = catalogue.get('zamverb')\n    chain = plugin + catalogue.chain('gain')\n"
        "    reveal_type((catalogue, plugin.parameters[0].minimum, chain, catalogue.similar(plugin.id)))\n"
        "    plugin.nothing\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", tmp_path / "cache", "script.py"],
        cwd=tmp_path,
        env=os.environ | {"MYPYPATH": str(installed)},
        capture_output=True,
        text=True,
    )
    of_script = [line for line in done.stdout.splitlines() if line.startswith("script.py")]
    assert len(of_script) == 2, done.stdout
    assert re.search(r"Catalogue, (builtins\.)?str, \S+Chain, (builtins\.)?list\[", of_script[0]), of_script
    assert '"Plugin" has no attribute "nothing"' in of_script[1]
