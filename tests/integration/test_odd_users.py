"""Containers and odd users: the real program without a home, without streams, with odd encodings and rights."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from pluginary_tui.catalogue.journal import Journal
from pluginary_tui.catalogue.store import Store
from pluginary_tui.model import Bundle, Outcome, ProbedPlugin, Report
from tests.plugins.build import good

ROOT = Path(__file__).parents[2]
NAMES = ("가상악기", "Größe", "Verb")
NOBODY = 54321
"""A number that no entry of the password file has."""

as_root = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become others")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return filled(tmp_path)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """The same where every user may look; pytest's own folders are closed."""
    with tempfile.TemporaryDirectory() as folder:
        yield filled(Path(folder))


def _reachable(path: Path) -> bool:
    return all(stat.S_IMODE(parent.stat().st_mode) & 0o001 for parent in path.parents)


def as_nobody() -> list[str]:
    """Words before a command that make it run as NOBODY.

    Where this interpreter lies in a closed folder, as below /root, the process may read and search everything: that
    leaves open what these tests ask, who it is and what it may write.
    """
    if shutil.which("setpriv") is None:
        pytest.skip("needs setpriv (util-linux)")
    words = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    if not all(map(_reachable, (Path(sys.executable).resolve(), Path(sys.prefix) / "bin", ROOT / "tests"))):
        words += ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    return words


def filled(tmp_path: Path) -> Path:
    """A folder with a bundle in `plug`, and a catalogue in `data`."""
    good(make(tmp_path / "plug"), "Good")
    with Store.in_folder(tmp_path / "data") as store:
        for name in NAMES:
            found = ProbedPlugin(name, "Acme", uid=name.encode().hex().upper().ljust(32, "0"))
            report = Report(Bundle(f"/x/{name}.vst3", "vst3", name, "1"), Outcome.OK, [found])
            Journal(store).finish(report, [()], quarantine=False)
    return tmp_path


def make(path: Path) -> Path:
    path.mkdir(parents=True)
    return path


def run(
    folder: Path,
    *words: str,
    code: int = 0,
    without: Sequence[str] = (),
    before: Callable[[], None] | None = None,
    cwd: Path | None = None,
    prefix: Sequence[str] = (),
    **environ: str,
) -> subprocess.CompletedProcess[bytes]:
    withheld = ("COVERAGE_", "COV_") if prefix else ()  # another user cannot write the figures of coverage
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PLUGINARY_", "XDG_", *withheld))}
    env |= {"PLUGINARY_TUI_DATA_DIR": str(folder / "data"), "PYTHONPATH": str(ROOT), "HOME": str(folder / "home")}
    env |= environ
    for name in without:
        env.pop(name, None)
    done = subprocess.run(
        [*prefix, sys.executable, "-m", "pluginary_tui", *words],
        env=env, cwd=cwd or folder, capture_output=True, preexec_fn=before, timeout=120,
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    assert b"Traceback" not in done.stderr + done.stdout
    return done


def scan(folder: Path, **more: object) -> dict[str, object]:
    words = ("scan", "--only", str(folder / "plug"), "--no-builtin", "--no-load-check", "--json")
    found: dict[str, object] = json.loads(run(folder, *words, **more).stdout)  # type: ignore[arg-type]
    return found


@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (0, 1, 2)])
def test_closed_streams(folder: Path, closed: tuple[int, ...]) -> None:
    def close() -> None:
        for number in closed:
            os.close(number)

    run(folder, "list", before=close)
    run(folder, "scan", "--only", str(folder / "plug"), "--no-builtin", "--no-load-check", "--json", before=close)
    with Store.in_folder(folder / "data") as store:
        assert "Good" in {plugin.name for plugin in store.plugins()}, "and no library wrote into the catalogue"
    assert b"There is no plugin" in run(folder, "show", "nothing", code=1, before=None).stderr


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1", "utf-16", "utf-8"])
def test_streams_that_are_not_utf8(folder: Path, encoding: str) -> None:
    listed = run(folder, "list", PYTHONIOENCODING=encoding).stdout.decode(encoding)
    assert len(listed.splitlines()) == 4 and "Verb" in listed
    document = json.loads(run(folder, "list", "--json", PYTHONIOENCODING=encoding).stdout.decode(encoding))
    assert {plugin["name"] for plugin in document["plugins"]} == set(NAMES)
    for ending in ("csv", "json", "toml"):
        exported = run(folder, "export", "-", "--format", ending, PYTHONIOENCODING=encoding).stdout
        assert "가상악기" in exported.decode("utf-8"), "a file is in UTF-8, whatever the terminal has"
    run(folder, "show", "가상악기", PYTHONIOENCODING=encoding)


