"""Opening a plugin's binary: which file of a bundle it is, whether this machine can load it, and what it lacks."""

from __future__ import annotations

import errno
import functools
import os
import struct
import sys
from collections.abc import Callable, Iterator
from typing import Any

from pluginary_tui.safe_open import open_regular

if sys.platform == "win32":
    import _ctypes

    _dlopen, _NOW, _LAZY = _ctypes.LoadLibrary, 0, 0
else:
    from _ctypes import dlopen as _dlopen

    _NOW, _LAZY = os.RTLD_NOW, os.RTLD_LAZY

# Folders of a bundle by platform and machine (Steinberg, "Plug-in Format Structure").
_ARCHITECTURES = {
    "Linux": "{machine}-linux",
    "Darwin": "MacOS",
    "Windows": "{machine}-win",
}
_WINDOWS_MACHINES = {"AMD64": "x86_64", "ARM64": "arm64", "x86": "x86"}

RTLD_NODELETE = {"linux": 0x1000, "darwin": 0x80}.get(sys.platform, 0)
"""Keeps the module mapped after any close: one that crashes or hangs when unloaded is never unloaded."""

_ELF_MACHINES = {3: "x86 (32 bits)", 40: "ARM (32 bits)", 62: "x86_64", 183: "aarch64", 243: "RISC-V"}

_PLIST_LIMIT = 1 << 20
"""Bytes of an `Info.plist` that are read."""

MISSING_SYMBOL = "undefined symbol"
"""Part of glibc's message for a symbol that no library has; musl's is `symbol not found`."""


class ModuleError(RuntimeError):
    """The bundle has no binary that can be opened here; the text is the loader's own where it spoke."""


class Library:
    """A module that is open for good.

    `lazy`: whether it may lack a function. In a process that has loaded libraries before, one of these may stand in the
    way of the module's own, so a function that seems to be missing there says nothing.
    """

    def __init__(self, path: str, *, lazy: bool = True) -> None:
        self._handle: int = _open(path, lazy=lazy)
        """ctypes looks for it by this name."""

    @property
    def handle(self) -> int:
        return self._handle

    def function(self, kind: Any, name: str) -> Callable[..., Any] | None:
        """The exported function of that name, as a ctypes prototype makes it; None where there is none."""
        try:
            function: Callable[..., Any] = kind((name, self))
        except AttributeError:
            return None
        return function


def _open(path: str, *, lazy: bool) -> int:
    if sys.platform == "linux":
        _check_elf(path)
    try:
        return int(_dlopen(path, _NOW | RTLD_NODELETE))
    except OSError as error:
        text = str(error)
    if lazy and (MISSING_SYMBOL in text or "symbol not found" in text):
        # A symbol that is missing may never be called: hosts open plugins lazily, and so does the SDK's own test host.
        try:
            return int(_dlopen(path, _LAZY | RTLD_NODELETE))
        except OSError as error:
            text = str(error)
    if "cannot open shared object file" in text and (missing := missing_libraries(path)):
        raise ModuleError(f"{', '.join(missing)}: cannot open shared object file: No such file or directory")
    raise ModuleError(text)


def module_path(bundle: str, system: str, machine: str) -> str:
    """The binary inside a VST3 bundle for `system` and `machine` (as the `platform` module names them).

    A link is followed, so that a module finds what lies beside it in its bundle. Raises ModuleError where the bundle
    has no binary for this machine, naming the architectures it does have.
    """
    if system == "Windows":
        machine = _WINDOWS_MACHINES.get(machine, machine)
    architecture = _ARCHITECTURES.get(system, "{machine}-linux").format(machine=machine)
    if architecture == "arm64-win" and not os.path.isdir(os.path.join(bundle, "Contents", architecture)):
        architecture = "arm64x-win" if os.path.isdir(os.path.join(bundle, "Contents", "arm64x-win")) else architecture
    ending = {"Linux": ".so", "Windows": ".vst3"}.get(system, "")
    if os.path.islink(bundle):
        bundle = os.path.realpath(bundle)
    name = os.path.basename(bundle)
    stem = (_executable(bundle) if system == "Darwin" else "") or name.rpartition(".")[0] or name
    path = os.path.join(bundle, "Contents", architecture, stem + ending)
    if os.path.isfile(path):
        return path
    if os.path.isfile(bundle):
        return bundle
    return _another_binary(bundle, architecture, ending)


def _executable(bundle: str) -> str:
    """The name of a bundle's binary as its `Info.plist` says; empty where it does not."""
    from pluginary_tui.scan import mac_bundle

    try:
        with open_regular(os.path.join(bundle, "Contents", "Info.plist"), foreign_links=True) as file:
            return mac_bundle.executable(mac_bundle.read_plist(file.read(_PLIST_LIMIT)))
    except OSError:
        return ""


def _another_binary(bundle: str, architecture: str, ending: str) -> str:
    """The binary in a bundle that was renamed; ModuleError where it has none for this machine."""
    from pathlib import Path

    contents = Path(bundle, "Contents")
    folder = contents / architecture
    try:
        others = sorted(entry for entry in folder.glob(f"*{ending}") if entry.is_file()) if folder.is_dir() else []
        if others:
            return str(next((other for other in others if _exports_factory(other)), others[0]))
        present = sorted(e.name for e in contents.iterdir() if e.is_dir()) if contents.is_dir() else []
    except OSError as error:
        raise ModuleError(f"Cannot look into it: {error.strerror}") from error
    present = [name for name in present if ("-" in name or name == "MacOS") and name != folder.name]
    if present:
        raise ModuleError(f"No binary for this machine ({folder.name}); it holds {', '.join(present)}")
    raise ModuleError("There is no binary inside")


