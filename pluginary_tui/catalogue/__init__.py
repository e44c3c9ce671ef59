"""The catalogue: one SQLite file, and the only room that speaks SQL."""

from __future__ import annotations
