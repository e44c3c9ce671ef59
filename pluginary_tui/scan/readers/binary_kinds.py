"""For which system and processors a binary was made, by its first bytes: ELF, PE, Mach-O and universal ones."""

from __future__ import annotations

import struct
from typing import NamedTuple

HEADER = 4096
"""Bytes that are enough to know it."""

# Values by the headers: elf.h (EM_...), <mach/machine.h> (CPU_TYPE_...), and Microsoft's "PE Format" (Machine Types).
_ELF = {3: "x86", 40: "ARM", 62: "x86_64", 183: "arm64", 243: "RISC-V"}
_MACH_O = {7: "x86", 12: "ARM", 18: "PowerPC", 0x01000007: "x86_64", 0x0100000C: "arm64", 0x01000012: "PowerPC"}
_PE = {0x014C: "x86", 0x8664: "x86_64", 0xAA64: "arm64", 0xA641: "arm64"}

_THIN = {b"\xcf\xfa\xed\xfe": "<", b"\xce\xfa\xed\xfe": "<", b"\xfe\xed\xfa\xcf": ">", b"\xfe\xed\xfa\xce": ">"}
"""Byte order by the first bytes of a Mach-O for one processor."""
_UNIVERSAL = {b"\xca\xfe\xba\xbe": 20, b"\xca\xfe\xba\xbf": 32}
"""Size of an entry by the first bytes of one for several."""
_MOST_PROCESSORS = 30
"""Classes of Java begin with the same bytes as a universal binary, with their version, 45 or more, for the number."""

_NAMES = {"amd64": "x86_64", "aarch64": "arm64", "i386": "x86", "i686": "x86"}
"""Processors by what `platform.machine()` calls them in lower case, where that differs."""


class BinaryKind(NamedTuple):
    """What a binary was made for."""

    system: str
    """As `platform.system()` names it."""
    processors: tuple[str, ...]


def kind_of(header: bytes) -> BinaryKind | None:
    """What the binary that begins with these bytes was made for; None where it is none, or of an unknown kind.

    >>> kind_of(bytes.fromhex("cffaedfe0c000001"))
    BinaryKind(system='Darwin', processors=('arm64',))
    """
    try:
        if header[:4] == b"\x7fELF":
            order = ">" if header[5] == 2 else "<"
            return _kind("Linux", _ELF, struct.unpack_from(f"{order}H", header, 18))
        if header[:2] == b"MZ":
            (start,) = struct.unpack_from("<I", header, 0x3C)
            if header[start : start + 4] != b"PE\0\0":
                return None
            return _kind("Windows", _PE, struct.unpack_from("<H", header, start + 4))
        if order := _THIN.get(header[:4], ""):
            return _kind("Darwin", _MACH_O, struct.unpack_from(f"{order}I", header, 4))
        if size := _UNIVERSAL.get(header[:4], 0):
            (count,) = struct.unpack_from(">I", header, 4)
            if count > _MOST_PROCESSORS:
                return None
            return _kind("Darwin", _MACH_O, [struct.unpack_from(">I", header, 8 + size * at)[0] for at in range(count)])
    except (struct.error, IndexError):
        pass
    return None


def _kind(system: str, names: dict[int, str], numbers: list[int] | tuple[int, ...]) -> BinaryKind:
    return BinaryKind(system, tuple(dict.fromkeys(names.get(number, f"processor {number}") for number in numbers)))


def why_not(header: bytes, system: str, machine: str) -> str:
    """Why a process of `system` and `machine` (as the `platform` module names them) cannot load a binary; empty text
    where nothing is known against it.
    """
    kind, own = kind_of(header), _NAMES.get(machine.lower(), machine.lower())
    if kind is None:
        return ""
    if kind.system != system:
        return f"The binary is for {_SYSTEMS[kind.system]}, not for this machine"
    if own not in kind.processors:
        return f"The binary is for {' and '.join(kind.processors)}, not for this machine"
    return ""


_SYSTEMS = {"Linux": "Linux", "Darwin": "macOS", "Windows": "Windows"}
