"""Where the kernel lacks layers of the sandbox: what `doctor` and a scan say, and that no scan fails."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pluginary_tui.isolation.linux.sandbox.confinement import offered
from tests.plugins.build import compiler
from tests.plugins.escapers import build

pytestmark = [
    pytest.mark.skipif(platform.machine() != "x86_64" or compiler() is None, reason="tried on x86_64 only"),
    pytest.mark.skipif(not all(offered()), reason="needs Landlock, seccomp and its notification"),
]

LAUNCHER = Path(__file__).parents[1] / "support" / "older_kernel.py"
LACKING = ["Landlock", "seccomp", "notification", "Landlock,notification", "Landlock,seccomp"]


def run(lacking: str, *words: str, **environment: str) -> Any:
    command = [sys.executable, str(LAUNCHER), lacking, sys.executable, "-m", "pluginary_tui", *words, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | environment, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def missing(lacking: str) -> set[str]:
    """The layers that are missing then: without seccomp there is nothing that could notify."""
    return {*lacking.split(","), *(["notification"] if "seccomp" in lacking else [])}


@pytest.mark.parametrize("lacking", LACKING)
def test_doctor_names_what_the_kernel_lacks(lacking: str, data_dir: Path) -> None:
    found = [each for each in run(lacking, "doctor")["findings"] if each["name"] == "sandbox"]
    said = {each["said"].split()[0].rstrip(":"): each["state"] for each in found}
    for layer in ("Landlock", "seccomp", "notification"):
        assert said[layer] == ("notice" if layer in missing(lacking) else "ok"), found
    assert said["guarded,"] == ("ok" if lacking == "notification" else "notice"), found


@pytest.mark.skipif(os.geteuid() != 0, reason="about root")
def test_root_of_a_container_is_confined(data_dir: Path) -> None:
    """Containers withhold CAP_DAC_READ_SEARCH (2), which is all that a plugin keeps elsewhere."""
    drop = "import ctypes, os, sys; ctypes.CDLL(None).prctl(24, 2, 0, 0, 0); os.execv(sys.argv[1], sys.argv[1:])"
    words = [sys.executable, "-c", drop, sys.executable, "-m", "pluginary_tui", "doctor", "--json"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    found = [each for each in json.loads(done.stdout)["findings"] if each["name"] == "sandbox"]
    assert {each["state"] for each in found} == {"ok"}, found


@pytest.mark.parametrize("lacking", LACKING)
def test_a_scan_says_once_what_it_did_without(lacking: str, tmp_path: Path, data_dir: Path) -> None:
    for name in ("tcp", "create", "system", "secret"):
        build(name, tmp_path / "zoo")
    witness = {"ZOO_WITNESS": str(tmp_path), "ZOO_TCP": "1"}
    summary = run(lacking, "scan", "--only", str(tmp_path / "zoo"), "--no-builtin", **witness)
    assert (summary["ok"], summary["loads"]) == (4, 4)
    (note,) = summary["notes"]
    if lacking == "Landlock,seccomp":
        assert note.startswith("There is no sandbox")
        return
    assert all(layer in note for layer in missing(lacking))
    assert not (tmp_path / "esc_create").exists()
    shown = run(lacking, "show", "create")
    assert {*shown["sandbox"].removeprefix("guarded without ").split(" and ")} == missing(lacking)
    told = {each["kind"] for each in shown["attempts"]}
    assert told == (set() if "notification" in missing(lacking) else {"writes"})
