"""Plugins and parameters in the shapes that other programs read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pluginary_tui.model import Parameter, Plugin


def plugin_json(plugin: Plugin) -> dict[str, Any]:
    """One plugin as `list --json` gives it."""
    return {
        "id": plugin.id,
        "name": plugin.name,
        "vendor": plugin.vendor,
        "format": plugin.format,
        "categories": list(plugin.categories),
        "raw_category": plugin.raw_category,
        "version": plugin.version,
        "path": plugin.path,
        "name_in_file": plugin.name_in_file,
        "kind": plugin.kind,
        "uid": plugin.uid,
        "latency_samples": plugin.latency_samples,
        "parameter_count": plugin.parameter_count,
        "status": str(plugin.status),
        "error": plugin.error,
        "quarantined": plugin.quarantined,
        "favourite": plugin.favourite,
        "hidden": plugin.hidden,
        "tags": list(plugin.tags),
        "rating": plugin.rating,
        "note": plugin.note,
        "scanned_at": plugin.scanned_at,
        "added_at": plugin.added_at,
        "probe_ms": plugin.probe_ms,
    }


def parameters_json(parameters: Sequence[Parameter], *, host: bool = False) -> list[dict[str, Any]]:
    """The plugin's own parameters as `show --json` gives them; with `host`, those that a host or framework made up."""
    return [
        {
            "name": p.name,
            "unit": p.unit,
            "default": p.default,
            "min": p.minimum,
            "max": p.maximum,
            "default_raw": p.default_raw,
            "steps": p.steps,
            "kind": p.kind,
            "automatable": p.automatable,
        }
        for p in parameters
        if (p.kind == "host") == host
    ]
