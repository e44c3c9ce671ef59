"""The search through folders for what is named like a bundle: which are entered, which links are followed."""

from __future__ import annotations

import fnmatch
import os
import stat
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path

from pluginary_tui.formats import ENDINGS, Format
from pluginary_tui.model import clean
from pluginary_tui.scan.file_access import FileAccess, file_key, is_system, is_within

DEPTH_LIMIT = 40
"""Folders within folders that are searched; plugins lie no deeper, and a longer path may not open."""

# What desktops, file systems and archivers leave behind: deleted files, former states of a folder, and the other half
# of files that were packed on a Mac. Lower-cased.
_PASSED_OVER = {
    "__macosx",
    ".trash",
    ".trashes",
    "$recycle.bin",
    "recycler",
    "recycled",
    "#recycle",
    "@recycle",
    ".snapshot",
    ".snapshots",
    ".zfs",
    "#snapshot",
    "@recently-snapshot",
    "@gmt",
    ".mobilebackups",
    ".stversions",
    "lost+found",
    "system volume information",
    "@eadir",
    ".spotlight-v100",
    ".fseventsd",
    ".temporaryitems",
    ".documentrevisions-v100",
    ".appledouble",
    ".ds_store",
}
_PASSED_OVER_FRONTS = ("._", ".trash-", "@gmt-")


def ignored(path: Path | str, ignore: Sequence[str]) -> bool:
    """Whether one of these patterns, `expanded`, means this bundle or folder.

    A pattern without a slash is about the name, one with a slash about the whole path or a folder above it.
    """
    text = os.fspath(path)
    return any(
        fnmatch.fnmatch(text, pattern) or is_within(text, pattern.rstrip("/" + os.sep) or os.sep)
        if "/" in pattern or os.sep in pattern
        else fnmatch.fnmatch(os.path.basename(text), pattern)
        for pattern in ignore
    )


