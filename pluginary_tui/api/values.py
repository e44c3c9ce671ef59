"""Setting parameters of a loaded plugin by the names and texts that the catalogue shows.

Works on the parameters that pedalboard's objects hold natively: asking the objects themselves for their parameters
makes pedalboard read each at 1001 places, which takes a minute with some plugins.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Protocol

from pluginary_tui.errors import PluginaryError
from pluginary_tui.formatting import SWITCH_WORDS, plain_number
from pluginary_tui.model import Parameter, clean
from pluginary_tui.scan.snippet import attribute

Value = float | int | bool | str

MOST_STEPS = 4_096
"""Steps of a parameter whose texts are all compared; one with more is treated as continuous."""

CHOICES_NAMED = 12
"""Choices that an error names."""

_NUMBER = re.compile(r"([-+]?(?:\d+(?:[.,]\d+)?|[.,]\d+|inf\b|∞)(?:e[-+]?\d+)?)\s*([^\W\d_]*)", re.IGNORECASE)
_FACTORS = {"k": 1000.0, "khz": 1000.0, "s": 1000.0, "sec": 1000.0, "second": 1000.0, "seconds": 1000.0}
"""Of units that mean a multiple of another one: Hz and ms."""


class ParameterError(PluginaryError, ValueError):
    """A plugin has no parameter of this name, or it does not take this value."""


class NativeParameter(Protocol):
    """A parameter as pedalboard's native part has it; values are normalized, 0 to 1."""

    name: str
    label: str
    num_steps: int
    raw_value: float

    def get_text_for_raw_value(self, value: float, /) -> str: ...


def set_values(plugin: str, parameters: Sequence[NativeParameter], values: Mapping[str, Value]) -> None:
    """Set each of `values` on the parameter that its key names: pedalboard's attribute, or the name as shown.

    A value is a number in the parameter's own unit, one of its texts, or a truth value for a switch. Raises
    ParameterError before anything has been set.
    """
    named = [(_named(plugin, parameters, name), value) for name, value in values.items()]
    put([(parameter, raw_of(parameter, value)) for parameter, value in named])


def put(positions: Sequence[tuple[NativeParameter, float]]) -> None:
    """Set parameters to normalized positions; those that another one of them changed again (a program) once more."""
    for parameter, position in positions:
        parameter.raw_value = position
    for parameter, position in positions:
        if abs(parameter.raw_value - position) > 1e-6:
            parameter.raw_value = position


def _named(plugin: str, parameters: Sequence[NativeParameter], name: str) -> NativeParameter:
    by_name: dict[str, NativeParameter] = {}
    for key in (_exact, _attribute, _words):
        for parameter in parameters:
            by_name.setdefault(key(parameter), parameter)
    found = by_name.get(name) or by_name.get(_plain(name))
    if found is None:
        from difflib import get_close_matches

        offered = {_attribute(parameter): None for parameter in parameters}
        near = get_close_matches(_plain(name), offered, 1)
        hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(list(offered)[:CHOICES_NAMED])}."
        raise ParameterError(f"{plugin} has no parameter {clean(name)}; {hint}")
    return found


def _exact(parameter: NativeParameter) -> str:
    return parameter.name


def _attribute(parameter: NativeParameter) -> str:
    return attribute(Parameter(parameter.name, parameter.label))


def _words(parameter: NativeParameter) -> str:
    return attribute(Parameter(parameter.name))


def _plain(name: str) -> str:
    return attribute(Parameter(name))


def raw_of(parameter: NativeParameter, value: Value) -> float:
    """The normalized position (0 to 1) at which the parameter shows this value. Raises ParameterError."""
    steps = parameter.num_steps
    if isinstance(value, bool):
        if steps == 2:
            return float(value)
        raise ParameterError(f"{clean(parameter.name)} is no switch, so it cannot be {value}.")
    text = str(value)
    if 2 <= steps <= MOST_STEPS:
        return _step(parameter, text)
    ends = [parameter.get_text_for_raw_value(end) for end in (0.0, 1.0)]
    for end, shown in enumerate(ends):
        if same(shown, text):
            return float(end)
    unit = parameter.label.strip() or _unit(ends[0]) or _unit(ends[1])
    wanted = number(text, unit)
    if wanted is not None:
        return _position(parameter, wanted, unit)
    for at in range(1001):
        if same(parameter.get_text_for_raw_value(at / 1000), text):
            return at / 1000
    raise ParameterError(f"{clean(parameter.name)} is {_range(parameter)}, not {in_error(text)}.")


