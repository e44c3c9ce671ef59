"""The Health screen."""

from __future__ import annotations
