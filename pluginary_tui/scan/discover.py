"""Walk the platform's plugin folders and say which bundles are there, without loading any."""

from __future__ import annotations

import errno
import os
import stat
import zlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pluginary_tui import formats
from pluginary_tui.config.values import expand_text
from pluginary_tui.model import Bundle, clean
from pluginary_tui.scan import mac_bundle
from pluginary_tui.scan.file_access import FileAccess, file_key, is_system, is_within, reason
from pluginary_tui.scan.lv2_bundles import holds_plugins
from pluginary_tui.scan.walk import Walk
from pluginary_tui.scan.walk import ignored as ignored

BUILTIN_PATH = "builtin:pedalboard"
"""The path under which pedalboard's own effects are catalogued."""


ENTRY_LIMIT = 200_000
"""Entries of one bundle that its fingerprint is made of: a link inside it may lead to the half of a disk."""


@dataclass(slots=True)
class Discovery:
    """What is on the disk."""

    bundles: list[Bundle] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What could not be looked at or was passed over, each a sentence for a person."""
    unreachable: list[str] = field(default_factory=list)
    """Folders and bundles that could not be looked at. What is known of them is still the best there is."""
    holders: set[str] = field(default_factory=set)
    """Folders that are named like a bundle and are none: they hold bundles."""


def standard_folders(system: str, env: Mapping[str, str], home: Path | None, format_: str = "") -> list[Path]:
    """The official plugin folders of `system` (as `platform.system()` names it), then those of the formats' environment
    variables. `home` is None for a user without a home folder; `format_` names the only format that is wanted.
    """
    found: list[Path] = []
    wanted = [each for each in formats.FORMATS if format_ in ("", each.name)]
    for each in wanted:
        for text in each.folders.get(system, ()):
            if text.startswith("%"):
                name, _, rest = text[1:].partition("%")
                if base := env.get(name):
                    found.append(Path(base) / rest.lstrip("/"))
            elif not text.startswith("~/"):
                found.append(Path(text))
            elif home is not None:
                found.append(home / text[2:])
    separator = ";" if system == "Windows" else ":"
    for each in wanted:
        if each.variable:
            parts = (part.strip() for part in env.get(each.variable, "").split(separator))
            found += [_named_folder(part, env, home) for part in parts if part]
    return found


def other_folders(home: Path | None) -> list[Path]:
    """Folders that are there and that some systems keep plugins in, beside the official ones."""
    files = FileAccess()
    texts = [text for each in formats.FORMATS for text in each.elsewhere]
    paths = [home / text[2:] if home and text.startswith("~/") else Path(text) for text in texts]
    return [path for path in paths if path.is_absolute() and files.status(os.fspath(path), quiet=True) is not None]


def _named_folder(text: str, env: Mapping[str, str], home: Path | None) -> Path:
    """A folder as a person writes it into a variable: ~ and other variables mean what they mean in the settings."""
    if home is not None and (text == "~" or text.startswith("~/")):
        text = f"{home}{text[1:]}"
    return Path(expand_text(text, env))


def discover(
    folders: Iterable[Path],
    *,
    system: str,
    ignore: Sequence[str] = (),
    builtin: bool = True,
    wanted: Collection[str] = formats.FORMAT_NAMES,
    on_bundle: Callable[[Bundle], object] = lambda bundle: None,
) -> Discovery:
    """Every bundle of the formats `wanted` below `folders`, each once, in the order of paths.

    Never raises for what is on the disk. A bundle reached by two ways (links, overlapping folders) is the same device
    and inode and counts once, under its real path where that is among them. A folder that is not there is no bundle
    and no error. `ignore`: patterns (`*`, `?`) of a bundle's name or path, or folders to pass over whole. `on_bundle`
    is called for each while the others are still being looked at.
    """
    files = FileAccess()
    # A VST3 may be named explicitly on a system that has no standard folders for it.
    here = {end: each for end, each in formats.ENDINGS.items() if each.folders.get(system) or each.variable}
    searched = {end: each for end, each in here.items() if each.name in wanted}
    walk = Walk(files, searched, expanded(ignore), [files.absolute(os.fspath(folder)) for folder in folders])
    best: dict[object, tuple[bool, str]] = {}
    for path in walk.bundles():
        status, link = files.status(path, quiet=True), files.status(path, follow=False, quiet=True)
        rank = (link is not None and stat.S_ISLNK(link.st_mode), path)
        key = path if status is None else file_key(status, files.real(path))
        best[key] = min(best.get(key, rank), rank)
    result = Discovery(holders=walk.holders)
    for found in sorted(found for _, found in best.values()):
        bundle = _bundle(found, files)
        if bundle.format == "lv2" and not bundle.error and not holds_plugins(found, files):
            continue
        result.bundles.append(bundle)
        on_bundle(bundle)
    if builtin and "builtin" in wanted:
        result.bundles.insert(0, builtin_bundle())
    result.notes, result.unreachable = files.notes, files.unreachable
    return result


def builtin_bundle() -> Bundle:
    """The effects that pedalboard itself ships; they change with its version."""
    from importlib import metadata  # imported here: a tenth of the imports of a scan, and not every scan needs it

    version = metadata.version("pedalboard")
    return Bundle(BUILTIN_PATH, "builtin", "pedalboard", fingerprint=f"pedalboard {version}", vendor="pedalboard")


def expanded(ignore: Iterable[str]) -> list[str]:
    """Patterns as they are written in the settings, for `ignored`: `~` at the front of a path is the home folder."""
    return [expand_text(pattern, {}, pattern=True) for pattern in ignore]


def _bundle(text: str, files: FileAccess) -> Bundle:
    path = Path(text)
    format_ = formats.ENDINGS.get(path.suffix.lower(), formats.ENDINGS[".lv2"])  # only LV2s may be called anything
    bundle = Bundle(text, format_.name, clean(path.stem) or "?")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        bundle.path, bundle.error = clean(text, 4096), "Its name on the disk is not UTF-8; rename it."
        return bundle
    if error := files.fault(text):
        _tell_why(bundle, error, files)
        return bundle
    found = _measure(text, files)
    bundle.size, bundle.modified = found.size, found.newest / 1e9
    bundle.fingerprint = _fingerprint(found)
    if found.lost:
        bundle.error = f"It is a bridge to {clean(found.lost, 300)}, where nothing is."
    if bundle.format == "au":
        _read_info_plist(path, bundle, files)
    return bundle


def _tell_why(bundle: Bundle, error: OSError | ValueError, files: FileAccess) -> None:
    """Say in the bundle why it cannot be read."""
    number = error.errno if isinstance(error, OSError) else 0
    target = files.link(bundle.path)
    text = f"a dangling link to {target}" if target and number == errno.ENOENT else reason(error)
    bundle.error = f"Cannot be read: {clean(text, 300)}."
    bundle.fingerprint = f"{number}{f' to {target}' if target else ''}"
    if number not in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
        files.unreachable.append(bundle.path)


@dataclass(slots=True)
class _Measured:
    """What a bundle's fingerprint is made of."""

    newest: int = 0
    """The latest modification time of the files inside, in nanoseconds."""
    size: int = 0
    """Bytes of all of them."""
    files: int = 0
    links: list[str] = field(default_factory=list)
    """Where the links lead, the bundle's own first."""
    lost: str = ""
    """Where a link to a Windows plugin leads that is gone: the bundle is a bridge to it (yabridge)."""

    def add(self, status: os.stat_result) -> None:
        self.newest, self.size = max(self.newest, status.st_mtime_ns), self.size + status.st_size
        self.files += 1


