"""A passport in words, for people without a screen full of pictures."""

from __future__ import annotations

from collections.abc import Iterator

from pluginary_tui.sound.metrics import METRICS, VERDICTS
from pluginary_tui.sound.passport import Figure, Passport

_TRUST = ((0.8, ""), (0.5, "about"), (0.0, "perhaps"))


def trust_word(trust: float) -> str:
    """A word to put before what cannot be trusted fully; empty where it can."""
    return next(word for least, word in _TRUST if trust >= least)


def number(name: str, figure: Figure) -> str:
    """A figure with its unit, and a word before it where it cannot be trusted fully."""
    kind = METRICS[name]
    unit = kind.unit if kind.unit.startswith(":") else f" {kind.unit}"
    note = f" ({figure.note})" if figure.note else ""
    return f"{trust_word(figure.trust)} {round(figure.value, kind.places) + 0.0:,.{kind.places}f}{unit}".strip() + note


def lines(passport: Passport) -> Iterator[tuple[str, str]]:
    """Name and value of everything a passport says, the verdicts first."""
    for verdict in passport.verdicts:
        yield verdict.name, f"{VERDICTS[verdict.name]}: {verdict.evidence}"
    if passport.behaves:
        yield "behaves like", f"{passport.behaves}: {passport.because}"
    if passport.layouts:
        yield "layouts", ", ".join(passport.layouts)
    figures = passport.figures
    for name, kind in METRICS.items():
        if name in figures:
            yield name, f"{number(name, figures[name])}  {kind.about}"
