"""What the script `debian13` says where it cannot do its work, and what it leaves behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from tests.machines.machine import SCRIPT

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
needs_debootstrap = pytest.mark.skipif(shutil.which("debootstrap") is None, reason="needs debootstrap")
USAGE = "usage: debian13 build DIR | run DIR CMD... | remove DIR"


def call(*words: str | Path, before: tuple[str, ...] = (), **env: str) -> tuple[int, str]:
    """The exit code of the script and its message, which has to be a line of its own."""
    done = subprocess.run([*before, SCRIPT, *words], capture_output=True, text=True, env=os.environ | env, timeout=120)
    (line,) = done.stderr.splitlines()
    return done.returncode, line.removeprefix("debian13: ")


@needs_root
@pytest.mark.parametrize("words", [[], ["build"], ["mend", "x"], ["run", "x"]])
def test_wrong_words_are_answered_with_the_right_ones(words: list[str], tmp_path: Path) -> None:
    assert call(*[tmp_path / word if word == "x" else word for word in words]) == (2, USAGE)


@needs_root
def test_a_machine_that_is_not_there_cannot_run_anything(tmp_path: Path) -> None:
    folder = tmp_path / "machine"
    assert call("run", folder, "true") == (3, f"needs a machine in {folder}: debian13 build {folder}")


@needs_root
def test_a_folder_of_somebody_else_is_not_run_as_root(tmp_path: Path) -> None:
    os.chown(tmp_path, 65534, 65534)
    assert call("build", tmp_path) == (1, f"{tmp_path} belongs to somebody else")


def test_without_root_nothing_is_built(tmp_path: Path) -> None:
    before = ("setpriv", "--reuid=65534", "--clear-groups") if os.geteuid() == 0 else ()
    assert call("build", tmp_path / "machine", before=("env", "-C", "/", *before, "bash")) == (3, "needs root")


@needs_root
def test_a_build_needs_debootstrap(tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    for program in ("bash", "id", "realpath", "unshare", "mkdir", "dirname", "flock", "true"):
        (programs / program).symlink_to(str(shutil.which(program)))
    message = "needs debootstrap: apt-get install debootstrap"
    assert call("build", tmp_path / "machine", PATH=str(programs)) == (3, message)


@needs_root
@needs_debootstrap
def test_a_build_needs_disk_space(tmp_path: Path) -> None:
    small = ("unshare", "-m", "sh", "-ec", f'mount -t tmpfs -o size=8m tmpfs {tmp_path}; "$0" "$@"')
    assert call("build", tmp_path / "machine", before=small) == (
        3,
        f"needs 3000 MB of disk space in {tmp_path}, where 8 MB are free",
    )


@needs_root
@needs_debootstrap
def test_a_build_needs_the_network(tmp_path: Path) -> None:
    message = "needs the network: none of apt's sources answers with Debian 13"
    assert call("build", tmp_path / "machine", before=("unshare", "--net")) == (3, message)
    assert not (tmp_path / "machine").exists()


@needs_root
def test_no_mount_is_left_by_a_command_that_was_killed(tmp_path: Path) -> None:
    """The machine is this computer's own system, bound into a folder as far as a shell needs it."""
    for name in ("proc", "dev", "tmp", "etc", "usr"):
        (tmp_path / name).mkdir()
    (tmp_path / "etc/debian_version").touch()
    for name in ("bin", "lib", "lib64", "sbin"):
        (tmp_path / name).symlink_to(f"usr/{name}")
    inside = f'mount --bind /usr "{tmp_path}/usr"; exec "$0" run "{tmp_path}" "$@"'
    words = [
        "unshare",
        "-m",
        "sh",
        "-ec",
        inside,
        str(SCRIPT),
        "sh",
        "-c",
        "ls /proc/self/fd && echo ready && exec sleep 60",
    ]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as machine:
        assert machine.stdout is not None
        assert any(line == "ready\n" for line in machine.stdout)  # /proc is mounted in there
        machine.send_signal(signal.SIGKILL)
    assert machine.returncode == -signal.SIGKILL
    assert str(tmp_path) not in Path("/proc/mounts").read_text()
