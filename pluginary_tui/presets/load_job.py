"""What runs in a process of its own: load preset files into a plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pluginary_tui.isolation.jobs import Send


def run(payload: dict[str, Any], send: Send) -> None:
    """Load the plugin `payload["plugin"]` and into it each of `payload["paths"]`; send one message about each.

    A message has `file` (the position) and `error`, empty where the preset was taken.
    """
    from pluginary_tui.scan.readers import pedalboard_loading

    plugin = pedalboard_loading.load(payload["plugin"], payload["format"], payload["name_in_file"] or None)
    for position, path in enumerate(payload["paths"]):
        error = ""
        try:
            plugin.load_preset(path)
        except Exception as problem:
            error = f"pedalboard does not load it: {problem}"
        send({"file": position, "error": error})
