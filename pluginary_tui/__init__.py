"""Every audio plugin on your machine, probed in isolation, at your fingertips.

For scripts: `pluginary_tui.open()` gives the catalogue; docs/api.md shows what can be done with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pluginary_tui.api import Catalogue as Catalogue
    from pluginary_tui.api import Chain as Chain
    from pluginary_tui.api import LoadError as LoadError
    from pluginary_tui.api import LoadWarning as LoadWarning
    from pluginary_tui.api import ParameterError as ParameterError
    from pluginary_tui.api import Plugin as Plugin
    from pluginary_tui.api import open as open

__version__ = "0.1.0"

__all__ = ["Catalogue", "Chain", "LoadError", "LoadWarning", "ParameterError", "Plugin", "open"]


def __getattr__(name: str) -> object:
    """Import a name of the Python interface on first use, so that the app and its workers start without it."""
    if name in __all__:
        from pluginary_tui import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
