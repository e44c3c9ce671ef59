"""Loading a plugin with pedalboard, quickly. Runs only in a process of its own."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from pluginary_tui.scan.file_access import named_like_its_binary

INITIALIZATION_TIMEOUT_S = 0.05
"""How long pedalboard waits for an instrument's first sound; a silent one costs the whole of it on every load."""

SWEEP = "__set_initial_parameter_values__"
"""The method that pedalboard's constructor calls for a plugin's initial values."""


@functools.cache
def prepare() -> None:
    """Import pedalboard's native part and switch its parameter sweep off.

    The sweep reads each parameter at 1001 places and may write the plugin's state as often; `import pedalboard` alone
    takes longer than loading most plugins. Starts no thread.
    """
    import pedalboard_native

    setattr(pedalboard_native.ExternalPlugin, SWEEP, _leave_alone)


def _leave_alone(plugin: Any, values: Any) -> None:
    """Replaces pedalboard's own way to a plugin's initial values."""


def load(path: str, format_: str, name: str | None) -> Any:
    """Return pedalboard's object for the plugin `name` of a bundle, or for its only one. Raises as pedalboard does."""
    prepare()
    return _loader(format_)(
        named_like_its_binary(path), plugin_name=name, initialization_timeout=INITIALIZATION_TIMEOUT_S
    )


def names_in(path: str, format_: str) -> Sequence[str]:
    """Names of the plugins of a bundle, as `load` takes them."""
    prepare()
    names: Sequence[str] = _loader(format_).get_plugin_names_for_file(named_like_its_binary(path))
    return names


def _loader(format_: str) -> Any:
    import pedalboard_native

    return {"vst3": pedalboard_native.VST3Plugin, "au": getattr(pedalboard_native, "AudioUnitPlugin", None)}[format_]
