"""The package in an interpreter with what Python has on Windows: it starts, and runs the zoo and a storm of kills."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest

from pluginary_tui.catalogue.store import Store
from tests.benchmarks import kill_storm
from tests.conftest import ZAM_LIGHT
from tests.integration.test_zoo import PRINTED, check
from tests.plugins.build import KINDS, Kind, build, compiler, good
from tests.support.bare_python import executable, lacking
from tests.support.leak_check import descendants
from tests.support.sample_catalogue import fill
from tests.support.sound_files import peak, sine, write_wav

ROOT = Path(__file__).parents[2]

TAKEN = {
    None: ("fcntl", "resource", "termios", "pwd", "grp", "posix", "syslog"),
    "os": ("fork", "wait4", "killpg", "posix_spawn", "setsid", "WNOHANG", "getuid", "chown", "nice", "statvfs"),
    "signal": ("SIGKILL", "SIGSTOP", "SIGCONT", "SIGHUP", "pthread_sigmask", "alarm"),
    "select": ("poll", "epoll"),
    "selectors": ("PollSelector",),
    "socket": ("AF_UNIX", "MSG_DONTWAIT", "SCM_RIGHTS"),
}
"""Some of what must be among what is taken away, by module."""

OF_UNIX = {"pluginary_tui.scan.forked_check", "pluginary_tui.tui.widgets.terminal_driver"}
"""Modules that refuse to be imported on Windows, beside those in `isolation/linux`."""

OTHERWISE = {
    "no_display": {"name": "no_display, held against it"},  # a display is never missing on Windows
    "kill_parent": {"outcome": "crashed", "stage": "factory", "signal": "SIGKILL"},  # no sandbox prevents it
}
"""What comes of a kind there."""

PRINTED_HERE = PRINTED | {"fill_file": "zoo: a file of 64 MB"}  # no limit holds it back


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(executable(tmp_path_factory.mktemp("bare")))


def run(bare: str, *words: str | Path, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)} | environment
    return subprocess.run([bare, *words], env=environment, cwd=cwd, capture_output=True, encoding="utf-8", timeout=280)


def run_code(bare: str, code: str, *words: str | Path, **environment: str) -> str:
    ended = run(bare, "-c", code, *words, **environment)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


# The interpreter itself.

ASKS = """
import sys
from types import ModuleType
from importlib.machinery import ModuleSpec
of_ours = vars(ModuleType("pluginary_tui.asks")) | {"__spec__": ModuleSpec("pluginary_tui.asks", None)}
exec(sys.argv[1], of_ours)
"""


@pytest.mark.parametrize(
    ("code", "error"),
    [
        *((f"import {name}", "ModuleNotFoundError") for name in TAKEN[None]),
        *((f"from {m} import {name}", "ImportError") for m, names in TAKEN.items() if m for name in names[:1]),
        ("import os; os.fork", "AttributeError: module 'os' has no attribute 'fork'"),
        ("import os.path; os.killpg", "AttributeError"),
        ("import signal as s; s.SIGKILL", "AttributeError"),
        ("import sys; assert sys.platform == 'linux'", "AssertionError"),
    ],
)
def test_the_package_gets_at_nothing_that_windows_lacks(bare: str, code: str, error: str) -> None:
    ended = run(bare, "-c", ASKS, code)
    assert ended.returncode == 1
    assert error in ended.stderr


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("os.write(os.open(place, os.O_RDWR | os.O_CREAT), b'x')", "without O_BINARY"),
        ("os.write(os.open(place, os.O_RDWR | os.O_CREAT | os.O_BINARY), b'x')", ""),
        ("file = open(place, 'wb'); os.unlink(place)", "has it open"),
        ("file = open(place, 'wb'); file.close(); os.unlink(place)", ""),
        ("file = open(place, 'wb'); open(place + '2', 'wb').close(); os.replace(place + '2', place)", "has it open"),
        ("os.mkdir(place); file = open(place + '/x', 'wb'); os.rename(place, place + '2')", "has it open"),
        ("os.mkdir(place); os.chdir(place); os.rmdir(place)", "its working folder"),
        ("open(place, 'w')", "EncodingWarning"),
        *((f"os.mkdir(os.path.join(folder, {name!r}))", "no such name") for name in ("a:b", "nul", "com1.txt", "x.")),
        ("os.open(folder, os.O_RDONLY)", "opens no folder"),
        ("os.open('/proc/meminfo', os.O_RDONLY)", "no such folder"),
        ("os.symlink(folder, place)", "administrators"),
        ("os.kill(os.getpid(), 0)", "ends a process"),
    ],
)
def test_files_are_treated_as_on_windows(bare: str, tmp_path: Path, code: str, error: str) -> None:
    ended = run(bare, "-c", ASKS, f"import os; folder = {str(tmp_path)!r}; place = folder + '/place'; {code}")
    assert (ended.returncode, error in ended.stderr) == (1 if error else 0, True), ended.stderr


def test_what_is_taken_away_is_what_the_stubs_know() -> None:
    lost = lacking()
    for module, names in TAKEN.items():
        for name in names:
            assert (lost[name] is None) if module is None else (name in (lost[module] or ())), (module, name)
    for name in ("open", "getpid", "environ", "pipe", "kill", "waitpid", "dup2"):
        assert name not in (lost["os"] or ())


# The package.

IMPORTS = """
import importlib, json, pkgutil
import pluginary_tui
refused = {}
for found in pkgutil.walk_packages(pluginary_tui.__path__, "pluginary_tui.", onerror=lambda name: None):
    if not found.name.endswith("__main__"):
        try:
            importlib.import_module(found.name)
        except ImportError as error:
            refused[found.name] = str(error)
