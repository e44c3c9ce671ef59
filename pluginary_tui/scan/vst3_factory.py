"""Walk a VST3 module's factory by ctypes: every class's names and ids, without making an instance.

The layouts and ids are those of the published VST3 interface (ipluginbase.h). Runs only in a probe's own process.
"""

from __future__ import annotations

import codecs
import ctypes
import functools
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

if sys.platform == "win32":
    from _ctypes import LoadLibrary as _dlopen  # noqa: N813
else:
    from _ctypes import dlopen as _dlopen

EFFECT_CLASS = b"Audio Module Class"

# Bundle folders by platform and machine (Steinberg, "Plug-in Format Structure").
_ARCHITECTURES = {
    "Linux": "{machine}-linux",
    "Darwin": "MacOS",
    "Windows": "{machine}-win",
}
_WINDOWS_MACHINES = {"AMD64": "x86_64", "ARM64": "arm64", "x86": "x86"}

RTLD_NODELETE = 0x1000 if sys.platform == "linux" else 0x80
"""Keeps the module mapped whoever closes it: one that crashes or hangs when unloaded is never unloaded."""

_ELF_MACHINES = {3: "x86 (32 bits)", 40: "ARM (32 bits)", 62: "x86_64", 183: "aarch64", 243: "RISC-V"}

_utf_16 = codecs.getdecoder(f"utf-16-{sys.byteorder[0]}e")

_IID_FACTORY2 = "0007B650F24B4C0BA464EDB9F00B2ABB"
_IID_FACTORY3 = "4555A2ABC1234E579B12291036878931"

_OK = 0


class _FactoryInfo(ctypes.Structure):
    _fields_ = [
        ("vendor", ctypes.c_char * 64), ("url", ctypes.c_char * 256), ("email", ctypes.c_char * 128),
        ("flags", ctypes.c_int32),
    ]  # fmt: skip


class _ClassInfo(ctypes.Structure):
    _fields_ = [
        ("cid", ctypes.c_ubyte * 16), ("cardinality", ctypes.c_int32), ("category", ctypes.c_char * 32),
        ("name", ctypes.c_char * 64),
    ]  # fmt: skip


class _ClassInfo2(ctypes.Structure):
    _fields_ = [
        *_ClassInfo._fields_, ("flags", ctypes.c_uint32), ("subcategories", ctypes.c_char * 128),
        ("vendor", ctypes.c_char * 64), ("version", ctypes.c_char * 64), ("sdk", ctypes.c_char * 64),
    ]  # fmt: skip


class _ClassInfoW(ctypes.Structure):
    _fields_ = [
        ("cid", ctypes.c_ubyte * 16), ("cardinality", ctypes.c_int32), ("category", ctypes.c_char * 32),
        ("name", ctypes.c_uint16 * 64), ("flags", ctypes.c_uint32), ("subcategories", ctypes.c_char * 128),
        ("vendor", ctypes.c_uint16 * 64), ("version", ctypes.c_uint16 * 64), ("sdk", ctypes.c_uint16 * 64),
    ]  # fmt: skip


# The functions of the factory's three interfaces, by their place in its table. Made here, once: every class costs as
# much as a probe's other Python, and a forked probe finds them made.
_Function = ctypes.CFUNCTYPE
_ADDRESS_SIZE = ctypes.sizeof(ctypes.c_void_p)
_QUERY = 0, _Function(ctypes.c_int32, ctypes.c_void_p, ctypes.c_char_p, ctypes.POINTER(ctypes.c_void_p))
_FACTORY_INFO = 3, _Function(ctypes.c_int32, ctypes.c_void_p, ctypes.POINTER(_FactoryInfo))
_COUNT = 4, _Function(ctypes.c_int32, ctypes.c_void_p)
# And those that a module exports: to enter it, and to get the factory.
_ENTRY, _INIT, _GET = _Function(ctypes.c_bool, ctypes.c_void_p), _Function(ctypes.c_bool), _Function(ctypes.c_void_p)


def _describing(slot: int, layout: type[ctypes.Structure]) -> tuple[int, Any, type[ctypes.Structure]]:
    kind = _Function(ctypes.c_int32, ctypes.c_void_p, ctypes.c_int32, ctypes.POINTER(layout))
    return slot, kind, layout


_CLASS_INFO, _CLASS_INFO_2 = _describing(5, _ClassInfo), _describing(7, _ClassInfo2)
_CLASS_INFO_W = _describing(8, _ClassInfoW)


class ClassInfo(NamedTuple):
    """One effect or instrument class as its factory describes it. Texts are raw: the reader cleans them."""

    name: str
    vendor: str
    version: str
    category: str
    uid: str
    sdk: str = ""


