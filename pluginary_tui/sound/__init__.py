"""Measures what plugins do to sound and what they cost, and stores it as passports."""

from __future__ import annotations
