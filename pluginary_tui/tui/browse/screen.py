"""Browse: one query line, facets, the list and the detail of the plugin under the cursor."""

from __future__ import annotations

from collections.abc import Sequence
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
from pluginary_tui.plugin_fields import FACETS
from pluginary_tui.tui.browse.detail_pane import Detail
from pluginary_tui.tui.browse.empty_states import Banner, FirstRun, NothingFound
from pluginary_tui.tui.browse.export_actions import ExportActions
from pluginary_tui.tui.browse.facets import Facets
from pluginary_tui.tui.browse.layout_controller import LayoutController
from pluginary_tui.tui.browse.marks import Marks
from pluginary_tui.tui.browse.parameter_hint import ParameterHint
from pluginary_tui.tui.browse.plugin_actions import PluginActions
from pluginary_tui.tui.browse.plugin_details import PluginDetails
from pluginary_tui.tui.browse.plugin_list import Listing, PluginList
from pluginary_tui.tui.browse.query_line import QueryLine
from pluginary_tui.tui.browse.saved_queries import SavedQueries
from pluginary_tui.tui.browse.search_controller import SearchController
from pluginary_tui.tui.browse.sound_actions import SoundActions
from pluginary_tui.tui.browse.usage_actions import UsageActions
from pluginary_tui.tui.core.actions import bindings
from pluginary_tui.tui.core.columns import widths
from pluginary_tui.tui.core.session import Session
from pluginary_tui.tui.widgets.base_screen import BaseScreen
from pluginary_tui.tui.widgets.chrome import KeyFooter, TopBar
from pluginary_tui.tui.widgets.pane import Pane

# The search modules are imported by the thread that reads the catalogue, while the first plugins are shown.
if TYPE_CHECKING:
    from pluginary_tui.search.index import EmptyResultCause
    from pluginary_tui.search.query import Message as Remark
    from pluginary_tui.tui.browse.host import BrowseHost, Handlers
    from pluginary_tui.tui.browse.search_answer import BrowseResult

SETTLED_S = 0.1
"""The cursor stays this long on a plugin before its parameters are read."""

PANES = ("facets", "list", "detail")

