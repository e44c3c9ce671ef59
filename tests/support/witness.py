"""What stands outside a sandbox and sees what gets out: a folder, sockets and a process."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

SECRET = "the witness's secret"
_PATIENT = (
    "import signal, sys, time\n"
    "for number in (signal.SIGTERM, signal.SIGUSR2, signal.SIGURG): signal.signal(number, lambda *_: sys.exit(3))\n"
    "print('ready', flush=True)\ntime.sleep(600)"
)


class Witness:
    """A folder with what can be changed or read, sockets that can be reached, a process that can be harmed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        (folder.parent / "elsewhere").mkdir()
        (folder.parent / "elsewhere" / "secret").write_text(SECRET)
        (folder / "through").symlink_to(folder.parent / "elsewhere")
        self._sockets: dict[str, socket.socket] = {}
        self._process: subprocess.Popen[str] | None = None
        self.reset()
        self._listen("ZOO_TCP", socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0))
        self._listen("ZOO_UDP", socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0))
        self._listen("stream", socket.AF_UNIX, socket.SOCK_STREAM, str(folder / "stream"))
        self._listen("dgram", socket.AF_UNIX, socket.SOCK_DGRAM, str(folder / "dgram"))
        self.abstract = f"zoo-witness-{os.getpid()}-{id(self)}"
        self._listen("abstract", socket.AF_UNIX, socket.SOCK_STREAM, "\0" + self.abstract)

    def _listen(self, name: str, family: int, kind: int, address: object) -> None:
        made = socket.socket(family, kind)
        made.bind(address)  # type: ignore[arg-type]
        if kind == socket.SOCK_STREAM:
            made.listen(64)
        made.setblocking(False)
        self._sockets[name] = made

    def reset(self) -> None:
        """Put everything back as it was."""
        for path in self.folder.iterdir():
            if path.name not in ("stream", "dgram", "through"):
                path.unlink() if path.is_symlink() or not path.is_dir() else path.rmdir()
        for path in self.folder.parent.glob("esc_*"):
            path.unlink()
        (self.folder / "secret").write_text(SECRET)
        (self.folder / "readable").write_text("x")
        (self.folder / "victim").write_text("whole")
        (self.folder / "victim").chmod(0o640)
        (self.folder / "empty").mkdir()
        os.utime(self.folder / "victim", (1_700_000_000, 1_700_000_000))
        if self._process is None or self._process.poll() is not None:
            self.close_process()
            self._process = subprocess.Popen([sys.executable, "-c", _PATIENT], stdout=subprocess.PIPE, text=True)
            assert self._process.stdout and self._process.stdout.readline() == "ready\n"
        self._before = self._state()

    @property
    def environment(self) -> Mapping[str, str]:
        """What tells the plugins where to strike."""
        assert self._process
        return {
            "ZOO_WITNESS": str(self.folder),
            "ZOO_TCP": str(self._sockets["ZOO_TCP"].getsockname()[1]),
            "ZOO_UDP": str(self._sockets["ZOO_UDP"].getsockname()[1]),
            "ZOO_ABSTRACT": self.abstract,
            "ZOO_PID": str(self._process.pid),
            "ZOO_SECRET_TOKEN": SECRET,
            **{f"ZOO_TOKEN_{at}": 10 * "a secret that nobody else holds" for at in range(40)},
        }

    def _state(self) -> dict[str, object]:
        found: dict[str, object] = {}
        for path in sorted([*self.folder.rglob("*"), *self.folder.parent.glob("esc_*")]):
            status = path.lstat()
            text = path.read_bytes() if path.is_file() else b""
            attributes = os.listxattr(path, follow_symlinks=False)
            found[str(path)] = (status.st_mode, status.st_uid, status.st_nlink, status.st_mtime, text, attributes)
        return found

    def saw(self) -> list[str]:
        """What happened outside since `reset`: nothing, where the sandbox holds."""
        after = self._state()
        seen = [path for path in {**self._before, **after} if self._before.get(path) != after.get(path)]
        for name, listening in self._sockets.items():
            with contextlib.suppress(BlockingIOError):
                if listening.type == socket.SOCK_STREAM:
                    while True:
                        listening.accept()[0].close()
                        seen.append(f"a connection to {name}")
                while listening.recv(100):
                    seen.append(f"a datagram to {name}")
        if self._process and self._process.poll() is not None:
            seen.append("the end of another process")
        return seen

    def close_process(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
            assert self._process.stdout
            self._process.stdout.close()

    def close(self) -> None:
        self.close_process()
        for each in self._sockets.values():
            each.close()


@contextmanager
def witness(folder: Path) -> Iterator[Witness]:
    made = Witness(folder)
    try:
        yield made
    finally:
        made.close()