class _Library:
    """A module that is open for good. No CDLL: making one makes a class, which costs a forked probe as much memory
    to touch as the rest of the walk.
    """

    __slots__ = ("_handle",)

    def __init__(self, path: str) -> None:
        self._handle: int = _dlopen(path, os.RTLD_NOW | RTLD_NODELETE if os.name == "posix" else 0)
        """By this name ctypes looks for it."""


class FactoryError(RuntimeError):
    """The module cannot be opened or has no factory; the text is the loader's own where it spoke."""


def module_path(bundle: str, system: str, machine: str) -> str:
    """The binary inside a VST3 bundle for `system` and `machine` (as the `platform` module names them).

    Raises FactoryError where the bundle has none, naming the architectures it does have.
    """
    if system == "Windows":
        machine = _WINDOWS_MACHINES.get(machine, machine)
    architecture = _ARCHITECTURES.get(system, "{machine}-linux").format(machine=machine)
    ending = {"Linux": ".so", "Windows": ".vst3"}.get(system, "")
    # No pathlib where all is well (it takes long to import), and only one word of os.path: a probe pays for all that it
    # touches first.
    name = bundle[bundle.rfind(os.sep) + 1 :]
    stem = name.rpartition(".")[0] or name
    path = f"{bundle}{os.sep}Contents{os.sep}{architecture}{os.sep}{stem}{ending}"
    if os.path.isfile(path):  # noqa: PTH113
        return path
    if os.path.isfile(bundle):  # noqa: PTH113
        return bundle
    return _another_binary(bundle, architecture, ending)


def _another_binary(bundle: str, architecture: str, ending: str) -> str:
    """The binary in a bundle that was renamed; FactoryError where it has none for this machine."""
    from pathlib import Path

    contents = Path(bundle, "Contents")
    folder = contents / architecture
    others = sorted(entry for entry in folder.glob(f"*{ending}") if entry.is_file()) if folder.is_dir() else []
    if others:
        return str(others[0])
    present = sorted(e.name for e in contents.iterdir() if e.is_dir()) if contents.is_dir() else []
    present = [name for name in present if ("-" in name or name == "MacOS") and name != folder.name]
    if present:
        raise FactoryError(f"No binary for this machine ({folder.name}); it holds {', '.join(present)}")
    raise FactoryError("There is no binary inside")


def walk(path: str) -> Iterator[ClassInfo]:
    """Open the module at `path` for good (it is never unloaded) and yield its effect and instrument classes."""
    factory = _factory(_open(path), path)
    count = int(_method(factory, *_COUNT)(factory))
    second, third = _query(factory, _IID_FACTORY2), _query(factory, _IID_FACTORY3)
    ways = [
        (source, _method(source, slot, kind), layout)
        for source, (slot, kind, layout) in ((third, _CLASS_INFO_W), (second, _CLASS_INFO_2), (factory, _CLASS_INFO))
        if source
    ]
    for index in range(max(0, min(count, 65536))):
        for source, describe, layout in ways:
            described: Any = layout()
            if describe(source, index, ctypes.byref(described)) == _OK:
                break
        else:
            continue
        if described.category != EFFECT_CLASS:
            continue
        yield ClassInfo(
            name=_text(described.name),
            vendor=_text(getattr(described, "vendor", b"")) or _factory_vendor(factory),
            version=_text(getattr(described, "version", b"")),
            category=_text(getattr(described, "subcategories", b"")),
            uid=_uid(bytes(described.cid)),
            sdk=_text(getattr(described, "sdk", b"")),
        )


def _factory_vendor(factory: int) -> str:
    """Whose factory it is."""
    info = _FactoryInfo()
    return _text(info.vendor) if _method(factory, *_FACTORY_INFO)(factory, ctypes.byref(info)) == _OK else ""


def _check_elf(path: str) -> None:
    """Say plainly what the loader says badly or dies of: another machine's binary, or one cut short.

    Offsets are those of the ELF header (elf(5)): e_machine at 18, section headers at 40, 58 and 60.
    """
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        header, size = os.read(fd, 64), os.fstat(fd).st_size
    finally:
        os.close(fd)
    own = _own_header()
    if not header:
        raise FactoryError("The binary is empty")
    if header[:4] != b"\x7fELF":
        raise FactoryError("The binary is not one for Linux")
    if header[4:6] != own[4:6] or header[18:20] != own[18:20]:
        name = _ELF_MACHINES.get(int.from_bytes(header[18:20], "little"), "another kind of machine")
        raise FactoryError(f"The binary is for {name}, not for this machine")
    if header[4] == 2 and len(header) == 64:  # 64 bits; the section headers stand at the very end of a whole file
        start = int.from_bytes(header[40:48], "little")
        end = start + int.from_bytes(header[58:60], "little") * int.from_bytes(header[60:62], "little")
        if end > size:
            raise FactoryError(f"The binary is cut short: {size} of at least {end} bytes are there")
    elif len(header) < 64:
        raise FactoryError("The binary is cut short")