class Walk:
    """The search through folders for bundles."""

    def __init__(
        self, files: FileAccess, formats: Mapping[str, Format], ignore: Sequence[str], folders: Sequence[str]
    ) -> None:
        self._files = files
        self._formats = formats
        """By the ending of a bundle."""
        self._ignore = ignore
        self._folders = folders
        self._roots = [files.real(folder) for folder in folders]
        self._seen: set[object] = set()
        self._links: deque[tuple[os.DirEntry[str], int]] = deque()
        """Links to folders, which are followed in the end, with how deep they lie."""
        self._entered: list[str] = []
        """Folders that are named like a bundle and lack what one of their format holds."""
        self.holders: set[str] = set()

    def bundles(self) -> list[str]:
        """Paths of what is named like a bundle; one may be there several times, by several ways."""
        found: list[str] = []
        for folder in self._folders:
            if not self._is_named_like_a_bundle(folder):
                self._search(folder, 0, found)
            elif self._files.status(folder, follow=False) is not None and not ignored(folder, self._ignore):
                if self._is_holder(folder):
                    self._search(folder, 0, found)
                else:
                    found.append(folder)
        # After all folders that are no links, so that what is reached both ways is found under its own path.
        while self._links:
            entry, depth = self._links.popleft()
            if self._may_enter(entry):
                self._search(entry.path, depth, found)
        for folder in reversed(self._entered):  # the innermost first
            if any(path.startswith(folder + os.sep) for path in found):
                self.holders.add(folder)
            else:
                found.append(folder)
        return found

    def _search(self, folder: str, depth: int, found: list[str]) -> None:
        """Add the bundles below a folder. Keeps a list of its own: folders can be nested deeper than Python's stack."""
        todo = [(folder, depth)]
        while todo:
            here, depth = todo.pop()
            status = self._files.status(here)
            if status is None or not stat.S_ISDIR(status.st_mode) or not self._is_new(status, here):
                continue
            format_ = self._format(here)
            if format_ and format_.inside and here not in self._entered:
                self._entered.append(here)
            entries = self._files.entries(here)
            if self._is_unnamed_bundle(here, entries):
                found.append(here)
                continue
            for entry in entries:
                path = entry.path
                if _is_left_behind(path, entry.name) or ignored(path, self._ignore):
                    continue
                if self._is_bundle(path):
                    if not entry.is_symlink() or not self._leads_away(path, self._files.real(path)):
                        found.append(path)
                elif not self._files.is_folder(entry):
                    continue
                elif depth >= DEPTH_LIMIT:
                    self._files.note(f"Not searched below {DEPTH_LIMIT} folders in folders: {clean(path, 300)}.")
                elif entry.is_symlink():
                    self._links.append((entry, depth + 1))
                elif not self._leads_away(path, path):
                    todo.append((path, depth + 1))

    def _may_enter(self, entry: os.DirEntry[str]) -> bool:
        """Whether a link to a folder is to be followed: not to the system's folders, and not back up."""
        path, real = entry.path, self._files.real(entry.path)
        if self._leads_away(path, real):
            return False
        here = self._files.real(os.path.dirname(path))
        if any(is_within(each, real) for each in (here, *self._roots)):
            if not any(is_within(real, root) for root in self._roots):  # what is in one is searched anyway
                self._files.note(f"Not followed: {clean(path, 300)} is a link up to {clean(real, 300)}.")
            return False
        return True

    def _leads_away(self, path: str, real: str) -> bool:
        """Whether this is a folder of the system's own, none that was named by a person."""
        if not is_system(real) or any(is_within(real, root) and root != os.sep for root in self._roots):
            return False
        if real != path:
            self._files.note(f"Not followed: {clean(path, 300)} is a link to {clean(real, 300)}, which is no folder.")
        return True

    def _is_new(self, status: os.stat_result, path: str) -> bool:
        key = file_key(status, path)
        if key in self._seen:
            return False
        self._seen.add(key)
        return True

    def _is_bundle(self, path: str) -> bool:
        """Whether an entry of a folder is a bundle, and no folder with bundles in it."""
        format_ = self._format(path)
        if format_ is None or self._is_holder(path):
            return False
        return not format_.symbol or _is_below(format_.name, path) or self._files.holds(path, format_.symbol)

    def _is_unnamed_bundle(self, folder: str, entries: Sequence[os.DirEntry[str]]) -> bool:
        """Whether a folder is a bundle whatever it is called: LV2 hosts go by what is in it."""
        own = ENDINGS[".lv2"].inside if ".lv2" in self._formats else ""
        return any(entry.name == own for entry in entries) and folder not in self._folders

    def _format(self, name: str) -> Format | None:
        """The format whose bundles are called like this."""
        return self._formats.get(os.path.splitext(name)[1].lower())

    def _is_named_like_a_bundle(self, name: str) -> bool:
        return self._format(name) is not None

    def _is_holder(self, path: str) -> bool:
        """Whether what is named like a bundle may be a folder with bundles in it: an archive that was unpacked into a
        folder called like what it holds.
        """
        status = self._files.status(path, quiet=True)
        if status is None or not stat.S_ISDIR(status.st_mode):
            return False
        format_ = self._format(path)
        inside = format_.inside if format_ else ""
        lacks = not inside or self._files.is_gone(os.path.join(path, inside))
        return lacks and self._files.fault(path) is None


def _is_below(format_: str, path: str) -> bool:
    """Whether a path leads through a folder that is called like a format, `ladspa` or `.ladspa`."""
    return any(part.lower().lstrip(".") == format_ for part in os.path.dirname(path).split(os.sep))


def _is_left_behind(path: str, name: str) -> bool:
    """Whether this is deleted, an old state of a folder, or the other half of a file from a Mac."""
    folded = name.lower()
    return (
        folded in _PASSED_OVER
        or folded.startswith(_PASSED_OVER_FRONTS)
        or (name == "Trash" and path.endswith(os.path.join("share", "Trash")))
    )
