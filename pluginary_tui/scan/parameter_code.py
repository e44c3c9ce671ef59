"""One line of Python for one parameter, valid for the object that pedalboard makes of the plugin."""

from __future__ import annotations

import math

from pluginary_tui.model import Parameter, Plugin, clean
from pluginary_tui.plugin_text import own_range
from pluginary_tui.scan.snippet import expression

_ON = frozenset({"on", "yes", "true", "enabled"})
"""Texts that pedalboard takes as True where a parameter has two values."""

_SUFFIXES = ("dbtp", "seconds", "sec", "hz", "ms", "db", "x", "%", "*", ",", ".")
"""Ends of a text that pedalboard passes over where the rest is a number."""


def assignment(plugin: Plugin, name: str, parameter: Parameter, choice: int | None = None) -> str:
    """A line that sets `parameter`, which pedalboard calls `name`, with its range as a comment.

    It is set to the value that a new instance starts with, or to the one at the place `choice` of its list. pedalboard
    takes a number, a truth value or the very text of a choice, depending on the texts that a plugin gives for 1001
    places of a parameter; where the catalogue cannot tell which, the line sets the place itself, from 0 to 1.
    One that is read only is read, not set; empty where nothing is known to set.
    """
    if parameter.read_only:
        return f"print({expression(name)})"
    text = parameter.choices[choice] if choice is not None else parameter.initial or parameter.default
    raw = _place(parameter, choice)
    note = clean(own_range(parameter), 200)
    if plugin.format == "builtin":
        value = _builtin_value(name, parameter, text)
    else:
        value = _value(parameter, text, raw)
        if not value and raw is not None:
            comment = clean(f"{text}, of {note}" if note else text, 200)
            return _commented(f'plugin.parameters["{name}"].raw_value = {raw:.6g}', comment)
    if not value:
        return ""
    place = expression(name)
    plain = place if place.startswith("plugin.") and "[" not in place else ""
    return _commented(f"{plain} = {value}" if plain else f'setattr(plugin, "{name}", {value})', note)


def _commented(line: str, note: str) -> str:
    return f"{line}  # {note}" if note else line


def _place(parameter: Parameter, choice: int | None) -> float | None:
    """Where a value lies, 0 to 1; None where that is not known."""
    if choice is not None:
        return choice / max(1, len(parameter.choices) - 1)
    return parameter.initial_raw if parameter.initial_raw is not None else parameter.default_raw


def _value(parameter: Parameter, text: str, raw: float | None) -> str:
    """The value as Python writes it; empty where it cannot be known which form pedalboard takes."""
    texts = [text, parameter.minimum, parameter.maximum, *parameter.choices]
    numbers = [found for each in texts if (found := number(each)) is not None and math.isfinite(found)]
    if len(numbers) == len(texts):
        value, *ends = numbers
        return f"{value:.10g}" if min(ends) <= value <= max(ends) else ""
    words = (parameter.minimum, parameter.maximum) if parameter.steps == 2 else parameter.choices
    if len(set(words)) != parameter.steps or len(words) < 2:
        return ""
    if len(words) == 2 and _ON & {word.casefold() for word in words}:
        return "" if raw is None else str(raw >= 0.5)
    # A number among words is kept without zeros at its end, so that it need not be the plugin's own text.
    return repr(text) if text in words and not any(map(_is_number, words)) else ""


def _is_number(text: str) -> bool:
    return number(text) is not None


def _builtin_value(name: str, parameter: Parameter, text: str) -> str:
    if parameter.kind == "switch":
        return text if text in ("True", "False") else ""
    if parameter.choices:
        return f"type(plugin.{name}).{text}" if text in parameter.choices else ""
    value = number(text)
    return "" if value is None else f"{value:.10g}"


def number(text: str) -> float | None:
    """The number that pedalboard sees in the text of a value; None where it sees none.

    >>> number("-3.5 dB"), number("2 kHz"), number("Hall")
    (-3.5, 2000.0, None)
    """
    text = text.strip().lower()
    scale = 1.0
    if text.endswith("khz"):
        text, scale = text[:-3], 1000.0
    else:
        while text.endswith(_SUFFIXES):
            end = next(each for each in _SUFFIXES if text.endswith(each))
            text = text.removesuffix(end).strip()
    try:
        return float(text) * scale
    except ValueError:
        return None
