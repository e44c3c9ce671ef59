"""The formats of plugins: one row for each. What else depends on a format takes it from here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Format:
    """One format of plugins."""

    name: str
    """As in the catalogue, in queries and in ids."""
    label: str
    """As a person reads it."""
    ending: str = ""
    """Of a bundle's name, lower-cased."""
    variable: str = ""
    """The environment variable that names more folders."""
    folders: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """By `platform.system()`. `~` is the home folder, `%NAME%` an environment variable."""
    elsewhere: Sequence[str] = ()
    """Folders that some systems use and no standard names: not searched by themselves, mentioned where they exist."""
    inside: str = "Contents"
    """What a folder with this ending holds where it is a bundle; one without it is searched for bundles."""
    symbol: bytes = b""
    """The function that a file exports, for an ending that other libraries have as well. A file that does not name it
    counts as a bundle only below a folder that is called like the format."""
    checked: bool = False
    """Whether pedalboard can load it, so that each plugin of it is tried."""
    reader: str = "pedalboard_reader"
    """The module of `scan/readers` that reads it."""
    descriptions: str = ""
    """The environment variable that names folders with descriptions of its plugins, which its reader reads, too."""
    hosts: str = ""
    """Programs that can host what pedalboard cannot, for a person."""
    data_only: bool = False
    """Whether its bundles are read as files and nothing of them is loaded: one process reads several."""


# The folders that the formats' owners name. VST3: Steinberg's "Plug-in Format Structure" of the VST 3 developer portal;
# Audio Units: Apple's "Audio Unit Hosting Fundamentals"; CLAP: entry.h; LV2: its "Filesystem Hierarchy Standard" page.
# LADSPA has only its variable; the folders are those that Ardour searches.
FORMATS = (
    Format(
        "vst3",
        "VST3",
        ".vst3",
        "VST3_PATH",
        {
            "Linux": ("~/.vst3", "/usr/lib/vst3", "/usr/lib64/vst3", "/usr/local/lib/vst3", "/usr/local/lib64/vst3"),
            "Darwin": (
                "~/Library/Audio/Plug-Ins/VST3",
                "/Library/Audio/Plug-Ins/VST3",
                "/Network/Library/Audio/Plug-Ins/VST3",
            ),
            "Windows": ("%LOCALAPPDATA%/Programs/Common/VST3", "%COMMONPROGRAMFILES%/VST3"),
        },
        elsewhere=(
            "~/.nix-profile/lib/vst3",
            "/run/current-system/sw/lib/vst3",
            "/app/extensions/Plugins/vst3",
            "/usr/lib/x86_64-linux-gnu/vst3",
            "/usr/lib/aarch64-linux-gnu/vst3",
            "~/.local/lib/vst3",
            "~/.local/share/vst3",
            "/opt/vst3",
            "/usr/share/vst3",
            "~/vst3",
            "~/VST3",
            "~/.wine/drive_c/Program Files/Common Files/VST3",
        ),
        checked=True,
        reader="vst3",
    ),
    Format(
        "au",
        "AU",
        ".component",
        folders={
            "Darwin": (
                "~/Library/Audio/Plug-Ins/Components",
                "/Library/Audio/Plug-Ins/Components",
                "/Network/Library/Audio/Plug-Ins/Components",
            ),
        },
        checked=True,
    ),
    Format(
        "clap",
        "CLAP",
        ".clap",
        "CLAP_PATH",
        {
            "Linux": ("~/.clap", "/usr/lib/clap", "/usr/lib64/clap", "/usr/local/lib/clap", "/usr/local/lib64/clap"),
            "Darwin": ("~/Library/Audio/Plug-Ins/CLAP", "/Library/Audio/Plug-Ins/CLAP"),
            "Windows": ("%LOCALAPPDATA%/Programs/Common/CLAP", "%COMMONPROGRAMFILES%/CLAP"),
        },
        elsewhere=(
            "~/.nix-profile/lib/clap",
            "/run/current-system/sw/lib/clap",
            "/app/extensions/Plugins/clap",
            "/usr/lib/x86_64-linux-gnu/clap",
        ),
        reader="clap",
        hosts="Bitwig Studio, REAPER, FL Studio or Qtractor",
    ),
    Format(
        "lv2",
        "LV2",
        ".lv2",
        "LV2_PATH",
        {
            "Linux": ("~/.lv2", "/usr/lib/lv2", "/usr/lib64/lv2", "/usr/local/lib/lv2", "/usr/local/lib64/lv2"),
            "Darwin": ("~/Library/Audio/Plug-Ins/LV2", "~/.lv2", "/usr/local/lib/lv2", "/Library/Audio/Plug-Ins/LV2"),
            "Windows": ("%APPDATA%/LV2", "%COMMONPROGRAMFILES%/LV2"),
        },
        elsewhere=("~/.nix-profile/lib/lv2", "/run/current-system/sw/lib/lv2", "/usr/lib/x86_64-linux-gnu/lv2"),
        inside="manifest.ttl",
        reader="lv2",
        data_only=True,
        hosts="Ardour, Carla, Qtractor or REAPER",
    ),
    Format(
        "ladspa",
        "LADSPA",
        ".so",
        "LADSPA_PATH",
        {
            "Linux": (
                "~/.ladspa",
                "/usr/lib/ladspa",
                "/usr/lib64/ladspa",
                "/usr/local/lib/ladspa",
                "/usr/local/lib64/ladspa",
            ),
            "Darwin": ("~/Library/Audio/Plug-Ins/LADSPA", "/Library/Audio/Plug-Ins/LADSPA"),
        },
        elsewhere=(
            "~/.nix-profile/lib/ladspa",
            "/run/current-system/sw/lib/ladspa",
            "/usr/lib/x86_64-linux-gnu/ladspa",
        ),
        inside="",
        symbol=b"ladspa_descriptor",
        reader="ladspa",
        descriptions="LADSPA_RDF_PATH",
        hosts="Ardour, Audacity, Carla or ecasound",
    ),
    Format("builtin", "built-in", reader="builtin_effects"),
)

FORMAT_NAMES = tuple(each.name for each in FORMATS)
LABELS = {each.name: each.label for each in FORMATS}
"""Formats as a person writes them, by their names."""
CHECKED = tuple(each.name for each in FORMATS if each.checked)
LOADABLE = frozenset((*CHECKED, "builtin"))
"""Formats of what pedalboard can load; nothing else is tried with it, measured, or has a snippet."""
DATA_ONLY = frozenset(each.name for each in FORMATS if each.data_only)
READERS = {each.name: each.reader for each in FORMATS}
DESCRIPTIONS = {each.name: each.descriptions for each in FORMATS if each.descriptions}
HOSTS = {each.name: each.hosts for each in FORMATS if each.hosts}
ENDINGS = {each.ending: each for each in FORMATS if each.ending}
"""Formats by the ending of a bundle."""
