"""The throw-away folder of a worker: the only place where its plugins can write, and what their environment names."""

from __future__ import annotations

import sys

if sys.platform != "linux":
    raise ImportError("This is for Linux.")

import contextlib
import itertools
import os
from collections.abc import Mapping

PREFIX = "pluginary-tui-"

_PLACES = {
    "HOME": "home",
    "TMPDIR": "tmp",
    "TMP": "tmp",
    "TEMP": "tmp",
    "XDG_CONFIG_HOME": "home/.config",
    "XDG_DATA_HOME": "home/.local/share",
    "XDG_STATE_HOME": "home/.local/state",
    "XDG_CACHE_HOME": "home/.cache",
    "XDG_RUNTIME_DIR": "run",
}
"""Folders by the variable that names each."""

_ADDRESSES = ("DISPLAY", "WAYLAND_", "XAUTHORITY", "DBUS_", "AT_SPI", "SSH_", "GPG_", "PULSE_", "PIPEWIRE_", "JACK_")
"""Beginnings of the names of variables that lead to other programs: displays, sound servers, agents."""

_SECRETS = ("TOKEN", "SECRET", "PASSW", "CREDENTIAL", "COOKIE", "APIKEY", "API_KEY", "ACCESS_KEY", "PRIVATE", "AUTH")
"""Parts of the names of variables that hold what nobody else should know."""


def path_of(mark: str) -> str:
    """The folder of the worker with this mark (`backends.MARK`)."""
    import tempfile  # not in a worker: `random`, which it imports, would run code in every forked process

    return os.path.join(tempfile.gettempdir(), PREFIX + mark)


def make(folder: str) -> str:
    """Make the folder, and return its path; empty text where that is not possible."""
    try:
        os.mkdir(folder, 0o700)
        _furnish(folder)
    except OSError:
        remove(folder)
        return ""
    return folder


def _furnish(folder: str) -> None:
    for place in set(_PLACES.values()):
        os.makedirs(os.path.join(folder, place), 0o700, exist_ok=True)


def remove(folder: str) -> None:
    """Take the folder away with all that is in it. Nothing of a plugin may run any more."""
    if os.path.isdir(folder) and not os.path.islink(folder):
        _empty(folder)
        with contextlib.suppress(OSError):
            os.rmdir(folder)


def clean(folder: str, links: Mapping[str, str]) -> bool:
    """Make the folder as it was, where a plugin has changed it. False where it was as it is to be.

    `links`: the links that belong there, by their path below it. The folder itself stays: it is what Landlock's rule
    is for.
    """
    if _is_pristine(folder, links):
        return False
    _empty(folder)
    with contextlib.suppress(OSError):
        _furnish(folder)
    return True


def _is_pristine(folder: str, links: Mapping[str, str]) -> bool:
    """Whether there is nothing but the places and the links. From the top down, so that no link is followed."""
    expected: dict[str, set[str]] = {}
    for path in (*_PLACES.values(), *links):
        while path:
            around, name = os.path.split(path)
            expected.setdefault(around, set()).add(name)
            path = around
    for around in sorted(expected):
        try:
            entries = {entry.name: entry for entry in os.scandir(os.path.join(folder, around))}
        except OSError:
            return False
        if entries.keys() != expected[around]:
            return False
        for name, entry in entries.items():
            path = os.path.join(around, name)
            if path in links:
                if not entry.is_symlink() or os.readlink(entry.path) != links[path]:
                    return False
            elif not entry.is_dir(follow_symlinks=False) or (path not in expected and not _is_empty(entry.path)):
                return False
    return True


def _is_empty(folder: str) -> bool:
    """Whether a folder that may be read is empty."""
    try:
        return not any(os.scandir(folder))
    except OSError:  # a plugin may have closed it to its owner
        return False


def _empty(folder: str) -> None:
    """Delete all that is in a folder, without following links.

    What lies deep is moved up first: a path that is too long for the system, or folders nested a thousand times, would
    end this process otherwise.
    """
    numbers = itertools.count()
    while entries := _entries(folder):
        before = len(entries)
        for entry in entries:
            if not entry.is_dir(follow_symlinks=False):
                with contextlib.suppress(OSError):
                    os.unlink(entry.path)
                    before -= 1
                continue
            for inner in _entries(entry.path):
                with contextlib.suppress(OSError):
                    if inner.is_dir(follow_symlinks=False):
                        os.chmod(inner.path, 0o700)
                        os.rename(inner.path, os.path.join(folder, f".{next(numbers)}"))
                        before = 0
                    else:
                        os.unlink(inner.path)
            with contextlib.suppress(OSError):
                os.rmdir(entry.path)
                before -= 1
        if before == len(entries):  # nothing of it can be deleted
            return


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        os.chmod(folder, 0o700)  # a plugin may have closed it to its owner
        return list(os.scandir(folder))
    except OSError:
        return []


def sweep() -> None:
    """Take away the folders that programs left which were killed: their marks begin with a process that is gone."""
    root = os.path.dirname(path_of(""))
    with contextlib.suppress(OSError):
        for name in os.listdir(root):
            owner = name.removeprefix(PREFIX).partition("-")[0] if name.startswith(PREFIX) else ""
            path = os.path.join(root, name)
            if owner.isdigit() and not os.path.exists(f"/proc/{owner}") and os.lstat(path).st_uid == os.geteuid():
                remove(path)


def without_secrets(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that a worker may be started with. One that it deleted itself would stay behind in its memory,
    which the processes of plugins are forked with.
    """
    return {
        name: value
        for name, value in environ.items()
        if not name.startswith(_ADDRESSES) and not any(part in name.upper() for part in _SECRETS)
    }


def environment(folder: str) -> dict[str, str]:
    """The variables that name places, as plugins are to see them."""
    return {name: os.path.join(folder, place) if folder else "/nonexistent" for name, place in _PLACES.items()}
