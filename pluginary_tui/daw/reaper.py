"""REAPER: favourites and tags in `reaper-fxfolders.ini`, read together with two of its internal files.

The format is Cockos' own and undocumented; this is what files written by REAPER 5 to 7 on three systems show.
`[Folders]` has `Id0=`, `Name0=` and so on and `NbFolders=`; the folder with id 0 is the one of favourites. `[Folder0]`
has `Item0=` (a VST's path, and `<number` behind it where its file holds several; an Audio Unit's "Vendor: Name"),
`Type0=` (3 for VST, 5 for Audio Unit) and so on and `Nb=`. `[category]` has what the user assigned: the file's name
with `_` for all but letters, digits and dots, and categories joined by `|`. It goes before what REAPER found by itself,
the `[category]` of `reaper-fxtags.ini`, so that is written with it. `reaper-vstplugins64.ini` has the numbers of the
files that hold several, by class id or name. None of them has a place for hidden plugins.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path, PureWindowsPath

from pluginary_tui.daw.ini import Ini
from pluginary_tui.daw.plan import Change, Plan, flatpak_settings, read
from pluginary_tui.errors import NotFoundError
from pluginary_tui.formats import LABELS
from pluginary_tui.model import MISSING, Plugin

NAME = "REAPER"
FLATPAKS = ("fm.reaper.Reaper",)
HELP = """Write favourites and tags to REAPER's reaper-fxfolders.ini.

Favourites go into its folder of favourites, tags become categories. Close REAPER first: it writes this file,
too. It is copied before it is changed, and nothing that is in it is taken away. REAPER cannot hide plugins.

\b
Examples:
  pluginary-tui daw reaper
  pluginary-tui daw reaper --apply
  pluginary-tui daw reaper --folder ~/opt/REAPER
"""

FOLDERS = "reaper-fxfolders.ini"
TAGS = "reaper-fxtags.ini"
CACHE = "reaper-vstplugins64.ini"
FAVOURITES = "Favorites"
"""Name of a new folder of favourites, as REAPER spells it."""

_TYPES = {"vst3": 3, "au": 5}
_CACHED = re.compile(r"[^,]*,(?P<number>\d+)(?:\{(?P<uid>[0-9A-Fa-f]{32}))?,(?P<name>.*)")
_CHANNELS = re.compile(r" \([\d>-]+ ?(?:ch|out)\)$")


def find_folder(system: str, home: Path, environment: Mapping[str, str]) -> Path:
    """REAPER's resource folder, unless it is a portable installation. Raises NotFoundError.

    `system` is the value of `platform.system()`.
    """
    if system == "Darwin":
        folder = home / "Library" / "Application Support" / "REAPER"
    elif system == "Windows":
        folder = Path(environment.get("APPDATA") or home / "AppData" / "Roaming") / "REAPER"
    else:
        folder = Path(environment.get("XDG_CONFIG_HOME") or home / ".config") / "REAPER"
        flatpaks = [place / "REAPER" for place in flatpak_settings(home, FLATPAKS)]
        folder = next((place for place in (folder, *flatpaks) if place.is_dir()), folder)
    if not folder.is_dir():
        raise NotFoundError(f"There are no settings of REAPER at {folder}; name its resource folder with --folder.")
    return folder


def plan(plugins: Iterable[Plugin], folder: Path) -> Plan:
    """The changes for the REAPER whose resource folder is `folder`. Raises CatalogueError."""
    path = folder / FOLDERS
    before = read(path)
    ini = Ini(before or "")
    cache = _Cache(read(folder / CACHE) or "")
    derived = {key.casefold(): value for key, value in Ini(read(folder / TAGS) or "").values("category").items()}
    result, exported = Plan(), set()
    favourites: list[tuple[str, int]] = []
    for plugin in plugins:
        if not (plugin.favourite or plugin.hidden or plugin.tags) or plugin.format == "builtin":
            continue
        if plugin.hidden and not plugin.favourite and not plugin.tags:
            result.left_out.append((plugin.id, "REAPER's files have no place for hidden plugins"))
            continue
        if plugin.format not in _TYPES:
            label = LABELS.get(plugin.format, plugin.format)
            result.left_out.append((plugin.id, f"how REAPER's files name plugins of the format {label} is not known"))
            continue
        if plugin.status == MISSING:
            result.left_out.append((plugin.id, "it is missing here, and REAPER knows plugins by their paths"))
            continue
        if any(letter < " " or letter == "\x7f" for letter in _item(plugin)):
            result.left_out.append((plugin.id, "its name on the disk has characters that would end a line"))
            continue
        number = cache.number(plugin)
        if number is None:
            result.left_out.append((plugin.id, "its file holds several, and REAPER has not scanned it yet"))
            continue
        exported.add(plugin.id)
        if plugin.favourite:
            favourites.append((_item(plugin) + number, _TYPES[plugin.format]))
        if plugin.tags:
            key = _key(plugin) + number
            present = ini.get("category", key) or derived.get(key.casefold(), "")
            ini.put("category", key, _joined(present, plugin.tags))
    _add_favourites(ini, favourites)
    result.plugins = len(exported)
    result.changes.append(Change(path, before, ini.text()))
    return result


def _item(plugin: Plugin) -> str:
    return f"{plugin.vendor}: {plugin.name}" if plugin.format == "au" else plugin.path


def _key(plugin: Plugin) -> str:
    if plugin.format == "au":
        return f"{plugin.vendor}: {plugin.name}"
    return _spelled(PureWindowsPath(plugin.path).name)


def _spelled(name: str) -> str:
    """A file's name as REAPER writes it in keys."""
    return re.sub(r"[^0-9A-Za-z.]", "_", name)


