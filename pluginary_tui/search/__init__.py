"""Finding plugins: one query language, one ranking, everywhere."""

from __future__ import annotations
