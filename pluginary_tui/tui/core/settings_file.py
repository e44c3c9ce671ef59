"""Changes settings: in the user's file, and in the session that runs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pluginary_tui.config import Setting, config_path, files, load
from pluginary_tui.config.values import check, find
from pluginary_tui.errors import SettingsError
from pluginary_tui.tui.core.glyphs import ASCII, UNICODE
from pluginary_tui.tui.core.session import Session

OVER_FILE = {"project": "the project file", "environment": "the environment variable", "flag": "a flag of the command"}
"""Layers that win over the user's file, in words."""


class Preferences:
    """Writes settings where the user's file is, and reads all layers again after each change."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.broken = ""
        """What is wrong with the settings as they stand in the files; empty where they can be read."""
        self._seen = _stamp()

    def set(self, name: str, value: object) -> None:
        """Write the setting `name` (`scan.workers`), or an entry of a table (`browse.queries.loud`), and use it.

        None takes it out of the user's file, so that the layer below holds again. Raises SettingsError, and changes
        nothing, where the value does not fit or the file cannot be read or written.
        """
        from pluginary_tui.config.write import reset, save

        if value is None:
            reset(name, config_path())
        else:
            save(name, value, config_path())
        self.reread()
        if self.broken:  # the change is in the file, and holds in this session all the same
            self.hold(name, value)

    def hold(self, name: str, value: object) -> None:
        """Use a value until the app ends, without writing it. None is the default; an entry of a table is taken out."""
        setting, entry = _target(name)
        settings = self.session.settings
        if entry:
            table = {**settings[setting.name], entry: value}
            value = {key: text for key, text in table.items() if text is not None}
        elif value is None:
            value = setting.default
        section = replace(getattr(settings, setting.section), **{setting.key: check(setting, value)})
        self.session.settings = replace(settings, **{setting.section: section})

    def written(self, name: str) -> Any:
        """The value as it stands in the user's file; None where it does not. SettingsError where that is broken."""
        path = config_path()
        if not path.exists():
            return None
        setting, entry = _target(name)
        text = files.migrate(files.read(path).removeprefix(files.BOM), path)
        body = files.parse(text, path).get(setting.section)
        value = body.get(setting.key) if isinstance(body, dict) else None
        return value.get(entry) if entry and isinstance(value, dict) else value if not entry else None

    def overridden(self, name: str) -> str:
        """The layer that wins over the user's file for this setting, in words; empty where none does."""
        origin = self.session.settings.origin(_target(name)[0].name)
        if origin.kind not in OVER_FILE:
            return ""
        return f"{OVER_FILE[origin.kind]} {origin.place}".rstrip()

    def reread_changed(self) -> bool:
        """Read every layer again where somebody else has written the user's file meanwhile. Returns whether so."""
        if self._seen == _stamp():
            return False
        self.reread()
        return True

    def reread(self) -> None:
        """Read every layer again; where one is broken, what held before holds on, and `broken` says why."""
        session, self._seen = self.session, _stamp()
        origins = session.settings.origins
        flags = {name: session.settings[name] for name in origins if origins[name].kind == "flag"}
        try:
            session.settings = load(flags)
        except SettingsError as error:
            self.broken = str(error)
        else:
            self.broken = ""
        session.glyphs = ASCII if session.settings.app.ascii else UNICODE


def _target(name: str) -> tuple[Setting, str]:
    """The setting, and the entry of a table that `name` means; empty for all of it. SettingsError for no setting."""
    section, key, *rest = name.split(".", 2)
    return find(f"{section}.{key}"), "".join(rest)


def _stamp() -> tuple[int, int]:
    """Changes when the user's file does."""
    try:
        status = config_path().stat()
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size
