"""Two catalogues compared: this machine with another one, or with itself at another time."""

from __future__ import annotations
