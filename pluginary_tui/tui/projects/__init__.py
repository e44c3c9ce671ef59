"""The Projects screen."""

from __future__ import annotations
