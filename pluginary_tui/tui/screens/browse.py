"""Browse: one query line, facets, the list and the detail of the plugin under the cursor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.reactive import var
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input
from textual.worker import get_current_worker

from pluginary_tui.errors import PluginaryError
from pluginary_tui.model import Plugin
from pluginary_tui.scan.run import Options
from pluginary_tui.search import edit
from pluginary_tui.search.fields import SORT_KEYS
from pluginary_tui.search.index import Blame, SearchCancelledError
from pluginary_tui.search.query import Word
from pluginary_tui.tui.answer import Answer, answer
from pluginary_tui.tui.query_text import excluding, left_out, order, order_of, ordered_by, without_words
from pluginary_tui.tui.screens.acting import ActingScreen
from pluginary_tui.tui.screens.dialogs import Choice, Menu
from pluginary_tui.tui.session import Session
from pluginary_tui.tui.widgets.bars import KeyLine, TopBar
from pluginary_tui.tui.widgets.cards import Banner, FirstRun, NothingFound
from pluginary_tui.tui.widgets.columns import COLUMNS
from pluginary_tui.tui.widgets.detail import Detail
from pluginary_tui.tui.widgets.facets import Facets
from pluginary_tui.tui.widgets.facts import Facts
from pluginary_tui.tui.widgets.plugin_list import Listing, PluginList
from pluginary_tui.tui.widgets.query_line import QueryLine, QuerySuggester

if TYPE_CHECKING:
    from pluginary_tui.tui.app import PluginaryApp

AT_ONCE_S = 0.008
"""Searches that take no longer run between two keys; slower ones in a thread."""

MANY = 20_000
"""Plugins from which on no search runs between two keys."""

SETTLED_S = 0.04
"""The cursor stays this long on a plugin before its parameters are read."""

PANES = ("facets", "list", "detail")


class BrowseScreen(ActingScreen):
    """The home of the app."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "Search", show=False, id="search"),
        Binding("o", "sort", "Order", id="sort"),
        Binding("tab", "pane(1)", "Next pane", show=False, id="next_pane"),
        Binding("shift+tab", "pane(-1)", "Pane before", show=False, id="previous_pane"),
        Binding("h,left", "pane(-1)", "Pane to the left", show=False, id="pane_left"),
        Binding("l,right", "pane(1)", "Pane to the right", show=False, id="pane_right"),
        Binding("escape", "back", "Back", show=False, id="back"),
        Binding("ctrl+x", "drop_blamed", "Drop what excludes all", show=False, id="drop_blamed"),
        Binding("r", "resume_scan", "Resume the scan", id="resume_scan"),
        Binding("d", "discard_scan", "Discard the scan", id="discard_scan"),
    ]

    pane: var[str] = var("list")
    """The pane that has the screen for itself where it is narrow."""

    class Answered(Message):
        """A search in a thread is done."""

        def __init__(self, answer: Answer) -> None:
            super().__init__()
            self.answer = answer

    def __init__(self) -> None:
        super().__init__()
        self._number = 0
        self._took = 0.0
        self._blame: Blame | None = None
        self._shown: Answer | None = None
        self._settling: Timer | None = None
        self._later = False

    def compose(self) -> ComposeResult:
        session = cast("PluginaryApp", self.app).session
        browse = session.settings.browse
        yield TopBar()
        yield Banner(id="banner")
        yield QueryLine(QuerySuggester(lambda: session.catalogue.index), id="query-line")
        with Horizontal(id="panes"):
            yield Facets(session.glyphs, id="facets")
            with Vertical(id="middle"):
                yield PluginList(browse.columns, session.glyphs, id="list")
                yield FirstRun(id="first-run", classes="card")
                yield NothingFound(id="nothing", classes="card")
            yield Detail(session.glyphs, id="detail")
        yield KeyLine()

    def on_mount(self) -> None:
        app = cast("PluginaryApp", self.app)
        app.catalogue_changed.subscribe(self, self._catalogue_changed)
        app.scan_changed.subscribe(self, self._scan_changed)
        self.set_class(not self.session.settings.browse.facets, "-no-facets")
        self.set_class(not self.session.settings.browse.detail, "-no-detail")
        for card in ("#first-run", "#nothing"):
            self.query_one(card).display = False
        self._show_banner()
        self.watch(self, "focused", self._focus_moved, init=False)
        self.list.focus()
        if self.session.loaded:
            self._catalogue_changed(self.session)

    @property
    def list(self) -> PluginList:
        return self.query_one(PluginList)

    @property
    def line(self) -> QueryLine:
        return self.query_one(QueryLine)

    @property
    def query_text(self) -> str:
        """The query as it stands; setting it searches."""
        return self.line.input.value

    @query_text.setter
    def query_text(self, text: str) -> None:
        self.line.input.value = text
        self.line.input.cursor_position = len(text)

    # What the actions of the base are about

    @property
    def plugin(self) -> Plugin | None:
        return self.list.plugin if self.list.display else None

    def targets(self) -> Sequence[Plugin]:
        marked = self.list.marked
        if marked:
            return [plugin for plugin in self.session.catalogue.plugins if plugin.key in marked]
        return [self.plugin] if self.plugin else []

    def plugins_changed(self) -> None:
        self.list.looks_changed()
        self._show_detail()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("resume_scan", "discard_scan"):
            return self.query_one(Banner).display
        if action == "drop_blamed":
            return self._blame is not None
        return super().check_action(action, parameters)

    # Searching

    def on_input_changed(self, event: Input.Changed) -> None:
        if event.input is self.line.input:
            self._search(keep=False)

    def _catalogue_changed(self, session: Session) -> None:
        self.list.need = session.catalogue.widths
        self._search(keep=True)

    def _search(self, *, keep: bool) -> None:
        """Answer the query line as it stands; an older answer never replaces a newer one."""
        self._number += 1
        catalogue = self.session.catalogue
        key = self.session.settings.browse.sort
        ask = partial(answer, self._number, self.query_text, catalogue, order(key), keep=keep)
        if len(catalogue.plugins) < MANY and self._took < AT_ONCE_S:
            self._show_answer(ask(lambda: False))
        else:
            self.run_worker(partial(self._search_aside, ask), thread=True, group="search", exclusive=True)

    def _search_aside(self, ask: Callable[[Callable[[], bool]], Answer]) -> None:
        worker = get_current_worker()
        with suppress(SearchCancelledError):
            found = ask(lambda: worker.is_cancelled)
            if not worker.is_cancelled:
                self.post_message(self.Answered(found))

    def on_browse_screen_answered(self, message: Answered) -> None:
        self._show_answer(message.answer)

    def _show_answer(self, answer: Answer) -> None:
        if answer.number != self._number:
            return
        self._shown, index, result = answer, answer.catalogue.index, answer.result
        self._took = result.elapsed_ms / 1000
        ranked = any(isinstance(term, Word) for term in result.query.terms)
        self.list.sorted_by = order_of(result.query) or ("" if ranked else self.session.settings.browse.sort)
        plugins = Listing(index.plugins, result.rows)
        self.list.show(plugins, partial(index.highlights, result.query), keep=answer.keep)
        self.line.show(len(plugins), len(index), result.elapsed_ms, result.messages)
        wanted = ["tag" if facet == "tags" else facet for facet in self.session.settings.browse.facets]
        groups = {facet: answer.facets[facet] for facet in wanted}
        self.query_one(Facets).show(groups, partial(edit.has_filter, answer.text), left_out(result.query))
        self._show_cards(answer)

    def _show_cards(self, answer: Answer) -> None:
        """Where there is nothing to list: say why."""
        had_focus = self.focused in (self.list, self.query_one(FirstRun), self.query_one(NothingFound))
        empty = not answer.catalogue.plugins
        nothing = not answer.result.rows and not empty
        self._blame = answer.catalogue.index.blame(answer.result.query) if nothing else None
        first_run, nothing_found = self.query_one(FirstRun), self.query_one(NothingFound)
        first_run.display, nothing_found.display = empty and self.session.loaded, nothing
        self.list.display = not first_run.display and not nothing
        self.set_class(empty, "-empty")
        if nothing:
            nothing_found.show(answer.text, self._blame)
        if had_focus:
            shown: Widget = first_run if first_run.display else nothing_found if nothing else self.list
            shown.focus()
        self.refresh_bindings()

    # The detail

    def on_plugin_list_moved(self, message: PluginList.Moved) -> None:
        if self._settling:
            self._settling.stop()
        self._settling = self.set_timer(SETTLED_S, self._show_detail)
        self.refresh_bindings()

    def _show_detail(self) -> None:
        plugin = self.plugin
        try:
            facts = self._facts(plugin) if plugin else None
        except PluginaryError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        self.query_one(Detail).show(facts)

    def _facts(self, plugin: Plugin) -> Facts:
        store = self.session.store
        return Facts(
            plugin,
            store.parameters(plugin.key),
            store.bundle(plugin.path),
            self.session.catalogue.copies(plugin.id),
            store.log(plugin.path),
        )

    # Facets, order

    def on_facets_chosen(self, message: Facets.Chosen) -> None:
        text, facet, value = self.query_text, message.facet, message.value
        if message.exclude:
            self.query_text = excluding(text, facet, value)
        else:
            self.query_text = edit.toggled(text, facet, value)

    def action_sort(self) -> None:
        """Choose the order of the list; the same again turns it round."""
        glyphs, now = self.session.glyphs, self.list.sorted_by
        choices = []
        for name, column in COLUMNS.items():
            if name in SORT_KEYS:
                key = column.next_order(name, now)
                sign = glyphs.down if key.startswith("-") else glyphs.up
                choices.append(Choice("", f"{column.title.lower()} {sign}", key))

        def done(key: str | None) -> None:
            if key:
                self.query_text = ordered_by(self.query_text, key)

        self.app.push_screen(Menu("Order by", choices, glyphs.ellipsis), done)

    def on_plugin_list_head_clicked(self, message: PluginList.HeadClicked) -> None:
        if message.column in SORT_KEYS:
            key = COLUMNS[message.column].next_order(message.column, self.list.sorted_by)
            self.query_text = ordered_by(self.query_text, key)

    # Panes and focus

    def _focus_moved(self, widget: Widget | None) -> None:
        for pane in PANES:
            place = self.query_one(f"#{pane}")
            if widget is not None and place in widget.ancestors_with_self:
                self.pane = pane

    def watch_pane(self, pane: str) -> None:
        for each in PANES:
            self.set_class(each == pane, f"-{each}")

    def action_pane(self, by: int) -> None:
        """Go on to the next pane, or back to the one before; where it is narrow, it takes the screen."""
        ring = [pane for pane in PANES if not self.has_class(f"-no-{pane}") and (pane == "list" or self.list.display)]
        at = ring.index(self.pane) if self.pane in ring else 0
        self._open(ring[(at + by) % len(ring)])

    def _open(self, pane: str) -> None:
        self.pane = pane
        target: Widget = self.list
        if pane == "facets":
            target = self.query_one(Facets)
        elif pane == "detail":
            target = self.query_one(Detail).sheet
        elif not self.list.display:
            target = self.query_one(NothingFound if self.query_one(NothingFound).display else FirstRun)
        target.focus()

    def on_plugin_list_opened(self) -> None:
        plugin = self.plugin
        if plugin is None:
            return
        self.remove_class("-no-detail")
        self._show_detail()
        self._open("detail")

    def on_query_input_left(self) -> None:
        self._open("list")

    def action_search(self) -> None:
        """Type into the query line."""
        self.line.input.focus()

    def action_drop_blamed(self) -> None:
        """Take the term that excludes everything out of the query."""
        if self._blame:
            self.query_text = self._blame.without

    def action_back(self) -> None:
        """One step back: the filter of parameters, the pane, the typed words, the marks, the filters."""
        detail = self.query_one(Detail)
        if detail.filtering:
            detail.close_filter()
        elif self.pane != "list":
            self._open("list")
        elif self.query_one(Banner).display:
            self._later = True
            self._show_banner()
        elif (rest := without_words(self.query_text)) != self.query_text:
            self.query_text = rest
        elif self.list.marked:
            self.list.set_marks(set())
        elif self.query_text:
            self.query_text = ""

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self._show_detail)

    # Scans

    def _show_banner(self) -> None:
        interrupted = self.session.interrupted
        banner = self.query_one(Banner)
        banner.display = interrupted is not None and not self._later and not self.session.scanning
        if interrupted is not None:
            banner.show(interrupted.pending, interrupted.total)
        self.refresh_bindings()

    def _scan_changed(self, session: Session) -> None:
        if session.scanning == self.query_one(Banner).display:
            self._show_banner()

    def action_resume_scan(self) -> None:
        cast("PluginaryApp", self.app).start_scan()
        self._show_banner()

    def action_discard_scan(self) -> None:
        try:
            self.session.discard_interrupted()
        except PluginaryError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        self.notify("Discarded: what was read stays, the rest waits for the next scan.", markup=False)
        self._show_banner()

    def on_first_run_scan(self, message: FirstRun.Scan) -> None:
        app = cast("PluginaryApp", self.app)
        app.start_scan(Options(builtin_only=message.builtin_only), watch=not message.builtin_only)

    def on_first_run_add_folder(self) -> None:
        cast("PluginaryApp", self.app).ask_folder()
