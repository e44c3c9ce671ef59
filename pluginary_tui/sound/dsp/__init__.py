"""Test signals and signal analysis, in numpy alone."""

from __future__ import annotations
