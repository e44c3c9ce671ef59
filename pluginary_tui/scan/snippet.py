"""The Python that loads a plugin with pedalboard, ready to paste."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from keyword import iskeyword

from pluginary_tui.formats import CHECKED, HOSTS, LABELS, LOADABLE
from pluginary_tui.model import HOST, Parameter, Plugin, clean
from pluginary_tui.plugin_text import own_range, values_line
from pluginary_tui.scan.file_access import named_like_its_binary

PARAMETERS_SHOWN = 12

SLOW_PARAMETERS = 500
"""Parameters from which on pedalboard takes seconds to load a plugin; 2,000 take about ten."""

CHOICES_SHOWN = 12
"""Values of a list of words that are named one by one in a comment."""

_TAKEN = frozenset(
    (
        *("category", "descriptive_name", "has_shared_container", "identifier", "installed_plugins", "is_effect"),
        *("is_instrument", "get_plugin_names_for_file", "load_preset", "manufacturer_name", "name", "parameters"),
        *("preset_data", "process", "raw_state", "reported_latency_samples", "reset", "show_editor", "version"),
    )
)
"""Attributes of pedalboard's plugins that are no parameters: reading `plugin.process` gives the method."""


def snippet(plugin: Plugin, parameters: Sequence[Parameter] = (), attributes: Collection[str] = ()) -> str:
    """Code that loads `plugin`, with its first parameters as comments under the names that pedalboard gives them.

    `attributes`: the names that pedalboard is known to give; where they are not known (empty), they follow from the
    parameters' own names. Of a plugin that pedalboard does not load a comment that says so, and why.
    """
    if plugin.format not in LOADABLE:
        return f"# {clean(plugin.name)}: {not_for_pedalboard(plugin)}\n"
    if plugin.loads is False:
        from pluginary_tui.scan.diagnosis import diagnose_load  # load checks use this module without it

        return f"# {clean(plugin.name)}: {diagnose_load(plugin.load_error).why}\n"
    if plugin.format == "builtin":
        arguments = '"impulse.wav"' if plugin.name == "Convolution" else ""
        note = "  # the path of an impulse response of yours" if arguments else ""
        lines = [f"from pedalboard import {plugin.name}", "", f"plugin = {plugin.name}({arguments}){note}"]
    else:
        which = f", plugin_name={plugin.name_in_file!r}" if plugin.name_in_file else ""
        lines = [
            "from pedalboard import load_plugin",
            "",
            f"plugin = load_plugin({named_like_its_binary(plugin.path)!r}{which})",
        ]
        if len(parameters) >= SLOW_PARAMETERS:
            count = f"{len(parameters):,}"
            lines.append(f"# Loading it takes seconds: pedalboard reads each of its {count} parameters at 1001 places.")
    offered = list(named_parameters(plugin, parameters, attributes).items())
    for name, parameter in offered[:PARAMETERS_SHOWN]:
        notes = clean(", ".join(filter(None, (_values(parameter), _beginning(parameter)))), 1000)
        lines.append(clean(f"# {expression(name)}", 1000) + (f"  {notes}" if notes else ""))
    if len(offered) > PARAMETERS_SHOWN:
        lines.append(f"# ... and {len(offered) - PARAMETERS_SHOWN} more: print(plugin.parameters)")
    return "\n".join(lines) + "\n"


def preset_line(path: str, loads: bool | None) -> str:
    """The line that loads a preset file into `plugin`; `loads` is what came of trying that."""
    return f"plugin.load_preset({path!r}){'  # it refused this file when that was tried' if loads is False else ''}\n"


def named_parameters(
    plugin: Plugin, parameters: Sequence[Parameter], attributes: Collection[str] = ()
) -> dict[str, Parameter]:
    """The parameters that pedalboard offers, by its names for them; of several with one name the first.

    `attributes` as for `snippet`.
    """
    named: dict[str, Parameter] = {}
    for parameter in parameters:
        name = _builtin_attribute(parameter) if plugin.format == "builtin" else attribute(parameter)
        if name and parameter.kind != HOST and (not attributes or name in attributes):
            named.setdefault(name, parameter)
    return named


def _values(parameter: Parameter) -> str:
    """What a parameter can be set to: all values of a short list of words, otherwise a range."""
    words = values_line(parameter)
    return words if words and len(parameter.choices) <= CHOICES_SHOWN else own_range(parameter)


def _beginning(parameter: Parameter) -> str:
    """The value that a parameter starts with; a meter shows what the plugin does meanwhile, and starts with nothing."""
    if parameter.read_only:
        return "read only"
    start = parameter.initial or parameter.default
    return f"starts at {start}" if start else ""


def not_for_pedalboard(plugin: Plugin) -> str:
    """One sentence: which formats pedalboard loads, and what can host this one; empty for what pedalboard can load."""
    if plugin.format in LOADABLE:
        return ""
    label = LABELS.get(plugin.format, plugin.format)
    loads = " and ".join(LABELS[name] for name in CHECKED)
    return f"pedalboard loads {loads} only; a host for {label} is {HOSTS.get(plugin.format, 'a DAW')}."


def expression(attribute_: str) -> str:
    """How Python reaches a parameter of `plugin` by pedalboard's name for it, which need not be an identifier.

    >>> expression("mix"), expression("3_band_gain"), expression("reset")
    ('plugin.mix', 'plugin.parameters["3_band_gain"]', 'plugin.parameters["reset"]')
    """
    return f"plugin.{attribute_}" if _plain(attribute_) else f'plugin.parameters["{attribute_}"]'


def _plain(attribute_: str) -> bool:
    return attribute_.isidentifier() and not iskeyword(attribute_) and attribute_ not in _TAKEN


def _builtin_attribute(parameter: Parameter) -> str:
    """The property of one of pedalboard's own effects, whose names end in the unit written out."""
    return attribute(replace(parameter, unit="seconds") if parameter.unit == "s" else parameter)


def attribute(parameter: Parameter) -> str:
    """The attribute under which pedalboard offers a parameter: its words and its unit joined by underscores.

    Empty where pedalboard offers none. It need not be an identifier.

    >>> attribute(Parameter("Master level", "dB"))
    'master_level_db'
    """
    text = f"{parameter.name} {'' if parameter.unit.startswith(':') else parameter.unit}".strip().lower()
    for sign, word in (("#", "_sharp"), ("♯", "_sharp"), ("♭", "_flat")):
        text = text.replace(sign, word)
    return re.sub(r"[^0-9a-z]+", "_", text).strip("_")
