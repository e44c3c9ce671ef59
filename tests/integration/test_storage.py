"""Faults of storage while a scan runs: one clear sentence, nothing lost, and the scan goes on where it was."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from pluginary_tui.catalogue import database
from pluginary_tui.catalogue.integrity import repair
from pluginary_tui.catalogue.journal import Journal
from pluginary_tui.catalogue.store import Store
from pluginary_tui.config import Settings, load
from pluginary_tui.errors import CatalogueError, ScanError
from pluginary_tui.scan.events import BundleEnded, BundleStarted, Event
from pluginary_tui.scan.run import Options, Scan
from tests.plugins.build import build, compiler, good
from tests.support.leak_check import nothing_left

pytestmark = pytest.mark.skipif(compiler() is None, reason="needs Linux and a C compiler")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Ten good plugins, one of them with 2,000 parameters."""
    for number in range(9):
        good(tmp_path / "plugins", f"A{number}", parameters=60, parameter=f"Parameter of {number}")
    build("many_parameters", tmp_path / "plugins", name="B")
    return tmp_path / "plugins"


@pytest.fixture
def settings() -> Settings:
    return load({"scan.workers": 2, "scan.builtin": False})


def finished(data_dir: Path, folder: Path, settings: Settings) -> None:
    """The next scan does what was left and no more, suspects nothing, and then everything is there."""
    with Store.in_folder(data_dir) as store:
        kept = {info.path for info in store.bundles()}
        interrupted = Journal(store).interrupted()
    assert interrupted and interrupted.pending == 10 - len(kept)
    begun: list[str] = []

    def listen(event: Event) -> None:
        if isinstance(event, BundleStarted):
            begun.append(event.path)

    summary = Scan(settings, data_dir, Options(only=(folder,))).run(listen)
    assert begun == sorted(begun), "a suspect would have been tried last"
    assert (summary.found, summary.ok, summary.resumed) == (10, 10 - len(kept), 10 - len(kept))
    with Store.in_folder(data_dir) as store:
        assert {plugin.status for plugin in store.plugins()} == {"ok"}
        assert len(store.plugins()) == 10 and store.quarantine() == []
        assert max(plugin.parameter_count for plugin in store.plugins()) == 2000
        assert store.db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def sentence(error: pytest.ExceptionInfo[Exception]) -> str:
    text = str(error.value)
    assert "\n" not in text and text.endswith(".") and "Traceback" not in text
    return text


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A disk of one megabyte."""
    mount, umount = shutil.which("mount"), shutil.which("umount")
    with tempfile.TemporaryDirectory() as name:
        disk = Path(name)
        command = [str(mount), "-t", "tmpfs", "-o", "size=1m", "none", name]
        if not (mount and umount) or subprocess.run(command, capture_output=True).returncode:
            pytest.skip("whoever runs this may not mount a disk")
        try:
            yield disk
        finally:
            subprocess.run([str(umount), "-l", name], check=True)


def test_a_full_disk_while_it_scans(small_disk: Path, folder: Path, settings: Settings) -> None:
    data_dir = small_disk / "data"
    ballast = small_disk / "ballast"
    answer: list[str] = []

    def listen(event: Event) -> None:
        if isinstance(event, BundleEnded):
            answer.append(event.report.bundle.path)
            if len(answer) == 3:  # from now on there is no room
                with ballast.open("wb") as file, pytest.raises(OSError, match="No space"):
                    while True:
                        os.write(file.fileno(), bytes(4096))

    with nothing_left(), pytest.raises(CatalogueError) as error:
        Scan(settings, data_dir, Options(only=(folder,))).run(listen)
    assert sentence(error) == (
        f"The disk of {data_dir / 'catalogue.db'} is full; make room and go on, nothing that was there is lost."
    )
    ballast.unlink()
    small_disk_grows = ["mount", "-o", "remount,size=16m", str(small_disk)]
    subprocess.run(small_disk_grows, check=True)
    with Store.in_folder(data_dir) as store:
        assert set(answer) <= {info.path for info in store.bundles()}, "what was told is kept"
        interrupted = Journal(store).interrupted()
        assert interrupted and interrupted.in_flight, "there was no room to note that nothing runs any more"
    finished(data_dir, folder, settings)


def test_a_disk_full_from_the_beginning(small_disk: Path, folder: Path, settings: Settings) -> None:
    with (small_disk / "ballast").open("wb") as file, pytest.raises(OSError, match="No space"):
        while True:
            os.write(file.fileno(), bytes(4096))
    with pytest.raises(CatalogueError) as error:
        Scan(settings, small_disk, Options(only=(folder,))).run(lambda event: None)
    assert str(small_disk) in sentence(error)
    (small_disk / "ballast").unlink()
    subprocess.run(["mount", "-o", "remount,size=16m", str(small_disk)], check=True)
    assert Scan(settings, small_disk, Options(only=(folder,))).run(lambda event: None).ok == 10


def test_a_full_disk_is_read(small_disk: Path, tmp_path: Path) -> None:
    """SQLite has no room for its files beside the catalogue; commands that write say what is wrong."""
    data = small_disk / "data"
    with Store.in_folder(data) as store:
        store.set_favourite(["vst3/a/b"], True)
    with suppress(OSError), (small_disk / "ballast").open("wb", buffering=0) as file:
        while True:
            file.write(bytes(1 << 12))
    with Store.in_folder(data) as store:
        assert [row[0] for row in store.db.execute("SELECT id FROM user_plugin")] == ["vst3/a/b"]
        with pytest.raises(CatalogueError, match="is full"):
            store.set_favourite(["vst3/a/b"], False)
    with pytest.raises(CatalogueError, match="is full"):
        repair.repair(data / database.FILE_NAME, thorough=True)
    with pytest.raises(CatalogueError, match="is full"):
        Store(data / database.FILE_NAME, durable=True)
    (small_disk / "ballast").unlink()
    with Store.in_folder(data) as store:
        store.set_favourite(["vst3/a/b"], False)


def test_a_folder_that_may_not_be_written(small_disk: Path, folder: Path, settings: Settings) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(CatalogueError) as error:
        Scan(settings, small_disk / "data", Options(only=(folder,))).run(lambda event: None)
    assert str(small_disk) in sentence(error) and "ead-only" in sentence(error)


def test_a_disk_that_turns_read_only_before_a_scan(small_disk: Path, folder: Path, settings: Settings) -> None:
    """As when the system has found a fault."""
    remount = ["mount", str(small_disk), "-o"]
    subprocess.run([*remount, "remount,size=16m"], check=True)
    made = Scan(settings, small_disk, Options(only=(folder,)))
    made.run(lambda event: made.stop() if isinstance(event, BundleEnded) else None)
    subprocess.run([*remount, "remount,ro"], check=True)
    with pytest.raises(CatalogueError) as error:
        Scan(settings, small_disk, Options(only=(folder,))).run(lambda event: None)
    assert str(small_disk / database.FILE_NAME) in sentence(error)
    subprocess.run([*remount, "remount,rw"], check=True)
    finished(small_disk, folder, settings)


LOCK = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
db.execute("ROLLBACK")
"""


