"""Sound files through plugins, from the catalogue to new files."""

from __future__ import annotations
