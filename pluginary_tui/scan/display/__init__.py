"""A scan shown in a terminal that is not the full-screen app."""

from __future__ import annotations
