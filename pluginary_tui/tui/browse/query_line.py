"""The query line, with completions, the number of plugins found, and what was not understood."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Self

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.timer import Timer
from textual.widgets import Input, Static

from pluginary_tui.tui.core.actions import bindings
from pluginary_tui.tui.core.glyphs import Glyphs
from pluginary_tui.tui.core.services import services_of
from pluginary_tui.tui.widgets.base_screen import BaseScreen
from pluginary_tui.tui.widgets.line_input import LineInput
from pluginary_tui.tui.widgets.styled_line import ComponentStyles, build_strip

if TYPE_CHECKING:
    from pluginary_tui.search.completion import Completion
    from pluginary_tui.search.index import Index
    from pluginary_tui.search.query import Message as Remark

COMPLETIONS = 20
"""Completions at most."""


class QueryInput(LineInput, ComponentStyles):
    """The text field of the query."""

    ACTION_GROUP = "query"
    BINDINGS: ClassVar[list[BindingType]] = bindings("query")

    def suggest(self, line: str) -> None:
        """Show `line`, which begins with what is typed, as completion. Textual's own way is a task for each letter."""
        self._suggestion = line

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """Draw it again, but never calculate the layout of the screen: its box stays as it is."""
        return super().refresh(*regions, repaint=repaint, recompose=recompose)

    def replace(self, text: str, start: int, end: int) -> None:
        super().replace(text, start, end)
        if isinstance(self.screen, BaseScreen):
            self.screen.paint()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw the line as Textual does, but without a console, as it is drawn at every letter."""
        if not (self.value and self.selection.is_empty and crop.height == 1 and self.plain):
            return super().render_lines(crop)
        base, width = self.style_of(""), self.size.width
        text, rest = self.value, self._suggestion[len(self.value) :] if self.has_focus else ""
        pieces = [(letter, base) for letter in text]
        pieces += [(letter, base + self.style_of("input--suggestion")) for letter in rest] or [(" ", base)]
        if self.has_focus and self._cursor_visible:
            letter, style = pieces[self.cursor_position]
            pieces[self.cursor_position] = letter, style + self.style_of("input--cursor")
        whole = build_strip(pieces, cell_len(text + rest) + width, base)
        left = self.scroll_offset.x
        return [whole.crop(left + crop.x, left + crop.right)]

    def action_complete(self) -> None:
        """Put the next completion in; where there is none, focus the next pane."""
        if not (isinstance(self.parent, QueryLine) and self.parent.take_completion()):
            self.screen.focus_next()


SOON_S = 0.2
"""A search that takes no longer is not announced, which would only flicker."""


class ResultCount(Static, ComponentStyles):
    """The number of plugins found, and the milliseconds that took."""

    def render_lines(self, crop: Region) -> list[Strip]:
        if not self.plain or crop.height != 1:
            return super().render_lines(crop)
        base = self.style_of("")
        return [build_strip([(str(self.content), base)], self.size.width, base).crop(*crop.column_span)]


class QueryLine(Horizontal, ComponentStyles):
    """The box around the input. Completions and remarks are on its lower border, so that nothing below moves."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"query--key", "query--offer", "query--about", "query--remark"}

    def __init__(self, index: Callable[[], Index], glyphs: Glyphs, query: str = "", *, id: str | None = None) -> None:
        """`index` gives the catalogue that values are offered from; `query` stands in the line at first."""
        super().__init__(id=id)
        self._index, self._glyphs = index, glyphs
        self.input = QueryInput(
            query,
            placeholder="name, vendor or category; format:vst3 params>20 #tag",
            compact=True,
            select_on_focus=False,
            id="query",
        )
        self.input.disable_messages(Input.Changed)  # `value` is watched instead, which fires before the frame is drawn
        self.count = ResultCount("", id="count", markup=False)
        self._remark: Remark | None = None
        self._border_text: list[tuple[str, str]] = []
        """Texts on the border, with their styles."""
        self._borders: dict[Size, Strip] = {}
        """The border as Textual draws it, by the box's size."""
        self._waiting: Timer | None = None
        self._before = ""
        """The line as typed, before a completion was put in."""
        self._completions: list[Completion] = []
        self._taken = -1
        self._line = ""
        """The line with the completion; any other line has other completions."""

    def compose(self) -> ComposeResult:
        yield Static("/", id="slash", markup=False)
        yield self.input
        yield self.count

    def completions(self, text: str) -> list[Completion]:
        """The completions at the end of a query."""
        from pluginary_tui.search.completion import complete

        return complete(self._index(), text, len(text), COMPLETIONS) if text else []

    def on_mount(self) -> None:
        # Its message would come after the letter is drawn, and cost a second frame.
        self.watch(self.input, "value", self._typed, init=False)

    def _typed(self, text: str) -> None:
        if self._taken < 0 or text != self._line:
            self._before, self._completions, self._taken = text, self.completions(text), -1
        self.input.suggest(self._suggested(text))
        self._show_border()

    def _suggested(self, text: str) -> str:
        """The line with the first completion, where that only adds to it; else empty."""
        for way in self._completions[:1]:
            if way.text.casefold().startswith(text[way.start :].casefold()):
                return text + way.text[len(text) - way.start :]
        return ""

    def take_completion(self) -> bool:
        """Put the next completion into the line; False where there is none."""
        if not self._completions or not self.input.cursor_at_end:
            return False
        self._taken = (self._taken + 1) % len(self._completions)
        offer = self._completions[self._taken]
        self._line = self._before[: offer.start] + offer.text + self._before[offer.end :]
        if len(self._completions) == 1:  # with nothing to choose from, complete further
            self._taken = -1
        self.input.value = self._line
        self.input.cursor_position = len(self._line)
        return True

    def show(
        self, found: int, total: int, took_ms: float, remarks: tuple[Remark, ...], marked: int = 0, unseen: int = 0
    ) -> None:
        """Show how many of how many were found, in what time, how many are marked, and what was not understood.

        `unseen` are the marked ones that were not found.
        """
        everything = f"{total:,}" if found == total else f"{found:,} of {total:,}"
        wide = self.size.width >= 60
        # The same width for any result, so that the layout stays.
        count = f"{everything:>{2 * len(f'{total:,}') + 6}}{f'{took_ms:.0f}':>5} ms" if wide else f"  {everything}"
        count = f"{self._marks(marked, unseen)}{count}"
        if self._waiting:
            self._waiting.stop()
        self.count.update(count, layout=len(count) != self.count.size.width)
        self._remark = next((remark for remark in remarks if remark.level != "unfinished"), None)
        self._show_border()

    def wait(self) -> None:
        """Show that a search runs, in place of the count of the one before, unless it is soon over."""
        if self._waiting:
            self._waiting.stop()
        self._waiting = self.set_timer(SOON_S, self._show_waiting)

    def _show_waiting(self) -> None:
        self.count.update(f"searching{self._glyphs.ellipsis} ".rjust(self.count.size.width), layout=False)

    def _marks(self, marked: int, unseen: int) -> str:
        """How many are marked, in the same width for any query."""
        if not marked:
            return ""
        sign, number = self._glyphs.mark, f"{marked:,}"
        if self.size.width < 100:
            return f"  {sign} {number} marked"
        width = len(f"{number} marked, {number} out of sight")
        return f"  {sign} " + f"{number} marked{f', {unseen:,} out of sight' if unseen else ''}".ljust(width)

    def _show_border(self) -> None:
        """Show completions on the lower border while typing, else what was not understood."""
        self.set_class(self._remark is not None and self._remark.level == "error", "-error")
        shown: list[tuple[str, str]] = []
        if self._completions and self.input.has_focus:
            shown = self._completion_texts()
        elif self._remark is not None:
            shown = [(f"  {self._remark.text}  ", "query--remark")]
        if shown != self._border_text:
            self._border_text = shown
            self.refresh(Region(0, self.size.height, self.size.width, 1))  # the line below what it holds

    def _completion_texts(self) -> list[tuple[str, str]]:
        key = services_of(self.app).session.key_of("query_complete")
        shown, cells = [("  ", "query--about"), (key, "query--key")], len(f" {key}")
        for offer in [*self._completions[self._taken + 1 :], *self._completions[: max(self._taken, 0)]]:
            about = f" {offer.about}" if offer.about else ""
            cells += cell_len(offer.text) + cell_len(about) + 2
            if cells > self.size.width - 8:
                shown.append((f" {self._glyphs.ellipsis}", "query--about"))
                break
            shown += [("  ", "query--about"), (offer.text, "query--offer"), (about, "query--about")]
        return [*shown, ("  ", "query--about")]

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw the box as Textual does. With a border subtitle Textual would draw all of it at every letter."""
        width, height = self.outer_size
        lowest = height - 1
        if not self._border_text or not self.styles.border_bottom[0] or not crop.y <= lowest < crop.bottom:
            return super().render_lines(crop)
        above = Region(crop.x, crop.y, crop.width, lowest - crop.y)
        if self.outer_size not in self._borders:
            (self._borders[self.outer_size],) = super().render_lines(Region(0, lowest, width, 1))
        border = self._borders[self.outer_size]
        pieces = [(text, self.style_of(look)) for text, look in self._border_text]
        base, room = self.style_of(""), max(0, width - 4)
        shown = build_strip(pieces, sum(cell_len(text) for text, _ in pieces), base)
        if shown.cell_length > room:
            dots = build_strip([(self._glyphs.ellipsis, pieces[-1][1])], 1, base)
            shown = Strip.join([shown.crop(0, room - 1), dots]) if room else dots.crop(0, 0)
        whole = Strip.join([border.crop(0, 2), shown, border.crop(2 + shown.cell_length)])
        return [*(super().render_lines(above) if above else ()), whole.crop(*crop.column_span)]

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._borders.clear()

    def on_descendant_focus(self) -> None:
        self._show_border()

    def on_descendant_blur(self) -> None:
        self._show_border()
