"""The Debian 13 in a folder that the script `debian13` builds: commands run in it, the project installed there."""

from __future__ import annotations

import csv
import io
import os
import shutil
import subprocess
import tarfile
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Self

HERE = Path(__file__).parent
PROJECT = HERE.parents[1]
SCRIPT = HERE / "debian13"
ROOT = Path(os.environ.get("PLUGINARY_TUI_DEBIAN13", "/var/tmp/pluginary-tui-debian13"))
"""The machine's folder. It stays: a later run reuses it. Read at import, as each test's own environment lacks it."""

_LACKING = 3
"""The script's exit code where this computer cannot have such a machine."""


class LackingError(Exception):
    """What this computer lacks for a machine in a folder; begins with "needs"."""


def build() -> None:
    """Make the machine, or add what it lacks; raise LackingError, or RuntimeError with the script's line."""
    done = subprocess.run([SCRIPT, "build", ROOT], capture_output=True, text=True)
    line = done.stderr.strip().removeprefix("debian13: ")
    if done.returncode == _LACKING:
        raise LackingError(line)
    if done.returncode:
        raise RuntimeError(line)


def is_built() -> bool:
    """Whether there is a machine, and this process may run commands in it."""
    return os.geteuid() == 0 and (ROOT / "etc/debian_version").exists()


def table() -> list[dict[str, str]]:
    """What is true of each VST3 plugin of the machine, by the columns of debian13.tsv."""
    with (HERE / "debian13.tsv").open(newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def command(*words: str | Path) -> list[str | Path]:
    """The command line that runs `words` in the machine."""
    return [SCRIPT, "run", ROOT, *words]


def run(*words: str | Path, stdin: bytes = b"", timeout: float = 1500) -> bytes:
    """What a command in the machine prints; RuntimeError, with its last messages, where it fails."""
    done = subprocess.run(command(*words), input=stdin, capture_output=True, timeout=timeout)
    if done.returncode:
        messages = done.stderr.decode(errors="replace")[-2000:]
        raise RuntimeError(f"{' '.join(map(str, words))}: exit code {done.returncode}\n{messages}")
    return done.stdout


class Installed(AbstractContextManager["Installed"]):
    """The project, copied into the machine and installed there as the README says; deleted at exit."""

    def __init__(self) -> None:
        """Raise LackingError where pip reaches no network."""
        self.folder = Path(run("mktemp", "-d", "-p", "/srv").decode().strip())
        """As the machine calls it."""
        try:
            run("tar", "-xC", self.folder, stdin=_project())
            run("sh", "-c", f"cd {self.folder} && python3 -m venv .venv && .venv/bin/pip install -q .")
        except BaseException as error:
            self._remove()
            if "connection broken by" in str(error):
                raise LackingError(f"needs the network: pip reaches no package in {ROOT}") from error
            raise
        self.program = self.folder / ".venv/bin/pluginary-tui"
        self.python = self.folder / ".venv/bin/python"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._remove()

    def words(self, *words: str | Path, data: str = "data") -> list[str | Path]:
        """Our command as the machine runs it; each name of a `data` folder is a catalogue of its own."""
        own = [f"PLUGINARY_TUI_DATA_DIR={self.folder / data}", f"PLUGINARY_TUI_CONFIG={self.folder / 'config.toml'}"]
        return ["env", *own, self.program, *words]

    def _remove(self) -> None:
        shutil.rmtree(ROOT / self.folder.relative_to("/"), ignore_errors=True)


def _project() -> bytes:
    """A tar archive of what an installation needs."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name in ("pyproject.toml", "README.md", "LICENSE", "pluginary_tui"):
            tar.add(PROJECT / name, name, filter=lambda entry: None if "__pycache__" in entry.name else entry)
    return archive.getvalue()
