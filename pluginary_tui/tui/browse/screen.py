"""Browse: one query line, facets, the list and the detail of the plugin under the cursor."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.reactive import var
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input

from pluginary_tui.errors import PluginaryError
from pluginary_tui.model import Plugin
from pluginary_tui.products import one_of_each
from pluginary_tui.tui.browse.detail_pane import Detail
from pluginary_tui.tui.browse.detail_source import details_of
from pluginary_tui.tui.browse.empty_list_cards import EmptyListCards
from pluginary_tui.tui.browse.empty_states import Banner, FirstRun, NothingFound
from pluginary_tui.tui.browse.export_actions import ExportActions
from pluginary_tui.tui.browse.facets import FACET_FIELDS, Facets
from pluginary_tui.tui.browse.layout_controller import LayoutController
from pluginary_tui.tui.browse.marks import Marks
from pluginary_tui.tui.browse.pane_focus import PANES, PaneFocus
from pluginary_tui.tui.browse.plugin_actions import PluginActions
from pluginary_tui.tui.browse.plugin_list import PluginList
from pluginary_tui.tui.browse.product_actions import ProductActions
from pluginary_tui.tui.browse.query_history import QueryHistory
from pluginary_tui.tui.browse.query_line import QueryLine
from pluginary_tui.tui.browse.saved_queries import SavedQueries
from pluginary_tui.tui.browse.scan_offer import ScanOffer
from pluginary_tui.tui.browse.search_controller import SearchController
from pluginary_tui.tui.browse.sound_actions import SoundActions
from pluginary_tui.tui.browse.usage_actions import UsageActions
from pluginary_tui.tui.core.actions import bindings
from pluginary_tui.tui.core.session import Session
from pluginary_tui.tui.widgets.base_screen import BaseScreen
from pluginary_tui.tui.widgets.chrome import KeyFooter, TopBar
from pluginary_tui.tui.widgets.pane import Pane

# The search modules are imported by the thread that reads the catalogue, while the first plugins are shown.
if TYPE_CHECKING:
    from pluginary_tui.search.result import EmptyResultCause
    from pluginary_tui.tui.browse.host import BrowseHost, Handlers
    from pluginary_tui.tui.browse.search_answer import BrowseResult

SETTLED_S = 0.1
"""The cursor stays this long on a plugin before its parameters are read."""


class BrowseScreen(BaseScreen):
    """The first screen. What its actions do is in the controllers; see `handlers`."""

    AUTO_FOCUS = "#list"
    ACTION_GROUP = "browse"
    BINDINGS: ClassVar[list[BindingType]] = bindings("browse")

    class Answered(Message):
        """A search in a thread is done."""

        def __init__(self, answer: BrowseResult) -> None:
            super().__init__()
            self.answer = answer

    pane: var[str] = var("list", init=False)
    """The pane with the focus, which has the screen for itself where that is narrow."""

    def __init__(self) -> None:
        super().__init__(classes="-list")
        self.export_actions = ExportActions(self)
        self.sound_actions = SoundActions(self)
        self.plugin_actions = PluginActions(self)
        self.saved_queries = SavedQueries(self)
        self.layout_controller = LayoutController(self)
        self.marks = Marks(self)
        self.search_controller = SearchController(
            self, self.show_result, lambda result: self.post_message(self.Answered(result)), lambda: self.line.wait()
        )
        self.handlers: Handlers = self.marks.bound(
            {
                **self.export_actions.handlers,
                **self.sound_actions.handlers,
                **self.plugin_actions.handlers,
                **UsageActions(self).handlers,
                **ProductActions(self, self.plugin_actions.edit).handlers,
                **self.saved_queries.handlers,
                **self.layout_controller.handlers,
                **self.marks.handlers,
            }
        )
        """What the actions `do('NAME')` run, by NAME."""
        self._shown: BrowseResult | None = None
        self._settling: Timer | None = None
        self._was_shown = False
        self.query_history = QueryHistory(self)
        self.panes = PaneFocus(self)
        # Seldom visible, so they are mounted after the first frame.
        self.banner = Banner(id="banner")
        self.scan_offer = ScanOffer(self, self.banner)
        self.banner.display = False
        self.cards = EmptyListCards(self)

    def compose(self) -> ComposeResult:
        session = self.session
        # Before there is any widget, which would be styled once more.
        self.layout_controller.close_panes()
        self.update_classes(self.services.breakpoints, update=False)
        yield TopBar()
        yield QueryLine(lambda: session.catalogue.index, session.glyphs, session.state.query, id="query-line")
        with Horizontal(id="panes"):
            yield Facets(session.glyphs, id="facets")
            with Pane(id="middle"):
                yield PluginList(self.layout_controller.columns, session.glyphs, id="list")
            yield Detail(session.glyphs, id="detail")
        yield KeyFooter()

    def on_mount(self) -> None:
        services = self.services
        services.catalogue_changed.subscribe(self, services.guarded(self._catalogue_changed))
        services.scan_changed.subscribe(self, services.guarded(self.scan_offer.scan_changed))
        self.layout_controller.apply(self.app.size)
        self.call_after_refresh(self._mount_the_rest)
        self.watch(self, "focused", self.panes.focus_moved, init=False)
        self.watch(self.line.input, "value", services.guarded(self._typed), init=False)
        if self.session.loaded:
            self._catalogue_changed(self.session)
        elif not self.session.state.query and self.layout_controller.order == "name":
            self._show_first_page()

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        """Read the styles again, but for the first time, when they are new."""
        event.refresh_styles = self._was_shown
        self._was_shown = True

    def _mount_the_rest(self) -> None:
        self.mount(self.banner, after=self.query_one(TopBar))
        self.query_one("#middle").mount(*self.cards.widgets)
        self.scan_offer.show()

    def _show_first_page(self) -> None:
        """Show the first plugins while all of them are read."""
        with suppress(PluginaryError):  # reading all of them reports it
            if self.products:
                self.list.show_first_products(self.session.first_products())
            else:
                self.list.show_first(self.session.first_page())

    # Parts

    @property
    def list(self) -> PluginList:
        return self.query_one(PluginList)

    @property
    def line(self) -> QueryLine:
        return self.query_one(QueryLine)

    def side_widget(self, pane: str) -> Widget:
        return self.query_one(f"#{pane}")

    @property
    def query_text(self) -> str:
        """The query; setting it searches."""
        return self.line.input.value

    @query_text.setter
    def query_text(self, text: str) -> None:
        self.line.input.value = text
        self.line.input.cursor_position = len(text)

    # The context of the actions

    def action_context(self) -> BrowseHost:
        return self

    @property
    def plugin(self) -> Plugin | None:
        """The plugin under the cursor of the visible list."""
        return self.list.plugin if self.list.display else None

    @property
    def products(self) -> bool:
        """Whether a row of the list stands for all plugins of a product."""
        return self.layout_controller.products

    def here(self) -> Sequence[Plugin]:
        """The plugins of the row under the cursor, the one that stands for them first; or none."""
        return self.list.here() if self.list.display else []

    def formats(self) -> Sequence[Plugin]:
        """All plugins of the product under the cursor, whether the list shows products or not."""
        return self.session.catalogue.formats(self.plugin) if self.plugin else []

    def targets(self) -> Sequence[Plugin]:
        """The marked plugins, or those of the row under the cursor, or none."""
        return self.marked() or self.here()

    def one_each(self, plugins: Iterable[Plugin], fits: Callable[[Plugin], bool]) -> Sequence[Plugin]:
        """Those of the plugins that fit; where the list shows products, one of each, the one that stands for it if it
        fits.
        """
        found = [plugin for plugin in plugins if fits(plugin)]
        return one_of_each(found, self.session.settings.scan.prefer) if self.products else found

    def marked(self) -> Sequence[Plugin]:
        return self.marks.plugins()

    def found(self) -> Sequence[Plugin]:
        """All that the list shows; of products all plugins."""
        return self.list.found()

    @property
    def side_pane(self) -> str:
        return self.layout_controller.side_pane()

    @property
    def has_facets(self) -> bool:
        return bool(self.session.settings.browse.facets)

    @property
    def offers_scan(self) -> bool:
        return bool(self.banner.display)

    @property
    def cause(self) -> EmptyResultCause | None:
        """The term that excludes everything; None where there is none."""
        return self._shown.cause if self._shown else None

    @property
    def empty_because(self) -> bool:
        return self.cause is not None

    @property
    def typing(self) -> bool:
        """Whether a slash is a letter, or filters parameters, where the focus is."""
        focus = self.focused
        return focus is not None and (isinstance(focus, Input) or self.query_one(Detail) in focus.ancestors)

    def action_do(self, name: str) -> object:
        """Run the handler of an action; Textual awaits what it gives."""
        return self.handlers[name]()

    # What the controllers ask for

    def go_to(self, plugin: Plugin) -> None:
        """Put the cursor on this plugin, with another query where that is needed."""
        if not self.list.stand_on(plugin):
            self.query_text = f'id="{plugin.id}"'

    def plugins_changed(self) -> None:
        """Show that the user's words about plugins have changed."""
        self.list.looks_changed()
        self._show_detail()

    undone = plugins_changed

    def redraw(self) -> None:
        self.refresh(layout=True)

    def cancel_workers(self, group: str) -> None:
        self.workers.cancel_group(self, group)

    # Searching

    def search(self, *, keep: bool = True) -> None:
        """Search for the query line as it stands. `keep`: the cursor stays on its plugin."""
        self.search_controller.search(self.layout_controller.order, keep=keep, products=self.products)

    def _typed(self, text: str) -> None:
        self.session.state.query = text
        self.search(keep=False)

    def _catalogue_changed(self, session: Session) -> None:
        self.list.measured = session.catalogue.measured
        if self.list.marked:
            self.marks.apply()
        self.search(keep=self.is_current or self.list.cursor > 0)  # out of sight the first row stays the first

    def on_browse_screen_answered(self, message: Answered) -> None:
        self.search_controller.take(message.answer)

    def show_result(self, answer: BrowseResult) -> None:
        """Show what a search found."""
        before, first = (self.list.display, self.empty_because), self._shown is None
        self._shown = answer
        self.list.show_answer(answer, keep=answer.keep or first)
        self._show_count()
        groups = {(field := FACET_FIELDS[name]): answer.facets[field] for name in self.session.settings.browse.facets}
        self.query_one(Facets).show(groups, answer.active, answer.left_out)
        self.cards.show(answer)
        if before != (self.list.display, self.empty_because):
            self.refresh_bindings()

    def _show_count(self) -> None:
        """Show how many plugins there are, found and marked, and what is to be said about the query."""
        if answer := self._shown:
            marked, unseen = answer.marked() if self.list.marked else (0, 0)
            messages = answer.remarks(self.session.key_of("measure"))
            self.line.show(len(answer.result.rows), answer.total, answer.result.elapsed_ms, messages, marked, unseen)

    def on_plugin_list_marked(self, message: PluginList.Marked) -> None:
        from pluginary_tui.tui.browse.marks import MARKED

        self.marks.apply()
        if MARKED in self.query_text and self.list.marked:
            self.search()
        elif MARKED in self.query_text:
            self.marks.leave_query()
        else:
            self._show_count()
        self.refresh_bindings()

    # The detail

    def on_plugin_list_moved(self, message: PluginList.Moved) -> None:
        if self._settling:
            self._settling.stop()
        self._settling = self.set_timer(SETTLED_S, self._show_detail)

    def _show_detail(self) -> None:
        self.refresh_bindings()
        plugin = self.plugin
        facts = details_of(self.session, plugin, self.here() if self.products else ()) if plugin else None
        self.query_one(Detail).show(facts)

    # Messages of the panes

    def on_column_head_clicked(self, message: PluginList.Clicked) -> None:
        self.layout_controller.order_by_column(message.column)

    def on_column_head_widened(self, message: PluginList.Widened) -> None:
        self.layout_controller.widen_column(message.column, message.cells)

    def on_plugin_list_menu_wanted(self) -> None:
        self.action_do("actions")

    def on_pane_border_dragged(self, message: Pane.BorderDragged) -> None:
        self.layout_controller.put_border(message.pane, message.x)

    def on_facets_chosen(self, message: Facets.Chosen) -> None:
        from pluginary_tui.search.query_edit import excluding, toggled

        change = excluding if message.exclude else toggled
        self.query_text = change(self.query_text, message.facet, message.value)

    # Panes and focus

    def watch_pane(self, pane: str) -> None:
        for each in PANES:
            self.set_class(each == pane, f"-{each}")

    def action_pane(self, by: int) -> None:
        """Go on to the next pane, or back to the one before; where it is narrow, it takes the screen."""
        self.panes.step(by)

    def focus_target(self, pane: str) -> Widget:
        """The widget of a pane that takes the focus."""
        if pane == "facets":
            return self.query_one(Facets)
        if pane == "detail":
            return self.query_one(Detail).text
        return self.cards.shown or self.list

    def on_plugin_list_opened(self) -> None:
        plugin = self.plugin
        if plugin is None:
            return
        self.remove_class("-no-detail")
        self._show_detail()
        self.panes.open("detail")
        self.export_actions.used(plugin)

    def action_leave_query(self) -> None:
        """From the query line to the list, at once: a key pressed right behind is for the list."""
        self.query_history.remember()
        self.panes.open("list")

    @property
    def has_history(self) -> bool:
        return bool(self.session.state.history)

    def action_older_query(self) -> None:
        """Put the query before this one into the line."""
        self.query_history.older()

    def action_newer_query(self) -> None:
        """The query behind this one, or to the list."""
        if not self.query_history.newer():
            self.action_leave_query()

    def action_move_rows(self, by: int) -> None:
        """Move in the list while the focus stays in the query line."""
        self.list.action_move(by)

    def action_page_rows(self, by: int) -> None:
        self.list.action_page(by)

    def on_nothing_found_query(self, message: NothingFound.Query) -> None:
        self.query_text = message.text

    def action_search(self) -> None:
        """Type into the query line."""
        self.session.search_begins()
        self.set_focus(self.line.input)

    def action_drop_blamed(self) -> None:
        """Take the term that excludes everything out of the query."""
        if self.cause:
            self.query_text = self.cause.without

    def action_back(self) -> None:
        """One step back: the filter of parameters, the pane, the zoom, the last term of the query, the marks."""
        if self.query_one(Detail).filtering:
            self.query_one(Detail).close_filter()
        elif self.pane != "list":
            self.panes.open("list")
        elif self.has_class("-zoom"):
            self.layout_controller.zoom()
        elif self.banner.display:
            self.scan_offer.close()
        elif not self.query_history.shorten() and self.list.marked:
            self.list.set_marks(set())

    def on_resize(self, event: events.Resize) -> None:
        self.layout_controller.apply(event.size)
        self.call_after_refresh(self._show_detail)

    # Scans

    def action_resume_scan(self) -> None:
        self.services.start_scan()
        self.scan_offer.show()

    def action_discard_scan(self) -> None:
        self.services.discard_interrupted()

    def on_first_run_scan(self, message: FirstRun.Scan) -> None:
        from pluginary_tui.scan.run import Options

        self.services.start_scan(Options(builtin_only=message.builtin_only), watch=not message.builtin_only)

    def on_first_run_add_folder(self) -> None:
        self.services.ask_folder()