def _joined(present: str, tags: Iterable[str]) -> str:
    names = [name for name in present.split("|") if name]
    known = {name.casefold() for name in names}
    return "|".join(names + [tag for tag in tags if tag.casefold() not in known])


def _add_favourites(ini: Ini, items: list[tuple[str, int]]) -> None:
    if not items:
        return
    folders = ini.values("Folders")
    if "0" not in [value for key, value in folders.items() if key.lower().startswith("id")]:
        count = _count(folders, "NbFolders", "Id")
        ini.put("Folders", f"Id{count}", "0")
        ini.put("Folders", f"Name{count}", FAVOURITES)
        ini.put("Folders", "NbFolders", str(count + 1))
    section = "Folder0"
    present = ini.values(section)
    count = _count(present, "Nb", "Item")
    known = {present.get(f"Item{at}", "").casefold() for at in range(count)}
    for item, type_ in items:
        if item.casefold() not in known:
            known.add(item.casefold())
            ini.put(section, f"Item{count}", item)
            ini.put(section, f"Type{count}", str(type_))
            count += 1
    ini.put(section, "Nb", str(count))


def _count(values: Mapping[str, str], key: str, item: str) -> int:
    """How many items a section says it has; where that cannot be, one more than the last item's number."""
    text = values.get(key, "")
    claimed = int(text) if text.isdecimal() and len(text) < 10 else 0 if not text.isdecimal() else len(values) + 1
    if claimed <= len(values):
        return claimed
    numbers = [name.removeprefix(item) for name in values if name.startswith(item)]
    return max((int(number) + 1 for number in numbers if number.isdecimal() and len(number) < 10), default=0)


class _Cache:
    """REAPER's scan results of the files that contain several plugins."""

    def __init__(self, text: str) -> None:
        self.shells: dict[str, dict[str, str]] = {}
        """Key of the file -> class id or name -> its `<number` suffix."""
        for key, value in Ini(text).values("vstcache").items():
            file, several, number = key.partition("<")
            found = _CACHED.fullmatch(value)
            if not several or found is None:
                continue
            names = self.shells.setdefault(file.casefold(), {})
            name = _CHANNELS.sub("", found["name"].removesuffix("!!!VSTi"))
            names[name.casefold()] = f"<{number}"
            if found["uid"]:
                names[found["uid"].upper()] = f"<{number}"

    def number(self, plugin: Plugin) -> str | None:
        """The suffix of the plugin's file; None where it is unknown."""
        if plugin.format == "au" or not plugin.name_in_file:
            return ""
        names = self.shells.get(_key(plugin).casefold(), {})
        return names.get(plugin.uid) or names.get(f"{plugin.name} ({plugin.vendor})".casefold())
