"""Finding project files in folders."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from pluginary_tui.model import clean
from pluginary_tui.projects.read import BY_ENDING, KINDS, READABLE, ending_of

MOST_DEPTH = 64
"""Folders inside one another."""

_BACKUPS = frozenset((ending, name) for kind in KINDS for name in kind.backups for ending in kind.endings)
_BACKUP_NAMES = frozenset(name for _, name in _BACKUPS)


class FoundFile(NamedTuple):
    """A file on the disk."""

    path: str
    size: int
    """Bytes."""
    modified: int
    """Nanoseconds since the epoch."""


@dataclass(slots=True)
class Found:
    """What a search of folders came to."""

    files: list[FoundFile] = field(default_factory=list)
    searched: list[str] = field(default_factory=list)
    """The folders and files that are there, absolute."""
    notes: list[str] = field(default_factory=list)
    """What could not be searched: one sentence each."""


def find_projects(roots: Iterable[Path]) -> Found:
    """The project files in these folders, or these files themselves, each once, by path.

    Left out are hidden folders and those in which a program keeps older versions of its projects. A file that is named
    itself may also be a template, a preset or a chain.
    """
    found = Found()
    files: dict[str, FoundFile] = {}
    seen: set[tuple[int, int]] = set()
    for root in roots:
        path = os.path.abspath(root)
        try:
            status = os.stat(path)
        except OSError as error:
            found.notes.append(f"{path} cannot be searched: {error.strerror or error}.")
            continue
        found.searched.append(path)
        if stat.S_ISDIR(status.st_mode):
            files.update((each.path, each) for each in _walk(path, seen, found.notes))
        elif ending_of(os.path.basename(path)) in READABLE and stat.S_ISREG(status.st_mode):
            if _can_be_kept(path, found.notes):
                files[path] = FoundFile(path, status.st_size, status.st_mtime_ns)
        else:
            found.notes.append(f"{path} is neither a folder nor a project of a program that is known.")
    found.files = sorted(files.values())
    return found


def _walk(root: str, seen: set[tuple[int, int]], notes: list[str]) -> Iterator[FoundFile]:
    waiting = [(root, 0)]
    while waiting:
        folder, depth = waiting.pop()
        try:
            status = os.stat(folder)
            if (status.st_dev, status.st_ino) in seen:  # a link that leads back, or a folder named twice
                continue
            seen.add((status.st_dev, status.st_ino))
            entries = list(os.scandir(folder))
        except OSError as error:
            notes.append(f"{folder} cannot be searched: {error.strerror or error}.")
            continue
        name = os.path.basename(folder).lower()
        in_backups = name in _BACKUP_NAMES and depth > 0
        for entry in entries:
            ending = ending_of(entry.name)
            try:
                if ending in BY_ENDING and entry.is_file():
                    if not _can_be_kept(entry.path, notes):
                        continue
                    if entry.name.startswith(".") or (in_backups and (ending, name) in _BACKUPS):
                        continue
                    status = entry.stat()
                    yield FoundFile(entry.path, status.st_size, status.st_mtime_ns)
                elif not entry.name.startswith(".") and depth < MOST_DEPTH and entry.is_dir():
                    waiting.append((entry.path, depth + 1))
            except OSError:  # gone in the meantime, or a dangling link
                continue


def _can_be_kept(path: str, notes: list[str]) -> bool:
    """Whether a path is UTF-8, which SQLite asks for; adds a note where it is not."""
    if not path.isprintable():  # as all that is not UTF-8
        try:
            path.encode()
        except UnicodeEncodeError:
            notes.append(f"{clean(path)} is left out: its name is not UTF-8.")
            return False
    return True
