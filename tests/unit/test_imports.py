"""What a command imports: the quick ones neither the screen nor pedalboard."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pluginary_tui.catalogue.store import Store

pytestmark = pytest.mark.short

CODE = """
import json, sys
from pluginary_tui.cli import main
try:
    main()
finally:
    print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""

HEAVY = {"textual", "pedalboard", "pedalboard_native", "numpy"}


def modules(*words: str) -> set[str]:
    """The modules that a command leaves behind."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}  # it imports, too
    done = subprocess.run(
        [sys.executable, "-c", CODE, *words], capture_output=True, text=True, check=bool(words), env=env
    )
    return set(json.loads(done.stderr.splitlines()[-1]))


@pytest.mark.parametrize(
    "words",
    [["--version"], ["--help"], ["list"], ["list", "reverb params>2"], ["list", "--json"], ["config", "path"]],
    ids=" ".join,
)
def test_quick_commands_import_nothing_heavy(words: list[str], data_dir: Path) -> None:
    with Store.in_folder(data_dir) as store:
        store.add_tag(["vst3/a/b"], "x")
    loaded = modules(*words)
    assert "pluginary_tui.cli.commands" in loaded
    assert not HEAVY & loaded


@pytest.mark.parametrize("words", [["--version"], ["--help"], ["config", "path"]], ids=" ".join)
def test_what_needs_no_catalogue_does_not_load_one(words: list[str]) -> None:
    assert not {"sqlite3", "rich", "rapidfuzz", "pluginary_tui.scan.run", "multiprocessing"} & modules(*words)


def test_the_app_opens_without_what_only_commands_need() -> None:
    loaded = modules()  # there is no terminal here, which it says before anything else
    assert "pluginary_tui.cli.open_app" in loaded
    assert "click" not in loaded


def test_listing_needs_no_rich_and_no_accident_kit(data_dir: Path) -> None:
    with Store.in_folder(data_dir) as store:
        store.add_tag(["vst3/a/b"], "x")
    assert not {"rich", "pluginary_tui.catalogue.integrity.check", "pluginary_tui.scan.run"} & modules("list")