def _exports_factory(path: os.PathLike[str]) -> bool:
    """Whether the file names the function that every VST3 exports: helper libraries may lie beside the module."""
    import mmap

    try:
        with (
            open_regular(path, foreign_links=True) as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data,
        ):
            return data.find(b"GetPluginFactory") >= 0
    except (OSError, ValueError):
        return False


def _check_elf(path: str) -> None:
    """Raise ModuleError for what the loader words badly or dies of: another machine's binary, or one cut short.

    Offsets are those of the ELF header (elf(5)): e_machine at 18, section headers at 40, 58 and 60.
    """
    try:
        with open_regular(path, foreign_links=True) as file:
            header, size = file.read(64), os.fstat(file.fileno()).st_size
    except OSError as error:
        raise ModuleError(f"The binary cannot be read: {error.strerror}") from error
    own = own_header()
    if not header:
        raise ModuleError("The binary is empty")
    if header[:4] != b"\x7fELF":
        raise ModuleError("The binary is not one for Linux")
    if header[4:6] != own[4:6] or header[18:20] != own[18:20]:
        name = _ELF_MACHINES.get(int.from_bytes(header[18:20], "little"), "another kind of machine")
        raise ModuleError(f"The binary is for {name}, not for this machine")
    if header[4] == 2 and len(header) == 64:  # 64 bits; the section headers stand at the very end of a whole file
        start = int.from_bytes(header[40:48], "little")
        end = start + int.from_bytes(header[58:60], "little") * int.from_bytes(header[60:62], "little")
        if end > size:
            raise ModuleError(f"The binary is cut short: {size} of at least {end} bytes are there")
    elif len(header) < 64:
        raise ModuleError("The binary is cut short")


@functools.cache
def own_header() -> bytes:
    """The beginning of the program that runs here: a binary that it can load is of the same kind."""
    with open("/proc/self/exe", "rb") as file:
        return file.read(20)


def missing_libraries(path: str) -> list[str]:
    """Names of the libraries that the binary at `path` needs and that cannot be opened here, in its own order.

    Looks where the loader does for the binary itself: in the folders that it names ($ORIGIN is its own), then in the
    system's.
    """
    try:
        needed, folders = _dynamic_section(path)
    except (OSError, ValueError, struct.error, IndexError):
        return []
    origin = os.path.dirname(os.path.realpath(path))
    places = [folder.replace("$ORIGIN", origin).replace("${ORIGIN}", origin) for folder in folders]
    return [name for name in needed if not any(_opens(os.path.join(p, name)) for p in places) and not _opens(name)]


def _opens(name: str) -> bool:
    if os.sep in name and not os.path.exists(name):
        return False
    try:
        _dlopen(name, _LAZY)
    except OSError as error:
        return error.errno != errno.ENOENT and f"{os.path.basename(name)}: cannot open" not in str(error)
    return True


def _dynamic_section(path: str) -> tuple[list[str], list[str]]:
    """DT_NEEDED and DT_RPATH or DT_RUNPATH of a 64-bit little-endian ELF file (elf(5)); ValueError for any other."""
    with open_regular(path, foreign_links=True) as file:
        header = file.read(64)
        if header[:6] != b"\x7fELF\x02\x01":
            raise ValueError("not a 64-bit little-endian ELF file")
        start, size, count = (*struct.unpack_from("<Q", header, 32), *struct.unpack_from("<HH", header, 54))
        file.seek(start)
        segments = [struct.unpack_from("<IIQQQQ", entry) for entry in _entries(file.read(size * count), size)]
        tags: list[tuple[int, int]] = []
        for kind, _flags, offset, _virtual, _physical, length in segments:
            if kind == 2:  # PT_DYNAMIC
                file.seek(offset)
                tags = [struct.unpack("<QQ", entry) for entry in _entries(file.read(length), 16)]
        strings = _file_offset(dict(reversed(tags))[5], segments)  # DT_STRTAB

        def text(at: int) -> str:
            file.seek(strings + at)
            return file.read(4096).partition(b"\0")[0].decode("utf-8", "replace")

        needed = [text(value) for tag, value in tags if tag == 1]
        folders = [part for tag, value in tags if tag in (15, 29) for part in text(value).split(":") if part]
        return needed, folders


def _entries(data: bytes, size: int) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data) - size + 1, size))


def _file_offset(address: int, segments: list[tuple[int, ...]]) -> int:
    for kind, _flags, offset, virtual, _physical, length in segments:
        if kind == 1 and virtual <= address < virtual + length:  # PT_LOAD
            return offset + address - virtual
    raise ValueError("an address outside of every segment")


@functools.cache
def this_machine() -> tuple[str, str]:
    """System and machine as `module_path` takes them."""
    if sys.platform == "linux":
        own_header()
    if sys.platform == "win32":
        import platform

        return platform.system(), platform.machine()
    name = os.uname()
    return name.sysname, name.machine
