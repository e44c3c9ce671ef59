"""Errors that are shown to the user: one sentence that says what is wrong and what to do."""

from __future__ import annotations


class PluginaryError(Exception):
    """Base class of the expected errors of this program. `str()` is the line to show."""


class SettingsError(PluginaryError):
    """A settings file, variable or flag has an unusable value."""


class CatalogueError(PluginaryError):
    """The catalogue cannot be opened, read or written."""


class ScanError(PluginaryError):
    """A scan cannot start or cannot go on; results so far are kept."""


class QueryError(PluginaryError):
    """A query is not understood; raised by commands, which do not skip such parts."""


class ExpressionError(PluginaryError, ValueError):
    """A chain of plugins as text cannot be read."""


class NotFoundError(PluginaryError):
    """There is nothing with this id or path."""
