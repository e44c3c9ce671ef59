"""Screens and parts that show passports."""

from __future__ import annotations
