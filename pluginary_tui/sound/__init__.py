"""The sound room: what a plugin does to sound and what it costs, measured and kept as a passport."""

from __future__ import annotations
