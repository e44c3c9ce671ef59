"""The catalogue: one SQLite file. Only this package contains SQL."""

from __future__ import annotations
