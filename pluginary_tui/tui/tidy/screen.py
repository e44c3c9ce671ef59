"""Tidy: bundles that may not be needed, each with its reason and its size; written as a list or a script."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static
from textual.worker import get_current_worker

from pluginary_tui.catalogue.store import Store
from pluginary_tui.errors import PluginaryError
from pluginary_tui.formats import LABELS
from pluginary_tui.formatting import counted, file_size
from pluginary_tui.home import shortened
from pluginary_tui.model import clean
from pluginary_tui.tidy import findings, output
from pluginary_tui.tidy.findings import KINDS, Finding
from pluginary_tui.tui.core.actions import bindings
from pluginary_tui.tui.core.glyphs import Glyphs
from pluginary_tui.tui.dialogs.file_prompt import Again, ask_file
from pluginary_tui.tui.widgets.base_screen import BaseDialog
from pluginary_tui.tui.widgets.styled_line import StyledText
from pluginary_tui.tui.widgets.titled_list import TitledList, titled
from pluginary_tui.tui.widgets.virtual_list import fit, fit_name

SIZE = 10
"""Cells of a size."""


class TidyList(TitledList[Finding]):
    """Findings under the titles of their kinds."""

    DEFAULT_CSS = """
    TidyList { height: 1fr; background: $surface; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"list--mark"}
    ACTION_GROUP = "tidy_list"
    BINDINGS: ClassVar[list[BindingType]] = bindings("tidy_list")

    class MarksChanged(Message):
        """Other findings are marked."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(glyphs)
        self.marked: set[tuple[str, str]] = set()
        """Kind and path of the marked findings."""
        self.findings: Sequence[Finding] = ()
        self._longest = 0

    def show(self, found: Sequence[Finding]) -> None:
        """Show these, in the order of their kinds."""
        self.findings = found
        self._longest = max((cell_len(each.name) for each in found), default=0)
        kinds = [list(members) for _, members in groupby(found, key=lambda each: each.kind)]
        self.rows = titled((_title(members), members) for members in kinds)
        self.rows_changed(0)

    def selection(self) -> list[Finding]:
        """The marked ones, or all where none is marked."""
        return [each for each in self.findings if (each.kind, each.path) in self.marked] or list(self.findings)

    def draw_item(self, item: Finding, width: int, under: str) -> Iterable[StyledText]:
        dots = self.glyphs.ellipsis
        quiet = self.style_of("facets--count", under)
        marked = (item.kind, item.path) in self.marked
        yield f"{self.glyphs.mark if marked else ' '} ", self.style_of("list--mark", under)
        name = min(self._longest, max(16, (width + 1 - SIZE) // 3))
        yield fit_name(item.name, name, dots), self.style_of("facets--value", under)
        size = file_size(item.size) if item.size else ""
        yield fit(size, SIZE, dots, "right"), self.style_of("facets--value", under)
        space = max(0, width - name - SIZE - 2)
        yield fit(f"  {shortened(clean(item.path, 4096))}" if space > 4 else "", space, dots, "middle"), quiet

    def action_mark(self) -> None:
        """Mark the one under the cursor, or unmark it, and go on to the next."""
        if finding := self.chosen:
            self.marked ^= {(finding.kind, finding.path)}
            self.looks_changed()
            self.action_move(1)
            self.post_message(self.MarksChanged())

    def action_mark_kind(self) -> None:
        """Mark all of the kind under the cursor; unmark them where they all are."""
        if finding := self.chosen:
            kind = {(each.kind, each.path) for each in self.findings if each.kind == finding.kind}
            self.marked = self.marked - kind if kind <= self.marked else self.marked | kind
            self.looks_changed()
            self.post_message(self.MarksChanged())

    def on_click(self, event: events.Click) -> None:
        """A double click marks; the base class moves the cursor."""
        if event.chain == 2 and self.chosen:
            self.action_mark()


def _title(members: Sequence[Finding]) -> str:
    return f"{KINDS[members[0].kind].upper()}  {len(members):,}, {file_size(findings.room(members))}"


class TidyScreen(BaseDialog[str | None]):
    """Everything that may not be needed. Gives a query for Browse, or None."""

    CSS = """
    TidyScreen { align: center middle; background: $background 60%; }
    TidyScreen .dialog { width: 96%; height: 94%; padding: 0 1; }
    TidyScreen #tidy-why { height: 4; margin-top: 1; }
    """
    ACTION_GROUP = "tidy"
    BINDINGS: ClassVar[list[BindingType]] = bindings("tidy")

    class Loaded(Message):
        """The findings were read."""

        def __init__(self, found: list[Finding]) -> None:
            super().__init__()
            self.found = found

    def __init__(self) -> None:
        super().__init__()
        self.list = TidyList(self.session.glyphs)
        self._loaded = False

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = Content("Tidy: what may not be needed")
            yield self.list
            yield Static("", markup=False, id="tidy-why")
            yield Static(self._hint(), markup=False, classes="dialog-hint")

    def _hint(self) -> str:
        key_of = self.session.key_of
        words = {
            "tidy_mark": "marks",
            "tidy_mark_kind": "marks all of a kind",
            "tidy_write": "writes a list or a script",
            "tidy_show": "shows it in Browse",
            "tidy_back": "leaves",
        }
        text = ", ".join(f"{key_of(id_)} {does}" for id_, does in words.items())
        return f"{text}. Nothing is moved or deleted here."

    def on_mount(self) -> None:
        self.list.focus()
        self.watch(self.list, "cursor", lambda _: self._show_reason(), init=False)
        self._show_reason()
        self.run_worker(self._read, thread=True)

    def _read(self) -> None:
        """Read catalogue and passports, which may be slow, in a thread."""
        worker = get_current_worker()
        with Store(self.session.store.path) as store:
            found = findings.find(store)
        if not worker.is_cancelled:
            self.post_message(self.Loaded(found))

    def on_tidy_screen_loaded(self, message: Loaded) -> None:
        self._loaded = True
        self.list.show(message.found)
        self._show_reason()

    def on_tidy_list_marks_changed(self) -> None:
        self._show_reason()

    def _show_reason(self) -> None:
        """All about the one under the cursor, and how much is chosen."""
        self.query_one("#tidy-why", Static).update(Content.assemble(*self._words()))

    def _words(self) -> Iterator[tuple[str, str]]:
        finding = self.list.chosen
        if finding is None:
            yield "There is nothing to tidy." if self._loaded else "Looking at what is installed", "$text-muted"
            return
        yield f"{finding.name}  ", "bold"
        vendors = {plugin.vendor: None for plugin in finding.plugins if plugin.vendor}
        formats = {LABELS.get(plugin.format, plugin.format): None for plugin in finding.plugins}
        yield f"{', '.join([*list(vendors)[:2], *formats])}  ", "$text-muted"
        yield clean(finding.why, 1000), "$foreground"
        if finding.stays:
            yield f"\nStays: {', '.join(shortened(clean(path, 4096)) for path in finding.stays[:3])}", "$text-muted"
        chosen = self.list.selection()
        what = counted(len(chosen), "bundle")
        text = f"{what} marked" if self.list.marked else f"{what}, none of them marked"
        yield f"\n{text}: {file_size(findings.room(chosen))}", "$text-accent"

    # What the keys do

    def action_write(self) -> None:
        """Ask for a file, and write what is marked, or everything."""
        chosen = self.list.selection()
        if not chosen:
            self.notify("There is nothing to write.", severity="warning")
            return
        hint = "Ending in .sh it is a script that moves the bundles aside; otherwise a list. Enter writes"
        title, start = f"Write {counted(len(chosen), 'bundle')}", f"~{os.sep}tidy{output.SCRIPT_ENDING}"

        def write(path: Path, again: Again) -> None:
            try:
                self._write(chosen, path)
            except PluginaryError as error:
                again(str(error))

        ask_file(self.services, self.session, title, hint, write, start=start)

    def _write(self, chosen: list[Finding], path: Path) -> None:
        output.write(chosen, path)
        self.notify(f"Wrote {counted(len(chosen), 'bundle')} to {path}. Nothing was moved or deleted.")

    def action_show(self) -> None:
        """Show what the bundle holds in Browse."""
        if finding := self.list.chosen:
            self.dismiss(f'path="{finding.path}"' if '"' not in finding.path else finding.name)

    def action_leave(self) -> None:
        self.dismiss(None)
