"""Presets: the programs that plugins hold, and the files that hold presets for them."""

from __future__ import annotations
