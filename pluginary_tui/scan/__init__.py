"""Scanning: find the bundles, probe each in a process of its own, tell it as events."""

from __future__ import annotations
