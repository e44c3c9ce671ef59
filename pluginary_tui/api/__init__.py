"""What scripts use, as `pluginary_tui.open` and so on: the catalogue, its plugins, chains of them."""

from __future__ import annotations

from pluginary_tui.api.catalogue import Catalogue as Catalogue
from pluginary_tui.api.catalogue import open as open
from pluginary_tui.api.plugin import Chain as Chain
from pluginary_tui.api.plugin import LoadError as LoadError
from pluginary_tui.api.plugin import LoadWarning as LoadWarning
from pluginary_tui.api.plugin import Plugin as Plugin
from pluginary_tui.api.values import ParameterError as ParameterError
