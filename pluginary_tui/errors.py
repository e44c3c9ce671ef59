"""The errors that reach a person: each is one sentence that says what is wrong and what to do next."""

from __future__ import annotations


class PluginaryError(Exception):
    """Anything this program itself has to say no to. `str()` is the line to show; never a traceback."""


class SettingsError(PluginaryError):
    """A settings file, variable or flag holds something that cannot be used."""


class CatalogueError(PluginaryError):
    """The catalogue cannot be opened, read or written."""


class ScanError(PluginaryError):
    """A scan cannot start or cannot go on. What was done before is kept."""


class QueryError(PluginaryError):
    """A query holds something that is not understood (only where it must not be passed over: the commands)."""


class NotFoundError(PluginaryError):
    """What was asked for by id or path is not there."""
