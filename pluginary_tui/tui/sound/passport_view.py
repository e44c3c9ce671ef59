"""The detail pane's lines about a plugin's sound: curves, verdicts, figures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.cells import cell_len

from pluginary_tui.formats import LABELS, LOADABLE
from pluginary_tui.model import Outcome, Plugin
from pluginary_tui.sound.metrics import BEHAVIOUR_LABELS, FAULTS, METHOD, METRICS, VERDICTS
from pluginary_tui.sound.passport import DEFAULT, Curve, Passport, from_json
from pluginary_tui.sound.passport_text import knob_lines, number, trust_word, words_by_reason
from pluginary_tui.sound.scales import SCALES
from pluginary_tui.tui.core.glyphs import Glyphs
from pluginary_tui.tui.core.key_names import KeyOf
from pluginary_tui.tui.sound.plot import Drawn, picture
from pluginary_tui.tui.widgets.rich_lines import Line

if TYPE_CHECKING:
    from pluginary_tui.catalogue.passports import StoredPassport

LABEL = max(len(metric.label) for metric in METRICS.values()) + 2
"""Cells of a figure's label, with the space behind it."""

NAME = max(map(len, METRICS))
"""Cells of a figure's name in queries."""

ROOMY = 100
"""Cells from which on each figure is explained."""


def sound(plugin: Plugin, kept: StoredPassport | None, width: int, glyphs: Glyphs, key_of: KeyOf) -> Iterator[Line]:
    """The passport; where there is none, the key that makes one. Nothing of a format that pedalboard does not load, but
    where another format of the product was measured.
    """
    if plugin.status != Outcome.OK or (kept is None and plugin.format not in LOADABLE):
        return
    yield []
    if kept is None:
        yield [("SOUND", "head"), (f"  not measured yet; {key_of('measure')} measures it", "quiet")]
        return
    if kept.outcome != Outcome.OK:
        yield [("SOUND", "head"), (f"  measuring failed; {key_of('measure')} tries again", "quiet")]
        yield [(f"{glyphs.outcome(kept.outcome)} {kept.outcome}", "bad"), (f"  {kept.error}", "text")]
        return
    passport = from_json(kept.data)
    keys = f"  {key_of('hear')} plays it, {key_of('compare')} compares, {key_of('alike')} finds others like it"
    yield [("SOUND", "head"), (keys, "quiet")]
    if kept.format:
        yield [(f"measured as {LABELS.get(kept.format, kept.format)}, the format that can be measured", "quiet")]
    if not kept.current or kept.method != METHOD:
        yield [(f"{glyphs.warning} measured before it changed; {key_of('measure')} measures it anew", "quiet")]
    yield from character(passport, plugin.categories)
    yield from words(passport)
    yield from verdicts(passport, glyphs)
    for kind in SCALES:
        yield from drawn(passport, kind, width, plain=glyphs.wall.isascii())
    yield from parameters(passport)
    yield from figures(passport, width)
    if kept.error:
        yield [("its cost could not be measured: ", "quiet"), (kept.error, "text")]


def character(passport: Passport, declared: tuple[str, ...]) -> Iterator[Line]:
    """What it behaves like, beside what it says of itself."""
    says = f"it calls itself {', '.join(declared)}" if declared else "it does not say what it is"
    if passport.behaves:
        behaves = BEHAVIOUR_LABELS[passport.behaves]
        yield [("behaves like ", "quiet"), (behaves, "keyword"), (f", because {passport.because}", "text")]
        yield [(says, "quiet")]
    elif passport.settings:
        yield [("what it behaves like is not certain; ", "quiet"), (says, "quiet")]


def words(passport: Passport) -> Iterator[Line]:
    """The words for its sound, each with the figures it rests on. `sounds:` finds them."""
    if passport.sounds:
        line: Line = []
        for reason, names in words_by_reason(passport.sounds).items():
            line.append((", " if line else "sounds ", "quiet"))
            for at, word in enumerate(names):
                line += [(", " if at else "", "quiet"), (word, "keyword")]
            line.append((f" ({reason})", "quiet"))
        yield line


