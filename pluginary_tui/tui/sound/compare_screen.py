"""Two plugins compared: their curves in one picture, their figures side by side, and the null test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static
from textual.worker import get_current_worker

from pluginary_tui.catalogue.passports import Passports, StoredPassport
from pluginary_tui.errors import PluginaryError
from pluginary_tui.formats import LABELS
from pluginary_tui.model import Outcome, Plugin
from pluginary_tui.sound.metrics import BEHAVIOUR_LABELS, METRICS, VERDICT_LABELS
from pluginary_tui.sound.null_test import NullResult, are_copies, compare, overall
from pluginary_tui.sound.passport import DEFAULT, Curve, Passport, from_json
from pluginary_tui.sound.passport_text import number
from pluginary_tui.sound.scales import SCALES
from pluginary_tui.sound.similar import by_sound, per_cent
from pluginary_tui.tui.core.actions import bindings
from pluginary_tui.tui.sound.passport_view import LABEL, axes
from pluginary_tui.tui.sound.plot import LEAST_WIDTH, Drawn, picture
from pluginary_tui.tui.widgets.base_screen import BaseDialog
from pluginary_tui.tui.widgets.rich_lines import Line
from pluginary_tui.tui.widgets.text_view import TextView
from pluginary_tui.tui.widgets.virtual_list import fit

NULLED = {
    "same": "They do exactly the same: nothing is left when one is subtracted from the other.",
    "differs": "They differ: something is left when one is subtracted from the other.",
    "unknown": "It is not known whether they differ: one gives another result each time, or their parameters differ.",
}

HEIGHT = 10
"""Lines of a picture."""

SIDE_BY_SIDE = 96
"""Cells from which on two pictures stand beside each other."""


class CompareScreen(BaseDialog[None]):
    """Draws the curves of one in full, those of the other in dots."""

    CSS = """
    CompareScreen { align: center middle; background: $background 60%; }
    CompareScreen .dialog { width: 96%; height: 94%; padding: 0 1; }
    CompareScreen TextView { height: 1fr; background: $surface; scrollbar-gutter: stable; }
    """
    ACTION_GROUP = "compare"
    BINDINGS: ClassVar[list[BindingType]] = bindings("compare")

    def __init__(self, one: Plugin, other: Plugin) -> None:
        super().__init__()
        self.one, self.other = one, other
        self.text = TextView()
        self.nulls: list[NullResult] | None = None
        self._settings = [DEFAULT]
        self._setting = DEFAULT
        """The label of the setting whose curves are drawn."""
        self._nulled = ""
        """The result of the null test in words."""

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = Content("Compare")
            yield self.text
            yield Static(self._hint(), markup=False, classes="dialog-hint")

    def _hint(self) -> str:
        key_of = self.session.key_of
        words = {
            "compare_null": "subtracts one from the other",
            "compare_setting": "shows other settings",
            "compare_swap": "changes places",
            "compare_measure": "measures both",
            "compare_back": "leaves",
        }
        return ", ".join(f"{key_of(id_)} {does}" for id_, does in words.items()) + "."

    def on_mount(self) -> None:
        self.text.focus()
        services = self.services
        services.catalogue_changed.subscribe(self, services.guarded(lambda _: self.draw()))
        if are_copies(self.one, self.other):
            self.action_null()

    def on_resize(self) -> None:
        self.call_after_refresh(self.draw)

    # What is shown

    def draw(self) -> None:
        """Show what is known of the two now. Raises CatalogueError."""
        passports = Passports(self.session.store)
        kept = passports.get(self.one), passports.get(self.other)
        self.text.show(self._lines(kept, max(1, self.text.scrollable_content_region.width)), keep=True)

    def _lines(self, kept: tuple[StoredPassport | None, StoredPassport | None], width: int) -> Iterator[Line]:
        plain = self.session.glyphs.wall.isascii()
        yield from self._names(plain)
        if self._nulled:
            yield []
            yield [(self._nulled, "text")]
        for null in self.nulls or ():
            yield [(f"{null.label:<17}", "label"), (f"{null.db:.0f} dB left of the difference: {null.verdict}", "text")]
        for plugin, mine in zip((self.one, self.other), kept, strict=True):
            if mine is None or mine.outcome != Outcome.OK:
                yield []
                why = f": {mine.error}" if mine else f"; {self.session.key_of('compare_measure')} measures both"
                yield [(f"{plugin.name} was not measured{why}", "bad")]
        one, other = (from_json(each.data) if each and each.outcome == Outcome.OK else None for each in kept)
        if one and other:
            yield from self._likeness(one, other)
        self._settings = [each.label for each in (one or other or Passport()).settings] or [DEFAULT]
        yield from _pictures(one, other, self._setting, width, plain)
        yield from _figures(one, other, width, self.session.glyphs.ellipsis)

    def _names(self, plain: bool) -> Iterator[Line]:
        for plugin, look, sign in (
            (self.one, "curve", "***" if plain else "━━━"),
            (self.other, "second", "ooo" if plain else "┅┅┅"),
        ):
            what = [plugin.vendor, LABELS.get(plugin.format, plugin.format), plugin.version, *plugin.categories]
            yield [(f"{sign} ", look), (plugin.name, "title"), (f"  {', '.join(filter(None, what))}", "quiet")]
            if are_copies(self.one, self.other):
                yield [("    ", "text"), (plugin.path, "quiet")]

    def _likeness(self, one: Passport, other: Passport) -> Iterator[Line]:
        for near in by_sound(one, {self.other.id: other}):
            yield []
            yield [(f"{per_cent(near)}% alike", "keyword"), (f"  {near.because}", "text")]

    # What the keys do

    def action_setting(self) -> None:
        """Draw the curves of the next setting: both are turned alike, as far as they have the same parameters."""
        at = self._settings.index(self._setting) if self._setting in self._settings else -1
        self._setting = self._settings[(at + 1) % len(self._settings)]
        self.draw()

    def action_swap(self) -> None:
        self.one, self.other = self.other, self.one
        self.draw()

    def action_measure(self) -> None:
        """Measure both; the results appear here."""
        self.services.measure([self.one, self.other], full=True, retry=True)

    def action_null(self) -> None:
        """Subtract one from the other, in a process of their own; aside, for it takes some seconds."""
        if self.session.busy:
            self._say(f"{self.session.busy} Press {self.session.key_of('compare_null')} when that is over.")
            return
        self._say("Rendering both and subtracting one from the other")
        self.run_worker(self._null, thread=True, exclusive=True)

    def _null(self) -> None:
        worker, one, other = get_current_worker(), self.one, self.other
        try:
            nulls = compare(one, other, self.session.settings, lambda: worker.is_cancelled or not self.is_attached)
        except PluginaryError as error:
            self.app.call_from_thread(self._say, str(error))
            return
        if nulls:
            self.app.call_from_thread(self._say, NULLED[overall(nulls)], nulls)

    def _say(self, words: str, nulls: list[NullResult] | None = None) -> None:
        if self.is_attached:
            self._nulled, self.nulls = words, nulls
            self.draw()

    def action_back(self) -> None:
        self.dismiss(None)


def _curves(passport: Passport | None, label: str) -> dict[str, Curve]:
    """The curves of one setting."""
    return next((each.curves for each in passport.settings if each.label == label), {}) if passport else {}


def _pictures(one: Passport | None, other: Passport | None, setting: str, width: int, plain: bool) -> Iterator[Line]:
    """Each kind of picture with the curves of both, two kinds beside each other where there is room."""
    whole = width if width < SIDE_BY_SIDE else width // 2 - 2
    mine, theirs = _curves(one, setting), _curves(other, setting)
    made: list[list[Line]] = []
    for kind in SCALES:
        curves = [Drawn(theirs[kind], "second", "o", dotted=True)] if kind in theirs else []
        curves += [Drawn(mine[kind], "curve")] if kind in mine else []
        if curves and whole >= LEAST_WIDTH:
            title = f"{SCALES[kind].title}  {axes(kind)}, {'as loaded' if setting == DEFAULT else setting}"
            made.append([[(fit(title, whole), "head")], *picture(kind, tuple(curves), whole, plain, HEIGHT)])
    for at in range(0, len(made), 1 if whole == width else 2):
        yield []
        beside = made[at + 1] if whole < width and at + 1 < len(made) else None
        for row, line in enumerate(made[at]):
            yield [*line, ("    ", "text"), *beside[row]] if beside else line


def _figures(one: Passport | None, other: Passport | None, width: int, ellipsis: str) -> Iterator[Line]:
    """Figures and verdicts of both, side by side."""
    room = max(8, (width - LABEL - 2) // 2)
    rows: list[tuple[str, str, str]] = []
    mine, theirs = (each.figures if each else {} for each in (one, other))
    behaviours = [BEHAVIOUR_LABELS[each.behaves] if each else "" for each in (one, other)]
    rows += [("behaves like", behaviours[0], behaviours[1])]
    verdicts = [
        ", ".join(VERDICT_LABELS[verdict.name] for verdict in each.verdicts) if each else "" for each in (one, other)
    ]
    rows += [("findings", verdicts[0], verdicts[1])]
    for name in METRICS:
        if name in mine or name in theirs:
            shown = [number(name, replace(each[name], note="")) if name in each else "" for each in (mine, theirs)]
            rows.append((METRICS[name].label, shown[0], shown[1]))
    if not any(left or right for _, left, right in rows):
        return
    yield []
    yield [("FIGURES", "head")]
    for name, left, right in rows:
        if left or right:
            look = "text" if left == right else "number"
            yield [
                (f"{name:<{LABEL}}", "label"),
                (fit(left or "-", room, ellipsis), look if left else "quiet"),
                ("  ", "text"),
                (fit(right or "-", room, ellipsis), "second" if right else "quiet"),
            ]
