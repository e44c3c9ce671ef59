"""Browse: one query line, facets, the list and the detail of the plugin under the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.reactive import var
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input

from pluginary_tui.errors import PluginaryError
from pluginary_tui.model import Plugin
from pluginary_tui.tui.browse.detail_pane import Detail
from pluginary_tui.tui.browse.empty_states import Banner, FirstRun, NothingFound
from pluginary_tui.tui.browse.facets import Facets
from pluginary_tui.tui.browse.plugin_details import PluginDetails
from pluginary_tui.tui.browse.plugin_list import Listing, PluginList
from pluginary_tui.tui.browse.query_line import QueryLine
from pluginary_tui.tui.browse.search_controller import SearchingScreen
from pluginary_tui.tui.core.columns import widths
from pluginary_tui.tui.core.session import Session
from pluginary_tui.tui.widgets.chrome import KeyFooter, TopBar
from pluginary_tui.tui.widgets.pane import Pane

# What searches is imported by the thread that reads the catalogue, while the first plugins are on the screen.
if TYPE_CHECKING:
    from pluginary_tui.search.index import Blame
    from pluginary_tui.tui.app import PluginaryApp
    from pluginary_tui.tui.browse.search_answer import BrowseResult

SETTLED_S = 0.1
"""The cursor stays this long on a plugin before its parameters are read."""

PANES = ("facets", "list", "detail")


class BrowseScreen(SearchingScreen):
    """The home of the app."""

    AUTO_FOCUS = "#list"

    BINDINGS: ClassVar[list[BindingType]] = [
        # Before anybody else: letters that come in one burst behind it are meant for the line, and not for the list.
        Binding("slash", "search", "Search", id="search", priority=True),
        Binding("tab", "pane(1)", "Next pane", show=False, id="next_pane"),
        Binding("shift+tab", "pane(-1)", "Pane before", show=False, id="previous_pane"),
        Binding("h,left", "pane(-1)", "Pane to the left", show=False, id="pane_left"),
        Binding("l,right", "pane(1)", "Pane to the right", show=False, id="pane_right"),
        Binding("escape", "back", "Back", show=False, id="back"),
        Binding("ctrl+x", "drop_blamed", "Drop what excludes all", show=False, id="drop_blamed"),
        Binding("r", "resume_scan", "Resume the scan", id="resume_scan"),
        Binding("d", "discard_scan", "Discard the scan", id="discard_scan"),
    ]

    pane: var[str] = var("list", init=False)
    """The pane that has the screen for itself where it is narrow."""

    def __init__(self) -> None:
        super().__init__(classes="-list")
        self._shown: BrowseResult | None = None
        self._settling: Timer | None = None
        self._later = self._was_shown = False
        # What is seldom seen, made after the first frame: styles and room for each take their time.
        self.banner = Banner(id="banner")
        self.first_run = FirstRun(id="first-run", classes="card")
        self.nothing_found = NothingFound(id="nothing", classes="card")
        for widget in (self.banner, self.first_run, self.nothing_found):
            widget.display = False

    def compose(self) -> ComposeResult:
        app = cast("PluginaryApp", self.app)
        session = app.session
        # Before there is anything that would have to be styled again.
        self.put_panes_away()
        self.update_classes(app.breakpoints(), update=False)
        yield TopBar()
        yield QueryLine(lambda: session.catalogue.index, session.glyphs, session.state.query, id="query-line")
        with Horizontal(id="panes"):
            yield Facets(session.glyphs, id="facets")
            with Pane(id="middle"):
                yield PluginList(self.columns, session.glyphs, id="list")
            yield Detail(session.glyphs, id="detail")
        yield KeyFooter()

    def on_mount(self) -> None:
        app = cast("PluginaryApp", self.app)
        app.catalogue_changed.subscribe(self, self._catalogue_changed)
        app.scan_changed.subscribe(self, self._scan_changed)
        self.lay_out(self.app.size)
        self.call_after_refresh(self._mount_the_rest)
        self.watch(self, "focused", self._focus_moved, init=False)
        self.watch(self.line.input, "value", self._typed, init=False)
        if self.session.loaded:
            self._catalogue_changed(self.session)
        elif not self.session.state.query and self.order == "name":
            self._show_first_page()

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        """When it is shown first its styles are new, and need not be read again."""
        event.refresh_styles = self._was_shown
        self._was_shown = True

    def _mount_the_rest(self) -> None:
        self.mount(self.banner, after=self.query_one(TopBar))
        self.query_one("#middle").mount(self.first_run, self.nothing_found)
        self._show_banner()

    def _show_first_page(self) -> None:
        """Something to look at, and to walk through, while all of it is read."""
        with suppress(PluginaryError):  # the reading says what is wrong
            plugins = self.session.first_page()
            self.list.need = widths(plugins)
            self.list.sorted_by = "name"
            self.list.show(plugins, lambda plugin: {}, keep=False)

    @property
    def line(self) -> QueryLine:
        return self.query_one(QueryLine)

    @property
    def _blame(self) -> Blame | None:
        """Why nothing was found."""
        return self._shown.blame if self._shown else None

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
        return self.marked() or ([self.plugin] if self.plugin else [])

    def marked(self) -> Sequence[Plugin]:
        marked = self.list.marked
        return [plugin for plugin in self.session.catalogue.plugins if plugin.key in marked] if marked else []

    def found(self) -> Sequence[Plugin]:
        return self.list.plugins

    def go_to(self, plugin: Plugin) -> None:
        if not self.list.stand_on(plugin):
            self.query_text = f'id="{plugin.id}"'

    def plugins_changed(self) -> None:
        self.list.looks_changed()
        self._show_detail()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("resume_scan", "discard_scan"):
            return self.banner.display
        if action == "drop_blamed":
            return self._blame is not None
        if action == "search":  # where a slash is a letter, or filters the parameters
            held = self.focused
            return held is None or not (isinstance(held, Input) or self.query_one(Detail) in held.ancestors)
        return super().check_action(action, parameters)

    # Searching

    def _typed(self, text: str) -> None:
        self.session.state.query = text
        self.search(keep=False)

    def _catalogue_changed(self, session: Session) -> None:
        self.list.need, self.list.measured = session.catalogue.widths, session.catalogue.measured
        self.search()

    def show_answer(self, answer: BrowseResult) -> None:
        before, first = (self.list.display, self._blame is None), self._shown is None
        self._shown, result, plugins = answer, answer.result, answer.catalogue.index.plugins
        self.list.sorted_by = answer.sorted_by
        found = Listing(plugins, result.rows)
        self.list.show(found, answer.highlights, keep=answer.keep or first)
        self.line.show(len(found), len(plugins), result.elapsed_ms, result.messages)
        wanted = ["tag" if facet == "tags" else facet for facet in self.session.settings.browse.facets]
        groups = {facet: answer.facets[facet] for facet in wanted}
        self.query_one(Facets).show(groups, answer.active, answer.left_out)
        self._show_cards(answer)
        if before != (self.list.display, self._blame is None):
            self.refresh_bindings()

    def _show_cards(self, answer: BrowseResult) -> None:
        """Where there is nothing to list: say why."""
        had_focus = self.focused in (self.list, self.first_run, self.nothing_found)
        empty = not answer.catalogue.plugins
        nothing = not answer.result.rows and not empty
        self.first_run.display, self.nothing_found.display = empty, nothing
        self.list.display = not empty and not nothing
        self.set_class(empty, "-empty")
        if nothing:
            self.nothing_found.show(answer.text, answer.blame)
        if had_focus:
            shown: Widget = self.first_run if empty else self.nothing_found if nothing else self.list
            self.set_focus(shown)  # at once: a key pressed now is meant for it

    # The detail

    def on_plugin_list_moved(self, message: PluginList.Moved) -> None:
        if self._settling:
            self._settling.stop()
        self._settling = self.set_timer(SETTLED_S, self._show_detail)

    def _show_detail(self) -> None:
        self.refresh_bindings()
        plugin = self.plugin
        try:
            facts = self._facts(plugin) if plugin else None
        except PluginaryError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        self.query_one(Detail).show(facts)

    def _facts(self, plugin: Plugin) -> PluginDetails:
        from pluginary_tui.catalogue.passports import Passports

        store = self.session.store
        kept = Passports(store).get(plugin)
        return PluginDetails(
            plugin,
            store.parameters(plugin.key),
            store.bundle(plugin.path),
            self.session.catalogue.copies(plugin),
            store.log(plugin.path),
            kept,
        )

    # Facets

    def on_facets_chosen(self, message: Facets.Chosen) -> None:
        from pluginary_tui.search.query_edit import toggled
        from pluginary_tui.tui.browse.query_text import excluding

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
            target = self.query_one(Detail).sheet
        elif not self.list.display:
            target = self.nothing_found if self.nothing_found.display else self.first_run
        self.set_focus(target)

    def on_plugin_list_opened(self) -> None:
        plugin = self.plugin
        if plugin is None:
            return
        self.remove_class("-no-detail")
        self.used(plugin)
        self._show_detail()
        self._open("detail")

    def action_leave_query(self) -> None:
        """From the query line to what it found. Done at once: a key pressed right behind is meant for the list."""
        self._open("list")

    def action_search(self) -> None:
        """Type into the query line."""
        self.session.search_begins()
        self.set_focus(self.line.input)

    def action_drop_blamed(self) -> None:
        """Take the term that excludes everything out of the query."""
        if self._blame:
            self.query_text = self._blame.without

    def action_back(self) -> None:
        """One step back: the filter of parameters, the pane, the typed words, the marks, the filters."""
        from pluginary_tui.tui.browse.query_text import without_words

        detail, text = self.query_one(Detail), self.query_text
        if detail.filtering:
            detail.close_filter()
        elif self.pane != "list":
            self._open("list")
        elif self.banner.display:
            self._later = True
            self._show_banner()
        elif (rest := without_words(text, self.session.catalogue.index.parse(text))) != text:
            self.query_text = rest
        elif self.list.marked:
            self.list.set_marks(set())
        elif self.query_text:
            self.query_text = ""

    def on_resize(self, event: events.Resize) -> None:
        self.lay_out(event.size)
        self.call_after_refresh(self._show_detail)

    # Scans

    def _show_banner(self) -> None:
        interrupted = self.session.interrupted
        self.banner.display = interrupted is not None and not self._later and not self.session.scanning
        if interrupted is not None:
            self.banner.show(interrupted.pending, interrupted.total)
        self.refresh_bindings()

    def _scan_changed(self, session: Session) -> None:
        if session.scanning == self.banner.display:
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
        from pluginary_tui.scan.run import Options

        app = cast("PluginaryApp", self.app)
        app.start_scan(Options(builtin_only=message.builtin_only), watch=not message.builtin_only)

    def on_first_run_add_folder(self) -> None:
        cast("PluginaryApp", self.app).ask_folder()
