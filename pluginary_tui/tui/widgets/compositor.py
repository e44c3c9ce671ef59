"""Draws frames with less work and fewer bytes than Textual: only visible cells, and only cells that differ.

Textual's own compositor is private, so this one is optional: `install` leaves a screen alone where a name it needs is
missing, and a frame that raises switches it off for good. Textual's own drawing goes on in either case.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, cast

from rich.color import Color, ColorSystem
from rich.console import Console
from rich.style import Style
from textual._compositor import Compositor, CompositorUpdate
from textual._context import visible_screen_stack
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from pluginary_tui.tui.widgets.styled_line import StyledStrip, StyledText
from pluginary_tui.tui.widgets.terminal_gate import shown

if TYPE_CHECKING:
    from rich.console import RenderableType

LOG = logging.getLogger(__name__)

BURST_S = 0.02
"""Keys closer together than this are one burst (paste, key repeat), which is drawn once."""

HANDED_OVER_S = 0.0005
"""Pause after a frame, so that the thread that writes to the terminal can run."""

STYLES = 2048
"""Changes from one style to another that are remembered."""

NEEDED = {
    Compositor: ("render_update", "update_widgets", "visible_widgets"),
    Screen: ("_on_timer_update",),
    Widget: ("render_lines",),
}
"""Names of Textual that are not public and have to be there."""

_PLAIN = Style.null()
_ATTRIBUTES = {
    "bold": ("1", "22"),
    "dim": ("2", "22"),
    "italic": ("3", "23"),
    "underline": ("4", "24"),
    "underline2": ("21", "24"),
    "blink": ("5", "25"),
    "blink2": ("6", "25"),
    "reverse": ("7", "27"),
    "conceal": ("8", "28"),
    "strike": ("9", "29"),
    "frame": ("51", "54"),
    "encircle": ("52", "54"),
    "overline": ("53", "55"),
}
"""The codes that begin and end each attribute (ECMA-48, SGR)."""


class Span(NamedTuple):
    """Neighbouring cells of a line that show one widget."""

    y: int
    start: int
    end: int
    widget: Widget


def install(screen: Screen[Any]) -> bool:
    """Have a new screen drawn by an IncrementalCompositor. False, and a line in the log, where that cannot be."""
    missing = [name for owner, names in NEEDED.items() for name in names if not hasattr(owner, name)]
    missing += [name for name in ("_compositor", "_dirty_widgets", "_repaint_required") if not hasattr(screen, name)]
    missing += [name for name in ("_dirty_regions", "size") if not hasattr(getattr(screen, "_compositor", None), name)]
    if missing:
        LOG.warning("frames are drawn by Textual, which has no %s any more", ", ".join(missing))
    if missing or IncrementalCompositor.given_up:
        return False
    screen._compositor = IncrementalCompositor()
    return True


def paint(screen: Screen[Any]) -> None:
    """Draw at once what has changed so far, instead of after each widget's message. Nothing where not installed.

    Called for each key of a burst, it draws for the first one only: those behind it are drawn together.
    """
    compositor = screen._compositor
    if not isinstance(compositor, IncrementalCompositor) or compositor.given_up:
        return
    if time.perf_counter() - compositor.painted < BURST_S:
        return
    for widget in compositor.visible_widgets:
        if widget._repaint_required:
            widget._repaint_required = False
            screen._dirty_widgets.add(widget)
    screen._on_timer_update()
    compositor.painted = time.perf_counter()
    time.sleep(HANDED_OVER_S)


class IncrementalCompositor(Compositor):
    """Textual's compositor draws every widget a change touches, the hidden ones behind it too, cuts all lines where
    any widget ends, and sends every piece with all of its colours.
    """

    given_up: ClassVar[bool] = False
    """Whether a frame has raised; Textual draws from then on."""

    def __init__(self) -> None:
        super().__init__()
        self.painted = 0.0
        """When `paint` drew last, by the performance counter."""
        self._seen_of: object = None
        """The compositor's dictionary of visible widgets that the next three were made from."""
        self._owned: dict[Widget, list[Span]] = {}
        """The visible cells of each widget."""
        self._spans: list[list[Span]] = []
        """The same by line."""
        self._whole: dict[Region, dict[Widget, list[Span]]] = {}
        """The same by the region of a widget, which is what a change names."""
        self._sent: dict[tuple[int, int], Strip] = {}
        """The strips that the terminal shows, by line and column, as far as they are known."""

    def render_update(
        self, full: bool = False, screen_stack: list[Screen[Any]] | None = None, simplify: bool = False
    ) -> RenderableType | None:
        """The changes to draw, None if there are none. `full`: the whole screen as Textual draws it."""
        if full or self.given_up:
            return super().render_update(full, screen_stack, simplify)
        try:
            return self._update(screen_stack or [])
        except Exception:
            self.give_up()
            return super().render_update(full, screen_stack, simplify)

    def _update(self, screen_stack: list[Screen[Any]]) -> RenderableType | None:
        visible_screen_stack.set(screen_stack)
        if self.size.region in self._dirty_regions:
            self._sent.clear()  # another screen may have drawn there
        pieces = list(self._drawn(self._dirty_spans()))
        self._dirty_regions.clear()
        return cast("RenderableType", FrameUpdate(self, self._sent, pieces)) if pieces else None

    def give_up(self) -> None:
        """Log the exception that is being handled, and let Textual draw from now on, the whole screen first."""
        LOG.exception("a frame could not be drawn; Textual draws from now on")
        IncrementalCompositor.given_up = True
        self._dirty_regions.add(self.size.region)

    def update_widgets(self, widgets: set[Widget]) -> None:
        """Take in which widgets have changed. For those out of sight Textual would calculate the layout."""
        super().update_widgets(widgets if self.given_up else widgets & self.visible_widgets.keys())

    def _dirty_spans(self) -> dict[Widget, list[Span]]:
        """The cells that may have changed, line by line."""
        known = self._seen_of is self.visible_widgets
        lines = self._seen()
        if self.size.region in self._dirty_regions:  # the whole screen
            return self._owned
        spans: dict[Widget, list[Span]] = {}
        parts: set[Span] = set()
        for region in self._dirty_regions:
            if known and (whole := self._whole.get(region)):  # nearly always one widget and no other
                spans |= whole
                continue
            left, right = region.column_span
            parts |= {
                span
                for line in lines[max(region.y, 0) : max(region.bottom, 0)]
                for span in line
                if span.start < right and left < span.end
            }
        rest: dict[Widget, list[Span]] = {}
        for span in sorted(parts, key=lambda span: span[:2]):
            if span.widget not in spans:
                rest.setdefault(span.widget, []).append(span)
        return spans | rest

    def _seen(self) -> list[list[Span]]:
        """The visible cells on each line. Calculated again when the layout has changed."""
        visible = self.visible_widgets  # those in front come first
        if visible is self._seen_of:
            return self._spans
        self._sent.clear()
        self._seen_of, self._owned, self._whole = visible, {}, {}
        free = [[(0, self.size.width)] for _ in range(self.size.height)]
        self._spans = [[] for _ in free]
        for widget, (region, clip) in visible.items():
            shown = region.intersection(clip).intersection(self.size.region)
            its = self._owned[widget] = self._whole.setdefault(shown, {})[widget] = []
            for y in shown.line_range:
                left: list[tuple[int, int]] = []
                for start, end in free[y]:
                    first, last = max(start, shown.x), min(end, shown.right)
                    if first < last:
                        its.append(Span(y, first, last, widget))
                        left += [part for part in ((start, first), (last, end)) if part[0] < part[1]]
                    else:
                        left.append((start, end))
                free[y] = left
            for span in its:
                self._spans[span.y].append(span)
        return self._spans

    def _drawn(self, spans: dict[Widget, list[Span]]) -> Iterator[tuple[Span, Strip]]:
        for widget, its in spans.items():
            region, clip = self.visible_widgets[widget]
            shown = region.intersection(clip)
            for run in _runs(its):
                top = run[0].y
                crop = Region(shown.x - region.x, top - region.y, shown.width, run[-1].y + 1 - top)
                strips = widget.render_lines(crop)
                for span in run:
                    if span.y - top < len(strips):
                        yield span, _cut(strips[span.y - top], span.start - shown.x, span.end - shown.x, widget)


