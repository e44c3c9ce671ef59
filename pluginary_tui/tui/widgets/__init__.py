"""The parts that the screens are put together from."""

from __future__ import annotations
