"""Changing settings from a screen: into the user's file, and into the session that runs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pluginary_tui.config import config_path, files, load
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
        """Keep `value` for the setting `name` (`scan.workers`). SettingsError, and nothing changed, where it cannot."""
        from pluginary_tui.config.write import save

        save(name, value, config_path())
        self._take_in(name, value)

    def reset(self, name: str) -> None:
        """Take the setting out of the user's file, so that the layer below holds again. SettingsError as for `set`."""
        from pluginary_tui.config.write import reset

        reset(name, config_path())
        self._take_in(name, find(name).default)

    def put_back(self, name: str, written: object) -> None:
        """What `written` gave before a change, as it was."""
        if written is None:
            self.reset(name)
        else:
            self.set(name, written)

    def written(self, name: str) -> Any:
        """The value as it stands in the user's file; None where it does not. SettingsError where that is broken."""
        path = config_path()
        if not path.exists():
            return None
        section, _, key = name.partition(".")
        text = files.migrate(files.read(path).removeprefix(files.BOM), path)
        body = files.parse(text, path).get(section)
        return body.get(key) if isinstance(body, dict) else None

    def overridden(self, name: str) -> str:
        """What wins over the user's file for this setting, in words; empty where nothing does."""
        origin = self.session.settings.origin(name)
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

    def _take_in(self, name: str, value: object) -> None:
        self.reread()
        if self.broken:  # the change is in the file, and holds in this session even so
            setting, settings = find(name), self.session.settings
            section = replace(getattr(settings, setting.section), **{setting.key: check(setting, value)})
            self.session.settings = replace(settings, **{setting.section: section})


def _stamp() -> tuple[int, int]:
    """Changes when the user's file does."""
    try:
        status = config_path().stat()
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size