class FrameUpdate(CompositorUpdate):
    """A frame on its way to the terminal."""

    def __init__(
        self, compositor: IncrementalCompositor, sent: dict[tuple[int, int], Strip], pieces: list[tuple[Span, Strip]]
    ) -> None:
        self._compositor, self._sent = compositor, sent
        self._pieces = pieces

    def render_segments(self, console: Console) -> str:
        """The text that is written to the terminal."""
        try:
            return self._text(console)
        except Exception:
            self._compositor.give_up()
            whole = self._compositor.render_update(full=True)
            return whole.render_segments(console) if isinstance(whole, CompositorUpdate) else ""

    def _text(self, console: Console) -> str:
        system = console._color_system or ColorSystem.TRUECOLOR
        sent, parts, before, link = self._sent, [], _PLAIN, ""
        changes: dict[tuple[int, int], str] = {}  # by identity: hashing a style is slow
        for (y, x, _, _), strip in self._pieces:
            was = sent.get((y, x))
            if was is strip or was == strip:
                continue
            sent[y, x] = strip
            parts.append(f"\x1b[{y + 1};{x + 1}H")
            for text, style in strip.pieces if isinstance(strip, StyledStrip) else _pieces(strip):
                if style is not before:
                    pair = id(before), id(style)
                    if pair not in changes:
                        changes[pair] = _change(before, style, system)
                    parts.append(changes[pair])
                    before, link = style, style.link or ""
                text = shown(text)
                parts.append(Style(link=link).render(text) if link else text)
        parts.append("\x1b[m")
        return "".join(parts)


