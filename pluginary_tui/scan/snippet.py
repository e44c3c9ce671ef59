"""The Python that loads a plugin with pedalboard, ready to paste."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from keyword import iskeyword

from pluginary_tui.model import HOST, Parameter, Plugin, clean
from pluginary_tui.scan.file_access import named_like_its_binary

PARAMETERS_SHOWN = 12

_OWN_NAMES = frozenset(
    {
        *("category", "descriptive_name", "get_plugin_names_for_file", "has_shared_container", "identifier"),
        *("installed_plugins", "is_effect", "is_instrument", "load_preset", "manufacturer_name", "name", "parameters"),
        *("preset_data", "process", "raw_state", "reported_latency_samples", "reset", "show_editor", "version"),
    }
)
"""Attributes of pedalboard's own plugin objects (its class VST3Plugin), which hide parameters of these names."""


def snippet(plugin: Plugin, parameters: Sequence[Parameter] = (), attributes: Collection[str] = ()) -> str:
    """Code that loads `plugin`, with its first parameters as comments under the names that pedalboard gives them.

    `attributes`: the names that pedalboard is known to give; where they are not known (empty), they follow from the
    parameters' own names. Of a plugin that pedalboard does not load a comment that says so, and why.
    """
    if plugin.loads is False:
        from pluginary_tui.scan.diagnosis import diagnose_load  # load checks use this module without it

        return f"# {clean(plugin.name)}: {diagnose_load(plugin.load_error).why}\n"
    if plugin.format == "builtin":
        arguments = '"impulse.wav"' if plugin.name == "Convolution" else ""
        lines = [f"from pedalboard import {plugin.name}", "", f"plugin = {plugin.name}({arguments})"]
    else:
        which = f", plugin_name={plugin.name_in_file!r}" if plugin.name_in_file else ""
        lines = [
            "from pedalboard import load_plugin",
            "",
            f"plugin = load_plugin({named_like_its_binary(plugin.path)!r}{which})",
        ]
    named: dict[str, Parameter] = {}
    for parameter in parameters:
        if parameter.kind != HOST:
            named.setdefault(attribute(parameter), parameter)
    offered = [(name, p) for name, p in named.items() if name and (not attributes or name in attributes)]
    for name, parameter in offered[:PARAMETERS_SHOWN]:
        ends = f"{parameter.minimum} to {parameter.maximum}" if parameter.minimum or parameter.maximum else ""
        start = parameter.initial or parameter.default
        notes = ", ".join(
            part for part in (f"{ends} {parameter.unit}".strip(), f"default {start}" if start else "") if part
        )
        lines.append(clean(f"# {expression(name)}", 1000) + (f"  {clean(notes, 1000)}" if notes else ""))
    if len(offered) > PARAMETERS_SHOWN:
        lines.append(f"# ... and {len(offered) - PARAMETERS_SHOWN} more: print(plugin.parameters)")
    return "\n".join(lines) + "\n"


def expression(attribute_: str) -> str:
    """How Python reaches a parameter of `plugin` by pedalboard's name for it, which need not be an identifier.

    >>> expression("mix"), expression("3_band_gain"), expression("reset")
    ('plugin.mix', 'plugin.parameters["3_band_gain"]', 'plugin.parameters["reset"]')
    """
    plain = attribute_.isidentifier() and not iskeyword(attribute_) and attribute_ not in _OWN_NAMES
    return f"plugin.{attribute_}" if plain else f'plugin.parameters["{attribute_}"]'


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
