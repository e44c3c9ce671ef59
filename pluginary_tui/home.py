"""The home folder, where there is one, and `~` for it in texts."""

from __future__ import annotations

import os
import re
from pathlib import Path


def home_folder() -> Path | None:
    """The user's home folder; None where there is none.

    Users of containers may have no HOME and no entry in the password file, or / as home, which is no folder of
    anyone's: with ~ for it every absolute path would change.
    """
    text = os.path.expanduser("~")
    return None if not os.path.isabs(text) or os.path.dirname(text) == text else Path(text)


def typed_path(text: str) -> Path:
    """The path that a person typed, `~` and `~name` expanded; as it is where there is no such user. Raises nothing."""
    return Path(os.path.expanduser(text))


def shortened(path: str, home: Path | None = None) -> str:
    """A path with ~ for the home folder at its front (`home`: another one than the user's)."""
    home = home or home_folder()
    if home is None:
        return path
    front = str(home)
    if path == front or path.startswith(front + os.sep):
        return "~" + path[len(front) :]
    return path


def without_home(text: str, home: Path | None) -> str:
    """`text` with ~ for the home folder wherever a path begins with it, and `<user>` for its name where that is a word
    of its own.

    >>> without_home("/home/ann/x.vst3, Ann's, /mnt/ann/y, /srv/home/ann/z", Path("/home/ann"))
    "~/x.vst3, Ann's, /mnt/<user>/y, /srv/home/<user>/z"
    """
    if home is None or home.parent == home:
        return text
    for folder in sorted({str(home), os.path.realpath(home)}, key=len, reverse=True):
        if os.path.dirname(folder) == folder:
            continue
        for written in {folder.replace("\\", "\\\\"), folder}:
            text = re.sub(rf"(?<![\w.~/-]){re.escape(written)}(?![\w.-])", "~", text)
    return re.sub(rf"(?<![\w-]){re.escape(home.name)}(?![\w-])", "<user>", text) if home.name else text