def test_a_locale_without_letters(folder: Path) -> None:
    done = run(folder, "list", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert done.stdout.count(b"\n") == 4


@pytest.mark.parametrize("columns", ["0", "1", "-1", "x", ""])
def test_odd_widths(folder: Path, columns: str) -> None:
    assert run(folder, "list", COLUMNS=columns, LINES=columns).stdout.count(b"\n") == 4
    words = ("scan", "--only", str(folder / "plug"), "--no-builtin", "--no-load-check")
    assert b"1 ok" in run(folder, *words, COLUMNS=columns, LINES=columns).stdout


@pytest.mark.parametrize("home", ["", "/", "/nowhere", "relative"])
def test_odd_homes(folder: Path, home: str) -> None:
    assert scan(folder, HOME=home)["ok"] == 1
    shown = json.loads(run(folder, "show", "Good", "--json", HOME=home).stdout)
    assert shown["path"] == str(folder / "plug" / "Good.vst3")
    run(folder, "config", "show", HOME=home)


@as_root
def test_a_user_without_an_entry_or_a_home(open_folder: Path) -> None:
    folder = open_folder
    for path in (folder, *folder.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    folder.chmod(0o755)

    assert scan(folder, without=("HOME",), prefix=as_nobody())["ok"] == 1
    assert b"HOME" in run(folder, "list", code=1, without=("HOME", "PLUGINARY_TUI_DATA_DIR"), prefix=as_nobody()).stderr


@as_root
def test_a_home_that_cannot_be_written(open_folder: Path) -> None:
    folder = open_folder
    home = make(folder / "closed")
    home.chmod(0o555)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, NOBODY, NOBODY)

    folder.chmod(0o755)
    done = run(folder, "scan", code=1, without=("PLUGINARY_TUI_DATA_DIR",), prefix=as_nobody(), HOME=str(home))
    assert done.stderr.count(b"\n") == 1 and str(home).encode() in done.stderr


@pytest.mark.parametrize("umask", [0, 0o077, 0o777])
def test_other_umasks(folder: Path, umask: int) -> None:
    if umask == 0o777 and os.geteuid() != 0:
        pytest.skip("such a user cannot read what they write")
    assert scan(folder, before=lambda: os.umask(umask) and None)["ok"] == 1
    assert b"Good" in run(folder, "list").stdout


def test_few_descriptors(folder: Path) -> None:
    import resource

    assert scan(folder, before=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (128, 128)))["ok"] == 1


def test_a_working_folder_that_is_gone(folder: Path) -> None:
    gone = make(folder / "gone")
    words = ["scan", "--only", str(folder / "plug"), "--no-builtin", "--no-load-check"]
    script = 'cd "$1" && rmdir "$1" && shift && exec "$@"'
    env = os.environ | {"PLUGINARY_TUI_DATA_DIR": str(folder / "data"), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        ["sh", "-c", script, "sh", str(gone), sys.executable, "-m", "pluginary_tui", *words],
        env=env, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0 and "1 ok" in done.stdout, done.stderr


@as_root
@pytest.mark.parametrize("words", [("list", "Verb"), ("list", "param:x"), ("show", "Verb"), ("orphans",)])
def test_another_users_catalogue_is_read_and_no_file_is_left(open_folder: Path, words: tuple[str, ...]) -> None:
    """Files of SQLite that belong to somebody else would keep its owner from writing."""
    data = open_folder / "data"
    for path in (open_folder, data):
        path.chmod(0o777)
    for path in data.iterdir():
        path.chmod(0o644)
    (data / "user.json").unlink()
    before = {path.name: path.read_bytes() for path in data.iterdir()}
    run(open_folder, *words, prefix=as_nobody())
    assert {path.name: path.read_bytes() for path in data.iterdir()} == before
    scan_words = ("scan", "--only", str(open_folder / "plug"), "--no-builtin")
    assert b"read-only" in run(open_folder, *scan_words, code=1, prefix=as_nobody()).stderr
    assert [path.name for path in data.iterdir() if path.stat().st_uid] == []
    run(open_folder, "list")
