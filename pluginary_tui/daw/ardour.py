"""Ardour: `plugin_statuses` and `plugin_tags` in the folder `plugin_metadata` of its settings.

According to its source (libs/ardour/plugin_manager.cc, save_statuses and save_tags), a status is a line
"TYPE Favorite ID" or "TYPE Hidden ID", at most one for each plugin; tags are an XML element
`<Plugin type id tags name user-set="1"/>` with lower-case words. The id of a VST3 is its class id, 32 upper-case hex
digits (libs/ardour/vst3_scan.cc), that of an LV2 its URI, that of a LADSPA its number. Ardour does not host CLAP. Tags
of the user replace those that Ardour ships, so the shipped ones of a plugin are written with them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr

from pluginary_tui.daw.plan import Change, Plan, flatpak_settings, line_end, read
from pluginary_tui.errors import CatalogueError, NotFoundError
from pluginary_tui.formats import LABELS
from pluginary_tui.model import Plugin

NAME = "Ardour"
HELP = """Write favourites, hidden plugins and tags to Ardour's plugin_statuses and plugin_tags.

Close Ardour first: it writes these files, too. Each is copied before it is changed, lines about other plugins
stay as they are, and nothing is removed from its files.

\b
Examples:
  pluginary-tui daw ardour
  pluginary-tui daw ardour --apply
  pluginary-tui daw ardour --folder ~/.config/ardour8/plugin_metadata
"""

FLATPAKS = ("org.ardour.Ardour",)
FOLDER = "plugin_metadata"
STATUSES = "plugin_statuses"
TAGS = "plugin_tags"

_IDS = {
    "vst3": ("VST3", re.compile(r"[0-9A-Fa-f]{32}")),
    "lv2": ("LV2", re.compile(r"\w[\w.+-]*:\S+")),
    "ladspa": ("LADSPA", re.compile(r"\d+")),
}
"""Formats that Ardour keeps tags and statuses of: its word for each, and what an id looks like."""
Known = tuple[str, str]
"""Ardour's word for a format, and an id."""
_ELEMENT = re.compile(r"<Plugin\b(?:[^<>\"']|\"[^<\"]*\"|'[^<']*')*/>")
_CUT = re.compile(r"<Plugin\b[^<>]*<")
"""XML has no < inside a tag. That each try ends at one keeps the time proportional to the file."""
_EMPTY = '<?xml version="1.0" encoding="UTF-8"?>\n<PluginTags>\n</PluginTags>\n'


def find_folder(system: str, home: Path, environment: Mapping[str, str]) -> Path:
    """The `plugin_metadata` of the newest Ardour with settings (filesystem_paths.cc). Raises NotFoundError.

    `system` is the value of `platform.system()`.
    """
    flatpaks: list[Path] = []
    if system == "Darwin":
        root = home / "Library" / "Preferences"
    elif system == "Windows":
        local = environment.get("LOCALAPPDATA") or str(home / "AppData" / "Local")
        root = Path(environment.get("XDG_CONFIG_HOME") or local)
    else:
        root = Path(environment.get("XDG_CONFIG_HOME") or home / ".config")
        flatpaks = flatpak_settings(home, FLATPAKS)
    found = [
        (int(number), path)
        for place in (root, *flatpaks)
        for path in place.glob("[Aa]rdour*")
        if (number := path.name[6:]).isdecimal()
    ]
    if not found:
        raise NotFoundError(f"There are no settings of Ardour in {root}; name its plugin_metadata with --folder.")
    return max(found)[1] / FOLDER


def shipped_tags(root: Path = Path("/")) -> Path | None:
    """The tags file of the newest installed Ardour; None where none is in the usual places."""
    places = (
        *("usr/share/ardour*", "usr/local/share/ardour*", "opt/Ardour-*/share"),
        *("Applications/Ardour*.app/Contents/Resources", "Program Files/Ardour*/share/ardour*"),
    )
    found = [path for place in places for path in root.glob(f"{place}/{FOLDER}/{TAGS}")]
    return max(found, key=lambda path: path.stat().st_mtime, default=None)


def plan(plugins: Iterable[Plugin], folder: Path, root: Path = Path("/")) -> Plan:
    """The changes for the Ardour whose `plugin_metadata` is `folder`; `root` is where an installed one is looked for.

    Raises CatalogueError for files that Ardour did not write.
    """
    result = Plan()
    known: dict[Known, Plugin] = {}
    for plugin in plugins:
        if not (plugin.favourite or plugin.hidden or plugin.tags):
            continue
        if key := _key(plugin):
            known.setdefault(key, plugin)
        elif plugin.format != "builtin":
            result.left_out.append((plugin.id, _why_not(plugin)))
    result.plugins = len(known)
    path = folder / STATUSES
    before = read(path)
    result.changes.append(Change(path, before, _statuses(before or "", known)))
    tagged = {key: plugin for key, plugin in known.items() if plugin.tags}
    path = folder / TAGS
    before = read(path)
    after = _tags(path, before or _EMPTY, tagged, _shipped(shipped_tags(root))) if tagged else before or ""
    result.changes.append(Change(path, before, after))
    return result