def test_a_catalogue_locked_by_another_program_while_it_scans(
    folder: Path, data_dir: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = database.connect
    monkeypatch.setattr(
        "pluginary_tui.catalogue.store.connect", lambda path, **more: connect(path, timeout_ms=300, **more)
    )
    lockers: list[subprocess.Popen[str]] = []
    answer: list[str] = []

    def listen(event: Event) -> None:
        if isinstance(event, BundleEnded):
            answer.append(event.report.bundle.path)
            if len(answer) == 3:
                command = [sys.executable, "-c", LOCK, str(data_dir / database.FILE_NAME)]
                locker = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
                lockers.append(locker)
                assert locker.stdout and locker.stdout.readline() == "locked\n"

    try:
        with pytest.raises(CatalogueError) as error:
            Scan(settings, data_dir, Options(only=(folder,))).run(listen)
    finally:
        for locker in lockers:
            locker.communicate()
    assert sentence(error) == (
        f"Another program is writing to {data_dir / database.FILE_NAME}; wait until it is done and try again."
    )
    with Store.in_folder(data_dir) as store:
        assert {info.path for info in store.bundles()} == set(answer)
    finished(data_dir, folder, settings)


def test_a_lock_shorter_than_the_patience_is_waited_for(folder: Path, data_dir: Path, settings: Settings) -> None:
    answer = 0

    def listen(event: Event) -> None:
        nonlocal answer
        answer += isinstance(event, BundleEnded)
        if isinstance(event, BundleEnded) and answer == 3:
            command = [sys.executable, "-c", LOCK, str(data_dir / database.FILE_NAME)]
            locker = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            assert locker.stdout and locker.stdout.readline() == "locked\n"
            subprocess.Popen(["sleep", "0.5"], stdin=locker.stdin).wait()
            locker.communicate()

    assert Scan(settings, data_dir, Options(only=(folder,))).run(listen).ok == 10


def test_two_scans_at_once(folder: Path, data_dir: Path, settings: Settings) -> None:
    """The second is refused with a sentence, whichever process it is in, and the first goes on."""
    refused: list[str] = []
    other = [sys.executable, "-m", "pluginary_tui", "scan", "--json", "--no-builtin", "--only", str(folder)]
    environment = os.environ | {"PLUGINARY_TUI_DATA_DIR": str(data_dir)}

    def listen(event: Event) -> None:
        if isinstance(event, BundleEnded) and not refused:
            with pytest.raises(ScanError) as error:
                Scan(settings, data_dir, Options(only=(folder,))).run(lambda event: None)
            refused.append(sentence(error))
            ended = subprocess.run(other, env=environment, capture_output=True, text=True)
            assert (ended.returncode, ended.stdout) == (1, "")
            refused.append(ended.stderr)

    assert Scan(settings, data_dir, Options(only=(folder,))).run(listen).ok == 10
    message = "Another scan is writing to this catalogue; wait until it is done, or stop it."
    assert refused[0] == message and message in refused[1] and refused[1].count("\n") == 1
    with Store.in_folder(data_dir) as store:
        assert len(store.plugins()) == 10
