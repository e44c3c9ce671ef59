"""Loads settings from their layers (default, user file, project file, environment, flag) with their origins."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pluginary_tui.config import files
from pluginary_tui.config.table import (
    ENV_PREFIX,
    SECTIONS,
    SETTINGS,
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
from pluginary_tui.config.values import check, closest, expand, find, from_text, unknown
from pluginary_tui.errors import SettingsError
from pluginary_tui.model import clean

_OTHER_VARIABLES = ("config", "data_dir", "worker")


class Origin(NamedTuple):
    """Origin of a value. `str()` is what `config show` prints: `file /home/me/.config/...`."""

    kind: Literal["default", "file", "project", "environment", "flag"] = "default"
    place: str = ""
    """The file's path, or the variable's name."""
    line: int = 0
    """Line of the file, from 1."""

    def __str__(self) -> str:
        return f"{self.kind} {self.place}".rstrip()


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, checked, with absolute folders. `Settings()` has the defaults."""

    scan: ScanSettings = field(default_factory=ScanSettings)
    browse: BrowseSettings = field(default_factory=BrowseSettings)
    app: AppSettings = field(default_factory=AppSettings)
    log: LogSettings = field(default_factory=LogSettings)
    backup: BackupSettings = field(default_factory=BackupSettings)
    projects: ProjectSettings = field(default_factory=ProjectSettings)
    presets: PresetSettings = field(default_factory=PresetSettings)
    sound: SoundSettings = field(default_factory=SoundSettings)
    origins: Mapping[str, Origin] = field(default_factory=dict, repr=False, compare=False)
    """Origins of all values that are not defaults; for tables also of each entry (`browse.queries.loud`)."""
    hints: tuple[str, ...] = field(default=(), repr=False, compare=False)
    """Probable mistakes that are no errors: one sentence each."""
    withheld: str = field(default="", repr=False, compare=False)
    """One sentence where settings of a project file do not count because it is not trusted; it is among the hints."""

    def __getitem__(self, name: str) -> Any:
        """The value of a setting (`scan.workers`). Raises SettingsError for an unknown name."""
        setting = find(name)
        return getattr(getattr(self, setting.section), setting.key)

    def origin(self, name: str) -> Origin:
        """The origin of a setting; for a table, the last layer with an entry."""
        return self.origins.get(name, Origin())


def load(
    flags: Mapping[str, object] | None = None, *, environ: Mapping[str, str] = os.environ, cwd: Path | None = None
) -> Settings:
    """The settings in effect. `flags` has values by name (`scan.workers`); None is a flag that was not given.

    Raises SettingsError, with the file and line or the variable, for the first invalid value.
    """
    layers = _Layers(flags or {}, environ, cwd)
    if layers.problems:
        more = f" (and {len(layers.problems) - 1} more: pluginary-tui config check)" if layers.problems[1:] else ""
        raise SettingsError(layers.problems[0] + more)
    values = layers.values
    bodies = {
        section: class_(**{each.key: values[each.name] for each in of_section(section) if each.name in values})
        for section, class_ in SECTIONS.items()
    }
    return Settings(**bodies, origins=layers.origins, hints=tuple(layers.hints), withheld=layers.withheld)


def problems(
    flags: Mapping[str, object] | None = None, *, environ: Mapping[str, str] = os.environ, cwd: Path | None = None
) -> tuple[list[str], list[str]]:
    """All errors that `load` would raise for, theme files that cannot be used, and all hints: one sentence each."""
    from pluginary_tui.config.themes import theme_files  # a start does not wait for them

    layers = _Layers(flags or {}, environ, cwd)
    return [*layers.problems, *(each.problem for each in theme_files(environ) if each.problem)], layers.hints


def code_settings(data: Mapping[str, Any]) -> list[str]:
    """The names of the settings in a file's data that lead to code being run."""
    return [
        setting.name
        for setting in SETTINGS.values()
        if setting.runs_code and isinstance(body := data.get(setting.section), dict) and setting.key in body
    ]


