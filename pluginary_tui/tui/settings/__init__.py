"""The Settings screen."""

from __future__ import annotations
