"""The plugins similar to one, nearest first, each with the reason and with what is better about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static
from textual.worker import get_current_worker

from pluginary_tui.catalogue.store import Store
from pluginary_tui.model import Outcome, Plugin
from pluginary_tui.sound.similar import JOB, Recommendation, find_similar, one_of_each, per_cent
from pluginary_tui.tui.core.actions import bindings
from pluginary_tui.tui.core.glyphs import Glyphs
from pluginary_tui.tui.widgets.base_screen import BaseDialog
from pluginary_tui.tui.widgets.styled_line import StyledText
from pluginary_tui.tui.widgets.virtual_list import VirtualList, fit, fit_name

SHOWN = 60
"""Plugins listed at most."""

Found = tuple[Plugin, Recommendation]


class SimilarList(VirtualList):
    """Plugins under a cursor: name, how far away, what is better, why."""

    DEFAULT_CSS = """
    SimilarList { height: 1fr; background: $surface; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"menu--key", "menu--label", "menu--note", "menu--cursor"}

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__()
        self.glyphs = glyphs
        self.found: list[Found] = []

    def show(self, found: list[Found]) -> None:
        self.found = found
        self.rows_changed(0)

    @property
    def chosen(self) -> Found | None:
        return self.found[self.cursor] if self.cursor < len(self.found) else None

    def row_count(self) -> int:
        return len(self.found)

    def draw_row(self, row: int, width: int) -> Iterable[StyledText]:
        plugin, one = self.found[row]
        under = "menu--cursor" if row == self.drawn_cursor else ""
        quiet, dots = self.style_of("menu--note", under), self.glyphs.ellipsis
        names = min(26, max(cell_len(each.name) for each, _ in self.found))
        yield f" {self.glyphs.up if one.better else ' '} ", self.style_of("menu--key", under)
        yield fit_name(plugin.name, names, dots), self.style_of("menu--label", under)
        yield f"  {distance(one):>4}  ", quiet
        yield fit(one.likeness.because, max(0, width - names - 11), dots), quiet


def distance(one: Recommendation) -> str:
    """How alike it sounds in per cent, where that was measured."""
    alike = per_cent(one.likeness)
    return "-" if alike is None else f"{alike}%"


class SimilarScreen(BaseDialog[tuple[str, Plugin] | None]):
    """Choose a plugin that is like another one: to `go` there, or to `compare` the two."""

    CSS = """
    SimilarScreen { align: center middle; background: $background 60%; }
    SimilarScreen .dialog { width: 110; height: 80%; padding: 0 1; }
    SimilarScreen #alike-why { height: 4; margin-top: 1; }
    """
    ACTION_GROUP = "similar"
    BINDINGS: ClassVar[list[BindingType]] = bindings("similar")

    def __init__(self, plugin: Plugin) -> None:
        super().__init__()
        self.plugin = plugin
        self.list = SimilarList(self.session.glyphs)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = Content(f"Like {self.plugin.name}")
            yield self.list
            yield Static("", markup=False, id="alike-why")
            key_of = self.session.key_of
            keys = f"{key_of('alike_go')} goes there, {key_of('alike_compare')} compares, {key_of('alike_back')} leaves"
            hint = f"{keys}. {self.session.glyphs.up} is better."
            yield Static(hint, markup=False, classes="dialog-hint")

    def on_mount(self) -> None:
        self.list.focus()
        self.watch(self.list, "cursor", self._show_reasons, init=False)
        self.query_one("#alike-why", Static).update("Looking for what is like it")
        self.run_worker(self._search, thread=True)

    def _search(self) -> None:
        """Read every passport, which may be slow, in a thread."""
        worker = get_current_worker()
        with Store(self.session.store.path) as store:
            found = find_similar(store, self.plugin)
        if not worker.is_cancelled:
            self.app.call_from_thread(self._show, found)

    def _show(self, found: list[Recommendation]) -> None:
        known = {plugin.id: plugin for plugin in self.session.catalogue.plugins if plugin.status == Outcome.OK}
        self.list.show(one_of_each(self.plugin, found, known)[:SHOWN])
        self._show_reasons()

    def _show_reasons(self, row: int = 0) -> None:
        """All about the one under the cursor."""
        self.query_one("#alike-why", Static).update(Content.assemble(*self._words()))

    def _words(self) -> Iterator[tuple[str, str]]:
        chosen = self.list.chosen
        if chosen is None:
            yield "Nothing is like it.", "$text-muted"
            return
        plugin, one = chosen
        yield f"{plugin.name}  ", "bold"
        yield f"{plugin.vendor}  ", "$text-muted"
        if one.likeness.distance < JOB:
            yield f"sounds {distance(one)} like it: ", "$text-muted"
        else:
            yield "is for the same, as far as can be told before both are measured: ", "$text-muted"
        yield one.likeness.because, "$foreground"
        if one.better:
            yield f"\nBetter: {one.better}", "$text-accent"

    def action_choose(self, what: str) -> None:
        if self.list.chosen is not None:
            self.dismiss((what, self.list.chosen[0]))

    def action_cancel(self) -> None:
        self.dismiss(None)
