"""Reading the file system for discovery: every look at a folder or file passes through here, and none can raise."""

from __future__ import annotations

import errno
import mmap
import os
import stat
import sys
from dataclasses import dataclass, field

from pluginary_tui.model import clean
from pluginary_tui.safe_open import open_regular

NOTE_LIMIT = 50
"""Notes that are kept; of more than these only the number is kept."""

READ_LIMIT = 1 << 20
"""Bytes read of a file inside a bundle."""

SEARCH_LIMIT = 64 << 20
"""Bytes of a file that are searched for a name."""

GONE = (errno.ENOENT, errno.ENOTDIR)
"""Errors that say that nothing is there."""

# Folders of the kernel: their entries are no files, opening some of them blocks, and links in them lead
# around the whole machine.
_SYSTEM = ("/proc", "/sys", "/dev") if sys.platform != "win32" else ()


@dataclass(slots=True)
class FileAccess:
    """Looks at the file system; what goes wrong becomes a note, one sentence for a person each."""

    unreachable: list[str] = field(default_factory=list)
    """Paths that could not be looked at. What is known of bundles there, or below, is still the best there is."""
    _notes: list[str] = field(default_factory=list)
    _more: int = 0

    @property
    def notes(self) -> list[str]:
        more = f"{self._more:,} more entr{'y' if self._more == 1 else 'ies'} could not be looked at."
        return [*self._notes, more] if self._more else list(self._notes)

    def note(self, sentence: str) -> None:
        """Keep a sentence, once."""
        if sentence in self._notes:
            return
        if len(self._notes) < NOTE_LIMIT:
            self._notes.append(sentence)
        else:
            self._more += 1

    def status(self, path: str, *, follow: bool = True, quiet: bool = False) -> os.stat_result | None:
        """stat(2) of a path, or lstat(2); None where nothing is there, and where a note says why not.

        `quiet`: no note, for what the caller reports itself.
        """
        try:
            return os.stat(path, follow_symlinks=follow)
        except (OSError, ValueError) as error:  # ValueError: a null character
            if not quiet:
                self._fault(path, error)
            return None

    def fault(self, path: str) -> OSError | ValueError | None:
        """What stands in the way of looking at a file, or into a folder; None where nothing does."""
        try:
            if stat.S_ISDIR(os.stat(path).st_mode):
                os.scandir(path).close()
        except (OSError, ValueError) as error:
            return error
        return None

    def is_gone(self, path: str) -> bool:
        """Whether nothing is there; False where that cannot be known.

        `os.path.lexists` says of all that lies in a closed folder that it is not there.
        """
        try:
            os.lstat(path)
        except OSError as error:
            return error.errno in (*GONE, errno.ENAMETOOLONG)
        except ValueError:
            return True
        return False

    def link(self, path: str) -> str:
        """What a link says, empty for anything else."""
        try:
            return os.readlink(path)
        except (OSError, ValueError):
            return ""

    def entries(self, folder: str, *, quiet: bool = False) -> list[os.DirEntry[str]]:
        """What is in a folder, by name; empty where it cannot be looked into. `quiet`: without a note."""
        found: list[os.DirEntry[str]] = []
        try:
            with os.scandir(folder) as entries:
                found.extend(entries)  # keeps what was delivered before a fault
        except (OSError, ValueError) as error:
            if not quiet:
                self._fault(folder, error)
        return sorted(found, key=lambda entry: entry.name)

    def is_folder(self, entry: os.DirEntry[str]) -> bool:
        """Whether an entry is a folder, or a link to one."""
        try:
            if not entry.is_symlink():
                return entry.is_dir(follow_symlinks=False)
        except OSError as error:
            self._fault(entry.path, error)
            return False
        found = self.status(entry.path)
        return found is not None and stat.S_ISDIR(found.st_mode)

    def read(self, path: str) -> bytes:
        """The beginning of a regular file, at most READ_LIMIT bytes; empty for anything else. Never blocks."""
        try:
            with open_regular(path, foreign_links=True) as file:
                return file.read(READ_LIMIT)
        except OSError:
            return b""

    def holds(self, path: str, text: bytes) -> bool:
        """Whether a regular file contains these bytes. Never blocks; looks at no more than SEARCH_LIMIT."""
        try:
            with open_regular(path, foreign_links=True) as file:
                size = os.fstat(file.fileno()).st_size
                if not size:
                    return False
                with mmap.mmap(file.fileno(), min(size, SEARCH_LIMIT), access=mmap.ACCESS_READ) as data:
                    return data.find(text) >= 0
        except (OSError, ValueError):
            return False

    def absolute(self, path: str) -> str:
        """A path from the root on, without `..`; as it is, with a note, where the working folder is gone."""
        try:
            return os.path.abspath(path)
        except OSError:
            self.note(f"Not searched: {clean(path, 300)}, for the folder that it starts from is gone.")
            return path

    def real(self, path: str) -> str:
        """Where a path leads when every link in it is followed, as far as that can be found out."""
        try:
            return os.path.realpath(path)
        except (OSError, ValueError):
            return path

    def _fault(self, path: str, error: OSError | ValueError) -> None:
        if isinstance(error, OSError) and error.errno in GONE:
            return
        if path not in self.unreachable:
            self.unreachable.append(path)
            text = reason(error)
            advice = "; allow reading it or add it to 'ignore'" if isinstance(error, PermissionError) else ""
            self.note(f"Cannot look into {clean(path, 300)}: {text}{advice}.")


def reason(error: OSError | ValueError) -> str:
    """What an error says, for a person."""
    if isinstance(error, OSError) and error.errno == errno.ELOOP:
        return "a link that leads to itself"
    if not isinstance(error, OSError):
        return "no file can have this name"
    return error.strerror or clean(error) or type(error).__name__


def named_like_its_binary(path: str) -> str:
    """The path under which hosts find a bundle's binary, which they expect to be called like the bundle: where a link
    leads that has another name than its target, `path` otherwise.
    """
    if not os.path.islink(path):
        return path
    real = os.path.realpath(path)
    return path if os.path.basename(real) == os.path.basename(path) else real


def is_system(real: str) -> bool:
    """Whether a path without links in it is a folder of the kernel's, or lies in one."""
    return any(is_within(real, folder) for folder in _SYSTEM)


def is_within(path: str, folder: str) -> bool:
    """Whether a path is a folder or lies below it; both as the system writes them.

    >>> is_within("/a/b", "/a"), is_within("/ab", "/a"), is_within("/a", "/")
    (True, False, True)
    """
    return path == folder or path.startswith(folder if folder.endswith(os.sep) else folder + os.sep)


def file_key(status: os.stat_result, path: str) -> object:
    """Tells files apart: device and inode, or the path on file systems that number all alike."""
    return (status.st_dev, status.st_ino) if status.st_ino else path
