"""What the controllers of Browse ask of their screen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from textual.app import App
from textual.geometry import Size
from textual.notifications import SeverityLevel
from textual.widget import Widget
from textual.worker import Worker

from pluginary_tui.model import Plugin
from pluginary_tui.tui.browse.plugin_list import PluginList
from pluginary_tui.tui.core.action_contexts import BrowseContext
from pluginary_tui.tui.core.services import Services
from pluginary_tui.tui.core.session import Session

Handlers = dict[str, Callable[[], object]]
"""What the rows `do('NAME')` of the action table run, by NAME."""


class BrowseHost(BrowseContext, Protocol):
    """The Browse screen, without Textual's part of it."""

    pane: str
    """The pane that has the focus: `facets`, `list`, `detail`."""

    @property
    def app(self) -> App[object]: ...
    @property
    def services(self) -> Services: ...
    @property
    def session(self) -> Session: ...
    @property
    def size(self) -> Size: ...
    @property
    def list(self) -> PluginList: ...
    @property
    def query_text(self) -> str: ...
    @query_text.setter
    def query_text(self, text: str) -> None:
        """Search for this."""

    def found(self) -> Sequence[Plugin]:
        """All that the list shows; of products all plugins."""
        ...

    def one_each(self, plugins: Iterable[Plugin], fits: Callable[[Plugin], bool]) -> Sequence[Plugin]:
        """Those of the plugins that fit; where the list shows products, one of each, the one that stands for it if it
        fits.
        """
        ...

    def search(self, *, keep: bool = True) -> None:
        """Search for the query line as it stands. `keep`: the cursor stays on its plugin."""
        ...

    def go_to(self, plugin: Plugin) -> None:
        """Put the cursor on this plugin, with another query where that is needed."""
        ...

    def plugins_changed(self) -> None:
        """Show that the user's words about plugins have changed."""
        ...

    def side_widget(self, pane: str) -> Widget:
        """The widget of a pane at the side."""
        ...

    def focus_target(self, pane: str) -> Widget:
        """The widget of a pane that takes the focus."""
        ...

    @property
    def focused(self) -> Widget | None: ...
    def set_focus(self, widget: Widget | None) -> None: ...
    def set_class(self, add: bool, *class_names: str) -> object: ...
    def has_class(self, *class_names: str) -> bool: ...
    def refresh_bindings(self) -> None: ...
    def redraw(self) -> None:
        """Draw the whole screen, behind a program that had the terminal."""
        ...

    def notify(self, message: str, *, severity: SeverityLevel = "information") -> None: ...
    def cancel_workers(self, group: str) -> None: ...
    def run_action(self, action: str) -> Any: ...
    def run_worker(self, work: Any, *, thread: bool = False, group: str = "default") -> Worker[Any]: ...
