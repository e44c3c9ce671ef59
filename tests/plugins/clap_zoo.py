"""The zoo's CLAPs: `clap.c` compiled with what makes each kind."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.plugins.module import SOURCES, compiler

_CRASH = "-DACT=*(volatile int *)0 = 1"
_SECOND = ("-DPLUGINS=3", "-DVICTIM=1")


@dataclass(frozen=True, slots=True)
class ClapKind:
    """One kind, and how a scan of it ends."""

    flags: tuple[str, ...]
    outcome: str = "ok"
    stage: str = "done"
    plugins: int = 1
    parameters: int = 3
    """Of each plugin that could be read."""
    cause: str = ""
    """Part of the error, or the signal."""
    second: str = "ok"
    """How reading its second plugin ended, where it has one."""


KINDS = {
    "good": ClapKind(()),
    "many": ClapKind(("-DPLUGINS=40",), plugins=40),
    "crash_load": ClapKind(("-DAT_LOAD", _CRASH), "crashed", "factory", cause="SIGSEGV"),
    "crash_entry": ClapKind(("-DAT_ENTRY", _CRASH), "crashed", "factory", cause="SIGSEGV"),
    "crash_factory": ClapKind(("-DAT_FACTORY", "-DACT=abort()"), "crashed", "factory", cause="SIGABRT"),
    "crash_descriptor": ClapKind(("-DAT_DESCRIPTOR", _CRASH), "crashed", "factory", cause="SIGSEGV"),
    "crash_create": ClapKind(("-DAT_CREATE", _CRASH), "crashed", "load", cause="SIGSEGV"),
    "crash_init": ClapKind(("-DAT_INIT", _CRASH), "crashed", "load", cause="SIGSEGV"),
    "crash_params": ClapKind(("-DAT_PARAMS", _CRASH), "crashed", "parameters", cause="SIGSEGV"),
    "crash_info": ClapKind(("-DAT_INFO", _CRASH), "crashed", "parameters", cause="SIGSEGV"),
    "crash_text": ClapKind(("-DAT_TEXT", _CRASH), "crashed", "parameters", cause="SIGSEGV"),
    "crash_destroy": ClapKind(("-DAT_DESTROY", _CRASH)),
    "second_crashes": ClapKind((*_SECOND, "-DAT_INIT", _CRASH), plugins=3, second="crashed"),
    "second_exits": ClapKind((*_SECOND, "-DAT_PARAMS", "-DACT=_exit(0)"), plugins=3, second="crashed"),
    "second_hangs": ClapKind((*_SECOND, "-DAT_INIT", "-DACT=sleep(120)"), plugins=3, second="timeout"),
    "second_refuses": ClapKind((*_SECOND, "-DREFUSE"), plugins=3, second="failed"),
    "refuse_entry": ClapKind(("-DREFUSE_ENTRY",), "failed", "factory", cause="refused"),
    "no_factory": ClapKind(("-DNO_FACTORY",), "failed", "factory", cause="no factory"),
    "no_instance": ClapKind(("-DNO_INSTANCE",), "failed", "load", cause="no instance"),
    "no_plugin": ClapKind(("-DPLUGINS=0",), "failed", "factory", cause="no effect"),
    "params_100000": ClapKind(("-DPARAMS=100000",), parameters=16_384),
    "count_wrong": ClapKind(("-DPARAMS=4000000000u", "-DREFUSE_INFO"), parameters=0),
    "endless_ports": ClapKind(("-DENDLESS_PORTS",)),
    "odd_values": ClapKind(("-DODD",)),
    "no_names": ClapKind(("-DVENDOR=NULL", "-DFEATURES=NULL")),
    "bad_texts": ClapKind(('-DNAME="Zo\\351 \\33[31mred [b]x[/b]"', '-DVENDOR="\\1\\2"')),
    "presets": ClapKind(("-DPRESETS=2",)),
    "endless_presets": ClapKind(("-DPRESETS=1000000000000",)),
}


def build(kind: str, folder: Path) -> Path:
    """Make a CLAP of one of the KINDS in a folder and give its path. Raises RuntimeError without a compiler."""
    folder.mkdir(parents=True, exist_ok=True)
    found = compiler()
    if found is None:
        raise RuntimeError("needs Linux and a C compiler")
    path = folder / f"{kind}.clap"
    flags = ["-std=gnu11", "-O0", "-w", "-fPIC", "-shared", *KINDS[kind].flags]
    subprocess.run([found, *flags, SOURCES / "clap.c", "-o", path], check=True)
    return path
