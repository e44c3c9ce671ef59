"""The Browse screen."""

from __future__ import annotations
