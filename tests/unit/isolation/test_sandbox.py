"""The filter for each kind of machine, and what is left of the sandbox where layers are missing."""

from __future__ import annotations

import errno
import json
import os
import re
import select
import socket
import struct
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pluginary_tui.isolation import jobs
from pluginary_tui.isolation.linux import system
from pluginary_tui.isolation.linux.sandbox import confinement, folder, policy, seccomp, syscalls
from pluginary_tui.isolation.linux.sandbox.confinement import Confinement, Layers, offered
from pluginary_tui.isolation.linux.sandbox.enter import enter
from pluginary_tui.isolation.pool import Pool

OFFERED = offered()
needs_all = pytest.mark.skipif(not all(OFFERED), reason="needs Landlock, seccomp and its notification")

ALLOW, NOTIFY, ERRNO = 0x7FFF0000, 0x7FC00000, 0x00050000
OWN = 4711


def answer(code: bytes, audit: int, number: int, *arguments: int) -> int:
    """What a classic BPF program returns for a system call."""
    padded = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("<iIQ6Q", number, audit, 0, *(each & (1 << 64) - 1 for each in padded))
    instructions = list(struct.iter_unpack("<HBBI", code))
    at = accumulator = 0
    while True:
        operation, yes, no, value = instructions[at]
        at += 1
        if operation == 0x20:
            (accumulator,) = struct.unpack_from("<I", data, value)
        elif operation == 0x54:
            accumulator &= value
        elif operation == 0x06:
            return value
        else:
            true = {
                0x15: accumulator == value,
                0x25: accumulator > value,
                0x35: accumulator >= value,
                0x45: bool(accumulator & value),
            }[operation]
            at += yes if true else no


def owned(code: bytes) -> bytes:
    """The program as the process OWN installs it."""
    words = bytearray(code)
    for place in seccomp.places_of_own(code):
        struct.pack_into("<I", words, place, OWN)
    return bytes(words)


@pytest.fixture(params=list(syscalls.ARCHITECTURES))
def call(request: pytest.FixtureRequest) -> Callable[..., int]:
    machine = request.param
    code = owned(seccomp.program(machine, notify=True, landlock=7))
    numbers, audit = syscalls.numbers(machine), syscalls.ARCHITECTURES[machine].audit
    return lambda name, *arguments: answer(code, audit, numbers[name], *arguments)


def test_what_harms_nobody_passes(call: Callable[..., int]) -> None:
    for name in ("read", "mmap", "futex", "close", "clock_gettime", "getrandom", "exit_group", "getdents64"):
        assert call(name) == ALLOW, name
    assert call("openat", -100, 0, os.O_RDONLY | os.O_CLOEXEC) == ALLOW
    assert call("prlimit64", 0, 7) == call("prlimit64", OWN, 7) == ALLOW
    assert call("clone", 0x003D0F00) == ALLOW, "a thread"
    assert call("socketpair", 1, socket.SOCK_STREAM | 0x80000) == ALLOW


def test_what_reaches_outside_is_asked_about_or_fails(call: Callable[..., int]) -> None:
    for name in ("socket", "execve", "unlinkat", "fchmod", "ptrace", "io_uring_setup", "bpf", "keyctl", "unshare"):
        assert call(name) == NOTIFY, name
    assert call("openat", -100, 0, os.O_WRONLY) == call("openat", -100, 0, os.O_CREAT) == NOTIFY
    assert call("openat", -100, 0, os.O_RDONLY | os.O_TRUNC) == ERRNO | errno.EACCES
    assert call("openat", -100, 0, os.O_ACCMODE | os.O_CREAT) == ERRNO | errno.EACCES, "for ioctl alone"
    assert call("clone", 0x10000000) == ERRNO | errno.EPERM, "a namespace of users"
    assert call("socketpair", 1, socket.SOCK_DGRAM) == ERRNO | errno.EPERM
    assert call("socketpair", socket.AF_INET, socket.SOCK_STREAM) == ERRNO | errno.EPERM
    assert call("prlimit64", OWN + 1, 7) == ERRNO | errno.EPERM
    assert call("prlimit64", 0, 4) == call("setrlimit", 4) == ERRNO | errno.EPERM, "RLIMIT_CORE"
    assert call("setsockopt", 3, 1, 26) == ERRNO | errno.EPERM, "SO_ATTACH_FILTER"
    assert call("ioctl", 0, 0x5412) == ERRNO | errno.ENOTTY, "TIOCSTI"
    assert call("fcntl", 0, 8) == ERRNO | errno.EPERM, "F_SETOWN"
    assert call("prctl", 1) == ERRNO | errno.EPERM, "PR_SET_PDEATHSIG"