def _pieces(strip: Strip) -> list[StyledText]:
    return [(text, style or _PLAIN) for text, style, _ in strip]


def _runs(spans: list[Span]) -> Iterator[list[Span]]:
    """Spans of lines that follow each other."""
    run: list[Span] = []
    for span in spans:
        if run and span.y > run[-1].y + 1:
            yield run
            run = []
        run.append(span)
    if run:
        yield run


def _cut(strip: Strip, start: int, end: int, widget: Widget) -> Strip:
    """These cells of the line; cells it lacks look like its widget."""
    if not start and end == strip.cell_length:
        return strip
    if end > strip.cell_length:
        strip = strip.extend_cell_length(end, widget.rich_style)
    return strip.crop(start, end)


@lru_cache(STYLES)
def _change(before: Style, after: Style, system: ColorSystem) -> str:
    """The escape sequence from one style to another."""
    was, now = _attributes(before), _attributes(after)
    ended = dict.fromkeys(_ATTRIBUTES[name][1] for name in was if name not in now)
    # The code that ends bold ends dim as well, so what goes on is sent again.
    codes = [*ended, *(code for name in now for code, end in [_ATTRIBUTES[name]] if name not in was or end in ended)]
    for old, new, foreground in ((before.color, after.color, True), (before.bgcolor, after.bgcolor, False)):
        if old != new:
            codes += (new or Color.default()).downgrade(system).get_ansi_codes(foreground)
    return f"\x1b[{';'.join(codes)}m" if codes else ""


@lru_cache(STYLES)
def _attributes(style: Style) -> list[str]:
    return [name for name in _ATTRIBUTES if getattr(style, name)]
