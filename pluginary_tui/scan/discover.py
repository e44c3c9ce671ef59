"""Walk the platform's plugin folders and say which bundles are there, without loading any."""

from __future__ import annotations

import errno
import fnmatch
import os
import plistlib
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pluginary_tui import formats
from pluginary_tui.model import Bundle, clean

FORMATS = {each.ending: each.name for each in formats.FORMATS if each.ending}
"""Names of formats by the ending of a bundle."""

BUILTIN_PATH = "builtin:pedalboard"
"""The path under which pedalboard's own effects are catalogued."""

# The four-letter types of Audio Units that make sound from notes (Apple, AUComponent.h).
_AU_INSTRUMENTS = {"aumu", "augn"}


@dataclass(slots=True)
class Discovery:
    """What is on the disk. `notes`: folders that could not be read, each a sentence for a person."""

    bundles: list[Bundle] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def standard_folders(system: str, env: Mapping[str, str], home: Path) -> list[Path]:
    """The official plugin folders of `system` (as `platform.system()` names it), then those of the formats' environment
    variables.
    """
    found: list[Path] = []
    for each in formats.FORMATS:
        for text in each.folders.get(system, ()):
            if text.startswith("%"):
                name, _, rest = text[1:].partition("%")
                if base := env.get(name):
                    found.append(Path(base) / rest.lstrip("/"))
            else:
                found.append(home / text[2:] if text.startswith("~/") else Path(text))
    separator = ";" if system == "Windows" else ":"
    for each in formats.FORMATS:
        if each.variable:
            found += [Path(part) for part in env.get(each.variable, "").split(separator) if part]
    return found


def discover(
    folders: Iterable[Path],
    *,
    system: str,
    ignore: Sequence[str] = (),
    builtin: bool = True,
    on_bundle: Callable[[Bundle], object] = lambda bundle: None,
) -> Discovery:
    """Every bundle below `folders`, each once, in the order of paths.

    A bundle reached by two ways (links, overlapping folders) is the same device and inode and counts once, under
    its real path where that is among them. A folder that is not there is no bundle and no error. `ignore`: patterns
    (`*`, `?`) of a bundle's name or path, or folders to pass over whole. `on_bundle` is called for each while
    the others are still being looked at.
    """
    result = Discovery()
    # A VST3 may be named by hand on a system that has no standard folders for it.
    extensions = {
        each.ending for each in formats.FORMATS if each.ending and (each.folders.get(system) or each.variable)
    }
    best: dict[object, tuple[bool, str]] = {}
    seen: set[tuple[int, int]] = set()
    for folder in folders:
        for path in _walk(folder, extensions, seen, result.notes, expanded(ignore)):
            try:
                status = path.stat()
                key: object = (status.st_dev, status.st_ino)
            except OSError:
                key = str(path)
            rank = (path.is_symlink(), os.fspath(path))
            best[key] = min(best.get(key, rank), rank)
    for found in sorted(found for _, found in best.values()):
        result.bundles.append(_bundle(Path(found)))
        on_bundle(result.bundles[-1])
    if builtin:
        result.bundles.insert(0, builtin_bundle())
    return result


def builtin_bundle() -> Bundle:
    """The effects that pedalboard itself ships; they change with its version."""
    from importlib import metadata  # a tenth of what a scan imports, and not every one wants it

    version = metadata.version("pedalboard")
    return Bundle(BUILTIN_PATH, "builtin", "pedalboard", fingerprint=f"pedalboard {version}", vendor="pedalboard")


def expanded(ignore: Iterable[str]) -> list[str]:
    """Patterns as they are written in the settings, for `ignored`: `~` is the home folder."""
    return [os.fspath(Path(pattern).expanduser()) for pattern in ignore]


