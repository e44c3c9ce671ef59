"""Signals and what is computed from them: numpy alone."""

from __future__ import annotations