def test_what_is_not_on_the_list_does_not_exist() -> None:
    for machine, (audit, _) in syscalls.ARCHITECTURES.items():
        code, known = seccomp.program(machine, notify=True, landlock=7), set(syscalls.numbers(machine).values())
        for number in {*range(1200), 0x40000000, 0x40000002, 0x40000000 + 513} - known:
            assert answer(code, audit, number) == ERRNO | errno.ENOSYS, (machine, number)
        assert answer(code, 0x40000003, 5) == ERRNO | errno.ENOSYS, "32 bits"


@pytest.mark.parametrize("abi", [0, 1, 5, 6])
def test_without_notification_calls_fail(abi: int) -> None:
    code = owned(seccomp.program("x86_64", notify=False, landlock=abi))
    numbers, audit = syscalls.numbers("x86_64"), syscalls.ARCHITECTURES["x86_64"].audit
    assert NOTIFY not in {value for _, _, _, value in struct.iter_unpack("<HBBI", code)}
    assert answer(code, audit, numbers["socket"], 2) == ERRNO | errno.EACCES
    writes = answer(code, audit, numbers["openat"], 0, 0, os.O_WRONLY)
    assert writes == (ALLOW if abi else ERRNO | errno.EACCES)
    assert answer(code, audit, numbers["kill"], OWN, 9) == ALLOW
    assert answer(code, audit, numbers["kill"], 1, 9) == (ALLOW if abi >= 6 else ERRNO | errno.EPERM)


@pytest.mark.parametrize(
    ("machine", "header"), [("x86_64", "x86_64-linux-gnu/asm/unistd_64.h"), ("aarch64", "asm-generic/unistd.h")]
)
def test_numbers_are_those_of_the_kernel(machine: str, header: str) -> None:
    path = Path("/usr/include", header)
    if not path.exists():
        pytest.skip(f"needs {path}")
    found = re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)$", path.read_text(), re.MULTILINE)
    theirs = {name: int(number) for name, number in found} | ({"newfstatat": 79} if machine == "aarch64" else {})
    ours = syscalls.numbers(machine)
    common = ours.keys() & theirs.keys()
    assert len(common) > 200
    assert {name: ours[name] for name in common} == {name: theirs[name] for name in common}


def confined(layers: Layers, tries: Callable[[Path], dict[str, bool]], tmp_path: Path, mode: str = "guarded") -> Any:
    """What `tries` returns in a process that is confined with these layers only, in a process of its own."""
    reader, writer = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            system.give_up_privileges()
            confinement.offered = lambda: layers
            made = Confinement(mode, folder.path_of(f"{os.getpid()}-{os.urandom(4).hex()}"))
            assert made.layers == layers
            entrance = made.entrance(())
            inner = os.fork()
            if not inner:
                enter(entrance)
                os.write(writer, json.dumps(tries(tmp_path)).encode())
                os._exit(0)
            watch = None
            while not os.waitpid(inner, os.WNOHANG)[0]:
                if layers.notify:
                    watch = watch or made.watch(inner)
                    if watch and select.select([watch.listener], [], [], 0.01)[0]:
                        try:
                            watch.answer(lambda: 0)
                        except OSError:
                            watch = watch if not watch.over else None
                            layers = layers._replace(notify=watch is not None)
                else:
                    time.sleep(0.001)
            made.close()
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        output = stream.read()
    os.waitpid(pid, 0)
    return json.loads(output)


def harm(folder: Path) -> dict[str, bool]:
    """What of all this succeeds."""

    def works(act: Callable[[], object]) -> bool:
        try:
            act()
        except OSError:
            return False
        return True

    return {
        "network": works(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()),
        "writing": works(lambda: (folder / "made").write_text("x")),
        "deleting": works(lambda: (folder / "there").unlink()),
        "chmod": works(lambda: (folder / "there").chmod(0o777)),
        "reading": works(lambda: (folder / "there").read_text()),
        "signal": works(lambda: os.kill(os.getppid(), 0)),
        "program": works(lambda: os.execv("/bin/true", ["true"])),
        "own file": works(lambda: Path(tempfile.mkdtemp(), "x").write_text("x")),
        "raise": works(lambda: os.kill(os.getpid(), 0)),
    }


