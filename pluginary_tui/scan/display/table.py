"""A scan drawn with Rich: live table, bar and counts, alike on the full screen and on a plain terminal."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from rich.box import Box
from rich.cells import cell_len, set_cell_size
from rich.table import Table
from rich.text import Text

from pluginary_tui.formatting import counted, duration, rough_duration
from pluginary_tui.model import Outcome, clean
from pluginary_tui.scan.progress import Ended, Progress, Running

FRAMES_PER_S = 8
"""How often a moving scan is drawn at most; a higher rate costs time and is not readable."""

HEAD_LINES = 2
"""The table's heading and the line under it."""

NARROW = 64
"""Columns below which the vendor is left out."""

BAR_COLUMNS = 14
"""Length of the small bar of a bundle that is being probed."""

_BOX = Box("    \n    \n ── \n    \n ── \n    \n    \n    \n")
_BOX_ASCII = Box("    \n    \n -- \n    \n -- \n    \n    \n    \n", ascii=True)

DOING = {
    "launch": "starting",
    "factory": "reading names",
    "load": "loading",
    "parameters": "reading parameters",
    "check": "trying with pedalboard",
}
"""What a probe is doing, by the last stage that it sent."""

# Silence is most often a window that waits for an answer. The longest that fits is shown.
_ASKING = ("may be asking for a licence", "asking for a licence?", "licence?")


@dataclass(frozen=True, slots=True)
class Palette:
    """What to draw with: Rich colours, and whether plain letters must do."""

    accent: str = "cyan"
    good: str = "green"
    warn: str = "yellow"
    bad: str = "red"
    muted: str = "bright_black"
    key: str = "bold cyan"
    cursor: str = "on grey23"
    ascii: bool = False

    def sign(self, outcome: str) -> str:
        """One letter for an outcome, always one column wide."""
        return _SIGNS[outcome][self.ascii]

    def colour(self, outcome: str) -> str:
        return {"ok": self.good, "timeout": self.warn, "memory": self.warn, "skipped": self.warn}.get(outcome, self.bad)

    @property
    def dot(self) -> str:
        return " - " if self.ascii else " · "

    def cut(self, text: str, width: int) -> str:
        """`text` in at most `width` columns, with an ellipsis where something is missing."""
        if cell_len(text) <= width:
            return text
        dots = "..." if self.ascii else "…"
        if width <= len(dots):
            return dots[: max(0, width)]
        return set_cell_size(text, width - len(dots)).rstrip() + dots


_SIGNS = {
    "ok": "✓+",
    "failed": "✗x",
    "crashed": "☠X",
    "timeout": "◷T",
    "memory": "▣M",
    "skipped": "»S",
    "running": "▸>",
}

PLAIN = Palette()


def reason(item: Ended) -> str:
    """Why a bundle could not be read, as a clause: for a line that holds more than that."""
    return clean(item.error).removesuffix(".") or item.outcome


# The table


def table(
    progress: Progress,
    width: int,
    height: int,
    *,
    cursor: str | None = None,
    offset: int = 0,
    look: Palette = PLAIN,
) -> Table:
    """The bundles being probed, then the newest results, in no more than `width` columns and `height` lines.

    `cursor`: key of what runs, or path of the bundle, to mark; `offset`: results to leave out at the top.
    """
    name_w, vendor_w, rest_w = columns(width)
    heads = ["Plugin", "Vendor", "Progress"] if vendor_w else ["Plugin", "Progress"]
    head = height > HEAD_LINES + 1
    drawn = Table(
        box=_BOX_ASCII if look.ascii else _BOX,
        show_edge=False,
        show_header=head,
        padding=0,
        border_style=look.muted,
        header_style=look.muted,
    )
    for title, columns_wide in zip(heads, filter(None, (name_w, vendor_w, rest_w)), strict=True):
        shown = f"  {title}" if title == "Plugin" else title
        drawn.add_column(look.cut(shown, columns_wide), width=columns_wide, no_wrap=True, overflow="crop")
    running, ended = rows(progress, height, cursor=cursor, offset=offset)
    for busy in running:
        cells = _names(look.sign("running"), look.accent, busy, name_w, vendor_w, look)
        style = look.cursor if busy.row == cursor else ""
        drawn.add_row(
            *cells, _running(busy, rest_w, look), style=style, end_section=bool(ended) and busy is running[-1]
        )
    for item in ended:
        cells = _names(look.sign(item.outcome), look.colour(item.outcome), item, name_w, vendor_w, look)
        style = look.cursor if item.path == cursor else ""
        drawn.add_row(*cells, _ended(item, rest_w, look, progress), style=style)
    return drawn