print(json.dumps(refused))
"""


def test_every_module_can_be_imported_but_those_of_other_systems(bare: str) -> None:
    refused: dict[str, str] = json.loads(run_code(bare, IMPORTS))
    assert {name: why for name, why in refused.items() if not why.startswith("This is for ")} == {}
    assert {name for name in refused if not name.startswith("pluginary_tui.isolation.linux.")} == OF_UNIX
    assert len(refused) > 10


def test_the_command_starts(bare: str) -> None:
    output = {word: run(bare, "-m", "pluginary_tui", word) for word in ("--version", "list", "doctor", "--help")}
    assert {word: ended.returncode for word, ended in output.items()} == dict.fromkeys(output, 0), output
    assert "there is none here: plugins run in a process of their own" in output["doctor"].stdout


def test_what_goes_into_a_pipe_is_utf_8(bare: str, data_dir: Path) -> None:
    """As on Windows, the encoding of this process would lack most letters."""
    with Store.in_folder(data_dir) as store:
        fill(store, [("Größe", "Ångström ⏚", "vst3", "")])
    plain = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "PYTHONIOENCODING": ""}
    ended = run(bare, "-m", "pluginary_tui", "list", **plain)
    assert ended.returncode == 0
    assert "Größe" in ended.stdout and "Ångström ⏚" in ended.stdout


APP = """
import asyncio, sys
from pathlib import Path
from pluginary_tui.config import Settings
from pluginary_tui.tui.app import PluginaryApp
from pluginary_tui.tui.core.session import Session

async def main():
    app = PluginaryApp(Session(Settings(), Path(sys.argv[1])))
    async with app.run_test(size=(120, 40)) as pilot:
        for key in ("f1", "escape", "2", "1", "slash", "z"):
            await pilot.press(key)
        await pilot.pause()
        print(type(app.screen).__name__)
    app.session.close()

