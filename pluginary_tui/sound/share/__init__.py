"""Passports for others: a picture, a page, and a report that a vendor can act on."""

from __future__ import annotations
