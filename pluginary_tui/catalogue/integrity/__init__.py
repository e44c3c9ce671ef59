"""Damage: noticed, prevented, repaired."""

from __future__ import annotations
