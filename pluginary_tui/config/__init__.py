"""Settings: defaults < user file < project file < environment < flags, each value with its origin.

`write`, which changes the file, is imported when a setting is saved.
"""

from __future__ import annotations

from pluginary_tui.config.files import config_path, data_dir, project_path
from pluginary_tui.config.load import Origin, Settings, load, problems
from pluginary_tui.config.table import (
    FORMAT,
    PROJECT_FILE,
    SECTIONS,
    SETTINGS,
    THEMES,
    AppSettings,
    BackupSettings,
    BrowseSettings,
    LogSettings,
    PresetSettings,
    ProjectSettings,
    ScanSettings,
    Setting,
    SoundSettings,
    of_section,
)
from pluginary_tui.config.values import check, find, from_text

__all__ = [
    "FORMAT",
    "PROJECT_FILE",
    "SECTIONS",
    "SETTINGS",
    "THEMES",
    "AppSettings",
    "BackupSettings",
    "BrowseSettings",
    "LogSettings",
    "Origin",
    "PresetSettings",
    "ProjectSettings",
    "ScanSettings",
    "Setting",
    "Settings",
    "SoundSettings",
    "check",
    "config_path",
    "data_dir",
    "find",
    "from_text",
    "load",
    "of_section",
    "problems",
    "project_path",
]