FACET_FIELDS = {field.column: field.name for field in FACETS}
"""Fields of a query by the names in the setting browse.facets."""


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
            self, self.show_result, lambda result: self.post_message(self.Answered(result))
        )
        self.handlers: Handlers = self.marks.bound(
            {
                **self.export_actions.handlers,
                **self.sound_actions.handlers,
                **self.plugin_actions.handlers,
                **UsageActions(self).handlers,
                **self.saved_queries.handlers,
                **self.layout_controller.handlers,
                **self.marks.handlers,
                "only_working": self._only_working,
            }
        )
        """What the actions `do('NAME')` run, by NAME."""
        self._shown: BrowseResult | None = None
        self._settling: Timer | None = None
        self._banner_closed = self._was_shown = False
        self._at_earlier = 0
        """How many queries back the query line is in the history."""
        self.parameter_hint = ParameterHint(self, self._offer_parameter)
        self._marked: tuple[object, object, Sequence[Plugin]] = (None, None, ())
        # Seldom visible, so they are mounted after the first frame.
        self.banner = Banner(id="banner")
        self.first_run = FirstRun(id="first-run", classes="card")
        self.nothing_found = NothingFound(id="nothing", classes="card")
        for widget in (self.banner, self.first_run, self.nothing_found):
            widget.display = False

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
        services.scan_changed.subscribe(self, services.guarded(self._scan_changed))
        self.layout_controller.apply(self.app.size)
        self.call_after_refresh(self._mount_the_rest)
        self.watch(self, "focused", self._focus_moved, init=False)
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
        self.query_one("#middle").mount(self.first_run, self.nothing_found)
        self._show_banner()

    def _show_first_page(self) -> None:
        """Show the first plugins while all of them are read."""
        with suppress(PluginaryError):  # reading all of them reports it
            plugins = self.session.first_page()
            self.list.need = widths(plugins)
            self.list.sorted_by = "name"
            self.list.show(plugins, lambda plugin: {}, keep=False)

    # Parts

    @property
    def list(self) -> PluginList:
        return self.query_one(PluginList)

    @property
    def line(self) -> QueryLine:
        return self.query_one(QueryLine)

    def side_widget(self, pane: str) -> Widget:
        """The widget of a pane at the side."""
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

    def targets(self) -> Sequence[Plugin]:
        """The marked plugins, or the one under the cursor, or none."""
        return self.marked() or ([self.plugin] if self.plugin else [])

    def marked(self) -> Sequence[Plugin]:
        """The marked plugins, visible or not; looked up once for a set of marks and a catalogue."""
        marks, catalogue = self.list.marked, self.session.catalogue
        if not marks:
            return ()
        if self._marked[0] is not marks or self._marked[1] is not catalogue:
            self._marked = marks, catalogue, [plugin for plugin in catalogue.plugins if plugin.key in marks]
        return self._marked[2]

    def found(self) -> Sequence[Plugin]:
        """All that the list shows."""
        return self.list.plugins

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

    def undone(self) -> None:
        self.plugins_changed()

    def redraw(self) -> None:
        """Draw the whole screen, behind a program that had the terminal."""
        self.refresh(layout=True)

    def cancel_workers(self, group: str) -> None:
        self.workers.cancel_group(self, group)

    # Searching

    def search(self, *, keep: bool = True) -> None:
        """Search for the query line as it stands. `keep`: the cursor stays on its plugin."""
        self.search_controller.search(self.layout_controller.order, keep=keep)

    def _typed(self, text: str) -> None:
        self.session.state.query = text
        self.search(keep=False)

    def _catalogue_changed(self, session: Session) -> None:
        self.list.need, self.list.measured = session.catalogue.widths, session.catalogue.measured
        if self.list.marked:
            self.marks.apply()
        self.search()

    def on_browse_screen_answered(self, message: Answered) -> None:
        self.search_controller.take(message.answer)

    def show_result(self, answer: BrowseResult) -> None:
        """Show what a search found."""
        before, first = (self.list.display, self.empty_because), self._shown is None
        self._shown, result, plugins = answer, answer.result, answer.catalogue.index.plugins
        self.list.sorted_by = answer.sorted_by
        found = Listing(plugins, result.rows)
        self.list.show(found, answer.highlights, keep=answer.keep or first)
        self._show_count()
        fields = [FACET_FIELDS[name] for name in self.session.settings.browse.facets]
        groups = {field: answer.facets[field] for field in fields}
        self.query_one(Facets).show(groups, answer.active, answer.left_out)
        self._show_cards(answer)
        if before != (self.list.display, self.empty_because):
            self.refresh_bindings()

    def _show_count(self) -> None:
        """Show how many plugins there are, found and marked, and what is to be said about the query."""
        answer = self._shown
        if answer is None:
            return
        from pluginary_tui.tui.browse.search_answer import also_found

        remarks = (*answer.result.messages, *also_found(answer.result))
        if answer.unmeasured:
            remarks = (self._unmeasured(answer), *remarks)
        marked = len(self.list.marked)
        unseen = answer.catalogue.index.unseen(answer.text) if marked else 0
        total = len(answer.catalogue.index.plugins)
        self.line.show(len(answer.result.rows), total, answer.result.elapsed_ms, remarks, marked, unseen)

    def _unmeasured(self, answer: BrowseResult) -> Remark:
        """That the list is ordered by what is not known of all plugins in it."""
        from pluginary_tui.search.query import Message as Remark

        total, name = len(answer.result.rows), answer.sorted_by.lstrip("-")
        known, key = total - answer.unmeasured, self.session.key_of("measure")
        return Remark(f"{name} is known of {known:,} of {total:,}, which come first; {key} measures", 0, 0, "hint")

    def on_plugin_list_marked(self, message: PluginList.Marked) -> None:
        from pluginary_tui.tui.browse.marks import MARKED

        self.marks.apply()
        if MARKED in self.query_text:
            self.search()
        else:
            self._show_count()
        self.refresh_bindings()

    def _only_working(self) -> None:
        """Leave out of the list what could not be read, or let it in again."""
        from pluginary_tui.search.query_edit import toggled

        self.query_text = toggled(self.query_text, "status", "ok")

    def _show_cards(self, answer: BrowseResult) -> None:
        """Show the reason instead of an empty list."""
        had_focus = self.focused in (self.list, self.first_run, self.nothing_found)
        empty = not answer.catalogue.plugins
        nothing = not answer.result.rows and not empty
        self.first_run.display, self.nothing_found.display = empty, nothing
        self.list.display = not empty and not nothing
        self.set_class(empty, "-empty")
        if nothing:
            self.nothing_found.show(answer.text, answer.cause)
            self.parameter_hint.look(answer.text, answer.cause)
        if had_focus:
            shown: Widget = self.first_run if empty else self.nothing_found if nothing else self.list
            self.set_focus(shown)  # at once, for a key pressed now

    # The detail

    def on_plugin_list_moved(self, message: PluginList.Moved) -> None:
        if self._settling:
            self._settling.stop()
        self._settling = self.set_timer(SETTLED_S, self._show_detail)

    def _show_detail(self) -> None:
        self.refresh_bindings()
        plugin = self.plugin
        self.query_one(Detail).show(self._details(plugin) if plugin else None)

    def _details(self, plugin: Plugin) -> PluginDetails:
        from pluginary_tui.catalogue.passports import Passports

        store = self.session.store
        log, load_log = store.plugin_log(plugin.key)
        return PluginDetails(
            plugin,
            store.parameters(plugin.key),
            store.bundle(plugin.path),
            self.session.catalogue.copies(plugin),
            log or store.log(plugin.path),
            Passports(store).get(plugin),
            store.programs(plugin.key),
            store.buses(plugin.key),
            store.attributes(plugin.key),
            store.plugin_failure(plugin.key),
            load_log,
            store.attempts(plugin.key),
            self.session.key_of,
            store.needs(plugin.key),
        )

    # Messages of the panes

    def on_plugin_list_head_clicked(self, message: PluginList.HeadClicked) -> None:
        self.layout_controller.order_by_column(message.column)

    def on_plugin_list_menu_wanted(self) -> None:
        self.action_do("actions")

    def on_pane_border_dragged(self, message: Pane.BorderDragged) -> None:
        self.layout_controller.put_border(message.pane, message.x)

    def on_facets_chosen(self, message: Facets.Chosen) -> None:
        from pluginary_tui.search.query_edit import excluding, toggled

        change = excluding if message.exclude else toggled
        self.query_text = change(self.query_text, message.facet, message.value)

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
            target = self.query_one(Detail).text
        elif not self.list.display:
            target = self.nothing_found if self.nothing_found.display else self.first_run
        self.set_focus(target)

    def on_plugin_list_opened(self) -> None:
        plugin = self.plugin
        if plugin is None:
            return
        self.remove_class("-no-detail")
        self._show_detail()
        self._open("detail")
        self.export_actions.used(plugin)

    def action_leave_query(self) -> None:
        """From the query line to the list, at once: a key pressed right behind is for the list."""
        self._remember()
        self._open("list")

    def _remember(self) -> None:
        """Keep the query in the history."""
        self.session.state.remember(self.query_text)
        self._at_earlier = 0

    @property
    def has_history(self) -> bool:
        return bool(self.session.state.history)

    def action_older_query(self) -> None:
        """Put the query before this one into the line."""
        state = self.session.state
        if not self._at_earlier and self.query_text.strip():
            state.remember(self.query_text)
            self._at_earlier = 1
        if self._at_earlier < len(state.history):
            self._at_earlier += 1
            self.query_text = state.history[-self._at_earlier]

    def action_newer_query(self) -> None:
        """The query behind this one, or to the list."""
        if self._at_earlier > 1:
            self._at_earlier -= 1
            self.query_text = self.session.state.history[-self._at_earlier]
        elif self._at_earlier:
            self._at_earlier, self.query_text = 0, ""
        else:
            self.action_leave_query()

    def action_move_rows(self, by: int) -> None:
        """Move in the list while the focus stays in the query line."""
        self.list.action_move(by)

    def action_page_rows(self, by: int) -> None:
        self.list.action_page(by)

    def _offer_parameter(self, query: str, total: int) -> None:
        if self.nothing_found.display:
            self.nothing_found.offer_parameter(query, total)

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
        from pluginary_tui.search.query_edit import without_last

        detail, text = self.query_one(Detail), self.query_text
        if detail.filtering:
            detail.close_filter()
        elif self.pane != "list":
            self._open("list")
        elif self.has_class("-zoom"):
            self.layout_controller.zoom()
        elif self.banner.display:
            self._banner_closed = True
            self._show_banner()
        elif text.strip():
            self._remember()
            self.query_text = without_last(text, self.session.catalogue.index.parse(text))
        elif self.list.marked:
            self.list.set_marks(set())

    def on_resize(self, event: events.Resize) -> None:
        self.layout_controller.apply(event.size)
        self.call_after_refresh(self._show_detail)

    # Scans

    def _show_banner(self) -> None:
        interrupted = self.session.interrupted
        self.banner.display = interrupted is not None and not self._banner_closed and not self.session.scanning
        if interrupted is not None:
            self.banner.show(interrupted.left, self.session.key_of)
        self.refresh_bindings()

    def _scan_changed(self, session: Session) -> None:
        offered = session.interrupted is not None and not self._banner_closed and not session.scanning
        if offered != self.banner.display:
            self._show_banner()

    def action_resume_scan(self) -> None:
        self.services.start_scan()
        self._show_banner()

    def action_discard_scan(self) -> None:
        self.services.discard_interrupted()

    def on_first_run_scan(self, message: FirstRun.Scan) -> None:
        from pluginary_tui.scan.run import Options

        self.services.start_scan(Options(builtin_only=message.builtin_only), watch=not message.builtin_only)

    def on_first_run_add_folder(self) -> None:
        self.services.ask_folder()