def parameters(passport: Passport) -> Iterator[Line]:
    """What its main parameters do to the sound. `knob:` finds them by these words."""
    knobs = knob_lines(passport)
    if knobs:
        yield []
        yield [("WHAT THE PARAMETERS DO", "head"), ("  from where they start", "quiet")]
    for name, text in knobs:
        yield [(f"{name}  ", "label"), (text, "text")]


def verdicts(passport: Passport, glyphs: Glyphs) -> Iterator[Line]:
    """What can be held against it, or should be known of it, each with what was seen."""
    for verdict in passport.verdicts:
        fault = verdict.name in FAULTS
        sign = glyphs.warning if fault else glyphs.dot
        meaning = VERDICTS[verdict.name]
        yield [
            (f"{sign} {meaning[:1].upper()}{meaning[1:]}", "bad" if fault else "keyword"),
            (f"  {verdict.evidence}", "text"),
            (f"  is:{verdict.name}", "quiet"),
        ]


def drawn(passport: Passport, kind: str, width: int, *, plain: bool) -> Iterator[Line]:
    """One picture: the plugin as it is when loaded, and in dots what its other settings make of it."""
    curves = {each.label: each.curves[kind] for each in passport.settings if kind in each.curves}
    own = curves.pop(DEFAULT, None)
    if own is None:
        return
    others = tuple(Drawn(curve, "quiet", "o", dotted=True) for curve in curves.values())
    lines = picture(kind, (*others, Drawn(own, "curve")), width, plain)
    if lines:
        yield []
        yield [(SCALES[kind].title, "head"), (f"  {axes(kind)}{doubtful(own)}", "quiet")]
        yield from lines
        yield legend(len(others), plain=plain)


def legend(others: int, *, plain: bool) -> Line:
    """What the curves of a picture are."""
    own: Line = [(f"{'***' if plain else '━━━'} ", "curve"), ("as loaded", "quiet")]
    if not others:
        return own
    words = "another setting" if others == 1 else f"{others} other settings"
    return [*own, (f"   {'o o' if plain else '┅┅┅'} {words}", "quiet")]


def axes(kind: str) -> str:
    """What the two axes of a picture are."""
    return {"response": "dB over Hz", "gain": "dBFS out over dBFS in", "decay": "dB over seconds"}[kind]


def doubtful(curve: Curve) -> str:
    """How far a curve can be trusted; empty for a good one."""
    word = trust_word(curve.trust)
    how = {"about": "roughly", "perhaps": "a guess"}.get(word, word)
    return f", {how}: {curve.trust:.0%} sure" if word else ""


def figures(passport: Passport, width: int) -> Iterator[Line]:
    """Every figure with its unit, and at the right its name in queries.

    Where there is room, each is explained, and it stands how sure it is.
    """
    known = [name for name in METRICS if name in passport.figures]
    if not known:
        return
    roomy = width >= ROOMY
    yield []
    head = f"{'sure':>6}  {'in queries':<{NAME}}" if roomy else "in queries"
    yield [("FIGURES", "head"), (f"{head:>{max(len(head) + 1, width - 7)}}", "quiet")]
    for name in known:
        figure = passport.figures[name]
        line: Line = [(f"{METRICS[name].label:<{LABEL}}", "label"), (number(name, figure), "text")]
        end = name
        if roomy:
            line.append((f"  {METRICS[name].about}", "quiet"))
            end = f"{figure.trust:>6.0%}  {name:<{NAME}}"
        room = width - sum(cell_len(text) for text, _ in line)
        yield [*line, (f"{end:>{room}}", "quiet")] if room > len(end) else line
    if passport.layouts:
        yield [(f"{'channels':<{LABEL}}", "label"), (", ".join(passport.layouts), "text")]
