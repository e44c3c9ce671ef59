"""The zoo's LADSPA libraries: `ladspa.c` compiled with what makes each kind."""

from __future__ import annotations

import functools
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.plugins.module import SOURCES, compiler

_CRASH = "*(volatile int *)0 = 1"


@dataclass(frozen=True, slots=True)
class LadspaKind:
    """One kind, and how a scan of it ends."""

    flags: tuple[str, ...]
    outcome: str = "ok"
    stage: str = "done"
    plugins: int = 1
    parameters: int = 2
    """Of each plugin."""
    cause: str = ""
    """Part of the error."""


KINDS = {
    "good": LadspaKind(()),
    "many": LadspaKind(("-DPLUGINS=40",), plugins=40),
    "crash_load": LadspaKind(("-DAT_LOAD", f"-DACT={_CRASH}"), "crashed", "factory", cause="SIGSEGV"),
    "crash_descriptor": LadspaKind(("-DAT_DESCRIPTOR=0", f"-DACT={_CRASH}"), "crashed", "factory", cause="SIGSEGV"),
    "crash_second": LadspaKind(
        ("-DPLUGINS=3", "-DAT_DESCRIPTOR=1", "-DACT=abort()"), "crashed", "factory", cause="SIGABRT"
    ),
    "exit_load": LadspaKind(("-DAT_LOAD", "-DACT=_exit(0)"), "crashed", "factory"),
    "hang_load": LadspaKind(("-DAT_LOAD", "-DACT=sleep(120)"), "timeout", "factory"),
    "crash_create": LadspaKind(("-DAT_CREATE", f"-DACT={_CRASH}")),
    "ports_100000": LadspaKind(("-DPORTS=100000",), parameters=16_382),
    "endless": LadspaKind(("-DPLUGINS=-1",), plugins=4_096),
    "odd_values": LadspaKind(("-DODD",)),
    "no_arrays": LadspaKind(("-DNO_ARRAYS",), parameters=0),
    "no_names": LadspaKind(("-DNAME=NULL", "-DMAKER=NULL")),
    "bad_texts": LadspaKind(('-DNAME="Zo\\351 \\33[31mred\\33[0m [b]x[/b]"', '-DMAKER="\\1\\2"')),
    "same_numbers": LadspaKind(("-DPLUGINS=2", "-DID=7"), plugins=2),
    "empty": LadspaKind(("-DPLUGINS=0",), "failed", "factory", cause="no effect"),
}


def build(kind: str, folder: Path) -> Path:
    """Make a library of one of the KINDS in a folder and give its path. Raises RuntimeError without a compiler."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{kind}.so"
    shutil.copy(_compiled(kind, folder.parent), path)
    return path


@functools.cache
def _compiled(kind: str, scratch: Path) -> Path:
    found = compiler()
    if found is None:
        raise RuntimeError("needs Linux and a C compiler")
    path = scratch / f"ladspa-{kind}.built"
    source = SOURCES / "ladspa.c"
    subprocess.run(
        [found, "-std=gnu11", "-O0", "-w", "-fPIC", "-shared", *KINDS[kind].flags, source, "-o", path], check=True
    )
    return path
