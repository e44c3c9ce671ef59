"""A downloaded folder does not make a scan run what lies in it, neither by its settings nor by its modules."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.plugins.build import good

MODULES = ("multiprocessing", "pedalboard_native", "numpy", "json", "platform", "rich")


def run(cwd: Path, *words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    """The command as it is installed, whose own folder comes first on the path and not the working folder."""
    root = str(Path(__file__).parents[2])
    script = cwd.parent / "pluginary-tui"
    script.write_text(
        f"import sys\nif __name__ == '__main__':\n sys.path[0] = {root!r}\n"
        " from pluginary_tui.__main__ import main\n main()\n"
    )
    env = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONSAFEPATH")}
    env |= {"PLUGINARY_TUI_DATA_DIR": str(cwd.parent / "data"), "VST3_PATH": "", "HOME": str(cwd.parent / "home")}
    done = subprocess.run(
        [sys.executable, str(script), *words], cwd=cwd, env=env, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture
def downloaded(tmp_path: Path) -> Path:
    """A folder with settings and a bundle."""
    folder = tmp_path / "downloaded"
    (folder / "plug").mkdir(parents=True)
    (tmp_path / "home").mkdir()
    (tmp_path / "empty").mkdir()
    good(folder / "plug", "Planted")
    (folder / ".pluginary-tui.toml").write_text('[scan]\nfolders = ["plug"]\n')
    return folder


def test_the_settings_of_a_project_need_trust(downloaded: Path) -> None:
    scan = ("scan", "--only", str(downloaded.parent / "empty"), "--no-builtin", "--no-load-check", "--json")
    plain = tuple(word for word in scan if word not in ("--only", str(downloaded.parent / "empty")))
    file = downloaded / ".pluginary-tui.toml"
    line = f"{file}: scan.folders counts only after 'pluginary-tui config trust'"
    done = run(downloaded, *plain)
    assert line in done.stderr and done.stderr.count("\n") == 1
    listed = run(downloaded, "list", "--json").stdout
    assert "Planted" not in listed
    assert line in run(downloaded, "config", "check").stdout
    assert any(
        line in finding["said"] for finding in json.loads(run(downloaded, "doctor", "--json").stdout)["findings"]
    )
    assert 'scan.folders = ["plug"]' in run(downloaded, "config", "trust").stdout
    assert run(downloaded, *plain).stderr == ""
    assert "Planted" in run(downloaded, "list", "--json").stdout
    file.write_text('[scan]\nfolders = ["plug", "/"]\n')
    assert line in run(downloaded, "config", "check").stdout
    assert "No longer trusted" in run(downloaded, "config", "untrust").stdout
    assert "was not trusted" in run(downloaded, "config", "untrust").stdout
    assert "name the file" in run(downloaded.parent, "config", "trust", code=1).stderr


def test_the_modules_of_a_folder_are_not_imported(downloaded: Path) -> None:
    seen = downloaded.parent / "seen"
    for module in MODULES:
        (downloaded / f"{module}.py").write_text(f"open({str(seen)!r}, 'w')\n")
    (downloaded / ".pluginary-tui.toml").unlink()
    done = json.loads(run(downloaded, "scan", "--only", "plug", "--no-builtin", "--json").stdout)
    assert done["ok"] == 1
    run(downloaded, "doctor")
    assert not seen.exists()
