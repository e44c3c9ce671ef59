"""What can be done with one parameter: copy the Python that sets it, to any of its values."""

from __future__ import annotations

from string import ascii_lowercase

from pluginary_tui.formatting import with_unit
from pluginary_tui.model import Parameter, can_load
from pluginary_tui.plugin_text import declared_default, own_range, start_value
from pluginary_tui.scan.parameter_code import assignment
from pluginary_tui.scan.snippet import expression, named_parameters
from pluginary_tui.tui.browse.plugin_details import PluginDetails
from pluginary_tui.tui.dialogs.menu import Choice, Menu
from pluginary_tui.tui.widgets.text_view import TextView

_KEYS = [*"123456789", *(letter for letter in ascii_lowercase if letter not in "nyjk")]
"""Keys of the values of a list; those behind have none. j and k move, n and y are taken."""


def name_of(facts: PluginDetails, parameter: Parameter) -> str:
    """What pedalboard calls a parameter; empty where it does not offer it."""
    named = named_parameters(facts.plugin, facts.parameters, facts.attributes)
    return next((name for name, each in named.items() if each is parameter), "")


def why_not(facts: PluginDetails, parameter: Parameter) -> str:
    """Why there is no line of Python for it; empty where there is one."""
    if not can_load(facts.plugin):
        return f"pedalboard cannot load {facts.plugin.name}"
    name = name_of(facts, parameter)
    if not name:
        return f"pedalboard does not offer {parameter.name}"
    return "" if assignment(facts.plugin, name, parameter) else f"no value of {parameter.name} is known"


def copy_line(view: TextView, facts: PluginDetails, parameter: Parameter, choice: int | None = None) -> None:
    """Copy the line that sets the parameter to the value it starts with, or to one of its list."""
    if why := why_not(facts, parameter):
        view.notify(f"There is no line to copy: {why}.", severity="warning")
        return
    _copy(view, facts, assignment(facts.plugin, name_of(facts, parameter), parameter, choice))


def _copy(view: TextView, facts: PluginDetails, text: str) -> None:
    view.app.copy_to_clipboard(text)
    view.session.store.used(facts.plugin.id)
    view.notify(f"Copied {text}")


def about(parameter: Parameter) -> str:
    """All that is known of one parameter, in a line."""
    start, declared = start_value(parameter), declared_default(parameter)
    parts = [
        parameter.group,
        own_range(parameter),
        f"starts at {with_unit(start, parameter.unit)}" if start else "",
        f"declares {with_unit(declared, parameter.unit)}" if declared else "",
        f"{parameter.steps:,} values" if parameter.steps > 2 else "",
        "read only" if parameter.read_only else "" if parameter.automatable else "not automatable",
    ]
    return ", ".join(filter(None, parts))


def ask(view: TextView, facts: PluginDetails, parameter: Parameter) -> None:
    """Show all that there is to know of a parameter, and copy what is chosen."""
    why, name = why_not(facts, parameter), name_of(facts, parameter)
    line = "" if why else assignment(facts.plugin, name, parameter)
    choices = [
        Choice("y", "Copy the line", "line", line, why),
        Choice("n", "Copy its name", "name", expression(name) if name else parameter.name),
    ]
    start = start_value(parameter)
    for at, text in enumerate(parameter.choices):
        key = _KEYS[at] if at < len(_KEYS) else ""
        note = "starts with this" if text == start else ""
        choices.append(Choice(key, text or "(no text)", str(at), note, why))

    def done(what: str | None) -> None:
        if what == "name":
            _copy(view, facts, expression(name) if name else parameter.name)
        elif what is not None:
            copy_line(view, facts, parameter, None if what == "line" else int(what))

    title = ": ".join(filter(None, (parameter.name, about(parameter))))
    view.services.ask(Menu(title, choices, view.session.glyphs.ellipsis, broad=True), done)