asyncio.run(main())
"""


def test_the_app_starts(bare: str, data_dir: Path) -> None:
    driver = "textual.drivers.headless_driver:HeadlessDriver"  # the one of this system is Unix's, which is not there
    assert run_code(bare, APP, data_dir, TEXTUAL_DRIVER=driver).strip() == "BrowseScreen"


def test_the_commands_work(bare: str, zam: Path, tmp_path: Path, data_dir: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(zam / "ZamComp.vst3", home / "plugins" / "ZamComp.vst3")
    lv2 = zam.parent / "lv2" / "ZamGate.lv2"
    if lv2.is_dir():
        shutil.copytree(lv2, home / "plugins" / "ZamGate.lv2")
    songs = ROOT / "tests" / "data" / "projects" / "reaper"
    write_wav(home / "in.wav", sine())
    for words in (
        ("scan", "--only", "plugins"),
        ("render", "in.wav", "out.wav", "gain[gain_db=-12] + zamcomp[ratio=1]"),
        ("render", "*.wav", "new/", "pitchshift"),
        ("measure", "zamcomp"),
        ("show", "zamcomp", "--html", "page.html"),
        ("export", "all.json"),
        ("import", "all.json"),
        ("diff", "all.json"),
        ("presets",),
        ("projects", "scan", str(songs)),
        ("backup",),
        ("repair",),
        ("restore", str(data_dir / "backups" / "first.db")),
        ("scan", "--only", "plugins", "--full"),
        ("tidy",),
        ("sounds", "--drop", "all"),
        ("doctor",),
    ):
        if words[0] == "restore":
            shutil.copy(next(data_dir.glob("backups/*.db")), words[1])
        ended = run(bare, "-m", "pluginary_tui", *words, cwd=home, HOME=str(home))
        assert ended.returncode == 0, (words, ended.stdout, ended.stderr)
    assert not lv2.is_dir() or "ZamGate" in run(bare, "-m", "pluginary_tui", "list", "format:lv2").stdout
    assert peak(home / "out.wav") / peak(home / "in.wav") == pytest.approx(10 ** (-12 / 20), abs=0.01)
    assert {path.name for path in home.iterdir()} == {
        *("plugins", "in.wav", "out.wav", "new", "page.html", "all.json"),
        *(path.name for path in home.glob(".*")),
    }
    assert not list(home.rglob(".*.wav.*"))


def scanned(bare: str, folder: Path, data_dir: Path, *flags: str, **scan: object) -> dict[str, int]:
    """Scan a folder by the command, see that nothing is left running, and return the summary."""
    variables = {f"PLUGINARY_TUI_SCAN_{name.upper()}": str(value) for name, value in scan.items()}
    command = [bare, "-m", "pluginary_tui", "scan", "--json", "--no-builtin", "--only", str(folder), *flags]
    environment = os.environ | variables | {"PLUGINARY_TUI_DATA_DIR": str(data_dir)}
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        environment.pop(name, None)
    with subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True) as app:
        summary: dict[str, int] = json.loads(app.communicate(timeout=280)[0])
    assert app.returncode == 0
    assert descendants(app.pid) == set()
    return summary


def test_who_asks_for_a_sandbox_is_told_that_there_is_none(bare: str, tmp_path: Path) -> None:
    output = {
        mode: run(bare, "-m", "pluginary_tui", "probe", "--sandbox", mode, tmp_path) for mode in ("sealed", "off")
    }
    assert "there is no sandbox on this system" in output["sealed"].stderr
    assert "there is no sandbox on this system" not in output["off"].stderr


def expected(kind: Kind) -> Kind:
    return replace(kind, **OTHERWISE.get(kind.name, {}))


@pytest.mark.slow
@pytest.mark.skipif(compiler() is None, reason="needs Linux and a C compiler")
def test_the_whole_zoo(bare: str, zam: Path, tmp_path: Path, data_dir: Path) -> None:
    folder = tmp_path / "zoo"
    kinds = {str(build(name, folder / "kinds")): expected(kind) for name, kind in KINDS.items()}
    for name in ZAM_LIGHT:
        shutil.copytree(zam / f"{name}.vst3", folder / f"{name}.vst3")
    for number in range(5):
        good(folder, f"Good {number}", parameters=number)
    summary = scanned(bare, folder, data_dir, "--no-load-check", timeout_s=12, workers=2, memory_limit_mb=200)
    assert summary["found"] == summary["scanned"] == len(kinds) + len(ZAM_LIGHT) + 5
    with Store.in_folder(data_dir) as store:
        infos = {info.path: info for info in store.bundles()}
        for path, kind in kinds.items():
            check(kind, infos[path], store)
            assert PRINTED_HERE.get(kind.name, "") in store.log(path), kind.name
        rest = {plugin.name: plugin.status for plugin in store.plugins() if plugin.path not in kinds}
        assert rest == dict.fromkeys((*ZAM_LIGHT, *(f"Good {number}" for number in range(5))), "ok")
        assert store.db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    for outcome in ("failed", "crashed", "timeout", "memory"):
        assert summary[outcome] == sum(kind.outcome == outcome for kind in kinds.values()), outcome


@pytest.mark.skipif(compiler() is None, reason="needs Linux and a C compiler")
def test_each_load_check_has_a_process_of_its_own(bare: str, tmp_path: Path, data_dir: Path) -> None:
    shell = good(tmp_path / "zoo", "Shell", classes=5)
    build("segfault_process", tmp_path / "zoo")
    summary = scanned(bare, tmp_path / "zoo", data_dir, timeout_s=60, workers=2)
    assert (summary["ok"], summary["loads"], summary["loads_not"]) == (2, 5, 1)
    with Store.in_folder(data_dir) as store:
        found = {plugin.path: plugin.load_error for plugin in store.plugins() if not plugin.loads}
    assert list(found.values()) == ["It crashed in pedalboard (SIGSEGV)."]
    assert str(shell) not in found


@pytest.mark.slow
def test_a_storm_of_kills_loses_nothing(bare: str, zam: Path, tmp_path: Path) -> None:
    kill_storm.furnish(tmp_path / "vst3", copies=1, heavy=False)
    figures = kill_storm.storm(tmp_path / "vst3", tmp_path, kills=10, seed=int(time.time()), python=bare)
    assert figures.kills == 10