def _key(plugin: Plugin) -> Known | None:
    """The id that Ardour has for a plugin; None where it has none."""
    kind, id_ = _IDS.get(plugin.format, ("", None))
    return _known(kind, plugin.uid) if id_ and id_.fullmatch(plugin.uid) else None


def _known(kind: str, id_: str) -> Known:
    """Class ids of VST3s are the same in upper and lower case; URIs are not."""
    return (kind, id_.upper() if kind == "VST3" else id_)


def _why_not(plugin: Plugin) -> str:
    label = LABELS.get(plugin.format, plugin.format)
    if plugin.format not in _IDS:
        return f"Ardour keeps nothing about plugins of the format {label}"
    return f"it has no id that Ardour would know a {label} by"


def _statuses(before: str, known: Mapping[Known, Plugin]) -> str:
    """The new statuses. Lines of other plugins are kept; a plugin that is both favourite and hidden is a favourite."""
    wanted = {
        (kind, id_): f"{kind} {'Favorite' if plugin.favourite else 'Hidden'} {id_}"
        for (kind, id_), plugin in known.items()
        if plugin.favourite or plugin.hidden
    }
    end = line_end(before)
    lines = before.split("\n")
    for at, line in enumerate(lines):
        words = line.split(maxsplit=2)
        if len(words) == 3 and (status := wanted.pop(_known(words[0], words[2].strip()), None)):
            lines[at] = line if line.strip() == status else status + end[:-1]
    text = "\n".join(lines)
    if wanted and text and not text.endswith("\n"):
        text += end
    return text + "".join(line + end for line in sorted(wanted.values()))


def _shipped(path: Path | None) -> dict[Known, str]:
    text = read(path) if path is not None else None
    return {} if path is None or text is None else {key: tags for key, tags, _ in _elements(path, text)}


def _elements(path: Path, text: str) -> list[tuple[Known, str, str]]:
    """Ardour's id, the tags and the text of every element in a tags file that is about a format that we write."""
    kinds = {kind for kind, _ in _IDS.values()}
    found = []
    if _CUT.search(text):
        raise CatalogueError(f"{path} is not as Ardour writes it (a < inside an element); nothing was changed.")
    for match in _ELEMENT.finditer(text):
        try:
            element = ElementTree.fromstring(match[0])  # one element, without a document type
        except ElementTree.ParseError as error:
            raise CatalogueError(f"{path} is not as Ardour writes it ({error}); nothing was changed.") from None
        kind = element.get("type", "")
        if kind in kinds:
            found.append((_known(kind, element.get("id", "")), element.get("tags", ""), match[0]))
    return found


def _tags(path: Path, before: str, tagged: Mapping[Known, Plugin], shipped: Mapping[Known, str]) -> str:
    end = line_end(before)
    text = re.sub(r"<PluginTags\s*/>", f"<PluginTags>{end}</PluginTags>", before)
    closing = text.rfind("</PluginTags>")
    if closing < 0 or "<!DOCTYPE" in text:
        raise CatalogueError(f"{path} is not a file of Ardour's plugin tags; nothing was changed.")
    left = dict(tagged)
    for key, present, whole in _elements(path, text):
        plugin = left.pop(key, None)
        if plugin is not None and not {tag.lower() for tag in plugin.tags} <= set(present.lower().split()):
            text = text.replace(whole, _retagged(whole, _joined(present.split(), plugin.tags)), 1)
    closing = text.rfind("</PluginTags>")
    added = ""
    for key, plugin in sorted(left.items()):
        base = shipped.get(key, "").split() or _categories(plugin)
        added += f"  {_element(key, _joined(base, plugin.tags), plugin.name)}{end}"
    return text[:closing] + added + text[closing:]


def _categories(plugin: Plugin) -> list[str]:
    """The categories as tags, for plugins that Ardour ships no tags for."""
    return [category.lower().replace(" ", "-") for category in plugin.categories]


def _joined(present: Sequence[str], tags: Sequence[str]) -> str:
    """Tags as Ardour writes them: lower case, separated by single spaces (its sanitize_tag)."""
    return " ".join(dict.fromkeys(word.lower() for word in (*present, *tags)))


def _retagged(element: str, tags: str) -> str:
    """The element with other tags, marked as set by the user."""
    bare = re.sub(r"(?<!\s)\s+user-set=(?:\"[^\"]*\"|'[^']*')", "", element)
    new = f"tags={quoteattr(tags)}"
    tagged = re.sub(r"\btags=(?:\"[^\"]*\"|'[^']*')", lambda _: new, bare, count=1)
    return f'{tagged.removesuffix("/>").rstrip()} user-set="1"/>'


def _element(key: Known, tags: str, name: str) -> str:
    kind, id_ = key
    return f'<Plugin type="{kind}" id={quoteattr(id_)} tags={quoteattr(tags)} name={quoteattr(name)} user-set="1"/>'
