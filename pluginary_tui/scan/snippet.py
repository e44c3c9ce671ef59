"""The Python that loads a plugin with pedalboard, ready to paste."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pluginary_tui.model import Parameter, Plugin

PARAMETERS_SHOWN = 12


def snippet(plugin: Plugin, parameters: Sequence[Parameter] = ()) -> str:
    """Code that loads `plugin`, with its first parameters as comments under the names that pedalboard gives them."""
    if plugin.format == "builtin":
        arguments = '"impulse.wav"' if plugin.name == "Convolution" else ""
        lines = [f"from pedalboard import {plugin.name}", "", f"plugin = {plugin.name}({arguments})"]
    else:
        which = f", plugin_name={plugin.name_in_file!r}" if plugin.name_in_file else ""
        lines = ["from pedalboard import load_plugin", "", f"plugin = load_plugin({plugin.path!r}{which})"]
    own = [p for p in parameters if p.kind != "host"]
    for parameter in own[:PARAMETERS_SHOWN]:
        ends = f"{parameter.minimum} to {parameter.maximum}" if parameter.minimum or parameter.maximum else ""
        default = f"default {parameter.default}" if parameter.default else ""
        notes = ", ".join(part for part in (f"{ends} {parameter.unit}".strip(), default) if part)
        lines.append(f"# plugin.{attribute(parameter)}{'  ' + notes if notes else ''}")
    if len(own) > PARAMETERS_SHOWN:
        lines.append(f"# ... and {len(own) - PARAMETERS_SHOWN} more: print(plugin.parameters)")
    return "\n".join(lines) + "\n"


def attribute(parameter: Parameter) -> str:
    """The attribute under which pedalboard offers a parameter: its words and its unit joined by underscores.

    >>> attribute(Parameter("Master level", "dB"))
    'master_level_db'
    """
    text = f"{parameter.name} {'' if parameter.unit.startswith(':') else parameter.unit}".strip().lower()
    for sign, word in (("#", "_sharp"), ("♯", "_sharp"), ("♭", "_flat")):
        text = text.replace(sign, word)
    return re.sub(r"[^0-9a-z]+", "_", text).strip("_")