def _step(parameter: NativeParameter, value: str) -> float:
    """The position of the step whose text is this value, or comes nearest to this number."""
    last = parameter.num_steps - 1
    texts = [parameter.get_text_for_raw_value(at / last) for at in range(last + 1)]
    for at, text in enumerate(texts):
        if same(text, value):
            return at / last
    unit = parameter.label.strip() or _unit(texts[0]) or _unit(texts[-1])
    wanted = number(value, unit)
    if wanted is not None:
        numbers = {at: found for at, text in enumerate(texts) if (found := number(text, unit)) is not None}
        if numbers and min(numbers.values()) <= wanted <= max(numbers.values()):
            return min(numbers, key=lambda at: abs(numbers[at] - wanted)) / last
        if last == 1 and wanted in (0, 1):
            return wanted
    if last == 1 and (word := value.strip().casefold()) in SWITCH_WORDS:
        return float(SWITCH_WORDS[word])
    shown = [clean(plain_number(text)) for text in texts]
    more = f" and {len(shown) - CHOICES_NAMED} more" if len(shown) > CHOICES_NAMED else ""
    raise ParameterError(
        f"{clean(parameter.name)} is one of {', '.join(shown[:CHOICES_NAMED])}{more}; not {in_error(value)}."
    )


def _position(parameter: NativeParameter, wanted: float, unit: str) -> float:
    """The position at which a continuous parameter shows this number, by halving the way between its ends."""

    def shown(at: float) -> float:
        found = number(parameter.get_text_for_raw_value(at), unit)
        return math.nan if found is None else found

    left, right = 0.0, 1.0
    if math.isnan(shown(left)):  # a word, such as "off", stands for the end
        left = 1e-4
    if math.isnan(shown(right)):
        right = 1 - 1e-4
    low, high = shown(left), shown(right)
    slack = 1e-6 * max([1.0, *(abs(each) for each in (low, high) if math.isfinite(each))])  # texts are rounded
    if not min(low, high) - slack <= wanted <= max(low, high) + slack:
        raise ParameterError(f"{clean(parameter.name)} is {_range(parameter)}; {wanted:g} is outside.")
    rises = high >= low
    for _ in range(40):
        middle = (left + right) / 2
        value = shown(middle)
        if value == wanted:
            return middle
        if (value < wanted) == rises:
            left = middle
        else:
            right = middle
    return min((left, right), key=lambda at: (math.isnan(shown(at)), abs(shown(at) - wanted)))


def _range(parameter: NativeParameter) -> str:
    low, high = (clean(plain_number(parameter.get_text_for_raw_value(end))) for end in (0.0, 1.0))
    return f"{low} to {high} {clean(parameter.label)}".rstrip()


def in_error(value: object) -> str:
    """A value that is refused, for an error."""
    return clean(value) or "an empty text"


def same(shown: str, given: str) -> bool:
    """Whether a text of a plugin and one that was given are alike but for case, blanks and zeros at the end."""
    return plain_number(shown).casefold() == plain_number(given).casefold()


def number(text: str, unit: str = "") -> float | None:
    """The number that a text begins with, in Hz or ms where its unit (or else `unit`) is kHz or s; None for no number.

    >>> number("1.2 kHz"), number("300", "ms"), number("0.3 s"), number("-inf dB"), number("Hall")
    (1200.0, 300.0, 300.0, -inf, None)
    """
    match = _NUMBER.match(text.strip().replace("\N{MINUS SIGN}", "-"))
    if match is None:
        return None
    found = float(match[1].replace(",", ".").replace("∞", "inf"))
    return found * _FACTORS.get((match[2] or unit).casefold(), 1.0)


def _unit(text: str) -> str:
    match = _NUMBER.match(text.strip())
    return match[2] if match else ""
