"""The Scan screen."""

from __future__ import annotations
