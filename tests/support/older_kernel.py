"""Runs a program as on a kernel that lacks some layers of the sandbox: `python older_kernel.py LAYER,LAYER PROGRAM...`.

A filter of system calls that is entered first refuses what such a kernel does not have (x86_64).
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys
from collections.abc import Callable

_LOAD, _EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_SECCOMP, _NEW_LISTENER, _NO_NEW_PRIVILEGES = 317, 8, 38
_FLAGS = 24
"""Where the low half of the second argument is (struct seccomp_data)."""

Code = list[tuple[int, int, int, int]]


def _refused(*numbers: int) -> Code:
    return [each for n in numbers for each in ((_EQUAL, 0, 1, n), (_RETURN, 0, 0, _ERRNO | errno.ENOSYS))]


LAYERS: dict[str, Callable[[], Code]] = {
    "Landlock": lambda: _refused(444, 445, 446),
    "seccomp": lambda: _refused(_SECCOMP),
    "notification": lambda: [
        (_EQUAL, 0, 4, _SECCOMP),
        (_LOAD, 0, 0, _FLAGS),
        (_ANY_BIT, 0, 1, _NEW_LISTENER),
        (_RETURN, 0, 0, _ERRNO | errno.EINVAL),
        (_LOAD, 0, 0, 0),
    ],
}


def main() -> None:
    code: Code = [(_LOAD, 0, 0, 0)]
    for layer in sys.argv[1].split(","):
        code += LAYERS[layer]()
    code.append((_RETURN, 0, 0, _ALLOW))
    filters = ctypes.create_string_buffer(b"".join(struct.pack("<HBBI", *each) for each in code))
    program = struct.pack("@HP", len(code), ctypes.addressof(filters))
    library = ctypes.CDLL(None, use_errno=True)
    library.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    if library.syscall(_SECCOMP, 1, 0, program):
        raise OSError(ctypes.get_errno(), "the filter is refused")
    os.execv(sys.argv[2], sys.argv[2:])


if __name__ == "__main__":
    main()
