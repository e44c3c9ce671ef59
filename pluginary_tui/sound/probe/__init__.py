"""The code that runs in the measuring process."""

from __future__ import annotations
