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
_RANDOM_MAGIC = b"PLUGINARY-RND-1\0"
_MOST_ANSWERS = 8192
ARCHITECTURE = f"{platform.machine()}-linux"
_WARNINGS = ["-std=gnu11", "-O0", "-Wall", "-Wextra", "-Werror"]
_FLAGS = [*_WARNINGS, "-fPIC", "-shared", "-fvisibility=hidden", "-pthread"]
_ABSENT = ("libzoo_absent.so.1", "libzoo_gone.so.2")
"""Libraries that modules are linked to and that are not there when they are loaded."""
_APART = ("killer.c", "random.c", "random_answers.c", "reader.c")
"""Sources that are no part of the module."""
_ACTS = 4
"""How many acts `struct zoo` holds."""
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
    more: tuple[tuple[str, str, int], ...] = ()
    """Up to three others, as (behaviour, stage, which)."""
    trait: str = ""
    """What changes the answers of all its plugins: a name in the table of plugin.h."""
    plain: int = -1
    """The class of a shell, from 0, that has the name and the id of a bundle's only one; -1 is none."""


def compiler() -> str | None:
    """The C compiler to use, or None where there is none or the platform is not Linux."""
    return next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None) if sys.platform == "linux" else None


@functools.cache
def module(variant: str = "") -> bytes:
    """The compiled module, unconfigured. Compiled once per process, with nothing left on the disk.

    `variant`: `absent` needs a library that is not there, `two_absent` two of them, `symbol` a function that no
    library has, `variable` a variable, `library` is a sound library without anything of VST3, `random` answers with
    bytes to be written in. Raises CalledProcessError, its stderr holding what the compiler said.
    """
    cc = compiler()
    if cc is None:
        raise RuntimeError("no C compiler")
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder, "zoo.so")
        sources = sorted(SOURCES.glob("random*.c" if variant == "random" else "*.c"))
        inputs = [str(path) for path in sources if variant == "random" or path.name not in _APART]
        if variant == "library":
            return _empty_library(folder, _ABSENT[0]).read_bytes()
        if variant in ("absent", "two_absent"):
            names = _ABSENT[: 2 if variant == "two_absent" else 1]
            inputs += ["-Wl,--no-as-needed", *(str(_empty_library(folder, name)) for name in names)]
        if variant in ("symbol", "variable"):
            inputs.append(f"-DMISSING_{variant.upper()}")
        _compile(cc, *_FLAGS, *inputs, "-o", made, "-lm", "-ldl")
        return made.read_bytes()


def linked(source: str, *inputs: str | Path) -> bytes:
    """The module compiled together with one more C text, and linked with these further arguments of the compiler."""
    cc = compiler()
    if cc is None:
        raise RuntimeError("no C compiler")
    with tempfile.TemporaryDirectory() as folder:
        more, made = Path(folder, "more.c"), Path(folder, "zoo.so")
        more.write_text(source)
        own = [path for path in sorted(SOURCES.glob("*.c")) if path.name not in _APART]
        _compile(cc, *_FLAGS, *own, more, "-o", made, *inputs, "-lm", "-ldl")
        return made.read_bytes()


def library(path: Path, source: str, *inputs: str | Path) -> Path:
    """Compile a shared library from a C text. Its soname is the file's name."""
    cc = compiler()
    if cc is None:
        raise RuntimeError("no C compiler")
    with tempfile.TemporaryDirectory() as folder:
        text = Path(folder, "library.c")
        text.write_text(source)
        _compile(cc, *_WARNINGS, "-fPIC", "-shared", f"-Wl,-soname,{path.name}", text, "-o", path, *inputs)
    return path


def _compile(*command: str | Path) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True)


def _empty_library(folder: str, soname: str) -> Path:
    return library(Path(folder, soname), f"int {soname.partition('.')[0]} = 1;\n")


@functools.cache
def program(name: str) -> bytes:
    """The program compiled from one C source of this folder; raises as `module` does."""
    cc = compiler()
    if cc is None:
        raise RuntimeError("no C compiler")
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder, name)
        _compile(cc, *_WARNINGS, SOURCES / f"{name}.c", "-o", made, "-ldl")
        return made.read_bytes()


def _narrow(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _wide(text: str, size: int) -> bytes:
    return text.encode("utf-16-le", "surrogatepass")[: 2 * size]


def _acts(options: Options) -> list[tuple[bytes, bytes, int]]:
    first = (options.behaviour, options.stage, options.which)
    acts = [(behaviour.encode(), stage.encode(), which) for behaviour, stage, which in (first, *options.more)]
    return acts + [(b"", b"", -1)] * (_ACTS - len(acts))


def configured(options: Options, variant: str = "", *, code: bytes = b"") -> bytes:
    """The module made into one plugin: `struct zoo` of zoo.h, written over the one that was compiled in.

    `code`: the module, where it is none of the variants.
    """
    seed = _narrow(options.title if options.id_from is None else options.id_from)
    block = struct.pack(
        f"<16s 64s64s128s64s 12s24s {_ACTS * '16s16si'} 8i 128s128s128s256s",
        MAGIC,
        _narrow(options.title),
        _narrow(options.vendor),
        _narrow(options.category),
        _narrow(options.version),
        hashlib.blake2b(seed, digest_size=12).digest(),
        options.trait.encode(),
        *(field for act in _acts(options) for field in act),
        options.classes,
        options.parameters,
        options.midi_controllers,
        options.plain,
        options.delay_ms,
        options.latency,
        _INSTRUMENTS[options.instrument],
        _SAME[options.same],
        _wide(options.title, 64),
        _wide(options.vendor, 64),
        _wide(options.version, 64),
        _wide(options.parameter, 128),
    )
    code = code or module(variant)
    at = code.index(MAGIC)
    return code[:at] + block + code[at + len(block) :]


def with_answers(data: bytes) -> bytes:
    """The module of random.c with the bytes that it answers with; what goes beyond its 8,192 is left out."""
    data = data[:_MOST_ANSWERS]
    block = struct.pack("<16si", _RANDOM_MAGIC, len(data)) + data
    code = module("random")
    at = code.index(_RANDOM_MAGIC)
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
