"""Isolation with nothing but what Python has everywhere, and psutil."""

from __future__ import annotations
