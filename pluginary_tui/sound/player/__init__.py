"""Playing sounds: a process that plays, and what starts and stops it."""

from __future__ import annotations