class _Layers:
    """Merges the layers and collects their problems and hints."""

    def __init__(self, flags: Mapping[str, object], environ: Mapping[str, str], cwd: Path | None) -> None:
        self.environ = environ
        self.values: dict[str, Any] = {}
        self.origins: dict[str, Origin] = {}
        self.problems: list[str] = []
        self.hints: list[str] = []
        self.withheld = ""
        try:
            self.cwd = cwd or files.working_folder()
        except OSError:  # the working folder was removed
            self.cwd = Path("/")
        self.files()
        self.variables()
        for name, value in flags.items():
            if value is not None:
                self.add(find(name), value, Origin("flag"), "command line", self.cwd)

    def files(self) -> None:
        user = files.config_path(self.environ)
        if os.path.lexists(user):
            self.file(user, "file")
        elif self.environ.get(f"{ENV_PREFIX}CONFIG"):
            self.hints.append(
                f"{ENV_PREFIX}CONFIG names {files.tidy(user)}, which is not there; "
                "'pluginary-tui config init' writes it"
            )
        project = files.project_path(self.cwd.absolute())
        # os.path returns False where pathlib raises: a folder without permission.
        there = os.path.exists(user)
        if project is None or (there and project.samefile(user)):
            return
        if files.foreign(project):
            self.hints.append(f"{files.tidy(project)} is not used: it belongs to another user")
        else:
            self.file(project, "project")

    def file(self, path: Path, kind: Literal["file", "project"]) -> None:
        from pluginary_tui.config.document import lines

        try:
            text_on_disk = files.read(path)
            text = files.migrate(text_on_disk.removeprefix(files.BOM), path)
            data, places = files.parse(text, path), lines(text)
        except SettingsError as error:
            self.problems.append(str(error))
            return
        if kind == "project":
            self.leave_out_personal(path, data)
            self.withhold(path, text_on_disk, data)
        for section, body in data.items():
            if section == "version":
                continue
            where = f"{files.tidy(path)}:{places[section,]}"
            if section not in SECTIONS:
                self.problems.append(f"{where}: {_stray(section, body)}")
            elif not isinstance(body, dict):
                self.problems.append(f"{where}: {section} must be a section; write [{section}] and its settings below")
            else:
                for key, value in body.items():
                    self.line(path, kind, places, (section, key), value)

    def leave_out_personal(self, path: Path, data: dict[str, Any]) -> None:
        """Take the settings out of a project file's data that only the user's own file may set."""
        for setting in SETTINGS.values():
            body = data.get(setting.section)
            if setting.personal and isinstance(body, dict) and body.pop(setting.key, None) is not None:
                self.hints.append(f"{files.tidy(path)}: {setting.name} counts only in your own settings file")

    def withhold(self, path: Path, text: str, data: dict[str, Any]) -> None:
        """Take the settings that lead to code being run out of the data of a project file that is not trusted."""
        named = code_settings(data)
        if not named:
            return
        from pluginary_tui.config.trust import is_trusted  # only a file with such settings needs it

        if is_trusted(path, text, self.environ):
            return
        for name in named:
            section, key = name.split(".")
            del data[section][key]
        one = len(named) == 1
        self.withheld = (
            f"{files.tidy(path)}: {', '.join(named)} {'counts' if one else 'count'} only after "
            f"'pluginary-tui config trust', since {'it leads' if one else 'they lead'} to code being run"
        )
        self.hints.append(self.withheld)

    def line(
        self,
        path: Path,
        kind: Literal["file", "project"],
        places: Mapping[tuple[str, ...], int],
        place: tuple[str, ...],
        value: object,
    ) -> None:
        """Add one setting of a file; a table by entry, each with its own line."""
        name = ".".join(place[:2])
        setting = SETTINGS.get(name)
        if setting is not None and setting.kind == "table" and isinstance(value, dict) and len(place) == 2:
            for entry, text in value.items():
                self.line(path, kind, places, (*place, entry), text)
            return
        where = f"{files.tidy(path)}:{places[place]}"
        if setting is None:
            self.problems.append(f"{where}: {unknown(name)}")
        else:
            value = {place[2]: value} if place[2:] else value
            self.add(setting, value, Origin(kind, str(path), places[place]), where, path.parent)

    def variables(self) -> None:
        known = {setting.env: setting for setting in SETTINGS.values()}
        near = {name.removeprefix(ENV_PREFIX).lower(): name for name in known}
        near |= {name: f"{ENV_PREFIX}{name.upper()}" for name in _OTHER_VARIABLES}
        for name, text in self.environ.items():
            if not name.startswith(ENV_PREFIX) or not text.strip():
                continue
            short = name.removeprefix(ENV_PREFIX).lower()
            if name not in known:
                if short not in _OTHER_VARIABLES and (right := closest(short, tuple(near))):
                    self.hints.append(f"{clean(name, 80)} is not used; did you mean {near[right]}?")
                continue
            try:
                value = from_text(known[name], text)
            except SettingsError as error:
                self.problems.append(f"{name}: {error}")
            else:
                self.add(known[name], value, Origin("environment", name), name, self.cwd)

    def add(self, setting: Setting, value: object, origin: Origin, where: str, folder: Path) -> None:
        try:
            value = expand(setting, check(setting, value), self.environ, folder)
        except SettingsError as error:
            self.problems.append(f"{where}: {error}")
            return
        if setting.kind == "table" and isinstance(value, dict):
            self.origins |= {f"{setting.name}.{entry}": origin for entry in value}
            value = self.values.get(setting.name, {}) | value
        self.values[setting.name] = value
        self.origins[setting.name] = origin


def _stray(name: str, body: object) -> str:
    """The message for a top-level key of a file that is no section."""
    if isinstance(body, dict):
        right = closest(name, tuple(SECTIONS))
        advice = f"did you mean [{right}]?" if right else f"the sections are {', '.join(SECTIONS)}"
        return f"unknown section [{clean(name, 60)}]; {advice}"
    return unknown(name)
