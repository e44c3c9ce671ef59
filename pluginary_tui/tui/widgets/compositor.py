"""What changed on a screen, painted: only what is seen is drawn, and only what differs is sent to the terminal."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, cast

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

if TYPE_CHECKING:
    from rich.console import RenderableType

BURST_S = 0.02
"""Nobody presses keys so fast one after the other."""

HANDED_OVER_S = 0.0005
"""So long a painted frame needs to be on its way: a thread writes it, and a terminal takes it 4 KiB at a time. On two
processors either would often wait while this thread goes on, 1.5 ms; so it rests that little.
"""

STYLES = 2048
"""Changes from one style to another that are remembered."""

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
"""What begins each and what ends it (ECMA-48, SGR)."""


class Span(NamedTuple):
    """Neighbouring cells of a line in which one widget is seen."""

    y: int
    start: int
    end: int
    widget: Widget


class IncrementalScreen(Screen[None]):
    """A screen whose frames a Painter makes."""

    def __init__(self, *, classes: str | None = None) -> None:
        super().__init__(classes=classes)
        self._compositor: IncrementalCompositor = IncrementalCompositor()
        self._painted = 0.0

    def paint(self) -> None:
        """Paint what has changed so far at once, and not when each widget's message about it has gone round. Called for
        each key of a burst it paints but the first: those behind it have come already, and are painted together.
        """
        if time.perf_counter() - self._painted < BURST_S:
            return
        for widget in self._compositor.visible_widgets:
            if widget._repaint_required:
                widget._repaint_required = False
                self._dirty_widgets.add(widget)
        self._on_timer_update()
        self._painted = time.perf_counter()
        time.sleep(HANDED_OVER_S)


class IncrementalCompositor(Compositor):
    """Textual's compositor draws every widget a change touches, the hidden ones behind it too, cuts all lines where
    any widget ends, and sends every piece with all of its colours. At each letter that is typed this was half of the
    time to the finished frame.
    """

    def __init__(self) -> None:
        super().__init__()
        self._seen_of: object = None
        """The widgets that the next three are about, as the compositor knows them."""
        self._owned: dict[Widget, list[Span]] = {}
        """Of each widget."""
        self._spans: list[list[Span]] = []
        """Of each line."""
        self._whole: dict[Region, dict[Widget, list[Span]]] = {}
        """Of each widget, by the region it has."""
        self._sent: dict[tuple[int, int], Strip] = {}
        """What the terminal shows, by line and column, as far as it is known."""

    def render_update(
        self, full: bool = False, screen_stack: list[Screen[Any]] | None = None, simplify: bool = False
    ) -> RenderableType | None:
        """What has to be painted, None if nothing. `full` asks for a picture for elsewhere, as Textual makes it."""
        if full:
            return super().render_update(full, screen_stack, simplify)
        visible_screen_stack.set(screen_stack or [])
        if self.size.region in self._dirty_regions:
            self._sent.clear()  # somebody else has painted there, perhaps
        pieces = list(self._drawn(self._dirty_spans()))
        self._dirty_regions.clear()
        return cast("RenderableType", FrameUpdate(self._sent, pieces)) if pieces else None

    def update_widgets(self, widgets: set[Widget]) -> None:
        """Take in which widgets look different now. For those out of sight Textual would work out the layout."""
        super().update_widgets(widgets & self.visible_widgets.keys())

    def _dirty_spans(self) -> dict[Widget, list[Span]]:
        """Where something may look different now, line by line."""
        known = self._seen_of is self.visible_widgets
        lines = self._seen()
        if self.size.region in self._dirty_regions:  # all of the screen means everybody on it
            return self._owned
        spans: dict[Widget, list[Span]] = {}
        parts: set[Span] = set()
        for region in self._dirty_regions:
            if known and (whole := self._whole.get(region)):  # nearly always: a widget, and no other has changed
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
        """Who is seen where on each line. Made anew when the widgets have been laid out anew."""
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

    def __init__(self, sent: dict[tuple[int, int], Strip], pieces: list[tuple[Span, Strip]]) -> None:
        self._sent = sent
        self._pieces = pieces

    def render_segments(self, console: Console) -> str:
        """What is written to the terminal, which shows it from then on."""
        system = console._color_system or ColorSystem.TRUECOLOR
        sent, parts, before, link = self._sent, [], _PLAIN, ""
        changes: dict[tuple[int, int], str] = {}  # to ask for a style's own hash takes longer than all the rest
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
    """What makes the terminal write in another style."""
    was, now = _attributes(before), _attributes(after)
    ended = dict.fromkeys(_ATTRIBUTES[name][1] for name in was if name not in now)
    # What ends bold ends dim as well: what goes on has to be said again.
    codes = [*ended, *(code for name in now for code, end in [_ATTRIBUTES[name]] if name not in was or end in ended)]
    for old, new, foreground in ((before.color, after.color, True), (before.bgcolor, after.bgcolor, False)):
        if old != new:
            codes += (new or Color.default()).downgrade(system).get_ansi_codes(foreground)
    return f"\x1b[{';'.join(codes)}m" if codes else ""


@lru_cache(STYLES)
def _attributes(style: Style) -> list[str]:
    return [name for name in _ATTRIBUTES if getattr(style, name)]
