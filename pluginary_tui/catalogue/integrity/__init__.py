"""Detects, prevents and repairs damage to the catalogue's file."""

from __future__ import annotations
