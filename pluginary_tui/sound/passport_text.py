"""A passport as lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pluginary_tui.sound.description import knob_text
from pluginary_tui.sound.metrics import BEHAVIOUR_LABELS, METRICS, VERDICT_LABELS, VERDICTS
from pluginary_tui.sound.passport import Figure, Passport

MOST_SHOWN = 8
"""Most parameters whose effect is listed."""

LABEL_WIDTH = 21
"""Cells of the names of `lines`."""

_TRUST = ((0.8, ""), (0.5, "about"), (0.0, "perhaps"))


def trust_word(trust: float) -> str:
    """The word that qualifies a figure of this trust (0 to 1): empty, "about" or "perhaps"."""
    return next(word for least, word in _TRUST if trust >= least)


def number(name: str, figure: Figure) -> str:
    """A figure with its unit, note, and `trust_word` before it."""
    metric = METRICS[name]
    unit = metric.unit if metric.unit.startswith(":") else f" {metric.unit}"
    note = f" ({figure.note})" if figure.note else ""
    least = 10.0**-metric.places
    if metric.unit == "%" and 0 < figure.value < least / 2:
        return f"{trust_word(figure.trust)} under {least:.{metric.places}f}{unit}".strip() + note
    shown = f"{round(figure.value, metric.places) + 0.0:,.{metric.places}f}"
    return f"{trust_word(figure.trust)} {shown}{unit}".strip() + note


def words_by_reason(sounds: Mapping[str, str]) -> dict[str, list[str]]:
    """The words for a sound that rest on the same figures together, so that these are written once.

    >>> words_by_reason({"warm": "lows +14 dB", "clean": "no harmonics", "full": "lows +14 dB"})
    {'lows +14 dB': ['warm', 'full'], 'no harmonics': ['clean']}
    """
    found: dict[str, list[str]] = {}
    for word, reason in sounds.items():
        found.setdefault(reason, []).append(word)
    return found


def knob_lines(passport: Passport) -> list[tuple[str, str]]:
    """The main parameters that change the sound, with what each does to it."""
    return [(knob.name, text) for knob in passport.knobs[:MOST_SHOWN] if (text := knob_text(knob))]


def lines(passport: Passport) -> Iterator[tuple[str, str]]:
    """Name and value of every entry of a passport, the verdicts first; in brackets what it is called in queries."""
    for verdict in passport.verdicts:
        meaning = f"{VERDICTS[verdict.name]}: {verdict.evidence}"
        yield VERDICT_LABELS[verdict.name], f"{meaning} (is:{verdict.name})"
    if passport.behaves:
        yield "behaves like", f"{BEHAVIOUR_LABELS[passport.behaves]}: {passport.because}"
    if passport.sounds:
        by_reason = words_by_reason(passport.sounds).items()
        yield "sounds", "; ".join(f"{', '.join(words)} ({reason})" for reason, words in by_reason)
    yield from knob_lines(passport)
    if passport.layouts:
        yield "layouts", ", ".join(passport.layouts)
    figures = passport.figures
    for name, metric in METRICS.items():
        if name in figures:
            in_queries = f" ({name})" if metric.label != name else ""
            yield metric.label, f"{number(name, figures[name])}  {metric.about}{in_queries}"