@functools.cache
def _own_header() -> bytes:
    """The beginning of the program that runs here: a binary that it can load is of the same kind."""
    with open("/proc/self/exe", "rb") as file:  # noqa: PTH123
        return file.read(20)


def _open(path: str) -> _Library:
    if sys.platform == "linux":
        _check_elf(path)
    try:
        return _Library(path)
    except OSError as error:
        raise FactoryError(str(error)) from error


def _factory(library: _Library, path: str) -> int:
    """Enter the module as its platform wants it and ask for the factory; gives its address."""
    if sys.platform == "linux":
        entry = _exported(_ENTRY, "ModuleEntry", library)
        if entry is None:
            raise FactoryError("It has no ModuleEntry, so it is not a VST3 for Linux")
        if not entry(library._handle):
            raise FactoryError("Its ModuleEntry refused")
    elif sys.platform == "darwin" and (entry := _exported(_ENTRY, "bundleEntry", library)):
        if not entry(_cf_bundle(path)):
            raise FactoryError("Its bundleEntry refused")
    elif sys.platform == "win32" and (init := _exported(_INIT, "InitDll", library)):
        if not init():
            raise FactoryError("Its InitDll refused")
    get = _exported(_GET, "GetPluginFactory", library)
    if get is None:
        raise FactoryError("It has no GetPluginFactory, so it is not a VST3")
    factory = get()
    if not factory:
        raise FactoryError("Its GetPluginFactory gave nothing")
    return int(factory)


def _exported(kind: Any, name: str, library: _Library) -> Callable[..., Any] | None:
    """The function of that name and kind, as ctypes makes it of a prototype; None where the module has none."""
    try:
        function: Callable[..., Any] = kind((name, library))
    except AttributeError:
        return None
    return function


def _cf_bundle(executable: str) -> int | None:
    """The CFBundleRef of the bundle around `Contents/MacOS/executable`, for `bundleEntry` (macOS only)."""
    core = ctypes.CDLL("/System/Library/Frameworks/CoreFoundation.framework/CoreFoundation")
    make_url, make_bundle = core.CFURLCreateFromFileSystemRepresentation, core.CFBundleCreate
    make_url.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_long, ctypes.c_bool]
    make_bundle.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
    make_url.restype = make_bundle.restype = ctypes.c_void_p
    path = os.fsencode(executable.rsplit("/", 3)[0])
    bundle: int | None = make_bundle(None, make_url(None, path, len(path), True))
    return bundle


def _method(thing: int, slot: int, kind: Any) -> Callable[..., int]:
    """The function of this kind in this place of the object's table; its first argument is the object's address."""
    function: Callable[..., int] = kind(_address_at(_address_at(thing) + slot * _ADDRESS_SIZE))
    return function


def _address_at(address: int) -> int:
    return ctypes.c_void_p.from_address(address).value or 0


def _query(factory: int, iid: str) -> int:
    """The address of another of its interfaces; 0 where it has none of this id."""
    raw = bytes.fromhex(iid)
    if sys.platform == "win32":
        raw = _swap(raw)
    found = ctypes.c_void_p()
    code = _method(factory, *_QUERY)(factory, raw, ctypes.byref(found))
    return found.value or 0 if code == _OK else 0


def _swap(raw: bytes) -> bytes:
    """The first three fields of a class id the other way round, as Windows keeps them."""
    return raw[3::-1] + raw[5:3:-1] + raw[7:5:-1] + raw[8:]


def _uid(cid: bytes) -> str:
    return (_swap(cid) if sys.platform == "win32" else cid).hex().upper()


def _text(raw: Any) -> str:
    if isinstance(raw, bytes):
        return raw.decode("utf-8", "replace")
    return _utf_16(bytes(raw), "replace")[0].partition("\0")[0]  # of the unicode class info


@functools.cache
def this_machine() -> tuple[str, str]:
    """System and machine as `module_path` takes them."""
    if sys.platform == "linux":
        _own_header()
    if sys.platform == "win32":
        import platform

        return platform.system(), platform.machine()
    name = os.uname()
    return name.sysname, name.machine