def _measure(path: str, files: FileAccess) -> _Measured:
    """All that is inside. Folders that are reached by links count, each once; what is gone meanwhile, does not open or
    lies outside the plugin (the system's folders, those that hold it) does not: the loader will say what it lacks.
    """
    found, real = _Measured(), files.real(path)
    if real != os.path.abspath(path):
        found.links.append(real)
    status = files.status(path, quiet=True)
    if status is None or not stat.S_ISDIR(status.st_mode):
        if status is not None:
            found.add(status)
        return found
    seen = {file_key(status, path)}
    todo, entries = [path], 0
    while todo and entries < ENTRY_LIMIT:
        for entry in files.entries(todo.pop(), quiet=True):
            entries += 1
            if link := files.link(entry.path) if entry.is_symlink() else "":
                leads = files.real(entry.path)
                found.links.append(f"{entry.name} {leads}" if leads != entry.path else f"{entry.name} {link}")
                if is_system(leads) or is_within(real, leads):
                    continue
            status = files.status(entry.path, quiet=True)
            if status is None:
                here = os.path.basename(os.path.dirname(entry.path))
                if link and here.endswith("-win") and files.is_gone(leads):
                    found.lost = leads
                continue
            if not stat.S_ISDIR(status.st_mode):
                found.add(status)
            elif (key := file_key(status, entry.path)) not in seen:
                seen.add(key)
                todo.append(entry.path)
    return found


def _fingerprint(found: _Measured) -> str:
    """What changes when anything in a bundle changes."""
    text = f"{found.newest}-{found.size}-{found.files}"
    # A link may lead elsewhere while sizes and times stay alike.
    return f"{text}-{_checksum(sorted(found.links))}" if found.links else text


def _checksum(texts: Iterable[str]) -> str:
    return f"{zlib.crc32(chr(0).join(texts).encode('utf-8', 'surrogateescape')):08x}"


def _read_info_plist(path: Path, bundle: Bundle, files: FileAccess) -> None:
    """Name, vendor and kind of an Audio Unit from its `Info.plist`, where it has a readable one."""
    try:
        data = files.read(os.fspath(path / "Contents" / "Info.plist"))
    except OSError:
        return
    if found := mac_bundle.audio_unit(mac_bundle.read_plist(data)):
        bundle.vendor, bundle.name = clean(found.vendor), clean(found.name) or bundle.name
        bundle.kind = found.kind
