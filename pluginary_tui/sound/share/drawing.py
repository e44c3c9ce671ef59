"""A passport as one picture in SVG: verdicts, curves and figures."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from pluginary_tui.sound.passport import DEFAULT, Curve, Passport
from pluginary_tui.sound.scales import SCALES, Scale, across, y_range
from pluginary_tui.sound.share.facts import Shared, escaped

WIDTH = 960
PLOT = (440, 190)
"""Width and height of a plot, without its title and numbers."""

_LINE = 18
_LEFT = 24
_INK, _QUIET, _GRID, _CURVE, _OTHER, _BAD = "#1b1f24", "#5b6470", "#d5dae0", "#0b62c4", "#9db7d6", "#b3261e"
_FONT = "font-family='DejaVu Sans, Verdana, Helvetica, sans-serif'"

_TITLES = {"response": "Response, dB over Hz", "gain": "Gain, dBFS out over dBFS in", "decay": "Decay, dB over seconds"}


def picture(shared: Shared) -> str:
    """The whole picture, a document in SVG."""
    parts: list[str] = []
    y = 40.0
    parts.append(_text(_LEFT, y, shared.name, 24, _INK, bold=True))
    y += 24
    parts.append(_text(_LEFT, y, shared.subtitle, 14, _QUIET))
    y += 8
    for line in wrapped(shared.behaves, 112):
        y += _LINE
        parts.append(_text(_LEFT, y, line, 13, _INK))
    for label, meaning, fault in shared.verdicts():
        y += 4
        for at, line in enumerate(wrapped(f"{label}: {meaning}", 112)):
            y += _LINE
            parts.append(_text(_LEFT + 14 * bool(at), y, line, 13, _BAD if fault else _INK))
    y += 16
    drawn = [plot(shared.passport, kind) for kind in SCALES]
    drawn = [each for each in drawn if each]
    for at, inner in enumerate(drawn):
        parts.append(f"<g transform='translate({_LEFT + (at % 2) * (WIDTH // 2 - 8)} {y:.0f})'>{inner}</g>")
        if at % 2 or at + 1 == len(drawn):
            y += PLOT[1] + 62
    figures = list(shared.figures(notes=False))
    half = (len(figures) + 1) // 2
    for at, (label, value, _, _) in enumerate(figures):
        x, row = _LEFT + (at // half) * (WIDTH // 2 - 8), at % half
        parts.append(_text(x, y + row * _LINE, label, 12, _QUIET))
        parts.append(_text(x + 170, y + row * _LINE, value, 12, _INK))
    y += half * _LINE + 12
    for line in wrapped(shared.footer(), 140):
        parts.append(_text(_LEFT, y, line, 10, _QUIET))
        y += 14
    height = int(y + 10)
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{WIDTH}' height='{height}' viewBox='0 0 {WIDTH} {height}'"
        f" {_FONT}><title>{escaped(shared.name)}</title><rect width='100%' height='100%' fill='#ffffff'/>"
        f"{''.join(parts)}</svg>\n"
    )


def plot(passport: Passport, kind: str) -> str:
    """The curves of one kind in all settings as the inside of an SVG group; empty where there are none."""
    curves = [(each.label == DEFAULT, each.curves[kind]) for each in passport.settings if kind in each.curves]
    if not any(own for own, _ in curves):
        return ""
    curves.sort(key=lambda each: each[0])  # the plugin as it is when loaded lies on top
    scale, (width, height) = SCALES[kind], PLOT
    low, high = y_range(scale, [curve for _, curve in curves])
    left, right, ticks = across(scale, [curve for _, curve in curves])

    def place(x: float, y: float) -> tuple[float, float]:
        x = math.log10(max(x, 1e-3)) if scale.logarithmic else x
        part = min(max((x - left) / (right - left), 0.0), 1.0)
        return 40 + part * (width - 40), 24 + (high - min(max(y, low), high)) / (high - low) * height

    parts = [_text(0, 12, _TITLES[kind], 13, _INK, bold=True)]
    step = max(6, math.ceil((high - low) / 36) * 6)
    for y in range(math.ceil(low / step) * step, high + 1, step):
        at = place(scale.x[0], y)[1]
        parts.append(_rule(40, at, width, at))
        parts.append(_text(34, at + 4, str(y), 10, _QUIET, anchor="end"))
    for value, label in ticks:
        at = place(value, low)[0]
        parts.append(_rule(at, 24, at, 24 + height))
        parts.append(_text(at, 24 + height + 14, label, 10, _QUIET, anchor="middle"))
    for own, curve in curves:
        parts.append(_line(curve, scale, place, own))
    return "".join(parts)


def _line(curve: Curve, scale: Scale, place: object, own: bool) -> str:
    assert callable(place)
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(a, b) for a, b in zip(curve.x, curve.y, strict=True)))
    colour, width, dashes = (_CURVE, 2.2, "") if own else (_OTHER, 1.2, " stroke-dasharray='4 3'")
    return f"<polyline fill='none' stroke='{colour}' stroke-width='{width}'{dashes} points='{points}'/>"


def _rule(x: float, y: float, x2: float, y2: float) -> str:
    return f"<line x1='{x:.1f}' y1='{y:.1f}' x2='{x2:.1f}' y2='{y2:.1f}' stroke='{_GRID}'/>"


def _text(x: float, y: float, text: str, size: int, fill: str, *, bold: bool = False, anchor: str = "start") -> str:
    weight = " font-weight='bold'" if bold else ""
    end = "" if anchor == "start" else f" text-anchor='{anchor}'"
    return f"<text x='{x:.1f}' y='{y:.1f}' font-size='{size}' fill='{fill}'{weight}{end}>{escaped(text)}</text>"


def wrapped(text: str, width: int) -> Iterator[str]:
    """The text in lines of at most so many letters, broken at spaces where there are some."""
    line = ""
    for word in text.split():
        while len(word) > width:
            if line:
                yield line
                line = ""
            yield word[:width]
            word = word[width:]
        if line and len(line) + 1 + len(word) > width:
            yield line
            line = ""
        line = f"{line} {word}".strip()
    if line:
        yield line


def plots(passport: Passport) -> Sequence[str]:
    """Each plot as a document of its own, for a page."""
    width, height = PLOT[0] + 10, PLOT[1] + 50
    found = []
    for kind in SCALES:
        if inner := plot(passport, kind):
            found.append(
                f"<svg xmlns='http://www.w3.org/2000/svg' width='{width}' height='{height}' role='img'"
                f" aria-label='{escaped(_TITLES[kind])}' {_FONT}>{inner}</svg>"
            )
    return found
