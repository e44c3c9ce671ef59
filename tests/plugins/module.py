"""Compiles the zoo's one module, and writes what makes a plugin itself into a copy of it."""

from __future__ import annotations

import functools
import hashlib
import platform
import shutil
import struct
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

SOURCES = Path(__file__).parent
MAGIC = b"PLUGINARY-ZOO-1\0"
ARCHITECTURE = f"{platform.machine()}-linux"
_FLAGS = ["-std=gnu11", "-O0", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared", "-fvisibility=hidden", "-pthread"]
_INSTRUMENTS = {"": 0, "sine": 1, "silent": 2}
_SAME = {"": 0, "name": 1, "id": 2}


@dataclass(slots=True, frozen=True, kw_only=True)
class Options:
    """What one bundle's plugins are like. Texts longer than their field fill it, without an end, as VST3 allows."""

    title: str = "Zoo"
    """The class's name (64 bytes). A lone surrogate becomes a byte that is no UTF-8 (`\\udcff`: 0xff), and stays a
    lone surrogate where the interface wants UTF-16. Several classes are numbered: `Zoo 001`."""
    vendor: str = "Zoo Works"
    category: str = "Fx|Dynamics"
    """The VST3 subcategories, joined by bars."""
    version: str = "1.2.3"
    id_from: str | None = None
    """Plugins made from the same text share their class id; the title, where it is not given."""
    parameters: int = 4
    """Gain (dB), Mode (three), Bypass (switch), Dry/Wet (%), then `Parameter 5` and so on; at most 8,192 with those
    for MIDI."""
    midi_controllers: int = 0
    """Parameters such as `MIDI CC 0|1` that come behind the others."""
    parameter: str = ""
    """What every parameter is called and says, where it is given."""
    classes: int = 1
    same: str = ""
    """`name` or `id`: what the classes share."""
    instrument: str = ""
    """`sine` or `silent`; an effect otherwise."""
    latency: int = 0
    """Samples, below 16,384; really delayed by as many."""
    delay_ms: int = 0
    """What each instance takes to initialise."""
    behaviour: str = ""
    stage: str = ""
    which: int = -1
    """The only class that misbehaves, from 0; -1 is all of them."""


def compiler() -> str | None:
    """The C compiler to use, or None where there is none or the platform is not Linux."""
    return next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None) if sys.platform == "linux" else None


@functools.cache
def module(variant: str = "") -> bytes:
    """The compiled module, unconfigured. Compiled once per process, with nothing left on the disk.

    `variant`: `absent` needs a library that is not there, `symbol` a symbol that no library has, `library` is a
    sound library without anything of VST3. Raises CalledProcessError, its stderr holding what the compiler said.
    """
    cc = compiler()
    if cc is None:
        raise RuntimeError("no C compiler")
    with tempfile.TemporaryDirectory() as folder:
        made, library = Path(folder, "zoo.so"), Path(folder, "libzoo_absent.so")
        empty = Path(folder, "empty.c")
        empty.write_text("int zoo_absent = 1;\n")
        inputs = [str(SOURCES / name) for name in ("plugin.c", "factory.c", "behave.c")]
        if variant in ("absent", "library"):
            soname = "-Wl,-soname,libzoo_absent.so.1"
            subprocess.run([cc, *_FLAGS, soname, str(empty), "-o", str(library)], check=True, capture_output=True)
            inputs += ["-Wl,--no-as-needed", str(library)]
        if variant == "library":
            return library.read_bytes()
        if variant == "symbol":
            inputs.append("-DMISSING_SYMBOL")
        command = [cc, *_FLAGS, *inputs, "-o", str(made), "-lm", "-ldl"]
        subprocess.run(command, check=True, capture_output=True, text=True)
        return made.read_bytes()


def _narrow(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _wide(text: str, size: int) -> bytes:
    return text.encode("utf-16-le", "surrogatepass")[: 2 * size]


def configured(options: Options, variant: str = "") -> bytes:
    """The module made into one plugin: `struct zoo` of zoo.h, written over the one that was compiled in."""
    seed = _narrow(options.title if options.id_from is None else options.id_from)
    block = struct.pack(
        "<16s 64s64s128s64s 16s16s12s 8i 128s128s128s256s",
        MAGIC,
        _narrow(options.title),
        _narrow(options.vendor),
        _narrow(options.category),
        _narrow(options.version),
        options.behaviour.encode(),
        options.stage.encode(),
        hashlib.blake2b(seed, digest_size=12).digest(),
        options.classes,
        options.parameters,
        options.midi_controllers,
        options.which,
        options.delay_ms,
        options.latency,
        _INSTRUMENTS[options.instrument],
        _SAME[options.same],
        _wide(options.title, 64),
        _wide(options.vendor, 64),
        _wide(options.version, 64),
        _wide(options.parameter, 128),
    )
    code = module(variant)
    at = code.index(MAGIC)
    return code[:at] + block + code[at + len(block) :]


def binary(bundle: Path) -> Path:
    """Where a bundle keeps its module on this machine. Its folders are made."""
    folder = bundle / "Contents" / ARCHITECTURE
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{bundle.stem}.so"


def comma_locale(bundle: Path) -> None:
    """Put a locale with a decimal comma into a bundle, where this machine can make one."""
    localedef = shutil.which("localedef")
    if localedef is None:
        return
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "comma")
        source.write_text('LC_NUMERIC\ndecimal_point ","\nthousands_sep "."\ngrouping 3;3\nEND LC_NUMERIC\n')
        # It warns of every other category, which are not needed, and so says that it failed.
        subprocess.run([localedef, "-c", "-i", source, f"{folder}/made"], capture_output=True, check=False)
        numbers = Path(folder, "made", "LC_NUMERIC")
        if numbers.exists():
            target = bundle / "Contents" / "Resources" / "locale" / "comma"
            target.mkdir(parents=True)
            shutil.copy(numbers, target)
