"""What every test may rely on: a clean environment, real plugins, and no silent skips in continuous integration."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator
from pathlib import Path

import pytest

from pluginary_tui.config import Settings
from pluginary_tui.formats import FORMATS

pytest.register_assert_rewrite("tests.support.leak_check")

ZAM_FOLDER = Path("/usr/lib/vst3")
"""Where Debian's zam-plugins puts its 17 VST3s."""

ZAM_LIGHT = ("ZamAutoSat", "ZamComp", "ZamDelay", "ZamEQ2", "ZamGate", "ZamPhono")
"""Some of them that load within milliseconds."""


@pytest.fixture(autouse=True)
def own_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the settings, the catalogue or the plugins of whoever runs it."""
    for name in [name for name in os.environ if name.startswith("PLUGINARY_TUI_")]:
        monkeypatch.delenv(name)
    for each in FORMATS:
        if each.variable:
            monkeypatch.delenv(each.variable, raising=False)
    monkeypatch.setenv("PLUGINARY_TUI_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("PLUGINARY_TUI_CONFIG", str(tmp_path / "config.toml"))


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where plugins of a test's own are built; not there yet."""
    return tmp_path / "plugins"


@pytest.fixture
def only_vst3(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scans of the system's folders look for VST3s and pedalboard's effects alone: other formats may be installed."""
    monkeypatch.setenv("PLUGINARY_TUI_SCAN_FORMATS", "vst3,builtin")


@pytest.fixture
def settings() -> Settings:
    return Settings()


@pytest.fixture(scope="session")
def zam() -> Path:
    """The folder of the real plugins."""
    if not (ZAM_FOLDER / "ZamVerb.vst3").exists():
        pytest.skip("needs Debian's zam-plugins")
    return ZAM_FOLDER


@pytest.fixture
def some_zam(zam: Path, tmp_path: Path) -> Path:
    """A folder of its own with copies of a few light real plugins, to change and delete."""
    folder = tmp_path / "vst3"
    for name in ZAM_LIGHT:
        shutil.copytree(zam / f"{name}.vst3", folder / f"{name}.vst3")
    return folder


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In continuous integration nothing may be skipped for a tool that the machine lacks."""
    report = yield
    if report.skipped and os.environ.get("CI") and "needs" in str(report.longrepr):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {report.longrepr}"
    return report