def ignored(path: Path, ignore: Sequence[str]) -> bool:
    """Whether one of these patterns, `expanded`, means this bundle or folder.

    A pattern without a slash is about the name, one with a slash about the whole path or a folder above it.
    """
    return any(
        fnmatch.fnmatch(os.fspath(path), pattern) or path.is_relative_to(pattern)
        if "/" in pattern or os.sep in pattern
        else fnmatch.fnmatch(path.name, pattern)
        for pattern in ignore
    )


def _walk(
    folder: Path, extensions: set[str], seen: set[tuple[int, int]], notes: list[str], ignore: Sequence[str]
) -> Iterator[Path]:
    if folder.suffix.lower() in extensions and os.path.lexists(folder):  # a bundle itself was named
        if not ignored(folder, ignore):
            yield folder
        return
    try:
        status = folder.stat()
        if (status.st_dev, status.st_ino) in seen or not stat.S_ISDIR(status.st_mode):
            return
        seen.add((status.st_dev, status.st_ino))
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        notes.append(f"Cannot look into {folder}: {error.strerror}; allow reading it or add it to 'ignore'.")
        return
    for entry in entries:
        path = folder / entry.name
        if ignored(path, ignore):
            continue
        if path.suffix.lower() in extensions:
            yield path
        elif entry.is_dir() if not entry.is_symlink() else path.is_dir():
            yield from _walk(path, extensions, seen, notes, ignore)


def _bundle(path: Path) -> Bundle:
    text = os.fspath(path)
    bundle = Bundle(text, FORMATS[path.suffix.lower()], clean(path.stem) or "?")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        bundle.path, bundle.error = clean(text, 4096), "Its name on the disk is not UTF-8; rename it."
        return bundle
    try:
        newest, bundle.size, files = _measure(text)
    except OSError as error:
        target = f" to {path.readlink()}" if path.is_symlink() else ""
        link = "a link that leads to itself" if error.errno == errno.ELOOP else f"a dangling link{target}"
        bundle.error = f"Cannot be read: {link if target else error.strerror}."
        bundle.fingerprint = f"{error.errno}{target}"
        return bundle
    bundle.modified = newest / 1e9
    bundle.fingerprint = f"{newest}-{bundle.size}-{files}"
    if bundle.format == "au":
        _read_info_plist(path, bundle)
    return bundle


def _measure(path: str) -> tuple[int, int, int]:
    """Newest mtime (ns), total size (bytes) and number of the files inside; links are followed, loops are not."""
    status = os.stat(path)
    if not stat.S_ISDIR(status.st_mode):
        return status.st_mtime_ns, status.st_size, 1
    return _measure_folder(path)


def _measure_folder(path: str, depth: int = 0) -> tuple[int, int, int]:
    newest = size = files = 0
    with os.scandir(path) as entries:
        for entry in entries:
            try:
                if entry.is_dir():
                    if entry.is_symlink() or depth > 32:
                        continue
                    part = _measure_folder(entry.path, depth + 1)
                else:
                    status = entry.stat()
                    part = (status.st_mtime_ns, status.st_size, 1)
            except OSError:  # gone meanwhile, or a dangling link inside: the loader will say what it thinks of that
                continue
            newest, size, files = max(newest, part[0]), size + part[1], files + part[2]
    return newest, size, files


def _read_info_plist(path: Path, bundle: Bundle) -> None:
    """Name, vendor and kind of an Audio Unit from its `Info.plist`, where it has a readable one."""
    try:
        with (path / "Contents" / "Info.plist").open("rb") as file:
            component = plistlib.load(file)["AudioComponents"][0]
        vendor, colon, name = str(component["name"]).partition(":")
        bundle.vendor = clean(vendor) if colon else ""
        bundle.name = clean(name if colon else vendor) or bundle.name
        bundle.kind = "instrument" if component.get("type") in _AU_INSTRUMENTS else "effect"
    except (OSError, ValueError, LookupError, TypeError, AttributeError, plistlib.InvalidFileException):
        return
    except Exception as error:  # expat's own error class is not public in plistlib
        if type(error).__name__ != "ExpatError":
            raise