def columns(width: int) -> tuple[int, int, int]:
    """Columns of name, vendor and progress, with one between them; no vendor where that is too narrow."""
    if width < NARROW:
        name = max(8, width * 2 // 5)
        return name, 0, max(1, width - name - 1)
    name = min(44, width * 27 // 100)
    vendor = min(30, width * 18 // 100)
    return name, vendor, width - name - vendor - 2


def room(progress: Progress, height: int) -> tuple[int, int]:
    """Lines of a table of `height` lines for running bundles and for results; half of them at most for the running."""
    lines = max(0, height - HEAD_LINES if height > HEAD_LINES + 1 else height)
    busy, over = len(progress.running), len(progress.ended)
    if not busy or not over:
        return (lines, 0) if busy else (0, lines)
    if lines < 3:
        return lines, 0
    top = min(busy, lines // 2)
    return top, lines - top - 1  # less the line between them


def rows(
    progress: Progress, height: int, *, cursor: str | None = None, offset: int = 0
) -> tuple[list[Running], list[Ended]]:
    """What `table` shows in `height` lines: running bundles, the longest running first, and results, newest first."""
    top, bottom = room(progress, height)
    running = list(progress.running.values())
    marked = next((i for i, item in enumerate(running) if item.row == cursor), 0)
    first = max(0, marked - top + 1)
    return running[first : first + top], list(islice(progress.ended, offset, offset + bottom))


def _names(sign: str, colour: str, item: Running | Ended, name_w: int, vendor_w: int, look: Palette) -> list[Text]:
    name = Text.assemble((sign, colour), " ", look.cut(clean(item.name), name_w - 3))
    return [name, Text(look.cut(clean(item.vendor), vendor_w - 1), style=look.muted)] if vendor_w else [name]


def _running(item: Running, width: int, look: Palette) -> Text:
    """A bar with words; the time is at the right edge."""
    if item.expected > 1:
        part, colour = min(1.0, item.done / item.expected), look.accent
        words = f"{item.done:,} of {counted(item.expected, 'plugin')}"
        time = duration(item.elapsed_s)
        hints: tuple[str, ...] = (clean(item.plugin),) if item.plugin else ()
    else:
        part = item.silent
        colour = look.muted if part < 0.5 else look.warn
        words = DOING.get(item.stage, item.stage)
        time = f"{duration(item.elapsed_s)} of {item.timeout_s:.0f}"
        hints = _ASKING if part >= 0.5 else ("second try",) if item.attempt > 1 else ()
    bar_w = min(BAR_COLUMNS, width // 4)
    left = width - bar_w - len(time) - 2
    text = _stroke(part, bar_w, colour, look)
    text.append(f" {look.cut(words, left)}")
    left -= cell_len(words) + len(look.dot)
    if hint := next((hint for hint in hints if len(hint) <= left), ""):
        text.append(look.dot, look.muted)
        text.append(hint, colour if part >= 0.5 and item.expected < 2 else look.muted)
    return _with_right(text, Text(time, look.muted), width)


def _ended(item: Ended, width: int, look: Palette, progress: Progress) -> Text:
    time = Text(duration(item.elapsed_s), look.muted)
    left = width - len(time) - 1
    if item.outcome is Outcome.OK and item.summary:
        text = Text(look.cut(item.summary, left))
    elif item.outcome is Outcome.OK:
        words = counted(item.parameters, "parameter")
        if item.plugins > 1:
            words = f"{counted(item.plugins, 'plugin')}{look.dot}{words}"
        number, _, noun = words.partition(" ")
        text = Text(look.cut(f"{number:>5} {noun}", left))
        # On a first scan everything is new, and saying so of each would be noise.
        if item.change in ("new", "updated") and (progress.unchanged or progress.counts["updated"]):
            tail = look.dot + item.change
            if len(text) + len(tail) <= left:
                text.append(tail, look.accent)
    else:
        text = Text(look.cut(reason(item), left), look.colour(item.outcome))
    return _with_right(text, time, width)


def _stroke(part: float, width: int, colour: str, look: Palette) -> Text:
    """A thin bar, `part` (0 to 1) of it filled, in half columns where the letters allow."""
    full, half, rest = ("=", "", "-") if look.ascii else ("━", "╸", "─")
    halves = round(max(0.0, min(1.0, part)) * width * 2)
    done = full * (halves // 2) + (half if halves % 2 else "")
    return Text.assemble((done, colour), (rest * (width - len(done)), look.muted))


def _with_right(left: Text, right: Text, width: int) -> Text:
    """Both on one line, `right` at its end; where both do not fit, `left` alone."""
    gap = width - left.cell_len - right.cell_len
    return Text.assemble(left, " " * gap, right) if gap > 0 else left


# Above the table


def bar(progress: Progress, width: int, look: Palette = PLAIN) -> Text:
    """How far the scan is: a bar, done of total, percent, rate, time left. One line."""
    if progress.state == "discovering":
        dots = "..." if look.ascii else "…"
        return Text(look.cut(f"Looking for plugins{dots}  {duration(progress.elapsed_s)}", width), look.muted)
    done, total = progress.step
    part = progress.part
    words = [f"{done:,} / {total:,} {progress.steps_word}".rstrip(), f"{int(part * 100)} %"]
    if progress.checking and not progress.over:
        words = [f"{words[0]} tried with pedalboard", words[1], f"{progress.loads:,} load"]
    elif progress.over and progress.kind == "scanning" and progress.plugins > progress.done:
        words.append(counted(progress.plugins, "plugin"))
    words += _pace(progress)
    while words and len("  ".join(words)) + 10 > width:  # the bar itself never gets shorter than 8
        words.pop()
    tail = "  ".join(words)
    colour = {"paused": look.warn, "stopping": look.warn, "stopped": look.warn, "broken": look.bad}.get(
        progress.state, look.good if progress.over else look.accent
    )
    text = _stroke(part, max(1, min(width, width - len(tail) - 2)), colour, look)
    if tail:
        text.append("  ")
        text.append(tail)
    return text


def _pace(progress: Progress) -> list[str]:
    if progress.over:
        return [f"{progress.state} in {duration(progress.elapsed_s)}"]
    if progress.state != "running":
        return [progress.state]
    if not progress.rate:
        return []
    rate = progress.rate
    pace = f"{rate:,.0f} a second" if rate >= 1 else f"{rate * 60:,.0f} a minute"
    return [pace] if progress.left_s is None else [pace, f"{rough_duration(progress.left_s)} left"]


def counts(progress: Progress, width: int, look: Palette = PLAIN) -> Text:
    """Bundles by outcome on the left; new, updated, unchanged and gone on the right. One line."""
    shown = [o for o in Outcome if o is not Outcome.SKIPPED or progress.counts[o]]
    left = [(look.sign(o), progress.counts[o], str(o), look.colour(o)) for o in shown]
    right = [
        ("", progress.counts["new"], "new", look.accent),
        ("", progress.counts["updated"], "updated", look.accent),
        ("", progress.unchanged, "unchanged", ""),
        ("", progress.removed, "gone", look.warn),
    ]
    if progress.kind != "scanning":
        right = []
    if _spread(left, right, look) > width:  # leave out what did not happen
        left = [left[0], *(each for each in left[1:] if each[1])]
        right = [each for each in right if each[1]]
    if _spread(left, right, look) > width:  # the signs alone stand for the outcomes
        left = [(sign, number, "", colour) for sign, number, _, colour in left]
    while right and _spread(left, right, look) > width:
        right.pop()
    while left and _spread(left, right, look) > width:
        left.pop()
    return _with_right(_tally(left, look), _tally(right, look), width)


_Tally = list[tuple[str, int, str, str]]
"""Sign, number, word, colour."""


def _spread(left: _Tally, right: _Tally, look: Palette) -> int:
    return len(_tally(left, look)) + len(_tally(right, look)) + 2 * bool(right)


def _tally(items: _Tally, look: Palette) -> Text:
    text = Text()
    for sign, number, word, colour in items:
        if text:
            text.append("   ")
        style = colour if number else look.muted
        text.append(f"{sign} " if sign else "", style)
        text.append(f"{number:,} ", style)
        text.append(word, look.muted)
    text.rstrip()
    return text


# When it is over


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that a scan changed, and the query that shows it."""

    count: int
    words: str
    query: str


def summary_lines(progress: Progress) -> list[Change]:
    """What came of it, only what happened."""
    return [Change(*each) for each in progress.changes() if each[0]]
