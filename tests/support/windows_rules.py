"""How Windows treats files, in an interpreter of Linux: rules that no missing name shows.

- a file that this process has open is neither removed, replaced nor renamed, nor a folder that holds one
- no file or folder gets a name that is reserved or has a character that Windows allows in none
- folders cannot be opened, and links need a right that users do not have
- signal 0 ends a process, where elsewhere it asks whether there is one
- what `os.open` opens without O_BINARY is text: it is not for `os.read` and `os.write`
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

O_BINARY = 1 << 30
"""A flag that no call of Linux knows; taken away before it gets there."""

_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$)\s*(\..*)?", re.IGNORECASE)
_NEVER = re.compile(r'[<>:"|?*\\\x00-\x1f]|[. ]$')
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_SYSTEM = ("/proc/", "/sys/", "/dev/")


def allowed(name: str) -> bool:
    """Whether Windows lets a file or a folder have this name."""
    return bool(name) and not _DEVICES.fullmatch(name) and not _NEVER.search(name)


def follow() -> None:
    """Follow the rules about files and processes for the rest of this process."""
    vars(shutil)["_use_fd_functions"] = False  # else `rmtree` opens folders
    sys.addaudithook(_audit)


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if rule := _RULES.get(event):
        rule(*arguments)


def _opening(path: object, mode: str | None, flags: int) -> None:
    if isinstance(path, int) or _text(path).startswith(_SYSTEM):
        return
    if flags & _WRITING:
        _naming(path)
    elif mode is None and os.path.isdir(_text(path)):  # `os.open`
        raise PermissionError(errno.EACCES, "Windows opens no folder", _text(path))


def _naming(path: object, *_: object) -> None:
    if not allowed(os.path.basename(_text(path).rstrip(os.sep))):
        raise OSError(errno.EINVAL, "Windows has no such name", _text(path))


def _removing(path: object, *_: object) -> None:
    if holder := _open_at(_text(path)):
        raise PermissionError(errno.EACCES, f"this process has it open on Windows as {holder}", _text(path))


def _moving(source: object, target: object, *_: object) -> None:
    _naming(target)
    _removing(source)
    _removing(target)


def _linking(*_: object) -> None:
    raise OSError(errno.EPERM, "Windows gives this right to nobody but administrators")


def _killing(pid: int, number: int) -> None:
    if number == 0:
        raise AssertionError("signal 0 ends a process on Windows")


_RULES: dict[str, Callable[..., None]] = {
    "open": _opening,
    "os.mkdir": _naming,
    "os.remove": _removing,
    "os.rmdir": _removing,
    "os.rename": _moving,
    "os.symlink": _linking,
    "os.kill": _killing,
}


def _text(path: Any) -> str:
    return os.fsdecode(path)


def _open_at(path: str) -> str:
    """What this process has open at a path, or below it; empty where that is nothing."""
    try:
        wanted = os.lstat(path)
    except OSError:
        return ""
    inside = f"{os.path.realpath(path)}{os.sep}" if stat.S_ISDIR(wanted.st_mode) else ""
    if inside and f"{os.getcwd()}{os.sep}".startswith(inside):
        return "its working folder"
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            found, name = os.fstat(int(descriptor.name)), str(descriptor.readlink())
        except OSError:  # the folder's own descriptor
            continue
        if (found.st_dev, found.st_ino) == (wanted.st_dev, wanted.st_ino) or (inside and name.startswith(inside)):
            return f"descriptor {descriptor.name}"
    return ""


def binary_or_text(module: ModuleType) -> None:
    """Give a stand-in for `os` the O_BINARY of Windows, and what comes of leaving it out."""
    text: set[int] = set()
    real_open, real_fdopen, real_close = module.open, module.fdopen, module.close

    def open_(path: Any, flags: int, mode: int = 0o777, **more: Any) -> int:
        if _text(path).startswith(_SYSTEM) and path != os.devnull:
            raise FileNotFoundError(errno.ENOENT, "Windows has no such folder", path)
        descriptor: int = real_open(path, flags & ~O_BINARY, mode, **more)
        (text.discard if flags & O_BINARY else text.add)(descriptor)
        return descriptor

    def fdopen(descriptor: int, *more: Any, **named: Any) -> Any:
        text.discard(descriptor)
        return real_fdopen(descriptor, *more, **named)

    def close(descriptor: int) -> None:
        text.discard(descriptor)
        real_close(descriptor)

    def checked(name: str) -> Any:
        real = getattr(module, name)

        def call(descriptor: int, *more: Any) -> Any:
            if descriptor in text:
                raise AssertionError(f"os.{name} on a descriptor that was opened without O_BINARY")
            return real(descriptor, *more)

        return call

    vars(module).update({name: checked(name) for name in ("read", "write")})
    vars(module).update(open=open_, fdopen=fdopen, close=close, O_BINARY=O_BINARY)
