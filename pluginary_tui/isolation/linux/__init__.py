"""Isolation on Linux: workers that fork, and a sandbox."""

from __future__ import annotations
