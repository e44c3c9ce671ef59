"""The throw-away folder of a worker: the only place where its plugins can write, and what their environment names."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile

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
    """The folder of the worker with this mark (`system.MARK`)."""
    return os.path.join(tempfile.gettempdir(), PREFIX + mark)


def make(mark: str) -> str:
    """Make the folder; empty text where that is not possible."""
    folder = path_of(mark)
    try:
        os.mkdir(folder, 0o700)
        for place in sorted(set(_PLACES.values())):
            os.makedirs(os.path.join(folder, place), 0o700)
    except OSError:
        remove(folder)
        return ""
    return folder


def remove(folder: str) -> None:
    """Take the folder away with all that is in it, however deep and whatever its modes."""
    if os.path.isdir(folder):
        shutil.rmtree(folder, onerror=_opened)


def _opened(function: object, path: str, _error: object) -> None:
    """Try again with a folder that denies its owner."""
    with contextlib.suppress(OSError):
        os.chmod(os.path.dirname(path), 0o700)
        if os.path.isdir(path) and not os.path.islink(path):
            os.chmod(path, 0o700)
            shutil.rmtree(path, ignore_errors=True)
        else:
            os.unlink(path)


def clean(folder: str) -> None:
    """Empty the folder for the next plugin. The folder itself and its places stay."""
    places = {os.path.join(folder, place) for place in _PLACES.values()}
    for place in places | {folder, os.path.join(folder, "home/.local")}:
        try:
            entries = list(os.scandir(place))
        except OSError:
            entries = []
            with contextlib.suppress(OSError):
                if os.path.islink(place) or os.path.isfile(place):
                    os.unlink(place)
                os.makedirs(place, 0o700, exist_ok=True)
        for entry in entries:
            if any(kept == entry.path or kept.startswith(entry.path + os.sep) for kept in places) and entry.is_dir(
                follow_symlinks=False
            ):
                continue
            if entry.is_dir(follow_symlinks=False):
                remove(entry.path)
            else:
                with contextlib.suppress(OSError):
                    os.unlink(entry.path)


def sweep() -> None:
    """Take away the folders that programs left which were killed: their marks begin with a process that is gone."""
    root = tempfile.gettempdir()
    with contextlib.suppress(OSError):
        for name in os.listdir(root):
            owner = name.removeprefix(PREFIX).partition("-")[0] if name.startswith(PREFIX) else ""
            if owner.isdigit() and not os.path.exists(f"/proc/{owner}"):
                remove(os.path.join(root, name))


def environment(folder: str) -> dict[str, str | None]:
    """Variables as plugins are to see them; None for those that they are not to see."""
    changes: dict[str, str | None] = {
        name: None
        for name in os.environ
        if name.startswith(_ADDRESSES) or any(part in name.upper() for part in _SECRETS)
    }
    for name, place in _PLACES.items():
        changes[name] = os.path.join(folder, place) if folder else "/nonexistent"
    return changes