@needs_all
@pytest.mark.parametrize("abi", range(1, OFFERED.landlock + 1))
@pytest.mark.parametrize("notify", [True, False])
def test_every_version_of_landlock_holds_with_the_filter(abi: int, notify: bool, tmp_path: Path) -> None:
    (tmp_path / "there").write_text("x")
    got = confined(Layers(abi, filter=True, notify=notify), harm, tmp_path)
    assert {name for name, worked in got.items() if worked} == {"own file", "raise"}
    assert (tmp_path / "there").read_text() == "x" and not (tmp_path / "made").exists()


@needs_all
@pytest.mark.parametrize("notify", [True, False])
def test_without_landlock_nothing_is_written_and_nobody_reached(notify: bool, tmp_path: Path) -> None:
    (tmp_path / "there").write_text("x")
    got = confined(Layers(0, filter=True, notify=notify), harm, tmp_path)
    assert {name for name, worked in got.items() if worked} == {"reading", "raise"}
    assert not (tmp_path / "made").exists()


@needs_all
def test_without_the_filter_files_and_signals_are_still_held_back(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("x")
    got = confined(Layers(OFFERED.landlock), harm, tmp_path)
    assert {name for name, worked in got.items() if worked} <= {"network", "chmod", "own file", "raise"}
    assert not (tmp_path / "made").exists()


def test_where_there_is_no_layer_jobs_run_all_the_same() -> None:
    made = Confinement(policy.OFF, "")
    assert made.described() == "off" and not made.layers.any


def end_of(pool: Pool, job: jobs.Job) -> tuple[list[jobs.AttemptRefused], jobs.JobEnded]:
    pool.submit(job)
    attempts = []
    while True:
        for event in pool.events(0.5):
            if isinstance(event, jobs.AttemptRefused):
                attempts.append(event)
            elif isinstance(event, jobs.JobEnded):
                return attempts, event


@needs_all
@pytest.mark.parametrize("fresh", [False, True])
def test_the_self_check_passes_nothing(fresh: bool, tmp_path: Path) -> None:
    entry = "pluginary_tui.isolation.linux.sandbox.self_check:run"
    with Pool(1, sandbox="guarded") as pool:
        attempts, ended = end_of(pool, jobs.Job("x", entry, {"folder": str(tmp_path)}, 20.0, fresh=fresh))
    assert (ended.outcome, ended.sandbox) == ("ok", "guarded")
    assert {each.kind for each in attempts} == {"network", "programs", "writes", "executes"}


@needs_all
def test_a_job_gets_the_files_that_it_names_and_no_way_to_open_them(tmp_path: Path) -> None:
    source, target = tmp_path / "in", tmp_path / "out"
    source.write_bytes(b"sound")
    target.touch()
    paths = {"reads": str(source), "writes": str(target)}
    entry = "tests.support.isolation_jobs:copies_what_it_was_given"
    job = jobs.Job("x", entry, paths, 20.0, reads=(str(source),), writes=(str(target),))
    with Pool(1, sandbox="sealed", preload="tests.support.isolation_jobs:preload") as pool:
        pool.submit(job)
        events: list[jobs.Event] = []
        while not any(isinstance(event, jobs.JobEnded) for event in events):
            events += pool.events(0.5)
    assert [e.message for e in events if isinstance(e, jobs.MessageReceived)] == [{"refused": [*paths.values()]}]
    assert target.read_bytes() == b"sound"


@needs_all
def test_a_file_that_is_gone_is_no_fault_of_the_job(tmp_path: Path) -> None:
    with Pool(1, sandbox="sealed") as pool:
        entry = "tests.support.isolation_jobs:nothing"
        _, ended = end_of(pool, jobs.Job("x", entry, {}, 20.0, reads=(str(tmp_path / "gone"),)))
    assert (ended.outcome, ended.reason) == (None, "launch")


@needs_all
def test_a_worker_that_is_killed_leaves_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with Pool(1, sandbox="guarded") as pool:
        end_of(pool, jobs.Job("x", "pluginary_tui.isolation.linux.sandbox.self_check:run", {"folder": "/"}, 20.0))
        assert len(list(tmp_path.iterdir())) == 1
        pool._workers[0].process.kill()
        end_of(pool, jobs.Job("x", "pluginary_tui.isolation.linux.sandbox.self_check:run", {"folder": "/"}, 20.0))
        assert len(list(tmp_path.iterdir())) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = tmp_path / "home"
    for name in (".config/Acme Audio", ".config/Bitwarden", ".ssh", ".u-he/Diva", ".vst3", "Documents/Acme"):
        (made / name).mkdir(parents=True)
    monkeypatch.setattr(policy, "homes", lambda: (str(made),))
    return made


def test_vendors_folders_are_found_and_secrets_are_not(home: Path) -> None:
    folders = policy.VendorFolders()
    found = folders.find("/x/Verb.vst3", "Acme Audio", ())
    assert {place for place, _ in found} == {".config/Acme Audio", "Documents/Acme"}
    assert [place for place, _ in folders.find("/x/Diva.vst3", "", ())] == [".u-he/Diva"]
    for name in ("ssh", ".ssh", "Bitwarden", "config", "Documents"):
        assert folders.find(f"/x/{name}.vst3", name, ()) == []
    assert folders.find("/x/Verb.vst3", "Acme", [str(home / "Documents" / "Acme" / "data")]) == []


def test_of_a_python_in_the_home_only_the_code_is_open(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "prefix", str(home / ".local"))
    opened = [path for path, _ in policy.system_rules()]
    assert str(home / ".local" / "lib") in opened
    assert not any(path in (str(home / ".local"), str(home)) for path in opened)


@pytest.mark.parametrize("telling", ["app/org.mozilla.firefox", "keys/id_ed25519", "Login Data", "safe.kdbx"])
def test_a_folder_that_holds_secrets_is_no_vendors(home: Path, telling: str) -> None:
    folders = policy.VendorFolders()
    assert [place for place, _ in folders.find("/x/Diva.vst3", "", ())] == [".u-he/Diva"]
    (home / ".config" / "Acme Audio" / telling).mkdir(parents=True)
    found = folders.find("/x/Verb.vst3", "Acme Audio", ())
    assert [place for place, _ in found] == ["Documents/Acme"]


def test_a_bundle_may_be_a_link_to_another_or_to_where_it_was_built(tmp_path: Path) -> None:
    for built in ("store/Y.vst3", "build/Contents", "lv2-build/manifest.ttl"):
        (tmp_path / built).mkdir(parents=True)
    (tmp_path / "X.so").symlink_to(sys.executable)
    assert policy.bundle_paths(str(tmp_path / "X.so"), ()) == [os.path.realpath(sys.executable)]
    for link, target in (("X.vst3", "store/Y.vst3"), ("Z.vst3", "build"), ("X.lv2", "lv2-build")):
        (tmp_path / link).symlink_to(tmp_path / target)
        assert policy.bundle_paths(str(tmp_path / link), ()) == [str(tmp_path / target)]


def test_a_bundle_that_is_a_link_to_something_else_opens_nothing(home: Path, tmp_path: Path) -> None:
    (home / ".ssh" / "id").write_text("secret")
    (home / ".bash_history").write_text("secret")
    (home / "core").write_bytes(b"\x7fELF" + bytes(12) + struct.pack("=H", 4))
    os.mkfifo(home / "pipe")
    others = (home / ".config", home / "Documents", home / ".bash_history", home / "core", home / "pipe")
    for target in (home, home / ".ssh", home.parent, Path("/"), home / ".ssh" / "id", *others):
        link = tmp_path / "X.vst3"
        link.unlink(missing_ok=True)
        link.symlink_to(target)
        assert policy.bundle_paths(str(link), ()) == []
    inner = home / ".vst3" / "Y.vst3" / "Contents" / f"{os.uname().machine}-linux"
    inner.mkdir(parents=True)
    (inner / "Y.so").symlink_to(sys.executable)
    (inner / "Z.so").symlink_to(home / ".ssh" / "id")
    found = policy.bundle_paths(str(home / ".vst3" / "Y.vst3"), ())
    assert found == [str(home / ".vst3" / "Y.vst3"), os.path.realpath(sys.executable)]
    assert policy.bundle_paths(str(home / ".vst3" / "Y.vst3"), [str(home / ".vst3" / "Y.vst3" / "data")]) == []
